/** What the log says in place of lines that it does not have any more. */
import { card, linkButton, notice } from '../design/parts.js'
import type { Html } from '../../host/html.js'
import { html } from '../../host/html.js'

/** Why a line is not there. `isOwn`: it was in this log, and `count` newer ones came. */
const whyGone = (count: number, isOwn: boolean): string =>
  isOwn
    ? `The log keeps the newest ${String(count)} lines, until the simulator stops.`
    : 'Each process that serves one store has a log of its own, which ends with it. This line was written by ' +
      'another process, or by this simulator before it was started again.'

/** The contents of the page where there is no such line. `count` is the number of lines that the log keeps. */
export const noLinePage = (homePath: string, count: number, isOwn: boolean): Html =>
  card(
    null,
    html`<p>${isOwn ? 'This line of the log is no longer kept.' : 'The log of this process has no such line.'}
${whyGone(count, isOwn)}</p>
<p>${linkButton(`${homePath}/ehr/log`, html`The whole log`)}</p>`
  )

/** The notice on a page that would begin after a line that is not there. */
export const lostLine = (count: number, isOwn: boolean): Html =>
  notice(
    'warn',
    html`<p>${
      isOwn
        ? 'The line after which this page begins is no longer kept, nor are older ones.'
        : 'The line after which this page begins is not in the log of this process.'
    } ${whyGone(count, isOwn)} These are the newest.</p>`
  )
