/** The page that says why something cannot go on, or that it has ended. */
import { conversationBody, toDesktop } from './parties.js'
import { logLink } from '../log/linked-answer.js'
import { actions, linkButton, notice } from '../design/parts.js'
import type { Html } from '../../host/html.js'
import { emptyHtml, foreignCode, html } from '../../host/html.js'
import type { ErrorPage } from '../../host/page-data.js'
import { originOf } from '../../values/urls.js'

const titles: Readonly<Record<ErrorPage['kind'], string>> = {
  ended: 'This sign-in has ended',
  refused: 'This cannot go on',
  failed: 'Not now'
}

/** The title of the page. */
export const errorTitle = ({ kind, status }: ErrorPage): string =>
  status === 404 ? 'There is no page here' : titles[kind]

const onwardLink = (onward: string): Html =>
  html`<p>This system has not verified the app. <a href="${onward}"
  rel="noreferrer">Report the refusal to the app, and go to ${foreignCode(originOf(onward))}</a></p>`

/** Where the user or the developer can go on from a refusal. */
export interface WayOn {
  /** The address that starts the app again. */
  readonly again?: string | null
  /** The address at which an unknown app is registered. */
  readonly register?: string | null
}

/**
 * The contents of the page. Only the audit log says which rule failed, because the viewer may be an attacker. Nothing
 * is wrong with a request that has ended: the page says how to go on.
 */
export const refusalPage = (homePath: string, page: ErrorPage, { again = null, register = null }: WayOn = {}): Html =>
  conversationBody(
    { client: null, userName: null },
    errorTitle(page),
    html`
${
  page.kind === 'ended'
    ? html`<p>${page.message}</p>
<p>If you came here with the button Back, the app may be open already: go forward again. To use the app anew, open it
from the desktop or from where you started it.</p>`
    : notice(page.kind === 'failed' ? 'warn' : 'bad', html`<p>${page.message}</p>`)
}
${page.onward === null ? emptyHtml : onwardLink(page.onward)}
${actions([
  ...(page.retry === null ? [] : [linkButton(page.retry, html`Sign in and try again`, 'main')]),
  ...(again === null ? [] : [linkButton(again, html`Open the app again`, 'main')]),
  ...(register === null ? [] : [linkButton(register, html`Register this app`, 'main')]),
  toDesktop(homePath)
])}
<p class="quiet">For the app's developer: <code>${page.error}</code>${
      page.reference === null
        ? emptyHtml
        : html`, by <a href="${page.reference}">${page.reference.replace(/^.*\//, '')}</a>`
    }. <a ${{ html: logLink(homePath) }}>The log of this server</a> says more.</p>`
  )
