/** The page "Your link": the address of a launch, to open, to copy, and to put into a test. */
import { actions, card, linkButton, notice } from '../design/parts.js'
import { copyableText, copyBox, copyButton, copyStatus } from '../design/copy.js'
import { icons } from '../design/icons.js'
import type { LaunchLink } from '../launch/launch-link.js'
import type { Html } from '../../host/html.js'
import { emptyHtml, foreignCode, html } from '../../host/html.js'
import { toLaunchPage } from './parties.js'
import { shown } from '../../values/shown-text.js'
import { below, isAbsoluteHttpUrl, loopbackUrl, originOf } from '../../values/urls.js'

/** The FHIR base URL of a server and its discovery document, to copy. */
export const serverAddresses = (fhirBaseUrl: string, discovery: string): Html => html`
${copyableText('iss', html`FHIR base URL (<code>iss</code>, and <code>aud</code> of the request):`, fhirBaseUrl)}
${copyableText('discovery', html`Discovery document:`, discovery)}`

/** The addresses that an app needs, and its id. */
const addresses = ({ clientId, discovery, fhirBaseUrl }: LaunchLink): Html => html`
${serverAddresses(fhirBaseUrl, discovery)}
${copyableText('client_id', html`<code>client_id</code>:`, shown(clientId))}`

/** The address is at the beginning of a line: where it is too long, no empty line is before it. */
const backendShown = (link: LaunchLink): Html => {
  const command =
    `curl -d grant_type=client_credentials -d scope=system/Patient.rs \\\n` +
    `  -d client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \\\n` +
    `  -d client_assertion="$ASSERTION" \\\n${link.tokenEndpoint}`
  const read = `curl -H "Authorization: Bearer $ACCESS_TOKEN" \\\n${below(link.fhirBaseUrl, 'Patient')}`
  return html`${copyableText('client_id', html`<code>client_id</code>:`, shown(link.clientId))}
${copyableText('iss', html`FHIR base URL:`, link.fhirBaseUrl)}
${copyableText('token', html`Token endpoint (<code>aud</code> of the assertion):`, link.tokenEndpoint)}
<p>The service signs a JWT with its private key: <code>iss</code> and <code>sub</code> are the client_id,
<code>aud</code> is the token endpoint, <code>exp</code> is at most five minutes away, and <code>jti</code> is new each
time. It sends the JWT as <code>client_assertion</code>:</p>
${copyBox('link', command)}
${actions([copyButton('link', 'Copy the command')])}
<p>With the <code>access_token</code> of the response it reads the records that its scope covers:</p>
${copyBox('read', read)}
${actions([copyButton('read', 'Copy this command')])}
${copyStatus}`
}

/** Where the addresses work, if other machines cannot reach them. */
const onlyHere = ({ base, url }: LaunchLink): Html => {
  const origin = originOf(base)
  if (loopbackUrl(origin) === null) return emptyHtml
  return html`<p class="quiet" id="only-here">${url === null ? 'The address' : 'The link'} leads to
${foreignCode(origin)}, so it works on this machine only. The flag <code>--public-url</code> gives the simulator an
address that others can reach.</p>`
}

const linkShown = (link: LaunchLink, url: string): Html => html`
<p><span id="link-is">${
  link.kind === 'standalone'
    ? 'The link opens the app with the FHIR base URL of this launch.'
    : 'The link launches the app from the record system.'
}</span> It holds everything that you chose. It can be opened again, shared, and put into a test.</p>
${copyBox('link', url)}
${actions([linkButton(url, html`Launch ${icons.arrow}`, 'main'), copyButton('link', 'Copy link')])}
${copyStatus}
${onlyHere(link)}`

/** What an app with a scheme of its own needs: the browser gives the answer to whatever app has the scheme. */
const ownSchemeShown = ({ redirectUris }: LaunchLink): Html => {
  const own = redirectUris.find((uri) => !isAbsoluteHttpUrl(uri))
  return own === undefined
    ? emptyHtml
    : html`<p>The app is answered at ${foreignCode(own)}. Open the launch on the device that has the app: on any other
one, the browser stops at the end of the launch.</p>`
}

const standaloneShown = (link: LaunchLink, pageAddress: string): Html => html`
<p>Put this FHIR base URL and this client_id into the app, and open the app. It reads the discovery document, and sends
the user here to sign in. The address holds everything that you chose.</p>
${addresses(link)}
${
  link.url === null
    ? html`<p><span id="link-is">The app has no launch URL, so the link is that of the page "Connect your app".</span>
It has these addresses for the person who sets up the app:</p>
${copyBox('link', pageAddress)}
${actions([copyButton('link', 'Copy link')])}
${copyStatus}
${onlyHere(link)}`
    : html`<p>The launch URL of the app takes the FHIR base URL as <code>iss</code>:</p>${linkShown(link, link.url)}`
}`

/** The title of the page. */
export const linkTitle = ({ kind }: LaunchLink): string =>
  kind === 'backend' ? 'Your backend service' : kind === 'standalone' ? 'Connect your app' : 'Your link'

/** What is said if nothing answers at a launch URL. `anyway` is the address that launches the app all the same. */
const nothingAnswers = (launchUri: string, anyway: string): Html =>
  notice(
    'warn',
    html`<p>Nothing answers at ${foreignCode(originOf(launchUri))}. Start the app, then launch it. This server may also
be unable to reach an address that your browser can reach: then <a href="${anyway}">launch it all the same</a>.</p>`
  )

/** The contents of the page in place of a launch, if nothing answers at the launch URL. */
export const silentLaunch = (
  homePath: string,
  {
    again,
    anyway,
    launchUri,
    panel
  }: {
    readonly launchUri: string
    /** The address of the launch, and the same without this check. */
    readonly again: string
    readonly anyway: string
    /** The address of the launch page with this launch. */
    readonly panel: string
  }
): Html => html`${nothingAnswers(launchUri, anyway)}
${actions([
  linkButton(again, html`Try again`, 'main'),
  linkButton(panel, html`Change the launch link`),
  toLaunchPage(homePath)
])}`

/** What the link does not hold of the form. */
export const leftOutNotice = (names: ReadonlyArray<string>): Html =>
  names.length === 0
    ? emptyHtml
    : notice(
        'warn',
        html`<p>Left out: <code>${names.join(', ')}</code>. An app gets them in launches from the record system only,
with the scope <code>launch</code>.</p>`
      )

/**
 * The contents of the page. `back` is the address of the form with its fields, `address` that of the page itself, and
 * `silent` says that no app answers.
 */
export const launchLinkPage = (
  link: LaunchLink,
  { address, back, silent }: { readonly address: string; readonly back: string; readonly silent: boolean }
): Html => html`
${
  silent && link.launchUri !== null && link.url !== null
    ? nothingAnswers(link.launchUri, link.kind === 'standalone' ? link.url : `${link.url}&unchecked=yes`)
    : emptyHtml
}
${card(
  null,
  link.kind === 'standalone'
    ? standaloneShown(link, address)
    : link.url === null
      ? backendShown(link)
      : html`${linkShown(link, link.url)}
${addresses(link)}`
)}
${ownSchemeShown(link)}
<p><a href="${back}">Back to the form</a></p>`
