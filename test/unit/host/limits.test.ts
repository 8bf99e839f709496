/** What a host does about much, and about its own functions that never settle. */
import { parse as parseHtml } from 'node-html-parser'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  authorizeAddress,
  formsOf,
  hostClients,
  launched,
  locationOf,
  newBrowser,
  newHostWorld,
  redeemed,
  userNamed
} from '../../support/host-world.js'
import { inParallel } from '../../../src/host/in-parallel.js'
import type { SmartHostOptions } from '../../../src/host/smart-host.js'
import { createMemoryStore } from '../../../src/plain/memory.js'
import { limits } from '../../../src/values/limits/limits.js'
import type { OwnRequest } from '../../support/host-world.js'

const alice = userNamed('alice')
const never = (): Promise<never> => new Promise(() => undefined)

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('a function or a port that never settles', () => {
  const timeoutMilliseconds = 20
  const quiet = () => vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const pageAt = (options: Partial<SmartHostOptions<OwnRequest>>, address: string, user = alice) =>
    newBrowser(newHostWorld({ timeoutMilliseconds, ...options }), user).get(address)

  it.each<readonly [string, Partial<SmartHostOptions<OwnRequest>>, string]>([
    ['user', { user: never }, '/auth/apps'],
    ['pages.connectedApps', { pages: { connectedApps: never } }, '/auth/apps'],
    ['formFields', { formFields: never }, '/auth/apps'],
    ['store', { store: { ...createMemoryStore(), load: never } }, '/auth/apps'],
    ['pages.error', { pages: { error: never } }, '/auth/interaction/unknown']
  ])('%s: a page with 503, and a line on the console', async (_name, options, address) => {
    const log = quiet()
    const { status, body, headers } = await pageAt(options, address)
    expect([status, headers['content-type']]).toEqual([503, 'text/html; charset=utf-8'])
    expect(body).toContain('This server did not answer in time.')
    expect(String(log.mock.calls[0]?.[0])).toContain('within 20 ms')
  })

  it('patients: a page with 503, and the conversation can go on when they are there again', async () => {
    quiet()
    let isThere = false
    const patients = () => (isThere ? [{ id: 'ada', name: 'Ada' }] : never())
    const browser = newBrowser(newHostWorld({ timeoutMilliseconds, patients }), alice)
    expect((await browser.get(authorizeAddress())).status).toBe(503)
    isThere = true
    expect((await browser.get(locationOf(await browser.get(authorizeAddress())))).status).toBe(200)
  })

  it('the store: 503 at an endpoint and below the FHIR base', async () => {
    quiet()
    const store = createMemoryStore({ clock: () => 1000 })
    let isThere = true
    const world = newHostWorld({
      timeoutMilliseconds,
      fhir: () => ({ status: 200, headers: {}, body: '{}' }),
      store: { swap: store.swap, load: (key) => (isThere ? store.load(key) : never()) }
    })
    const scope = 'launch/patient offline_access patient/*.rs'
    const token = await redeemed(world, await launched(newBrowser(world, alice), { scope }))
    isThere = false
    const request = (method: string, path: string, headers: Readonly<Record<string, string>>, body = '') =>
      world.host.answer({ method, path, query: '', headers, body }, { user: null })
    const refreshed = await request(
      'POST',
      '/auth/token',
      { 'content-type': 'application/x-www-form-urlencoded' },
      `grant_type=refresh_token&client_id=pub-app&refresh_token=${String(token['refresh_token'])}`
    )
    expect([refreshed.status, refreshed.body]).toEqual([503, expect.stringContaining('temporarily_unavailable')])
    const authorization = `Bearer ${String(token['access_token'])}`
    const data = await request('GET', '/fhir/Patient/ada', { authorization })
    expect([data.status, data.body]).toEqual([503, expect.stringContaining('OperationOutcome')])
  })

  it('does not disturb a request that ends in time', async () => {
    vi.useFakeTimers()
    const world = newHostWorld()
    await redeemed(world, await launched(newBrowser(world, alice)))
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('HEAD', () => {
  it('begins no authorization: only GET and POST do', async () => {
    const { host, memory } = newHostWorld()
    const [path = '', query = ''] = authorizeAddress().slice('https://ehr.example'.length).split('?')
    const before = JSON.stringify(memory.entries())
    const head = await host.answer({ method: 'HEAD', path, query, headers: {}, body: '' }, { user: alice })
    expect([head.status, head.headers['allow'], head.headers['set-cookie']]).toEqual([405, 'GET, POST', undefined])
    expect(JSON.stringify(memory.entries())).toBe(before)
  })

  it('is answered like GET at every page', async () => {
    const { host } = newHostWorld()
    const own = { user: alice }
    for (const path of ['/auth/apps', '/auth/interaction/unknown']) {
      const request = { path, query: '', headers: {}, body: '' }
      const [get, head] = [
        await host.answer({ ...request, method: 'GET' }, own),
        await host.answer({ ...request, method: 'HEAD' }, own)
      ]
      expect(head.status).toBe(get.status)
      expect(head.headers['content-type']).toBe(get.headers['content-type'])
    }
  })
})

describe('the default page to choose a patient', () => {
  const most = limits.shownChoices.default
  const many = (count: number) => () =>
    Array.from({ length: count }, (_, place) => ({ id: `p${String(place)}`, name: `Pàtient ${String(place)}.` }))
  const choice = async (count: number, search = '') => {
    const browser = newBrowser(newHostWorld({ patients: many(count) }), alice)
    const address = locationOf(await browser.get(authorizeAddress()))
    const page = await browser.get(`${address}${search}`)
    return { browser, page, shown: parseHtml(page.body).querySelectorAll('input[type=radio]').length }
  }

  it('has no search for a few', async () => {
    const { page, shown } = await choice(most)
    expect(shown).toBe(most)
    expect(page.body).not.toContain('type="search"')
  })

  it('shows some of many, says so, and finds others by name', async () => {
    const { page, shown } = await choice(most + 1)
    expect(shown).toBe(most)
    expect(page.body).toContain(`The first ${String(most)} of ${String(most + 1)} are shown.`)
    const found = await choice(most + 1, '?search=PATIENT+50.')
    expect(found.shown).toBe(1)
    expect(found.page.body).toContain(`1 of ${String(most + 1)} are shown.`)
    expect(found.page.body).toContain('value="PATIENT 50."')
    const [, form] = formsOf(found.page)
    if (form === undefined) throw new Error(found.page.body)
    const consent = await found.browser.get(locationOf(await found.browser.submit(form, { patient: 'p50' })))
    expect(consent.body).toContain('Give access?')
  })

  it.each(['?search=nobody', '?search=%ff', '?search=%3Cscript%3E'])('shows no wrong choice for %s', async (search) => {
    const { page } = await choice(most + 1, search)
    expect(page.status).toBe(200)
    expect(parseHtml(page.body).querySelectorAll('script')).toEqual([])
  })
})

describe('the page of connected apps', () => {
  it('reads records at the same time, and no more than ten', async () => {
    const store = createMemoryStore({ clock: () => 1000 })
    let [now, most, reads] = [0, 0, 0]
    const counted: typeof store.load = async (key) => {
      now += 1
      reads += 1
      most = Math.max(most, now)
      await new Promise((resolve) => setTimeout(resolve, 1))
      now -= 1
      return store.load(key)
    }
    const clientReads: Array<string> = []
    const clients = {
      find: (id: string) => {
        clientReads.push(id)
        return hostClients.find(({ clientId }) => clientId === id) ?? null
      }
    }
    const world = newHostWorld({ store: { swap: store.swap, load: counted }, clients })
    const browser = newBrowser(world, alice)
    for (let count = 0; count < 15; count++) await launched(browser)
    ;[most, reads] = [0, 0]
    clientReads.length = 0
    const page = await browser.get('/auth/apps')
    expect(formsOf(page)).toHaveLength(15)
    expect(reads).toBeGreaterThanOrEqual(15)
    expect(most).toBe(limits.recordReads.default)
    expect(clientReads).toEqual(['pub-app'])
  })
})

describe('inParallel', () => {
  it('gives the results in order, with no more than its number at once', async () => {
    let [now, most] = [0, 0]
    const results = await inParallel([5, 1, 4, 2, 3], 2, async (item) => {
      now += 1
      most = Math.max(most, now)
      await new Promise((resolve) => setTimeout(resolve, item))
      now -= 1
      return item * 10
    })
    expect([results, most]).toEqual([[50, 10, 40, 20, 30], 2])
    expect(await inParallel([], 2, () => Promise.resolve(1))).toEqual([])
    await expect(inParallel([1, 2], 2, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  })
})
