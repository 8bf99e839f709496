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

/** Whether a resource is an OperationOutcome without other resources in it. */
export const isOutcomeAlone = (resource: Resource): boolean =>
  isOutcome(resource) && ownMember(resource, 'contained') === undefined

const hasOnly = (value: object, names: ReadonlyArray<string>): boolean =>
  Object.keys(value).every((name) => names.includes(name))

/** Whether parameters hold OperationOutcomes, Parameters around them, and parts, and no values. */
const holdsOutcomesOnly = (parameters: unknown): boolean =>
  parameters === undefined ||
  (Array.isArray(parameters) &&
    parameters.every((one: unknown) => {
      if (!isObject(one) || !hasOnly(one, ['name', 'resource', 'part'])) return false
      const resource = ownMember(one, 'resource')
      return (
        holdsOutcomesOnly(ownMember(one, 'part')) &&
        (resource === undefined || (isResource(resource) && (isOutcomeAlone(resource) || areOutcomes(resource))))
      )
    }))

/** Whether a resource is Parameters around OperationOutcomes. */
const areOutcomes = (resource: Resource): boolean =>
  resource.resourceType === 'Parameters' &&
  hasOnly(resource, ['resourceType', 'id', 'parameter']) &&
  holdsOutcomesOnly(ownMember(resource, 'parameter'))

/**
 * Whether a response is what its row says: OperationOutcomes, and Parameters around them; for values Parameters with
 * values, and with resources that are seen.
 */
export const isOfRow = (
  { response }: StandardOperation,
  resource: Resource,
  isSeen: (one: Resource) => boolean
): boolean => {
  if (isOutcome(resource)) return isOutcomeAlone(resource)
  if (response === 'resource' || response === 'resources')
    return resource.resourceType !== 'Parameters' && isSeen(resource)
  if (response === 'outcome') return areOutcomes(resource)
  return (
    response === 'values' &&
    resource.resourceType === 'Parameters' &&
    resourcesIn(resource).every((one) => isOutcomeAlone(one) || one.resourceType === 'Parameters' || isSeen(one))
  )
}
