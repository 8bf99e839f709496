/**
 * The files of a job: one resource a line. Each is checked, as the results of a search are.
 *
 * @module
 */
import * as Option from 'fp-ts/lib/Option.js'
import type { JobAddress } from './job-address.js'
import type { RequestContext } from '../request-context.js'
import { entriesOf, upstreamFailed } from '../responses.js'
import type { EvaluationContext } from '../../../protocol/access/alternatives.js'
import type { Resource } from '../../../protocol/access/fhir-interaction.js'
import { isResource } from '../../../protocol/access/fhir-interaction.js'
import { exportAlternatives, exportsWhole } from '../../../protocol/access/operations/export.js'
import { permittedAmong } from '../../../protocol/access/permitted.js'
import { deepestBody } from '../../../protocol/access/read-interaction.js'
import { indexReader } from '../../../protocol/access/search/search-index.js'
import { mediaTypeOf, ndjsonType } from '../../../protocol/http/media-type.js'
import type { PlainResponse } from '../../../protocol/http/message.js'
import { headerOf } from '../../../protocol/http/message.js'
import { releaseIn, vocabularyIn } from '../../../protocol/access/release.js'
import { isNestedWithin, parseJson } from '../../../values/json.js'
import { withNumbersAsTexts } from '../../../values/json-numbers.js'
import { noMembers, ownMembers } from '../../../values/own.js'

/** The resource of a line; null for one that is none, or is nested too deep. */
const resourceOfLine = (line: string): Resource | null => {
  const read = parseJson(withNumbersAsTexts(line))
  return Option.isSome(read) && isResource(read.value) && isNestedWithin(deepestBody, read.value) ? read.value : null
}

/** Tests whether the token may export a resource. */
const exportable = ({ options, facts, references }: RequestContext): ((resource: Resource) => boolean) => {
  const rules = options.rules ?? noMembers
  const alternatives = exportAlternatives(facts, rules)
  const isWhole = exportsWhole(facts, rules)
  const evaluation: EvaluationContext = ownMembers({
    read: (options.reader ?? indexReader)(references, releaseIn(rules)),
    references,
    userMay: () => false,
    vocabulary: vocabularyIn(rules)
  })
  const may = permittedAmong(alternatives, releaseIn(rules).types, evaluation)
  return (resource) => isWhole(resource.resourceType) || (may('r', resource, null) && may('s', resource, null))
}

/** The type of a deleted resource; null for an entry that deletes none. */
const deletedType = (entry: {
  readonly request?: { readonly method?: string; readonly url?: string }
}): string | null =>
  entry.request?.method === 'DELETE' ? (/^([^/?]+)\/[^/?]+$/.exec(entry.request.url ?? '')?.[1] ?? null) : null

/** A line of a file with deletions: those of types that the token may export whole. Others cannot be checked. */
const deletions = (bundle: Resource, isWhole: (type: string) => boolean): string | null => {
  const entry = entriesOf(bundle).filter((one) => {
    const type = deletedType(one)
    return type !== null && one.resource === undefined && isWhole(type)
  })
  return bundle.resourceType === 'Bundle' && entry.length > 0
    ? JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry: entry.map(({ request }) => ({ request })) })
    : null
}

/** The lines of a file that the token may export; null when a line is no resource. */
const checkedLines = (
  requestContext: RequestContext,
  { part }: JobAddress,
  body: string
): ReadonlyArray<string> | null => {
  const mayExport = exportable(requestContext)
  const isWhole = exportsWhole(requestContext.facts, requestContext.options.rules ?? noMembers)
  const lines: Array<string> = []
  for (const line of body.split('\n')) {
    if (line.trim() === '') continue
    const resource = resourceOfLine(line)
    if (resource === null) return null
    if (part === 'deleted') {
      const left = deletions(resource, isWhole)
      if (left !== null) lines.push(left)
    } else if (part === 'error' ? resource.resourceType === 'OperationOutcome' : mayExport(resource)) lines.push(line)
  }
  return lines
}

/** A file as the client gets it; 502 if it cannot be checked. */
export const checkedFile = (
  requestContext: RequestContext,
  address: JobAddress,
  isFree: boolean,
  response: PlainResponse
): PlainResponse => {
  const headers = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }
  if (isFree) {
    const type = headerOf(response, 'content-type')
    const mediaType = mediaTypeOf(typeof type === 'string' ? type : undefined)
    return {
      status: 200,
      headers: { ...headers, 'content-type': mediaType === '' ? ndjsonType : mediaType },
      body: response.body
    }
  }
  const lines = checkedLines(requestContext, address, response.body)
  return lines === null
    ? upstreamFailed()
    : {
        status: 200,
        headers: { ...headers, 'content-type': ndjsonType },
        body: lines.map((line) => `${line}\n`).join('')
      }
}
