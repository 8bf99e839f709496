/**
 * JSON Patch of a resource that the client may change and not read.
 *
 * Whether an operation applies would tell what the resource holds, and so would how its outcome is judged. Such a patch
 * sets or removes whole members of the resource, whether or not they are there, and what a limit of the token looks at
 * may be set only to what the token would allow of itself. Everything else is refused, whatever the resource holds.
 *
 * @module
 */
import * as Either from '../../values/either.js'
import { isObject } from '../../values/object.js'
import { ownCopy, ownMember, ownMembers } from '../../values/own.js'
import { textOf } from '../../values/json.js'
import type { Alternative } from './alternatives.js'
import { appliesTo } from './alternatives.js'
import type { Resource } from './interaction.js'
import type { PatchError, PatchLimits } from './json-patch.js'
import { pointerTokens, standardPatchLimits } from './json-patch.js'
import { compartmentParameters } from './search/search-index.js'
import { pathsOf } from './search/paths.js'

/** An operation that would tell what the resource holds. */
export interface PatchReads {
  readonly _tag: 'PatchReads'
}

/** What a patch makes of a resource that is not read. */
export interface UnreadOutcome {
  readonly outcome: Resource
  /**
   * The members that the patch sets and no others, to be judged beside the outcome, where a limit of the token looks at
   * a member that is set or removed; null where none does.
   */
  readonly alone: Resource | null
}

/** The values that a patch sets, by member; null for a member that it removes. */
type Changes = ReadonlyMap<string, { readonly value: unknown } | null>

/** Whether a value names something that the resource contains. */
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

/** The members of a resource that a limit looks at; null where that is not known, so that it may be any. */
const membersUnder = (type: string, parameters: ReadonlyArray<string>): ReadonlyArray<string> | null => {
  const paths = parameters.map((name) => pathsOf(type, name))
  return paths.some(({ length }) => length === 0) ? null : paths.flat().flatMap(({ members }) => members.slice(0, 1))
}

/** What alternatives look at in resources of a type, to tell which of them they let through. */
const lookedAt = (type: string, alternatives: ReadonlyArray<Alternative>): ReadonlySet<string> | null => {
  const found = alternatives
    .filter((alternative) => appliesTo(alternative, 'u', type))
    .map(({ patient, moreCompartment, query }) => {
      const clauses = membersUnder(
        type,
        query.map(({ name }) => name)
      )
      if (patient === null || clauses === null) return clauses
      // Whatever a Patient or a Person holds may say who somebody is.
      if (type === 'Patient' || type === 'Person') return null
      const compartment = membersUnder(type, compartmentParameters(type, moreCompartment))
      return compartment === null ? null : [...clauses, ...compartment, 'contained']
    })
  return found.includes(null) ? null : new Set(found.flatMap((members) => members ?? []))
}

/** The outcome of a patch of a resource that is not read; `alternatives` are those of the token. */
export const unreadOutcome = (
  stored: Resource,
  patch: unknown,
  alternatives: ReadonlyArray<Alternative>,
  most: PatchLimits = standardPatchLimits
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
