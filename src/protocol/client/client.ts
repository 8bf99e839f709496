/**
 * A registered client (app), as the toolkit represents it.
 *
 * Source: "Register App with EHR" of app-launch; RFC 7591, section 2.
 *
 * @module
 */
import type { ClientKeySource } from '../jwt/jwk.js'
import type { ScopeSet } from '../../scopes/scope.js'
import type { Digest } from '../../values/secret.js'

/** How a client authenticates at the token endpoint: exactly the one method that it registered. */
export type ClientAuthenticationMethod = 'none' | 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt'

/** The authentication methods that the toolkit supports, in the order of the discovery documents. */
export const clientAuthenticationMethods: ReadonlyArray<ClientAuthenticationMethod> = [
  'none',
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt'
]

/** The grant types that the token endpoint serves. */
export type GrantType = 'authorization_code' | 'refresh_token' | 'client_credentials'

/** The grant types, in the order of the discovery documents. */
export const grantTypes: ReadonlyArray<GrantType> = ['authorization_code', 'refresh_token', 'client_credentials']

/** A registered client. */
export interface RegisteredClient {
  readonly clientId: string
  readonly clientName: string
  readonly redirectUris: ReadonlyArray<string>
  readonly launchUris: ReadonlyArray<string>
  /** The widest scope that may be granted to this client. */
  readonly scope: ScopeSet
  readonly grantTypes: ReadonlyArray<GrantType>
  readonly tokenEndpointAuthMethod: ClientAuthenticationMethod
  /**
   * Digests of the secrets that are valid now: two during a change of secrets, none for a public client. SHA-256 for
   * random secrets, scrypt for those that a person chose.
   */
  readonly secretDigests: ReadonlyArray<Digest>
  /** The key source of a `private_key_jwt` client. */
  readonly keys?: ClientKeySource
  /** Whether it is a resource server that may introspect the tokens of all clients. Default: only its own tokens. */
  readonly mayIntrospect?: boolean
  /**
   * Whether the client registered itself without review. Errors are then sent to it only after the user follows a link
   * (RFC 9700, section 4.11.2).
   */
  readonly isUnvetted?: boolean
  /** `native` clients may use any port of a registered loopback redirect URI. */
  readonly applicationType: 'web' | 'native'
}
