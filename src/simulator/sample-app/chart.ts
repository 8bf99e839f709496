/**
 * The chart of the sample app: lines over time, as SVG inside the page. The style sheet gives the colors.
 *
 * @module
 */
import type { Chart, Line, Point } from './series.js'
import type { Html } from '../../host/html.js'
import { html } from '../../host/html.js'

const height = 260
const edge = { top: 14, right: 14, bottom: 30, left: 46 }

/** Round numbers between two values, about `count` of them. */
export const roundNumbers = (from: number, to: number, count: number): ReadonlyArray<number> => {
  const rough = (to - from) / count
  if (!(rough > 0)) return [from]
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 2.5, 5].find((one) => one * power >= rough) ?? 10) * power
  const first = Math.ceil(from / step)
  return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12))
  )
}

const day = (time: number): string => new Date(time).toISOString().slice(0, 10)

const at = (place: number): string => place.toFixed(1)

/** A range with some room on both sides, also where all values are equal. */
const withRoom = (values: ReadonlyArray<number>): readonly [from: number, to: number] => {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const room = (most - least) * 0.08 || Math.abs(most) * 0.1 || 1
  return [least - room, most + room]
}

const mark = (line: number, x: number, y: number, title: string): Html =>
  line === 0
    ? html`<circle cx="${at(x)}" cy="${at(y)}" r="3.5"><title>${title}</title></circle>`
    : html`<rect x="${at(x - 3)}" y="${at(y - 3)}" width="6" height="6"><title>${title}</title></rect>`

/** The unit of a chart: that of its first value. */
export const unitOf = ({ lines }: Chart): string => lines[0]?.points[0]?.unit ?? ''

/** A value with its unit. */
export const valueText = ({ value, unit }: { readonly value: number; readonly unit: string }): string =>
  unit === '' ? String(value) : `${String(value)} ${unit}`

/** What the picture shows, in one sentence, for those who do not see it. */
export const chartInWords = (chart: Chart): string =>
  `${chart.name} over time. ${chart.lines
    .map(({ name, points }) => {
      const values = points.map(({ value }) => value)
      const range = `from ${String(Math.min(...values))} to ${String(Math.max(...values))}`
      return `${name}: ${String(points.length)} ${points.length === 1 ? 'value' : 'values'} ${range}`
    })
    .join('; ')}. The table beside it has all values.`

const titleOf = (name: string, point: Point): string => `${name}, ${day(point.time)}: ${valueText(point)}`

/** Draws a chart for a place of this width, in pixels. */
export const drawnChart = (chart: Chart, width: number): Html => {
  const points = chart.lines.flatMap((line) => line.points)
  const [bottom, top] = withRoom(points.map(({ value }) => value))
  const [start, end] = withRoom(points.map(({ time }) => time))
  const x = (time: number): number => edge.left + ((time - start) / (end - start)) * (width - edge.left - edge.right)
  const y = (value: number): number =>
    height - edge.bottom - ((value - bottom) / (top - bottom)) * (height - edge.top - edge.bottom)
  const times = points.map(({ time }) => time)
  const days = [...new Set([Math.min(...times), Math.max(...times)])]
  const level = (value: number): Html => html`<line class="grid" x1="${at(edge.left)}" x2="${at(width - edge.right)}"
 y1="${at(y(value))}" y2="${at(y(value))}"/>
<text x="${at(edge.left - 8)}" y="${at(y(value) + 4)}" text-anchor="end">${String(value)}</text>`
  const dayShown = (time: number, index: number): Html =>
    html`<text x="${at(x(time))}" y="${at(height - 8)}" text-anchor="${
      days.length === 1 ? 'middle' : index === 0 ? 'start' : 'end'
    }">${day(time)}</text>`
  const drawn = ({ name, points: own }: Line, index: number): Html =>
    html`<g class="line line-${String(index % 3)}"><polyline points="${own
      .map(({ time, value }) => `${at(x(time))},${at(y(value))}`)
      .join(' ')}"/>
${own.map((point) => mark(index, x(point.time), y(point.value), titleOf(name, point)))}</g>`
  return html`<svg class="chart" viewBox="0 0 ${String(width)} ${String(height)}" role="img"
 aria-label="${chartInWords(chart)}">${roundNumbers(bottom, top, 4).map(level)}
${days.map(dayShown)}
${chart.lines.map(drawn)}</svg>`
}
