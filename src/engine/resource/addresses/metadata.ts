/**
 * The answer to `/metadata` through the gate: a description of the server, with public addresses.
 *
 * @module
 */
import type { Addresses } from './public-address.js'
import { publicAnswer } from '../public-urls.js'
import { isUpstreamError, resourceIn, upstreamFailed, withoutRule } from '../responses.js'
import type { PlainResponse } from '../../../protocol/http/message.js'

/** What a server may answer to a request for its capabilities. */
const capabilities: ReadonlySet<string> = new Set([
  'CapabilityStatement',
  'TerminologyCapabilities',
  'OperationOutcome'
])

/** The answer to `/metadata` as clients may see it; 502 if the upstream server fails, or returns something else. */
export const publicMetadata = (addresses: Addresses, response: PlainResponse): PlainResponse => {
  const resource = resourceIn(response)
  const isOther = resource === null || !capabilities.has(resource.resourceType)
  const isSuccess = response.status === 200 || response.status >= 400
  if (isUpstreamError(response) || isOther || !isSuccess) return withoutRule(upstreamFailed(response))
  return publicAnswer(addresses, response)
}
