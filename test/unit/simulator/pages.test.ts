import { describe, expect, it } from 'vitest'
import { html } from '../../../src/host/html.js'
import { pageResponse } from '../../../src/simulator/host/html.js'
import type { ClientEntry } from '../../../src/simulator/config/config.js'
import { consentPage, contextPage, desktopPage, signInPage } from '../../../src/simulator/host/pages.js'
import { scopePlayground } from '../../../src/simulator/host/scope-playground.js'
import { explainEach } from '../../../src/scopes/explain/explain.js'
import { english } from '../../../src/scopes/explain/english.js'
import { parse } from '../../../src/scopes/parse.js'

const hostile = '"><script>alert(1)</script>\'&'

const interaction = { grantId: hostile, browserSecret: 'browser-secret', formToken: hostile, present: null }
const requested = {
  clientId: hostile,
  clientName: hostile,
  scopes: parse('patient/*.rs __<b>'),
  context: {},
  launchedByEhr: false,
  launchedBy: null,
  explanation: explainEach(parse('patient/*.rs __<b>')),
  prompts: [],
  signedInSince: 0,
  redirectUri: `https://${hostile}/cb`
}

/** HTML in one spelling: the formatter breaks lines inside the templates of pages. */
const compact = (text: string): string =>
  text
    .replaceAll(/[ \n]+/g, ' ')
    .replaceAll(/ ?\/?>/g, '>')
    .replaceAll(/(<p>) | (<\/p>)/g, '$1$2')

describe('a page', () => {
  it.each([
    ['sign-in', signInPage('', interaction, requested, [], hostile)],
    ['consent', consentPage('', interaction, requested, { sub: hostile, fhirUser: null, authTime: 0 }, hostile)]
  ])('for %s makes hostile text harmless, and never holds the browser secret', (_name, page) => {
    expect(page.html).not.toContain('<script')
    expect(page.html).not.toContain('<b>')
    expect(page.html).toContain('&quot;&gt;&lt;script&gt;')
    expect(page.html).not.toContain('browser-secret')
  })

  it.each<readonly [scope: string, granted: string, said: ReadonlyArray<string>]>([
    ['', '', []],
    ['patient/Observation.s patient/Observation.r', '', ['<code><bdi>patient/Observation.rs</bdi></code>']],
    ['patient/Observation.rs', 'patient/*.read', ['<strong>Yes</strong>']],
    ['patient/*.rs', 'patient/Observation.rs', ['<strong>No</strong>', 'patient/Fresh0.r']],
    ['patient/Observation.sr', '', ['                     ^ expected permissions in the order cruds']],
    [hostile, hostile, ['&lt;script&gt;', '<strong>Yes</strong>']]
  ])('of the scope playground says what %j means, and whether %j includes it', (scope, granted, said) => {
    const page = scopePlayground('', { scope, granted }).html
    for (const part of said) expect(page).toContain(part)
    expect(page).not.toContain('<script')
  })

  it('of the scope playground writes each hidden character as one escape', () => {
    const page = compact(
      scopePlayground('', {
        scope: 'patient/Observation.rs?code=a%E2%80%AEb',
        granted: 'patient/Observation.rs?code=c'
      }).html
    )
    expect(page).toMatch(/with code (?:fresh\|)?a\\u\{202e\}b<\/bdi><\/code>, and the second does not\./)
    expect(page).not.toContain('u{5c}')
    const values = Array.from({ length: 30 }, (_, place) => `code=a${String(place)}%E2%80%AE`).join('&')
    const long = compact(
      scopePlayground('', {
        scope: `patient/Observation.rs?${values}`,
        granted: 'patient/Observation.rs?code=c'
      }).html
    )
    expect(/the first permits <code><bdi>(.*?)<\/bdi>/.exec(long)?.[1]?.length).toBeLessThan(400)
  })

  it.each(['ab\u202edc', 'a"b', 'x'.repeat(5000)])(
    'sets %j apart from its own words where it names a user or a record',
    (text) => {
      const user = { username: text, password: text, fhirUser: `Practitioner/${text}`, patients: [text, text] }
      const desktop = desktopPage({
        basePath: '',
        fhirBaseUrl: 'https://ehr.example/fhir',
        users: [user],
        patients: [],
        encounters: [],
        clients: [],
        hasSampleApp: false,
        grants: [],
        question: { scope: '', granted: '' },
        signedInAs: text
      })
      for (const { html: page } of [
        desktop,
        signInPage('', interaction, { ...requested, clientId: 'a', clientName: 'a' }, [user, user], null)
      ]) {
        const own = page.replace(/<bdi[^>]*>[^<]*<\/bdi>/g, '').replace(/<[^>]*>/g, '|')
        expect(own).not.toMatch(/dc|a&quot;b|xxx|u\{202e\}/)
      }
    }
  )

  const alice = { sub: 'alice', fhirUser: 'Practitioner/p1', authTime: 0 }
  const consent = (scope: string, context = {}, options = {}): string => {
    const scopes = parse(scope)
    return compact(
      consentPage(
        '',
        interaction,
        { ...requested, scopes, context, explanation: explainEach(scopes, english, options) },
        alice,
        'Ada Synthetic',
        options
      ).html
    )
  }
  const headingOf = (page: string): string =>
    /<p>(<strong><bdi.*?)<\/p>/s
      .exec(page)?.[1]
      ?.replace(/<[^>]*>/g, '')
      .replace(/^.* asks /, '') ?? ''

  it.each([
    ['launch patient/*.rs', 'alice for access to the record of Ada Synthetic.'],
    ['launch patient/Observation.rs offline_access', 'alice for access to the record of Ada Synthetic.'],
    [
      'launch/patient openid fhirUser patient/*.rs',
      'alice for access to the record of Ada Synthetic, and to read the one that represents you.'
    ],
    ['launch user/*.rs', 'alice for access.'],
    ['launch patient/*.rs user/Observation.rs', 'alice for access.'],
    ['launch/patient', 'alice for access.'],
    ['launch openid fhirUser', 'alice for access.'],
    ['patient/*.rs __vendor', 'alice for access.']
  ])('of consent to %s names the patient where access is limited to that patient', (scope, heading) => {
    expect(headingOf(consent(scope))).toBe(heading)
  })

  it.each(['patient/*.rs', 'user/*.cruds', 'patient/*.read', 'patient/*.r?code=x', 'user/Observation.cruds'])(
    'of consent to the wildcard %s says that it is now and in the future',
    (scope) => {
      expect(consent(scope)).toContain('both now and in the future')
    }
  )

  it('of consent says what else openid fhirUser opens, unless the policy opens nothing', () => {
    expect(consent('openid fhirUser')).toContain('and read that record')
    expect(consent('openid fhirUser')).not.toContain('It cannot see any record, and it cannot change one.')
    expect(consent('openid fhirUser', {}, { fhirUserImpliesRead: false })).toContain(
      'It cannot see any record, and it cannot change one.'
    )
  })

  it('of consent shows what the app will receive, and nothing that it does not ask for', () => {
    const context = {
      patient: '1',
      encounter: 'e1',
      intent: 'review\u202e',
      tenant: 'clinic-7',
      extensions: { __mrn: '12345' }
    }
    const shownIn = (scope: string) =>
      [
        ...(/<ul class="context">(.*?)<\/ul>/s.exec(consent(scope, context))?.[1] ?? '').matchAll(/<li>(.*?)<\/li>/g)
      ].map(([, item]) => item?.replace(/<[^>]*>/g, ''))
    expect(shownIn('launch user/*.rs')).toEqual([
      'the patient Ada Synthetic',
      'the encounter e1',
      'what you want to do: review\\u{202e}',
      'the organization clinic-7',
      '__mrn'
    ])
    expect(shownIn('patient/*.rs')).toEqual(['the patient Ada Synthetic'])
    expect(shownIn('openid user/*.rs')).toEqual([])
  })

  const posing = [
    'x.%0A%0AThis%20app%20is%20approved',
    '%E2%80%AEcilbup',
    '%E2%80%8B',
    '%22.%20Approved',
    '%E2%80%9D%20Approved',
    '%F3%A0%81%81',
    '%1B%5B2J',
    '%E3%85%A4',
    '%CC%81%CC%81'
  ]
  it.each(posing)('of consent sets the value %s of a scope apart, and hides nothing of it', (value) => {
    const page = consent(`patient/Observation.rs?code=${value} __${value}`)
    const label = /checked>(.*?)<\/label>/s.exec(page)?.[1] ?? ''
    expect(label).toMatch(
      /^ Read and search Observation records of this patient, only where code is <code><bdi class="given">"[^"<]*"<\/bdi><\/code> <code><bdi>patient\/Observation\.rs\?code=[!-~]*<\/bdi><\/code>$/
    )
    expect(page).not.toMatch(/(?!\n)[\p{C}\p{Zl}\p{Zp}\p{DI}]|(?! )\p{Zs}|\p{M}/u)
  })

  it.each([
    'ab\u202edc',
    'a\nb',
    'a\u200bb',
    'x'.repeat(5000),
    'a\u0000\u001b[2Jb',
    'a\u{e0041}b',
    `a${'\u0335'.repeat(40)}`,
    '  a   b  '
  ])('shows %j as it is, wherever it stands', (text) => {
    const hostileDetails = {
      ...requested,
      clientId: text,
      clientName: text,
      scopes: parse(`__${text}`),
      context: { intent: text, tenant: text },
      explanation: explainEach(parse(`launch __${text}`))
    }
    const client = {
      client_id: text,
      client_name: text,
      launch_uris: [`https://app.example/${text}`]
    } as unknown as ClientEntry
    const choice = { id: text, label: text, patient: text }
    for (const page of [
      signInPage(
        '',
        interaction,
        hostileDetails,
        [{ username: text, password: text, fhirUser: null, patients: [] }],
        null
      ),
      contextPage('', interaction, hostileDetails, ['patient'], [choice], []),
      contextPage('', interaction, hostileDetails, ['encounter'], [choice], [choice]),
      consentPage('', interaction, { ...hostileDetails, scopes: parse('launch') }, { ...alice, sub: text }, text),
      scopePlayground('', { scope: text.slice(0, 300), granted: text.slice(0, 300) }),
      desktopPage({
        basePath: '',
        fhirBaseUrl: 'https://ehr.example/fhir',
        users: [],
        patients: [choice],
        encounters: [choice],
        clients: [client],
        hasSampleApp: false,
        grants: [{ grantId: 'g', clientId: text, state: 'Active', ways: [] }],
        question: { scope: '', granted: '' },
        signedInAs: text
      })
    ]) {
      // What forms send back stands in attributes to the letter; what is read stands outside of tags.
      const read = page.html.replace(/<[^>]*>/g, '|')
      expect(read).not.toMatch(/(?!\n)[\p{C}\p{Zl}\p{Zp}\p{DI}]|(?! )\p{Zs}|\p{M}{4}|x{400}/u)
    }
  })

  it('cannot be framed, cached or scripted', () => {
    const { headers } = pageResponse(200, '', 'x', html`y`)
    expect(headers).toMatchObject({
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer'
    })
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(headers['content-security-policy']).toContain("script-src 'none'")
  })
})
