/**
 * The kick-off of a job: a bulk export, or an operation that a scope of the host opens and that the server answers
 * later.
 *
 * Source: Bulk Data Access 3.0.0, export.html; FHIR R4, async.html.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { encryptedAddress, startedAddress } from './job-address.js'
import { jobTrouble } from './job-responses.js'
import type { StopReason } from '../cost.js'
import type { GateContext, GateResult } from '../gate-context.js'
import {
  answeredWithoutResource,
  fhirResponse,
  isUpstreamError,
  isWithoutResource,
  notFoundResponse,
  refusalBy,
  resourceIn,
  stopped,
  upstreamFailed
} from '../responses.js'
import { accessDenied } from '../refused/denial.js'
import { hiddenIfTooLarge } from '../upstream-answer.js'
import type { ExportPlan } from '../../../protocol/access/operations/export.js'
import { exportPlan } from '../../../protocol/access/operations/export.js'
import type { OperationInput, OperationParameter } from '../../../protocol/access/operations/input.js'
import type { Operation } from '../../../protocol/access/operations/operation-rules.js'
import { releaseIn } from '../../../protocol/access/release.js'
import { printSearchQuery } from '../../../protocol/access/search/query.js'
import { fhirJsonType } from '../../../protocol/http/media-type.js'
import type { PlainRequest, PlainResponse } from '../../../protocol/http/message.js'
import { headerOf } from '../../../protocol/http/message.js'
import { noMembers } from '../../../values/own.js'

/** The preferences of a client that concern a kick-off. */
const preferOf = (request: PlainRequest): string => {
  const [handling] = /\bhandling\s*=\s*(?:lenient|strict)\b/i.exec(headerOf(request, 'prefer') ?? '') ?? []
  return handling === undefined ? 'respond-async' : `respond-async, ${handling.replaceAll(/\s/g, '')}`
}

/** The members of a Parameters body for the parameters of a URL. */
const valueMembers: Readonly<Record<string, string>> = {
  _since: 'valueInstant',
  _until: 'valueInstant'
}

const jsonOf = ({ name, value, json }: OperationParameter): Readonly<Record<string, unknown>> =>
  json ??
  (name === 'patient'
    ? { name, valueReference: { reference: value } }
    : name === 'allowPartialManifests'
      ? { name, valueBoolean: value === 'true' }
      : { name, [valueMembers[name] ?? 'valueString']: value })

/** The input of a kick-off as it is sent; a GET has texts only. */
const sentInput = (method: string, { parameters }: ExportPlan): Pick<PlainRequest, 'query' | 'body'> =>
  method === 'POST'
    ? {
        query: '',
        body:
          parameters.length === 0
            ? ''
            : JSON.stringify({ resourceType: 'Parameters', parameter: parameters.map(jsonOf) })
      }
    : {
        query: printSearchQuery(parameters.map(({ name, value }) => ({ name, value: value ?? '' }))),
        body: ''
      }

/**
 * The response to a kick-off. The address of the job becomes one of the gate; if it lies where the gate cannot ask, the
 * kick-off has failed for the client.
 */
export const jobStarted = async (
  { options, facts }: GateContext,
  { path }: Pick<PlainRequest, 'path'>,
  response: PlainResponse,
  job: { readonly needs: string; readonly opened: string | null }
): Promise<Either.Either<StopReason, PlainResponse>> => {
  if (response.status !== 202) return Either.right(jobTrouble(options, response))
  const address = startedAddress(options, path, String(headerOf(response, 'content-location') ?? ''))
  if (Either.isLeft(address))
    return Either.right(
      refusalBy('server-answers', 502, 'exception', `The FHIR server started a job, but ${address.left}.`)
    )
  const location = await encryptedAddress(options, facts, { part: 'status', ...address.right, ...job })
  return Either.map((address: string) => ({
    ...fhirResponse(202, null),
    headers: { 'content-location': address, 'cache-control': 'no-store' }
  }))(location)
}

/** Whether the token may read the Group whose members are exported. */
const seesGroup = async (gateContext: GateContext, { id }: Operation): Promise<PlainResponse | null> => {
  const found = await pipe(
    gateContext.ask({ method: 'GET', path: `/Group/${id ?? ''}` }),
    hiddenIfTooLarge<PlainResponse>(gateContext, (refusal) => refusal)
  )()
  if (Either.isLeft(found)) return stopped(found.left)
  if (isUpstreamError(found.right)) return upstreamFailed(found.right)
  const group = resourceIn(found.right)
  if (isWithoutResource(found.right)) return answeredWithoutResource()
  const isRequested = group?.resourceType === 'Group' && group.id === id
  return found.right.status === 200 && isRequested && gateContext.may('r', group) ? null : notFoundResponse()
}

/** A permitted kick-off of an export. */
export const exportAnswer =
  (gateContext: GateContext, operation: Operation, input: OperationInput, request: PlainRequest): GateResult =>
  async () => {
    const rules = gateContext.options.rules ?? noMembers
    const plan = exportPlan(gateContext.facts, operation, input, rules)
    if (Either.isLeft(plan))
      return Either.right(
        plan.left._tag === 'Deny'
          ? accessDenied(plan.left, { request, interaction: operation, release: releaseIn(rules) })
          : upstreamFailed()
      )
    if (plan.right.checksGroup) {
      const refused = await seesGroup(gateContext, operation)
      if (refused !== null) return Either.right(refused)
    }
    const { query, body } = sentInput(request.method, plan.right)
    const started = await gateContext.ask(
      {
        method: request.method,
        path: request.path,
        query,
        ...(body === '' ? {} : { body }),
        headers: { accept: fhirJsonType, prefer: preferOf(request) }
      },
      true
    )()
    if (Either.isLeft(started)) return started
    return jobStarted(gateContext, request, started.right, { needs: plan.right.needs, opened: null })
  }
