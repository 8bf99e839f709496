/** Every error that an app gets from the simulator points to its line in the log, which names the same rule. */
import { parse as parseHtml } from 'node-html-parser'
import { beforeAll, describe, expect, it } from 'vitest'
import type { RequestHandler } from '../../../../src/engine/server/http-handler.js'
import type { PlainRequest, PlainResponse } from '../../../../src/protocol/http/message.js'
import { linkedEntries } from '../../../../src/simulator/log/linked-answer.js'
import { encodeSetting } from '../../../../src/simulator/settings/setting.js'
import {
  authorizationAt,
  home,
  locationOf,
  requestTo,
  simulatorHere,
  tokensAt
} from '../../../support/simulator/in-process.js'

const world: { answer: RequestHandler; token: string } = {
  answer: () => () => Promise.reject(new Error('not built')),
  token: ''
}

beforeAll(async () => {
  world.answer = await simulatorHere({ registration: 'open' })
  world.token = (await tokensAt(world.answer, home))['access_token'] ?? ''
})

type Form = ReadonlyArray<readonly [string, string]>

const json = (
  method: string,
  path: string,
  body: string,
  headers: Readonly<Record<string, string>> = {}
): PlainRequest => ({
  ...requestTo(method, path, { 'content-type': 'application/json', ...headers }),
  body
})

const client: Form = [['client_id', 'sample-app']]

const changed = (change: Readonly<Record<string, string | null>>): string => {
  const url = new URL(authorizationAt(home))
  for (const [name, value] of Object.entries(change)) {
    if (value === null) url.searchParams.delete(name)
    else url.searchParams.set(name, value)
  }
  return url.href
}

const fhir = (
  method: string,
  path: string,
  body: string | null = null,
  headers: Readonly<Record<string, string>> = {}
) => ({
  ...requestTo(method, `${home}/fhir${path}`, {
    authorization: `Bearer ${world.token}`,
    ...(body === null ? {} : { 'content-type': 'application/fhir+json' }),
    ...headers
  }),
  body: body ?? ''
})

/** The address of the line in a response. */
const lineIn = (response: PlainResponse): string => {
  const location = locationOf(response)
  if (location !== '') return new URL(location, home).searchParams.get('error_uri') ?? ''
  const type = String(response.headers['content-type'] ?? '')
  if (!type.includes('json')) {
    return parseHtml(response.body).querySelector('a[href*="/ehr/log/"]')?.getAttribute('href') ?? ''
  }
  return /"(?:error_uri|valueUrl)":"([^"]*\/ehr\/log\/[^"]*)"/.exec(response.body)?.[1] ?? ''
}

const rows: ReadonlyArray<readonly [name: string, request: () => PlainRequest, rule: string]> = [
  ['authorize: PUT', () => requestTo('PUT', '/authorize'), 'MethodNotAllowed'],
  ['authorize: a body that is no form', () => json('POST', '/authorize', '{}'), 'BodyNotForm'],
  ['authorize: an unreadable query', () => requestTo('GET', '/authorize?client_id=%zz'), 'ParametersUnreadable'],
  ['authorize: an unknown app', () => requestTo('GET', changed({ client_id: 'nobody' })), 'ClientUnknown'],
  [
    'authorize: another redirect URI',
    () => requestTo('GET', changed({ redirect_uri: `${home}/x` })),
    'RedirectUriNotRegistered'
  ],
  [
    'authorize: another response_type',
    () => requestTo('GET', changed({ response_type: 'token' })),
    'ResponseTypeNotCode'
  ],
  ['authorize: no scope', () => requestTo('GET', changed({ scope: null })), 'ScopeMissing'],
  ['authorize: no code challenge', () => requestTo('GET', changed({ code_challenge: null })), 'CodeChallengeMissing'],
  [
    'authorize: another aud',
    () => requestTo('GET', changed({ aud: 'https://other.example/fhir' })),
    'AudienceNotServed'
  ],
  ['authorize: an unknown launch', () => requestTo('GET', changed({ launch: 'x', scope: 'launch' })), 'LaunchUnknown'],
  ['token: GET', () => requestTo('GET', '/token'), 'MethodNotAllowed'],
  ['token: JSON', () => json('POST', '/token', '{}'), 'BodyNotForm'],
  ['token: nothing', () => requestTo('POST', '/token', {}, []), 'CredentialsMissing'],
  [
    'token: another grant type',
    () => requestTo('POST', '/token', {}, [...client, ['grant_type', 'password']]),
    'GrantTypeNotSupported'
  ],
  [
    'token: no client',
    () =>
      requestTo('POST', '/token', {}, [
        ['grant_type', 'authorization_code'],
        ['code', 'x']
      ]),
    'CredentialsMissing'
  ],
  [
    'token: an unknown code',
    () =>
      requestTo('POST', '/token', {}, [
        ...client,
        ['grant_type', 'authorization_code'],
        ['code', 'x'],
        ['redirect_uri', `${home}/app`],
        ['code_verifier', 'v'.repeat(43)]
      ]),
    'CodeUnknown'
  ],
  [
    'token: an unknown refresh token',
    () => requestTo('POST', '/token', {}, [...client, ['grant_type', 'refresh_token'], ['refresh_token', 'x']]),
    'RefreshTokenUnknown'
  ],
  [
    'token: a wrong secret',
    () =>
      requestTo('POST', '/token', { authorization: `Basic ${btoa('my-app:x')}` }, [
        ['grant_type', 'refresh_token'],
        ['refresh_token', 'x']
      ]),
    'ClientSecretDiffers'
  ],
  ['token: a repeated parameter', () => requestTo('POST', '/token', {}, [...client, ...client]), 'ParameterRepeated'],
  ['revoke: GET', () => requestTo('GET', '/revoke'), 'MethodNotAllowed'],
  ['revoke: no token', () => requestTo('POST', '/revoke', {}, client), 'TokenMissing'],
  ['revoke: no client', () => requestTo('POST', '/revoke', {}, [['token', 'x']]), 'CredentialsMissing'],
  ['introspect: GET', () => requestTo('GET', '/introspect'), 'MethodNotAllowed'],
  ['introspect: no credentials', () => requestTo('POST', '/introspect', {}, [['token', 'x']]), 'CredentialsMissing'],
  [
    'introspect: an unknown bearer',
    () => requestTo('POST', '/introspect', { authorization: 'Bearer x' }, [['token', 'x']]),
    'AccessTokenUnknown'
  ],
  ['register: GET', () => requestTo('GET', '/register'), 'MethodNotAllowed'],
  ['register: no JSON', () => json('POST', '/register', '{'), 'BodyNotJson'],
  ['register: a wrong redirect', () => json('POST', '/register', '{"redirect_uris":["x"]}'), 'RedirectUriUnacceptable'],
  [
    'register: a backend service',
    () => json('POST', '/register', '{"grant_types":["client_credentials"]}'),
    'ClientMetadataUnacceptable'
  ],
  ['registration of a client: no token', () => requestTo('GET', '/register/nobody'), 'AccessTokenMissing'],
  [
    'registration of a client: another token',
    () => requestTo('GET', '/register/nobody', { authorization: 'Bearer x' }),
    'RegistrationTokenDiffers'
  ],
  ['userinfo: no token', () => requestTo('GET', '/userinfo'), 'AccessTokenMissing'],
  ['userinfo: PUT', () => requestTo('PUT', '/userinfo'), 'MethodNotAllowed'],
  ['smart-configuration: POST', () => requestTo('POST', '/fhir/.well-known/smart-configuration'), 'MethodNotAllowed'],
  ['jwks: POST', () => requestTo('POST', '/jwks'), 'MethodNotAllowed'],
  ['fhir: no token', () => requestTo('GET', '/fhir/Patient/1'), 'AccessTokenMissing'],
  ['fhir: a token in the address', () => requestTo('GET', '/fhir/Patient/1?access_token=x'), 'AccessTokenInAddress'],
  [
    'fhir: an unknown token',
    () => requestTo('GET', '/fhir/Patient/1', { authorization: 'Bearer x' }),
    'AccessTokenUnknown'
  ],
  ['fhir: another type', () => fhir('GET', '/Observation/1'), 'scope-sufficient'],
  ['fhir: no such resource', () => fhir('GET', '/Patient/none'), 'resource-found'],
  ['fhir: no such type', () => fhir('GET', '/Nothing/1'), 'resource-type-known'],
  ['fhir: no such interaction', () => fhir('GET', '/Patient/a/b/c'), 'resource-type-known'],
  ['fhir: a body that is no JSON', () => fhir('POST', '/Patient', '{'), 'request-readable'],
  ['fhir: XML', () => fhir('GET', '/Patient/example-1', null, { accept: 'application/fhir+xml' }), 'answer-format'],
  ['fhir: metadata as XML', () => fhir('GET', '/metadata?_format=xml'), 'MetadataFormat'],
  ['fhir: POST of metadata', () => fhir('POST', '/metadata', '{}'), 'interaction-known'],
  ['fhir: an unknown search parameter', () => fhir('GET', '/Patient?nothing=1'), 'server-accepts'],
  ['fhir: an unreadable query', () => fhir('GET', '/Patient?name=%zz'), 'request-readable'],
  ['fhir: an unknown operation', () => fhir('GET', '/Patient/example-1/$nothing'), 'operation-mapped'],
  ['fhir: the base', () => fhir('GET', ''), 'scope-sufficient'],
  ['fhir: a page link that is none', () => fhir('GET', '?_page=x'), 'page-link-opens'],
  ['fhir: DELETE', () => fhir('DELETE', '/Patient/example-1'), 'scope-sufficient'],
  ['a launch setting that is none', () => requestTo('GET', '/sim/x/fhir/Patient/1'), 'LaunchSettingWrong'],
  ['token of a launch setting that is none', () => requestTo('POST', '/sim/x/token', {}, []), 'LaunchSettingWrong'],
  [
    'token of a server of a launch setting',
    () => requestTo('POST', `/sim/${encodeSetting({ spec: '2.1.0' })}/token`, {}, []),
    'CredentialsMissing'
  ],
  [
    'fhir of a server of a launch setting',
    () => requestTo('GET', `/sim/${encodeSetting({ spec: '2.1.0' })}/fhir/Patient/1`),
    'AccessTokenMissing'
  ],
  ['an address that there is not', () => requestTo('GET', '/nothing'), 'NoSuchAddress'],
  [
    'authorize: no sign-in, as prompt=none wants it',
    () => requestTo('GET', changed({ prompt: 'none' })),
    'LoginRequired'
  ],
  [
    'discovery below a patient',
    () => requestTo('GET', '/fhir/Patient/.well-known/smart-configuration'),
    'AccessTokenMissing'
  ]
]

describe('an error of the simulator points to its line', () => {
  it.each(rows)('%s', async (_name, request, rule) => {
    const response = await world.answer(request())()
    const address = lineIn(response)
    const line = address === '' ? null : await world.answer(requestTo('GET', address))()
    const shown =
      parseHtml(line?.body ?? '')
        .querySelector('main')
        ?.text.replaceAll(/\s+/g, ' ') ?? ''
    expect(shown).toContain(`Rule${rule}`)
  })

  it('at each refused entry of a batch, which leaves the others as they are', async () => {
    const urls = ['Patient/example-1', 'Observation/1', 'Patient/none', 'Nothing/1']
    const entry = urls.map((url) => ({ request: { method: 'GET', url } }))
    const response = await world.answer(
      fhir('POST', '/', JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry }))
    )()
    const { entry: answered } = JSON.parse(response.body) as { readonly entry: ReadonlyArray<object> }
    const rules = await Promise.all(
      answered.map(async (one) => {
        const address = /"valueUrl":"([^"]*)"/.exec(JSON.stringify(one))?.[1]
        const line = address === undefined ? null : await world.answer(requestTo('GET', address))()
        return /scope-sufficient|resource-found|resource-type-known/.exec(line?.body ?? '')?.[0] ?? null
      })
    )
    expect([response.status, rules]).toEqual([200, [null, 'scope-sufficient', 'resource-found', 'resource-type-known']])
  })
})

describe('the entries of a batch', () => {
  const refused = (id: string) => ({ id, refused: true })
  const outcome = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'forbidden' }] }
  const observed =
    '{"resource":{"resourceType":"Observation","valueQuantity":{"value":1.50}},"response":{"status":"200"}}'
  const response = {
    status: 200,
    headers: {},
    body:
      '{"resourceType":"Bundle","type":"batch-response","entry":[' +
      `${JSON.stringify({ response: { status: '403', outcome } })},${observed}]}`
  }

  it('point to the line of each refused one, and keep the digits of numbers', () => {
    const lines = [refused('one'), { id: 'two', refused: false }, { id: 'batch', refused: false }]
    const { body } = linkedEntries(response, lines, home)
    expect(body).toContain(`${home}/ehr/log/one`)
    expect(body).toContain(observed)
    expect(body).not.toContain('/ehr/log/two')
  })

  it('point to none where the lines are not one for each entry', () => {
    for (const ids of [
      ['one', 'batch'],
      ['one', 'two', 'three', 'batch']
    ])
      expect(linkedEntries(response, ids.map(refused), home)).toEqual(response)
  })
})
