/** The launch page: launches apps, and says who the users are. */
import type { LaunchPanel } from './launch.js'
import { launchPanel } from './launch.js'
import type { UserEntry } from '../config/config.js'
import { serverAddresses } from './launch-link.js'
import { icons } from '../design/icons.js'
import { card, commaSeparated, linkButton, table } from '../design/parts.js'
import type { Html } from '../../host/html.js'
import { foreignCode, foreignText, html, emptyHtml } from '../../host/html.js'
import { below } from '../../values/urls.js'

/** The data of the launch page. */
export interface Desktop {
  readonly homePath: string
  readonly fhirBaseUrl: string
  readonly users: ReadonlyArray<UserEntry>
  readonly hasSampleApp: boolean
  readonly panel: LaunchPanel
}

const userRow = ({ fhirUser, password, patients, username }: UserEntry): ReadonlyArray<Html> => [
  foreignText(username),
  foreignCode(password),
  fhirUser === null ? html`no record` : foreignText(fhirUser),
  patients.length === 1 && patients[0] === '*' ? html`all patients` : commaSeparated(patients.map(foreignText))
]

/** The contents of the launch page. */
export const desktopPage = ({ fhirBaseUrl, hasSampleApp, homePath, panel, users }: Desktop): Html =>
  html`
<p>The launch page of an invented record system, which launches SMART apps. Its FHIR server is
<code>${fhirBaseUrl}</code>.</p>
${launchPanel(panel)}
${card(
  html`Connect your app`,
  html`<p>An app that is opened by itself (standalone launch) needs the FHIR base URL and a client_id.</p>
${serverAddresses(fhirBaseUrl, below(fhirBaseUrl, '.well-known/smart-configuration'))}
<p>With this FHIR base URL, the client_id is that of a <a href="${homePath}/ehr/apps">registered app</a>: <a
href="${homePath}/ehr/apps/new">register yours</a>. Without a registration, <a
href="${homePath}/?kind=standalone&amp;app=*">describe your app by its URLs</a>: it keeps its client_id, and gets a FHIR
base URL of its own.</p>`
)}
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
<p>See also <a href="${homePath}/ehr/grants">all grants</a>, <a
href="${homePath}/apps">the apps connected to a user</a>, and <a href="${homePath}/ehr/log">the log</a>.</p>`
