/**
 * The requests of a job that was started: its status, its cancellation, and its files.
 *
 * The addresses open only for the client and the user who started the job, and only while the token has the scopes that
 * the job needed. The files are checked line by line with the scopes of the token that asks, unless these permit
 * everything.
 *
 * Source: Bulk Data Access 3.0.0, export.html; FHIR R4, async.html.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { StopReason } from '../cost.js'
import type { GateResult } from '../gate-context.js'
import type { RequestContext } from '../request-context.js'
import { insufficientScope, memoryExceeded, notFoundResponse, outcome } from '../responses.js'
import { checkedFile } from './file.js'
import type { JobAddress, JobRequest } from './job-address.js'
import { openedAddress } from './job-address.js'
import { jobHeadersOf, jobTrouble } from './job-responses.js'
import { publicManifest } from './manifest.js'
import type { AccessFacts, AccessRules } from '../../../protocol/access/alternatives.js'
import { exportsEverything } from '../../../protocol/access/operations/export.js'
import { jsonType, ndjsonType } from '../../../protocol/http/media-type.js'
import type { PlainRequest, PlainResponse } from '../../../protocol/http/message.js'
import { parse } from '../../../scopes/parse.js'
import { holdsText } from '../../../scopes/scope.js'
import { subsumption } from '../../../scopes/subsumes.js'
import { fhirR4 } from '../../../scopes/vocabulary.js'
import { noMembers, ownMember } from '../../../values/own.js'

/** Whether a token still has the scopes that a job needs. */
const covers = (facts: AccessFacts, rules: AccessRules, { needs, opened }: JobAddress): boolean => {
  if (opened !== null)
    return (
      holdsText(facts.scopes, opened) &&
      (ownMember(rules, 'operationScopes') ?? []).some(({ scope }) => scope === opened)
    )
  const covered = subsumption(facts.scopes, parse(needs), { vocabulary: ownMember(rules, 'vocabulary') ?? fhirR4 })
  return Either.isRight(covered) && covered.right
}

/** One request for the upstream server. */
const ask = (
  { ask: send }: RequestContext,
  method: string,
  { path, query }: JobAddress,
  accept: string
): Promise<Either.Either<StopReason, PlainResponse>> =>
  send({ method, path, query, headers: { accept }, body: '' }, method === 'DELETE')()

const withoutBody = (status: number, headers: PlainResponse['headers']): PlainResponse => ({
  status,
  headers: { ...headers, 'cache-control': 'no-store' },
  body: ''
})

/** The status of a job, or its cancellation. */
const statusAnswer = async (
  requestContext: RequestContext,
  address: JobAddress,
  isFree: boolean,
  method: string
): Promise<Either.Either<StopReason, PlainResponse>> => {
  const { options, facts } = requestContext
  const answered = await ask(requestContext, method, address, jsonType)
  if (Either.isLeft(answered)) return answered
  const response = answered.right
  if (response.status === 202) return Either.right(withoutBody(202, jobHeadersOf(options, response)))
  if (method === 'DELETE')
    return Either.right(response.status < 300 ? withoutBody(202, {}) : jobTrouble(options, response))
  return Either.right(
    response.status === 200
      ? await publicManifest({ options, facts, isFree }, address, response)
      : jobTrouble(options, response)
  )
}

/** A file of a job. */
const fileAnswer = async (
  requestContext: RequestContext,
  address: JobAddress,
  isFree: boolean
): Promise<Either.Either<StopReason, PlainResponse>> => {
  const { options, budget } = requestContext
  const answered = await ask(requestContext, 'GET', address, ndjsonType)
  if (Either.isLeft(answered)) return answered
  const response = answered.right
  if (response.status !== 200) return Either.right(jobTrouble(options, response))
  const beyond = isFree ? null : budget.hold(response.body.length)
  return Either.right(beyond === null ? checkedFile(requestContext, address, isFree, response) : memoryExceeded(beyond))
}

/** The response to a request for a part of a job. */
export const jobAnswer =
  (requestContext: RequestContext, request: PlainRequest, wanted: JobRequest): GateResult =>
  async () => {
    const { options, facts } = requestContext
    const rules = options.rules ?? noMembers
    const opened = await openedAddress(options, facts, wanted)
    if (Either.isLeft(opened)) return opened
    const address = opened.right
    if (address === null) return Either.right(notFoundResponse())
    const isStatus = address.part === 'status'
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (!isRead && !(isStatus && request.method === 'DELETE'))
      return Either.right(
        outcome(405, 'not-supported', 'A job is read by GET, and cancelled by DELETE.', {
          allow: isStatus ? 'GET, HEAD, DELETE' : 'GET, HEAD'
        })
      )
    if (!covers(facts, rules, address))
      return Either.right(insufficientScope(address.opened === null ? address.needs.split(' ') : [address.opened]))
    const isFree = address.opened !== null || exportsEverything(facts, rules)
    return isStatus
      ? statusAnswer(requestContext, address, isFree, isRead ? 'GET' : 'DELETE')
      : fileAnswer(requestContext, address, isFree)
  }
