/**
 * The token request and the token response.
 *
 * Source: app-launch, "Obtain access token" and "Refresh access token"; RFC 6749, sections 4.1.3, 5.1 and 6.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { Parameters } from '../http/form.js'
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

/** Reads the body of a posted form. None of these parameters may be repeated, and none may be in the query. */
export const readPostedForm =
  (names: ReadonlyArray<string>) =>
  (request: PlainRequest): Either.Either<Refusal, Parameters> => {
    if (request.method !== 'POST') return Either.left({ _tag: 'MethodNotAllowed', allowed: 'POST' })
    if (!isForm(request)) return Either.left({ _tag: 'BodyNotForm' })
    const inAddress = readForm(request.query)
    // If the query cannot be decoded, it may contain one of these parameters.
    if (Either.isLeft(inAddress)) return Either.left({ _tag: 'ParametersUnreadable', pair: inAddress.left.pair })
    if (inAddress.right.size > 0 && names.some((name) => inAddress.right.has(name)))
      return Either.left({ _tag: 'CredentialsInAddress' })
    const parameters = readForm(request.body)
    if (Either.isLeft(parameters)) return Either.left({ _tag: 'ParametersUnreadable', pair: parameters.left.pair })
    const name = repeated(parameters.right, names)
    return name === null ? Either.right(parameters.right) : Either.left({ _tag: 'ParameterRepeated', name })
  }

/** Reads the body of a request to the token endpoint, for all grant types. */
export const readTokenParameters = readPostedForm(tokenParameters)

const readCodeExchange = (parameters: Parameters): Either.Either<Refusal, TokenRequest> => {
  const code = valueOf(parameters, 'code')
  const redirectUri = valueOf(parameters, 'redirect_uri')
  const codeVerifier = valueOf(parameters, 'code_verifier')
  if (code === null) return Either.left({ _tag: 'CodeMissing' })
  if (redirectUri === null) return Either.left({ _tag: 'RedirectUriNotRepeated' })
  if (codeVerifier !== null && !/^[A-Za-z0-9._~-]{43,128}$/.test(codeVerifier))
    return Either.left({ _tag: 'CodeVerifierMalformed' })
  const target = valueOf(parameters, 'resource') ?? valueOf(parameters, 'aud')
  return Either.right({ _tag: 'CodeExchange', code, redirectUri, codeVerifier, target })
}

/** The token request in the parameters. */
export const readTokenRequest = (parameters: Parameters): Either.Either<Refusal, TokenRequest> => {
  const grantType = valueOf(parameters, 'grant_type')
  switch (grantType) {
    case null:
      return Either.left({ _tag: 'GrantTypeMissing' })
    case 'authorization_code':
      return readCodeExchange(parameters)
    case 'refresh_token': {
      const refreshToken = valueOf(parameters, 'refresh_token')
      return refreshToken === null
        ? Either.left({ _tag: 'RefreshTokenMissing' })
        : Either.right({
            _tag: 'Refresh',
            refreshToken,
            scope: valueOf(parameters, 'scope'),
            target: valueOf(parameters, 'resource')
          })
    }
    case 'client_credentials':
      return Either.right({
        _tag: 'ClientCredentials',
        scope: valueOf(parameters, 'scope'),
        target: valueOf(parameters, 'resource')
      })
    default:
      return Either.left({ _tag: 'GrantTypeNotSupported', grantType })
  }
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
