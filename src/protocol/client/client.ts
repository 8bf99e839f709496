/**
 * A registered client (app), in the toolkit's own form.
 *
 * Source: "Register App with EHR" of app-launch; RFC 7591, section 2.
 *
 * @module
 */
import type { ClientKeySource } from '../jwt/jwk.js'
import type { ScopeSet } from '../../scopes/scope.js'
import type { Digest } from '../../values/secret.js'

/** How a client proves at the token endpoint who it is: exactly the one method that it registered. */
export type ClientAuthenticationMethod = 'none' | 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt'

/** The methods that the toolkit can verify, in the order in which discovery announces them. */
export const clientAuthenticationMethods: ReadonlyArray<ClientAuthenticationMethod> = [
  'none',
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt'
]

/** The grant types that the token endpoint serves. */
export type GrantType = 'authorization_code' | 'refresh_token' | 'client_credentials'

/** The grant types, in the order in which discovery announces them. */
export const grantTypes: ReadonlyArray<GrantType> = ['authorization_code', 'refresh_token', 'client_credentials']

/** A client as the authorization server knows it. */
export interface RegisteredClient {
  readonly clientId: string
  readonly clientName: string
  readonly redirectUris: ReadonlyArray<string>
  readonly launchUris: ReadonlyArray<string>
  /** The widest that this client may ever be granted. */
  readonly scope: ScopeSet
  readonly grantTypes: ReadonlyArray<GrantType>
  readonly tokenEndpointAuthMethod: ClientAuthenticationMethod
  /** SHA-256 of each secret that is good now; two while a secret is being changed, none for a public client. */
  readonly secretDigests: ReadonlyArray<Digest>
  /** Where the keys of a `private_key_jwt` client are. */
  readonly keys?: ClientKeySource
  /** Whether it is a resource server that may introspect the tokens of all clients. Default: its own alone. */
  readonly mayIntrospect?: boolean
  /**
   * Whether nobody looked at it: it registered itself. An error reaches it only if the user follows a link (RFC 9700,
   * section 4.11.2).
   */
  readonly isUnvetted?: boolean
  /** `native` clients may use any port of a registered loopback redirect URI. */
  readonly applicationType: 'web' | 'native'
}
