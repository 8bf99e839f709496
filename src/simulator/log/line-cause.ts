/**
 * Why a code or token of a line is no longer valid: what ended its grant. The log has the line in which it ended, as
 * long as it is kept; the record of the grant has the reason in short. The response does not contain the
 * cause (RFC 6750, section 3.1; RFC 6749, section 5.2); the log says it to the people who run the simulator.
 */
import type { LogLine } from './log-line.js'
import { isForAnotherApp } from './line-values.js'
import { revocationInWords } from './revocation-words.js'
import { presentedInWords } from './token-form.js'

/** The cause of a refusal, in sentences, and the line that shows it; null if the log has none. */
export interface LineCause {
  readonly words: string
  /** A name or address that the words are about; null for none. */
  readonly about: string | null
  readonly lineId: string | null
}

/** The end of a grant: how it ended, in a sentence, and when. */
export interface GrantEnd {
  readonly words: string
  readonly at: number
}

/** What is known of the grant of a refusal besides the log. */
export interface GrantRecord {
  /** How and when the grant ended, by its record; null if it has not ended, or if no record is known. */
  readonly ended: GrantEnd | null
  /** The issuer of its server; null if no record is known. */
  readonly issuer: string | null
  readonly isAppRegistered: boolean
}

const bindingFailed = 'so the code was not valid any more and the grant ended.'

const registrationChanged = 'The registration of the app was changed, and no longer covered the code: the grant ended.'

/** The refusals that end a grant, in sentences. */
const endingRefusals: ReadonlyMap<string, string> = new Map([
  ['UserDenied', 'The user denied the request.'],
  ['CodeExpired', 'The code expired before the app redeemed it, which ended the grant.'],
  ['CodeReplayed', 'The code was presented a second time, which ended the grant.'],
  ['CodeVerifierDiffers', `The code was presented with another code_verifier, ${bindingFailed}`],
  ['RedirectUriDiffers', `The code was presented with another redirect_uri, ${bindingFailed}`],
  ['RedirectUriNoLongerRegistered', registrationChanged],
  ['CodeUnprotected', registrationChanged],
  ['ClientTypeChanged', registrationChanged],
  ['CodeScopeNoLongerRegistered', registrationChanged],
  ['RefreshTokenReused', 'A refresh token that had been used before was presented again, which ended the grant.'],
  ['RefreshTokenExpired', 'The refresh token was not used in time, which ended the grant.'],
  ['UserNotOnline', 'The session of the user was over (online_access), which ended the grant.'],
  ['GrantEndedByPolicy', 'The access policy of the server ended the grant.']
])

/** What ended a grant, or its access tokens, by a line of it; null for any other line. */
const endIn = (line: LogLine): string | null => {
  if (line.decision === 'GrantRevoked') return revocationInWords(line.grantId, line.request)
  if (line.decision === 'AccessTokensRevoked') return 'The app revoked the access tokens of the grant.'
  return line.decision === 'Refused' ? (endingRefusals.get(line.rule ?? '') ?? null) : null
}

/** The refusals of a code or token whose grant has ended. */
const afterEnd: ReadonlySet<string> = new Set(['AccessTokenRevoked', 'GrantEnded'])

const finished =
  'This request was finished before, and the app got its code. Then a page of it was loaded or sent again, for ' +
  'example after the button Back.'

/** The lines with which a code or a refresh token was used before. */
const usedBefore: ReadonlyMap<string, readonly [grantType: string, words: string]> = new Map([
  ['CodeReplayed', ['authorization_code', 'The app got tokens for this code before, so the whole grant was revoked.']],
  [
    'RefreshTokenReused',
    ['refresh_token', 'It was replaced before, when the app got newer tokens for it. So the whole grant was revoked.']
  ]
])

const grantTypeOf = ({ request }: LogLine): string | null =>
  request?.parameters.find(({ name }) => name === 'grant_type')?.value ?? null

/** What is said where the log has no line of the end. `later` are the lines after the refusal. */
const byRecord = (
  { ended, isAppRegistered, issuer }: GrantRecord,
  { at, clientId, rule }: LogLine,
  later: ReadonlyArray<LogLine>
): string | null => {
  // The record says what is true now. What happened after the refusal did not cause it.
  if (ended !== null && ended.at <= at && !later.some((one) => endIn(one) !== null)) return ended.words
  if (rule === 'InteractionOver') return issuer === null || ended !== null ? null : finished
  if (clientId === null)
    return issuer === null
      ? 'This server had no record of the grant any more: it was over for longer than records are kept.'
      : null
  const isRemoved = !isAppRegistered && !later.some((one) => one.clientId === clientId && one.decision !== 'Refused')
  if (isRemoved) return 'The app is not registered here any more.'
  return rule === 'AccessTokenRevoked' ? 'The access tokens of the grant were revoked; the grant itself goes on.' : null
}

const without = (words: string): LineCause => ({ words, about: null, lineId: null })

/** The rules of codes and tokens that another client presents. */
const ofAnother: ReadonlySet<string> = new Set([
  'CodeOfAnotherClient',
  'RefreshTokenOfAnotherClient',
  'TokenOfAnotherClient'
])

/** The line with which a sign-in was over: the first one that issued a code or ended the grant. */
const overSince = (earlier: ReadonlyArray<LogLine>): LogLine | undefined =>
  earlier.findLast((one) => one.decision === 'CodeIssued' || endIn(one) !== null)

/** What is wrong with a page, code or token by the lines of its grant before and after, the newest first. */
const causeInGrant = (
  line: LogLine,
  { earlier, later }: Readonly<Record<'earlier' | 'later', ReadonlyArray<LogLine>>>,
  record: GrantRecord
): LineCause | null => {
  const rule = line.rule ?? ''
  if (ofAnother.has(rule)) {
    const own = earlier.find(({ clientId }) => clientId !== null && clientId !== line.clientId)
    return own === undefined ? null : { words: 'It was issued to another app:', about: own.clientId, lineId: own.id }
  }
  const used = usedBefore.get(rule)
  if (used !== undefined) {
    const [grantType, words] = used
    const found = earlier.find((one) => one.decision === 'TokensIssued' && grantTypeOf(one) === grantType)
    return found === undefined ? null : { words, about: null, lineId: found.id }
  }
  const isOver = rule === 'InteractionOver'
  if (!isOver && !afterEnd.has(rule)) return null
  if (record.issuer !== null && record.issuer !== line.server.issuer) {
    const issued = earlier.find(({ decision }) => decision === 'TokensIssued')
    const words = 'Another server of this simulator issued it, which is the only one that accepts it:'
    return { words, about: record.issuer, lineId: issued?.id ?? null }
  }
  const end = isOver ? overSince(earlier) : earlier.find((one) => endIn(one) !== null)
  const words =
    end === undefined ? byRecord(record, line, later) : end.decision === 'CodeIssued' ? finished : endIn(end)
  return words === null ? null : { words, about: null, lineId: end?.id ?? null }
}

/** The cause of a refusal; null if its rule says it already. `lines` are those of the log, the newest first. */
export const causeOf = (line: LogLine, lines: ReadonlyArray<LogLine>, record: GrantRecord): LineCause | null => {
  const { decision, grantId, id, request, rule } = line
  if (rule === null || decision !== 'Refused') return null
  const presented = presentedInWords(rule, request?.tokenForm ?? null)
  if (presented !== null) return without(presented)
  if (isForAnotherApp(line))
    return without(
      'The app sent the client_id of another app. Let it send that of the launch setting, or change the link.'
    )
  if (grantId === null) return null
  const place = lines.findIndex((one) => one.id === id)
  const own = (some: ReadonlyArray<LogLine>): ReadonlyArray<LogLine> => some.filter((one) => one.grantId === grantId)
  return causeInGrant(line, { earlier: own(lines.slice(place + 1)), later: own(lines.slice(0, place)) }, record)
}
