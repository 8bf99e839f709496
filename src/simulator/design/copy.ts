/** Texts to copy, with the button that copies them. The script of these pages is `/ehr/copy.js`. */
import type { Html } from '../../host/html.js'
import { escapeHtml, html } from '../../host/html.js'

/** A text to copy, in full. */
export const copyBox = (id: string, text: string): Html =>
  html`<pre class="copyable" tabindex="0" id="${id}">${{ html: escapeHtml(text) }}</pre>`

/** The button is shown by the script, because it does nothing without it. */
export const copyButton = (id: string, label: string): Html =>
  html`<button type="button" data-copy="${id}" hidden>${label}</button>`

/** A text to copy below its name. */
export const copyableText = (id: string, title: Html, text: string): Html =>
  html`<p class="quiet">${title}</p>
<div class="copy">${copyBox(id, text)}${copyButton(id, `Copy ${id}`)}</div>`

/** Where the script says whether it copied. A screen reader announces it; it does not announce the changed button. */
export const copyStatus = html`<p class="quiet" role="status" id="copied"></p>`
