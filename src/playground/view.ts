/**
 * The answer of the scope playground as HTML.
 *
 * @module
 */
import type { Answer, SetComparison, Difference, DoubtfulScope, MalformedPlace, Relation, Side } from './answer.js'
import type { Because, CoveredPart, CoverReason } from './because.js'
import type { Order } from './order.js'
import { drawnOrder } from './picture.js'
import type { Html } from '../host/html.js'
import { emptyHtml, foreignCode, html, sentence, wordsInCode } from '../host/html.js'
import type { TooComplex } from '../scopes/atoms.js'
import * as Either from '../values/either.js'

const tooComplex = ({ count, limit }: TooComplex): Html =>
  html`<p class="problem">This is too complex: it has ${String(count)} combinations of values or more, and the limit is
${String(limit)}.</p>`

/** The text of a field with its malformed scopes marked, to be laid under the field. */
export const markedText = (text: string, faults: ReadonlyArray<MalformedPlace>): Html => {
  const pieces = faults.map(({ start, end }, index) => {
    const before = text.slice(faults[index - 1]?.end ?? 0, start)
    return html`${{ html: escaped(before) }}<mark>${{ html: escaped(text.slice(start, end)) }}</mark>`
  })
  return { html: `${pieces.map((piece) => piece.html).join('')}${escaped(text.slice(faults.at(-1)?.end ?? 0))}` }
}

/** Escapes without showing invisible characters: the marks must stand under the characters of the field. */
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** The malformed scopes of a text, each with what was expected, as a list. */
export const faultList = (faults: ReadonlyArray<MalformedPlace>): Html =>
  faults.length === 0
    ? emptyHtml
    : html`<ul class="faults">${faults.map(
        ({ scope, expected, at }) =>
          html`<li>${scope === '' ? html`An additional space` : foreignCode(scope)}: at character ${String(at + 1)},
expected ${expected}.</li>`
      )}</ul>`

/** The scopes of a text that are probably misspelled, each with the one that it probably means, as a list. */
export const doubtList = (doubts: ReadonlyArray<DoubtfulScope>): Html =>
  doubts.length === 0
    ? emptyHtml
    : html`<ul class="doubts">${doubts.map(
        ({ meant, scope, type }) =>
          html`<li>${foreignCode(scope)}: ${
            type === null
              ? html`SMART App Launch has no such scope`
              : html`FHIR R4 has no resource type ${foreignCode(type)}`
          }.${meant === null ? emptyHtml : html` Did you mean <code>${meant}</code>?`}</li>`
      )}</ul>`

/** What one set means: its canonical form, and a sentence for each thing that it allows or not. */
export const meaningOf = ({ text, meaning }: Side): Html => {
  if (text === '') return emptyHtml
  if (Either.isLeft(meaning)) return tooComplex(meaning.left)
  const { canonical, allows, doesNotAllow } = meaning.right
  return html`<h3>Canonical form</h3>
<p>${canonical === '' ? 'It permits nothing.' : foreignCode(canonical)}</p>
<h3>In plain language</h3>
<ul class="allows">${allows.map(
    ({ long, marks }) =>
      html`<li class="${marks.everyType || marks.write || marks.offline ? 'wide' : 'plain'}">${sentence(long)}</li>`
  )}</ul>
<ul class="denies">${doesNotAllow.map((words) => html`<li>${sentence(words)}</li>`)}</ul>`
}

const relationInWords: Readonly<Record<Relation, string>> = {
  equal: 'Both sets permit the same.',
  within: 'Yes: the granted set includes the requested set, and permits more.',
  includes: 'No: the granted set is only a part of the requested set.',
  disjoint: 'No: the sets have nothing in common.',
  overlapping: 'No: the sets overlap, and neither includes the other.'
}

/** JSON on several lines. */
const jsonLines = (value: unknown): ReadonlyArray<Html> =>
  JSON.stringify(value, null, 2)
    .split('\n')
    .map((line) => html`${line}`)

const standsForAny = (word: string, what: string): Html =>
  html`<p class="note"><code>${word}</code> stands for any ${what} that no scope here names.</p>`

/** What the words of an example stand for that no scope contains: a type, and the invented value `fresh`. */
const exampleWords = ({ anyType, words }: Difference): Html => {
  const value = /\b\w?fresh\b/.exec(words)?.[0]
  return html`${anyType === null ? emptyHtml : standsForAny(anyType, 'type')}
${value === undefined ? emptyHtml : standsForAny(value, 'value')}`
}

const differenceOf = (title: string, difference: Difference | null): Html => {
  if (difference === null) return emptyHtml
  const { words, example } = difference
  return html`<h3>${title}</h3>
<p>For example: ${wordsInCode(words)}</p>
${exampleWords(difference)}
${
  example === null
    ? emptyHtml
    : html`<pre class="resource" tabindex="0">${jsonLines(example.resource)}</pre>
${
  example.notShown.length === 0
    ? emptyHtml
    : html`<p class="note">The resource also has values for the search parameters ${example.notShown.join(', ')},
which this example does not show.</p>`
}`
}`
}

const scopeRow = (name: string, scope: string): Html =>
  html`<div><dt>${name}</dt><dd>${scope === '' ? 'nothing' : foreignCode(scope)}</dd></div>`

const reasonShown = (reason: CoverReason): Html =>
  reason._tag === 'Sentence'
    ? html`<li>${reason.text}</li>`
    : html`<li>${foreignCode(reason.wide)} covers ${foreignCode(reason.narrow)}: ${reason.why}</li>`

const partShown = ({ clauses, granted, permissions, reasons }: CoveredPart): Html => {
  const what = permissions === null ? html`It` : html`<strong>${permissions}</strong>`
  const where = clauses.length === 0 ? emptyHtml : html` with ${clauses.map(foreignCode)}`
  return html`<li>${what}${where} is covered by ${foreignCode(granted)}<ul>${reasons.map(reasonShown)}</ul></li>`
}

/** The certificate of a yes in words. */
const becauseShown = (because: Because | null): Html =>
  because === null || because.scopes.length === 0
    ? emptyHtml
    : html`<h3>Why</h3>
<ul class="because">${because.scopes.map(
        ({ parts, scope }) => html`<li>${foreignCode(scope)}<ul>${parts.map(partShown)}</ul></li>`
      )}</ul>
${
  because.leftOut === 0
    ? emptyHtml
    : html`<p class="note">${String(because.leftOut)} more parts are covered in the same way.</p>`
}`

const compared = (comparison: SetComparison): Html =>
  html`<p class="verdict ${comparison.relation}">${relationInWords[comparison.relation]}</p>
${becauseShown(comparison.because)}
<dl>${scopeRow('In common', comparison.intersection)}
${scopeRow('Requested and not granted', comparison.missing)}
${scopeRow('Granted and not requested', comparison.excess)}
${scopeRow('Together', comparison.union)}</dl>
${differenceOf('Requested and not granted', comparison.onlyRequested)}
${differenceOf('Granted and not requested', comparison.onlyGranted)}`

/** The comparison of both sets; a hint while one of them is empty. */
export const comparisonOf = ({ comparison }: Answer): Html => {
  if (comparison === null) return html`<p class="note">Write scopes into both fields to compare them.</p>`
  return Either.isLeft(comparison) ? tooComplex(comparison.left) : compared(comparison.right)
}

/** The picture of the order with its explanation. */
export const orderPicture = (order: Order | null): Html =>
  order === null
    ? emptyHtml
    : html`<h3>The order</h3>
<p class="note">A set is below every set that includes it. A thin box is a single scope.</p>
<div class="picture" tabindex="0" role="group" aria-label="The picture of the order">${drawnOrder(order)}</div>`
