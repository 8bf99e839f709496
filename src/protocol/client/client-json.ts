/**
 * The JSON form of a registered client, for the host's database and configuration. It has the names of RFC 7591 and a
 * few members of its own; secrets appear only as digests.
 *
 * Source: RFC 7591, section 2; app-launch, "Register App with EHR".
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { ClientMetadata } from './metadata.js'
import { checkMetadata, clientMetadataMembers } from './metadata.js'
import type { RegisteredClient } from './client.js'
import type { Rule } from '../machine/rules.js'
import { firstRefusal } from '../machine/rules.js'
import { format } from '../../scopes/format.js'
import { parse } from '../../scopes/parse.js'
import { isObject } from '../../values/object.js'
import { ownData, ownMembers } from '../../values/own.js'
import { isScryptDigest, readScryptDigest } from '../../values/secret.js'

/**
 * A registered client as JSON: the metadata of RFC 7591, and what only the host knows.
 *
 * Migration: `version` is 1. A reader of a later release reads every earlier version; a record of a later version is an
 * error here, so upgrade all processes before the first one writes the new version.
 */
export interface ClientJson extends ClientMetadata {
  /** The version of this form. Default: 1. */
  readonly version?: number
  readonly client_id: string
  /** Digests of the secrets that are valid now (see `secretDigest`). */
  readonly secret_digests?: ReadonlyArray<string>
  /** Whether it is a resource server that may introspect the tokens of all clients. Default: false. */
  readonly may_introspect?: boolean
  /** Whether the client registered itself without review (see `RegisteredClient`). Default: false. */
  readonly is_unvetted?: boolean
}

/** The first error in a client's JSON: the member, and what it must be. */
export interface ClientJsonError {
  readonly member: string
  readonly expected: string
}

const clientJsonVersion = 1

const ownNames = ['version', 'client_id', 'secret_digests', 'may_introspect', 'is_unvetted'] as const

const isDigest = (value: unknown): boolean =>
  typeof value === 'string' &&
  (isScryptDigest(value) ? readScryptDigest(value) !== null : /^[A-Za-z0-9_-]{43}$/.test(value))

type JsonRule = Rule<Readonly<Record<string, unknown>>, ClientJsonError>

const member = (
  name: string,
  about: string,
  expected: string,
  holds: (client: Readonly<Record<string, unknown>>) => boolean
): JsonRule => ({ name, check: (client) => (holds(client) ? null : { member: about, expected }) })

const isOptionalBoolean = (value: unknown): boolean => value === undefined || typeof value === 'boolean'

const known: ReadonlySet<string> = new Set([...ownNames, ...clientMetadataMembers])

/** Refuses a member that no client has: it may be another one, misspelt. */
const knownMembers: JsonRule['check'] = (client) => {
  const unknown = Object.keys(client).find((name) => !known.has(name))
  return unknown === undefined ? null : { member: unknown, expected: `one of ${[...known].join(', ')}` }
}

/** The rules for the members that RFC 7591 does not have; the rest are those of `checkMetadata`. */
export const clientJsonRules: ReadonlyArray<JsonRule> = [
  member(
    'client-json-version',
    'version',
    `${String(clientJsonVersion)}: a later version needs a later release`,
    ({ version = clientJsonVersion }) => version === clientJsonVersion
  ),
  member(
    'no-secret-in-json',
    'client_secret',
    'absent: keep secret_digests, made by secretDigest',
    (client) => !('client_secret' in client)
  ),
  { name: 'known-members', check: knownMembers },
  member(
    'client-id',
    'client_id',
    'a text of visible ASCII characters (RFC 6749, appendix A.1)',
    ({ client_id }) => typeof client_id === 'string' && /^[\x20-\x7e]+$/.test(client_id)
  ),
  member(
    'secret-digests',
    'secret_digests',
    'digests made by secretDigest',
    ({ secret_digests = [] }) => Array.isArray(secret_digests) && secret_digests.every(isDigest)
  ),
  member(
    'secret-for-secret-methods',
    'secret_digests',
    'at least one digest for client_secret_basic and client_secret_post, and none for other methods',
    ({ secret_digests = [], token_endpoint_auth_method: method = 'client_secret_basic' }) =>
      (Array.isArray(secret_digests) && secret_digests.length > 0) ===
      (method === 'client_secret_basic' || method === 'client_secret_post')
  ),
  member('may-introspect', 'may_introspect', 'true or false', ({ may_introspect }) =>
    isOptionalBoolean(may_introspect)
  ),
  member('is-unvetted', 'is_unvetted', 'true or false', ({ is_unvetted }) => isOptionalBoolean(is_unvetted))
]

/**
 * Reads a client from its JSON form; left with the first member that is wrong and what it must be. The host reviewed
 * its clients, so loopback addresses are allowed.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { clientFromJson } from './client-json.js'
 *
 * const json = {
 *   client_id: 'growth-chart',
 *   redirect_uris: ['https://app.example/callback'],
 *   scope: 'launch/patient patient/Observation.rs',
 *   token_endpoint_auth_method: 'none'
 * }
 * const client = clientFromJson(json)
 * Either.isRight(client) && client.right.clientName // => 'growth-chart'
 * clientFromJson({ ...json, redirect_url: 'https://app.example/callback' })._tag // => 'Left'
 * ```
 */
export const clientFromJson = (json: unknown): Either.Either<ClientJsonError, RegisteredClient> => {
  const given = ownData(json)
  if (!isObject(given)) return Either.left({ member: '', expected: 'a client as a JSON object' })
  const client = ownMembers(given)
  const error = firstRefusal(clientJsonRules, client)
  if (error !== null) return Either.left(error)
  const {
    client_id,
    secret_digests = [],
    may_introspect,
    is_unvetted,
    version: _version,
    ...metadata
  } = client as unknown as ClientJson
  const checked = checkMetadata(metadata, { allowLoopback: true, allowNoGrants: true })
  if (Either.isLeft(checked)) {
    const { left: refusal } = checked
    switch (refusal._tag) {
      case 'ClientMetadataUnacceptable':
        return Either.left({ member: refusal.member, expected: refusal.expected })
      case 'RedirectUriUnacceptable':
        return Either.left({ member: 'redirect_uris', expected: refusal.expected })
      default:
        return Either.left({ member: 'software_statement', expected: 'absent: software statements are not trusted' })
    }
  }
  const { keys, clientName, scope, ...members } = checked.right
  return Either.right({
    ...members,
    clientId: client_id,
    clientName: clientName === '' ? client_id : clientName,
    scope: parse(scope),
    secretDigests: secret_digests,
    ...(may_introspect === undefined ? {} : { mayIntrospect: may_introspect }),
    ...(is_unvetted === undefined ? {} : { isUnvetted: is_unvetted }),
    ...(keys === null ? {} : { keys })
  })
}

/**
 * Writes a client in its JSON form. `clientFromJson` reads the same client from it.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { clientFromJson, clientToJson } from './client-json.js'
 *
 * const client = clientFromJson({ client_id: 'rs', grant_types: [], secret_digests: ['A'.repeat(43)] })
 * Either.isRight(client) && clientToJson(client.right).token_endpoint_auth_method // => 'client_secret_basic'
 * ```
 */
export const clientToJson = (client: RegisteredClient): ClientJson => ({
  version: clientJsonVersion,
  client_id: client.clientId,
  client_name: client.clientName,
  redirect_uris: client.redirectUris,
  launch_uris: client.launchUris,
  scope: format(client.scope),
  grant_types: client.grantTypes,
  token_endpoint_auth_method: client.tokenEndpointAuthMethod,
  application_type: client.applicationType,
  ...(client.secretDigests.length === 0 ? {} : { secret_digests: client.secretDigests }),
  ...(client.keys?._tag === 'Inline' ? { jwks: { keys: client.keys.keys } } : {}),
  ...(client.keys?._tag === 'AtUrl' ? { jwks_uri: client.keys.url } : {}),
  ...(client.mayIntrospect === undefined ? {} : { may_introspect: client.mayIntrospect }),
  ...(client.isUnvetted === undefined ? {} : { is_unvetted: client.isUnvetted })
})
