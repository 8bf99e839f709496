/** The page "Your link": the address of a launch, to open, to copy, and to put into a test. */
import { actions, card, facts, linkButton, notice } from '../design/parts.js'
import { icons } from '../design/icons.js'
import type { LaunchLink } from '../launch/launch-link.js'
import type { Html } from '../../host/html.js'
import { emptyHtml, escapeHtml, foreignCode, html } from '../../host/html.js'
import { originOf } from '../../values/urls.js'

/** A text to copy, in full. */
const copyable = (id: string, text: string): Html =>
  html`<pre class="copyable" tabindex="0" id="${id}">${{ html: escapeHtml(text) }}</pre>`

/** The button is shown by the script, because it does nothing without it. */
const copyButton = (id: string, label: string): Html =>
  html`<button type="button" data-copy="${id}" hidden>${label}</button>`

const backendShown = ({ clientId, fhirBaseUrl, tokenEndpoint }: LaunchLink): Html => {
  const command =
    `curl -d grant_type=client_credentials -d scope=system/Patient.rs \\\n` +
    `  -d client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \\\n` +
    `  -d client_assertion="$ASSERTION" \\\n  ${tokenEndpoint}`
  return html`${facts([
    ['client_id', foreignCode(clientId)],
    ['FHIR base', html`<code>${fhirBaseUrl}</code>`],
    ['Token endpoint', html`<code>${tokenEndpoint}</code>`]
  ])}
<p>The service signs a JWT with its private key: <code>iss</code> and <code>sub</code> are the client_id,
<code>aud</code> is the token endpoint, <code>exp</code> is at most five minutes away, and <code>jti</code> is new each
time. It sends the JWT as <code>client_assertion</code>:</p>
${copyable('link', command)}
${actions([copyButton('link', 'Copy the command')])}`
}

/** The contents of the page. `back` is the address of the form with its fields; `silent` says that no app answers. */
export const launchLinkPage = (link: LaunchLink, back: string, silent: boolean): Html => html`
${
  silent && link.launchUri !== null
    ? notice(
        'warn',
        html`<p>Nothing answers at ${foreignCode(originOf(link.launchUri))}. Start the app, then launch it. This server
may also be unable to reach an address that your browser can reach: then launch it all the same.</p>`
      )
    : emptyHtml
}
${card(
  null,
  link.url === null
    ? backendShown(link)
    : html`<p>The link holds everything that you chose. It can be opened again, shared, and put into a test.</p>
${copyable('link', link.url)}
${actions([linkButton(link.url, html`Launch ${icons.arrow}`, 'main'), copyButton('link', 'Copy link')])}
<p class="quiet" role="status" id="copied"></p>
<p class="quiet">The FHIR base (<code>iss</code>) of this launch:</p>
${copyable('iss', link.fhirBaseUrl)}
${actions([copyButton('iss', 'Copy iss')])}`
)}
<p><a href="${back}">Back to the form</a></p>`
