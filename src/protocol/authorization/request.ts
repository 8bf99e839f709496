/**
 * The authorization request: its parameters, and the responses that go back to the app by redirect.
 *
 * Source: app-launch, "Obtain authorization code"; RFC 6749, sections 4.1.1 and 4.1.2; RFC 9207.
 *
 * @module
 */
import type { Parameters } from '../http/form.js'
import { valueOf } from '../http/form.js'
import type { PlainResponse } from '../http/message.js'
import { seeOther } from '../http/message.js'
import type { Refusal } from '../errors/refusal.js'
import { refusalParameters } from '../errors/refusal-table.js'
import { withParameters } from '../../values/urls.js'
import type { RedirectTarget } from '../http/redirect-target.js'

/** The parameters that the toolkit reads. All others are ignored (RFC 6749, section 3.1). */
export const authorizationParameterNames = [
  'client_id',
  'redirect_uri',
  'response_type',
  'response_mode',
  'scope',
  'state',
  'aud',
  'launch',
  'code_challenge',
  'code_challenge_method',
  'nonce',
  'prompt',
  'max_age',
  'request',
  'request_uri',
  'registration',
  // The last one: only it may be repeated (RFC 8707, section 2), so the repetition of another parameter is found first.
  'resource'
] as const

/** An authorization request as received: every parameter may be missing. */
export type AuthorizationRequest = Readonly<Record<(typeof authorizationParameterNames)[number], string | null>>

/** Reads the known parameters from a form. */
export const readAuthorizationRequest = (parameters: Parameters): AuthorizationRequest => ({
  client_id: valueOf(parameters, 'client_id'),
  redirect_uri: valueOf(parameters, 'redirect_uri'),
  response_type: valueOf(parameters, 'response_type'),
  response_mode: valueOf(parameters, 'response_mode'),
  scope: valueOf(parameters, 'scope'),
  state: valueOf(parameters, 'state'),
  aud: valueOf(parameters, 'aud'),
  launch: valueOf(parameters, 'launch'),
  code_challenge: valueOf(parameters, 'code_challenge'),
  code_challenge_method: valueOf(parameters, 'code_challenge_method'),
  nonce: valueOf(parameters, 'nonce'),
  request: valueOf(parameters, 'request'),
  request_uri: valueOf(parameters, 'request_uri'),
  registration: valueOf(parameters, 'registration'),
  prompt: valueOf(parameters, 'prompt'),
  max_age: valueOf(parameters, 'max_age'),
  resource: valueOf(parameters, 'resource')
})

const redirect = (
  target: RedirectTarget,
  issuer: string | null,
  parameters: ReadonlyArray<readonly [string, string]>
): PlainResponse =>
  seeOther(
    withParameters(target.redirectUri, [
      ...parameters,
      ...(target.state === null ? [] : [['state', target.state] as const]),
      ...(issuer === null ? [] : [['iss', issuer] as const])
    ])
  )

/** The redirect that gives a code to the app, with the unchanged `state` and `iss` (RFC 9207; null omits it). */
export const codeRedirect = (target: RedirectTarget, issuer: string | null, code: string): PlainResponse =>
  redirect(target, issuer, [['code', code]])

/** The redirect that reports a refusal to the app. */
export const refusalRedirect = (target: RedirectTarget, issuer: string | null, refusal: Refusal): PlainResponse =>
  redirect(target, issuer, refusalParameters(refusal))
