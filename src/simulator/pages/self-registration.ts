/** The part of the page of apps about apps that register themselves (RFC 7591): where, and whether they may. */
import type { Config } from '../config/config.js'
import { copyBox, copyButton, copyStatus } from '../design/copy.js'
import { actions, badge, card } from '../design/parts.js'
import type { Html } from '../../host/html.js'
import { html } from '../../host/html.js'

/** What the part is about. */
export interface SelfRegistration {
  readonly mode: Config['registration']
  readonly endpoint: string
}

const metadata = JSON.stringify({
  client_name: 'My app',
  redirect_uris: ['http://localhost:3000/callback'],
  token_endpoint_auth_method: 'none'
})

/** The command that registers an app, or else the one that starts a simulator at which apps may register. */
const commandOf = ({ endpoint, mode }: SelfRegistration): string => {
  if (mode === 'closed')
    return `echo '{ "registration": "open" }' > simulator.json\nnpm start -- --config simulator.json`
  const token = mode === 'token' ? `  -H "Authorization: Bearer $INITIAL_ACCESS_TOKEN" \\\n` : ''
  return `curl -H 'Content-Type: application/json' \\\n${token}  -d '${metadata}' \\\n  ${endpoint}`
}

const sentences: Readonly<Record<Config['registration'], Html>> = {
  closed: html`It is closed, so no app can register itself. A refused attempt has a line in the log. The member
<code>registration</code> of the configuration opens it: with <code>open</code> to every app, with <code>token</code> to
those that have the initial access token, which is printed at the start. A simulator that has a configuration file needs
the member there; these commands start one with a new file (also with <code>smart-app-launch serve</code> in place of
<code>npm start --</code>):`,
  token: html`An app can register itself with the initial access token, which is printed at the start:`,
  open: html`Every app can register itself:`
}

const states: Readonly<Record<Config['registration'], Html>> = {
  closed: badge('closed', 'warn'),
  token: badge('with a token', 'accent'),
  open: badge('open', 'good')
}

/** The card. */
export const selfRegistrationShown = (registration: SelfRegistration): Html =>
  card(
    html`Apps that register themselves`,
    html`<p>${states[registration.mode]} The registration endpoint is <code>${registration.endpoint}</code>.
${sentences[registration.mode]}</p>
${copyBox('command', commandOf(registration))}
${actions([copyButton('command', 'Copy the command')])}
${copyStatus}`
  )
