/**
 * What a host provides, as plain functions. A function may be `async` or not. What it throws or rejects, and an answer
 * of another form, counts as unavailable: the request is answered with status 503, and nothing is granted.
 *
 * @module
 */
import type { KeyMaterial } from '../adapters/jose.js'
import type { AuditEvent, StoredRecord, Version } from '../engine/ports.js'
import type { ServerSettings } from '../engine/server/settings.js'
import type { RegisteredClient } from '../protocol/client/client.js'
import type { PlainRequest, PlainResponse } from '../protocol/http/message.js'
import type { IdTokenClaims } from '../protocol/jwt/id-token-claims.js'
import type { Jwk } from '../protocol/jwt/jwk.js'
import type { SignedInUser } from '../protocol/launch/launch-context.js'
import type { AccessTokenClaims } from '../protocol/token/access-token-claims.js'
import type { Digest } from '../values/secret.js'
import type { EpochSeconds } from '../values/time.js'
import type { Awaitable } from './result.js'
import type { ScopeInput } from './scopes/scope-input.js'

/**
 * The whole storage interface: read a record, and replace it if it has not been changed since.
 *
 * Both operations are atomic per key. `load` sees the latest acknowledged write of any process. From `expiresAt` on
 * (seconds since the epoch), both treat a record as absent.
 */
export interface PlainStore {
  /** The record under a key; null when there is none. */
  readonly load: (key: string) => Awaitable<StoredRecord | null>
  /**
   * Replaces the record under a key: `won`, or `lost` when the stored version is not the expected one. `expected` is
   * null when no record may exist. After an exception the write may have been applied, unless the error has an own
   * member `applied: 'no'`.
   */
  readonly swap: (
    key: string,
    expected: Version | null,
    text: string,
    expiresAt: EpochSeconds
  ) => Awaitable<'won' | 'lost'>
}

/** The members of a registered client that have a default. */
export type ClientDefault = 'clientName' | 'launchUris' | 'grantTypes' | 'secretDigests' | 'applicationType'

/**
 * A registered client. The scope is text or parsed. Defaults: `clientName` is the client id, `launchUris` and
 * `secretDigests` are empty, `grantTypes` are `authorization_code` and `refresh_token`, `applicationType` is `web`.
 */
export type PlainClient = Omit<RegisteredClient, 'scope' | ClientDefault> &
  Partial<Pick<RegisteredClient, ClientDefault>> & {
    /** The widest scope that may be granted to this client. */
    readonly scope: ScopeInput
  }

/** The registry of clients. */
export interface PlainClients {
  /** The client with that id; null (or undefined) when there is none. */
  readonly find: (clientId: string) => Awaitable<PlainClient | null | undefined>
  /**
   * Whether an origin (`https://app.example`) is one from which a registered client's pages come (CORS). Default: no
   * origin is; an array of clients answers from their redirect URIs.
   */
  readonly isRegisteredOrigin?: (origin: string) => Awaitable<boolean>
}

/** A port's answer that ends the grant: its tokens are revoked. */
export interface EndGrant {
  readonly endGrant: true
}

/** Signing, verifying and digests, for hosts that keep their keys elsewhere. Others give {@link KeyMaterial}. */
export interface PlainKeys {
  /** SHA-256 of the UTF-8 bytes, as base64url. */
  readonly digest: (text: string) => Awaitable<Digest>
  /**
   * The scrypt digest of a secret, with the parameters and the salt of `known` (see `secretDigest`). Without this
   * member, clients whose secrets were chosen by people cannot authenticate.
   */
  readonly scryptDigest?: (secret: string, known: Digest) => Awaitable<Digest>
  /** Returns the text that `covered` makes from the key id, a dot, and the MAC of that text. */
  readonly mac: (covered: (keyId: string) => string) => Awaitable<string>
  /** Whether the MAC is valid for the covered text under the key with that id. False for an unknown id. */
  readonly verifyMac: (keyId: string, covered: string, mac: string) => Awaitable<boolean>
  /** Signs an id_token with RS256; the header `kid` names the key. */
  readonly signIdToken: (claims: IdTokenClaims) => Awaitable<string>
  /** Signs an access token as a JWT of type `at+jwt` (RFC 9068); the header `kid` names the key. */
  readonly signAccessToken: (claims: AccessTokenClaims) => Awaitable<string>
  /** The claims of an access token that one of the keys signed; null otherwise. Expiry is not checked. */
  readonly verifyAccessToken: (token: string) => Awaitable<unknown>
  /** The public keys with which the signatures can be verified. */
  readonly publicKeys: () => Awaitable<ReadonlyArray<Jwk>>
  /** Whether the signature of a compact JWS is valid under a client's public key; false without a key. */
  readonly verifyAssertion: (key: Jwk | null, alg: string, text: string) => Awaitable<boolean>
}

/** The keys of a server, or a function that loads them when they are first needed. */
export type KeySource = KeyMaterial | PlainKeys | (() => Awaitable<KeyMaterial | PlainKeys>)

/**
 * A FHIR server without authorization of its own: its base URL, or a function that answers, with the base URL of the
 * server that it asks as `base`.
 */
export type PlainFhirServer =
  string | (((request: PlainRequest) => Awaitable<PlainResponse>) & { readonly base?: string })

/** The ports of a server. */
export interface ServerPorts {
  /** Where grants, launches and used assertions are stored. */
  readonly store: PlainStore
  /** The registered clients: a list, or a registry. */
  readonly clients: ReadonlyArray<PlainClient> | PlainClients
  /**
   * The part of the requested scopes that this user may give to this client now, as text. An empty text permits
   * nothing: no token is issued. `{ endGrant: true }` revokes the grant and all its tokens. It is called at sign-in, at
   * consent, at code exchange and at each refresh (policy option `accessPolicyChecks`), never for a backend service.
   */
  readonly permittedScopes: (
    user: SignedInUser,
    client: RegisteredClient,
    requested: string
  ) => Awaitable<ScopeInput | EndGrant>
  /**
   * Whether the session in which the user consented still lasts (`online_access`). Default: the host has no sessions,
   * so no.
   */
  readonly isOnline?: (user: SignedInUser, grantId: string) => Awaitable<boolean>
  /**
   * Receives each decision, also about each FHIR request if the host has `fhir`. It never influences a response.
   * Default: one line on the console for each, except for FHIR requests that were carried out.
   */
  readonly audit?: (event: AuditEvent) => Awaitable<void>
  /** The time in whole seconds since the epoch. Default: the system clock. */
  readonly clock?: () => EpochSeconds
  /** 256 fresh random bits as 43 characters of base64url. Default: WebCrypto. */
  readonly random?: () => string
  /**
   * The keys of the server. Default: keys that are generated when they are first needed and exist only in this process;
   * a line on the console says so.
   */
  readonly keys?: KeySource
  /**
   * The keys at a JWK Set URL that a client registered. Default: fetched safely (only https, only public machines) and
   * cached; this needs Node, Bun or Deno. See `ClientKeys` of `smart-app-launch/fp-ts` for the parameters.
   */
  readonly clientKeys?: (url: string, isFresh: boolean, signal?: AbortSignal) => Awaitable<ReadonlyArray<Jwk>>
}

/** The settings and ports of an authorization server. */
export interface AuthorizationServerOptions extends ServerSettings, ServerPorts {}
