/**
 * The parts that pages are made of. Each is a function from plain data to HTML; every text is escaped. `Html` given by
 * the caller is inserted unchanged, so texts of apps and users go through `foreignText` or `foreignCode` first.
 *
 * @module
 */
import { icons } from './icons.js'
import type { Html } from '../../host/html.js'
import { emptyHtml, escapeHtml, foreignText, html } from '../../host/html.js'
import { keysLength } from '../launch/keys-field.js'
import { shown } from '../../values/shown-text.js'

/** How much a part stands out, and what it means. */
export type Tone = 'plain' | 'accent' | 'good' | 'warn' | 'bad'

/** A short label: the state of a grant, a mark of a scope. */
export const badge = (text: string, tone: Tone = 'plain'): Html => html`<span class="badge ${tone}">${text}</span>`

/** A box with a message. `bad` is read aloud at once by screen readers; all other tones are not. */
export const notice = (tone: Tone, body: Html): Html =>
  tone === 'bad'
    ? html`<div class="notice bad" role="alert">${icons.alert}<div>${body}</div></div>`
    : html`<div class="notice ${tone}" role="status">${
        tone === 'warn' ? icons.alert : tone === 'good' ? icons.tick : icons.flag
      }<div>${body}</div></div>`

/** Words that only a screen reader says: they tell apart links and buttons of one page that look the same. */
export const onlySpoken = (words: Html): Html => html`<span class="hidden-text">${words}</span>`

/** A box of the page with an own heading of level 2; null for a box without one. */
export const card = (title: Html | null, body: Html): Html =>
  html`<section class="card">${title === null ? emptyHtml : html`<h2>${title}</h2>`}
${body}</section>`

/** Cards beside each other where there is room. */
export const cards = (items: ReadonlyArray<Html>): Html => html`<div class="cards">${items}</div>`

/** A table that scrolls by itself where it is too wide. `empty` is shown in place of a table without rows. */
export const table = (
  caption: string,
  columns: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<Html>>,
  empty: Html = html`None yet.`
): Html =>
  rows.length === 0
    ? html`<p class="quiet">${empty}</p>`
    : html`<div class="table" role="region" aria-label="${caption}" tabindex="0"><table><thead><tr>${columns.map(
        (column) => html`<th scope="col">${column}</th>`
      )}</tr></thead>
<tbody>${rows.map((cells) => html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody></table></div>`

/** A button that sends its form. `main` is the one action of the page, `danger` ends something. */
export const button = (label: Html, kind: 'main' | 'plain' | 'danger' | 'normal' = 'normal'): Html =>
  html`<button class="${kind}">${label}</button>`

/** A button that sends its form with a field of its own. */
export const decisionButton = (
  name: string,
  value: string,
  label: Html,
  kind: 'main' | 'plain' | 'danger' | 'normal' = 'normal'
): Html => html`<button class="${kind}" name="${name}" value="${value}" formnovalidate>${label}</button>`

/** A link that looks like a button. */
export const linkButton = (href: string, label: Html, kind: 'main' | 'normal' = 'normal'): Html =>
  html`<a class="button ${kind}" href="${href}">${label}</a>`

/** Buttons in a row. */
export const actions = (buttons: ReadonlyArray<Html>): Html => html`<div class="actions">${buttons}</div>`

/** Whether a complaint is about the field with a label: then it begins with the label and a colon. */
const concerns = (complaint: string | null, label: string): complaint is string =>
  complaint?.startsWith(`${label}: `) === true

/** A control with further attributes. */
const controlWith = ({ html: control }: Html, attributes: Html): Html => ({
  html: control.replace(/^<(?:input|select|textarea)[^>]*/, (start) => `${start} ${attributes.html}`)
})

/**
 * A control with its label around it, a sentence below, and the complaint of the form if it is about this field. A
 * screen reader says the label as the name of the control, and the sentences after it. The control of a wrong field has
 * the focus, so that the browser shows it. The names of the controls of a page are different.
 */
export const field = (label: string, control: Html, hint: Html = emptyHtml, complaint: string | null = null): Html => {
  const name = / name="([^"]*)"/.exec(control.html)?.[1] ?? ''
  const isWrong = concerns(complaint, label)
  const below = hint.html === '' ? emptyHtml : html`<span class="hint" id="hint-${name}">${hint}</span>`
  if (!isWrong && hint.html === '') return html`<label class="field"><span>${label}</span>${control}</label>`
  const about = [...(isWrong ? [`complaint-${name}`] : []), ...(hint.html === '' ? [] : [`hint-${name}`])].join(' ')
  const described = html`aria-label="${label}" aria-describedby="${about}"`
  const shownControl = controlWith(control, isWrong ? html`${described} autofocus aria-invalid="true"` : described)
  const named = html`<span>${label}</span>`
  if (!isWrong) return html`<label class="field">${named}${shownControl}${below}</label>`
  const wrong = html`<span class="complaint" id="complaint-${name}">${complaint.slice(label.length + 2)}</span>`
  return html`<label class="field wrong" id="wrong">${named}${shownControl}${below}${wrong}</label>`
}

/** An option of a list: the value that the form sends, and what is shown. */
export interface Option {
  readonly value: string
  readonly label: string
}

/** A list to select from. Options can contain no markup, so their texts must be safe to display by themselves. */
export const select = (name: string, options: ReadonlyArray<Option>, selected: string | null = null): Html =>
  html`<select name="${name}">${options.map(({ value, label }) =>
    value === selected
      ? html`<option value="${value}" selected>${shown(label)}</option>`
      : html`<option value="${value}">${shown(label)}</option>`
  )}</select>`

/** A field for one line of text. */
export const textInput = (name: string, value: string, placeholder = ''): Html =>
  html`<input type="text" name="${name}" value="${value}" placeholder="${placeholder}" spellcheck="false"
maxlength="${String(keysLength + 1)}">`

/** How a field for lines of text looks, and what can be entered. */
interface AreaLooks {
  readonly rows: 2 | 3
  /** What is shown while it is empty. */
  readonly placeholder: string
  /**
   * Whether no more can be entered than one character beyond what a launch setting holds, so that no text is cut off.
   * Otherwise only the server limits the form. The default is true.
   */
  readonly isLimited?: boolean
  /** Whether the browser must not remember what is typed there. */
  readonly isForgotten?: boolean
}

/** A field for lines of text. The form sends its text back, so the line ends in it stay as they are. */
export const textArea = (name: string, value: string, looks: AreaLooks): Html => {
  const { isForgotten = false, isLimited = true, placeholder, rows } = looks
  const limited = isLimited ? html` maxlength="${String(keysLength + 1)}"` : emptyHtml
  const forgotten = isForgotten ? html` autocomplete="off"` : emptyHtml
  return html`<textarea name="${name}" rows="${String(rows)}" spellcheck="false"${forgotten}${limited}
placeholder="${placeholder}">${{ html: escapeHtml(value) }}</textarea>`
}

/** A field for a JWK Set or its URL. */
export const keysArea = (value: string): Html =>
  textArea('keys', value, { rows: 3, placeholder: 'https://app.example/jwks.json', isForgotten: true })

/** Names and values beside each other. */
export const facts = (rows: ReadonlyArray<readonly [term: string, value: Html]>): Html =>
  html`<dl class="facts">${rows.map(([term, value]) => html`<dt>${term}</dt><dd>${value}</dd>`)}</dl>`

/** The same, without the rows whose value is empty. */
export const knownFacts = (rows: ReadonlyArray<readonly [term: string, value: Html]>): Html =>
  facts(rows.filter(([, value]) => value.html !== ''))

/** Links to the parts of one subject; one of them is the page that is shown. */
export const tabs = (
  label: string,
  items: ReadonlyArray<{ readonly href: string; readonly label: string; readonly isCurrent: boolean }>
): Html =>
  html`<nav aria-label="${label}"><ul class="tabs">${items.map(({ href, label: text, isCurrent }) =>
    isCurrent
      ? html`<li><a href="${href}" aria-current="page">${text}</a></li>`
      : html`<li><a href="${href}">${text}</a></li>`
  )}</ul></nav>`

/** The letters that stand for an app or a user: at most two, of the words of the name. */
const initials = (name: string): string => {
  const words = name.match(/[\p{L}\p{N}]+/gu) ?? []
  return words
    .slice(0, 2)
    .map((word) => /^./u.exec(word)?.[0].toUpperCase() ?? '')
    .join('')
}

/** A tile with the initials of an app, or round, of a user. It repeats the name beside it. */
export const monogram = (name: string, isRound = false): Html =>
  isRound
    ? html`<span class="monogram round" aria-hidden="true">${initials(name)}</span>`
    : html`<span class="monogram" aria-hidden="true">${initials(name)}</span>`

/** Parts with commas between them. The parts of a list are on lines of their own, so each comma ends one. */
export const commaSeparated = (parts: ReadonlyArray<Html>): Html =>
  html`${parts.map((part, index) => html`${part}${index === parts.length - 1 ? '' : ','}`)}`

/** A date and time that every reader understands in the same way, in Coordinated Universal Time. */
export const moment = (seconds: number): Html => {
  const text = new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
  return html`<time datetime="${text}">${text.slice(0, 16).replace('T', ' ')} UTC</time>`
}

/** A duration in words: `1 hour`, `30 days`. */
export const duration = (seconds: number): string => {
  const units = [
    [86400, 'day'],
    [3600, 'hour'],
    [60, 'minute'],
    [1, 'second']
  ] as const
  const [size, unit] = units.find(([one]) => seconds >= one && seconds % one === 0) ?? [1, 'second']
  const count = seconds / size
  return `${String(count)} ${unit}${count === 1 ? '' : 's'}`
}

/** A name of an app or a user, in bold. */
export const nameShown = (name: string): Html => html`<strong>${foreignText(name)}</strong>`
