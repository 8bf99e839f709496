/** Requests that nobody honest sends: near enough to good ones to come far, with something hostile in every place. */
import fc from 'fast-check'
import { authorizationParameters, fhirBaseUrl, redirectUri, verifier } from '../support/server-fixture.js'
import { printForm } from '../../src/protocol/http/form.js'
import type { PlainRequest } from '../../src/protocol/http/message.js'

const paths = [
  '/authorize',
  '/token',
  '/introspect',
  '/revoke',
  '/userinfo',
  '/jwks',
  '/register',
  '/register/x',
  '/fhir/.well-known/smart-configuration',
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
  '/fhir/Patient/1',
  '/',
  '/interaction/x',
  '/apps',
  '/ehr/sign-in',
  '/ehr/launch',
  '/%',
  '/%00',
  '/__proto__',
  '/fhir/%ff/..'
]

const hostile = fc.oneof(
  fc.constantFrom(
    '',
    '__proto__',
    'constructor',
    '\u0000',
    '\r\nset-cookie: a=b',
    '\ud800',
    '%',
    '%ff',
    '../..',
    '{"a":{}}',
    '[]',
    'null',
    '-1',
    '1e999',
    'x'.repeat(5000),
    'Bearer',
    'Basic',
    'Basic Og==',
    'Basic %%%',
    'Bearer a.b.c',
    '..',
    'a.a.0.0.1..t1.k1.x',
    'eyJhbGciOiJub25lIn0.e30.',
    'patient/*.rs?a=b&c',
    'system/*.cruds'
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ maxLength: 20 })
)

const good = [
  ...authorizationParameters(),
  ['grant_type', 'authorization_code'],
  ['grant_type', 'refresh_token'],
  ['grant_type', 'client_credentials'],
  ['code', 'a.b'],
  ['code_verifier', verifier],
  ['refresh_token', 'x.1.y'],
  ['token', 'x'],
  ['token_type_hint', 'access_token'],
  ['client_secret', 's'],
  ['client_assertion', 'a.b.c'],
  ['client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'],
  ['redirect_uri', redirectUri],
  ['resource', fhirBaseUrl],
  ['launch', 'x'],
  ['nonce', 'n'],
  ['prompt', 'none'],
  ['max_age', '0'],
  ['response_mode', 'query'],
  ['request', 'x'],
  ['grant', 'x'],
  ['form_token', 'y'],
  ['decision', 'allow']
] as ReadonlyArray<readonly [string, string]>

const pair = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...good) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...good.map(([name]) => name)), hostile) },
  { weight: 1, arbitrary: fc.tuple(hostile, hostile) }
)

const wellFormed = (pairs: ReadonlyArray<readonly [string, string]>): string =>
  printForm(pairs.map(([name, value]) => [name.toWellFormed(), value.toWellFormed()]))

/** A good authorization request with a few pairs changed or added, a list of pairs, or a text that is no form. */
const form = fc.oneof(
  fc
    .array(pair, { maxLength: 3 })
    .map((more) =>
      wellFormed([...authorizationParameters().filter(([name]) => !more.some(([other]) => other === name)), ...more])
    ),
  fc.array(pair, { maxLength: 12 }).map(wellFormed),
  hostile,
  fc.json()
)

const headers = fc.record(
  {
    'content-type': fc.oneof(
      { weight: 4, arbitrary: fc.constant('application/x-www-form-urlencoded') },
      fc.constantFrom('application/json', 'text/plain'),
      hostile
    ),
    authorization: fc.oneof(fc.constantFrom('Basic cnM6cnMtc2VjcmV0', 'Basic cHViLWFwcDo=', 'Bearer x'), hostile),
    origin: hostile,
    cookie: hostile,
    accept: hostile
  },
  { requiredKeys: [] }
)

/** A request. */
export const fuzzedRequest: fc.Arbitrary<PlainRequest> = fc.record({
  method: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('GET', 'POST') },
    fc.constantFrom('HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH')
  ),
  path: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...paths.slice(0, 6)) }, fc.constantFrom(...paths)),
  query: form,
  headers: headers.map((some) => ({ ...some })),
  body: form
})
