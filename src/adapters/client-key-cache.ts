/**
 * Keys that clients publish by URL: fetched when needed, kept as long as the answer allows, one request at a time for a
 * URL.
 *
 * How a document is fetched is given, so that this works on every platform; `adapters/node` has a fetch that is safe
 * for addresses that strangers wrote ({@link DocumentFetch}). Source: client-confidential-asymmetric, "Registering a
 * client" (caching of a JWK Set); RFC 9111, section 5.2.2.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type { ClientKeys, Clock, PortError } from '../engine/ports.js'
import type { Jwk } from '../protocol/jwt/jwk.js'
import { keptKeys, readJwks } from '../protocol/jwt/jwk.js'
import { parseJson, sizeWithin } from '../values/json.js'
import { limits } from '../values/limits/limits.js'
import type { EpochSeconds } from '../values/time.js'
import { ownMembers } from '../values/own.js'

/** A document as it came. */
export interface FetchedDocument {
  readonly status: number
  /** The value of the header field Cache-Control; null when there is none. */
  readonly cacheControl: string | null
  /** The value of the header field Age, in seconds: how long a cache on the way has kept the document. Default: 0. */
  readonly ageSeconds?: number
  readonly body: string
}

/**
 * Fetches a JSON document by GET. Rejects when there is no answer; must follow no redirect, send no cookie, and give up
 * soon: at once where the signal is aborted, because nobody waits any more.
 */
export type DocumentFetch = (url: string, signal?: AbortSignal) => Promise<FetchedDocument>

/** How keys are kept, in seconds. */
export interface ClientKeysOptions {
  /** Where the answer does not say how long. */
  readonly defaultTtlSeconds: number
  /** However long the answer says. Default: an hour. */
  readonly longestTtlSeconds?: number
  /** Between two requests for one URL that a missing key forces. Default: a minute. */
  readonly refetchIntervalSeconds?: number
  /** The most URLs that are kept. Default: 1000. */
  readonly urlLimit?: number
}

/** For how many seconds an answer may be kept. */
const lifetimeOf = (cacheControl: string | null, standard: number, longest: number): number => {
  if (cacheControl === null) return Math.min(standard, longest)
  if (/(?:^|[,\s])(?:no-store|no-cache)(?:$|[,\s=])/i.test(cacheControl)) return 0
  const [, seconds] = /(?:^|[,\s])max-age="?([0-9]+)"?(?:$|[,\s])/i.exec(cacheControl) ?? []
  // A max-age that is no number of seconds is taken for none at all (RFC 9111, section 4.2.1).
  if (seconds === undefined) return /max-age/i.test(cacheControl) ? 0 : Math.min(standard, longest)
  return Math.min(Number(seconds), longest)
}

type Keys = Either.Either<PortError, ReadonlyArray<Jwk>>

/** A request that is under way, and how many wait for its answer. */
interface Underway {
  readonly answer: Promise<Keys>
  readonly controller: AbortController
  /** Whether a missing key forced it. */
  readonly isForced: boolean
  waiting: number
}

interface Kept {
  readonly keys: ReadonlyArray<Jwk>
  readonly until: EpochSeconds
}

const unavailable = (reason: string): Either.Either<PortError, never> => Either.left({ _tag: 'Unavailable', reason })

const left = 'the client has left'

/** What a client hears that waits no more. */
const abandoned: Keys = unavailable(left)

/** The most that is kept of one URL, in characters; a hundred RSA keys of 2048 bits take two thirds of it. */
const sizeLimit = limits.keySet.standard

const read = (document: FetchedDocument): Keys => {
  if (document.status !== 200) return unavailable(`status ${String(document.status)}`)
  const json = parseJson(document.body)
  const published = Option.isSome(json) ? readJwks(json.value) : null
  if (published === null) return unavailable('no JWK Set')
  // Strangers wrote it, and there may be a thousand: only what is needed to verify is kept in memory.
  const keys = keptKeys(published)
  return sizeWithin(sizeLimit, keys) > sizeLimit ? unavailable('a JWK Set that is too large') : Either.right(keys)
}

/** Client keys over a way to fetch documents. */
export const cachedClientKeys = (
  fetchDocument: DocumentFetch,
  clock: Clock,
  options: ClientKeysOptions
): ClientKeys => {
  const {
    defaultTtlSeconds,
    longestTtlSeconds = limits.keySetLifetime.standard,
    refetchIntervalSeconds = limits.keySetRefetch.standard,
    urlLimit = limits.keySets.standard
  } = ownMembers(options)
  const kept = new Map<string, Kept>()
  const underway = new Map<string, Underway>()
  /** URLs that just failed: they are not asked again at once, whoever sends assertions. */
  const failed = new Map<string, { readonly answer: Keys; readonly until: EpochSeconds }>()
  /** Until when a missing key is no reason to ask a URL again. */
  const forced = new Map<string, EpochSeconds>()
  /** How many requests were given up because their clients had left, and until when that counts. */
  const givenUp = new Map<string, { readonly count: number; readonly until: EpochSeconds }>()

  const put = <Value>(map: Map<string, Value>, url: string, value: Value): void => {
    map.delete(url)
    map.set(url, value)
    const [oldest] = map.keys()
    if (map.size > urlLimit && oldest !== undefined) map.delete(oldest)
  }

  /** Keeps the keys as long as the document was fresh when it was asked for. */
  const keep = (url: string, keys: ReadonlyArray<Jwk>, document: FetchedDocument, asked: EpochSeconds): void => {
    const { cacheControl, ageSeconds = 0 } = ownMembers(document)
    const lifetime = lifetimeOf(cacheControl, defaultTtlSeconds, longestTtlSeconds) - ageSeconds
    put(kept, url, { keys, until: asked + lifetime })
  }

  const remember = (url: string, answer: Keys): Keys => {
    put(failed, url, { answer, until: clock.now() + limits.keySetFailure.standard })
    return answer
  }

  const fetchOnce = async (url: string, signal: AbortSignal): Promise<Keys> => {
    const asked = clock.now()
    try {
      const document = await fetchDocument(url, signal)
      if (signal.aborted) return abandoned
      const keys = read(document)
      if (Either.isRight(keys)) keep(url, keys.right, document, asked)
      return Either.isRight(keys) ? keys : remember(url, keys)
    } catch (error) {
      // That a client has left says nothing of the address.
      return signal.aborted ? abandoned : remember(url, unavailable(error instanceof Error ? error.message : 'unknown'))
    }
  }

  /** Whether one more request for this URL may be given up now. */
  const mayGiveUp = (url: string, now: EpochSeconds): boolean => {
    const before = givenUp.get(url)
    const { count, until } =
      before === undefined || now >= before.until ? { count: 0, until: now + refetchIntervalSeconds } : before
    if (count >= limits.keyRequestsGivenUp.standard) return false
    put(givenUp, url, { count: count + 1, until })
    return true
  }

  /**
   * Nobody waits any more: the request ends, unless so many were given up that strangers could send one after the
   * other.
   */
  const giveUp = (url: string, request: Underway): void => {
    if (underway.get(url) !== request || !mayGiveUp(url, clock.now())) return
    underway.delete(url)
    if (request.isForced) forced.delete(url)
    request.controller.abort(new Error(left))
  }

  /** Waits for an answer until the client leaves. */
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

  /** Whether a missing key may still force a request for this URL; if so, it is the one of its interval. */
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
      // A missing key may be in the answer that is on its way.
      if (isFresh && other !== undefined) return waitFor(url, other, signal)
      if (copy !== undefined && (isFresh ? hasFailed || !mayForce(url, now) : now < copy.until)) {
        return Promise.resolve(Either.right(copy.keys))
      }
      if (hasFailed) return Promise.resolve(failure.answer)
      return waitFor(url, other ?? begin(url, isFresh && copy !== undefined), signal)
    }
  }
}
