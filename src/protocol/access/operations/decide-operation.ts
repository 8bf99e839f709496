/**
 * Decides about operations: those that a scope of the host opens, those that the host maps to permissions, and those of
 * the table. Every other operation is denied.
 *
 * @module
 */
import type { AccessFacts, AccessRules, Alternative, OperationRule } from '../alternatives.js'
import { deny, firstDenial } from '../decision-rules.js'
import { releaseIn } from '../release.js'
import { alternativesIn, appliesTo } from '../alternatives.js'
import { conditionalReferences, needOfReference } from '../conditional-references.js'
import type { Decision, Obligation } from '../decision-types.js'
import type { Need } from '../missing-scopes.js'
import { distinctNeeds, isAnswered, joinedScopes, missingScopes, unmetForEverything } from '../missing-scopes.js'
import { reachOfSearch } from '../search/query.js'
import { decideExport } from './export.js'
import type { OperationInput } from './input.js'
import { listedValues } from './input.js'
import { localInput } from './local-input.js'
import type { Operation } from './operation-rules.js'
import {
  isOperation,
  isReading,
  operationInputRules,
  operationPermissionRules,
  operationRules,
  searchOf,
  withoutLimit
} from './operation-rules.js'
import type { OperationRead, StandardOperation } from './table.js'
import { standardOperation } from './table.js'
import { holdsText } from '../../../scopes/scope.js'
import type { Permission } from '../../../scopes/scope.js'
import { isResourceTypeName } from '../../../values/fhir.js'
import { ownMember } from '../../../values/own.js'

const limited = (type: string | null, permission: Permission): Need => ({ type, permission, isUnlimited: false })
const unlimited = (type: string | null, permission: Permission): Need => ({ type, permission, isUnlimited: true })

/** The host's rule for an operation; undefined when it has none. */
const mappedRule = (operation: Operation, rules: AccessRules): OperationRule | undefined =>
  ownMember(rules, 'operations')?.find((rule) => isOperation(rule, operation))

/** The row of the table for an operation; undefined when the host maps it or has switched the table off. */
export const tableRowOf = (operation: Operation, rules: AccessRules): StandardOperation | undefined =>
  ownMember(rules, 'standardOperations') === false || mappedRule(operation, rules) !== undefined
    ? undefined
    : standardOperation(operation)

/** The text of a scope of the token that opens an operation by itself; undefined when none does. */
export const openingScope = (facts: AccessFacts, operation: Operation, rules: AccessRules): string | undefined =>
  ownMember(rules, 'operationScopes')?.find(
    ({ scope, permits }) => holdsText(facts.scopes, scope) && permits.some((one) => isOperation(one, operation))
  )?.scope

/**
 * Whether an operation writes, by the permissions that the host or the table maps it to; undefined when neither knows
 * it.
 */
export const operationWrites = (operation: Operation, rules: AccessRules): boolean | undefined => {
  const needs = mappedRule(operation, rules)?.needs ?? []
  if (needs.length > 0) return needs.some(({ permission }) => !isReading(permission))
  const row = tableRowOf(operation, rules)
  return row === undefined ? undefined : row.writes.length > 0
}

const decideMapped = (facts: AccessFacts, operation: Operation, rules: AccessRules): Decision => {
  const mapped = mappedRule(operation, rules)
  const needs = (mapped?.needs ?? []).map(({ type, permission }) =>
    limited(type === null ? operation.type : type === '*' ? null : type, permission)
  )
  const granted = alternativesIn(facts, rules)
  const isMet = isAnswered(granted)
  const isUnlimited = needs.every((need) => isMet({ ...need, isUnlimited: true }))
  const unmet = needs.filter((need) => !isMet(need))
  const denied = firstDenial(operationRules, { operation, facts, rules, mapped, needs, unmet, isUnlimited })
  if (denied !== null) return denied
  if (isUnlimited) return { _tag: 'Permit' }
  return {
    _tag: 'Filter',
    alternatives: granted.filter(({ permission }) => permission === 'r'),
    obligations: [
      { phase: 'stored', permission: 'r' },
      { phase: 'returned', permission: 'r' }
    ]
  }
}

/** The type of a row's read in a request; null is every type. */
const typeIn = (operation: Operation, type: string | null): string | null =>
  type === '*' ? null : (type ?? operation.type)

/** The types of the resources that the response may hold, by the parameter `_type`. */
const shownTypes = (
  operation: Operation,
  input: OperationInput,
  { type }: { readonly type: string | null }
): ReadonlyArray<string | null> => {
  const named = type === '*' ? [...new Set(listedValues(input.parameters, '_type'))] : []
  return named.length > 0 ? named : [typeIn(operation, type)]
}

/** Whether a `patient/` scope is for the patient in the URL: then the data are searched like those of a compartment. */
const isOfPatient =
  ({ type, id }: Operation) =>
  ({ patient }: Alternative): boolean =>
    type === 'Patient' && patient === id

const patientParameters: ReadonlySet<string> = new Set(['patient', 'patient:Patient', 'subject', 'subject:Patient'])

/**
 * Whether one alternative covers everything that a search by patient finds, so that nothing hidden competes with what
 * is shown. Outside a compartment only permissions without a limit do.
 */
const coversSearch =
  (operation: Operation, { parameters }: OperationInput, permission: Permission) =>
  (alternative: Alternative): boolean => {
    const { patient, query } = alternative
    return (
      appliesTo(alternative, permission, operation.type) &&
      query.length === 0 &&
      patient !== null &&
      parameters.some(
        ({ name, value }) => patientParameters.has(name) && (value === patient || value === `Patient/${patient}`)
      )
    )
  }

/** Whether a read of a row is answered: any alternative of the permission will do where every type may be shown. */
const isShown =
  (granted: ReadonlyArray<Alternative>, isMet: (need: Need) => boolean) =>
  (need: Need): boolean =>
    need.type === null && !need.isUnlimited
      ? granted.some(({ permission }) => permission === need.permission)
      : isMet(need)

const isA =
  <How extends OperationRead['how']>(how: How) =>
  (read: OperationRead): read is Extract<OperationRead, { readonly how: How }> =>
    read.how === how

/** The permissions without a limit: for what is evaluated, written, and looked at by searches in the input. */
const evaluatedNeeds = (
  operation: Operation,
  input: OperationInput,
  row: StandardOperation,
  rules: AccessRules
): ReadonlyArray<Need> => [
  ...row.reads.filter(isA('evaluated')).map(({ type, permission }) => unlimited(typeIn(operation, type), permission)),
  ...row.writes.map((permission) => unlimited(operation.type, permission)),
  ...reachOfSearch(searchOf(row, input)).demands.map(({ type, permission }) => unlimited(type, permission)),
  ...conditionalReferences(input.body, rules),
  ...input.parameters.flatMap(({ value }) =>
    value !== null && value.includes('?') && isResourceTypeName(value.slice(0, value.indexOf('?')))
      ? [needOfReference(value, rules)]
      : []
  )
]

/** What an operation of the table needs. */
interface TableNeeds {
  readonly focus: ReadonlyArray<Need>
  readonly shown: ReadonlyArray<Need>
  readonly others: ReadonlyArray<Need>
}

/**
 * The least scopes that would permit an operation of the table. A `patient/` scope counts only where the operation is
 * on its patient: then the resource in the URL needs no permission, and a selection needs none without a limit.
 */
const missingForOperation = (
  facts: AccessFacts,
  operation: Operation,
  rules: AccessRules,
  { isOfAllPatients = false, selects = false }: StandardOperation,
  { focus, shown, others }: TableNeeds,
  covers: (alternative: Alternative) => boolean
): ReadonlyArray<string> => {
  const isOther = operation.type === 'Patient' && (operation.id !== null || isOfAllPatients)
  const fits = (alternative: Alternative): boolean =>
    !isOther || alternative.patient === null || isOfPatient(operation)(alternative)
  const fitting = alternativesIn(facts, rules).filter(fits)
  const isMet = isAnswered(fitting)
  const isGiven = isShown(fitting, isMet)
  const lacking = (needs: ReadonlyArray<Need>): ReadonlyArray<Need> => needs.filter((need) => !isGiven(need))
  const [looked, beside] = [lacking(shown), lacking([...focus, ...others])]
  if (selects) {
    const hidden = withoutLimit(shown).filter((need) => !isMet(need))
    const more = missingScopes(facts, rules, beside, fits)
    if (hidden.length === 0 || fitting.some(covers)) return more
    const own = missingScopes(facts, rules, shown, covers)
    if (own.length > 0 && (beside.length === 0 || more.length > 0)) return joinedScopes([...own, ...more])
    return missingScopes(facts, rules, [...beside, ...hidden], fits)
  }
  const searching = missingScopes(facts, rules, [...looked, ...lacking(others)], fits)
  return operation.type === 'Patient' && searching.some((text) => text.startsWith('patient/'))
    ? searching
    : missingScopes(facts, rules, [...beside, ...looked], fits)
}

const decideByTable = (
  facts: AccessFacts,
  operation: Operation,
  rules: AccessRules,
  row: StandardOperation
): Decision => {
  const granted = alternativesIn(facts, rules)
  const isMet = isAnswered(granted)
  const input = operation.input === null ? null : localInput(operation, operation.input, rules)
  const isWhole = (['r', 's'] as const).every((permission) => isMet(unlimited(null, permission)))
  const unread = firstDenial(operationInputRules, {
    row,
    type: operation.type,
    input,
    isWhole,
    types: releaseIn(rules).types,
    missing: () =>
      missingScopes(facts, rules, [
        ...unmetForEverything(facts, rules),
        ...row.writes.map((permission) => unlimited(operation.type, permission)).filter((need) => !isMet(need))
      ])
  })
  if (unread !== null || input === null) return unread ?? deny('query')
  if (row.response === 'files') return decideExport(facts, operation, input, rules)

  const isOwn = granted.some((one) => one.permission === 's' && isOfPatient(operation)(one))
  const shownReads = row.reads.filter(isA('shown'))
  const focus = row.reads.some(isA('focus')) && !(isOwn && shownReads.length > 0) ? [limited(operation.type, 'r')] : []
  const shown = shownReads.flatMap((read) =>
    shownTypes(operation, input, read).map((type) => limited(type, read.permission))
  )
  const isNamed = granted.some((one) => appliesTo(one, one.permission, operation.type))
  const others = [
    ...evaluatedNeeds(operation, input, row, rules),
    ...(row.reads.some(isA('named')) && !isNamed ? [limited(operation.type, 'r')] : [])
  ]
  const needs = distinctNeeds([...focus, ...shown, ...others])
  const isGiven = isShown(granted, isMet)
  const beyond = granted.filter(({ patient }) => patient === null)
  const isForeign = isShown(beyond, isAnswered(beyond))
  // The server may ignore `_type`, so that the whole row counts.
  const isFree =
    focus.every((need) => isMet({ ...need, isUnlimited: true })) &&
    shownReads.every(({ type, permission }) => isMet(unlimited(typeIn(operation, type), permission)))
  const covers = coversSearch(operation, input, 's')
  const denied = firstDenial(operationPermissionRules, {
    missing: () => missingForOperation(facts, operation, rules, row, { focus, shown, others }, covers),
    unmet: needs.filter((need) => !isGiven(need)),
    foreign: row.isOfAllPatients === true ? shown.filter((need) => !isForeign(need)) : [],
    isDisplaced: row.selects === true && !isFree && !granted.some(covers)
  })
  if (denied !== null) return denied
  if (isFree) return { _tag: 'Permit' }
  const obligations: ReadonlyArray<Obligation> = [
    ...(focus.length > 0 ? [{ phase: 'stored', permission: 'r' } as const] : []),
    ...[...new Set(shown.map(({ permission }) => permission))].map(
      (permission) => ({ phase: 'returned', permission }) as const
    )
  ]
  return { _tag: 'Filter', alternatives: granted.filter(({ permission }) => isReading(permission)), obligations }
}

/**
 * Decides about an operation. A scope that the host has declared for it opens it without any other permission; the
 * host's own rule for it comes before the table.
 */
export const decideOperation = (facts: AccessFacts, operation: Operation, rules: AccessRules): Decision => {
  if (openingScope(facts, operation, rules) !== undefined) return { _tag: 'Permit' }
  const row = tableRowOf(operation, rules)
  return row === undefined ? decideMapped(facts, operation, rules) : decideByTable(facts, operation, rules, row)
}
