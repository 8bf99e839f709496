/**
 * The alternatives under which granted scopes permit a request, and whether one of them permits a resource.
 *
 * Each granting scope is one alternative: its level, its patient and its query belong together and are never combined
 * with those of another scope. A resource is permitted when a single alternative permits it.
 *
 * @module
 */
import type { Resource } from './fhir-interaction.js'
import type { ReadClause } from './search/clauses.js'
import { meetsClause, readClause } from './search/clauses.js'
import type { IndexReader, MoreCompartment, ReferenceFacts } from './search/search-index.js'
import { isInPatientCompartment, isOfPatient } from './search/search-index.js'
import { withLocalClause } from './search/local-values.js'
import type { LinkEvidence, TargetAccess } from './profiles/links.js'
import { isLinkedType, isOpenedByLink, opensByNaming } from './profiles/links.js'
import { openedTypes } from './profiles/opened.js'
import { namingForPatient } from './profiles/naming-for-patient.js'
import type { AccessProfile } from './profiles/profile.js'
import type { AccessProfileName } from './profiles/named-profiles.js'
import { isOfPatientAlone } from './patient-alone.js'
import { isClosedType } from './acting-types.js'
import type { FhirRelease } from './release.js'
import { releaseIn, vocabularyIn } from './release.js'
import type { LaunchContext, SignedInUser } from '../launch/launch-context.js'
import type { Clause, Level, Permission, ResourceScope, ScopeSet } from '../../scopes/scope.js'
import { isResourceScope } from '../../scopes/scope.js'
import type { Vocabulary } from '../../scopes/vocabulary.js'
import { fhirR4 } from '../../scopes/vocabulary.js'
import { noMembers, ownMember, ownMembers } from '../../values/own.js'
import { isFhirId } from '../../values/fhir.js'

/** The facts about the access token of a request. */
export interface AccessFacts {
  /** The client that holds the token. */
  readonly clientId: string
  /** The grant behind the token, for the audit log. Decisions do not depend on it. */
  readonly grantId?: string
  readonly scopes: ScopeSet
  readonly context: LaunchContext
  /** The user who granted the access; null for a backend service, which acts for itself. */
  readonly user: SignedInUser | null
}

/** An operation that the host maps to permissions; the mapping comes before the standard one. */
export interface OperationRule {
  readonly level: 'system' | 'type' | 'instance'
  /** Null for the level `system`, and for an operation of every type. */
  readonly type: string | null
  /** Without `$`: `everything`. */
  readonly name: string
  /** The permissions that the operation needs. A type of null is the type in the URL, `*` is every type. */
  readonly needs: ReadonlyArray<{ readonly type: string | null; readonly permission: Permission }>
}

/**
 * A scope text that opens operations by itself, whatever its form: `system/bulk-submit`, `system/$export`. SMART does
 * not define such scopes; a host declares what they mean at its server.
 */
export interface OperationScope {
  /** The exact text. */
  readonly scope: string
  /** The operations, with a type of null for the level `system` and for every type; names without `$`. */
  readonly permits: ReadonlyArray<Pick<OperationRule, 'level' | 'type' | 'name'>>
}

/** Access rules of the host that no scope expresses. By default everything is closed. */
export interface AccessRules {
  /**
   * What `patient/` scopes read and search beside the patient compartment: the name of a profile, or a host's own rows.
   * Default: `compartment`, which adds nothing.
   */
  readonly accessProfile?: AccessProfileName | AccessProfile
  /**
   * Types outside the patient compartment that `patient/` scopes may still read and search, in addition to the profile:
   * `Practitioner`, … `Binary` opens those without a `securityContext`, and those whose `securityContext` the token may
   * read.
   */
  readonly sharedTypes?: ReadonlyArray<string>
  /**
   * Parameters that put resources into a patient's compartment in addition to those of the release and of the profile:
   * `{ Device: ['patient'] }`. The index reader must support them. `{ Provenance: ['target'] }` opens a Provenance by a
   * target that the token may read, and `{ Patient: ['link'] }` the records that link to the patient's; both only for
   * reading.
   */
  readonly moreCompartment?: MoreCompartment
  readonly operations?: ReadonlyArray<OperationRule>
  /** Whether the operations of `docs/operations.md` are open by their own rules. Default: true. */
  readonly standardOperations?: boolean
  /** Scope texts that open operations: a token with such a scope may use them without a limit. Default: none. */
  readonly operationScopes?: ReadonlyArray<OperationScope>
  /** Whether users may see everything at this server, so that a `user/` scope reaches as much as a `system/` scope. */
  readonly isUserUnlimited?: boolean
  /**
   * Whether the host has a rule about what its users may do (`userMay`). Without one, a `patient/` scope is limited
   * only by its patient, and a `user/` scope permits nothing. Default: true; the gate sets it from its own options.
   */
  readonly hasUserRule?: boolean
  /**
   * Acting types (`Subscription`, ...; see `docs/acting-types.md`) that `user/` and `patient/` scopes may open.
   * Default: none. `system/` scopes need no entry, because they belong to the host's own services.
   */
  readonly actingTypes?: ReadonlyArray<string>
  /** The types of the search parameters. Default: those of the release. */
  readonly vocabulary?: Vocabulary
  /**
   * The server's URLs, so that a reference below them in a scope is the same as a relative one. The gate sets it from
   * its own options. Default: none.
   */
  readonly references?: ReferenceFacts
  /**
   * The release of the FHIR server: its types, search parameters, patient compartment and elements
   * (`smart-app-launch/releases`). Default: FHIR R4.
   */
  readonly release?: FhirRelease
}

/** One way in which a request may be permitted: the grant of one scope for one permission. */
export interface Alternative {
  readonly permission: Permission
  readonly level: Level
  /** The type in the scope, or `*`. */
  readonly type: string
  /** Limits the alternative to this patient's compartment; null for no such limit. */
  readonly patient: string | null
  /**
   * The permitted types outside the compartment; empty unless `patient` is set and the permission is reading or
   * searching.
   */
  readonly sharedTypes: ReadonlyArray<string>
  /** Additions to the patient compartment of the release; empty unless `patient` is set. */
  readonly moreCompartment: MoreCompartment
  /**
   * The rows of types that are opened by a reference or by a document, which needs evidence; empty unless `patient` is
   * set and the permission is reading or searching.
   */
  readonly links: AccessProfile
  /** For writing at the levels `patient` and `user`: the rows of types that documents open. Default: none. */
  readonly openedByNaming?: AccessProfile
  /**
   * Whether the alternative is also limited by what the user may do: at the level `user`, and at the level `patient` if
   * the token has a user. A scope gives rights of the user who approved it and no more. Without a user there is no such
   * limit.
   */
  readonly isOfUser: boolean
  /** The acting types that the alternative opens. */
  readonly actingTypes: ReadonlyArray<string>
  /** The release of the FHIR server. Default: FHIR R4. */
  readonly release?: FhirRelease
  /** The scope's query: all clauses must hold. */
  readonly query: ReadonlyArray<Clause>
}

/**
 * Whether a scope of the user is limited for each resource by the host's rule about users. False where the host has no
 * such rule.
 */
export const isUserLimited = (rules: AccessRules): boolean => {
  const { hasUserRule = true, isUserUnlimited = false } = ownMembers(rules)
  return hasUserRule && !isUserUnlimited
}

const nothing: ReadonlyArray<never> = []

const alternativesOf = (scope: ResourceScope, facts: AccessFacts, rules: AccessRules): ReadonlyArray<Alternative> => {
  const { level, type } = scope
  const { actingTypes = nothing, isUserUnlimited = false, hasUserRule = true, references, release } = ownMembers(rules)
  const isOfUser = !isUserUnlimited && (level === 'user' || (level === 'patient' && facts.user !== null && hasUserRule))
  const query =
    references === undefined
      ? scope.query
      : scope.query.map((clause) => withLocalClause(vocabularyIn(rules), type, clause, references))
  const shared = { level, type, isOfUser, actingTypes, query, ...(release === undefined ? {} : { release }) }
  if (level !== 'patient')
    return scope.permissions.map((permission) => ({
      permission,
      ...shared,
      patient: null,
      sharedTypes: nothing,
      moreCompartment: noMembers,
      links: nothing,
      ...(level === 'user' ? namingForPatient(facts.scopes, rules, permission) : {})
    }))
  const patient = ownMember(facts.context, 'patient')
  if (patient === undefined || !isFhirId(patient)) return []
  return scope.permissions.map((permission) => ({
    permission,
    ...shared,
    patient,
    ...openedTypes(rules, permission)
  }))
}

/** The alternatives by facts and rules, computed once: all entries of a batch use the same. */
const made = new WeakMap<
  AccessFacts,
  { readonly rules: AccessRules; readonly alternatives: ReadonlyArray<Alternative> }
>()

/** All alternatives of a token, one for each scope and permission; computed once for the same facts and rules. */
export const alternativesIn = (facts: AccessFacts, rules: AccessRules): ReadonlyArray<Alternative> => {
  const known = made.get(facts)
  if (known?.rules === rules) return known.alternatives
  const alternatives = facts.scopes.filter(isResourceScope).flatMap((scope) => alternativesOf(scope, facts, rules))
  made.set(facts, { rules, alternatives })
  return alternatives
}

/** Whether an alternative can permit resources of a type; a type of null is every type. */
export const appliesTo = (alternative: Alternative, permission: Permission, type: string | null): boolean => {
  if (alternative.permission !== permission) return false
  if (type === null) return alternative.type === '*'
  if (alternative.type !== '*' && alternative.type !== type) return false
  if (alternative.level !== 'system' && isClosedType(type, permission, alternative.actingTypes)) return false
  if (alternative.patient === null) return true
  if (type === 'Patient') return permission !== 'c'
  return (
    isInPatientCompartment(type, alternative.moreCompartment, releaseIn(alternative)) ||
    alternative.sharedTypes.includes(type) ||
    isLinkedType(alternative.links, type)
  )
}

/** Whether all resources of a type are shared. Binary never is: each Binary may have a `securityContext`. */
const isWhollyShared = (alternative: Alternative, type: string): boolean =>
  type !== 'Binary' && alternative.sharedTypes.includes(type)

/** Whether an alternative has no limits: no patient, no query, no limit by the user's rights or by what it may name. */
export const isUnlimited = (alternative: Alternative, type: string | null): boolean =>
  alternative.query.length === 0 &&
  !alternative.isOfUser &&
  (alternative.patient !== null || ownMember(alternative, 'openedByNaming') === undefined) &&
  (alternative.patient === null || (type !== null && isWhollyShared(alternative, type)))

/** What the evaluation of a resource needs. */
export interface EvaluationContext {
  readonly read: IndexReader
  /** The host's rule about what the user may do with a resource. It is evaluated for alternatives with `isOfUser`. */
  readonly userMay: (permission: Permission, resource: Resource) => boolean
  /**
   * The stored resource with the same id before a write; null when there is none. Patients that it names already are
   * not new in the result.
   */
  readonly before?: Resource | null
  readonly vocabulary?: Vocabulary
  /** The server's URLs, so that a scope may name a resource by URL. Default: none. */
  readonly references?: ReferenceFacts
  /** The loaded resources on which the access to others depends. Default: none, so that nothing is opened by them. */
  readonly evidence?: LinkEvidence
}

const noReferences: ReferenceFacts = noMembers

/** Whether a resource is within the level of an alternative: within what the user may do, and of the patient. */
export const isOfLevel = (alternative: Alternative, resource: Resource, evaluation: EvaluationContext): boolean => {
  const { permission, patient, level, links, sharedTypes, moreCompartment } = alternative
  if (level === 'system') return true
  const release = releaseIn(alternative)
  if (alternative.isOfUser && !evaluation.userMay(permission, resource)) return false
  const references = ownMember(evaluation, 'references') ?? noReferences
  const naming = ownMember(alternative, 'openedByNaming')
  const opens = (): boolean =>
    naming !== undefined && opensByNaming(naming, resource, ownMember(evaluation, 'before') ?? null, references)
  if (patient === null) return level === 'user' && !opens()
  if (sharedTypes.includes(resource.resourceType) && !Object.hasOwn(resource, 'securityContext')) return true
  const isOf =
    permission === 'r' || permission === 's'
      ? isOfPatient(evaluation.read, resource, patient, moreCompartment, release)
      : isOfPatientAlone(
          evaluation.read,
          resource,
          patient,
          moreCompartment,
          ownMember(evaluation, 'before') ?? null,
          release
        )
  if (isOf) return !opens()
  const evidence = ownMember(evaluation, 'evidence')
  return evidence !== undefined && isOpenedByLink(links, resource, patient, evidence, references)
}

/** The clauses of an alternative that have been read, with the vocabulary and references used. */
const readBefore = new WeakMap<
  Alternative,
  Pick<EvaluationContext, 'vocabulary' | 'references'> & { readonly clauses: ReadonlyArray<ReadClause> }
>()

/** The clauses of an alternative, read once for the same vocabulary and references. */
export const clausesOf = (alternative: Alternative, evaluation: EvaluationContext): ReadonlyArray<ReadClause> => {
  const [vocabulary, references] = [
    ownMember(evaluation, 'vocabulary') ?? fhirR4,
    ownMember(evaluation, 'references') ?? noReferences
  ]
  const known = readBefore.get(alternative)
  if (known?.vocabulary === vocabulary && known.references === references) return known.clauses
  const clauses = alternative.query.map((clause) => readClause(vocabulary, alternative.type, clause, references))
  readBefore.set(alternative, { vocabulary, references, clauses })
  return clauses
}

/**
 * Whether a resource meets all clauses. The index is read once for each parameter. Each clause is compared with the
 * value after the one that met the clause before it first, and then with the others: clauses and values in the same
 * order cost one comparison each.
 */
export const meetsAll = (clauses: ReadonlyArray<ReadClause>, resource: Resource, read: IndexReader): boolean => {
  const [only] = clauses
  if (only !== undefined && clauses.length === 1) {
    for (const index of read(resource, only.key)) if (meetsClause(only, index)) return true
    return false
  }
  const indexed = new Map<string, { readonly values: ReadonlyArray<string>; next: number }>()
  return clauses.every((clause) => {
    const known = indexed.get(clause.key) ?? { values: read(resource, clause.key), next: 0 }
    indexed.set(clause.key, known)
    const isMet = (index: string): boolean => meetsClause(clause, index)
    const later = known.values.slice(known.next, known.next + 1).findIndex(isMet)
    const place = later === 0 ? known.next : known.values.findIndex(isMet)
    known.next = place + 1
    return place !== -1
  })
}

/**
 * Whether an alternative permits a resource. A write under a `patient/` scope must concern only that patient: a
 * resource that also belongs to another patient cannot be written with one patient's authority.
 */
export const permitsResource = (alternative: Alternative, resource: Resource, evaluation: EvaluationContext): boolean =>
  appliesTo(alternative, alternative.permission, resource.resourceType) &&
  isOfLevel(alternative, resource, evaluation) &&
  meetsAll(clausesOf(alternative, evaluation), resource, evaluation.read)

/**
 * How alternatives let a token read or search a resource that another resource's access depends on. Only alternatives
 * of the same patient count, with either permission, and each with its own query; the resource must be permitted by
 * itself, without evidence.
 */
export const targetAccess = (
  alternatives: ReadonlyArray<Alternative>,
  patient: string,
  resource: Resource,
  evaluation: EvaluationContext
): TargetAccess => {
  let isShared = false
  for (const alternative of alternatives) {
    if (alternative.patient !== patient || (alternative.permission !== 'r' && alternative.permission !== 's')) continue
    if (!permitsResource(alternative, resource, evaluation)) continue
    if (!alternative.sharedTypes.includes(resource.resourceType)) return 'own'
    isShared = true
  }
  return isShared ? 'shared' : 'none'
}
