/** The fields of the launch page about the app: a registered one, or one by its URLs. */
import { field, keysArea, select, textInput } from '../design/parts.js'
import type { Option } from '../design/parts.js'
import { choiceLabels } from '../launch/choice-fields.js'
import { keysLabel, keysLength } from '../launch/keys-field.js'
import type { LaunchFields } from '../launch/launch-form.js'
import { appLabel, ownAppOption, ownAppValue } from '../launch/launch-form.js'
import { ownAppLabels } from '../launch/own-app-fields.js'
import type { Html } from '../../host/html.js'
import { emptyHtml, html } from '../../host/html.js'
import { shown } from '../../values/shown-text.js'

/** An app that can be chosen. */
export interface AppChoice {
  readonly id: string
  readonly name: string
  /** The origin of its launch URL; left out if it has none. */
  readonly origin?: string
  /** Whether users open it; not so for a backend service. */
  readonly isForUsers: boolean
}

/** One character more than fits into a link, so that a text that is too long is noticed. */
export const atMost = String(keysLength + 1)

/** Some fields act in some kinds of launches only; the style sheet hides them in the others. */
export const only = (kinds: 'for-user' | 'for-ehr', body: Html): Html => html`<div class="${kinds}">${body}</div>`

/** The types of an app by its URLs. */
const appTypes: ReadonlyArray<Option> = [
  { value: '', label: 'web: a browser opens it' },
  { value: 'native', label: 'native: it is installed on a device' }
]

/** The fields of the app: which one, and what it is if it is not registered. */
export const appShown = ({
  apps,
  complaint,
  fields
}: {
  readonly apps: ReadonlyArray<AppChoice>
  readonly complaint: string | null
  readonly fields: LaunchFields
}): Html => {
  const options: ReadonlyArray<Option> = [
    ...apps.map(({ id, name, origin }) => ({
      value: id,
      label: origin === undefined ? name : `${name}, at ${origin}`
    })),
    { value: ownAppValue, label: ownAppOption }
  ]
  return html`<fieldset><legend>App</legend>
${field(appLabel, select('app', options, fields.app), emptyHtml, complaint)}
<fieldset class="own-app" id="own-app">
<p class="quiet">An app by its URLs needs no registration: the link contains it. Use https, or http on this machine.</p>
<div class="columns">
${only(
  'for-user',
  field(
    ownAppLabels.launchUri,
    textInput('launch_uri', fields.launch_uri, 'http://localhost:3000/launch'),
    html`Required, unless the app is launched by itself.`,
    complaint
  )
)}
${only(
  'for-user',
  field(
    ownAppLabels.redirectUris,
    html`<textarea name="redirect_uris" rows="2" spellcheck="false" maxlength="${atMost}"
placeholder="http://localhost:3000/callback">${shown(fields.redirect_uris, 4096)}</textarea>`,
    html`Required. One in each line, exactly as the app sends them. A native app may have a scheme of its own, as
<code>com.example.app:/callback</code>.`,
    complaint
  )
)}
${only(
  'for-user',
  field(
    ownAppLabels.applicationType,
    select('application_type', appTypes, fields.application_type),
    emptyHtml,
    complaint
  )
)}
${field(
  ownAppLabels.clientId,
  textInput('client_id', fields.client_id, 'any-id'),
  html`Required. The id that the app sends.`,
  complaint
)}
${only(
  'for-user',
  field(
    'client_secret',
    textInput('client_secret', fields.client_secret),
    html`Empty for a public app, with PKCE. It is part of the link.`,
    complaint
  )
)}
${only(
  'for-user',
  field(
    choiceLabels.secret_method,
    select(
      'secret_method',
      [
        { value: '', label: 'in a header, as usual' },
        { value: 'client_secret_basic', label: 'client_secret_basic: in a header' },
        { value: 'client_secret_post', label: 'client_secret_post: in the body' }
      ],
      fields.secret_method
    ),
    emptyHtml,
    complaint
  )
)}
${field(
  ownAppLabels.clientName,
  textInput('client_name', fields.client_name),
  html`What the pages call the app. Empty for its client_id.`,
  complaint
)}
${field(
  ownAppLabels.scope,
  textInput('scope', fields.scope, 'launch openid fhirUser patient/*.rs'),
  html`The widest scope that the app can get. Empty for all that an app of its kind can request.`,
  complaint
)}
${field(
  keysLabel,
  keysArea(fields.keys),
  html`A JWK Set or its URL, for private_key_jwt and backend services. Public keys only: they are part of the link.`,
  complaint
)}
</div></fieldset></fieldset>`
}
