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

/** The JSON object in a body. Repeated member names are refused, because they are ambiguous. */
const readObject = ({ headers, body }: PlainRequest): Either.Either<Refusal, JsonObject> => {
  if (body.length > bodyLimit) return Either.left({ _tag: 'BodyTooLarge', limitBytes: bodyLimit })
  if (!isJsonBody({ headers })) return Either.left({ _tag: 'BodyNotJson' })
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

const unacceptable = (member: string, expected: string): Either.Either<Refusal, never> =>
  Either.left({ _tag: 'ClientMetadataUnacceptable', member, expected })

/** A member with the value null is deleted, like an omitted one (RFC 7592, section 2.2). */
const withoutNulls = (json: JsonObject): JsonObject =>
  ownMembers(Object.fromEntries(Object.entries(json).filter(([, value]) => value !== null)))

/** The complete new registration of a client (RFC 7592, section 2.2): omitted members are deleted. */
export const readReplacement = (
  request: PlainRequest,
  clientId: string,
  settings: MetadataSettings
): Either.Either<Refusal, Replacement> => {
  const json = readObject(request)
  if (Either.isLeft(json)) return json
  const members = withoutNulls(json.right)
  const { client_id: named, client_secret: secret } = members
  const sent = serversOwn.find((member) => Object.hasOwn(members, member))
  if (sent !== undefined) return unacceptable(sent, "nothing: it is the server's to say")
  if (named !== clientId) return unacceptable('client_id', 'the id of this registration')
  if (secret !== undefined && typeof secret !== 'string')
    return unacceptable('client_secret', 'the secret that this client has, or nothing')
  const metadata = checkMetadata(members, settings)
  return Either.isLeft(metadata)
    ? metadata
    : Either.right({ metadata: metadata.right, presentedSecret: secret ?? null })
}
