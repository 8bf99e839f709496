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
import type { Rule } from '../machine/rules.js'
import { firstRefusal } from '../machine/rules.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { Refusal } from '../errors/refusal.js'
import { isJsonValue, isNestedWithin, sizeWithin } from '../../values/json.js'
import { limits } from '../../values/limits/limits.js'
import { isAbsoluteHttpUrl } from '../../values/urls.js'
import { ownData } from '../../values/own.js'
import { isFhirId, isResourceTypeName, relativeReference } from '../../values/fhir.js'
import { isObject } from '../../values/object.js'
import { isAbsoluteUri } from '../../values/urls.js'

type Release = SmartPolicy['specVersion']

interface ContextFacts {
  readonly context: LaunchContext
  readonly release: Release
}

type Holds = (context: LaunchContext, release: Release) => boolean

/** A rule about a member: the expected value, and whether it is met. */
const expecting = (name: string, member: string, expected: string, holds: Holds): Rule<ContextFacts, Refusal> => ({
  name,
  check: ({ context, release }) => (holds(context, release) ? null : { _tag: 'LaunchContextInvalid', member, expected })
})

/** A check of texts, for values of any type: hosts without type checks may pass any value. */
const ofText =
  (check: (text: string) => boolean) =>
  (value: unknown): boolean =>
    typeof value === 'string' && check(value)

const isId = ofText(isFhirId)

const textLimit = limits.contextText.default

const isText = (text: unknown): boolean => typeof text === 'string' && text !== '' && text.length <= textLimit

const expectedText = `a text of at most ${String(textLimit)} characters`

const isUri = ofText(isAbsoluteUri)

/** A relative reference, to a resource or to one version of it. */
const isReference = ofText((text) => relativeReference(text) !== null)

const isTypeName = ofText(isResourceTypeName)

const isPatientOrEncounter = ({ reference, type }: FhirContextEntry): boolean =>
  /^(?:Patient|Encounter)$/.test(reference === undefined ? (type ?? '') : (relativeReference(reference)?.type ?? ''))

const isRole = (role: string | undefined): boolean => role === undefined || role === 'launch' || isUri(role)

const isLaunchRole = ({ role }: FhirContextEntry): boolean => role === undefined || role === 'launch'

/** The members of a context. */
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

/** The maximum size and depth of a context: it is stored with the grant and sent with every token response. */
const [sizeLimit, depthLimit] = [limits.contextSize.default, limits.contextDepth.default]

/** The maximum number of entries: a context is what a user looks at, not a list of records. */
const entryLimit = limits.contextEntries.default

const every =
  (holds: (entry: FhirContextEntry, release: Release) => boolean): Holds =>
  ({ fhirContext }, release) =>
    (fhirContext ?? []).every((entry) => holds(entry, release))

/** The rules of a launch context. */
export const launchContextRules: ReadonlyArray<Rule<ContextFacts, Refusal>> = [
  expecting(
    'known-members',
    'context',
    `an object with no members but ${members.join(', ')}: what is the host's own stands in extensions`,
    (context: unknown) => isObject(context) && Object.keys(context).every((name) => members.includes(name))
  ),
  expecting(
    'patient-id',
    'patient',
    'the id of a Patient, without "Patient/"',
    ({ patient }) => patient === undefined || isId(patient)
  ),
  expecting(
    'encounter-id',
    'encounter',
    'the id of an Encounter, without "Encounter/"',
    ({ encounter }) => encounter === undefined || isId(encounter)
  ),
  expecting(
    'banner-is-boolean',
    'need_patient_banner',
    'true or false',
    ({ need_patient_banner }) => need_patient_banner === undefined || typeof need_patient_banner === 'boolean'
  ),
  expecting('intent-is-text', 'intent', expectedText, ({ intent }) => intent === undefined || isText(intent)),
  expecting(
    'style-url',
    'smart_style_url',
    'an absolute http or https address',
    ({ smart_style_url }) =>
      smart_style_url === undefined || (typeof smart_style_url === 'string' && isAbsoluteHttpUrl(smart_style_url))
  ),
  expecting('tenant-is-text', 'tenant', expectedText, ({ tenant }) => tenant === undefined || isText(tenant)),
  expecting(
    'context-is-list-of-objects',
    'fhirContext',
    `a list of at most ${String(entryLimit)} objects`,
    ({ fhirContext }) =>
      fhirContext === undefined ||
      (Array.isArray(fhirContext) && fhirContext.length <= entryLimit && fhirContext.every(isObject))
  ),
  expecting(
    'references-alone-in-2-0-0',
    'fhirContext',
    'references alone, because 2.0.0 knows no roles, canonicals and identifiers',
    every(
      (entry, release) =>
        release !== '2.0.0' ||
        (entry.reference !== undefined && Object.keys(entry).every((name) => name === 'reference'))
    )
  ),
  expecting(
    'reference-in-each-entry-before-2-2-0',
    'fhirContext',
    'a reference in each entry, because canonical and identifier came with 2.2.0',
    every(
      ({ reference, canonical, identifier }, release) =>
        release === '2.2.0' || (reference !== undefined && canonical === undefined && identifier === undefined)
    )
  ),
  expecting(
    'entry-names-something',
    'fhirContext',
    'a reference, canonical or identifier in each entry',
    every(
      ({ reference, canonical, identifier }) =>
        reference !== undefined || canonical !== undefined || identifier !== undefined
    )
  ),
  expecting(
    'relative-references',
    'fhirContext',
    'relative references such as ImagingStudy/123',
    every(({ reference }) => reference === undefined || isReference(reference))
  ),
  expecting(
    'canonical-is-uri',
    'fhirContext',
    'absolute URIs as canonicals',
    every(({ canonical }) => canonical === undefined || isUri(canonical))
  ),
  expecting(
    'identifier-and-type',
    'fhirContext',
    'FHIR Identifiers (objects) as identifiers, and resource types as types',
    every(
      ({ identifier, type }: { readonly identifier?: unknown; readonly type?: unknown }) =>
        (identifier === undefined || isObject(identifier)) && (type === undefined || isTypeName(type))
    )
  ),
  expecting(
    'role-is-launch-or-uri',
    'fhirContext',
    'the role launch, or an absolute URI',
    every(({ role }) => isRole(role))
  ),
  expecting(
    'patient-and-encounter-have-members',
    'fhirContext',
    'neither Patient nor Encounter with the role launch: these have members of their own',
    every((entry) => !isPatientOrEncounter(entry) || !isLaunchRole(entry))
  ),
  expecting(
    'extension-names',
    'extensions',
    'names that are full URIs or begin with two underscores',
    ({ extensions }) =>
      extensions === undefined ||
      (isObject(extensions) &&
        Object.keys(extensions).every((name) => name !== '__proto__' && (name.startsWith('__') || isAbsoluteUri(name))))
  ),
  expecting(
    'size-and-depth',
    'context',
    `what JSON can hold as it is, of at most ${String(sizeLimit)} values and characters, at most ` +
      `${String(depthLimit)} levels deep`,
    (context) =>
      sizeWithin(sizeLimit, context) <= sizeLimit && isNestedWithin(depthLimit, context) && isJsonValue(context)
  )
]

/**
 * A context that an app may receive in a release of the guide; left with the first invalid member and what is expected.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { checkContext } from 'smart-app-launch/fp-ts'
 *
 * const context = { fhirContext: [{ reference: 'Location/7', role: 'https://ehr.example/role/ward' }] }
 * Either.isRight(checkContext('2.1.0', context)) // => true
 * Either.isRight(checkContext('2.0.0', context)) // => false
 * ```
 */
export const checkContext = (release: Release, given: LaunchContext): Either.Either<Refusal, LaunchContext> => {
  const context = ownData(given)
  const refusal = firstRefusal(launchContextRules, { context, release })
  return refusal === null ? Either.right(context) : Either.left(refusal)
}
