/**
 * The launch context in responses: only what the granted scopes request. One row for each member.
 *
 * `launch` requests everything that the EHR sets at a launch. `launch/<type>` requests the context of that type, and a
 * `patient/` scope requests the patient, because it concerns no one else. Members without a type (intent, organization,
 * style, members of the host) belong to an EHR launch only. The same rows apply to the token response, a refresh, the
 * claims of access tokens, the resource server and introspection: each uses the scope of its token.
 *
 * Source: scopes-and-launch-context, "Scopes for requesting context data" and "Launch context arrives with your
 * access_token".
 *
 * @module
 */
import { asksForPatient } from '../scope-policy/scope-policy.js'
import type { FhirContextEntry, LaunchContext } from '../launch/launch-context.js'
import { launchTypeOf } from '../launch/launch-context.js'
import { parse } from '../../scopes/parse.js'
import type { Scope, ScopeSet } from '../../scopes/scope.js'
import { holdsText } from '../../scopes/scope.js'
import { ownMember, ownMembers } from '../../values/own.js'

/** The context that granted scopes request. */
interface Requested {
  /** Whether the whole context of an EHR launch is requested. */
  readonly wholeLaunch: boolean
  /** The types, as in `launch/<type>`. */
  readonly types: ReadonlyArray<string>
}

/** The type of a scope `launch/<type>`, with any role; null for other scopes. */
const requestedLaunchType = (scope: Scope): string | null => (scope._tag === 'LaunchScope' ? scope.type : null)

/**
 * The types that the scopes request, as in `launch/<type>`; `patient/` scopes also request a patient. A scope with a
 * role requests its type: if the EHR has no entry with that role, it uses what it has of the type.
 */
export const requestedContextTypes = (scopes: ScopeSet): ReadonlyArray<string> => {
  const types = new Set(scopes.flatMap((scope) => requestedLaunchType(scope) ?? []))
  if (asksForPatient(scopes)) types.add('patient')
  const first = ['patient', 'encounter'].filter((type) => types.has(type))
  return [...new Set([...first, ...types])]
}

/** A member of the context and its condition; `fhirContext` has a condition for each entry. */
interface ContextMemberGrant {
  readonly member: Exclude<keyof LaunchContext, 'fhirContext'>
  readonly isIncluded: (requested: Requested) => boolean
}

const withType =
  (type: string) =>
  ({ wholeLaunch, types }: Requested): boolean =>
    wholeLaunch || types.includes(type)

const withLaunch = ({ wholeLaunch }: Requested): boolean => wholeLaunch

/** The rows. */
export const contextMemberTable: ReadonlyArray<ContextMemberGrant> = [
  { member: 'patient', isIncluded: withType('patient') },
  { member: 'encounter', isIncluded: withType('encounter') },
  // Whether the app must show the patient's identity. Only an app that receives the patient needs it.
  { member: 'need_patient_banner', isIncluded: withType('patient') },
  { member: 'intent', isIncluded: withLaunch },
  { member: 'smart_style_url', isIncluded: withLaunch },
  { member: 'tenant', isIncluded: withLaunch },
  { member: 'extensions', isIncluded: withLaunch }
]

const isEntryReturned = ({ wholeLaunch, types }: Requested, entry: FhirContextEntry): boolean =>
  wholeLaunch || types.some((type) => type === launchTypeOf(entry))

/** The part of a context that the granted scopes request. */
export const contextUnderScopes = (scopes: ScopeSet, context: LaunchContext): LaunchContext => {
  const requested = { wholeLaunch: holdsText(scopes, 'launch'), types: requestedContextTypes(scopes) }
  const entries = (ownMember(context, 'fhirContext') ?? []).filter((entry) => isEntryReturned(requested, entry))
  const members = contextMemberTable.flatMap(({ member, isIncluded }) =>
    Object.hasOwn(context, member) && isIncluded(requested) ? [[member, context[member]] as const] : []
  )
  return ownMembers({ ...Object.fromEntries(members), ...(entries.length > 0 ? { fhirContext: entries } : {}) })
}

/**
 * The part of a grant's context for a token with that scope. The grant's context was reduced at consent. `scopes` are
 * the scopes of the text if it is parsed already.
 */
export const contextOfToken = (
  grant: { readonly scope: string; readonly context: LaunchContext },
  scope: string,
  scopes: ScopeSet | null = null
): LaunchContext => (scope === grant.scope ? grant.context : contextUnderScopes(scopes ?? parse(scope), grant.context))
