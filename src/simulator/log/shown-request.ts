/**
 * A request as the log shows it: method, path and parameters. Values are shown only of parameters that are known to
 * hold no secret; every other value is left out, and so is each text in which a secret of the request is repeated.
 * A request with more secrets than the log shows parameters shows no text at all, so that the work is bounded.
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { withoutSettings } from './line-server.js'
import type { TokenForm } from './token-form.js'
import { bearerFormOf, tokenFormOf } from './token-form.js'
import { pageParameter } from '../../protocol/access/search/query.js'
import { readForm } from '../../protocol/http/form.js'
import { isForm } from '../../protocol/http/media-type.js'
import type { PlainRequest } from '../../protocol/http/message.js'
import { headerOf } from '../../protocol/http/message.js'
import { readAssertion } from '../../protocol/jwt/jwt.js'
import { parseJson } from '../../values/json.js'
import { limits } from '../../values/limits/limits.js'
import { isObject } from '../../values/object.js'
import { ownMember } from '../../values/own.js'
import { shown } from '../../values/shown-text.js'

/** A parameter of a request; `value` is null if it is hidden. */
export interface ShownParameter {
  readonly place: 'header' | 'query' | 'form' | 'body'
  readonly name: string
  readonly value: string | null
}

/** A request without its secrets. Its texts are limited in length and are safe to display. */
export interface ShownRequest {
  readonly method: string
  readonly path: string
  readonly parameters: ReadonlyArray<ShownParameter>
  /** How many parameters are left out, because there are too many. */
  readonly leftOut: number
  /** Members of the client assertion, which are no secrets without its signature; empty if there is none. */
  readonly assertion: ReadonlyArray<readonly [name: string, value: string]>
  /** The form of the token or code that is presented; null if there is none. */
  readonly tokenForm: TokenForm | null
}

/** The parameters of OAuth and of registration that hold no secret. */
const openNames: ReadonlySet<string> = new Set([
  'application_type',
  'aud',
  'client_assertion_type',
  'client_id',
  'client_name',
  'code_challenge_method',
  'decision',
  'display',
  'error',
  'grant_type',
  'grant_types',
  'iss',
  'jwks_uri',
  'launch_uri',
  'launch_uris',
  'max_age',
  'method',
  'need',
  'prompt',
  'redirect_uri',
  'redirect_uris',
  'resource',
  'response_mode',
  'response_type',
  'response_types',
  'scope',
  'token_endpoint_auth_method',
  'token_type_hint'
])

/** The parameters of a FHIR address that can hold a secret; all others are part of the address. */
const isSecretInFhir = (name: string): boolean =>
  name === pageParameter || /token|secret|assertion|verifier|password|credential/i.test(name)

interface Found {
  readonly place: ShownParameter['place']
  readonly name: string
  readonly text: string
  readonly isOpen: boolean
}

const inForm = (place: 'query' | 'form', text: string, isOpen: (name: string) => boolean): ReadonlyArray<Found> => {
  const form = readForm(text)
  if (Either.isLeft(form)) return [{ place, name: '(unreadable)', text, isOpen: false }]
  return [...form.right].flatMap(([name, values]) =>
    values.map((value) => ({ place, name, text: value, isOpen: isOpen(name) }))
  )
}

const inJson = (body: string): ReadonlyArray<Found> => {
  const parsed = Option.toNullable(parseJson(body))
  if (!isObject(parsed)) return []
  return Object.entries(parsed).map(([name, value]) => ({
    place: 'body',
    name,
    text: typeof value === 'string' ? value : JSON.stringify(value),
    isOpen: openNames.has(name)
  }))
}

/** The scheme of the credentials is shown, and never the credentials. */
const credentials = (request: PlainRequest): ReadonlyArray<Found> => {
  const text = headerOf(request, 'authorization')
  return text === undefined ? [] : [{ place: 'header', name: 'authorization', text, isOpen: false }]
}

/** The members of an assertion that tell why it is refused (RFC 7523, section 3; client-confidential-asymmetric). */
const assertionMembers = {
  header: ['alg', 'typ', 'kid', 'jku', 'crit'],
  claims: ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti']
} as const

/** The members of the client assertion of a request, as texts. */
const assertionIn = (found: ReadonlyArray<Found>): ReadonlyArray<readonly [name: string, value: string]> => {
  const sent = found.find(({ name, place }) => place === 'form' && name === 'client_assertion')
  const read = sent === undefined ? null : readAssertion(sent.text)
  if (read === null || Either.isLeft(read)) return []
  const { claims, header } = read.right
  const members = [
    ...assertionMembers.header.map((name) => [name, ownMember(header, name)] as const),
    ...assertionMembers.claims.map((name) => [name, ownMember(claims, name)] as const)
  ]
  return members.flatMap(([name, value]) =>
    value === undefined ? [] : [[name, typeof value === 'string' ? value : JSON.stringify(value)] as const]
  )
}

/** The parameters of the token endpoint that hold a code or token. */
const presentedNames: ReadonlySet<string> = new Set(['code', 'refresh_token'])

/** The form of the token or code that a request presents. */
const presentedForm = (found: ReadonlyArray<Found>, isFhir: boolean): TokenForm | null => {
  const header = found.find(({ place }) => place === 'header')
  if (isFhir) return header === undefined ? null : bearerFormOf(header.text)
  const sent = found.find(({ name, place }) => place === 'form' && presentedNames.has(name))
  return sent === undefined ? null : tokenFormOf(sent.text)
}

/** Texts of at least this length are looked for elsewhere in the request; a shorter one is no secret. */
const shortestSecret = 6

/** The password of Basic authentication; nothing for other credentials. */
const basicPassword = (credential: string): ReadonlyArray<string> => {
  if (!/^[A-Za-z0-9+/]+=*$/.test(credential)) return []
  const text = Buffer.from(credential, 'base64').toString('utf8')
  return text.includes(':') ? [text.slice(text.indexOf(':') + 1)] : []
}

/** The secrets of a request: values that are not shown, the credentials, and the cookies. */
const secretsOf = (request: PlainRequest, found: ReadonlyArray<Found>): ReadonlyArray<string> => {
  const cookies = (headerOf(request, 'cookie') ?? '').split(';').map((pair) => pair.slice(pair.indexOf('=') + 1).trim())
  const hidden = found.filter(({ isOpen }) => !isOpen).map(({ text }) => text)
  const bearer = (headerOf(request, 'authorization') ?? '').split(' ').slice(1).join(' ').trim()
  return [...hidden, bearer, ...basicPassword(bearer), ...cookies].filter((one) => one.length >= shortestSecret)
}

/** A text of the characters of base64url and dots. */
const dotted = /[A-Za-z0-9_.-]+/g

const shortestToken = 60

/** Whether a text has three or more parts with dots between them: a JWT, or a code or token of this server. */
const isToken = (text: string): boolean =>
  text.length >= shortestToken && text.split('.').filter((part) => part !== '').length > 2

/** The text in place of a secret. */
export const hiddenText = 'hidden'

/** Hides what looks like a token, launch settings, and every secret that is known. */
export const withoutSecrets =
  (secrets: ReadonlyArray<string>) =>
  (text: string): string => {
    let left = text
    for (const secret of secrets) {
      for (const spelling of new Set([secret, encodeURIComponent(secret.toWellFormed())]))
        left = left.replaceAll(spelling, hiddenText)
    }
    return withoutSettings(left.replaceAll(dotted, (part) => (isToken(part) ? hiddenText : part)))
  }

/** The address of a conversation with a user contains the id of its grant, of which only the beginning is shown. */
const withShortGrant = (path: string): string =>
  path.replace(/(\/interaction\/[^/]{1,8})[^/]*/, (_all, start: string) => `${start}...`)

/** A request as the log shows it, and the function that hides its secrets, and known ones, in other texts. */
export const shownRequest = (
  request: PlainRequest,
  isFhir: boolean,
  knownSecrets: ReadonlyArray<string> = []
): { readonly request: ShownRequest; readonly hide: (text: string) => string } => {
  const found = [
    ...credentials(request),
    ...inForm('query', request.query, (name) => (isFhir ? !isSecretInFhir(name) : openNames.has(name))),
    // The form of a FHIR search holds what is searched for, so that it stands in no log.
    ...(isForm(request) ? inForm('form', request.body, (name) => !isFhir && openNames.has(name)) : []),
    ...(isForm(request) || isFhir ? [] : inJson(request.body))
  ]
  const secrets = [...new Set([...knownSecrets, ...secretsOf(request, found)])]
  const hide = secrets.length > limits.simulatorLogParameters.default ? () => hiddenText : withoutSecrets(secrets)
  const fit = (text: string): string => shown(hide(text), limits.shownDetail.default)
  const kept = found.slice(0, limits.simulatorLogParameters.default)
  return {
    hide,
    request: {
      method: fit(request.method),
      path: fit(withShortGrant(request.path)),
      parameters: kept.map(({ place, name, text, isOpen }) => ({
        place,
        name: fit(name),
        value: isOpen ? fit(text) : null
      })),
      leftOut: found.length - kept.length,
      assertion: assertionIn(found).map(([name, value]) => [name, fit(value)] as const),
      tokenForm: presentedForm(found, isFhir)
    }
  }
}
