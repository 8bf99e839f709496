/**
 * The least scope that would permit writing a resource which the scopes of a token do not permit.
 *
 * @module
 */
import type { AccessFacts, AccessRules, EvaluationContext } from './alternatives.js'
import { alternativesIn } from './alternatives.js'
import type { Resource } from './fhir-interaction.js'
import { levelsOf } from './missing-scopes.js'
import { isPermitted } from './permitted.js'
import { resourceScope } from '../../scopes/format.js'
import type { Permission, ResourceScope } from '../../scopes/scope.js'

/**
 * The least scope, of the narrowest level that is sufficient, that would permit a resource of the request; empty when
 * none would. It depends on nothing but the request and the token: neither stored data nor the host's rule about users
 * are called, because the response must not tell what they hold.
 */
export const missingForResource = (
  facts: AccessFacts,
  rules: AccessRules,
  permission: Permission,
  resource: Resource,
  evaluation: EvaluationContext
): ReadonlyArray<string> => {
  const whatever = { ...evaluation, userMay: () => true, before: null }
  const permits = (scopes: AccessFacts['scopes']): boolean =>
    isPermitted(alternativesIn({ ...facts, scopes }, rules), permission, resource, whatever)
  if (permits(facts.scopes)) return []
  const candidates = levelsOf(facts).map((level): ResourceScope =>
    resourceScope(level, resource.resourceType, [permission])
  )
  const least = candidates.find((scope) => permits([scope]))
  return least === undefined ? [] : [least.text]
}
