/**
 * What browsers keep from pages of other origins (CORS): an app in a browser fails there, and the server refuses
 * nothing.
 */
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { headerOf } from '../../protocol/http/message.js'
import { limits } from '../../values/limits/limits.js'
import { shown } from '../../values/shown-text.js'
import { originOf } from '../../values/urls.js'

/** The endpoints that pages of apps may call, below the issuer; all others are for browsers that go there. */
const calledByPages = /\/(?:token|introspect|revoke|register|userinfo)$|\/fhir(?:\/|$)/

/**
 * The origin of a page that may not read a response, as its request names it; null for a response that it may read, for
 * a page of this server, and where no page calls.
 */
export const hiddenFrom = (publicBaseUrl: string, request: PlainRequest, response: PlainResponse): string | null => {
  const origin = headerOf(request, 'origin')
  return typeof origin !== 'string' ||
    origin === originOf(publicBaseUrl) ||
    headerOf(response, 'access-control-allow-origin') !== undefined ||
    !calledByPages.test(request.path)
    ? null
    : shown(origin, limits.shownDetail.default)
}
