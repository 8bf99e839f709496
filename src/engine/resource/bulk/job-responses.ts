/**
 * Responses about jobs that say no more than the upstream server did: an error with its OperationOutcome, and when to
 * ask again.
 *
 * @module
 */
import { withoutInternalAddresses } from '../addresses/internal-addresses.js'
import type { Addresses } from '../addresses/public-address.js'
import { withPublicAddresses } from '../addresses/public-address.js'
import { publicResource } from '../public-urls.js'
import { fhirResponse, notFoundResponse, outcome, resourceIn, upstreamFailed } from '../responses.js'
import type { PlainResponse } from '../../../protocol/http/message.js'
import { headerOf } from '../../../protocol/http/message.js'

/** The header fields of a job: when to ask again, how far it is, and how long its files exist. */
const jobHeaders = ['retry-after', 'x-progress', 'expires'] as const

/** The header fields of a job that are plain text of a moderate length, without internal addresses. */
export const jobHeadersOf = (addresses: Addresses, response: PlainResponse): PlainResponse['headers'] => {
  const shown = withoutInternalAddresses(addresses, '')
  return Object.fromEntries(
    jobHeaders.flatMap((name) => {
      const value = headerOf(response, name)
      const isPlain = typeof value === 'string' && /^[\x20-\x7e]{1,100}$/.test(value)
      return isPlain ? [[name, withPublicAddresses(addresses, shown(value))]] : []
    })
  )
}

/** Whether a response is about the credentials of the gate, and not about the client. */
const isOfGate = (status: number): boolean => status === 401 || status === 403 || status === 407

/** The response where the upstream server reports a failure of a job. */
export const jobTrouble = (addresses: Addresses, response: PlainResponse): PlainResponse => {
  const { status } = response
  const headers = jobHeadersOf(addresses, response)
  if (status < 400 || isOfGate(status)) return upstreamFailed()
  const resource = resourceIn(response)
  if (resource?.resourceType === 'OperationOutcome')
    return fhirResponse(status, publicResource(addresses, resource), headers)
  if (status === 404 || status === 410) return notFoundResponse()
  if (status === 429 || status === 503)
    return outcome(status, 'transient', 'The FHIR server asks to try again later.', headers)
  return status < 500 ? outcome(status, 'processing', 'The FHIR server refuses the job.') : upstreamFailed()
}
