/**
 * The simulator's configuration: the members of the file and their defaults.
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type { ConfigFile } from './config-codec.js'
import { decodeConfig } from './config-codec.js'
import type { ConfigError } from './file-types.js'
import { anyUser, isUserName } from './user-subject.js'
import { isPublishable } from '../../engine/server/settings-check.js'
import type { AccessProfile } from '../../protocol/access/profiles/profile.js'
import type { AccessProfileName } from '../../protocol/access/profiles/named-profiles.js'
import type { ReleaseName } from '../../protocol/access/releases.js'
import type { CheckedMetadata } from '../../protocol/client/metadata.js'
import { checkMetadata } from '../../protocol/client/metadata.js'
import type { SmartPolicy } from '../../protocol/policy/policy.js'
import { completePolicy } from '../../protocol/policy/policy.js'
import { nameRepeatedAt, parseJson } from '../../values/json.js'
import type { StoreAddress } from './store-address.js'
import { readStoreAddress } from './store-address.js'
import { policyOfFile } from './file-policy.js'
import { subjectOf } from './user-subject.js'
import { limits } from '../../values/limits/limits.js'
import { ownMembers } from '../../values/own.js'
import { shown } from '../../values/shown-text.js'
import { loopbackUrl } from '../../values/urls.js'

/** A client in the configuration file (RFC 7591). */
type FileClient = NonNullable<ConfigFile['clients']>[number]

/** A checked client of the configuration. */
export type ClientEntry = FileClient & {
  readonly client_id: string
  readonly metadata: CheckedMetadata
  /** Whether it may introspect the tokens of all clients. */
  readonly mayIntrospect?: boolean
}

/** A user of the simulator. */
export interface UserEntry {
  readonly username: string
  readonly password: string
  /** Relative to the FHIR base: `Practitioner/p1`; null for a user without a resource. */
  readonly fhirUser: string | null
  /** The patients whom the user may see; `*` for all. */
  readonly patients: ReadonlyArray<string>
}

/** A complete configuration. */
export interface Config {
  readonly publicBaseUrl: string
  /** Where everything is kept that must outlive the process. */
  readonly store: StoreAddress
  readonly clients: ReadonlyArray<ClientEntry>
  /** Resource servers: clients that are not apps and only introspect. */
  readonly introspectionClients: ReadonlyArray<ClientEntry>
  readonly users: ReadonlyArray<UserEntry>
  readonly policy: Partial<SmartPolicy>
  /** Whether apps may register themselves: no app, apps with an initial access token, or all apps. */
  readonly registration: 'closed' | 'token' | 'open'
  /** What `patient/` scopes read and search beside the patient compartment. */
  readonly accessProfile: AccessProfileName | AccessProfile
  /** The release of the FHIR server. */
  readonly fhirRelease: ReleaseName
  /** The base URL of an upstream FHIR server; null for the simulator's own. */
  readonly fhirUpstream: string | null
  /** Private addresses from which clients' keys may be fetched. */
  readonly fetchPrivateNetworks: ReadonlyArray<string>
  /** The origin to which a misbehaving EHR sends apps. */
  readonly foreignOrigin: string
}

/** The default public base URL of the simulator. */
export const defaultPublicBaseUrl = 'http://127.0.0.1:4010'

const sampleScope =
  'launch launch/patient launch/encounter openid fhirUser offline_access patient/*.rs patient/*.read user/*.rs ' +
  'user/*.read'

/** The two apps that are registered when the file has no clients. */
export const sampleClients = (publicBaseUrl: string): ReadonlyArray<FileClient> => [
  {
    client_id: 'sample-app',
    client_name: 'Sample App',
    redirect_uris: [`${publicBaseUrl}/app`],
    launch_uris: [`${publicBaseUrl}/app/launch`],
    scope: sampleScope,
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'none'
  },
  {
    client_id: 'my-app',
    client_name: 'My App',
    redirect_uris: ['http://127.0.0.1:4567/redirect'],
    launch_uris: ['http://127.0.0.1:4567/launch'],
    scope: sampleScope,
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'client_secret_basic',
    client_secret: 'my-app-secret',
    application_type: 'native'
  }
]

/** Whether the sample app is registered: a file with clients of its own may omit it. */
export const hasSampleApp = ({ clients, publicBaseUrl }: Pick<Config, 'clients' | 'publicBaseUrl'>): boolean =>
  clients.some(
    ({ client_id, redirect_uris = [] }) => client_id === 'sample-app' && redirect_uris.includes(`${publicBaseUrl}/app`)
  )

/** The users when the file has none. The launch page shows their passwords. */
export const sampleUsers: ReadonlyArray<UserEntry> = [
  { username: 'alice', password: 'alice-demo', fhirUser: 'Practitioner/p1', patients: ['*'] },
  { username: 'bob', password: 'bob-demo', fhirUser: 'Practitioner/p2', patients: ['example-2'] },
  { username: 'pat', password: 'pat-demo', fhirUser: 'Patient/example-1', patients: ['example-1'] }
]

const wrong = (path: string, expected: string, found: string | null = null): Either.Either<ConfigError, never> =>
  Either.left({ path, expected, found })

const firstRepeated = (values: ReadonlyArray<string>): number =>
  values.findIndex((value, index) => values.indexOf(value) < index)

const checkSecret = (client: FileClient, method: string): readonly [member: string, expected: string] | null => {
  const hasSecret = client.client_secret !== undefined
  if (method.startsWith('client_secret'))
    return hasSecret ? null : ['client_secret', `a secret, because token_endpoint_auth_method is ${method}`]
  return hasSecret ? ['client_secret', `nothing, because token_endpoint_auth_method is ${method}`] : null
}

/** The path of the wrong address among several. */
const pathOfAddress = (
  metadata: FileClient,
  member: string
): { readonly index: string; readonly found: string | null } => {
  const addresses =
    member === 'redirect_uris' ? metadata.redirect_uris : member === 'launch_uris' ? metadata.launch_uris : undefined
  const index = (addresses ?? []).findIndex((address) =>
    Either.isLeft(checkMetadata({ ...metadata, launch_uris: [], [member]: [address] }, { allowLoopback: true }))
  )
  return index === -1
    ? { index: '', found: null }
    : { index: `[${String(index)}]`, found: JSON.stringify(addresses?.[index]) }
}

/** Checks a client of the file as if it registered itself; loopback addresses are permitted. */
const checkClient = (
  client: FileClient,
  path: string,
  allowNoGrants = false
): Either.Either<ConfigError, ClientEntry> => {
  const { client_id: clientId, client_secret: _secret, ...metadata } = client
  if (clientId === undefined) return wrong(`${path}.client_id`, 'a text of visible ASCII characters')
  const checked = checkMetadata(metadata, { allowLoopback: true, allowNoGrants })
  if (Either.isLeft(checked)) {
    const refusal = checked.left
    const member = refusal._tag === 'ClientMetadataUnacceptable' ? refusal.member : 'redirect_uris'
    const place = pathOfAddress(metadata, member)
    return wrong(
      `${path}.${member}${place.index}`,
      'expected' in refusal ? refusal.expected : 'what can be registered',
      place.found
    )
  }
  const secret = checkSecret(client, checked.right.tokenEndpointAuthMethod)
  return secret === null
    ? Either.right(ownMembers({ ...client, client_id: clientId, metadata: checked.right }))
    : wrong(`${path}.${secret[0]}`, secret[1])
}

/**
 * The clients that may introspect: an entry with a secret is a separate resource server; an entry without one names an
 * app of `clients`, which may then introspect with its credentials and with its access tokens.
 */
const withIntrospection = (
  clients: ReadonlyArray<ClientEntry>,
  entries: NonNullable<ConfigFile['introspectionClients']>
): Either.Either<ConfigError, Pick<Config, 'clients' | 'introspectionClients'>> => {
  const resourceServers: Array<ClientEntry> = []
  for (const [index, entry] of entries.entries()) {
    const path = `introspectionClients[${String(index)}]`
    const isApp = clients.some(({ client_id }) => client_id === entry.client_id)
    if (isApp && entry.client_secret !== undefined)
      return wrong(`${path}.client_secret`, 'nothing, because clients says how this client authenticates')
    if (isApp) continue
    if (entry.client_id !== undefined && entry.client_secret === undefined)
      return wrong(`${path}.client_secret`, 'a secret, or the client_id of one of clients')
    const checked = checkClient(
      { ...entry, grant_types: [], token_endpoint_auth_method: 'client_secret_basic' },
      path,
      true
    )
    if (Either.isLeft(checked)) return checked
    resourceServers.push(ownMembers({ ...checked.right, mayIntrospect: true }))
  }
  const repeated = firstRepeated(entries.map(({ client_id }) => client_id ?? ''))
  if (repeated !== -1) return wrong(`introspectionClients[${String(repeated)}].client_id`, 'an id that is not repeated')
  return Either.right({
    clients: clients.map((client) =>
      entries.some(({ client_id }) => client_id === client.client_id)
        ? ownMembers({ ...client, mayIntrospect: true })
        : client
    ),
    introspectionClients: resourceServers
  })
}

/** The default: patients see themselves, other users see all patients. */
const defaultPatients = (fhirUser: string | undefined): ReadonlyArray<string> => {
  const patient = /^Patient\/(.+)$/.exec(fhirUser ?? '')?.[1]
  return [patient ?? '*']
}

const checkUser = (
  user: NonNullable<ConfigFile['users']>[number],
  path: string
): Either.Either<ConfigError, UserEntry> => {
  if (user.username === undefined) return wrong(`${path}.username`, 'a text that is not empty')
  if (!isUserName(user.username)) {
    return wrong(
      `${path}.username`,
      `a text of 1 to ${String(limits.simulatorUserName.default)} characters other than ${anyUser}`,
      JSON.stringify(user.username)
    )
  }
  if (user.password === undefined) return wrong(`${path}.password`, 'a text that is not empty')
  return Either.right({
    username: user.username,
    password: user.password,
    fhirUser: user.fhirUser ?? null,
    patients: user.patients ?? defaultPatients(user.fhirUser)
  })
}

/** The store of the file; it was checked. */
const storeOf = ({ store = 'memory' }: ConfigFile): StoreAddress => {
  const address = readStoreAddress(store)
  return Either.isRight(address) ? address.right : { _tag: 'Memory' }
}

/** Loopback addresses: apps under test publish their keys there. */
const loopbackNetworks = ['127.0.0.1', '::1']

/** The simulator itself under the other name of this machine, or else an origin that no one has (RFC 2606). */
const defaultForeignOrigin = (publicBaseUrl: string): string => {
  const own = loopbackUrl(publicBaseUrl)
  if (own === null) return 'https://elsewhere.example'
  return `http://${own.host === 'localhost' ? '127.0.0.1' : 'localhost'}:${String(own.port)}`
}

/** The sample app is below the public address; an error must not name a client that is not in the file. */
const wrongAddress = (publicBaseUrl: string): Either.Either<ConfigError, never> =>
  wrong(
    'publicBaseUrl',
    'https with a named host, or http on a loopback address, as the sample app needs it; or clients of your own',
    JSON.stringify(publicBaseUrl)
  )

const complete = (file: ConfigFile, defaultAddress: string): Either.Either<ConfigError, Config> => {
  const publicBaseUrl = (file.publicBaseUrl ?? defaultAddress).replace(/\/$/, '')
  if (!isPublishable(publicBaseUrl))
    return wrong('publicBaseUrl', 'https, or http on a loopback address', JSON.stringify(publicBaseUrl))
  const clients: Array<ClientEntry> = []
  for (const [index, entry] of (file.clients ?? sampleClients(publicBaseUrl)).entries()) {
    const client = checkClient(entry, `clients[${String(index)}]`)
    if (Either.isLeft(client)) return file.clients === undefined ? wrongAddress(publicBaseUrl) : client
    clients.push(client.right)
  }
  const sameClient = firstRepeated(clients.map((client) => client.client_id))
  if (sameClient !== -1) return wrong(`clients[${String(sameClient)}].client_id`, 'an id that no other client has')
  const introspecting = withIntrospection(clients, file.introspectionClients ?? [])
  if (Either.isLeft(introspecting)) return introspecting
  const users: Array<UserEntry> = []
  for (const [index, entry] of (file.users ?? []).entries()) {
    const user = checkUser(entry, `users[${String(index)}]`)
    if (Either.isLeft(user)) return user
    users.push(user.right)
  }
  const sameUser = firstRepeated(users.map((user) => subjectOf(user.username)))
  if (sameUser !== -1) return wrong(`users[${String(sameUser)}].username`, 'a name that no other user has')
  const policy = policyOfFile(file)
  if (Either.isLeft(policy)) return policy
  const posting = clients.findIndex(({ metadata }) => metadata.tokenEndpointAuthMethod === 'client_secret_post')
  if (posting !== -1 && !completePolicy(policy.right).allowClientSecretPost) {
    return wrong(
      `clients[${String(posting)}].token_endpoint_auth_method`,
      'another method, because policy.allowClientSecretPost is false',
      '"client_secret_post"'
    )
  }
  return Either.right({
    publicBaseUrl,
    store: storeOf(file),
    ...introspecting.right,
    users: file.users === undefined ? sampleUsers : users,
    policy: policy.right,
    registration: file.registration ?? 'closed',
    accessProfile: file.accessProfile ?? 'us-core',
    fhirRelease: file.fhirRelease ?? 'R4',
    fhirUpstream: file.fhirUpstream?.replace(/\/$/, '') ?? null,
    fetchPrivateNetworks: file.fetchPrivateNetworks ?? loopbackNetworks,
    foreignOrigin: file.foreignOrigin ?? defaultForeignOrigin(publicBaseUrl)
  })
}

const placeIn = (text: string, index: number): string => {
  const before = text.slice(0, index).split('\n')
  return `line ${String(before.length)}, column ${String((before.at(-1) ?? '').length + 1)}`
}

/** The parser's error message on one line; it may quote some characters of the text. */
const parserError = (text: string): string => {
  const parsed = Either.tryCatch(() => JSON.parse(text) as unknown, Either.toError)
  return Either.isLeft(parsed) ? shown(parsed.left.message) : ''
}

const readJson = (text: string): Either.Either<ConfigError, unknown> => {
  const json = parseJson(text)
  if (Option.isNone(json)) return wrong('', `JSON; the parser says: ${parserError(text)}`)
  // JSON.parse would silently take the last value.
  const repeated = nameRepeatedAt(text)
  return repeated === null
    ? Either.right(json.value)
    : wrong('', `unique member names; a name is repeated at ${placeIn(text, repeated)}`)
}

/**
 * Reads a configuration file; `{}` gives the defaults. `defaultAddress` is the public base URL if the file has none,
 * and `publicBaseUrl` replaces that of the file.
 */
export const readConfig = (
  text: string,
  defaultAddress: string = defaultPublicBaseUrl,
  publicBaseUrl?: string
): Either.Either<ConfigError, Config> => {
  const json = readJson(text)
  if (Either.isLeft(json)) return json
  const file = decodeConfig(json.right)
  if (Either.isLeft(file)) return file
  return complete(publicBaseUrl === undefined ? file.right : { ...file.right, publicBaseUrl }, defaultAddress)
}

/** An error on one line. */
export const printConfigError = (fileName: string, error: ConfigError): string =>
  [
    fileName,
    ...(error.path === '' ? [] : [error.path]),
    `expected ${error.expected}${error.found === null ? '' : `, found ${error.found}`}`
  ].join(': ')
