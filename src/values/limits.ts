/**
 * Every bound of the toolkit, as data: how much one peer can make it read, compute, keep or ask for.
 *
 * Code takes its bound from here, `docs/limits.md` is generated from here, and `test/limits` reaches each bound from below and from
 * above. A bound that is a setting of its own (a body limit, a lifetime) has its default here too.
 *
 * @module
 */
import { fhirLimits } from './fhir-limits.js'

/** One bound. */
export interface Limit {
  /** The part of the toolkit that keeps it. */
  readonly subject: 'scopes' | 'authorization' | 'clients' | 'tokens' | 'registration' | 'launch' | 'discovery' | 'fhir' | 'app' | 'http' | 'network' | 'memory' | 'simulator'
  /** What is bounded: a noun phrase that says of what. */
  readonly what: string
  readonly unit: 'bytes' | 'characters' | 'items' | 'levels' | 'comparisons' | 'operations' | 'requests' | 'milliseconds' | 'seconds' | 'bits'
  /** The most that is taken, where a host says nothing else. */
  readonly standard: number
  /** Where a host sets another value; null where none may need one. */
  readonly setting: string | null
  /** What the peer is told beyond it, or what happens to what is beyond. */
  readonly beyond: string
}

/** The table of bounds. */
export const limits = {
  requestBody: {
    subject: 'http', what: 'The body of one request', unit: 'bytes', standard: 65536,
    setting: '`bodyLimitBytes` of `nodeHandler` and `webHandler`', beyond: '413 `invalid_request`, and the connection is closed'
  },
  searchNumber: {
    subject: 'fhir', what: 'A number in a search value, a scope or an element that is searched', unit: 'characters', standard: 64,
    setting: null, beyond: 'A scope with such a value is not granted; an element with such a number is not found by it'
  },
  shownText: {
    subject: 'scopes', what: 'One text of somebody else\'s in a sentence of `explain` or on a page: a name, a value, a scope that is not known',
    unit: 'characters', standard: 100, setting: null, beyond: 'its middle is left out, and it is said how much'
  },
  shownValues: {
    subject: 'scopes', what: 'The values of one clause that a sentence of `explain` names', unit: 'items', standard: 20,
    setting: null, beyond: 'it is said how many others there are'
  },
  shownScope: {
    subject: 'simulator', what: 'The exact text of one scope beside its explanation, and an address', unit: 'characters', standard: 300,
    setting: null, beyond: 'its middle is left out, and it is said how much'
  },
  shownDetail: {
    subject: 'simulator', what: 'One particular of a refusal in the log, and a line of the command line about foreign text', unit: 'characters',
    standard: 1000, setting: null, beyond: 'its middle is left out, and it is said how much'
  },
  ...fhirLimits
} as const satisfies Readonly<Record<string, Limit>>

/** The name of a bound. */
export type LimitName = keyof typeof limits
