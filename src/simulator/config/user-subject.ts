/** How the simulator names its users to apps. */
import { createHash } from 'node:crypto'

const isPlain = (username: string): boolean => /^[\x20-\x7e]{1,255}$/.test(username)

/**
 * The `sub` of a user: the name itself, or its digest where the name is longer than 255 ASCII characters or has others
 * (OpenID Connect Core 1.0, section 2).
 */
export const subjectOf = (username: string): string =>
  isPlain(username) ? username : createHash('sha256').update(username, 'utf8').digest('base64url')
