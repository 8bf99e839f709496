/** Whether an app runs, and shows itself in a frame, before it is launched: only where keys may be fetched too. */
import type { IncomingMessage } from 'node:http'
import type * as Task from 'fp-ts/lib/Task.js'
import type { Config } from '../config/config.js'
import { mayBeFramed } from '../launch/frame-policy.js'
import { guardedRequest } from '../../adapters/fetch/guarded-fetch.js'
import { ownMember } from '../../values/own.js'
import { isObject } from '../../values/object.js'
import { originOf, withParameters } from '../../values/urls.js'

/** The head of a response of an app. */
type ResponseHead = Pick<IncomingMessage, 'headers' | 'statusCode'>

/** Asks an app for the head of a page. A simulator has one, so that its limits hold for all requests together. */
export type AppContact = (url: string) => Promise<ResponseHead>

/** What a launch is checked with. */
interface CheckingParts {
  readonly config: Pick<Config, 'publicBaseUrl'>
  readonly contact: AppContact
}

/** Makes the contact. It reaches only addresses from which keys may be fetched too. */
export const appContact = ({ fetchPrivateNetworks }: Pick<Config, 'fetchPrivateNetworks'>): AppContact =>
  guardedRequest(
    { allowedNetworks: fetchPrivateNetworks },
    {
      accept: 'text/html',
      read: (response) => {
        // Only the header fields count, so the rest of the page is not awaited.
        response.destroy()
        return Promise.resolve(response)
      }
    }
  )

/** The errors of an address at which nothing listens. */
const silentCodes: ReadonlyArray<unknown> = ['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH']

const isSilence = (error: unknown): boolean =>
  isObject(error) && (silentCodes.includes(error['code']) || error['message'] === 'no connection in time')

/**
 * Whether nothing answers at the origin of a launch URI. An origin that this server may not contact counts as one that
 * answers: only the browser knows.
 */
export const isSilent =
  ({ config, contact }: CheckingParts, launchUri: string): Task.Task<boolean> =>
  async () => {
    const origin = originOf(launchUri)
    if (origin === originOf(config.publicBaseUrl)) return false
    try {
      await contact(`${origin}/`)
      return false
    } catch (error) {
      return isSilence(error)
    }
  }

/** Whether a response forbids its page in a frame of an origin. The browser follows a redirect to another page. */
const forbidsFrame = (launchUri: string, by: string, { headers, statusCode = 0 }: ResponseHead): boolean => {
  const field = (name: string): string | null => [ownMember(headers, name) ?? []].flat().join(',') || null
  return (
    Math.floor(statusCode / 100) !== 3 &&
    !mayBeFramed(
      { contentSecurityPolicy: field('content-security-policy'), xFrameOptions: field('x-frame-options') },
      launchUri,
      by
    )
  )
}

/**
 * Whether the page at a launch URI forbids the frame of this server. The request says `iss`, as each launch does,
 * because an app without it may fail; it has no launch handle. A page that this server cannot fetch counts as one that
 * allows it.
 */
export const refusesFrames =
  (
    { config, contact }: CheckingParts,
    { iss, launchUri }: { readonly iss: string; readonly launchUri: string }
  ): Task.Task<boolean> =>
  async () => {
    const by = originOf(config.publicBaseUrl)
    if (originOf(launchUri) === by) return false
    try {
      return forbidsFrame(launchUri, by, await contact(withParameters(launchUri, [['iss', iss]])))
    } catch {
      return false
    }
  }
