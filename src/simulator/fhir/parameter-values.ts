/**
 * Reads the values of search parameters from resources: by the toolkit's index reader, and by the table of the
 * simulator ({@link simulatorPaths}). Source: FHIR R4, search.html, 3.1.1.4.8 (string), 3.1.1.4.10 (token).
 */
import { simulatorPaths } from './parameter-table.js'
import type { FhirResource } from './synthetic-data.js'
import type { ReferenceFacts } from '../../protocol/access/search/search-index.js'
import { elementsUnder, indexReader, localReference } from '../../protocol/access/search/search-index.js'
import type { FhirRelease } from '../../protocol/access/release.js'
import { pathsOf, readableNames } from '../../protocol/access/search/paths.js'
import { escaped } from '../../protocol/access/search/texts.js'
import type { ParameterType, Vocabulary } from '../../scopes/vocabulary.js'
import { isObject } from '../../values/object.js'
import { ownMember, ownMembers } from '../../values/own.js'

/** The path of a parameter of the simulator's table. */
interface OwnPath {
  readonly members: ReadonlyArray<string>
  /** The only type of references that counts; null for all. */
  readonly target: string | null
  /** The only system of contacts that counts; null for all. */
  readonly system: string | null
}

const readPath = (text: string): OwnPath => {
  const [, path = '', target = null, system = null] = /^([^@[]*)(?:@(\w+))?(?:\[(\w+)\])?$/.exec(text) ?? []
  return { members: path.split('.'), target, system }
}

/** The words of the table: `t!name=path|path`. */
const words = Object.entries(simulatorPaths).flatMap(([type, parameters]) =>
  parameters.split(' ').map((word) => {
    const [, letter = null, name = '', paths = name] = /^(?:(\w)!)?([\w-]+)(?:=(.*))?$/.exec(word) ?? []
    return { type, name, isToken: letter === 't', paths: paths.split('|').map(readPath) }
  })
)

const ownTable: ReadonlyMap<string, ReadonlyArray<OwnPath>> = new Map(
  words.map(({ type, name, paths }) => [`${type} ${name}`, paths] as const)
)

const ofUsCore = words.flatMap(({ type, name, isToken }) =>
  isToken ? [{ resourceType: type, name, type: 'token' as const }] : []
)

const vocabularies = new WeakMap<FhirRelease, Vocabulary>()

/** The search parameters of a release, and those of US Core that the simulator reads. */
export const simulatorVocabulary = (release: FhirRelease): Vocabulary => {
  const made = vocabularies.get(release) ?? release.vocabularyWith(ofUsCore)
  vocabularies.set(release, made)
  return made
}

/** The search parameters of a type, with those of all types. */
export const parametersOf = (release: FhirRelease, type: string): ReadonlyArray<string> =>
  [
    ...new Set([
      ...readableNames(release).flatMap(([held, name]) => (held === type || held === 'Resource' ? [name] : [])),
      ...words.flatMap((word) => (word.type === type ? [word.name] : []))
    ])
  ].toSorted()

const listOf = (value: unknown): ReadonlyArray<unknown> =>
  Array.isArray(value) ? (value as ReadonlyArray<unknown>) : [value]

const elementsAt = (resource: unknown, { members, system }: OwnPath): ReadonlyArray<unknown> =>
  members
    .reduce<ReadonlyArray<unknown>>(
      (found, member) =>
        found.flatMap((one) => (isObject(one) && Object.hasOwn(one, member) ? listOf(one[member]) : [])),
      [resource]
    )
    .filter((element) => system === null || (isObject(element) && ownMember(element, 'system') === system))

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** The texts of a string, a HumanName or an Address. */
const stringsOf = (element: unknown): ReadonlyArray<string> =>
  isObject(element)
    ? Object.entries(element).flatMap(([member, value]) =>
        ['use', 'period', 'type', 'id', 'extension'].includes(member) ? [] : listOf(value).filter(isText)
      )
    : [element].filter(isText)

const token = (system: unknown, code: unknown): ReadonlyArray<string> =>
  isText(code) ? [`${isText(system) ? escaped(system) : ''}|${escaped(code)}`] : []

const systemsOfContacts: ReadonlySet<unknown> = new Set(['phone', 'fax', 'email', 'pager', 'url', 'sms', 'other'])

/** The tokens of a code, a boolean, a Coding, a CodeableConcept, an Identifier or a ContactPoint. */
const tokensOf = (element: unknown): ReadonlyArray<string> => {
  if (typeof element === 'boolean') return [`|${String(element)}`]
  if (!isObject(element)) return token(undefined, element)
  const { coding, system, code, value } = ownMembers(element)
  if (Array.isArray(coding)) return coding.flatMap(tokensOf)
  // A contact has a value without a system: the system of a ContactPoint is the kind of contact.
  return code === undefined ? token(systemsOfContacts.has(system) ? undefined : system, value) : token(system, code)
}

const referencesOf = (element: unknown, target: string | null, facts: ReferenceFacts): ReadonlyArray<string> => {
  const reference = isObject(element) ? ownMember(element, 'reference') : undefined
  if (!isText(reference) || reference.startsWith('#')) return []
  const local = localReference(reference, facts) ?? reference
  return target === null || local.startsWith(`${target}/`) ? [local] : []
}

/** A search parameter of a type that the simulator reads. */
export interface ReadableParameter {
  readonly type: ParameterType
  /** The elements that it indexes, as they are in the resource. */
  readonly elements: (resource: FhirResource) => ReadonlyArray<unknown>
  /** Its index values, in the form of the toolkit's index reader; texts for a string. */
  readonly values: (resource: FhirResource) => ReadonlyArray<string>
}

/** Gives a search parameter of a type; null if the simulator does not read it. */
export type ParameterReader = (type: string, name: string) => ReadableParameter | null

/** Reads the parameters of resources at a server with these addresses and of this release. */
export const parameterReader = (facts: ReferenceFacts, release: FhirRelease): ParameterReader => {
  const [read, vocabulary] = [indexReader(facts, release), simulatorVocabulary(release)]
  return (resourceType, name) => {
    const type = vocabulary.typeOf(resourceType, name)
    const paths = ownTable.get(`${resourceType} ${name}`)
    if (paths === undefined) {
      return pathsOf(resourceType, name, release).length === 0
        ? null
        : {
            type,
            elements: (resource) => elementsUnder(resource, name, release),
            values: (resource) => read(resource, name)
          }
    }
    const valuesAt = (element: unknown, target: string | null): ReadonlyArray<string> => {
      if (type === 'string') return stringsOf(element)
      if (type === 'reference') return referencesOf(element, target, facts)
      return type === 'uri' ? [element].filter(isText) : tokensOf(element)
    }
    return {
      type,
      elements: (resource) => paths.flatMap((path) => elementsAt(resource, path)),
      values: (resource) =>
        paths.flatMap((path) => elementsAt(resource, path).flatMap((element) => valuesAt(element, path.target)))
    }
  }
}
