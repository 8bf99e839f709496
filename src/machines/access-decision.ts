/**
 * What a token allows at the FHIR server.
 *
 * The decision is data: permit, permit within a patient's compartment, or deny. Each granting scope stands for itself:
 * what one scope permits is never combined with the limits of another. A scope with a query permits nothing here yet.
 * Source: scopes-and-launch-context, "Scopes for requesting clinical data"; FHIR R4, http.html.
 *
 * @module
 */
import type { LaunchContext, SignedInUser } from '../messages/launch-context.js'
import type { PlainRequest } from '../messages/http.js'
import type { SmartPolicy } from '../messages/policy.js'
import { resourceScope } from '../scopes/format.js'
import type { Level, Permission, ResourceScope, ScopeSet } from '../scopes/scope.js'
import { holdsText, isResourceScope } from '../scopes/scope.js'

/** What a FHIR request wants to do. */
export type Interaction =
  | { readonly _tag: 'Read'; readonly type: string; readonly id: string }
  | { readonly _tag: 'Search'; readonly type: string; readonly query: string }
  | { readonly _tag: 'Capabilities' }
  | { readonly _tag: 'NotSupported' }

const typePattern = '[A-Z][A-Za-z]{1,63}'
const readPattern = new RegExp(`^/(${typePattern})/([A-Za-z0-9.-]{1,64})/?$`)
const searchPattern = new RegExp(`^/(${typePattern})/?$`)
const postedSearchPattern = new RegExp(`^/(${typePattern})/_search/?$`)

/**
 * The interaction that a request means, judged by method and path below the FHIR base. Whatever is not known for sure is
 * `NotSupported`.
 */
export const interactionOf = (request: Pick<PlainRequest, 'method' | 'path' | 'query' | 'body'>): Interaction => {
  const get = request.method === 'GET' || request.method === 'HEAD'
  if (get && /^\/metadata\/?$/.test(request.path)) return { _tag: 'Capabilities' }
  const read = readPattern.exec(request.path)
  if (get && read?.[1] !== undefined && read[2] !== undefined) return { _tag: 'Read', type: read[1], id: read[2] }
  const search = searchPattern.exec(request.path)
  if (get && search?.[1] !== undefined) return { _tag: 'Search', type: search[1], query: request.query }
  const posted = postedSearchPattern.exec(request.path)
  if (request.method === 'POST' && posted?.[1] !== undefined) {
    return { _tag: 'Search', type: posted[1], query: [request.query, request.body].filter((part) => part !== '').join('&') }
  }
  return { _tag: 'NotSupported' }
}

/** What stands behind the token of a request. */
export interface AccessFacts {
  /** The client that holds the token. */
  readonly clientId: string
  readonly scopes: ScopeSet
  readonly context: LaunchContext
  /** Who gave the access; null for a backend service, which acts for itself. */
  readonly user: SignedInUser | null
}

/** One way in which a request is permitted. */
export interface Alternative {
  readonly level: Level
  /** Only what is in this patient's compartment; null for all that the level may see. */
  readonly patient: string | null
}

/** The decision. */
export type Decision =
  | { readonly _tag: 'Permit' }
  | {
      readonly _tag: 'Filter'
      /** A resource may be returned when at least one alternative lets it through. */
      readonly alternatives: ReadonlyArray<Alternative>
    }
  | {
      readonly _tag: 'Deny'
      /** The least scopes that would have permitted the request. */
      readonly missing: ReadonlyArray<string>
    }

const alternativeOf = (scope: ResourceScope, context: LaunchContext): ReadonlyArray<Alternative> => {
  if (scope.level !== 'patient') return [{ level: scope.level, patient: null }]
  return context.patient === undefined ? [] : [{ level: 'patient', patient: context.patient }]
}

const grants = (scope: ResourceScope, type: string, permission: Permission): boolean =>
  scope.query.length === 0 &&
  (scope.type === '*' || scope.type === type) &&
  scope.permissions.includes(permission)

/**
 * Decides about an interaction. `openid fhirUser` allows reading the one resource that represents the user, if the policy
 * says so.
 *
 * @example
 * ```ts
 * import { decide, defaultPolicy, interactionOf } from 'smart-app-launch/resource'
 * import { parse } from 'smart-app-launch/scopes'
 *
 * const facts = {
 *   clientId: 'my-app',
 *   scopes: parse('patient/Observation.rs'),
 *   context: { patient: '123' },
 *   user: { sub: 'alice', fhirUser: 'Practitioner/p1', authTime: 0 }
 * }
 * const search = interactionOf({ method: 'GET', path: '/Observation', query: 'code=1234-5', body: '' })
 * decide(defaultPolicy, facts, search) // => { _tag: 'Filter', alternatives: [{ level: 'patient', patient: '123' }] }
 *
 * const read = interactionOf({ method: 'GET', path: '/Condition/1', query: '', body: '' })
 * decide(defaultPolicy, facts, read) // => { _tag: 'Deny', missing: ['patient/Condition.r'] }
 * ```
 */
export const decide = (policy: SmartPolicy, facts: AccessFacts, interaction: Interaction): Decision => {
  if (interaction._tag === 'Capabilities') return { _tag: 'Permit' }
  if (interaction._tag === 'NotSupported') return { _tag: 'Deny', missing: [] }
  const permission: Permission = interaction._tag === 'Read' ? 'r' : 's'
  if (
    policy.fhirUserImpliesRead &&
    interaction._tag === 'Read' &&
    holdsText(facts.scopes, 'openid') &&
    holdsText(facts.scopes, 'fhirUser') &&
    facts.user?.fhirUser === `${interaction.type}/${interaction.id}`
  ) return { _tag: 'Permit' }
  const alternatives = facts.scopes
    .filter(isResourceScope)
    .filter((scope) => grants(scope, interaction.type, permission))
    .flatMap((scope) => alternativeOf(scope, facts.context))
  if (alternatives.length > 0) return { _tag: 'Filter', alternatives }
  const level: Level = facts.context.patient === undefined ? 'user' : 'patient'
  return { _tag: 'Deny', missing: [resourceScope(level, interaction.type, [permission]).text] }
}
