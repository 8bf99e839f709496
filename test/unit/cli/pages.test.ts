import { describe, expect, it } from 'vitest'
import { html, pageResponse } from '../../../src/cli/simulator/html.js'
import { consentPage, signInPage } from '../../../src/cli/simulator/pages.js'
import { scopePlayground } from '../../../src/cli/simulator/scope-playground.js'
import { parse } from '../../../src/scopes/parse.js'

const hostile = '"><script>alert(1)</script>\'&'

const interaction = { grantId: hostile, browserSecret: 'browser-secret', formToken: hostile }
const asked = { clientId: hostile, clientName: hostile, scopes: parse('patient/*.rs __<b>'), context: {}, launchedByEhr: false, launchedBy: null,
  explanation: { allows: [], doesNotAllow: [] }, prompts: [], signedInSince: 0, redirectUri: `https://${hostile}/cb`
}

describe('a page', () => {
  it.each([
    ['sign-in', signInPage('', interaction, asked, [], hostile)],
    ['consent', consentPage('', interaction, asked, { sub: hostile, fhirUser: null, authTime: 0 }, hostile)]
  ])('for %s makes hostile text harmless, and never holds the browser secret', (_name, page) => {
    expect(page.html).not.toContain('<script')
    expect(page.html).not.toContain('<b>')
    expect(page.html).toContain('&quot;&gt;&lt;script&gt;')
    expect(page.html).not.toContain('browser-secret')
  })

  it.each<readonly [scope: string, granted: string, said: ReadonlyArray<string>]>([
    ['', '', []],
    ['patient/Observation.s patient/Observation.r', '', ['<code>patient/Observation.rs</code>']],
    ['patient/Observation.rs', 'patient/*.read', ['<strong>Yes</strong>']],
    ['patient/*.rs', 'patient/Observation.rs', ['<strong>No</strong>', 'patient/Fresh0.r']],
    ['patient/Observation.sr', '', ['                     ^ expected permissions in the order cruds']],
    [hostile, hostile, ['&lt;script&gt;', '<strong>Yes</strong>']]
  ])('of the scope playground says what %j means, and whether %j includes it', (scope, granted, said) => {
    const page = scopePlayground('', { scope, granted }).html
    for (const part of said) expect(page).toContain(part)
    expect(page).not.toContain('<script')
  })

  it('cannot be framed, cached or scripted', () => {
    const { headers } = pageResponse(200, '', 'x', html`y`)
    expect(headers).toMatchObject({ 'x-frame-options': 'DENY', 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(headers['content-security-policy']).toContain("script-src 'none'")
  })
})
