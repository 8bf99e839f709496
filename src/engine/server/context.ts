/**
 * The common context of a server's endpoints.
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

/** The settings, ports and derived facts of a server. */
export interface ServerContext {
  readonly facts: ServerFacts
  /** The name of the server in the store: see {@link serverName}. */
  readonly server: ServerName
  /** The name under which it stores what it issues: see {@link issuingName}. */
  readonly issuing: ServerName
  readonly policy: SmartPolicy
  readonly offer: ScopeOffer
  readonly registration: {
    readonly mode: 'closed' | 'token' | 'open'
    readonly initialAccessTokenDigests: ReadonlyArray<Digest>
    readonly scope: ScopeSet
    readonly allowLoopback: boolean
    readonly methods: ReadonlyArray<ClientAuthenticationMethod>
    readonly servedGrantTypes: ReadonlyArray<GrantType>
    /** The scope of a self-registered client that names none: the widest that such clients may have. */
    readonly defaultScope: string
    readonly limitPerHour: number
    readonly limitKept: number
    /** Whether there may be clients that registered themselves. */
    readonly isKept: boolean
  }
  readonly ports: Ports
  readonly grants: Grants
}

/** The issuer in responses to the app; null when the policy omits it. */
export const namedIssuer = ({ facts, policy }: ServerContext): string | null =>
  policy.issParameter ? facts.issuer : null

/** An identifier of 132 random bits, from a token of 256 bits. */
export const identifierOf = (token: string): string => token.slice(0, 22)
