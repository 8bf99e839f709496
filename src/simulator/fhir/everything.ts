/**
 * `Patient/$everything`: the record of one patient, or of all patients whom the user may see, with the resources that
 * it refers to. Source: FHIR R4, patient-operation-everything.html.
 */
import * as Either from 'fp-ts/lib/Either.js'
import { readCondition } from './condition.js'
import { sinceOf } from './history.js'
import { onPage, pageLinks, readPage, readParameters } from './page.js'
import type { View } from './read.js'
import type { Records } from './records.js'
import { everyAt, recordKey } from './records.js'
import { localFhirResponse, operationOutcome, resourceNotFound } from './responses.js'
import { isStillThere } from './search.js'
import type { FhirResource } from './synthetic-data.js'
import { dateRange } from '../../protocol/access/search/dates.js'
import {
  compartmentParameters,
  isInPatientCompartment,
  localReference
} from '../../protocol/access/search/search-index.js'
import type { Parameters } from '../../protocol/http/form.js'
import { valueOf } from '../../protocol/http/form.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import { isObject } from '../../values/object.js'
import { ownMember } from '../../values/own.js'
import { below } from '../../values/urls.js'

/** The types that belong to a patient through what they refer to. */
const besides: ReadonlyMap<string, ReadonlyArray<string>> = new Map([
  ['Device', ['patient']],
  ['Provenance', ['target']]
])

/** Every local reference in a resource: references, and addresses of attachments. */
const referencesIn = (view: View, value: unknown): ReadonlyArray<string> => {
  if (Array.isArray(value)) return value.flatMap((one: unknown) => referencesIn(view, one))
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([member, one]) => {
    if (typeof one !== 'string') return referencesIn(view, one)
    const local = member === 'reference' || member === 'url' ? localReference(one, view.references) : null
    return local === null ? [] : [local]
  })
}

/** Whether a resource refers, under one of these parameters, to one of these resources. */
const refersTo = (
  view: View,
  resource: FhirResource,
  parameters: ReadonlyArray<string>,
  names: ReadonlySet<string>
): boolean =>
  parameters.some((name) =>
    view
      .parameter(resource.resourceType, name)
      ?.values(resource)
      .some((reference) => names.has(reference))
  )

/** The records of these patients, then what they refer to outside the records of patients. */
const recordsOfPatients = (
  view: View,
  resources: ReadonlyArray<FhirResource>,
  patients: ReadonlyArray<FhirResource>
): ReadonlyArray<FhirResource> => {
  const byName = new Map(resources.map((resource) => [recordKey(resource), resource] as const))
  const found = new Map(patients.map((patient) => [recordKey(patient), patient] as const))
  const take = (resource: FhirResource): void => {
    if (!found.has(recordKey(resource)) && view.mayTouch(resource)) found.set(recordKey(resource), resource)
  }
  const owners = new Set(found.keys())
  for (const resource of resources) {
    if (refersTo(view, resource, compartmentParameters(resource.resourceType, undefined, view.release), owners))
      take(resource)
  }
  const inRecord = new Set(found.keys())
  for (const resource of resources) {
    if (refersTo(view, resource, besides.get(resource.resourceType) ?? [], inRecord)) take(resource)
  }
  // A map is walked in the order of its insertions, also of those during the walk.
  for (const resource of found.values()) {
    for (const reference of referencesIn(view, resource)) {
      const target = byName.get(reference)
      if (target !== undefined && !isInPatientCompartment(target.resourceType, undefined, view.release)) take(target)
    }
  }
  return [...found.values()]
}

const lastUpdatedOf = (meta: unknown): string => {
  const at = isObject(meta) ? ownMember(meta, 'lastUpdated') : undefined
  return typeof at === 'string' ? at : ''
}

const supported: ReadonlySet<string> = new Set([
  ...['_count', '_cursor', '_since', '_type', '_format', '_pretty'],
  ...['start', 'end']
])

/** The search parameters for the date of the care; the first with a value counts. */
const careDates = ['date', 'onset-date', 'authoredon', 'authored', 'start-date', 'period', 'sent'] as const

/**
 * Tests whether the care of a resource was between `start` and `end`; null if one of them is no date. A resource
 * without such a date, and one outside the records of patients, is not tested.
 */
const inCareTime = (view: View, parameters: Parameters): ((resource: FhirResource) => boolean) | null => {
  const bounds = (['start', 'end'] as const).flatMap((name) => {
    const value = valueOf(parameters, name)
    return value === null ? [] : [{ prefix: name === 'start' ? 'ge' : 'le', value }]
  })
  if (bounds.some(({ value }) => dateRange(value) === null)) return null
  return (resource) => {
    const type = resource.resourceType
    const name = careDates.find((one) => (view.parameter(type, one)?.values(resource) ?? []).length > 0)
    if (name === undefined || !isInPatientCompartment(type, undefined, view.release)) return true
    return bounds.every(({ prefix, value }) => {
      const condition = readCondition(view, type, name, `${prefix}${value}`)
      return Either.isRight(condition) && condition.right(resource)
    })
  }
}

/** The response of `$everything`; `id` is null for all patients. */
export const everything = (view: View, records: Records, id: string | null, query: string): PlainResponse => {
  const parameters = readParameters(query)
  if (Either.isLeft(parameters)) return parameters.left
  const unknown = [...parameters.right.keys()].find((name) => !supported.has(name))
  if (unknown !== undefined)
    return operationOutcome(400, 'not-supported', `The parameter ${unknown} is not supported for $everything.`)
  const [page, since] = [readPage(parameters.right), sinceOf(parameters.right)]
  if (Either.isLeft(page)) return page.left
  if (since === null) return operationOutcome(400, 'invalid', '_since must be an instant.')
  const isInTime = inCareTime(view, parameters.right)
  if (isInTime === null) return operationOutcome(400, 'invalid', 'start and end must be dates.')
  const resources = everyAt(records, page.right.at).filter(isInTime)
  const patients = resources.filter(
    (resource) => resource.resourceType === 'Patient' && (id === null || resource.id === id) && view.mayTouch(resource)
  )
  if (id !== null && patients.length === 0) return resourceNotFound(`Patient/${id}`)
  const types = new Set((parameters.right.get('_type') ?? []).flatMap((list) => list.split(',')))
  const all = recordsOfPatients(view, resources, patients).filter(
    ({ resourceType, meta }) => (types.size === 0 || types.has(resourceType)) && since(lastUpdatedOf(meta))
  )
  const path = id === null ? 'Patient/$everything' : `Patient/${id}/$everything`
  const address = { fhirBaseUrl: view.fhirBaseUrl, path, parameters: parameters.right }
  return localFhirResponse(200, {
    resourceType: 'Bundle',
    type: 'searchset',
    total: all.length,
    link: pageLinks(address, records, page.right, all.length),
    entry: onPage(page.right, all)
      .filter(isStillThere(view, records))
      .map((resource) => ({
        fullUrl: below(view.fhirBaseUrl, recordKey(resource)),
        resource,
        search: { mode: patients.includes(resource) ? 'match' : 'include' }
      }))
  })
}
