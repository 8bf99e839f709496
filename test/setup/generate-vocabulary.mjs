/**
 * Writes `src/values/fhir-r4-parameters.ts` from `test/data/fhir-r4-search-parameters.json` (FHIR R4, 4.0.1: every resource
 * type with the types of its search parameters), and `src/values/fhir-r4-compartment.ts` from
 * `test/data/fhir-r4-patient-compartment.json` (the patient compartment, and the expressions of a few parameters).
 * `npm run vocabulary:write` runs it; a test fails when a file is stale.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')
const data = JSON.parse(readFileSync(join(root, 'test/data/fhir-r4-search-parameters.json'), 'utf8'))
const interpreted = ['token', 'reference', 'uri', 'string']
const kindOf = (type) => (interpreted.includes(type) ? type : 'other')

/** The kind that a name has most often (of the four that are listed); exceptions are spelled out where they occur. */
const usual = new Map()
for (const parameters of Object.values(data)) {
  for (const [name, type] of Object.entries(parameters)) {
    const counts = usual.get(name) ?? new Map()
    counts.set(kindOf(type), (counts.get(kindOf(type)) ?? 0) + 1)
    usual.set(name, counts)
  }
}
const usualKind = new Map([...usual].map(([name, counts]) => [name, [...counts].sort((a, b) => Number(a[0] === 'other') - Number(b[0] === 'other') || b[1] - a[1] || a[0].localeCompare(b[0]))[0][0]]))

const wrapped = (text, indent) => {
  const lines = ['']
  for (const word of text.split(' ')) {
    if (lines.at(-1).length + word.length + 1 > 112 - indent.length) lines.push('')
    lines.push(`${lines.pop()}${word} `)
  }
  return lines.map((line) => `${indent}'${line}'`).join(' +\n').replace(/ '$/, "'")
}

const kinds = interpreted.map((kind) => {
  const names = [...usualKind].filter(([, one]) => one === kind).map(([name]) => name).sort().join(' ')
  return `  ${kind}:\n${wrapped(names, '    ')}`
})
/** A parameter of another type is opaque wherever it stands; it is kept only where its name means something else elsewhere. */
const isKept = ([name, type]) => kindOf(type) !== 'other' || usual.get(name).size > 1
const types = Object.entries(data).map(([type, parameters]) => {
  const names = Object.entries(parameters).filter(isKept).map(([name, one]) => (kindOf(one) === usualKind.get(name) ? name : `${name}=${kindOf(one)}`))
  return names.length === 0 ? `  ${type}: ''` : `  ${type}:\n${wrapped(names.sort().join(' '), '    ')}`
})

export const text = `/**
 * The search parameters of FHIR R4 (4.0.1) and their types, compactly. Generated: \`npm run vocabulary:write\`.
 *
 * @module
 */

/** The names of search parameters by the type that they have wherever nothing else is said. */
export const usualParameterTypes: Readonly<Record<'token' | 'reference' | 'uri' | 'string', string>> = {
${kinds.join(',\n')}
}

/**
 * The parameters of each resource type that are tokens, references, uris or strings; \`name=type\` where the type is not the
 * usual one, also for the few names that are of another type here and of one of these elsewhere. \`Resource\` holds those
 * of all types.
 */
export const parametersByResourceType: Readonly<Record<string, string>> = {
${types.join(',\n')}
}
`

const patient = JSON.parse(readFileSync(join(root, 'test/data/fhir-r4-patient-compartment.json'), 'utf8'))

/** One element path of an expression: members between dots; `@Type` behind it when only references to that type count. */
const pathOf = (type, part) => {
  const bare = part.trim().replace(/\.where\(resolve\(\) is (\w+)\)/, '@$1')
  const [, path, choice = '', target = ''] = new RegExp(`^\\(?${type}\\.([\\w.]+)(?: as (\\w+)\\)|\\)?)(@\\w+)?$`).exec(bare) ?? []
  if (path === undefined) throw new Error(`cannot read ${part}`)
  return `${path}${choice}${target}`
}
const paths = (type, [name, expression]) => {
  const all = expression.split('|').map((part) => pathOf(type, part)).join('|')
  return all === name ? name : `${name}=${all}`
}
const expressions = Object.entries(patient.expressions).map(([type, parameters]) =>
  `  ${type}:\n${wrapped(Object.entries(parameters).map((one) => paths(type, one)).sort().join(' '), '    ')}`)
const members = Object.entries(patient.compartment).filter(([, names]) => names.length > 0).map(([type, names]) => `  ${type}: '${names.join(' ')}'`)

export const compartmentText = `/**
 * The resource types of FHIR R4 (4.0.1), its patient compartment, and where the parameters that scopes and the compartment use
 * are found in a resource. Generated: \`npm run vocabulary:write\`.
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

/**
 * Element paths of search parameters: \`name=path|path\`, or the name alone when the path is the same. Behind a path,
 * \`@Type\` says that only references to that type count.
 */
export const parameterPaths: Readonly<Record<string, string>> = {
${expressions.join(',\n')}
}
`

if (process.argv[1] === import.meta.filename) {
  writeFileSync(join(root, 'src/values/fhir-r4-parameters.ts'), text)
  writeFileSync(join(root, 'src/values/fhir-r4-compartment.ts'), compartmentText)
}
