/** A page whose apps are those of its data attribute: they start one after the other, and tests use them afterwards. */
import type { PlainBrowserApp } from '../../src/plain/browser.js'
import { createBrowserApp } from '../../src/plain/browser.js'
import type { BrowserAppOptions, BrowserWindow } from '../../src/plain/browser.js'
import { failureAdvice } from '../../src/protocol/app/failure.js'
import type { SmartAppOptions } from '../../src/plain/app.js'

declare const window: BrowserWindow & {
  apps: ReadonlyArray<PlainBrowserApp>
  readonly document: { readonly body: { textContent: string; readonly dataset: Record<string, string> } }
}

/** An app of the page, and the server at which it launches. */
export interface PageApp {
  readonly iss: string
  readonly options: SmartAppOptions & BrowserAppOptions
}

const { body } = window.document
const given = JSON.parse(body.dataset['apps'] ?? '[]') as ReadonlyArray<PageApp>

const show = (value: unknown): void => {
  body.textContent = JSON.stringify(value)
  body.dataset['done'] = 'yes'
}

const main = async (): Promise<void> => {
  const apps = given.map(({ options }) => createBrowserApp(options, window))
  window.apps = apps
  const shown: Array<unknown> = []
  for (const [place, app] of apps.entries()) {
    const started = await app.start({ iss: given[place]?.iss ?? '' })
    if (!started.ok) {
      show({ failure: started.failure, advice: failureAdvice(started.failure) })
      return
    }
    // The browser leaves the page.
    if (started.value === null) return
    const facts = await app.session(started.value)
    shown.push(facts.ok ? { patient: facts.value.context.patient, user: facts.value.user?.sub ?? null } : facts.failure)
  }
  show(shown)
}

void main().catch((error: unknown) => {
  show(String(error))
})
