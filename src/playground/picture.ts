/**
 * The picture of an order as SVG, without scripts and styles of its own.
 *
 * @module
 */
import type { Html } from '../host/html.js'
import { emptyHtml, html } from '../host/html.js'
import type { Order, OrderNode } from './order.js'

const box = { width: 216, height: 56, gapX: 24, gapY: 48, margin: 8 }

/** The most characters of a scope in a box. */
const shownCharacters = 26

const shortened = (text: string): string =>
  text.length <= shownCharacters ? text : `${text.slice(0, shownCharacters - 1)}\u2026`

const number = (value: number): string => String(Math.round(value))

interface Point {
  readonly x: number
  readonly y: number
}

/** What stands in a layer: a box, or the room for a line that passes the layer. */
interface Slot {
  readonly id: string
  readonly width: number
}

/** The room for a line beside the boxes of a layer that it passes. */
const passageWidth = 16

const boxId = (node: number): string => `box ${String(node)}`
const passageId = (line: number, layer: number): string => `line ${String(line)} ${String(layer)}`

const widthOf = (slots: ReadonlyArray<Slot>): number =>
  slots.reduce((sum, { width }) => sum + width + box.gapX, 0) - box.gapX

/** The layers from below, each with its boxes and the passages of lines on the side on which the lines begin. */
const layersOf = ({ lines, nodes }: Order): ReadonlyArray<ReadonlyArray<Slot>> => {
  const count = Math.max(0, ...nodes.map(({ layer }) => layer + 1))
  const boxes = Array.from({ length: count }, (_, layer) =>
    nodes.flatMap((node, index) => (node.layer === layer ? [index] : []))
  )
  return boxes.map((own, layer) => {
    const passing = lines.flatMap(([low, high], index) => {
      const [from, to] = [nodes[low]?.layer ?? 0, nodes[high]?.layer ?? 0]
      const row = boxes[from] ?? []
      const isLeft = row.indexOf(low) < (row.length - 1) / 2
      return from < layer && layer < to ? [{ isLeft, slot: { id: passageId(index, layer), width: passageWidth } }] : []
    })
    const onSide = (left: boolean) => passing.filter(({ isLeft }) => isLeft === left).map(({ slot }) => slot)
    return [...onSide(true), ...own.map((node) => ({ id: boxId(node), width: box.width })), ...onSide(false)]
  })
}

/** Where everything is: the upper left corner of each slot. */
interface Layout {
  readonly corners: ReadonlyMap<string, Point>
  readonly width: number
  readonly height: number
}

/** Places the slots of each layer side by side, in the middle of the picture. */
const layoutOf = (order: Order): Layout => {
  const layers = layersOf(order)
  const widest = Math.max(box.width, ...layers.map(widthOf))
  const down = box.height + box.gapY
  const corners = layers.flatMap((slots, layer) =>
    slots.map(({ id }, place): readonly [string, Point] => {
      const before = slots.slice(0, place)
      const x = box.margin + (widest - widthOf(slots)) / 2 + (before.length === 0 ? 0 : widthOf(before) + box.gapX)
      return [id, { x, y: box.margin + (layers.length - 1 - layer) * down }]
    })
  )
  return {
    corners: new Map(corners),
    width: widest + 2 * box.margin,
    height: layers.length * down - box.gapY + 2 * box.margin
  }
}

/** The points of a line: from the top of a box up to the bottom of another one, beside the boxes of layers between. */
const pointsOf = ({ lines, nodes }: Order, { corners }: Layout, index: number): ReadonlyArray<Point> => {
  const [low = 0, high = 0] = lines[index] ?? []
  const [from, to] = [corners.get(boxId(low)), corners.get(boxId(high))]
  if (from === undefined || to === undefined) return []
  const passages = nodes.flatMap((_, layer) => corners.get(passageId(index, layer)) ?? [])
  return [
    { x: from.x + box.width / 2, y: from.y },
    ...passages.flatMap(({ x, y }) => [
      { x: x + passageWidth / 2, y: y + box.height },
      { x: x + passageWidth / 2, y }
    ]),
    { x: to.x + box.width / 2, y: to.y + box.height }
  ]
}

const drawnNode = ({ names, scope }: OrderNode, { x, y }: Point): Html => {
  const title = names.length === 0 ? 'a single scope' : names.join(' = ')
  return html`<g class="${names.length === 0 ? 'node single' : 'node'}"><title>${title}: ${
    scope === '' ? 'nothing' : scope
  }</title>
<rect x="${number(x)}" y="${number(y)}" width="${number(box.width)}" height="${number(box.height)}" rx="8"/>
${
  names.length === 0
    ? emptyHtml
    : html`<text class="name" x="${number(x + box.width / 2)}" y="${number(y + 22)}">${title}</text>`
}
<text class="scope" x="${number(x + box.width / 2)}" y="${number(y + (names.length === 0 ? 33 : 42))}">${
    scope === '' ? 'nothing' : shortened(scope)
  }</text></g>`
}

/** The order in words, for readers who do not see the picture. */
const inWords = ({ nodes, lines }: Order): string => {
  const nameOf = (index: number): string => {
    const node = nodes[index]
    if (node === undefined) return ''
    return node.names.length > 0 ? node.names.join(' = ') : node.scope
  }
  return lines.map(([below, above]) => `${nameOf(below)} is within ${nameOf(above)}.`).join(' ')
}

/** The picture. A set is below the sets that include it, and a line leads up to each of the smallest of them. */
export const drawnOrder = (order: Order): Html => {
  const layout = layoutOf(order)
  const { corners, height, width } = layout
  const lines = order.lines.map((_, index) => pointsOf(order, layout, index))
  return html`<svg class="order" role="img" aria-label="${inWords(order)}" width="${number(width)}"
height="${number(height)}" viewBox="0 0 ${number(width)} ${number(height)}">
${lines.map((points) => html`<polyline points="${points.map(({ x, y }) => `${number(x)},${number(y)}`).join(' ')}"/>`)}
${order.nodes.map((node, index) => {
  const corner = corners.get(boxId(index))
  return corner === undefined ? emptyHtml : drawnNode(node, corner)
})}
</svg>`
}
