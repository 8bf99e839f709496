/**
 * The claims of a verified id_token, for an app.
 *
 * Source: OpenID Connect Core 1.0, sections 2 and 5.1; scopes-and-launch-context, "Scopes for requesting identity
 * data".
 *
 * @module
 */
import { isObject } from '../../values/object.js'
import { noMembers, ownMembers } from '../../values/own.js'

/** The claims that are texts. */
const textClaims = [
  'iss',
  'sub',
  'fhirUser',
  'profile',
  'name',
  'given_name',
  'family_name',
  'middle_name',
  'nickname',
  'preferred_username',
  'email',
  'phone_number',
  'gender',
  'birthdate',
  'zoneinfo',
  'locale',
  'picture',
  'website',
  'acr',
  'azp'
] as const

/** The claims that are numbers: seconds since the epoch. */
const numberClaims = ['exp', 'iat', 'auth_time', 'updated_at'] as const

/** The claims that are booleans. */
const booleanClaims = ['email_verified', 'phone_number_verified'] as const

/**
 * The claims of an id_token. Those that OpenID Connect and SMART define have their types; one with another type is left
 * out. All others are as the server sent them.
 */
export type IdentityClaims = Partial<Readonly<Record<(typeof textClaims)[number], string>>> &
  Partial<Readonly<Record<(typeof numberClaims)[number], number>>> &
  Partial<Readonly<Record<(typeof booleanClaims)[number], boolean>>> &
  Readonly<Record<string, unknown>>

/** The required type of each claim that has one. */
const typeOf: ReadonlyMap<string, string> = new Map([
  ...textClaims.map((name) => [name, 'string'] as const),
  ...numberClaims.map((name) => [name, 'number'] as const),
  ...booleanClaims.map((name) => [name, 'boolean'] as const)
])

/**
 * The claims in an object.
 *
 * @example
 * ```ts
 * import { readIdentityClaims } from './identity-claims.js'
 *
 * readIdentityClaims({ name: 'Dr. Jones', email: 7, department: ['a'] }) // => { name: 'Dr. Jones', department: ['a'] }
 * ```
 */
export const readIdentityClaims = (value: unknown): IdentityClaims =>
  isObject(value)
    ? ownMembers(
        Object.fromEntries(
          Object.entries(value).filter(
            ([name, claim]) => name !== '__proto__' && (typeOf.get(name) ?? typeof claim) === typeof claim
          )
        )
      )
    : noMembers
