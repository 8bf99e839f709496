/** The form of the launch page: its fields, and the launch setting that they describe. */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import { choiceComplaint, launchKinds, skippableSteps } from './choice-fields.js'
import { keysLabel, readKeys } from './keys-field.js'
import { missingOwnAppField, ownAppLabels, wrongOwnAppAddress } from './own-app-fields.js'
import { malformedScopeComplaint, scopesIn } from './scope-field.js'
import type { OwnApp } from '../settings/own-app.js'
import type { LaunchSetting } from '../settings/setting.js'
import { anyUser } from '../config/user-subject.js'
import { decodeSetting, encodeSetting } from '../settings/setting.js'
import type { Parameters } from '../../protocol/http/form.js'
import { printForm } from '../../protocol/http/form.js'
import type { SmartPolicy } from '../../protocol/policy/policy.js'
import { parseJson } from '../../values/json.js'
import { limits } from '../../values/limits/limits.js'
import { noMembers } from '../../values/own.js'

/** How an app is launched. */
export type LaunchKind = (typeof launchKinds)[number]

/** The label of the field `app`. */
export const appLabel = 'Which app'

/** The value of the field `app` for an app by its addresses. */
export const ownAppValue = '*'

/** The label of that value. */
export const ownAppOption = 'Another app, by its URLs'

/** The fields of the form. A field that is empty is an empty text. */
export interface LaunchFields {
  readonly kind: LaunchKind
  /** Whether the query says the kind; else the app decides it. */
  readonly isKindGiven: boolean
  /** The id of a registered app, or `*`. */
  readonly app: string
  readonly launch_uri: string
  readonly redirect_uris: string
  readonly client_id: string
  readonly client_secret: string
  /** How the app sends its secret; empty for the default, in the header. */
  readonly secret_method: string
  readonly client_name: string
  /** `native` for an app that is installed on a device; empty for any other. */
  readonly application_type: string
  /** The widest scope that the app can get; empty for everything that an app of its kind can request. */
  readonly scope: string
  /** A JWK Set, or its URL; the URL alone may also be in `jwks_uri`. */
  readonly keys: string
  /** The name of the user, or `*` if the launch names none; empty for the first user. */
  readonly user: string
  readonly name: string
  readonly sex: string
  readonly born: string
  readonly page: string
  /** The search whose patients the sent page has listed, as `patientSearchOf` gives it. */
  readonly listed: string
  /** `encounters` if the encounters of the chosen patient are to be shown. */
  readonly show: string
  /** The button that sent the form: `launch`, `link`, or `enter` for the key in a field. */
  readonly go: string
  readonly patient: string
  readonly encounter: string
  readonly intent: string
  readonly banner: string
  readonly style: string
  readonly tenant: string
  readonly context: string
  readonly spec: string
  readonly skip: ReadonlyArray<string>
  readonly misbehavior: string
  /** The box `show in a frame`. */
  readonly frame: string
  /** What is wrong with a choice in the query that the form cannot show; null for nothing. */
  readonly wrongChoice: string | null
}

/** The parameters of the panel beside its fields. */
const otherParameters: ReadonlyArray<string> = ['jwks_uri', 'removed']

/** The fields in a query. A form that was not sent yet has the values of its first display. */
export const readFields = (form: Parameters): LaunchFields => {
  const value = (name: string): string => (form.get(name)?.[0] ?? '').trim()
  const kind = value('kind')
  const fields = {
    kind: launchKinds.find((one) => one === kind) ?? 'ehr',
    isKindGiven: kind !== '',
    app: value('app'),
    launch_uri: value('launch_uri'),
    redirect_uris: value('redirect_uris'),
    client_id: value('client_id'),
    client_secret: value('client_secret'),
    secret_method: value('secret_method'),
    client_name: value('client_name'),
    application_type: value('application_type'),
    scope: value('scope'),
    keys: (value('keys') === '' ? value('jwks_uri') : value('keys')).replaceAll('\r\n', '\n'),
    user: value('user'),
    name: value('name'),
    sex: value('sex'),
    born: value('born'),
    page: value('page'),
    listed: form.get('listed')?.[0] ?? '',
    show: value('show'),
    go: value('go'),
    patient: value('patient'),
    encounter: value('encounter'),
    intent: value('intent'),
    banner: value('banner'),
    style: value('style'),
    tenant: value('tenant'),
    context: value('context'),
    spec: value('spec'),
    skip: skippableSteps.filter((step) => form.get('skip')?.includes(step)),
    misbehavior: value('misbehavior'),
    frame: value('frame')
  }
  return { ...fields, wrongChoice: choiceComplaint(form, [...Object.keys(fields), ...otherParameters]) }
}

/** The search of the form as one text. */
export const patientSearchOf = ({ born, name, sex }: Pick<LaunchFields, 'born' | 'name' | 'sex'>): string =>
  printForm([
    ['name', name],
    ['sex', sex],
    ['born', born]
  ])

/** Whether the key Enter sent a search: the form has another one than that whose patients it lists. */
export const isSearchByEnter = (fields: LaunchFields): boolean =>
  fields.go === 'enter' &&
  patientSearchOf(fields) !== (fields.listed === '' ? patientSearchOf(readFields(new Map())) : fields.listed)

/** The steps that a launch in a frame leaves out: no page of the server can be in a frame. */
export const framedSteps = ['sign-in', 'consent'] as const

const wrong = (sentence: string): Either.Either<string, never> => Either.left(sentence)

/** The items of `fhirContext`: a JSON array, or references in lines. */
const contextIn = (text: string): Either.Either<string, unknown> => {
  if (!text.startsWith('[')) {
    const lines = text.split(/\s+/).filter((line) => line !== '')
    return Either.right(lines.map((reference) => ({ reference })))
  }
  const json = parseJson(text)
  return Option.isSome(json) ? Either.right(json.value) : wrong('fhirContext: expected JSON, or Type/id in lines.')
}

/** Whether fields of an app by its URLs are filled in. A registered app can have the launch URL. */
const namesOwnApp = ({ client_id, redirect_uris }: LaunchFields): boolean => client_id !== '' || redirect_uris !== ''

const isSecretMethod = (text: string): text is 'client_secret_basic' | 'client_secret_post' =>
  text === 'client_secret_basic' || text === 'client_secret_post'

const isAppType = (text: string): text is 'native' | 'web' => text === 'native' || text === 'web'

/** The members of an app that users open. */
const membersForUsers = ({
  application_type,
  client_secret,
  launch_uri,
  redirect_uris,
  secret_method
}: LaunchFields) => ({
  ...(isAppType(application_type) ? { application_type } : noMembers),
  ...(launch_uri === '' ? noMembers : { launch_uri }),
  ...(redirect_uris === '' ? noMembers : { redirect_uris: redirect_uris.split(/\s+/).filter((uri) => uri !== '') }),
  ...(client_secret === '' ? noMembers : { client_secret }),
  ...(client_secret !== '' && isSecretMethod(secret_method) ? { token_endpoint_auth_method: secret_method } : noMembers)
})

/** The app of the form; null for a registered one. */
const ownAppIn = (fields: LaunchFields): Either.Either<string, OwnApp | null> => {
  if (fields.app !== ownAppValue)
    return namesOwnApp(fields)
      ? wrong(`${appLabel}: the URLs of another app are filled in below. Choose it here, or empty these fields.`)
      : Either.right(null)
  const missing = missingOwnAppField(fields)
  if (missing !== null) return wrong(missing)
  if (fields.kind === 'backend' && fields.keys === '')
    return wrong(`${keysLabel}: a backend service needs them. Paste its JWK Set, or enter the URL.`)
  return pipe(
    readKeys(fields.keys),
    Either.map((keys) => ({
      client_id: fields.client_id,
      ...(fields.client_name === '' ? noMembers : { client_name: fields.client_name }),
      ...(fields.scope === '' ? noMembers : { scope: scopesIn(fields.scope).join(' ') }),
      ...(fields.kind === 'backend' ? noMembers : membersForUsers(fields)),
      ...keys
    }))
  )
}

const given = (name: string, value: string): Readonly<Record<string, unknown>> =>
  value === '' ? noMembers : { [name]: value }

/** The names of fields for a sentence about a member of the setting. */
const labels: ReadonlyMap<string, string> = new Map([
  ['app.redirect_uris', ownAppLabels.redirectUris],
  ['app.launch_uri', ownAppLabels.launchUri],
  ['app.client_id', ownAppLabels.clientId],
  ['app.client_secret', 'client_secret'],
  ['app.client_name', ownAppLabels.clientName],
  ['app.application_type', ownAppLabels.applicationType],
  ['app.scope', ownAppLabels.scope],
  ['app.jwks', keysLabel],
  ['app.jwks_uri', keysLabel],
  ['context', 'fhirContext'],
  ['style', 'smart_style_url']
])

/**
 * The filled fields that a launch of the app by itself leaves out. They belong to launches from the record system:
 * scopes-and-launch-context requests them with the scope `launch`.
 */
export const leftOutFields = ({ context, intent, kind, style, tenant }: LaunchFields): ReadonlyArray<string> =>
  kind !== 'standalone'
    ? []
    : Object.entries({ intent, smart_style_url: style, tenant, fhirContext: context }).flatMap(([name, value]) =>
        value === '' ? [] : [name]
      )

/**
 * The launch setting that the fields describe; left with a sentence. What a backend service has no use for is left out.
 */
export const settingOf = (
  fields: LaunchFields,
  release: SmartPolicy['specVersion']
): Either.Either<string, LaunchSetting> => {
  const ownApp = ownAppIn(fields)
  if (Either.isLeft(ownApp)) return ownApp
  const app = ownApp.right
  const isForUser = fields.kind !== 'backend'
  const isFromEhr = fields.kind === 'ehr' || fields.kind === 'portal'
  // The form hides what a kind of launch has no use for, so that no complaint may be about it.
  const context = isFromEhr ? contextIn(fields.context) : Either.right([])
  if (Either.isLeft(context)) return context
  const skip = fields.frame === '' || !isFromEhr ? fields.skip : framedSteps
  const members = {
    ...given('spec', fields.spec),
    ...given('misbehavior', fields.misbehavior),
    ...(app === null ? noMembers : { app }),
    ...(isForUser && fields.user !== anyUser ? given('user', fields.user) : noMembers),
    ...(isForUser && skip.length > 0 ? { skip } : noMembers),
    ...(isForUser ? given('patient', fields.patient) : noMembers),
    ...(isForUser ? given('encounter', fields.encounter) : noMembers),
    ...(isForUser && fields.banner !== '' ? { banner: fields.banner === 'yes' } : noMembers),
    ...(isFromEhr ? given('intent', fields.intent) : noMembers),
    ...(isFromEhr ? given('style', fields.style) : noMembers),
    ...(isFromEhr ? given('tenant', fields.tenant) : noMembers),
    ...(isFromEhr && fields.context !== '' ? { context: context.right } : noMembers)
  }
  const text = encodeSetting(members as LaunchSetting)
  const decoded = decodeSetting(text, release)
  if (Either.isRight(decoded)) return decoded
  const { path, expected, found } = decoded.left
  if (text.length > limits.simulatorSetting.default && (app?.jwks ?? null) !== null)
    return wrong(`${keysLabel}: the link has no room for them. Give fewer keys, or the URL of the JWK Set.`)
  const address = app === null ? null : wrongOwnAppAddress(app)
  if (address !== null) return wrong(address)
  const scope = path === 'app.scope' ? malformedScopeComplaint(fields.scope) : null
  if (scope !== null) return wrong(`${ownAppLabels.scope}: ${scope}`)
  if (path === '') return wrong(`The link has no room for all this: expected ${expected}.`)
  const [, member = path, inside = ''] = /^([^[]*)(.*)$/.exec(path) ?? []
  // The place in a list helps where the field shows the list itself.
  const place = member === 'context' && inside !== '' ? `at ${inside} ` : ''
  const value = place === '' || found === null ? '' : `, found ${found}`
  return wrong(`${labels.get(member) ?? path}: ${place}expected ${expected}${value}.`)
}
