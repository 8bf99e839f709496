/**
 * What an app is told of the launch context: nothing that its granted scopes do not ask for. A row for each member.
 *
 * `launch` asks for all that the EHR says when it launches the app. `launch/<type>` asks for what is of that type, and
 * a `patient/` scope for the patient, because it is about nobody else. What belongs to no type (intent, organization,
 * style, members of the host's own) is part of the EHR's launch alone. The same rows decide for the token response, a
 * refresh, the claims of access tokens, what the resource server reads behind a token, and introspection: each follows
 * the scope of its token.
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

/** What granted scopes ask for. */
interface Requested {
  /** Whether all that the EHR's launch holds is asked for. */
  readonly wholeLaunch: boolean
  /** In the words of `launch/<type>`. */
  readonly types: ReadonlyArray<string>
}

/** The type of a scope `launch/<type>`, in whatever role; null for other scopes. */
const launchTypeAsked = (scope: Scope): string | null => (scope._tag === 'LaunchScope' ? scope.type : null)

/**
 * What the scopes ask for, in the words of `launch/<type>`: a patient also for `patient/` scopes. A role asks for its
 * type: where the EHR does not know the role, what it has of the type will do.
 */
export const requestedContextTypes = (scopes: ScopeSet): ReadonlyArray<string> => {
  const types = new Set(scopes.flatMap((scope) => launchTypeAsked(scope) ?? []))
  if (asksForPatient(scopes)) types.add('patient')
  const first = ['patient', 'encounter'].filter((type) => types.has(type))
  return [...new Set([...first, ...types])]
}

/** A member of the context and when it is told; `fhirContext` is told by its entries. */
interface ToldMember {
  readonly member: Exclude<keyof LaunchContext, 'fhirContext'>
  readonly isTold: (requested: Requested) => boolean
}

const withType =
  (type: string) =>
  ({ wholeLaunch, types }: Requested): boolean =>
    wholeLaunch || types.includes(type)

const withLaunch = ({ wholeLaunch }: Requested): boolean => wholeLaunch

/** The rows. */
export const contextMemberRules: ReadonlyArray<ToldMember> = [
  { member: 'patient', isTold: withType('patient') },
  { member: 'encounter', isTold: withType('encounter') },
  // Whether the app must show who the patient is: of use to whoever is told of the patient.
  { member: 'need_patient_banner', isTold: withType('patient') },
  { member: 'intent', isTold: withLaunch },
  { member: 'smart_style_url', isTold: withLaunch },
  { member: 'tenant', isTold: withLaunch },
  { member: 'extensions', isTold: withLaunch }
]

const isEntryTold = ({ wholeLaunch, types }: Requested, entry: FhirContextEntry): boolean =>
  wholeLaunch || types.includes(launchTypeOf(entry) ?? '')

/** What of a context is told under granted scopes. */
export const contextUnderScopes = (scopes: ScopeSet, context: LaunchContext): LaunchContext => {
  const requested = { wholeLaunch: holdsText(scopes, 'launch'), types: requestedContextTypes(scopes) }
  const entries = (ownMember(context, 'fhirContext') ?? []).filter((entry) => isEntryTold(requested, entry))
  const told = contextMemberRules.flatMap(({ member, isTold }) =>
    Object.hasOwn(context, member) && isTold(requested) ? [[member, context[member]] as const] : []
  )
  return ownMembers({ ...Object.fromEntries(told), ...(entries.length > 0 ? { fhirContext: entries } : {}) })
}

/** What of a grant's context a token with that scope tells; the grant's own was cut when the user consented. */
export const contextOfToken = (
  grant: { readonly scope: string; readonly context: LaunchContext },
  scope: string
): LaunchContext => (scope === grant.scope ? grant.context : contextUnderScopes(parse(scope), grant.context))
