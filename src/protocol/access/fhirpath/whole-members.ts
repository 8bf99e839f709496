/**
 * A FHIRPath Patch of a resource that the client may change but not read, as a JSON Patch of whole members.
 *
 * Whether an operation applies would reveal the contents of the resource. Therefore such a patch may only set or remove
 * whole members of the resource that occur at most once, whether or not they exist (`unread-patch.ts`).
 *
 * @module
 */
import type { PatchUncertain } from './fhirpath-patch.js'
import { fhirPatchOperations } from './fhirpath-patch.js'
import { choiceMembers, isChoiceMember, occurrenceOf } from './occurrence.js'
import type { FhirPatchOperation, PatchedValue } from './parameters.js'
import { readValue } from './parameters.js'
import type { FhirPath } from './path.js'
import type { PatchError, PatchLimits } from '../json-patch.js'
import { defaultPatchLimits } from '../json-patch.js'
import type { FhirRelease } from '../release.js'
import { releaseR4 } from '../release.js'
import type { PatchReads } from '../unread-patch.js'
import * as Either from '../../../values/either.js'

/** An operation of a JSON Patch on a whole member. */
type MemberOperation =
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'add'; readonly path: string; readonly value: unknown }

/** The member that an operation sets or removes as a whole; null when it does something else. */
const memberOf = ({ steps }: FhirPath, { type, name }: FhirPatchOperation): string | null => {
  const [step, ...more] = steps
  if (type === 'add') return step === undefined ? name : null
  if (type !== 'replace' && type !== 'delete') return null
  return step?._tag === 'Member' && more.length === 0 ? step.name : null
}

const setting = (name: string, { json, element }: PatchedValue): ReadonlyArray<MemberOperation> => [
  ...(json === undefined ? [] : [{ op: 'add' as const, path: `/${name}`, value: json }]),
  ...(element === null ? [] : [{ op: 'add' as const, path: `/_${name}`, value: element }])
]

const removing = (names: ReadonlyArray<string>): ReadonlyArray<MemberOperation> =>
  names.flatMap((name) => [`/${name}`, `/_${name}`].map((path) => ({ op: 'remove' as const, path })))

/** The patch of whole members that has the effect of a FHIRPath Patch on a resource of a type. */
export const wholeMemberPatch = (
  type: string,
  patch: unknown,
  most: PatchLimits = defaultPatchLimits,
  { elements }: Pick<FhirRelease, 'elements'> = releaseR4
): Either.Either<PatchError | PatchUncertain | PatchReads, ReadonlyArray<MemberOperation>> => {
  const read = fhirPatchOperations(patch, most)
  if (Either.isLeft(read)) return read
  const all: Array<MemberOperation> = []
  for (const [index, { path, operation }] of read.right.entries()) {
    const member = path.type === type ? memberOf(path, operation) : null
    if (member === null) return Either.left({ _tag: 'PatchReads' })
    const occurrence = occurrenceOf(elements, type, type, member)
    if (occurrence === 'many' || occurrence === 'unknown') return Either.left({ _tag: 'PatchReads' })
    if (isChoiceMember(elements, { type, holder: type }, member))
      return Either.left({ _tag: 'PatchUncertain', operation: index, path: operation.path })
    all.push(...removing(occurrence === 'choice' ? choiceMembers(member) : [member]))
    if (operation.value === null) continue
    const value = readValue(elements, type, member, operation.value)
    if (Either.isLeft(value))
      return value.left === 'malformed'
        ? Either.left({ _tag: 'PatchError', operation: index, because: 'malformed' })
        : Either.left({ _tag: 'PatchUncertain', operation: index, path: operation.path })
    if (occurrence === 'choice' && value.right.type === null)
      return Either.left({ _tag: 'PatchError', operation: index, because: 'malformed' })
    all.push(...setting(occurrence === 'choice' ? `${member}${value.right.type ?? ''}` : member, value.right))
  }
  return Either.right(all)
}
