import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { expect } from 'vitest'
import { browserAt, formOn, requestTo, simulatorHere } from '../support/simulator/in-process.js'
import { decisionLog } from '../../src/simulator/log/log.js'
import { urlApps } from '../../src/simulator/log/url-apps.js'
import { shownRequest } from '../../src/simulator/log/shown-request.js'
import { memoryStore } from '../../src/adapters/stores/memory-store.js'
import { systemClock } from '../../src/adapters/system.js'
import { appListIn } from '../../src/simulator/store/app-list.js'
import { grantListIn } from '../../src/simulator/store/grant-list.js'
import { decodeSetting, encodeSetting } from '../../src/simulator/settings/setting.js'
import { keptIdComplaint, mayBeKept } from '../../src/simulator/launch/kept-id.js'
import { keptLatest } from '../../src/simulator/settings/setting-servers.js'
import type { ShownLimit } from './shown.js'
import { readConfig } from '../../src/simulator/config/config.js'
import { auditLine } from '../../src/cli/serve.js'
import { foreignText, foreignCode } from '../../src/host/html.js'
import { allPages } from '../../src/simulator/sample-app/paging.js'
import { limits } from '../../src/values/limits/limits.js'

const shortened = (text: string): Promise<string> =>
  Promise.resolve(text.includes('more characters') ? 'shortened' : 'within')

type Origin = 'page' | 'endpoint'

/** What happens to many apps of one origin on a list that has one of the other. */
const listedApps = async (count: number, from: Origin, other: Origin): Promise<string> => {
  const list = appListIn('s', memoryStore(systemClock))
  await list.add({ clientId: 'other', token: 'token', from: other })()
  for (let app = 0; app < count; app++) await list.add({ clientId: String(app), token: 'token', from })()
  const [all, unlisted] = [await list.all(), await list.unlisted()]
  const ids = Either.isRight(all) ? all.right.map(({ clientId }) => clientId) : []
  expect(ids).toContain('other')
  expect(unlisted).toEqual(Either.right(ids.includes('0') ? 0 : 1))
  return !ids.includes('0') ? 'the oldest left' : ids.length === count + 1 ? 'within' : 'full'
}

/** Whether the first of many removed names of one origin is known, beside one of the other. */
const removedNamesKnown = async (count: number, from: Origin, other: Origin): Promise<string> => {
  const list = appListIn('s', memoryStore(systemClock))
  const remove = async (clientId: string, origin: Origin): Promise<void> => {
    await list.add({ clientId, token: 'token', from: origin })()
    await list.remove(clientId, clientId)()
  }
  await remove('other', other)
  for (let app = 0; app < count; app++) await remove(String(app), from)
  const names = await list.removedNames()
  const ids = Either.isRight(names) ? [...names.right.keys()] : []
  expect(ids).toContain('other')
  return ids.includes('0') ? 'within' : 'forgotten'
}

/** The bounds on what the pages and the log of the simulator show of somebody else's text. */
export const simulatorLimits: ReadonlyArray<ShownLimit> = [
  {
    limit: 'simulatorUserName',
    run: (length) => {
      const users = [{ username: 'u'.repeat(length), password: 'p' }]
      return Promise.resolve(Either.isRight(readConfig(JSON.stringify({ users }))) ? 'within' : 'refused')
    },
    peerResponse: 'refused'
  },
  {
    limit: 'simulatorSetting',
    run: (length) => {
      const setting = decodeSetting('A'.repeat(length))
      return Promise.resolve(
        Either.isLeft(setting) && setting.left.expected.includes('characters') ? 'refused' : 'within'
      )
    },
    peerResponse: 'refused'
  },
  {
    limit: 'simulatorServers',
    run: (count) => {
      let built = 0
      const of = keptLatest(limits.simulatorServers.default, (key) => {
        built += 1
        return Either.right(key)
      })
      for (let server = 0; server < count; server++) of(String(server))
      of('0')
      return Promise.resolve(built > count ? 'built again' : 'within')
    },
    peerResponse: 'built again'
  },
  {
    limit: 'simulatorLog',
    run: (count) => {
      const config = readConfig('{}', 'http://127.0.0.1:4010')
      if (Either.isLeft(config)) return Promise.resolve('no configuration')
      let ids = 0
      const log = decisionLog(config.right, { next: () => String((ids += 1)), isOwn: () => true })
      const event = { at: 0, decision: 'TokensIssued', clientId: null, grantId: null, refusal: null } as const
      for (let line = 0; line < count; line++) log.record(event)
      return Promise.resolve(log.lines().at(-1)?.id === '1' ? 'within' : 'forgotten')
    },
    peerResponse: 'forgotten'
  },
  {
    limit: 'simulatorLogParameters',
    run: (count) => {
      const query = Array.from({ length: count }, (_, place) => `p${String(place)}=x`).join('&')
      const { request } = shownRequest({ method: 'GET', path: '/authorize', query, headers: {}, body: '' }, false)
      return Promise.resolve(request.leftOut === 0 ? 'within' : 'left out')
    },
    peerResponse: 'left out'
  },
  {
    limit: 'sampleAppPages',
    run: async (count) => {
      const pageAt = (page: number): object =>
        page < count ? { link: [{ relation: 'next', url: String(page + 1) }] } : {}
      const { hasMore } = await allPages((url) => Promise.resolve(pageAt(Number(url))), '1')
      return hasMore ? 'says that there is more' : 'within'
    },
    peerResponse: 'says that there is more'
  },
  { limit: 'simulatorApps', run: (count) => listedApps(count, 'page', 'endpoint'), peerResponse: 'full' },
  {
    limit: 'simulatorKeptId',
    run: (length) => {
      const facts = { config: { clients: [], introspectionClients: [] }, registered: [], hasUnlistedGrants: false }
      const complaint = keptIdComplaint({ clientId: 'x'.repeat(length), ...facts })
      expect(complaint === null).toBe(mayBeKept('x'.repeat(length)))
      return Promise.resolve(complaint?.includes('expected 1 to') === true ? 'refused' : 'within')
    },
    peerResponse: 'refused'
  },
  {
    limit: 'simulatorOpenApps',
    run: (count) => listedApps(count, 'endpoint', 'page'),
    peerResponse: 'the oldest left'
  },
  {
    limit: 'simulatorRemovedApps',
    run: (count) => removedNamesKnown(count, 'page', 'endpoint'),
    peerResponse: 'forgotten'
  },
  {
    limit: 'simulatorRemovedApps',
    at: 'registered by themselves',
    run: (count) => removedNamesKnown(count, 'endpoint', 'page'),
    peerResponse: 'forgotten'
  },
  {
    limit: 'simulatorPageRegistrations',
    run: async (count) => {
      const answer = await simulatorHere({ registration: 'open' })
      const body = JSON.stringify({ redirect_uris: ['https://app.example/'], token_endpoint_auth_method: 'none' })
      const headers = { 'content-type': 'application/json' }
      for (let other = 0; other < limits.registrationsPerHour.default; other++)
        await answer({ ...requestTo('POST', '/register', headers), body })()
      expect((await answer({ ...requestTo('POST', '/register', headers), body })()).status).toBe(429)
      const browser = browserAt(answer)
      const { action, hidden } = formOn(await browser.get('/ehr/apps/new'))
      const form = [...hidden, ['redirect_uris', 'https://app.example/']] as const
      const pages: Array<number> = []
      for (let app = 0; app < count; app++) pages.push((await browser.post(action, form)).status)
      return pages.every((status) => status === 303) ? 'within' : String(pages.at(-1))
    },
    peerResponse: '400'
  },
  {
    limit: 'simulatorUrlApps',
    run: (count) => {
      const publicBaseUrl = 'http://127.0.0.1:4010'
      const issuers = Array.from({ length: count }, (_, place) => {
        const app = { client_id: `app-${String(place)}`, redirect_uris: ['http://127.0.0.1:4567/'] }
        return `${publicBaseUrl}/sim/${encodeSetting({ app })}`
      })
      return Promise.resolve(urlApps({ publicBaseUrl, policy: {} }, [], issuers).length < count ? 'left out' : 'within')
    },
    peerResponse: 'left out'
  },
  ...(['simulatorGrants', 'simulatorEndedGrants', 'simulatorWaitingGrants'] as const).map((limit): ShownLimit => ({
    limit,
    run: async (count) => {
      const { all, store } = grantListIn('s', memoryStore(systemClock))
      const write = async (id: number, state: string) => {
        const key = `grant:s ${String(id)}`
        const found = await store.load(key)()
        const before = Either.isRight(found) && Option.isSome(found.right) ? found.right.value : null
        const version = Option.fromNullable(before?.version)
        await store.swap(key, version, JSON.stringify({ _tag: state, id }), Number.MAX_SAFE_INTEGER)()
      }
      for (let grant = 0; grant < count; grant++) {
        await write(grant, limit === 'simulatorWaitingGrants' ? 'AwaitingUser' : 'CodeIssued')
        if (limit === 'simulatorEndedGrants') await write(grant, 'Revoked')
      }
      return (await all()).grants[0]?.text.includes('"id":0') === true ? 'within' : 'the oldest left'
    },
    peerResponse: 'the oldest left'
  })),
  {
    limit: 'shownText',
    at: 'pages',
    run: (size) => shortened(foreignText('x'.repeat(size)).html),
    peerResponse: 'shortened'
  },
  { limit: 'shownScope', run: (size) => shortened(foreignCode('x'.repeat(size)).html), peerResponse: 'shortened' },
  {
    limit: 'shownDetail',
    // Two quotation marks stand around a text.
    run: (size) =>
      shortened(
        auditLine({
          at: 0,
          decision: 'Refused',
          clientId: null,
          grantId: null,
          refusal: { _tag: 'ResourceNotServed', resource: 'x'.repeat(size - 2) }
        })
      ),
    peerResponse: 'shortened'
  }
]
