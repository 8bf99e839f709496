/** Misbehaviors of the token endpoint, without those of the id_token. */
import type { ChangeResponse, Misbehavior } from './misbehavior.js'
import {
  accessTokenWith,
  answer,
  inPlaceOf,
  jsonInPlaceOf,
  jsonObjectIn,
  sentElsewhere,
  withMembers
} from './misbehavior.js'
import { limits } from '../../values/limits/limits.js'
import { textOf } from '../../values/json.js'

const onCode = (change: ChangeResponse): Misbehavior['changes'] => ({ 'token-response': change })
const onRefresh = (change: ChangeResponse): Misbehavior['changes'] => ({ 'refresh-response': change })

const changed =
  (members: (before: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>): ChangeResponse =>
  (_facts, response) =>
    answer(withMembers(response, members(jsonObjectIn(response) ?? {})))

const replaced =
  (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): ChangeResponse =>
  (_facts, response) =>
    answer(jsonInPlaceOf(response, status, value, headers))

/** The refusals of the token endpoint that have status 401, with the challenge that they must have. */
const unauthenticated = (description: string): ChangeResponse =>
  replaced(
    401,
    { error: 'invalid_client', error_description: description },
    { 'www-authenticate': 'Basic realm="token"' }
  )

const atTokenEndpoint = (change: ChangeResponse): Misbehavior['changes'] => ({
  'token-response': change,
  'refresh-response': change,
  'service-response': change
})

const onAssertion =
  (change: ChangeResponse): ChangeResponse =>
  (facts, response, request) =>
    /(?:^|&)client_assertion=/.test(request.body) ? change(facts, response, request) : answer(response)

const resourceScope = /^(?:patient|user|system)\//

const scopesOf = (before: Readonly<Record<string, unknown>>): ReadonlyArray<string> =>
  textOf(before['scope']).split(' ')

/** An access token that this server did not issue. */
const foreignToken = 'issued-by-another-server'

const tokenOfAnother = accessTokenWith(() => foreignToken)

/** Another patient of the invented data. */
const otherPatient = (patient: unknown): string => (patient === 'example-3' ? 'example-2' : 'example-3')

/** The rows. */
export const tokenRows: ReadonlyArray<Misbehavior> = [
  {
    name: 'token-redirect',
    does: 'The token endpoint redirects to another origin (307), so that code and credentials would be sent there.',
    expected: 'The app does not follow redirects of the token endpoint.',
    outcome: { failure: 'ServerUnavailable' },
    sources: ['rfc9700#section-4.12'],
    changes: onCode((facts, response) => sentElsewhere(facts, response, 'token'))
  },
  {
    name: 'token-slow',
    does: 'The token response arrives after half a minute.',
    expected: 'The app gives up after a time of its own. It does not send the code again.',
    outcome: { failure: 'ServerUnavailable' },
    sources: ['rfc6749#section-4.1.2'],
    changes: onCode((_facts, response) => ({ _tag: 'Wait', response, milliseconds: 2 * limits.appRequestTime.default }))
  },
  {
    name: 'token-busy',
    does: 'The token endpoint answers 429 with `Retry-After: 30`.',
    expected: 'The app says when the user can try again, and does not flood the server.',
    outcome: { failure: 'ServerBusy', detail: '429' },
    sources: ['rfc6585#section-4', 'rfc9110#section-10.2.3'],
    changes: onCode(replaced(429, { error: 'temporarily_unavailable' }, { 'retry-after': '30' }))
  },
  {
    name: 'token-unavailable',
    does: 'The token endpoint answers 503 with `Retry-After: 30`.',
    expected: 'The app says when the user can try again.',
    outcome: { failure: 'ServerBusy', detail: '503' },
    sources: ['rfc9110#section-15.6.4', 'rfc9110#section-10.2.3'],
    changes: onCode(replaced(503, { error: 'temporarily_unavailable' }, { 'retry-after': '30' }))
  },
  {
    name: 'token-malformed',
    does: 'The token response is JSON that ends in the middle.',
    expected: 'The app refuses the response, and shows no exception of its parser.',
    outcome: { failure: 'TokenResponseMalformed' },
    sources: ['rfc6749#section-5.1', 'rfc8259#section-2'],
    changes: onCode((_facts, response) => answer({ ...response, body: response.body.slice(0, -9) }))
  },
  {
    name: 'token-page',
    does: 'The token endpoint answers with an HTML page and status 200.',
    expected: 'The app refuses the response.',
    outcome: { failure: 'TokenResponseMalformed' },
    sources: ['rfc6749#section-5.1'],
    changes: onCode((_facts, response) =>
      answer(inPlaceOf(response, 200, { 'content-type': 'text/html; charset=utf-8' }, '<!doctype html><p>Hello.</p>'))
    )
  },
  {
    name: 'token-huge',
    does: 'The token response is larger than 16 MiB.',
    expected: 'The app stops reading, and its memory does not grow with the answer.',
    outcome: { failure: 'ServerUnavailable' },
    sources: ['rfc9110#section-17.5'],
    changes: onCode(changed(() => ({ padding: ' '.repeat(limits.appAnswer.default) })))
  },
  {
    name: 'token-error-in-200',
    does: 'The token endpoint refuses the code in a response with status 200.',
    expected: 'The app takes it as the refusal that it is.',
    outcome: { failure: 'TokenRefused', detail: 'invalid_grant' },
    sources: ['rfc6749#section-5.2'],
    changes: onCode(replaced(200, { error: 'invalid_grant', error_description: 'The code is not good here.' }))
  },
  {
    name: 'code-used',
    does: 'The token endpoint refuses the code as used before.',
    expected: 'The app says that the launch must be started again. It does not send the code again.',
    outcome: { failure: 'TokenRefused', detail: 'invalid_grant' },
    sources: ['rfc6749#section-4.1.2', 'rfc6749#section-5.2'],
    changes: onCode(replaced(400, { error: 'invalid_grant', error_description: 'The code was used before.' }))
  },
  {
    name: 'client-refused',
    does: 'The token endpoint refuses the authentication of the client: 401 `invalid_client`.',
    expected: 'The app says that its registration or its secret is wrong. It does not send the secret elsewhere.',
    outcome: { failure: 'TokenRefused', detail: 'invalid_client' },
    sources: ['rfc6749#section-5.2'],
    changes: atTokenEndpoint(unauthenticated('The client is unknown, or its secret is wrong.'))
  },
  {
    name: 'assertion-expired',
    does: 'The token endpoint refuses each signed assertion (`private_key_jwt`) as expired: 401 `invalid_client`.',
    expected: 'The app signs a new assertion for each request. It does not repeat this without an end.',
    outcome: { failure: 'TokenRefused', detail: 'invalid_client' },
    sources: ['rfc7523#section-3', 'rfc6749#section-5.2'],
    changes: atTokenEndpoint(onAssertion(unauthenticated('The assertion has expired.')))
  },
  {
    name: 'assertion-jti-used',
    does: 'The token endpoint refuses the `jti` of each signed assertion as used before: 401 `invalid_client`.',
    expected: 'The app gives each assertion a `jti` of its own. It does not repeat this without an end.',
    outcome: { failure: 'TokenRefused', detail: 'invalid_client' },
    sources: ['rfc7523#section-3', 'rfc6749#section-5.2'],
    changes: atTokenEndpoint(onAssertion(unauthenticated('The jti of the assertion was used before.')))
  },
  {
    name: 'token-request-refused',
    does: 'The token endpoint answers with the error `invalid_request`.',
    expected: 'The app says that the launch failed. It does not send the code again.',
    outcome: { failure: 'TokenRefused', detail: 'invalid_request' },
    sources: ['rfc6749#section-5.2'],
    changes: onCode(replaced(400, { error: 'invalid_request' }))
  },
  {
    name: 'token-scope-refused',
    does: 'The token endpoint answers the code, and the request of a backend service, with the error `invalid_scope`.',
    expected: 'The app says that the server does not give what it requested. It does not request more by itself.',
    outcome: { failure: 'TokenRefused', detail: 'invalid_scope' },
    sources: ['rfc6749#section-5.2', 'rfc6749#section-3.3'],
    changes: {
      'token-response': replaced(400, { error: 'invalid_scope' }),
      'service-response': replaced(400, { error: 'invalid_scope' })
    }
  },
  {
    name: 'access-token-missing',
    does: 'The token response has no `access_token`.',
    expected: 'The app refuses the response.',
    outcome: { failure: 'TokenResponseMalformed', detail: 'access_token' },
    sources: ['rfc6749#section-5.1'],
    changes: onCode(changed(() => ({ access_token: undefined })))
  },
  {
    name: 'access-token-header-injection',
    does: 'The access token has a line break and a header field in it.',
    expected: 'The app refuses the response, and sends no header field that the server wrote.',
    outcome: { failure: 'TokenResponseMalformed', detail: 'access_token' },
    sources: ['rfc6749#appendix-A.12', 'rfc6750#section-2.1'],
    changes: onCode(changed(() => ({ access_token: 'a\r\nx-injected: yes' })))
  },
  {
    name: 'token-type-other',
    does: 'The token response has the `token_type` `DPoP`.',
    expected: 'The app does not use a token whose type it does not understand.',
    outcome: { failure: 'TokenTypeUnknown', detail: 'DPoP' },
    sources: ['rfc6749#section-7.1'],
    changes: onCode(changed(() => ({ token_type: 'DPoP' })))
  },
  {
    name: 'expires-in-text',
    does: 'The token response has `expires_in` as a text.',
    expected: 'The app reads the number, or takes the lifetime as unknown. The launch need not fail.',
    outcome: { unharmed: 'nothing' },
    sources: ['rfc6749#section-5.1', 'rfc6749#appendix-A.14'],
    changes: onCode(changed((before) => ({ expires_in: String(before['expires_in']) })))
  },
  {
    name: 'expires-in-wrong',
    does: 'The token response has the text `soon` as `expires_in`.',
    expected: 'The app refuses the response, or takes the lifetime as unknown. It never takes the token as eternal.',
    outcome: { failure: 'TokenResponseMalformed', detail: 'expires_in' },
    sources: ['rfc6749#section-5.1', 'rfc6749#appendix-A.14'],
    changes: onCode(changed(() => ({ expires_in: 'soon' })))
  },
  {
    name: 'scopes-narrowed',
    does: 'The token response grants none of the requested scopes for resources.',
    expected: 'The app works with what it got, or says what is missing. It does not act as if it had everything.',
    outcome: { unharmed: 'fewerScopes' },
    sources: ['app-launch#step-5-access-token', 'rfc6749#section-3.3'],
    changes: onCode(
      changed((before) => ({
        scope: scopesOf(before)
          .filter((one) => !resourceScope.test(one))
          .join(' ')
      }))
    )
  },
  {
    name: 'scopes-widened',
    does: 'The token response grants `user/*.cruds`, which was not requested.',
    expected: 'The app uses no more than it requested.',
    outcome: { unharmed: 'moreScopes' },
    sources: ['app-launch#step-5-access-token', 'rfc6749#section-3.3'],
    changes: onCode(changed((before) => ({ scope: [...scopesOf(before), 'user/*.cruds'].join(' ') })))
  },
  {
    name: 'patient-missing',
    does: 'The token response names no patient, although `launch/patient` or `launch` is granted.',
    expected: 'The app shows no patient. It does not take one from elsewhere, such as an earlier session.',
    outcome: { unharmed: 'noPatient' },
    sources: ['scopes-and-launch-context#launch-context-arrives-with-your-access_token'],
    changes: onCode(changed(() => ({ patient: undefined })))
  },
  {
    name: 'patient-malformed',
    does: 'The patient of the token response is `../Patient/example-3`.',
    expected: 'The app refuses an id that is none: it would become part of an address.',
    outcome: { failure: 'TokenResponseMalformed', detail: 'patient' },
    sources: ['scopes-and-launch-context#launch-context-arrives-with-your-access_token', 'FHIR R4, datatypes.html#id'],
    changes: onCode(changed(() => ({ patient: '../Patient/example-3' })))
  },
  {
    name: 'access-token-replaced',
    does: 'The access token is another one than the one for which the id_token was made.',
    expected: 'The app compares `at_hash` and refuses the response.',
    outcome: { failure: 'IdTokenWrong', detail: 'at_hash' },
    sources: ['OpenID Connect Core 1.0, section 3.1.3.8'],
    changes: onCode(changed(() => ({ access_token: foreignToken })))
  },
  {
    name: 'token-for-another-server',
    does: 'The access token was issued by another server, and the id_token fits it.',
    expected: 'The app shows no data: the FHIR server refuses the token. The app sends it to no other server.',
    outcome: { unharmed: 'tokenRefused' },
    sources: ['rfc6750#section-3.1', 'rfc9700#section-4.9'],
    changes: { 'token-response': tokenOfAnother, 'refresh-response': tokenOfAnother }
  },
  {
    name: 'patient-changed-at-refresh',
    does: 'The response to a refresh names another patient.',
    expected:
      'The app ends the session, or makes the change plain. It never shows one patient under the name of another.',
    outcome: { failure: 'SessionLost', detail: 'patient_changed' },
    sources: ['app-launch#step-7-refresh'],
    changes: onRefresh(changed(({ patient }) => ({ patient: otherPatient(patient) })))
  },
  {
    name: 'refresh-refused',
    does: 'The token endpoint refuses the refresh token.',
    expected: 'The app ends the session, and the user can start again. It does not try the same token again.',
    outcome: { failure: 'SessionLost', detail: 'invalid_grant' },
    sources: ['rfc6749#section-5.2', 'app-launch#step-7-refresh'],
    changes: onRefresh(replaced(400, { error: 'invalid_grant' }))
  },
  {
    name: 'refresh-redirect',
    does: 'The token endpoint redirects a refresh to another origin (307).',
    expected: 'The app does not follow redirects of the token endpoint. The session is not lost.',
    outcome: { unharmed: 'tokenKept' },
    sources: ['rfc9700#section-4.12'],
    changes: onRefresh((facts, response) => sentElsewhere(facts, response, 'token'))
  }
]
