/**
 * The references in a body.
 *
 * @module
 */
import { ownMember } from '../../values/own.js'
import { textOf } from '../../values/json.js'

/**
 * The texts of all references (`Reference.reference`) in a resource. `withPatches` also finds those of a JSON Patch,
 * which has the member name in its path and the reference as value.
 */
export const referencesIn = (body: unknown, { withPatches = false } = {}): ReadonlyArray<string> => {
  const found: Array<string> = []
  const waiting = [body]
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (typeof value !== 'object' || value === null) continue
    const isOfReference =
      withPatches && textOf(ownMember(value as Readonly<Record<string, unknown>>, 'path')).endsWith('/reference')
    for (const [name, member] of Object.entries(value) as ReadonlyArray<readonly [string, unknown]>) {
      if (typeof member === 'string' && (name === 'reference' || (name === 'value' && isOfReference)))
        found.push(member)
      else waiting.push(member ?? null)
    }
  }
  return found
}
