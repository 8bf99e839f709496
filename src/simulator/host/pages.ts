/** The pages of the simulator: plain forms that work without a script, with a keyboard and with a screen reader. */
import type { ClientEntry, UserEntry } from '../config/config.js'
import type { Html } from '../../host/html.js'
import { foreignText, foreignCode, html, emptyHtml, sentence } from '../../host/html.js'
import type { ScopeQuestion } from './scope-playground.js'
import { scopePlayground } from './scope-playground.js'
import { signedInNote } from './sign-out.js'
import type { Choice } from '../fhir/synthetic-data.js'
import type { ConsentDetails, Interaction } from '../../engine/server/interaction/conversation.js'
import type { SignedInUser } from '../../protocol/launch/launch-context.js'
import type { RefusalRow } from '../../protocol/errors/refusal.js'
import { errorUri } from '../../protocol/errors/refusal.js'
import type { AwaitingContext } from '../../protocol/grant/state.js'
import { contextUnderScopes } from '../../protocol/grant/granted-context.js'
import type { ExplainOptions } from '../../scopes/explain/explain.js'
import { explainScope } from '../../scopes/explain/explain.js'
import { english } from '../../scopes/explain/english.js'
import { shown } from '../../values/shown-text.js'
import { originOf } from '../../values/urls.js'
import { noMembers } from '../../values/own.js'

/** The data of the desktop page. */
export interface Desktop {
  readonly basePath: string
  /** The user of the browser's session; null if no user is signed in. */
  readonly signedInAs: string | null
  readonly fhirBaseUrl: string
  readonly users: ReadonlyArray<UserEntry>
  readonly patients: ReadonlyArray<Choice>
  readonly encounters: ReadonlyArray<Choice>
  readonly clients: ReadonlyArray<ClientEntry>
  readonly hasSampleApp: boolean
  /** The current grants: shortened id, client and state. */
  readonly grants: ReadonlyArray<GrantSummary>
  readonly question: ScopeQuestion
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

/** An option element can contain no markup, so its text must be safe to display by itself. */
const option = (value: string, label: string): Html => html`<option value="${value}">${shown(label)}</option>`

/** The labels of patients by their ids. */
const labelsOf = (patients: ReadonlyArray<Choice>): ReadonlyMap<string, string> =>
  new Map(patients.map(({ id, label }) => [id, label] as const))

/** The fields in which the user of the desktop chooses a patient and an encounter, or none. */
const contextFields = ({ patients, encounters }: Desktop): Html => {
  const labels = labelsOf(patients)
  return html`<label>Patient <select name="patient">${patients.map(({ id, label }) =>
    option(id, label)
  )}<option value="">none</option></select></label>
<label>Encounter <select name="encounter"><option value="">none</option>${encounters.map(({ id, label, patient }) =>
    option(id, `${labels.get(patient) ?? patient}, ${label}`)
  )}</select></label>`
}

const launchForm = (desktop: Desktop, client: ClientEntry, launchUri: string): Html =>
  html`
<form method="get" action="${desktop.basePath}/ehr/launch">
<fieldset>
<legend>Launch ${foreignText(client.client_name ?? client.client_id)}</legend>
<input type="hidden" name="client_id" value="${client.client_id}">
<input type="hidden" name="launch_uri" value="${launchUri}">
<label>User <select name="user">${desktop.users.map(({ username }) => option(username, username))}</select></label>
${contextFields(desktop)}
<button class="main">Launch ${foreignText(client.client_name ?? client.client_id)}</button>
<p>Goes to ${foreignCode(launchUri)}, where the app must be running.</p>
</fieldset>
</form>`

/** Parts with commas between them. */
const commaSeparated = (parts: ReadonlyArray<Html>): Html =>
  html`${parts.map((part, index) => html`${index === 0 ? '' : ', '}${part}`)}`

const userRow = ({ fhirUser, password, patients, username }: UserEntry): Html =>
  html`<tr><td>${foreignText(username)}</td><td>${foreignCode(password)}</td><td>${
    fhirUser === null ? html`no record` : foreignText(fhirUser)
  }</td><td>${
    patients.length === 1 && patients[0] === '*' ? html`all patients` : commaSeparated(patients.map(foreignText))
  }</td></tr>`

/** The EHR desktop. */
export const desktopPage = (desktop: Desktop): Html =>
  html`
<p>An electronic health record that launches SMART apps. Its FHIR server is <code>${desktop.fhirBaseUrl}</code>.</p>
${signedInNote(desktop.basePath, desktop.signedInAs)}
<h2>Launch an app from here</h2>
${desktop.clients.flatMap((client) => (client.launch_uris ?? []).map((uri) => launchForm(desktop, client, uri)))}
${
  desktop.hasSampleApp
    ? html`<h2>Launch an app by itself</h2>
<p><a href="${desktop.basePath}/app/launch?iss=${encodeURIComponent(
        desktop.fhirBaseUrl
      )}">Open the sample app</a>: it sends you here to sign in and to choose a patient.</p>`
    : emptyHtml
}
<h2>Users</h2>
<table><thead><tr><th scope="col">User name</th><th scope="col">Password</th>
<th scope="col">Is</th><th scope="col">Sees</th></tr></thead>
<tbody>${desktop.users.map(userRow)}</tbody></table>
<h2 id="scopes">What does a scope mean?</h2>
${scopePlayground(desktop.basePath, desktop.question)}
<h2>Grants</h2>
${grantsTable(desktop.grants)}
<p><a href="${desktop.basePath}/ehr/grants">Watch them</a></p>`

const grantsTable = (grants: ReadonlyArray<GrantSummary>): Html =>
  grants.length === 0
    ? html`<p>None yet.</p>`
    : html`<table><thead><tr><th scope="col">Grant</th><th scope="col">App</th><th scope="col">Condition</th>
<th scope="col">What may happen</th></tr></thead>
<tbody>${grants.map(
        ({ grantId, clientId, state, ways }) =>
          html`<tr><td><code>${grantId}</code></td><td>${foreignText(clientId)}</td><td>${state}</td><td>${ways.map(
            (way) => html`${way}<br>`
          )}</td></tr>`
      )}</tbody></table>`

/** The current state of every grant; the page reloads itself. */
export const grantsPage = (basePath: string, grants: ReadonlyArray<GrantSummary>): Html =>
  html`
<p>The newest are last. This page renews itself every two seconds. <a href="${basePath}/">Back to the desktop</a></p>
${grantsTable(grants)}`

const form = (action: string, interaction: Interaction, body: Html): Html =>
  html`
<form method="post" action="${action}">
<input type="hidden" name="grant" value="${interaction.grantId}">
<input type="hidden" name="form_token" value="${interaction.formToken}">
${body}
</form>`

/**
 * The name that an app gives itself. It is not verified, so it is isolated from the text around it, and its length is
 * limited.
 */
const clientName = ({ clientName: name }: ConsentDetails): Html =>
  html`<strong><bdi class="client-name given">${shown(name)}</bdi></strong>`

/** Facts that an app cannot choose freely: its registered id, and the address to which the user will be redirected. */
const clientFacts = ({ clientId, redirectUri }: ConsentDetails): Html =>
  html`<p>The app is registered here as ${foreignCode(clientId)}. You will be sent to ${foreignCode(
    originOf(redirectUri)
  )}.</p>`

/** The sign-in page. `complaint` is the reason why the last attempt failed. */
export const signInPage = (
  basePath: string,
  interaction: Interaction,
  details: ConsentDetails,
  users: ReadonlyArray<UserEntry>,
  complaint: string | null
): Html =>
  html`
<p>${clientName(details)} asks for access. Sign in to go on.</p>
${complaint === null ? emptyHtml : html`<p class="error" role="alert">${complaint}</p>`}
${form(
  `${basePath}/authorize/sign-in`,
  interaction,
  html`
<label>User name <input type="text" name="username" autocomplete="username" required autofocus></label>
<label>Password <input type="password" name="password" autocomplete="current-password" required></label>
<button class="main">Sign in</button>`
)}
${form(`${basePath}/authorize/consent`, interaction, html`<button name="decision" value="deny">Cancel</button>`)}
${clientFacts(details)}
<p>The simulator's users: ${commaSeparated(
    users.map((user) => html`${foreignText(user.username)} (${foreignCode(user.password)})`)
  )}</p>`

const radio = (name: string, value: string, label: string): Html =>
  html`<label><input type="radio" name="${name}" value="${value}" required> ${foreignText(label)}</label>`

/** The form value for a patient without an encounter: ids contain no slash, so it cannot be an encounter's id. */
export const noEncounterOf = (patient: string): string => `${patient}/none`

/** The page for choosing a patient, or an encounter with its patient, or a patient without an encounter. */
export const contextPage = (
  basePath: string,
  interaction: Interaction,
  details: ConsentDetails,
  needs: AwaitingContext['needs'],
  patients: ReadonlyArray<Choice>,
  encounters: ReadonlyArray<Choice>
): Html => {
  const labels = labelsOf(patients)
  const visited = new Set(encounters.map(({ patient }) => patient))
  const wantsEncounter = needs.includes('encounter')
  // A patient without an encounter can be chosen only if a patient is needed.
  const withoutEncounter = needs.includes('patient') ? patients.filter(({ id }) => !visited.has(id)) : []
  const choices = wantsEncounter
    ? [
        ...encounters.map(({ id, label, patient }) =>
          radio('encounter', id, `${labels.get(patient) ?? patient}, ${label}`)
        ),
        ...withoutEncounter.map(({ id, label }) =>
          radio('encounter', noEncounterOf(id), `${label}, who has no encounter`)
        )
      ]
    : patients.map(({ id, label }) => radio('patient', id, label))
  return html`
<p>${clientName(details)} wants to work with one ${wantsEncounter ? 'encounter' : 'patient'}.</p>
${
  choices.length === 0
    ? html`<p>There is none that you may see.</p>
${form(`${basePath}/authorize/without-context`, interaction, html`<button class="main">Go on without</button>`)}`
    : form(
        `${basePath}/authorize/context`,
        interaction,
        html`
<fieldset class="choices"><legend>Choose ${wantsEncounter ? 'an encounter' : 'a patient'}</legend>${choices}</fieldset>
<button class="main">Go on</button>`
      )
}
${form(`${basePath}/authorize/consent`, interaction, html`<button name="decision" value="deny">Cancel</button>`)}
${clientFacts(details)}`
}

/** The record that the app requests: the patient is named only if the scopes reach no other patient's data. */
const recordRequested = ({ explanation: { denies } }: ConsentDetails, patientName: string | null): Html => {
  const alsoOwn = denies.includes('otherPatientsOrUser')
  if (!alsoOwn && !denies.includes('otherPatients')) return emptyHtml
  const own = alsoOwn ? ', and to read the one that represents you' : ''
  return html` to the record of ${
    patientName === null ? 'one patient' : html`<strong>${foreignText(patientName)}</strong>`
  }${own}`
}

/** The launch context that the app will get if all scopes stay ticked. */
const contextShown = ({ context, scopes }: ConsentDetails, patientName: string | null): Html => {
  const {
    patient,
    encounter,
    fhirContext = [],
    intent,
    tenant,
    extensions = noMembers
  } = contextUnderScopes(scopes, context)
  const members = [
    ...(patient === undefined ? [] : [html`the patient ${foreignText(patientName ?? patient)}`]),
    ...(encounter === undefined ? [] : [html`the encounter ${foreignText(encounter)}`]),
    ...fhirContext.map(
      ({ reference, canonical, type }) => html`${foreignText(reference ?? canonical ?? type ?? 'an identifier')}`
    ),
    ...(intent === undefined ? [] : [html`what you want to do: ${foreignText(intent)}`]),
    ...(tenant === undefined ? [] : [html`the organization ${foreignText(tenant)}`]),
    ...Object.keys(extensions).map((name) => html`${foreignText(name)}`)
  ]
  return members.length === 0
    ? emptyHtml
    : html`<p>It receives what you are working on:</p>
<ul class="context">${members.map((one) => html`<li>${one}</li>`)}</ul>`
}

/** The consent page: the requested scopes, each of which the user can refuse. */
export const consentPage = (
  basePath: string,
  interaction: Interaction,
  details: ConsentDetails,
  user: SignedInUser,
  patientName: string | null,
  options: ExplainOptions = {}
): Html =>
  html`
<p>${clientName(details)} asks <strong>${foreignText(user.sub)}</strong> for access${recordRequested(
    details,
    patientName
  )}.</p>
${form(
  `${basePath}/authorize/consent`,
  interaction,
  html`
<fieldset><legend>It wants to</legend>
${details.scopes.map(
  (scope) =>
    html`<label><input type="checkbox" name="scope" value="${scope.text}" checked> ${sentence(
      explainScope(scope, english, options, details.scopes).short
    )} ${foreignCode(scope.text)}</label>`
)}
</fieldset>
<p>Untick what you do not want to give.</p>
${contextShown(details, patientName)}
<ul>${details.explanation.doesNotAllow.map((text) => html`<li>${text}</li>`)}</ul>
${clientFacts(details)}
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>`
)}`

const onwardLink = (onward: string): Html =>
  html`<p>This system has not verified the app. <a href="${onward}"
  rel="noreferrer">Report the refusal to the app, and go to ${foreignCode(originOf(onward))}</a></p>`

/**
 * The page for a refusal that is not sent to the app. Only the audit log says which rule failed, because the viewer may
 * be an attacker.
 */
export const refusalPage = (basePath: string, row: RefusalRow, onward: string | null = null): Html =>
  html`
<p class="error" role="alert">${row.description}</p>
${onward === null ? emptyHtml : onwardLink(onward)}
<p>For the app's developer: <code>${row.error}</code>, by <a href="${errorUri(row)}">${
    row.anchor
  }</a>. The log of this server says more.</p>
<p><a href="${basePath}/">Back to the desktop</a></p>`
