/** The grants on the pages of the simulator: in words, with the picture of their machine, and their revocation. */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { parse as parseHtml } from 'node-html-parser'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { memoryStore } from '../../../src/adapters/stores/memory-store.js'
import { systemClock } from '../../../src/adapters/system.js'
import type { RequestHandler } from '../../../src/engine/server/http-handler.js'
import { completePolicy } from '../../../src/protocol/policy/policy.js'
import { drawingOf } from '../../../src/protocol/diagram/diagram.js'
import { drawings } from '../../../src/protocol/diagram/machines.js'
import { grantMachine } from '../../../src/protocol/grant/grant.js'
import { lastUseOf } from '../../../src/simulator/grants/grant-view.js'
import { machineLines, machinePicture, nextStates } from '../../../src/simulator/grants/machine-picture.js'
import type { LogLine } from '../../../src/simulator/log/log-line.js'
import { grantsPage } from '../../../src/simulator/pages/grants.js'
import { styleSheet } from '../../../src/simulator/design/style.js'
import { encodeSetting } from '../../../src/simulator/settings/setting.js'
import { grantListIn } from '../../../src/simulator/store/grant-list.js'
import { limits } from '../../../src/values/limits/limits.js'
import {
  authorizationAt,
  browserAt,
  formOn,
  home,
  locationOf,
  requestTo,
  simulatorHere,
  tokensAt
} from '../../support/simulator/in-process.js'

const elsewhere = `${home}/sim/${encodeSetting({ spec: '2.2.0' })}`

const world: { answer: RequestHandler } = { answer: () => () => Promise.reject(new Error('not built')) }

beforeAll(async () => {
  world.answer = await simulatorHere()
})

const textOf = (body: string): string => (parseHtml(body).querySelector('main')?.text ?? '').replaceAll(/\s+/g, ' ')

/** The page of the newest grant, in a browser. */
const newestGrant = async (browser: ReturnType<typeof browserAt>) => {
  const list = await browser.get('/ehr/grants')
  const address = parseHtml(list.body).querySelector('main h2 a')?.getAttribute('href') ?? ''
  return { address, list, page: await browser.get(address) }
}

const statusWith = async (issuer: string, token: string | undefined): Promise<number> => {
  const authorization = `Bearer ${token ?? ''}`
  return (await world.answer(requestTo('GET', `${issuer}/fhir/Patient/example-1`, { authorization }))()).status
}

const grantDrawing = drawingOf(grantMachine(completePolicy({})))

describe.each([
  ['the root server', home],
  ['a server of a launch setting', elsewhere]
])('a grant of %s', (_name, issuer) => {
  it('is on the list and has a page: app, user, patient, scopes in words, times, events', async () => {
    const tokens = await tokensAt(world.answer, issuer, 'openid offline_access user/Patient.rs')
    expect(await statusWith(issuer, tokens['access_token'])).toBe(200)
    const { address, list, page } = await newestGrant(browserAt(world.answer))
    for (const { body } of [list, page]) {
      expect(textOf(body)).toMatch(/Sample app|sample-app/i)
      expect(textOf(body)).toMatch(/active .*User ?alice .*Access until.*Renewal until.*Last used/)
      expect(textOf(body)).toMatch(/[Rr]ead and search/)
    }
    expect(textOf(page.body)).toContain('user/Patient.rs')
    const [, shownId = ''] = /([\w-]+)\.\.\./.exec(parseHtml(page.body).querySelector('h1')?.text ?? '') ?? []
    expect(shownId).toHaveLength(8)
    expect(address).toContain(`/ehr/grants/${shownId}`)
    expect(textOf(list.body)).toContain(`${shownId}...`)
    expect(textOf(page.body)).toMatch(/events so far .*Read of Patient\/example-1.*The app got tokens.*app requested/)
    expect(/Server ?http:\/\/127\.0\.0\.1:4010\/sim\/\.\.\./.test(textOf(page.body))).toBe(issuer === elsewhere)
    expect(parseHtml(page.body).querySelector('.machine .lit text')?.text).toBe('Active')
  })

  it('shows nowhere the whole id, a code or a token', async () => {
    const tokens = await tokensAt(world.answer, issuer)
    const { list, page } = await newestGrant(browserAt(world.answer))
    const [grantId = ''] = (tokens['code'] ?? '').split('.')
    expect(grantId.length).toBeGreaterThan(15)
    for (const { body } of [list, page])
      for (const secret of [grantId, tokens['code'] ?? '', tokens['access_token'] ?? ''])
        expect(body.includes(secret)).toBe(false)
  })

  it('is revoked by its button, and its tokens are invalid from then on', async () => {
    const browser = browserAt(world.answer)
    const tokens = await tokensAt(world.answer, issuer)
    expect(await statusWith(issuer, tokens['access_token'])).toBe(200)
    const { address, page } = await newestGrant(browser)
    const { action, hidden } = formOn(page)
    expect(action).toBe(address)
    expect((await browser.post(action, hidden)).status).toBe(303)
    expect(await statusWith(issuer, tokens['access_token'])).toBe(401)
    const after = await browser.get(address)
    expect(textOf(after.body)).toMatch(/revoked .*a person at this simulator did/)
    // What it could do, and for whom, stays.
    expect(textOf(after.body)).toMatch(/User ?alice .*What it could do.*Read and search/)
    expect(formOn(after).hidden).toEqual([])
    expect(textOf(after.body)).toContain('The grant was revoked.')
  })

  it('has ended on the pages when its access token ends, though nothing is written then', async () => {
    await tokensAt(world.answer, issuer, 'openid user/Patient.rs')
    const browser = browserAt(world.answer)
    const { address, page } = await newestGrant(browser)
    expect(textOf(page.body)).toContain('They are valid.')
    const now = Date.now()
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => now + 3_601_000)
    try {
      const after = await browser.get(address)
      // The store may have deleted it already; it must not be said to be valid.
      expect(textOf(after.body)).not.toContain('They are valid.')
      expect(textOf(after.body)).toMatch(/ended by time.*What it could do|It may have ended long ago/)
      expect(formOn(after).hidden).toEqual([])
    } finally {
      clock.mockRestore()
    }
  })

  it('is on the page of connected apps of its user, and of no other user', async () => {
    const browser = browserAt(world.answer)
    await tokensAt(world.answer, issuer, 'openid user/Patient.rs', browser)
    const { address } = await newestGrant(browserAt(world.answer))
    const shown = (body: string): boolean =>
      issuer === home ? body.includes('End the access of') : body.includes(`href="${address}"`)
    expect(shown((await browser.get('/apps')).body)).toBe(true)
    const other = browserAt(world.answer)
    const launch = new URLSearchParams({ client_id: 'sample-app', launch_uri: `${home}/app/launch`, user: 'bob' })
    expect((await other.get(`/ehr/launch?${launch.toString()}`)).status).toBe(303)
    const ofOther = await other.get('/apps')
    expect(textOf(ofOther.body)).toContain('access that bob gave')
    expect(shown(ofOther.body)).toBe(false)
  })

  it('is not revoked by a form that another site made, or another browser got', async () => {
    const tokens = await tokensAt(world.answer, issuer)
    const browser = browserAt(world.answer)
    const { action, hidden } = formOn((await newestGrant(browser)).page)
    const stranger = browserAt(world.answer)
    await newestGrant(stranger)
    expect((await browser.post(action, [])).status).toBe(403)
    expect((await browser.post(action, [['form_token', 'x'.repeat(43)]])).status).toBe(403)
    expect((await stranger.post(action, hidden)).status).toBe(403)
    expect((await world.answer(requestTo('POST', action, {}, hidden))()).status).toBe(403)
    expect(await statusWith(issuer, tokens['access_token'])).toBe(200)
  })
})

describe('the grants of an app that is removed', () => {
  const metadata = [
    ['client_name', 'Short-lived'],
    ['redirect_uris', `${home}/app`],
    ['method', 'none']
  ] as const
  const register = async (browser: ReturnType<typeof browserAt>) => {
    const { hidden } = formOn(await browser.get('/ehr/apps/new'))
    const done = await browser.get(locationOf(await browser.post('/ehr/apps/new', [...hidden, ...metadata])))
    return { hidden, clientId: parseHtml(done.body).querySelector('#client_id')?.text ?? '' }
  }

  it.each([
    ['the root server', home],
    ['a server of a launch setting', elsewhere]
  ])('are revoked with it, those of other apps are not: %s', async (_name, issuer) => {
    const browser = browserAt(world.answer)
    const { clientId, hidden } = await register(browser)
    const scope = 'openid offline_access user/Patient.rs'
    const other = await tokensAt(world.answer, issuer, scope)
    const tokens = await tokensAt(world.answer, issuer, scope, browser, clientId)
    expect(await statusWith(issuer, tokens['access_token'])).toBe(200)
    const { address } = await newestGrant(browser)
    await browser.post('/ehr/apps/remove', [...hidden, ['client_id', clientId]])
    const page = textOf((await browser.get(address)).body)
    expect([page.includes(clientId), page.includes('They are valid.'), page.includes('revoked')]).toEqual([
      true,
      false,
      true
    ])
    // Its name stays, also in the log.
    expect(page).toContain('Short-lived')
    expect(textOf((await browser.get(`/ehr/log?app=${clientId}`)).body)).toContain('Short-lived')
    expect((await browser.get(`${issuer}/apps`)).body).not.toContain(clientId)
    expect(await statusWith(issuer, tokens['access_token'])).toBe(401)
    expect(await statusWith(issuer, other['access_token'])).toBe(200)
  })
})

describe('the grants of an app that ends its own registration', () => {
  it.each([
    ['the root server', home],
    ['a server of a launch setting', elsewhere]
  ])('are revoked, and its name stays: %s', async (_name, issuer) => {
    const answer = await simulatorHere({ registration: 'open' })
    const sent = (method: string, address: string, token: string | null, body: object | null) =>
      answer({
        ...requestTo(method, address, {
          'content-type': 'application/json',
          ...(token === null ? {} : { authorization: `Bearer ${token}` })
        }),
        body: body === null ? '' : JSON.stringify(body)
      })()
    const metadata = { client_name: 'Leaver', redirect_uris: [`${home}/app`], token_endpoint_auth_method: 'none' }
    const registered = await sent('POST', `${issuer}/register`, null, metadata)
    const client = JSON.parse(registered.body) as Readonly<Record<string, string>>
    const [id = '', token = ''] = [client['client_id'], client['registration_access_token']]
    const scope = 'openid'
    const tokens = await tokensAt(answer, issuer, scope, browserAt(answer), id)
    expect(tokens['access_token']?.length).toBeGreaterThan(20)
    const { address } = await newestGrant(browserAt(answer))
    const textNow = async (at: string): Promise<string> => textOf((await browserAt(answer).get(at)).body)
    expect(await textNow(address)).toContain('They are valid.')
    // Another token ends nothing.
    expect((await sent('DELETE', `${issuer}/register/${id}`, 'invented', null)).status).toBe(401)
    expect(await textNow(address)).toContain('They are valid.')
    expect((await sent('DELETE', `${issuer}/register/${id}`, token, null)).status).toBe(204)
    expect(await textNow(address)).toMatch(/Leaver.*The grant was revoked\./)
    expect(await textNow('/ehr/grants')).toContain('Leaver')
    expect(await textNow('/ehr/apps')).not.toContain('Leaver')
  })
})

describe('the list of grants', () => {
  /** Writes states of grants one after the other, as the server does. */
  const listWith = async (changes: ReadonlyArray<readonly [id: number, state: string]>) => {
    const { all, store } = grantListIn('s', memoryStore(systemClock))
    for (const [id, state] of changes) {
      const key = `grant:s ${String(id)}`
      const found = await store.load(key)()
      const before = Either.isRight(found) && Option.isSome(found.right) ? found.right.value.version : null
      const text = JSON.stringify({ _tag: state, id })
      await store.swap(key, Option.fromNullable(before), text, Number.MAX_SAFE_INTEGER)()
    }
    const { grants, leftOut } = await all()
    return { leftOut, ids: grants.map(({ text }) => (JSON.parse(text) as { readonly id: number }).id) }
  }
  const count = 300
  const others = Array.from({ length: count }, (_, place) => place + 1)

  it('keeps a grant, however many requests wait, are denied or expire without a user', async () => {
    const states = ['AwaitingUser', 'Denied', 'Expired']
    const requests = others.flatMap((id) => [
      [id, 'AwaitingUser'] as const,
      [id, states[id % 3] ?? 'AwaitingUser'] as const
    ])
    const { ids, leftOut } = await listWith([[0, 'AwaitingUser'], [0, 'CodeIssued'], [0, 'Active'], ...requests])
    expect([ids[0], ids.length, leftOut]).toEqual([0, 1 + limits.simulatorWaitingGrants.default, 0])
  })

  it('keeps a grant, however many other grants begin and end', async () => {
    const ended = others.flatMap((id) => [
      [id, 'CodeIssued'] as const,
      [id, 'Active'] as const,
      [id, 'Revoked'] as const
    ])
    const { ids, leftOut } = await listWith([[0, 'CodeIssued'], ...ended])
    expect([ids[0], ids.length, leftOut]).toEqual([0, 1 + limits.simulatorEndedGrants.default, 0])
  })

  it('drops the oldest open grant only for a newer one, and counts it', async () => {
    const { ids, leftOut } = await listWith(others.map((id) => [id, 'Backend']))
    const kept = limits.simulatorGrants.default
    expect([ids[0], ids.at(-1), leftOut]).toEqual([count - kept + 1, count, count - kept])
  })

  it('is shown in parts, open grants first, with their number', async () => {
    const answer = await simulatorHere()
    const browser = browserAt(answer)
    for (let grant = 0; grant < 41; grant++) await tokensAt(answer, home, undefined, browser)
    const first = parseHtml((await browser.get('/ehr/grants')).body)
    const oldest = (page: ReturnType<typeof parseHtml>) =>
      page.querySelectorAll('main h2 a').at(-1)?.getAttribute('href')
    expect(first.querySelector('main')?.text).toContain('40 of 41 grants are shown')
    const older = first
      .querySelectorAll('main a')
      .find(({ text }) => text === 'Older grants')
      ?.getAttribute('href')
    const last = parseHtml((await browser.get(older ?? '')).body)
    expect(last.querySelector('main')?.text).toContain('41 to 41 of 41 grants are shown')
    expect(last.querySelectorAll('main h2 a')).toHaveLength(1)
    expect(last.querySelector('main')?.text).not.toContain('no longer listed')
    for (const gone of ['gone', '', '%2F'])
      expect((await browser.get(`/ehr/grants?after=${gone}`)).body).toContain('this page begins is no longer listed')
    const newest = first.querySelector('main h2 a')?.getAttribute('href') ?? ''
    await browser.post(newest, formOn(await browser.get(newest)).hidden)
    // A grant that has ended stands behind those that are open.
    expect(oldest(parseHtml((await browser.get(older ?? '')).body))).toBe(newest)
  })

  it('weighs little, with as many grants and waiting requests as it shows', async () => {
    const answer = await simulatorHere()
    const browser = browserAt(answer)
    const scope = 'openid fhirUser offline_access user/Patient.rs user/Observation.rs user/Condition.rs'
    for (let grant = 0; grant < 40; grant++) {
      await tokensAt(answer, home, scope, browser)
      await browser.get(authorizationAt(home, scope))
    }
    const { body } = await browser.get('/ehr/grants')
    const page = parseHtml(body)
    const cardsIn = (place: string): number => page.querySelectorAll(`${place} > .card`).length
    expect([cardsIn('.grants'), cardsIn('details .cards')]).toEqual([40, 40])
    const [state] = page.querySelectorAll('.grants .state-now').map(({ text }) => text)
    expect(state).toBe('Active')
    expect(page.querySelectorAll('.grants .state-now')).toHaveLength(40)
    expect(page.querySelectorAll('.grants details svg.small')).toHaveLength(40)
    expect(page.querySelectorAll('symbol').map(({ id }) => id)).toEqual(['machine', 'machine-Active'])
    expect(textOf(body)).toContain('They are valid. It can become ')
    const names = page.querySelectorAll('main a, main button').map(({ text }) => text)
    expect(names.filter((name, place) => names.indexOf(name) !== place)).toEqual([])
    expect(Buffer.byteLength(body) + Buffer.byteLength(styleSheet)).toBeLessThan(150_000)
  })

  it('says how many open grants have left it', () => {
    const pictures = { drawing: grantDrawing, eventsOf: () => [] }
    const view = {
      begun: [],
      start: 0,
      total: 0,
      waiting: [],
      isLost: false,
      older: null,
      isLive: false,
      ...pictures
    } as const
    const forms = { homePath: '', publicBaseUrl: home, formToken: '' }
    const shown = (leftOut: number): string =>
      parseHtml(grantsPage(forms, { ...view, total: 1, leftOut }).html).text.replaceAll(/\s+/g, ' ')
    expect(shown(17)).toContain('17 older ones have left it, and are valid until they end.')
    expect(shown(0)).not.toContain('have left it')
  })
})

describe('the pages of grants', () => {
  it.each([
    ['that the user denied', 'denied'],
    ['that was ended before the consent', 'revoked']
  ])('do not say of a request %s that the app could do anything', async (_name, state) => {
    const answer = await simulatorHere()
    const browser = browserAt(answer)
    const launch = new URLSearchParams({ client_id: 'sample-app', launch_uri: `${home}/app/launch`, user: 'alice' })
    await browser.get(`/ehr/launch?${launch.toString()}`)
    const begun = await browser.get(authorizationAt(home))
    const waiting = textOf((await browser.get('/ehr/grants')).body)
    expect(waiting).toContain('waits for consent')
    const { address, page } = await newestGrant(browser)
    expect(textOf(page.body)).toMatch(/waits for consent .*What it requests.*Read and search/)
    const { action, hidden } = formOn(state === 'denied' ? await browser.get(locationOf(begun)) : page)
    expect((await browser.post(action, [...hidden, ['decision', 'deny']])).status).toBe(303)
    for (const { body } of [await browser.get('/ehr/grants'), await browser.get(address)])
      expect(textOf(body)).toMatch(new RegExp(`${state} .*What it requested, and did not get.*Read and search`))
  })

  it('say until when a grant can be renewed only if it can, and show its own last use and events alone', async () => {
    const online = await tokensAt(world.answer, home, 'openid user/Patient.rs')
    const { address, page } = await newestGrant(browserAt(world.answer))
    expect(textOf(page.body)).toContain('Access until')
    expect(textOf(page.body)).not.toContain('Renewal until')
    const before = parseHtml(page.body).querySelectorAll('.line').length
    await tokensAt(world.answer, home, 'openid offline_access user/Patient.rs')
    const after = await browserAt(world.answer).get(address)
    expect(parseHtml(after.body).querySelectorAll('.line')).toHaveLength(before)
    expect(await statusWith(home, online['access_token'])).toBe(200)
    const used = await browserAt(world.answer).get(address)
    expect(parseHtml(used.body).querySelectorAll('.line')).toHaveLength(before + 1)
  })

  it('say that the access ends before its renewal does, and of the last use what is known of this grant', async () => {
    await tokensAt(world.answer, home, 'openid offline_access user/Patient.rs')
    const text = textOf((await newestGrant(browserAt(world.answer))).page.body)
    const [, access = '', renewal = ''] = /Access until ?(\S+ \S+) UTC ?Renewal until ?(\S+ \S+) UTC/.exec(text) ?? []
    expect(access).not.toBe('')
    expect(access < renewal).toBe(true)
    const lines = [{ grantId: 'other', decision: 'AccessPermitted', at: 9 }] as unknown as ReadonlyArray<LogLine>
    expect([lastUseOf('this', lines, null), lastUseOf('this', lines, 5), lastUseOf('other', lines, 5)]).toEqual([
      null,
      5,
      9
    ])
  })

  it('take no form with two proofs', async () => {
    await tokensAt(world.answer, home)
    const browser = browserAt(world.answer)
    const { action, hidden } = formOn((await newestGrant(browser)).page)
    expect((await browser.post(action, [...hidden, ...hidden])).status).toBe(400)
    expect((await browser.post(action, hidden)).status).toBe(303)
  })

  it('answer 404 for an unknown grant, 405 for another method', async () => {
    expect((await world.answer(requestTo('GET', '/ehr/grants/unknown'))()).status).toBe(404)
    expect((await world.answer(requestTo('POST', '/ehr/grants', {}, []))()).status).toBe(405)
  })

  it('show a request that waits for its user, and renew themselves if the address says so', async () => {
    await browserAt(world.answer).get(
      `${home}/authorize?client_id=sample-app&redirect_uri=${encodeURIComponent(`${home}/app`)}&response_type=code` +
        `&scope=launch/patient&state=s&aud=${encodeURIComponent(`${home}/fhir`)}` +
        `&code_challenge=${'c'.repeat(43)}&code_challenge_method=S256`
    )
    const { body } = await browserAt(world.answer).get('/ehr/grants')
    const waiting = parseHtml(body)
      .querySelectorAll('main details')
      .find((one) => one.querySelector('.cards') !== null)
    expect(waiting?.querySelector('summary')?.text).toMatch(/^\d+ requests? that waits? for a user$/)
    expect(waiting?.querySelector('button')?.text).toMatch(/^End the request of Sample App, grant [\w-]{8}\.\.\.$/)
    const page = await browserAt(world.answer).get(waiting?.querySelector('h2 a')?.getAttribute('href') ?? '')
    expect(textOf(page.body)).toMatch(/waits for the sign-in .*What it requests/)
    const now = Date.now()
    const seconds = completePolicy({}).interactionLifetimeSeconds
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => now + (seconds + 1) * 1000)
    try {
      const late = await browserAt(world.answer).get(waiting?.querySelector('h2 a')?.getAttribute('href') ?? '')
      expect(textOf(late.body)).toMatch(/expired .*ended by time.*What it requested/)
      expect(formOn(late).hidden).toEqual([])
    } finally {
      clock.mockRestore()
    }
    expect((await world.answer(requestTo('GET', '/ehr/grants?live=1'))()).headers['refresh']).toBe('2')
    expect((await world.answer(requestTo('GET', '/ehr/grants'))()).headers['refresh']).toBeUndefined()
  })
})

describe.each(drawings.map((drawing) => [drawing.name, drawing] as const))('the picture of %s', (_name, drawing) => {
  it.each([...drawing.states, null])('has every state and transition once, and emphasizes %s', (present) => {
    const svg = parseHtml(machinePicture(drawing, present).html)
    const states = svg.querySelectorAll('[data-state]')
    expect(states.map((state) => state.getAttribute('data-state')).toSorted()).toEqual([...drawing.states].toSorted())
    expect(svg.querySelectorAll('.state.lit').map((state) => state.getAttribute('data-state'))).toEqual(
      present === null ? [] : [present]
    )
    const drawn = svg
      .querySelectorAll('.edge')
      .map((edge) => `${edge.getAttribute('data-from') ?? ''} ${edge.getAttribute('data-to') ?? ''}`)
    const edges = [...new Set(drawing.edges.map(({ from, to }) => `${from} ${to}`))]
    expect(drawn.toSorted()).toEqual(edges.toSorted())
    expect(machineLines(drawing).flatMap(({ events }) => events)).toHaveLength(drawing.edges.length)
    const lit = svg.querySelectorAll('.edge.lit').every((edge) => edge.getAttribute('data-from') === present)
    expect(lit).toBe(true)
  })

  it.each(drawing.states)('has the states that can follow %s, without itself', (state) => {
    const lit = parseHtml(machinePicture(drawing, state).html).querySelectorAll('.edge.lit:not(.same)')
    expect(nextStates(drawing, state)).toEqual(lit.map((edge) => edge.getAttribute('data-to')))
  })

  it('has boxes that do not overlap and are inside the picture', () => {
    const svg = parseHtml(machinePicture(drawing, null).html)
    const [, , width = 0, height = 0] = (svg.querySelector('svg')?.getAttribute('viewBox') ?? '').split(' ').map(Number)
    const boxes = svg.querySelectorAll('.state rect').map((rect) => ({
      x: Number(rect.getAttribute('x')),
      y: Number(rect.getAttribute('y')),
      right: Number(rect.getAttribute('x')) + Number(rect.getAttribute('width')),
      bottom: Number(rect.getAttribute('y')) + Number(rect.getAttribute('height'))
    }))
    boxes.forEach((one, place) => {
      expect(one.x >= 0 && one.y >= 0 && one.right <= width && one.bottom <= height).toBe(true)
      for (const other of boxes.slice(place + 1))
        expect(one.right <= other.x || other.right <= one.x || one.bottom <= other.y || other.bottom <= one.y).toBe(
          true
        )
    })
  })
})
