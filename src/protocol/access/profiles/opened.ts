/**
 * What `patient/` scopes may open beside the patient compartment: the access profile and the host's own rules, by
 * permission.
 *
 * @module
 */
import type { AccessProfile, AccessProfileRow } from './profile.js'
import type { AccessProfileName } from './named-profiles.js'
import { accessProfileOf } from './named-profiles.js'
import type { FhirRelease } from '../release.js'
import { releaseIn } from '../release.js'
import type { MoreCompartment } from '../search/search-index.js'
import { isInPatientCompartment } from '../search/search-index.js'
import type { Permission } from '../../../scopes/scope.js'
import { noMembers, ownMember, ownMembers } from '../../../values/own.js'

/** The rules of a host about types beside the compartment. */
export interface OpeningRules {
  readonly accessProfile?: AccessProfileName | AccessProfile
  readonly sharedTypes?: ReadonlyArray<string>
  readonly moreCompartment?: MoreCompartment
  readonly release?: FhirRelease
}

/** What is opened beside the patient compartment of the release for one permission. */
export interface OpenedTypes {
  /** Types outside the compartment of which all resources are opened. */
  readonly sharedTypes: ReadonlyArray<string>
  /** Further parameters that put resources into the compartment. */
  readonly moreCompartment: MoreCompartment
  /** The rows of types that are opened by a reference or by a document. */
  readonly links: AccessProfile
  /**
   * For writing: the rows of types that documents open for reading. With a patient's authority, a document may not name
   * such a resource anew, because that would open it.
   */
  readonly openedByNaming?: AccessProfile
}

/** Parameters of a host that lead to resources other than the Patient, with the member that holds the reference. */
const targetParameters: ReadonlyArray<readonly [type: string, parameter: string, member: string]> = [
  ['Provenance', 'target', 'target'],
  ['Binary', 'securityContext', 'securityContext']
]

const linkTo = (type: string, target: string): AccessProfileRow => ({
  type,
  permissions: ['r', 's'],
  by: { target },
  because: 'The host opens it.',
  source: 'rules of the host'
})

const without = (more: MoreCompartment, type: string, parameter: string): MoreCompartment => {
  const names = ownMember(more, type)
  return names?.includes(parameter) === true ? { ...more, [type]: names.filter((name) => name !== parameter) } : more
}

const joined = (more: MoreCompartment, type: string, parameters: ReadonlyArray<string>): MoreCompartment => ({
  ...more,
  [type]: [...(ownMember(more, type) ?? []), ...parameters]
})

const openedAnew = (rules: OpeningRules, permission: Permission): OpenedTypes => {
  const { accessProfile, sharedTypes = [], moreCompartment = noMembers } = ownMembers(rules)
  const own = targetParameters.reduce<MoreCompartment>(
    (more, [type, parameter]) => without(more, type, parameter),
    moreCompartment
  )
  // A record that links to the patient is read with her authority; it is not hers to write.
  if (permission !== 'r' && permission !== 's')
    return {
      sharedTypes: [],
      moreCompartment: without(own, 'Patient', 'link'),
      links: [],
      openedByNaming: accessProfileOf(accessProfile).filter(({ by }) => typeof by === 'object' && 'documents' in by)
    }
  const rows = accessProfileOf(accessProfile).filter(({ permissions }) => permissions.includes(permission))
  const more = rows.reduce<MoreCompartment>(
    (found, { by, type }) =>
      typeof by === 'object' && 'compartment' in by ? joined(found, type, by.compartment) : found,
    own
  )
  const shared = [...sharedTypes, ...rows.flatMap(({ by, type }) => (by === 'shared' ? [type] : []))]
  return {
    sharedTypes: [...new Set(shared)].filter((type) => !isInPatientCompartment(type, more, releaseIn(rules))),
    moreCompartment: more,
    links: [
      ...rows.filter(({ by }) => typeof by === 'object' && !('compartment' in by)),
      ...(sharedTypes.includes('Binary') ? [linkTo('Binary', 'securityContext')] : []),
      ...targetParameters
        .filter(([type, parameter]) => ownMember(moreCompartment, type)?.includes(parameter) === true)
        .map(([type, , member]) => linkTo(type, member))
    ]
  }
}

const openedBefore = new WeakMap<OpeningRules, Map<Permission, OpenedTypes>>()

/** What rules open for a permission; computed once for the same rules. */
export const openedTypes = (rules: OpeningRules, permission: Permission): OpenedTypes => {
  const known = openedBefore.get(rules) ?? new Map<Permission, OpenedTypes>()
  openedBefore.set(rules, known)
  const found = known.get(permission) ?? openedAnew(rules, permission)
  known.set(permission, found)
  return found
}
