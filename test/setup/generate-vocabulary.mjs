/**
 * Writes the tables of the FHIR releases in `src/values/`: types, search parameters with their types, the patient
 * compartment, and the element paths of the parameters that the built-in reader reads.
 *
 * - `fhir-r4`, from `test/data/fhir-r4-*.json`;
 * - `fhir-r4b`, the differences from R4, from `test/data/fhir-r4b-differences.json`;
 * - `fhir-r5`, from `test/data/fhir-r5.json`;
 * - `fhir-earlier`, the types that only DSTU2 and STU3 have, from `test/data/fhir-earlier.json`;
 * - which elements repeat or are a choice of types, in `fhir-r4` and `fhir-r5`, from
 *   `test/data/fhir-element-kinds.json`.
 *
 * In the paths of the data, `*` stands behind a member that repeats, `@Type` says that only references to that type
 * count, and the data type of the element stands last. `test/data/SOURCES.md` says where the data come from.
 * `npm run vocabulary:write` runs this script; a test fails when a file is stale.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')
const data = (name) => JSON.parse(readFileSync(join(root, 'test/data', name), 'utf8'))
const interpreted = ['token', 'reference', 'uri', 'string', 'date', 'number', 'quantity']
const kindOf = (type) => (interpreted.includes(type) ? type : 'other')

const wrapped = (text, indent) => {
  const lines = ['']
  for (const word of text.split(' ')) {
    if (lines.at(-1) !== '' && lines.at(-1).length + word.length + 1 > 112 - indent.length) lines.push('')
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
const keptIn = (all) => {
  const kindsOf = new Map()
  for (const [name, type] of Object.values(all).flatMap((parameters) => Object.entries(parameters)))
    kindsOf.set(name, new Set(kindsOf.get(name)).add(kindOf(type)))
  return ([name, type]) => kindOf(type) !== 'other' || kindsOf.get(name).size > 1
}

/** The parameters of each resource type: the first letter of the kind, and the name. */
const wordsIn = (all, isKept) =>
  new Map(
    Object.entries(all).map(([type, parameters]) => [
      type,
      Object.entries(parameters)
        .filter(isKept)
        .map(([name, one]) => `${kindOf(one)[0]}${name}`)
    ])
  )

const commonIn = (wordsOf) => {
  const uses = new Map()
  for (const word of [...wordsOf.values()].flat()) uses.set(word, (uses.get(word) ?? 0) + 1)
  return [...uses]
    .filter(([, count]) => count > 2)
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .map(([word]) => word)
}

const letters52 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const codeOf = (place) => letters52[Math.floor(place / 52)] + letters52[place % 52]
const parameterRows = (wordsOf, common, keepsEmpty = false) =>
  [...wordsOf]
    .filter(([, words]) => keepsEmpty || words.length > 0)
    .map(([type, words]) => {
      const codes = words
        .map((word) => common.indexOf(word))
        .filter((place) => place !== -1)
        .sort((a, b) => a - b)
        .map(codeOf)
      const own = words.filter((word) => !common.includes(word)).sort()
      return `  ${type}:\n${wrapped([codes.join(''), ...own].join(' '), '    ')}`
    })

const compartmentRows = (compartment) =>
  Object.entries(compartment)
    .filter(([, names]) => names.length > 0)
    .map(([type, names]) => `  ${type}: '${names.join(' ')}'`)

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
const pathOf = (element) => {
  const [path, type] = element.split(':')
  return `${path}:${letters[type]}`
}
const wordOf = ([name, all]) => {
  const paths = all.map(pathOf).join('|')
  return all.length === 1 && /^[\w-]+/.exec(paths)[0] === name && !paths.includes('.') ? paths : `${name}=${paths}`
}
const pathRows = (elements) =>
  Object.entries(elements).map(
    ([type, parameters]) => `  ${type}:\n${wrapped(Object.entries(parameters).map(wordOf).sort().join(' '), '    ')}`
  )

const r4 = { parameters: data('fhir-r4-search-parameters.json'), ...data('fhir-r4-patient-compartment.json') }
const r4Words = wordsIn(r4.parameters, keptIn(r4.parameters))
const r4Common = commonIn(r4Words)

/** The three tables of a whole release; `suffix` distinguishes the names that they export. */
const tablesOf = ({ name, version, suffix, parameters, types, compartment, elements }) => {
  const words = wordsIn(parameters, keptIn(parameters))
  const common = commonIn(words)
  const [command, ofRelease] = ['`npm run vocabulary:write`', `(FHIR ${name}, ${version})`]
  return {
    parameters: `/**
 * The search parameters of FHIR ${name} (${version}) and their types, compactly. Generated: ${command}.
 *
 * A parameter is a word: the first letter of its type (\`o\` is any type that \`ParameterType\` does not list), and its
 * name.
 *
 * @module
 */

/** The parameters that three or more resource types have. Their places in this list are their codes. */
export const commonParameters${suffix}: string =
${wrapped(common.join(' '), '  ')}

/**
 * The parameters of each resource type that has any: the codes of the common ones, two letters each (\`AA\` is the
 * first, \`AB\` the second, \`BA\` the 53rd), then the words of the others. \`Resource\` holds those of all types. Left
 * out are parameters of types that \`ParameterType\` does not list, unless their name has such a type elsewhere.
 */
export const parametersByResourceType${suffix}: Readonly<Record<string, string>> = {
${parameterRows(words, common).join(',\n')}
}
`,
    compartment: `/**
 * The resource types of FHIR ${name} (${version}) and its patient compartment. Generated: \`npm run vocabulary:write\`.
 *
 * @module
 */

/** The names of all resource types. */
export const resourceTypeNames${suffix}: string =
${wrapped(types.join(' '), '  ')}

/** The parameters by which a resource is in a patient's compartment. Types that are not listed never are. */
export const patientCompartment${suffix}: Readonly<Record<string, string>> = {
${compartmentRows(compartment).join(',\n')}
}
`,
    paths: `/**
 * Where the search parameters that the built-in reader reads are found in a resource ${ofRelease}. Generated:
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
export const parameterPaths${suffix}: Readonly<Record<string, string>> = {
${pathRows(elements).join(',\n')}
}
`
  }
}

const r4Tables = tablesOf({
  name: 'R4',
  version: '4.0.1',
  suffix: '',
  ...r4,
  elements: data('fhir-r4-search-elements.json')
})
const r5Tables = tablesOf({ name: 'R5', version: '5.0.0', suffix: 'R5', ...data('fhir-r5.json') })

const r4b = data('fhir-r4b-differences.json')
const isKeptInR4B = keptIn({ ...r4.parameters, ...r4b.parameters })

const r4bText = `/**
 * What FHIR R4B (4.3.0) has differently from R4. Generated: \`npm run vocabulary:write\`.
 *
 * @module
 */

/** The types of R4 that R4B does not have. */
export const typesRemovedInR4B: string =
${wrapped(r4b.removed.join(' '), '  ')}

/** The types of R4B that R4 does not have. */
export const typesAddedInR4B: string =
${wrapped(r4b.added.join(' '), '  ')}

/** The rows of the patient compartment that R4B has differently. */
export const compartmentChangedInR4B: Readonly<Record<string, string>> = {${compartmentRows(r4b.compartment).join(',')}}

/**
 * The search parameters of the types that R4B has differently, in the form of the table of R4, whose codes they share.
 */
export const parametersChangedInR4B: Readonly<Record<string, string>> = {
${parameterRows(wordsIn(r4b.parameters, isKeptInR4B), r4Common, true).join(',\n')}
}

/** The element paths of the types that R4B has differently, in the form of the table of R4. */
export const pathsChangedInR4B: Readonly<Record<string, string>> = {
${pathRows(r4b.elements).join(',\n')}
}
`

const earlier = data('fhir-earlier.json')
const earlierText = `/**
 * The types that only FHIR DSTU2 (1.0.2) and STU3 (3.0.1) have. Generated: \`npm run vocabulary:write\`.
 *
 * @module
 */

/** The names of the types. */
export const earlierTypeNames: string =
${wrapped(earlier.types.join(' '), '  ')}

/** The parameters by which a resource is in a patient's compartment. */
export const earlierCompartment: Readonly<Record<string, string>> = {
${compartmentRows(earlier.compartment).join(',\n')}
}

/** The search parameters, in the form of the table of R4, whose codes they share. */
export const earlierParameters: Readonly<Record<string, string>> = {
${parameterRows(wordsIn(earlier.parameters, keptIn(earlier.parameters)), r4Common).join(',\n')}
}
`

const kinds = data('fhir-element-kinds.json')

/** `Type:holder.name` and `holder.name`, grouped by name: `name=holder,Type:holder`. */
const byName = (words) => {
  const grouped = new Map()
  for (const word of [...words].sort()) {
    const [holder, name] = word.split('.')
    grouped.set(name, [...(grouped.get(name) ?? []), holder])
  }
  return [...grouped].map(([name, holders]) => `${name}=${holders.join(',')}`).join(' ')
}

const elementsText = (release, version, suffix) => {
  const { many, choice, exceptions } = kinds[release]
  const [holders, differing] = ['`name=holder,holder`', '`unknown` are those that differ']
  return `/**
 * Which elements of FHIR ${release} (${version}) repeat, and which are a choice of types. Generated:
 * \`npm run vocabulary:write\`.
 *
 * @module
 */

/** The names of elements that repeat, wherever \`elementExceptions${suffix}\` does not say otherwise. */
export const repeatingElements${suffix}: string =
${wrapped(many.join(' '), '  ')}

/** The names of elements that are a choice of types (\`value[x]\`), with the same reservation. */
export const choiceElements${suffix}: string =
${wrapped(choice.join(' '), '  ')}

/**
 * The elements that are of another kind than their name says: ${holders}. A holder is the resource type or
 * the name of the element that has it; \`Type:holder\` is for one resource type alone. ${differing}
 * from holder to holder of the same name.
 */
export const elementExceptions${suffix}: Readonly<Record<'many' | 'one' | 'choice' | 'unknown', string>> = {
${Object.entries(exceptions)
  .map(([kind, words]) => `  ${kind}:\n${wrapped(byName(words), '    ')}`)
  .join(',\n')}
}
`
}

/** The generated files: the text of each by its path. */
export const files = {
  'src/values/fhir-r4/parameters.ts': r4Tables.parameters,
  'src/values/fhir-r4/compartment.ts': r4Tables.compartment,
  'src/values/fhir-r4/paths.ts': r4Tables.paths,
  'src/values/fhir-r4/elements.ts': elementsText('R4', '4.0.1', ''),
  'src/values/fhir-r4b/differences.ts': r4bText,
  'src/values/fhir-r5/parameters.ts': r5Tables.parameters,
  'src/values/fhir-r5/compartment.ts': r5Tables.compartment,
  'src/values/fhir-r5/paths.ts': r5Tables.paths,
  'src/values/fhir-r5/elements.ts': elementsText('R5', '5.0.0', 'R5'),
  'src/values/fhir-earlier/types.ts': earlierText
}

if (process.argv[1] === import.meta.filename) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}
