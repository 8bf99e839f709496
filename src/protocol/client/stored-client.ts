/**
 * A client that registered itself, as it is stored. Secrets are stored only as digests.
 *
 * Source: RFC 7591, section 3.2.1; RFC 7592, section 3.
 *
 * @module
 */
import * as t from 'io-ts'
import type { ClientAuthenticationMethod, GrantType, RegisteredClient } from './client.js'
import type { CheckedMetadata } from './metadata.js'
import { parse } from '../../scopes/parse.js'
import type { EpochSeconds } from '../../values/time.js'
import { hasPassed } from '../../values/time.js'

const keys = t.union([
  t.null,
  t.readonly(t.strict({ _tag: t.literal('Inline'), keys: t.readonlyArray(t.UnknownRecord) })),
  t.readonly(t.strict({ _tag: t.literal('AtUrl'), url: t.string }))
])

const methods: Readonly<Record<ClientAuthenticationMethod, null>> = {
  none: null,
  client_secret_basic: null,
  client_secret_post: null,
  private_key_jwt: null
}

const served: Readonly<Record<GrantType, null>> = {
  authorization_code: null,
  refresh_token: null,
  client_credentials: null
}

const Registered = t.readonly(
  t.strict({
    _tag: t.literal('Registered'),
    clientId: t.string,
    writeId: t.string,
    recordExpiresAt: t.number,
    issuedAt: t.number,
    /** Whether the client registered with an initial access token. */
    hasInitialAccessToken: t.boolean,
    clientName: t.string,
    redirectUris: t.readonlyArray(t.string),
    launchUris: t.readonlyArray(t.string),
    /** The widest scope that may be granted, out of the requested one. */
    scope: t.string,
    grantTypes: t.readonlyArray(t.keyof(served)),
    tokenEndpointAuthMethod: t.keyof(methods),
    applicationType: t.keyof({ web: null, native: null }),
    keys,
    /**
     * The digests of its secrets, and the time until which each is valid (null: no limit). Two during a change of
     * secrets.
     */
    secrets: t.readonlyArray(t.readonly(t.strict({ digest: t.string, until: t.union([t.number, t.null]) }))),
    /** The digest of the registration access token (RFC 7592). */
    managementDigest: t.string
  })
)

const Removed = t.readonly(
  t.strict({ _tag: t.literal('Removed'), clientId: t.string, writeId: t.string, recordExpiresAt: t.number })
)

/** The codec of a stored client. */
export const StoredClientCodec = t.union([Registered, Removed])

/** A stored client, in one of its states. */
export type StoredClient = t.TypeOf<typeof StoredClientCodec>
/** The client is registered. */
export type Registered = t.TypeOf<typeof Registered>
/** The client was removed. Its id is never assigned again. */
export type Removed = t.TypeOf<typeof Removed>

/** The registered client at a point in time. */
export const asRegisteredClient = (client: Registered, now: EpochSeconds): RegisteredClient => ({
  clientId: client.clientId,
  clientName: client.clientName === '' ? client.clientId : client.clientName,
  redirectUris: client.redirectUris,
  launchUris: client.launchUris,
  scope: parse(client.scope),
  grantTypes: client.grantTypes,
  tokenEndpointAuthMethod: client.tokenEndpointAuthMethod,
  secretDigests: client.secrets
    .filter(({ until }) => until === null || !hasPassed(until, now))
    .map(({ digest }) => digest),
  applicationType: client.applicationType,
  isUnvetted: true,
  ...(client.keys === null ? {} : { keys: client.keys })
})

/**
 * The client information response (RFC 7591, section 3.2.1): the registered values, which may differ from the requested
 * ones.
 */
export const registrationJson = (client: Registered): Readonly<Record<string, unknown>> => ({
  client_id: client.clientId,
  client_id_issued_at: client.issuedAt,
  ...(client.clientName === '' ? {} : { client_name: client.clientName }),
  redirect_uris: client.redirectUris,
  ...(client.launchUris.length === 0 ? {} : { launch_uris: client.launchUris }),
  scope: client.scope,
  grant_types: client.grantTypes,
  response_types: client.grantTypes.includes('authorization_code') ? ['code'] : [],
  token_endpoint_auth_method: client.tokenEndpointAuthMethod,
  application_type: client.applicationType,
  ...(client.keys?._tag === 'Inline' ? { jwks: { keys: client.keys.keys } } : {}),
  ...(client.keys?._tag === 'AtUrl' ? { jwks_uri: client.keys.url } : {})
})

/** The members of a stored client that are copied from its metadata. */
export const metadataMembers = (metadata: CheckedMetadata): Omit<CheckedMetadata, 'scope'> => ({
  clientName: metadata.clientName,
  redirectUris: metadata.redirectUris,
  launchUris: metadata.launchUris,
  grantTypes: metadata.grantTypes,
  tokenEndpointAuthMethod: metadata.tokenEndpointAuthMethod,
  applicationType: metadata.applicationType,
  keys: metadata.keys
})
