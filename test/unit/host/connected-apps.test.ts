/** Connected apps: the list of a user's grants, the end of one, remembered consent, and the end of a session. */
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import {
  authorizeAddress,
  formOf,
  formsOf,
  launched,
  locationOf,
  newBrowser,
  newHostWorld,
  redeemed,
  signInAs,
  toApp,
  toConsent,
  userNamed
} from '../../support/host-world.js'
import type { Browser, HostWorld } from '../../support/host-world.js'
import { plainStore } from '../../../src/plain/engine-ports.js'
import { limits } from '../../../src/values/limits/limits.js'
import { memoryStore } from '../../../src/adapters/stores/memory-store.js'

const alice = userNamed('alice')
const appsPage = '/auth/apps'

/** Whether an access token is accepted. */
const isAccepted = async ({ host }: HostWorld, token: unknown): Promise<boolean> => {
  const headers = { authorization: `Bearer ${String(token)}` }
  const answer = await host.server.resource.bearer({ method: 'GET', path: '/fhir', query: '', headers, body: '' })
  return answer.ok
}

/** Sends the first form of the page of connected apps, with the button for its grant. */
const endFirst = async (browser: Browser, change: Readonly<Record<string, string>> = {}) => {
  const page = await browser.get(appsPage)
  const grant = /name="grant" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
  const [form] = formsOf(page)
  if (form === undefined) throw new Error(page.body)
  return browser.submit(form, { grant, ...change })
}

describe('the page of connected apps', () => {
  it('is announced, unless the host has its own page or wants none', async () => {
    const announced = async (world: HostWorld): Promise<unknown> => {
      const path = '/fhir/.well-known/smart-configuration'
      const request = { method: 'GET', path, query: '', headers: {}, body: '' }
      const { body } = await world.host.answer(request, { user: null })
      return (JSON.parse(body) as Readonly<Record<string, unknown>>)['management_endpoint']
    }
    expect(await announced(newHostWorld())).toBe('https://ehr.example/auth/apps')
    expect(await announced(newHostWorld({ features: { managementEndpoint: 'https://ehr.example/own' } }))).toBe(
      'https://ehr.example/own'
    )
    const without = newHostWorld({ connectedApps: false })
    expect(await announced(without)).toBeUndefined()
    expect(without.host.handles(appsPage)).toBe(false)
  })

  it('shows the grants of the signed-in user alone, with scopes in words and times', async () => {
    const world = newHostWorld()
    await launched(newBrowser(world, alice))
    const page = await newBrowser(world, alice).get(appsPage)
    expect(page.body).toContain('Public App')
    expect(page.body).toContain('Read and search all records of this patient')
    expect(page.body).toContain('Since 1970-01-01 00:16, until 1970-01-01 01:17 (UTC)')
    expect((await newBrowser(world, userNamed('bob')).get(appsPage)).body).toContain('No app has access.')
  })

  it('leads to the sign-in page once', async () => {
    const world = newHostWorld()
    const browser = newBrowser(world)
    const first = await browser.get(appsPage)
    expect((await signInAs(browser, first, alice)).body).toContain('No app has access.')
    browser.user = null
    expect((await browser.get(`${appsPage}?after=sign-in`)).body).toContain('You are not signed in.')
  })

  it('ends a grant: its tokens are invalid, and it leaves the list', async () => {
    const world = newHostWorld()
    const browser = newBrowser(world, alice)
    const token = await redeemed(world, await launched(browser))
    expect(await isAccepted(world, token['access_token'])).toBe(true)
    expect(locationOf(await endFirst(browser))).toBe(appsPage)
    expect(await isAccepted(world, token['access_token'])).toBe(false)
    expect((await browser.get(appsPage)).body).toContain('No app has access.')
  })

  it('does not show a grant that ended elsewhere, or by time', async () => {
    const world = newHostWorld()
    const browser = newBrowser(world, alice)
    await redeemed(world, await launched(browser))
    world.clock.now += 3660
    expect((await browser.get(appsPage)).body).toContain('No app has access.')
    const code = await launched(browser)
    await redeemed(world, code)
    expect((await browser.get(appsPage)).body).toContain('Public App')
    await redeemed(world, code)
    expect((await browser.get(appsPage)).body).toContain('No app has access.')
  })

  it.each([
    ['a wrong form token', { form_token: `connected-apps.f.${'x'.repeat(43)}.k1.${'x'.repeat(43)}` }],
    ['no form token', { form_token: '' }]
  ])('ends nothing for %s', async (_name, change) => {
    const world = newHostWorld()
    const browser = newBrowser(world, alice)
    const token = await redeemed(world, await launched(browser))
    expect((await endFirst(browser, change)).status).toBe(403)
    expect(await isAccepted(world, token['access_token'])).toBe(true)
  })

  it('accepts no form of another session or another user', async () => {
    const world = newHostWorld()
    const browser = newBrowser(world, alice)
    const token = await redeemed(world, await launched(browser))
    const [form = { action: '', fields: [] }] = formsOf(await browser.get(appsPage))
    const grant = /name="grant" value="([^"]+)"/.exec((await browser.get(appsPage)).body)?.[1] ?? ''
    world.clock.now = 2000
    for (const user of [userNamed('alice', 1500), userNamed('mallory')])
      expect((await newBrowser(world, user).submit(form, { grant })).status).toBe(403)
    expect(await isAccepted(world, token['access_token'])).toBe(true)
  })

  it('ends no grant of another user, although the form is genuine', async () => {
    const world = newHostWorld()
    const token = await redeemed(world, await launched(newBrowser(world, alice)))
    const aliceGrant =
      /name="grant" value="([^"]+)"/.exec((await newBrowser(world, alice).get(appsPage)).body)?.[1] ?? ''
    const mallory = newBrowser(world, userNamed('mallory'))
    await launched(mallory)
    await endFirst(mallory, { grant: aliceGrant })
    expect(await isAccepted(world, token['access_token'])).toBe(true)
  })

  it('holds a bounded number of grants: beyond it, the oldest is revoked', async () => {
    const world = newHostWorld()
    const browser = newBrowser(world, alice)
    const first = await redeemed(world, await launched(browser))
    const second = await redeemed(world, await launched(browser))
    for (let count = 2; count < limits.connectedApps.default; count++) await launched(browser)
    expect(await isAccepted(world, first['access_token'])).toBe(true)
    const last = await redeemed(world, await launched(browser))
    expect(await isAccepted(world, first['access_token'])).toBe(false)
    expect(await isAccepted(world, second['access_token'])).toBe(true)
    expect(await isAccepted(world, last['access_token'])).toBe(true)
  })

  it('lets no app push out the grants of other apps', async () => {
    const world = newHostWorld({ rememberConsent: { seconds: 86_400 } })
    const browser = newBrowser(world, alice)
    const other = await redeemed(world, await launched(browser, { client_id: 'evil-app' }), { client_id: 'evil-app' })
    await launched(browser)
    for (let count = 0; count < limits.connectedApps.default + 2; count++)
      expect(toApp(await browser.get(authorizeAddress({ prompt: 'none' })))['code']).toBeDefined()
    expect(await isAccepted(world, other['access_token'])).toBe(true)
  })

  it('costs nothing at the token endpoint', async () => {
    const touched: Array<string> = []
    const memory = memoryStore({ now: () => 1000 })
    const counting = {
      load: (key: string) => {
        touched.push(key)
        return memory.load(key)
      },
      swap: (...given: Parameters<typeof memory.swap>) => {
        touched.push(given[0])
        return memory.swap(...given)
      }
    }
    const world = newHostWorld({ store: plainStore(counting, {}) })
    const code = await launched(newBrowser(world, alice))
    touched.length = 0
    await redeemed(world, code)
    expect(touched.filter((key) => key.startsWith('apps:'))).toEqual([])
    expect(touched.length).toBeGreaterThan(0)
  })

  it('delivers no code for a grant that cannot be listed', async () => {
    const memory = memoryStore({ now: () => 1000 })
    const failing = {
      ...memory,
      load: (key: string) =>
        key.startsWith('apps:') ? TaskEither.left({ _tag: 'Unavailable', applied: 'no' } as const) : memory.load(key)
    }
    const world = newHostWorld({ store: plainStore(failing, {}) })
    const browser = newBrowser(world, alice)
    const { action, fields } = formOf(await toConsent(browser))
    const response = await browser.post(action, [...fields, ['decision', 'allow']])
    expect([response.status, toApp(response)]).toEqual([503, {}])
    const grants = memory.entries().filter(([key]) => key.startsWith('grant:'))
    expect(grants.map(([, text]) => (JSON.parse(text) as { readonly _tag: string })._tag)).toEqual(['Revoked'])
  })
})

describe('remembered consent', () => {
  const remembering = { rememberConsent: { seconds: 86_400 } }
  const silently = async (browser: Browser, change = {}) => {
    const response = await browser.get(authorizeAddress({ prompt: 'none', ...change }))
    return toApp(response)['error'] ?? (toApp(response)['code'] === undefined ? response.body : 'code')
  }

  it('makes prompt=none work, also for the choice of the patient; without it, consent_required', async () => {
    const plain = newHostWorld()
    const forgotten = newBrowser(plain, alice)
    await launched(forgotten)
    expect(await silently(forgotten)).toBe('interaction_required')
    expect(await silently(forgotten, { scope: 'openid' })).toBe('consent_required')
    const browser = newBrowser(newHostWorld(remembering), alice)
    expect(await silently(browser, { scope: 'openid' })).toBe('consent_required')
    await launched(browser)
    expect(await silently(browser)).toBe('code')
    expect(await silently(newBrowser(newHostWorld(remembering)))).toBe('login_required')
  })

  it('gives a token for the patient of the consent', async () => {
    const world = newHostWorld(remembering)
    const browser = newBrowser(world, alice)
    await launched(browser, {}, 'bob')
    const code = toApp(await browser.get(authorizeAddress({ prompt: 'none' })))['code'] ?? ''
    expect((await redeemed(world, code))['patient']).toBe('bob')
  })

  it('gets no page for prompt=none, but the patient is still chosen', async () => {
    const browser = newBrowser(newHostWorld(remembering), alice)
    await launched(browser)
    const choice = await browser.get(locationOf(await browser.get(authorizeAddress())))
    expect(toApp(await browser.submit(formOf(choice), { patient: 'ada' }))['code']).toBeDefined()
    const other = await browser.get(locationOf(await browser.get(authorizeAddress())))
    const consent = await browser.get(locationOf(await browser.submit(formOf(other), { patient: 'bob' })))
    expect(consent.body).toContain('Bob Synthetic')
  })

  it('counts for any patient where the host says so', async () => {
    const browser = newBrowser(newHostWorld({ rememberConsent: { seconds: 60, forAnyPatient: true } }), alice)
    await launched(browser)
    const choice = await browser.get(locationOf(await browser.get(authorizeAddress())))
    expect(toApp(await browser.submit(formOf(choice), { patient: 'bob' }))['code']).toBeDefined()
  })

  it('is compared by meaning: narrower scopes in other words are covered, wider ones are not', async () => {
    const browser = newBrowser(newHostWorld(remembering), alice)
    await launched(browser, { scope: 'launch/patient patient/Observation.rs patient/Patient.r' })
    expect(await silently(browser, { scope: 'launch/patient patient/Observation.s?category=laboratory' })).toBe('code')
    expect(await silently(browser, { scope: 'launch/patient patient/Patient.r patient/Observation.r' })).toBe('code')
    expect(await silently(browser, { scope: 'launch/patient patient/Patient.rs' })).toBe('consent_required')
    expect(await silently(browser, { scope: 'launch/patient patient/Patient.r offline_access' })).toBe(
      'consent_required'
    )
  })

  it('is what the user gave, not what the app requested', async () => {
    const browser = newBrowser(newHostWorld(remembering), alice)
    const scope = 'launch/patient openid patient/*.rs'
    const { action, fields } = formOf(await toConsent(browser, { scope }))
    await browser.post(action, [...fields.filter(([, value]) => value !== 'openid'), ['decision', 'allow']])
    expect(await silently(browser, { scope })).toBe('consent_required')
    expect(await silently(browser)).toBe('code')
  })

  it('is not used for prompt=consent, for another user, for another app, or after its time', async () => {
    const world = newHostWorld(remembering)
    const browser = newBrowser(world, alice)
    await launched(browser)
    expect((await toConsent(browser, { prompt: 'consent' })).body).toContain('Give access?')
    expect(await silently(newBrowser(world, userNamed('bob')))).toBe('interaction_required')
    expect(await silently(browser, { client_id: 'evil-app' })).toBe('interaction_required')
    world.clock.now += 86_400
    expect(await silently(browser)).toBe('interaction_required')
  })

  it('does not become longer by being used', async () => {
    const world = newHostWorld(remembering)
    const browser = newBrowser(world, alice)
    await launched(browser)
    world.clock.now += 86_000
    expect(await silently(browser)).toBe('code')
    world.clock.now += 400
    expect(await silently(browser)).toBe('interaction_required')
  })

  it('is not used for an app on a loopback address without a secret', async () => {
    const world = newHostWorld(remembering)
    const browser = newBrowser(world, alice)
    const native = { client_id: 'native-app', redirect_uri: 'http://127.0.0.1:4567/cb' }
    await launched(browser, native)
    expect(await silently(browser, native)).toBe('consent_required')
  })

  it('ends when the user ends the access of the app', async () => {
    const browser = newBrowser(newHostWorld(remembering), alice)
    await launched(browser)
    expect(await silently(browser)).toBe('code')
    await endFirst(browser)
    expect(await silently(browser)).toBe('interaction_required')
  })

  it('ends when the host revokes the grant', async () => {
    const world = newHostWorld(remembering)
    const browser = newBrowser(world, alice)
    const code = await launched(browser)
    expect((await world.host.server.admin.revokeGrant(code.slice(0, code.indexOf('.')))).ok).toBe(true)
    expect(await silently(browser, { scope: 'launch/patient patient/*.rs' })).toBe('interaction_required')
  })

  it('ends when the grant was revoked elsewhere', async () => {
    const browser = newBrowser(newHostWorld(remembering), alice)
    const world = newHostWorld(remembering)
    const user = newBrowser(world, alice)
    const code = await launched(user)
    await redeemed(world, code)
    await redeemed(world, code)
    expect(await silently(user)).toBe('consent_required')
    expect(await silently(browser)).toBe('interaction_required')
  })

  it('does not come back when the record of a revoked grant would have ended', async () => {
    const world = newHostWorld(remembering)
    const browser = newBrowser(world, alice)
    const code = await launched(browser)
    await redeemed(world, code)
    await redeemed(world, code)
    world.clock.now += 4000
    expect(await silently(browser, { scope: 'launch/patient patient/*.rs' })).toBe('consent_required')
  })

  it('lasts longer than the grant for which it was given', async () => {
    const world = newHostWorld(remembering)
    const browser = newBrowser(world, alice)
    await redeemed(world, await launched(browser))
    world.clock.now += 4000
    expect(await silently(browser)).toBe('code')
  })

  it('is not used when the record of its grant is missing', async () => {
    const memory = memoryStore({ now: () => 1000 })
    let hidden = ''
    const forgetting = {
      ...memory,
      load: (key: string) => (hidden !== '' && key.endsWith(hidden) ? TaskEither.right(Option.none) : memory.load(key))
    }
    const browser = newBrowser(newHostWorld({ ...remembering, store: plainStore(forgetting, {}) }), alice)
    const code = await launched(browser)
    hidden = code.slice(0, code.indexOf('.'))
    expect(await silently(browser)).toBe('consent_required')
  })

  it('is not made by a form without proof', async () => {
    const browser = newBrowser(newHostWorld(remembering), alice)
    const { action, fields } = formOf(await toConsent(browser))
    const forged = fields.filter(([name]) => name !== 'form_token')
    await browser.post(action, [...forged, ['form_token', 'x'], ['decision', 'allow']])
    expect(await silently(browser, { scope: 'openid' })).toBe('consent_required')
    expect(await silently(browser)).toBe('interaction_required')
  })
})

describe('the end of a session', () => {
  it('ends the online_access grants of that session alone', async () => {
    const world = newHostWorld()
    const browser = newBrowser(world, alice)
    const online = 'launch/patient patient/*.rs online_access'
    const here = await redeemed(world, await launched(browser, { scope: online }))
    const offline = await redeemed(world, await launched(browser, { scope: online.replace('online', 'offline') }))
    world.clock.now = 1500
    const elsewhere = await redeemed(
      world,
      await launched(newBrowser(world, userNamed('alice', 1500)), { scope: online })
    )
    await world.host.endSession(alice)
    expect(await isAccepted(world, here['access_token'])).toBe(false)
    expect(await isAccepted(world, offline['access_token'])).toBe(true)
    expect(await isAccepted(world, elsewhere['access_token'])).toBe(true)
  })

  it('without a session id, is shown by the time of the sign-in', async () => {
    const world = newHostWorld()
    const { sessionId: _none, ...user } = alice
    const token = await redeemed(
      world,
      await launched(newBrowser(world, user), { scope: 'launch/patient patient/*.rs online_access' })
    )
    await world.host.endSession({ sub: 'alice', authTime: 999 })
    expect(await isAccepted(world, token['access_token'])).toBe(true)
    await world.host.endSession({ sub: 'alice', authTime: 1000 })
    expect(await isAccepted(world, token['access_token'])).toBe(false)
  })
})
