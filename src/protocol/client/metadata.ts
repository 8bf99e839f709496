/**
 * Checks the metadata with which a client registers: one row for each rule.
 *
 * Source: app-launch, "Register App with EHR"; client-confidential-asymmetric, "Registering a client"; RFC 7591,
 * section 2; RFC 8252, sections 7 and 8.4.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { ClientAuthenticationMethod, GrantType } from './client.js'
import { clientAuthenticationMethods, grantTypes } from './client.js'
import type { ClientKeySource, Jwk } from '../jwt/jwk.js'
import { isPublicKey, keptKey, declaresUse } from '../jwt/jwk.js'
import { keyFault } from '../jwt/key-rules.js'
import { carriesLaunch, carriesResponse } from './redirect-uri.js'
import type { Rule } from '../machine/rules.js'
import { firstRefusal } from '../machine/rules.js'
import type { Refusal } from '../errors/refusal.js'
import { isRegistrableSize, registrableScopeSize } from './registered-scope.js'
import { parse } from '../../scopes/parse.js'
import type { ScopeSet } from '../../scopes/scope.js'
import { limits } from '../../values/limits/limits.js'
import { isAbsoluteHttpUrl, loopbackUrl, originOf } from '../../values/urls.js'
import { ownData, ownMembers } from '../../values/own.js'

const texts = t.readonlyArray(t.string, 'a list of texts')

/** The supported members; others are ignored, and none reaches a prototype. */
const ClientMetadataCodec = t.partial({
  client_name: t.string,
  redirect_uris: texts,
  launch_uris: texts,
  scope: t.string,
  grant_types: texts,
  response_types: texts,
  token_endpoint_auth_method: t.string,
  application_type: t.string,
  jwks: t.record(t.string, t.unknown, 'a JWK Set'),
  jwks_uri: t.string,
  client_uri: t.string,
  logo_uri: t.string,
  policy_uri: t.string,
  tos_uri: t.string,
  contacts: texts,
  software_id: t.string,
  software_version: t.string,
  software_statement: t.string
})

/** The names of the supported members. */
export const clientMetadataMembers: ReadonlyArray<string> = Object.keys(ClientMetadataCodec.props)

/**
 * Metadata as a client sends them (RFC 7591, section 2), with `launch_uris`, the URIs to which an EHR may launch it.
 */
export type ClientMetadata = t.TypeOf<typeof ClientMetadataCodec>

/** A client's metadata with defaults, after every rule was checked. */
export interface CheckedMetadata {
  readonly clientName: string
  readonly redirectUris: ReadonlyArray<string>
  readonly launchUris: ReadonlyArray<string>
  /** Well-formed scopes. */
  readonly scope: string
  readonly grantTypes: ReadonlyArray<GrantType>
  readonly tokenEndpointAuthMethod: ClientAuthenticationMethod
  readonly applicationType: 'web' | 'native'
  readonly keys: ClientKeySource | null
}

const methodOf = ({ token_endpoint_auth_method }: ClientMetadata): string =>
  token_endpoint_auth_method ?? 'client_secret_basic'

const grantTypesOf = ({ grant_types }: ClientMetadata): ReadonlyArray<string> => grant_types ?? ['authorization_code']

const redirectUrisOf = ({ redirect_uris = [] }: ClientMetadata): ReadonlyArray<string> => redirect_uris

const launchUrisOf = ({ launch_uris = [] }: ClientMetadata): ReadonlyArray<string> => launch_uris

const scopesOf = ({ scope = '' }: ClientMetadata): ScopeSet => parse(scope)

const isNative = ({ application_type }: ClientMetadata): boolean => application_type === 'native'

/**
 * Whether the host of an https URL is a name, without a wildcard. An IP address is refused, because certificates are
 * issued for names.
 */
const hasHostName = (url: string): boolean => {
  const host = originOf(url)
    .slice('https://'.length)
    .replace(/:[0-9]+$/, '')
  const last = host.replace(/\.$/, '').split('.').at(-1) ?? ''
  // A host whose last label is a number, in any notation, is an IP address (WHATWG URL, "ends in a number").
  return !host.startsWith('[') && !/^(?:[0-9]+|0x[0-9a-f]*)$/i.test(last) && last !== '' && !url.includes('*')
}

const isPublicHttpsUrl = (url: string): boolean =>
  url.startsWith('https://') && isAbsoluteHttpUrl(url) && hasHostName(url)

/** A private-use scheme (RFC 8252, section 7.1): a reversed domain name. */
const isPrivateUse = (url: string): boolean =>
  /^[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+:\/[\x21\x24-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]*$/.test(url) &&
  !url.includes('*')

/**
 * Whether a redirect URI is allowed: https, or, only for apps on the user's device, a loopback URL or a private-use
 * scheme.
 */
const isRedirectUri = (url: string, native: boolean, allowLoopback: boolean): boolean =>
  isPublicHttpsUrl(url) || ((native || allowLoopback) && loopbackUrl(url) !== null) || (native && isPrivateUse(url))

/** The maximum number and length of a client's URLs. */
const [uriLimit, uriLength] = [limits.registeredAddresses.default, limits.registeredAddress.default]

const nameLimit = limits.registeredName.default

/** What the host allows in addition. */
export interface MetadataSettings {
  /** Whether every client, not only a native one, may use a loopback URL: for demonstrations and tests. */
  readonly allowLoopback: boolean
  /** Whether a client may have no grant type: a resource server that only introspects. */
  readonly allowNoGrants?: boolean
  /** The supported client authentication methods. Default: all that the toolkit supports. */
  readonly methods?: ReadonlyArray<ClientAuthenticationMethod>
  /** The supported grant types. Default: all that the toolkit supports. */
  readonly servedGrantTypes?: ReadonlyArray<GrantType>
  /** The scope of a client that names none. Default: empty. An empty scope in the request counts as named. */
  readonly defaultScope?: string
}

interface Facts {
  readonly metadata: ClientMetadata
  readonly settings: MetadataSettings
}

/** The refusal of an invalid member. An invalid redirect URI has its own error code (RFC 7591, section 3.2.2). */
const refusalOf = (member: string, expected: string): Refusal =>
  member === 'redirect_uris'
    ? { _tag: 'RedirectUriUnacceptable', expected }
    : member === 'software_statement'
      ? { _tag: 'SoftwareStatementUnacceptable' }
      : { _tag: 'ClientMetadataUnacceptable', member, expected }

type MetadataRule = Rule<Facts, Refusal>

/** A rule about a member: the expected value, and whether it is met. */
const expecting = (
  name: string,
  member: keyof ClientMetadata,
  expected: string | ((facts: Facts) => string),
  holds: (facts: Facts) => boolean
): MetadataRule => ({
  name,
  check: (facts) => (holds(facts) ? null : refusalOf(member, typeof expected === 'string' ? expected : expected(facts)))
})

/** The values that are served, and which of the requested ones that the toolkit knows is not among them. */
const servedOf = (
  served: ReadonlyArray<string>,
  known: ReadonlyArray<string>,
  requested: ReadonlyArray<string>
): string => {
  const refused = known.find((one) => requested.includes(one) && !served.includes(one))
  return `${served.join(', ')}${refused === undefined ? '' : `, because ${refused} cannot be registered here`}`
}

const isText = (text: string | undefined, limit: number): boolean =>
  text === undefined || (text.trim() !== '' && text.length <= limit && !/[\x00-\x1f\x7f-\x9f]/.test(text))

const keysIn = ({ jwks }: ClientMetadata): ReadonlyArray<unknown> => (Array.isArray(jwks?.['keys']) ? jwks['keys'] : [])

const haveDistinctIds = (keys: ReadonlyArray<unknown>): boolean => {
  const ids = keys.map((key) => (key as Jwk)['kid'])
  return ids.every((kid) => typeof kid === 'string' && kid !== '') && new Set(ids).size === ids.length
}

const publicKeysWith = (fault: string | null): string =>
  'a JWK Set of public RSA keys of 2048 to 8192 bits or EC keys, each with a kid of its own' +
  (fault === null ? '' : `; ${fault}`)

const pageMembers = ['client_uri', 'logo_uri', 'policy_uri', 'tos_uri'] as const

/** A member name in the form of a rule name. */
const nameOf = (member: string): string => member.replaceAll('_', '-')

const addressMembers: ReadonlyArray<
  readonly [keyof ClientMetadata, (metadata: ClientMetadata) => ReadonlyArray<string>]
> = [
  ['redirect_uris', redirectUrisOf],
  ['launch_uris', launchUrisOf],
  ...(['jwks_uri', ...pageMembers] as const).map(
    (member) => [member, (metadata: ClientMetadata) => [metadata[member] ?? '']] as const
  )
]

/** The rules of a client's metadata. */
export const metadataRules: ReadonlyArray<MetadataRule> = [
  expecting(
    'no-software-statement',
    'software_statement',
    'nothing: software statements are not trusted here',
    ({ metadata }) => metadata.software_statement === undefined
  ),
  expecting('client-name', 'client_name', `a name of at most ${String(nameLimit)} characters`, ({ metadata }) =>
    isText(metadata.client_name, nameLimit)
  ),
  expecting(
    'authentication-method-served',
    'token_endpoint_auth_method',
    ({ metadata, settings: { methods = clientAuthenticationMethods } }) =>
      `one of ${servedOf(methods, clientAuthenticationMethods, [methodOf(metadata)])}`,
    ({ metadata, settings: { methods = clientAuthenticationMethods } }) =>
      methods.some((method) => method === methodOf(metadata))
  ),
  expecting(
    'grant-types-served',
    'grant_types',
    ({ metadata, settings: { servedGrantTypes = grantTypes } }) =>
      `some of ${servedOf(servedGrantTypes, grantTypes, grantTypesOf(metadata))}`,
    ({ metadata, settings: { allowNoGrants = false, servedGrantTypes = grantTypes } }) => {
      const requestedTypes = grantTypesOf(metadata)
      return (
        (requestedTypes.length > 0 || allowNoGrants) &&
        requestedTypes.every((grantType) => servedGrantTypes.some((known) => known === grantType))
      )
    }
  ),
  expecting(
    'refresh-with-codes',
    'grant_types',
    'authorization_code where there is refresh_token',
    ({ metadata }) =>
      !grantTypesOf(metadata).includes('refresh_token') || grantTypesOf(metadata).includes('authorization_code')
  ),
  expecting(
    'response-types-fit-grants',
    'response_types',
    'code for authorization_code, and nothing else',
    ({ metadata }) => {
      const asksForCodes = grantTypesOf(metadata).includes('authorization_code')
      const answers = metadata.response_types ?? (asksForCodes ? ['code'] : [])
      return answers.every((answer) => answer === 'code') && answers.length > 0 === asksForCodes
    }
  ),
  expecting(
    'backend-services-use-assertions',
    'token_endpoint_auth_method',
    'private_key_jwt, because the client asks for client_credentials',
    ({ metadata }) => !grantTypesOf(metadata).includes('client_credentials') || methodOf(metadata) === 'private_key_jwt'
  ),
  expecting(
    'application-type',
    'application_type',
    'web or native',
    ({ metadata }) =>
      metadata.application_type === undefined || metadata.application_type === 'web' || isNative(metadata)
  ),
  expecting(
    'redirect-uri-count',
    'redirect_uris',
    `from 1 to ${String(uriLimit)} redirect addresses`,
    ({ metadata }) => {
      const count = redirectUrisOf(metadata).length
      return count <= uriLimit && (count > 0 || !grantTypesOf(metadata).includes('authorization_code'))
    }
  ),
  expecting(
    'redirect-uri-form',
    'redirect_uris',
    'https addresses of named hosts without fragment; a loopback address or a private-use scheme for native apps',
    ({ metadata, settings }) =>
      redirectUrisOf(metadata).every((url) => isRedirectUri(url, isNative(metadata), settings.allowLoopback))
  ),
  ...addressMembers.map(([member, addressesOf]) =>
    expecting(
      `${nameOf(member)}-length`,
      member,
      `addresses of at most ${String(uriLength)} characters`,
      ({ metadata }) => addressesOf(metadata).every((url) => url.length <= uriLength)
    )
  ),
  expecting(
    'redirect-uri-without-response',
    'redirect_uris',
    'no address whose query holds a parameter of the answer that will be sent there, such as code, state, ' +
      'iss or error',
    ({ metadata }) => !redirectUrisOf(metadata).some(carriesResponse)
  ),
  expecting(
    'launch-uri-without-launch',
    'launch_uris',
    'no address whose query holds iss or launch, which a launch adds',
    ({ metadata }) => !launchUrisOf(metadata).some(carriesLaunch)
  ),
  expecting(
    'launch-uri-form',
    'launch_uris',
    `at most ${String(uriLimit)} https addresses of named hosts; a loopback address for native apps`,
    ({ metadata, settings }) =>
      launchUrisOf(metadata).length <= uriLimit &&
      launchUrisOf(metadata).every(
        (url) => isRedirectUri(url, isNative(metadata), settings.allowLoopback) && isAbsoluteHttpUrl(url)
      )
  ),
  expecting('scopes-well-formed', 'scope', 'well-formed scopes with one blank between them', ({ metadata }) =>
    scopesOf(metadata).every(({ _tag }) => _tag !== 'MalformedScope')
  ),
  expecting('scope-size', 'scope', registrableScopeSize, ({ metadata }) => isRegistrableSize(scopesOf(metadata))),
  expecting(
    'one-key-source-for-assertions',
    'jwks',
    'either jwks or jwks_uri for private_key_jwt, and neither for other clients',
    ({ metadata }) =>
      [metadata.jwks, metadata.jwks_uri].filter((one) => one !== undefined).length ===
      (methodOf(metadata) === 'private_key_jwt' ? 1 : 0)
  ),
  expecting(
    'public-keys',
    'jwks',
    ({ metadata }) => publicKeysWith(keyFault(keysIn(metadata))),
    ({ metadata }) => {
      const keys = keysIn(metadata)
      return (
        metadata.jwks === undefined ||
        (keys.length > 0 &&
          keys.length <= limits.registeredKeys.default &&
          keys.every((key) => isPublicKey(key) && declaresUse(key as Jwk)) &&
          haveDistinctIds(keys))
      )
    }
  ),
  expecting(
    'key-set-url',
    'jwks_uri',
    'an https address of a named host',
    ({ metadata, settings }) =>
      metadata.jwks_uri === undefined ||
      isPublicHttpsUrl(metadata.jwks_uri) ||
      (settings.allowLoopback && loopbackUrl(metadata.jwks_uri) !== null)
  ),
  ...pageMembers.map((member) =>
    expecting(
      `${nameOf(member)}-form`,
      member,
      'an https address of a named host',
      ({ metadata }) => metadata[member] === undefined || isPublicHttpsUrl(metadata[member])
    )
  )
]

const keySourceOf = (metadata: ClientMetadata): ClientKeySource | null => {
  if (metadata.jwks_uri !== undefined) return { _tag: 'AtUrl', url: metadata.jwks_uri }
  return metadata.jwks === undefined
    ? null
    : { _tag: 'Inline', keys: (keysIn(metadata) as ReadonlyArray<Jwk>).map(keptKey) }
}

/**
 * Checks client metadata in JSON form; left with the first broken rule.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { checkMetadata } from './metadata.js'
 *
 * const strict = { allowLoopback: false }
 * const app = {
 *   redirect_uris: ['https://app.example/callback'],
 *   token_endpoint_auth_method: 'none',
 *   scope: 'patient/*.rs'
 * }
 * Either.isRight(checkMetadata(app, strict)) // => true
 * checkMetadata({ ...app, redirect_uris: ['javascript:alert(1)'] }, strict)._tag // => 'Left'
 * ```
 */
export const checkMetadata = (json: unknown, given: MetadataSettings): Either.Either<Refusal, CheckedMetadata> => {
  const settings = ownMembers(given)
  const decoded = ClientMetadataCodec.decode(ownData(json))
  if (Either.isLeft(decoded)) {
    const context = decoded.left.at(0)?.context ?? []
    return Either.left(refusalOf(context.at(1)?.key ?? '', context.at(-1)?.type.name ?? 'an object'))
  }
  const metadata = ownMembers(decoded.right)
  const refusal = firstRefusal(metadataRules, { metadata, settings })
  if (refusal !== null) return Either.left(refusal)
  return Either.right({
    clientName: metadata.client_name ?? '',
    redirectUris: redirectUrisOf(metadata),
    launchUris: launchUrisOf(metadata),
    scope: metadata.scope ?? settings.defaultScope ?? '',
    grantTypes: grantTypes.filter((grantType) => grantTypesOf(metadata).includes(grantType)),
    // A rule has checked that it is one.
    tokenEndpointAuthMethod: methodOf(metadata) as ClientAuthenticationMethod,
    applicationType: isNative(metadata) ? 'native' : 'web',
    keys: keySourceOf(metadata)
  })
}
