/** Discovery at an address that is no FHIR base URL of this server: the answer says which one is. */
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import { actions, linkButton, notice } from '../design/parts.js'
import type { DecisionLog } from '../log/log.js'
import { withoutSettings } from '../log/line-server.js'
import { logLink } from '../log/linked-answer.js'
import { cardPage } from '../pages/card-page.js'
import { toLaunchPage } from '../pages/parties.js'
import type { RequestHandler } from '../../engine/server/http-handler.js'
import { html } from '../../host/html.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { headerOf, json } from '../../protocol/http/message.js'
import { below, loopbackUrl, originOf, pathOf } from '../../values/urls.js'

const discoveryPath = /\/\.well-known\/smart-configuration$/

/** Whether a browser shows the answer: it asks for HTML, and clients of the protocol and of FHIR do not. */
export const isForBrowser = (request: PlainRequest): boolean => {
  const accept = headerOf(request, 'accept') ?? ''
  return (request.method === 'GET' || request.method === 'HEAD') && /^[^;]*text\/html/.test(accept)
}

/** Why there is no discovery document at an address, and the FHIR base URL that has one. */
interface WrongBase {
  readonly sentence: string
  readonly fhirBaseUrl: string
}

/** Pages of every origin can read the answer: to a browser app, all else is "Failed to fetch". */
const refusedJson = ({ fhirBaseUrl, sentence }: WrongBase): PlainResponse =>
  json(
    404,
    {
      error: 'invalid_request',
      error_description: `${sentence} The FHIR base URL (iss, and aud) is ${fhirBaseUrl}.`
    },
    { 'access-control-allow-origin': '*' }
  )

const refusedPage = (homePath: string, { fhirBaseUrl, sentence }: WrongBase): PlainResponse =>
  cardPage(
    homePath,
    404,
    'There is no discovery document here',
    html`${notice('bad', html`<p>${sentence}</p>`)}
<p>The FHIR base URL (<code>iss</code>, and <code>aud</code>) is:</p>
<pre class="copyable" tabindex="0">${fhirBaseUrl}</pre>
${actions([
  linkButton(below(fhirBaseUrl, '.well-known/smart-configuration'), html`Open its discovery document`, 'main'),
  toLaunchPage(homePath)
])}
<p class="quiet"><a ${{ html: logLink(homePath) }}>The log of this server</a> says more.</p>`
  )

/** Whether a request came by another name of this machine: `localhost` for `127.0.0.1`. */
export const isOtherName = (publicBaseUrl: string, request: PlainRequest): boolean => {
  const own = loopbackUrl(originOf(publicBaseUrl))
  const host = headerOf(request, 'host')
  const used = typeof host === 'string' ? loopbackUrl(`http://${host}`) : null
  return own !== null && used !== null && used.host !== own.host && used.port === own.port
}

/** What the explanation needs of the simulator. */
interface ExplainedBase {
  readonly publicBaseUrl: string
  readonly log: Pick<DecisionLog, 'linked'>
  readonly record: (refusal: Refusal) => void
}

/**
 * The handler, which explains a wrong FHIR base URL where an app first uses it: at discovery. Under another name of
 * this machine, at the address of the server without `/fhir`, and with a slash too many, there is no discovery. A
 * browser gets a page, and the log a line.
 */
export const withExplainedBase = (
  { log, publicBaseUrl, record }: ExplainedBase,
  handler: RequestHandler
): RequestHandler => {
  const basePath = pathOf(publicBaseUrl)
  const refused = (request: PlainRequest, wrong: WrongBase): Task.Task<PlainResponse> =>
    log.linked(({ path }) =>
      Task.fromIO(() => {
        // A setting may hold a secret.
        record({ _tag: 'NoSuchAddress', path: withoutSettings(path) })
        return isForBrowser(request) ? refusedPage(basePath, wrong) : refusedJson(wrong)
      })
    )(request)
  const answer: RequestHandler = (request) => {
    const { path } = request
    if (!discoveryPath.test(path)) return handler(request)
    const server = /^\/sim\/[\w-]+(?=\/)/.exec(path.slice(basePath.length))?.[0] ?? ''
    const fhirBaseUrl = below(`${publicBaseUrl}${server}`, 'fhir')
    if (path === `${basePath}${server}/fhir/.well-known/smart-configuration`)
      return isOtherName(publicBaseUrl, request)
        ? refused(request, { sentence: 'This server has another name, and aud is compared with it.', fhirBaseUrl })
        : handler(request)
    if (path.includes('//')) return refused(request, { sentence: 'A slash too many is in the address.', fhirBaseUrl })
    return pipe(
      handler(request),
      Task.chain((response) =>
        response.status === 404
          ? refused(request, { sentence: 'No FHIR server has this address.', fhirBaseUrl })
          : Task.of(response)
      )
    )
  }
  return Object.assign(answer, handler)
}
