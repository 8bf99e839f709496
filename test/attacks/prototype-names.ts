/**
 * The names that somebody could plant on `Object.prototype`: every optional member, every member that is read by its
 * name in quotes or through `ownMember`, every name that is taken apart with a default, and every switch. They are
 * gathered from the sources, so that what is added later is planted too.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { policyOptions } from '../../src/protocol/policy/policy.js'

const source = join(import.meta.dirname, '..', '..', 'src')

const patterns: ReadonlyArray<RegExp> = [
  /readonly '?([\w-]+)'?\?:/g,
  /^\s+([\w-]+): t\./gm,
  /\['([\w-]+)'\]/g,
  /(?:ownMember|headerOf|hasOwn)\([^()]+, '([\w-]+)'\)/g,
  /[{,] ?(\w+) = [^=>]/g
]

/** The names between the braces where an object is taken apart. */
const takenApart = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/(?:const |\()\{([^{}]{1,200})\}(?: =|: )/g)].flatMap(([, names = '']) =>
    names.split(',').map((name) =>
      name
        .trim()
        .replace(/^\.\.\..*/, '')
        .replace(/[ :=].*$/s, '')
        .replaceAll("'", '')
    )
  )

const files = readdirSync(source, { recursive: true, withFileTypes: true })
  .filter(
    (entry) =>
      entry.isFile() &&
      entry.name.endsWith('.ts') &&
      !entry.parentPath.includes('simulator') &&
      !entry.name.startsWith('fhir-r4')
  )
  .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))

/** What every object has is no use to plant; and what would take the runtime itself apart is another attack. */
const useless = new Set([...Object.getOwnPropertyNames(Object.prototype), ''])

/** The names, each once. */
export const plantedNames: ReadonlyArray<string> = [
  ...new Set([
    ...files.flatMap((text) => [
      ...patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, name = '']) => name)),
      ...takenApart(text)
    ]),
    ...Object.keys(policyOptions),
    '0',
    '1',
    'subject',
    'patient',
    'entry',
    'resource',
    'request'
  ])
]
  .filter((name) => /^[\w-]+$/.test(name) && !useless.has(name))
  .toSorted()
