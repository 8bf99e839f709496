/**
 * The app as plain functions: launches, sessions and backend services.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { AppSigningKeys } from '../adapters/jose-app.js'
import { appPorts } from '../adapters/app-ports.js'
import type { FetchHttpOptions } from '../adapters/fetch/fetch-http.js'
import { backendService } from '../engine/app/backend-service.js'
import type { BackendSettings } from '../engine/app/backend-service.js'
import type {
  CurrentToken,
  LaunchBegun,
  SessionOpened,
  SessionTime,
  SignedOut,
  SmartApp,
  TokenRequestOptions
} from '../engine/app/context.js'
import type { AppPorts } from '../engine/app/ports.js'
import type { AppSettings } from '../engine/app/smart-app.js'
import { smartApp } from '../engine/app/smart-app.js'
import type { AppFailure } from '../protocol/app/failure.js'
import type { FhirRequest, FhirResponse, StreamedResponse } from '../protocol/app/fhir-request.js'
import type { CallbackRequest, LaunchRequest } from '../protocol/app/launch-state.js'
import { wrongRequestedScope } from '../engine/app/requested-scope.js'
import type { AssertionClaims } from '../protocol/app/requests.js'
import type { SessionFacts } from '../protocol/app/stored-app.js'
import type { Trust, TrustedServer } from '../protocol/app/trusted-server.js'
import { trustList } from '../protocol/app/trusted-server.js'
import type { PlainResponse } from '../protocol/http/message.js'
import type { OutgoingRequest } from '../protocol/http/outgoing-request.js'
import type { Jwk } from '../protocol/jwt/jwk.js'
import type { Digest } from '../values/secret.js'
import type { EpochSeconds } from '../values/time.js'
import { ownMembers } from '../values/own.js'
import { configurationError } from './configuration-error.js'
import { calling, engineStore } from './engine-ports.js'
import type { OptionNames } from './options-check.js'
import { unknownOptions, wrongAppOptions, wrongBackendOptions } from './options-check.js'
import type { PlainStore } from './ports.js'
import type { Awaitable, Result } from './result.js'
import { runResult } from './result.js'

/** Signing, verifying and digests, for apps that keep their key elsewhere. Others give `signingKey`. */
export interface PlainAppKeys {
  /** SHA-256 of the UTF-8 bytes, as base64url. */
  readonly digest: (text: string) => Awaitable<Digest>
  /**
   * Signs a client assertion with a key of the app whose algorithm the server lists: RS384 or ES384, `typ` JWT, with
   * the key id in `kid`. If the server lists none, `algorithms` is null, and any key serves.
   */
  readonly signAssertion: (claims: AssertionClaims, algorithms: ReadonlyArray<string> | null) => Awaitable<string>
  /** The algorithms of the app's keys, if they are known: a launch then ends before the browser leaves if none fits. */
  readonly algorithms?: ReadonlyArray<string>
  /** Whether the signature of a compact JWS is valid under a public key and algorithm. */
  readonly verifySignature: (key: Jwk, alg: string, text: string) => Awaitable<boolean>
}

/** The ports of an app. Each has a default. */
export interface PlainAppPorts extends FetchHttpOptions {
  /** Where launches and sessions are stored. Default: the memory of this process. */
  readonly store?: PlainStore
  /**
   * The key with which the app signs, or a list of keys, of which one with an algorithm that the server lists signs;
   * needed for `private_key_jwt`.
   */
  readonly signingKey?: AppSigningKeys
  /** In place of `signingKey`. */
  readonly keys?: PlainAppKeys
  /**
   * Sends an HTTP request. It must not follow redirects, send cookies or cache responses; it must limit their size and
   * have a timeout. Default: `fetch`.
   */
  readonly http?: (request: OutgoingRequest) => Awaitable<PlainResponse & { readonly bytes?: Uint8Array }>
  /**
   * Sends an HTTP request like `http`, and returns the body while it arrives. Default: `fetch`, or `http` if it is
   * given.
   */
  readonly sendStream?: (request: OutgoingRequest) => Awaitable<StreamedResponse>
  /** The time in whole seconds since the epoch. Default: the system clock. */
  readonly clock?: () => EpochSeconds
  /** 256 fresh random bits as 43 characters of base64url. Default: WebCrypto. */
  readonly random?: () => string
  /** Waits for the given number of milliseconds. Default: a timer. */
  readonly pause?: (milliseconds: number) => Awaitable<void>
}

/** The settings and ports of an app. */
export type SmartAppOptions = Omit<AppSettings, 'trust'> &
  PlainAppPorts & {
    /** The servers that the app trusts: a list, or a function. */
    readonly trust: Trust | ReadonlyArray<TrustedServer>
  }

/** The settings and ports of a backend service. */
export type BackendServiceOptions = BackendSettings & PlainAppPorts

/** An app. No promise rejects. */
export interface PlainSmartApp {
  /** Begins a launch: validates `iss`, performs discovery, and returns the redirect for the browser. */
  readonly launch: (request: LaunchRequest) => Promise<Result<LaunchBegun, AppFailure>>
  /**
   * Handles the redirect from the server, and opens the session. The same redirect in the same browser, loaded again,
   * leads to the same session; the code is sent once.
   */
  readonly callback: (request: CallbackRequest) => Promise<Result<SessionOpened, AppFailure>>
  /** A valid token. If it is about to expire, one of all concurrent callers refreshes it. */
  readonly accessToken: (sessionId: string, options?: TokenRequestOptions) => Promise<Result<CurrentToken, AppFailure>>
  /** The facts of the session: context, user, granted scope, and its comparison with the requested scope. */
  readonly session: (sessionId: string) => Promise<Result<SessionFacts, AppFailure>>
  /** How long the session and its token last. */
  readonly remaining: (sessionId: string) => Promise<Result<SessionTime, AppFailure>>
  /**
   * Sends a FHIR request with the session's token, only to URLs below the FHIR base URL. A read that the server answers
   * with `Retry-After` is repeated after that time, if it is at most `longestWaitSeconds`.
   */
  readonly fhir: (sessionId: string, request: FhirRequest) => Promise<Result<FhirResponse, AppFailure>>
  /** Like `fhir`, for bodies of any size: the body is read while it arrives. */
  readonly stream: (sessionId: string, request: FhirRequest) => Promise<Result<StreamedResponse, AppFailure>>
  /** Deletes the tokens, and revokes them at the server if it has a revocation endpoint. */
  readonly signOut: (sessionId: string) => Promise<Result<SignedOut, AppFailure>>
}

/** A backend service. No promise rejects. */
export interface PlainBackendService {
  /** The current token, or a new one if that is about to expire. */
  readonly accessToken: () => Promise<Result<CurrentToken, AppFailure>>
  /** Sends a FHIR request with a token, only to URLs below the FHIR base URL. */
  readonly fhir: (request: FhirRequest) => Promise<Result<FhirResponse, AppFailure>>
  /** Like `fhir`, for bodies of any size: the body is read while it arrives. */
  readonly stream: (request: FhirRequest) => Promise<Result<StreamedResponse, AppFailure>>
}

const portNames = {
  store: true,
  signingKey: true,
  keys: true,
  http: true,
  sendStream: true,
  clock: true,
  random: true,
  pause: true,
  timeoutMilliseconds: true,
  bodyLimitBytes: true
} satisfies Readonly<Record<keyof PlainAppPorts, true>>

const appOptionNames: OptionNames = {
  ...portNames,
  trust: true,
  scope: true,
  specVersion: true,
  acceptTextBooleans: true,
  launchLifetimeSeconds: true,
  sessionLifetimeSeconds: true,
  refreshAheadSeconds: true,
  clockSkewSeconds: true,
  idTokenAlgorithms: true,
  longestAddress: true,
  leaseSeconds: true,
  longestWaitSeconds: true
} satisfies Readonly<Record<keyof SmartAppOptions, true>>

const backendOptionNames: OptionNames = {
  ...portNames,
  server: true,
  scope: true,
  refreshAheadSeconds: true,
  retries: true,
  defaultLifetimeSeconds: true,
  longestWaitSeconds: true
} satisfies Readonly<Record<keyof BackendServiceOptions, true>>

const engineAppKeys = (keys: PlainAppKeys): AppPorts['keys'] => ({
  digest: (text) => async () => keys.digest(text),
  ...(keys.algorithms === undefined ? {} : { algorithms: keys.algorithms }),
  signAssertion: (claims, algorithms) => calling(() => keys.signAssertion(claims, algorithms)),
  verifySignature: (key, alg, text) => calling(() => keys.verifySignature(key, alg, text))
})

/** A host that sends requests itself sends those for streams too, or none. */
const streamOf = (
  standard: AppPorts['stream'],
  http: PlainAppPorts['http'],
  own: PlainAppPorts['sendStream']
): Pick<AppPorts, 'stream'> => {
  if (own !== undefined) return { stream: (request) => calling(() => own(request)) }
  return http === undefined && standard !== undefined ? { stream: standard } : {}
}

/** The engine's ports for the plain ports of an app. */
export const engineAppPorts = (given: PlainAppPorts): AppPorts => {
  const { clock, http, keys, pause, random, sendStream, signingKey, store, ...fetching } = ownMembers(given)
  const { stream, ...defaults } = appPorts({
    ...fetching,
    ...(store === undefined ? {} : { store: engineStore(store) }),
    ...(signingKey === undefined ? {} : { signingKey })
  })
  return {
    ...defaults,
    ...streamOf(stream, http, sendStream),
    ...(clock === undefined ? {} : { clock: { now: clock } }),
    ...(random === undefined ? {} : { random: { token: random } }),
    ...(http === undefined ? {} : { http: (request: OutgoingRequest) => calling(() => http(request)) }),
    ...(keys === undefined ? {} : { keys: engineAppKeys(keys) }),
    ...(pause === undefined
      ? {}
      : {
          pause: (milliseconds: number) => async () => {
            await pause(milliseconds)
          }
        })
  }
}

/** The engine's app for plain options; throws when they are wrong. */
export const engineApp = (called: string, options: SmartAppOptions): SmartApp => {
  const wrong = [...wrongAppOptions(options), ...unknownOptions(options, appOptionNames)]
  if (wrong.length > 0) throw configurationError(called, wrong)
  const { trust } = options
  const app = smartApp(
    { ...options, trust: typeof trust === 'function' ? trust : trustList(trust) },
    engineAppPorts(options)
  )
  if (Either.isLeft(app)) throw configurationError(called, app.left)
  return app.right
}

/** The plain form of an app. */
export const plainApp = (app: SmartApp): PlainSmartApp => ({
  launch: (request) => runResult(app.launch(request)),
  callback: (request) => runResult(app.callback(request)),
  accessToken: (sessionId, options) => runResult(app.accessToken(sessionId, options)),
  session: (sessionId) => runResult(app.session(sessionId)),
  remaining: (sessionId) => runResult(app.remaining(sessionId)),
  fhir: (sessionId, request) => runResult(app.fhir(sessionId, request)),
  stream: (sessionId, request) => runResult(app.stream(sessionId, request)),
  signOut: (sessionId) => runResult(app.signOut(sessionId))
})

/**
 * An app. Required are `trust` and `scope`. Throws one `SmartConfigurationError` that names every wrong option.
 *
 * @example
 * ```ts
 * import { createSmartApp } from 'smart-app-launch/app'
 *
 * const app = createSmartApp({
 *   trust: [
 *     {
 *       fhirBaseUrl: 'https://ehr.example/fhir',
 *       clientId: 'my-app',
 *       authentication: [{ method: 'none' }],
 *       redirectUri: 'https://app.example/cb'
 *     }
 *   ],
 *   scope: 'launch/patient openid fhirUser patient/*.rs'
 * })
 * await app.launch({ _tag: 'Standalone', iss: 'https://evil.example/fhir' })
 * // => { ok: false, failure: { _tag: 'IssNotTrusted', iss: 'https://evil.example/fhir' } }
 * ```
 */
export const createSmartApp = (options: SmartAppOptions): PlainSmartApp =>
  plainApp(engineApp('createSmartApp', options))

/**
 * A backend service that obtains its tokens with signed assertions and stores them until they are about to expire.
 * Required are `server`, `scope` and `signingKey` (or `keys`). Throws a `SmartConfigurationError` when options are
 * wrong.
 *
 * @example
 * ```ts no-run
 * import { createBackendService } from 'smart-app-launch/app'
 *
 * const { privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-384' }, false, ['sign'])
 * const service = createBackendService({
 *   server: {
 *     fhirBaseUrl: 'https://ehr.example/fhir',
 *     clientId: 'my-service',
 *     authentication: [{ method: 'private_key_jwt' }],
 *     redirectUri: ''
 *   },
 *   scope: 'system/*.rs',
 *   signingKey: { kid: '1', alg: 'ES384', key: privateKey }
 * })
 * const token = await service.accessToken()
 * if (!token.ok) console.error(token.failure)
 * ```
 */
export const createBackendService = (options: BackendServiceOptions): PlainBackendService => {
  const wrong = [...wrongBackendOptions(options), ...unknownOptions(options, backendOptionNames)]
  if (wrong.length > 0) throw configurationError('createBackendService', wrong)
  const wrongScopes = wrongRequestedScope(options.scope)
  if (wrongScopes.length > 0) throw configurationError('createBackendService', wrongScopes)
  const service = backendService(options, engineAppPorts(options))
  return {
    accessToken: () => runResult(service.accessToken),
    fhir: (request) => runResult(service.fhir(request)),
    stream: (request) => runResult(service.stream(request))
  }
}
