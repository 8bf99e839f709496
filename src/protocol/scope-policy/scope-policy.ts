/**
 * Which of the requested scopes may be granted: the only place where the policy options about scopes are applied.
 *
 * Source: scopes-and-launch-context; RFC 6749, section 3.3.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { ParsedScope } from './parsed-scope.js'
import { printedScope } from './parsed-scope.js'
import type { KnownResourceSide } from './resource-side-check.js'
import { hasClaims, opens, openingOnly } from './usable-scopes.js'
import type { RegisteredClient } from '../client/client.js'
import type { Features } from '../discovery/features.js'
import { grantsOnline, hasPatients, servedGrantTypes } from '../discovery/features.js'
import type { LaunchContext } from '../launch/launch-context.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { Refusal } from '../errors/refusal.js'
import type { TooComplex } from '../../scopes/atoms.js'
import { withinBudget } from '../../scopes/atoms.js'
import { intersect, overlapping, narrowed } from '../../scopes/set-operations.js'
import { subsumption } from '../../scopes/subsumes.js'
import type { ScopeOptions } from '../../scopes/permits.js'
import type { Level, Scope, ScopeSet } from '../../scopes/scope.js'
import { holdsText, isResourceScope, printedHoldsText, withoutRepetitions } from '../../scopes/scope.js'
import { toV2 } from '../../scopes/version-1.js'
import { limits } from '../../values/limits/limits.js'
import { ownMember } from '../../values/own.js'

/** What the server supports, independent of clients. */
export interface ScopeOffer extends Features {
  /** Replaces malformed scopes if the policy says so. */
  readonly defaultScope: ScopeSet
  /** The resource side, which decides whether a scope permits anything. */
  readonly side: KnownResourceSide
}

/** The options for comparing scopes under a policy, with the parameters of the resource side. */
export const scopeOptions = (
  policy: SmartPolicy,
  { vocabulary }: Pick<KnownResourceSide, 'vocabulary'>
): ScopeOptions =>
  policy.crossContextSubsumption === 'userCoversPatient'
    ? { vocabulary, levelOrder: [['user', 'patient']] }
    : { vocabulary }

/** Whether a set contains resource scopes of both versions. */
export const mixesVersions = (scopes: ScopeSet): boolean => {
  const syntaxes = new Set(scopes.filter(isResourceScope).map(({ syntax }) => syntax))
  return syntaxes.size > 1
}

/** The scopes in the single version that the policy requires when both are requested. */
export const inOneVersion = (policy: SmartPolicy, scopes: ScopeSet): ScopeSet =>
  policy.mixedScopeVersions === 'normaliseToV2' && mixesVersions(scopes)
    ? scopes.map((scope) => (isResourceScope(scope) ? toV2(scope) : scope))
    : scopes

/** Whether a scope is a wildcard with a query. */
export const isWildcardWithQuery = (scope: Scope): boolean =>
  scope._tag === 'ResourceScope' && scope.type === '*' && scope.query.length > 0

/** Whether a set requests a patient in context. */
export const asksForPatient = (scopes: ScopeSet): boolean =>
  holdsText(scopes, 'launch/patient') || holdsPatientLevel(scopes)

/** Whether a set contains a `patient/` scope. */
export const holdsPatientLevel = (scopes: ScopeSet): boolean =>
  scopes.some((scope) => isResourceScope(scope) && scope.level === 'patient')

/**
 * The scopes without `patient/` scopes if no patient is in context, and without scopes that permit nothing in this
 * context.
 */
export const withinContext = (side: KnownResourceSide, scopes: ScopeSet, context: LaunchContext): ScopeSet => {
  const patient = ownMember(context, 'patient')
  return openingOnly(
    side,
    patient === undefined ? scopes.filter((scope) => !isResourceScope(scope) || scope.level !== 'patient') : scopes,
    patient
  )
}

/**
 * Whether a scope is a `system/` scope. No user can grant it. It belongs to backend services, which must have been
 * reviewed.
 */
export const isForSystems = (scope: Scope): boolean => isResourceScope(scope) && scope.level === 'system'

/** Whether the server serves such scopes at all. Roles of launch contexts came with 2.2.0. */
const isServed = (policy: SmartPolicy, offer: ScopeOffer, scope: Scope): boolean => {
  switch (scope._tag) {
    case 'LaunchScope':
      return scope.role === null || policy.specVersion === '2.2.0'
    case 'IdentityScope':
      return offer.openid && hasClaims(scope)
    case 'ResourceScope':
      return (
        offer.scopeVersions.includes(scope.syntax) &&
        (scope.level === 'system' || offer.levels.includes(scope.level)) &&
        opens(offer.side, scope)
      )
    case 'RefreshScope':
    case 'ExtensionScope':
    case 'UnknownScope':
    case 'MalformedScope':
      return true
  }
}

/** Whether a backend service may be granted a scope of that level. */
const isForBackends = (policy: SmartPolicy, offer: Features, level: Level): boolean =>
  servedGrantTypes(policy, offer).includes('client_credentials') &&
  (level === 'system' || policy.backendNonSystemScopes === 'allow')

/**
 * Whether a user may grant a scope of that level: `patient/` scopes need a patient that comes with a launch or can be
 * chosen.
 */
const isForUsers = (offer: Features, level: Level): boolean =>
  level !== 'system' &&
  offer.launchKinds.length > 0 &&
  offer.levels.includes(level) &&
  (level === 'user' || hasPatients(offer))

/** Whether any client could be granted a scope: what discovery may list (page "conformance", `scopes_supported`). */
export const isOffered = (policy: SmartPolicy, offer: Omit<ScopeOffer, 'defaultScope'>, scope: Scope): boolean => {
  const [isEhr, isLaunched] = [offer.launchKinds.includes('ehr'), offer.launchKinds.length > 0]
  switch (scope._tag) {
    case 'LaunchScope':
      return (
        (isEhr || (isLaunched && scope.type !== null && offer.contextTypes.includes(scope.type))) &&
        (scope.role === null || policy.specVersion === '2.2.0')
      )
    case 'IdentityScope':
      return isLaunched && offer.openid && hasClaims(scope)
    case 'RefreshScope':
      return isLaunched && (scope.text === 'offline_access' ? offer.offlineAccess : grantsOnline(policy, offer))
    case 'ResourceScope':
      return (
        offer.scopeVersions.includes(scope.syntax) &&
        (isForUsers(offer, scope.level) || isForBackends(policy, offer, scope.level)) &&
        opens(offer.side, scope)
      )
    case 'ExtensionScope':
    case 'UnknownScope':
      return isLaunched
    case 'MalformedScope':
      return false
  }
}

/** The scopes of which a client may be granted some part. */
export const registeredAmong = (
  policy: SmartPolicy,
  offer: ScopeOffer,
  client: RegisteredClient,
  scopes: ScopeSet
): ScopeSet =>
  overlapping(
    scopes.filter((scope) => isServed(policy, offer, scope)),
    openingOnly(offer.side, client.scope),
    scopeOptions(policy, offer.side)
  )

/** The single refresh scope that applies, or none if no refresh is possible. */
const accessScope = (
  policy: SmartPolicy,
  offer: ScopeOffer,
  client: RegisteredClient,
  isStandalone: boolean,
  scopes: ScopeSet
): 'offline_access' | 'online_access' | null => {
  if (!client.grantTypes.includes('refresh_token')) return null
  const [offline, requested] = [
    offer.offlineAccess && holdsText(scopes, 'offline_access'),
    holdsText(scopes, 'online_access')
  ]
  const online = requested && offer.onlineAccess && (!isStandalone || policy.onlineAccessInStandalone === 'allow')
  if (online && (!offline || policy.bothAccessScopes === 'online')) return 'online_access'
  const instead =
    requested &&
    offer.offlineAccess &&
    isStandalone &&
    policy.onlineAccessInStandalone === 'offlineInstead' &&
    holdsText(client.scope, 'offline_access')
  return offline || instead ? 'offline_access' : null
}

/** The scopes with the single refresh scope that applies, at the position of the first requested one. */
const withAccessScope = (scopes: ScopeSet, holding: 'offline_access' | 'online_access' | null): ScopeSet => {
  const first = scopes.findIndex(({ _tag }) => _tag === 'RefreshScope')
  return scopes.flatMap((scope, index): ReadonlyArray<Scope> => {
    if (scope._tag !== 'RefreshScope') return [scope]
    return holding === null || index !== first ? [] : [{ _tag: 'RefreshScope', text: holding }]
  })
}

/** `fhirUser` has no effect without `openid`, because there is no id_token then. */
export const dropFhirUserWithoutOpenid = (scopes: ScopeSet): ScopeSet =>
  holdsText(scopes, 'openid') ? scopes : scopes.filter(({ text }) => text !== 'fhirUser')

/**
 * The part of the scopes that is registered, or permitted, now; with the same spelling if nothing was removed. The
 * scopes were counted when they were granted; later changes cannot exceed the complexity limit (see `narrowed`).
 */
export const scopesWithin = (
  policy: SmartPolicy,
  side: KnownResourceSide,
  granted: ScopeSet,
  now: ScopeSet
): ScopeSet => {
  const texts = new Set(now.map(({ text }) => text))
  if (granted.every(({ text }) => texts.has(text))) return granted
  const left = narrowed(granted, now, scopeOptions(policy, side))
  return left.length === granted.length && left.every((scope, place) => scope === granted[place])
    ? granted
    : dropFhirUserWithoutOpenid(left)
}

/** Whether all scopes that were granted are within what is registered now, by meaning. */
export const isWithin = (policy: SmartPolicy, side: KnownResourceSide, granted: ScopeSet, now: ScopeSet): boolean => {
  const texts = new Set(now.map(({ text }) => text))
  if (granted.every(({ text }) => texts.has(text))) return true
  const covered = subsumption(now, granted, scopeOptions(policy, side))
  return Either.isRight(covered) && covered.right
}

/** The scopes without `offline_access` and `online_access`. */
export const withoutRefreshScope = (scopes: ScopeSet): ScopeSet => scopes.filter(({ _tag }) => _tag !== 'RefreshScope')

/** The scope of a stored grant, and the context in which it applies. */
export interface GrantedScope {
  readonly scope: ParsedScope
  readonly context: LaunchContext
}

/**
 * The part of a granted scope that is registered, or permitted, now. Scopes that are registered with the same text are
 * not compared.
 */
export const withinRegistration = (
  policy: SmartPolicy,
  side: KnownResourceSide,
  { scope, context }: GrantedScope,
  registered: ScopeSet
): ParsedScope => {
  const texts = new Set(registered.map(({ text }) => text))
  return scope.scopes.every(({ text }) => texts.has(text))
    ? scope
    : printedScope(withinContext(side, scopesWithin(policy, side, scope.scopes, registered), context))
}

/**
 * The part of a stored grant that may be given now: within the client's registration and what the host's policy
 * permits. The grant keeps its scope, so that scopes which were removed temporarily return, and nothing is ever added.
 */
export const grantableNow = (
  policy: SmartPolicy,
  side: KnownResourceSide,
  { scope, context }: GrantedScope,
  client: RegisteredClient,
  permitted: ParsedScope | null
): Either.Either<Refusal, ParsedScope> => {
  const registered = withinRegistration(policy, side, { scope, context }, client.scope)
  if (registered.text === '' && scope.text !== '')
    return Either.left({ _tag: 'ScopeNoLongerRegistered', scope: scope.text })
  if (permitted === null) return Either.right(registered)
  const left = withinRegistration(policy, side, { scope: registered, context }, permitted.scopes)
  return left.text === '' && registered.text !== ''
    ? Either.left({ _tag: 'ScopeNoLongerPermitted', scope: registered.text })
    : Either.right(left)
}

/**
 * Whether a scope is too long for the access token that contains it: a JWT, or a token with a narrower scope than its
 * grant.
 */
export const isTooLongForToken = ({ accessTokenFormat }: SmartPolicy, scope: string, isNarrower: boolean): boolean =>
  (accessTokenFormat === 'jwt' || isNarrower) && scope.length > limits.tokenScope.default

/** The refresh scope in a scope text; null when there is none. */
export const refreshScopeIn = (printed: string): string | null =>
  ['offline_access', 'online_access'].find((text) => printedHoldsText(printed, text)) ?? null

/** The widest set that may be granted: requested, registered for the client, and grantable by a user. */
export const grantableScopes = (
  policy: SmartPolicy,
  offer: ScopeOffer,
  client: RegisteredClient,
  isStandalone: boolean,
  requested: ScopeSet
): Either.Either<TooComplex, ScopeSet> => {
  const wellFormed = requested.filter(({ _tag }) => _tag !== 'MalformedScope')
  const wanted =
    wellFormed.length < requested.length && policy.malformedScope === 'serverDefault'
      ? [...wellFormed, ...offer.defaultScope.filter(({ text }) => !holdsText(wellFormed, text))]
      : wellFormed
  const distinct = withoutRepetitions(inOneVersion(policy, wanted))
  // Whether a scope opens something is looked for only within the budget.
  const possible = withinBudget(withoutRepetitions([...distinct, ...client.scope]), scopeOptions(policy, offer.side))
  if (Either.isLeft(possible)) return possible
  const known = distinct.filter((scope) => !isForSystems(scope) && isServed(policy, offer, scope))
  const granted = Either.map((scopes: ScopeSet) => openingOnly(offer.side, scopes))(
    intersect(known, client.scope, scopeOptions(policy, offer.side))
  )
  if (Either.isLeft(granted)) return granted
  // The granted scopes are compared with the registration and with each other again later. The complexity is checked
  // here, and not after a user has signed in.
  const kept = withinBudget(withoutRepetitions([...granted.right, ...client.scope]), scopeOptions(policy, offer.side))
  if (Either.isLeft(kept)) return kept
  const holding = accessScope(policy, offer, client, isStandalone, granted.right)
  return Either.right(dropFhirUserWithoutOpenid(withAccessScope(granted.right, holding)))
}
