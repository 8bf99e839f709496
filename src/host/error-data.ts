/**
 * The data of an error page, from the refusal that it shows.
 *
 * @module
 */
import type { ErrorPage } from './page-data.js'
import type { Refusal } from '../protocol/errors/refusal.js'
import { errorUri } from '../protocol/errors/refusal.js'
import { refusalRow } from '../protocol/errors/refusal-table.js'

/** The refusals of a request that is over: nothing is wrong with it. */
const endings: ReadonlySet<Refusal['_tag']> = new Set(['InteractionOver', 'InteractionExpired', 'InteractionUnknown'])

/** What an error page may offer beside the message. */
export type Offer = Partial<Pick<ErrorPage, 'message' | 'retry' | 'onward'>>

/** The data of the error page of a refusal. */
export const errorData = (refusal: Refusal, { message, retry = null, onward = null }: Offer = {}): ErrorPage => {
  const row = refusalRow(refusal)
  const { status, error } = row
  return {
    kind: status >= 500 ? 'failed' : endings.has(refusal._tag) ? 'ended' : 'refused',
    status,
    message: message ?? row.description,
    error,
    reference: errorUri(row),
    retry,
    onward
  }
}
