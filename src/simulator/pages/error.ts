/** The page that says why something cannot go on, or that it has ended. */
import { appNamed, conversationBody, toLaunchPage } from './parties.js'
import { logLink } from '../log/linked-answer.js'
import { actions, linkButton, nameShown, notice } from '../design/parts.js'
import type { Html } from '../../host/html.js'
import { emptyHtml, foreignCode, html } from '../../host/html.js'
import type { AskingClient, ErrorPage } from '../../host/page-data.js'
import { shown } from '../../values/shown-text.js'
import { originOf } from '../../values/urls.js'

const titles: Readonly<Record<ErrorPage['kind'], string>> = {
  ended: 'This request has ended',
  refused: 'This cannot go on',
  failed: 'Not now'
}

/** The title of the page. */
export const errorTitle = ({ kind, status }: ErrorPage): string =>
  status === 404 ? 'There is no page here' : titles[kind]

const onwardLink = (onward: string): Html =>
  html`<p>This system has not verified the app. <a href="${onward}"
  rel="noreferrer">Report the refusal to the app, and go to ${foreignCode(originOf(onward))}</a></p>`

/** A value that the app sent, and those that are expected. */
export interface Mismatch {
  /** The parameter. */
  readonly name: 'client_id' | 'redirect_uri'
  readonly sent: string
  readonly expected: ReadonlyArray<string>
  /** The two names of this machine, if nothing else is different; else null. */
  readonly names: readonly [sent: string, expected: string] | null
}

const mismatchShown = ({ expected, name, names, sent }: Mismatch, isOfLink: boolean): Html => html`
<p>The app sent this <code>${name}</code>:</p>
<pre class="copyable" tabindex="0"><bdi>${shown(sent, 4096)}</bdi></pre>
${
  expected.length === 0
    ? html`<p>${
        name === 'client_id'
          ? 'No registered app has it.'
          : isOfLink
            ? 'This launch link has no redirect address.'
            : 'No redirect address is registered for the app.'
      }</p>`
    : html`<p>${isOfLink ? 'This launch link has:' : 'Registered here:'}</p>
<pre class="copyable" tabindex="0">${expected.map((one) => html`<bdi>${shown(one, 4096)}</bdi>`)}</pre>`
}
${
  names === null
    ? emptyHtml
    : html`<p><code>${names[0]}</code> and <code>${names[1]}</code> are two names of this machine, and redirect
addresses are compared letter by letter. Use the same one in the app and here.</p>`
}`

/** Where the user or the developer can go on from a refusal. */
export interface WayOn {
  /** The app of the request. */
  readonly app?: Pick<AskingClient, 'id' | 'name'> | null
  /** Which part of the request is wrong, as a sentence in place of that of the page. */
  readonly reason?: string | null
  /** The user who is signed in, where the request belongs to another user. */
  readonly signedInAs?: string | null
  /** What the app sent in place of what is expected. */
  readonly mismatches?: ReadonlyArray<Mismatch>
  /** What else the app sent, and is not wrong. */
  readonly sentToo?: ReadonlyArray<readonly [name: Mismatch['name'], value: string]>
  /** The address of the launch page with the launch setting. */
  readonly change?: string | null
  /** The address of the launch page with the launch setting, and in it what the app sent. */
  readonly take?: string | null
  /** The address that starts the app again. */
  readonly again?: string | null
  /** The address of the launch page with the app, which cannot be started from here. */
  readonly panel?: string | null
  /** The address at which an unknown app is registered. */
  readonly register?: string | null
}

/**
 * The contents of the page. Only the audit log says which rule failed, because the viewer may be an attacker. Nothing
 * is wrong with a request that has ended: the page says how to go on.
 */
export const refusalPage = (
  homePath: string,
  page: ErrorPage,
  {
    again = null,
    app = null,
    change = null,
    mismatches = [],
    panel = null,
    reason = null,
    register = null,
    sentToo = [],
    signedInAs = null,
    take = null
  }: WayOn = {}
): Html =>
  conversationBody(
    { client: null, userName: null },
    errorTitle(page),
    html`
${
  page.kind === 'ended'
    ? html`<p>${page.message}</p>
<p>If you came here with the button Back, the app may be open already: go forward again. To use the app anew, open it
from the launch page or from where you started it.</p>`
    : notice(page.kind === 'failed' ? 'warn' : 'bad', html`<p>${reason ?? page.message}</p>`)
}
${signedInAs === null ? emptyHtml : html`<p>${nameShown(signedInAs)} is signed in here now.</p>`}
${app === null ? emptyHtml : html`<p>The app: ${appNamed(app)}.</p>`}
${mismatches.map((one) => mismatchShown(one, change !== null))}
${sentToo.map(([name, value]) => html`<p>The app sent this <code>${name}</code> with it: ${foreignCode(value)}.</p>`)}
${page.onward === null ? emptyHtml : onwardLink(page.onward)}
${actions([
  ...(page.retry === null ? [] : [linkButton(page.retry, html`Sign in and try again`, 'main')]),
  ...(again === null ? [] : [linkButton(again, html`Open the app again`, 'main')]),
  ...(panel === null ? [] : [linkButton(panel, html`Launch the app from the launch page`, 'main')]),
  ...(take === null ? [] : [linkButton(take, html`Put what the app sent into the launch link`, 'main')]),
  ...(change === null
    ? []
    : [linkButton(change, html`Change the launch link`, ...(take === null ? (['main'] as const) : []))]),
  ...(register === null ? [] : [linkButton(register, html`Register this app`, 'main')]),
  toLaunchPage(homePath)
])}
<p class="quiet">For the app's developer: <code>${page.error}</code>${
      page.reference === null
        ? emptyHtml
        : html`, by <a href="${page.reference}">${page.reference.replace(/^.*\//, '')}</a>`
    }. <a ${{ html: logLink(homePath) }}>The log of this server</a> says more.</p>`
  )
