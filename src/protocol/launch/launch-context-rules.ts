/**
 * The rules for the members of a launch context, by release: one row each.
 *
 * Source: scopes-and-launch-context, "Launch context arrives with your access_token", "fhirContext"; FHIR R4,
 * datatypes.html#id.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { FhirContextEntry, LaunchContext } from './launch-context.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { Refusal } from '../errors/refusal.js'
import { isJsonValue, isNestedWithin, sizeWithin } from '../../values/json.js'
import { limits } from '../../values/limits/limits.js'
import { isAbsoluteHttpUrl } from '../../values/urls.js'
import { ownData } from '../../values/own.js'
import { isFhirId, isResourceTypeName, isTypeAndId, relativeReference } from '../../values/fhir.js'
import { isObject } from '../../values/object.js'
import { isAbsoluteUri } from '../../values/urls.js'

type Release = SmartPolicy['specVersion']

interface ContextRule {
  readonly member: string
  readonly expected: string
  readonly holds: (context: LaunchContext, release: Release) => boolean
}

/** A check of texts for values of any type: hosts without types may say anything. */
const ofText =
  (check: (text: string) => boolean) =>
  (value: unknown): boolean =>
    typeof value === 'string' && check(value)

const isId = ofText(isFhirId)

const textLimit = limits.contextText.standard

const isText = (text: unknown): boolean => typeof text === 'string' && text !== '' && text.length <= textLimit

const expectedText = `a text of at most ${String(textLimit)} characters`

const isUri = ofText(isAbsoluteUri)

const isReference = ofText(isTypeAndId)

const isTypeName = ofText(isResourceTypeName)

const isPatientOrEncounter = ({ reference, type }: FhirContextEntry): boolean =>
  /^(?:Patient|Encounter)$/.test(reference === undefined ? (type ?? '') : (relativeReference(reference)?.type ?? ''))

const isRole = (role: string | undefined): boolean => role === undefined || role === 'launch' || isUri(role)

const isLaunchRole = ({ role }: FhirContextEntry): boolean => role === undefined || role === 'launch'

/** Every member that a context may have. */
const members: ReadonlyArray<string> = [
  'patient',
  'encounter',
  'fhirContext',
  'need_patient_banner',
  'intent',
  'smart_style_url',
  'tenant',
  'extensions'
]

/** How large and how deep a context may be: it is stored with the grant and sent with every token. */
const [sizeLimit, depthLimit] = [limits.contextSize.standard, limits.contextDepth.standard]

/** The most entries that are taken: a context is what a user looks at, not a list of records. */
const entryLimit = limits.contextEntries.standard

const every =
  (holds: (entry: FhirContextEntry, release: Release) => boolean): ContextRule['holds'] =>
  ({ fhirContext }, release) =>
    (fhirContext ?? []).every((entry) => holds(entry, release))

const rules: ReadonlyArray<ContextRule> = [
  {
    member: 'context',
    expected: `an object with no members but ${members.join(', ')}: what is the host's own stands in extensions`,
    holds: (context: unknown) => isObject(context) && Object.keys(context).every((name) => members.includes(name))
  },
  {
    member: 'patient',
    expected: 'the id of a Patient, without "Patient/"',
    holds: ({ patient }) => patient === undefined || isId(patient)
  },
  {
    member: 'encounter',
    expected: 'the id of an Encounter, without "Encounter/"',
    holds: ({ encounter }) => encounter === undefined || isId(encounter)
  },
  {
    member: 'need_patient_banner',
    expected: 'true or false',
    holds: ({ need_patient_banner }) => need_patient_banner === undefined || typeof need_patient_banner === 'boolean'
  },
  { member: 'intent', expected: expectedText, holds: ({ intent }) => intent === undefined || isText(intent) },
  {
    member: 'smart_style_url',
    expected: 'an absolute http or https address',
    holds: ({ smart_style_url }) =>
      smart_style_url === undefined || (typeof smart_style_url === 'string' && isAbsoluteHttpUrl(smart_style_url))
  },
  { member: 'tenant', expected: expectedText, holds: ({ tenant }) => tenant === undefined || isText(tenant) },
  {
    member: 'fhirContext',
    expected: `a list of at most ${String(entryLimit)} objects`,
    holds: ({ fhirContext }) =>
      fhirContext === undefined ||
      (Array.isArray(fhirContext) && fhirContext.length <= entryLimit && fhirContext.every(isObject))
  },
  {
    member: 'fhirContext',
    expected: 'references alone, because 2.0.0 knows no roles, canonicals and identifiers',
    holds: every(
      (entry, release) =>
        release !== '2.0.0' ||
        (entry.reference !== undefined && Object.keys(entry).every((name) => name === 'reference'))
    )
  },
  {
    member: 'fhirContext',
    expected: 'a reference in each entry, because canonical and identifier came with 2.2.0',
    holds: every(
      ({ reference, canonical, identifier }, release) =>
        release === '2.2.0' || (reference !== undefined && canonical === undefined && identifier === undefined)
    )
  },
  {
    member: 'fhirContext',
    expected: 'a reference, canonical or identifier in each entry',
    holds: every(
      ({ reference, canonical, identifier }) =>
        reference !== undefined || canonical !== undefined || identifier !== undefined
    )
  },
  {
    member: 'fhirContext',
    expected: 'relative references such as ImagingStudy/123',
    holds: every(({ reference }) => reference === undefined || isReference(reference))
  },
  {
    member: 'fhirContext',
    expected: 'absolute URIs as canonicals',
    holds: every(({ canonical }) => canonical === undefined || isUri(canonical))
  },
  {
    member: 'fhirContext',
    expected: 'FHIR Identifiers (objects) as identifiers, and resource types as types',
    holds: every(
      ({ identifier, type }: { readonly identifier?: unknown; readonly type?: unknown }) =>
        (identifier === undefined || isObject(identifier)) && (type === undefined || isTypeName(type))
    )
  },
  {
    member: 'fhirContext',
    expected: 'the role launch, or an absolute URI',
    holds: every(({ role }) => isRole(role))
  },
  {
    member: 'fhirContext',
    expected: 'neither Patient nor Encounter with the role launch: these have members of their own',
    holds: every((entry) => !isPatientOrEncounter(entry) || !isLaunchRole(entry))
  },
  {
    member: 'extensions',
    expected: 'names that are full URIs or begin with two underscores',
    holds: ({ extensions }) =>
      extensions === undefined ||
      (isObject(extensions) &&
        Object.keys(extensions).every((name) => name !== '__proto__' && (name.startsWith('__') || isAbsoluteUri(name))))
  },
  {
    member: 'context',
    expected:
      `what JSON can hold as it is, of at most ${String(sizeLimit)} values and characters, at most ` +
      `${String(depthLimit)} levels deep`,
    holds: (context) =>
      sizeWithin(sizeLimit, context) <= sizeLimit && isNestedWithin(depthLimit, context) && isJsonValue(context)
  }
]

/**
 * A context that can be given to an app in a release of the guide; or the first member that cannot, and what is
 * expected.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { messages } from 'smart-app-launch'
 *
 * const { checkContext } = messages.launchContextRules
 * const context = { fhirContext: [{ reference: 'Location/7', role: 'https://ehr.example/role/ward' }] }
 * Either.isRight(checkContext('2.1.0', context)) // => true
 * Either.isRight(checkContext('2.0.0', context)) // => false
 * ```
 */
export const checkContext = (release: Release, given: LaunchContext): Either.Either<Refusal, LaunchContext> => {
  const context = ownData(given)
  const broken = rules.find(({ holds }) => !holds(context, release))
  return broken === undefined
    ? Either.right(context)
    : Either.left({ _tag: 'LaunchContextInvalid', member: broken.member, expected: broken.expected })
}
