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
import type { Rule } from '../machine/rules.js'
import { firstRefusal } from '../machine/rules.js'
import type { Refusal } from '../errors/refusal.js'
import { limits } from '../../values/limits/limits.js'
import type { EpochSeconds } from '../../values/time.js'
import { ownData, ownMembers } from '../../values/own.js'

interface UserFacts {
  readonly user: SignedInUser
  readonly now: EpochSeconds
}

/** A rule about a member: the expected value, and whether it is met. */
const expecting = (
  name: string,
  member: keyof SignedInUser | 'user',
  expected: string,
  holds: (user: SignedInUser, now: EpochSeconds) => boolean
): Rule<UserFacts, Refusal> => ({
  name,
  check: ({ user, now }) => (holds(user, now) ? null : { _tag: 'SignedInUserInvalid', member, expected })
})

const isPrintable = (value: unknown): boolean => typeof value === 'string' && /^[\x20-\x7e]+$/.test(value)

/** Whether a text can be the identifier of a user (`sub`): OpenID Connect Core 1.0, section 2. */
export const isUserIdentifier = (sub: unknown): boolean =>
  typeof sub === 'string' && sub !== '' && sub.length <= limits.userIdentifier.default && sub.isWellFormed()

/** How far the clock of the host's sign-in may be ahead, in seconds. */
const clockSkew = 300

/** The rules of a signed-in user. */
export const userRules: ReadonlyArray<Rule<UserFacts, Refusal>> = [
  expecting('user-is-object', 'user', 'an object', (user: unknown) => typeof user === 'object' && user !== null),
  expecting(
    'subject-length',
    'sub',
    `a text of 1 to ${String(limits.userIdentifier.default)} characters that never identifies another user`,
    ({ sub }) => isUserIdentifier(sub)
  ),
  expecting(
    'fhir-user-is-text',
    'fhirUser',
    'a reference such as Practitioner/123, or null',
    ({ fhirUser }: { readonly fhirUser: unknown }) => fhirUser === null || typeof fhirUser === 'string'
  ),
  expecting(
    'authentication-time',
    'authTime',
    'whole seconds since the epoch (not milliseconds), and not in the future',
    ({ authTime }, now) => Number.isSafeInteger(authTime) && authTime >= 0 && authTime <= now + clockSkew
  ),
  expecting(
    'session-id-is-text',
    'sessionId',
    `a text of 1 to ${String(limits.sessionIdentifier.default)} printable ASCII characters, or nothing`,
    ({ sessionId }) =>
      sessionId === undefined || (isPrintable(sessionId) && sessionId.length <= limits.sessionIdentifier.default)
  )
]

/**
 * The user with the members that apps may receive; left with the first invalid member and what is expected.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { checkUser } from 'smart-app-launch/fp-ts'
 *
 * Either.isRight(checkUser({ sub: 'alice', fhirUser: 'Practitioner/p1', authTime: 90 }, 100)) // => true
 * Either.isRight(checkUser({ sub: 'alice', fhirUser: 'Practitioner/p1', authTime: 1764107335000 }, 1764107335))
 * // => false
 * ```
 */
export const checkUser = (given: SignedInUser, now: EpochSeconds): Either.Either<Refusal, SignedInUser> => {
  const user = ownData(given)
  const refusal = firstRefusal(userRules, { user, now })
  return refusal === null
    ? Either.right(
        ownMembers({
          sub: user.sub,
          fhirUser: user.fhirUser,
          authTime: user.authTime,
          ...(user.sessionId === undefined ? {} : { sessionId: user.sessionId })
        })
      )
    : Either.left(refusal)
}
