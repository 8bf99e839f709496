/**
 * What the response of an operation of the table may be, besides a Bundle, which is checked entry by entry.
 *
 * @module
 */
import type { StandardOperation } from './table.js'
import type { Resource } from '../fhir-interaction.js'
import { isResource } from '../fhir-interaction.js'
import { isObject } from '../../../values/object.js'
import { ownMember } from '../../../values/own.js'

/** The resources inside Parameters, at any depth. */
export const resourcesIn = (value: unknown): ReadonlyArray<Resource> => {
  if (Array.isArray(value)) return value.flatMap(resourcesIn)
  if (!isObject(value)) return []
  return isResource(value)
    ? [
        value,
        ...Object.values(value).flatMap((inner) => (value.resourceType === 'Parameters' ? resourcesIn(inner) : []))
      ]
    : Object.values(value).flatMap(resourcesIn)
}

/** Whether a resource is an OperationOutcome. */
export const isOutcome = ({ resourceType }: Resource): boolean => resourceType === 'OperationOutcome'

/** Whether Parameters hold resources, and parts, and no values. */
const holdsResourcesOnly = (parameters: unknown): boolean =>
  parameters === undefined ||
  (Array.isArray(parameters) &&
    parameters.every(
      (one: unknown) =>
        isObject(one) &&
        Object.keys(one).every((name) => ['name', 'resource', 'part'].includes(name)) &&
        holdsResourcesOnly(ownMember(one, 'part'))
    ))

/**
 * Whether a response is what its row says: OperationOutcomes, and Parameters around them; for values Parameters with
 * values, and with resources that are seen.
 */
export const isOfRow = (
  { response }: StandardOperation,
  resource: Resource,
  isSeen: (one: Resource) => boolean
): boolean => {
  if (isOutcome(resource)) return true
  if (resource.resourceType !== 'Parameters')
    return response === 'resource' || response === 'resources' ? isSeen(resource) : false
  if (response !== 'outcome' && response !== 'values') return false
  return (
    (response === 'values' || holdsResourcesOnly(resource['parameter'])) &&
    resourcesIn(resource).every(
      (one) => isOutcome(one) || one.resourceType === 'Parameters' || (response === 'values' && isSeen(one))
    )
  )
}
