/**
 * What is decided about an interaction, as data.
 *
 * @module
 */
import type { Alternative } from './alternatives.js'
import type { MalformedRequestReason, NotSupportedReason } from './fhir-interaction.js'
import type { Permission } from '../../scopes/scope.js'

/** The resources of an obligation, and the time of its check. */
export type Phase =
  /**
   * The stored resource before the request is carried out. Read it first, and write only over the version that was
   * read.
   */
  | 'stored'
  /** The resource after the write: the submitted resource, or the result of a patch. */
  | 'result'
  /** The matches of a search in the request. Matches that are not permitted count as not found. */
  | 'matched'
  /** Every resource in the response. */
  | 'returned'
  /** Every resource that a search includes because a match refers to it. */
  | 'included'
  /** Every resource that a search includes because it refers to a match. */
  | 'included-reverse'

/** A check that the host must make: an alternative must permit the resources of the phase, for the permission. */
export interface Obligation {
  readonly phase: Phase
  readonly permission: Permission
}

/** The reason why a request is denied. */
export type DenyReason =
  | NotSupportedReason
  | MalformedRequestReason
  | 'insufficient-scope'
  | 'operation-not-mapped'
  /** The body of an operation is not its input. */
  | 'operation-body'
  | 'parameter-not-evaluated'
  | 'foreign-compartment'
  | 'outside-granted'
  | 'unknown-type'
  /**
   * The server would act on a resource of that type, and the host has not opened the type to `user/` or `patient/`
   * scopes.
   */
  | 'acting-type'

/** The decision that denies. */
export type Denial = Extract<Decision, { readonly _tag: 'Deny' }>

/** The decision. */
export type Decision =
  | { readonly _tag: 'Permit' }
  | {
      readonly _tag: 'Filter'
      readonly alternatives: ReadonlyArray<Alternative>
      readonly obligations: ReadonlyArray<Obligation>
    }
  | {
      readonly _tag: 'Deny'
      readonly reason: DenyReason
      /** The name of the rule that the request breaks: the row of its table. `docs/fhir-access.md` lists them. */
      readonly rule: string
      /** The smallest scopes that would have permitted the request; empty when no scope would. */
      readonly missing: ReadonlyArray<string>
    }
  /** One decision for each entry. A transaction is denied if one of its entries is denied. */
  | { readonly _tag: 'Each'; readonly decisions: ReadonlyArray<Decision> }
