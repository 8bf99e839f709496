/** The relation of a grant machine: its transition table, enumerated over all facts. */
import * as Either from 'fp-ts/lib/Either.js'
import type { Situation } from './facts.js'
import { factsOf, questionsOf } from './facts.js'
import type { Outcome } from './outcomes.js'
import { outcomeOf } from './outcomes.js'
import { anySituation, combinations, events, randomNumbers, situationsOf, states } from './situations.js'
import type { GrantCommand, GrantEvent } from '../../../src/protocol/grant/events.js'
import { grantMachine } from '../../../src/protocol/grant/grant.js'
import type { Grant } from '../../../src/protocol/grant/state.js'
import type { Machine } from '../../../src/protocol/machine/machine.js'
import { step } from '../../../src/protocol/machine/machine.js'
import type { SmartPolicy } from '../../../src/protocol/policy/policy.js'

/** A grant machine for each policy. */
export type Machines = (policy: SmartPolicy) => Machine<Grant, GrantEvent, GrantCommand>

/** A row: facts that lead to an outcome. Questions without a fact here do not matter. */
export interface Row {
  readonly from: Grant['_tag']
  readonly event: GrantEvent['_tag']
  readonly facts: ReadonlyArray<string>
  readonly outcome: Outcome
}

/** A relation, with the numbers of combinations and of steps that it was made from. */
export interface Relation {
  readonly rows: ReadonlyArray<Row>
  readonly combinations: number
  readonly steps: number
}

/** The outcome of a situation. One machine is made for each policy. */
export const stepper = (machines: Machines): ((situation: Situation) => Outcome | null) => {
  const known = new WeakMap<SmartPolicy, ReturnType<typeof step<Grant, GrantEvent, GrantCommand>>>()
  return (situation) => {
    const perform = known.get(situation.policy) ?? step(machines(situation.policy))
    known.set(situation.policy, perform)
    const result = perform(situation.grant, situation.event)
    return Either.isLeft(result) ? null : outcomeOf(situation, result.right)
  }
}

/** The outcomes of a combination of facts. */
interface Cell {
  readonly facts: ReadonlyArray<string>
  readonly outcomes: ReadonlyMap<string, Outcome>
}

const groups = <Thing>(things: Iterable<Thing>, keyOf: (thing: Thing) => string): ReadonlyMap<string, Array<Thing>> => {
  const found = new Map<string, Array<Thing>>()
  for (const thing of things) {
    const key = keyOf(thing)
    const group = found.get(key)
    if (group === undefined) found.set(key, [thing])
    else group.push(thing)
  }
  return found
}

/** Cells whose facts differ only where it does not matter become one: a question that changes nothing is left out. */
const merged = (cells: ReadonlyArray<Cell>, place: number, width: number): ReadonlyArray<Cell> => {
  if (place === width) return cells.map(({ outcomes }) => ({ facts: [], outcomes }))
  const branches = groups(cells, ({ facts }) => facts[place] ?? '')
  const trees = [...branches].map(([fact, all]) => ({ fact, tree: merged(all, place + 1, width) }))
  const printed = new Set(
    trees.map(({ tree }) => JSON.stringify(tree.map(({ facts, outcomes }) => [facts, [...outcomes.keys()].toSorted()])))
  )
  const [first] = trees
  return printed.size === 1 && first !== undefined
    ? first.tree
    : trees.flatMap(({ fact, tree }) => tree.map(({ facts, outcomes }) => ({ facts: [fact, ...facts], outcomes })))
}

/**
 * Enumerates a grant machine. `entries` are the states and events to enumerate; the other rows are those of `known`,
 * the relation of a machine that has the same entries there.
 */
export const relationOf = (
  machines: Machines = grantMachine,
  known: Relation | null = null,
  entries: ReadonlyArray<string> = []
): Relation => {
  const perform = stepper(machines)
  const rows: Array<Row> = []
  let [combined, steps] = [0, 0]
  for (const from of states) {
    for (const event of events) {
      if (known !== null && !entries.includes(`${from} ${event}`)) {
        rows.push(...known.rows.filter((row) => row.from === from && row.event === event))
        continue
      }
      const names = questionsOf(from, event)
      const cells = combinations(names).flatMap((facts): ReadonlyArray<Cell> => {
        const outcomes = new Map<string, Outcome>()
        for (const situation of situationsOf(from, event, facts)) {
          const outcome = perform(situation)
          if (outcome === null) continue
          steps += 1
          outcomes.set(JSON.stringify(outcome), outcome)
        }
        return outcomes.size === 0 ? [] : [{ facts, outcomes }]
      })
      combined += cells.length
      for (const { facts, outcomes } of merged(cells, 0, names.length))
        for (const outcome of outcomes.values()) rows.push({ from, event, facts, outcome })
    }
  }
  return { rows, combinations: combined, steps }
}

/** Random situations, the same on every machine; `only` asks for those in which a fault matters. */
export const randomSituations = (
  count: number,
  only: Parameters<typeof anySituation>[1] = null
): ReadonlyArray<Situation> => {
  const random = randomNumbers(20)
  return Array.from({ length: count }, () => anySituation(random, only))
}

/** What a comparison of a relation with random situations found. */
export interface Refinement {
  readonly situations: number
  /** How many rows were met. */
  readonly rowsMet: number
  /** Steps that no row allows, as texts; at most ten. */
  readonly outside: ReadonlyArray<string>
}

/** Compares the steps of a machine on random situations with the rows of a relation. */
export const refinement = ({ rows }: Relation, machines: Machines, situations: Iterable<Situation>): Refinement => {
  const perform = stepper(machines)
  const places = groups(rows.keys(), (place) => `${rows[place]?.from ?? ''} ${rows[place]?.event ?? ''}`)
  const met = new Set<number>()
  const outside = new Set<string>()
  let count = 0
  for (const situation of situations) {
    const outcome = perform(situation)
    if (outcome === null) continue
    count += 1
    const { grant, event } = situation
    const facts = new Set(factsOf(situation))
    const printed = JSON.stringify(outcome)
    const fitting = (places.get(`${grant._tag} ${event._tag}`) ?? []).filter(
      (place) =>
        rows[place]?.facts.every((fact) => facts.has(fact)) === true && JSON.stringify(rows[place].outcome) === printed
    )
    for (const place of fitting) met.add(place)
    if (fitting.length === 0 && outside.size < 10)
      outside.add(`${grant._tag}, ${event._tag}, ${[...facts].join(' ')}: ${printed}`)
  }
  return { situations: count, rowsMet: met.size, outside: [...outside] }
}

const printRow = ({ from, event, facts, outcome }: Row): string =>
  `Row ${from} ${event} [${facts.join('; ')}] ${outcome.to} ${String(outcome.written)} ${outcome.generation} ` +
  `${outcome.epoch} ${outcome.repeated} ${outcome.command}`

/** A relation as a Coq definition. */
export const coqRelation = (name: string, { rows }: Relation): string =>
  `Definition ${name} : list row := [\n  ${rows.map(printRow).join(';\n  ')}\n].\n`
