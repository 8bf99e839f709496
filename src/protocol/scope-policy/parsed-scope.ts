/**
 * A scope text together with its scopes, so that one request parses the same text once.
 *
 * Stores and tokens hold text. The step that reads a text parses it, and later steps of the same request receive the
 * result with the event or the command.
 *
 * @module
 */
import { format } from '../../scopes/format.js'
import { parse } from '../../scopes/parse.js'
import type { ScopeSet } from '../../scopes/scope.js'

/** A text, and the scopes that were parsed from it. */
export interface ParsedScope {
  readonly text: string
  readonly scopes: ScopeSet
}

/** Parses a text. If one of `known` has the same text, it is returned. */
export const parsedScope = (text: string, ...known: ReadonlyArray<ParsedScope | null>): ParsedScope =>
  known.find((one) => one?.text === text) ?? { text, scopes: parse(text) }

/** Scopes with their text. */
export const printedScope = (scopes: ScopeSet): ParsedScope => ({ text: format(scopes), scopes })
