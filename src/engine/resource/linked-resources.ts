/**
 * Loads the resources on which the access to others depends: the targets of a Provenance, the `securityContext` of a
 * Binary, the documents that name a Binary.
 *
 * One page takes a bounded number of upstream requests: the ids of one type are one search, several types are one
 * batch, and documents are searched for all Binaries together. What is loaded serves one client request (one entry of a
 * batch) only, because a write may change it.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { RequestBudget, StopReason } from './cost.js'
import type { GateContext } from './gate-context.js'
import { documentsSearches, nextPageOf, targetsBatch, targetsRequests } from './linked-searches.js'
import { entriesOf, isUpstreamError, resourceIn } from './responses.js'
import { portUnavailable } from '../ports.js'
import type { Alternative, EvaluationContext } from '../../protocol/access/alternatives.js'
import { appliesTo, targetAccess } from '../../protocol/access/alternatives.js'
import type { Resource } from '../../protocol/access/fhir-interaction.js'
import type { LinkEvidence, TargetAccess } from '../../protocol/access/profiles/links.js'
import { accessDependencies, isLinkedType, namedByDocument } from '../../protocol/access/profiles/links.js'
import type { AccessProfile, NamingDocument } from '../../protocol/access/profiles/profile.js'
import type { ReferenceFacts } from '../../protocol/access/search/search-index.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import { isObject } from '../../values/object.js'
import { limits } from '../../values/limits/limits.js'

/** What loading needs of a request. */
interface LinkedContext {
  /** All alternatives of the token. */
  readonly granted: ReadonlyArray<Alternative>
  /** The evaluation without evidence. */
  readonly evaluation: EvaluationContext
  readonly references: ReferenceFacts
  readonly budget: RequestBudget
  readonly ask: GateContext['ask']
}

/** The evidence of one request, and how it is loaded. */
interface LinkedResources {
  readonly evidence: LinkEvidence
  readonly load: (
    resources: ReadonlyArray<Resource>,
    areCurrent: boolean,
    may: GateContext['may']
  ) => TaskEither.TaskEither<StopReason, null>
}

const nameOf = ({ resourceType, id }: Resource): string => `${resourceType}/${id ?? ''}`

/** Whether a resource lacks members, because the search requested some only. */
const isSubsetted = ({ meta }: Resource): boolean => {
  const tags = isObject(meta) && Array.isArray(meta['tag']) ? (meta['tag'] as ReadonlyArray<unknown>) : []
  return tags.some((tag) => isObject(tag) && tag['code'] === 'SUBSETTED')
}

/** The resources of a response: of each search in a batch, of a search, or the one that was read. */
const resourcesOf = (response: PlainResponse): ReadonlyArray<Resource> => {
  const whole = response.status === 200 ? resourceIn(response) : null
  const within = (one: Resource): ReadonlyArray<Resource> =>
    one.resourceType === 'Bundle' ? entriesOf(one).flatMap(({ resource }) => resource ?? []) : [one]
  return whole === null ? [] : within(whole).flatMap(within)
}

/** The Binaries (or other types) that documents of a search may name. */
interface NamedByDocuments {
  readonly document: NamingDocument
  readonly resources: ReadonlyArray<Resource>
}

/** The evidence for a token; null when none of its scopes opens a type by a reference or by a document. */
export const linkedResources = (context: LinkedContext): LinkedResources | null => {
  const { granted, evaluation, references, budget, ask } = context
  const linking = granted.filter(({ links }) => links.length > 0)
  const [first] = linking
  const patient = first?.patient
  if (first === undefined || patient === null || patient === undefined) return null
  const links: AccessProfile = [...new Set(linking.flatMap((alternative) => alternative.links))]
  const reading = granted.filter(
    (alternative) =>
      alternative.patient === patient && (alternative.permission === 'r' || alternative.permission === 's')
  )
  const found = new Map<string, Resource>()
  const requested = new Set<string>()
  const naming = new Map<string, Array<Resource>>()
  const accesses = new WeakMap<Resource, TargetAccess>()
  const evidence: LinkEvidence = {
    find: (reference) => found.get(reference),
    naming: (reference) => naming.get(reference) ?? [],
    accessTo: (whose, resource) => {
      if (whose !== patient) return 'none'
      const access = accesses.get(resource) ?? targetAccess(reading, whose, resource, evaluation)
      accesses.set(resource, access)
      return access
    }
  }
  /** Whether a scope of the token may permit a resource of the type that another one depends on. */
  const mayPermit = (type: string): boolean =>
    !isLinkedType(links, type) && reading.some((alternative) => appliesTo(alternative, alternative.permission, type))

  /** Whether a link may still open a resource: it is not permitted without. */
  const isWaiting =
    (may: GateContext['may']) =>
    (resource: Resource): boolean =>
      linking.some(
        (alternative) =>
          isLinkedType(alternative.links, resource.resourceType) &&
          appliesTo(alternative, alternative.permission, resource.resourceType) &&
          !may(alternative.permission, resource)
      )

  /** Sends one request; null if the server does not serve it. */
  const send = async (
    request: Parameters<GateContext['ask']>[0]
  ): Promise<Either.Either<StopReason, PlainResponse | null>> => {
    const answered = await ask(request, false)()
    if (Either.isLeft(answered)) return answered
    const { status, body } = answered.right
    if (status === 501) return Either.right(null)
    if (isUpstreamError(answered.right))
      return Either.left(portUnavailable(`the FHIR server answered ${String(status)}`))
    const beyond = budget.hold(body.length)
    if (beyond !== null)
      return Either.left(beyond === 'held' ? { _tag: 'TooCostly', because: 'held' } : { _tag: 'Busy' })
    return Either.right(status === 200 ? answered.right : null)
  }

  const keepTargets = (wanted: ReadonlySet<string>, response: PlainResponse | null): void => {
    for (const one of response === null ? [] : resourcesOf(response))
      if (wanted.has(nameOf(one)) && !isSubsetted(one)) found.set(nameOf(one), one)
  }

  const loadTargets = async (
    names: ReadonlySet<string>,
    allowance: { requests: number }
  ): Promise<Either.Either<StopReason, null>> => {
    const requests = targetsRequests(names)
    if (requests.length > 2 && allowance.requests > 0) {
      allowance.requests -= 1
      const answered = await send(targetsBatch(requests))
      if (Either.isLeft(answered)) return answered
      keepTargets(names, answered.right)
      if (answered.right !== null) return Either.right(null)
    }
    for (const request of requests) {
      if (allowance.requests <= 0) break
      allowance.requests -= 1
      const answered = await send(request)
      if (Either.isLeft(answered)) return answered
      keepTargets(names, answered.right)
    }
    return Either.right(null)
  }

  const keepDocuments = (document: NamingDocument, response: PlainResponse | null): void => {
    for (const one of response === null ? [] : resourcesOf(response)) {
      if (one.resourceType !== document.type || isSubsetted(one)) continue
      for (const name of namedByDocument(one, document.path, references)) {
        const others = naming.get(name)
        if (others === undefined) naming.set(name, [one])
        else if (!others.some((other) => other.id === one.id)) others.push(one)
      }
    }
  }

  /** Searches the documents that name resources, until each resource is opened or nothing is left to ask. */
  const loadDocuments = async (
    searched: ReadonlyArray<NamedByDocuments>,
    allowance: { requests: number },
    isOpen: (resource: Resource) => boolean
  ): Promise<Either.Either<StopReason, null>> => {
    for (const { document, resources } of searched) {
      const left = resources.filter((resource) => !isOpen(resource))
      if (left.length === 0) continue
      for (const pages of documentsSearches(document, patient, left, references)) {
        if (left.every(isOpen)) break
        for (let next: Parameters<GateContext['ask']>[0] | null = pages; next !== null && allowance.requests > 0;) {
          allowance.requests -= 1
          const answered = await send(next)
          if (Either.isLeft(answered)) return answered
          keepDocuments(document, answered.right)
          next = left.every(isOpen) || answered.right === null ? null : nextPageOf(answered.right, references)
        }
      }
    }
    return Either.right(null)
  }

  return {
    evidence,
    load: (resources, areCurrent, may) => async () => {
      if (areCurrent) {
        for (const one of resources) if (one.id !== undefined && !isSubsetted(one)) found.set(nameOf(one), one)
      }
      const isOpenable = isWaiting(may)
      const waiting = resources.filter(isOpenable)
      if (waiting.length === 0) return Either.right(null)
      const allowance = { requests: limits.fhirEvidenceRequests.default }
      const dependencies = waiting.map((resource) => ({
        resource,
        ...accessDependencies(links, resource, references)
      }))
      const targets = new Set(
        dependencies
          .flatMap((one) => one.targets)
          .filter((name) => !found.has(name) && !requested.has(name) && mayPermit(name.slice(0, name.indexOf('/'))))
      )
      for (const name of targets) requested.add(name)
      if (targets.size > 0) {
        const loaded = await loadTargets(targets, allowance)
        if (Either.isLeft(loaded)) return loaded
      }
      const byDocument = new Map<NamingDocument, Array<Resource>>()
      for (const { resource, documents } of dependencies) {
        for (const document of documents) {
          if (!mayPermit(document.type)) continue
          const others = byDocument.get(document)
          if (others === undefined) byDocument.set(document, [resource])
          else others.push(resource)
        }
      }
      return loadDocuments(
        [...byDocument].map(([document, named]) => ({ document, resources: named })),
        allowance,
        (resource) => !isOpenable(resource)
      )
    }
  }
}
