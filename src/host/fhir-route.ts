/**
 * FHIR below the FHIR base: the gate in front of the host's FHIR server, with CORS and challenges.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { HostAddresses } from './host-addresses.js'
import type { HostOptions } from './host-options.js'
import { withinTime } from './time-limit.js'
import { withDeadline } from '../adapters/fetch/deadline.js'
import type { AccessEvent } from '../protocol/access/access-event.js'
import { releaseIn } from '../protocol/access/release.js'
import { fhirGate } from '../engine/resource/fhir-gate.js'
import { metadataFormatRefusal } from '../engine/resource/formats.js'
import { pageLinksUnder } from '../engine/resource/page-links.js'
import { publicMetadata } from '../engine/resource/addresses/metadata.js'
import { outcome, upstreamUnavailable, withoutRule } from '../engine/resource/responses.js'
import type { Ports } from '../engine/ports.js'
import { accessEntry, recordAuditNow, refusedEntry } from '../engine/server/audit.js'
import type { AuthorizationServer } from '../engine/server/authorization-server.js'
import { validatedFhirServer } from '../engine/validated-ports.js'
import { engineFhirServer } from '../plain/engine-ports.js'
import type { PlainFhirServer } from '../plain/ports.js'
import type { Refusal } from '../protocol/errors/refusal.js'
import { bearerChallenge, refusalHeaders, refusalRow } from '../protocol/errors/refusal-table.js'
import { fhirJsonType } from '../protocol/http/media-type.js'
import type { PlainRequest, PlainResponse } from '../protocol/http/message.js'
import { accessRulesOf } from '../protocol/scope-policy/resource-side-check.js'
import { limits } from '../values/limits/limits.js'

/** The methods of FHIR's interactions, for CORS. */
const fhirMethods = 'GET, HEAD, POST, PUT, PATCH, DELETE'

/** The response to a refused access token (RFC 6750, section 3). */
const accessRefused = (refusal: Refusal): PlainResponse => {
  const { status, description } = refusalRow(refusal)
  return status === 503
    ? outcome(status, 'transient', description, refusalHeaders(refusal))
    : outcome(status, 'login', description, { 'www-authenticate': bearerChallenge(refusal) })
}

/** A FHIR function whose exceptions are written to the console: otherwise the cause of a 503 would be lost. */
const reported = (fhir: PlainFhirServer): PlainFhirServer =>
  typeof fhir === 'string'
    ? fhir
    : async (request) => {
        try {
          return await withDeadline(limits.upstreamTime.default, request.signal, async () => fhir(request))
        } catch (thrown) {
          console.error('smart-app-launch: the function `fhir` failed:', thrown)
          throw thrown
        }
      }

/** What the FHIR route needs of its host. */
interface RouteContext {
  readonly server: AuthorizationServer
  readonly ports: Pick<Ports, 'audit' | 'clock' | 'keys'>
  readonly addresses: HostAddresses
  readonly options: Pick<HostOptions<never>, 'userMay' | 'timeoutMilliseconds'>
}

/**
 * Answers requests below the FHIR base. `/metadata` needs no token. The audit log gets each interaction; `bearer` adds
 * each token that is refused.
 */
export const fhirRoute = (
  { server, ports, addresses, options: given }: RouteContext,
  fhir: PlainFhirServer
): ((request: PlainRequest) => Promise<PlainResponse>) => {
  const { facts, policy } = server
  const { userMay, timeoutMilliseconds: timeLimit = limits.hostTime.default } = given
  const aliases = typeof fhir === 'string' ? [fhir] : []
  const upstream = validatedFhirServer(engineFhirServer(reported(fhir)))
  const rules = accessRulesOf(facts.features.resourceSide)
  const onAccess = (event: AccessEvent): void => {
    recordAuditNow(ports, accessEntry(event), null)
  }
  const pageLinks = pageLinksUnder(ports.keys)
  const relative = (request: PlainRequest): PlainRequest => ({ ...request, path: addresses.belowFhir(request.path) })
  const data = server.endpoints.share('registered', fhirMethods, (request) => async () => {
    const access = await withinTime(timeLimit, server.resource.bearer(request))
    if (access === null) {
      const refusal: Refusal = { _tag: 'HostUnavailable', reason: 'no answer in time' }
      return recordAuditNow(ports, refusedEntry(refusal), accessRefused(refusal))
    }
    if (Either.isLeft(access)) return accessRefused(access.left)
    const options = { server: upstream, policy, base: facts.fhirBaseUrl, aliases, rules, pageLinks, onAccess }
    const gate = fhirGate({ ...options, ...(userMay === undefined ? {} : { userMay }) }, access.right)
    return gate(relative(request))()
  })
  const metadata = server.endpoints.share('anyone', 'GET, HEAD', (request) => {
    const refusal = metadataFormatRefusal(request, releaseIn(rules).version)
    if (refusal !== null) return Task.of(refusal)
    return pipe(
      upstream.answer({
        method: 'GET',
        path: '/metadata',
        query: request.query,
        headers: { accept: fhirJsonType },
        body: ''
      }),
      TaskEither.map((response) => publicMetadata({ base: facts.fhirBaseUrl, aliases }, response)),
      TaskEither.getOrElse(() => Task.of(withoutRule(upstreamUnavailable())))
    )
  })
  const isMetadata = ({ method, path }: PlainRequest): boolean =>
    addresses.belowFhir(path) === '/metadata' && (method === 'GET' || method === 'HEAD' || method === 'OPTIONS')
  return (request) => (isMetadata(request) ? metadata : data)(request)()
}
