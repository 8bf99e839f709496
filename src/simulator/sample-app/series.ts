/**
 * Series of numbers over time, from Observations: one chart for each code, with a line for each of its components.
 *
 * @module
 */
import { codeName, items, part, stringAt } from './fhir-json.js'

/** One measured value. */
export interface Point {
  /** The date and time as the server wrote it. */
  readonly at: string
  /** The same in milliseconds since 1970. */
  readonly time: number
  readonly value: number
  readonly unit: string
}

/** The values of one code, oldest first. */
export interface Line {
  readonly name: string
  readonly points: ReadonlyArray<Point>
}

/** What is drawn together: the lines of one code. */
export interface Chart {
  /** The system and the code, as a token of a search: `http://loinc.org|8867-4`. */
  readonly code: string
  readonly name: string
  readonly lines: ReadonlyArray<Line>
}

interface Measured {
  readonly code: string
  readonly name: string
  readonly line: string
  readonly point: Point
}

const tokenOf = (concept: unknown): string =>
  `${stringAt(concept, 'coding', 0, 'system')}|${stringAt(concept, 'coding', 0, 'code') || stringAt(concept, 'text')}`

const measuredIn = (resource: unknown): ReadonlyArray<Measured> => {
  const at =
    stringAt(resource, 'effectiveDateTime') ||
    stringAt(resource, 'effectivePeriod', 'start') ||
    stringAt(resource, 'issued')
  const time = Date.parse(at)
  if (stringAt(resource, 'resourceType') !== 'Observation' || Number.isNaN(time)) return []
  const concept = part(resource, 'code')
  return [resource, ...items(resource, 'component')].flatMap((measured): ReadonlyArray<Measured> => {
    const value = part(measured, 'valueQuantity', 'value')
    if (typeof value !== 'number') return []
    const unit = stringAt(measured, 'valueQuantity', 'unit') || stringAt(measured, 'valueQuantity', 'code')
    return [
      {
        code: tokenOf(concept),
        name: codeName(concept),
        line: codeName(part(measured, 'code')),
        point: { at, time, value, unit }
      }
    ]
  })
}

const grouped = <Item>(
  list: ReadonlyArray<Item>,
  keyOf: (item: Item) => string
): ReadonlyArray<ReadonlyArray<Item>> => {
  const groups = new Map<string, Array<Item>>()
  for (const item of list) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return [...groups.values()]
}

const latest = (chart: Chart): number => Math.max(...chart.lines.map(({ points }) => points.length))

/**
 * The charts of these Observations, the one with the most values first. Values without a number or a time are omitted.
 *
 * @example
 * ```ts
 * import { chartsOf } from './series.js'
 *
 * const pulse = (day: string, value: number) => ({
 *   resourceType: 'Observation',
 *   code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }], text: 'Heart rate' },
 *   effectiveDateTime: day,
 *   valueQuantity: { value, unit: '/min' }
 * })
 * const [chart] = chartsOf([pulse('2024-05-02', 80), pulse('2024-05-01', 72)])
 *
 * chart?.name // => 'Heart rate'
 * chart?.lines[0]?.points.map(({ value }) => value) // => [72, 80]
 * ```
 */
export const chartsOf = (resources: ReadonlyArray<unknown>): ReadonlyArray<Chart> =>
  grouped(resources.flatMap(measuredIn), ({ code }) => code)
    .map((ofCode) => ({
      code: ofCode[0]?.code ?? '',
      name: ofCode[0]?.name ?? '',
      lines: grouped(ofCode, ({ line }) => line).map((ofLine) => ({
        name: ofLine[0]?.line ?? '',
        points: ofLine.map(({ point }) => point).sort((one, other) => one.time - other.time)
      }))
    }))
    .sort((one, other) => latest(other) - latest(one) || one.name.localeCompare(other.name))
