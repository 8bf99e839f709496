/**
 * Whether a conversation, or a code, still stands: what its client is registered for now, and who is signed in now.
 *
 * Between the app's request and its code, minutes pass. Within them a client can be removed, its redirect URI or its
 * scopes can be taken away, and another user can sign in in the same browser. So both are looked at again with each
 * step, and before anything is sent. Source: RFC 6749, sections 3.1.2.4 and 10.15; RFC 9700, section 4.11 (no open
 * redirectors).
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { Rule } from '../machine/machine.js'
import { firstBroken } from '../machine/machine.js'
import type { KnownResourceSide } from '../scope-policy/resource-side.js'
import { isWithin, withoutRefreshScope } from '../scope-policy/scope-policy.js'
import type { ClientAuthenticationMethod, RegisteredClient } from '../client/client.js'
import type { PresentUser } from '../launch/launch-context.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { Refusal } from '../errors/refusal.js'
import type { AwaitingConsent, AwaitingContext, AwaitingUser, ClientType } from './state.js'
import { format } from '../../scopes/format.js'
import { parse } from '../../scopes/parse.js'
import type { ScopeSet } from '../../scopes/scope.js'
import { sameLoopbackButForPort } from '../../values/urls.js'

/** A grant whose user has not decided yet. */
export type GrantInConversation = AwaitingUser | AwaitingContext | AwaitingConsent

/**
 * Whether a redirect URI is one that the client registered: as an exact string, but for the port of a native client's
 * loopback address (RFC 8252, section 7.3).
 */
export const isRegisteredRedirectUri = (policy: SmartPolicy, client: RegisteredClient, redirectUri: string): boolean =>
  client.redirectUris.some(
    (registered) =>
      registered === redirectUri ||
      (client.applicationType === 'native' &&
        policy.loopbackPort === 'anyPort' &&
        sameLoopbackButForPort(registered, redirectUri, policy.loopbackLocalhost))
  )

/** Whether a client proves at the token endpoint who it is. */
export const clientTypeOf = ({ tokenEndpointAuthMethod }: RegisteredClient): ClientType =>
  tokenEndpointAuthMethod === 'none' ? 'public' : 'confidential'

interface Standing {
  readonly policy: SmartPolicy
  /** The methods of client authentication that the server serves now. */
  readonly methods: ReadonlyArray<ClientAuthenticationMethod>
  readonly grant: GrantInConversation
  /** The registration as it is now. */
  readonly client: RegisteredClient
}

/**
 * Whether a code of this client is bound to more than its redirect URI: a public client has no secret, so its code must
 * have a challenge. A confidential client may have asked without one (`pkce: 'optionalForV1Clients'`) before its
 * registration changed.
 */
export const isProtected = (grant: { readonly codeChallenge: string | null }, client: RegisteredClient): boolean =>
  grant.codeChallenge !== null || client.tokenEndpointAuthMethod !== 'none'

/**
 * What must be registered still. A broken row ends the conversation on a page of the server: nothing is sent to the
 * app.
 */
const registrationRules: ReadonlyArray<Rule<Standing, Refusal>> = [
  {
    holds: ({ policy, grant, client }) => isRegisteredRedirectUri(policy, client, grant.redirectUri),
    otherwise: ({ grant }) => ({ _tag: 'RedirectUriNotRegistered', redirectUri: grant.redirectUri })
  },
  {
    holds: ({ client }) => client.grantTypes.includes('authorization_code'),
    otherwise: () => ({ _tag: 'GrantTypeNotRegistered', grantType: 'authorization_code' })
  },
  {
    holds: ({ grant, client }) => isProtected(grant, client),
    otherwise: () => ({ _tag: 'CodeChallengeMissing' })
  },
  {
    holds: ({ methods, client }) => methods.includes(client.tokenEndpointAuthMethod),
    otherwise: ({ client }) => ({ _tag: 'AuthenticationMethodNotServed', registered: client.tokenEndpointAuthMethod })
  },
  {
    // Whoever registered anew as a client of the other type is not who asked.
    holds: ({ grant, client }) => grant.clientType === clientTypeOf(client),
    otherwise: ({ grant }) => ({ _tag: 'ClientTypeChanged', was: grant.clientType })
  }
]

/**
 * The scopes of a conversation, or why nothing goes on. `client` is null when there is none any more. A scope that was
 * taken away from the registration, in whole or in part, ends the conversation. Without the refresh grant there is no
 * refresh scope.
 */
export const scopesStillRegistered = (
  policy: SmartPolicy,
  side: KnownResourceSide,
  methods: ReadonlyArray<ClientAuthenticationMethod>,
  grant: GrantInConversation,
  client: RegisteredClient | null
): Either.Either<Refusal, ScopeSet> => {
  if (client === null) return Either.left({ _tag: 'ClientUnknown', clientId: grant.clientId })
  const broken = firstBroken(registrationRules, { policy, methods, grant, client })
  if (broken !== null) return Either.left(broken)
  const scopes = parse(grant.scope)
  const usable = client.grantTypes.includes('refresh_token') ? scopes : withoutRefreshScope(scopes)
  return !isWithin(policy, side, scopes, client.scope) || (usable.length === 0 && scopes.length > 0)
    ? Either.left({ _tag: 'ScopeNoLongerRegistered', scope: format(scopes) })
    : Either.right(usable)
}

/** Whether the user at the page is the one of the conversation; before the first sign-in it has none. */
export const isOfPresentUser = (grant: GrantInConversation, present: PresentUser): boolean =>
  grant._tag === 'AwaitingUser' || (present !== null && present.sub === grant.user.sub)

/**
 * Whether the sign-in of the user at the page is as fresh as `max_age` or `prompt=login` asked for. It is asked with
 * each step: the code's `auth_time` is that of the session in which the user decides. Before the first sign-in there is
 * nothing to decide.
 */
export const isSignedInSince = (grant: GrantInConversation, present: PresentUser): boolean =>
  grant._tag === 'AwaitingUser' || present === null || present.authTime >= grant.signedInSince
