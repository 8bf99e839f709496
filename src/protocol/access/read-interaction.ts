/**
 * Reads a FHIR request (method, path below the FHIR base, query, headers and body) as an interaction.
 *
 * Every request gives a result. Whatever is not recognized with certainty is `NotSupported` and denied. Headers and
 * parameters that would change the method are refused, because the upstream server may honor them. Source: FHIR
 * R4, http.html.
 *
 * @module
 */
import * as Option from 'fp-ts/lib/Option.js'
import { readOperationInput } from './operations/input.js'
import { knownOperations } from './operations/table.js'
import type { QueryUnreadable, SearchQuery } from './search/query.js'
import { isCriterion, namesParameter, readSearchQuery } from './search/query.js'
import type { PlainRequest } from '../http/message.js'
import {
  fhirJsonType,
  isFhirJson,
  isFhirJsonBody,
  isForm,
  isJsonPatch,
  jsonPatchType,
  jsonType,
  mediaTypeOf
} from '../http/media-type.js'
import { decodeBase64 } from '../../values/base64url.js'
import * as Either from '../../values/either.js'
import { isNestedWithin, parseJson } from '../../values/json.js'
import { holdsNullText } from '../../values/json-numbers.js'
import { limits } from '../../values/limits/limits.js'
import { partBelow, withoutTrailingSlash } from '../../values/urls.js'
import { ownMember } from '../../values/own.js'
import { isObject } from '../../values/object.js'
import { isFhirId } from '../../values/fhir.js'
import type {
  Resource,
  NotSupportedReason,
  MalformedRequestReason,
  BundleEntry,
  Target,
  FhirInteraction
} from './fhir-interaction.js'
import { isResource } from './fhir-interaction.js'
import type { FhirRelease } from './release.js'
import { releaseR4 } from './release.js'

const compartmentTypes: ReadonlySet<string> = new Set([
  'Patient',
  'Encounter',
  'Practitioner',
  'RelatedPerson',
  'Device'
])
const overrides: ReadonlyArray<string> = ['x-http-method-override', 'x-http-method', 'x-method-override']

const notSupported = (reason: NotSupportedReason): FhirInteraction => ({ _tag: 'NotSupported', reason })
const malformed = (reason: MalformedRequestReason, place: string): FhirInteraction => ({
  _tag: 'Malformed',
  reason,
  place
})
const unknown = notSupported('unknown-interaction')

/**
 * The result for a name that stands where a resource type does, and that is none of the release. A name that begins
 * with `_`, `$` or a dot is that of an interaction, or of no resource.
 */
const unknownType = (name: string): FhirInteraction =>
  name !== 'metadata' && /^[^_$.]/.test(name) ? notSupported('unknown-resource-type') : unknown

/** The maximum nesting depth of a body. */
export const deepestBody = limits.fhirDepth.default

const readJson = (text: string): Either.Either<'not-json' | 'too-deep', unknown> => {
  const json = parseJson(text)
  if (json._tag === 'None') return Either.left('not-json')
  return isNestedWithin(deepestBody, json.value) ? Either.right(json.value) : Either.left('too-deep')
}

const withQuery = (text: string, make: (query: SearchQuery) => FhirInteraction): FhirInteraction => {
  const query: Either.Either<QueryUnreadable, SearchQuery> = readSearchQuery(text)
  return Either.isLeft(query) ? malformed('query', query.left.parameter) : make(query.right)
}

const withResource = (type: string, body: string, make: (resource: Resource) => FhirInteraction): FhirInteraction => {
  const json = readJson(body)
  if (Either.isLeft(json)) return malformed(json.left, 'body')
  if (!isResource(json.right)) return malformed('not-a-resource', 'body')
  return json.right.resourceType === type ? make(json.right) : malformed('wrong-type', 'resourceType')
}

/** The segments of a path, decoded once; null when one cannot be decoded. */
const segmentsOf = (path: string): ReadonlyArray<string> | null => {
  const bare = path.replace(/^\//, '').replace(/\/$/, '')
  if (bare === '') return []
  const segments: Array<string> = []
  for (const segment of bare.split('/')) {
    try {
      segments.push(decodeURIComponent(segment))
    } catch {
      return null
    }
  }
  return segments
}

const isRead = (method: string): boolean => method === 'GET' || method === 'HEAD'

const search = (
  type: string | null,
  compartment: { type: string; id: string } | null,
  query: string
): FhirInteraction => withQuery(query, (read) => ({ _tag: 'Search', type, compartment, query: read }))

/** A search by POST: the parameters of the URL and of the form body together. */
const postedSearch = (
  request: PlainRequest,
  type: string | null,
  compartment: { type: string; id: string } | null
): FhirInteraction =>
  request.body === '' || isForm(request)
    ? search(type, compartment, `${request.query}&${request.body}`)
    : malformed('query', 'body')

const history = (type: string | null, id: string | null, query: string): FhirInteraction =>
  withQuery(query, (read) => ({ _tag: 'History', type, id, query: read }))

/**
 * A change of a resource that is given by id or by search. A search without criteria would match everything and is
 * refused.
 */
const change = (request: PlainRequest, type: string, target: Target): FhirInteraction => {
  switch (request.method) {
    case 'PUT':
      return withResource(type, request.body, (resource) =>
        target._tag === 'Id' && resource.id !== target.id
          ? malformed('wrong-id', 'id')
          : { _tag: 'Update', type, target, resource }
      )
    case 'PATCH': {
      // A patch in another form is refused as such, after the access check.
      if (ownMember(request.headers, 'content-type') !== undefined && !isJsonPatch(request) && !isFhirJsonBody(request))
        return { _tag: 'Patch', type, target, patch: null }
      const patch = readJson(request.body)
      return Either.isLeft(patch) ? malformed(patch.left, 'body') : { _tag: 'Patch', type, target, patch: patch.right }
    }
    case 'DELETE':
      return { _tag: 'Delete', type, target }
    default:
      return unknown
  }
}

const conditional = (request: PlainRequest, type: string): FhirInteraction =>
  withQuery(request.query, (query) =>
    query.some(isCriterion) ? change(request, type, { _tag: 'Condition', query }) : unknown
  )

/**
 * `If-None-Exist` as a search string, and the type that some clients write before it. A question mark inside a value
 * belongs to the value.
 */
const ifNoneExist = ({ headers }: PlainRequest): { readonly type: string; readonly query: string } | null => {
  const written = ownMember(headers, 'if-none-exist')
  if (written === undefined) return null
  const [before = '', type = ''] = /^([^?&=]*)\?/.exec(written) ?? []
  return { type, query: written.slice(before.length) }
}

const create = (request: PlainRequest, type: string): FhirInteraction => {
  const condition = ifNoneExist(request)
  if (condition !== null && condition.type !== '' && condition.type !== type) return malformed('query', 'if-none-exist')
  return withResource(type, request.body, (resource) =>
    condition === null
      ? { _tag: 'Create', type, resource, condition: null }
      : withQuery(condition.query, (query) =>
          query.some(isCriterion)
            ? { _tag: 'Create', type, resource, condition: query }
            : malformed('query', 'if-none-exist')
        )
  )
}

/** Path and query of a URL of an entry or page link, relative to the base; null when the URL is not below the base. */
export const addressBelow = (base: string, url: string): { readonly path: string; readonly query: string } | null => {
  const root = withoutTrailingSlash(base)
  const isAbsolute = /^[a-z][a-z0-9+.-]*:/i.test(url)
  const isOfRoot = url === root || url.startsWith(`${root}?`)
  const part = isAbsolute && !isOfRoot ? partBelow(base, url) : null
  if (isAbsolute && !isOfRoot && part === null) return null
  const relative = part !== null ? `/${part}` : isAbsolute ? url.slice(root.length) : url
  if (relative.startsWith('//') || relative.includes('#')) return null
  const mark = relative.indexOf('?')
  const path = mark === -1 ? relative : relative.slice(0, mark)
  return { path: path.startsWith('/') ? path : `/${path}`, query: mark === -1 ? '' : relative.slice(mark + 1) }
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** The headers that a batch entry implies. */
const entryHeaders = (
  request: Readonly<Record<string, unknown>>,
  isJsonPatchEntry: boolean
): Readonly<Record<string, string>> => {
  const names = {
    ifNoneExist: 'if-none-exist',
    ifMatch: 'if-match',
    ifNoneMatch: 'if-none-match',
    ifModifiedSince: 'if-modified-since'
  }
  const given = Object.entries(names).flatMap(([member, header]) => {
    const value = text(request[member])
    return value === null ? [] : [[header, value] as const]
  })
  return { 'content-type': isJsonPatchEntry ? jsonPatchType : fhirJsonType, ...Object.fromEntries(given) }
}

/** The JSON Patch in a Binary (RFC 6902); null when there is none. */
const patchBody = (resource: unknown): string | null => {
  if (!isResource(resource) || resource.resourceType !== 'Binary' || typeof resource['data'] !== 'string') return null
  if (mediaTypeOf(text(resource['contentType']) ?? '') !== jsonPatchType) return null
  // The data may be in lines (FHIR R4, datatypes.html#base64Binary).
  const patch = decodeBase64(resource['data'].replaceAll(/[ \t\r\n]/g, ''))
  return Option.isNone(patch) || holdsNullText(patch.value) ? null : patch.value
}

const isExport = (interaction: FhirInteraction): boolean =>
  interaction._tag === 'Operation' && interaction.name === 'export'

const entryOf = (base: string, release: FhirRelease, entry: unknown, place: string): BundleEntry | FhirInteraction => {
  if (!isObject(entry) || !isObject(entry['request'])) return malformed('bundle-entry', place)
  const { request, resource } = entry
  const [method, url] = [text(request['method']), text(request['url'])]
  if (method === null || url === null) return malformed('bundle-entry', `${place}.request`)
  const address = addressBelow(base, url)
  const body =
    method === 'PATCH'
      ? (patchBody(resource) ?? JSON.stringify(resource ?? null))
      : resource === undefined
        ? ''
        : JSON.stringify(resource)
  const plain: PlainRequest = {
    method,
    path: address?.path ?? '/',
    query: address?.query ?? '',
    headers: entryHeaders(
      request,
      method === 'PATCH' && !(isResource(resource) && resource.resourceType === 'Parameters')
    ),
    body
  }
  const interaction = address === null ? notSupported('foreign-address') : interactionOf(plain, base, release)
  return {
    fullUrl: text(entry['fullUrl']),
    request: plain,
    interaction:
      // The response of an export is an address to ask, which an entry of a response cannot say.
      interaction._tag === 'Batch' || isExport(interaction) || (method === 'POST' && address?.path === '/')
        ? notSupported('nested-batch')
        : interaction
  }
}

const isInteraction = (read: BundleEntry | FhirInteraction): read is FhirInteraction => Object.hasOwn(read, '_tag')

const bundle = (request: PlainRequest, base: string, release: FhirRelease): FhirInteraction => {
  const json = readJson(request.body)
  if (Either.isLeft(json)) return malformed(json.left, 'body')
  if (!isResource(json.right) || json.right.resourceType !== 'Bundle') return malformed('wrong-type', 'resourceType')
  const { type, entry } = json.right
  if (type !== 'batch' && type !== 'transaction') return notSupported('bundle-type')
  if (entry !== undefined && !Array.isArray(entry)) return malformed('bundle-entry', 'entry')
  const read = (entry ?? []).map((one: unknown, index) => entryOf(base, release, one, `entry[${String(index)}]`))
  const broken = read.find(isInteraction)
  return (
    broken ?? {
      _tag: 'Batch',
      isTransaction: type === 'transaction',
      entries: read.filter((one): one is BundleEntry => !isInteraction(one))
    }
  )
}

/**
 * Why the body of an operation cannot be read: where it is JSON of FHIR it must be a resource (FHIR R4,
 * operations.html). What another format means is known to the host alone, and so is an object of plain JSON
 * (`application/json`) of an operation of its own, as that of `$graphql` and `$import`.
 */
const unreadInput = (request: PlainRequest, name: string): MalformedRequestReason | null => {
  const label = ownMember(request.headers, 'content-type')
  if (request.body === '' || (label !== undefined && !isFhirJson(mediaTypeOf(label)))) return null
  const json = readJson(request.body)
  if (Either.isLeft(json)) return json.left
  const isPlain = label !== undefined && mediaTypeOf(label) === jsonType
  const isOwn = isPlain && !knownOperations.has(name.slice(1)) && isObject(json.right)
  return isOwn || isResource(json.right) ? null : 'not-a-resource'
}

const operation = (request: PlainRequest, segments: ReadonlyArray<string>, { types }: FhirRelease): FhirInteraction => {
  const [name = '', ...before] = [...segments].reverse()
  const [type = null, id = null, ...rest] = before.reverse()
  if (type !== null && !types.has(type)) return unknownType(type)
  const isKnown = (id === null || isFhirId(id)) && rest.length === 0
  if (!isKnown || (request.method !== 'GET' && request.method !== 'POST')) return unknown
  const unread = unreadInput(request, name)
  if (unread !== null) return malformed(unread, 'body')
  return {
    _tag: 'Operation',
    level: type === null ? 'system' : id === null ? 'type' : 'instance',
    type,
    id,
    name: name.slice(1),
    input: readOperationInput(request, request.method, deepestBody)
  }
}

/** Whether a header, or a parameter in the URL, form or condition, requests a method other than that of the request. */
const overridesMethod = (request: PlainRequest): boolean =>
  overrides.some((name) => Object.hasOwn(request.headers, name)) ||
  [request.query, ifNoneExist(request)?.query ?? '', isForm(request) ? request.body : ''].some((text) =>
    namesParameter(text, '_method')
  )

const ofSystem = (request: PlainRequest, base: string, release: FhirRelease): FhirInteraction => {
  if (isRead(request.method)) return search(null, null, request.query)
  return request.method === 'POST' ? bundle(request, base, release) : unknown
}

const ofType = (request: PlainRequest, type: string): FhirInteraction => {
  if (isRead(request.method)) return search(type, null, request.query)
  return request.method === 'POST' ? create(request, type) : conditional(request, type)
}

const ofWord = (request: PlainRequest, word: string): FhirInteraction => {
  if (word === '_search') return request.method === 'POST' ? postedSearch(request, null, null) : unknown
  if (!isRead(request.method)) return unknownType(word)
  if (word === 'metadata') return { _tag: 'Capabilities' }
  return word === '_history' ? history(null, null, request.query) : unknownType(word)
}

const ofInstance = (request: PlainRequest, type: string, id: string): FhirInteraction => {
  if (id === '_search') return request.method === 'POST' ? postedSearch(request, type, null) : unknown
  if (id === '_history') return isRead(request.method) ? history(type, null, request.query) : unknown
  if (!isFhirId(id)) return unknown
  return isRead(request.method) ? { _tag: 'Read', type, id } : change(request, type, { _tag: 'Id', id })
}

const below = (
  request: PlainRequest,
  type: string,
  id: string,
  rest: ReadonlyArray<string>,
  { types }: FhirRelease
): FhirInteraction => {
  const [word = '', last, ...more] = rest
  if (!isFhirId(id) || more.length > 0) return unknown
  if (word === '_history' && isRead(request.method)) {
    if (last === undefined) return history(type, id, request.query)
    return isFhirId(last) ? { _tag: 'VersionRead', type, id, version: last } : unknown
  }
  if (!compartmentTypes.has(type)) return unknown
  if (word !== '*' && !types.has(word)) return unknownType(word)
  const searched = word === '*' ? null : word
  if (last === '_search') return request.method === 'POST' ? postedSearch(request, searched, { type, id }) : unknown
  return last === undefined && isRead(request.method) ? search(searched, { type, id }, request.query) : unknown
}

/**
 * The interaction of a request. `path` is relative to the FHIR base (`/Observation/1`). `base` is needed for absolute
 * URLs of batch entries. `release` says which resource types there are; default: FHIR R4.
 *
 * @example
 * ```ts
 * import { interactionOf } from 'smart-app-launch/resource'
 *
 * const plain = { method: 'GET', query: '', headers: {}, body: '' }
 * interactionOf({ ...plain, path: '/Patient/1' }) // => { _tag: 'Read', type: 'Patient', id: '1' }
 * interactionOf({ ...plain, path: '/Patient/1/_history/2' })
 * // => { _tag: 'VersionRead', type: 'Patient', id: '1', version: '2' }
 * interactionOf({ ...plain, method: 'DELETE', path: '/Patient' })
 * // => { _tag: 'NotSupported', reason: 'unknown-interaction' }
 * ```
 */
export const interactionOf = (request: PlainRequest, base = '', release: FhirRelease = releaseR4): FhirInteraction => {
  if (overridesMethod(request)) return notSupported('method-override')
  const segments = segmentsOf(request.path)
  if (segments === null) return malformed('path-encoding', 'path')
  const [type, id, ...rest] = segments
  if (type === undefined) return ofSystem(request, base, release)
  if (segments.some((segment) => segment === '' || segment.includes('/'))) return unknown
  if (segments.at(-1)?.startsWith('$') === true) return operation(request, segments, release)
  if (segments.length === 1 && !release.types.has(type)) return ofWord(request, type)
  if (!release.types.has(type)) return unknownType(type)
  if (id === undefined) return ofType(request, type)
  return rest.length === 0 ? ofInstance(request, type, id) : below(request, type, id, rest, release)
}
