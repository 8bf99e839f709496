/**
 * The response to a batch or a transaction, built entry by entry as text within the memory limit.
 *
 * @module
 */
import type { Task } from 'fp-ts/lib/Task.js'
import { fhirResponse, memoryExceeded, resourceIn, stopped, costExceeded } from './responses.js'
import type { MemoryExceeded, RequestBudget } from './cost.js'
import type { TellAccess } from './request-context.js'
import { headersNamed } from './request-context.js'
import { isWriting } from './write.js'
import type { BundleEntry } from '../../protocol/access/fhir-interaction.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { headerOf } from '../../protocol/http/message.js'

/**
 * The request of an entry, with the header fields of the whole request that apply to all responses: the language, and
 * whether to return resources after writes.
 */
export const entryRequest = (whole: PlainRequest, { request }: BundleEntry): PlainRequest => ({
  ...request,
  headers: { ...headersNamed(['accept-language', 'prefer'], whole), ...request.headers }
})

/** The response entries so far. */
export interface BundleAnswer {
  /**
   * Handles an entry and adds its response; after a limit is exceeded or the client has left, no more entries are
   * handled.
   */
  readonly add: (entry: BundleEntry, answer: Task<PlainResponse>) => Promise<void>
  /** Adds the response to a write; if it is too large, `short`, which has no resource. */
  readonly addWritten: (text: string, short: string) => void
  readonly response: () => PlainResponse
}

/** The `response` member of an entry: status, header fields and, for an error, the OperationOutcome. */
const responseMember = (response: PlainResponse): string =>
  JSON.stringify({
    status: String(response.status),
    ...Object.fromEntries(
      (['etag', 'location'] as const).flatMap((name) =>
        Object.hasOwn(response.headers, name) ? [[name, response.headers[name]]] : []
      )
    ),
    ...(response.status >= 400 ? { outcome: resourceIn(response) } : {})
  })

const withoutResource = (response: PlainResponse): string => `{"response":${responseMember(response)}}`

const entryText = (response: PlainResponse): string =>
  response.status >= 400 || response.body === ''
    ? withoutResource(response)
    : `{"response":${responseMember(response)},"resource":${resourceIn(response) === null ? 'null' : response.body}}`

/**
 * The longest of the times that entries ask to wait: a Bundle has no place for `Retry-After`, so it is that of the
 * whole response (RFC 9110, section 10.2.3), beside the outcome of each entry. A date counts more than seconds, and a
 * later date more than an earlier one.
 */
const longestWait = (waits: ReadonlyArray<string>): PlainResponse['headers'] => {
  const [first, ...others] = waits
  if (first === undefined) return {}
  // Seconds have at most nine digits, and the milliseconds of a date more.
  const rankOf = (wait: string): number => {
    if (/^[0-9]+$/.test(wait)) return Number(wait)
    const date = Date.parse(wait)
    return Number.isNaN(date) ? 0 : date
  }
  const longest = others.reduce((found, wait) => (rankOf(wait) > rankOf(found) ? wait : found), first)
  return { 'retry-after': longest }
}

/** A response without entries. `tell` gets the entries that are not handled, for their audit events. */
export const newBundle = (
  type: 'batch-response' | 'transaction-response',
  budget: RequestBudget,
  tell: TellAccess
): BundleAnswer => {
  const texts: Array<string> = []
  const waits: Array<string> = []
  let full: MemoryExceeded | null = null
  const add: BundleAnswer['add'] = async (entry, answer) => {
    const notHandled = (response: PlainResponse): void => {
      tell(entry.interaction, 'Deny', response)
      texts.push(withoutResource(response))
    }
    if (budget.isLeft()) notHandled(stopped({ _tag: 'ClientLeft' }))
    else if (full !== null) notHandled(memoryExceeded(full))
    else if (budget.isExhausted()) notHandled(costExceeded('requests'))
    else {
      const response = await answer()
      const wait = headerOf(response, 'retry-after')
      if (typeof wait === 'string') waits.push(wait)
      const text = entryText(response)
      full = budget.hold(text.length)
      // The write took effect, so it is reported, without its resource.
      texts.push(full === null ? text : withoutResource(isWriting(entry.interaction) ? response : memoryExceeded(full)))
    }
  }
  return {
    add,
    addWritten: (text, short) => {
      texts.push(budget.hold(text.length) === null ? text : short)
    },
    response: () => ({
      ...fhirResponse(200, null, longestWait(waits)),
      body: `{"resourceType":"Bundle","type":"${type}","entry":[${texts.join(',')}]}`
    })
  }
}
