/**
 * Page links: the address of the upstream server's next page travels, encrypted and authenticated, in a link of the
 * gate. A link holds the client's request and the place in its results; it opens only for the same client, user, patient
 * and scopes.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { GateContext, GateOptions } from './gate-context.js'
import type { StopReason } from './cost.js'
import { outcome } from './responses.js'
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
}

/** The first page. */
export const firstPlace: PagePlace = { source: 0, next: null, skip: 0, without: [] }

/** The request that a page link continues, and the place in its results. */
export interface LinkedPage {
  readonly request: PlainRequest
  readonly place: PagePlace
}

const nonceLength = 12

/** Page links by AES-GCM with a key that is made when it is first needed. */
const linksUnder = (makeKey: () => Promise<CryptoKey>): PageLinks => {
  let made: Promise<CryptoKey> | null = null
  const key = async (): Promise<CryptoKey> => {
    made ??= makeKey()
    try {
      return await made
    } catch (thrown) {
      made = null
      throw thrown
    }
  }
  const algorithm = (iv: Uint8Array<ArrayBuffer>, bound: string) => ({
    name: 'AES-GCM',
    iv,
    additionalData: new TextEncoder().encode(bound)
  })
  return {
    seal: (text, bound) => async () => {
      try {
        const iv = crypto.getRandomValues(new Uint8Array(nonceLength))
        const sealed = await crypto.subtle.encrypt(algorithm(iv, bound), await key(), new TextEncoder().encode(text))
        return Either.right(encodeBytes(iv) + encodeBytes(new Uint8Array(sealed)))
      } catch (thrown) {
        return Either.left(portUnavailable(thrownReason(thrown)))
      }
    },
    open: (sealed, bound) => async () => {
      try {
        // 12 bytes are 16 characters.
        const [iv, rest] = [decodeBytes(sealed.slice(0, 16)), decodeBytes(sealed.slice(16))]
        const known = await key()
        try {
          const text = await crypto.subtle.decrypt(algorithm(iv, bound), known, rest)
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
export const processPageLinks: PageLinks = linksUnder(async () =>
  crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
)

/** The AES key of a secret text. */
const keyFrom = async (secret: string): Promise<CryptoKey> => {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(secret))
  return crypto.subtle.importKey('raw', digest, 'AES-GCM', false, ['encrypt', 'decrypt'])
}

/** Page links under a secret that several processes share. */
export const pageLinksWith = (secret: string): PageLinks =>
  linksUnder(() => keyFrom(JSON.stringify(['fhir-page-links', secret])))

/**
 * Page links under a key that is derived from the MAC key of an authorization server: they open in all processes that
 * have the same keys, until the MAC key is rotated.
 */
export const pageLinksUnder = (keys: Pick<Keys, 'mac'>): PageLinks =>
  linksUnder(async () => {
    const secret = await keys.mac((keyId) => `fhir-page-links.${keyId}`)()
    if (Either.isLeft(secret)) throw new Error(secret.left.reason)
    return keyFrom(secret.right)
  })

/** What a link is bound to: it opens for nobody else, and for no other rights. */
const boundTo = (options: GateOptions, { clientId, context, scopes, user }: AccessFacts): string =>
  JSON.stringify([
    options.base,
    clientId,
    user === null ? null : [user.sub, ownMember(user, 'fhirUser') ?? null],
    ownMember(context, 'patient') ?? null,
    scopes.map(({ text }) => text)
  ])

const linksOf = (options: GateOptions): PageLinks =>
  validatedPageLinks(ownMember(options, 'pageLinks') ?? processPageLinks)

/** The response to a page link that does not open. */
export const closedLink = (): PlainResponse =>
  outcome(410, 'not-found', 'There is no such page for this token, or not any more. Send the request again.')

/** A page link is longer than clients and servers accept. */
const longLink = (): PlainResponse =>
  outcome(413, 'too-costly', 'There are more pages, but their link would be too long. Send a shorter request.')

const isText = (value: unknown): value is string => typeof value === 'string'

const readLink = (text: string): LinkedPage | null => {
  const json = parseJson(text)
  const parts: unknown = Option.isSome(json) ? json.value : null
  if (!Array.isArray(parts)) return null
  const [method, path, query, body, contentType, source, next, skip, without] = parts as ReadonlyArray<unknown>
  return isText(method) &&
    isText(path) &&
    isText(query) &&
    isText(body) &&
    isText(contentType) &&
    typeof source === 'number' &&
    (next === null || isText(next)) &&
    typeof skip === 'number' &&
    Array.isArray(without) &&
    without.every(isText)
    ? {
        request: { method, path, query, body, headers: contentType === '' ? {} : { 'content-type': contentType } },
        place: { source, next, skip, without }
      }
    : null
}

/** The link to another page of a request; or the refusal if it would be too long. */
export const linkTo = (
  { facts, options }: Pick<GateContext, 'facts' | 'options'>,
  request: PlainRequest,
  { next, skip, source, without }: PagePlace
): TaskEither.TaskEither<StopReason, Either.Either<PlainResponse, string>> => {
  const { body, method, path, query } = request
  const contentType = headerOf(request, 'content-type') ?? ''
  const text = JSON.stringify([method, path, query, body, contentType, source, next, skip, without])
  if (text.length > limits.fhirPageLink.default) return TaskEither.right(Either.left(longLink()))
  return TaskEither.map((sealed: string) => Either.right(`${below(options.base, '')}?${pageParameter}=${sealed}`))(
    linksOf(options).seal(text, boundTo(options, facts))
  )
}

/** The sealed part of a page link; null for any other request. */
export const sealedIn = ({ method }: PlainRequest, interaction: FhirInteraction): string | null => {
  if (interaction._tag !== 'Search' || (method !== 'GET' && method !== 'HEAD')) return null
  const [only, ...more] = interaction.query
  return interaction.type === null &&
    interaction.compartment === null &&
    more.length === 0 &&
    only?.name === pageParameter
    ? only.value
    : null
}

/** The page that a link of the gate leads to; `none` if it is not one of this client, user, patient and scopes. */
export const opened = (
  options: GateOptions,
  facts: AccessFacts,
  sealed: string
): TaskEither.TaskEither<PortError, Option.Option<LinkedPage>> =>
  /^[A-Za-z0-9_-]{40,}$/.test(sealed)
    ? TaskEither.map(Option.chain((text: string) => Option.fromNullable(readLink(text))))(
        linksOf(options).open(sealed, boundTo(options, facts))
      )
    : TaskEither.right(Option.none)
