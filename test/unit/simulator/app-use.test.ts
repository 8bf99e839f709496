/** What the page of apps says about the scopes that an app requested, was granted and used. */
import { parse as parseHtml } from 'node-html-parser'
import { describe, expect, it } from 'vitest'
import { appUseOf } from '../../../src/simulator/log/app-use.js'
import type { ScopedGrant } from '../../../src/simulator/log/app-use.js'
import type { LogLine } from '../../../src/simulator/log/log-line.js'
import { encodeSetting } from '../../../src/simulator/settings/setting.js'
import { browserAt, formOn, home, requestTo, simulatorHere, tokensAt } from '../../support/simulator/in-process.js'

const server = { issuer: home, fhirBaseUrl: `${home}/fhir`, release: '2.0.0', setting: null } as const

const line = (change: Partial<LogLine>, parameters: Readonly<Record<string, string>> = {}): LogLine => ({
  id: 'line',
  at: 0,
  server,
  decision: 'AccessPermitted',
  kind: 'fhir',
  clientId: 'app',
  claimedClientId: null,
  grantId: 'g',
  userSub: null,
  patient: null,
  access: null,
  what: '',
  rule: null,
  details: [],
  anchor: '',
  accepted: null,
  request: {
    method: 'GET',
    path: '/authorize',
    parameters: Object.entries(parameters).map(([name, value]) => ({ place: 'query', name, value })),
    leftOut: 0,
    assertion: [],
    tokenForm: null
  },
  answer: null,
  hiddenFrom: null,
  misbehavior: null,
  ...change
})

const fhir = (
  interaction: NonNullable<LogLine['access']>['interaction'],
  type: string | null,
  change: Partial<LogLine> = {}
): LogLine => line({ access: { interaction, type, hasId: interaction === 'Read' }, ...change })

const grantOf = (scope: string): ScopedGrant => ({
  _tag: 'Backend',
  grantId: 'g',
  clientId: 'app',
  writeId: 'w',
  recordExpiresAt: 1,
  scope,
  audience: '',
  epoch: 0,
  endsAt: 1
})

const usesOf = (scope: string, lines: ReadonlyArray<LogLine>) =>
  (appUseOf('app', grantOf(scope), lines).granted ?? []).map(({ interactions, scope: text, use }) =>
    [text, use, ...interactions].join(' ')
  )

describe('the scopes that an app used', () => {
  it.each<[string, string, ReadonlyArray<LogLine>, string]>([
    ['a read', 'patient/Observation.r', [fhir('Read', 'Observation')], 'used Read'],
    ['reads of every type', 'user/*.rs', [fhir('Read', 'Patient'), fhir('Search', 'Patient')], 'used Read Search'],
    ['two searches once', 'user/*.rs', [fhir('Search', 'Patient'), fhir('Search', 'Condition')], 'used Search'],
    ['a history of a type', 'user/Patient.s', [fhir('History', 'Patient')], 'used History'],
    ['a patch', 'user/Patient.u', [fhir('Patch', 'Patient')], 'used Patch'],
    ['what was limited', 'user/Patient.r', [fhir('Read', 'Patient', { decision: 'AccessFiltered' })], 'used Read'],
    ['what was denied', 'user/Patient.r', [fhir('Read', 'Patient', { decision: 'AccessDenied' })], 'unused'],
    ['another type', 'user/Patient.r', [fhir('Read', 'Observation')], 'unused'],
    ['another permission', 'user/Patient.r', [fhir('Search', 'Patient')], 'unused'],
    ['another grant', 'user/Patient.r', [fhir('Read', 'Patient', { grantId: 'other' })], 'unused'],
    ['a search over the system', 'user/Patient.s', [fhir('Search', null)], 'unused'],
    ['the capabilities', 'user/*.cruds', [fhir('Capabilities', null)], 'unused'],
    ['a scope that no request needs', 'openid', [fhir('Read', 'Patient')], 'none'],
    [
      'no refresh',
      'offline_access',
      [line({ decision: 'TokensIssued' }, { grant_type: 'authorization_code' })],
      'unused'
    ],
    [
      'a refresh',
      'offline_access',
      [line({ decision: 'TokensIssued' }, { grant_type: 'refresh_token' })],
      'used Refresh'
    ]
  ])('%s', (_name, scope, lines, expected) => {
    expect(usesOf(scope, lines)).toEqual([`${scope} ${expected}`])
  })
})

describe('the scopes that an app requested', () => {
  const requested = (...lines: ReadonlyArray<LogLine>) => appUseOf('app', grantOf('user/Patient.r'), lines)
  const request = (scope: string, change: Partial<LogLine> = {}) =>
    line({ decision: 'AuthorizationRequested', ...change }, { client_id: 'app', scope })

  it('are those of its newest request, also of a refused one and of a backend service', () => {
    expect(requested(request('openid', { id: 'new' }), request('user/Patient.r')).requested).toEqual({
      scope: 'openid',
      lineId: 'new'
    })
    expect(requested(request('openid', { decision: 'Refused', clientId: null })).requested?.scope).toBe('openid')
    const token = { grant_type: 'client_credentials', scope: 'system/*.r' }
    expect(requested(line({ decision: 'TokensIssued' }, token)).requested?.scope).toBe('system/*.r')
  })

  it('are not those of another app, nor of another request', () => {
    expect(requested(request('openid', { clientId: 'other' })).requested).toBeNull()
    const refresh = { grant_type: 'refresh_token', scope: 'openid' }
    expect(requested(line({ decision: 'TokensIssued' }, refresh)).requested).toBeNull()
  })

  it('are not those of a request without the credentials of the app', () => {
    const refused = (error: string) => {
      const sent = line({}, { grant_type: 'client_credentials', scope: 'system/*.rs' })
      const request = sent.request === null ? null : { ...sent.request, method: 'POST', path: '/token' }
      const answer = { status: 401, error, description: null, goesTo: null, neededScopes: null }
      return requested({ ...sent, decision: 'Refused', request, answer }).requested?.scope ?? null
    }
    expect([refused('invalid_client'), refused('invalid_scope')]).toEqual([null, 'system/*.rs'])
  })

  it('and were not granted, by meaning, unless the log has shortened them', () => {
    expect(requested(request('openid user/Patient.rs')).notGranted).toBe('openid user/Patient.s')
    expect(requested(request('user/Patient.read')).notGranted).toBe('user/Patient.s')
    expect(requested(request('user/Patient.r')).notGranted).toBe('')
    expect(requested(request(`openid ${'x'.repeat(1000)}`)).notGranted).toBe('')
    expect(appUseOf('app', null, [request('openid')])).toMatchObject({ granted: null, notGranted: '' })
    // A later request that led to nothing, or to another grant.
    const later = request('system/*.rs', { decision: 'Refused', grantId: null })
    expect(requested(later, request('user/Patient.rs'))).toMatchObject({
      requested: { scope: 'system/*.rs' },
      notGranted: 'user/Patient.s'
    })
    expect(requested(later).notGranted).toBe('')
  })
})

describe('the page of apps', () => {
  it('shows what an app requested, was granted and used, with links to the request and the grant', async () => {
    const answer = await simulatorHere()
    const browser = browserAt(answer)
    const card = async (): Promise<string> => {
      const { body } = await browser.get('/ehr/apps')
      return (parseHtml(body).querySelector('main .card')?.innerHTML ?? '')
        .replaceAll(/<[^>]*>|\s+/g, ' ')
        .replaceAll(/ +/g, ' ')
    }
    expect(await card()).toContain('Requested last nothing in the log Granted last no grant on the list')
    const { access_token: token = '' } = await tokensAt(answer, home, 'openid offline_access user/Patient.rs', browser)
    const before = await card()
    expect(before).toContain('Requested last openid offline_access user/Patient.rs the request')
    expect(before).toContain('Granted last openid offline_access not used yet user/Patient.rs not used yet the grant')
    await answer(requestTo('GET', `${home}/fhir/Patient/example-1`, { authorization: `Bearer ${token}` }))()
    expect(await card()).toContain('user/Patient.rs used: read the grant')
    expect(await card()).not.toContain('Not granted')
    const grantAddress = parseHtml((await browser.get('/ehr/apps')).body).querySelector('a[href^="/ehr/grants/"]')
    const { action, hidden } = formOn(await browser.get(grantAddress?.getAttribute('href') ?? ''))
    expect((await browser.post(action, hidden)).status).toBe(303)
    // A grant that was revoked was granted nevertheless.
    expect(await card()).toContain('Granted last openid offline_access not used yet user/Patient.rs used: read')
    for (const link of parseHtml((await browser.get('/ehr/apps')).body).querySelectorAll('.card dd > a'))
      expect((await browser.get(link.getAttribute('href') ?? '')).status).toBe(200)
  })

  it('shows an app that is known by its URLs alone, without its secret, with the way to register it', async () => {
    const answer = await simulatorHere()
    const browser = browserAt(answer)
    const secret = 'the-secret-of-the-app'
    const app = {
      client_id: 'url-app',
      client_name: 'Vitals Buddy',
      client_secret: secret,
      token_endpoint_auth_method: 'client_secret_post',
      launch_uri: `${home}/app/launch`,
      redirect_uris: [`${home}/app`]
    } as const
    const issuer = `${home}/sim/${encodeSetting({ app })}`
    const cardNow = async () => {
      const { body } = await browser.get('/ehr/apps')
      const cards = parseHtml(body).querySelectorAll('main .card')
      return { body, card: cards.find((one) => one.text.includes('Vitals Buddy')) }
    }
    expect((await cardNow()).card).toBeUndefined()
    await tokensAt(answer, issuer, 'openid user/Patient.rs', browser, app.client_id)
    const { body, card } = await cardNow()
    const text = (card?.innerHTML ?? '').replaceAll(/<[^>]*>|\s+/g, ' ').replaceAll(/ +/g, ' ')
    expect(text).toContain('launched by its URLs, not registered client_id url-app')
    expect(text).toContain('Requested last openid user/Patient.rs the request Granted last openid user/Patient.rs')
    expect(body.includes(secret)).toBe(false)
    const links = (card?.querySelectorAll('a') ?? []).map((link) => link.getAttribute('href') ?? '')
    const pages = await Promise.all(links.map((link) => browser.get(link)))
    expect(pages.map(({ status }) => status)).toEqual(links.map(() => 200))
    const register = pages[links.findIndex((link) => link.includes('/ehr/apps/new'))]?.body ?? ''
    for (const value of ['Vitals Buddy', app.launch_uri, app.redirect_uris[0]]) expect(register).toContain(value)
    const launch = pages[links.findIndex((link) => link.startsWith('/?'))]?.body ?? ''
    for (const value of [app.client_id, app.launch_uri]) expect(launch).toContain(`value="${value}"`)
  })
})
