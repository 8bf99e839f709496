/**
 * The ways in which granted scopes let a request through, and whether one lets a resource through.
 *
 * Each granting scope is an alternative of its own: its level, its patient and its query are kept together and never
 * joined with those of another scope. A resource is let through when one alternative alone lets it through.
 *
 * @module
 */
import type { Resource } from './interaction.js'
import type { ReadClause } from './search/clauses.js'
import { meetsClause, readClause } from './search/clauses.js'
import type { IndexReader, MoreCompartment, ReferenceFacts } from './search/search-index.js'
import { isInPatientCompartment, isOfPatient } from './search/search-index.js'
import { isOfPatientAlone } from './patient-alone.js'
import { isClosedType } from './acting-types.js'
import type { LaunchContext, SignedInUser } from '../launch/launch-context.js'
import type { Clause, Level, Permission, ResourceScope, ScopeSet } from '../../scopes/scope.js'
import { isResourceScope } from '../../scopes/scope.js'
import type { Vocabulary } from '../../scopes/vocabulary.js'
import { fhirR4 } from '../../scopes/vocabulary.js'
import { noMembers, ownMember, ownMembers } from '../../values/own.js'
import { isFhirId } from '../../values/fhir.js'

/** What stands behind the token of a request. */
export interface AccessFacts {
  /** The client that holds the token. */
  readonly clientId: string
  readonly scopes: ScopeSet
  readonly context: LaunchContext
  /** Who gave the access; null for a backend service, which acts for itself. */
  readonly user: SignedInUser | null
}

/** An operation that the host maps to permissions; any other is denied. */
export interface OperationRule {
  readonly level: 'system' | 'type' | 'instance'
  /** Null for the level `system`, and for an operation of every type. */
  readonly type: string | null
  /** Without `$`: `everything`. */
  readonly name: string
  /** What it needs; a type of null is the type in the address, and `*` every type. */
  readonly needs: ReadonlyArray<{ readonly type: string | null; readonly permission: Permission }>
}

/** What the host knows and no scope says. Everything is closed unless it is opened here. */
export interface AccessRules {
  /**
   * Types outside the patient compartment that `patient/` scopes may read and search all the same: `Practitioner`, … Of
   * `Binary`, only those without a `securityContext`: it says that another resource's rules hold for them.
   */
  readonly sharedTypes?: ReadonlyArray<string>
  /**
   * More parameters by which resources are a patient's own, beyond the compartment of FHIR R4: `{ Device: ['patient']
   * }`, as US Core needs it. The reader must know them.
   */
  readonly moreCompartment?: MoreCompartment
  readonly operations?: ReadonlyArray<OperationRule>
  /** Whether users may see everything at this server, so that a `user/` scope sees as much as a `system/` scope. */
  readonly isUserUnlimited?: boolean
  /**
   * Whether the host has a rule about what its users may do (`userMay`). Where it has none, a `patient/` scope is
   * limited by its patient alone, and a `user/` scope opens nothing. Default: true; the gate sets it by its own
   * options.
   */
  readonly hasUserRule?: boolean
  /**
   * Types by which the server acts (`Subscription`, ...; see `docs/acting-types.md`) that `user/` and `patient/` scopes
   * open all the same. Default: none. `system/` scopes need no mention: they are the host's own services.
   */
  readonly actingTypes?: ReadonlyArray<string>
  /** Default: FHIR R4. */
  readonly vocabulary?: Vocabulary
}

/** One way in which a request is permitted: what one scope grants under one permission. */
export interface Alternative {
  readonly permission: Permission
  readonly level: Level
  /** The type that the scope names, or `*`. */
  readonly type: string
  /** Only what is in this patient's compartment; null for all that the level may see. */
  readonly patient: string | null
  /**
   * The types outside the compartment that count all the same; empty unless `patient` is set and resources are read.
   */
  readonly sharedTypes: ReadonlyArray<string>
  /** What is in the patient's compartment beyond FHIR R4; empty unless `patient` is set. */
  readonly moreCompartment: MoreCompartment
  /**
   * Whether it is also limited by what the user may do: at the level `user`, and at the level `patient` where a user is
   * behind the token. A scope conveys rights of the user who approved it and never more; where there is no user, there
   * is nobody to ask about.
   */
  readonly isOfUser: boolean
  /** The types by which the server acts that count all the same. */
  readonly actingTypes: ReadonlyArray<string>
  /** The scope's query: every clause must hold. */
  readonly query: ReadonlyArray<Clause>
}

/**
 * Whether what a user may do limits the resources that a scope of the user's opens by itself: not where there is no
 * rule to ask.
 */
export const isUserLimited = (rules: AccessRules): boolean => {
  const { hasUserRule = true, isUserUnlimited = false } = ownMembers(rules)
  return hasUserRule && !isUserUnlimited
}

const alternativesOf = (scope: ResourceScope, facts: AccessFacts, rules: AccessRules): ReadonlyArray<Alternative> => {
  const { level, type, query } = scope
  const {
    moreCompartment = noMembers,
    actingTypes = [],
    isUserUnlimited = false,
    hasUserRule = true,
    sharedTypes = []
  } = ownMembers(rules)
  const isOfUser = !isUserUnlimited && (level === 'user' || (level === 'patient' && facts.user !== null && hasUserRule))
  const shared = { level, type, isOfUser, actingTypes, query }
  if (level !== 'patient')
    return scope.permissions.map((permission) => ({
      permission,
      ...shared,
      patient: null,
      sharedTypes: [],
      moreCompartment: noMembers
    }))
  const patient = ownMember(facts.context, 'patient')
  if (patient === undefined || !isFhirId(patient)) return []
  return scope.permissions.map((permission) => ({
    permission,
    ...shared,
    patient,
    moreCompartment,
    sharedTypes:
      permission === 'r' || permission === 's'
        ? sharedTypes.filter((one) => !isInPatientCompartment(one, moreCompartment))
        : []
  }))
}

/** What was made of facts and rules already: all entries of a batch ask for the same. */
const made = new WeakMap<
  AccessFacts,
  { readonly rules: AccessRules; readonly alternatives: ReadonlyArray<Alternative> }
>()

/**
 * Everything that a token grants, one alternative for each scope and permission; made once for the same facts and
 * rules.
 */
export const alternativesIn = (facts: AccessFacts, rules: AccessRules): ReadonlyArray<Alternative> => {
  const known = made.get(facts)
  if (known?.rules === rules) return known.alternatives
  const alternatives = facts.scopes.filter(isResourceScope).flatMap((scope) => alternativesOf(scope, facts, rules))
  made.set(facts, { rules, alternatives })
  return alternatives
}

/** Whether an alternative can let resources of a type through at all; a type of null is every type. */
export const appliesTo = (alternative: Alternative, permission: Permission, type: string | null): boolean => {
  if (alternative.permission !== permission) return false
  if (type === null) return alternative.type === '*'
  if (alternative.type !== '*' && alternative.type !== type) return false
  if (alternative.level !== 'system' && isClosedType(type, permission, alternative.actingTypes)) return false
  if (alternative.patient === null) return true
  if (type === 'Patient') return permission !== 'c'
  return isInPatientCompartment(type, alternative.moreCompartment) || alternative.sharedTypes.includes(type)
}

/**
 * Whether a type is shared without looking: of each Binary it must be seen whether another resource's rules hold for
 * it.
 */
const isWhollyShared = (alternative: Alternative, type: string): boolean =>
  type !== 'Binary' && alternative.sharedTypes.includes(type)

/** Whether an alternative has no limits: neither a patient, nor a query, nor what a user may see. */
export const isUnlimited = (alternative: Alternative, type: string | null): boolean =>
  alternative.query.length === 0 &&
  !alternative.isOfUser &&
  (alternative.patient === null || (type !== null && isWhollyShared(alternative, type)))

/** What a resource is judged with. */
export interface EvaluationContext {
  readonly read: IndexReader
  /** What the user may do with a resource: the host's own rule, asked wherever a user limits a scope (`isOfUser`). */
  readonly userMay: (permission: Permission, resource: Resource) => boolean
  /**
   * What is stored under the resource's id before a write; null where there is nothing. What it names already is not
   * new in the outcome.
   */
  readonly before?: Resource | null
  readonly vocabulary?: Vocabulary
  /** What is known of addresses, so that a scope may name a resource by one. Default: nothing. */
  readonly references?: ReferenceFacts
}

const noReferences: ReferenceFacts = noMembers

const isOfLevel = (alternative: Alternative, resource: Resource, evaluation: EvaluationContext): boolean => {
  const { permission, patient, level, sharedTypes, moreCompartment } = alternative
  if (level === 'system') return true
  if (alternative.isOfUser && !evaluation.userMay(permission, resource)) return false
  if (patient === null) return level === 'user'
  if (sharedTypes.includes(resource.resourceType)) return !Object.hasOwn(resource, 'securityContext')
  return permission === 'r' || permission === 's'
    ? isOfPatient(evaluation.read, resource, patient, moreCompartment)
    : isOfPatientAlone(evaluation.read, resource, patient, moreCompartment, ownMember(evaluation, 'before') ?? null)
}

/** The clauses of an alternative that were read already, and what they were read with. */
const readBefore = new WeakMap<
  Alternative,
  Pick<EvaluationContext, 'vocabulary' | 'references'> & { readonly clauses: ReadonlyArray<ReadClause> }
>()

/** The clauses of an alternative, read once for the same vocabulary and references. */
const clausesOf = (alternative: Alternative, evaluation: EvaluationContext): ReadonlyArray<ReadClause> => {
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
 * values that follow the one which met the clause before it first, and then with the others: clauses and values in the
 * same order cost one comparison each.
 */
export const meetsAll = (clauses: ReadonlyArray<ReadClause>, resource: Resource, read: IndexReader): boolean => {
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
 * Whether an alternative lets a resource through. A write under a `patient/` scope must concern that patient alone:
 * what is also another patient's cannot be written with one patient's authority.
 */
export const permitsResource = (alternative: Alternative, resource: Resource, evaluation: EvaluationContext): boolean =>
  appliesTo(alternative, alternative.permission, resource.resourceType) &&
  isOfLevel(alternative, resource, evaluation) &&
  (alternative.query.length === 0 || meetsAll(clausesOf(alternative, evaluation), resource, evaluation.read))

/** Whether a resource may be touched under a permission: whether one alternative alone lets it through. */
export const isPermitted = (
  alternatives: ReadonlyArray<Alternative>,
  permission: Permission,
  resource: Resource,
  evaluation: EvaluationContext
): boolean =>
  alternatives.some(
    (alternative) => alternative.permission === permission && permitsResource(alternative, resource, evaluation)
  )
