/**
 * Describes an access in a few English words.
 *
 * @module
 */
import type { Access } from '../permits.js'
import { shown } from '../../values/shown-text.js'
import { isAtom } from '../permits.js'

/** A description of an access for people. */
export const accessInWords = (access: Access): string => {
  if (isAtom(access)) return shown(access.atom)
  const index = Object.entries(access.resource).map(
    ([name, values]) => `${shown(name)} ${values.map((value) => shown(value)).join(' and ')}`
  )
  return (
    `${access.level}/${shown(access.type)}.${access.permission}` +
    (index.length === 0 ? '' : ` of a resource with ${index.join(', ')}`)
  )
}
