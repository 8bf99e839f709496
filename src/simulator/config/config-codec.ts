/**
 * The codec of the simulator's configuration file. An error message uses the name of a type for the expected value.
 */
import { isIP } from 'node:net'
import * as Either from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { readStoreAddress, shownStore, storeAddressForm } from './store-address.js'
import type { AccessProfile } from '../../protocol/access/profiles/profile.js'
import type { AccessProfileName } from '../../protocol/access/profiles/named-profiles.js'
import { wrongAccessProfile } from '../../protocol/access/profiles/profile-check.js'
import { releaseNames } from '../../protocol/access/releases.js'
import type { SmartPolicy } from '../../protocol/policy/policy.js'
import { policyOptions } from '../../protocol/policy/policy.js'
import { parse } from '../../scopes/parse.js'
import type { MalformedScope } from '../../scopes/scope.js'
import { isNestedWithin } from '../../values/json.js'
import { isAbsoluteHttpUrl } from '../../values/urls.js'
import { ownData } from '../../values/own.js'
import { isFhirId, isUserReference } from '../../values/fhir.js'
import { isObject } from '../../values/object.js'

/** A type for strings that pass a test. */
const text = (name: string, holds: (value: string) => boolean): t.Type<string, string> =>
  new t.Type<string, string>(
    name,
    (value): value is string => typeof value === 'string' && holds(value),
    (value, context) => (typeof value === 'string' && holds(value) ? t.success(value) : t.failure(value, context)),
    t.identity
  )

/** An object without members other than these. */
const closed = <Props extends t.Props>(
  members: Props
): t.Type<{ readonly [Name in keyof Props]?: t.TypeOf<Props[Name]> }> => {
  const codec = t.partial(members)
  const known = Object.keys(members)
  return new t.Type(
    'an object',
    codec.is,
    (value, context) => {
      if (!isObject(value)) return t.failure(value, context)
      const unknownName = Object.keys(value).find((name) => !known.includes(name))
      if (unknownName === undefined) return codec.validate(value, context)
      const type = { name: `one of ${known.join(', ')}`, validate: t.failure, encode: t.identity }
      return t.failure(undefined, t.appendContext(context, unknownName, type as unknown as t.Decoder<unknown, unknown>))
    },
    t.identity
  )
}

/** One of several values; the name lists them. */
const oneOf = <Value extends string>(...values: ReadonlyArray<Value>): t.Type<Value, Value> =>
  new t.Type<Value, Value>(
    values.map((value) => JSON.stringify(value)).join(' or '),
    (value): value is Value => values.some((one) => one === value),
    (value, context) => {
      const found = values.find((one) => one === value)
      return found === undefined ? t.failure(value, context) : t.success(found)
    },
    t.identity
  )

const list = <Item>(item: t.Type<Item, Item>): t.Type<ReadonlyArray<Item>, ReadonlyArray<Item>> =>
  t.readonlyArray(item, 'a list')

const aText = text('a text', () => true)
const nonEmptyText = text('a text that is not empty', (value) => value !== '')

/** Visible ASCII (RFC 6749, appendix A.1). */
const clientId = text('a text of visible ASCII characters', (value) => /^[\x20-\x7e]+$/.test(value))

const baseUrl = text(
  'an absolute http or https address without query or fragment',
  (value) => isAbsoluteHttpUrl(value) && !value.includes('?')
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
  grant_types: list(oneOf('authorization_code', 'refresh_token', 'client_credentials')),
  token_endpoint_auth_method: oneOf('none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'),
  client_secret: nonEmptyText,
  application_type: oneOf('web', 'native'),
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
  specVersion: oneOf('2.0.0', '2.1.0', '2.2.0'),
  store: text(storeAddressForm, (value) => Either.isRight(readStoreAddress(value))),
  accessProfile,
  fhirRelease: oneOf(...releaseNames),
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
  registration: oneOf('closed', 'token', 'open'),
  fetchPrivateNetworks: list(network)
})

/** The content of the file. */
export type ConfigFile = t.TypeOf<typeof ConfigFileCodec>

/** An error in the file, with its path. */
export interface ConfigError {
  /** For example `clients[0].redirect_uris[1]`; empty for the whole file. */
  readonly path: string
  readonly expected: string
  /** The wrong value, shortened; null if it does not help. */
  readonly found: string | null
}

const pathOf = (context: t.Context): string =>
  context
    .map(({ key }) => key)
    // `io-ts` adds the index of a union's member to the path; it is not part of the file.
    .filter((key, index) => key !== '' && !(context[index - 1]?.type instanceof t.UnionType))
    .reduce(
      (path, key) => (/^[0-9]+$/.test(key) ? `${path}[${key}]` : `${path}${path === '' ? '' : '.'}${named(key)}`),
      ''
    )

/** Errors do not repeat the values of these members. */
const secretMembers = /(?:password|client_secret|^store)$/

/** A value as JSON on one line, without control characters. */
const inOneLine = (value: unknown): string =>
  JSON.stringify(value, (name, held: unknown) => (secretMembers.test(name) ? '...' : held)).replace(
    /[\x7f-\x9f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  )

/** A member's name: unchanged, or quoted if it has unusual characters. */
const named = (name: string): string => (/^[\w-]+$/.test(name) ? name : inOneLine(name))

const shortened = (value: unknown): string | null => {
  if (value === undefined || !isNestedWithin(100, value)) return null
  const printed = inOneLine(value)
  return printed.length > 60 ? `${printed.slice(0, 57)}...` : printed
}

/** Decodes a configuration; returns the first error. */
export const decodeConfig = (json: unknown): Either.Either<ConfigError, ConfigFile> => {
  const decoded = ConfigFileCodec.decode(json)
  // The codec makes new objects.
  if (Either.isRight(decoded)) return Either.right(ownData(decoded.right))
  const [first] = decoded.left
  const path = first === undefined ? '' : pathOf(first.context)
  const context = first?.context ?? []
  const entry = context.find(({ type }) => type instanceof t.UnionType) ?? context.at(-1)
  return Either.left({
    path,
    expected: entry?.type.name ?? 'a configuration',
    found:
      path === 'store'
        ? shownStore(first?.value)
        : first === undefined || secretMembers.test(path)
          ? null
          : shortened(first.value)
  })
}
