/** The refusals of introspection and revocation. See `refusal.ts`. */
import type { RefusalRows } from './refusal.js'
import { clientAuthenticationFailed } from './client.js'

/** The refusals of introspection and revocation. */
export const introspectionRefusals = {
  TokenMissing: {
    error: 'invalid_request',
    status: 400,
    shown: ['token'],
    description: 'The parameter token is missing.',
    advice: 'The caller names no token.',
    anchor: 'rfc7662#section-2.1'
  },
  TokenUnknown: {
    error: 'invalid_grant',
    status: 400,
    shown: ['token'],
    description: 'The token is not valid.',
    advice:
      'No token of this server: invented, mangled, or of another kind. The caller is informed that it is not ' +
      'active, and no more.',
    anchor: 'rfc7662#section-2.2'
  },
  TokenOfAnotherClient: {
    error: 'invalid_grant',
    status: 400,
    shown: ['token'],
    description: 'The token is not valid.',
    advice: 'The token was issued to another client, and this one may not ask about it. Nothing was changed.',
    anchor: 'rfc7009#section-2.1'
  },
  TokenTypeNotRevocable: {
    error: 'unsupported_token_type',
    status: 400,
    shown: ['token'],
    description: 'Only access tokens and refresh tokens can be revoked.',
    advice: 'The client sent a code or an id_token and may believe that it has signed out. Nothing was changed.',
    anchor: 'rfc7009#section-2.2.1'
  },
  CallerNotAuthenticated: clientAuthenticationFailed(
    'A public client, or a way of authenticating that the policy introspectionAuth does not allow.'
  ),
  CallerMayNotIntrospect: {
    error: 'insufficient_scope',
    status: 403,
    shown: ['resource'],
    description: 'The access token does not allow introspection.',
    advice: 'The bearer is no client that was registered to introspect (mayIntrospect).',
    anchor: 'rfc7662#section-2.3'
  }
} satisfies RefusalRows
