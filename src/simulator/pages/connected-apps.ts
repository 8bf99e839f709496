/** The apps that have access, for the user who gave it (`management_endpoint`). */
import { conversationForm } from './parties.js'
import { badge, card, cards, monogram, moment, nameShown } from '../design/parts.js'
import type { Html } from '../../host/html.js'
import { emptyHtml, foreignText, html, sentence } from '../../host/html.js'
import type { ConnectedApp, ConnectedAppsPage } from '../../host/page-data.js'

const appShown =
  (page: ConnectedAppsPage) =>
  ({ client, grantId, scopes, since, until }: ConnectedApp): Html =>
    card(
      html`${nameShown(client.name)}`,
      html`<p class="quiet">Since ${moment(since)}, until ${moment(until)}. ${
        scopes.some(({ lasts }) => lasts) ? badge('goes on after you leave', 'warn') : emptyHtml
      }</p>
<ul>${scopes.map(({ short }) => html`<li>${sentence(short)}</li>`)}</ul>
${conversationForm(
  page,
  html`<button class="danger" name="grant" value="${grantId}">End the access of ${foreignText(client.name)}</button>`
)}`
    )

/** The contents of the page. */
export const connectedAppsPage = (userName: string, page: ConnectedAppsPage): Html => html`
<p>These apps have access that ${nameShown(userName)} gave. An app whose access you end must ask again.</p>
${
  page.apps.length === 0
    ? card(null, html`<p>${monogram(userName, true)}</p><p>No app has access.</p>`)
    : cards(page.apps.map(appShown(page)))
}`
