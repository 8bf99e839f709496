/**
 * The codec of the simulator's configuration file. An error message uses the name of a type for the expected value.
 */
import { isIP } from 'node:net'
import * as Either from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { ConfigError } from './file-types.js'
import { closed, decodeFile, list, anyOf, text } from './file-types.js'
import { readStoreAddress, storeAddressForm } from './store-address.js'
import type { AccessProfile } from '../../protocol/access/profiles/profile.js'
import type { AccessProfileName } from '../../protocol/access/profiles/named-profiles.js'
import { wrongAccessProfile } from '../../protocol/access/profiles/profile-check.js'
import { releaseNames } from '../../protocol/access/releases.js'
import type { SmartPolicy } from '../../protocol/policy/policy.js'
import { policyOptions } from '../../protocol/policy/policy.js'
import { parse } from '../../scopes/parse.js'
import type { MalformedScope } from '../../scopes/scope.js'
import { isAbsoluteHttpUrl, originOf } from '../../values/urls.js'
import { isFhirId, isUserReference } from '../../values/fhir.js'

const aText = text('a text', () => true)
const nonEmptyText = text('a text that is not empty', (value) => value !== '')

/** Visible ASCII (RFC 6749, appendix A.1). */
const clientId = text('a text of visible ASCII characters', (value) => /^[\x20-\x7e]+$/.test(value))

const baseUrl = text(
  'an absolute http or https address without query or fragment',
  (value) => isAbsoluteHttpUrl(value) && !value.includes('?')
)
/** Scheme, host and port. */
const origin = text(
  'an http or https address without a path',
  (value) => isAbsoluteHttpUrl(value) && originOf(value) === value
)

const wellFormed = 'scopes, each well-formed, with one blank between them'

const malformedIn = (value: string): MalformedScope | undefined =>
  parse(value).find((scope) => scope._tag === 'MalformedScope')

/** Scopes; an error shows the first malformed scope, and the position of its first wrong character. */
const scopes = new t.Type<string, string>(
  wellFormed,
  (value): value is string => typeof value === 'string' && malformedIn(value) === undefined,
  (value, context) => {
    if (typeof value !== 'string') return t.failure(value, context)
    const malformed = malformedIn(value)
    if (malformed === undefined) return t.success(value)
    const name = `${wellFormed}; one cannot be read from its character ${String(malformed.position + 1)} on`
    const type = { name, validate: t.failure, encode: t.identity }
    return t.failure(malformed.text, [
      ...context.slice(0, -1),
      { key: context.at(-1)?.key ?? '', type: type as unknown as t.Decoder<unknown, unknown>, actual: value }
    ])
  },
  t.identity
)

const seconds = new t.Type<number, number>(
  'a whole number of seconds above 0',
  t.number.is,
  (value, context) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value > 0
      ? t.success(value)
      : t.failure(value, context),
  t.identity
)

const fhirUser = text('a reference such as Practitioner/p1', isUserReference)

const network = text('an address such as 127.0.0.1 or a network such as 10.1.0.0/16', (value) => {
  const [address = '', bits, ...rest] = value.split('/')
  const longest = isIP(address) === 4 ? 32 : 128
  return (
    isIP(address) !== 0 &&
    rest.length === 0 &&
    (bits === undefined || (/^(?:0|[1-9][0-9]{0,2})$/.test(bits) && Number(bits) <= longest))
  )
})

const patientId = text('a patient id, or * for all', (value) => value === '*' || isFhirId(value))

const client = closed({
  client_id: clientId,
  client_name: nonEmptyText,
  redirect_uris: list(aText),
  launch_uris: list(aText),
  scope: scopes,
  grant_types: list(anyOf('authorization_code', 'refresh_token', 'client_credentials')),
  token_endpoint_auth_method: anyOf('none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'),
  client_secret: nonEmptyText,
  application_type: anyOf('web', 'native'),
  jwks: t.UnknownRecord,
  jwks_uri: aText
})

const user = closed({ username: nonEmptyText, password: nonEmptyText, fhirUser, patients: list(patientId) })

const policy = closed(
  Object.fromEntries(Object.entries(policyOptions).map(([name, { codec }]) => [name, codec])) as {
    [Name in keyof SmartPolicy]: t.Type<SmartPolicy[Name]>
  }
)

/** An access profile: its name, or rows. */
const accessProfile = new t.Type<AccessProfileName | AccessProfile, AccessProfileName | AccessProfile>(
  'the name of an access profile, or rows',
  (value): value is AccessProfileName | AccessProfile => value !== undefined && wrongAccessProfile(value) === null,
  (value, context) => {
    const expected = wrongAccessProfile(value)
    if (value !== undefined && expected === null) return t.success(value as AccessProfileName | AccessProfile)
    const type = { name: expected ?? 'an access profile', validate: t.failure, encode: t.identity }
    return t.failure(value, [
      ...context.slice(0, -1),
      { key: context.at(-1)?.key ?? '', type: type as unknown as t.Decoder<unknown, unknown>, actual: value }
    ])
  },
  t.identity
)

/** The codec of the configuration file. */
export const ConfigFileCodec = closed({
  publicBaseUrl: baseUrl,
  specVersion: anyOf('2.0.0', '2.1.0', '2.2.0'),
  store: text(storeAddressForm, (value) => Either.isRight(readStoreAddress(value))),
  accessProfile,
  fhirRelease: anyOf(...releaseNames),
  fhirUpstream: t.union([t.null, baseUrl], 'null or an absolute http or https address'),
  clients: list(client),
  users: list(user),
  introspectionClients: list(closed({ client_id: clientId, client_secret: nonEmptyText })),
  lifetimes: closed({
    codeSeconds: seconds,
    accessTokenSeconds: seconds,
    backendTokenSeconds: seconds,
    refreshTokenSeconds: seconds,
    launchSeconds: seconds
  }),
  policy,
  registration: anyOf('closed', 'token', 'open'),
  fetchPrivateNetworks: list(network),
  foreignOrigin: origin
})

/** The content of the file. */
export type ConfigFile = t.TypeOf<typeof ConfigFileCodec>

/** Decodes a configuration; returns the first error. */
export const decodeConfig = (json: unknown): Either.Either<ConfigError, ConfigFile> =>
  decodeFile(ConfigFileCodec, 'a configuration', json)
