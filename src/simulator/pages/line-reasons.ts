/** Why a line of the log is as it is: the cause and the way out of a refusal, and what the scopes left out. */
import { commaSeparated } from '../design/parts.js'
import type { ExplainedLine, GrantedScopes, MissingReason } from '../log/explained-line.js'
import type { LineCause } from '../log/line-cause.js'
import type { NamedValues } from '../log/line-values.js'
import type { LogLine } from '../log/log-line.js'
import { withoutSettings } from '../log/line-server.js'
import type { ResultLimit } from '../log/restriction.js'
import { fragmentOf } from '../../playground/question.js'
import type { Html } from '../../host/html.js'
import { emptyHtml, foreignCode, foreignText, html } from '../../host/html.js'
import { accessRefusalOf } from '../../protocol/access/access-refusals.js'
import { limits } from '../../values/limits/limits.js'
import { visibleWithin } from '../../values/shown-text.js'

/** What the response to a FHIR request says of its refusal; null if it does not say the true rule, or nothing. */
const refusalSaid = ({ access, answer, rule }: LogLine): string | null => {
  const isHidden = accessRefusalOf(rule ?? '')?.shownAs !== undefined
  return access === null || isHidden ? null : (answer?.description ?? null)
}

/** What the words of a cause are about. */
const causeAbout = ({ about }: LineCause): Html =>
  about === null ? emptyHtml : html` ${foreignCode(withoutSettings(about))}.`

/** Why, and what would be accepted: by what came before, by the scopes that are needed, or by the rule. */
export const acceptedOf = (homePath: string, { cause, line }: ExplainedLine): Html => {
  const scopes = line.answer?.neededScopes ?? null
  if (scopes !== null) return html`A token with at least ${foreignCode(scopes)} would have been accepted.`
  if (cause !== null)
    return html`${cause.words}${causeAbout(cause)}${
      cause.lineId === null ? emptyHtml : html` <a href="${homePath}/ehr/log/${cause.lineId}">See that line</a>.`
    }`
  const said = refusalSaid(line)
  if (said !== null) return html`<bdi>${visibleWithin(withoutSettings(said), limits.shownDetail.default)}</bdi>`
  return line.accepted === null ? emptyHtml : html`${line.accepted}`
}

/** Values with what they are, as a sentence; empty for null. */
const valuesShown = (named: NamedValues | null): Html =>
  named === null
    ? emptyHtml
    : html` ${named.what}: ${
        named.values.length === 0
          ? 'none'
          : commaSeparated(named.values.map((value) => foreignCode(withoutSettings(value))))
      }.`

/** The values that are accepted here, with what they are. */
export const expectedShown = ({ expected }: ExplainedLine): Html => valuesShown(expected)

/** The values that were sent in their place. */
export const sentShown = ({ sent }: ExplainedLine): Html => valuesShown(sent)

/** The consent, as a link to its line if the log has it. */
const consentShown = (homePath: string, scopes: GrantedScopes): Html =>
  scopes.consentLine === null
    ? html`the consent`
    : html`<a href="${homePath}/ehr/log/${scopes.consentLine}">the consent</a>`

/** How many scopes of one reason are named. */
const namedScopes = 10

/** The scopes of a reason, with the verb that fits their number. */
const subject = (texts: string, one: string, several: string): Html => {
  const all = texts.split(' ')
  const shownOnes = all.slice(0, namedScopes).map((text) => foreignCode(text))
  const others = all.length - shownOnes.length
  const list = others === 0 ? shownOnes : [...shownOnes, html`${String(others)} more`]
  return html`${commaSeparated(list)} ${all.length === 1 ? one : several}`
}

/** Why scopes were not granted, in words. */
const missingWords = (
  homePath: string,
  reasons: ReadonlyArray<MissingReason>,
  scopes: GrantedScopes
): ReadonlyArray<Html> =>
  reasons.map(({ given, likely, scopes: texts, why }) => {
    switch (why) {
      case 'notScope':
        return html`${subject(texts, 'is no scope', 'are no scopes')} that this server knows.
${likely.map(({ meant, written }) =>
  written === texts
    ? html`Did you mean ${foreignCode(meant)}? `
    : html`Did you mean ${foreignCode(meant)} in place of ${foreignCode(written)}? `
)}<a
href="${homePath}/scopes#${fragmentOf({ requested: texts, granted: '', userIncludesPatient: false })}">See in the
scope playground what is wrong</a>.`
      case 'notRegistered':
        return html`${subject(texts, 'is', 'are')} not in the scope that is <a
href="${homePath}/ehr/apps">registered for the app</a>.`
      case 'narrowed':
        return html`${subject(texts, 'was', 'were')} narrowed at ${consentShown(homePath, scopes)} to ${foreignCode(given)}.`
      case 'withheld':
        return html`${subject(texts, 'was', 'were')} withheld at ${consentShown(homePath, scopes)}.`
    }
  })

/** What was not granted of what the app requested, where the line is about it. */
export const missingShown = (homePath: string, explained: ExplainedLine): Html => {
  const { line, scopes } = explained
  if (scopes === null || scopes.missing === '') return emptyHtml
  const isOfGrant = line.decision === 'CodeIssued' || line.decision === 'TokensIssued'
  if (scopes.restricting.length > 0)
    return html`<p>The app requested more: ${missingWords(homePath, scopes.restricting, scopes).map(
      (words) => html`${words} `
    )}</p>`
  return isOfGrant || scopes.isReason
    ? html`<p>${scopes.isReason ? 'The app requested this, and did not get it' : 'Requested and not granted'}:
${missingWords(homePath, scopes.reasons, scopes).map((words) => html`${words} `)}</p>`
    : emptyHtml
}

/** To what a scope restricts results, in words. */
const limitShown = (limit: ResultLimit, patientName: string | null): Html => {
  switch (limit._tag) {
    case 'Patient':
      return patientName === null ? html`the patient of the token` : html`the patient ${foreignText(patientName)}`
    case 'User':
      return html`what the user may see`
    case 'Query':
      return html`what meets ${foreignCode(limit.query)}`
  }
}

/** By which scopes the results of a request were restricted. */
export const restrictionShown = ({ patientName, restrictedBy }: ExplainedLine): Html => {
  if (restrictedBy.length === 0) return emptyHtml
  const scopes = restrictedBy.map(
    ({ limits: all, scope }) =>
      html`${foreignCode(scope)}${
        all.length === 0
          ? emptyHtml
          : html` to ${all.map(
              (limit, place) => html`${place === 0 ? emptyHtml : html` and `}${limitShown(limit, patientName)}`
            )}`
      }`
  )
  const [only] = scopes
  const restricting =
    only !== undefined && scopes.length === 1
      ? html`The scope of the token restricts the results: ${only}.`
      : html`The results are what one of these scopes of the token covers, each restricted: ${commaSeparated(scopes)}.`
  return html`<p>${restricting} Other matches are left out; neither the response nor this log says whether there are
any.</p>`
}

/** That a browser hides the response from the page of an app, which then sees an error of the network. */
export const hiddenShown = ({ line: { hiddenFrom, rule } }: ExplainedLine): Html =>
  hiddenFrom === null || rule === 'OriginNotShared'
    ? emptyHtml
    : html`<p>The browser hides this response from the page of ${foreignCode(hiddenFrom)}: no registered redirect URI is
of that origin (CORS).</p>`
