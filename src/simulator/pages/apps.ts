/** The pages about apps: the list, the form of an app, and what an app needs after it was registered. */
import {
  actions,
  badge,
  button,
  card,
  cards,
  field,
  keysArea,
  knownFacts,
  linkButton,
  notice,
  onlySpoken,
  select,
  textArea,
  textInput
} from '../design/parts.js'
import { keysLabel } from '../launch/keys-field.js'
import type { AppUse, ScopeUse } from '../log/app-use.js'
import { logLink } from '../log/linked-answer.js'
import { interactionInWords } from '../log/log-line.js'
import { copyableText, copyStatus } from '../design/copy.js'
import type { SelfRegistration } from './self-registration.js'
import { selfRegistrationShown } from './self-registration.js'
import type { AppFields } from '../launch/app-form.js'
import { appFormLabels } from '../launch/app-form.js'
import type { Html } from '../../host/html.js'
import { emptyHtml, foreignCode, foreignText, html } from '../../host/html.js'
import { shown } from '../../values/shown-text.js'

/** An app on the page. */
export interface AppShown {
  readonly id: string
  readonly name: string
  readonly launchUris: ReadonlyArray<string>
  readonly redirectUris: ReadonlyArray<string>
  /** The widest scope that it may get; empty for none. */
  readonly scope: string
  /** Whether it is installed on a device. */
  readonly isNative: boolean
  readonly use: AppUse
  /** What stands for its newest grant in addresses; null if it has none. */
  readonly grantHandle: string | null
  /** Where it comes from. */
  readonly from: 'configuration' | 'page' | 'endpoint' | 'urls'
  /** Whether it can be changed and removed here. */
  readonly isManaged: boolean
  /** Whether it is not registered, and a registered app with other addresses has its id. */
  readonly hasIdOfRegistered: boolean
  /** The query of the launch page, and that of the form which registers it; null if it is registered. */
  readonly launchQuery: string
  readonly registerQuery: string | null
}

const origins = {
  configuration: { text: 'of the configuration, fixed', tone: 'plain' },
  page: { text: 'registered here', tone: 'accent' },
  endpoint: { text: 'registered itself', tone: 'plain' },
  urls: { text: 'launched by its URLs, not registered', tone: 'warn' }
} as const

const addresses = (uris: ReadonlyArray<string>): Html =>
  uris.length === 0 ? html`none` : html`${uris.map((uri) => html`${foreignCode(uri)}<br>`)}`

const scopesOf = (text: string): Html =>
  html`<ul class="scopes">${text.split(' ').map((scope) => html`<li>${foreignCode(scope)}</li>`)}</ul>`

const useShown = ({ interactions, scope, use }: ScopeUse): Html =>
  html`<li>${foreignCode(scope)} ${
    use === 'none'
      ? emptyHtml
      : use === 'unused'
        ? badge('not used yet', 'plain')
        : badge(`used: ${interactions.map((one) => interactionInWords(one).toLowerCase()).join(', ')}`, 'good')
  }</li>`

const requestedShown = (homePath: string, { requested }: AppUse): Html =>
  requested === null
    ? html`nothing in the log`
    : html`${scopesOf(requested.scope)} <a href="${homePath}/ehr/log/${requested.lineId}">the request</a>`

const grantedShown = (homePath: string, { granted }: AppUse, handle: string | null): Html =>
  granted === null || handle === null
    ? html`no grant on the list`
    : html`<ul class="scopes">${granted.map(useShown)}</ul> <a href="${homePath}/ehr/grants/${handle}">the grant</a>`

const appShown =
  (homePath: string, proof: Html) =>
  (app: AppShown): Html => {
    const {
      from,
      grantHandle,
      hasIdOfRegistered,
      id,
      isManaged,
      isNative,
      launchUris,
      name,
      redirectUris,
      scope,
      use
    } = app
    const query = `client_id=${encodeURIComponent(id)}`
    return card(
      html`${foreignText(name)}`,
      html`<p>${badge(origins[from].text, origins[from].tone)}</p>
${knownFacts([
  ['client_id', foreignCode(id)],
  ['Type of app', isNative ? html`native` : emptyHtml],
  ['Launch URLs', addresses(launchUris)],
  ['Redirect URLs', addresses(redirectUris)],
  ['Scope', scope === '' ? html`none` : foreignCode(scope)],
  ['Requested last', requestedShown(homePath, use)],
  ['Granted last', grantedShown(homePath, use, grantHandle)],
  ['Not granted', use.notGranted === '' ? emptyHtml : scopesOf(use.notGranted)]
])}
<p><a href="${homePath}/?${app.launchQuery}">Launch it${onlySpoken(html`: ${shown(id)}`)}</a>,
<a href="${homePath}/ehr/log?app=${encodeURIComponent(id)}">see its log${onlySpoken(html`: ${shown(id)}`)}</a></p>
${
  isManaged
    ? html`${actions([linkButton(`${homePath}/ehr/apps/change?${query}`, html`Change`)])}
<details><summary>Remove it</summary><form method="post" action="${homePath}/ehr/apps/remove">${proof}
<input type="hidden" name="client_id" value="${id}"><p>Its registration ends,
with its codes and tokens. This cannot be undone.${
        from === 'endpoint' ? ' The app registered itself, and may register itself anew.' : ''
      }</p>
${button(html`Remove ${foreignText(name)}`, 'danger')}</form></details>`
    : hasIdOfRegistered
      ? html`<p class="quiet">A registered app has this client_id. Links that contain this app go on with it.</p>`
      : app.registerQuery === null
        ? emptyHtml
        : actions([linkButton(`${homePath}/ehr/apps/new?${app.registerQuery}`, html`Register it`)])
}`
    )
  }

/** The data of the list. */
interface AppsView {
  readonly homePath: string
  readonly apps: ReadonlyArray<AppShown>
  /** How many apps that registered themselves have left the list for newer ones. */
  readonly unlisted: number
  readonly registration: SelfRegistration
  /** The name of the app that was removed just now; null for none. */
  readonly removed: string | null
}

const removedShown = (name: string): Html =>
  notice(
    'good',
    html`<p>The app ${foreignText(name)} is removed. Its registration, grants, codes and tokens have ended. An app
that was launched by its URLs too stays on the list, not registered.</p>`
  )

/** The list of apps. */
export const appsPage = ({ apps, homePath, registration, removed, unlisted }: AppsView, proof: Html): Html => html`
${removed === null ? emptyHtml : removedShown(removed)}
<p>The apps that this record system knows, with what each requested, was granted and used. An app that is launched by
its URLs needs no registration; it is listed here as long as the log or a grant names it. Registered, it keeps its id,
and the links that contain it go on.</p>
<p>${linkButton(`${homePath}/ehr/apps/new`, html`Register an app`, 'main')}</p>
${cards(apps.map(appShown(homePath, proof)))}
${
  unlisted === 0
    ? emptyHtml
    : html`<p class="quiet">${String(unlisted)} older app${unlisted === 1 ? '' : 's'} that registered
${unlisted === 1 ? 'itself' : 'themselves'} left this list for newer ones. They stay registered, and can remove their
registration themselves.</p>`
}
${selfRegistrationShown(registration)}`

const methods = [
  { value: 'none', label: 'none: a public app, with PKCE' },
  { value: 'client_secret_basic', label: 'client_secret_basic' },
  { value: 'client_secret_post', label: 'client_secret_post' },
  { value: 'private_key_jwt', label: 'private_key_jwt: its own key' }
]

const types = [
  { value: 'web', label: 'web: a browser opens it' },
  { value: 'native', label: 'native: it is installed on a device' }
]

const area = (name: string, value: string, placeholder: string): Html =>
  textArea(name, value, { rows: 2, isLimited: false, placeholder })

/** The form of an app. */
export interface AppFormView {
  readonly action: string
  readonly homePath: string
  readonly fields: AppFields
  /** The id of the app that is changed; null for a new one. */
  readonly clientId: string | null
  readonly complaint: string | null
}

const unknownShown = ({ clientId, complaint, fields, homePath }: AppFormView): Html =>
  // What was typed and refused is not what an app sends.
  fields.client_id === '' || clientId !== null || complaint !== null
    ? emptyHtml
    : notice(
        'plain',
        html`<p>The app sends the id ${foreignCode(fields.client_id)}, and keeps it. Without a registration,
<a href="${homePath}/?kind=standalone&amp;app=*&amp;client_id=${encodeURIComponent(
          fields.client_id
        )}&amp;redirect_uris=${encodeURIComponent(fields.redirect_uris)}${
          fields.application_type === 'native' ? html`&amp;application_type=native` : emptyHtml
        }">launch it by its URLs</a>.</p>`
      )

/** The complaint, with the way to its field. A complaint about a field begins with the label. */
const complaintShown = ({ complaint, homePath }: AppFormView): Html => {
  if (complaint === null) return emptyHtml
  const isAboutField = Object.values(appFormLabels).some((label) => complaint.startsWith(`${label}: `))
  return notice(
    'bad',
    html`<p>${complaint}${isAboutField ? html` <a href="#wrong">Go to the field</a>.` : emptyHtml} <a ${{
      html: logLink(homePath)
    }}>The log of this server</a> says more.</p>`
  )
}

/** The contents of the form page. */
export const appFormPage = (view: AppFormView, proof: Html): Html => html`
${complaintShown(view)}
${unknownShown(view)}
<form class="card" method="post" action="${view.action}">${proof}
${
  view.clientId === null
    ? emptyHtml
    : html`<input type="hidden" name="client_id" value="${view.clientId}">
<p><code>client_id</code>: ${foreignCode(view.clientId)}</p>`
}
<div class="columns">
${field(appFormLabels.client_name, textInput('client_name', view.fields.client_name), emptyHtml, view.complaint)}
${
  view.clientId === null
    ? field(
        appFormLabels.client_id,
        textInput('client_id', view.fields.client_id),
        html`The id that the app sends already, which it keeps. Empty: the server assigns one.`,
        view.complaint
      )
    : emptyHtml
}
${field(
  appFormLabels.token_endpoint_auth_method,
  select('method', methods, view.fields.method),
  emptyHtml,
  view.complaint
)}
${field(
  appFormLabels.application_type,
  select('application_type', types, view.fields.application_type),
  emptyHtml,
  view.complaint
)}
${field(
  appFormLabels.redirect_uris,
  area('redirect_uris', view.fields.redirect_uris, 'http://localhost:3000/'),
  html`One in each line. Required, unless the app is a backend service. A native app may have a scheme of its own, as
<code>com.example.app:/callback</code>, and any port of its address at 127.0.0.1.`,
  view.complaint
)}
${field(
  appFormLabels.launch_uris,
  area('launch_uris', view.fields.launch_uris, 'http://localhost:3000/launch'),
  emptyHtml,
  view.complaint
)}
${field(
  keysLabel,
  keysArea(view.fields.keys),
  html`For private_key_jwt: a JWK Set, or its URL. Public keys only.`,
  view.complaint
)}
${field(
  appFormLabels.scope,
  area('scope', view.fields.scope, ''),
  html`The widest scope. Empty: everything.`,
  view.complaint
)}
</div>
${actions([
  button(view.clientId === null ? html`Register` : html`Change`, 'main'),
  linkButton(`${view.homePath}/ehr/apps`, html`Cancel`)
])}
</form>`

/** What the app needs. The secret is shown on no other page. */
export const registeredPage = (
  homePath: string,
  fhirBaseUrl: string,
  { clientId, leftOut, secret }: { readonly clientId: string; readonly leftOut: string; readonly secret: string | null }
): Html => html`
${
  leftOut === ''
    ? emptyHtml
    : notice(
        'warn',
        html`<p>These scopes are not registered as they were written, because this server does not offer all that they
contain: ${foreignCode(leftOut)}.</p>`
      )
}
${card(
  null,
  html`${copyableText('client_id', html`<code>client_id</code>:`, clientId)}
${secret === null ? emptyHtml : copyableText('client_secret', html`<code>client_secret</code>:`, secret)}
${secret === null ? emptyHtml : html`<p>No other page shows the secret. Copy it now.</p>`}
${copyableText('iss', html`FHIR base URL (<code>iss</code>), if the app starts by itself:`, fhirBaseUrl)}
${copyStatus}
${actions([
  linkButton(`${homePath}/?app=${encodeURIComponent(clientId)}`, html`Launch it`, 'main'),
  linkButton(`${homePath}/ehr/apps/change?client_id=${encodeURIComponent(clientId)}`, html`Change`),
  linkButton(`${homePath}/ehr/apps`, html`All apps`)
])}`
)}`

/** The page in place of a change or a removal that is not possible. Nothing is wrong with an app that is removed. */
export const unmanagedAppPage = (
  homePath: string,
  {
    accepted,
    isRemoved,
    sentence
  }: { readonly sentence: string; readonly accepted: string; readonly isRemoved: boolean }
): { readonly title: string; readonly body: Html } => ({
  title: isRemoved ? 'This app is removed' : 'This app is not changed here',
  body: html`${notice(isRemoved ? 'plain' : 'bad', html`<p>${sentence}</p>`)}
<p>${accepted}</p>
${actions([
  linkButton(`${homePath}/ehr/apps`, html`All apps`, 'main'),
  linkButton(`${homePath}/ehr/apps/new`, html`Register an app`)
])}
<p class="quiet"><a ${{ html: logLink(homePath) }}>The log of this server</a> says more.</p>`
})
