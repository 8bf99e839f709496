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

/**
 * A parameter of another type is opaque wherever it stands; it is kept only where its name means something else
 * elsewhere.
 */
const kindsOf = new Map()
for (const [name, type] of Object.values(data).flatMap((parameters) => Object.entries(parameters)))
  kindsOf.set(name, new Set(kindsOf.get(name)).add(kindOf(type)))
const isKept = ([name, type]) => kindOf(type) !== 'other' || kindsOf.get(name).size > 1

/** The parameters of each resource type: the first letter of the kind, and the name. */
const wordsOf = new Map(
  Object.entries(data).map(([type, parameters]) => [
    type,
    Object.entries(parameters)
      .filter(isKept)
      .map(([name, one]) => `${kindOf(one)[0]}${name}`)
  ])
)
const uses = new Map()
for (const word of [...wordsOf.values()].flat()) uses.set(word, (uses.get(word) ?? 0) + 1)
const common = [...uses]
  .filter(([, count]) => count > 2)
  .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  .map(([word]) => word)
const letters52 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const codeOf = (place) => letters52[Math.floor(place / 52)] + letters52[place % 52]
const types = [...wordsOf]
  .filter(([, words]) => words.length > 0)
  .map(([type, words]) => {
    const codes = words
      .map((word) => common.indexOf(word))
      .filter((place) => place !== -1)
      .sort((a, b) => a - b)
      .map(codeOf)
    const own = words.filter((word) => !common.includes(word)).sort()
    return `  ${type}:\n${wrapped([codes.join(''), ...own].join(' '), '    ')}`
  })

export const text = `/**
 * The search parameters of FHIR R4 (4.0.1) and their types, compactly. Generated: \`npm run vocabulary:write\`.
 *
 * A parameter is a word: the first letter of its type (\`o\` is any type that \`ParameterType\` does not list), and its
 * name.
 *
 * @module
 */

/** The parameters that three or more resource types have. Their places in this list are their codes. */
export const commonParameters: string =
${wrapped(common.join(' '), '  ')}

/**
 * The parameters of each resource type that has any: the codes of the common ones, two letters each (\`AA\` is the
 * first, \`AB\` the second, \`BA\` the 53rd), then the words of the others. \`Resource\` holds those of all types. Left
 * out are parameters of types that \`ParameterType\` does not list, unless their name has such a type elsewhere.
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
