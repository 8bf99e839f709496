/**
 * HTML templates that escape every text.
 *
 * @module
 */
import { textIn } from '../plain/arguments.js'
import { scopeNumbers } from '../values/limits/scope-numbers.js'
import { shown, visible, visibleWithin } from '../values/shown-text.js'

/**
 * Escapes a text for an element and for a quoted attribute. Use it for every text that comes from an app or a user.
 *
 * @example
 * ```ts
 * import { escapeHtml } from 'smart-app-launch/server'
 *
 * escapeHtml('<b>"me" & you</b>') // => '&lt;b&gt;&quot;me&quot; &amp; you&lt;/b&gt;'
 * ```
 */
export const escapeHtml = (text: string): string =>
  textIn('escapeHtml', 'text', text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')

/** HTML from a template, which needs no escaping. */
export interface Html {
  readonly html: string
}

type Piece = string | Html | ReadonlyArray<Html>

/** Whether the next part of a template is inside a tag, as the value of an attribute. */
const isInTag = (before: string): boolean => before.lastIndexOf('<') > before.lastIndexOf('>')

/**
 * An attribute keeps its text unchanged, because forms send it back; a displayed text shows its invisible characters.
 */
const print = (piece: Piece, inTag: boolean): string => {
  if (typeof piece === 'string') return escapeHtml(inTag ? piece : visible(piece))
  return 'html' in piece ? piece.html : piece.map(({ html }) => html).join('\n')
}

/**
 * A template that escapes every text and shows its invisible characters; only other templates are inserted unchanged.
 */
export const html = (strings: TemplateStringsArray, ...pieces: ReadonlyArray<Piece>): Html => {
  let [printed, inTag] = ['', false]
  for (const [index, part] of strings.entries()) {
    printed += part
    if (part.includes('<') || part.includes('>')) inTag = isInTag(part)
    const piece = pieces[index]
    if (piece !== undefined) printed += print(piece, inTag)
  }
  return { html: printed }
}

/**
 * Untrusted text, isolated from the text of the page: its writing direction ends with it, and its length is limited.
 */
export const foreignText = (text: string): Html => html`<bdi class="given">${shown(text)}</bdi>`

/** The same for a code, a scope or an address. */
export const foreignCode = (text: string): Html => html`<code><bdi>${shown(text, scopeNumbers.shownScope)}</bdi></code>`

/** A text of this project with untrusted parts that were escaped for display already: they are not escaped again. */
export const wordsInCode = (words: string): Html =>
  html`<code><bdi>${visibleWithin(words, scopeNumbers.shownScope)}</bdi></code>`

/** A sentence of `explain`: the quoted parts are untrusted text, and are isolated. */
export const sentence = (text: string): Html => ({
  html: text
    .split('"')
    .map(
      (part, index) => (index % 2 === 0 ? html`${part}` : html`<code><bdi class="given">"${part}"</bdi></code>`).html
    )
    .join('')
})

/** No content. */
export const emptyHtml: Html = { html: '' }
