/**
 * The members of the Bundles that the gate makes, without their entries and links.
 *
 * @module
 */
import type { PageEntry, ReadBundle } from './page-text.js'
import { isObject } from '../../values/object.js'

const isText = (value: unknown): boolean => typeof value === 'string'

/** The members of a searchset or a history of which nothing else is known to the client. */
export const plainMembers = (type: unknown, total: number | null = null): ReadonlyArray<string> => [
  '"resourceType":"Bundle"',
  ...(isText(type) ? [`"type":${JSON.stringify(type)}`] : []),
  ...(total === null ? [] : [`"total":${String(total)}`])
]

/** The members of a Bundle that are kept where its entries are checked. */
const wholeMemberNames: ReadonlySet<string> = new Set([
  'resourceType',
  'id',
  'identifier',
  'language',
  'timestamp',
  'type'
])

/** Whether a member of a Bundle says nothing about what is hidden: a text, or an identifier of texts. */
const isPlainMember = (name: string, value: unknown): boolean =>
  wholeMemberNames.has(name) &&
  (isText(value) || (name === 'identifier' && isObject(value) && Object.values(value).every(isText)))

/**
 * The members of a Bundle that is whole, as far as they say nothing about what is hidden. The total counts what is
 * shown, whether or not something is hidden: a Bundle without it would tell that something is.
 */
export const wholeMembers = (
  { bundle }: Pick<ReadBundle, 'bundle'>,
  entries: ReadonlyArray<PageEntry>
): ReadonlyArray<string> => [
  ...Object.entries(bundle)
    .filter(([name, value]) => isPlainMember(name, value))
    .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`),
  ...(Object.hasOwn(bundle, 'total') && entries.length > 0 ? [`"total":${String(entries.length)}`] : [])
]
