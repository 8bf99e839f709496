/**
 * The shell of every page: header, navigation, main part and footer, with the header fields that protect a page.
 *
 * @module
 */
import { mark } from './icons.js'
import type { Html } from '../../host/html.js'
import { emptyHtml, foreignText, html } from '../../host/html.js'
import type { PlainResponse } from '../../protocol/http/message.js'

/** The entries of the navigation, by name: the address below the home path, and the label. */
const entries = {
  launch: ['/', 'Launch'],
  apps: ['/ehr/apps', 'Apps'],
  grants: ['/ehr/grants', 'Grants'],
  log: ['/ehr/log', 'Log'],
  scopes: ['/scopes', 'Scopes'],
  misbehaviors: ['/misbehaviors', 'Misbehaviors']
} as const

/** A page that the navigation names. */
export type NavigationEntry = keyof typeof entries

/** What a page consists of. */
export interface ShellOptions {
  readonly status?: number
  /** The path of the public base URL, below which the launch page and the style sheet are; empty for the root. */
  readonly homePath: string
  /** The title of the window, and the heading unless there is another one. */
  readonly title: string
  /** The heading; null if `body` contains it. */
  readonly heading?: Html | null
  /**
   * `desk`: a page with the navigation. `talk`: a narrow page that asks a user for one decision. `app`:
   * a wide page of an app, without navigation.
   */
  readonly layout: 'desk' | 'talk' | 'app'
  /** Whether the page shows a form again, because of an error in it: the title of the window says so first. */
  readonly hasError?: boolean
  /** The entry of the navigation that is this page. */
  readonly current?: NavigationEntry
  /** The user of the session; null, or left out, if no user is signed in or the page shows the user itself. */
  readonly signedInAs?: string | null
  readonly body: Html
  /** Addresses of scripts of this server; most pages have none. */
  readonly scripts?: ReadonlyArray<string>
  /**
   * Whether a page of this server may show the page in a frame: `/ehr/frame` shows an app below a banner. A page on
   * which a user signs in or decides never may. The links of such a page lead out of the frame.
   */
  readonly isFramed?: boolean
  /** Further header fields. */
  readonly headers?: PlainResponse['headers']
}

/** Header fields of every page: no frames of others, no content from elsewhere, no referrer, no cache. */
const pageHeaders = (scripts: ReadonlyArray<string>, isFramed: boolean): Readonly<Record<string, string>> => ({
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    `default-src 'none'; style-src 'self'; script-src ${scripts.length === 0 ? "'none'" : "'self'"}; ` +
    `connect-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors ${isFramed ? "'self'" : "'none'"}`,
  'x-frame-options': isFramed ? 'SAMEORIGIN' : 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store'
})

const navigation = ({ current, homePath }: ShellOptions): Html => {
  const link = ([name, [path, label]]: [string, readonly [string, string]]): Html =>
    name === current
      ? html`<li><a href="${homePath}${path}" aria-current="page">${label}</a></li>`
      : html`<li><a href="${homePath}${path}">${label}</a></li>`
  return html`<nav aria-label="Main"><ul>${Object.entries(entries).map(link)}</ul></nav>`
}

const personShown = ({ homePath, signedInAs = null }: ShellOptions): Html =>
  signedInAs === null
    ? emptyHtml
    : html`<form class="person" method="post" action="${homePath}/ehr/sign-out"><span>Signed in as
<strong>${foreignText(signedInAs)}</strong></span> <button class="plain">Sign out</button></form>`

/** A page as a response. */
export const page = (options: ShellOptions): PlainResponse => {
  const { body, hasError = false, heading, headers = {}, homePath, isFramed = false, layout } = options
  const { scripts = [], status = 200, title } = options
  return {
    status,
    headers: { ...pageHeaders(scripts, isFramed), ...headers },
    body: html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${hasError ? 'Error: ' : ''}${title} - SMART sandbox</title>
${isFramed ? html`<base target="_top">` : emptyHtml}
<link rel="icon" href="${homePath}/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${homePath}/style.css">
${scripts.map((source) => html`<script src="${source}" defer></script>`)}
</head>
<body class="${layout}">
<a class="skip" href="#main" target="_self">Skip to the content</a>
<header class="top"><div>
<a class="mark" href="${homePath}/">${mark}<span>SMART sandbox</span></a> <span class="badge accent">simulator</span>
${layout === 'desk' ? navigation(options) : emptyHtml}
${layout === 'desk' ? personShown(options) : emptyHtml}
</div></header>
<main id="main">
${heading === null ? emptyHtml : html`<h1>${heading ?? html`${title}`}</h1>`}
${body}
</main>
<footer><div><p>This is a <strong>simulator</strong>. Every person in it is invented.</p>
<p>smart-app-launch, an implementation of HL7 SMART App Launch</p></div></footer>
</body>
</html>
`.html
  }
}
