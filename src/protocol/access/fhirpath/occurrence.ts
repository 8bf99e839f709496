/**
 * Which elements repeat, and which are a choice of types: the tables of a FHIR release, parsed.
 *
 * The tables know elements by their name and by the name of the element that holds them. Where elements of the same
 * names differ, nothing is known.
 *
 * @module
 */
import type { ElementTable } from '../release.js'

/** How an element occurs: at most once, as a list, as a choice of types (`value[x]`), or unknown. */
export type Repetition = 'one' | 'many' | 'choice' | 'unknown'

type Occurrences = ReadonlyMap<string, Repetition>

const readElements = ({ repeating, choice, exceptions }: ElementTable): Occurrences => {
  const known = new Map<string, Repetition>()
  for (const name of repeating.split(' ')) known.set(name, 'many')
  for (const name of choice.split(' ')) known.set(name, 'choice')
  for (const occurrence of ['many', 'one', 'choice', 'unknown'] as const) {
    for (const row of exceptions[occurrence].split(' ')) {
      const [name = '', holders = ''] = row.split('=')
      for (const holder of holders.split(',')) known.set(`${holder}.${name}`, occurrence)
    }
  }
  return known
}

/** The tables that have been parsed. */
const parsed = new WeakMap<ElementTable, Occurrences>()

const occurrencesIn = (table: ElementTable): Occurrences => {
  const known = parsed.get(table) ?? readElements(table)
  parsed.set(table, known)
  return known
}

/**
 * How an element occurs in a resource of a type. `holder` is the name of the element that holds it, or the type of the
 * resource.
 */
export const occurrenceOf = (table: ElementTable, type: string, holder: string, name: string): Repetition => {
  if (table.unknownTypes.includes(type)) return 'unknown'
  const known = occurrencesIn(table)
  return known.get(`${type}:${holder}.${name}`) ?? known.get(`${holder}.${name}`) ?? known.get(name) ?? 'one'
}

/** The data types of elements that are a choice of types, as their names end (FHIR R4 and R5, datatypes.html#open). */
const choiceTypes: ReadonlySet<string> = /* @__PURE__ */ new Set(
  (
    'Address Age Annotation Attachment Availability Base64Binary Boolean Canonical Code CodeableConcept ' +
    'CodeableReference Coding ContactDetail ContactPoint Contributor Count DataRequirement Date DateTime Decimal ' +
    'Distance Dosage Duration Expression ExtendedContactDetail HumanName Id Identifier Instant Integer Integer64 ' +
    'Markdown Meta Money Oid ParameterDefinition Period PositiveInt Quantity Range Ratio ' +
    'RatioRange Reference RelatedArtifact SampledData Signature String Time Timing TriggerDefinition UnsignedInt ' +
    'Uri Url UsageContext Uuid'
  ).split(' ')
)

/** Whether a word ends the name of an element that is a choice of types: `Quantity` in `valueQuantity`. */
export const isChoiceType = (word: string): boolean => choiceTypes.has(word)

/** All member names that an element with a choice of types may have. */
export const choiceMembers = (name: string): ReadonlyArray<string> => [...choiceTypes].map((type) => `${name}${type}`)

/**
 * Whether a member name is one of a choice of types with its type (`valueQuantity`). FHIRPath names such an element
 * without its type (`value`).
 */
export const isChoiceMember = (
  table: ElementTable,
  { type, holder }: { readonly type: string; readonly holder: string },
  name: string
): boolean =>
  [...name.matchAll(/[A-Z]/g)].some(
    ({ index }) =>
      isChoiceType(name.slice(index)) && occurrenceOf(table, type, holder, name.slice(0, index)) === 'choice'
  )
