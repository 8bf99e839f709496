/**
 * A web page that is an app: what `app.test.ts` bundles and shows to Chromium. The server is named in the page itself.
 */
import * as Either from 'fp-ts/lib/Either.js'
import { smartApp, trustList } from '../../src/fp-ts.js'
import type { BrowserWindow } from '../../src/adapters/browser.js'
import { browserApp, browserAppPorts } from '../../src/adapters/browser.js'

declare const window: BrowserWindow & {
  readonly location: { readonly href: string }
  readonly document: { readonly body: { textContent: string; readonly dataset: Record<string, string> } }
}

const fhirBaseUrl = window.document.body.dataset['fhir'] ?? ''
const redirectUri = window.location.href.replace(/[?#].*$/, '')

const show = (text: string): void => {
  window.document.body.textContent = text
  window.document.body.dataset['done'] = 'yes'
}

const built = smartApp(
  {
    trust: trustList([{ fhirBaseUrl, clientId: 'page-app', authentication: [{ method: 'none' }], redirectUri }]),
    scope: 'launch/patient openid fhirUser offline_access patient/*.rs'
  },
  browserAppPorts(window)
)

const main = async (): Promise<void> => {
  if (Either.isLeft(built)) {
    show(JSON.stringify(built.left))
    return
  }
  const app = built.right
  const tab = browserApp(app, window)
  if (tab.sessionId() === null && window.location.search === '') {
    const left = await tab.begin({ _tag: 'Standalone', iss: fhirBaseUrl })()
    if (Either.isLeft(left)) show(JSON.stringify(left.left))
    return
  }
  const opened = window.location.search === '' ? Either.right(tab.sessionId() ?? '') : await tab.finish()
  if (Either.isLeft(opened)) {
    show(JSON.stringify(opened.left))
    return
  }
  const session = await app.session(opened.right)()
  // Five parts of the page want a new token at once.
  const tokens = await Promise.all(Array.from({ length: 5 }, () => app.accessToken(opened.right, { isForced: true })()))
  const patient = Either.isRight(session) ? (session.right.context.patient ?? '') : ''
  const answer = await app.fhir(opened.right, { url: `Patient/${patient}` })()
  show(
    JSON.stringify({
      patient,
      status: Either.isRight(answer) ? answer.right.status : answer.left,
      tokens: tokens.every(Either.isRight),
      user: Either.isRight(session) ? session.right.user?.sub : null,
      address: window.location.href
    })
  )
}

void main()
