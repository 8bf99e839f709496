/** Which pages may read a response: the header fields of the Fetch Standard. */
import { describe, expect, it } from 'vitest'
import {
  corsHeaders,
  isOrigin,
  isPreflight,
  originsOf,
  preflightResponse
} from '../../../../src/protocol/client/cors.js'
import { limits } from '../../../../src/values/limits/limits.js'

const exposed = 'Location, Content-Location, ETag, Last-Modified, WWW-Authenticate, Retry-After'
const origin = 'https://app.example'

describe('CORS', () => {
  it.each([
    ['https://app.example', true],
    ['http://127.0.0.1:8080', true],
    ['https://[::1]', true],
    ['null', false],
    ['', false],
    ['https://', false],
    ['https://app.example/', false],
    ['https://app.example?x', false],
    ['https://app.example#x', false],
    ['https://app.example ', false],
    ['https://äpp.example', false],
    ['xhttps://app.example', false],
    ['ftp://app.example', false],
    [`https://${'a'.repeat(limits.corsOrigin.default - 8)}`, true],
    [`https://${'a'.repeat(limits.corsOrigin.default - 7)}`, false]
  ])('takes %s for an origin: %s', (text, is) => {
    expect(isOrigin(text)).toBe(is)
  })

  it('knows a preflight by its method and both of its fields', () => {
    const headers = { origin, 'access-control-request-method': 'POST' }
    const request = { method: 'OPTIONS', path: '/token', query: '', headers, body: '' }
    expect([
      isPreflight(request),
      isPreflight({ ...request, method: 'POST' }),
      isPreflight({ ...request, headers: { origin } }),
      isPreflight({ ...request, headers: { 'access-control-request-method': 'POST' } }),
      isPreflight({ ...request, headers: Object.create(headers) as Record<string, string> })
    ]).toEqual([true, false, false, false, false])
  })

  it.each([
    ['anyone', undefined, false, { 'access-control-allow-origin': '*', 'access-control-expose-headers': exposed }],
    ['anyone', origin, true, { 'access-control-allow-origin': '*', 'access-control-expose-headers': exposed }],
    [
      'registered',
      origin,
      true,
      { 'access-control-allow-origin': origin, 'access-control-expose-headers': exposed, vary: 'Origin' }
    ],
    ['registered', origin, false, { vary: 'Origin' }],
    ['registered', 'null', true, { vary: 'Origin' }],
    ['registered', undefined, true, { vary: 'Origin' }]
  ] as const)('shares with %s, page %s, registered %s', (sharing, from, isRegistered, headers) => {
    expect(corsHeaders(sharing, from, isRegistered)).toEqual(headers)
  })

  it('answers a preflight', () => {
    const allowed = {
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers':
        'Authorization, Content-Type, Accept, Prefer, If-Match, If-None-Match, If-None-Exist, If-Modified-Since',
      'access-control-max-age': '600'
    }
    expect(preflightResponse('registered', 'POST', origin, true)).toEqual({
      status: 204,
      headers: { 'access-control-allow-origin': origin, vary: 'Origin', ...allowed },
      body: ''
    })
    expect(preflightResponse('anyone', 'POST', undefined, false).headers).toEqual({
      'access-control-allow-origin': '*',
      ...allowed
    })
    expect(preflightResponse('registered', 'POST', origin, false).headers).toEqual({ vary: 'Origin' })
  })

  it('shares with the pages of a web app', () => {
    const client = {
      redirectUris: ['https://app.example/cb', 'https://app.example/other', 'com.example.app:/cb'],
      launchUris: ['https://launch.example:8443/launch']
    }
    expect(originsOf({ ...client, applicationType: 'web' })).toEqual([origin, 'https://launch.example:8443'])
    expect(originsOf({ ...client, applicationType: 'native' })).toEqual([])
  })
})
