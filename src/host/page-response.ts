/**
 * Pages as responses: the header fields that protect them, and the host's own pages.
 *
 * @module
 */
import type { PageAnswer } from './page-data.js'
import type { Html } from './html.js'
import { html } from './html.js'
import type { PlainResponse } from '../protocol/http/message.js'

/**
 * The header fields of every page. With `no-referrer`, browsers would send `Origin: null` with a form, which the CSRF
 * protection of some frameworks refuses; `same-origin` still discloses no address to other sites.
 */
const protecting: Readonly<Record<string, string>> = {
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cache-control': 'no-store'
}

/** The policy for a host's own page: its scripts and styles are its own affair. */
const ownPolicy = "base-uri 'none'; object-src 'none'; frame-ancestors 'none'"

/** The policy of a default page. Chrome applies `form-action` to the redirect after a form, so it is not restricted. */
const strictPolicy = (nonce: string): string =>
  `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; frame-ancestors 'none'`

const htmlType = 'text/html; charset=utf-8'

const style = `:root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.5 }
main { max-width: 42rem; margin: 2rem auto; padding: 0 1rem }
fieldset { margin: 0 0 1rem; border: 1px solid; border-radius: .4rem } label { display: block; margin: .4rem 0 }
button { font: inherit; padding: .4rem 1.2rem; margin-right: .6rem }
code, bdi { overflow-wrap: anywhere } .error { font-weight: 600 } li { margin: .3rem 0 }`

/** A default page: no scripts, no frames, only its own style. `nonce` is a random text for the style. */
export const defaultPage = (status: number, title: string, body: Html, nonce: string): PlainResponse => ({
  status,
  headers: { ...protecting, 'content-type': htmlType, 'content-security-policy': strictPolicy(nonce) },
  body: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${html`${title}`.html}</title>
<style nonce="${html`${nonce}`.html}">${style}</style>
</head>
<body>
<main>
<h1>${html`${title}`.html}</h1>
${body.html}
</main>
</body>
</html>
`
})

const isPlainResponse = (answer: unknown): answer is PlainResponse =>
  typeof answer === 'object' &&
  answer !== null &&
  'status' in answer &&
  'headers' in answer &&
  typeof answer.headers === 'object' &&
  'body' in answer &&
  typeof answer.body === 'string'

/** What a page function of the host returned, as a response. Header fields that the host sets are kept. */
export const hostPage = async (name: string, status: number, answer: PageAnswer): Promise<PlainResponse> => {
  const page: unknown = await answer
  const defaults = { ...protecting, 'content-security-policy': ownPolicy }
  if (typeof page === 'string') return { status, headers: { ...defaults, 'content-type': htmlType }, body: page }
  if (!isPlainResponse(page))
    throw new Error(`${name}: expected HTML text or { status, headers, body }, found ${typeof page}`)
  const own = Object.fromEntries(Object.entries(page.headers).map(([field, value]) => [field.toLowerCase(), value]))
  return { ...page, headers: { ...defaults, ...own } }
}
