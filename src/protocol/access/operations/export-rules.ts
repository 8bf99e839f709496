/**
 * The rules of the kick-off of a bulk export, one row each.
 *
 * @module
 */
import type { AccessFacts, AccessRules, Alternative } from '../alternatives.js'
import { deny } from '../decision-rules.js'
import type { Decision } from '../decision-types.js'
import type { Need } from '../missing-scopes.js'
import { missingScopes, unmetForEverything } from '../missing-scopes.js'
import type { SearchQuery } from '../search/query.js'
import { reachOfSearch } from '../search/query.js'
import type { OperationInput } from './input.js'
import { listedValues } from './input.js'
import type { Rule } from '../../machine/rules.js'

/** One search of `_typeFilter`. */
export interface TypeFilter {
  readonly type: string
  readonly query: SearchQuery
}

/** The facts about an export. */
export interface ExportFacts {
  readonly facts: AccessFacts
  readonly rules: AccessRules
  readonly input: OperationInput
  /** Whether the token permits to export everything. */
  readonly isWhole: boolean
  /** The searches of `_typeFilter`; null when they cannot be read. */
  readonly filters: ReadonlyArray<TypeFilter> | null
  /** The values of `includeAssociatedData`. */
  readonly associated: ReadonlyArray<string>
  /** Whether the token has scopes that are limited to no patient and no user. */
  readonly isForSystems: boolean
  /** The needs that no alternative for exports answers. */
  readonly unmet: ReadonlyArray<Need>
}

/** The formats of files whose resources can be checked: one resource a line. */
const readableFormats: ReadonlySet<string> = new Set(['application/fhir+ndjson', 'application/ndjson', 'ndjson'])

/** The values of `includeAssociatedData` that are defined: both add resources of the type Provenance. */
export const knownAssociated: ReadonlySet<string> = new Set([
  'LatestProvenanceResources',
  'RelevantProvenanceResources'
])

/** Whether an alternative may be used for an export: it is not limited to one patient or one user. */
export const isForExport = ({ level, isOfUser }: Alternative): boolean => level !== 'patient' && !isOfUser

/** Whether a parameter has a value that is no plain text: a server may read what is not read here. */
const isUnread = ({ parameters }: OperationInput, wanted: string): boolean =>
  parameters.some(({ name, value }) => name === wanted && value === null)

/** Whether the files would have a format that cannot be checked. */
const hasOtherFiles = ({ input }: ExportFacts): boolean =>
  isUnread(input, '_outputFormat') ||
  listedValues(input.parameters, '_outputFormat').some((format) => !readableFormats.has(format))

/** Whether the export asks for associated data that cannot be checked. */
const hasOtherData = ({ associated, input }: ExportFacts): boolean =>
  isUnread(input, 'includeAssociatedData') || associated.some((value) => !knownAssociated.has(value))

/** The least scopes: those for the export as it is requested, or for any export where it cannot be checked. */
const missingOf = (all: ExportFacts): ReadonlyArray<string> => {
  const { facts, rules, unmet } = all
  const needs = hasOtherFiles(all) || hasOtherData(all) ? unmetForEverything(facts, rules) : unmet
  return missingScopes(facts, rules, needs, isForExport)
}

/** The rules of an export. */
export const exportRules: ReadonlyArray<Rule<ExportFacts, Decision>> = [
  {
    name: 'export-filters-readable',
    check: ({ filters }) => (filters === null ? deny('query') : null)
  },
  {
    // "FHIR search response parameters such as _include and _sort SHALL NOT be used."
    name: 'export-filters-only-select',
    check: ({ filters }) =>
      filters?.some(({ query }) => {
        const { unevaluated, findsAnyType, includes } = reachOfSearch(query)
        return (
          unevaluated !== null ||
          findsAnyType ||
          includes.isIncluding ||
          includes.reverseTypes.length > 0 ||
          query.some(({ name }) => name === '_sort' || name === '_type')
        )
      }) === true
        ? deny('parameter-not-evaluated')
        : null
  },
  {
    name: 'export-references-by-id',
    check: ({ input }) =>
      input.parameters.some(({ name, value }) => name === 'patient' && (value === null || value.includes('?')))
        ? deny('parameter-not-evaluated')
        : null
  },
  {
    name: 'export-for-systems',
    check: (all) => (all.isForSystems ? null : deny('insufficient-scope', missingOf(all)))
  },
  {
    name: 'export-files-readable',
    check: (all) => (!all.isWhole && hasOtherFiles(all) ? deny('parameter-not-evaluated', missingOf(all)) : null)
  },
  {
    name: 'export-associated-data-known',
    check: (all) => (!all.isWhole && hasOtherData(all) ? deny('parameter-not-evaluated', missingOf(all)) : null)
  },
  {
    name: 'scope-sufficient',
    check: (all) => (all.unmet.length > 0 ? deny('insufficient-scope', missingOf(all)) : null)
  }
]
