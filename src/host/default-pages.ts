/**
 * The default pages: plain forms that work without a script, with a keyboard and with a screen reader.
 *
 * @module
 */
import type { Html } from './html.js'
import { emptyHtml, foreignCode, foreignText, html, sentence } from './html.js'
import type {
  AskingClient,
  ChoosePatientPage,
  ConnectedApp,
  ConnectedAppsPage,
  ConsentPage,
  ErrorPage,
  PageForm,
  PatientChoice,
  ScopeInWords,
  ScopePart
} from './page-data.js'
import { fold } from '../scopes/clause.js'
import { limits } from '../values/limits/limits.js'
import { originOf } from '../values/urls.js'
import { noMembers } from '../values/own.js'

/** The title and the contents of a page. */
export interface PageContents {
  readonly title: string
  readonly body: Html
}

/** The fields are HTML of this host, and complete. */
const form = ({ action, hiddenFields }: PageForm, body: Html): Html => html`
<form method="post" action="${action}">
${{ html: hiddenFields }}
${body}
</form>`

const clientName = ({ name }: Pick<AskingClient, 'name'>): Html => html`<strong>${foreignText(name)}</strong>`

/** Facts that an app cannot choose freely: its registered id, and the address of the response. */
const clientFacts = ({ id, redirectOrigin }: AskingClient): Html =>
  html`<p>The app is registered here as ${foreignCode(id)}. You will be sent to ${foreignCode(redirectOrigin)}.</p>`

const cancel = html`<button name="decision" value="deny" formnovalidate>Cancel</button>`

const radio = (name: string, value: string, label: string, isChosen: boolean): Html =>
  html`<label><input type="radio" name="${name}" value="${value}" required${
    isChosen ? html` checked` : emptyHtml
  }> ${foreignText(label)}</label>`

/** One choice, with the name by which it is found. */
export interface ShownChoice {
  readonly field: 'patient' | 'encounter'
  readonly id: string
  readonly name: string
}

/** The choices that one patient gives: the encounters, or the patient. */
const choicesOf =
  ({ needs }: ChoosePatientPage) =>
  ({ id, name, encounters = [] }: PatientChoice): ReadonlyArray<ShownChoice> =>
    needs.includes('encounter') && encounters.length > 0
      ? encounters.map((one) => ({ field: 'encounter', id: one.id, name: `${name}, ${one.name}` }))
      : [{ field: 'patient', id, name }]

/** The search by name, and how many choices are not shown. It is left out if all of a few are shown. */
const searchShown = ({ action, search }: ChoosePatientPage, all: number, found: number, most: number): Html =>
  all <= most
    ? emptyHtml
    : html`
<form method="get" action="${action}" role="search">
<label>Search by name: <input type="search" name="search" value="${search}"></label>
<button>Search</button>
</form>
<p role="status">${
        found > most
          ? `The first ${String(most)} of ${String(found)} are shown. Search for a name to find the others.`
          : `${String(found)} of ${String(all)} are shown.`
      }</p>`

/** The choices that a page shows, and how many there are and were found. */
export interface ChoicesShown {
  readonly all: number
  readonly found: number
  /** The largest number of choices that one page shows. */
  readonly most: number
  readonly shown: ReadonlyArray<ShownChoice>
}

/**
 * The choices of a page that match its search, as many as one page shows. Where several have one name, their ids tell
 * them apart.
 */
export const choicesShown = (page: ChoosePatientPage): ChoicesShown => {
  const most = limits.shownChoices.default
  const all = page.patients.flatMap(choicesOf(page))
  const wanted = fold(page.search.trim())
  const found = all.filter(({ name }) => fold(name).includes(wanted))
  const times = new Map<string, number>()
  for (const { name } of all) times.set(name, (times.get(name) ?? 0) + 1)
  const named = (choice: ShownChoice): ShownChoice =>
    times.get(choice.name) === 1 ? choice : { ...choice, name: `${choice.name} (${choice.id})` }
  return { all: all.length, found: found.length, most, shown: found.slice(0, most).map(named) }
}

/** The default page to choose a patient or an encounter. */
export const choosePatientContents = (page: ChoosePatientPage): PageContents => {
  const { all, found, most, shown } = choicesShown(page)
  return {
    title: page.needs.includes('encounter') ? 'Choose an encounter' : 'Choose a patient',
    body: html`
<p>${clientName(page.client)} requests access to one record.</p>
${page.complaint === null ? emptyHtml : html`<p class="error" role="alert">${page.complaint}</p>`}
${searchShown(page, all, found, most)}
${form(
  page,
  html`
<fieldset><legend>Which one?</legend>
${shown.map(({ field, id, name }) => radio(field, id, name, field === 'patient' && id === page.preselected))}
</fieldset>
${shown.length === 0 ? emptyHtml : html`<button>Continue</button>`}
${cancel}`
)}
${clientFacts(page.client)}`
  }
}

const partBox = ({ text, short }: ScopePart): Html =>
  html`<label><input type="checkbox" name="scope" value="${text}"> ${sentence(short)}</label>`

const scopeBox = ({ text, short, parts }: ScopeInWords): Html =>
  html`<label><input type="checkbox" name="scope" value="${text}" checked>
${sentence(short)} ${foreignCode(text)}</label>
${
  parts.length === 0
    ? emptyHtml
    : html`<details><summary>Give only a part of it</summary>
<p>Untick the whole, and tick what you want to give.</p>
${parts.map(partBox)}</details>`
}`

/** The launch context that the app gets, each part in words. */
export const contextInWords = ({ context, patientName }: ConsentPage): ReadonlyArray<Html> => {
  const { patient, encounter, fhirContext = [], intent, tenant, extensions = noMembers } = context
  return [
    ...(patient === undefined ? [] : [html`the patient ${foreignText(patientName ?? patient)}`]),
    ...(encounter === undefined ? [] : [html`the encounter ${foreignText(encounter)}`]),
    ...fhirContext.map(
      ({ reference, canonical, type }) => html`${foreignText(reference ?? canonical ?? type ?? 'an identifier')}`
    ),
    ...(intent === undefined ? [] : [html`what you want to do: ${foreignText(intent)}`]),
    ...(tenant === undefined ? [] : [html`the organization ${foreignText(tenant)}`]),
    ...Object.keys(extensions).map((name) => html`${foreignText(name)}`)
  ]
}

const contextShown = (page: ConsentPage): Html => {
  const members = contextInWords(page)
  return members.length === 0
    ? emptyHtml
    : html`<p>If all of it stays ticked, the app gets to know what you are working on:</p>
<ul>${members.map((one) => html`<li>${one}</li>`)}</ul>`
}

/** The default page for the consent. */
export const consentContents = (page: ConsentPage): PageContents => ({
  title: 'Give access?',
  body: html`
<p>${clientName(page.client)} requests access. You are signed in as <strong>${foreignText(page.user.sub)}</strong>.</p>
${form(
  page,
  html`
<fieldset><legend>The app wants to</legend>
${page.scopes.map(scopeBox)}
</fieldset>
<p>Untick what you do not want to give.</p>
${contextShown(page)}
<ul>${page.doesNotAllow.map((text) => html`<li>${text}</li>`)}</ul>
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>`
)}
${clientFacts(page.client)}`
})

/** The default page of an error. */
export const errorContents = ({ kind, message, error, reference, retry, onward }: ErrorPage): PageContents => ({
  title: kind === 'ended' ? 'This request has ended' : 'This cannot go on',
  body: html`
${kind === 'ended' ? html`<p role="status">${message}</p>` : html`<p class="error" role="alert">${message}</p>`}
${retry === null ? emptyHtml : html`<p><a href="${retry}">Sign in and try again</a></p>`}
${
  onward === null
    ? emptyHtml
    : html`<p>This system has not verified the app. <a href="${onward}" rel="noreferrer">Report the refusal to the
app, and go to ${foreignCode(originOf(onward))}</a></p>`
}
<p>For the developer of the app: <code>${error}</code>${
    reference === null ? emptyHtml : html`, see <a href="${reference}">the specification</a>`
  }. The log of this server says more.</p>`
})

/** A date and time that every reader understands in the same way. */
const dateOf = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')

const appShown =
  (page: ConnectedAppsPage) =>
  ({ grantId, client, scopes, since, until }: ConnectedApp): Html => html`
<section>
<h2>${foreignText(client.name)}</h2>
<p>Since ${dateOf(since)}, until ${dateOf(until)} (UTC). The app may:</p>
<ul>${scopes.map(({ short }) => html`<li>${sentence(short)}</li>`)}</ul>
${form(page, html`<button name="grant" value="${grantId}">End the access of ${foreignText(client.name)}</button>`)}
</section>`

/** The default page of the apps that have access. */
export const connectedAppsContents = (page: ConnectedAppsPage): PageContents => ({
  title: 'Connected apps',
  body: html`
<p>You are signed in as <strong>${foreignText(page.user.sub)}</strong>.</p>
${page.apps.length === 0 ? html`<p>No app has access.</p>` : page.apps.map(appShown(page))}`
})
