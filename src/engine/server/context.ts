/**
 * What the endpoints of an authorization server share.
 *
 * @module
 */
import type { Grants } from './grant-store.js'
import type { ServerName } from './server-name.js'
import type { Ports } from '../ports.js'
import type { ClientAuthenticationMethod, GrantType } from '../../protocol/client/client.js'
import type { ServerFacts } from '../../protocol/discovery/smart-configuration.js'
import type { SmartPolicy } from '../../protocol/policy/policy.js'
import type { ScopeOffer } from '../../protocol/scope-policy/scope-policy.js'
import type { ScopeSet } from '../../scopes/scope.js'
import type { Digest } from '../../values/secret.js'

/** What the parts of the engine work with. */
export interface ServerContext {
  readonly facts: ServerFacts
  /** What the server is called in the store: see {@link serverName}. */
  readonly server: ServerName
  readonly policy: SmartPolicy
  readonly offer: ScopeOffer
  readonly registration: {
    readonly mode: 'closed' | 'token' | 'open'
    readonly initialAccessTokenDigests: ReadonlyArray<Digest>
    readonly scope: ScopeSet
    readonly allowLoopback: boolean
    readonly methods: ReadonlyArray<ClientAuthenticationMethod>
    readonly servedGrantTypes: ReadonlyArray<GrantType>
    /** The scope of a client that names none: all that such clients may have. */
    readonly defaultScope: string
    readonly limitPerHour: number
    readonly limitKept: number
    /** Whether there may be clients that registered themselves. */
    readonly isKept: boolean
  }
  readonly ports: Ports
  readonly grants: Grants
}

/** The issuer as answers to the app name it; null when the policy leaves it out. */
export const namedIssuer = ({ facts, policy }: ServerContext): string | null =>
  policy.issParameter ? facts.issuer : null

/** A short random identifier (132 bits) out of a random token of 256 bits. */
export const identifierOf = (token: string): string => token.slice(0, 22)
