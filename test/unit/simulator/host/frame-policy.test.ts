/** Whether an app may be in the frame of the record system, by the header fields of its page. */
import { describe, expect, it } from 'vitest'
import { mayBeFramed } from '../../../../src/simulator/launch/frame-policy.js'

const url = 'https://app.example/launch'
const ehr = 'https://ehr.example:8443'

const framed = (contentSecurityPolicy: string | null, xFrameOptions: string | null = null, by = ehr): boolean =>
  mayBeFramed({ contentSecurityPolicy, xFrameOptions }, url, by)

describe('a page in a frame of the record system', () => {
  it.each([
    [null, true],
    ["default-src 'none'", true],
    ["frame-ancestors 'none'", false],
    ['frame-ancestors', false],
    ["frame-ancestors 'self'", false],
    ['frame-ancestors *', true],
    ['Frame-Ancestors HTTPS:', true],
    ['frame-ancestors http:', true],
    ['frame-ancestors wss:', false],
    ['frame-ancestors https://ehr.example:8443', true],
    ['frame-ancestors https://EHR.example:8443/path', true],
    ['frame-ancestors https://ehr.example', false],
    ['frame-ancestors https://ehr.example:*', true],
    ['frame-ancestors ehr.example:8443', true],
    ['frame-ancestors *.example:8443', true],
    ['frame-ancestors *.ehr.example:8443', false],
    ["default-src 'self'; frame-ancestors 'self' https://ehr.example:8443; frame-ancestors 'none'", true],
    ["frame-ancestors *, frame-ancestors 'none'", false],
    ['frame-ancestors nonsense://', false]
  ])('with the policy %s: %s', (policy, expected) => {
    expect(framed(policy)).toBe(expected)
  })

  it.each([
    ['DENY', false],
    ['SAMEORIGIN', false],
    ['sameorigin, sameorigin', false],
    ['ALLOW-FROM https://elsewhere.example', true],
    ['', true]
  ])('with X-Frame-Options %s: %s', (options, expected) => {
    expect(framed(null, options)).toBe(expected)
  })

  it('of its own origin, and with a policy in place of X-Frame-Options', () => {
    expect(framed("frame-ancestors 'self'", null, 'https://APP.example:443')).toBe(true)
    expect(framed(null, 'SAMEORIGIN', 'https://app.example')).toBe(true)
    expect(framed('frame-ancestors *', 'DENY')).toBe(true)
    expect(
      mayBeFramed({ contentSecurityPolicy: 'frame-ancestors https:', xFrameOptions: null }, url, 'http://127.0.0.1:1')
    ).toBe(false)
  })
})
