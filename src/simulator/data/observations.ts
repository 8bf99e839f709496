/** The synthetic Observations of one visit, with the report, the order and the specimen of a laboratory panel. */
import type { Code, Measure } from './codes.js'
import {
  bloodPressure,
  bodyHeight,
  diastolic,
  hemoglobinA1c,
  hl7,
  loinc,
  panels,
  phq9,
  smokingAnswers,
  smokingStatus,
  snomed,
  systolic,
  vitalSigns
} from './codes.js'
import type { GeneratedResource } from './elements.js'
import { concept, measured, minutesAfter, profiled, quantity, to } from './elements.js'
import type { Draw } from './random.js'

/** A visit of a patient. */
export interface Visit {
  /** The id of the patient. */
  readonly patient: string
  /** The id of the encounter, with which the ids of the visit's resources begin. */
  readonly encounter: string
  readonly practitioner: string
  /** An instant. */
  readonly start: string
}

/** Whether a visit is the first of its patient, or has a laboratory panel. */
export interface VisitKind {
  readonly isFirst: boolean
  readonly panel: number | null
}

const categories = {
  'vital-signs': 'Vital Signs',
  laboratory: 'Laboratory',
  'social-history': 'Social History',
  survey: 'Survey'
} as const

type Category = keyof typeof categories

/** The members that all Observations of a visit have. */
const observation = (
  { patient, encounter, practitioner, start }: Visit,
  name: string,
  category: Category,
  profile: string,
  code: Code,
  more: object
): GeneratedResource => {
  const at = minutesAfter(start, 12)
  return {
    resourceType: 'Observation',
    id: `${encounter}-${name}`,
    meta: profiled(profile),
    status: 'final',
    category: [concept(hl7('observation-category', category, categories[category]))],
    code: concept(code),
    subject: to(`Patient/${patient}`),
    encounter: to(`Encounter/${encounter}`),
    effectiveDateTime: at,
    issued: minutesAfter(at, 20),
    performer: [to(`Practitioner/${practitioner}`)],
    ...more
  }
}

const ofMeasure = (
  draw: Draw,
  visit: Visit,
  category: Category,
  profile: string,
  measure: Measure,
  more: object = {}
): GeneratedResource =>
  observation(visit, measure.code.code, category, profile, measure.code, {
    valueQuantity: measured(draw, measure),
    ...more
  })

const vitals = (draw: Draw, visit: Visit, isFirst: boolean): ReadonlyArray<GeneratedResource> => [
  observation(visit, bloodPressure.code, 'vital-signs', 'us-core-blood-pressure', bloodPressure, {
    component: [systolic, diastolic].map((part) => ({ code: concept(part.code), valueQuantity: measured(draw, part) }))
  }),
  ...[...(isFirst ? [bodyHeight] : []), ...vitalSigns].map((measure) =>
    ofMeasure(draw, visit, 'vital-signs', 'us-core-vital-signs', measure)
  )
]

const socialHistory = (draw: Draw, visit: Visit): ReadonlyArray<GeneratedResource> => [
  observation(visit, smokingStatus.code, 'social-history', 'us-core-smokingstatus', smokingStatus, {
    valueCodeableConcept: concept(draw.oneOf(smokingAnswers))
  }),
  observation(visit, phq9.code, 'survey', 'us-core-observation-screening-assessment', phq9, {
    valueQuantity: quantity(draw.between(0, 14), '{score}')
  })
]

/** The tests of a panel, with their order, specimen and report. */
const laboratory = (draw: Draw, visit: Visit, panel: number): ReadonlyArray<GeneratedResource> => {
  const { patient, encounter, practitioner, start } = visit
  const { code = loinc('11502-2', 'Laboratory report'), tests = [] } = panels[panel % panels.length] ?? {}
  const [order, specimen, report] = [`${encounter}-order`, `${encounter}-specimen`, `${encounter}-report`]
  const subject = to(`Patient/${patient}`)
  const results = [...tests, ...(panel % 2 === 0 ? [hemoglobinA1c] : [])].map((measure) =>
    ofMeasure(draw, visit, 'laboratory', 'us-core-observation-lab', measure, {
      basedOn: [to(`ServiceRequest/${order}`)],
      specimen: to(`Specimen/${specimen}`)
    })
  )
  return [
    {
      resourceType: 'ServiceRequest',
      id: order,
      meta: profiled('us-core-servicerequest'),
      status: 'completed',
      intent: 'order',
      category: [concept(snomed('108252007', 'Laboratory procedure'))],
      code: concept(code),
      subject,
      encounter: to(`Encounter/${encounter}`),
      authoredOn: minutesAfter(start, 5),
      requester: to(`Practitioner/${practitioner}`)
    },
    {
      resourceType: 'Specimen',
      id: specimen,
      meta: profiled('us-core-specimen'),
      status: 'available',
      type: concept(snomed('119297000', 'Blood specimen')),
      subject,
      collection: { collectedDateTime: minutesAfter(start, 10) },
      request: [to(`ServiceRequest/${order}`)]
    },
    ...results,
    {
      resourceType: 'DiagnosticReport',
      id: report,
      meta: profiled('us-core-diagnosticreport-lab'),
      status: 'final',
      category: [concept(hl7('v2-0074', 'LAB', 'Laboratory'))],
      code: concept(code),
      subject,
      encounter: to(`Encounter/${encounter}`),
      effectiveDateTime: minutesAfter(start, 12),
      issued: minutesAfter(start, 40),
      performer: [to('Organization/organization-1')],
      basedOn: [to(`ServiceRequest/${order}`)],
      specimen: [to(`Specimen/${specimen}`)],
      result: results.map(({ id }) => to(`Observation/${id}`))
    }
  ]
}

/** The Observations of a visit, and what belongs to them. */
export const visitObservations = (
  draw: Draw,
  visit: Visit,
  { isFirst, panel }: VisitKind
): ReadonlyArray<GeneratedResource> => [
  ...vitals(draw, visit, isFirst),
  ...(isFirst ? socialHistory(draw, visit) : []),
  ...(panel === null ? [] : laboratory(draw, visit, panel))
]
