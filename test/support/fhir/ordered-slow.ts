/**
 * What FHIR R4 says of dates, numbers and quantities in searches (search.html, 3.1.1.4.5 to 3.1.1.4.11), written once
 * more: in milliseconds and thousandths, sentence by sentence, with nothing shared with `src`.
 */

/** From a number up to, and not with, another. */
type Span = readonly [number, number]

/**
 * "The range of the search value does (not) contain / overlap …": the table of prefixes, with the span above and below
 * a value.
 */
const matchesSpan = (prefix: string, requested: Span, found: Span): boolean => {
  const fully = (outer: Span, inner: Span): boolean => outer[0] <= inner[0] && inner[1] <= outer[1]
  const meets = (one: Span, other: Span): boolean => Math.max(one[0], other[0]) < Math.min(one[1], other[1])
  const above: Span = [requested[1], Infinity]
  const below: Span = [-Infinity, requested[0]]
  switch (prefix) {
    case 'ne':
      return !fully(requested, found)
    case 'gt':
      return meets(above, found)
    case 'lt':
      return meets(below, found)
    case 'ge':
      return meets(above, found) || fully(requested, found)
    case 'le':
      return meets(below, found) || fully(requested, found)
    case 'sa':
      return !meets(requested, found) && fully(above, found)
    case 'eb':
      return !meets(requested, found) && fully(below, found)
    case 'ap':
      return meets(requested, found)
    default:
      return fully(requested, found)
  }
}

const parted = (text: string): readonly [string, string] => [
  /^[a-z]{2}/.exec(text)?.[0] ?? 'eq',
  text.replace(/^[a-z]{2}/, '')
]

/** The milliseconds of a date, as JavaScript's calendar has them. */
const spanOfDate = (text: string): Span => {
  const [day = '', time] = text.split('T')
  const [year = 0, month, date] = day.split('-').map(Number)
  if (month === undefined) return [Date.UTC(year, 0), Date.UTC(year + 1, 0)]
  if (date === undefined) return [Date.UTC(year, month - 1), Date.UTC(year, month)]
  if (time === undefined) return [Date.UTC(year, month - 1, date), Date.UTC(year, month - 1, date + 1)]
  const start = Date.parse(/[Z+-]/.test(time) ? text : `${text}Z`)
  const clock = time.replace(/[Z+-].*$/, '')
  return [start, start + (clock.length === 5 ? 60_000 : clock.length === 8 ? 1000 : 1)]
}

/** Whether an indexed date (`..` and `/` as in an index) matches a searched one. */
export const matchesDate = (requestedScope: string, indexed: string): boolean => {
  const [prefix, text] = parted(requestedScope)
  const [start = '', end = start] = indexed.split('/')
  const found: Span = [start === '..' ? -Infinity : spanOfDate(start)[0], end === '..' ? Infinity : spanOfDate(end)[1]]
  return matchesSpan(prefix, spanOfDate(text), found)
}

/** Whether a number matches a searched one; neither has more than two places. */
export const matchesNumber = (requestedScope: string, found: number): boolean => {
  const [prefix, text] = parted(requestedScope)
  const places = text.split('.')[1]?.length ?? 0
  const [value, wanted, half] = [Math.round(found * 1000), Math.round(Number(text) * 1000), 500 / 10 ** places]
  switch (prefix) {
    case 'eq':
      return wanted - half <= value && value < wanted + half
    case 'ne':
      return value < wanted - half || value >= wanted + half
    case 'gt':
    case 'sa':
      return value > wanted
    case 'lt':
    case 'eb':
      return value < wanted
    case 'ge':
      return value >= wanted
    case 'le':
      return value <= wanted
    default: {
      const tenth = Math.abs(wanted) / 10
      return (wanted - half <= value && value < wanted + half) || Math.abs(value - wanted) <= tenth
    }
  }
}
