/**
 * The token endpoint, row by row.
 *
 * The attack rows test the rest of it, in test/attacks/token: wrong, missing and repeated members of the exchange of a
 * code (COD-04 to COD-10, COD-18), narrower and wider refreshes (REF-02 to REF-06, REF-24, REF-26), methods, media
 * types and grant types (TOK-01, TOK-02, TOK-06, TOK-13). In test/attacks/client they test client secrets: HTTP Basic
 * (BAS-01 to BAS-17) and the request body (PST-02 to PST-04).
 */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import type { Change, Fixture } from '../../support/server-fixture.js'
import {
  bodyOf,
  exchange,
  isAlive,
  newFixture,
  obtainCode,
  post,
  refresh,
  synchronousKeys,
  verifier
} from '../../support/server-fixture.js'
import type { PlainRequest, PlainResponse } from '../../../src/protocol/http/message.js'

const basic = (id: string, secret: string): { readonly authorization: string } => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
})

const reported = (fixture: Fixture, response: PlainResponse): ReadonlyArray<unknown> => [
  response.status,
  bodyOf(response)['error'],
  fixture.audited.at(-1)?.refusal?._tag
]

describe('a code', () => {
  it('buys tokens, with headers that keep them out of caches', async () => {
    const fixture = newFixture()
    const response = await exchange(fixture, await obtainCode(fixture))
    expect(response).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store', pragma: 'no-cache' } })
    expect(bodyOf(response)).toMatchObject({
      token_type: 'Bearer',
      expires_in: 3600,
      patient: '123',
      scope: 'launch/patient openid fhirUser offline_access patient/*.rs'
    })
    const stored = fixture.memory.entries().flat().join()
    for (const name of ['access_token', 'refresh_token', 'id_token'])
      expect(stored).not.toContain(bodyOf(response)[name])
  })

  it.each<readonly [string, Change, string, string]>([
    ['without grant_type', { grant_type: null }, 'invalid_request', 'GrantTypeMissing'],
    ['without the code', { code: null }, 'invalid_request', 'CodeMissing'],
    ['with a malformed verifier', { code_verifier: 'short' }, 'invalid_grant', 'CodeVerifierMalformed']
  ])('presented %s stays valid', async (_name, change, error, refusal) => {
    const fixture = newFixture()
    const code = await obtainCode(fixture)
    expect(reported(fixture, await exchange(fixture, code, change))).toEqual([400, error, refusal])
    expect((await exchange(fixture, code)).status).toBe(200)
  })

  it('presented twice takes back what it bought; a wrong verifier then does not', async () => {
    const fixture = newFixture()
    const code = await obtainCode(fixture)
    const token = String(bodyOf(await exchange(fixture, code))['access_token'])
    expect(reported(fixture, await exchange(fixture, code, { code_verifier: 'w'.repeat(43) }))[2]).toBe(
      'CodeVerifierDiffers'
    )
    expect(await isAlive(fixture, token)).toBe(true)
    expect(reported(fixture, await exchange(fixture, code))).toEqual([400, 'invalid_grant', 'CodeReplayed'])
    expect(await isAlive(fixture, token)).toBe(false)
  })
})

describe('a refresh token', () => {
  const begin = async (policy = {}): Promise<{ readonly fixture: Fixture; readonly token: string }> => {
    const fixture = newFixture({ policy })
    return { fixture, token: String(bodyOf(await exchange(fixture, await obtainCode(fixture)))['refresh_token']) }
  }

  it.each<readonly [string, Change, number, string]>([
    ['for the same in other words', { scope: 'patient/*.read' }, 200, 'patient/*.read'],
    ['for less, beside a malformed scope', { scope: 'openid patient/*.sr' }, 200, 'openid'],
    ['for nothing that can be read', { scope: 'patient/*.sr' }, 400, 'invalid_scope']
  ])('%s', async (_name, change, status, expected) => {
    const { fixture, token } = await begin()
    const response = await refresh(fixture, token, change)
    expect([response.status, bodyOf(response)[status === 200 ? 'scope' : 'error']]).toEqual([status, expected])
    // The requested scope changes nothing about the grant: the next refresh is as wide as the first.
    const next = await refresh(fixture, status === 200 ? String(bodyOf(response)['refresh_token']) : token)
    expect(bodyOf(next)['scope']).toBe('launch/patient openid fhirUser offline_access patient/*.rs')
  })

  it('cannot outlive its grant', async () => {
    const { fixture, token } = await begin({ refreshTokenLifetimeSeconds: 5000 })
    fixture.clock.now += 4000
    const second = bodyOf(await refresh(fixture, token))
    expect(second['expires_in']).toBe(1000)
    fixture.clock.now += 1000
    expect((await refresh(fixture, String(second['refresh_token']))).status).toBe(400)
  })

  it.each([
    ['whose generation was changed', (token: string) => [token.replace('.r.0.', '.r.1.'), {}] as const],
    ['with another key', (token: string) => [token.replace('.k1.', '.k2.'), {}] as const],
    ['with a blank', (token: string) => [`${token} `, {}] as const]
  ])('%s changes nothing', async (_name, change) => {
    const { fixture, token } = await begin()
    const [presented, parameters] = change(token)
    expect((await refresh(fixture, presented, parameters)).status).toBe(400)
    expect((await refresh(fixture, token)).status).toBe(200)
  })
})

describe('a client', () => {
  it.each<readonly [string, Change, Readonly<Record<string, string>>, number, string]>([
    ['is unknown', { client_id: 'nobody' }, {}, 401, 'AuthenticatingClientUnknown'],
    ['is not named', { client_id: null }, {}, 401, 'CredentialsMissing'],
    ['is confidential and sends no secret', { client_id: 'sym-app' }, {}, 401, 'AuthenticationMethodDiffers']
  ])('that %s is refused', async (_name, change, headers, status, refusal) => {
    const fixture = newFixture()
    const code = await obtainCode(fixture)
    const response = await exchange(fixture, code, change, headers)
    expect([response.status, fixture.audited.at(-1)?.refusal?._tag]).toEqual([status, refusal])
    expect(response.headers['www-authenticate']).toBe(status === 401 ? 'Basic realm="token"' : undefined)
    expect((await exchange(fixture, code)).status).toBe(200)
  })

  it('looks the same from outside whether it is unknown or its secret is wrong', async () => {
    const fixture = newFixture()
    const answers = await Promise.all(
      ['sym-app', 'nobody'].map((id) => exchange(fixture, 'x', { client_id: null }, basic(id, 'wrong')))
    )
    expect(answers[0]).toEqual(answers[1])
  })
})

describe('a request that is no token request', () => {
  const form = [
    ['grant_type', 'authorization_code'],
    ['client_id', 'pub-app']
  ] as const

  it.each<readonly [string, PlainRequest, number, string]>([
    ['a repeated parameter', post('/token', [...form, ['grant_type', 'refresh_token']]), 400, 'ParameterRepeated'],
    ['parameters in the address', { ...post('/token', form), query: 'client_secret=x' }, 400, 'CredentialsInAddress'],
    ['a broken encoding', { ...post('/token', form), body: 'grant_type=%' }, 400, 'ParametersUnreadable'],
    ['an empty body', { ...post('/token', form), body: '' }, 401, 'CredentialsMissing']
  ])('%s', async (_name, request, status, refusal) => {
    const fixture = newFixture()
    const response = await fixture.server.endpoints.token(request)()
    expect([response.status, fixture.audited.at(-1)?.refusal?._tag]).toEqual([status, refusal])
    expect(response.headers['cache-control']).toBe('no-store')
  })
})

describe('silence', () => {
  it('of the keys: nothing is answered, and the code is used', async () => {
    const fixture = newFixture({
      ports: { keys: { ...synchronousKeys, mac: () => TaskEither.left({ _tag: 'Unavailable', reason: 'test' }) } }
    })
    const response = await exchange(fixture, await obtainCode(fixture))
    expect([response.status, bodyOf(response)['error']]).toEqual([503, 'temporarily_unavailable'])
    expect(response.headers['retry-after']).toBe('1')
  })

  it('of the register of clients', async () => {
    const fixture = newFixture({
      ports: {
        clients: {
          find: () => TaskEither.left({ _tag: 'Unavailable', reason: 'test' }),
          isRegisteredOrigin: () => TaskEither.right(false)
        }
      }
    })
    expect((await exchange(fixture, 'x')).status).toBe(503)
  })

  it('of the store', async () => {
    const down = TaskEither.left({ _tag: 'Unavailable', applied: 'no' } as const)
    const fixture = newFixture({ store: () => ({ load: () => down, swap: () => down }) })
    const response = await exchange(fixture, `grant.c.${'x'.repeat(43)}`, { code_verifier: verifier })
    expect([response.status, bodyOf(response)['error']]).toEqual([503, 'temporarily_unavailable'])
  })

  it('of a record that cannot be read', async () => {
    const fixture = newFixture()
    const code = await obtainCode(fixture)
    const broken = newFixture({
      store: () => ({
        ...fixture.memory,
        load: () => TaskEither.right({ _tag: 'Some', value: { version: '1', text: '{"_tag":"Active"}' } })
      })
    })
    expect(reported(broken, await exchange(broken, code))).toEqual([500, 'server_error', 'StoreUnreadable'])
  })
})

describe('every decision', () => {
  it('is shown once, and no secret with it', async () => {
    const fixture = newFixture()
    const code = await obtainCode(fixture)
    const reported = fixture.audited.length
    const response = await exchange(fixture, code)
    expect(fixture.audited.slice(reported).map(({ decision }) => decision)).toEqual(['TokensIssued'])
    const log = JSON.stringify(fixture.audited)
    for (const secret of [code, verifier, bodyOf(response)['access_token'], bodyOf(response)['refresh_token']])
      expect(log).not.toContain(secret)
  })
})
