import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { backendOf } from '../support/app/client-trace.js'
import { begin, complete, consent, good, newParties } from '../support/app/parties.js'
import { failureAt, ordinaryEntry } from '../support/app/vendor-server.js'
import { codePresented, opened, policy, sha256 } from '../support/machines/samples.js'
import { fhirBaseUrl } from '../support/server-fixture.js'
import type { ShownLimit } from './shown.js'
import { memoryStore } from '../../src/adapters/stores/memory-store.js'
import { backendService } from '../../src/engine/app/backend-service.js'
import { defaultAppSettings } from '../../src/engine/app/smart-app.js'
import { changeRecord } from '../../src/engine/compare-and-swap.js'
import { json } from '../../src/protocol/http/message.js'
import { grantMachine } from '../../src/protocol/grant/grant.js'
import type { Redirect } from '../../src/protocol/app/requests.js'
import { redirectTo } from '../../src/protocol/app/requests.js'
import type { LaunchContext } from '../../src/protocol/launch/launch-context.js'
import { checkContext } from '../../src/protocol/launch/launch-context-rules.js'
import type { CodeIssued } from '../../src/protocol/grant/state.js'
import { GrantCodec } from '../../src/protocol/grant/state.js'

const response = (context: LaunchContext): Promise<string> => {
  const checked = checkContext('2.2.0', context)
  return Promise.resolve(Either.isRight(checked) ? 'within' : checked.left._tag)
}

const contextInvalid = 'LaunchContextInvalid'

/** A value with so many levels of lists. */
const nested = (levels: number): unknown => Array.from({ length: levels }).reduce<unknown>((inner) => [inner], 1)

const issued: CodeIssued = {
  _tag: 'CodeIssued',
  grantId: 'grant-1',
  clientId: 'app',
  clientType: opened.clientType,
  writeId: 'before',
  recordExpiresAt: 9000,
  redirectUri: opened.redirectUri,
  scope: 'openid',
  audience: opened.audience,
  codeChallenge: opened.codeChallenge,
  codeDigest: sha256('code'),
  nonce: null,
  user: { sub: 'alice', fhirUser: null, authTime: 0 },
  context: {},
  refresh: 'none',
  endsAt: 9000,
  codeExpiresAt: 1060
}

/** The bounds of apps, of launch contexts, and of changes to records. */
export const appLimits: ReadonlyArray<ShownLimit> = [
  {
    limit: 'callbackLaunches',
    run: async (size) => {
      const parties = newParties()
      const { launchId, query } = await begin(parties)
      const others = Array.from({ length: size - 1 }, (_, place) => `launch ${String(place)}`)
      const ended = await parties.app.callback({
        launchIds: [...others, launchId],
        query: await consent(parties.fixture, query)
      })()
      return Either.isRight(ended) ? 'within' : ended.left._tag
    },
    peerResponse: 'StateDiffers'
  },
  {
    limit: 'authorizationAddress',
    peerResponse: 'Post',
    run: (size) => {
      const facts = {
        clientId: 'a',
        redirectUri: 'https://app.example/cb',
        launch: null,
        scope: 'openid',
        state: 's',
        audience: fhirBaseUrl,
        codeChallenge: 'c',
        nonce: null
      }
      const { longestAddress } = defaultAppSettings
      const addressOf = (state: string): Redirect =>
        redirectTo('https://ehr.example/authorize', { ...facts, state }, true, longestAddress)
      const shortest = addressOf('')
      const redirect = addressOf('s'.repeat(size - (shortest._tag === 'Get' ? shortest.url.length : 0)))
      return Promise.resolve(redirect._tag === 'Get' ? 'within' : redirect._tag)
    }
  },
  {
    limit: 'discoveryRedirects',
    run: async (size) => {
      const respond = ({ url }: { readonly url: string }) => {
        const redirects = Number(/\?n=(\d+)$/.exec(url)?.[1] ?? 0)
        if (!url.includes('smart-configuration') || redirects >= size) return undefined
        const path = '/fhir/.well-known/smart-configuration'
        return json(302, {}, { location: redirects + 1 === size ? path : `${path}?n=${String(redirects + 1)}` })
      }
      let isBack = false
      const failure = await failureAt(
        { ...ordinaryEntry, tolerances: { discoveryRedirects: true } },
        {
          respond: (request) => {
            if (isBack) return undefined
            const response = respond(request)
            isBack = response?.headers['location'] === '/fhir/.well-known/smart-configuration'
            return response
          }
        }
      )
      return failure === null ? 'within' : failure._tag
    },
    peerResponse: 'DiscoveryRedirected'
  },
  {
    limit: 'keyFetches',
    run: async (size) => {
      let fetches = 0
      const failure = await failureAt(ordinaryEntry, {
        respond: ({ url }) => {
          if (!url.endsWith('/keys')) return undefined
          fetches += 1
          return fetches < size ? json(200, { keys: [] }) : undefined
        }
      })
      return failure === null ? 'within' : failure._tag
    },
    peerResponse: 'IdTokenKeyUnknown'
  },
  {
    limit: 'launchData',
    run: async (size) => {
      const data = 'x'.repeat(size - 2)
      const begun = await newParties().app.launch({ _tag: 'Standalone', iss: fhirBaseUrl, data })()
      return Either.isRight(begun) ? 'within' : begun.left._tag
    },
    peerResponse: 'LaunchDataUnusable'
  },
  {
    limit: 'sessionPolls',
    run: async (size) => {
      // The first callback opens the session while the second one pauses for the given time.
      let open: () => void = () => undefined
      let pauses = 0
      const parties = newParties()
      const { load, swap } = parties.ports.store
      const slow = newParties({
        ports: {
          ...parties.ports,
          pause: () => () => {
            pauses += 1
            if (pauses === size) open()
            return new Promise((resolve) => {
              setImmediate(resolve)
            })
          },
          store: {
            load,
            swap: (key, expected, text, expiresAt) => async () => {
              if (key.startsWith('app-session:'))
                await new Promise<void>((resolve) => {
                  open = resolve
                })
              return swap(key, expected, text, expiresAt)()
            }
          }
        }
      })
      const { launchId, query } = await begin(parties)
      const back = { launchIds: [launchId], query: await consent(parties.fixture, query) }
      const first = slow.app.callback(back)()
      const second = await slow.app.callback(back)()
      open()
      await first
      return Either.isRight(second) ? 'within' : second.left._tag
    },
    peerResponse: 'StateUsed'
  },
  {
    limit: 'appWait',
    run: async (size) => {
      let refusals = 1
      const parties = newParties({
        tamper: ({ method, url }, answer) =>
          method === 'GET' && url.endsWith('/Patient') && refusals-- > 0
            ? json(429, {}, { 'retry-after': String(size) })
            : answer
      })
      const read = good(await parties.app.fhir(await complete(parties), { url: 'Patient' })())
      return read.status === 200 ? 'within' : String(read.status)
    },
    peerResponse: '429'
  },
  {
    limit: 'retryAfter',
    run: async (size) => {
      let refusals = 1
      const parties = newParties({
        tamper: ({ url }, answer) =>
          url.endsWith('/token') && refusals-- > 0 ? json(429, {}, { 'retry-after': String(size) }) : answer
      })
      const token = await backendOf(parties).accessToken()
      return Either.isRight(token) ? 'within' : token.left._tag
    },
    peerResponse: 'ServerBusy'
  },
  {
    limit: 'busyRepeats',
    run: async (size) => {
      let refusals = size
      const parties = newParties({
        tamper: ({ method, url }, answer) =>
          method === 'GET' && url.endsWith('/Patient') && refusals-- > 0
            ? json(429, {}, { 'retry-after': '1' })
            : answer
      })
      const read = good(await parties.app.fhir(await complete(parties), { url: 'Patient' })())
      return read.status === 200 ? 'within' : String(read.status)
    },
    peerResponse: '429'
  },
  {
    limit: 'sessionWrites',
    run: async (size) => {
      let failures = 0
      const parties = newParties()
      const { load, swap } = parties.ports.store
      const shaky = newParties({
        ports: {
          ...parties.ports,
          store: {
            load,
            swap: (key, expected, text, expiresAt) =>
              text.includes('"_tag":"Fresh"') && failures-- > 0
                ? TaskEither.left({ _tag: 'Unavailable', applied: 'no' })
                : swap(key, expected, text, expiresAt)
          }
        }
      })
      const { launchId, query } = await begin(parties)
      const back = { launchIds: [launchId], query: await consent(parties.fixture, query) }
      const { sessionId } = good(await shaky.app.callback(back)())
      parties.fixture.clock.now += 3601
      failures = size - 1
      const token = await shaky.app.accessToken(sessionId)()
      return Either.isRight(token) ? 'within' : token.left._tag
    },
    peerResponse: 'StoreUnavailable'
  },
  {
    limit: 'servicePause',
    // The number of the pauses: each is twice as long as the one before, up to the bound.
    sizes: [3, 4],
    run: async (size) => {
      const pauses: Array<number> = []
      const { ports } = newParties({ tamper: () => null })
      const backend = backendService(
        {
          server: {
            fhirBaseUrl,
            clientId: 'the-backend',
            authentication: [{ method: 'private_key_jwt' }],
            redirectUri: ''
          },
          scope: 'system/*.rs',
          retries: size
        },
        {
          ...ports,
          pause: (milliseconds) => () => {
            pauses.push(milliseconds)
            return Promise.resolve()
          }
        }
      )
      await backend.accessToken()
      const [last = 0, before = 0] = pauses.toReversed()
      return last === 2 * before ? 'within' : `${String(last)} after ${String(before)}`
    },
    peerResponse: '2000 after 2000'
  },
  {
    limit: 'recordChanges',
    run: async (size) => {
      const memory = memoryStore({ now: () => 1000 })
      await memory.swap('grant', Option.none, JSON.stringify(issued), 9000)()
      let losses = size - 1
      const store = {
        load: memory.load,
        swap: (...write: Parameters<typeof memory.swap>) =>
          losses-- > 0 ? TaskEither.right('lost' as const) : memory.swap(...write)
      }
      const changed = await changeRecord(store, GrantCodec, grantMachine(policy))('grant', codePresented())()
      return Either.isRight(changed) ? 'within' : changed.left._tag
    },
    peerResponse: 'StoreContended'
  },
  {
    limit: 'contextEntries',
    peerResponse: contextInvalid,
    run: (size) => response({ fhirContext: Array.from({ length: size }, () => ({ reference: 'ImagingStudy/1' })) })
  },
  {
    limit: 'contextText',
    at: 'intent',
    peerResponse: contextInvalid,
    run: (size) => response({ intent: 'x'.repeat(size) })
  },
  {
    limit: 'contextText',
    at: 'tenant',
    peerResponse: contextInvalid,
    run: (size) => response({ tenant: 'x'.repeat(size) })
  },
  {
    // The context, `extensions` and the text count one each, and the names as many as they have characters.
    limit: 'contextSize',
    peerResponse: contextInvalid,
    run: (size) => response({ extensions: { __x: 'x'.repeat(size - 3 - 'extensions'.length - '__x'.length) } })
  },
  {
    limit: 'contextDepth',
    peerResponse: contextInvalid,
    run: (size) => response({ extensions: { __x: nested(size - 2) } })
  }
]
