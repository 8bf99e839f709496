/**
 * Checks an access profile that a host gives: its name, or rows of plain data.
 *
 * @module
 */
import { accessProfiles } from './named-profiles.js'
import type { Rule } from '../../machine/rules.js'
import { firstRefusal } from '../../machine/rules.js'
import { isResourceTypeName } from '../../../values/fhir.js'
import type { JsonObject } from '../../../values/object.js'
import { isObject } from '../../../values/object.js'
import { ownMember, ownMembers } from '../../../values/own.js'

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
const isMember = (value: unknown): boolean => isText(value) && /^[A-Za-z]+$/.test(value)
const isPath = (value: unknown): boolean => isText(value) && value.split('.').every(isMember)
const isParameter = (value: unknown): boolean => isText(value) && /^[A-Za-z_][A-Za-z0-9_-]*$/.test(value)
const isTypeName = (value: unknown): boolean => isText(value) && isResourceTypeName(value)

const isListOf = (value: unknown, isRight: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.length > 0 && value.every(isRight)

const isDocument = (value: unknown): boolean => {
  if (!isObject(value)) return false
  const { type, path, parameter } = ownMembers(value)
  return isTypeName(type) && isPath(path) && (parameter === null || isParameter(parameter))
}

const isWay = (by: unknown): boolean => {
  if (by === 'shared') return true
  if (!isObject(by) || Object.keys(by).length !== 1) return false
  const { compartment, target, documents } = ownMembers(by)
  return isListOf(compartment, isParameter) || isMember(target) || isListOf(documents, isDocument)
}

/** The rules of a row of an access profile: what is expected where a rule is broken. */
export const profileRowRules: ReadonlyArray<Rule<JsonObject, string>> = [
  {
    name: 'type-well-formed',
    check: (row) => (isTypeName(ownMember(row, 'type')) ? null : '`type`: the name of a resource type')
  },
  {
    name: 'reading-only',
    check: (row) =>
      isListOf(ownMember(row, 'permissions'), (one) => one === 'r' || one === 's')
        ? null
        : '`permissions`: `r`, `s` or both, because a profile opens no writing'
  },
  {
    name: 'way-known',
    check: (row) =>
      isWay(ownMember(row, 'by'))
        ? null
        : '`by`: `shared`, or one of `{ compartment: [parameter] }`, `{ target: member }` and ' +
          '`{ documents: [{ type, path, parameter }] }`'
  },
  {
    // The Patient is its own compartment; all Patients or all clinical records are never shared.
    name: 'patient-not-shared',
    check: (row) =>
      ownMember(row, 'type') === 'Patient' && ownMember(row, 'by') === 'shared'
        ? '`by`: another way than `shared` for Patient'
        : null
  },
  {
    name: 'reasons-given',
    check: (row) =>
      isText(ownMember(row, 'because')) && isText(ownMember(row, 'source')) ? null : '`because` and `source`: texts'
  }
]

/** What is expected of an access profile, where the given value is not one; null where it is one, or is missing. */
export const wrongAccessProfile = (given: unknown): string | null => {
  if (given === undefined) return null
  const names = Object.keys(accessProfiles)
  const expected = `${names.map((name) => `"${name}"`).join(', ')} or a list of rows`
  if (typeof given === 'string') return names.includes(given) ? null : expected
  if (!Array.isArray(given)) return expected
  for (const [index, row] of (given as ReadonlyArray<unknown>).entries()) {
    const wrong = isObject(row) ? firstRefusal(profileRowRules, row) : 'an object'
    if (wrong !== null) return `a list of rows, and in row ${String(index)} ${wrong}`
  }
  return null
}
