/**
 * The simulator's configuration: what a file may say, what holds when it says nothing, and what this version cannot do yet
 * and therefore refuses by name.
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { ConfigError, ConfigFile } from './config-codec.js'
import { decodeConfig } from './config-codec.js'
import { jsonEndsAt } from './json-position.js'
import type { SmartPolicy } from '../../messages/policy.js'
import { checkPolicy } from '../../messages/policy-check.js'

/** A client as the configuration names it (RFC 7591). */
export type ClientEntry = NonNullable<ConfigFile['clients']>[number] & { readonly client_id: string }

/** A user of the simulator. */
export interface UserEntry {
  readonly username: string
  readonly password: string
  /** Relative to the FHIR base: `Practitioner/p1`; null for a user without a resource. */
  readonly fhirUser: string | null
  /** The patients whom the user may see; `*` for all. */
  readonly patients: ReadonlyArray<string>
}

/** A configuration with everything in place. */
export interface Config {
  readonly publicBaseUrl: string
  readonly clients: ReadonlyArray<ClientEntry>
  readonly users: ReadonlyArray<UserEntry>
  readonly policy: Partial<SmartPolicy>
}

/** The address at which the simulator is found when nothing else is said. */
export const defaultPublicBaseUrl = 'http://127.0.0.1:4010'

const sampleScope =
  'launch launch/patient launch/encounter openid fhirUser profile offline_access patient/*.rs patient/*.read user/*.rs user/*.read'

/** The two apps that are registered when the file names none. */
export const sampleClients = (publicBaseUrl: string): ReadonlyArray<ClientEntry> => [
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

/** The users who exist when the file names none. Their passwords are shown on the desktop. */
export const sampleUsers: ReadonlyArray<UserEntry> = [
  { username: 'alice', password: 'alice-demo', fhirUser: 'Practitioner/p1', patients: ['*'] },
  { username: 'bob', password: 'bob-demo', fhirUser: 'Practitioner/p2', patients: ['example-2'] },
  { username: 'pat', password: 'pat-demo', fhirUser: 'Patient/example-1', patients: ['example-1'] }
]

const wrong = (path: string, expected: string, found: string | null = null): Either.Either<ConfigError, never> =>
  Either.left({ path, expected, found })

const firstRepeated = (values: ReadonlyArray<string>): number =>
  values.findIndex((value, index) => values.indexOf(value) < index)

const checkClient = (client: NonNullable<ConfigFile['clients']>[number], path: string): Either.Either<ConfigError, ClientEntry> => {
  const method = client.token_endpoint_auth_method ?? 'client_secret_basic'
  if (client.client_id === undefined) return wrong(`${path}.client_id`, 'a text of visible ASCII characters')
  if (method === 'private_key_jwt' || method === 'client_secret_post') {
    return wrong(`${path}.token_endpoint_auth_method`, '"none" or "client_secret_basic"; others are not in this version', JSON.stringify(method))
  }
  if (client.grant_types?.includes('client_credentials') === true) {
    return wrong(`${path}.grant_types`, 'authorization_code and refresh_token; others are not in this version')
  }
  for (const name of ['jwks', 'jwks_uri'] as const) {
    if (client[name] !== undefined) return wrong(`${path}.${name}`, 'nothing: keys of clients are not in this version')
  }
  if (method === 'client_secret_basic' && client.client_secret === undefined) {
    return wrong(`${path}.client_secret`, 'a secret, because token_endpoint_auth_method is client_secret_basic')
  }
  if (method === 'none' && client.client_secret !== undefined) {
    return wrong(`${path}.client_secret`, 'nothing, because token_endpoint_auth_method is none')
  }
  if ((client.redirect_uris ?? []).length === 0) return wrong(`${path}.redirect_uris`, 'at least one redirect address')
  return Either.right({ ...client, client_id: client.client_id, token_endpoint_auth_method: method })
}

/** A patient sees herself; who is no patient sees all. */
const patientsWhenUnsaid = (fhirUser: string | undefined): ReadonlyArray<string> => {
  const patient = /^Patient\/(.+)$/.exec(fhirUser ?? '')?.[1]
  return [patient ?? '*']
}

const checkUser = (user: NonNullable<ConfigFile['users']>[number], path: string): Either.Either<ConfigError, UserEntry> => {
  if (user.username === undefined) return wrong(`${path}.username`, 'a text that is not empty')
  if (user.password === undefined) return wrong(`${path}.password`, 'a text that is not empty')
  return Either.right({
    username: user.username,
    password: user.password,
    fhirUser: user.fhirUser ?? null,
    patients: user.patients ?? patientsWhenUnsaid(user.fhirUser)
  })
}

const refuseWhatIsMissing = (file: ConfigFile): Either.Either<ConfigError, ConfigFile> => {
  if (file.store !== undefined && file.store !== 'memory') return wrong('store', '"memory"; others are not in this version')
  if (file.fhirUpstream !== undefined && file.fhirUpstream !== null) {
    return wrong('fhirUpstream', 'null; a foreign FHIR server is not in this version')
  }
  if (file.registration !== undefined && file.registration !== 'closed') {
    return wrong('registration', '"closed"; dynamic registration is not in this version')
  }
  return Either.right(file)
}

const lifetimesOf = (file: ConfigFile): Partial<SmartPolicy> => {
  const { codeSeconds, accessTokenSeconds, refreshTokenSeconds, launchSeconds } = file.lifetimes ?? {}
  return {
    ...(codeSeconds === undefined ? {} : { codeLifetimeSeconds: codeSeconds }),
    ...(accessTokenSeconds === undefined ? {} : { accessTokenLifetimeSeconds: accessTokenSeconds }),
    ...(refreshTokenSeconds === undefined ? {} : { refreshTokenLifetimeSeconds: refreshTokenSeconds }),
    ...(launchSeconds === undefined ? {} : { launchLifetimeSeconds: launchSeconds })
  }
}

/** A switch that is set in two places must be set to the same. */
const contradiction = (file: ConfigFile): Either.Either<ConfigError, null> => {
  const elsewhere: Partial<SmartPolicy> = {
    ...lifetimesOf(file),
    ...(file.specVersion === undefined ? {} : { specVersion: file.specVersion })
  }
  for (const name of Object.keys(elsewhere) as ReadonlyArray<keyof SmartPolicy>) {
    const [here, there] = [file.policy?.[name], elsewhere[name]]
    if (here !== undefined && here !== there) {
      return wrong(`policy.${name}`, `${JSON.stringify(there)}, which is said elsewhere in this file`, JSON.stringify(here))
    }
  }
  return Either.right(null)
}

/** Where in the file a switch was set. */
const placeOf = (file: ConfigFile, path: string): string => {
  const name = path.replace(/^policy\./, '') as keyof SmartPolicy
  if (file.policy?.[name] !== undefined) return path
  return name === 'specVersion' ? name : `lifetimes.${name.replace('LifetimeSeconds', 'Seconds')}`
}

const complete = (file: ConfigFile, defaultAddress: string): Either.Either<ConfigError, Config> => {
  const publicBaseUrl = (file.publicBaseUrl ?? defaultAddress).replace(/\/$/, '')
  const clients: Array<ClientEntry> = []
  for (const [index, entry] of (file.clients ?? sampleClients(publicBaseUrl)).entries()) {
    const client = checkClient(entry, `clients[${String(index)}]`)
    if (Either.isLeft(client)) return client
    clients.push(client.right)
  }
  const sameClient = firstRepeated(clients.map((client) => client.client_id))
  if (sameClient !== -1) return wrong(`clients[${String(sameClient)}].client_id`, 'an id that no other client has')
  const users: Array<UserEntry> = []
  for (const [index, entry] of (file.users ?? []).entries()) {
    const user = checkUser(entry, `users[${String(index)}]`)
    if (Either.isLeft(user)) return user
    users.push(user.right)
  }
  const sameUser = firstRepeated(users.map((user) => user.username))
  if (sameUser !== -1) return wrong(`users[${String(sameUser)}].username`, 'a name that no other user has')
  const contradicted = contradiction(file)
  if (Either.isLeft(contradicted)) return contradicted
  const policy = {
    ...file.policy,
    ...lifetimesOf(file),
    ...(file.specVersion === undefined ? {} : { specVersion: file.specVersion })
  } as Partial<SmartPolicy>
  const checked = checkPolicy(policy)
  if (Either.isLeft(checked)) {
    const [first] = checked.left
    return wrong(placeOf(file, first?.path ?? ''), first?.expected ?? '', first?.found ?? null)
  }
  return Either.right({ publicBaseUrl, clients, users: file.users === undefined ? sampleUsers : users, policy })
}

const readJson = (text: string): Either.Either<ConfigError, unknown> => {
  const json = Either.tryCatch((): unknown => JSON.parse(text), () => null)
  if (Either.isRight(json)) return json
  const before = text.slice(0, jsonEndsAt(text) ?? text.length).split('\n')
  const place = `line ${String(before.length)}, column ${String((before.at(-1) ?? '').length + 1)}`
  return wrong('', `JSON, and it stops being so at ${place}`)
}

/** Reads a configuration file; `{}` gives the defaults. `defaultAddress` holds when the file names no public address. */
export const readConfig = (text: string, defaultAddress: string = defaultPublicBaseUrl): Either.Either<ConfigError, Config> => {
  const json = readJson(text)
  if (Either.isLeft(json)) return json
  const file = decodeConfig(json.right)
  if (Either.isLeft(file)) return file
  const possible = refuseWhatIsMissing(file.right)
  return Either.isLeft(possible) ? possible : complete(possible.right, defaultAddress)
}

/** An error in one line. */
export const printConfigError = (fileName: string, error: ConfigError): string =>
  [
    fileName,
    ...(error.path === '' ? [] : [error.path]),
    `expected ${error.expected}${error.found === null ? '' : `, found ${error.found}`}`
  ].join(': ')
