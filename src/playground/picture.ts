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

interface Placed extends OrderNode {
  readonly x: number
  readonly y: number
}

const number = (value: number): string => String(Math.round(value))

/** Places the nodes of each layer side by side, in the middle of the picture. */
const placedIn = ({ nodes }: Order): { readonly placed: ReadonlyArray<Placed>; width: number; height: number } => {
  const layers = Math.max(0, ...nodes.map(({ layer }) => layer + 1))
  const sizes = Array.from({ length: layers }, (_, layer) => nodes.filter((node) => node.layer === layer).length)
  const widest = Math.max(1, ...sizes)
  const across = box.width + box.gapX
  const down = box.height + box.gapY
  return {
    placed: nodes.map((node, index) => {
      const place = nodes.slice(0, index).filter(({ layer }) => layer === node.layer).length
      const indent = ((widest - (sizes[node.layer] ?? 1)) * across) / 2
      return {
        ...node,
        x: box.margin + indent + place * across,
        y: box.margin + (layers - 1 - node.layer) * down
      }
    }),
    width: widest * across - box.gapX + 2 * box.margin,
    height: layers * down - box.gapY + 2 * box.margin
  }
}

const drawnNode = ({ names, scope, x, y }: Placed): Html => {
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
  const { placed, width, height } = placedIn(order)
  const line = ([low, high]: readonly [number, number]): Html => {
    const [from, to] = [placed[low], placed[high]]
    return from === undefined || to === undefined
      ? emptyHtml
      : html`<line x1="${number(from.x + box.width / 2)}" y1="${number(from.y)}" x2="${number(
          to.x + box.width / 2
        )}" y2="${number(to.y + box.height)}"/>`
  }
  return html`<svg class="order" role="img" aria-label="${inWords(order)}" width="${number(width)}"
height="${number(height)}" viewBox="0 0 ${number(width)} ${number(height)}">
${order.lines.map(line)}
${placed.map(drawnNode)}
</svg>`
}
