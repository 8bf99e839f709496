/**
 * The token request and the token response.
 *
 * Source: app-launch, "Obtain access token" and "Refresh access token"; RFC 6749, sections 4.1.3, 5.1 and 6.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { Rule } from '../machine/rules.js'
import { firstRefusal } from '../machine/rules.js'
import type { FormReadingError, Parameters } from '../http/form.js'
import { readForm, repeated, valueOf } from '../http/form.js'
import { isForm } from '../http/media-type.js'
import type { PlainRequest, PlainResponse } from '../http/message.js'
import { json } from '../http/message.js'
import type { LaunchContext } from '../launch/launch-context.js'
import { contextMembers } from '../launch/launch-context.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { Refusal } from '../errors/refusal.js'

/** The parameters that the token endpoint reads. All others are ignored. */
const tokenParameters = [
  'grant_type',
  'code',
  'redirect_uri',
  'code_verifier',
  'refresh_token',
  'scope',
  'resource',
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type'
] as const

/** A token request, by grant type. */
export type TokenRequest =
  | {
      readonly _tag: 'CodeExchange'
      readonly code: string
      readonly redirectUri: string
      /** Null when the request has none; the grant decides whether that is allowed. */
      readonly codeVerifier: string | null
      /** The server for which tokens are requested (`resource` or `aud`); null when the request has neither. */
      readonly target: string | null
    }
  | {
      readonly _tag: 'Refresh'
      readonly refreshToken: string
      readonly scope: string | null
      /** The server for which a token is requested (`resource`); null when the request has none. */
      readonly target: string | null
    }
  | {
      readonly _tag: 'ClientCredentials'
      readonly scope: string | null
      /** The server for which a token is requested (`resource`); null when the request has none. */
      readonly target: string | null
    }

/** The rules of a request that posts a form. */
export const postRules: ReadonlyArray<Rule<PlainRequest, Refusal>> = [
  {
    name: 'method-is-post',
    check: ({ method }) => (method === 'POST' ? null : { _tag: 'MethodNotAllowed', allowed: 'POST' })
  },
  { name: 'body-is-form', check: (request) => (isForm(request) ? null : { _tag: 'BodyNotForm' }) }
]

interface PostedForm {
  /** The parameters that the endpoint reads. */
  readonly names: ReadonlyArray<string>
  readonly query: Either.Either<FormReadingError, Parameters>
  readonly body: Either.Either<FormReadingError, Parameters>
}

/** The rules of the parameters in a posted form. */
export const postedFormRules: ReadonlyArray<Rule<PostedForm, Refusal>> = [
  {
    // If the query cannot be decoded, it may contain one of these parameters.
    name: 'query-readable',
    check: ({ query }) => (Either.isLeft(query) ? { _tag: 'ParametersUnreadable', pair: query.left.pair } : null)
  },
  {
    name: 'no-parameter-in-query',
    check: ({ names, query }) =>
      Either.isRight(query) && names.some((name) => query.right.has(name)) ? { _tag: 'CredentialsInAddress' } : null
  },
  {
    name: 'body-readable',
    check: ({ body }) => (Either.isLeft(body) ? { _tag: 'ParametersUnreadable', pair: body.left.pair } : null)
  },
  {
    name: 'no-repeated-parameter',
    check: ({ names, body }: PostedForm): Refusal | null => {
      const name = Either.isRight(body) ? repeated(body.right, names) : null
      return name === null ? null : { _tag: 'ParameterRepeated', name }
    }
  }
]

const noParameters: Parameters = new Map()

/** Reads the body of a posted form. None of these parameters may be repeated, and none may be in the query. */
export const readPostedForm =
  (names: ReadonlyArray<string>) =>
  (request: PlainRequest): Either.Either<Refusal, Parameters> => {
    const unposted = firstRefusal(postRules, request)
    if (unposted !== null) return Either.left(unposted)
    const body = readForm(request.body)
    const refusal = firstRefusal(postedFormRules, { names, query: readForm(request.query), body })
    if (refusal !== null) return Either.left(refusal)
    return Either.right(Either.isRight(body) ? body.right : noParameters)
  }

/** Reads the body of a request to the token endpoint, for all grant types. */
export const readTokenParameters = readPostedForm(tokenParameters)

interface CodeExchangeParameters {
  readonly code: string | null
  readonly redirectUri: string | null
  readonly codeVerifier: string | null
}

/** The rules of the parameters of a code exchange. */
export const codeExchangeRules: ReadonlyArray<Rule<CodeExchangeParameters, Refusal>> = [
  { name: 'code-present', check: ({ code }) => (code === null ? { _tag: 'CodeMissing' } : null) },
  {
    name: 'redirect-uri-present',
    check: ({ redirectUri }) => (redirectUri === null ? { _tag: 'RedirectUriNotRepeated' } : null)
  },
  {
    name: 'verifier-well-formed',
    check: ({ codeVerifier }) =>
      codeVerifier !== null && !/^[A-Za-z0-9._~-]{43,128}$/.test(codeVerifier)
        ? { _tag: 'CodeVerifierMalformed' }
        : null
  }
]

const readCodeExchange = (parameters: Parameters): Either.Either<Refusal, TokenRequest> => {
  const code = valueOf(parameters, 'code')
  const redirectUri = valueOf(parameters, 'redirect_uri')
  const codeVerifier = valueOf(parameters, 'code_verifier')
  const refusal = firstRefusal(codeExchangeRules, { code, redirectUri, codeVerifier })
  if (refusal !== null) return Either.left(refusal)
  const target = valueOf(parameters, 'resource') ?? valueOf(parameters, 'aud')
  return Either.right({
    _tag: 'CodeExchange',
    code: code ?? '',
    redirectUri: redirectUri ?? '',
    codeVerifier,
    target
  })
}

/** The rules of the parameters of a refresh. */
export const refreshParameterRules: ReadonlyArray<Rule<{ readonly refreshToken: string | null }, Refusal>> = [
  {
    name: 'refresh-token-present',
    check: ({ refreshToken }) => (refreshToken === null ? { _tag: 'RefreshTokenMissing' } : null)
  }
]

const readRefresh = (parameters: Parameters): Either.Either<Refusal, TokenRequest> => {
  const refreshToken = valueOf(parameters, 'refresh_token')
  const refusal = firstRefusal(refreshParameterRules, { refreshToken })
  return refusal === null
    ? Either.right({
        _tag: 'Refresh',
        refreshToken: refreshToken ?? '',
        scope: valueOf(parameters, 'scope'),
        target: valueOf(parameters, 'resource')
      })
    : Either.left(refusal)
}

const readClientCredentials = (parameters: Parameters): Either.Either<Refusal, TokenRequest> =>
  Either.right({
    _tag: 'ClientCredentials',
    scope: valueOf(parameters, 'scope'),
    target: valueOf(parameters, 'resource')
  })

/** The reader of each grant type. */
const readers: ReadonlyMap<string | null, (parameters: Parameters) => Either.Either<Refusal, TokenRequest>> = new Map([
  ['authorization_code', readCodeExchange],
  ['refresh_token', readRefresh],
  ['client_credentials', readClientCredentials]
])

/** The rules of the parameter `grant_type`. */
export const grantTypeParameterRules: ReadonlyArray<Rule<{ readonly grantType: string | null }, Refusal>> = [
  {
    name: 'grant-type-present',
    check: ({ grantType }) => (grantType === null ? { _tag: 'GrantTypeMissing' } : null)
  },
  {
    name: 'grant-type-known',
    check: ({ grantType }) =>
      grantType === null || readers.has(grantType) ? null : { _tag: 'GrantTypeNotSupported', grantType }
  }
]

/** The token request in the parameters. */
export const readTokenRequest = (parameters: Parameters): Either.Either<Refusal, TokenRequest> => {
  const grantType = valueOf(parameters, 'grant_type')
  const refusal = firstRefusal(grantTypeParameterRules, { grantType })
  const read = readers.get(grantType)
  return read === undefined ? Either.left(refusal ?? { _tag: 'GrantTypeMissing' }) : read(parameters)
}

/** A successful token response. */
export interface TokenResponse {
  readonly accessToken: string
  /** The lifetime in seconds. */
  readonly expiresIn: number
  readonly scope: string
  readonly refreshToken: string | null
  readonly idToken: string | null
  readonly context: LaunchContext
}

/**
 * The JSON of a token response: the launch context is placed beside the tokens, in the form of the release. Extensions
 * never replace a member of the protocol.
 */
export const tokenResponseJson = (
  specVersion: SmartPolicy['specVersion'],
  response: TokenResponse,
  context: LaunchContext = response.context
): PlainResponse =>
  json(200, {
    ...contextMembers(specVersion, context),
    access_token: response.accessToken,
    token_type: 'Bearer',
    expires_in: response.expiresIn,
    scope: response.scope,
    // Undefined members are omitted.
    refresh_token: response.refreshToken ?? undefined,
    id_token: response.idToken ?? undefined
  })
