/**
 * Checks whether a conversation or a code is still valid: the client's current registration, and the user who is signed
 * in now.
 *
 * Minutes pass between the app's request and its code. Meanwhile a client can be removed, its redirect URI or scopes
 * can change, and another user can sign in in the same browser. Therefore both are checked again in each step, and
 * before anything is sent. Source: RFC 6749, sections 3.1.2.4 and 10.15; RFC 9700, section 4.11 (no open redirectors).
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { Rule } from '../machine/rules.js'
import { firstRefusal } from '../machine/rules.js'
import type { KnownResourceSide } from '../scope-policy/resource-side-check.js'
import { isWithin, withoutRefreshScope } from '../scope-policy/scope-policy.js'
import type { ClientAuthenticationMethod, RegisteredClient } from '../client/client.js'
import type { PresentUser } from '../launch/launch-context.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { Refusal } from '../errors/refusal.js'
import type { AwaitingConsent, AwaitingContext, AwaitingUser, ClientType } from './state.js'
import { format } from '../../scopes/format.js'
import type { ScopeSet } from '../../scopes/scope.js'
import { sameLoopbackButForPort } from '../../values/urls.js'

/** A grant whose user has not decided yet. */
export type GrantInConversation = AwaitingUser | AwaitingContext | AwaitingConsent

/**
 * Whether a redirect URI is registered for the client: equal as a string, except for the port of a native client's
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

/** Whether a client authenticates at the token endpoint. */
export const clientTypeOf = ({ tokenEndpointAuthMethod }: RegisteredClient): ClientType =>
  tokenEndpointAuthMethod === 'none' ? 'public' : 'confidential'

interface Standing {
  readonly policy: SmartPolicy
  /** The client authentication methods that the server supports now. */
  readonly methods: ReadonlyArray<ClientAuthenticationMethod>
  readonly grant: GrantInConversation
  /** The current registration. */
  readonly client: RegisteredClient
}

/**
 * Whether a code of this client is bound to more than its redirect URI: a public client has no secret, so its code must
 * have a challenge. A confidential client may have made its request without one (`pkce: 'optionalForV1Clients'`) before
 * its registration changed.
 */
export const isProtected = (grant: { readonly codeChallenge: string | null }, client: RegisteredClient): boolean =>
  grant.codeChallenge !== null || client.tokenEndpointAuthMethod !== 'none'

/**
 * The rules for the current registration. A refusal ends the conversation on a page of the server: nothing is sent to
 * the app.
 */
export const conversationRegistrationRules: ReadonlyArray<Rule<Standing, Refusal>> = [
  {
    name: 'redirect-uri-registered',
    check: ({ policy, grant, client }) =>
      isRegisteredRedirectUri(policy, client, grant.redirectUri)
        ? null
        : { _tag: 'RedirectUriNotRegistered', redirectUri: grant.redirectUri }
  },
  {
    name: 'grant-type-registered',
    check: ({ client }) =>
      client.grantTypes.includes('authorization_code')
        ? null
        : { _tag: 'GrantTypeNotRegistered', grantType: 'authorization_code' }
  },
  {
    name: 'code-protected',
    check: ({ grant, client }) => (isProtected(grant, client) ? null : { _tag: 'CodeChallengeMissing' })
  },
  {
    name: 'authentication-method-served',
    check: ({ methods, client }) =>
      methods.includes(client.tokenEndpointAuthMethod)
        ? null
        : { _tag: 'AuthenticationMethodNotServed', registered: client.tokenEndpointAuthMethod }
  },
  {
    // A client that was registered again with the other type is not the client of the request.
    name: 'client-type-unchanged',
    check: ({ grant, client }) =>
      grant.clientType === clientTypeOf(client) ? null : { _tag: 'ClientTypeChanged', was: grant.clientType }
  }
]

/**
 * The scopes of a conversation that remain of its `scopes`; left when it cannot continue. `client` is null when it was
 * removed. A scope that was removed from the registration, in whole or in part, ends the conversation. Without the
 * refresh grant the refresh scopes are omitted.
 */
export const scopesStillRegistered = (
  policy: SmartPolicy,
  side: KnownResourceSide,
  methods: ReadonlyArray<ClientAuthenticationMethod>,
  grant: GrantInConversation,
  client: RegisteredClient | null,
  scopes: ScopeSet
): Either.Either<Refusal, ScopeSet> => {
  if (client === null) return Either.left({ _tag: 'ClientUnknown', clientId: grant.clientId })
  const broken = firstRefusal(conversationRegistrationRules, { policy, methods, grant, client })
  if (broken !== null) return Either.left(broken)
  const usable = client.grantTypes.includes('refresh_token') ? scopes : withoutRefreshScope(scopes)
  return !isWithin(policy, side, scopes, client.scope) || (usable.length === 0 && scopes.length > 0)
    ? Either.left({ _tag: 'ScopeNoLongerRegistered', scope: format(scopes) })
    : Either.right(usable)
}

interface PresentUserFacts {
  readonly grant: GrantInConversation
  readonly present: PresentUser
}

/** The rules of the user who is signed in. Before the first sign-in of the conversation they hold. */
export const presentUserRules: ReadonlyArray<Rule<PresentUserFacts, Refusal>> = [
  {
    name: 'user-matches',
    check: ({ grant, present }) =>
      grant._tag === 'AwaitingUser' || (present !== null && present.sub === grant.user.sub)
        ? null
        : { _tag: 'InteractionOfAnotherUser' }
  },
  {
    // `max_age` or `prompt=login`. It is checked in each step, because `auth_time` is that of the session in which the
    // user decides.
    name: 'signed-in-recently',
    check: ({ grant, present }) =>
      grant._tag === 'AwaitingUser' || present === null || present.authTime >= grant.signedInSince
        ? null
        : { _tag: 'SignInTooOld' }
  }
]
