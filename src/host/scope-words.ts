/**
 * The scopes of a page: their subject, their meaning in words, and the narrower scopes that are offered in their place.
 *
 * Source of the categories: SMART App Launch 2.0.0, scopes-and-launch-context, "Finer-grained resource constraints
 * using search parameters"; the code systems are those of HL7 Terminology.
 *
 * @module
 */
import type { ScopeInWords, ScopePart } from './page-data.js'
import { english } from '../scopes/explain/english.js'
import type { ExplainOptions } from '../scopes/explain/explain.js'
import { explainScope } from '../scopes/explain/explain.js'
import { parseScope } from '../scopes/parse.js'
import type { ResourceScope, Scope, ScopeSet } from '../scopes/scope.js'
import { ownMember } from '../values/own.js'

const subjects: Readonly<Record<Scope['_tag'], ScopeInWords['about']>> = {
  IdentityScope: 'identity',
  LaunchScope: 'context',
  ResourceScope: 'data',
  RefreshScope: 'duration',
  ExtensionScope: 'other',
  UnknownScope: 'other',
  MalformedScope: 'other'
}

const terminology = 'http://terminology.hl7.org/CodeSystem/'

/** The categories of records that are offered in place of a whole type, and their code system. */
const categories: Readonly<Record<string, { readonly system: string; readonly codes: ReadonlyArray<string> }>> = {
  Observation: {
    system: `${terminology}observation-category`,
    codes: ['laboratory', 'vital-signs', 'social-history', 'survey']
  },
  Condition: { system: `${terminology}condition-category`, codes: ['problem-list-item', 'encounter-diagnosis'] }
}

/** The types that are offered in place of all types. */
const types: ReadonlyArray<string> = [
  'Patient',
  'AllergyIntolerance',
  'Condition',
  'Encounter',
  'Immunization',
  'MedicationRequest',
  'Observation',
  'Procedure'
]

type NamedText = Pick<ScopePart, 'name' | 'text'>

interface NamedPermissions {
  readonly name: string
  readonly of: string
}

/** What is offered in place of a scope that reads and writes, or that writes in several ways. */
const lessThanWriting = (all: string): ReadonlyArray<NamedPermissions> => [
  { name: 'reading only', of: all.replaceAll(/[cud]/g, '') },
  { name: 'without deleting', of: all.length > 2 && /[cu]/.test(all) ? all.replace('d', '') : '' },
  ...(/[rs]/.test(all)
    ? []
    : [
        { name: 'creating only', of: all.includes('c') ? 'c' : '' },
        { name: 'changing only', of: all.includes('u') ? 'u' : '' },
        { name: 'deleting only', of: all.includes('d') ? 'd' : '' }
      ])
]

/** What is offered in place of reading, where there is no narrower subject. */
const lessThanReading: ReadonlyArray<NamedPermissions> = [
  { name: 'single records, no search', of: 'r' },
  { name: 'search only', of: 's' }
]

/**
 * The narrower scopes of a scope: fewer interactions, single types of all, and categories of a type. They have the
 * syntax of version 2, also those of a scope of version 1, because so the engine writes what it grants of a scope.
 */
const narrower = ({ level, permissions, query, type }: ResourceScope): ReadonlyArray<NamedText> => {
  if (level === 'system') return []
  const search = query.length === 0 ? '' : `?${query.map(({ text }) => text).join('&')}`
  const all = permissions.join('')
  const fewer = (some: ReadonlyArray<NamedPermissions>): ReadonlyArray<NamedText> =>
    some
      .filter(({ of }) => of !== '' && of !== all)
      .map(({ name, of }) => ({ name, text: `${level}/${type}.${of}${search}` }))
  const subjects: ReadonlyArray<NamedText> =
    search !== ''
      ? []
      : type === '*'
        ? types.map((name) => ({ name, text: `${level}/${name}.${all}` }))
        : (ownMember(categories, type)?.codes ?? []).map((code) => ({
            name: code.replaceAll('-', ' '),
            text: `${level}/${type}.${all}?category=${ownMember(categories, type)?.system ?? ''}|${code}`
          }))
  const interactions = all === 'rs' ? (subjects.length === 0 ? lessThanReading : []) : lessThanWriting(all)
  return [...fewer(interactions), ...subjects]
}

const uncapitalized = (text: string): string => `${text.charAt(0).toLowerCase()}${text.slice(1)}`

const hasText = (scopes: ScopeSet, text: string): boolean => scopes.some((scope) => scope.text === text)

/** What the app cannot do without a scope. Other scopes of the set may give a part of it, or end with it. */
const withoutScope = (scope: Scope, short: string, scopes: ScopeSet): string => {
  const isAboutPatient = scopes.some((one) => one._tag === 'ResourceScope' && one.level === 'patient')
  if (scope.text === 'launch' && isAboutPatient)
    return (
      'Without it, the app knows of what you are working on only the patient, as long as it keeps access to the ' +
      'records of one patient.'
    )
  if (scope.text === 'launch/patient' && isAboutPatient)
    return 'Without it, the app still knows the patient, as long as it keeps access to the records of one patient.'
  return scope.text === 'openid' && hasText(scopes, 'fhirUser')
    ? `Without it, the app cannot ${uncapitalized(short)}, nor who you are in the record system.`
    : `Without it, the app cannot ${uncapitalized(short)}.`
}

/** Each scope of a set with its meaning in words. */
export const scopesInWords = (
  scopes: ScopeSet,
  options: Pick<ExplainOptions, 'fhirUserImpliesRead'>
): ReadonlyArray<ScopeInWords> => {
  const part = ({ name, text }: NamedText): ScopePart => ({
    text,
    name,
    short: explainScope(parseScope(text), english, options).short
  })
  return scopes.map((scope) => {
    const { long, marks, short } = explainScope(scope, english, options, scopes)
    return {
      text: scope.text,
      short,
      long,
      about: subjects[scope._tag],
      everyType: marks.everyType,
      anyPatient: scope._tag === 'ResourceScope' && scope.level !== 'patient',
      writes: marks.write,
      lasts: marks.offline,
      without: withoutScope(scope, short, scopes),
      parts: scope._tag === 'ResourceScope' ? narrower(scope).map(part) : []
    }
  })
}
