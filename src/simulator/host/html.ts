/** The pages of the simulator as responses, and their style sheet. */
import type { Html } from '../../host/html.js'
import { html } from '../../host/html.js'
import type { PlainResponse } from '../../protocol/http/message.js'

/** Header fields of every page: no frames, no scripts except those of the sample app, no referrer, no cache. */
const pageHeaders = (script: string): Readonly<Record<string, string>> => ({
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    `default-src 'none'; style-src 'self'; script-src ${script}; connect-src 'self'; img-src 'self'; base-uri ` +
    `'none'; frame-ancestors 'none'`,
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store'
})

/** A page as a response. `scripts` are addresses of this server; most pages have none. */
export const pageResponse = (
  status: number,
  basePath: string,
  title: string,
  body: Html,
  scripts: ReadonlyArray<string> = []
): PlainResponse => ({
  status,
  headers: pageHeaders(scripts.length === 0 ? "'none'" : "'self'"),
  body: html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} - SMART simulator</title>
<link rel="stylesheet" href="${basePath}/style.css">
${scripts.map((source) => html`<script src="${source}" defer></script>`)}
</head>
<body>
<header><p>This is a <strong>simulator</strong>. Every person in it is invented.</p></header>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`.html
})

/** The style sheet of all pages. */
export const styleSheet = `:root { color-scheme: light; font-family: system-ui, sans-serif; line-height: 1.5 }
body { margin: 0; color: #1b1f23; background: #f6f8fa }
header { background: #7a2e00; color: #fff; padding: .25rem 1rem }
main { max-width: 46rem; margin: 1rem auto; padding: 1rem 1.5rem; background: #fff;
  border: 1px solid #d0d7de; border-radius: .5rem }
fieldset { border: 1px solid #d0d7de; border-radius: .5rem; margin: 0 0 1rem }
fieldset.choices { max-height: 24rem; overflow-y: auto }
label { display: block; margin: .4rem 0 }
input[type=text], input[type=password], select { font: inherit; padding: .3rem; min-width: 16rem }
input[type=text][name=scope], input[type=text][name=granted] { width: 100%; box-sizing: border-box }
button { font: inherit; padding: .5rem 1.25rem; margin-right: .75rem; border-radius: .4rem;
  border: 1px solid #1b1f23; background: #fff; color: #1b1f23; cursor: pointer }
button[value=allow], button.main { background: #0a4c8c; color: #fff; border-color: #0a4c8c }
:focus-visible { outline: 3px solid #d97700; outline-offset: 2px }
code, .given { background: #eef1f4; padding: 0 .25rem; overflow-wrap: anywhere }
.given { border-bottom: 1px dotted #57606a }
button .given { background: none; border-bottom-color: currentColor }
.error { color: #a40000; font-weight: 600 }
table { border-collapse: collapse } th, td { text-align: left; padding: .25rem .75rem .25rem 0 }
`
