/**
 * What a document that is written with a user's authority may not name, because it would open it to `patient/` scopes.
 *
 * @module
 */
import type { OpenedTypes, OpeningRules } from './opened.js'
import { openedTypes } from './opened.js'
import type { Permission, ResourceScope, ScopeSet } from '../../../scopes/scope.js'
import { isResourceScope } from '../../../scopes/scope.js'

const reads = ({ permissions, type }: ResourceScope, read: string): boolean =>
  (type === read || type === '*') && permissions.some((one) => one === 'r' || one === 's')

/**
 * For writing with a user's authority: the rows of types that documents open to the `patient/` scopes of a token, and
 * that it does not read beyond its patient. A user may write a document of the patient that names such a resource, and
 * a `patient/` scope would then read what the user did not give to the app.
 */
export const namingForPatient = (
  scopes: ScopeSet,
  rules: OpeningRules,
  permission: Permission
): Pick<OpenedTypes, 'openedByNaming'> => {
  if (permission !== 'c' && permission !== 'u') return {}
  const granted = scopes.filter(isResourceScope)
  const rows = (openedTypes(rules, permission).openedByNaming ?? []).filter(
    ({ type }) =>
      granted.some((scope) => scope.level === 'patient' && reads(scope, type)) &&
      !granted.some((scope) => scope.level !== 'patient' && scope.query.length === 0 && reads(scope, type))
  )
  return rows.length === 0 ? {} : { openedByNaming: rows }
}
