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
import { appLaunchMachine, beginCallback, beginLaunch, serverOfLaunch } from '../../protocol/app/launch.js'
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
import type { StoredSession, UsedAppLaunch } from '../../protocol/app/stored-app.js'
import { StoredLaunchCodec, StoredSessionCodec } from '../../protocol/app/stored-app.js'
import { parseJson, textOf } from '../../values/json.js'
import { limits } from '../../values/limits/limits.js'
import type { Digest } from '../../values/secret.js'
import { sameDigest } from '../../values/secret.js'
import { hasPassed } from '../../values/time.js'
import { thrownReason } from '../validated-ports.js'
import type { LaunchBegun, SessionOpened } from './context.js'
import { failureOf, handleOf, orHostUnavailable, sendTo, sessionKeyOf, signWith } from './context.js'
import { ownMember } from '../../values/own.js'

/** The PKCE verifier of a launch: 256 bits, derived from the secret launch id. */
const verifierOf = ({ keys }: AppPorts, launchId: string): Task.Task<string> => keys.digest(`code_verifier ${launchId}`)

const launchKeyOf = ({ keys }: AppPorts, launchId: string): Task.Task<string> =>
  pipe(
    keys.digest(`launch ${launchId}`),
    Task.map((digest) => `app-launch:${digest}`)
  )

/** The digest of a code in the record of a used launch. */
const codeDigestOf = ({ keys }: AppPorts, code: string): Task.Task<Digest> => keys.digest(`code ${code}`)

/**
 * The id of the session that a launch opens: 256 bits, derived from the launch id, which only the browser has, from the
 * code, which only the redirect had, and from a random value in the record. Who lacks one of them cannot derive it.
 */
const sessionIdOf = ({ keys }: AppPorts, launchId: string, code: string, writeId: string): Task.Task<string> =>
  keys.digest(`session id ${JSON.stringify([launchId, code, writeId])}`)

/** How long the callback that used a launch may take to open its session, and how often another one looks for it. */
const openingSeconds = 20
const pollMilliseconds = 250

/** The app's own data as JSON. */
const dataOf = (request: LaunchRequest): Either.Either<AppFailure, unknown> => {
  const data: unknown = ownMember(request, 'data')
  if (data === undefined) return Either.right(null)
  const text = Either.tryCatch(
    () => JSON.stringify(data) as string | undefined,
    (error): AppFailure => ({ _tag: 'LaunchDataUnusable', reason: thrownReason(error) })
  )
  if (Either.isLeft(text)) return text
  if (text.right === undefined) return Either.left({ _tag: 'LaunchDataUnusable', reason: 'no value of JSON' })
  return text.right.length > limits.launchData.default
    ? Either.left({ _tag: 'LaunchDataUnusable', reason: `${String(text.right.length)} characters` })
    : Either.right(Option.toNullable(parseJson(text.right)))
}

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
  const loadSession = loadState(ports.store, StoredSessionCodec)
  const spend =
    (launchId: string, writeId: string, code: string | null): Task.Task<AppLaunchEvent> =>
    async () => {
      const codeDigest = code === null ? null : await codeDigestOf(ports, code)()
      const event = { _tag: 'BrowserReturned' as const, writeId, codeDigest, now: ports.clock.now() }
      const changed = await change(await launchKeyOf(ports, launchId)(), event)()
      if (Either.isLeft(changed)) return changed.left._tag === 'StoreContended' ? alreadyUsed : storeUnavailable
      if (changed.right._tag === 'NotFound' || changed.right.command?._tag !== 'ExchangeCode') return alreadyUsed
      const sessionId = await sessionIdOf(ports, launchId, code ?? '', writeId)()
      return { _tag: 'LaunchUsed', codeVerifier: await verifierOf(ports, launchId)(), sessionId }
    }
  /** The session of a used launch. While the first callback may still be opening it, this one waits. */
  const findSession =
    (launchId: string, code: string, used: UsedAppLaunch): Task.Task<AppLaunchEvent> =>
    async () => {
      const isSame = sameDigest(used.codeDigest ?? '', await codeDigestOf(ports, code)())
      if (!isSame) return { _tag: 'SessionNotFound' }
      const sessionId = await sessionIdOf(ports, launchId, code, used.writeId)()
      const key = await sessionKeyOf(ports, sessionId)()
      for (let polls = 0; ; polls += 1) {
        const found = await loadSession(key)()
        if (Either.isLeft(found)) return storeUnavailable
        if (Option.isSome(found.right)) {
          const { state } = found.right.value
          return state._tag === 'Lost'
            ? { _tag: 'SessionNotFound' }
            : { _tag: 'SessionFound', sessionId, facts: state.facts }
        }
        if (hasPassed((used.usedAt ?? 0) + openingSeconds, ports.clock.now()) || polls >= limits.sessionPolls.default)
          return { _tag: 'SessionNotFound' }
        await ports.pause(pollMilliseconds)()
      }
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
    SpendLaunch: ({ launchId, writeId, code }) => spend(launchId, writeId, code),
    FindSession: ({ launchId, code, used }) => findSession(launchId, code, used),
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
export const appLaunch = (
  settings: AppLaunchSettings,
  ports: AppPorts
): Pick<SmartApp, 'launch' | 'callback' | 'serverOf'> => {
  const machine = appLaunchMachine(settings)
  const handlers = handlersOf(settings, ports)
  // The steps before and after the redirect are two runs of the machine, each with its own final states.
  const performLaunch = run({ ...machine, final: ['Redirecting', 'Failed'] as const }, handlers)
  const performCallback = run({ ...machine, final: ['Ready', 'Failed'] as const }, handlers)
  const { clock, random } = ports
  return {
    launch: (request: LaunchRequest): TaskEither.TaskEither<AppFailure, LaunchBegun> =>
      orHostUnavailable(async () => {
        const data = dataOf(request)
        if (Either.isLeft(data)) return data
        const launchId = random.token()
        const handle = await handleOf(ports, launchId)()
        const fresh = {
          now: clock.now(),
          launchId,
          state: random.token(),
          nonce: random.token(),
          writeId: random.token(),
          handle,
          algorithms: ports.keys.algorithms ?? null
        }
        const ended = await performLaunch(beginLaunch(settings, { ...request, data: data.right }, fresh))()
        if (Either.isLeft(ended)) return Either.left(failureOf(ended.left))
        const state = ended.right
        return state._tag === 'Redirecting'
          ? Either.right({ launchId: state.launchId, handle, redirect: state.redirect })
          : Either.left(state.failure)
      }),
    callback: (request: CallbackRequest): TaskEither.TaskEither<AppFailure, SessionOpened> =>
      orHostUnavailable(async () => {
        const fresh = { now: clock.now(), writeId: random.token() }
        const ended = await performCallback(beginCallback(request, fresh))()
        if (Either.isLeft(ended)) return Either.left(failureOf(ended.left))
        const state = ended.right
        if (state._tag === 'Failed') return Either.left(state.failure)
        const { facts, launchId, sessionId } = state
        return Either.right({ sessionId, launchId, handle: await handleOf(ports, launchId)(), facts })
      }),
    serverOf: (request) =>
      Either.flatten(
        Either.tryCatch(
          () => serverOfLaunch(settings, request),
          (error): AppFailure => ({ _tag: 'HostUnavailable', reason: thrownReason(error) })
        )
      )
  }
}
