/** The scope playground of the desktop: explains a scope string, and tests whether another one includes it. */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { button, field, textInput } from '../design/parts.js'
import type { Html } from '../../host/html.js'
import { html, emptyHtml, sentence, wordsInCode } from '../../host/html.js'
import { firstMalformed, withCaret, reasonInWords } from '../../scopes/explain/malformed.js'
import { accessInWords } from '../../scopes/explain/access.js'
import type { TooComplex } from '../../scopes/atoms.js'
import { explain } from '../../scopes/explain/explain.js'
import { format } from '../../scopes/format.js'
import { normalize } from '../../scopes/normalize.js'
import { parse } from '../../scopes/parse.js'
import type { ScopeSet } from '../../scopes/scope.js'
import { counterexample } from '../../scopes/subsumes.js'

/** A question: the meaning of `scope` and, unless `granted` is empty, whether `granted` includes it. */
export interface ScopeQuestion {
  readonly scope: string
  readonly granted: string
}

const tooComplex = ({ count, limit }: TooComplex): Html =>
  html`<p>Too complex: ${String(count)} combinations of values, and the limit is ${String(limit)}.</p>`

const complaint = (text: string): Html => {
  const malformed = firstMalformed(parse(text))
  return malformed === null
    ? emptyHtml
    : html`<pre class="error" role="alert">${withCaret(
        text,
        malformed.position,
        reasonInWords[malformed.scope.reason]
      ).map((line) => html`${line}`)}</pre>`
}

const meaning = (scopes: ScopeSet): Html => {
  const explained = explain(scopes)
  const canonical = normalize(scopes)
  if (Either.isLeft(explained)) return tooComplex(explained.left)
  if (Either.isLeft(canonical)) return tooComplex(canonical.left)
  const { allows, doesNotAllow } = explained.right
  return html`<p>In canonical form: <code><bdi>${format(canonical.right)}</bdi></code></p>
<ul>${allows.map(({ long }) => html`<li>${sentence(long)}</li>`)}
${doesNotAllow.map((text) => html`<li>${text}</li>`)}</ul>`
}

const comparison = (granted: ScopeSet, requested: ScopeSet): Html => {
  const found = counterexample(granted, requested)
  if (Either.isLeft(found)) return tooComplex(found.left)
  return Option.isNone(found.right)
    ? html`<p><strong>Yes</strong>, the second includes the first.</p>`
    : html`<p><strong>No</strong>: the first permits ${wordsInCode(
        accessInWords(found.right.value)
      )}, and the second does not.</p>`
}

/** The form, and the answer to the last question. */
export const scopePlayground = (homePath: string, { scope, granted }: ScopeQuestion): Html =>
  html`
<form method="get" action="${homePath}/#scopes">
${field('Scopes', textInput('scope', scope, 'patient/Observation.rs?category=laboratory'))}
${field('Are they included in', textInput('granted', granted, 'patient/*.rs'))}
<p>${button(html`What does it mean?`)}</p>
</form>
${scope === '' ? emptyHtml : html`${complaint(scope)}${complaint(granted)}${meaning(parse(scope))}`}
${scope === '' || granted === '' ? emptyHtml : comparison(parse(granted), parse(scope))}`
