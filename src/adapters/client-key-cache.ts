/**
 * Keys that clients publish by URL: fetched when needed, cached as long as the response allows, with one request at a
 * time for each URL.
 *
 * The caller supplies the function that fetches a document, so this module works on every platform. `adapters/node` has
 * one that is safe for untrusted addresses ({@link DocumentFetch}). Source: client-confidential-asymmetric,
 * "Registering a client" (caching of a JWK Set); RFC 9111, section 5.2.2.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type { ClientKeys, Clock, PortError } from '../engine/ports.js'
import { messageOf } from './error-message.js'
import { portUnavailable } from '../engine/ports.js'
import type { Jwk } from '../protocol/jwt/jwk.js'
import { keptKeys, readJwks } from '../protocol/jwt/jwk.js'
import { parseJson, sizeWithin } from '../values/json.js'
import { limits } from '../values/limits/limits.js'
import type { EpochSeconds } from '../values/time.js'
import { ownMembers } from '../values/own.js'

/** A fetched document. */
export interface FetchedDocument {
  readonly status: number
  /** The value of the header field Cache-Control; null if absent. */
  readonly cacheControl: string | null
  /**
   * The value of the header field Age, in seconds: how long a cache on the way has stored the document. Default: 0.
   */
  readonly ageSeconds?: number
  readonly body: string
}

/**
 * Fetches a JSON document by GET. It rejects when there is no response. It must follow no redirect, send no cookie, and
 * have a short timeout; when the signal is aborted it must stop at once, because no client waits for the document.
 */
export type DocumentFetch = (url: string, signal?: AbortSignal) => Promise<FetchedDocument>

/** How long keys are cached, in seconds. */
export interface ClientKeysOptions {
  /** Used when the response gives no lifetime. */
  readonly defaultTtlSeconds: number
  /** The upper bound for the lifetime that a response gives. Default: an hour. */
  readonly longestTtlSeconds?: number
  /** The minimum time between two requests for one URL that are caused by a missing key. Default: a minute. */
  readonly refetchIntervalSeconds?: number
  /** The maximum number of cached URLs. Default: 1000. */
  readonly urlLimit?: number
}

/** The number of seconds for which a response may be cached. */
const lifetimeOf = (cacheControl: string | null, defaultValue: number, longest: number): number => {
  if (cacheControl === null) return Math.min(defaultValue, longest)
  if (/(?:^|[,\s])(?:no-store|no-cache)(?:$|[,\s=])/i.test(cacheControl)) return 0
  const [, seconds] = /(?:^|[,\s])max-age="?([0-9]+)"?(?:$|[,\s])/i.exec(cacheControl) ?? []
  // A max-age that is not a number of seconds makes the response stale (RFC 9111, section 4.2.1).
  if (seconds === undefined) return /max-age/i.test(cacheControl) ? 0 : Math.min(defaultValue, longest)
  return Math.min(Number(seconds), longest)
}

type Keys = Either.Either<PortError, ReadonlyArray<Jwk>>

/** A request in progress, and the number of clients that wait for it. */
interface Underway {
  readonly answer: Promise<Keys>
  readonly controller: AbortController
  /** Whether a missing key caused it. */
  readonly isForced: boolean
  waiting: number
}

interface Kept {
  readonly keys: ReadonlyArray<Jwk>
  readonly until: EpochSeconds
}

const unavailable = (reason: string): Either.Either<PortError, never> => Either.left(portUnavailable(reason))

const left = 'the client has left'

/** The result for a client that has left. */
const abandoned: Keys = unavailable(left)

/**
 * The largest key set that is cached for one URL, in characters; a hundred RSA keys of 2048 bits take two thirds of it.
 */
const sizeLimit = limits.keySet.default

const read = (document: FetchedDocument): Keys => {
  if (document.status !== 200) return unavailable(`status ${String(document.status)}`)
  const json = parseJson(document.body)
  const published = Option.isSome(json) ? readJwks(json.value) : null
  if (published === null) return unavailable('no JWK Set')
  // The document is untrusted, and there may be a thousand of them: only the members needed to verify are kept.
  const keys = keptKeys(published)
  return sizeWithin(sizeLimit, keys) > sizeLimit ? unavailable('a JWK Set that is too large') : Either.right(keys)
}

/** Client keys, given a function that fetches documents. */
export const cachedClientKeys = (
  fetchDocument: DocumentFetch,
  clock: Clock,
  options: ClientKeysOptions
): ClientKeys => {
  const {
    defaultTtlSeconds,
    longestTtlSeconds = limits.keySetLifetime.default,
    refetchIntervalSeconds = limits.keySetRefetch.default,
    urlLimit = limits.keySets.default
  } = ownMembers(options)
  const kept = new Map<string, Kept>()
  const underway = new Map<string, Underway>()
  /** URLs that failed recently: they are not requested again at once, whichever client sends an assertion. */
  const failed = new Map<string, { readonly answer: Keys; readonly until: EpochSeconds }>()
  /** The time until which a missing key causes no new request for a URL. */
  const forced = new Map<string, EpochSeconds>()
  /** The number of requests that were aborted because their clients had left, and the time until which it counts. */
  const givenUp = new Map<string, { readonly count: number; readonly until: EpochSeconds }>()

  const put = <Value>(map: Map<string, Value>, url: string, value: Value): void => {
    map.delete(url)
    map.set(url, value)
    const [oldest] = map.keys()
    if (map.size > urlLimit && oldest !== undefined) map.delete(oldest)
  }

  /** Caches keys; their lifetime begins when the request was sent. */
  const keep = (url: string, keys: ReadonlyArray<Jwk>, document: FetchedDocument, requestedAt: EpochSeconds): void => {
    const { cacheControl, ageSeconds = 0 } = ownMembers(document)
    const lifetime = lifetimeOf(cacheControl, defaultTtlSeconds, longestTtlSeconds) - ageSeconds
    put(kept, url, { keys, until: requestedAt + lifetime })
  }

  const remember = (url: string, answer: Keys): Keys => {
    put(failed, url, { answer, until: clock.now() + limits.keySetFailure.default })
    return answer
  }

  const fetchOnce = async (url: string, signal: AbortSignal): Promise<Keys> => {
    const requestedAt = clock.now()
    try {
      const document = await fetchDocument(url, signal)
      if (signal.aborted) return abandoned
      const keys = read(document)
      if (Either.isRight(keys)) keep(url, keys.right, document, requestedAt)
      return Either.isRight(keys) ? keys : remember(url, keys)
    } catch (error) {
      // An abort because the client left is no failure of the URL.
      return signal.aborted ? abandoned : remember(url, unavailable(messageOf(error)))
    }
  }

  /** Whether one more request for this URL may be aborted now. */
  const mayGiveUp = (url: string, now: EpochSeconds): boolean => {
    const before = givenUp.get(url)
    const { count, until } =
      before === undefined || now >= before.until ? { count: 0, until: now + refetchIntervalSeconds } : before
    if (count >= limits.keyRequestsGivenUp.default) return false
    put(givenUp, url, { count: count + 1, until })
    return true
  }

  /**
   * No client waits any more: aborts the request, unless the limit of aborted requests is reached. The limit keeps an
   * attacker from causing one request after the other.
   */
  const giveUp = (url: string, request: Underway): void => {
    if (underway.get(url) !== request || !mayGiveUp(url, clock.now())) return
    underway.delete(url)
    if (request.isForced) forced.delete(url)
    request.controller.abort(new Error(left))
  }

  /** Waits for a result until the client leaves. */
  const waitFor = (url: string, request: Underway, signal: AbortSignal | undefined): Promise<Keys> => {
    request.waiting += 1
    if (signal === undefined) return request.answer
    return new Promise((resolve) => {
      const leave = (): void => {
        resolve(abandoned)
        request.waiting -= 1
        if (request.waiting === 0) giveUp(url, request)
      }
      signal.addEventListener('abort', leave, { once: true })
      void request.answer.then((keys) => {
        signal.removeEventListener('abort', leave)
        resolve(keys)
      })
    })
  }

  const begin = (url: string, isForced: boolean): Underway => {
    const controller = new AbortController()
    const answer = fetchOnce(url, controller.signal).finally(() => {
      if (underway.get(url) === request) underway.delete(url)
    })
    const request: Underway = { answer, controller, isForced, waiting: 0 }
    underway.set(url, request)
    return request
  }

  /** Whether a missing key may cause a request for this URL now; if so, no other may for the rest of the interval. */
  const mayForce = (url: string, now: EpochSeconds): boolean => {
    if (now < (forced.get(url) ?? 0)) return false
    put(forced, url, now + refetchIntervalSeconds)
    return true
  }

  return {
    keysAt: (url, isFresh, signal) => () => {
      if (signal?.aborted === true) return Promise.resolve(abandoned)
      const copy = kept.get(url)
      const now = clock.now()
      const failure = failed.get(url)
      const hasFailed = failure !== undefined && now < failure.until
      const other = underway.get(url)
      // The missing key may be in the response to the request in progress.
      if (isFresh && other !== undefined) return waitFor(url, other, signal)
      if (copy !== undefined && (isFresh ? hasFailed || !mayForce(url, now) : now < copy.until)) {
        return Promise.resolve(Either.right(copy.keys))
      }
      if (hasFailed) return Promise.resolve(failure.answer)
      return waitFor(url, other ?? begin(url, isFresh && copy !== undefined), signal)
    }
  }
}
