/**
 * Tokens are revoked, by their client or by the host.
 *
 * Access tokens contain the grant's epoch: incrementing it invalidates all of them at once, and the refresh token stays
 * valid. Revoking a refresh token ends the whole grant, whatever the token's generation, so that signing out during a
 * refresh takes effect. Revoking an invalid token is confirmed, and nothing is written. Source: RFC 7009, section 2.
 *
 * @module
 */
import { isOfAnotherServer } from './audience.js'
import type { GrantEventOf, GrantStep, EventContext } from './events.js'
import { revokedGrant } from './events.js'
import { stay } from '../machine/machine.js'
import type { Rule } from '../machine/rules.js'
import { firstRefusal } from '../machine/rules.js'
import type { Refusal } from '../errors/refusal.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { Active, Backend, Grant } from './state.js'
import { hasPassed } from '../../values/time.js'

type RevocationRequest = GrantEventOf<'TokenRevocationRequested'>

/** Ends the grant; all its codes and tokens become invalid. */
export const revokeGrant = (grant: Grant, event: EventContext): GrantStep => ({
  state: revokedGrant(grant, event, 'Asked'),
  command: { _tag: 'ConfirmRevocation', ended: 'grant' }
})

/** Everything is invalid already. */
export const nothingToRevoke = (grant: Grant): GrantStep => stay(grant, { _tag: 'ConfirmRevocation', ended: 'nothing' })

interface RevocationFacts {
  readonly grant: Grant
  readonly event: RevocationRequest
}

/** The rules of a revocation: only the client that owns a token may revoke it, at the server that issued it. */
export const revocationRules: ReadonlyArray<Rule<RevocationFacts, Refusal>> = [
  {
    name: 'client-matches',
    check: ({ grant, event }) => (grant.clientId === event.clientId ? null : { _tag: 'TokenOfAnotherClient' })
  },
  {
    name: 'server-matches',
    check: ({ grant, event }) => (isOfAnotherServer(grant, event.server) ? { _tag: 'TokenOfAnotherClient' } : null)
  }
]

/** Revocation by the client that owns a token. Other clients change nothing. */
export const revokeByOwner = (
  grant: Grant,
  event: RevocationRequest,
  revoke: (grant: Grant, event: RevocationRequest) => GrantStep
): GrantStep => {
  const refusal = firstRefusal(revocationRules, { grant, event })
  return refusal === null ? revoke(grant, event) : stay(grant, { _tag: 'Refuse', refusal })
}

/**
 * Invalidates the access tokens up to an epoch. An epoch newer than the grant's means that the store was restored to an
 * older state; the grant's epoch is then set beyond it.
 */
const endEpoch = (grant: Active | Backend, event: RevocationRequest, epoch: number): GrantStep => ({
  state: { ...grant, writeId: event.writeId, epoch: epoch + 1 },
  command: { _tag: 'ConfirmRevocation', ended: 'accessTokens' }
})

/** A token of an active grant is revoked. */
export const onTokenRevocationRequested = (
  policy: SmartPolicy,
  grant: Active | Backend,
  event: RevocationRequest
): GrantStep =>
  revokeByOwner(grant, event, () => {
    const { token } = event
    if (token._tag === 'RefreshToken') return revokeGrant(grant, event)
    if (token.epoch < grant.epoch || hasPassed(token.expiresAt, event.now)) return nothingToRevoke(grant)
    return policy.accessTokenRevocation === 'wholeGrant'
      ? revokeGrant(grant, event)
      : endEpoch(grant, event, token.epoch)
  })
