/** Whether an app runs, before it is launched: one short request, only where keys of clients may be fetched too. */
import type * as Task from 'fp-ts/lib/Task.js'
import type { Config } from '../config/config.js'
import { guardedFetch } from '../../adapters/fetch/guarded-fetch.js'
import { isObject } from '../../values/object.js'
import { originOf } from '../../values/urls.js'

/** The errors of an address at which nothing listens. */
const silentCodes: ReadonlyArray<unknown> = ['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH']

const isSilence = (error: unknown): boolean =>
  isObject(error) && (silentCodes.includes(error['code']) || error['message'] === 'no connection in time')

/**
 * Whether nothing answers at the origin of a launch URI. An origin that this server may not contact counts as one that
 * answers: only the browser knows.
 */
export const isSilent =
  (
    { fetchPrivateNetworks, publicBaseUrl }: Pick<Config, 'fetchPrivateNetworks' | 'publicBaseUrl'>,
    launchUri: string
  ): Task.Task<boolean> =>
  async () => {
    const origin = originOf(launchUri)
    if (origin === originOf(publicBaseUrl)) return false
    const contact = guardedFetch({ allowedNetworks: fetchPrivateNetworks })
    try {
      await contact(`${origin}/`)
      return false
    } catch (error) {
      return isSilence(error)
    }
  }
