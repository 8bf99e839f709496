/**
 * Tokens are revoked, by their owner or by the host.
 *
 * Access tokens carry the grant's epoch: counting it up kills all of them at once, and the refresh token lives on. A
 * refresh token takes the whole grant with it, whatever its generation: whoever signs out while a refresh is under way
 * is signed out. What is dead already is confirmed, and nothing is written. Source: RFC 7009, section 2.
 *
 * @module
 */
import { isOfAnotherServer } from './audience.js'
import type { GrantEventOf, GrantStep, EventContext } from './events.js'
import { revokedGrant } from './events.js'
import { stay } from '../machine/machine.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { Active, Backend, Grant } from './state.js'
import { hasPassed } from '../../values/time.js'

type Asked = GrantEventOf<'TokenRevocationRequested'>

/** Ends the grant, and every code and token of it. */
export const revokeGrant = (grant: Grant, event: EventContext): GrantStep => ({
  state: revokedGrant(grant, event, 'Asked'),
  command: { _tag: 'ConfirmRevocation', ended: 'grant' }
})

/** Everything is dead already. */
export const nothingToRevoke = (grant: Grant): GrantStep => stay(grant, { _tag: 'ConfirmRevocation', ended: 'nothing' })

/** What the owner of a token may do with it; a stranger changes nothing. */
export const revokeByOwner = (
  grant: Grant,
  event: Asked,
  revoke: (grant: Grant, event: Asked) => GrantStep
): GrantStep =>
  grant.clientId === event.clientId && !isOfAnotherServer(grant, event.server)
    ? revoke(grant, event)
    : stay(grant, { _tag: 'Refuse', refusal: { _tag: 'TokenOfAnotherClient' } })

/**
 * Kills the access tokens up to an epoch. One ahead of the grant means that the store has gone back: it is caught up
 * with.
 */
const endEpoch = (grant: Active | Backend, event: Asked, epoch: number): GrantStep => ({
  state: { ...grant, writeId: event.writeId, epoch: epoch + 1 },
  command: { _tag: 'ConfirmRevocation', ended: 'accessTokens' }
})

/** A token of a living grant is revoked. */
export const onTokenRevocationRequested = (policy: SmartPolicy, grant: Active | Backend, event: Asked): GrantStep =>
  revokeByOwner(grant, event, () => {
    const { token } = event
    if (token._tag === 'RefreshToken') return revokeGrant(grant, event)
    if (token.epoch < grant.epoch || hasPassed(token.expiresAt, event.now)) return nothingToRevoke(grant)
    return policy.accessTokenRevocation === 'wholeGrant'
      ? revokeGrant(grant, event)
      : endEpoch(grant, event, token.epoch)
  })
