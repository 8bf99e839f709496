/** The app of a launch setting: a client that exists only at the server of that setting. */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import * as t from 'io-ts'
import type { Config } from '../config/config.js'
import type { ConfigError } from '../config/file-types.js'
import { anyOf, closed, list, text } from '../config/file-types.js'
import { registeredClient } from '../config/registered-clients.js'
import { memoryClients } from '../../adapters/memory-clients.js'
import type { Clients, Keys } from '../../engine/ports.js'
import { isOwnId } from '../../engine/server/registration/stored-clients.js'
import type { RegisteredClient } from '../../protocol/client/client.js'
import type { CheckedMetadata } from '../../protocol/client/metadata.js'
import { checkMetadata } from '../../protocol/client/metadata.js'
import { isObject } from '../../values/object.js'
import { noMembers, ownMembers } from '../../values/own.js'
import { shown } from '../../values/shown-text.js'
import { hasScheme, isSecureUrl, loopbackUrl, originOf } from '../../values/urls.js'

const someText = text('a text that is not empty', (value) => value !== '' && value.isWellFormed())

const address = text('an address', (value) => value !== '')

const jwkSet = new t.Type<Readonly<Record<string, unknown>>, unknown>(
  'a JWK Set',
  (value): value is Readonly<Record<string, unknown>> => isObject(value),
  (value, context) => (isObject(value) ? t.success(value) : t.failure(value, context)),
  t.identity
)

/** Whether an app may have an id: visible ASCII (RFC 6749, appendix A.1), without blanks. */
export const isAppId = (id: string): boolean => /^[\x21-\x7e]+$/.test(id)

/** The members of an app in a setting, with the names of RFC 7591. */
const members = {
  client_id: text('a text of visible ASCII characters', isAppId),
  client_name: someText,
  /** Where the record system launches it. */
  launch_uri: address,
  redirect_uris: list(address),
  /** The widest scope. Default: everything that an app of its kind can ask for. */
  scope: someText,
  /** Without a secret and keys the client is public, and PKCE is its protection. */
  client_secret: someText,
  /** How the app sends its secret. Default: `client_secret_basic`. */
  token_endpoint_auth_method: anyOf('client_secret_basic', 'client_secret_post'),
  jwks_uri: address,
  jwks: jwkSet,
  /** `native`: installed on a device (RFC 8252). Default: `web`. */
  application_type: anyOf('web', 'native')
}

/** The codec of an app in a setting. */
export const OwnAppCodec = closed(members)

/** The names of the members of an app in a setting. */
export const ownAppMembers: ReadonlyArray<string> = Object.keys(members)

/** An app in a setting. */
export type OwnApp = t.TypeOf<typeof OwnAppCodec>

/** The widest scope of an app that users open. */
const scopeOfUsers =
  'launch launch/patient launch/encounter openid fhirUser profile offline_access online_access patient/*.cruds ' +
  'user/*.cruds'

const wrong = (member: string, expected: string): Either.Either<ConfigError, never> =>
  Either.left({ path: `app${member === '' ? '' : `.${member}`}`, expected, found: null })

/** The metadata of an app, as if it registered itself: loopback addresses are allowed, and secrets are kept apart. */
export const metadataOfApp = (app: OwnApp): Readonly<Record<string, unknown>> => {
  const { application_type, client_name, client_secret, jwks, jwks_uri, launch_uri, scope } = ownMembers(app)
  const { redirect_uris = [] } = ownMembers(app)
  const { token_endpoint_auth_method = 'client_secret_basic' } = ownMembers(app)
  const hasKeys = jwks !== undefined || jwks_uri !== undefined
  const isForUsers = redirect_uris.length > 0
  return {
    ...(application_type === undefined ? noMembers : { application_type }),
    ...(client_name === undefined ? noMembers : { client_name }),
    ...(jwks === undefined ? noMembers : { jwks }),
    ...(jwks_uri === undefined ? noMembers : { jwks_uri }),
    redirect_uris,
    launch_uris: launch_uri === undefined ? [] : [launch_uri],
    scope: scope ?? [...(isForUsers ? [scopeOfUsers] : []), ...(hasKeys ? ['system/*.cruds'] : [])].join(' '),
    grant_types: [
      ...(isForUsers ? ['authorization_code', 'refresh_token'] : []),
      ...(hasKeys ? ['client_credentials'] : [])
    ],
    token_endpoint_auth_method: hasKeys
      ? 'private_key_jwt'
      : client_secret === undefined
        ? 'none'
        : token_endpoint_auth_method
  }
}

/** The forms of an address that every app can have. */
const formOfAddresses =
  'an address that begins with https:// and a host name and has no #; on this machine also http://localhost or ' +
  'http://127.0.0.1'

/** The address that is probably meant, as a sentence; null for none. It is never put in the place of the written one. */
const meantAddress = (address: string): string | null => {
  const withScheme = /^(?:localhost|127\.0\.0\.1|\[::1\]):[0-9]/i.test(address) ? `http://${address}` : null
  if (withScheme !== null) {
    const meant = inLowerCase(withScheme)
    return loopbackUrl(meant) === null ? null : `Did you mean ${shown(meant)}?`
  }
  const lower = inLowerCase(address)
  return lower !== address && isSecureUrl(lower)
    ? `Addresses are compared letter by letter. Write the scheme and the host in lower case: ${shown(originOf(lower))}`
    : null
}

const inLowerCase = (url: string): string => `${originOf(url).toLowerCase()}${url.slice(originOf(url).length)}`

/** What is expected of one address: the rule of the registration is about a list of them. */
const ofOneAddress = (expected: string, address: string, member: string, isNative: boolean): string => {
  if (!expected.includes('https addresses')) return expected
  if (/^https?:/i.test(address) || !hasScheme(address) || meantAddress(address) !== null) return formOfAddresses
  if (member === 'launch_uri')
    return (
      `${formOfAddresses}. A scheme of its own is for redirect URLs alone: an app that has no other is launched ` +
      'by itself'
    )
  return isNative
    ? `${formOfAddresses}. A scheme of its own is a reversed domain name in lower case, with a dot and one slash or ` +
        'more behind the colon, as com.example.app:/callback'
    : `${formOfAddresses}. A scheme of its own is for apps of the type native`
}

/** An address of an app that cannot be registered by itself. */
export interface WrongAddress {
  /** Its place: `launch_uri`, `redirect_uris[0]`. */
  readonly member: string
  readonly address: string
  readonly expected: string
  /** What is probably meant, as a sentence; null if nothing is. */
  readonly meant: string | null
}

/** The first address of an app that cannot be registered by itself; null for none. */
export const wrongAddressIn = ({
  application_type = 'web',
  launch_uri,
  redirect_uris = []
}: OwnApp): WrongAddress | null => {
  const given: ReadonlyArray<readonly [member: string, address: string, app: OwnApp]> = [
    ...(launch_uri === undefined ? [] : [['launch_uri', launch_uri, { launch_uri }] as const]),
    ...redirect_uris.map((uri, place) => [`redirect_uris[${String(place)}]`, uri, { redirect_uris: [uri] }] as const)
  ]
  for (const [member, address, alone] of given) {
    const app = { application_type, redirect_uris: ['https://app.example/'], ...alone }
    const checked = checkMetadata(metadataOfApp(app), { allowLoopback: true })
    if (Either.isRight(checked)) continue
    const expected = 'expected' in checked.left ? checked.left.expected : ''
    return {
      member,
      address,
      expected: ofOneAddress(expected, address, member, application_type === 'native'),
      meant: expected.includes('https addresses') ? meantAddress(address) : null
    }
  }
  return null
}

/** The checked metadata of an app; left with the path of the member that is wrong. */
export const checkOwnApp = (app: OwnApp): Either.Either<ConfigError, CheckedMetadata> => {
  const { client_id, client_secret, jwks, jwks_uri, token_endpoint_auth_method } = ownMembers(app)
  if (client_id === undefined) return wrong('client_id', 'a text of visible ASCII characters')
  if (isOwnId(client_id)) return wrong('client_id', 'an id that this server cannot assign to another app')
  if (client_secret !== undefined && (jwks !== undefined || jwks_uri !== undefined))
    return wrong('client_secret', 'nothing, because the app has keys')
  if (token_endpoint_auth_method !== undefined && client_secret === undefined)
    return wrong('token_endpoint_auth_method', 'nothing, because the app has no secret')
  const checked = checkMetadata(metadataOfApp(app), { allowLoopback: true })
  if (Either.isRight(checked)) return checked
  const refusal = checked.left
  const member = refusal._tag === 'ClientMetadataUnacceptable' ? refusal.member : 'redirect_uris'
  if (member === 'grant_types') return wrong('redirect_uris', 'at least one address, or keys of a backend service')
  const isOfAddress = member === 'launch_uris' || member === 'redirect_uris'
  const address = isOfAddress ? wrongAddressIn(app) : null
  if (address !== null)
    return wrong(address.member, `${address.expected}${address.meant === null ? '' : `. ${address.meant}`}`)
  return wrong(
    member === 'launch_uris' ? 'launch_uri' : member,
    'expected' in refusal ? refusal.expected : 'what can be registered'
  )
}

/** An app must not have the id of a resource server of the configuration: it could not introspect any more. */
export const checkIdFree = (
  { introspectionClients }: Pick<Config, 'introspectionClients'>,
  { client_id }: OwnApp
): ConfigError | null =>
  introspectionClients.some((client) => client.client_id === client_id)
    ? { path: 'app.client_id', expected: 'an id that no resource server has', found: JSON.stringify(client_id) }
    : null

/** The registered client. It was not reviewed, so it gets errors only after a page of the server. */
const clientOf = (keys: Keys, app: OwnApp, metadata: CheckedMetadata): Task.Task<RegisteredClient> =>
  pipe(
    registeredClient(keys, { ...app, client_id: app.client_id ?? '', metadata }),
    Task.map((client) => ({ ...client, isUnvetted: true }))
  )

/**
 * The clients of a server whose setting contains an app. The link holds this app, so it goes on with the app that it
 * holds, also where another app is registered under the same id.
 */
export const withOwnApp = (known: Clients, keys: Keys, app: OwnApp, metadata: CheckedMetadata): Clients => {
  // A secret is digested once.
  let made: Promise<Clients> | null = null
  const own: Task.Task<Clients> = () =>
    (made ??= clientOf(keys, app, metadata)().then((client) => memoryClients([client])))
  return {
    find: (clientId) =>
      clientId === app.client_id
        ? pipe(
            TaskEither.fromTask(own),
            TaskEither.chain((clients) => clients.find(clientId))
          )
        : known.find(clientId),
    isRegisteredOrigin: (origin) =>
      pipe(
        known.isRegisteredOrigin(origin),
        TaskEither.chain((isKnown) =>
          isKnown
            ? TaskEither.right(true)
            : pipe(
                TaskEither.fromTask(own),
                TaskEither.chain((clients) => clients.isRegisteredOrigin(origin))
              )
        )
      )
  }
}
