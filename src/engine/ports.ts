/**
 * What a host provides to the engine. Each port is a record of functions that return lazy fp-ts values; each has a
 * working default in `adapters/`. A failure is a value: a port never throws and never rejects. One that does so all the
 * same, or answers in another form, is taken as silent (`host-answers.ts`), and no promise of the engine rejects.
 *
 * @module
 */
import type { IO } from 'fp-ts/lib/IO.js'
import type { Option } from 'fp-ts/lib/Option.js'
import type { Task } from 'fp-ts/lib/Task.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
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

/** A port did not answer. */
export interface PortError {
  readonly _tag: 'Unavailable'
  /** For the log. */
  readonly reason: string
}

/** Changes whenever a record changes, and never repeats for a key. */
export type Version = string

/** A record as it stands in the store. */
export interface StoredRecord {
  readonly version: Version
  /** The state of a machine, as JSON. */
  readonly text: string
}

/** The store did not answer; whether a write took effect is known (`no`) or not (`unknown`). */
export interface StoreError {
  readonly _tag: 'Unavailable'
  readonly applied: 'no' | 'unknown'
}

/**
 * All the storage there is: read a record, and exchange it if nobody else did.
 *
 * Both operations are atomic per key. `load` sees the latest acknowledged write of any process. A record is gone, for
 * both, from `expiresAt` on. `expected` is the version that must be found for the exchange to be won; `none` means that
 * nothing may be there.
 */
export interface Store {
  /** The record under a key, or nothing. */
  readonly load: (key: string) => TaskEither<StoreError, Option<StoredRecord>>
  /** Exchanges the record under a key: `won`, or `lost` when it is not the one that was expected. */
  readonly swap: (
    key: string,
    expected: Option<Version>,
    text: string,
    expiresAt: EpochSeconds
  ) => TaskEither<StoreError, 'won' | 'lost'>
}

/** The register of clients. */
export interface Clients {
  /** The client of that id, or nothing. */
  readonly find: (clientId: string) => TaskEither<PortError, Option<RegisteredClient>>
  /** Whether some registered client's pages come from this origin (`https://app.example`): see `originsOf`. */
  readonly isRegisteredOrigin: (origin: string) => TaskEither<PortError, boolean>
}

/** What time it is. */
export interface Clock {
  readonly now: IO<EpochSeconds>
}

/** Chance. */
export interface Random {
  /** 256 fresh random bits as 43 characters of base64url. */
  readonly token: IO<string>
}

/** Where the keys of clients come from that publish them (`jwks_uri`). */
export interface ClientKeys {
  /**
   * The keys of a JWK Set URL that a client registered. With `isFresh` a copy that was kept does not do, because a key
   * is missing in it; asking again and again for one URL must still not become many requests. `signal` is aborted when
   * the client that asks has left: a request for the keys ends when nobody else waits for it.
   */
  readonly keysAt: (url: string, isFresh: boolean, signal?: AbortSignal) => TaskEither<PortError, ReadonlyArray<Jwk>>
}

/** Everything that is done with keys, and digests. */
export interface Keys {
  /** SHA-256 of the UTF-8 bytes, as base64url. */
  readonly digest: (text: string) => Task<Digest>
  /**
   * Adds a MAC: takes what is to be covered as a function of the key's id, and gives it back with a
   * dot and the code at its end.
   */
  readonly mac: (covered: (keyId: string) => string) => TaskEither<PortError, string>
  /** Whether the MAC fits the covered text under the key of that id. An unknown id is a `false`. */
  readonly verifyMac: (keyId: string, covered: string, mac: string) => TaskEither<PortError, boolean>
  /** Signs an id_token with RS256 and names the key in `kid`. */
  readonly signIdToken: (claims: IdTokenClaims) => TaskEither<PortError, string>
  /** Signs an access token as a JWT of the type `at+jwt` (RFC 9068) and names the key in `kid`. */
  readonly signAccessToken: (claims: AccessTokenClaims) => TaskEither<PortError, string>
  /** The claims of an access token that one of our keys signed; nothing when none did. Times are not looked at. */
  readonly verifyAccessToken: (token: string) => TaskEither<PortError, Option<unknown>>
  /** The public keys that verify what is signed. */
  readonly publicKeys: TaskEither<PortError, ReadonlyArray<Jwk>>
  /**
   * Whether the signature of a compact JWS fits a client's public key under that algorithm. Without a key it never
   * does, but as much is computed, so that time does not tell.
   */
  readonly verifyAssertion: (key: Jwk | null, alg: string, text: string) => TaskEither<PortError, boolean>
}

/**
 * The host's own policy: how much may this user give to this client? The engine never grants more. It is asked at
 * sign-in, at consent, at code exchange and at each refresh (policy switch `accessPolicyAsked`), and never about a
 * backend service, which has no user.
 */
export interface AccessPolicy {
  /**
   * The most that this user may give to this client now, out of what is requested; at code exchange and refresh
   * `requested` is what the user consented to. What is left out is missing in the next token, and can be had again when
   * it is permitted again; with an empty set nothing is issued now, and nothing is spent. `endGrant` ends the grant and
   * everything that it bought.
   */
  readonly permittedScopes: (
    user: SignedInUser,
    client: RegisteredClient,
    requested: ScopeSet
  ) => TaskEither<PortError, ScopeSet | 'endGrant'>
}

/** The host's sessions: how long does `online_access` last? */
export interface Users {
  /**
   * Whether the session lasts in which the user consented: the one of `user.sessionId`, or, where the host tells none,
   * the one that began at `user.authTime`. A later session of the same user is another one. After a no the grant has
   * ended.
   */
  readonly isOnline: (user: SignedInUser, grantId: string) => TaskEither<PortError, boolean>
}

/** A decision of the engine, for the log. It carries no secret. */
export interface AuditEvent {
  /** When; 0 where the clock could not tell. */
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
  /** The client; of a refusal, also one that the request named and did not prove to be (the refusal says so). */
  readonly clientId: string | null
  readonly grantId: string | null
  /** Why not; null when nothing was refused. */
  readonly refusal: Refusal | null
}

/** Where decisions are told. What it does with them never influences an answer. */
export interface Audit {
  /** Keeps one decision. */
  readonly record: (event: AuditEvent) => IO<void>
}

/** A FHIR server without any authorization of its own; the gate (`fhir-gate.ts`) stands in front of it. */
export interface FhirServer {
  /**
   * Answers a request whose `path` is below the FHIR base: `/Observation/1`. A server that reads its answer from
   * elsewhere heeds `signal` and `hold` of the request, as `fhirUpstream` does.
   */
  readonly answer: (request: PlainRequest) => TaskEither<PortError, PlainResponse>
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
