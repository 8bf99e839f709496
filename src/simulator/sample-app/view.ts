/**
 * What the sample app shows, as HTML.
 *
 * @module
 */
import { chartInWords, drawnChart, unitOf, valueText } from './chart.js'
import { codeName, items, stringAt } from './fhir-json.js'
import type { Granted, RequestedScope } from './granted.js'
import type { Pages } from './paging.js'
import type { Problem } from './problem.js'
import { oauthProblem } from './problem.js'
import type { Chart } from './series.js'
import type { Tone } from '../design/parts.js'
import { badge, facts, field, notice, select, table } from '../design/parts.js'
import type { Html } from '../../host/html.js'
import { emptyHtml, foreignCode, foreignText, html, sentence } from '../../host/html.js'

/** What is for the developer: the error, the words of the server, and where it says why. */
const detailsOf = ({ code, said, why }: Problem): Html => {
  const link = why === null ? emptyHtml : html` <a href="${why}" target="_top">See why</a>`
  if (code === '' && said === '') return why === null ? emptyHtml : html`<p class="quiet">${link}</p>`
  const words = said === '' ? emptyHtml : html` ${foreignText(said)}`
  const named = code === '' ? emptyHtml : html` ${foreignCode(code)}`
  return html`<p class="quiet">For the app's developer:${named}${words}${link}</p>`
}

/** What failed: in plain sentences, then the words of the server, and where it says why. */
export const failed = (problem: Problem, what = 'The launch failed.'): Html =>
  notice(
    'bad',
    html`<p><strong>${what}</strong> ${problem.sentence}</p>
${detailsOf(problem)}`
  )

/** The client library is not there. */
export const noLibrary: Problem = {
  sentence: 'The client library is missing: build the project.',
  said: '',
  code: '',
  why: null
}

/** A launch that the server ended with an error of OAuth. Nothing is wrong where the user denied it. */
export const launchRefused = (error: string, description: string, errorUri = ''): Html =>
  error === 'access_denied'
    ? notice(
        'plain',
        html`<p><strong>You gave no access.</strong> This app received nothing
(${foreignCode(error)}).</p>`
      )
    : failed(oauthProblem(error, description, errorUri))

const patientIn = (id: string | null): Html => (id === null ? html`no patient` : foreignCode(`Patient/${id}`))

/** The response to a refresh, or a request that refreshed, names another patient than before. */
export const patientChanged = (before: string | null, now: string | null): Html =>
  notice(
    'warn',
    html`<p><strong>The patient changed.</strong> The new token response names ${patientIn(now)} in place of
${patientIn(before)}. Everything below is about the patient of the new response.</p>`
  )

/** The page without a session. */
export const noSession: Html = notice('plain', html`<p>No launch is open in this tab.</p>`)

/** The end of the access, which the app sees when a token is refused. */
export const accessEnded = (problem: Problem): Html =>
  notice(
    'warn',
    html`<p><strong>The access has ended.</strong> The record system does not accept the token any more: it has
expired, or the access was revoked. Launch the app again to get new access.</p>
${detailsOf(problem)}`
  )

/** The end that the user chose. `problem`: why the server did not revoke the tokens; empty if it did. */
export const signedOut = (problem: string): Html =>
  problem === ''
    ? notice(
        'good',
        html`<p><strong>You are signed out.</strong> The record system has revoked the tokens of this app, and the app
has deleted them. Your session at the record system goes on.</p>`
      )
    : notice(
        'warn',
        html`<p>The app has deleted its tokens. The record system did not revoke them:
${foreignText(problem)}</p>`
      )

const nameOf = (patient: unknown): string => {
  const name = items(patient, 'name')[0]
  const given = items(name, 'given').filter((one): one is string => typeof one === 'string')
  return stringAt(name, 'text') || [...given, stringAt(name, 'family')].join(' ').trim()
}

const identifier = (one: unknown): Html => {
  const kind = codeName((one as { readonly type?: unknown } | null)?.type) || stringAt(one, 'system')
  return html`${foreignCode(stringAt(one, 'value'))}${kind === '' ? emptyHtml : html` (${foreignText(kind)})`}`
}

/** The user and what the launch says about the context. */
const contextFacts = (
  response: Readonly<Record<string, unknown>>,
  fhirUser: string | null
): ReadonlyArray<readonly [string, Html]> => [
  ...(typeof response['encounter'] === 'string' ? [['Encounter', foreignCode(response['encounter'])] as const] : []),
  ['User', fhirUser === null ? html`not known: <code>fhirUser</code> was not granted` : foreignCode(fhirUser)]
]

/** The patient, or the id alone where the app may not read the record. */
export const patientShown = (
  id: string | null,
  patient: unknown,
  response: Readonly<Record<string, unknown>>,
  fhirUser: string | null
): Html => {
  const context = contextFacts(response, fhirUser)
  if (id === null)
    return html`${notice('plain', html`<p>The launch named no patient.</p>`)}
${facts(context)}`
  if (patient === null)
    return html`${notice(
      'plain',
      html`<p>The app knows which patient it is, and may not read the record: reading
<code>Patient</code> was not granted.</p>`
    )}
${facts([['Patient', foreignCode(id)], ...context])}`
  const identifiers = items(patient, 'identifier')
  return html`<p class="who">${foreignText(nameOf(patient))}</p>
${facts([
  ['Sex', html`${stringAt(patient, 'gender') || 'not stated'}`],
  ['Born', html`${stringAt(patient, 'birthDate') || 'not stated'}`],
  [
    'Identifier',
    identifiers.length === 0
      ? html`none`
      : html`<ul class="identifiers">${identifiers.map((one) => html`<li>${identifier(one)}</li>`)}</ul>`
  ],
  ['Record', foreignCode(`Patient/${id}`)],
  ...context
])}`
}

/** Where the observations of a patient are drawn. */
export const observationsFrame: Html = html`<div id="choice"></div>
<div class="sides"><div id="chart"></div><div id="values"></div></div>`

/** Why there are no observations. */
export const noObservations = (why: 'not granted' | 'none'): Html =>
  notice(
    'plain',
    why === 'not granted'
      ? html`<p>Reading and searching <code>Observation</code> was not granted. The rest of the app works without
it.</p>`
      : html`<p>There are no observations with numbers.</p>`
  )

/** The list of charts, and how many observations there were. */
export const chartChoice = (charts: ReadonlyArray<Chart>, { resources, hasMore }: Pages): Html =>
  html`${field(
    'Observation',
    select(
      'chart',
      charts.map(({ name, lines }, index) => ({
        value: String(index),
        label: `${name} (${String(Math.max(...lines.map(({ points }) => points.length)))})`
      }))
    )
  )}
<p class="quiet">${String(resources.length)} observations${
    hasMore ? ', and the record system has more: the app stops here' : ''
  }.</p>`

/** A chart with its legend. */
export const chartShown = (chart: Chart, width: number): Html =>
  html`<p class="legend">${
    chart.lines.length < 2
      ? emptyHtml
      : html`${chart.lines.map(
          ({ name }, index) => html`<span class="line-${String(index % 3)}">${foreignText(name)}</span>`
        )} `
  }<span>${unitOf(chart)}</span></p>
${drawnChart(chart, width)}`

/** All values of a chart, newest first, for those who do not see it. */
export const valuesShown = (chart: Chart): Html => {
  const times = [...new Set(chart.lines.flatMap(({ points }) => points.map(({ at }) => at)))].sort(
    (one, other) => Date.parse(other) - Date.parse(one)
  )
  const valueAt = ({ points }: Chart['lines'][number], time: string): Html => {
    const point = points.find(({ at }) => at === time)
    return point === undefined ? html`-` : foreignText(valueText(point))
  }
  return table(
    chartInWords(chart),
    ['Date', ...chart.lines.map(({ name }) => name)],
    times.map((time) => [
      html`<time datetime="${time}">${time.slice(0, 10)}</time>`,
      ...chart.lines.map((line) => valueAt(line, time))
    ])
  )
}

const tones: Readonly<Record<RequestedScope['outcome'], Tone>> = {
  granted: 'good',
  'in part': 'warn',
  'not granted': 'warn'
}

/** What was requested against what was granted, and what the app cannot do. */
export const grantedShown = ({ requested, granted, missing }: Granted): Html =>
  html`<div class="sides"><div><h3>Requested</h3>
<ul class="scopes">${requested.map(
    (scope) => html`<li>${foreignCode(scope.text)} ${badge(scope.outcome, tones[scope.outcome])}</li>`
  )}</ul></div>
<div><h3>Granted</h3>
<ul class="scopes">${granted.map((scope) => html`<li>${foreignCode(scope)}</li>`)}</ul></div></div>
${
  missing.length === 0
    ? html`<p>Nothing is missing.</p>`
    : html`<h3>What the app cannot do</h3>
<ul class="missing">${missing.map((words) => html`<li>${sentence(words)}</li>`)}</ul>
<p class="quiet">To give it more, launch the app again, and leave the ticks on the page that asks for access. What
that page does not offer, the record system does not give to this app.</p>`
}`

const secrets: ReadonlySet<string> = new Set(['access_token', 'refresh_token', 'id_token'])

/** The token response with its tokens hidden. */
export const tokensHidden = (response: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(response).map(([name, value]) => [
      name,
      secrets.has(name) ? `(hidden: ${String(String(value).length)} characters)` : value
    ])
  )

const json = (value: unknown): ReadonlyArray<Html> =>
  JSON.stringify(value, null, 2)
    .split('\n')
    .map((line) => html`${line}`)

/** The token response, and what the `id_token` says. */
export const responseShown = (
  response: Readonly<Record<string, unknown>>,
  claims: Readonly<Record<string, unknown>> | null
): Html =>
  html`<pre tabindex="0" aria-label="Token response">${json(tokensHidden(response))}</pre>
${
  claims === null
    ? emptyHtml
    : html`<details><summary>Claims of the <code>id_token</code></summary>
<pre tabindex="0" aria-label="Claims of the id_token">${json(claims)}</pre></details>`
}`
