/** The launch page: one form with everything that a launch can say. It works without scripts. */
import type { UserEntry } from '../config/config.js'
import { field, notice, select, textArea, textInput } from '../design/parts.js'
import type { Option } from '../design/parts.js'
import type { Choice } from '../fhir/synthetic-data.js'
import { choiceLabels } from '../launch/choice-fields.js'
import type { LaunchFields, LaunchKind } from '../launch/launch-form.js'
import { patientSearchOf } from '../launch/launch-form.js'
import type { FoundPatients, PatientRow } from '../launch/launch-patients.js'
import type { AppChoice } from './own-app.js'
import { appShown, only } from './own-app.js'
import { anyUser } from '../config/user-subject.js'
import { misbehaviorGroups, misbehaviorNamed } from '../misbehavior/table.js'
import type { Html } from '../../host/html.js'
import { emptyHtml, foreignText, html } from '../../host/html.js'
import { printForm } from '../../protocol/http/form.js'
import type { SmartPolicy } from '../../protocol/policy/policy.js'
import { shown } from '../../values/shown-text.js'

/** The data of the form. */
export interface LaunchPanel {
  readonly homePath: string
  readonly fields: LaunchFields
  readonly apps: ReadonlyArray<AppChoice>
  readonly users: ReadonlyArray<UserEntry>
  /** The patients whom the user may see and who match the search. */
  readonly patients: FoundPatients
  /** The chosen patient; null if none is chosen. */
  readonly chosen: PatientRow | null
  /** The encounters of the chosen patient. */
  readonly encounters: ReadonlyArray<Choice>
  /** The release of the simulator itself. */
  readonly release: SmartPolicy['specVersion']
  /** Why no link can be made; null if nothing is wrong. */
  readonly complaint: string | null
}

const kinds: ReadonlyArray<readonly [kind: LaunchKind, title: string, hint: string]> = [
  ['ehr', 'From the record system (EHR launch)', 'A clinician opens the app, with a patient or without one.'],
  ['portal', 'From a patient portal (EHR launch)', 'A patient opens the app, with their own record.'],
  ['standalone', 'By itself (standalone launch)', 'The app is opened first, and sends the user here.'],
  ['backend', 'Backend service', 'No user: the service signs its requests with its key.']
]

const checkedIf = (isChecked: boolean): Html => (isChecked ? html` checked` : emptyHtml)

const kindsShown = (panel: LaunchPanel): Html => html`<fieldset class="tiles"><legend>Launch</legend>
${kinds.map(
  ([kind, title, hint]) =>
    html`<label class="choice"><input type="radio" name="kind" value="${kind}"${checkedIf(kind === panel.fields.kind)}>
<span><strong>${title}</strong><br><span class="quiet">${hint}</span></span></label>`
)}${complaintAbout(choiceLabels.kind, panel)}</fieldset>`

const openIf = (isOpen: boolean): Html => (isOpen ? html` open` : emptyHtml)

/** The complaint about a field, beside it: such a complaint begins with the label. */
const complaintAbout = (label: string, { complaint }: LaunchPanel): Html =>
  complaint?.startsWith(`${label}: `) === true
    ? html`<p class="error" id="wrong" tabindex="-1">${complaint}</p>`
    : emptyHtml

/** Whether a user is a patient. */
const isPatient = (fhirUser: string | null): boolean => fhirUser?.startsWith('Patient/') === true

const patientRow = (current: string, { birthDate, id, name, sex }: PatientRow): Html =>
  html`<tr><td><label class="pick"><input type="radio" name="patient" value="${id}"${checkedIf(id === current)}>
<span>${foreignText(name)}</span></label></td><td>${foreignText(sex)}</td><td>${foreignText(birthDate)}</td>
<td><code>${shown(id)}</code></td></tr>`

const sexes: ReadonlyArray<Option> = [
  { value: '', label: 'any' },
  ...['female', 'male', 'other', 'unknown'].map((value) => ({ value, label: value }))
]

/** Search and paging send the form to the launch page, which then shows the patients and encounters. */
const again = (homePath: string, label: string): Html =>
  html`<button formaction="${homePath}/#patients" formnovalidate>${label}</button>`

const toPage = (homePath: string, label: string, number: number): Html =>
  html`<button class="plain" formaction="${homePath}/#patients" formnovalidate name="page" value="${String(
    number
  )}">${label}</button>`

const showEncounters = (homePath: string, label: string): Html =>
  html`<button formaction="${homePath}/#encounters" formnovalidate name="show" value="encounters">${label}</button>`

const pagesShown = ({ chosen, homePath, patients }: LaunchPanel): Html => {
  const { found, page, pages } = patients
  return html`<div class="actions pages"><span class="quiet" role="status">${
    found > 0
      ? `${String(found)} patient${found === 1 ? '' : 's'}`
      : chosen === null
        ? 'No patient matches the search.'
        : 'No patient matches the search. The chosen one stays in the list.'
  }${pages > 1 ? `, page ${String(page)} of ${String(pages)}` : ''}</span>
${page > 1 ? toPage(homePath, 'Previous', page - 1) : emptyHtml}
${page < pages ? toPage(homePath, 'Next', page + 1) : emptyHtml}</div>`
}

const encountersShown = (panel: LaunchPanel): Html => {
  const { chosen, complaint, encounters, fields, homePath } = panel
  if (chosen === null)
    return html`<p class="quiet">To launch with an encounter, choose a patient, and
${showEncounters(homePath, 'Show the encounters')}</p>`
  const known = encounters.map(({ id, label }) => ({ value: id, label }))
  // An encounter of another patient stays what the form says, until the user decides.
  const foreign =
    fields.encounter === '' || fields.show === 'encounters' || known.some(({ value }) => value === fields.encounter)
      ? []
      : [{ value: fields.encounter, label: `${fields.encounter}, of another patient` }]
  return html`${field(
    'Encounter',
    select('encounter', [{ value: '', label: 'none' }, ...known, ...foreign], fields.encounter),
    html`The encounters of ${foreignText(chosen.name)}.`,
    complaint
  )}
<p>${showEncounters(homePath, 'Show those of the chosen patient')}</p>`
}

const userShown = ({ complaint, fields, homePath, users }: LaunchPanel): Html => {
  const patients = users.filter(({ fhirUser }) => isPatient(fhirUser)).map(({ username }) => username)
  return html`<div class="search">${field(
    'User',
    html`<select name="user"><option value="${anyUser}"${
      fields.user === anyUser ? html` selected` : emptyHtml
    }>Not named: the user who is signed in</option>${users.map(
      ({ fhirUser, username }) =>
        html`<option value="${username}"${isPatient(fhirUser) ? html` data-patient` : emptyHtml}${
          username === fields.user ? html` selected` : emptyHtml
        }>${shown(fhirUser === null ? username : `${username} (${fhirUser})`)}</option>`
    )}</select>`,
    html`Only patients whom the user may see are listed.<span class="for-portal"> A patient portal is for users who are
patients: ${patients.length === 0 ? 'none here' : shown(patients.join(', '))}.</span>`,
    complaint
  )}
<button formaction="${homePath}/#patients" formnovalidate data-list>List the patients of this user</button></div>`
}

const patientsShown = (panel: LaunchPanel): Html => {
  const { chosen, complaint, fields, homePath, patients } = panel
  const listed = chosen === null ? [] : [chosen]
  const rows = [...listed, ...patients.shown.filter(({ id }) => id !== chosen?.id)]
  return html`<fieldset class="for-user"><legend>User and patient</legend>
<input type="hidden" name="listed" value="${patientSearchOf(fields)}">
${userShown(panel)}
<div class="search" id="patients">
${field('Name', html`<input type="search" name="name" value="${fields.name}">`)}
${field('Sex', select('sex', sexes, fields.sex), emptyHtml, complaint)}
${field(
  'Birth date',
  html`<input type="text" name="born" value="${fields.born}" placeholder="1974 or 1974-12-25">`,
  emptyHtml,
  complaint
)}
${again(homePath, 'Search')}
</div>
${complaintAbout('Patient', panel)}
<div class="table" role="region" aria-label="Patients" tabindex="0"><table><thead><tr><th scope="col">Patient</th>
<th scope="col">Sex</th><th scope="col">Birth date</th><th scope="col">Id</th></tr></thead><tbody>
<tr><td colspan="4"><label class="pick"><input type="radio" name="patient" value=""${checkedIf(
    chosen === null
  )}> <span>No patient: the user chooses, if the app asks for one</span></label></td></tr>
${rows.map((row) => patientRow(fields.patient, row))}</tbody></table></div>
${pagesShown(panel)}
${complaintAbout('Page', panel)}
<div id="encounters">${encountersShown(panel)}</div></fieldset>`
}

const saysMore = ({ banner, context, intent, style, tenant }: LaunchFields): boolean =>
  [banner, context, intent, style, tenant].some((value) => value !== '')

const contextShown = ({ complaint, fields }: LaunchPanel): Html => {
  const { banner, context, intent, style, tenant } = fields
  const said = (label: string, control: Html, hint: Html): Html =>
    only('for-ehr', field(label, control, hint, complaint))
  const banners = [
    { value: '', label: 'as usual: true, and false in a frame' },
    { value: 'yes', label: 'true' },
    { value: 'no', label: 'false' }
  ]
  return html`<details class="for-user"${openIf(saysMore(fields))}><summary>What else the launch says</summary>
<p class="quiet for-alone">An app that is launched by itself gets no <code>intent</code>, <code>tenant</code>,
<code>smart_style_url</code> and <code>fhirContext</code>: they belong to launches from the record system. What was
entered for such a launch is left out.</p>
<div class="columns">
${said('intent', textInput('intent', intent, 'reconcile-medications'), html`What the user wants to do in the app.`)}
${field(
  choiceLabels.banner,
  select('banner', banners, banner),
  html`Whether the app must show whose data they are.`,
  complaint
)}
${said(
  'smart_style_url',
  textInput('style', style, 'https://ehr.example/style.json'),
  html`The colors and sizes that the app should use, as JSON.`
)}
${said(
  'tenant',
  textInput('tenant', tenant),
  html`The id of the organization, where one record system serves several.`
)}
${said(
  'fhirContext',
  textArea('context', context, { rows: 3, placeholder: 'ImagingStudy/123' }),
  html`References in lines, or a JSON array. Releases before 2.2.0 allow less.`
)}
</div></details>`
}

const isUnusual = ({ frame, misbehavior, skip, spec }: LaunchFields): boolean =>
  misbehavior !== '' || skip.length > 0 || frame !== '' || spec !== ''

const misbehaviorSelect = (current: string): Html => html`<select name="misbehavior"><option value="">none</option>
${misbehaviorGroups.map(
  ({ rows, title }) =>
    html`<optgroup label="${title}">${rows.map(({ does, name }) => {
      const words = `${name}: ${does.replaceAll('`', '')}`
      return name === current
        ? html`<option value="${name}" selected>${words}</option>`
        : html`<option value="${name}">${words}</option>`
    })}</optgroup>`
)}</select>`

const box = (name: string, value: string, isChecked: boolean, label: Html): Html =>
  html`<label class="pick"><input type="checkbox" name="${name}" value="${value}"${checkedIf(isChecked)}>
<span>${label}</span></label>`

const systemShown = (panel: LaunchPanel): Html => {
  const { complaint, fields, homePath, release } = panel
  const wrongSkip = complaintAbout(choiceLabels.skip, panel)
  const isOpen = wrongSkip.html !== '' || isUnusual(fields)
  return html`<details${openIf(isOpen)}><summary>How the record system behaves</summary>
<div class="columns">
${field(
  choiceLabels.spec,
  select(
    'spec',
    [
      { value: '', label: `that of this simulator (${release})` },
      ...['2.0.0', '2.1.0', '2.2.0'].map((value) => ({ value, label: value }))
    ],
    fields.spec
  ),
  emptyHtml,
  complaint
)}
${field(
  choiceLabels.misbehavior,
  misbehaviorSelect(fields.misbehavior),
  html`One thing that it does wrong. <a href="${homePath}/misbehaviors">What each one is</a>`,
  complaint
)}
<fieldset class="boxes for-user"><legend>Pages that are left out</legend>
${box(
  'skip',
  'sign-in',
  fields.skip.includes('sign-in'),
  html`Sign-in: the user above is signed in. A launch from the
record system or a portal never asks for it.`
)}
${box('skip', 'consent', fields.skip.includes('consent'), html`Consent: all requested scopes are granted`)}
${wrongSkip}
</fieldset>
<fieldset class="boxes for-ehr"><legend>Frame</legend>
${box(
  'frame',
  'yes',
  fields.frame !== '',
  html`Show the app in a frame below a patient banner. Sign-in and consent are left out, too.`
)}
${complaintAbout(choiceLabels.frame, panel)}
</fieldset>
</div></details>`
}

/** The key Enter in a field presses the first button of the form. It launches, or searches in a changed search. */
const pressedByEnter = html`<button class="hidden-text" tabindex="-1" aria-hidden="true" name="go"
value="enter">Launch</button>`

/** The fields that are not in the address of the same form without its misbehavior. */
const notKept: ReadonlySet<string> = new Set(['client_secret', 'go', 'listed', 'misbehavior', 'wrongChoice'])

/** The address of the same form without its misbehavior. A secret is left out, because browsers keep addresses. */
const withoutMisbehavior = ({ fields, homePath }: LaunchPanel): string =>
  `${homePath}/?${printForm(
    Object.entries(fields).flatMap(([name, value]: readonly [string, unknown]) =>
      [value]
        .flat()
        .flatMap((one) => (typeof one === 'string' && one !== '' && !notKept.has(name) ? [[name, one] as const] : []))
    )
  )}`

/** That the launch misbehaves: the field that says so is far down in the form. */
const misbehaviorShown = (panel: LaunchPanel): Html => {
  const chosen = misbehaviorNamed(panel.fields.misbehavior)
  return chosen === null
    ? emptyHtml
    : notice(
        'warn',
        html`<p>The record system misbehaves in this launch: <code>${chosen.name}</code>. <a
href="${panel.homePath}/misbehaviors">What it does</a>, or <a href="${withoutMisbehavior(panel)}">launch without
it</a>.</p>`
      )
}

/** The form. The button of the script copies the link at once. */
export const launchPanel = (panel: LaunchPanel): Html => {
  const { complaint, homePath } = panel
  const form = html`<form class="card launch" method="get" action="${homePath}/ehr/link">
${pressedByEnter}
<p class="quiet"><a id="afresh" href="${homePath}/">Start afresh</a> empties the form, and forgets the app of the last
launch.</p>
${kindsShown(panel)}
${appShown(panel)}
${patientsShown(panel)}
${contextShown(panel)}
${systemShown(panel)}
<div class="decide">
<button class="main for-user" name="go" value="launch">Launch</button>
<button class="for-user" type="button" data-copy-link hidden>Copy link</button>
<button name="go" value="link">Get the link and the addresses</button>
<p class="quiet" role="status" id="copied"></p>
</div>
</form>`
  const toField = form.html.includes('id="wrong"') ? html` <a href="#wrong">Go to the field</a>` : emptyHtml
  return html`${complaint === null ? emptyHtml : notice('bad', html`<p>${complaint}${toField}</p>`)}
${misbehaviorShown(panel)}
${form}`
}
