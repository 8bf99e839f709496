/** The fields of the launch page about the app: a registered one, or one by its URLs. */
import { field, keysArea, select, textArea, textInput } from '../design/parts.js'
import type { Option } from '../design/parts.js'
import { choiceLabels } from '../launch/choice-fields.js'
import { keysLabel, keysLength } from '../launch/keys-field.js'
import type { LaunchFields } from '../launch/launch-form.js'
import { appLabel, ownAppOption, ownAppValue } from '../launch/launch-form.js'
import { ownAppLabels } from '../launch/own-app-fields.js'
import type { Html } from '../../host/html.js'
import { emptyHtml, html } from '../../host/html.js'

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
const atMost = String(keysLength + 1)

/** Some fields act in some kinds of launches only; the style sheet hides them in the others. */
export const only = (kinds: 'for-user' | 'for-ehr', body: Html): Html => html`<div class="${kinds}">${body}</div>`

const secretLabel = 'client_secret'

/** The types of an app by its URLs. */
const appTypes: ReadonlyArray<Option> = [
  { value: '', label: 'web: a browser opens it' },
  { value: 'native', label: 'native: it is installed on a device' }
]

/** The fields that an app may leave empty, and their labels. */
const optional: ReadonlyArray<readonly [name: keyof LaunchFields, label: string]> = [
  ['client_secret', secretLabel],
  ['secret_method', choiceLabels.secret_method],
  ['keys', keysLabel],
  ['scope', ownAppLabels.scope],
  ['client_name', ownAppLabels.clientName],
  ['application_type', ownAppLabels.applicationType]
]

/** The data of the fields. */
interface OwnAppView {
  readonly apps: ReadonlyArray<AppChoice>
  readonly complaint: string | null
  readonly fields: LaunchFields
}

/** Whether an optional field is filled in, is wrong, or is needed after all. */
const hasOptional = ({ complaint, fields }: OwnAppView): boolean =>
  fields.kind === 'backend' ||
  optional.some(([name, label]) => fields[name] !== '' || complaint?.startsWith(`${label}: `) === true)

const neededShown = ({ complaint, fields }: OwnAppView): Html => html`<div class="columns">
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
    textArea('redirect_uris', fields.redirect_uris, { rows: 2, placeholder: 'http://localhost:3000/callback' }),
    html`Required. One in each line, exactly as the app sends them. A native app may have a scheme of its own, as
<code>com.example.app:/callback</code>.`,
    complaint
  )
)}
${field(
  ownAppLabels.clientId,
  textInput('client_id', fields.client_id, 'any-id'),
  html`Required. The id that the app sends.`,
  complaint
)}
</div>`

const optionalShown = ({ complaint, fields }: OwnAppView): Html => html`<div class="columns">
${only(
  'for-user',
  field(
    secretLabel,
    html`<input type="text" name="client_secret" value="${fields.client_secret}" spellcheck="false" autocomplete="off"
maxlength="${atMost}">`,
    html`Empty for a public app, with PKCE. It is part of the link. Only this tab keeps it, until it is closed.`,
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
  keysLabel,
  keysArea(fields.keys),
  html`A JWK Set or its URL, for private_key_jwt and backend services. Public keys only: they are part of the link.`,
  complaint
)}
${field(
  ownAppLabels.scope,
  textInput('scope', fields.scope),
  html`The widest scope that the app can get<span class="for-user">, as <code>launch openid fhirUser
patient/*.rs</code></span><span class="for-service">, as <code>system/*.rs</code></span>. Empty for all that an app of
its kind can request.`,
  complaint
)}
${field(
  ownAppLabels.clientName,
  textInput('client_name', fields.client_name),
  html`What the pages call the app. Empty for its client_id.`,
  complaint
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
</div>`

/** The fields of the app: which one, and what it is if it is not registered. */
export const appShown = (view: OwnAppView): Html => {
  const { apps, complaint, fields } = view
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
${neededShown(view)}
<details id="more-of-app"${hasOptional(view) ? html` open` : emptyHtml}><summary>Secret, keys, scope, name and
type<span class="for-service"> (a backend service needs its keys)</span></summary>
${optionalShown(view)}</details></fieldset></fieldset>`
}
