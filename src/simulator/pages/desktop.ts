/** The EHR desktop: launches apps, and says who the users are and which grants there are. */
import type { ClientEntry, UserEntry } from '../config/config.js'
import { icons } from '../design/icons.js'
import { button, card, commaSeparated, field, linkButton, monogram, select, table } from '../design/parts.js'
import type { Choice } from '../fhir/synthetic-data.js'
import type { Html } from '../../host/html.js'
import { foreignCode, foreignText, html, emptyHtml } from '../../host/html.js'

/** The data of the desktop page. */
export interface Desktop {
  readonly homePath: string
  readonly fhirBaseUrl: string
  readonly users: ReadonlyArray<UserEntry>
  readonly patients: ReadonlyArray<Choice>
  readonly encounters: ReadonlyArray<Choice>
  readonly clients: ReadonlyArray<ClientEntry>
  readonly hasSampleApp: boolean
}

const none = { value: '', label: 'none' }

/** The fields in which the user of the desktop chooses a patient and an encounter, or none. */
const contextFields = ({ patients, encounters }: Desktop): Html => {
  const labels = new Map(patients.map(({ id, label }) => [id, label] as const))
  const patientOptions = patients.map(({ id, label }) => ({ value: id, label }))
  const encounterOptions = encounters.map(({ id, label, patient }) => ({
    value: id,
    label: `${labels.get(patient) ?? patient}, ${label}`
  }))
  return html`${field('Patient', select('patient', [...patientOptions, none]))}
${field('Encounter', select('encounter', [none, ...encounterOptions]))}`
}

const launchForm = (desktop: Desktop, client: ClientEntry, launchUri: string): Html => {
  const name = client.client_name ?? client.client_id
  const users = desktop.users.map(({ username }) => ({ value: username, label: username }))
  return html`<form class="card" method="get" action="${desktop.homePath}/ehr/launch">
<div class="party">${monogram(name)}<div><h3>${foreignText(name)}</h3>
<p class="quiet">Goes to ${foreignCode(launchUri)}, where the app must be running.</p></div></div>
<input type="hidden" name="client_id" value="${client.client_id}">
<input type="hidden" name="launch_uri" value="${launchUri}">
${field('User', select('user', users))}
${contextFields(desktop)}
${button(html`Launch ${foreignText(name)}`, 'main')}
</form>`
}

const userRow = ({ fhirUser, password, patients, username }: UserEntry): ReadonlyArray<Html> => [
  foreignText(username),
  foreignCode(password),
  fhirUser === null ? html`no record` : foreignText(fhirUser),
  patients.length === 1 && patients[0] === '*' ? html`all patients` : commaSeparated(patients.map(foreignText))
]

/** The contents of the EHR desktop. */
export const desktopPage = (desktop: Desktop): Html =>
  html`
<p>An electronic health record that launches SMART apps. Its FHIR server is <code>${desktop.fhirBaseUrl}</code>.</p>
<h2>Launch an app from here</h2>
<div class="cards">${desktop.clients.flatMap((client) =>
    (client.launch_uris ?? []).map((uri) => launchForm(desktop, client, uri))
  )}</div>
${
  desktop.hasSampleApp
    ? html`<h2>Launch an app by itself</h2>
${card(
  null,
  html`<p>The sample app can start without the desktop. It sends you here to sign in and to choose a patient.</p>
<p>${linkButton(
    `${desktop.homePath}/app/launch?iss=${encodeURIComponent(desktop.fhirBaseUrl)}`,
    html`Open the sample app ${icons.arrow}`
  )}</p>`
)}`
    : emptyHtml
}
<h2>Users</h2>
${table('Users', ['User name', 'Password', 'Is', 'Sees'], desktop.users.map(userRow))}
<h2>Grants</h2>
<p>See <a href="${desktop.homePath}/ehr/grants">all grants</a>, <a href="${
    desktop.homePath
  }/apps">the apps connected to a user</a>, or <a href="${desktop.homePath}/ehr/log">the log</a>.</p>`
