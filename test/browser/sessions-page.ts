/** A page that starts its app twice, as effects of React in development do, and shows its patient. */
import type { BrowserWindow } from '../../src/plain/browser.js'
import { createBrowserApp } from '../../src/plain/browser.js'

declare const window: BrowserWindow & {
  readonly document: { readonly body: { textContent: string; readonly dataset: Record<string, string> } }
}

const { body } = window.document
const redirectUri = body.dataset['redirect'] ?? ''
const servers = JSON.parse(body.dataset['servers'] ?? '[]') as ReadonlyArray<string>

const apps = servers.map((fhirBaseUrl) =>
  createBrowserApp(
    {
      trust: [{ fhirBaseUrl, clientId: 'page-app', authentication: [{ method: 'none' }], redirectUri }],
      scope: body.dataset['scope'] ?? 'launch/patient openid fhirUser offline_access patient/*.rs'
    },
    window
  )
)

const show = (value: unknown): void => {
  body.textContent = JSON.stringify(value)
  body.dataset['done'] = 'yes'
}

const main = async (): Promise<void> => {
  const [app] = apps
  if (app === undefined) return
  const iss = servers[0] ?? ''
  const [first, second] = await Promise.all([app.start({ iss, data: { show: 'chart' } }), app.start({ iss })])
  if (!first.ok || !second.ok) {
    show([first, second])
    return
  }
  const sessionId = first.value
  if (sessionId === null) return
  const facts = await app.session(sessionId)
  const read = await app.fhir(sessionId, { url: `Patient/${facts.ok ? (facts.value.context.patient ?? '') : ''}` })
  show({
    isSame: sessionId === second.value && sessionId === app.sessionId(),
    patient: facts.ok ? facts.value.context.patient : facts.failure,
    data: facts.ok ? facts.value.launch?.data : null,
    bytes: read.ok && new TextDecoder().decode(read.value.bytes) === read.value.body,
    others: apps.slice(1).map((other) => other.sessionId()),
    address: window.location.href.replace(/^[^?#]*/, '')
  })
}

void main()
