/**
 * The pages of the sample app: an app that runs a client library which this project did not write (fhirclient) in the
 * browser. The build bundles the scripts and copies the library into the folder `browser` beside this file.
 *
 * @module
 */
import { readFileSync } from 'node:fs'
import * as Option from 'fp-ts/lib/Option.js'
import { actions, card } from '../design/parts.js'
import { page } from '../design/shell.js'
import { observationsFrame } from './view.js'
import type { Html } from '../../host/html.js'
import { html } from '../../host/html.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import { below } from '../../values/urls.js'

/** The scripts below `/app/`, each with its file. */
const scripts = ['fhir-client.js', 'launch.js', 'app.js'] as const

const script = (name: (typeof scripts)[number]): PlainResponse => {
  const text = Option.tryCatch(() => readFileSync(new URL(`./browser/${name}`, import.meta.url), 'utf8'))
  return {
    status: Option.isSome(text) ? 200 : 404,
    headers: {
      'content-type': Option.isSome(text) ? 'text/javascript; charset=utf-8' : 'text/plain',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff'
    },
    body: Option.isSome(text) ? text.value : 'The script is missing: build the project.'
  }
}

const noScript = html`<noscript><p>This sample app needs a script.</p></noscript>`

const launchBody = (data: Html, homePath: string): Html =>
  html`<div class="card"><div class="inside"><h1>Sample app</h1>
${data}
<div id="outcome" role="status"><p>Requesting access from the record system ...</p></div>
${noScript}
<p><a class="button" href="${homePath}/">Back to the launch page</a></p></div></div>`

const appBody = (data: Html, homePath: string): Html =>
  html`${data}
<div class="bar"><h1>Sample app</h1>
<button id="sign-out" hidden>Sign out of the app</button></div>
<div id="outcome" role="status"><p>Reading the answer ...</p></div>
${noScript}
<div id="results" class="app" hidden>
${card(html`Patient`, html`<div id="patient" aria-live="polite"></div>`)}
${card(html`Observations over time`, html`<div id="observations">${observationsFrame}</div>`)}
${card(html`Requested and granted`, html`<div id="granted"></div>`)}
${card(
  html`Token response`,
  html`<div id="response"></div>
<p id="refreshed" class="quiet" role="status"></p>
<p><button id="refresh">Refresh the access token</button></p>`
)}
</div>
${actions([
  html`<a class="button main" id="again" href="${homePath}/app/launch" hidden>Launch again</a>`,
  html`<a class="button" href="${homePath}/">Back to the launch page</a>`
])}`

/** The sample app's pages and scripts below the public base URL, by their paths. */
export const sampleApp = (publicBaseUrl: string, homePath: string): ReadonlyMap<string, () => PlainResponse> => {
  const data = html`<div id="sample-app" data-redirect="${publicBaseUrl}/app"
 data-server="${below(publicBaseUrl, 'fhir')}"></div>`
  return new Map([
    [
      `${homePath}/app/launch`,
      () =>
        page({
          homePath,
          title: 'Sample app',
          layout: 'talk',
          heading: null,
          isFramed: true,
          body: launchBody(data, homePath),
          scripts: [`${homePath}/app/fhir-client.js`, `${homePath}/app/launch.js`]
        })
    ],
    [
      `${homePath}/app`,
      () =>
        page({
          homePath,
          title: 'Sample app',
          layout: 'app',
          heading: null,
          isFramed: true,
          body: appBody(data, homePath),
          // The library keeps the `fetch` that it finds, and the app notices what the library does not pass on.
          scripts: [`${homePath}/app/app.js`, `${homePath}/app/fhir-client.js`]
        })
    ],
    ...scripts.map((name) => [`${homePath}/app/${name}`, () => script(name)] as const)
  ])
}
