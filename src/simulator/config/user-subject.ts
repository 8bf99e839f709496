/** The names of users: which texts can be one, and how the simulator names its users to apps. */
import { createHash } from 'node:crypto'
import { limits } from '../../values/limits/limits.js'

const isPlain = (username: string): boolean => /^[\x20-\x7e]{1,255}$/.test(username)

/**
 * The `sub` of a user: the name itself, or its digest where the name is longer than 255 ASCII characters or has others
 * (OpenID Connect Core 1.0, section 2).
 */
export const subjectOf = (username: string): string =>
  isPlain(username) ? username : createHash('sha256').update(username, 'utf8').digest('base64url')

/** What stands for no user in the form of a launch, so that no user has this name. */
export const anyUser = '*'

/** Whether a text can be the name of a user. */
export const isUserName = (value: string): boolean =>
  value !== '' && value !== anyUser && value.length <= limits.simulatorUserName.default && value.isWellFormed()
