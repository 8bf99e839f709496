/**
 * Writes `src/values/fhir-r4/parameters.ts` from `test/data/fhir-r4-search-parameters.json` (FHIR R4, 4.0.1: every
 * resource type with the types of its search parameters), `src/values/fhir-r4/compartment.ts` from
 * `test/data/fhir-r4-patient-compartment.json` (the patient compartment), and `src/values/fhir-r4/paths.ts` from
 * `test/data/fhir-r4-search-elements.json` (the elements of the parameters that the built-in reader reads: `*` stands
 * behind a member that repeats, `@Type` says that only references to that type count, and the data type of the element
 * stands last). `npm run vocabulary:write` runs it; a test fails when a file is stale.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')
const data = JSON.parse(readFileSync(join(root, 'test/data/fhir-r4-search-parameters.json'), 'utf8'))
const interpreted = ['token', 'reference', 'uri', 'string', 'date', 'number', 'quantity']
const kindOf = (type) => (interpreted.includes(type) ? type : 'other')

/** The kind that a name has most often (of those that are listed); exceptions are spelled out where they occur. */
const usual = new Map()
for (const parameters of Object.values(data)) {
  for (const [name, type] of Object.entries(parameters)) {
    const counts = usual.get(name) ?? new Map()
    counts.set(kindOf(type), (counts.get(kindOf(type)) ?? 0) + 1)
    usual.set(name, counts)
  }
}
const usualKind = new Map(
  [...usual].map(([name, counts]) => [
    name,
    [...counts].sort(
      (a, b) => Number(a[0] === 'other') - Number(b[0] === 'other') || b[1] - a[1] || a[0].localeCompare(b[0])
    )[0][0]
  ])
)

const wrapped = (text, indent) => {
  const lines = ['']
  for (const word of text.split(' ')) {
    if (lines.at(-1).length + word.length + 1 > 112 - indent.length) lines.push('')
    lines.push(`${lines.pop()}${word} `)
  }
  return lines
    .map((line) => `${indent}'${line}'`)
    .join(' +\n')
    .replace(/ '$/, "'")
}

const kinds = interpreted.map((kind) => {
  const names = [...usualKind]
    .filter(([, one]) => one === kind)
    .map(([name]) => name)
    .sort()
    .join(' ')
  return `  ${kind}:\n${wrapped(names, '    ')}`
})
/**
 * A parameter of another type is opaque wherever it stands; it is kept only where its name means something else
 * elsewhere.
 */
const isKept = ([name, type]) => kindOf(type) !== 'other' || usual.get(name).size > 1
const types = Object.entries(data).map(([type, parameters]) => {
  const names = Object.entries(parameters)
    .filter(isKept)
    .map(([name, one]) => (kindOf(one) === usualKind.get(name) ? name : `${name}=${kindOf(one)}`))
  return names.length === 0 ? `  ${type}: ''` : `  ${type}:\n${wrapped(names.sort().join(' '), '    ')}`
})

export const text = `/**
 * The search parameters of FHIR R4 (4.0.1) and their types, compactly. Generated: \`npm run vocabulary:write\`.
 *
 * @module
 */

/** The names of search parameters by the type that they have wherever nothing else is said. */
export const usualParameterTypes: Readonly<Record<
  'token' | 'reference' | 'uri' | 'string' | 'date' | 'number' | 'quantity', string>> = {
${kinds.join(',\n')}
}

/**
 * The parameters of each resource type that are of one of these types; \`name=type\` where the type is not the usual
 * one, also for the few names that are of another type here and of one of these elsewhere. \`Resource\` holds those of
 * all types.
 */
export const parametersByResourceType: Readonly<Record<string, string>> = {
${types.join(',\n')}
}
`

const patient = JSON.parse(readFileSync(join(root, 'test/data/fhir-r4-patient-compartment.json'), 'utf8'))

const members = Object.entries(patient.compartment)
  .filter(([, names]) => names.length > 0)
  .map(([type, names]) => `  ${type}: '${names.join(' ')}'`)

export const compartmentText = `/**
 * The resource types of FHIR R4 (4.0.1) and its patient compartment. Generated: \`npm run vocabulary:write\`.
 *
 * @module
 */

/** The names of all resource types. */
export const resourceTypeNames: string =
${wrapped(patient.types.join(' '), '  ')}

/** The parameters by which a resource is in a patient's compartment. Types that are not listed never are. */
export const patientCompartment: Readonly<Record<string, string>> = {
${members.join(',\n')}
}
`

/** The data types of elements, a letter each. */
const letters = {
  code: 'c',
  boolean: 'b',
  CodeableConcept: 'k',
  Coding: 'g',
  Reference: 'r',
  uri: 'u',
  date: 'd',
  dateTime: 't',
  Period: 'p',
  Timing: 'm',
  decimal: 'n',
  Quantity: 'q',
  Money: 'y',
  Range: 'a'
}
const elements = JSON.parse(readFileSync(join(root, 'test/data/fhir-r4-search-elements.json'), 'utf8'))
const pathOf = (element) => {
  const [path, type] = element.split(':')
  return `${path}:${letters[type]}`
}
const wordOf = ([name, all]) => {
  const paths = all.map(pathOf).join('|')
  return all.length === 1 && /^[\w-]+/.exec(paths)[0] === name && !paths.includes('.') ? paths : `${name}=${paths}`
}
const pathsOf = Object.entries(elements).map(
  ([type, parameters]) => `  ${type}:\n${wrapped(Object.entries(parameters).map(wordOf).sort().join(' '), '    ')}`
)

export const pathsText = `/**
 * Where the search parameters that the built-in reader reads are found in a resource (FHIR R4, 4.0.1). Generated:
 * \`npm run vocabulary:write\`.
 *
 * @module
 */

/**
 * Element paths of search parameters by resource type: \`name=path|path\`, or the path alone where it is the name.
 * \`Resource\` holds those of all types. In a path, \`*\` stands behind a member that repeats; behind the path,
 * \`@Type\` says that only references to that type count, and a letter
 * what the element is:
 * ${Object.entries(letters)
   .slice(0, 9)
   .map(([type, letter]) => `\`${letter}\` ${type}`)
   .join(', ')},
 * ${Object.entries(letters)
   .slice(9)
   .map(([type, letter]) => `\`${letter}\` ${type}`)
   .join(', ')}.
 */
export const parameterPaths: Readonly<Record<string, string>> = {
${pathsOf.join(',\n')}
}
`

if (process.argv[1] === import.meta.filename) {
  writeFileSync(join(root, 'src/values/fhir-r4/parameters.ts'), text)
  writeFileSync(join(root, 'src/values/fhir-r4/compartment.ts'), compartmentText)
  writeFileSync(join(root, 'src/values/fhir-r4/paths.ts'), pathsText)
}
