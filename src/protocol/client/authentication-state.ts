/**
 * The states, events and commands of client authentication.
 *
 * @module
 */
import type { ClientAssertion } from '../jwt/jwt.js'
import type { RegisteredClient } from './client.js'
import type { Credentials, SecretCredentials } from './credentials.js'
import type { Jwk } from '../jwt/jwk.js'
import type { Refusal } from '../errors/refusal.js'
import type { Digest } from '../../values/secret.js'
import type { EpochSeconds } from '../../values/time.js'

/** The states of one client authentication. */
export type AuthenticationState =
  | {
      readonly _tag: 'LookingUpClient'
      readonly credentials: Credentials
      readonly clientId: string
      /** The client ids of the other readings of the request. */
      readonly others: ReadonlyArray<string>
      /** The client of the first reading that named one; null as long as none did. */
      readonly found: RegisteredClient | null
      readonly now: EpochSeconds
    }
  | {
      readonly _tag: 'CheckingSecret'
      readonly credentials: SecretCredentials
      /** Null when there is no such client; the authentication is checked nevertheless. */
      readonly client: RegisteredClient | null
    }
  | {
      readonly _tag: 'FetchingKeys'
      readonly assertion: ClientAssertion
      readonly client: RegisteredClient
      readonly url: string
      /** Whether the keys were fetched again because the `kid` was not among the cached ones. */
      readonly isFresh: boolean
      readonly now: EpochSeconds
    }
  | {
      readonly _tag: 'VerifyingSignature'
      readonly assertion: ClientAssertion
      readonly client: RegisteredClient | null
      /** The refusal that is certain already, whatever the signature is; null when there is none yet. */
      readonly refusal: Refusal | null
      readonly now: EpochSeconds
    }
  | { readonly _tag: 'RememberingAssertion'; readonly client: RegisteredClient }
  | { readonly _tag: 'Authenticated'; readonly client: RegisteredClient }
  | {
      readonly _tag: 'Refused'
      readonly refusal: Refusal
      /** The client id in the request, for the log. It was not authenticated. Null when there is no such client. */
      readonly clientId: string | null
    }

/** The events of a client authentication. */
export type AuthenticationEvent =
  | { readonly _tag: 'ClientFound'; readonly client: RegisteredClient }
  | { readonly _tag: 'ClientNotFound' }
  | { readonly _tag: 'ClientsUnavailable' }
  | {
      readonly _tag: 'SecretDigested'
      /** The digests of the secrets in {@link AuthenticationCommand}: of each kind that it names. */
      readonly digests: ReadonlyArray<Digest>
    }
  | { readonly _tag: 'KeysFetched'; readonly keys: ReadonlyArray<Jwk> }
  | { readonly _tag: 'KeysNotFetched'; readonly reason: string }
  | {
      readonly _tag: 'SignatureVerified'
      /** Digest of the assertion's name in {@link AuthenticationCommand}. */
      readonly digest: Digest
    }
  | { readonly _tag: 'SignatureWrong' }
  | { readonly _tag: 'CryptographyUnavailable' }
  | { readonly _tag: 'AssertionRemembered' }
  | { readonly _tag: 'AssertionSeenBefore' }
  | { readonly _tag: 'StoreUnavailable' }

/** The commands of a client authentication. */
export type AuthenticationCommand =
  | { readonly _tag: 'FindClient'; readonly clientId: string }
  | {
      readonly _tag: 'DigestSecrets'
      readonly secrets: ReadonlyArray<string>
      /** The client's scrypt digests: each secret is digested with their parameters too. */
      readonly scrypt: ReadonlyArray<Digest>
    }
  | { readonly _tag: 'FetchKeys'; readonly url: string; readonly isFresh: boolean }
  | {
      readonly _tag: 'VerifySignature'
      /** Null when no key fits: the signature is then verified with a dummy key, so that the work is the same. */
      readonly key: Jwk | null
      readonly alg: string
      readonly text: string
      /**
       * A unique name of the assertion: this server, the assertion's issuer and its `jti`. Its digest is stored to
       * detect a second use.
       */
      readonly named: string
    }
  | {
      readonly _tag: 'RememberAssertion'
      /** Digest of the assertion's name. */
      readonly digest: Digest
      /** The time until which the same `jti` must be refused. */
      readonly until: EpochSeconds
    }
