/**
 * Diagrams of machines, generated from their transition tables.
 *
 * @module
 */
import type { Machine, Tagged } from '../machine/machine.js'
import { stateRow } from '../machine/machine.js'

/** One edge of a diagram. */
export interface Edge {
  readonly from: string
  readonly event: string
  readonly to: string
}

/** The contents of a diagram. */
export interface Drawing {
  readonly name: string
  readonly initial: ReadonlyArray<string>
  readonly final: ReadonlyArray<string>
  readonly states: ReadonlyArray<string>
  readonly edges: ReadonlyArray<Edge>
}

/** The states and edges of a machine, in the order of its table. */
export const drawingOf = <State extends Tagged, Event extends Tagged, Command>(
  machine: Machine<State, Event, Command>
): Drawing => {
  const states: ReadonlyArray<State['_tag']> = Object.keys(machine.table)
  const edges = states.flatMap((from) =>
    [...stateRow(machine, from)].flatMap(([event, transition]) => transition.to.map((to) => ({ from, event, to })))
  )
  return { name: machine.name, initial: machine.initial, final: machine.final, states, edges }
}

/** Joins edges between the same two states into one with all their events. */
const bundled = (drawing: Drawing): ReadonlyArray<readonly [string, string, ReadonlyArray<string>]> => {
  const bundles = new Map<string, readonly [string, string, Array<string>]>()
  for (const { from, event, to } of drawing.edges) {
    const bundle = bundles.get(`${from} ${to}`)
    if (bundle === undefined) bundles.set(`${from} ${to}`, [from, to, [event]])
    else bundle[2].push(event)
  }
  return [...bundles.values()]
}

/** A Mermaid state diagram. Events that do not change the state are omitted; final states have an edge to the end. */
export const mermaid = (drawing: Drawing): string =>
  [
    'stateDiagram-v2',
    ...drawing.initial.map((state) => `  [*] --> ${state}`),
    ...bundled(drawing)
      .filter(([from, to]) => from !== to)
      .map(([from, to, events]) => `  ${from} --> ${to}: ${events.join(', ')}`),
    ...drawing.final.map((state) => `  ${state} --> [*]`)
  ].join('\n')

/** A Graphviz digraph with every event, including those that do not change the state. */
export const dot = (drawing: Drawing): string =>
  [
    `digraph "${drawing.name}" {`,
    '  rankdir=LR',
    '  node [shape=box, style=rounded]',
    ...drawing.states.map((state) => `  "${state}"${drawing.final.includes(state) ? ' [peripheries=2]' : ''}`),
    ...bundled(drawing).map(([from, to, events]) => `  "${from}" -> "${to}" [label="${events.join('\\n')}"]`),
    '}'
  ].join('\n')
