/**
 * Scope spellings of vendors that are not SMART scopes. The parser refuses them. A caller that knows its counterpart
 * reads them with the function named for the dialect; the result lists every repair.
 *
 * A repair never widens a scope beyond its meaning in the dialect.
 *
 * @module
 */
import { parse } from './parse.js'
import type { ScopeSet } from './scope.js'

/** One scope that was read as another text. */
export interface Repair {
  readonly from: string
  readonly to: string
}

/** The scopes that were read, and the repairs that were made. */
export interface DialectReading {
  readonly scopes: ScopeSet
  readonly repairs: ReadonlyArray<Repair>
}

const read = (text: string, repair: (token: string) => string): DialectReading => {
  const repairs: Array<Repair> = []
  const scopes = text.split(' ').flatMap((token) => {
    const to = repair(token)
    if (to !== token) repairs.push({ from: token, to })
    return parse(to)
  })
  return { scopes, repairs }
}

/**
 * Reads scopes of Microsoft Entra ID (Azure AD), which allows neither `/` nor `*` in a scope name:
 * `patient.Observation.read`, `launch%2fpatient`, `user.all.read`.
 *
 * @example
 * ```ts
 * import { format } from 'smart-app-launch/scopes'
 * import { readAzureScopes } from 'smart-app-launch/scopes/forms'
 *
 * const { scopes, repairs } = readAzureScopes('patient.all.rs launch%2fpatient openid')
 * format(scopes) // => 'patient/*.rs launch/patient openid'
 * repairs.length // => 2
 * ```
 */
export const readAzureScopes = (text: string): DialectReading =>
  read(text, (token) =>
    token
      .replace(/^(patient|user|system|launch)%2f/i, '$1/')
      .replace(
        /^(patient|user|system)[./]([A-Za-z]+|\*)\./,
        (_whole, level: string, type: string) => `${level}/${type === 'all' ? '*' : type}.`
      )
      .replace(/^launch\.(?=[a-z])/, 'launch/')
  )

const verbs: ReadonlyMap<string, string> = new Map([
  ['create', 'c'],
  ['update', 'u'],
  ['delete', 'd'],
  ['search', 's']
])

/**
 * Reads scopes with interactions written as words (`patient/Observation.search`), as some product and profile documents
 * do.
 */
export const readVerbScopes = (text: string): DialectReading =>
  read(text, (token) =>
    token.replace(
      /^((?:patient|user|system)\/(?:\*|[A-Z][A-Za-z0-9]*)\.)(create|update|delete|search)(?=$|\?)/,
      (_whole, head: string, verb: string) => `${head}${verbs.get(verb) ?? verb}`
    )
  )

/**
 * Reads version 1 permissions with a query (`patient/Observation.read?category=…`). Version 1 itself has no queries.
 */
export const readVersion1WithQuery = (text: string): DialectReading =>
  read(text, (token) =>
    token.replace(
      /^((?:patient|user|system)\/(?:\*|[A-Z][A-Za-z0-9]*)\.)(read|write|\*)(?=\?)/,
      (_whole, head: string, suffix: string) =>
        `${head}${suffix === 'read' ? 'rs' : suffix === 'write' ? 'cud' : 'cruds'}`
    )
  )
