/** The apps that have access, for the user who gave it (`management_endpoint`). */
import { conversationForm } from './parties.js'
import { shortGrant } from '../grants/grant-view.js'
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
export interface GrantElsewhere {
  readonly handle: string
  readonly appName: string
}

const elsewhereShown = (homePath: string, userName: string, grants: ReadonlyArray<GrantElsewhere>): Html =>
  grants.length === 0
    ? emptyHtml
    : card(
        html`At other servers of this simulator`,
        html`<p>A launch with a setting, or of an app by its URLs, has a server of its own. ${nameShown(userName)} gave
access there, too. The pages of these grants end it.</p>
<ul>${grants.map(
          ({ appName, handle }) =>
            html`<li><a href="${homePath}/ehr/grants/${handle}">${foreignText(appName)}${onlySpoken(html`, grant ${handle}`)}</a></li>`
        )}</ul>`
      )

const noAccess = (elsewhere: ReadonlyArray<GrantElsewhere>): string =>
  elsewhere.length === 0 ? 'No app has access.' : 'No app has access at this server.'

const appShown =
  (page: ConnectedAppsPage, known: ReadonlyMap<string, GrantFacts>) =>
  ({ client, grantId, scopes, since, until }: ConnectedApp): Html => {
    const { lastUsed = null, patientName = null } = known.get(grantId) ?? {}
    return card(
      html`${nameShown(client.name)}`,
      html`${knownFacts([
        ['Patient', patientName === null ? emptyHtml : foreignText(patientName)],
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
  html`<button class="danger" name="grant" value="${grantId}">End the access of ${foreignText(client.name)}${onlySpoken(html`, grant ${shortGrant(grantId)}`)}</button>`
)}`
    )
  }

/** The contents of the page. */
export const connectedAppsPage = (
  userName: string,
  page: ConnectedAppsPage,
  known: ReadonlyMap<string, GrantFacts>,
  { elsewhere, homePath }: { readonly elsewhere: ReadonlyArray<GrantElsewhere>; readonly homePath: string }
): Html => html`
<p>These apps have access that ${nameShown(userName)} gave. An app whose access you end must request it again.</p>
${
  page.apps.length === 0
    ? card(null, html`<p>${monogram(userName, true)}</p><p>${noAccess(elsewhere)}</p>`)
    : cards(page.apps.map(appShown(page, known)))
}
${elsewhereShown(homePath, userName, elsewhere)}`
