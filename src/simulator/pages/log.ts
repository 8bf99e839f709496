/** The log: every decision of the authorization server and of the gate, and the page of one of them. */
import {
  actions,
  badge,
  button,
  card,
  facts,
  field,
  knownFacts,
  linkButton,
  onlySpoken,
  select
} from '../design/parts.js'
import { copyableText, copyBox, copyButton, copyStatus } from '../design/copy.js'
import { fragmentOf } from '../../playground/question.js'
import { assertionValue } from '../log/line-values.js'
import { decisionWords, logKinds } from '../log/decision-words.js'
import type { LogLine, ShownAnswer } from '../log/log-line.js'
import { isRefused, sourceIn } from '../log/log-line.js'
import { withoutSettings } from '../log/line-server.js'
import type { ExplainedLine } from '../log/explained-line.js'
import { acceptedOf, expectedShown, hiddenShown, missingShown, restrictionShown, sentShown } from './line-reasons.js'
import { misbehaviorNamed } from '../misbehavior/table.js'
import type { ShownParameter, ShownRequest } from '../log/shown-request.js'
import { hiddenText } from '../log/shown-request.js'
import { grantHandle, shortGrant } from '../grants/grant-view.js'
import type { Html } from '../../host/html.js'
import { emptyHtml, foreignCode, foreignText, html } from '../../host/html.js'
import { limits } from '../../values/limits/limits.js'
import { visibleWithin } from '../../values/shown-text.js'

/** What the log is filtered by; empty texts filter nothing. */
export interface LogFilter {
  readonly app: string
  /** The handle of a grant. */
  readonly grant: string
  readonly kind: string
}

/** The lines of a page of the log. */
export interface LogPage {
  readonly homePath: string
  readonly publicBaseUrl: string
  readonly lines: ReadonlyArray<ExplainedLine>
  readonly filter: LogFilter
  /** The apps that the log names, and those of its grants that exist or existed, for the filter. */
  readonly apps: ReadonlyArray<{ readonly id: string; readonly name: string }>
  readonly grants: ReadonlyArray<{
    readonly handle: string
    readonly app: string
    readonly patient: string | null
    /** When it began. */
    readonly at: number
  }>
  /** Whether the page renews itself. */
  readonly isLive: boolean
  /** The query of the page with older lines; null if there are none. */
  readonly older: string | null
  /** The query of this page without `live`. */
  readonly query: string
}

/** A time to the second, in words. */
const timeWords = (seconds: number): string =>
  `${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`

/** The time of a line. */
const time = (seconds: number): Html =>
  html`<time datetime="${new Date(seconds * 1000).toISOString()}">${timeWords(seconds)}</time>`

const outcome = (line: LogLine): Html =>
  line.misbehavior !== null
    ? badge('spoiled by the misbehavior', 'warn')
    : line.decision === 'AccessFailed'
      ? badge('not possible', 'warn')
      : isRefused(line)
        ? badge('refused', 'bad')
        : badge('done', 'good')

/** That a misbehavior made the response on purpose, and what a correct app does. */
const purposeShown = (homePath: string, { misbehavior }: LogLine): Html => {
  const row = misbehavior === null ? null : misbehaviorNamed(misbehavior)
  return row === null
    ? emptyHtml
    : html`<p class="advice">The misbehavior <a href="${homePath}/misbehaviors#${row.name}"><code>${row.name}</code></a>
made this response on purpose: ${wordsOf(row.does)} A correct app: ${wordsOf(row.expected)}</p>`
}

/** The words of a row of the table, without the marks of code. */
const wordsOf = (words: string): string => words.replaceAll('`', '')

const source = ({ anchor, server }: LogLine): Html =>
  anchor.startsWith('docs/')
    ? html`<code>${anchor}</code>`
    : html`<a href="${sourceIn(server.release, anchor)}" rel="noreferrer">${anchor}</a>`

const grantLink = (homePath: string, { hasGrant, line: { grantId } }: ExplainedLine): Html =>
  grantId === null || !hasGrant
    ? emptyHtml
    : html`<a href="${homePath}/ehr/grants/${grantHandle(grantId)}"><code>${shortGrant(grantId)}</code></a>`

/** The misbehavior of the server, and the launch setting, which the page of the line shows in words. */
const serverName = ({ id, server }: LogLine, homePath: string): Html => {
  if (server.setting === null) return emptyHtml
  const { misbehavior } = server.setting
  const about = misbehavior === undefined ? emptyHtml : badge(`misbehavior ${misbehavior}`, 'warn')
  return html`${about} <a class="badge plain" href="${homePath}/ehr/log/${id}#setting">launch setting</a>`
}

/** The request in one line; below the FHIR base the parameters are part of the address. */
const requestLine = ({ method, parameters, path }: ShownRequest): Html => {
  const query = parameters
    .filter(({ place }) => place === 'query' && /\/fhir(?:\/|$)/.test(path))
    .map(({ name, value }) => `${name}=${value ?? hiddenText}`)
    .join('&')
  const text = withoutSettings(`${method} ${path}${query === '' ? '' : `?${query}`}`)
  return html`<code><bdi>${visibleWithin(text, limits.shownScope.default)}</bdi></code>`
}

const answerShown = (answer: ShownAnswer | null): Html =>
  answer === null
    ? html`none yet`
    : html`${String(answer.status)}${answer.error === null ? emptyHtml : html` ${foreignCode(answer.error)}`}`

/** The members of an assertion, and an origin, are short and say the cause. Others are on its page. */
const sentInLine = (explained: ExplainedLine): Html =>
  explained.line.rule !== 'OriginNotShared' && (explained.line.request?.assertion ?? []).length === 0
    ? emptyHtml
    : sentShown(explained)

/** A line of the log. */
export const lineShown =
  (homePath: string) =>
  (explained: ExplainedLine): Html => {
    const { appName, isClaimed, line, noApp, patientName, userName } = explained
    return html`<li class="line">
<p class="head">${outcome(line)} <a href="${homePath}/ehr/log/${line.id}">${time(line.at)}${onlySpoken(
      html`, line ${line.id}`
    )}</a>
${appName === null ? emptyHtml : html`<strong>${foreignText(appName)}</strong>`}
${isClaimed ? html`<span class="quiet">(the request says so)</span>` : emptyHtml}
${noApp === null ? emptyHtml : html`<span class="quiet">${noApp}</span>`}
${userName === null ? emptyHtml : html`for ${foreignText(userName)}`}
${patientName === null ? emptyHtml : html`with the patient ${foreignText(patientName)}`}
${grantLink(homePath, explained)}
${serverName(line, homePath)}</p>
${purposeShown(homePath, line)}
<p class="what">${line.what}</p>
${
  isRefused(line)
    ? html`<p class="advice">${acceptedOf(homePath, explained)}${sentInLine(explained)}${expectedShown(explained)}</p>`
    : emptyHtml
}
${hiddenShown(explained)}
${restrictionShown(explained)}
${missingShown(homePath, explained)}
<p class="quiet">${line.request === null ? emptyHtml : html`${requestLine(line.request)} gets `}${answerShown(
      line.answer
    )}.
${line.rule === null ? emptyHtml : html`Rule <code>${line.rule}</code>.`} Source: ${source(line)}</p>
</li>`
  }

const filterForm = (view: LogPage): Html => {
  const { apps, filter, grants, homePath, isLive } = view
  const appOptions = [
    { value: '', label: 'all apps' },
    ...apps.map(({ id, name }) => ({ value: id, label: name === id ? id : `${name} (${id})` }))
  ]
  return html`<form class="search" method="get" action="${homePath}/ehr/log">
${field('App', select('app', appOptions, filter.app))}
${field(
  'Grant',
  select(
    'grant',
    [
      { value: '', label: 'all grants' },
      ...grants.map(({ app, at, handle, patient }) => ({
        value: handle,
        label: `${app}${patient === null ? '' : `, patient ${patient}`}, ${timeWords(at)}`
      }))
    ],
    filter.grant
  )
)}
${field(
  'Kind',
  select(
    'kind',
    [{ value: '', label: 'all kinds' }, ...Object.entries(logKinds).map(([value, label]) => ({ value, label }))],
    filter.kind
  )
)}
${isLive ? html`<input type="hidden" name="live" value="1">` : emptyHtml}
${button(html`Show`, 'main')}
</form>`
}

/** What is said in place of lines: nothing happened yet, or no line is left by the filter. */
const nothingShown = ({ filter, homePath }: LogPage): Html =>
  Object.values(filter).every((text) => text === '')
    ? html`<p>Nothing yet. Launch an app, and each step of it is explained here.</p>`
    : html`<p>The log has no line for this filter. It keeps the newest ${String(limits.simulatorLog.default)} lines.</p>
<p><a href="${homePath}/ehr/log">The whole log</a></p>`

/** The contents of the log. */
export const logPage = (view: LogPage): Html => {
  const { homePath, isLive, lines, older, query } = view
  const address = `${homePath}/ehr/log`
  const live = `${query === '' ? '' : `${query}&`}live=1`
  return html`<p>What the authorization server and the FHIR gate decided, the newest first, each with its rule.</p>
${filterForm(view)}
<p class="quiet">${
    isLive
      ? html`This page reloads every two seconds. <a href="${address}?${query}">Stop</a>`
      : html`<a href="${address}?${live}">Reload this page every two seconds</a>`
  }</p>
${lines.length === 0 ? card(null, nothingShown(view)) : html`<ol class="lines">${lines.map(lineShown(homePath))}</ol>`}
${older === null ? emptyHtml : html`<p><a href="${address}?${older}">Older lines</a></p>`}`
}

const parameterShown = ({ name, place, value }: ShownParameter): readonly [string, Html] => [
  `${name} (${place})`,
  value === null ? html`<em>${hiddenText}</em>` : foreignCode(withoutSettings(value))
]

const requestCard = (request: ShownRequest): Html =>
  card(
    html`The request`,
    html`<p>${requestLine(request)}</p>
${request.parameters.length === 0 ? emptyHtml : facts(request.parameters.map(parameterShown))}
${
  request.assertion.length === 0
    ? emptyHtml
    : html`<p>The client assertion, without its signature:</p>
${facts(request.assertion.map(([name, value]) => [name, foreignCode(assertionValue(name, value))] as const))}`
}
${request.leftOut === 0 ? emptyHtml : html`<p class="quiet">${String(request.leftOut)} more are not shown.</p>`}
<p class="quiet">Codes, tokens, secrets, and values of parameters that this server does not know are hidden.</p>`
  )

const answerCard = (answer: ShownAnswer): Html =>
  card(
    html`The response`,
    knownFacts([
      ['Status', html`${String(answer.status)}`],
      ['Error', answer.error === null ? emptyHtml : foreignCode(answer.error)],
      ['Description', answer.description === null ? emptyHtml : foreignText(withoutSettings(answer.description))],
      ['Goes to', answer.goesTo === null ? emptyHtml : foreignCode(withoutSettings(answer.goesTo))]
    ])
  )

/** What the misbehavior of a server does. */
const misbehaviorShown = (name: string | undefined): Html => {
  const found = name === undefined ? null : misbehaviorNamed(name)
  return found === null
    ? emptyHtml
    : html`<p>The misbehavior ${foreignCode(found.name)} acts here, after the decision:
${wordsOf(found.does)}</p>`
}

/** The launch setting in words, without its secrets, and the launch with it. */
const settingCard = ({ server }: LogLine, launchAgain: string | null): Html => {
  if (server.setting === null) return emptyHtml
  const { app, ...others } = server.setting
  const { client_secret, ...open } = app ?? {}
  const rows = Object.entries({ ...others, ...open }).map(
    ([name, value]) => [name, foreignCode(typeof value === 'string' ? value : JSON.stringify(value))] as const
  )
  return html`<div id="setting">${card(
    html`The launch setting`,
    html`<p>The address of this server holds it.</p>
${misbehaviorShown(server.setting.misbehavior)}
${facts([...rows, ...(client_secret === undefined ? [] : [['client_secret', html`<em>${hiddenText}</em>`] as const])])}
${
  // An address that holds a secret is not shown: the log needs no sign-in.
  client_secret === undefined
    ? copyableText(
        'iss',
        html`FHIR base URL (<code>iss</code>, and <code>aud</code> of the request):`,
        server.fhirBaseUrl
      )
    : emptyHtml
}
${launchAgain === null ? emptyHtml : actions([linkButton(launchAgain, html`Launch with it again`)])}`
  )}</div>`
}

/** What was requested and granted, with the question of the scope playground about it. */
const scopesCard = (homePath: string, explained: ExplainedLine): Html => {
  const { scopes } = explained
  if (scopes === null) return emptyHtml
  const question = fragmentOf({ requested: scopes.requested, granted: scopes.granted, userIncludesPatient: false })
  return card(
    html`Requested and granted`,
    html`${missingShown(homePath, explained)}
${knownFacts([
  ['Requested', foreignCode(scopes.requested)],
  ['Granted', foreignCode(scopes.granted)],
  ['Not granted', scopes.missing === '' ? emptyHtml : foreignCode(scopes.missing)]
])}
${actions([linkButton(`${homePath}/scopes#${question}`, html`Compare them`)])}`
  )
}

/** Where the page of a line leads: its own address, to copy, and the launch with its setting. */
export interface LineWays {
  readonly homePath: string
  readonly address: string
  /** The address of a launch with the same setting; null for a line without one. */
  readonly launchAgain: string | null
}

/** Why a line is a refusal, and what would be accepted; nothing where the purpose of a misbehavior says all. */
const whyShown = (homePath: string, explained: ExplainedLine): Html => {
  const { line } = explained
  if (!isRefused(line)) return emptyHtml
  const said = html`${acceptedOf(homePath, explained)}${sentShown(explained)}${expectedShown(explained)}`
  const more = (line.answer?.neededScopes ?? null) === null || line.accepted === null ? emptyHtml : line.accepted
  if (said.html === '' && more === emptyHtml) return emptyHtml
  return card(
    html`Why, and what would be accepted`,
    html`<p>${said}</p>${more === emptyHtml ? emptyHtml : html`<p class="quiet">${more}</p>`}`
  )
}

/** The contents of the page of one line. */
export const linePage = ({ address, homePath, launchAgain }: LineWays, explained: ExplainedLine): Html => {
  const { appName, clientId, hasGrant, isClaimed, line, noApp, patientName, restrictedBy, userName } = explained
  const { answer, details, grantId, request, rule, server } = line
  return html`${purposeShown(homePath, line)}
<p>${line.what}</p>
${hiddenShown(explained)}
${card(
  html`The decision`,
  knownFacts([
    ['Outcome', outcome(line)],
    ['Decision', html`<code>${line.decision}</code>`],
    ['Meaning', isRefused(line) ? emptyHtml : html`${decisionWords[line.decision].words}`],
    ['Time', time(line.at)],
    [
      'App',
      clientId === null || appName === null
        ? html`${noApp ?? ''}`
        : html`${foreignText(appName)} ${appName === clientId ? emptyHtml : foreignCode(clientId)}${
            isClaimed ? html` <span class="quiet">(the request says so)</span>` : emptyHtml
          }`
    ],
    ['User', userName === null ? emptyHtml : foreignText(userName)],
    ['Patient', patientName === null ? emptyHtml : foreignText(patientName)],
    ['Grant', grantLink(homePath, explained)],
    [
      'Server',
      server.setting === null ? foreignCode(withoutSettings(server.issuer)) : html`${serverName(line, homePath)}`
    ],
    ['Rule', rule === null ? emptyHtml : html`<code>${rule}</code>`],
    ...details.map(([name, value]) => [name, foreignCode(withoutSettings(value))] as const),
    ['Source', html`${source(line)} (release ${server.release})`]
  ])
)}
${whyShown(homePath, explained)}
${restrictedBy.length === 0 ? emptyHtml : card(html`What restricts the results`, restrictionShown(explained))}
${scopesCard(homePath, explained)}
<div class="beside">
${request === null ? emptyHtml : requestCard(request)}
${answer === null ? emptyHtml : answerCard(answer)}
</div>
${settingCard(line, launchAgain)}
${card(
  html`The address of this line`,
  html`<p>Send it to a colleague who reaches this simulator. The log keeps the newest ${String(
    limits.simulatorLog.default
  )} lines until the simulator stops. Each process that serves one store has a log of its own.</p>
${copyBox('line', address)}
${actions([copyButton('line', 'Copy link')])}
${copyStatus}`
)}
<p>${linkButton(`${homePath}/ehr/log`, html`The whole log`)}
${
  grantId === null || !hasGrant
    ? emptyHtml
    : linkButton(`${homePath}/ehr/log?grant=${grantHandle(grantId)}`, html`All lines of this grant`)
}</p>`
}
