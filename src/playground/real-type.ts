/**
 * A resource type of FHIR in place of the invented one of a counterexample. The library invents a type for "any type
 * that no scope names" (`Fresh0`), which is right for every vocabulary; people are shown a type that exists.
 *
 * @module
 */
import { exampleResource } from './example-resource.js'
import { resourceTypeNames } from '../values/fhir-r4/compartment.js'
import { compile } from '../scopes/compile.js'
import type { Access, ScopeOptions, SearchIndex } from '../scopes/permits.js'
import { isAtom } from '../scopes/permits.js'
import type { ScopeSet } from '../scopes/scope.js'
import { isResourceScope } from '../scopes/scope.js'

/** The types that are shown first: most people know them. */
const wellKnown: ReadonlyArray<string> = [
  'Condition',
  'Observation',
  'MedicationRequest',
  'AllergyIntolerance',
  'Encounter',
  'Immunization',
  'Procedure',
  'DiagnosticReport',
  'DocumentReference',
  'Patient'
]

const everyType: ReadonlyArray<string> = [...new Set([...wellKnown, ...resourceTypeNames.split(' ')])]

/** The values under the names that a type gives its own parameters. */
const underOwnNames = (index: SearchIndex): SearchIndex =>
  Object.fromEntries(Object.entries(index).map(([name, values]) => [name.replace(/^\*\//, ''), values] as const))

/** An access that only `requested` permits, and whether its type stands for any that no scope names. */
export interface ShownAccess {
  readonly access: Access
  readonly isAnyType: boolean
}

/**
 * The counterexample with a type of FHIR R4 that no scope names, if its type is invented. Each candidate is one only if
 * the definition confirms it; if there is none, because the scopes name all types, the invented type stays.
 */
export const withRealType = (
  access: Access,
  granted: ScopeSet,
  requested: ScopeSet,
  options: ScopeOptions
): ShownAccess => {
  const named = new Set([...granted, ...requested].filter(isResourceScope).map(({ type }) => type))
  if (isAtom(access) || named.has(access.type)) return { access, isAnyType: false }
  const [wide, narrow] = [compile(requested, options), compile(granted, options)]
  const confirmed = (
    types: ReadonlyArray<string>,
    resource: SearchIndex,
    isRight: (one: Access) => boolean
  ): Access | null => {
    const found = types.find((type) => {
      const one = { ...access, type, resource }
      return !named.has(type) && wide.permits(one) && !narrow.permits(one) && isRight(one)
    })
    return found === undefined ? null : { ...access, type: found, resource }
  }
  // A type that has all the parameters makes a whole example.
  const isWhole = (one: Access): boolean => exampleResource(one)?.notShown.length === 0
  const own = underOwnNames(access.resource)
  const found =
    confirmed(wellKnown, own, isWhole) ??
    confirmed(everyType, own, () => true) ??
    confirmed(everyType, access.resource, () => true)
  return { access: found ?? access, isAnyType: true }
}
