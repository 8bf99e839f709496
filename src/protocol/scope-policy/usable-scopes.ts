/**
 * Whether a resource scope permits anything: whether there is a resource that the gate permits by it.
 *
 * The same applies to identity scopes: of the OpenID Connect scopes only `openid` has an effect here, and `fhirUser`,
 * because the server returns no other claims.
 *
 * A scope permits nothing, and is not granted, if the resource side does not evaluate its clauses, if its values are
 * malformed or match nothing, or if its type is not supported. The check constructs a resource that satisfies the scope
 * and evaluates it with the gate's own rules. A parameter that only the host's own reader supports is assumed to work.
 *
 * Source: OpenID Connect Core 1.0, section 5.4.
 *
 * @module
 */
import { alternativesIn, permitsResource } from '../access/alternatives.js'
import type { EvaluationContext } from '../access/alternatives.js'
import { isLinkedType } from '../access/profiles/links.js'
import { openedTypes } from '../access/profiles/opened.js'
import type { KnownResourceSide } from './resource-side-check.js'
import type { ReadClause } from '../access/search/clauses.js'
import { isMeaningful, readClause } from '../access/search/clauses.js'
import { compartmentParameters, indexReader } from '../access/search/search-index.js'
import { pathsOf } from '../access/search/paths.js'
import type { PlacedClause } from '../access/search/witness.js'
import { witnessFor } from '../access/search/witness.js'
import { clauseOf } from '../../scopes/query.js'
import type { Clause, IdentityScope, ResourceScope, ScopeSet } from '../../scopes/scope.js'
import { isResourceScope } from '../../scopes/scope.js'
import { isFhirId } from '../../values/fhir.js'

interface RequestedClause {
  readonly clause: Clause
  readonly read: ReadClause
}

const referencesOf = ({ base }: KnownResourceSide) => (base === null ? {} : { base })

const withModifier = ({ modifier, name }: Clause): string => (modifier === null ? name : `${name}:${modifier}`)

/** Whether a clause is evaluated for a resource type, and none of its values is malformed. */
const isEvaluated = (side: KnownResourceSide, type: string, { clause, read }: RequestedClause): boolean =>
  isMeaningful(read)
    ? side.evaluates(type, clause.name) || (clause.modifier !== null && side.evaluates(type, withModifier(clause)))
    : read.condition._tag === 'Opaque' && side.evaluates(type, withModifier(clause))

/** A few patients that a clause may refer to. */
const patientsIn = ({ condition }: ReadClause): ReadonlyArray<string> =>
  (condition._tag === 'Coded' ? condition.values.slice(0, 8) : []).flatMap((value) =>
    value._tag === 'Reference' && (value.type === null || value.type === 'Patient')
      ? [value.id]
      : value._tag === 'Token' && value.code !== null
        ? [value.code]
        : []
  )

/**
 * The paths of a parameter. A parameter named `patient` refers only to patients, even if its element allows other
 * targets.
 */
const placesOf = ({ release }: KnownResourceSide, type: string, name: string): PlacedClause['paths'] =>
  name === 'patient'
    ? pathsOf(type, name, release).map((path) => ({ ...path, target: 'Patient' }))
    : pathsOf(type, name, release)

/** Whether the scope permits something of one type. */
const opensOfType = (
  side: KnownResourceSide,
  scope: ResourceScope,
  clauses: ReadonlyArray<RequestedClause>,
  type: string,
  patient: string | null
): boolean => {
  if (!side.types.has(type) || !clauses.every((clause) => isEvaluated(side, type, clause))) return false
  const references = referencesOf(side)
  const evaluation: EvaluationContext = {
    read: indexReader(references, side.release),
    references,
    vocabulary: side.vocabulary,
    userMay: () => true
  }
  const known = clauses.filter(
    ({ clause, read }) => read.condition._tag !== 'Opaque' && pathsOf(type, clause.name, side.release).length > 0
  )
  const placed = known.map(({ clause, read }): PlacedClause => ({
    clause: read,
    paths: placesOf(side, type, clause.name)
  }))
  const isPermittedFor = (whose: string | null, more: ReadonlyArray<PlacedClause>): boolean => {
    const resource = witnessFor(type, [...placed, ...more])
    if (resource === null) return false
    const level = whose === null && scope.level === 'patient' ? 'user' : scope.level
    const query = known.map(({ clause }) => clause)
    const facts = {
      clientId: '',
      scopes: [{ ...scope, level, query }],
      context: whose === null ? {} : { patient: whose },
      user: null
    }
    return alternativesIn(facts, side.rules).some((alternative) => permitsResource(alternative, resource, evaluation))
  }
  if (scope.level !== 'patient') return isPermittedFor(null, [])
  // A scope that no resource can match permits nothing of any patient.
  if (witnessFor(type, placed) === null) return false
  const openedTo = scope.permissions.map((permission) => openedTypes(side.rules, permission))
  const isOpened = openedTo.some(({ links, sharedTypes }) => sharedTypes.includes(type) || isLinkedType(links, type))
  const ways =
    type === 'Patient'
      ? ['_id']
      : [
          ...new Set(
            openedTo.flatMap(({ moreCompartment }) => compartmentParameters(type, moreCompartment, side.release))
          )
        ]
  const patients =
    patient !== null
      ? [patient]
      : [
          ...new Set([
            ...known.filter(({ clause }) => ways.includes(clause.name)).flatMap(({ read }) => patientsIn(read)),
            'any'
          ])
        ].filter(isFhirId)
  // The host's own reader is also trusted for parameters of the patient compartment.
  if (ways.some((name) => pathsOf(type, name, side.release).length === 0) && isPermittedFor(null, [])) return true
  // The resources that open others are not known here; a scope on what they open is granted if something meets it.
  if (openedTo.some(({ links }) => isLinkedType(links, type)) && isPermittedFor(null, [])) return true
  return patients.slice(0, 9).some((whose) => {
    const into = ways
      .filter((name) => pathsOf(type, name, side.release).length > 0)
      .map((name): PlacedClause => {
        const clause = clauseOf(name, null, [type === 'Patient' ? whose : `Patient/${whose}`])
        return { clause: readClause(side.vocabulary, type, clause), paths: placesOf(side, type, name) }
      })
    return into.some((way) => isPermittedFor(whose, [way])) || (isOpened && isPermittedFor(whose, []))
  })
}

/** Whether the clauses on what every resource has can be met at once: `_id`, `_tag`, ... */
const isPossible = ({ release }: KnownResourceSide, clauses: ReadonlyArray<RequestedClause>): boolean =>
  witnessFor(
    'Resource',
    clauses
      .map(({ clause, read }): PlacedClause => ({ clause: read, paths: pathsOf('Resource', clause.name, release) }))
      .filter(({ clause: { condition }, paths }) => condition._tag !== 'Opaque' && paths.length > 0)
  ) !== null

const opensAnew = (side: KnownResourceSide, scope: ResourceScope, patient: string | null): boolean => {
  const references = referencesOf(side)
  const clauses = scope.query.map((clause) => ({
    clause,
    read: readClause(side.vocabulary, scope.type, clause, references)
  }))
  if (scope.type !== '*') return opensOfType(side, scope, clauses, scope.type, patient)
  if (clauses.length === 0) return true
  return isPossible(side, clauses) && [...side.types].some((type) => opensOfType(side, scope, clauses, type, patient))
}

/** What was found of a scope already: the rules of one request ask for the same several times. */
const foundBefore = new WeakMap<
  ResourceScope,
  { readonly side: KnownResourceSide; readonly patient: string | null; readonly opens: boolean }
>()

/**
 * Whether there is a resource that the gate lets through by a scope; with a patient, in the context of that patient.
 *
 * It takes time for each clause of the scope and each type that it names, so that the budget of scopes is to be checked
 * first (`withinBudget`).
 */
export const opens = (side: KnownResourceSide, scope: ResourceScope, patient: string | null = null): boolean => {
  const known = foundBefore.get(scope)
  if (known?.side === side && known.patient === patient) return known.opens
  const found = { side, patient, opens: opensAnew(side, scope, patient) }
  foundBefore.set(scope, found)
  return found.opens
}

/**
 * Whether an identity scope has an effect. The server does not have the claims of `profile`, `email`, `address` and
 * `phone`.
 */
export const hasClaims = ({ text }: IdentityScope): boolean => text === 'openid' || text === 'fhirUser'

/** The scopes without those that permit nothing; with a patient, in that patient's context. */
export const openingOnly = (side: KnownResourceSide, scopes: ScopeSet, patient: string | null = null): ScopeSet =>
  scopes.filter((scope) =>
    scope._tag === 'IdentityScope' ? hasClaims(scope) : !isResourceScope(scope) || opens(side, scope, patient)
  )
