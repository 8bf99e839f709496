/**
 * The sentences about what a scope set does not allow: one row per sentence, with its condition and the acts that it
 * denies.
 *
 * A denial must hold for everything that the set allows, including what a scope implies: `openid fhirUser` allows
 * reading the record that represents the user. The effect of an unknown scope is not known, so no denial is made about
 * a set that contains one. Tests compare each row with the definition (`permits.ts`), over generated sets and acts.
 *
 * @module
 */
import type { LevelOrder } from '../permits.js'
import type { Permission, ResourceScope, ScopeSet } from '../scope.js'
import { holdsText, isResourceScope } from '../scope.js'
import { ownMembers } from '../../values/own.js'

/** One act of a client that a sentence may deny. */
export type Act =
  | {
      readonly _tag: 'Resource'
      readonly type: string
      readonly permission: Permission
      /** Whether the resource is about patients other than the one in context. */
      readonly isAboutOthers: boolean
      /** Whether the resource represents the user. */
      readonly isOwn: boolean
    }
  /** Getting another access token without asking the user again. */
  | { readonly _tag: 'Renewal'; readonly isSignedIn: boolean }

/** The facts about a scope set from which the conditions of the sentences are computed. */
export interface Rights {
  readonly resources: ReadonlyArray<ResourceScope>
  /** Whether `openid fhirUser` allows reading the record that represents the user. A backend service has no user. */
  readonly readsOwnRecord: boolean
  /** Whether `patient/` scopes reach only the patient in context. */
  readonly patientIsAlone: boolean
  readonly hasOpenid: boolean
  /**
   * Whether some scopes are `system/` scopes: a service acts for itself, without a user who could sign out or consent
   * again.
   */
  readonly isForSystems: boolean
  /** Whether all resource scopes are `system/` scopes. */
  readonly isForSystemsAlone: boolean
  readonly renewal: 'never' | 'while signed in' | 'always'
  /** Whether the set contains a scope that cannot be explained. */
  readonly hasUnexplained: boolean
}

/** Options besides the scopes that change which sentences hold. */
export interface RightsOptions {
  /**
   * Whether `openid fhirUser` allows reading that one resource (`fhirUserImpliesRead` of the policy). Default: true.
   */
  readonly fhirUserImpliesRead?: boolean
  readonly levelOrder?: LevelOrder
}

const isUnexplained = (text: string, tag: ScopeSet[number]['_tag']): boolean =>
  text !== '' && (tag === 'ExtensionScope' || tag === 'UnknownScope' || tag === 'MalformedScope')

/** The rights that a scope set gives. */
export const rightsOf = (scopes: ScopeSet, options: RightsOptions = {}): Rights => {
  const { fhirUserImpliesRead = true, levelOrder } = ownMembers(options)
  const resources = scopes.filter(isResourceScope)
  const isForSystemsAlone = resources.length > 0 && resources.every(({ level }) => level === 'system')
  return {
    resources,
    readsOwnRecord:
      fhirUserImpliesRead && !isForSystemsAlone && holdsText(scopes, 'openid') && holdsText(scopes, 'fhirUser'),
    patientIsAlone: levelOrder?.some(([wider]) => wider === 'patient') !== true,
    hasOpenid: holdsText(scopes, 'openid'),
    isForSystems: resources.some(({ level }) => level === 'system'),
    isForSystemsAlone,
    renewal: holdsText(scopes, 'offline_access')
      ? 'always'
      : holdsText(scopes, 'online_access')
        ? 'while signed in'
        : 'never',
    hasUnexplained: scopes.some(({ text, _tag }) => isUnexplained(text, _tag))
  }
}

/** The names of the denying sentences. */
export type ClaimName =
  | 'anyRecord'
  | 'anyOtherRecord'
  | 'write'
  | 'renewal'
  | 'renewalSignedOut'
  | 'otherPatients'
  | 'otherPatientsOrUser'
  | 'otherTypes'
  | 'otherTypesOrUser'

/** A denying sentence. */
export interface Claim {
  readonly name: ClaimName
  /** Whether the sentence applies to a set with these rights. */
  readonly holds: (rights: Rights) => boolean
  /** Whether the sentence denies an act, given the set's rights. */
  readonly denies: (act: Act, rights: Rights) => boolean
}

type ResourceAct = Extract<Act, { readonly _tag: 'Resource' }>

const isResource = (act: Act): act is ResourceAct => act._tag === 'Resource'

const isWrite = ({ permission }: { readonly permission: Permission }): boolean =>
  permission !== 'r' && permission !== 's'

/** Whether the set reaches only the patient in context, apart from the user's own record. */
const isOfOnePatient = ({ resources, patientIsAlone }: Rights): boolean =>
  patientIsAlone && resources.length > 0 && resources.every(({ level }) => level === 'patient')

const namesItsTypes = ({ resources }: Rights): boolean =>
  resources.length > 0 && resources.every(({ type }) => type !== '*')

const isOfOtherType = (act: ResourceAct, { resources }: Rights): boolean =>
  !resources.some(({ type }) => type === act.type)

/**
 * The rows. Of two rows that differ by the user's own record, one applies to sets that allow reading it, the other to
 * the rest.
 */
export const claims: ReadonlyArray<Claim> = [
  {
    name: 'anyRecord',
    holds: ({ resources, readsOwnRecord }) => resources.length === 0 && !readsOwnRecord,
    denies: isResource
  },
  {
    name: 'anyOtherRecord',
    holds: ({ resources, readsOwnRecord }) => resources.length === 0 && readsOwnRecord,
    denies: (act) => isResource(act) && (!act.isOwn || isWrite(act))
  },
  {
    name: 'write',
    holds: ({ resources }) =>
      resources.length > 0 &&
      resources.every(({ permissions }) => permissions.every((permission) => !isWrite({ permission }))),
    denies: (act) => isResource(act) && isWrite(act)
  },
  {
    name: 'renewal',
    holds: ({ renewal, isForSystems }) => renewal === 'never' && !isForSystems,
    denies: (act) => act._tag === 'Renewal'
  },
  {
    name: 'renewalSignedOut',
    holds: ({ renewal, isForSystems }) => renewal === 'while signed in' && !isForSystems,
    denies: (act) => act._tag === 'Renewal' && !act.isSignedIn
  },
  {
    name: 'otherPatients',
    holds: (rights) => isOfOnePatient(rights) && !rights.readsOwnRecord,
    denies: (act) => isResource(act) && act.isAboutOthers
  },
  {
    name: 'otherPatientsOrUser',
    holds: (rights) => isOfOnePatient(rights) && rights.readsOwnRecord,
    denies: (act) => isResource(act) && act.isAboutOthers && !act.isOwn
  },
  {
    name: 'otherTypes',
    holds: (rights) => namesItsTypes(rights) && !rights.readsOwnRecord,
    denies: (act, rights) => isResource(act) && isOfOtherType(act, rights)
  },
  {
    name: 'otherTypesOrUser',
    holds: (rights) => namesItsTypes(rights) && rights.readsOwnRecord,
    denies: (act, rights) => isResource(act) && !act.isOwn && isOfOtherType(act, rights)
  }
]

/** The claims that apply to a set; none when the set contains an unexplained scope, because its effect is unknown. */
export const claimsFor = (rights: Rights, rows: ReadonlyArray<Claim> = claims): ReadonlyArray<Claim> =>
  rights.hasUnexplained ? [] : rows.filter(({ holds }) => holds(rights))
