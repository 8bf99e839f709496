/** Checks the password of a user of the configuration. */
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import type { UserEntry } from '../config/config.js'
import type { Simulator } from '../context.js'
import { digest } from '../../adapters/jose.js'
import { sameDigest } from '../../values/secret.js'

/** The user with that name and password. Digests are compared even if there is none, so the time reveals nothing. */
export const userWithPassword = (
  userNamed: Simulator['userNamed'],
  username: string,
  password: string
): Task.Task<UserEntry | null> => {
  const user = userNamed(username)
  return pipe(
    Task.Do,
    Task.apS('presented', digest(password)),
    Task.apS('known', digest(user?.password ?? 'no-such-user')),
    Task.map(({ presented, known }) => (user !== undefined && sameDigest(known, presented) ? user : null))
  )
}
