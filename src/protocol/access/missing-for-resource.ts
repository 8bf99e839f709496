/**
 * The least scopes that would permit writing a resource which the scopes of a token do not permit.
 *
 * @module
 */
import type { AccessFacts, AccessRules, EvaluationContext } from './alternatives.js'
import { alternativesIn } from './alternatives.js'
import type { Resource } from './fhir-interaction.js'
import { levelsOf } from './missing-scopes.js'
import { isPermitted } from './permitted.js'
import { openedTypes } from './profiles/opened.js'
import { resourceScope } from '../../scopes/format.js'
import type { Permission, ResourceScope } from '../../scopes/scope.js'

/**
 * The least scopes, of the narrowest level that is sufficient, that would permit a resource of the request beside the
 * scopes of the token; empty when none would. A document that names a resource which it opens needs a scope that reads
 * that type, too. They depend on nothing but the request and the token: neither stored data nor the host's rule about
 * users are called, because the response must not tell what they hold.
 */
export const missingForResource = (
  facts: AccessFacts,
  rules: AccessRules,
  permission: Permission,
  resource: Resource,
  evaluation: EvaluationContext
): ReadonlyArray<string> => {
  const whatever = { ...evaluation, userMay: () => true, before: null }
  const permits = (more: ReadonlyArray<ResourceScope>): boolean =>
    isPermitted(alternativesIn({ ...facts, scopes: [...facts.scopes, ...more] }, rules), permission, resource, whatever)
  if (permits([])) return []
  const named = new Set((openedTypes(rules, permission).openedByNaming ?? []).map(({ type }) => type))
  const candidates = levelsOf(facts).flatMap((level): ReadonlyArray<ReadonlyArray<ResourceScope>> => {
    const own = resourceScope(level, resource.resourceType, [permission])
    const reading = [...named].map((type) => resourceScope(level, type, ['r']))
    return [[own], ...reading.map((one) => [one]), ...reading.map((one) => [own, one])]
  })
  return (candidates.find(permits) ?? []).map(({ text }) => text)
}
