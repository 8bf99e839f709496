/**
 * The rules of operations, one row each. A broken rule denies the operation.
 *
 * @module
 */
import type { AccessFacts, AccessRules, OperationRule } from '../alternatives.js'
import { deny } from '../decision-rules.js'
import type { Decision } from '../decision-types.js'
import type { FhirInteraction } from '../fhir-interaction.js'
import { isResource } from '../fhir-interaction.js'
import type { Need } from '../missing-scopes.js'
import { missingScopes } from '../missing-scopes.js'
import { reachOfSearch } from '../search/query.js'
import type { SearchQuery } from '../search/query.js'
import type { OperationInput } from './input.js'
import { listedValues } from './input.js'
import type { StandardOperation } from './table.js'
import type { Rule } from '../../machine/rules.js'
import type { Permission } from '../../../scopes/scope.js'
import { isObject } from '../../../values/object.js'
import { ownMember } from '../../../values/own.js'

/** A request for an operation. */
export type Operation = Extract<FhirInteraction, { readonly _tag: 'Operation' }>

/** Whether a permission reads. */
export const isReading = (permission: Permission): boolean => permission === 'r' || permission === 's'

/** Whether a declaration of the host is about an operation. */
export const isOperation = (
  { level, type, name }: { readonly level: string; readonly type: string | null; readonly name: string },
  operation: Operation
): boolean => level === operation.level && name === operation.name && (type === null || type === operation.type)

/** The least scope texts that open an operation by themselves. */
const openingTexts = (operation: Operation, rules: AccessRules): ReadonlyArray<string> =>
  (ownMember(rules, 'operationScopes') ?? [])
    .filter(({ permits }) => permits.some((one) => isOperation(one, operation)))
    .slice(0, 1)
    .map(({ scope }) => scope)

/** The facts about an operation that the host maps, and the alternatives of the token. */
export interface OperationFacts {
  readonly operation: Operation
  readonly facts: AccessFacts
  readonly rules: AccessRules
  /** The host's rule for the operation; undefined when it has none. */
  readonly mapped: OperationRule | undefined
  readonly needs: ReadonlyArray<Need>
  /** The needs that no alternative answers. */
  readonly unmet: ReadonlyArray<Need>
  /** Whether the alternatives answer all needs without a limit. */
  readonly isUnlimited: boolean
}

/** The needs, with permissions that have no limit. */
export const withoutLimit = (needs: ReadonlyArray<Need>): ReadonlyArray<Need> =>
  needs.map((need) => ({ ...need, isUnlimited: true }))

/** The rules of an operation that the host maps. */
export const operationRules: ReadonlyArray<Rule<OperationFacts, Decision>> = [
  {
    name: 'export-of-many',
    check: ({ mapped, operation: { level, name, type } }) =>
      mapped === undefined && name === 'export' && level === 'instance' && type === 'Patient'
        ? deny('operation-not-mapped')
        : null
  },
  {
    name: 'scope-sufficient',
    check: ({ facts, mapped, operation, rules, unmet }: OperationFacts): Decision | null => {
      const opening = mapped === undefined ? openingTexts(operation, rules) : []
      // A token that a user approved can have no scope of a system.
      const missing = opening.filter((text) => facts.user === null || !text.startsWith('system/'))
      if (opening.length > 0) return deny('insufficient-scope', missing)
      return unmet.length > 0 ? deny('insufficient-scope', missingScopes(facts, rules, unmet)) : null
    }
  },
  {
    name: 'operation-mapped',
    check: ({ mapped }) => (mapped === undefined ? deny('operation-not-mapped') : null)
  },
  {
    // A response can be filtered when it concerns one resource that can be checked first, and nothing is written.
    name: 'response-can-be-filtered',
    check: ({ operation, facts, rules, needs, isUnlimited }) =>
      !isUnlimited && (operation.level !== 'instance' || needs.some(({ permission }) => !isReading(permission)))
        ? deny('insufficient-scope', missingScopes(facts, rules, withoutLimit(needs)))
        : null
  }
]

/** The facts about the input of an operation of the table. */
export interface OperationInputFacts {
  readonly row: StandardOperation
  /** The type in the URL; null for the system. */
  readonly type: string | null
  readonly input: OperationInput | null
  /** Whether the token may read and search every type without a limit, so that no parameter can show more. */
  readonly isWhole: boolean
  /** The least scopes that would make it so, and permit what the operation writes. */
  readonly missing: () => ReadonlyArray<string>
  /** The resource types of the release. */
  readonly types: ReadonlySet<string>
}

/** Parameters that only present a response, for every operation. */
const presenting: ReadonlySet<string> = new Set(['_format', '_pretty'])

/** The input of an operation as a search: what no row of the table knows by name. */
export const searchOf = (row: StandardOperation, input: OperationInput): SearchQuery =>
  input.parameters
    .filter(({ name }) => !row.parameters.includes(name) && !presenting.has(name))
    .map(({ name, value }) => ({ name, value: value ?? '' }))

/** Whether a search holds nothing that is not evaluated, and shows nothing but its matches. */
const isPlainSearch = (query: SearchQuery): boolean => {
  const { unevaluated, findsAnyType, includes } = reachOfSearch(query)
  return (
    unevaluated === null &&
    !findsAnyType &&
    !includes.isIncluding &&
    includes.reverseTypes.length === 0 &&
    query.every(({ value }) => value !== '')
  )
}

/** Whether all parameters are those of the row, or search parameters where the row takes them. */
const onlyNarrows = (row: StandardOperation, input: OperationInput): boolean => {
  const others = searchOf(row, input)
  return others.length === 0 || (row.takesSearch === true && isPlainSearch(others))
}

/** Whether a body is something else than Parameters. */
const isBare = ({ body }: OperationInput): boolean =>
  body !== null && !(isObject(body) && ownMember(body, 'resourceType') === 'Parameters')

/** Whether a resource that is the whole body is a parameter of the row. */
const isOfRow = ({ bodyParameter, parameters }: StandardOperation, input: OperationInput): boolean =>
  !isBare(input) || (bodyParameter !== undefined && parameters.includes(bodyParameter))

/** The rules of the input of an operation of the table. */
export const operationInputRules: ReadonlyArray<Rule<OperationInputFacts, Decision>> = [
  {
    name: 'operation-input-readable',
    check: ({ row, input, type }: OperationInputFacts): Decision | null => {
      if (input === null) return deny('query')
      if (!isBare(input)) return null
      if (!isResource(input.body) || row.bodyParameter === undefined) return deny('operation-body')
      return input.body.resourceType === type ? null : deny('wrong-type')
    }
  },
  {
    name: 'operation-by-post',
    check: ({ row, input }) => (!row.takesGet && input?.method !== 'POST' ? deny('unknown-interaction') : null)
  },
  {
    name: 'operation-does-not-write',
    check: ({ row, input }) =>
      input?.parameters.some(({ name }) => row.writingParameters?.includes(name) === true) === true
        ? deny('parameter-not-evaluated')
        : null
  },
  {
    name: 'operation-types-known',
    check: ({ input, types }) =>
      input !== null && listedValues(input.parameters, '_type').some((type) => !types.has(type))
        ? deny('unknown-type')
        : null
  },
  {
    name: 'operation-parameters-known',
    check: ({ row, input, isWhole, missing }) =>
      isWhole || input === null || (onlyNarrows(row, input) && isOfRow(row, input))
        ? null
        : deny('parameter-not-evaluated', missing())
  }
]

/** The facts about the permissions of an operation of the table. */
export interface OperationPermissionFacts {
  /** The least scopes that would permit the operation. */
  readonly missing: () => ReadonlyArray<string>
  /** The needs that no alternative answers. */
  readonly unmet: ReadonlyArray<Need>
  /** The needs for which the token has nothing but `patient/` scopes, where the operation is of all patients. */
  readonly foreign: ReadonlyArray<Need>
  /** Whether resources that the token may not see could take the place of others in the response. */
  readonly isDisplaced: boolean
}

/** The rules of the permissions of an operation of the table. */
export const operationPermissionRules: ReadonlyArray<Rule<OperationPermissionFacts, Decision>> = [
  {
    name: 'scope-sufficient',
    check: ({ missing, unmet }) => (unmet.length > 0 ? deny('insufficient-scope', missing()) : null)
  },
  {
    name: 'operation-on-own-patient',
    check: ({ missing, foreign }) => (foreign.length > 0 ? deny('foreign-compartment', missing()) : null)
  },
  {
    name: 'operation-selects-nothing-hidden',
    check: ({ missing, isDisplaced }) => (isDisplaced ? deny('insufficient-scope', missing()) : null)
  }
]
