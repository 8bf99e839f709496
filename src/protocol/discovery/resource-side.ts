/**
 * The features of the resource side, as the host declares them. A scope is granted only if it permits something there.
 *
 * @module
 */
import type { AccessProfile } from '../access/profiles/profile.js'
import type { AccessProfileName } from '../access/profiles/named-profiles.js'
import type { FhirRelease } from '../access/release.js'
import type { OperationScope } from '../access/alternatives.js'
import type { RegisteredParameter } from '../../scopes/vocabulary.js'

/**
 * What the resource side evaluates. Omitted members have the values of the built-in reader and the gate without
 * options.
 */
export interface ResourceSide {
  /**
   * The search parameters that the resource side evaluates in scopes, each for a resource type, or for all types
   * (`Resource`). Default: `readableParameters`, those of the built-in reader. The type `fallback` is for a parameter
   * for which the host's own reader gives values of the whole clause text; its name may contain a modifier (`code:in`).
   */
  readonly searchParameters?: ReadonlyArray<RegisteredParameter>
  /**
   * What `patient/` scopes read and search beside the patient compartment, as in the gate's rules: the name of a
   * profile, or rows. Default: `compartment`, which adds nothing.
   */
  readonly accessProfile?: AccessProfileName | AccessProfile
  /**
   * Types outside the patient compartment that `patient/` scopes may still read and search, as in the gate's rules.
   * Default: none.
   */
  readonly sharedTypes?: ReadonlyArray<string>
  /**
   * Parameters that put resources into a patient's compartment in addition to those of the release, as in the gate's
   * rules. Default: none.
   */
  readonly moreCompartment?: Readonly<Record<string, ReadonlyArray<string>>>
  /**
   * Acting types (`Subscription`, ...; see `docs/acting-types.md`) that `user/` and `patient/` scopes may open, as in
   * the gate's rules. Default: none.
   */
  readonly actingTypes?: ReadonlyArray<string>
  /**
   * Scope texts that open operations, as in the gate's rules: `system/bulk-submit` for `$bulk-submit`. A backend
   * service that is registered with such a text is granted it. Default: none.
   */
  readonly operationScopes?: ReadonlyArray<OperationScope>
  /**
   * The release of the FHIR server (`smart-app-launch/releases`), as in the gate's rules. Default: FHIR R4.
   */
  readonly release?: FhirRelease
  /**
   * Resource types that the release does not define and that are supported nevertheless. The gate supports none.
   * Default: none.
   */
  readonly furtherTypes?: ReadonlyArray<string>
}
