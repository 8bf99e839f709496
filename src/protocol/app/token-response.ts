/**
 * Reads responses of a token endpoint: tolerant where servers differ, strict for members that an app relies on.
 *
 * Source: app-launch, step 5; scopes-and-launch-context, "Launch context arrives with your access_token"; RFC 6749,
 * sections 5.1, 5.2 and 7.1.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type { AppFailure } from './failure.js'
import type { PlainResponse } from '../http/message.js'
import { isBusy, retryAfterOf } from '../http/retry-after.js'
import type { Rule } from '../machine/rules.js'
import { firstRefusal } from '../machine/rules.js'
import type { FhirContextEntry, LaunchContext } from '../launch/launch-context.js'
import type { JsonObject } from '../../values/object.js'
import type { ServerTolerances } from './trust/tolerances.js'
import { readJsonObject } from './trusted-server.js'
import { textOf } from '../../values/json.js'
import { noMembers, ownMember, ownMembers } from '../../values/own.js'
import { isFhirId } from '../../values/fhir.js'
import { isObject } from '../../values/object.js'
import type { EpochSeconds } from '../../values/time.js'

/** A token response. */
export interface ReceivedTokens {
  readonly accessToken: string
  /** The lifetime in seconds; null when the server does not state it. */
  readonly expiresIn: number | null
  /** Null when the server omits it: then it equals the requested scope (RFC 6749, section 5.1). */
  readonly scope: string | null
  readonly refreshToken: string | null
  readonly idToken: string | null
  readonly context: LaunchContext
}

/** How tolerantly responses are read. */
export interface ReadingOptions {
  /** Whether `"true"` and `"false"` are accepted for `need_patient_banner`. */
  readonly acceptTextBooleans: boolean
  /** Whether whole numbers are accepted as ids of patient and encounter. Default: false. */
  readonly acceptNumericTexts?: boolean
}

/** The options for a server: its own tolerances, and those of the app. */
export const readingOptionsOf = (
  { acceptTextBooleans }: Pick<ReadingOptions, 'acceptTextBooleans'>,
  { textBooleans = acceptTextBooleans, numericTexts = false }: ServerTolerances
): ReadingOptions => ({ acceptTextBooleans: textBooleans, acceptNumericTexts: numericTexts })

type Reading<A> = Either.Either<AppFailure, A>

const unexpected = (member: string, expected: string): AppFailure => ({
  _tag: 'TokenResponseMalformed',
  member,
  expected
})

const malformed = (member: string, expected: string): Either.Either<AppFailure, never> =>
  Either.left(unexpected(member, expected))

const memberOf = (body: JsonObject, member: string): unknown =>
  Object.hasOwn(body, member) ? (body[member] ?? undefined) : undefined

/** An optional text. A number in place of a text is an error; it is not converted. */
const text = (body: JsonObject, member: string): Reading<string | null> => {
  const value = memberOf(body, member)
  if (value === undefined) return Either.right(null)
  return typeof value === 'string' ? Either.right(value) : malformed(member, 'a text')
}

/** A number that JSON holds exactly, as text. */
const numericText = (value: unknown): string | null =>
  Number.isSafeInteger(value) && Number(value) >= 0 ? String(value) : null

/** An id. Some servers put the resource type before it; the type is removed. */
const id = (
  body: JsonObject,
  member: 'patient' | 'encounter',
  type: string,
  { acceptNumericTexts = false }: ReadingOptions
): Reading<string | null> => {
  const number = acceptNumericTexts ? numericText(memberOf(body, member)) : null
  const value = number === null ? text(body, member) : Either.right(number)
  if (Either.isLeft(value) || value.right === null) return value
  const bare = value.right.startsWith(`${type}/`) ? value.right.slice(type.length + 1) : value.right
  return isFhirId(bare) ? Either.right(bare) : malformed(member, `the id of a resource, without "${type}/"`)
}

const seconds = (body: JsonObject): Reading<number | null> => {
  const value = memberOf(body, 'expires_in')
  if (value === undefined) return Either.right(null)
  const number = typeof value === 'string' && /^[0-9]{1,15}$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) && number >= 0
    ? Either.right(Math.floor(number))
    : malformed('expires_in', 'a number of seconds')
}

const yesOrNo = (body: JsonObject, member: string, { acceptTextBooleans }: ReadingOptions): Reading<boolean | null> => {
  const value = memberOf(body, member)
  if (value === undefined) return Either.right(null)
  if (typeof value === 'boolean') return Either.right(value)
  return acceptTextBooleans && (value === 'true' || value === 'false')
    ? Either.right(value === 'true')
    : malformed(member, 'true or false')
}

/** `fhirContext` entries that are references (2.0.0) or objects (later), in one form. */
const entries = (body: JsonObject): Reading<ReadonlyArray<FhirContextEntry> | null> => {
  const value = memberOf(body, 'fhirContext')
  if (value === undefined) return Either.right(null)
  if (!Array.isArray(value)) return malformed('fhirContext', 'a list')
  const read: Array<FhirContextEntry> = []
  for (const entry of value as ReadonlyArray<unknown>) {
    if (typeof entry === 'string') read.push(ownMembers({ reference: entry }))
    else if (isObject(entry)) read.push(entry)
    else return malformed('fhirContext', 'references, or objects with a reference, canonical or identifier')
  }
  const wrong = read.some((entry) =>
    (['reference', 'canonical', 'type', 'role'] as const).some(
      (name) => entry[name] !== undefined && typeof entry[name] !== 'string'
    )
  )
  return wrong ? malformed('fhirContext', 'texts as reference, canonical, type and role') : Either.right(read)
}

/** The role of an entry: absent means `launch` (from 2.1.0 on). */
export const roleOf = (entry: FhirContextEntry): string => ownMember(entry, 'role') ?? 'launch'

/**
 * The view for an intent: one that the app knows, otherwise the default. Intents are agreed between EHR and app; an
 * unknown one is not an error.
 */
export const intentOf = <Known extends string>(
  context: LaunchContext,
  views: ReadonlyArray<Known>,
  standard: Known
): Known => views.find((view) => view === ownMember(context, 'intent')) ?? standard

const known: ReadonlySet<string> = new Set([
  'access_token',
  'token_type',
  'expires_in',
  'scope',
  'refresh_token',
  'id_token',
  'patient',
  'encounter',
  'fhirContext',
  'need_patient_banner',
  'intent',
  'smart_style_url',
  'tenant',
  '__proto__'
])

/** Members that the guide does not define are collected under their names. */
const extensionsOf = (body: JsonObject): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(body).filter(([name]) => !known.has(name)))

const withoutNulls = (members: Readonly<Record<string, unknown>>): LaunchContext =>
  ownMembers(Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null)))

const contextOf = (body: JsonObject, options: ReadingOptions): Reading<LaunchContext> => {
  const members = {
    patient: id(body, 'patient', 'Patient', options),
    encounter: id(body, 'encounter', 'Encounter', options),
    fhirContext: entries(body),
    need_patient_banner: yesOrNo(body, 'need_patient_banner', options),
    intent: text(body, 'intent'),
    smart_style_url: text(body, 'smart_style_url'),
    tenant: text(body, 'tenant')
  }
  for (const member of Object.values<Reading<unknown>>(members)) if (Either.isLeft(member)) return member
  const extensions = extensionsOf(body)
  return Either.right(
    withoutNulls({
      ...Object.fromEntries(
        Object.entries<Reading<unknown>>(members).map(([name, member]) => [
          name,
          Either.isRight(member) ? member.right : null
        ])
      ),
      extensions: Object.keys(extensions).length === 0 ? null : extensions
    })
  )
}

interface RequiredMembers {
  readonly accessToken: unknown
  readonly tokenType: unknown
}

/** The rules of the required members of a token response (RFC 6749, section 5.1). */
export const tokenResponseRules: ReadonlyArray<Rule<RequiredMembers, AppFailure>> = [
  {
    name: 'access-token-printable',
    check: ({ accessToken }) =>
      typeof accessToken === 'string' && /^[\x21-\x7e]+$/.test(accessToken)
        ? null
        : unexpected('access_token', 'a token of printable characters')
  },
  {
    name: 'token-type-present',
    check: ({ tokenType }) => (typeof tokenType === 'string' ? null : unexpected('token_type', '"Bearer"'))
  },
  {
    name: 'token-type-bearer',
    check: ({ tokenType }) =>
      typeof tokenType !== 'string' || tokenType.toLowerCase() === 'bearer'
        ? null
        : { _tag: 'TokenTypeUnknown', tokenType }
  }
]

const readTokens = (body: JsonObject, options: ReadingOptions): Reading<ReceivedTokens> => {
  const accessToken = memberOf(body, 'access_token')
  const failure = firstRefusal(tokenResponseRules, { accessToken, tokenType: memberOf(body, 'token_type') })
  if (failure !== null) return Either.left(failure)
  const expiresIn = seconds(body)
  const scope = text(body, 'scope')
  const refreshToken = text(body, 'refresh_token')
  const idToken = text(body, 'id_token')
  const context = contextOf(body, options)
  if (Either.isLeft(expiresIn)) return expiresIn
  if (Either.isLeft(scope)) return scope
  if (Either.isLeft(refreshToken)) return refreshToken
  if (Either.isLeft(idToken)) return idToken
  return Either.isLeft(context)
    ? context
    : Either.right({
        accessToken: textOf(accessToken),
        expiresIn: expiresIn.right,
        scope: scope.right,
        refreshToken: refreshToken.right === '' ? null : refreshToken.right,
        idToken: idToken.right,
        context: context.right
      })
}

/** What an OperationOutcome says first; null when the document is none or says nothing. */
const outcomeText = (document: JsonObject): string | null => {
  const issues = memberOf(document, 'issue')
  const first: unknown = Array.isArray(issues) ? issues[0] : undefined
  if (memberOf(document, 'resourceType') !== 'OperationOutcome' || !isObject(first)) return null
  const details = memberOf(first, 'details')
  const said = memberOf(first, 'diagnostics') ?? (isObject(details) ? memberOf(details, 'text') : null)
  return typeof said === 'string' ? said : null
}

/**
 * The refusal of a token endpoint: its OAuth error, or what its OperationOutcome says. Any other response (an HTML
 * page) gives only the status. A server that is busy for now has a failure of its own.
 */
export const refusalOfToken = (response: PlainResponse, now: EpochSeconds): AppFailure => {
  const { status, body } = response
  const document = Option.toNullable(readJsonObject(body)) ?? noMembers
  const error = memberOf(document, 'error')
  if (isBusy(response)) return { _tag: 'ServerBusy', status, retryAfterSeconds: retryAfterOf(response, now) }
  const description = memberOf(document, 'error_description') ?? outcomeText(document)
  return {
    _tag: 'TokenRefused',
    status,
    error: typeof error === 'string' ? error : null,
    description: typeof description === 'string' ? description : null
  }
}

const isError = (document: JsonObject): boolean =>
  typeof memberOf(document, 'error') === 'string' || memberOf(document, 'resourceType') === 'OperationOutcome'

/**
 * Reads a response of the token endpoint. `now` is needed for a `Retry-After` that is a date.
 
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { readTokenResponse } from './token-response.js'
 *
 * const body = JSON.stringify({ access_token: 'a', token_type: 'bearer', patient: 'Patient/456' })
 * const read = readTokenResponse(
 *   { status: 200, headers: {}, body },
 *   { acceptTextBooleans: false }
 * )
 * Either.isRight(read) ? [read.right.context.patient, read.right.expiresIn, read.right.scope] : read.left
 * // => ['456', null, null]
 * ```
 */
export const readTokenResponse = (
  response: PlainResponse,
  options: ReadingOptions,
  now: EpochSeconds = 0
): Reading<ReceivedTokens> => {
  if (response.status < 200 || response.status > 299) return Either.left(refusalOfToken(response, now))
  const body = readJsonObject(response.body)
  if (Option.isNone(body)) return malformed('', 'a JSON object')
  // Some servers send an error with the status 200.
  const isRefusal = memberOf(body.value, 'access_token') === undefined && isError(body.value)
  return isRefusal ? Either.left(refusalOfToken(response, now)) : readTokens(body.value, options)
}
