/** The fields of the launch form in which one of several values is chosen. A link may hold another value. */
import { ownAppLabels } from './own-app-fields.js'
import { misbehaviorNames } from '../misbehavior/table.js'
import type { Parameters } from '../../protocol/http/form.js'
import { likeliestName } from '../../values/likely-name.js'
import { quoted } from '../../values/shown-text.js'

/** The kinds of launches. */
export const launchKinds = ['ehr', 'portal', 'standalone', 'backend'] as const

/** The steps that a launch can leave out. */
export const skippableSteps = ['sign-in', 'consent'] as const

/** The types of an app (OpenID Connect Dynamic Client Registration 1.0, section 2). */
const appTypes = ['web', 'native'] as const

/** The labels of the fields. */
export const choiceLabels = {
  kind: 'Launch',
  application_type: ownAppLabels.applicationType,
  secret_method: 'The app sends its secret',
  banner: 'need_patient_banner',
  spec: 'Release of SMART App Launch',
  misbehavior: 'Misbehavior',
  skip: 'Pages that are left out',
  frame: 'Frame'
} as const

type ChoiceField = keyof typeof choiceLabels

/** The values of the fields. An empty value chooses nothing. */
const choices: Readonly<Record<ChoiceField, ReadonlyArray<string>>> = {
  kind: launchKinds,
  application_type: appTypes,
  secret_method: ['client_secret_basic', 'client_secret_post'],
  banner: ['yes', 'no'],
  spec: ['2.0.0', '2.1.0', '2.2.0'],
  misbehavior: misbehaviorNames,
  skip: skippableSteps,
  frame: ['yes']
}

/** The most values that a sentence lists. */
const listedValues = 8

const fieldNames = Object.keys(choices) as ReadonlyArray<ChoiceField>

const valueComplaint = (name: ChoiceField, value: string): string => {
  const [known, likeliest] = [choices[name], likeliestName(value, choices[name])]
  const expected = known.length > listedValues ? 'a name of the list' : known.join(', ')
  const meant = likeliest === null ? '' : ` Did you mean ${likeliest}?`
  return `${choiceLabels[name]}: expected ${expected}; found ${quoted(value)}.${meant}`
}

/**
 * What is wrong with the choices in a query, which the form could not show: a value that is none, several values where
 * one can be chosen, or a misspelled field. Null for nothing. `known` are the names of all fields.
 */
export const choiceComplaint = (form: Parameters, known: ReadonlyArray<string>): string | null => {
  for (const name of fieldNames) {
    const values = (form.get(name) ?? []).map((value) => value.trim()).filter((value) => value !== '')
    const wrong = values.find((value) => !choices[name].includes(value))
    if (wrong !== undefined) return valueComplaint(name, wrong)
    if (name !== 'skip' && values.length > 1)
      return `${choiceLabels[name]}: expected one value; found ${String(values.length)}.`
  }
  for (const name of form.keys()) {
    const likeliest = known.includes(name) ? null : likeliestName(name, known)
    if (likeliest !== null) return `There is no field ${quoted(name)}. Did you mean ${likeliest}?`
  }
  return null
}
