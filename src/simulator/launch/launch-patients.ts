/** The patients of the launch page: searched by name, sex and birth date, in pages. */
import type { Choice, FhirResource } from '../fhir/synthetic-data.js'
import { ownMember } from '../../values/own.js'

/** A patient in the table. */
export interface PatientRow {
  readonly id: string
  readonly name: string
  /** The administrative gender of FHIR; empty if it is not known. */
  readonly sex: string
  /** As in FHIR: `1974-12-25`; empty if it is not known. */
  readonly birthDate: string
}

const textIn = (resource: FhirResource | undefined, member: string): string => {
  const value = resource === undefined ? undefined : ownMember(resource, member)
  return typeof value === 'string' ? value : ''
}

/** The rows of patients, with what their resources say. */
export const patientRows = (
  patients: ReadonlyArray<Choice>,
  resources: ReadonlyArray<FhirResource>
): ReadonlyArray<PatientRow> => {
  const byId = new Map(resources.flatMap((one) => (one.resourceType === 'Patient' ? [[one.id, one] as const] : [])))
  return patients.map(({ id, label }) => ({
    id,
    name: label,
    sex: textIn(byId.get(id), 'gender'),
    birthDate: textIn(byId.get(id), 'birthDate')
  }))
}

/** The patients of one page of the table. */
export const patientsOnPage = 8

/** What the user searches for. */
export interface PatientSearch {
  readonly name: string
  readonly sex: string
  readonly born: string
  /** Counted from 1. */
  readonly page: string
}

/** The patients of a page, and how many match. */
export interface FoundPatients {
  readonly shown: ReadonlyArray<PatientRow>
  readonly found: number
  readonly page: number
  readonly pages: number
}

/** Letters without their accents, in lower case. */
const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()

/** The patients who match: each word of the name occurs, and the birth date begins with the text. */
export const findPatients = (
  rows: ReadonlyArray<PatientRow>,
  { born, name, page, sex }: PatientSearch
): FoundPatients => {
  const words = plain(name)
    .split(/\s+/)
    .filter((word) => word !== '')
  const matching = rows.filter(
    (row) =>
      words.every((word) => plain(row.name).includes(word)) &&
      (sex === '' || row.sex === sex) &&
      row.birthDate.startsWith(born)
  )
  const pages = Math.max(1, Math.ceil(matching.length / patientsOnPage))
  const wanted = /^[0-9]{1,6}$/.test(page) ? Number(page) : 1
  const current = Math.min(Math.max(1, wanted), pages)
  const first = (current - 1) * patientsOnPage
  return { shown: matching.slice(first, first + patientsOnPage), found: matching.length, page: current, pages }
}
