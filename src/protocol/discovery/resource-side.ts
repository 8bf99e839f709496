/**
 * What the resource side does with resource scopes, as the host declares it: a scope is granted only when something
 * opens by it.
 *
 * @module
 */
import type { RegisteredParameter } from '../../scopes/vocabulary.js'

/**
 * What the resource side evaluates. What is left out is as the built-in reader and the gate have it without further
 * settings.
 */
export interface ResourceSide {
  /**
   * The search parameters that the resource side evaluates in scopes, each for a resource type, or for all
   * (`Resource`). Default: `readableParameters`, which are those that the built-in reader reads. The type `fallback` is
   * for what the host's own reader gives for the whole text of a clause; its name may then hold a modifier (`code:in`).
   */
  readonly searchParameters?: ReadonlyArray<RegisteredParameter>
  /**
   * Types outside the patient compartment that `patient/` scopes may read and search all the same, as in the gate's
   * rules. Default: none.
   */
  readonly sharedTypes?: ReadonlyArray<string>
  /**
   * Parameters by which resources are a patient's own, beyond the compartment of FHIR R4, as in the gate's rules.
   * Default: none.
   */
  readonly moreCompartment?: Readonly<Record<string, ReadonlyArray<string>>>
  /**
   * Types by which the server acts (`Subscription`, ...; see `docs/acting-types.md`) that `user/` and `patient/` scopes
   * open all the same, as in the gate's rules. Default: none.
   */
  readonly actingTypes?: ReadonlyArray<string>
  /**
   * Resource types that FHIR R4 does not define and that are served all the same. The gate serves none. Default: none.
   */
  readonly furtherTypes?: ReadonlyArray<string>
}
