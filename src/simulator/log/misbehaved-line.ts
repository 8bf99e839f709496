/** The line of a request whose response a misbehavior made. */
import * as Option from 'fp-ts/lib/Option.js'
import type { LogLine } from './log-line.js'
import type { Misbehaved } from '../misbehavior/misbehaving.js'
import { readAccessToken } from '../../protocol/token/opaque-token.js'

/**
 * The line with its misbehavior. Where the app sent a token that the misbehavior had given to it, the refusal of that
 * token by the server is not the reason, and the line is about the grant of the token that the server had issued.
 */
export const misbehavedLine = (line: LogLine, { name, tokenBehind }: Misbehaved): LogLine => {
  const token = tokenBehind === null ? Option.none : readAccessToken(tokenBehind)
  return Option.isNone(token) || line.rule !== 'AccessTokenUnknown'
    ? { ...line, misbehavior: name }
    : {
        ...line,
        misbehavior: name,
        grantId: token.value.facts.grantId,
        what: 'The app sent the access token that it got, and the misbehavior refused it.',
        rule: null,
        details: [],
        accepted: null
      }
}
