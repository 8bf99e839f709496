/**
 * The ports: what a host provides to the engine. Each port is a record of functions that return lazy fp-ts values; each
 * has a default implementation in `adapters/`. A failure is a value: a port must not throw or reject. If a port does
 * so, or returns a value of the wrong form, it counts as unavailable (`validated-ports.ts`), and no promise of the
 * engine rejects.
 *
 * @module
 */
import type { IO } from 'fp-ts/lib/IO.js'
import type { Option } from 'fp-ts/lib/Option.js'
import type { Task } from 'fp-ts/lib/Task.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { AccessEvent } from '../protocol/access/access-event.js'
import type { RegisteredClient } from '../protocol/client/client.js'
import type { AccessTokenClaims } from '../protocol/token/access-token-claims.js'
import type { PlainRequest, PlainResponse } from '../protocol/http/message.js'
import type { IdTokenClaims } from '../protocol/jwt/id-token-claims.js'
import type { Jwk } from '../protocol/jwt/jwk.js'
import type { SignedInUser } from '../protocol/launch/launch-context.js'
import type { Refusal } from '../protocol/errors/refusal.js'
import type { ScopeSet } from '../scopes/scope.js'
import type { Digest } from '../values/secret.js'
import type { EpochSeconds } from '../values/time.js'

/** The failure of a port. */
export interface PortError {
  readonly _tag: 'Unavailable'
  /** The reason, for the log. */
  readonly reason: string
}

/** The failure of a port, for a reason. */
export const portUnavailable = (reason: string): PortError => ({ _tag: 'Unavailable', reason })

/** Changes whenever a record changes, and never repeats for a key. */
export type Version = string

/** A record in the store. */
export interface StoredRecord {
  readonly version: Version
  /** The state of a machine, as JSON. */
  readonly text: string
}

/** The failure of a store: the write had no effect (`no`), or its effect is unknown (`unknown`). */
export interface StoreError {
  readonly _tag: 'Unavailable'
  readonly applied: 'no' | 'unknown'
  /** The reason, for the log. */
  readonly reason?: string
}

/**
 * The whole storage interface: read a record, and replace it if it has not been changed since.
 *
 * Both operations are atomic per key. `load` sees the latest acknowledged write of any process. From `expiresAt` on,
 * both treat a record as absent. `expected` is the version that must be stored for the swap to be won; `none` means
 * that no record may exist.
 */
export interface Store {
  /** The record under a key; `none` when there is none. */
  readonly load: (key: string) => TaskEither<StoreError, Option<StoredRecord>>
  /** Replaces the record under a key: `won`, or `lost` when the stored version is not the expected one. */
  readonly swap: (
    key: string,
    expected: Option<Version>,
    text: string,
    expiresAt: EpochSeconds
  ) => TaskEither<StoreError, 'won' | 'lost'>
}

/** The registry of clients. */
export interface Clients {
  /** The client with that id; `none` when there is none. */
  readonly find: (clientId: string) => TaskEither<PortError, Option<RegisteredClient>>
  /** Whether an origin (`https://app.example`) is one from which a registered client's pages come: see `originsOf`. */
  readonly isRegisteredOrigin: (origin: string) => TaskEither<PortError, boolean>
}

/** The current time. */
export interface Clock {
  readonly now: IO<EpochSeconds>
}

/** Random values. */
export interface Random {
  /** 256 fresh random bits as 43 characters of base64url. */
  readonly token: IO<string>
}

/** The keys of clients that publish them (`jwks_uri`). */
export interface ClientKeys {
  /**
   * The keys at a JWK Set URL that a client registered. `isFresh` asks for keys that are newer than the cached copy,
   * because a key is missing in it; repeated calls for one URL must still not cause many requests. `signal` is aborted
   * when the requesting client has disconnected; the fetch ends when no other request waits for it.
   */
  readonly keysAt: (url: string, isFresh: boolean, signal?: AbortSignal) => TaskEither<PortError, ReadonlyArray<Jwk>>
}

/** Signing, verifying and digests. */
export interface Keys {
  /** SHA-256 of the UTF-8 bytes, as base64url. */
  readonly digest: (text: string) => Task<Digest>
  /**
   * The scrypt digest of a secret, with the parameters and the salt of `known` (`values/secret.ts`); left when `known`
   * cannot be read or there is too much to do. Without this member, clients with scrypt digests cannot authenticate.
   */
  readonly scryptDigest?: (secret: string, known: Digest) => TaskEither<PortError, Digest>
  /**
   * Appends a MAC: takes a function that makes the covered text from the key id, and returns that text, a dot and the
   * MAC.
   */
  readonly mac: (covered: (keyId: string) => string) => TaskEither<PortError, string>
  /** Whether the MAC is valid for the covered text under the key with that id. False for an unknown id. */
  readonly verifyMac: (keyId: string, covered: string, mac: string) => TaskEither<PortError, boolean>
  /** Signs an id_token with RS256; the header `kid` names the key. */
  readonly signIdToken: (claims: IdTokenClaims) => TaskEither<PortError, string>
  /** Signs an access token as a JWT of type `at+jwt` (RFC 9068); the header `kid` names the key. */
  readonly signAccessToken: (claims: AccessTokenClaims) => TaskEither<PortError, string>
  /** The claims of an access token that one of our keys signed; `none` otherwise. Expiry is not checked. */
  readonly verifyAccessToken: (token: string) => TaskEither<PortError, Option<unknown>>
  /** The public keys with which the signatures can be verified. */
  readonly publicKeys: TaskEither<PortError, ReadonlyArray<Jwk>>
  /**
   * Whether the signature of a compact JWS is valid under a client's public key and algorithm. Without a key the result
   * is false, but the same work is done, so that the time does not reveal the difference.
   */
  readonly verifyAssertion: (key: Jwk | null, alg: string, text: string) => TaskEither<PortError, boolean>
}

/**
 * The host's own policy: how much may this user give to this client? The engine never grants more. It is called at
 * sign-in, at consent, at code exchange and at each refresh (policy option `accessPolicyChecks`), and never about a
 * backend service, which has no user.
 */
export interface AccessPolicy {
  /**
   * The part of `requested` that this user may give to this client now. At code exchange and refresh `requested` is
   * what the user consented to. Scopes that are left out are missing in the next token and return when they are
   * permitted again. With an empty set no token is issued and nothing is consumed. `endGrant` revokes the grant and all
   * its tokens.
   */
  readonly permittedScopes: (
    user: SignedInUser,
    client: RegisteredClient,
    requested: ScopeSet
  ) => TaskEither<PortError, ScopeSet | 'endGrant'>
}

/** The host's sessions, for `online_access`. */
export interface Users {
  /**
   * Whether the session in which the user consented still lasts: the session `user.sessionId` or, if the host sets
   * none, the one that began at `user.authTime`. A later session of the same user does not count. After the result
   * false the grant has ended.
   */
  readonly isOnline: (user: SignedInUser, grantId: string) => TaskEither<PortError, boolean>
}

/**
 * Whom an access token concerns, as the record of its grant says: null for a backend service, for a token without a
 * patient in its context, and where the grant has ended, because its record then names neither.
 */
export interface TokenOwner {
  readonly userSub: string | null
  readonly patient: string | null
}

/** A decision of the engine, for the log. It contains no secrets. */
export interface AuditEvent {
  /** The time of the decision; 0 when the clock was unavailable. */
  readonly at: EpochSeconds
  readonly decision:
    | 'LaunchOffered'
    | 'AuthorizationRequested'
    | 'UserSignedIn'
    | 'ContextChosen'
    | 'CodeIssued'
    | 'TokensIssued'
    | 'TokenAccepted'
    | 'GrantRevoked'
    | 'AccessTokensRevoked'
    | 'TokenIntrospected'
    | 'ClientRegistered'
    | 'RegistrationRead'
    | 'RegistrationChanged'
    | 'RegistrationRemoved'
    | 'SecretRotated'
    | 'Refused'
    | 'AccessPermitted'
    | 'AccessFiltered'
    | 'AccessDenied'
    | 'AccessFailed'
  /** The client. In a refusal it may be a client that the request named without authenticating; the refusal says so. */
  readonly clientId: string | null
  readonly grantId: string | null
  /** The reason of a refusal; null when nothing was refused, and for FHIR requests, whose reason is in `access`. */
  readonly refusal: Refusal | null
  /** Whom the refused access token of the request concerns: only if this server issued it and has its grant. */
  readonly tokenOwner?: TokenOwner
  /** The FHIR interaction: only with the decisions `Access…`. */
  readonly access?: AccessEvent
}

/** Receives the decisions for the log. It never influences a response. */
export interface Audit {
  /** Records one decision. */
  readonly record: (event: AuditEvent) => IO<void>
}

/** A FHIR server without authorization of its own, behind the gate (`fhir-gate.ts`). */
export interface FhirServer {
  /**
   * Answers a request whose `path` is relative to the FHIR base: `/Observation/1`. An implementation that reads its
   * response from elsewhere observes `signal` and `hold` of the request, as `fhirUpstream` does. Its `base` is the base
   * URL at which the server is called: an alias of the public base.
   */
  readonly answer: ((request: PlainRequest) => TaskEither<PortError, PlainResponse>) & { readonly base?: string }
}

/**
 * Encrypts and authenticates the page links of the gate. `bound` is what a link holds for (client, user, patient,
 * scopes): it opens only with the same text.
 */
export interface PageLinks {
  /** The text, encrypted and authenticated, in characters of base64url. */
  readonly seal: (text: string, bound: string) => TaskEither<PortError, string>
  /** The text that was encrypted; `none` if it was not encrypted here, or for something else. */
  readonly open: (encrypted: string, bound: string) => TaskEither<PortError, Option<string>>
}

/** Everything that the engine needs from its host. */
export interface Ports {
  readonly store: Store
  readonly clients: Clients
  readonly clientKeys: ClientKeys
  readonly clock: Clock
  readonly random: Random
  readonly keys: Keys
  readonly accessPolicy: AccessPolicy
  readonly users: Users
  readonly audit: Audit
}
