/**
 * A FHIR release as data: what the gate knows of the FHIR server's release. R4 is the default; `releases.ts` has
 * others.
 *
 * @module
 */
import type { PathTable } from './search/path-table.js'
import { readPathTable } from './search/path-table.js'
import type { RegisteredParameter, Vocabulary } from '../../scopes/vocabulary.js'
import { fhirR4, fhirR4With } from '../../scopes/vocabulary.js'
import { patientCompartment, resourceTypeNames } from '../../values/fhir-r4/compartment.js'
import { choiceElements, elementExceptions, repeatingElements } from '../../values/fhir-r4/elements.js'
import { parameterPaths } from '../../values/fhir-r4/paths.js'
import { ownMember } from '../../values/own.js'

/** The parameters by which resources of a type are in a compartment, by type. A type without a row never is. */
export type CompartmentTable = ReadonlyMap<string, ReadonlyArray<string>>

/** Which elements repeat, and which are a choice of types: see src/values/fhir-r4/elements.ts for the form. */
export interface ElementTable {
  readonly repeating: string
  readonly choice: string
  readonly exceptions: Readonly<Record<'many' | 'one' | 'choice' | 'unknown', string>>
  /** The resource types of which nothing is known. */
  readonly unknownTypes: ReadonlyArray<string>
}

/** A FHIR release. */
export interface FhirRelease {
  /** `R4`, `R4B`, `R5`. */
  readonly name: string
  /** The version, as `fhirVersion` of a CapabilityStatement has it: `4.0.1`. */
  readonly version: string
  /** The names of all resource types; a request for any other type is refused. */
  readonly types: ReadonlySet<string>
  /** The types of the search parameters. */
  readonly vocabulary: Vocabulary
  /** The vocabulary, extended by search parameters that the release does not define. */
  readonly vocabularyWith: (registered: ReadonlyArray<RegisteredParameter>) => Vocabulary
  /** The compartments that a scope may limit access to: that of a patient. */
  readonly compartments: { readonly Patient: CompartmentTable }
  /** Where the built-in reader finds the values of search parameters. */
  readonly paths: PathTable
  /** Which elements repeat, and which are a choice of types: a FHIRPath Patch needs it. */
  readonly elements: ElementTable
}

/** Reads generated rows of a compartment: see src/values/fhir-r4/compartment.ts. */
export const readCompartment = (rows: Readonly<Record<string, string>>): CompartmentTable =>
  new Map(Object.entries(rows).map(([type, names]) => [type, names.split(' ')]))

/**
 * FHIR R4 (4.0.1), the default.
 *
 * @example
 * ```ts
 * import { releaseR4 } from 'smart-app-launch/releases'
 *
 * releaseR4.version // => '4.0.1'
 * releaseR4.types.has('Media') // => true
 * releaseR4.compartments.Patient.get('Condition') // => ['patient', 'asserter']
 * ```
 */
export const releaseR4: FhirRelease = {
  name: 'R4',
  version: '4.0.1',
  types: /* @__PURE__ */ new Set(/* @__PURE__ */ resourceTypeNames.split(' ')),
  vocabulary: fhirR4,
  vocabularyWith: fhirR4With,
  compartments: { Patient: /* @__PURE__ */ readCompartment(patientCompartment) },
  paths: /* @__PURE__ */ readPathTable(parameterPaths),
  elements: {
    repeating: repeatingElements,
    choice: choiceElements,
    exceptions: elementExceptions,
    unknownTypes: []
  }
}

/** The release that a value names; R4 where it names none. */
export const releaseIn = (holder: { readonly release?: FhirRelease }): FhirRelease =>
  ownMember(holder, 'release') ?? releaseR4

/** The vocabulary of access rules: their own, or that of their release. */
export const vocabularyIn = (rules: { readonly vocabulary?: Vocabulary; readonly release?: FhirRelease }): Vocabulary =>
  ownMember(rules, 'vocabulary') ?? releaseIn(rules).vocabulary
