/**
 * Selects the elements at a FHIRPath expression in a document that is being patched.
 *
 * `Observation.value` is `valueQuantity` or whichever type the resource has. A primitive element that has only
 * extensions (`_status`) counts as an element without value. Parts of primitive elements (`id`, `extension`) are not
 * selected. Source: FHIR R4, fhirpath.html and json.html.
 *
 * @module
 */
import { isChoiceMember, isChoiceType, occurrenceOf } from './occurrence.js'
import type { Comparison, FhirPath, PathStep } from './path.js'
import type { Draft } from '../patch-draft.js'
import { draftItems, draftLength, draftValue, isArray } from '../patch-draft.js'
import type { ElementTable } from '../release.js'
import * as Either from '../../../values/either.js'
import { limits } from '../../../values/limits/limits.js'
import { isObject } from '../../../values/object.js'
import { ownMember } from '../../../values/own.js'

/** An element of the document. */
export interface Place {
  /** The tokens of a JSON Pointer to the element. */
  readonly tokens: ReadonlyArray<string>
  readonly value: unknown
  /** The type of the resource that holds the element, and the name of the element, or the type for the resource. */
  readonly type: string
  readonly holder: string
  /** The type that ends the member name, if the element is a choice of types: `Quantity`. */
  readonly choice: string | null
}

/** What selecting needs; `looked` counts the elements that were visited. */
export interface Selection {
  readonly draft: Draft
  readonly elements: ElementTable
  looked: number
}

/** Why nothing can be selected: it is unknown what the expression selects, or finding it takes too long. */
export type NotSelected = 'uncertain' | 'too-large'

type Found = Either.Either<NotSelected, ReadonlyArray<Place>>

const uncertain: Either.Either<NotSelected, never> = Either.left('uncertain')
const none: Found = Either.right([])

/** A place with the type and name by which its members are known: a contained resource has its own. */
export const namedBy = (place: Place): Pick<Place, 'type' | 'holder'> => {
  const type = isObject(place.value) ? ownMember(place.value, 'resourceType') : undefined
  return typeof type === 'string' ? { type, holder: type } : place
}

const placeOf = (
  parent: Place,
  name: string,
  choice: string | null,
  value: unknown,
  item: number | null = null
): Place => ({
  tokens: [...parent.tokens, `${name}${choice ?? ''}`, ...(item === null ? [] : [String(item)])],
  value,
  type: namedBy(parent).type,
  holder: name,
  choice
})

/** The type of the one member of a choice that an object has; null when it has none, undefined when it has several. */
const choiceIn = (value: object, name: string): string | null | undefined => {
  const types = Object.keys(value)
    .filter((key) => key.startsWith(name) || key.startsWith(`_${name}`))
    .map((key) => key.replace(/^_/, '').slice(name.length))
    .filter(isChoiceType)
  const [type = null, ...others] = new Set(types)
  return others.length > 0 ? undefined : type
}

/** The member of an object for an element name. */
interface NamedMember {
  readonly choice: string | null
  readonly value: unknown
}

const memberOf = (selection: Selection, place: Place, name: string): Either.Either<NotSelected, NamedMember | null> => {
  const { value } = place
  if (!isObject(value)) return name === 'id' || name === 'extension' ? uncertain : Either.right(null)
  if (Object.hasOwn(value, name))
    return isChoiceMember(selection.elements, namedBy(place), name)
      ? uncertain
      : Either.right({ choice: null, value: value[name] })
  if (Object.hasOwn(value, `_${name}`))
    return isArray(value[`_${name}`]) ? uncertain : Either.right({ choice: null, value: undefined })
  selection.looked += Object.keys(value).length
  const choice = choiceIn(value, name)
  if (choice === null) return Either.right(null)
  const { type, holder } = namedBy(place)
  const occurrence = occurrenceOf(selection.elements, type, holder, name)
  if (occurrence === 'unknown' || (occurrence === 'choice' && choice === undefined)) return uncertain
  if (occurrence !== 'choice' || choice === undefined) return Either.right(null)
  const member = `${name}${choice}`
  return Either.right({ choice, value: Object.hasOwn(value, member) ? value[member] : undefined })
}

/** The elements of a member; with `item`, only the one at that place of a list (-1 is the last). */
const elementsOf = (selection: Selection, place: Place, name: string, item: number | null): Found => {
  const found = memberOf(selection, place, name)
  if (Either.isLeft(found)) return found
  if (found.right === null) return none
  const { choice, value } = found.right
  if (!isArray(value)) return Either.right(item === null || item < 1 ? [placeOf(place, name, choice, value)] : [])
  const length = draftLength(selection.draft, value)
  if (item !== null) {
    const index = item === -1 ? length - 1 : item
    return index < 0 || index >= length
      ? none
      : Either.right([placeOf(place, name, choice, draftValue(selection.draft, value, String(index)), index)])
  }
  selection.looked += length
  if (selection.looked > limits.fhirPatchLooked.default) return Either.left('too-large')
  return Either.right(draftItems(selection.draft, value).map((one, index) => placeOf(place, name, choice, one, index)))
}

const elementsOfAll = (selection: Selection, places: ReadonlyArray<Place>, name: string): Found => {
  const all: Array<Place> = []
  for (const place of places) {
    const found = elementsOf(selection, place, name, null)
    if (Either.isLeft(found)) return found
    for (const one of found.right) all.push(one)
    selection.looked += place.tokens.length + 1
    if (selection.looked > limits.fhirPatchLooked.default) return Either.left('too-large')
  }
  return Either.right(all)
}

const meets = (
  selection: Selection,
  place: Place,
  { members, literal }: Comparison
): Either.Either<NotSelected, boolean> => {
  let found: ReadonlyArray<Place> = [place]
  for (const name of members) {
    const next = elementsOfAll(selection, found, name)
    if (Either.isLeft(next)) return next
    found = next.right
  }
  return Either.right(found.length === 1 && found[0]?.value === literal)
}

const filtered = (selection: Selection, places: ReadonlyArray<Place>, all: ReadonlyArray<Comparison>): Found => {
  const kept: Array<Place> = []
  for (const place of places) {
    let isMet = true
    for (const comparison of all) {
      const met = meets(selection, place, comparison)
      if (Either.isLeft(met)) return met
      isMet &&= met.right
    }
    if (isMet) kept.push(place)
  }
  return Either.right(kept)
}

const afterStep = (selection: Selection, places: ReadonlyArray<Place>, step: PathStep): Found => {
  switch (step._tag) {
    case 'Member':
      return elementsOfAll(selection, places, step.name)
    case 'Index':
      return Either.right(places.slice(step.index, step.index + 1))
    case 'Last':
      return Either.right(places.slice(-1))
    case 'Single':
      return places.length > 1 ? uncertain : Either.right(places)
    case 'OfType':
      return places.some(({ choice }) => choice === null)
        ? uncertain
        : Either.right(places.filter(({ choice }) => choice?.toLowerCase() === step.type.toLowerCase()))
    case 'Where':
      return filtered(selection, places, step.all)
  }
}

/** The place of a list item that two steps select directly; null when they do not. */
const itemIn = (step: PathStep | undefined): number | null =>
  step?._tag === 'Index' ? step.index : step?._tag === 'Last' ? -1 : null

/** The elements that an expression selects, in order. */
export const selectPlaces = (selection: Selection, { type, steps }: FhirPath): Found => {
  const { root } = selection.draft
  if (!isObject(root) || root['resourceType'] !== type) return none
  let places: ReadonlyArray<Place> = [{ tokens: [], value: root, type, holder: type, choice: null }]
  for (let at = 0; at < steps.length; at += 1) {
    const [step, next, [only, ...others]] = [steps[at], steps[at + 1], places]
    if (step === undefined) break
    const item = itemIn(next)
    const isDirect = step._tag === 'Member' && item !== null && only !== undefined && others.length === 0
    const found = isDirect ? elementsOf(selection, only, step.name, item) : afterStep(selection, places, step)
    if (Either.isLeft(found)) return found
    places = found.right
    if (isDirect) at += 1
  }
  return Either.right(places)
}
