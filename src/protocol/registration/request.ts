/**
 * The requests that register a client and change its registration: a JSON object, parsed strictly.
 *
 * Source: RFC 7591, section 3.1; RFC 7592, section 2.2.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type { CheckedMetadata, MetadataSettings } from '../client/metadata.js'
import { checkMetadata } from '../client/metadata.js'
import type { Rule } from '../machine/rules.js'
import { firstRefusal } from '../machine/rules.js'
import type { PlainRequest } from '../http/message.js'
import type { Refusal } from '../errors/refusal.js'
import { hasUniqueNames, parseJson } from '../../values/json.js'
import { limits } from '../../values/limits/limits.js'
import { ownMembers } from '../../values/own.js'
import type { JsonObject } from '../../values/object.js'
import { isObject } from '../../values/object.js'
import { isJsonBody } from '../http/media-type.js'

/** The maximum length of a body, also if the host accepts longer ones elsewhere. */
const bodyLimit = limits.registrationBody.default

/** The rules of a request that contains a registration. */
export const registrationBodyRules: ReadonlyArray<Rule<PlainRequest, Refusal>> = [
  {
    name: 'body-within-limit',
    check: ({ body }) => (body.length > bodyLimit ? { _tag: 'BodyTooLarge', limitBytes: bodyLimit } : null)
  },
  { name: 'body-is-json', check: ({ headers }) => (isJsonBody({ headers }) ? null : { _tag: 'BodyNotJson' }) }
]

/** The JSON object in a body. Repeated member names are refused, because they are ambiguous. */
const readObject = (request: PlainRequest): Either.Either<Refusal, JsonObject> => {
  const refusal = firstRefusal(registrationBodyRules, request)
  if (refusal !== null) return Either.left(refusal)
  const { body } = request
  const json = parseJson(body)
  return Option.isSome(json) && isObject(json.value) && hasUniqueNames(body)
    ? Either.right(json.value)
    : Either.left({ _tag: 'BodyNotJson' })
}

/** A registration (RFC 7591, section 3.1). A `client_id` in the request is ignored: the server chooses the id. */
export const readRegistration = (
  request: PlainRequest,
  settings: MetadataSettings
): Either.Either<Refusal, CheckedMetadata> => {
  const json = readObject(request)
  return Either.isLeft(json) ? json : checkMetadata(json.right, settings)
}

/** A request that replaces a registration. */
export interface Replacement {
  readonly metadata: CheckedMetadata
  /** The secret in the request; null when it contains none. */
  readonly presentedSecret: string | null
}

/** Members that only the server sets and that must not be sent back (RFC 7592, section 2.2). */
const serversOwn = [
  'registration_access_token',
  'registration_client_uri',
  'client_secret_expires_at',
  'client_id_issued_at'
] as const

const unacceptable = (member: string, expected: string): Refusal => ({
  _tag: 'ClientMetadataUnacceptable',
  member,
  expected
})

interface ReplacementFacts {
  /** The members of the request, without those that are null. */
  readonly members: JsonObject
  /** The client whose registration is replaced. */
  readonly clientId: string
}

/** The rules of the members of a replacement that are no metadata (RFC 7592, section 2.2). */
export const replacementRules: ReadonlyArray<Rule<ReplacementFacts, Refusal>> = [
  {
    name: 'no-member-of-server',
    check: ({ members }: ReplacementFacts): Refusal | null => {
      const sent = serversOwn.find((member) => Object.hasOwn(members, member))
      return sent === undefined ? null : unacceptable(sent, "nothing: it is the server's to say")
    }
  },
  {
    name: 'client-id-matches',
    check: ({ members, clientId }) =>
      members['client_id'] === clientId ? null : unacceptable('client_id', 'the id of this registration')
  },
  {
    name: 'secret-is-text',
    check: ({ members: { client_secret: secret } }) =>
      secret === undefined || typeof secret === 'string'
        ? null
        : unacceptable('client_secret', 'the secret that this client has, or nothing')
  }
]

/** A member with the value null is deleted, like an omitted one (RFC 7592, section 2.2). */
const withoutNulls = (json: JsonObject): JsonObject =>
  ownMembers(Object.fromEntries(Object.entries(json).filter(([, value]) => value !== null)))

const presentedIn = ({ client_secret: secret }: JsonObject): string | null =>
  typeof secret === 'string' ? secret : null

/** The complete new registration of a client (RFC 7592, section 2.2): omitted members are deleted. */
export const readReplacement = (
  request: PlainRequest,
  clientId: string,
  settings: MetadataSettings
): Either.Either<Refusal, Replacement> => {
  const json = readObject(request)
  if (Either.isLeft(json)) return json
  const members = withoutNulls(json.right)
  const refusal = firstRefusal(replacementRules, { members, clientId })
  if (refusal !== null) return Either.left(refusal)
  const metadata = checkMetadata(members, settings)
  return Either.isLeft(metadata)
    ? metadata
    : Either.right({ metadata: metadata.right, presentedSecret: presentedIn(members) })
}
