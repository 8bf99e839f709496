/** The EHR desktop: launches apps, and says who the users are. */
import type { LaunchPanel } from './launch.js'
import { launchPanel } from './launch.js'
import type { UserEntry } from '../config/config.js'
import { icons } from '../design/icons.js'
import { badge, card, commaSeparated, linkButton, table } from '../design/parts.js'
import type { Html } from '../../host/html.js'
import { foreignCode, foreignText, html, emptyHtml } from '../../host/html.js'

/** The data of the desktop page. */
export interface Desktop {
  readonly homePath: string
  readonly fhirBaseUrl: string
  readonly users: ReadonlyArray<UserEntry>
  readonly hasSampleApp: boolean
  readonly panel: LaunchPanel
}

/** A grant as the desktop shows it. */
export interface GrantSummary {
  /** Shortened, because a page must not show a whole id. */
  readonly grantId: string
  readonly clientId: string
  readonly state: string
  /** The events that leave the current state, each with its target state. */
  readonly ways: ReadonlyArray<string>
}

const userRow = ({ fhirUser, password, patients, username }: UserEntry): ReadonlyArray<Html> => [
  foreignText(username),
  foreignCode(password),
  fhirUser === null ? html`no record` : foreignText(fhirUser),
  patients.length === 1 && patients[0] === '*' ? html`all patients` : commaSeparated(patients.map(foreignText))
]

/** The contents of the EHR desktop. */
export const desktopPage = ({ fhirBaseUrl, hasSampleApp, homePath, panel, users }: Desktop): Html =>
  html`
<p>An electronic health record that launches SMART apps. Its FHIR server is <code>${fhirBaseUrl}</code>.</p>
${launchPanel(panel)}
${
  hasSampleApp
    ? card(
        html`The sample app`,
        html`<p>It can also start by itself: it then sends you here to sign in and to choose a patient.</p>
<p>${linkButton(
          `${homePath}/app/launch?iss=${encodeURIComponent(fhirBaseUrl)}`,
          html`Open the sample app ${icons.arrow}`
        )}</p>`
      )
    : emptyHtml
}
<h2>Users</h2>
${table('Users', ['User name', 'Password', 'Is', 'Sees'], users.map(userRow))}
<p>See also <a href="${homePath}/apps">the apps connected to a user</a>.</p>`

const tones: Readonly<Record<string, 'good' | 'accent'>> = { Active: 'good', CodeIssued: 'accent' }

const grantsTable = (grants: ReadonlyArray<GrantSummary>): Html =>
  table(
    'Grants',
    ['Grant', 'App', 'Condition', 'What may happen'],
    grants.map(({ grantId, clientId, state, ways }) => [
      html`<code>${grantId}</code>`,
      foreignText(clientId),
      badge(state, Object.hasOwn(tones, state) ? tones[state] : 'plain'),
      html`${ways.map((way) => html`${way}<br>`)}`
    ])
  )

/** The current state of every grant; the page reloads itself. */
export const grantsPage = (grants: ReadonlyArray<GrantSummary>): Html =>
  html`
<p>The newest are last. This page renews itself every two seconds.</p>
${grantsTable(grants)}`
