/**
 * Reads a Bundle of the upstream server, and builds the Bundle for the client from the same text: entries that stay as
 * they are are cut out of it, so that they need not be printed again and their numbers keep their notation.
 *
 * A page in which nothing can be hidden is not even parsed: only its outer form is read ({@link passedBundle}).
 *
 * The text is used only if it cannot differ from its parsed value: no object has two members with the same name, no
 * name has an escape, and no character of ASCII is escaped by its number. Entries with an address that must change, and
 * evaluations that depend on how a number is written, take the other way: numbers become texts, and the entries are
 * printed.
 *
 * @module
 */
import type { GateContext } from './gate-context.js'
import type { Addresses } from './addresses/public-address.js'
import { addressesPublic, isAnswering, isOwnAddress, isPassedType, publicEntry, publicResource } from './public-urls.js'
import type { Entry } from './responses.js'
import { isEntry, resourceIn } from './responses.js'
import type { Resource } from '../../protocol/access/fhir-interaction.js'
import { isResource } from '../../protocol/access/fhir-interaction.js'
import { deepestBody } from '../../protocol/access/read-interaction.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import { parseJson, parseLargeJson } from '../../values/json.js'
import { scanBundle } from '../../values/json-bundle-scan.js'
import { withNumbersAsTexts } from '../../values/json-numbers.js'
import type { JsonSpans } from '../../values/json-spans.js'
import { jsonSpans, membersIn } from '../../values/json-spans.js'
import { isObject } from '../../values/object.js'
import { ownMember } from '../../values/own.js'

/** An entry of a Bundle with its text for the client. */
export interface PageEntry {
  readonly entry: Entry
  readonly text: string
}

/** The members of an entry, besides its resource, that are checked with it: texts, and objects of these texts. */
const checkedMembers: Readonly<Record<string, ReadonlySet<string> | null>> = {
  fullUrl: null,
  search: new Set(['mode', 'score']),
  request: new Set(['method', 'url', 'ifNoneMatch', 'ifModifiedSince', 'ifMatch', 'ifNoneExist']),
  response: new Set(['status', 'location', 'etag', 'lastModified'])
}

const isPrimitive = (value: unknown): boolean => typeof value !== 'object' || value === null

/** Whether a member of an entry holds nothing that was not checked with its resource. */
const isCheckedMember = (name: string, value: unknown): boolean => {
  if (name === 'resource') return true
  const inner = ownMember(checkedMembers, name)
  if (inner === undefined) return false
  if (inner === null) return isPrimitive(value)
  if (!isObject(value)) return false
  for (const [one, text] of Object.entries(value)) if (!inner.has(one) || !isPrimitive(text)) return false
  return true
}

/** Whether an entry holds nothing beside its resource that was not checked with it. */
export const isCheckedEntry = (entry: Entry): boolean => {
  for (const [name, value] of Object.entries(entry)) if (!isCheckedMember(name, value)) return false
  return true
}

/** An entry with what was checked with its resource, and nothing else. */
const withCheckedMembers = (entry: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(
    Object.entries(entry).flatMap(([name, value]) => {
      if (isCheckedMember(name, value)) return [[name, value]]
      const inner = ownMember(checkedMembers, name) ?? null
      return inner === null || !isObject(value)
        ? []
        : [
            [
              name,
              Object.fromEntries(Object.entries(value).filter(([one, text]) => inner.has(one) && isPrimitive(text)))
            ]
          ]
    })
  )

/**
 * An entry whose resource may be shown, where something may be hidden: without extensions, links and outcomes beside
 * the resource, which nothing checks.
 */
export const shownEntry = (page: PageEntry): PageEntry => {
  if (isCheckedEntry(page.entry)) return page
  const entry = parseJson(withNumbersAsTexts(page.text))
  return entry._tag === 'Some' && isObject(entry.value)
    ? { ...page, text: JSON.stringify(withCheckedMembers(entry.value)) }
    : page
}

/** A Bundle of the upstream server. */
export interface ReadBundle {
  readonly bundle: Resource
  readonly entries: ReadonlyArray<PageEntry>
  /** The texts of its other members for the client, without links and entries: `"type":"searchset"`. */
  readonly members: ReadonlyArray<string>
}

/** A resource of the upstream server, with its text and the parts of the text. */
interface ReadText {
  readonly resource: Resource
  readonly text: string
  readonly spans: JsonSpans
}

/** The escape of an ASCII character: it could spell an address, or U+0000. */
const hasAsciiEscape = /\\u00[0-7]/i

/** A response whose text is surely what its parsed value is; null for any other, which may still be a resource. */
const readText = ({ body }: PlainResponse): ReadText | null => {
  const json = parseLargeJson(body)
  if (json._tag === 'None' || !isResource(json.value) || (body.includes('\\') && hasAsciiEscape.test(body))) return null
  const spans = jsonSpans(body, 'entry')
  return spans.depth <= deepestBody && !spans.hasEscapedName && spans.memberCount === membersIn(json.value)
    ? { resource: json.value, text: body, spans }
    : null
}

/**
 * The resource of a response, and its text for the client; null if there is none, or if it is nested too deep. The
 * response has its numbers as they are written.
 */
export const readResource = (
  gateContext: Pick<GateContext, 'readsNumbers'>,
  response: PlainResponse
): { readonly resource: Resource; readonly text: string } | null => {
  const read = gateContext.readsNumbers ? null : readText(response)
  if (read !== null) return read
  const resource = resourceIn({ ...response, body: withNumbersAsTexts(response.body) })
  return resource === null ? null : { resource, text: JSON.stringify(resource) }
}

/**
 * The text of a resource that was read, with public addresses where its type has addresses in it; `requestText` is the
 * text of the client's request.
 */
export const publicText = (
  addresses: Addresses,
  { resource, text }: { readonly resource: Resource; readonly text: string },
  response: PlainResponse,
  requestText: string = ''
): string => {
  if (publicResource(addresses, resource, requestText) === resource) return text
  const exact = resourceIn({ ...response, body: withNumbersAsTexts(response.body) })
  return JSON.stringify(exact === null ? null : publicResource(addresses, exact, requestText))
}

/** The members whose texts are made anew; the links of a Bundle that is no response stay as they are stored. */
const madeAnew = (bundle: Resource): ReadonlyArray<string> => (isAnswering(bundle) ? ['link', 'entry'] : ['entry'])

const printed = (gateContext: Pick<GateContext, 'options'>, response: PlainResponse): ReadBundle | null => {
  const bundle = resourceIn({ ...response, body: withNumbersAsTexts(response.body) })
  const found = bundle?.resourceType === 'Bundle' ? (bundle['entry'] ?? []) : null
  if (bundle === null || !Array.isArray(found) || !found.every(isEntry)) return null
  const isLocating = isAnswering(bundle)
  const anew = madeAnew(bundle)
  return {
    bundle,
    entries: found.map((entry) => ({
      entry,
      text: JSON.stringify(isLocating ? publicEntry(gateContext.options, entry) : entry)
    })),
    members: Object.entries(bundle)
      .filter(([name]) => !anew.includes(name))
      .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
  }
}

/**
 * The Bundle of a response with its numbers as they are written; null if it is none, is nested too deep, or has an
 * entry that is no entry.
 */
export const readBundle = (
  gateContext: Pick<GateContext, 'options' | 'readsNumbers'>,
  response: PlainResponse
): ReadBundle | null => {
  const read = gateContext.readsNumbers ? null : readText(response)
  if (read === null) return printed(gateContext, response)
  const { resource: bundle, spans, text } = read
  const found = bundle.resourceType === 'Bundle' ? (bundle['entry'] ?? []) : null
  if (!Array.isArray(found) || !found.every(isEntry)) return null
  const isPublic = isAnswering(bundle) ? addressesPublic(gateContext.options) : () => true
  if (spans.items.length !== found.length || !found.every(isPublic)) return printed(gateContext, response)
  const anew = madeAnew(bundle)
  return {
    bundle,
    entries: found.map((entry, place) => {
      const { start, end } = spans.items[place] ?? { start: 0, end: 0 }
      return { entry, text: text.slice(start, end) }
    }),
    members: spans.members.filter(({ name }) => !anew.includes(name)).map(({ start, end }) => text.slice(start, end))
  }
}

/** A Bundle of the upstream server in which nothing is hidden: its entries stay as they are written. */
export interface PassedBundle {
  /** The Bundle without its entries. */
  readonly bundle: Resource
  readonly entries: null
  /** The texts of its members for the client, its entries among them, without links. */
  readonly members: ReadonlyArray<string>
}

/**
 * A response Bundle that may be passed on as it is written but for its links; null if its entries must be read: they
 * hold other types than these (null for every type), an address that must change, or a text that may be read in two
 * ways.
 */
export const passedBundle = (
  addresses: Addresses,
  types: ReadonlyArray<string> | null,
  { body }: PlainResponse
): PassedBundle | null => {
  const scan = scanBundle(body, deepestBody, isOwnAddress(addresses))
  if (scan === null) return null
  for (const type of scan.types) if (!isPassedType(types, type)) return null
  const texts = scan.members.map(({ name, start, end }) => ({ name, text: body.slice(start, end) }))
  const head = parseJson(`{${texts.flatMap(({ name, text }) => (name === 'entry' ? [] : [text])).join(',')}}`)
  if (head._tag === 'None' || !isResource(head.value)) return null
  const bundle = head.value
  return bundle.resourceType === 'Bundle' && isAnswering(bundle)
    ? { bundle, entries: null, members: texts.flatMap(({ name, text }) => (name === 'link' ? [] : [text])) }
    : null
}

/** A link of a Bundle. */
export interface PageLink {
  readonly relation: string
  readonly url: string
}

/** The text of a Bundle. */
export const bundleText = (
  members: ReadonlyArray<string>,
  links: ReadonlyArray<PageLink>,
  entries: ReadonlyArray<string> | null
): string => {
  const rest = [...members, ...(links.length === 0 ? [] : [`"link":${JSON.stringify(links)}`])].join(',')
  // The entries are most of the text: they are copied once.
  return entries === null ? `{${rest}}` : `{${rest}${rest === '' ? '' : ','}"entry":[${entries.join(',')}]}`
}
