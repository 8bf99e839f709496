/**
 * The limits of scopes: rows of `limits.ts`.
 *
 * @module
 */
import { scopeNumbers } from './scope-numbers.js'

/** The costs of questions about scopes, and the sizes of stored and issued scopes. */
export const scopeLimits = {
  scopePieces: {
    subject: 'scopes',
    what:
      'The atoms of a question about scopes: one permission and one value for each clause, counted once for ' +
      'each pair of clauses',
    unit: 'items',
    default: scopeNumbers.scopePieces,
    setting: '`budget` of the scope functions',
    beyond: '400 `invalid_scope`, before a user is prompted; `TooComplex` from the scope functions'
  },
  scopeComparisons: {
    subject: 'scopes',
    what: 'The comparisons of atoms for one canonical form; the pairs of clauses that one certificate names',
    unit: 'comparisons',
    default: scopeNumbers.scopeComparisons,
    setting: '`budget` of the scope functions: 50 for each atom',
    beyond: '`TooComplex` from `normalize`, `union`, `explain` and `certify`'
  },
  registeredScopePieces: {
    subject: 'registration',
    what: 'The atoms of the scopes that a client registers, so that requests can be compared with them',
    unit: 'items',
    default: 10000,
    setting: null,
    beyond: '400 `invalid_client_metadata` that names `scope`; the simulator does not start, and names the client'
  },
  scopeSystems: {
    subject: 'scopes',
    what:
      'The systems or types of one value in a clause that are tried in the search for a resource that matches ' +
      'several clauses',
    unit: 'items',
    default: 4,
    setting: null,
    beyond: 'The others count as not satisfiable: the scope may not be granted'
  },
  tokenScope: {
    subject: 'tokens',
    what: 'The scope inside an access token: in a JWT, and in a token that is narrower than its grant',
    unit: 'characters',
    default: 4096,
    setting: null,
    beyond: '400 `invalid_scope`; for a JWT before a user is prompted'
  }
} as const
