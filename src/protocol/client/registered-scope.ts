/**
 * How much a client may register for: little enough that every request can be compared with it.
 *
 * @module
 */
import { atomCount } from '../../scopes/atoms.js'
import type { ScopeSet } from '../../scopes/scope.js'
import { limits } from '../../values/limits/limits.js'

const most = limits.registeredScopePieces.standard

/** What is expected of a scope that is registered, in words. */
export const registrableScopeSize =
  `scopes of at most ${String(most)} pieces: one permission and one value for each clause, counted once for each ` +
  'pair of clauses'

/** Whether scopes are within what a client may register for. */
export const isRegistrableSize = (scopes: ScopeSet): boolean => atomCount(scopes) <= most
