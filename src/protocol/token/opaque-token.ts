/**
 * The form of codes and tokens. Each contains the id of its grant, so that one read of the store decides whether it is
 * valid:
 *
 * - code: `<grantId>.c.<random>`
 * - access token: `<grantId>.a.<epoch>.<issued>.<expires>.<scope of a narrowed token>.<random>.<key id>.<MAC>`
 * - refresh token: `<grantId>.r.<generation>.<key id>.<MAC>`
 *
 * The MAC covers everything before it, including the kind, so that a text of one kind is never accepted as another. All
 * parts are base64url or decimal. To a client the whole text is opaque.
 *
 * @module
 */
import * as Option from 'fp-ts/lib/Option.js'
import { decode, encode } from '../../values/base64url.js'
import type { EpochSeconds } from '../../values/time.js'

/** The contents of an access token. */
export interface AccessTokenFacts {
  readonly grantId: string
  /** Tokens of an epoch before the grant's are invalid. */
  readonly epoch: number
  readonly issuedAt: EpochSeconds
  readonly expiresAt: EpochSeconds
  /** The scope of this token if a refresh requested less than was granted; null for the whole grant. */
  readonly narrowedScope: string | null
}

/** The contents of a refresh token. */
export interface RefreshTokenFacts {
  readonly grantId: string
  readonly generation: number
}

/** The contents of a text with a MAC that is not verified yet. */
export interface MacedText<Facts> {
  readonly facts: Facts
  /** The text that the MAC covers. */
  readonly covered: string
  readonly keyId: string
  readonly mac: string
}

const identifier = '[A-Za-z0-9_-]{1,128}'
const count = '(?:0|[1-9][0-9]{0,15})'
const codePattern = new RegExp(`^(${identifier})\\.c\\.[A-Za-z0-9_-]{22,128}$`)
const accessPattern = new RegExp(
  `^((${identifier})\\.a\\.(${count})\\.(${count})\\.(${count})\\.([A-Za-z0-9_-]*)\\.${identifier}\\.(` +
    `${identifier}))\\.(${identifier})$`
)
const refreshPattern = new RegExp(`^((${identifier})\\.r\\.(${count})\\.(${identifier}))\\.(${identifier})$`)

/** The matches of the patterns: no group of them is optional. */
type AccessMatch = readonly [
  whole: string,
  covered: string,
  grantId: string,
  epoch: string,
  issuedAt: string,
  expiresAt: string,
  scope: string,
  keyId: string,
  mac: string
]
type RefreshMatch = readonly [
  whole: string,
  covered: string,
  grantId: string,
  generation: string,
  keyId: string,
  mac: string
]

/** A code, made of the grant's id and at least 128 random bits as base64url. */
export const printCode = (grantId: string, random: string): string => `${grantId}.c.${random}`

/** The grant id in a code; `none` for any other text. */
export const readCode = (text: string): Option.Option<string> => Option.fromNullable(codePattern.exec(text)?.[1])

/** The part of an access token that its MAC covers. A random id makes every token unique. */
export const coveredAccessToken = (facts: AccessTokenFacts, tokenId: string, keyId: string): string => {
  const { epoch, expiresAt, grantId, issuedAt, narrowedScope } = facts
  const scope = narrowedScope === null ? '' : encode(narrowedScope)
  return `${grantId}.a.${String(epoch)}.${String(issuedAt)}.${String(expiresAt)}.${scope}.${tokenId}.${keyId}`
}

/** The part of a refresh token that its MAC covers. */
export const coveredRefreshToken = (facts: RefreshTokenFacts, keyId: string): string =>
  `${facts.grantId}.r.${String(facts.generation)}.${keyId}`

/** Parses an access token; its MAC is not verified. */
export const readAccessToken = (text: string): Option.Option<MacedText<AccessTokenFacts>> => {
  const match = accessPattern.exec(text) as AccessMatch | null
  if (match === null) return Option.none
  const [, covered, grantId, epoch, issuedAt, expiresAt, encodedScope, keyId, mac] = match
  const scope = decode(encodedScope)
  if (Option.isNone(scope)) return Option.none
  return Option.some({
    facts: {
      grantId,
      epoch: Number(epoch),
      issuedAt: Number(issuedAt),
      expiresAt: Number(expiresAt),
      narrowedScope: scope.value === '' ? null : scope.value
    },
    covered,
    keyId,
    mac
  })
}

/** Parses a refresh token; its MAC is not verified. */
export const readRefreshToken = (text: string): Option.Option<MacedText<RefreshTokenFacts>> => {
  const match = refreshPattern.exec(text) as RefreshMatch | null
  if (match === null) return Option.none
  const [, covered, grantId, generation, keyId, mac] = match
  return Option.some({ facts: { grantId, generation: Number(generation) }, covered, keyId, mac })
}
