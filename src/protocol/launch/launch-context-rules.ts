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
import { noMembers, ownData, ownMember } from '../../values/own.js'
import { isFhirId, isResourceTypeName, relativeReference } from '../../values/fhir.js'
import { isObject } from '../../values/object.js'
import { quoted, shown } from '../../values/shown-text.js'
import { isAbsoluteUri } from '../../values/urls.js'

type Release = SmartPolicy['specVersion']

interface ContextFacts {
  readonly context: LaunchContext
  readonly release: Release
}

type Holds = (context: LaunchContext, release: Release) => boolean

/** The most characters of a value in a refusal. */
const shownValue = 80

/** A value for a refusal; of a list or an object only that it is one, because a host may pass any value. */
const inWords = (value: unknown): string => {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string') return quoted(value, shownValue)
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value)
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** A rule about a member: the expected value, and whether it is met. */
const expecting = (name: string, member: string, expected: string, holds: Holds): Rule<ContextFacts, Refusal> => ({
  name,
  check: ({ context, release }) => {
    if (holds(context, release)) return null
    const value: unknown = isObject(context) ? ownMember(context, member) : context
    return {
      _tag: 'LaunchContextInvalid',
      member,
      expected,
      ...(value === undefined ? noMembers : { found: inWords(value) })
    }
  }
})

/** What is wrong with an entry of `fhirContext`: the member, null for the entry itself, and what is expected there. */
interface WrongPart {
  readonly part: string | null
  readonly expected: string
}

type EntryCheck = (entry: FhirContextEntry, release: Release) => WrongPart | null

/** A rule about each entry of `fhirContext`. The refusal names the place and the value of the first that breaks it. */
const inEachEntry = (name: string, check: EntryCheck): Rule<ContextFacts, Refusal> => ({
  name,
  check: ({ context: { fhirContext = [] }, release }) => {
    for (const [index, entry] of fhirContext.entries()) {
      const wrong = check(entry, release)
      if (wrong === null) continue
      const { expected, part } = wrong
      const place = `fhirContext[${String(index)}]`
      return {
        _tag: 'LaunchContextInvalid',
        member: 'fhirContext',
        place: part === null ? place : `${place}.${shown(part, shownValue)}`,
        expected,
        found: inWords(part === null ? entry : ownMember<Record<string, unknown>, string>({ ...entry }, part))
      }
    }
    return null
  }
})

/** A rule about one member of each entry. */
const memberOfEntries = (
  name: string,
  member: keyof FhirContextEntry,
  expected: string,
  isRight: (value: unknown) => boolean
): Rule<ContextFacts, Refusal> =>
  inEachEntry(name, (entry) =>
    entry[member] === undefined || isRight(entry[member]) ? null : { part: member, expected }
  )

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

/** The member of an entry that says that it is a Patient or an Encounter, and which of them; null for all others. */
const patientOrEncounter = ({
  reference,
  type
}: FhirContextEntry): { readonly part: 'reference' | 'type'; readonly name: 'Patient' | 'Encounter' } | null => {
  const name = reference === undefined ? type : relativeReference(reference)?.type
  return name === 'Patient' || name === 'Encounter'
    ? { part: reference === undefined ? 'type' : 'reference', name }
    : null
}

const isRole = (role: unknown): boolean => role === 'launch' || isUri(role)

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
    'context-is-list',
    'fhirContext',
    `a list of at most ${String(entryLimit)} objects`,
    ({ fhirContext }) => fhirContext === undefined || (Array.isArray(fhirContext) && fhirContext.length <= entryLimit)
  ),
  inEachEntry('entries-are-objects', (entry: unknown) =>
    isObject(entry) ? null : { part: null, expected: 'an object, such as { "reference": "ImagingStudy/123" }' }
  ),
  inEachEntry('entry-names-something', ({ canonical, identifier, reference }) =>
    reference !== undefined || canonical !== undefined || identifier !== undefined
      ? null
      : { part: null, expected: 'a reference, canonical or identifier in it' }
  ),
  inEachEntry('references-alone-in-2-0-0', (entry, release) => {
    const other = release === '2.0.0' ? Object.keys(entry).find((name) => name !== 'reference') : undefined
    return other === undefined
      ? null
      : { part: other, expected: 'nothing, because an entry of 2.0.0 has a reference alone' }
  }),
  inEachEntry('reference-in-each-entry-before-2-2-0', ({ canonical, identifier }, release) => {
    const part = canonical !== undefined ? 'canonical' : identifier !== undefined ? 'identifier' : null
    return release === '2.2.0' || part === null
      ? null
      : { part, expected: `nothing, because ${part} came with 2.2.0; ${release} has references alone` }
  }),
  memberOfEntries(
    'relative-references',
    'reference',
    'a relative reference, a type and an id such as ImagingStudy/123',
    isReference
  ),
  memberOfEntries('canonical-is-uri', 'canonical', 'an absolute URI', isUri),
  memberOfEntries('identifier-is-object', 'identifier', 'a FHIR Identifier: an object', isObject),
  memberOfEntries('type-is-resource-type', 'type', 'the name of a resource type', isTypeName),
  memberOfEntries('role-is-launch-or-uri', 'role', 'launch, or an absolute URI', isRole),
  inEachEntry('patient-and-encounter-have-members', (entry, release) => {
    const found = patientOrEncounter(entry)
    if (found === null || !isLaunchRole(entry)) return null
    const { name, part } = found
    const other = release === '2.0.0' ? '' : ', unless it has another role than launch'
    return {
      part,
      expected: `no ${name}${other}, because the member ${name.toLowerCase()} of the context names that of the launch`
    }
  }),
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
