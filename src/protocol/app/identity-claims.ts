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

/**
 * The claims of an id_token. Those that OpenID Connect and SMART define have their types; one with another type is left
 * out. All others are as the server sent them.
 */
export interface IdentityClaims {
  readonly [claim: string]: unknown
  /** The issuer. */
  readonly iss?: string
  /** The subject: the user, as the issuer names her. */
  readonly sub?: string
  /** The FHIR resource of the user. */
  readonly fhirUser?: string
  /** The page of the user, or her FHIR resource. */
  readonly profile?: string
  /** The full name. */
  readonly name?: string
  /** The given names. */
  readonly given_name?: string
  /** The family names. */
  readonly family_name?: string
  /** The middle names. */
  readonly middle_name?: string
  /** The casual name. */
  readonly nickname?: string
  /** The name that the user signs in with. */
  readonly preferred_username?: string
  /** The address of e-mail. */
  readonly email?: string
  /** The telephone number. */
  readonly phone_number?: string
  /** The gender, in the issuer's words. */
  readonly gender?: string
  /** The date of birth, as `YYYY-MM-DD`. */
  readonly birthdate?: string
  /** The time zone. */
  readonly zoneinfo?: string
  /** The language, as `en-US`. */
  readonly locale?: string
  /** The address of a picture. */
  readonly picture?: string
  /** The address of the user's site. */
  readonly website?: string
  /** How strongly the user was authenticated. */
  readonly acr?: string
  /** The party to which the id_token was issued. */
  readonly azp?: string
  /** When the id_token expires, in seconds since the epoch. */
  readonly exp?: number
  /** When it was issued, in seconds since the epoch. */
  readonly iat?: number
  /** When the user signed in, in seconds since the epoch. */
  readonly auth_time?: number
  /** When her data changed last, in seconds since the epoch. */
  readonly updated_at?: number
  /** Whether the address of e-mail was verified. */
  readonly email_verified?: boolean
  /** Whether the telephone number was verified. */
  readonly phone_number_verified?: boolean
}

/** The required type of each claim that has one. */
const typeOf: ReadonlyMap<string, string> = new Map([
  ['iss', 'string'],
  ['sub', 'string'],
  ['fhirUser', 'string'],
  ['profile', 'string'],
  ['name', 'string'],
  ['given_name', 'string'],
  ['family_name', 'string'],
  ['middle_name', 'string'],
  ['nickname', 'string'],
  ['preferred_username', 'string'],
  ['email', 'string'],
  ['phone_number', 'string'],
  ['gender', 'string'],
  ['birthdate', 'string'],
  ['zoneinfo', 'string'],
  ['locale', 'string'],
  ['picture', 'string'],
  ['website', 'string'],
  ['acr', 'string'],
  ['azp', 'string'],
  ['exp', 'number'],
  ['iat', 'number'],
  ['auth_time', 'number'],
  ['updated_at', 'number'],
  ['email_verified', 'boolean'],
  ['phone_number_verified', 'boolean']
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
