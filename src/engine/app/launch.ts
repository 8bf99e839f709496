/**
 * Runs an app's launch against its ports.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as Task from 'fp-ts/lib/Task.js'
import type * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { SmartApp } from './context.js'
import type { AppPorts } from './ports.js'
import { changeRecord, loadState, openRecord } from '../compare-and-swap.js'
import type { Handlers } from '../run.js'
import { run } from '../run.js'
import { appLaunchMachine, beginCallback, beginLaunch } from '../../protocol/app/launch.js'
import type {
  AppLaunchCommand,
  AppLaunchEvent,
  AppLaunchSettings,
  CallbackRequest,
  LaunchRequest
} from '../../protocol/app/launch-state.js'
import { pendingLaunchMachine } from '../../protocol/app/pending-launch.js'
import type { AppFailure } from '../../protocol/app/failure.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import type { StoredSession } from '../../protocol/app/stored-app.js'
import { StoredLaunchCodec } from '../../protocol/app/stored-app.js'
import { textOf } from '../../values/json.js'
import type { LaunchBegun, SessionOpened } from './context.js'
import { sendTo, signWith, sessionKeyOf, failureOf, orHostUnavailable } from './context.js'

/** The PKCE verifier of a launch: 256 bits, derived from the secret launch id. */
const verifierOf = ({ keys }: AppPorts, launchId: string): Task.Task<string> => keys.digest(`code_verifier ${launchId}`)

const launchKeyOf = ({ keys }: AppPorts, launchId: string): Task.Task<string> =>
  pipe(
    keys.digest(`launch ${launchId}`),
    Task.map((digest) => `app-launch:${digest}`)
  )

const storeUnavailable: AppLaunchEvent = { _tag: 'StoreUnavailable' }
const alreadyUsed: AppLaunchEvent = { _tag: 'LaunchAlreadyUsed' }

const handlersOf = (settings: AppLaunchSettings, ports: AppPorts): Handlers<AppLaunchEvent, AppLaunchCommand> => {
  const load = loadState(ports.store, StoredLaunchCodec)
  // On a lost swap another request has used the launch. If the result of a write is unknown, the launch fails and the
  // user starts again.
  const change = changeRecord(ports.store, StoredLaunchCodec, pendingLaunchMachine, { tries: 1, recognizesOwn: false })
  const open = openRecord(ports.store)
  const opened = (tag: 'LaunchSaved' | 'SessionSaved') =>
    Task.map((answer: Either.Either<Refusal, 'opened'>): AppLaunchEvent =>
      Either.isLeft(answer) ? storeUnavailable : { _tag: tag }
    )
  const spend =
    (launchId: string, writeId: string): Task.Task<AppLaunchEvent> =>
    async () => {
      const changed = await change(await launchKeyOf(ports, launchId)(), { _tag: 'BrowserReturned', writeId })()
      if (Either.isLeft(changed)) return changed.left._tag === 'StoreContended' ? alreadyUsed : storeUnavailable
      return changed.right._tag === 'Changed' && changed.right.command?._tag === 'ExchangeCode'
        ? { _tag: 'LaunchUsed', codeVerifier: await verifierOf(ports, launchId)() }
        : alreadyUsed
    }
  return {
    Send: sendTo(ports),
    DeriveVerifier:
      ({ launchId, state }) =>
      async () => {
        const codeChallenge = await ports.keys.digest(await verifierOf(ports, launchId)())()
        return { _tag: 'VerifierDerived', codeChallenge, stateDigest: await ports.keys.digest(state)() }
      },
    SaveLaunch: ({ launchId, launch }) =>
      pipe(
        launchKeyOf(ports, launchId),
        Task.chain((key) => open(key, launch)),
        opened('LaunchSaved')
      ),
    FindLaunch:
      ({ launchId, state }) =>
      async () => {
        const stateDigest = await ports.keys.digest(state)()
        const found = await load(await launchKeyOf(ports, launchId)())()
        if (Either.isLeft(found)) return storeUnavailable
        return Option.isNone(found.right)
          ? { _tag: 'LaunchNotFound' }
          : { _tag: 'LaunchFound', launch: found.right.value.state, stateDigest }
      },
    SpendLaunch: ({ launchId, writeId }) => spend(launchId, writeId),
    SignAssertion: signWith(ports),
    VerifyIdToken:
      ({ key, idToken, accessToken }) =>
      async () => {
        const fits =
          key === null
            ? Either.right(false)
            : await ports.keys.verifySignature(key, textOf(idToken.header['alg']), idToken.text)()
        if (Either.isLeft(fits)) return { _tag: 'KeysUnavailable', reason: fits.left.reason }
        return { _tag: 'SignatureChecked', fits: fits.right, accessTokenDigest: await ports.keys.digest(accessToken)() }
      },
    OpenSession: ({ sessionId, facts, tokens, fresh }) => {
      const session: StoredSession = {
        _tag: 'Fresh',
        writeId: fresh.writeId,
        recordExpiresAt: fresh.now + settings.sessionLifetimeSeconds,
        facts,
        tokens
      }
      return pipe(
        sessionKeyOf(ports, sessionId),
        Task.chain((key) => open(key, session)),
        opened('SessionSaved')
      )
    }
  }
}

/** Begins a launch, and handles the redirect back from the server. */
export const appLaunch = (settings: AppLaunchSettings, ports: AppPorts): Pick<SmartApp, 'launch' | 'callback'> => {
  const machine = appLaunchMachine(settings)
  const handlers = handlersOf(settings, ports)
  // The steps before and after the redirect are two runs of the machine, each with its own final states.
  const performLaunch = run({ ...machine, final: ['Redirecting', 'Failed'] as const }, handlers)
  const performCallback = run({ ...machine, final: ['Ready', 'Failed'] as const }, handlers)
  const { clock, random } = ports
  return {
    launch: (request: LaunchRequest): TaskEither.TaskEither<AppFailure, LaunchBegun> =>
      orHostUnavailable(async () => {
        const fresh = {
          now: clock.now(),
          launchId: random.token(),
          state: random.token(),
          nonce: random.token(),
          writeId: random.token()
        }
        const ended = await performLaunch(beginLaunch(settings, request, fresh))()
        if (Either.isLeft(ended)) return Either.left(failureOf(ended.left))
        const state = ended.right
        return state._tag === 'Redirecting'
          ? Either.right({ launchId: state.launchId, redirect: state.redirect })
          : Either.left(state.failure)
      }),
    callback: (request: CallbackRequest): TaskEither.TaskEither<AppFailure, SessionOpened> =>
      orHostUnavailable(async () => {
        const fresh = { now: clock.now(), sessionId: random.token(), writeId: random.token() }
        const ended = await performCallback(beginCallback(request, fresh))()
        if (Either.isLeft(ended)) return Either.left(failureOf(ended.left))
        const state = ended.right
        return state._tag === 'Ready'
          ? Either.right({ sessionId: state.sessionId, facts: state.facts })
          : Either.left(state.failure)
      })
  }
}
