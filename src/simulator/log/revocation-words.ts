/** Who ended a grant, in words, by the address at which it was revoked. */
import type { ShownRequest } from './shown-request.js'

/** Who ended a grant at an address; the first pattern that fits. */
const endedAt: ReadonlyArray<readonly [path: RegExp, words: string]> = [
  [/\/revoke$/, 'The app revoked its token at the revocation endpoint, which ended the grant.'],
  [/\/ehr\/grants\/[^/]+$/, 'A person at this simulator revoked the grant on the page of grants.'],
  [/\/ehr\/apps(?:\/|$)/, 'The app was removed on the page of apps, which ended its grants.'],
  [/\/register\/[^/]+$/, 'The app ended its registration, which ended its grants.'],
  [/\/apps(?:\/|$)/, 'The user ended the access of the app on the page of connected apps.']
]

/** Who ended a grant, in a sentence: what the line of the revocation says. */
export const revocationInWords = (grantId: string | null, request: Pick<ShownRequest, 'path'> | null): string => {
  const path = request?.path ?? ''
  const [, conversation = null] = /\/interaction\/([^/]+?)(?:\.\.\.)?$/.exec(path) ?? []
  if (conversation === null)
    return endedAt.find(([pattern]) => pattern.test(path))?.[1] ?? 'The record system ended the grant.'
  return grantId?.startsWith(conversation) === true
    ? 'The user left the pages of the request for another user, so the request ended and began again.'
    : 'The user has too many connected apps, so that the oldest grant ended for a newer one.'
}
