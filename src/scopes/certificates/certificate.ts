/**
 * The JSON documents that certify an answer about scopes, so that a party that does not trust this toolkit can check
 * it. docs/scope-vectors.md describes their members, and has short checkers in four languages.
 *
 * @module
 */
import type { Access, LevelOrder } from '../permits.js'
import type { Permission } from '../scope.js'
import type { ComparedType } from '../vocabulary.js'

/** The version of the shape of certificates. A later shape has another number. */
export const certificateVersion = 1

/** What all certificates state. Scopes and clauses are numbered from 0, in the order of their texts. */
interface CertifiedQuestion {
  readonly version: typeof certificateVersion
  /** The `scope` text of what was granted. */
  readonly granted: string
  /** The `scope` text of what was requested. */
  readonly requested: string
  /** The pairs of levels, as given: the first of a pair includes the second. */
  readonly levelOrder: LevelOrder
  /** The type of each parameter of each resource type (or `*`): in the granted scopes, then in the requested ones. */
  readonly types: ReadonlyArray<readonly [resourceType: string, parameter: string, type: ComparedType]>
}

/** How one atom of a requested resource scope is covered. */
export interface CoveredAtom {
  /** The number of the requested scope. */
  readonly requested: number
  readonly permission: Permission
  /** For each clause of the requested scope the number of the atom's value; 0 for a clause that is not interpreted. */
  readonly values: ReadonlyArray<number>
  /** The number of the granted scope that covers the atom. */
  readonly granted: number
  /**
   * For each clause of the granted scope: the number of the value that covers, and the number of the requested clause
   * whose value it covers.
   */
  readonly by: ReadonlyArray<readonly [value: number, clause: number]>
}

/** A requested scope that permits only itself, such as `openid`, and the granted scope with the same text. */
export interface CoveredText {
  readonly requested: number
  readonly granted: number
}

/**
 * Certifies that `granted` permits everything that `requested` permits. The atoms are in the order of the requested
 * scopes; in one scope the values of the last clause change first, and each choice of values has one atom for each
 * permission.
 */
export interface CoverCertificate extends CertifiedQuestion {
  readonly result: true
  readonly atoms: ReadonlyArray<CoveredAtom | CoveredText>
}

/** Certifies that `requested` permits an access that `granted` does not permit. */
export interface CounterexampleCertificate extends CertifiedQuestion {
  readonly result: false
  readonly access: Access
}

/** The certificate of an answer. */
export type ScopeCertificate = CoverCertificate | CounterexampleCertificate
