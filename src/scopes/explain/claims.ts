/**
 * What a scope set does not allow: a row for each sentence, with what it denies and when it may be said.
 *
 * A sentence that denies something is a claim about everything that the set lets a client do, also by what a scope
 * implies: `openid fhirUser` lets it read the record that represents the user, and what a scope allows that is not
 * known here nobody can deny. Tests hold each row against the definition (`permits.ts`), over generated sets and acts.
 *
 * @module
 */
import type { LevelOrder } from '../permits.js'
import type { Permission, ResourceScope, ScopeSet } from '../scope.js'
import { holdsText, isResourceScope } from '../scope.js'
import { ownMembers } from '../../values/own.js'

/** One thing that a client might do, and that a sentence may deny. */
export type Act =
  | {
      readonly _tag: 'Resource'
      readonly type: string
      readonly permission: Permission
      /** Whether the resource is about other patients and not about the one in context. */
      readonly isAboutOthers: boolean
      /** Whether it is the resource that represents the user. */
      readonly isOwn: boolean
    }
  /** Another access token, without asking the user again. */
  | { readonly _tag: 'Renewal'; readonly isSignedIn: boolean }

/** What of a scope set decides which sentences hold. */
export interface Rights {
  readonly resources: ReadonlyArray<ResourceScope>
  /** Whether the record that represents the user may be read because of `openid fhirUser`; a service has no user. */
  readonly readsOwnRecord: boolean
  /** Whether `patient/` scopes reach the patient in context alone. */
  readonly patientIsAlone: boolean
  readonly hasOpenid: boolean
  /** Whether a service acts for itself with some of the scopes: nobody can leave or be asked. */
  readonly isForSystems: boolean
  /** Whether it does with all of them that are about records. */
  readonly isForSystemsAlone: boolean
  readonly renewal: 'never' | 'while signed in' | 'always'
  /** Whether a scope is among them that says nothing here. */
  readonly hasUnexplained: boolean
}

/** What decides about sentences besides the scopes. */
export interface RightsOptions {
  /** Whether `openid fhirUser` allows to read that one resource (`fhirUserImpliesRead` of the policy). Default: yes. */
  readonly fhirUserImpliesRead?: boolean
  readonly levelOrder?: LevelOrder
}

const isUnexplained = (text: string, tag: ScopeSet[number]['_tag']): boolean =>
  text !== '' && (tag === 'ExtensionScope' || tag === 'UnknownScope' || tag === 'MalformedScope')

/** The rights that a set gives. */
export const rightsOf = (scopes: ScopeSet, options: RightsOptions = {}): Rights => {
  const { fhirUserImpliesRead = true, levelOrder = [] } = ownMembers(options)
  const resources = scopes.filter(isResourceScope)
  const isForSystemsAlone = resources.length > 0 && resources.every(({ level }) => level === 'system')
  return {
    resources,
    readsOwnRecord:
      fhirUserImpliesRead && !isForSystemsAlone && holdsText(scopes, 'openid') && holdsText(scopes, 'fhirUser'),
    patientIsAlone: !levelOrder.some(([wider]) => wider === 'patient'),
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

/** The names of the sentences that deny something. */
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

/** A sentence that denies something. */
export interface Claim {
  readonly name: ClaimName
  /** When it is said. */
  readonly holds: (rights: Rights) => boolean
  /** What it denies, given what the set names. */
  readonly denies: (act: Act, rights: Rights) => boolean
}

const isResource = (act: Act): act is Extract<Act, { readonly _tag: 'Resource' }> => act._tag === 'Resource'

const isWrite = ({ permission }: { readonly permission: Permission }): boolean =>
  permission !== 'r' && permission !== 's'

/** Whether all that the set reaches is about the patient in context, but for the user's own record. */
const isOfOnePatient = ({ resources, patientIsAlone }: Rights): boolean =>
  patientIsAlone && resources.length > 0 && resources.every(({ level }) => level === 'patient')

const namesItsTypes = ({ resources }: Rights): boolean =>
  resources.length > 0 && resources.every(({ type }) => type !== '*')

const isOfOtherType = (act: Act, { resources }: Rights): boolean =>
  isResource(act) && !resources.some(({ type }) => type === act.type)

/**
 * The rows. Where two differ by the user's own record, one is said for sets that let it be read, and the other for the
 * rest.
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
    denies: isOfOtherType
  },
  {
    name: 'otherTypesOrUser',
    holds: (rights) => namesItsTypes(rights) && rights.readsOwnRecord,
    denies: (act, rights) => isOfOtherType(act, rights) && isResource(act) && !act.isOwn
  }
]

/** The claims that hold; none beside a scope that is not explained, because nobody knows what that allows. */
export const claimsFor = (rights: Rights, rows: ReadonlyArray<Claim> = claims): ReadonlyArray<Claim> =>
  rights.hasUnexplained ? [] : rows.filter(({ holds }) => holds(rights))
