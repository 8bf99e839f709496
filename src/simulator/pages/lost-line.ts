/** What the log says in place of lines that it does not have any more. */
import { card, linkButton, notice } from '../design/parts.js'
import type { Html } from '../../host/html.js'
import { html } from '../../host/html.js'

/** The contents of the page where there is no such line. `count` is the number of lines that the log keeps. */
export const noLinePage = (homePath: string, count: number): Html =>
  card(
    null,
    html`<p>The log has no such line. It keeps the newest ${String(count)} lines, until the simulator stops.</p>
<p>${linkButton(`${homePath}/ehr/log`, html`The whole log`)}</p>`
  )

/** The notice on a page that would begin after a line that is gone: all older lines are gone, too. */
export const lostLine = (count: number): Html =>
  notice(
    'warn',
    html`<p>The line after which this page begins is no longer kept, nor are older ones. The log keeps the newest
${String(count)} lines, until the simulator stops. These are the newest.</p>`
  )
