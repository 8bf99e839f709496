/**
 * The picture of a machine, drawn from its transition table: states as boxes, transitions as lines, the present state
 * emphasized. States that others follow are in one column in their order; the final states are beside them.
 */
import type { Html } from '../../host/html.js'
import { emptyHtml, html } from '../../host/html.js'
import type { Drawing } from '../../protocol/diagram/diagram.js'

/** A line of the picture: all events that lead from one state to another. */
interface Line {
  readonly from: string
  readonly to: string
  readonly events: ReadonlyArray<string>
}

/** The lines of a drawing, in the order of its table. */
export const machineLines = ({ edges }: Drawing): ReadonlyArray<Line> => {
  const lines = new Map<string, { readonly from: string; readonly to: string; readonly events: Array<string> }>()
  for (const { event, from, to } of edges) {
    const known = lines.get(`${from} ${to}`)
    if (known === undefined) lines.set(`${from} ${to}`, { from, to, events: [event] })
    else known.events.push(event)
  }
  return [...lines.values()]
}

/** The layer of each state: one more than that of the states before it in the table that lead to it. */
const layersOf = (drawing: Drawing): ReadonlyMap<string, number> => {
  const { edges, states } = drawing
  const layers = new Map<string, number>(states.map((state) => [state, 0]))
  states.forEach((from, place) => {
    const next = (layers.get(from) ?? 0) + 1
    for (const { from: start, to } of edges)
      if (start === from && states.indexOf(to) > place) layers.set(to, Math.max(layers.get(to) ?? 0, next))
  })
  return layers
}

const box = { width: 150, height: 38, down: 66 } as const

const columns = { left: 70, right: 370 } as const

const margin = 16

interface Spot {
  readonly x: number
  readonly y: number
  readonly isFinal: boolean
}

/** Where each state is: its upper left corner. */
const spotsOf = (drawing: Drawing): ReadonlyMap<string, Spot> => {
  const layers = layersOf(drawing)
  const isFinal = (state: string): boolean => drawing.final.includes(state)
  const column = drawing.states
    .filter((state) => !isFinal(state))
    .toSorted((one, other) => (layers.get(one) ?? 0) - (layers.get(other) ?? 0))
  const beside = drawing.states.filter(isFinal)
  const height = Math.max(column.length, beside.length)
  const spread = (count: number, place: number): number =>
    margin + box.down * (count === 0 ? 0 : ((place + 0.5) * height) / count - 0.5)
  return new Map<string, Spot>([
    ...column.map(
      (state, place) => [state, { x: columns.left, y: spread(column.length, place), isFinal: false }] as const
    ),
    ...beside.map(
      (state, place) => [state, { x: columns.right, y: spread(beside.length, place), isFinal: true }] as const
    )
  ])
}

const round = (value: number): string => String(Math.round(value * 10) / 10)

const path = (...parts: ReadonlyArray<string | number>): string =>
  parts.map((part) => (typeof part === 'number' ? round(part) : part)).join(' ')

/** The course of a line between two boxes. */
const course = (from: Spot, to: Spot): string => {
  const middle = box.height / 2
  const [fromY, toY] = [from.y + middle, to.y + middle]
  if (from === to) {
    const edge = from.isFinal ? from.x + box.width : from.x
    const out = from.isFinal ? edge + 24 : edge - 24
    return path('M', edge, fromY - 8, 'C', out, fromY - 16, out, fromY + 16, edge, fromY + 8)
  }
  if (from.x !== to.x) {
    const [start, end] = from.x < to.x ? [from.x + box.width, to.x] : [from.x, to.x + box.width]
    const half = (start + end) / 2
    return path('M', start, fromY, 'C', half, fromY, half, toY, end, toY)
  }
  const isNext = !from.isFinal && to.y > from.y && to.y - from.y < box.down * 1.5
  if (isNext) return path('M', from.x + box.width / 2, from.y + box.height, 'L', to.x + box.width / 2, to.y)
  const side = from.isFinal ? 1 : -1
  const edge = from.isFinal ? from.x + box.width : from.x
  const out = edge + side * Math.min(64, 22 + Math.abs(to.y - from.y) / 5)
  return path('M', edge, fromY - 4, 'C', out, fromY, out, toY, edge, toY - 12)
}

const extentOf = (spots: ReadonlyMap<string, Spot>): string => {
  const bottom = Math.max(...[...spots.values()].map(({ y }) => y)) + box.height + margin
  return `0 0 ${round(columns.right + box.width + margin + 24)} ${round(bottom)}`
}

/** The lines from the present state, and its box; or, with `isLit` false, all others. The events are in titles. */
const drawnPart = (drawing: Drawing, present: string | null, isLit: boolean, hasTitles = true): Html => {
  const spots = spotsOf(drawing)
  const line = ({ from, to, events }: Line): Html => {
    const [start, end] = [spots.get(from), spots.get(to)]
    if (start === undefined || end === undefined) return emptyHtml
    const kind = `edge${isLit ? ' lit' : ''}${from === to ? ' same' : ''}`
    const title = hasTitles ? html`<title>${from} to ${to}: ${events.join(', ')}</title>` : emptyHtml
    return html`<path class="${kind}" data-from="${from}" data-to="${to}" d="${course(start, end)}"
marker-end="url(#${isLit ? 'tip-lit' : 'tip'})">${title}</path>`
  }
  const state = ([name, { x, y }]: readonly [string, Spot]): Html => {
    const kinds = [
      'state',
      ...(isLit ? ['lit'] : []),
      ...(drawing.final.includes(name) ? ['final'] : []),
      ...(drawing.initial.includes(name) ? ['initial'] : [])
    ]
    return html`<g class="${kinds.join(' ')}" data-state="${name}"><rect x="${round(x)}" y="${round(y)}"
width="${round(box.width)}" height="${round(box.height)}" rx="8"/><text x="${round(x + box.width / 2)}"
y="${round(y + box.height / 2 + 5)}">${name}</text></g>`
  }
  return html`${machineLines(drawing)
    .filter(({ from }) => (from === present) === isLit)
    .map(line)}
${[...spots].filter(([name]) => (name === present) === isLit).map(state)}`
}

const tip = (id: string): Html =>
  html`<marker id="${id}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path
d="M0 0 8 4 0 8z"/></marker>`

const tips: Html = html`${tip('tip')}${tip('tip-lit')}`

/** The other states to which a state can lead. */
export const nextStates = ({ edges }: Drawing, present: string): ReadonlyArray<string> => [
  ...new Set(edges.filter(({ from, to }) => from === present && to !== present).map(({ to }) => to))
]

/** The picture in a sentence: the present state, and those to which it can lead. */
const pictureInWords = (drawing: Drawing, present: string): string => {
  const next = nextStates(drawing, present)
  const after = next.length === 0 ? ', which is final' : `, and can become ${next.join(' or ')}`
  return `The states of a grant. This one is ${present}${after}.`
}

/** The picture as SVG. `present` is the state that is emphasized; null for none. */
export const machinePicture = (drawing: Drawing, present: string | null): Html => {
  const label = present === null ? 'The states of a grant.' : pictureInWords(drawing, present)
  return html`<svg class="machine" viewBox="${extentOf(spotsOf(drawing))}" role="img" aria-label="${label}">
<defs>${tips}</defs>
${drawnPart(drawing, present, false)}
${drawnPart(drawing, present, true)}
</svg>`
}

/** The parts that the small pictures of a page share: the whole machine, and the machine in each of the states. */
export const machineParts = (drawing: Drawing, states: ReadonlyArray<string>): Html => {
  const part = (id: string, shapes: Html): Html =>
    html`<symbol id="${id}" viewBox="${extentOf(spotsOf(drawing))}"><g class="machine small">${shapes}</g></symbol>`
  const inState = (state: string): Html =>
    part(`machine-${state}`, html`<use href="#machine"/>${drawnPart(drawing, state, true, false)}`)
  return html`<svg class="hidden-text" aria-hidden="true" focusable="false"><defs class="machine">${tips}
${part('machine', drawnPart(drawing, null, false, false))}
${[...new Set(states)].map(inState)}</defs></svg>`
}

/** A small picture, from the shared parts. Screen readers do not see it: a sentence beside it says the same. */
export const smallPicture = (drawing: Drawing, present: string): Html =>
  html`<svg class="machine small" viewBox="${extentOf(spotsOf(drawing))}" aria-hidden="true"><use
href="#machine-${present}"/></svg>`
