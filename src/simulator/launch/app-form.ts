/** The form of an app: its fields, and the metadata (RFC 7591) that they describe. */
import * as Either from 'fp-ts/lib/Either.js'
import { holdsPrivateKey, keysLabel, readKeys } from './keys-field.js'
import { ownAppLabels, wrongOwnAppAddress } from './own-app-fields.js'
import { scopesIn, wrongScopeComplaint } from './scope-field.js'
import type { Parameters } from '../../protocol/http/form.js'
import type { JsonObject } from '../../values/object.js'
import { noMembers } from '../../values/own.js'

/** The fields of the form. */
export interface AppFields {
  /** The id that the app sends already and keeps; empty if the server assigns one. */
  readonly client_id: string
  readonly client_name: string
  readonly redirect_uris: string
  readonly launch_uris: string
  readonly scope: string
  readonly method: string
  /** `web` or `native`. */
  readonly application_type: string
  /** A JWK Set, or its URL. */
  readonly keys: string
}

/** The fields in a form or a query. */
export const readAppFields = (form: Parameters): AppFields => {
  const value = (name: string): string => (form.get(name)?.[0] ?? '').trim()
  return {
    client_id: value('client_id'),
    client_name: value('client_name'),
    redirect_uris: value('redirect_uris') === '' ? value('redirect_uri') : value('redirect_uris'),
    launch_uris: value('launch_uris'),
    scope: value('scope'),
    method: value('method') === '' ? 'none' : value('method'),
    application_type: value('application_type') === '' ? 'web' : value('application_type'),
    keys: value('keys').replaceAll('\r\n', '\n')
  }
}

const lines = (text: string): ReadonlyArray<string> => text.split(/\s+/).filter((line) => line !== '')

/** What is wrong with the keys or the scope or missing, as a complaint at its field; null if nothing is. */
export const appFieldsComplaint = ({ keys, method, redirect_uris, scope }: AppFields): string | null => {
  if (keys !== '' && method !== 'private_key_jwt' && !holdsPrivateKey(keys))
    return `${keysLabel}: they are for the authentication private_key_jwt. Choose it, or leave the keys out.`
  const read = readKeys(keys)
  if (Either.isLeft(read)) return read.left
  if (keys === '' && method === 'private_key_jwt')
    return `${keysLabel}: the authentication private_key_jwt needs them. Paste a JWK Set, or enter its URL.`
  if (redirect_uris === '' && method !== 'private_key_jwt')
    return `${ownAppLabels.redirectUris}: enter at least one address, for example http://localhost:3000/callback.`
  const wrongScope = wrongScopeComplaint(scope)
  return wrongScope === null ? null : `${ownAppLabels.scope}: ${wrongScope}`
}

/** The labels of the fields of the form, by the members of the metadata. */
export const appFormLabels = {
  client_id: ownAppLabels.clientId,
  client_name: 'Name',
  application_type: ownAppLabels.applicationType,
  token_endpoint_auth_method: 'Authentication',
  redirect_uris: ownAppLabels.redirectUris,
  launch_uris: 'Launch URLs',
  scope: ownAppLabels.scope,
  jwks: keysLabel,
  jwks_uri: keysLabel
} as const

const isLabeled = (member: string): member is keyof typeof appFormLabels => Object.hasOwn(appFormLabels, member)

/** What is wrong with the first address that cannot be used, as a complaint about the field; null if none is wrong. */
const wrongAddress = (member: string, fields: AppFields): string | null => {
  const type = fields.application_type === 'native' ? ({ application_type: 'native' } as const) : noMembers
  if (member === 'redirect_uris') return wrongOwnAppAddress({ ...type, redirect_uris: lines(fields.redirect_uris) })
  if (member !== 'launch_uris') return null
  const wrong = lines(fields.launch_uris).flatMap((launch_uri) => wrongOwnAppAddress({ ...type, launch_uri }) ?? [])[0]
  return wrong?.replace(`${ownAppLabels.launchUri}: `, `${appFormLabels.launch_uris}: `) ?? null
}

/** The refusal of a registration as a complaint about its field, if it names one: `... scope: expected ...`. */
export const refusedFieldComplaint = (fields: AppFields, description: string): string => {
  const [, member = '', expected = ''] = /(?:^|\s)(\w+): (expected .*)$/.exec(description) ?? []
  if (member === 'grant_types' && fields.redirect_uris === '')
    return `${appFormLabels.redirect_uris}: enter at least one address, because this app cannot be a backend service.`
  if (!isLabeled(member)) return description
  return wrongAddress(member, fields) ?? `${appFormLabels[member]}: ${expected}`
}

/** A registration that the form replaces, and where it was made. */
export interface ReplacedRegistration extends JsonObject {
  readonly from: 'page' | 'endpoint'
}

/**
 * The metadata of the form. What cannot be read is left as it is: the registration refuses it. An app that registered
 * itself gets no grant type that it did not ask for, and none gets all scopes in place of none.
 */
export const metadataOf = (fields: AppFields, before: ReplacedRegistration | null = null): JsonObject => {
  const redirectUris = lines(fields.redirect_uris)
  const hasKeys = fields.method === 'private_key_jwt'
  const had = before?.from === 'endpoint' ? before['grant_types'] : null
  const may = (grantType: string): boolean => !Array.isArray(had) || had.includes(grantType)
  const keys = hasKeys ? readKeys(fields.keys) : Either.right(noMembers)
  return {
    ...(fields.client_name === '' ? noMembers : { client_name: fields.client_name }),
    redirect_uris: redirectUris,
    launch_uris: lines(fields.launch_uris),
    ...(fields.scope === '' && before?.['scope'] !== '' ? noMembers : { scope: scopesIn(fields.scope).join(' ') }),
    application_type: fields.application_type,
    token_endpoint_auth_method: fields.method,
    grant_types: [
      ...(redirectUris.length > 0 ? ['authorization_code'] : []),
      ...(redirectUris.length > 0 && may('refresh_token') ? ['refresh_token'] : []),
      ...(hasKeys && may('client_credentials') ? ['client_credentials'] : [])
    ],
    ...(Either.isRight(keys) ? keys.right : noMembers)
  }
}

const texts = (value: unknown): string =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string').join('\n') : ''

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** The fields of an app that is registered already. */
export const fieldsOf = (registration: JsonObject): AppFields => ({
  client_id: text(registration['client_id']),
  client_name: text(registration['client_name']),
  redirect_uris: texts(registration['redirect_uris']),
  launch_uris: texts(registration['launch_uris']),
  scope: text(registration['scope']),
  method: text(registration['token_endpoint_auth_method']),
  application_type: text(registration['application_type']),
  keys: registration['jwks'] === undefined ? text(registration['jwks_uri']) : JSON.stringify(registration['jwks'])
})
