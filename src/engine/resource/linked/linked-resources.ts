/**
 * Loads the resources on which the access to others depends: the targets of a Provenance, the `securityContext` of a
 * Binary, the documents that name a Binary.
 *
 * They are looked up in rounds. The first asks for targets, the ids of one type together, and for documents by the
 * address of what they name; the next for all documents of the patient; further ones for further pages. For a page,
 * which has few requests, the first two are one. A round of several lookups is one batch, and single requests only
 * if the server takes no batch. A round whose response is larger than may be held is divided. All loads of one client
 * request (of one entry of a Bundle) share one allowance. What is loaded, and that a batch was refused, serves that
 * request only: a write may change the data, and no request depends on what an earlier one found out.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { StopReason } from '../cost.js'
import type { GateContext, Loaded } from '../gate-context.js'
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
    requests?: number
  ) => TaskEither.TaskEither<StopReason, Loaded>
}

const nameOf = ({ resourceType, id }: Resource): string => `${resourceType}/${id ?? ''}`

/** Whether a resource lacks members, because the search requested some only. */
const isSubsetted = ({ meta }: Resource): boolean => {
  const tags = isObject(meta) && Array.isArray(meta['tag']) ? (meta['tag'] as ReadonlyArray<unknown>) : []
  return tags.some((tag) => isObject(tag) && tag['code'] === 'SUBSETTED')
}

/** For as many requests or fewer, all that may be needed is looked up at once. */
const pageLookups = 2

/** Nothing is looked up. */
export const nothingToLoad: Loaded = { sent: 0, isWhole: true, isCut: false }

/** The lookups of a response that was larger than may be held, in smaller rounds; none if they cannot be divided. */
const roundsAgain = (lookups: ReadonlyArray<Lookup>): ReadonlyArray<ReadonlyArray<Lookup>> => {
  const [only] = lookups
  if (only !== undefined && lookups.length === 1) return only.divided().map((part) => [part])
  const [broad, narrow] = [true, false].map((isBroad) => lookups.filter((one) => one.isBroad === isBroad))
  if (broad === undefined || narrow === undefined || broad.length === 0 || narrow.length === 0) return inHalves(lookups)
  const parts = roundsAgain(narrow)
  return [...(parts.length === 0 ? [narrow] : parts), broad]
}

/** The evidence for a token; null when none of its scopes opens a type by a reference or by a document. */
export const linkedResources = (context: LinkedContext): LinkedResources | null => {
  const { granted, evaluation, references } = context
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

  /** The lookups for resources: those of the first round, and those of the second; `more` if others may follow. */
  const lookupsFor = (waiting: ReadonlyArray<Resource>, more: boolean): readonly [Array<Lookup>, Array<Lookup>] => {
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
    const named = [...targetsLookups(ofTargets), ...searches.flatMap(({ byAddress }) => byAddress)]
    return [
      // Where not all can be sent, those that may open the most are.
      named.toSorted((one, other) => other.opens.length - one.opens.length),
      searches.map(({ all }) => all(more))
    ]
  }

  let left = limits.fhirEvidenceRequests.default
  let takesBatch = true

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
    if (together.length > 1 && most > 0 && takesBatch) {
      sent += 1
      const answered = await sendTogether(context, together)
      if (Either.isLeft(answered)) return answered
      takesBatch = answered.right !== null
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
      (resources, areCurrent, may, requests = Infinity) =>
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
        const [first, second] = lookupsFor(waiting, requests > 1)
        // A page has few requests: what may be needed is looked up at once, and the next request is for what follows.
        const rounds = requests <= pageLookups ? [[...first, ...second]] : [first, second]
        /** Lookups that are too large, and cannot be divided. */
        const lost: Array<Lookup> = []
        let sent = 0
        while (rounds.length > 0) {
          const most = Math.min(left, requests - sent)
          const next = needed(rounds[0] ?? [])
          if (next.length > 0 && most <= 0) break
          rounds.shift()
          if (next.length === 0) continue
          const answered = await sendRound(next, most, needed)
          if (Either.isLeft(answered)) return answered
          sent += answered.right.sent
          left -= answered.right.sent
          const more = [...answered.right.unsent, ...answered.right.further]
          if (more.length > 0) rounds[0] = [...(rounds[0] ?? []), ...more]
          for (const lookups of answered.right.cut.toReversed()) {
            const parts = roundsAgain(lookups)
            const again = parts.map((part) => [...part])
            if (parts.length === 0) lost.push(...lookups)
            // What is large is divided after what may be small.
            if (lookups.every(({ isBroad }) => isBroad) && lookups.length === 1) rounds.push(...again)
            else rounds.unshift(...again)
          }
        }
        const open = needed([...lost, ...rounds.flat()])
        const leftOut = new Set(open.flatMap(({ opens }) => opens).filter(isOpenable))
        // One resource looks as it does to a read.
        return Either.right({ sent, isWhole: open.length === 0, isCut: leftOut.size > 1 })
      }
  }
}
