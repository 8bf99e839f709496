/** Discovery at an address that is no FHIR base URL of this server: the answer says which one is. */
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import type { RequestHandler } from '../../engine/server/http-handler.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { headerOf, json } from '../../protocol/http/message.js'
import { below, loopbackUrl, originOf, pathOf } from '../../values/urls.js'

const discoveryPath = /\/\.well-known\/smart-configuration$/

/** Pages of every origin can read the answer: to a browser app, all else is "Failed to fetch". */
const refused = (sentence: string): PlainResponse =>
  json(404, { error: 'invalid_request', error_description: sentence }, { 'access-control-allow-origin': '*' })

/** Whether a request came by another name of this machine: `localhost` for `127.0.0.1`. */
export const isOtherName = (publicBaseUrl: string, request: PlainRequest): boolean => {
  const own = loopbackUrl(originOf(publicBaseUrl))
  const host = headerOf(request, 'host')
  const used = typeof host === 'string' ? loopbackUrl(`http://${host}`) : null
  return own !== null && used !== null && used.host !== own.host && used.port === own.port
}

/**
 * The handler, which explains a wrong FHIR base URL where an app first uses it: at discovery. Under another name of
 * this machine, at the address of the server without `/fhir`, and with a slash too many, there is no discovery.
 */
export const withExplainedBase = (publicBaseUrl: string, handler: RequestHandler): RequestHandler => {
  const basePath = pathOf(publicBaseUrl)
  const answer: RequestHandler = (request) => {
    const { path } = request
    if (!discoveryPath.test(path)) return handler(request)
    const server = /^\/sim\/[\w-]+(?=\/)/.exec(path.slice(basePath.length))?.[0] ?? ''
    const right = `The FHIR base URL (iss, and aud) is ${below(`${publicBaseUrl}${server}`, 'fhir')}.`
    if (path === `${basePath}${server}/fhir/.well-known/smart-configuration`)
      return isOtherName(publicBaseUrl, request)
        ? Task.of(refused(`This server has another name, and aud is compared with it. ${right}`))
        : handler(request)
    if (path.includes('//')) return Task.of(refused(`A slash too many is in the address. ${right}`))
    return pipe(
      handler(request),
      Task.map((response) =>
        response.status === 404 ? refused(`No FHIR server has this address. ${right}`) : response
      )
    )
  }
  return Object.assign(answer, handler)
}
