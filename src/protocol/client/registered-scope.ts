/**
 * The limit for a registered scope. It is chosen so that every request can be compared with the registration.
 *
 * @module
 */
import { atomCount } from '../../scopes/atoms.js'
import type { ScopeSet } from '../../scopes/scope.js'
import { limits } from '../../values/limits/limits.js'

const most = limits.registeredScopePieces.default

/** The expected size of a registered scope, for error messages. */
export const registrableScopeSize =
  `scopes of at most ${String(most)} pieces: one permission and one value for each clause, counted once for each ` +
  'pair of clauses'

/** Whether scopes are small enough to be registered. */
export const isRegistrableSize = (scopes: ScopeSet): boolean => atomCount(scopes) <= most
