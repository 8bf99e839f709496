/**
 * Page links: the address of the upstream server's next page travels, encrypted and authenticated, in a link of the
 * gate. A link holds the client's request and the place in its results; it opens only for the same client, user,
 * patient and scopes.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { GateContext, GateOptions } from './gate-context.js'
import type { PageTrail } from './addresses/page-trail.js'
import { newTrail, trailAfter } from './addresses/page-trail.js'
import type { StopReason } from './cost.js'
import { pagesGoRound, refusalBy } from './responses.js'
import type { Keys, PageLinks, PortError } from '../ports.js'
import { portUnavailable } from '../ports.js'
import { thrownReason, validatedPageLinks } from '../validated-ports.js'
import type { AccessFacts } from '../../protocol/access/alternatives.js'
import type { FhirInteraction } from '../../protocol/access/fhir-interaction.js'
import { pageParameter } from '../../protocol/access/search/query.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { headerOf } from '../../protocol/http/message.js'
import { decodeBytes, encodeBytes } from '../../values/base64url.js'
import { parseJson } from '../../values/json.js'
import { limits } from '../../values/limits/limits.js'
import { below } from '../../values/urls.js'
import { ownMember } from '../../values/own.js'

/** A place in the results of a request. */
export interface PagePlace {
  /** Which of the requests into which a search was narrowed. */
  readonly source: number
  /** Path and query of the upstream server's page; null for the first page of the source. */
  readonly next: string | null
  /** The visible matches of that page that were shown already. */
  readonly skip: number
  /** The names of the narrowing parameters that the server refused. */
  readonly without: ReadonlyArray<string>
  /** The pages before in this source. */
  readonly trail: PageTrail
}

/** The first page. */
export const firstPlace: PagePlace = { source: 0, next: null, skip: 0, without: [], trail: newTrail }

/** The place of the page of the upstream server that follows the page at a place. */
export const placeAfter = (place: PagePlace, next: string): PagePlace => ({
  ...place,
  next,
  skip: 0,
  trail: trailAfter(place.trail, next)
})

/** The request that a page link continues, and the place in its results. */
export interface LinkedPage {
  readonly request: PlainRequest
  readonly place: PagePlace
}

const nonceLength = 12

const tagLength = 16

type Bytes = Uint8Array<ArrayBuffer>

/** AES-256-GCM: the tag follows the text. Opening throws or rejects if the tag is not right. */
interface Cipher {
  readonly encrypt: (iv: Bytes, bound: Bytes, text: Bytes) => Awaitable<Uint8Array>
  readonly decrypt: (iv: Bytes, bound: Bytes, encrypted: Bytes) => Awaitable<Uint8Array>
}

type Awaitable<A> = A | Promise<A>

/** The cipher of WebCrypto. */
const webCipher = async (key: Bytes): Promise<Cipher> => {
  const imported = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt'])
  const name = 'AES-GCM'
  return {
    encrypt: async (iv, additionalData, text) =>
      new Uint8Array(await crypto.subtle.encrypt({ name, iv, additionalData }, imported, text)),
    decrypt: async (iv, additionalData, encrypted) =>
      new Uint8Array(await crypto.subtle.decrypt({ name, iv, additionalData }, imported, encrypted))
  }
}

/** What is used of a cipher of `node:crypto`. */
interface NodeCipher {
  readonly setAAD: (bound: Bytes) => unknown
  readonly update: (text: Uint8Array) => Uint8Array
  readonly final: () => unknown
  readonly getAuthTag: () => Uint8Array
  readonly setAuthTag: (tag: Uint8Array) => unknown
}

type NewCipher = (name: string, key: Bytes, iv: Bytes, options: { readonly authTagLength: number }) => NodeCipher

/** What is used of `node:crypto`. */
interface NodeCrypto {
  readonly createCipheriv: NewCipher
  readonly createDecipheriv: NewCipher
}

/**
 * The same cipher of Node, which needs no other thread: the way there and back costs more than the encryption of a
 * link. Null on other platforms, and in Node before 20.16.
 */
const nodeCipher = (key: Bytes): Cipher | null => {
  const platform = (globalThis as { readonly process?: { readonly getBuiltinModule?: unknown } }).process
  const builtin = platform?.getBuiltinModule
  if (typeof builtin !== 'function') return null
  const found: unknown = Reflect.apply(builtin, platform, ['node:crypto'])
  if (typeof found !== 'object' || found === null || !('createCipheriv' in found)) return null
  const { createCipheriv, createDecipheriv } = found as NodeCrypto
  return {
    encrypt: (iv, bound, text) => {
      const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: tagLength })
      cipher.setAAD(bound)
      const encrypted = new Uint8Array(text.length + tagLength)
      encrypted.set(cipher.update(text))
      cipher.final()
      encrypted.set(cipher.getAuthTag(), text.length)
      return encrypted
    },
    decrypt: (iv, bound, encrypted) => {
      const cipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: tagLength })
      cipher.setAAD(bound)
      cipher.setAuthTag(encrypted.subarray(encrypted.length - tagLength))
      const text = new Uint8Array(cipher.update(encrypted.subarray(0, encrypted.length - tagLength)))
      cipher.final()
      return text
    }
  }
}

/** Nonces that were not used yet: random bytes cost less when many are made at once. */
let nonces: Bytes = new Uint8Array(0)

const newNonce = (): Bytes => {
  if (nonces.length < nonceLength) nonces = crypto.getRandomValues(new Uint8Array(64 * nonceLength))
  const nonce = nonces.slice(0, nonceLength)
  nonces = nonces.subarray(nonceLength)
  return nonce
}

const utf8 = /* @__PURE__ */ new TextEncoder()

const bytesOf = (text: string): Bytes => utf8.encode(text)

const joinedBytes = (one: Bytes, other: Uint8Array): Bytes => {
  const both = new Uint8Array(one.length + other.length)
  both.set(one)
  both.set(other, one.length)
  return both
}

/** Page links under a key of 32 bytes that is made when it is first needed. */
const linksUnder = (makeKey: () => Awaitable<Bytes>): PageLinks => {
  let made: Cipher | null = null
  const ready = async (): Promise<Cipher> => {
    const key = await makeKey()
    made ??= nodeCipher(key) ?? (await webCipher(key))
    return made
  }
  return {
    seal: (text, bound) => async () => {
      try {
        const cipher = made ?? (await ready())
        const iv = newNonce()
        const encrypted = cipher.encrypt(iv, bytesOf(bound), bytesOf(text))
        return Either.right(encodeBytes(joinedBytes(iv, encrypted instanceof Promise ? await encrypted : encrypted)))
      } catch (thrown) {
        return Either.left(portUnavailable(thrownReason(thrown)))
      }
    },
    open: (encrypted, bound) => async () => {
      try {
        const cipher = made ?? (await ready())
        // 12 bytes are 16 characters.
        const [iv, rest] = [decodeBytes(encrypted.slice(0, 16)), decodeBytes(encrypted.slice(16))]
        if (iv.length !== nonceLength || rest.length < tagLength) return Either.right(Option.none)
        try {
          const text = await cipher.decrypt(iv, bytesOf(bound), rest)
          return Either.right(Option.some(new TextDecoder().decode(text)))
        } catch {
          return Either.right(Option.none)
        }
      } catch (thrown) {
        return Either.left(portUnavailable(thrownReason(thrown)))
      }
    }
  }
}

/** Page links under a key of this process: they do not open in another process, or after a restart. */
export const processPageLinks: PageLinks = linksUnder(() => crypto.getRandomValues(new Uint8Array(32)))

/** The AES key of a secret text. */
const keyFrom = async (secret: string): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', bytesOf(secret)))

/**
 * Page links under a secret that several processes share.
 *
 * @example
 * ```ts
 * import { pageLinksWith } from 'smart-app-launch/fp-ts'
 *
 * const links = pageLinksWith('a secret of at least 32 characters')
 * typeof links.seal // => 'function'
 * ```
 */
export const pageLinksWith = (secret: string): PageLinks =>
  linksUnder(() => keyFrom(JSON.stringify(['fhir-page-links', secret])))

/**
 * Page links under a key that is derived from the MAC key of an authorization server: they open in all processes that
 * have the same keys, until the MAC key is rotated.
 *
 * @example
 * ```ts
 * import * as TaskEither from 'fp-ts/lib/TaskEither.js'
 * import { pageLinksUnder } from 'smart-app-launch/fp-ts'
 *
 * const links = pageLinksUnder({ mac: (covered) => TaskEither.right(`${covered('1')}.mac`) })
 * typeof links.open // => 'function'
 * ```
 */
export const pageLinksUnder = (keys: Pick<Keys, 'mac'>): PageLinks =>
  linksUnder(async () => {
    const secret = await keys.mac((keyId) => `fhir-page-links.${keyId}`)()
    if (Either.isLeft(secret)) throw new Error(secret.left.reason)
    return keyFrom(secret.right)
  })

/** What a link is bound to: it opens for no one else, and for no other rights. */
const boundTo = (options: GateOptions, { clientId, context, scopes, user }: AccessFacts): string =>
  JSON.stringify([
    options.base,
    clientId,
    user === null ? null : [user.sub, ownMember(user, 'fhirUser') ?? null],
    ownMember(context, 'patient') ?? null,
    scopes.map(({ text }) => text)
  ])

/** The links of a gate. */
export const linksOf = (options: GateOptions): PageLinks =>
  validatedPageLinks(ownMember(options, 'pageLinks') ?? processPageLinks)

/** The response to a page link that does not open. */
export const closedLink = (): PlainResponse =>
  refusalBy(
    'page-link-opens',
    410,
    'not-found',
    'There is no such page for this token, or not any more. Send the request again.'
  )

/** A page link is longer than clients and servers accept. */
const longLink = (): PlainResponse =>
  refusalBy(
    'within-limits',
    413,
    'too-costly',
    'There are more pages, but their link would be too long. Send a shorter request.'
  )

const isText = (value: unknown): value is string => typeof value === 'string'

const readLink = (text: string): LinkedPage | null => {
  const json = parseJson(text)
  const parts: unknown = Option.isSome(json) ? json.value : null
  if (!Array.isArray(parts)) return null
  const [method, path, query, body, contentType, source, next, skip, without, pages, mark] =
    parts as ReadonlyArray<unknown>
  return isText(method) &&
    isText(path) &&
    isText(query) &&
    isText(body) &&
    isText(contentType) &&
    typeof source === 'number' &&
    (next === null || isText(next)) &&
    typeof skip === 'number' &&
    Array.isArray(without) &&
    without.every(isText) &&
    typeof pages === 'number' &&
    typeof mark === 'number'
    ? {
        request: { method, path, query, body, headers: contentType === '' ? {} : { 'content-type': contentType } },
        place: { source, next, skip, without, trail: { pages, mark, isRound: false } }
      }
    : null
}

/** The link to another page of a request; or the refusal if it would be too long, or leads in a circle. */
export const linkTo = (
  { facts, options }: Pick<GateContext, 'facts' | 'options'>,
  request: PlainRequest,
  { next, skip, source, trail, without }: PagePlace
): TaskEither.TaskEither<StopReason, Either.Either<PlainResponse, string>> => {
  if (trail.isRound) return TaskEither.right(Either.left(pagesGoRound()))
  const { body, method, path, query } = request
  const contentType = headerOf(request, 'content-type') ?? ''
  const text = JSON.stringify([
    ...[method, path, query, body, contentType, source, next, skip, without],
    ...[trail.pages, trail.mark]
  ])
  if (text.length > limits.fhirPageLink.default) return TaskEither.right(Either.left(longLink()))
  return TaskEither.map((encrypted: string) =>
    Either.right(`${below(options.base, '')}?${pageParameter}=${encrypted}`)
  )(linksOf(options).seal(text, boundTo(options, facts)))
}

/**
 * The encrypted part of a page link; null for any other request. It is empty, and opens nothing, where the parameter of
 * page links stands in another request or beside other parameters.
 */
export const sealedIn = ({ method }: PlainRequest, interaction: FhirInteraction): string | null => {
  if (interaction._tag !== 'Search' || !interaction.query.some(({ name }) => name === pageParameter)) return null
  const [only, ...more] = interaction.query
  return (method === 'GET' || method === 'HEAD') &&
    interaction.type === null &&
    interaction.compartment === null &&
    more.length === 0 &&
    only !== undefined
    ? only.value
    : ''
}

/** The page that a link of the gate leads to; `none` if it is not one of this client, user, patient and scopes. */
export const opened = (
  options: GateOptions,
  facts: AccessFacts,
  encrypted: string
): TaskEither.TaskEither<PortError, Option.Option<LinkedPage>> =>
  /^[A-Za-z0-9_-]{40,}$/.test(encrypted)
    ? TaskEither.map(Option.chain((text: string) => Option.fromNullable(readLink(text))))(
        linksOf(options).open(encrypted, boundTo(options, facts))
      )
    : TaskEither.right(Option.none)
