/**
 * The sample app: a page that runs a third-party SMART client library (fhirclient) in the browser. Its scripts are
 * separate files; the build copies the library beside this file.
 */
import { readFileSync } from 'node:fs'
import * as Option from 'fp-ts/lib/Option.js'
import type { Html } from '../../host/html.js'
import { html } from '../../host/html.js'
import { page } from '../design/shell.js'
import type { PlainResponse } from '../../protocol/http/message.js'

const script = (body: string): PlainResponse => ({
  status: 200,
  headers: {
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff'
  },
  body
})

const libraryFile = new URL('./sample-app/fhir-client.js', import.meta.url)

const library = (): PlainResponse => {
  const text = Option.tryCatch(() => readFileSync(libraryFile, 'utf8'))
  return Option.isSome(text)
    ? script(text.value)
    : {
        status: 404,
        headers: { 'content-type': 'text/plain' },
        body: 'The client library is missing: build the project.'
      }
}

const launchScript = (redirectUri: string): string => `FHIR.oauth2.authorize({
  clientId: 'sample-app',
  scope: (new URLSearchParams(location.search).has('launch') ? 'launch ' : 'launch/patient ') +
    'openid fhirUser offline_access patient/*.rs',
  redirectUri: ${JSON.stringify(redirectUri)},
  pkceMode: 'required'
}).catch((error) => { document.getElementById('outcome').textContent = 'The launch failed: ' + error.message })
`

const appScript = `const show = (id, text) => { document.getElementById(id).textContent = text }
FHIR.oauth2.ready().then(async (client) => {
  show('outcome', 'The launch is complete.')
  document.getElementById('results').hidden = false
  const { access_token, refresh_token, id_token, ...shown } = client.state.tokenResponse
  show('response', JSON.stringify(shown, null, 2))
  const patient = await client.patient.read()
  show('patient', patient.name[0].given.join(' ') + ' ' + patient.name[0].family)
  const observations = await client.request('Observation?patient=' + client.patient.id)
  show('observations', (observations.entry || []).map(({ resource }) =>
    resource.code.text + ': ' + resource.valueQuantity.value + ' ' + resource.valueQuantity.unit).join('\\n'))
  document.body.dataset.done = 'yes'
}).catch((error) => { show('outcome', 'The launch failed: ' + error.message); document.body.dataset.done = 'no' })
`

const wayBack = (homePath: string): Html => html`<p><a class="button" href="${homePath}/">Back to the desktop</a></p>`

const launchBody = (homePath: string): Html =>
  html`<div class="card"><div class="inside"><h1>Sample app</h1>
<p id="outcome" role="status">Asking the record system for access ...</p>
<noscript><p>This sample app needs a script; the record system's own pages do not.</p></noscript>
${wayBack(homePath)}</div></div>`

const appBody = (homePath: string): Html =>
  html`<div class="card"><div class="inside"><h1>Sample app</h1>
<p id="outcome" role="status">Reading the answer ...</p>
<div id="results" hidden>
<h2>Patient</h2><p id="patient"></p>
<h2>Observations</h2><pre id="observations"></pre>
<h2>What the token response said</h2><pre id="response"></pre>
</div>
${wayBack(homePath)}</div></div>`

/** The sample app's pages and scripts below the public base. */
export const sampleApp = (publicBaseUrl: string, homePath: string): ReadonlyMap<string, () => PlainResponse> =>
  new Map([
    [
      `${homePath}/app/launch`,
      () =>
        page({
          homePath,
          title: 'Sample app',
          layout: 'talk',
          heading: null,
          body: launchBody(homePath),
          scripts: [`${homePath}/app/fhir-client.js`, `${homePath}/app/launch.js`]
        })
    ],
    [
      `${homePath}/app`,
      () =>
        page({
          homePath,
          title: 'Sample app',
          layout: 'talk',
          heading: null,
          body: appBody(homePath),
          scripts: [`${homePath}/app/fhir-client.js`, `${homePath}/app/app.js`]
        })
    ],
    [`${homePath}/app/fhir-client.js`, library],
    [`${homePath}/app/launch.js`, () => script(launchScript(`${publicBaseUrl}/app`))],
    [`${homePath}/app/app.js`, () => script(appScript)]
  ])
