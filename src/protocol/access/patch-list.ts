/**
 * A long list with efficient insertion and removal at any position: a tree whose leaves hold a few items each, so that
 * later items are not moved.
 *
 * Every node has at most {@link width} parts; a node with more is split in two. The depth is logarithmic in the size.
 *
 * @module
 */

/** The maximum number of parts of a node. */
const width = 32

interface Leaf {
  readonly _tag: 'Leaf'
  readonly items: Array<unknown>
}

interface Branch {
  readonly _tag: 'Branch'
  size: number
  readonly parts: Array<LongList>
}

/** A long list, modified in place. */
export type LongList = Leaf | Branch

/** How many items a list holds. */
export const longSize = (list: LongList): number => (list._tag === 'Leaf' ? list.items.length : list.size)

const branchOf = (parts: Array<LongList>): Branch => ({
  _tag: 'Branch',
  size: parts.reduce((size, part) => size + longSize(part), 0),
  parts
})

const inPieces = <A>(all: ReadonlyArray<A>): ReadonlyArray<Array<A>> =>
  Array.from({ length: Math.ceil(all.length / width) }, (_, place) => all.slice(place * width, (place + 1) * width))

/** A list of items. */
export const longListOf = (items: ReadonlyArray<unknown>): Branch => {
  let level: ReadonlyArray<LongList> = inPieces(items).map((piece) => ({ _tag: 'Leaf', items: piece }))
  while (level.length > width) level = inPieces(level).map(branchOf)
  return branchOf([...level])
}

/**
 * The index of the part that contains a position, and the position within it. A position after the last item belongs to
 * the last part.
 */
const partAt = ({ parts }: Branch, place: number): readonly [part: number, within: number] => {
  let [part, within] = [0, place]
  for (const one of parts.slice(0, -1)) {
    const size = longSize(one)
    if (within < size) break
    within -= size
    part += 1
  }
  return [part, within]
}

/** The leaf that contains a position, and the position within it. */
const leafAt = (list: LongList, place: number): readonly [leaf: ReadonlyArray<unknown>, within: number] => {
  let [node, within] = [list, place]
  while (node._tag === 'Branch') {
    const [part, inner] = partAt(node, within)
    const next = node.parts[part]
    if (next === undefined) return [[], 0]
    node = next
    within = inner
  }
  return [node.items, within]
}

/** The item at a place. */
export const itemAt = (list: LongList, place: number): unknown => {
  const [leaf, within] = leafAt(list, place)
  return leaf[within]
}

/** Replaces the item at a position. */
export const replaceItem = (list: LongList, place: number, item: unknown): void => {
  const [leaf, within] = leafAt(list, place)
  ;(leaf as Array<unknown>)[within] = item
}

/** Removes and returns the second half of a node with too many parts; null when the node is small enough. */
const halved = (node: LongList): LongList | null => {
  if (node._tag === 'Leaf')
    return node.items.length > width ? { _tag: 'Leaf', items: node.items.splice(width / 2) } : null
  if (node.parts.length <= width) return null
  const half = branchOf(node.parts.splice(width / 2))
  node.size -= half.size
  return half
}

const insertInto = (node: LongList, place: number, item: unknown): void => {
  if (node._tag === 'Leaf') {
    node.items.splice(place, 0, item)
    return
  }
  const [number, within] = partAt(node, place)
  node.size += 1
  const part = node.parts[number]
  if (part === undefined) {
    node.parts.push({ _tag: 'Leaf', items: [item] })
    return
  }
  insertInto(part, within, item)
  const half = halved(part)
  if (half !== null) node.parts.splice(number + 1, 0, half)
}

/** Inserts an item at a position, or after the last item. */
export const insertItem = (list: Branch, place: number, item: unknown): void => {
  insertInto(list, place, item)
  const half = halved(list)
  if (half === null) return
  const first = branchOf(list.parts.splice(0))
  list.size = first.size + longSize(half)
  list.parts.push(first, half)
}

/** Removes the item at a position. */
export const removeItem = (list: LongList, place: number): void => {
  if (list._tag === 'Leaf') {
    list.items.splice(place, 1)
    return
  }
  const [number, within] = partAt(list, place)
  const part = list.parts[number]
  if (part === undefined) return
  list.size -= 1
  removeItem(part, within)
  if (longSize(part) === 0) list.parts.splice(number, 1)
}

/** All items, in order. */
export const itemsOf = (list: LongList): ReadonlyArray<unknown> => {
  const [items, waiting]: [Array<unknown>, Array<LongList>] = [[], [list]]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node._tag === 'Branch') for (const part of node.parts.toReversed()) waiting.push(part)
    else for (const item of node.items) items.push(item)
  }
  return items
}
