/**
 * Loads the resources on which the access to others depends: the targets of a Provenance, the `securityContext` of a
 * Binary, the documents that name a Binary.
 *
 * They are looked up in rounds. The first asks for targets, the ids of one type together, and for documents by the
 * address of what they name; the next for all documents of the patient; further ones for further pages. If a page has
 * one round left, the first two are one. A round of several lookups is one batch, and single requests only before a
 * server that takes no batch, which is remembered. A round whose response is larger than may be held is sent again in
 * two halves, one after the other. All loads of one client request (of one entry of a Bundle) share one
 * allowance. What is loaded serves that request only, because a write may change it.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { StopReason } from '../cost.js'
import type { GateContext, LoadBounds, Loaded } from '../gate-context.js'
import type { BatchUse } from './batch-use.js'
import type { LookedUp, Lookup, LookupContext } from './linked-searches.js'
import { documentsSearches, inHalves, sendAlone, sendTogether, targetsLookups } from './linked-searches.js'
import type { Alternative, EvaluationContext } from '../../../protocol/access/alternatives.js'
import { appliesTo, targetAccess } from '../../../protocol/access/alternatives.js'
import type { Resource } from '../../../protocol/access/fhir-interaction.js'
import type { LinkEvidence, TargetAccess } from '../../../protocol/access/profiles/links.js'
import { accessDependencies, isLinkedType, namedByDocument } from '../../../protocol/access/profiles/links.js'
import type { AccessProfile, NamingDocument } from '../../../protocol/access/profiles/profile.js'
import type { Permission } from '../../../scopes/scope.js'
import { isObject } from '../../../values/object.js'
import { limits } from '../../../values/limits/limits.js'

/** What loading needs of a request. */
interface LinkedContext extends LookupContext {
  /** All alternatives of the token. */
  readonly granted: ReadonlyArray<Alternative>
  /** The evaluation without evidence. */
  readonly evaluation: EvaluationContext
  /** What is known about batches at the server. */
  readonly batches: BatchUse
}

/** A round of lookups that was sent. */
interface SentRound {
  readonly sent: number
  /** The lookups of the next pages. */
  readonly further: ReadonlyArray<Lookup>
  readonly unsent: ReadonlyArray<Lookup>
  /** The lookups of each response that was larger than may be held. */
  readonly cut: ReadonlyArray<ReadonlyArray<Lookup>>
}

/** The evidence of one request, and how it is loaded. */
interface LinkedResources {
  readonly evidence: LinkEvidence
  readonly load: (
    resources: ReadonlyArray<Resource>,
    areCurrent: boolean,
    may: GateContext['may'],
    bounds?: LoadBounds
  ) => TaskEither.TaskEither<StopReason, Loaded>
}

const nameOf = ({ resourceType, id }: Resource): string => `${resourceType}/${id ?? ''}`

/** Whether a resource lacks members, because the search requested some only. */
const isSubsetted = ({ meta }: Resource): boolean => {
  const tags = isObject(meta) && Array.isArray(meta['tag']) ? (meta['tag'] as ReadonlyArray<unknown>) : []
  return tags.some((tag) => isObject(tag) && tag['code'] === 'SUBSETTED')
}

/** Nothing is looked up. */
export const nothingToLoad: Loaded = { sent: 0, isWhole: true, isCut: false }

/** The lookups of a response that was larger than may be held, in two rounds; none if they cannot be divided. */
const roundsAgain = (lookups: ReadonlyArray<Lookup>): ReadonlyArray<ReadonlyArray<Lookup>> => {
  const [only] = lookups
  return only !== undefined && lookups.length === 1 ? only.halves().map((half) => [half]) : inHalves(lookups)
}

/** The bounds where no page is filled: the allowance of the client request alone. */
const allOfAllowance: LoadBounds = { rounds: Infinity, requests: Infinity }

/** The evidence for a token; null when none of its scopes opens a type by a reference or by a document. */
export const linkedResources = (context: LinkedContext): LinkedResources | null => {
  const { batches, granted, evaluation, references } = context
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
  const documents = links.flatMap(({ by }) => (typeof by === 'object' && 'documents' in by ? by.documents : []))
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

  const permissionsByType = new Map<string, ReadonlyArray<Permission>>()
  /** The permissions for a type that a link may give, each of them once. */
  const linkedPermissions = (type: string): ReadonlyArray<Permission> => {
    if (!isLinkedType(links, type)) return []
    const known = permissionsByType.get(type)
    if (known !== undefined) return known
    const applying = linking.filter(
      (alternative) => isLinkedType(alternative.links, type) && appliesTo(alternative, alternative.permission, type)
    )
    const permissions = [...new Set(applying.map(({ permission }) => permission))]
    permissionsByType.set(type, permissions)
    return permissions
  }

  /** Whether a link may still open a resource: it is not permitted without. */
  const isWaiting =
    (may: GateContext['may']) =>
    (resource: Resource): boolean =>
      linkedPermissions(resource.resourceType).some((permission) => !may(permission, resource))

  const keep = ({ found: resources }: LookedUp): void => {
    for (const one of resources) {
      if (isSubsetted(one)) continue
      if (requested.has(nameOf(one))) found.set(nameOf(one), one)
      for (const { path } of documents.filter(({ type }) => type === one.resourceType))
        for (const name of namedByDocument(one, path, references)) {
          const others = naming.get(name)
          if (others === undefined) naming.set(name, [one])
          else if (!others.some((other) => other.id === one.id && other.resourceType === one.resourceType))
            others.push(one)
        }
    }
  }

  /** The lookups for resources: those of the first round, and those of the second. */
  const lookupsFor = (waiting: ReadonlyArray<Resource>): readonly [Array<Lookup>, Array<Lookup>] => {
    const ofTargets = new Map<string, Array<Resource>>()
    const ofDocuments = new Map<NamingDocument, Array<Resource>>()
    const file = <Key>(filed: Map<Key, Array<Resource>>, key: Key, resource: Resource): void => {
      const others = filed.get(key)
      if (others === undefined) filed.set(key, [resource])
      else others.push(resource)
    }
    for (const resource of waiting) {
      const dependencies = accessDependencies(links, resource, references)
      for (const name of dependencies.targets)
        if (!found.has(name) && !requested.has(name) && mayPermit(name.slice(0, name.indexOf('/'))))
          file(ofTargets, name, resource)
      for (const document of dependencies.documents) if (mayPermit(document.type)) file(ofDocuments, document, resource)
    }
    const searches = [...ofDocuments].map(([document, opens]) =>
      documentsSearches(document, patient, opens, references)
    )
    return [
      [...targetsLookups(ofTargets), ...searches.flatMap(({ byAddress }) => byAddress)],
      searches.map(({ all }) => all)
    ]
  }

  let left = limits.fhirEvidenceRequests.default

  /** Sends the lookups of one round, as far as `needed` says that they are; those that are not sent are left. */
  const sendRound = async (
    round: ReadonlyArray<Lookup>,
    most: number,
    needed: (lookups: ReadonlyArray<Lookup>) => ReadonlyArray<Lookup>
  ): Promise<Either.Either<StopReason, SentRound>> => {
    const further: Array<Lookup> = []
    const cut: Array<ReadonlyArray<Lookup>> = []
    let sent = 0
    const take = (lookups: ReadonlyArray<Lookup>, results: ReadonlyArray<LookedUp>): void => {
      for (const name of lookups.flatMap(({ names }) => names)) requested.add(name)
      for (const one of results) {
        keep(one)
        if (one.next !== null) further.push(one.next)
      }
    }
    const together = round.slice(0, limits.fhirEvidenceSearches.default)
    // What cannot be looked up one by one is tried as a batch whatever was learned.
    if (together.length > 1 && most > 0 && (together.length > left || batches.isTried())) {
      sent += 1
      const answered = await sendTogether(context, together)
      if (Either.isLeft(answered)) return answered
      batches.learn(answered.right !== null)
      if (answered.right !== null) {
        if (answered.right === 'cut') cut.push(together)
        else take(together, answered.right)
        return Either.right({ sent, further, unsent: round.slice(together.length), cut })
      }
    }
    for (let unsent = round; unsent.length > 0; unsent = needed(unsent)) {
      const [lookup, ...others] = unsent
      if (lookup === undefined || sent >= most) return Either.right({ sent, further, unsent, cut })
      unsent = others
      sent += 1
      const answered = await sendAlone(context, lookup)
      if (Either.isLeft(answered)) return answered
      if (answered.right === 'cut') cut.push([lookup])
      else take([lookup], [answered.right])
    }
    return Either.right({ sent, further, unsent: [], cut })
  }

  return {
    evidence,
    load:
      (resources, areCurrent, may, bounds = allOfAllowance) =>
      async () => {
        if (areCurrent) {
          for (const one of resources) if (one.id !== undefined && !isSubsetted(one)) found.set(nameOf(one), one)
        }
        const isOpenable = isWaiting(may)
        const waiting = resources.filter(isOpenable)
        if (waiting.length === 0) return Either.right(nothingToLoad)
        const needed = (lookups: ReadonlyArray<Lookup>): ReadonlyArray<Lookup> => {
          const hidden = new Set(waiting.filter(isOpenable))
          return lookups.filter(({ opens }) => opens.some((one) => hidden.has(one)))
        }
        const [first, second] = lookupsFor(waiting)
        // With one round left, what would be the second one is looked up together with the first.
        const rounds = bounds.rounds === 1 ? [[...first, ...second]] : [first, second]
        /** Lookups that are sent again because a response for several resources was too large. */
        const again = new Set<Lookup>()
        let [sent, isWhole, isCut] = [0, true, false]
        for (let round = 0; rounds.length > 0;) {
          const next = needed(rounds.shift() ?? [])
          if (next.length === 0) continue
          const most = Math.min(left, bounds.requests - sent)
          if (round >= bounds.rounds || most <= 0) {
            isCut ||= [...next, ...needed(rounds.flat())].some((lookup) => again.has(lookup))
            return Either.right({ sent, isWhole: false, isCut })
          }
          round += 1
          const answered = await sendRound(next, most, needed)
          if (Either.isLeft(answered)) return answered
          sent += answered.right.sent
          left -= answered.right.sent
          const more = [...answered.right.unsent, ...answered.right.further]
          if (more.length > 0) rounds[0] = [...(rounds[0] ?? []), ...more]
          for (const lookups of answered.right.cut.toReversed()) {
            const halves = roundsAgain(lookups)
            const opens = new Set(lookups.flatMap((lookup) => lookup.opens).filter(isOpenable))
            rounds.unshift(...halves.map((half) => [...half]))
            if (halves.length === 0) isWhole = false
            // One resource looks as it does to a read.
            if (opens.size < 2) continue
            if (halves.length === 0) isCut = true
            for (const lookup of halves.flat()) again.add(lookup)
          }
        }
        return Either.right({ sent, isWhole, isCut })
      }
  }
}
