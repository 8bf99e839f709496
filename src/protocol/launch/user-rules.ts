/**
 * The rules for the user that a host reports: one row each. A `fhirUser` text that is not the resource of a user is not
 * an error: then no resource represents the user (see `isRepresented`).
 *
 * Source: OpenID Connect Core 1.0, section 2 (`sub`, `auth_time`).
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { SignedInUser } from './launch-context.js'
import type { Refusal } from '../errors/refusal.js'
import { limits } from '../../values/limits/limits.js'
import type { EpochSeconds } from '../../values/time.js'
import { ownData, ownMembers } from '../../values/own.js'

interface UserRule {
  readonly member: keyof SignedInUser | 'user'
  readonly expected: string
  readonly holds: (user: SignedInUser, now: EpochSeconds) => boolean
}

const isPrintable = (value: unknown): boolean => typeof value === 'string' && /^[\x20-\x7e]+$/.test(value)

/** Whether a text can be the identifier of a user (`sub`): OpenID Connect Core 1.0, section 2. */
export const isUserIdentifier = (sub: unknown): boolean =>
  typeof sub === 'string' && sub !== '' && sub.length <= limits.userIdentifier.standard && sub.isWellFormed()

/** How far the clock of whoever signs users in may be ahead, in seconds. */
const clockSkew = 300

const rules: ReadonlyArray<UserRule> = [
  { member: 'user', expected: 'an object', holds: (user: unknown) => typeof user === 'object' && user !== null },
  {
    member: 'sub',
    expected: `a text of 1 to ${String(limits.userIdentifier.standard)} characters that never stands for anybody else`,
    holds: ({ sub }) => isUserIdentifier(sub)
  },
  {
    member: 'fhirUser',
    expected: 'a reference such as Practitioner/123, or null',
    holds: ({ fhirUser }: { readonly fhirUser: unknown }) => fhirUser === null || typeof fhirUser === 'string'
  },
  {
    member: 'authTime',
    expected: 'whole seconds since the epoch (not milliseconds), and not in the future',
    holds: ({ authTime }, now) => Number.isSafeInteger(authTime) && authTime >= 0 && authTime <= now + clockSkew
  },
  {
    member: 'sessionId',
    expected: `a text of 1 to ${String(limits.sessionIdentifier.standard)} printable ASCII characters, or nothing`,
    holds: ({ sessionId }) =>
      sessionId === undefined || (isPrintable(sessionId) && sessionId.length <= limits.sessionIdentifier.standard)
  }
]

/**
 * A user who can be told to apps, without what else the host knows of them; or the first member that cannot, and what
 * is expected.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { messages } from 'smart-app-launch'
 *
 * const { checkUser } = messages.signedInUserRules
 * Either.isRight(checkUser({ sub: 'alice', fhirUser: 'Practitioner/p1', authTime: 90 }, 100)) // => true
 * Either.isRight(checkUser({ sub: 'alice', fhirUser: 'Practitioner/p1', authTime: 1764107335000 }, 1764107335))
 * // => false
 * ```
 */
export const checkUser = (given: SignedInUser, now: EpochSeconds): Either.Either<Refusal, SignedInUser> => {
  const user = ownData(given)
  const broken = rules.find(({ holds }) => !holds(user, now))
  return broken === undefined
    ? Either.right(
        ownMembers({
          sub: user.sub,
          fhirUser: user.fhirUser,
          authTime: user.authTime,
          ...(user.sessionId === undefined ? {} : { sessionId: user.sessionId })
        })
      )
    : Either.left({ _tag: 'SignedInUserInvalid', member: broken.member, expected: broken.expected })
}
