/** The ways in which the mock server errs, and the failure to which each must lead. */
import type { MutableResponse } from 'oauth2-mock-server'
import type { Misbehavior } from './mock-server.js'
import type { AppFailureTag } from '../../../src/protocol/app/failure.js'
import type { ServerTolerances, ToleranceName } from '../../../src/protocol/app/trust/tolerances.js'

/** One way to err. */
export interface ErrorVariant {
  readonly title: string
  readonly how: Misbehavior
  /** The failure of a launch; null where nothing is wrong. */
  readonly failure: AppFailureTag | null
  /** The tolerance that the advice names, and with which the launch opens. */
  readonly setting?: ToleranceName
}

/** The tolerances that the variants need. */
export const neededTolerances: ServerTolerances = {
  issuerAliases: ['https://alias.example'],
  trustedAudiences: ['https://identity.example'],
  nonceNotEchoed: true,
  numericTexts: true,
  textNumbers: true,
  tlsInsteadOfSignature: true
}

const answer =
  (statusCode: number, body: Readonly<Record<string, unknown>>): ((response: MutableResponse) => void) =>
  (response) => {
    Object.assign(response, { statusCode, body })
  }

const members =
  (changes: Readonly<Record<string, unknown>>) =>
  ({ body }: MutableResponse): void => {
    Object.assign(body as object, changes)
  }

const claims = (changes: Readonly<Record<string, unknown>>): Misbehavior => ({
  idToken: ({ payload }) => {
    Object.assign(payload, changes)
  }
})

const parameters = (changes: Readonly<Record<string, string | null>>): Misbehavior => ({
  redirect: (url) => {
    for (const [name, value] of Object.entries(changes))
      if (value === null) url.searchParams.delete(name)
      else url.searchParams.set(name, value)
  }
})

const now = (): number => Math.floor(Date.now() / 1000)

const changedToken =
  (change: (parts: ReadonlyArray<string>) => string) =>
  ({ body }: MutableResponse): void => {
    const token = body as { id_token: string }
    token.id_token = change(token.id_token.split('.'))
  }

const atTheTokenEndpoint: ReadonlyArray<ErrorVariant> = [
  { title: '400 invalid_grant', how: { response: answer(400, { error: 'invalid_grant' }) }, failure: 'TokenRefused' },
  { title: '401 invalid_client', how: { response: answer(401, { error: 'invalid_client' }) }, failure: 'TokenRefused' },
  { title: '200 with an error', how: { response: answer(200, { error: 'invalid_grant' }) }, failure: 'TokenRefused' },
  { title: '500', how: { response: answer(500, { error: 'server_error' }) }, failure: 'TokenRefused' },
  { title: '429', how: { response: answer(429, { error: 'slow_down' }) }, failure: 'ServerBusy' },
  { title: '503', how: { response: answer(503, {}) }, failure: 'ServerBusy' },
  { title: 'a list as the answer', how: { response: answer(200, [] as never) }, failure: 'TokenResponseMalformed' },
  {
    title: 'no access_token',
    how: { response: members({ access_token: undefined }) },
    failure: 'TokenResponseMalformed'
  },
  { title: 'no token_type', how: { response: members({ token_type: undefined }) }, failure: 'TokenResponseMalformed' },
  { title: 'a token of another type', how: { response: members({ token_type: 'mac' }) }, failure: 'TokenTypeUnknown' },
  {
    title: 'a lifetime in words',
    how: { response: members({ expires_in: 'soon' }) },
    failure: 'TokenResponseMalformed'
  },
  { title: 'a list of scopes', how: { response: members({ scope: ['openid'] }) }, failure: 'TokenResponseMalformed' }
]

const inTheRedirect: ReadonlyArray<ErrorVariant> = [
  { title: 'another state', how: parameters({ state: 's'.repeat(43) }), failure: 'StateDiffers' },
  { title: 'no state', how: parameters({ state: null }), failure: 'StateMissing' },
  {
    title: 'two states',
    how: {
      redirect: (url) => {
        url.searchParams.append('state', 'x')
      }
    },
    failure: 'CallbackParameterRepeated'
  },
  { title: 'access_denied', how: parameters({ code: null, error: 'access_denied' }), failure: 'AuthorizationRefused' },
  { title: 'no code', how: parameters({ code: null }), failure: 'CodeMissing' },
  {
    title: 'another name of the issuer in the redirect',
    how: parameters({ iss: 'https://alias.example' }),
    failure: 'ResponseIssuerDiffers',
    setting: 'issuerAliases'
  },
  {
    title: 'another issuer in the redirect',
    how: parameters({ iss: 'https://evil.example' }),
    failure: 'ResponseIssuerDiffers'
  }
]

const inTheContext: ReadonlyArray<ErrorVariant> = [
  {
    title: 'a patient as a number',
    how: { response: members({ patient: 7 }) },
    failure: 'TokenResponseMalformed',
    setting: 'numericTexts'
  },
  { title: 'a patient as an object', how: { response: members({ patient: {} }) }, failure: 'TokenResponseMalformed' },
  { title: 'a banner as a text', how: { response: members({ need_patient_banner: 'true' }) }, failure: null },
  {
    title: 'a context that is no list',
    how: { response: members({ fhirContext: 'x' }) },
    failure: 'TokenResponseMalformed'
  }
]

const inTheIdToken: ReadonlyArray<ErrorVariant> = [
  { title: 'no id_token', how: { response: members({ id_token: undefined }) }, failure: 'IdTokenMissing' },
  { title: 'an id_token that is no JWT', how: { response: members({ id_token: 'x' }) }, failure: 'IdTokenUnreadable' },
  {
    title: 'an id_token with another signature',
    how: { response: changedToken(([head, body]) => `${head ?? ''}.${body ?? ''}.${'A'.repeat(342)}`) },
    failure: 'IdTokenSignatureWrong'
  },
  {
    title: 'an id_token without a signature',
    how: {
      response: changedToken(
        ([, body]) => `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${body ?? ''}.`
      )
    },
    failure: 'IdTokenUnreadable'
  },
  {
    title: 'an id_token with a name of the issuer',
    how: claims({ iss: 'https://alias.example' }),
    failure: 'IdTokenWrong',
    setting: 'issuerAliases'
  },
  { title: 'an id_token of another issuer', how: claims({ iss: 'https://evil.example' }), failure: 'IdTokenWrong' },
  { title: 'an id_token for another app', how: claims({ aud: 'other-app' }), failure: 'IdTokenWrong' },
  {
    title: 'an id_token with a second audience',
    how: {
      idToken: ({ payload }) =>
        Object.assign(payload, { aud: [payload['aud'], 'https://identity.example'], azp: payload['aud'] })
    },
    failure: 'IdTokenWrong',
    setting: 'trustedAudiences'
  },
  { title: 'an id_token that another app may use', how: claims({ azp: 'other-app' }), failure: 'IdTokenWrong' },
  {
    title: 'no nonce',
    how: claims({ nonce: undefined }),
    failure: 'IdTokenWrong',
    setting: 'nonceNotEchoed'
  },
  { title: 'another nonce', how: claims({ nonce: 'n' }), failure: 'IdTokenWrong' },
  { title: 'an id_token that is over', how: claims({ exp: now() - 3600 }), failure: 'IdTokenWrong' },
  { title: 'an id_token of tomorrow', how: claims({ iat: now() + 86_400 }), failure: 'IdTokenWrong' },
  {
    title: 'times of an id_token as texts',
    how: { idToken: ({ payload }) => Object.assign(payload, { exp: String(payload.exp) }) },
    failure: 'IdTokenWrong',
    setting: 'textNumbers'
  },
  { title: 'no subject', how: claims({ sub: undefined }), failure: 'IdTokenWrong' },
  {
    title: 'a key that the issuer does not have',
    how: { idToken: ({ header }) => Object.assign(header, { kid: 'unknown' }) },
    failure: 'IdTokenKeyUnknown',
    setting: 'tlsInsteadOfSignature'
  },
  { title: 'a new key', how: { hasNewKey: true }, failure: null }
]

/** The variants of a launch. */
export const launchVariants: ReadonlyArray<ErrorVariant> = [
  ...inTheRedirect,
  ...atTheTokenEndpoint,
  ...inTheContext,
  ...inTheIdToken
]

/** The variants of a backend service, which has neither a redirect nor a user. */
export const serviceVariants = atTheTokenEndpoint
