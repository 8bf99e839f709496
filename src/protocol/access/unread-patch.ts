/**
 * JSON Patch for a resource that the client may change but not read.
 *
 * Whether an operation applies would reveal the contents of the resource, and so would the check of the result.
 * Therefore such a patch may only set or remove whole members of the resource, whether or not they exist, and a member
 * that a limit of the token looks at may only be set to a value that the token would permit by itself. Every other
 * patch is refused, whatever the resource contains.
 *
 * @module
 */
import * as Either from '../../values/either.js'
import { isObject } from '../../values/object.js'
import { ownCopy, ownMember, ownMembers } from '../../values/own.js'
import { textOf } from '../../values/json.js'
import type { Alternative } from './alternatives.js'
import { appliesTo } from './alternatives.js'
import type { Resource } from './fhir-interaction.js'
import type { PatchError, PatchLimits } from './json-patch.js'
import { pointerTokens, defaultPatchLimits } from './json-patch.js'
import type { FhirRelease } from './release.js'
import { releaseIn } from './release.js'
import { compartmentParameters } from './search/search-index.js'
import { pathsOf } from './search/paths.js'

/** An operation that would reveal the contents of the resource. */
export interface PatchReads {
  readonly _tag: 'PatchReads'
}

/** The effect of a patch on a resource that is not read. */
export interface UnreadOutcome {
  readonly outcome: Resource
  /**
   * A resource with only the members that the patch sets, to be checked in addition to the result if a limit of the
   * token looks at a changed member; otherwise null.
   */
  readonly alone: Resource | null
}

/** The values that a patch sets, by member; null for a removed member. */
type Changes = ReadonlyMap<string, { readonly value: unknown } | null>

/** Whether a value refers to a contained resource. */
const namesContained = (value: unknown): boolean => {
  const waiting = [value]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next !== 'object' || next === null) continue
    if (isObject(next) && textOf(ownMember(next, 'reference')).startsWith('#')) return true
    for (const held of Object.values(next)) waiting.push(held ?? null)
  }
  return false
}

const changesOf = (patch: ReadonlyArray<unknown>): Either.Either<PatchError | PatchReads, Changes> => {
  const changes = new Map<string, { readonly value: unknown } | null>()
  for (const [index, operation] of patch.entries()) {
    const malformed = Either.left({ _tag: 'PatchError', operation: index, because: 'malformed' } as const)
    if (!isObject(operation)) return malformed
    const { op, path, value, from } = ownMembers(operation)
    const tokens = pointerTokens(path)
    const kind = textOf(op)
    if (tokens === null || !['add', 'copy', 'move', 'remove', 'replace', 'test'].includes(kind)) return malformed
    if (['add', 'replace', 'test'].includes(kind) && !Object.hasOwn(operation, 'value')) return malformed
    if (['copy', 'move'].includes(kind) && pointerTokens(from) === null) return malformed
    const [member] = tokens
    if (
      !['add', 'remove', 'replace'].includes(kind) ||
      member === undefined ||
      tokens.length > 1 ||
      namesContained(value)
    ) {
      return Either.left({ _tag: 'PatchReads' })
    }
    changes.set(member, kind === 'remove' ? null : { value })
  }
  return Either.right(changes)
}

/** The members of a resource that a limit looks at; null when unknown, which means any member. */
const membersUnder = (
  type: string,
  parameters: ReadonlyArray<string>,
  release: FhirRelease
): ReadonlyArray<string> | null => {
  const paths = parameters.map((name) => pathsOf(type, name, release))
  return paths.some(({ length }) => length === 0) ? null : paths.flat().flatMap(({ members }) => members.slice(0, 1))
}

/** The members that the alternatives look at in resources of a type. */
const lookedAt = (type: string, alternatives: ReadonlyArray<Alternative>): ReadonlySet<string> | null => {
  const found = alternatives
    .filter((alternative) => appliesTo(alternative, 'u', type))
    .map((alternative) => {
      const { patient, moreCompartment, query } = alternative
      const release = releaseIn(alternative)
      const clauses = membersUnder(
        type,
        query.map(({ name }) => name),
        release
      )
      if (patient === null || clauses === null) return clauses
      // Any member of a Patient or a Person may state an identity.
      if (type === 'Patient' || type === 'Person') return null
      const compartment = membersUnder(type, compartmentParameters(type, moreCompartment, release), release)
      return compartment === null ? null : [...clauses, ...compartment, 'contained']
    })
  const known = found.filter((members) => members !== null)
  return known.length < found.length ? null : new Set(known.flat())
}

/** The effect of a patch on a resource that is not read; `alternatives` are those of the token. */
export const unreadOutcome = (
  stored: Resource,
  patch: unknown,
  alternatives: ReadonlyArray<Alternative>,
  most: PatchLimits = defaultPatchLimits
): Either.Either<PatchError | PatchReads, UnreadOutcome> => {
  if (!Array.isArray(patch)) return Either.left({ _tag: 'PatchError', operation: -1, because: 'malformed' })
  if (patch.length > most.patchOperations)
    return Either.left({ _tag: 'PatchError', operation: -1, because: 'too-large' })
  const changes = changesOf(patch)
  if (Either.isLeft(changes)) return changes
  const { resourceType, id } = stored
  const changed = (from: object): Resource => {
    const record = ownCopy(from) as Record<string, unknown>
    for (const [member, change] of changes.right) {
      if (change === null) Reflect.deleteProperty(record, member)
      else record[member] = change.value
    }
    return record as unknown as Resource
  }
  const members = lookedAt(resourceType, alternatives)
  const isLookedAt = [...changes.right.keys()].some((member) => members?.has(member) ?? true)
  return Either.right({
    outcome: changed(stored),
    alone: isLookedAt ? changed(id === undefined ? { resourceType } : { resourceType, id }) : null
  })
}
