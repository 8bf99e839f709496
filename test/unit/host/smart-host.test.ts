/** A host as a whole: which paths are its own, FHIR behind the gate, proxies, and wrong options. */
import { describe, expect, it, vi } from 'vitest'
import {
  authorizeAddress,
  hostFhirBase,
  launched,
  locationOf,
  newBrowser,
  newHostWorld,
  redeemed,
  userNamed
} from '../../support/host-world.js'
import type { HostWorld } from '../../support/host-world.js'
import type { SmartHostOptions } from '../../../src/host/smart-host.js'
import { smartHost } from '../../../src/host/smart-host.js'
import { isConfigurationError } from '../../../src/plain/configuration-error.js'
import type { PlainFhirServer } from '../../../src/plain/ports.js'
import type { PlainRequest, PlainResponse } from '../../../src/protocol/http/message.js'
import { limits } from '../../../src/values/limits/limits.js'

const alice = userNamed('alice')

const json = (status: number, body: unknown): PlainResponse => ({
  status,
  headers: { 'content-type': 'application/fhir+json' },
  body: JSON.stringify(body)
})

const fhir: PlainFhirServer = ({ path }) => {
  if (path === '/metadata') return json(200, { resourceType: 'CapabilityStatement', status: 'active' })
  return path === '/Patient/ada' || path === '/Patient/bob'
    ? json(200, { resourceType: 'Patient', id: path.slice('/Patient/'.length) })
    : json(404, { resourceType: 'OperationOutcome' })
}

const request = (path: string, headers: PlainRequest['headers'] = {}, method = 'GET'): PlainRequest => ({
  method,
  path,
  query: '',
  headers,
  body: ''
})

const ask = ({ host }: HostWorld, ...given: Parameters<typeof request>): Promise<PlainResponse> =>
  host.answer(request(...given), { user: null })

describe('the paths of a host', () => {
  it.each([
    ['/auth/authorize', true],
    ['/auth/token', true],
    ['/auth/jwks', true],
    ['/auth/apps', true],
    ['/auth/interaction/abc', true],
    ['/fhir/.well-known/smart-configuration', true],
    ['/.well-known/oauth-authorization-server/auth', true],
    ['/auth', false],
    ['/auth/', false],
    ['/auth/other', false],
    ['/auth/interaction/', false],
    ['/auth/interaction/a/b', false],
    ['/auth/interaction/..', false],
    ['/fhir/Patient/ada', false],
    ['/', false],
    ['/sign-in', false]
  ])('%s: %s', (path, isOwn) => {
    expect(newHostWorld().host.handles(path)).toBe(isOwn)
  })

  it('include everything below the FHIR base where the host has a FHIR server, with larger bodies', () => {
    const { host } = newHostWorld({ fhir })
    expect(['/fhir', '/fhir/Patient/ada', '/fhirx', '/fhi'].map(host.handles)).toEqual([true, true, false, false])
    expect(host.bodyLimitBytes('/fhir/Patient')).toBe(limits.fhirRequestBody.default)
    expect(host.bodyLimitBytes('/auth/token')).toBe(limits.requestBody.default)
    expect(newHostWorld().host.bodyLimitBytes('/fhir/Patient')).toBe(limits.requestBody.default)
    expect(newHostWorld({ fhir, fhirBodyLimitBytes: 5 }).host.bodyLimitBytes('/fhir/Patient')).toBe(5)
  })
})

describe('FHIR behind the gate', () => {
  it('needs a token, and gives what it permits', async () => {
    const world = newHostWorld({ fhir })
    const refused = await ask(world, '/fhir/Patient/ada')
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([401, 'Bearer realm="fhir"'])
    expect(JSON.parse(refused.body)).toMatchObject({ resourceType: 'OperationOutcome' })
    const token = await redeemed(world, await launched(newBrowser(world, alice)))
    const authorization = `Bearer ${String(token['access_token'])}`
    expect((await ask(world, '/fhir/Patient/ada', { authorization })).status).toBe(200)
    expect((await ask(world, '/fhir/Patient/bob', { authorization })).status).toBe(404)
  })

  it('gives the pages of registered apps access by CORS, also in refusals', async () => {
    const world = newHostWorld({ fhir })
    const origin = 'https://app.example'
    const refused = await ask(world, '/fhir/Patient/ada', { origin })
    expect(refused.headers['access-control-allow-origin']).toBe(origin)
    const foreign = await ask(world, '/fhir/Patient/ada', { origin: 'https://evil.example' })
    expect(foreign.headers['access-control-allow-origin']).toBeUndefined()
    const preflight = { origin, 'access-control-request-method': 'GET' }
    expect((await ask(world, '/fhir/Patient/ada', preflight, 'OPTIONS')).status).toBeLessThan(300)
    const tooLarge = await world.host.refused(request('/fhir/Patient', { origin }), {
      _tag: 'BodyTooLarge',
      limitBytes: 1
    })
    expect([tooLarge.status, tooLarge.headers['access-control-allow-origin']]).toEqual([413, origin])
  })

  it('gives metadata without a token, to any page', async () => {
    const world = newHostWorld({ fhir })
    const answer = await ask(world, '/fhir/metadata', { origin: 'https://any.example' })
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([200, '*'])
    expect(JSON.parse(answer.body)).toMatchObject({ resourceType: 'CapabilityStatement' })
    const odd = newHostWorld({ fhir: () => json(200, { resourceType: 'Patient', id: 'ada' }) })
    expect((await ask(odd, '/fhir/metadata')).status).toBe(502)
  })

  it('calls userMay for user scopes; without it they reach nothing', async () => {
    const scope = 'launch/patient user/*.rs'
    const statusWith = async (options: Partial<SmartHostOptions<{ readonly user: typeof alice | null }>>) => {
      const world = newHostWorld({ fhir, ...options })
      const token = await redeemed(world, await launched(newBrowser(world, alice), { scope }))
      return (await ask(world, '/fhir/Patient/bob', { authorization: `Bearer ${String(token['access_token'])}` }))
        .status
    }
    expect(await statusWith({})).toBe(404)
    expect(
      await statusWith({ userMay: ({ user }, _permission, { id }) => user?.sub === 'alice' && id === 'bob' })
    ).toBe(200)
  })

  it('says on the console why the FHIR function failed', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const failing = newHostWorld({ fhir: () => Promise.reject(new Error('no database')) })
    expect((await ask(failing, '/fhir/metadata')).status).toBe(503)
    expect(said.mock.calls.flat().map(String)).toContain('Error: no database')
    said.mockRestore()
  })
})

describe('behind a proxy', () => {
  it.each([
    ['that removes a prefix', { removes: '/auth' }, (path: string) => path.replace(/^\/auth/, '')],
    ['that adds a prefix', { adds: '/internal/app' }, (path: string) => `/internal/app${path}`],
    [
      'that replaces a prefix',
      { removes: '/auth', adds: '/inside' },
      (path: string) => path.replace(/^\/auth/, '/inside')
    ]
  ])('%s, the whole conversation has the addresses of the browser', async (_name, proxy, received) => {
    const direct = newHostWorld()
    const world = newHostWorld({ proxy })
    const browser = newBrowser(world, alice, received)
    expect(locationOf(await browser.get(authorizeAddress()))).toBe(
      locationOf(await newBrowser(direct, alice).get(authorizeAddress()))
    )
    expect([...browser.cookies.values()].map(({ path }) => path.startsWith('/auth/interaction/'))).toEqual([true])
    expect((await launched(browser)).length).toBeGreaterThan(40)
    expect((await browser.get('/auth/apps')).body).toContain('Public App')
  })

  it('that adds a prefix, handles nothing without it', () => {
    const { host } = newHostWorld({ proxy: { adds: '/internal' } })
    expect(['/auth/token', '/internal/auth/token', '/internalauth/token'].map(host.handles)).toEqual([
      false,
      true,
      false
    ])
  })
})

describe('wrong options', () => {
  const errorsOf = (options: unknown): ReadonlyArray<string> => {
    try {
      smartHost(options as SmartHostOptions<null>)
      return []
    } catch (thrown) {
      if (!isConfigurationError(thrown)) throw thrown
      return thrown.errors.map(({ path }) => path)
    }
  }
  const good = {
    issuer: 'https://ehr.example',
    fhirBaseUrl: hostFhirBase,
    store: { load: () => null, swap: () => 'won' },
    clients: [],
    permittedScopes: () => '',
    user: () => null,
    signIn: '/sign-in'
  }

  it('are named all at once, with those of the server', () => {
    expect(errorsOf({ ...good, user: 1, signIn: '//evil.example', store: null, fhirBaseUrl: 'nothing' })).toEqual(
      expect.arrayContaining(['user', 'signIn', 'store', 'fhirBaseUrl'])
    )
    expect(errorsOf(undefined)).toEqual(expect.arrayContaining(['issuer', 'user', 'signIn']))
    expect(errorsOf(good)).toEqual([])
  })

  it.each([
    ['signIn', { signIn: 'sign-in' }],
    ['signIn', { signIn: '/sign-in#here' }],
    ['patients', { patients: [] }],
    ['pages', { pages: () => '' }],
    ['pages.consent', { pages: { consent: '<p>' } }],
    ['formFields', { formFields: '' }],
    ['connectedApps', { connectedApps: 'yes' }],
    ['rememberConsent', { rememberConsent: 60 }],
    ['rememberConsent.seconds', { rememberConsent: {} }],
    ['rememberConsent.seconds', { rememberConsent: { seconds: 0.5 } }],
    ['rememberConsent.forAnyPatient', { rememberConsent: { seconds: 1, forAnyPatient: 1 } }],
    ['fhir', { fhir: 'fhir' }],
    ['userMay', { userMay: true }],
    ['fhirBodyLimitBytes', { fhirBodyLimitBytes: -1 }],
    ['proxy', { proxy: '/auth' }],
    ['proxy.removes', { proxy: { removes: 'auth' } }],
    ['proxy.removes', { proxy: { removes: '/auth/' } }],
    ['proxy.adds', { proxy: { adds: '/a/../b' } }]
  ])('name %s', (path, change) => {
    expect(errorsOf({ ...good, ...change })).toEqual([path])
  })
})

it('a request without a handler is answered without an exception', async () => {
  expect((await ask(newHostWorld(), '/nothing')).status).toBe(404)
})
