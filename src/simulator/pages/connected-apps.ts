/** The apps that have access, for the user who gave it (`management_endpoint`). */
import { conversationForm } from './parties.js'
import { badge, card, cards, knownFacts, moment, monogram, nameShown, onlySpoken } from '../design/parts.js'
import type { Html } from '../../host/html.js'
import { emptyHtml, foreignCode, foreignText, html, sentence } from '../../host/html.js'
import type { ConnectedApp, ConnectedAppsPage } from '../../host/page-data.js'

/** What the page says about a grant besides its scopes. */
export interface GrantFacts {
  /** The name of the patient in context; null for none. */
  readonly patientName: string | null
  /** When the app used it last, in seconds since the epoch; null if that is not known. */
  readonly lastUsed: number | null
}

/** A grant at another server of the simulator: an app that was launched by its URLs, or with another setting. */
export interface GrantElsewhere extends GrantFacts {
  /** What stands for it in its address, and the beginning of that. */
  readonly handle: string
  readonly short: string
  readonly appName: string
  /** The app and the misbehavior of the launch setting, if it has them. */
  readonly isByUrls: boolean
  readonly misbehavior: string | null
}

/** For which patient a grant is. */
const patientOf = ({ patientName }: Pick<GrantFacts, 'patientName'>): Html =>
  patientName === null ? html`without a patient` : html`for ${foreignText(patientName)}`

const shownElsewhere =
  (homePath: string) =>
  ({ appName, handle, isByUrls, lastUsed, misbehavior, patientName, short }: GrantElsewhere): Html => {
    const which = html`${foreignText(appName)}, ${patientOf({ patientName })}`
    return html`<li><p><a href="${homePath}/ehr/grants/${handle}">${which}</a>, grant <code>${short}</code>${
      isByUrls ? html`, by its URLs` : emptyHtml
    }${misbehavior === null ? emptyHtml : html`, with the misbehavior <code>${misbehavior}</code>`}${
      lastUsed === null ? emptyHtml : html`, last used ${moment(lastUsed)}`
    }</p>
<button class="danger" name="grant" value="${handle}">End this access${onlySpoken(html` of ${which}, grant ${short}`)}</button></li>`
  }

const elsewhereShown = (
  homePath: string,
  userName: string,
  page: ConnectedAppsPage,
  grants: ReadonlyArray<GrantElsewhere>
): Html =>
  grants.length === 0
    ? emptyHtml
    : card(
        html`At other servers of this simulator`,
        html`<p>A launch with a setting, or of an app by its URLs, has a server of its own. ${nameShown(userName)} gave
access there, too.</p>
${conversationForm(page, html`<ul>${grants.map(shownElsewhere(homePath))}</ul>`)}`
      )

const noFacts: GrantFacts = { patientName: null, lastUsed: null }

/**
 * What distinguishes the grants of one app, in the order of the page: the patient; if several have the same one, since
 * when; and if that is the same too, their number. Apps of one name are distinguished by their ids.
 */
const titlesOf = (
  apps: ReadonlyArray<ConnectedApp>,
  known: ReadonlyMap<string, GrantFacts>
): ReadonlyArray<{ readonly app: Html; readonly details: Html }> => {
  const shownOf = apps.map(({ client, grantId, since }) => {
    const hasNamesake = apps.some((one) => one.client.name === client.name && one.client.id !== client.id)
    const patient = patientOf(known.get(grantId) ?? noFacts)
    return {
      app: hasNamesake ? html`${foreignText(client.name)} (${foreignCode(client.id)})` : foreignText(client.name),
      patient,
      since: html`${patient}, since ${moment(since)}`,
      // The page shows minutes.
      ofPatient: JSON.stringify([client.id, patient.html]),
      ofMinute: JSON.stringify([client.id, patient.html, Math.floor(since / 60)])
    }
  })
  return shownOf.map(({ app, ofMinute, ofPatient, patient, since }, place) => {
    if (shownOf.filter((one) => one.ofPatient === ofPatient).length === 1) return { app, details: patient }
    const inMinute = shownOf.flatMap((one, other) => (one.ofMinute === ofMinute ? [other] : []))
    return {
      app,
      details: inMinute.length === 1 ? since : html`${since}, number ${String(inMinute.indexOf(place) + 1)}`
    }
  })
}

const appShown =
  (page: ConnectedAppsPage, known: ReadonlyMap<string, GrantFacts>) =>
  (
    { grantId, scopes, since, until }: ConnectedApp,
    { app, details }: { readonly app: Html; readonly details: Html }
  ): Html => {
    const { lastUsed } = known.get(grantId) ?? noFacts
    return card(
      html`${app}, ${details}`,
      html`${knownFacts([
        ['Since', moment(since)],
        ['Until', moment(until)],
        ['Last used', lastUsed === null ? emptyHtml : moment(lastUsed)]
      ])}
<ul>${scopes.map(
        ({ lasts, short, writes }) =>
          html`<li>${sentence(short)} ${writes ? badge('writes', 'warn') : emptyHtml} ${
            lasts ? badge('goes on after you leave', 'warn') : emptyHtml
          }</li>`
      )}</ul>
<details><summary>The exact scopes</summary><p>${scopes.map(({ text }) => foreignCode(text))}</p></details>
${conversationForm(
  page,
  html`<button class="danger" name="grant" value="${grantId}">End the access of ${app}, ${details}</button>`
)}`
    )
  }

const shownApps = (page: ConnectedAppsPage, known: ReadonlyMap<string, GrantFacts>): ReadonlyArray<Html> => {
  const [titles, shownWith] = [titlesOf(page.apps, known), appShown(page, known)]
  return page.apps.flatMap((app, place) => {
    const title = titles[place]
    return title === undefined ? [] : [shownWith(app, title)]
  })
}

/** The grants at this server. That there is none is said only where no other server has one. */
const shownHere = (
  userName: string,
  page: ConnectedAppsPage,
  known: ReadonlyMap<string, GrantFacts>,
  elsewhere: ReadonlyArray<GrantElsewhere>
): Html => {
  if (page.apps.length > 0) return cards(shownApps(page, known))
  return elsewhere.length === 0
    ? card(null, html`<p>${monogram(userName, true)}</p><p>No app has access.</p>`)
    : emptyHtml
}

/** The contents of the page. */
export const connectedAppsPage = (
  userName: string,
  page: ConnectedAppsPage,
  known: ReadonlyMap<string, GrantFacts>,
  { elsewhere, homePath }: { readonly elsewhere: ReadonlyArray<GrantElsewhere>; readonly homePath: string }
): Html => html`
<p>These apps have access that ${nameShown(userName)} gave. An app whose access you end must request it again.</p>
${shownHere(userName, page, known, elsewhere)}
${elsewhereShown(homePath, userName, page, elsewhere)}`
