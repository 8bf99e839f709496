/**
 * A launch setting: what a link says about the server, its misbehavior and the launch.
 *
 * It is part of the FHIR base URL, `<public base>/sim/<setting>/fhir`, as base64url of canonical JSON (RFC 8785), so
 * that a link holds everything. A setting has one encoding: the address is the identity of a server.
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as t from 'io-ts'
import { anyUser, isUserName } from '../config/user-subject.js'
import type { ConfigError } from '../config/file-types.js'
import { closed, decodeFile, list, anyOf, text } from '../config/file-types.js'
import { checkOwnApp, OwnAppCodec } from './own-app.js'
import { misbehaviorNames } from '../misbehavior/table.js'
import type { FhirContextEntry } from '../../protocol/launch/launch-context.js'
import { launchContextRules } from '../../protocol/launch/launch-context-rules.js'
import { firstRefusal } from '../../protocol/machine/rules.js'
import type { SmartPolicy } from '../../protocol/policy/policy.js'
import { decode, encode } from '../../values/base64url.js'
import { isFhirId } from '../../values/fhir.js'
import { nameRepeatedAt, parseJson } from '../../values/json.js'
import { limits } from '../../values/limits/limits.js'
import { isObject } from '../../values/object.js'
import { ownMembers } from '../../values/own.js'
import { isAbsoluteHttpUrl } from '../../values/urls.js'

const isShort = (value: string): boolean =>
  value !== '' && value.length <= limits.contextText.default && value.isWellFormed()

const shortText = text(`a text of 1 to ${String(limits.contextText.default)} characters`, isShort)

const fhirId = text('the id of a FHIR resource', isFhirId)

const yesOrNo = new t.Type<boolean, boolean>('true or false', t.boolean.is, t.boolean.validate, t.identity)

/** Steps of the user that a launch leaves out. */
const steps = ['sign-in', 'consent'] as const

type Step = (typeof steps)[number]

/** Steps in their order, each once. */
const stepsInOrder = new t.Type<ReadonlyArray<Step>, ReadonlyArray<Step>>(
  '["sign-in"], ["consent"] or ["sign-in","consent"]',
  list(anyOf(...steps)).is,
  (value, context) => {
    const read = list(anyOf(...steps)).validate(value, context)
    if (Either.isLeft(read)) return read
    const [first, ...others] = read.right
    return first === undefined || others.length > 1 || others.some((one) => one === first || one === 'sign-in')
      ? t.failure(value, context)
      : read
  },
  t.identity
)

const contextItems = list<FhirContextEntry>(
  new t.Type<FhirContextEntry, FhirContextEntry>(
    'an object, such as {"reference":"ImagingStudy/123"}',
    (value): value is FhirContextEntry => isObject(value),
    (value, context) => (isObject(value) ? t.success(value) : t.failure(value, context)),
    t.identity
  )
)

const members = {
  /** The release of the specification. Default: that of the simulator. */
  spec: anyOf<SmartPolicy['specVersion']>('2.0.0', '2.1.0', '2.2.0'),
  /** The name of a misbehavior of the EHR. */
  misbehavior: text('the name of a misbehavior; /misbehaviors.json lists them', (value) =>
    misbehaviorNames.includes(value)
  ),
  /** The name of the user who is signed in. */
  user: text(`a text of 1 to ${String(limits.simulatorUserName.default)} characters other than ${anyUser}`, isUserName),
  /** Steps that are left out. Without `consent` all requested scopes are granted. */
  skip: stepsInOrder,
  /** The ids of patient and encounter of the launch. */
  patient: fhirId,
  encounter: fhirId,
  intent: shortText,
  /** Whether the app must show the patient's identity. */
  banner: yesOrNo,
  /** The URL of style hints. */
  style: text('an absolute http or https address', (value) => isAbsoluteHttpUrl(value) && isShort(value)),
  tenant: shortText,
  /** The items of `fhirContext`. */
  context: contextItems,
  /** An app that is a client of this server only. */
  app: OwnAppCodec
}

const LaunchSettingCodec = closed(members)

/** The setting of a launch. Every member is optional; the empty setting is the simulator itself. */
export type LaunchSetting = { readonly [Name in keyof typeof members]?: t.TypeOf<(typeof members)[Name]> }

/** The names of the members of a setting. */
export const settingMembers: ReadonlyArray<string> = Object.keys(members)

/** An error in a setting, with its path. */
export type SettingError = ConfigError

/** Canonical JSON of data (RFC 8785): names in the order of their UTF-16 code units, no space. */
const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const pairs = Object.entries(value).filter(([, member]) => member !== undefined)
  return `{${pairs
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`)
    .join(',')}}`
}

/** The text of a setting in an address. */
export const encodeSetting = (setting: LaunchSetting): string => encode(canonicalJson(setting))

const wrong = (path: string, expected: string): Either.Either<SettingError, never> =>
  Either.left({ path, expected, found: null })

/** The rules of the launch context hold for its members here too; `release` is that of the simulator. */
const checkedContext = (
  setting: LaunchSetting,
  release: SmartPolicy['specVersion']
): Either.Either<SettingError, LaunchSetting> => {
  const { context, spec = release } = setting
  if (context === undefined) return Either.right(setting)
  const refusal = firstRefusal(launchContextRules, { context: ownMembers({ fhirContext: context }), release: spec })
  return refusal === null
    ? Either.right(setting)
    : Either.left(
        refusal._tag === 'LaunchContextInvalid'
          ? {
              path: (refusal.place ?? refusal.member).replace('fhirContext', 'context'),
              expected: refusal.expected,
              found: refusal.found ?? null
            }
          : { path: 'context', expected: 'items of fhirContext', found: null }
      )
}

/** The app of a setting is checked as if it registered itself. */
const checkedApp = (setting: LaunchSetting): Either.Either<SettingError, LaunchSetting> =>
  setting.app === undefined ? Either.right(setting) : Either.map(() => setting)(checkOwnApp(setting.app))

/** Decodes the text of a setting; left with the first error. `release` is that of the simulator. */
export const decodeSetting = (
  encoded: string,
  release: SmartPolicy['specVersion'] = '2.0.0'
): Either.Either<SettingError, LaunchSetting> => {
  if (encoded.length > limits.simulatorSetting.default)
    return wrong('', `at most ${String(limits.simulatorSetting.default)} characters`)
  const decoded = decode(encoded)
  if (Option.isNone(decoded)) return wrong('', 'base64url without padding (RFC 4648, section 5) of UTF-8 text')
  const json = parseJson(decoded.value)
  if (Option.isNone(json)) return wrong('', 'JSON')
  if (nameRepeatedAt(decoded.value) !== null) return wrong('', 'unique member names')
  const setting = decodeFile<LaunchSetting>(LaunchSettingCodec, 'an object', json.value)
  if (Either.isLeft(setting)) return setting
  const canonical = encodeSetting(setting.right)
  if (canonical !== encoded)
    return wrong('', `the canonical form (RFC 8785: sorted names, no spaces), which is ${canonical}`)
  return Either.chain(checkedApp)(checkedContext(setting.right, release))
}
