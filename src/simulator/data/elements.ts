/** The elements of which the synthetic resources consist. Source: FHIR R4, datatypes.html. */
import type { Code, Measure } from './codes.js'
import type { Draw } from './random.js'

/** A resource as JSON. */
export interface GeneratedResource {
  readonly resourceType: string
  readonly id: string
  readonly [member: string]: unknown
}

/** A CodeableConcept of one code. */
export const concept = (code: Code): unknown => ({ coding: [code], text: code.display })

/** A reference to a resource by `Type/id`. */
export const to = (reference: string): { readonly reference: string } => ({ reference })

/** A Quantity in UCUM units. */
export const quantity = (value: number, unit: string): unknown => ({
  value,
  unit,
  system: 'http://unitsofmeasure.org',
  code: unit
})

/** A drawn value of a measurement. */
export const measured = (draw: Draw, { middle, spread, places, unit }: Measure): unknown =>
  quantity(draw.near(middle, spread, places), unit)

/** The name of a US Core profile in `meta`. */
export const profiled = (name: string): unknown => ({
  profile: [`http://hl7.org/fhir/us/core/StructureDefinition/${name}`]
})

/** A moment so many minutes after another, as an instant with seconds. */
export const minutesAfter = (moment: string, minutes: number): string =>
  `${new Date(Date.parse(moment) + minutes * 60_000).toISOString().slice(0, 19)}Z`

/** The day of a moment. */
export const dayOf = (moment: string): string => moment.slice(0, 10)

/** The system of the invented medical record numbers. */
export const recordNumbers = 'http://hospital.example.org/medical-record-number'

/** An invented medical record number. */
export const recordNumber = (value: string): unknown => ({
  use: 'usual',
  type: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR', display: 'Medical record number' }]
  },
  system: recordNumbers,
  value
})
