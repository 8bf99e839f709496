/**
 * The FHIR server of a simulator: the gate enforces what the token allows. Which resources a user may see at all is the
 * host's own rule, which no scope can widen.
 *
 * @module
 */
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { tokenRefused } from './responses.js'
import { mayUserTouch } from './visible-patients.js'
import type { Simulator } from '../context.js'
import type { RequestHandler } from '../../engine/server/http-handler.js'
import { fhirGate } from '../../engine/resource/fhir-gate.js'
import { metadataFormatRefusal } from '../../engine/resource/formats.js'
import { accessRulesOf } from '../../protocol/scope-policy/resource-side-check.js'
import type { AccessFacts } from '../../protocol/access/alternatives.js'
import type { Resource } from '../../protocol/access/fhir-interaction.js'
import { releaseIn } from '../../protocol/access/release.js'
import type { PlainRequest } from '../../protocol/http/message.js'
import { pathOf } from '../../values/urls.js'

/** Answers requests below the FHIR base. */
export const guardedFhir = (simulator: Simulator): RequestHandler => {
  const { server, behind, aliases } = simulator
  const { facts, policy } = server
  const prefix = pathOf(facts.fhirBaseUrl)
  const records = {
    references: { base: facts.fhirBaseUrl, aliases },
    find: behind.find,
    release: releaseIn(facts.features.resourceSide)
  }
  const mayTouch = ({ user }: AccessFacts): ((resource: Resource) => boolean) =>
    user === null ? () => true : mayUserTouch(records, simulator.userOf(user.sub))
  const data: RequestHandler = (request) =>
    pipe(
      server.resource.bearer(request),
      TaskEither.foldW(
        (refusal) => Task.of(tokenRefused(refusal)),
        (access) => {
          const mayBeTouched = mayTouch(access)
          const options = {
            server: behind.serverFor(mayBeTouched),
            policy,
            base: facts.fhirBaseUrl,
            aliases,
            rules: accessRulesOf(facts.features.resourceSide),
            pageLinks: simulator.pageLinks
          }
          const gate = fhirGate(
            {
              ...options,
              userMay: ({ user }, _permission, resource) => user !== null && mayBeTouched(resource),
              onAccess: (event) => {
                simulator.recordAccess(event)()
              }
            },
            access
          )
          return gate({ ...request, path: request.path.slice(prefix.length) })
        }
      )
    )
  const sharedData = server.endpoints.share('registered', 'GET, HEAD, POST, PUT, PATCH, DELETE', data)
  const sharedMetadata = server.endpoints.share('anyone', 'GET, HEAD', (request) => {
    const refusal = metadataFormatRefusal(request, releaseIn(facts.features.resourceSide).version)
    return refusal === null
      ? behind.metadata(facts)
      : Task.fromIO(() => {
          simulator.recordOwn({ rule: 'MetadataFormat' })()
          return refusal
        })
  })
  const isMetadata = ({ method, path }: PlainRequest): boolean =>
    path === `${prefix}/metadata` && (method === 'GET' || method === 'HEAD' || method === 'OPTIONS')
  return (request) => (isMetadata(request) ? sharedMetadata : sharedData)(request)
}
