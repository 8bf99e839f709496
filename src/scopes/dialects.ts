/**
 * Spellings that are seen in the wild and are no SMART scopes. The parser refuses them; a caller who knows with whom it
 * speaks may read them with the function that is named for the dialect, and is told every repair.
 *
 * A repair never makes a scope wider than its dialect means it.
 *
 * @module
 */
import { parse } from './parse.js'
import type { ScopeSet } from './scope.js'

/** A scope that was read as another text. */
export interface Repair {
  readonly from: string
  readonly to: string
}

/** What a dialect was read as, and every repair that was made. */
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
 * Microsoft Entra ID (Azure AD) allows neither `/` nor `*` in the name of a scope: `patient.Observation.read`,
 * `launch%2fpatient`, `user.all.read`.
 *
 * @example
 * ```ts
 * import { format, readAzureScopes } from 'smart-app-launch/scopes'
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

/** Interactions spelled out (`patient/Observation.search`), as some product and profile documents do. */
export const readVerbScopes = (text: string): DialectReading =>
  read(text, (token) =>
    token.replace(
      /^((?:patient|user|system)\/(?:\*|[A-Z][A-Za-z0-9]*)\.)(create|update|delete|search)(?=$|\?)/,
      (_whole, head: string, verb: string) => `${head}${verbs.get(verb) ?? verb}`
    )
  )

/** Version 1 permissions with a query (`patient/Observation.read?category=…`), which version 1 does not have. */
export const readVersion1WithQuery = (text: string): DialectReading =>
  read(text, (token) =>
    token.replace(
      /^((?:patient|user|system)\/(?:\*|[A-Z][A-Za-z0-9]*)\.)(read|write|\*)(?=\?)/,
      (_whole, head: string, suffix: string) =>
        `${head}${suffix === 'read' ? 'rs' : suffix === 'write' ? 'cud' : 'cruds'}`
    )
  )
