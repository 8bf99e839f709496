/**
 * What a misbehavior of the EHR is: a row with pure changes of responses, and the places at which they act.
 *
 * The responses are made by the server as always and changed afterwards, so that everything else about them is right,
 * and an app can fail only because of the misbehavior.
 */
import * as Option from 'fp-ts/lib/Option.js'
import type { AppFailureTag } from '../../protocol/app/failure-type.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { headerOf, json } from '../../protocol/http/message.js'
import { readAssertion } from '../../protocol/jwt/jwt.js'
import * as Either from 'fp-ts/lib/Either.js'
import { parseJson, textOf } from '../../values/json.js'
import { isObject } from '../../values/object.js'
import { ownMembers } from '../../values/own.js'
import { below, hasScheme, pathOf } from '../../values/urls.js'

/** The addresses of a server that misbehaves. */
export interface MisbehaviorFacts {
  /** The issuer, below which its endpoints are. */
  readonly issuer: string
  readonly fhirBaseUrl: string
  /** The issuer and the FHIR base URL of the simulator itself: an honest server of the same EHR. */
  readonly honest: { readonly issuer: string; readonly fhirBaseUrl: string }
  /** An origin that has nothing to do with the EHR. */
  readonly foreignOrigin: string
}

/** Where a change acts, in the order of a launch. */
export const places = [
  'ehr-launch',
  'smart-configuration',
  'openid-configuration',
  'authorization-request',
  'authorization-response',
  'token-response',
  'refresh-response',
  'service-response',
  'keys',
  'fhir-response'
] as const

/** A place at which a change acts. */
export type MisbehaviorPlace = (typeof places)[number]

/** How an id_token is signed: with the key of the server, with another key, or not at all. */
export type Signer = 'server' | 'otherKey' | 'none'

/** A changed response, and what must be done before it is sent. */
export type ChangedResponse =
  | { readonly _tag: 'Answer'; readonly response: PlainResponse }
  /** Sends the response after this many milliseconds. */
  | { readonly _tag: 'Wait'; readonly response: PlainResponse; readonly milliseconds: number }
  /** Puts an id_token with these claims into the token response. */
  | {
      readonly _tag: 'Sign'
      readonly response: PlainResponse
      readonly claims: Readonly<Record<string, unknown>>
      /** The header of the original id_token. */
      readonly header: Readonly<Record<string, unknown>>
      readonly by: Signer
      /** Whether `at_hash` is made for the access token of the changed response. */
      readonly isHashNew: boolean
    }
  /** Every other response is as the server made it: an app that looks again finds it. */
  | { readonly _tag: 'FirstOfTwo'; readonly changed: PlainResponse; readonly response: PlainResponse }

/** Changes a response. `request` is the request that it answers. */
export type ChangeResponse = (
  facts: MisbehaviorFacts,
  response: PlainResponse,
  request: PlainRequest
) => ChangedResponse

/** How the app of this package ends: by a failure, with the member or claim that it names; or unharmed. */
export type OwnOutcome = { readonly failure: AppFailureTag; readonly detail?: string } | { readonly unharmed: Unharmed }

/** What an app shows that is not harmed: `nothing` is a session like any other. */
export type Unharmed =
  'noResponse' | 'fewerScopes' | 'moreScopes' | 'noPatient' | 'tokenRefused' | 'busy' | 'tokenKept' | 'nothing'

/** A misbehavior of the EHR: one row of the table. */
export interface Misbehavior {
  /** Its name in settings. */
  readonly name: string
  /** What the EHR does. */
  readonly does: string
  /** What a correct app does. */
  readonly expected: string
  /** How the app of this package ends. */
  readonly outcome: OwnOutcome
  /** Where the expectation comes from: as in `policy.ts`. */
  readonly sources: ReadonlyArray<string>
  readonly changes: Readonly<Partial<Record<MisbehaviorPlace, ChangeResponse>>>
  /** The access token of the server, in place of which an app got the one of this request; null for any other one. */
  readonly tokenBehind?: (request: PlainRequest) => string | null
}

const grantTypeOf = ({ body }: PlainRequest): string | undefined => /(?:^|&)grant_type=([a-z_]+)(?:&|$)/.exec(body)?.[1]

/** The header field `location`; null when there is none. */
export const redirectLocation = (response: PlainResponse): string | null => {
  const location = headerOf(response, 'location')
  return typeof location === 'string' ? location : null
}

/** The pairs of a query, as they are written. */
const pairsOf = (url: string): ReadonlyArray<string> => url.split('?').slice(1).join('?').split('&')

const nameOf = (pair: string): string => pair.split('=')[0] ?? ''

/** Whether a redirect brings the result of an authorization to an app. */
const isAuthorizationResponse = ({ issuer }: MisbehaviorFacts, response: PlainResponse): boolean => {
  const location = redirectLocation(response)
  if (location === null || !hasScheme(location) || location.startsWith(`${issuer}/`)) return false
  return pairsOf(location).some((pair) => /^(?:code|error)=/.test(pair))
}

/** The places to which a response belongs. */
export const placesOf = (
  facts: MisbehaviorFacts,
  { path, ...request }: PlainRequest,
  response: PlainResponse
): ReadonlyArray<MisbehaviorPlace> => {
  const at = (suffix: string): boolean => path === pathOf(below(facts.issuer, suffix))
  const fhirPath = pathOf(facts.fhirBaseUrl)
  const here: Readonly<Record<MisbehaviorPlace, boolean>> = {
    'ehr-launch': at('ehr/launch') && redirectLocation(response) !== null,
    'smart-configuration': path === `${fhirPath}/.well-known/smart-configuration`,
    'openid-configuration':
      at('.well-known/openid-configuration') || path === `${fhirPath}/.well-known/openid-configuration`,
    'authorization-request': at('authorize'),
    'authorization-response': isAuthorizationResponse(facts, response),
    'token-response': at('token') && grantTypeOf({ ...request, path }) === 'authorization_code',
    'refresh-response': at('token') && grantTypeOf({ ...request, path }) === 'refresh_token',
    'service-response': at('token') && grantTypeOf({ ...request, path }) === 'client_credentials',
    keys: at('jwks'),
    'fhir-response':
      path.startsWith(`${fhirPath}/`) && !/^\/(?:\.well-known\/|metadata(?:$|\/))/.test(path.slice(fhirPath.length))
  }
  return places.filter((place) => here[place])
}

/** The response as it is. */
export const answer = (response: PlainResponse): ChangedResponse => ({ _tag: 'Answer', response })

/** The JSON object in a response; null when it has none. */
export const jsonObjectIn = ({ body }: PlainResponse): Readonly<Record<string, unknown>> | null => {
  const value = Option.toNullable(parseJson(body))
  return isObject(value) ? value : null
}

/** The response with other members in its JSON object; `undefined` removes one. Other responses stay as they are. */
export const withMembers = (response: PlainResponse, members: Readonly<Record<string, unknown>>): PlainResponse => {
  const object = jsonObjectIn(response)
  return object === null || response.status !== 200
    ? response
    : { ...response, body: JSON.stringify({ ...object, ...members }) }
}

/** What browsers need to give a response to the app (CORS). */
const sharingOf = ({ headers }: PlainResponse): PlainResponse['headers'] =>
  ownMembers(Object.fromEntries(Object.entries(headers).filter(([name]) => /^access-control-|^vary$/.test(name))))

/** A response in place of another one. */
export const inPlaceOf = (
  before: PlainResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body = ''
): PlainResponse => ({ status, headers: { ...sharingOf(before), 'cache-control': 'no-store', ...headers }, body })

/** JSON in place of a response. */
export const jsonInPlaceOf = (
  before: PlainResponse,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {}
): PlainResponse => {
  const made = json(status, value, headers)
  return { ...made, headers: { ...sharingOf(before), ...made.headers } }
}

/** Sends the client elsewhere, with the same method and body (RFC 9110, section 15.4.8). */
export const sentElsewhere = (
  { foreignOrigin }: MisbehaviorFacts,
  response: PlainResponse,
  path: string
): ChangedResponse => answer(inPlaceOf(response, 307, { location: `${foreignOrigin}/elsewhere/${path}` }))

/** A value of a query; null when it is not there. */
export const queryValue = (url: string, name: string): string | null =>
  pairsOf(url)
    .find((pair) => nameOf(pair) === name)
    ?.slice(name.length + 1) ?? null

/** A URL with another query: the values are written as given; null removes, a list repeats. Others stay as written. */
export const withQuery = (
  url: string,
  change: Readonly<Record<string, string | null | ReadonlyArray<string>>>
): string => {
  const kept = pairsOf(url).filter((pair) => !Object.hasOwn(change, nameOf(pair)))
  const added = Object.entries(change).flatMap(([name, value]) =>
    (value === null ? [] : typeof value === 'string' ? [value] : value).map((one) => `${name}=${one}`)
  )
  return `${url.split('?')[0] ?? ''}?${[...kept, ...added].join('&')}`
}

/** The redirect to the app with another query. */
export const redirectWith =
  (change: (location: string, facts: MisbehaviorFacts) => Parameters<typeof withQuery>[1]): ChangeResponse =>
  (facts, response) => {
    const location = redirectLocation(response)
    if (location === null) return answer(response)
    return answer({
      ...response,
      headers: { ...response.headers, location: withQuery(location, change(location, facts)) }
    })
  }

/** The token response with an id_token of other claims. */
export const idTokenWith =
  (
    claims: (before: Readonly<Record<string, unknown>>, facts: MisbehaviorFacts) => Readonly<Record<string, unknown>>,
    by: Signer = 'server'
  ): ChangeResponse =>
  (facts, response) => {
    const text = jsonObjectIn(response)?.['id_token']
    const read = typeof text === 'string' ? readAssertion(text) : null
    return read === null || Either.isLeft(read)
      ? answer(response)
      : {
          _tag: 'Sign',
          response,
          claims: ownMembers({ ...read.right.claims, ...claims(read.right.claims, facts) }),
          header: read.right.header,
          by,
          isHashNew: false
        }
  }

/** The token response with another access token, made of that of the server, and an id_token that fits it. */
export const accessTokenWith =
  (accessToken: (before: string) => string): ChangeResponse =>
  (facts, response, request) => {
    const before = textOf(jsonObjectIn(response)?.['access_token'])
    const other = withMembers(response, { access_token: accessToken(before) })
    const change = idTokenWith(() => ({}))(facts, other, request)
    return change._tag === 'Sign' ? { ...change, isHashNew: true } : change
  }
