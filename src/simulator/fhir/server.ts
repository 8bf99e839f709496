/**
 * The simulator's FHIR server: reads, writes and searches its records, for one user at a time. It enforces which
 * patients the user may see, and knows no scopes: the gate enforces those before a request arrives here.
 *
 * Source: FHIR R4, http.html.
 */
import * as Either from 'fp-ts/lib/Either.js'
import { bundle } from './bundle.js'
import type { View } from './read.js'
import { read, readVersion } from './read.js'
import { everything } from './everything.js'
import { history, instanceHistory } from './history.js'
import { parameterReader } from './parameter-values.js'
import type { Records } from './records.js'
import { operationOutcome } from './responses.js'
import { searchType } from './search.js'
import type { Writer } from './write.js'
import { conditionalRemove, conditionalUpdate, create, remove, update } from './write.js'
import type { FhirRelease } from '../../protocol/access/release.js'
import { releaseIn } from '../../protocol/access/release.js'
import { compartmentParameters } from '../../protocol/access/search/search-index.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { parseJson } from '../../values/json.js'
import { headerOf } from '../../protocol/http/message.js'
import { isFhirId } from '../../values/fhir.js'
import { isObject } from '../../values/object.js'

const notSupported = (allow: string): PlainResponse =>
  operationOutcome(405, 'not-supported', 'This server does not do that.', { allow })

const noSuchType = (type: string): PlainResponse =>
  operationOutcome(404, 'not-supported', `This server does not have ${type}.`)

const parsed = (body: string): Either.Either<PlainResponse, unknown> =>
  Either.fromOption(() => operationOutcome(400, 'structure', 'The body is not JSON.'))(parseJson(body))

/** The value of a header field, or null. */
const header = (request: PlainRequest, name: string): string | null => headerOf(request, name) ?? null

const isReading = ({ method }: PlainRequest): boolean => method === 'GET' || method === 'HEAD'

const joined = (...queries: ReadonlyArray<string>): string => queries.filter((query) => query !== '').join('&')

const onSystem = (writer: Writer, records: Records, request: PlainRequest): PlainResponse => {
  if (request.method !== 'POST') return notSupported('POST')
  const body = parsed(request.body)
  return Either.isLeft(body)
    ? body.left
    : bundle((one) => handle(writer, records, one), records, body.right, writer.newId)
}

const onType = (writer: Writer, records: Records, type: string, request: PlainRequest): PlainResponse => {
  if (isReading(request)) return searchType(writer, records, type, request.query)
  if (request.method === 'DELETE') return conditionalRemove(writer, records, type, request.query)
  const body = parsed(request.body)
  if (Either.isLeft(body)) return body.left
  switch (request.method) {
    case 'POST':
      return create(writer, records, type, body.right, header(request, 'if-none-exist'))
    case 'PUT':
      return conditionalUpdate(writer, records, type, request.query, body.right)
    default:
      return notSupported('GET, HEAD, POST, PUT, DELETE')
  }
}

const onInstance = (
  writer: Writer,
  records: Records,
  type: string,
  id: string,
  request: PlainRequest
): PlainResponse => {
  if (isReading(request)) return read(writer, records, `${type}/${id}`, headerOf(request, 'if-none-match'))
  if (request.method === 'DELETE') return remove(writer, records, `${type}/${id}`, header(request, 'if-match'))
  if (request.method !== 'PUT') return notSupported('GET, HEAD, PUT, DELETE')
  const body = parsed(request.body)
  return Either.isLeft(body)
    ? body.left
    : update(writer, records, type, id, body.right, header(request, 'if-match'), header(request, 'if-none-match'))
}

/** A search in a patient's compartment; other compartments are refused. */
const inCompartment = (
  view: View,
  records: Records,
  [owner = '', id = '', type = '']: ReadonlyArray<string>,
  query: string
): PlainResponse => {
  if (owner !== 'Patient' || !view.release.types.has(type)) return notSupported('GET')
  const names = compartmentParameters(type, undefined, view.release)
  return searchType(view, records, type, query, `${owner}/${id}/${type}`, (resource) =>
    type === 'Patient'
      ? resource.id === id
      : names.some((name) => view.parameter(type, name)?.values(resource).includes(`Patient/${id}`))
  )
}

/** The parameters of an operation: those of the address, and those of a body of Parameters. */
const parametersOfOperation = (request: PlainRequest): Either.Either<PlainResponse, string> => {
  if (isReading(request) || request.body === '') return Either.right(request.query)
  const body = parsed(request.body)
  if (Either.isLeft(body)) return body
  const { parameter = [] } = isObject(body.right) ? body.right : {}
  const pairs = (Array.isArray(parameter) ? parameter : []).map((one: unknown) => {
    const [, value] = isObject(one) ? (Object.entries(one).find(([name]) => name.startsWith('value')) ?? []) : []
    return isObject(one) && typeof one['name'] === 'string' && ['string', 'number'].includes(typeof value)
      ? `${encodeURIComponent(one['name'])}=${encodeURIComponent(String(value).replace(/^\u0000/, ''))}`
      : null
  })
  return pairs.includes(null)
    ? Either.left(operationOutcome(400, 'invalid', 'The Parameters of the operation cannot be read.'))
    : Either.right(joined(request.query, ...pairs.filter((pair) => pair !== null)))
}

/** `Patient/$everything` and `Patient/[id]/$everything`. */
const onEverything = (view: View, records: Records, id: string | null, request: PlainRequest): PlainResponse => {
  if (!isReading(request) && request.method !== 'POST') return notSupported('GET, HEAD, POST')
  const query = parametersOfOperation(request)
  return Either.isLeft(query) ? query.left : everything(view, records, id, query.right)
}

/** Handles one request; `path` is below the FHIR base. */
const handle = (writer: Writer, records: Records, request: PlainRequest): PlainResponse => {
  const segments = request.path.replace(/^\//, '').replace(/\/$/, '').split('/')
  const [type = '', second, third, fourth] = segments
  if (type === '') return onSystem(writer, records, request)
  if (type === '_history' && segments.length === 1 && isReading(request))
    return history(writer, records, '_history', request.query, () => true)
  if (!writer.release.types.has(type)) return noSuchType(type)
  if (second === undefined) return onType(writer, records, type, request)
  if (second === '_search' && segments.length === 2 && request.method === 'POST') {
    return searchType(writer, records, type, joined(request.query, request.body))
  }
  if (second === '_history' && segments.length === 2 && isReading(request)) {
    return history(writer, records, `${type}/_history`, request.query, (name) => name.startsWith(`${type}/`))
  }
  if (type === 'Patient' && segments.at(-1) === '$everything' && segments.length <= 3) {
    if (segments.length === 2) return onEverything(writer, records, null, request)
    if (isFhirId(second)) return onEverything(writer, records, second, request)
  }
  if (!isFhirId(second)) return notSupported('GET')
  if (third === undefined) return onInstance(writer, records, type, second, request)
  if (!isReading(request)) return notSupported('GET, HEAD')
  if (third === '_history' && segments.length === 3)
    return instanceHistory(writer, records, `${type}/${second}`, request.query)
  if (third === '_history' && segments.length === 4)
    return readVersion(writer, records, `${type}/${second}`, fourth ?? '')
  return segments.length === 3 ? inCompartment(writer, records, segments, request.query) : notSupported('GET')
}

/** The base URL of a FHIR server, its release, its clock and its source of ids. */
export interface LocalFhirSettings {
  readonly fhirBaseUrl: string
  /** Default: FHIR R4. */
  readonly release?: FhirRelease
  /** The current time in FHIR's format. */
  readonly instant: () => string
  readonly newId: () => string
}

/** Answers requests from the given records, which a request may change. */
export const answerFrom = (settings: LocalFhirSettings) => {
  const [{ fhirBaseUrl, instant, newId }, release] = [settings, releaseIn(settings)]
  const references = { base: fhirBaseUrl }
  const parameter = parameterReader(references, release)
  return (records: Records, mayTouch: View['mayTouch'], request: PlainRequest): PlainResponse => {
    const writer: Writer = { fhirBaseUrl, release, references, parameter, mayTouch, at: instant(), newId }
    const response = handle(writer, records, request)
    return request.method === 'HEAD' ? { ...response, body: '' } : response
  }
}

/** A FHIR server with its own records. */
export interface LocalFhirServer {
  /** The current records. */
  readonly records: () => Records
  /** Answers a request of a user with the access rule `mayTouch`. Each request is finished before the next begins. */
  readonly answer: (mayTouch: View['mayTouch'], request: PlainRequest) => PlainResponse
}

/** A FHIR server with these initial records. */
export const localFhirServer = (records: Records, settings: LocalFhirSettings): LocalFhirServer => {
  const answer = answerFrom(settings)
  return { records: () => records, answer: (mayTouch, request) => answer(records, mayTouch, request) }
}
