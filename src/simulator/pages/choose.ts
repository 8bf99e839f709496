/** The page to choose a patient or an encounter. */
import { conversationBody, conversationForm, otherUserOf } from './parties.js'
import { button, decisionButton, notice } from '../design/parts.js'
import type { ShownChoice } from '../../host/default-pages.js'
import { choicesShown } from '../../host/default-pages.js'
import type { Html } from '../../host/html.js'
import { emptyHtml, foreignText, html } from '../../host/html.js'
import type { ChoosePatientPage } from '../../host/page-data.js'
import type { PatientRow } from '../launch/launch-patients.js'
import { patientsOnPage } from '../launch/launch-patients.js'

/** What tells patients apart besides their names, by their ids. */
export type PatientFacts = ReadonlyMap<string, Pick<PatientRow, 'birthDate' | 'sex'>>

const factsShown = ({ birthDate, sex }: Pick<PatientRow, 'birthDate' | 'sex'>): Html => {
  const known = [sex, birthDate].filter((one) => one !== '')
  return known.length === 0 ? emptyHtml : html` <span class="quiet">${foreignText(known.join(', '))}</span>`
}

const radio =
  (preselected: string | null, facts: PatientFacts) =>
  ({ field, id, name }: ShownChoice): Html =>
    html`<label class="choice"><input type="radio" name="${field}" value="${id}" required${
      field === 'patient' && id === preselected ? html` checked` : emptyHtml
    }> <span>${foreignText(name)}${
      field === 'patient' ? factsShown(facts.get(id) ?? { birthDate: '', sex: '' }) : emptyHtml
    }</span></label>`

/** Whether not all fit on a page of the table of patients. */
const isLong = (all: number): boolean => all > patientsOnPage

/** The search by name, for a long list. Its form stands behind the list: the first form of the page is the choice. */
const search = ({ search: text }: ChoosePatientPage, all: number, found: number, most: number): Html =>
  !isLong(all)
    ? emptyHtml
    : html`<div class="search" role="search">
<label class="field"><span>Search by name</span><input type="search" name="search" form="search"
value="${text}"></label>
<button form="search">Search</button>
</div>
<p class="quiet" role="status">${
        found > most
          ? `The first ${String(most)} of ${String(found)} are shown. Search for a name to find the others.`
          : `${String(found)} of ${String(all)} are shown.`
      }</p>`

/** The title of the page. */
export const choiceTitle = ({ needs }: ChoosePatientPage): string =>
  needs.includes('encounter') ? 'Choose an encounter' : 'Choose a patient'

/**
 * The contents of the page. `relaunch` is the way on for another user, as `otherUserOf` takes it; `facts` has the
 * patients of whom more is known than the name.
 */
export const choosePage = (
  userName: string,
  page: ChoosePatientPage,
  relaunch: string | null = null,
  facts: PatientFacts = new Map()
): Html => {
  const { all, found, most, shown } = choicesShown(page)
  const what = page.needs.includes('encounter') ? 'encounter' : 'patient'
  return conversationBody(
    { client: page.client, otherUser: otherUserOf(page, relaunch), userName },
    choiceTitle(page),
    html`
<p>The app works with one ${what}. It learns which one you choose.</p>
${page.complaint === null ? emptyHtml : notice('bad', html`<p>${page.complaint}</p>`)}
${search(page, all, found, most)}
${conversationForm(
  page,
  html`
<fieldset class="choices"><legend>Which ${what}?</legend>
${shown.map(radio(page.preselected, facts))}</fieldset>
<div class="decide">
${shown.length === 0 ? emptyHtml : button(html`Go on`, 'main')}
${decisionButton('decision', 'deny', html`Cancel`)}
</div>`
)}
${isLong(all) ? html`<form id="search" method="get" action="${page.action}"></form>` : emptyHtml}`
  )
}
