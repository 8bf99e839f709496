/** The pictures of the pages, as SVG inside the page. They repeat what the text beside them says. */
import type { Html } from '../../host/html.js'

const attributes =
  'class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" ' +
  'stroke-linejoin="round" aria-hidden="true" focusable="false"'

const icon = (...shapes: ReadonlyArray<string>): Html => ({ html: `<svg ${attributes}>${shapes.join('')}</svg>` })

/** The pictures by name. */
export const icons = {
  person: icon('<circle cx="12" cy="8" r="3.6"/>', '<path d="M4.8 20c.9-4 3.7-6 7.2-6s6.3 2 7.2 6"/>'),
  place: icon(
    '<path d="M12 21c4.5-4.6 6.8-8.1 6.8-11A6.8 6.8 0 0 0 5.2 10c0 2.9 2.3 6.4 6.8 11z"/>',
    '<circle cx="12" cy="10" r="2.3"/>'
  ),
  records: icon('<rect x="5" y="3.5" width="14" height="17" rx="2"/>', '<path d="M9 8.5h6M9 12.5h6M9 16.5h3"/>'),
  clock: icon('<circle cx="12" cy="12" r="8.5"/>', '<path d="M12 7.5V12l3 2"/>'),
  key: icon('<circle cx="8" cy="15" r="4"/>', '<path d="M11 12l8-8M16 7l2.5 2.5"/>'),
  shield: icon(
    '<path d="M12 3.5l7 2.5v5.5c0 4.4-2.8 7.5-7 9-4.2-1.5-7-4.6-7-9V6z"/>',
    '<path d="M9 12l2.2 2.2L15.2 10"/>'
  ),
  alert: icon('<path d="M12 4.5l8.5 15h-17z"/>', '<path d="M12 10v4.5M12 17v.2"/>'),
  flag: icon('<path d="M6 21V4M6 5h11l-2.5 3.5L17 12H6"/>'),
  arrow: icon('<path d="M5 12h14M13 6l6 6-6 6"/>'),
  tick: icon('<path d="M5 12.5l4.5 4.5L19 7.5"/>')
} as const

const shape =
  '<path d="M5 18h5.2l2.6-7.5 4 12 2.9-8.2 1.6 3.7H24" fill="none" stroke-width="2.4" stroke-linecap="round" ' +
  'stroke-linejoin="round"/>'

/** The mark beside the name of the product. */
export const mark: Html = {
  html:
    '<svg viewBox="0 0 32 32" aria-hidden="true" focusable="false"><rect width="32" height="32" rx="9"/>' +
    `${shape}<circle cx="26" cy="18" r="2"/></svg>`
}

/** The picture that browsers show beside the title of a page. */
export const favicon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="9" fill="#0a5f63"/>' +
  `<g stroke="#fff">${shape}</g><circle cx="26" cy="18" r="2" fill="#fff"/></svg>`
