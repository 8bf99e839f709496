/**
 * A client that registered itself, as it is stored: its secrets as digests, and nothing that could be used.
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
    /** Whether an initial access token vouched for it when it registered. */
    hasInitialAccessToken: t.boolean,
    clientName: t.string,
    redirectUris: t.readonlyArray(t.string),
    launchUris: t.readonlyArray(t.string),
    /** What may be granted at most, out of what was asked for. */
    scope: t.string,
    grantTypes: t.readonlyArray(t.keyof(served)),
    tokenEndpointAuthMethod: t.keyof(methods),
    applicationType: t.keyof({ web: null, native: null }),
    keys,
    /** The digests of its secrets, and until when each is good; null for ever. Two while a secret is being changed. */
    secrets: t.readonlyArray(t.readonly(t.strict({ digest: t.string, until: t.union([t.number, t.null]) }))),
    /** The digest of the token with which the client manages its registration. */
    managementDigest: t.string
  })
)

const Removed = t.readonly(
  t.strict({ _tag: t.literal('Removed'), clientId: t.string, writeId: t.string, recordExpiresAt: t.number })
)

/** Reads and writes a stored client. */
export const StoredClientCodec = t.union([Registered, Removed])

/** A client, in one of its conditions. */
export type StoredClient = t.TypeOf<typeof StoredClientCodec>
/** It is registered. */
export type Registered = t.TypeOf<typeof Registered>
/** It was removed; its id is never given again. */
export type Removed = t.TypeOf<typeof Removed>

/** The client as the other machines know it, at a moment. */
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

/** What a client is told of its registration (RFC 7591, section 3.2.1): what was registered, not what was asked for. */
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

/** The members of a stored client that come from its metadata. */
export const metadataMembers = (metadata: CheckedMetadata): Omit<CheckedMetadata, 'scope'> => ({
  clientName: metadata.clientName,
  redirectUris: metadata.redirectUris,
  launchUris: metadata.launchUris,
  grantTypes: metadata.grantTypes,
  tokenEndpointAuthMethod: metadata.tokenEndpointAuthMethod,
  applicationType: metadata.applicationType,
  keys: metadata.keys
})
