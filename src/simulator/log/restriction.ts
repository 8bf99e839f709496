/**
 * By which scopes of its token the results of a FHIR request were restricted, and to what. The log says the rule alone:
 * whether anything was left out is known to the gate at the time of the request, and to no line.
 */
import type { LogLine } from './log-line.js'
import { isList, tokenScopes } from './log-line.js'
import type { Permission, ResourceScope } from '../../scopes/scope.js'
import { isResourceScope } from '../../scopes/scope.js'
import { parse } from '../../scopes/parse.js'

/** To what a scope restricts results. */
export type ResultLimit =
  | { readonly _tag: 'Patient' }
  | { readonly _tag: 'User' }
  /** The clauses of the query of the scope. */
  | { readonly _tag: 'Query'; readonly query: string }

/** A scope under which results were found, and its limits; a scope without a limit finds everything. */
export interface RestrictingScope {
  readonly scope: string
  readonly limits: ReadonlyArray<ResultLimit>
}

/** The permission that a permitted interaction needed; null if it needed none that the log has. */
export const neededPermission = ({ hasId, interaction }: NonNullable<LogLine['access']>): Permission | null => {
  switch (interaction) {
    case 'Read':
    case 'VersionRead':
      return 'r'
    case 'History':
      return hasId ? 'r' : 's'
    case 'Search':
      return 's'
    case 'Create':
      return 'c'
    case 'Update':
    case 'Patch':
      return 'u'
    case 'Delete':
      return 'd'
    default:
      return null
  }
}

/** Whether a scope is about an interaction: it names its permission and its type, as far as the line has them. */
export const scopeFits =
  (access: NonNullable<LogLine['access']>) =>
  ({ permissions, type }: ResourceScope): boolean => {
    const permission = neededPermission(access)
    return (
      (permission === null || permissions.includes(permission)) &&
      (access.type === null || type === '*' || type === access.type)
    )
  }

const limitsOf = ({ level, text }: ResourceScope): ReadonlyArray<ResultLimit> => {
  const [, query = ''] = /\?(.*)$/s.exec(text) ?? []
  return [
    ...(level === 'patient' ? [{ _tag: 'Patient' as const }] : []),
    ...(level === 'user' ? [{ _tag: 'User' as const }] : []),
    ...(query === '' ? [] : [{ _tag: 'Query' as const, query }])
  ]
}

/** The scopes by which the results of a line were restricted; empty for any other line. */
export const restrictingScopes = (line: LogLine): ReadonlyArray<RestrictingScope> => {
  const { access, decision } = line
  if (access === null || decision !== 'AccessFiltered' || !isList(access)) return []
  return parse(tokenScopes(line))
    .filter(isResourceScope)
    .filter(scopeFits(access))
    .map((scope) => ({ scope: scope.text, limits: limitsOf(scope) }))
}
