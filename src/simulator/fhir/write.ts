/** Changes the simulator's records: create, update and delete, each also conditionally. Source: FHIR R4, http.html. */
import * as Either from 'fp-ts/lib/Either.js'
import type { View } from './read.js'
import { searchAmong } from './search.js'
import type { StorageFull, Records } from './records.js'
import { addResource, current, deleteResource, recordKey, newest } from './records.js'
import { localFhirResponse, resourceNotFound, operationOutcome, versionHeaders } from './responses.js'
import type { FhirResource } from './synthetic-data.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import { below } from '../../values/urls.js'
import { isObject } from '../../values/object.js'

/** The user who writes, the time, and the source of ids. */
export interface Writer extends View {
  /** An instant. */
  readonly at: string
  readonly newId: () => string
}

/** A resource of a type from a request body; its id may be missing. */
export const postedResource = (
  type: string,
  body: unknown
): Either.Either<PlainResponse, Omit<FhirResource, 'id'> & { readonly id?: unknown }> => {
  if (!isObject(body)) {
    return Either.left(operationOutcome(400, 'structure', 'The body must be a resource, as a JSON object.'))
  }
  const { resourceType } = body as { readonly resourceType?: unknown }
  return resourceType === type
    ? Either.right(body)
    : Either.left(operationOutcome(400, 'invariant', `The resource in the body must be of the type ${type}.`))
}

const forbidden = operationOutcome(403, 'forbidden', 'This user may not write that.')

const noRoom: Readonly<Record<StorageFull, PlainResponse>> = {
  'too-large': operationOutcome(413, 'too-costly', 'The resource is too large for this server.'),
  full: operationOutcome(413, 'too-costly', 'This server is full.')
}

/** Stores a resource as a new version, and makes the response. */
const stored = (writer: Writer, records: Records, resource: FhirResource): PlainResponse => {
  if (!writer.mayTouch(resource)) return forbidden
  const name = recordKey(resource)
  const isNew = current(records, name) === null
  const refused = addResource(records, resource, writer.at)
  if (refused !== null) return noRoom[refused]
  const kept = newest(records, name)
  if (kept === undefined) return resourceNotFound(name)
  const location = below(writer.fhirBaseUrl, `${name}/_history/${kept.versionId}`)
  return localFhirResponse(isNew ? 201 : 200, kept.resource, { ...versionHeaders(kept), location })
}

/** The names of the resources that a condition matches, or the error response. */
const found = (
  writer: Writer,
  records: Records,
  type: string,
  query: string
): Either.Either<PlainResponse, ReadonlyArray<string>> =>
  query === ''
    ? Either.left(operationOutcome(412, 'invalid', 'The condition is empty.'))
    : Either.map(({ matches }: { readonly matches: ReadonlyArray<FhirResource> }) => matches.map(recordKey))(
        searchAmong(writer, records, type, query)
      )

const several = operationOutcome(412, 'multiple-matches', 'The condition finds more than one resource.')

/** Creates a resource; with a condition, only if it matches none. */
export const create = (
  writer: Writer,
  records: Records,
  type: string,
  body: unknown,
  ifNoneExist: string | null
): PlainResponse => {
  const resource = postedResource(type, body)
  if (Either.isLeft(resource)) return resource.left
  if (ifNoneExist !== null) {
    const names = found(writer, records, type, ifNoneExist)
    if (Either.isLeft(names)) return names.left
    const [name, ...others] = names.right
    if (others.length > 0) return several
    const kept = name === undefined ? undefined : newest(records, name)
    if (kept !== undefined) return localFhirResponse(200, kept.resource, versionHeaders(kept))
  }
  return stored(writer, records, { ...resource.right, resourceType: type, id: writer.newId() })
}

/** Whether `If-Match` names another version than the current one. */
const versionDiffers = (records: Records, name: string, ifMatch: string | null): boolean =>
  ifMatch !== null && ifMatch !== `W/"${newest(records, name)?.versionId ?? '0'}"`

/** Updates a resource, or creates it with the id in the address. `If-None-Match: *` only creates. */
export const update = (
  writer: Writer,
  records: Records,
  type: string,
  id: string,
  body: unknown,
  ifMatch: string | null,
  ifNoneMatch: string | null
): PlainResponse => {
  const resource = postedResource(type, body)
  if (Either.isLeft(resource)) return resource.left
  if (resource.right.id !== id)
    return operationOutcome(400, 'invariant', 'The id in the body must be the one in the address.')
  const before = current(records, `${type}/${id}`)
  if (before !== null && !writer.mayTouch(before)) return resourceNotFound(`${type}/${id}`)
  if (versionDiffers(records, `${type}/${id}`, ifMatch) || (ifNoneMatch === '*' && before !== null)) {
    return operationOutcome(412, 'conflict', 'The resource has another version now.')
  }
  return stored(writer, records, { ...resource.right, resourceType: type, id })
}

/** Updates the one resource that a condition matches, or creates it. */
export const conditionalUpdate = (
  writer: Writer,
  records: Records,
  type: string,
  query: string,
  body: unknown
): PlainResponse => {
  const names = found(writer, records, type, query)
  if (Either.isLeft(names)) return names.left
  const [name, ...others] = names.right
  if (others.length > 0) return several
  const resource = postedResource(type, body)
  if (Either.isLeft(resource)) return resource.left
  const id =
    name?.slice(type.length + 1) ?? (typeof resource.right.id === 'string' ? resource.right.id : writer.newId())
  if (name === undefined && current(records, `${type}/${id}`) !== null) {
    return operationOutcome(409, 'conflict', 'The condition finds nothing, and the id in the body is taken.')
  }
  return stored(writer, records, { ...resource.right, resourceType: type, id })
}

const noContent: PlainResponse = { status: 204, headers: { 'cache-control': 'no-store' }, body: '' }

/** Deletes a resource; deleting a missing resource succeeds. */
export const remove = (
  writer: Writer,
  records: Records,
  name: string,
  ifMatch: string | null = null
): PlainResponse => {
  const resource = current(records, name)
  if (resource === null) return newest(records, name) === undefined ? resourceNotFound(name) : noContent
  if (!writer.mayTouch(resource)) return resourceNotFound(name)
  if (versionDiffers(records, name, ifMatch))
    return operationOutcome(412, 'conflict', 'The resource has another version now.')
  deleteResource(records, name, writer.at)
  return noContent
}

/** Deletes the one resource that a condition matches. */
export const conditionalRemove = (writer: Writer, records: Records, type: string, query: string): PlainResponse => {
  const names = found(writer, records, type, query)
  if (Either.isLeft(names)) return names.left
  const [name, ...others] = names.right
  if (others.length > 0) return several
  return name === undefined ? noContent : remove(writer, records, name)
}
