/** The list of misbehaviors for app authors: a page, JSON, and the place that stands for another origin. */
import * as Task from 'fp-ts/lib/Task.js'
import type { Misbehavior, OwnOutcome, Unharmed } from './misbehavior.js'
import { misbehaviorGroups, misbehaviors } from './table.js'
import { commaSeparated, facts, linkButton, onlySpoken } from '../design/parts.js'
import { page } from '../design/shell.js'
import { baseUrlWith } from '../settings/setting-servers.js'
import type { Html } from '../../host/html.js'
import { html } from '../../host/html.js'
import type { RequestHandler } from '../../engine/server/http-handler.js'
import { sourceUrl } from '../../protocol/errors/refusal.js'
import { refusalJson } from '../../protocol/errors/refusal-table.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import { json, publicJson } from '../../protocol/http/message.js'
import { below, pathOf } from '../../values/urls.js'

/** What an app shows that is not harmed, in words. */
const unharmedWords: Readonly<Record<Unharmed, string>> = {
  noResponse: 'no session: the response never comes, and another launch can begin',
  fewerScopes: 'a session that says which requested scopes are missing',
  moreScopes: 'a session that says which scopes are in excess of the requested ones',
  noPatient: 'a session without a patient',
  tokenRefused: 'a FHIR response with status 401, and no data',
  busy: 'a FHIR response with status 429, and no data',
  tokenKept: 'a session that goes on with the token that it has',
  nothing: 'a session like any other'
}

/** How the app of this package ends, in words. */
export const outcomeInWords = (outcome: OwnOutcome): string => {
  if ('unharmed' in outcome) return unharmedWords[outcome.unharmed]
  return outcome.detail === undefined ? outcome.failure : `${outcome.failure} (${outcome.detail})`
}

const isForEhrLaunch = ({ changes }: Misbehavior): boolean => changes['ehr-launch'] !== undefined

/** The row of a misbehavior in the list for programs. The links are URI templates (RFC 6570). */
export const listed = (publicBaseUrl: string, row: Misbehavior): Readonly<Record<string, unknown>> => {
  const base = baseUrlWith(publicBaseUrl, { misbehavior: row.name })
  const { changes, does, expected, name, outcome, sources } = row
  return {
    name,
    does,
    expected,
    sources,
    places: Object.keys(changes),
    outcome: outcomeInWords(outcome),
    ...(isForEhrLaunch(row) ? {} : { iss: below(base, 'fhir') }),
    ehrLaunch: below(base, 'ehr/launch{?client_id,launch_uri,user,patient,encounter,intent}')
  }
}

/** A sentence with codes between backticks. */
const withCodes = (text: string): Html => ({
  html: text
    .split('`')
    .map((part, index) => (index % 2 === 0 ? html`${part}` : html`<code>${part}</code>`).html)
    .join('')
})

/** A source as a link; a text that is no anchor of the guide or of an RFC stays as it is. */
const sourceShown = (source: string): Html =>
  /^[a-z0-9-]+#\S+$/.test(source)
    ? html`<a href="${sourceUrl(source)}" rel="noreferrer">${source}</a>`
    : html`${source}`

const rowShown =
  (publicBaseUrl: string) =>
  (row: Misbehavior): Html => {
    const isOfRecord = isForEhrLaunch(row)
    const launch = `${pathOf(publicBaseUrl)}/?${isOfRecord ? 'kind=ehr&' : ''}misbehavior=${row.name}`
    return html`<details id="${row.name}"><summary><code>${row.name}</code>
<span>${withCodes(row.does)}</span></summary>
${facts([
  ['A correct app', withCodes(row.expected)],
  ['Source', commaSeparated(row.sources.map(sourceShown))],
  [
    'iss',
    isOfRecord
      ? html`Only by a launch from the record system.`
      : html`<code>${below(baseUrlWith(publicBaseUrl, { misbehavior: row.name }), 'fhir')}</code>`
  ]
])}
<p>${linkButton(launch, html`Launch an app with it${onlySpoken(html`: ${row.name}`)}`)}</p></details>`
  }

/** The name of a group in addresses. */
const anchorOf = (title: string): string => title.toLowerCase().replaceAll(' ', '-')

const groupShown =
  (publicBaseUrl: string) =>
  ({
    about,
    rows,
    title
  }: (typeof misbehaviorGroups)[number]): Html => html`<section class="kinds"><h2 id="${anchorOf(title)}">${title}</h2>
<p class="quiet">${about} <a href="#steps">All steps</a></p>
${rows.map(rowShown(publicBaseUrl))}</section>`

/** The links to the groups, in the order of a launch. */
const stepsShown: Html = html`<nav id="steps" aria-label="Steps"><ul class="tabs">${misbehaviorGroups.map(
  ({ rows, title }) => html`<li><a href="#${anchorOf(title)}">${title} (${String(rows.length)})</a></li>`
)}</ul></nav>`

const listPage = (publicBaseUrl: string): PlainResponse => {
  const basePath = pathOf(publicBaseUrl)
  return page({
    homePath: basePath,
    title: 'Misbehaviors of the record system',
    layout: 'desk',
    current: 'misbehaviors',
    body: html`<p>Each of these record systems does one thing wrong. Open one to see what a correct app does. Launch
your app with it, by the launch page or as <code>iss</code>, and compare what your app does.
<a href="${basePath}/misbehaviors.json">The same list for programs.</a></p>
${stepsShown}
${misbehaviorGroups.map(groupShown(publicBaseUrl))}
<p><a href="${basePath}/">Back to the launch page</a></p>`
  })
}

/** The answer of the place that stands for another origin. Pages of every origin can read it. */
const elsewhere: PlainResponse = json(
  403,
  {
    error: 'access_denied',
    error_description:
      'This address stands for a server that has nothing to do with the EHR. A correct app sends nothing here.'
  },
  { 'access-control-allow-origin': '*' }
)

/** The handler with the pages about misbehaviors. */
export const withMisbehaviorPages = (publicBaseUrl: string, handler: RequestHandler): RequestHandler => {
  const basePath = pathOf(publicBaseUrl)
  const list = { misbehaviors: misbehaviors.map((row) => listed(publicBaseUrl, row)) }
  const programs: PlainResponse = publicJson(list, 60)
  const pages = new Map<string, PlainResponse>([
    [`${basePath}/misbehaviors`, listPage(publicBaseUrl)],
    [
      `${basePath}/misbehaviors.json`,
      { ...programs, headers: { ...programs.headers, 'access-control-allow-origin': '*' } }
    ]
  ])
  const answer: RequestHandler = (request) => {
    if (request.path.startsWith('/elsewhere/')) return Task.of(elsewhere)
    const found = pages.get(request.path)
    if (found === undefined) return handler(request)
    return Task.of(
      request.method === 'GET' || request.method === 'HEAD'
        ? found
        : refusalJson({ _tag: 'MethodNotAllowed', allowed: 'GET, HEAD' })
    )
  }
  return Object.assign(answer, handler)
}
