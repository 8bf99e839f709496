/**
 * The order of some scope sets by what they permit, as the layers and lines of a picture (a Hasse diagram): a set is
 * below every set that includes it.
 *
 * @module
 */
import type { Answer } from './answer.js'
import { optionsOf } from './answer.js'
import type { Question } from './question.js'
import { format } from '../scopes/format.js'
import { parse } from '../scopes/parse.js'
import type { ScopeOptions } from '../scopes/permits.js'
import type { ScopeSet } from '../scopes/scope.js'
import { subsumption } from '../scopes/subsumes.js'
import * as Either from '../values/either.js'

/** A set of the picture, with all names that mean the same. */
export interface OrderNode {
  readonly names: ReadonlyArray<string>
  readonly scope: string
  /** The layer, from 0 at the bottom. */
  readonly layer: number
}

/** The picture. A line is a pair of indexes in `nodes`: the first is directly below the second. */
export interface Order {
  readonly nodes: ReadonlyArray<OrderNode>
  readonly lines: ReadonlyArray<readonly [below: number, above: number]>
}

interface Named {
  readonly name: string
  readonly scopes: ScopeSet
}

/** Single scopes beside the sets themselves; with more of them the picture is not legible. */
const mostScopes = 5

const includes = (wide: ScopeSet, narrow: ScopeSet, options: ScopeOptions): boolean => {
  const compared = subsumption(wide, narrow, options)
  return !Either.isLeft(compared) && compared.right
}

/** Puts sets with the same meaning together. */
const grouped = (sets: ReadonlyArray<Named>, options: ScopeOptions): ReadonlyArray<ReadonlyArray<Named>> =>
  sets.reduce<ReadonlyArray<ReadonlyArray<Named>>>((groups, set) => {
    const at = groups.findIndex(
      ([first]) =>
        first !== undefined &&
        includes(first.scopes, set.scopes, options) &&
        includes(set.scopes, first.scopes, options)
    )
    return at === -1 ? [...groups, [set]] : groups.map((group, index) => (index === at ? [...group, set] : group))
  }, [])

/** The picture of some sets. Sets that mean the same are one node. */
export const orderOf = (sets: ReadonlyArray<Named>, options: ScopeOptions): Order => {
  const groups = grouped(sets, options)
  const first = groups.map(([one]) => one?.scopes ?? [])
  const isBelow = first.map((narrow, index) =>
    first.map((wide, other) => index !== other && includes(wide, narrow, options))
  )
  const below = (index: number, other: number): boolean => isBelow[index]?.[other] === true
  const indexes = first.map((_, index) => index)
  const lines = indexes.flatMap((low) =>
    indexes
      .filter((high) => below(low, high) && !indexes.some((between) => below(low, between) && below(between, high)))
      .map((high) => [low, high] as const)
  )
  const layerOf = (index: number): number =>
    Math.max(-1, ...lines.flatMap(([low, high]) => (high === index ? [layerOf(low)] : []))) + 1
  return {
    nodes: groups.map((group, index) => ({
      names: [...new Set(group.map(({ name }) => name))].filter((name) => name !== ''),
      scope: format(group[0]?.scopes ?? []),
      layer: layerOf(index)
    })),
    lines
  }
}

/** The picture of a question: both sets, what they have in common, both together, and their single scopes. */
export const orderIn = (question: Question, { requested, granted, comparison }: Answer): Order | null => {
  if (comparison === null || Either.isLeft(comparison)) return null
  const { intersection, union } = comparison.right
  const named = (name: string, text: string): Named => ({ name, scopes: text === '' ? [] : parse(text) })
  const canonical = [requested, granted].map(({ meaning }) => (!Either.isLeft(meaning) ? meaning.right.canonical : ''))
  const [wanted = '', given = ''] = canonical
  const single = canonical
    .flatMap((text) => (text === '' ? [] : text.split(' ')))
    .slice(0, mostScopes)
    .map((text) => named('', text))
  return orderOf(
    [
      named('requested', wanted),
      named('granted', given),
      named('in common', intersection),
      named('together', union),
      ...single
    ],
    optionsOf(question)
  )
}
