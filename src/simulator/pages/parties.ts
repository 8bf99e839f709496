/** The head of a page of a conversation: the app that requests access, and the user who decides. */
import { icons } from '../design/icons.js'
import { decisionButton, monogram } from '../design/parts.js'
import type { Html } from '../../host/html.js'
import { emptyHtml, foreignCode, foreignText, html } from '../../host/html.js'
import type { AskingClient, PageForm } from '../../host/page-data.js'
import { shown } from '../../values/shown-text.js'

/**
 * The app: the name that it gives itself, which is not verified and is therefore isolated and limited, and the facts
 * that it cannot choose freely.
 */
const app = ({ id, name, redirectOrigin }: AskingClient): Html =>
  html`<div class="party">${monogram(name)}<div>
<p><strong><bdi class="client-name given">${shown(name)}</bdi></strong></p>
<p class="quiet">${name === id ? emptyHtml : html`Known here as ${foreignCode(id)}. `}You will be sent to
${foreignCode(redirectOrigin)}.</p>
</div></div>`

/** An app in a sentence or a row: its name with its id, or the id alone for an app without a name. */
export const appNamed = ({ id, name }: Pick<AskingClient, 'id' | 'name'>): Html =>
  name === id ? foreignCode(id) : html`<strong>${foreignText(name)}</strong> (${foreignCode(id)})`

/** Ends the session; the same request goes on with the sign-in page. */
const switchButton = (form: PageForm): Html =>
  conversationForm(form, decisionButton('decision', 'switch', html`Not you? Sign in as another user`, 'plain'))

/** The way back to the launch page, where another user is chosen: only one user may go on with this request. */
const relaunchLink = (address: string): Html => html`<a href="${address}">Not you? Go back to the launch page</a>`

/** How to go on as another user: by the form, unless `relaunch` is the address of the launch page. */
export const otherUserOf = (form: PageForm, relaunch: string | null): Html =>
  relaunch === null ? switchButton(form) : relaunchLink(relaunch)

/** The user, with the way to go on as another one. */
const user = (name: string, otherUser: Html): Html =>
  html`<div class="party">${monogram(name, true)}<div>
<p><strong>${foreignText(name)}</strong></p>
<div class="quiet">${otherUser}</div>
</div></div>`

/** A page of a conversation: the parties above, and the contents in a card with the heading. */
export const conversationBody = (
  {
    client,
    otherUser = emptyHtml,
    userName
  }: {
    readonly client: AskingClient | null
    readonly userName: string | null
    /** The way to go on as another user. */
    readonly otherUser?: Html
  },
  heading: string,
  contents: Html
): Html =>
  html`<div class="card">
${
  client === null && userName === null
    ? emptyHtml
    : html`<div class="parties">${client === null ? emptyHtml : app(client)}${
        userName === null ? emptyHtml : user(userName, otherUser)
      }</div>`
}
<div class="inside"><h1>${heading}</h1>
${contents}</div>
</div>`

/** A form of a conversation. Its hidden fields are HTML of the host, and complete. */
export const conversationForm = ({ action, hiddenFields }: PageForm, body: Html): Html =>
  html`<form method="post" action="${action}">
${{ html: hiddenFields }}
${body}
</form>`

/** Where the user goes from a page on which nothing is left to do. */
export const toLaunchPage = (homePath: string): Html =>
  html`<a class="button" href="${homePath}/">Go to the launch page ${icons.arrow}</a>`
