/** Rows of the area "token": what the answers hold. */
import { expect } from 'vitest'
import type { Shown } from '../matrix.js'
import { answered, asConfidential, basic, protocol, releases, tokensOf, tokensWith } from '../../support/steps.js'
import { row } from '../matrix.js'
import { bodyOf, exchange, get, isAlive, newFixture, obtainCode, post, refresh } from '../../support/server-fixture.js'
import type { Fixture } from '../../support/server-fixture.js'
import type { PlainResponse } from '../../../src/protocol/http/message.js'
import { refusalTable } from '../../../src/protocol/errors/refusal-table.js'
import { errorUri } from '../../../src/protocol/errors/refusal.js'
import { sameDigest } from '../../../src/values/secret.js'

/** One answer of each kind that the token endpoint gives. */
const everyAnswer = async (fixture: Fixture = newFixture()): Promise<ReadonlyArray<PlainResponse>> => {
  const first = await exchange(fixture, await obtainCode(fixture))
  const { refresh_token } = bodyOf(first)
  return [
    first,
    await refresh(fixture, String(refresh_token)),
    await refresh(fixture, 'x'),
    await protocol(fixture, get('/token')),
    await protocol(fixture, post('/token', [])),
    await exchange(fixture, 'x', {}, basic('sym-app', 'wrong')),
    await exchange(fixture, 'x', { grant_type: 'password' }),
    await protocol(fixture, { ...post('/token', []), body: '%zz' }),
    await protocol(fixture, { ...post('/token', []), headers: {} })
  ]
}

const tokenErrors = [
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope'
]

export const responseRows: ReadonlyArray<Shown> = [
  row(
    'TOK-009 TOK-016 TOK-110',
    'every answer is a JSON object in the body, with an access token and the status 200 or with an error, ' +
      'never with both',
    async () => {
      for (const response of await everyAnswer()) {
        expect(response.headers['content-type']).toMatch(/^application\/json/)
        const body = bodyOf(response)
        expect(body).toEqual(expect.any(Object))
        expect(['access_token' in body, 'error' in body]).toEqual([response.status === 200, response.status !== 200])
      }
    }
  ),
  row(
    'TOK-010 TOK-017',
    'access_token is there and has only the characters of RFC 6750, opaque and as a JWT, after a refresh too',
    async () => {
      for (const accessTokenFormat of ['opaque', 'jwt'] as const) {
        const fixture = newFixture({ policy: { accessTokenFormat } })
        const first = await tokensOf(fixture)
        const narrowed = bodyOf(
          await refresh(fixture, String(first['refresh_token']), { scope: 'patient/Observation.r' })
        )
        for (const token of [first['access_token'], narrowed['access_token']])
          expect(token).toMatch(/^[A-Za-z0-9._~+/-]+=*$/)
      }
    }
  ),
  row('TOK-011', 'token_type is Bearer, to the letter', async () => {
    const [first, second] = await everyAnswer()
    expect([first, second].map((response) => response && bodyOf(response)['token_type'])).toEqual(['Bearer', 'Bearer'])
  }),
  row(
    'TOK-012 TOK-020 TOK-022',
    'expires_in says in whole seconds how long the token lives: an hour unless the policy says less, and not a ' +
      'second longer',
    async () => {
      for (const seconds of [3600, 90]) {
        const fixture = newFixture(seconds === 3600 ? {} : { policy: { accessTokenLifetimeSeconds: seconds } })
        const { access_token, expires_in } = await tokensOf(fixture)
        expect(expires_in).toBe(seconds)
        fixture.clock.now += seconds - 1
        expect(await isAlive(fixture, String(access_token))).toBe(true)
        fixture.clock.now += 1
        expect(await isAlive(fixture, String(access_token))).toBe(false)
      }
      expect(await tokensWith({}, { scope: 'patient/*.rs' })).not.toHaveProperty('refresh_token')
    }
  ),
  row(
    'TOK-013',
    'scope is always there and says what was granted: all of it, a part, or nothing where the policy grants that',
    async () => {
      for (const specVersion of releases) {
        expect(await tokensWith({ policy: { specVersion } })).toMatchObject({
          scope: 'launch/patient openid fhirUser offline_access patient/*.rs'
        })
        expect(await tokensWith({ policy: { specVersion } }, { scope: 'openid patient/*.cruds foo' })).toMatchObject({
          scope: 'openid patient/*.rs'
        })
        expect(
          await tokensWith({ policy: { specVersion, emptyGrant: 'emptyString' } }, { scope: 'system/*.rs' })
        ).toMatchObject({ scope: '' })
      }
    }
  ),
  row('TOK-014', 'id_token is there when openid was granted, and only then', async () => {
    expect(await tokensWith({})).toHaveProperty('id_token')
    expect(await tokensWith({}, { scope: 'patient/*.rs fhirUser' })).not.toHaveProperty('id_token')
    expect(await tokensWith({}, {}, { approved: 'patient/*.rs launch/patient' })).not.toHaveProperty('id_token')
  }),
  row('TOK-015', 'refresh_token is there when offline_access or online_access was granted, and only then', async () => {
    expect(await tokensWith({}, { scope: 'offline_access patient/*.rs' })).toHaveProperty('refresh_token')
    expect(await tokensWith({}, { scope: 'online_access patient/*.rs' })).toHaveProperty('refresh_token')
    expect(await tokensWith({}, { scope: 'openid patient/*.rs' })).not.toHaveProperty('refresh_token')
    expect(await tokensWith({}, {}, { approved: 'openid patient/*.rs' })).not.toHaveProperty('refresh_token')
  }),
  row(
    'TOK-018 TOK-019 TOK-111',
    'no cache keeps an answer: Cache-Control: no-store and Pragma: no-cache stand on every one, errors among them',
    async () => {
      for (const response of await everyAnswer())
        expect(response.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' })
    }
  ),
  row(
    'TOK-024',
    'an opaque token cannot be made up: its code of authentication covers all it says, and a changed character ' +
      'kills it; a JWT is signed',
    async () => {
      for (const accessTokenFormat of ['opaque', 'jwt'] as const) {
        const fixture = newFixture({ policy: { accessTokenFormat } })
        const token = String((await tokensOf(fixture))['access_token'])
        expect(await isAlive(fixture, token)).toBe(true)
        for (let place = 0; place < token.length - 1; place += 7) {
          const changed = `${token.slice(0, place)}${token[place] === 'A' ? 'B' : 'A'}${token.slice(place + 1)}`
          expect([place, await isAlive(fixture, changed)]).toEqual([place, false])
        }
      }
    }
  ),
  row(
    'TOK-025',
    'access tokens fit into a header: an opaque one has less than 250 characters, whatever it permits',
    async () => {
      const scope = [
        'launch/patient',
        ...Array.from(
          { length: 60 },
          (_, index) => `patient/Observation.rs?category=http://example.org|c${String(index)}`
        )
      ].join(' ')
      const body = await tokensWith({}, { scope })
      expect(String(body['scope']).length).toBeGreaterThan(3000)
      expect(String(body['access_token']).length).toBeLessThan(250)
    }
  ),
  row(
    'TOK-026',
    'without offline_access or online_access in the granted scope there is no refresh token, although it was requested',
    async () => {
      const body = await tokensWith({}, {}, { approved: 'launch/patient openid patient/*.rs' })
      expect([body['scope'], body['refresh_token']]).toEqual(['launch/patient openid patient/*.rs', undefined])
    }
  ),
  row(
    'TOK-113',
    'errors have the status 400, or 401 for invalid_client, and are those of RFC 6749, section 5.2, or ' +
      'invalid_target of RFC 8707',
    async () => {
      const shownThere = Object.values(refusalTable).filter(
        ({ shown, status }) => shown.includes('token') && status < 500
      )
      const others = shownThere.filter(({ error }) => !tokenErrors.includes(error) && error !== 'invalid_target')
      expect(
        others
          .map(({ error }) => error)
          .filter((error) => /^(?:login|consent|interaction|request|registration)_/.test(error))
      ).toEqual([])
      const statuses = (await everyAnswer()).map((response) => answered(response)).filter(([status]) => status !== 200)
      for (const [status, error] of statuses) {
        expect(tokenErrors).toContain(error)
        expect([400, 401, 405]).toContain(status)
        expect(status === 401).toBe(error === 'invalid_client')
      }
      expect(statuses.length).toBe(7)
    }
  ),
  row(
    'TOK-117',
    'error, error_description and error_uri keep to their characters, and nothing of the request is echoed in them',
    async () => {
      for (const refused of Object.values(refusalTable).filter(({ shown }) => shown.includes('token'))) {
        expect(refused.error).toMatch(/^[a-z_]+$/)
        expect(refused.description).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/)
        expect(errorUri(refused)).toMatch(/^[\x21\x23-\x5b\x5d-\x7e]+$/)
      }
      for (const change of [{ grant_type: '"ü\\' }, { code: '<script>' }, { client_id: '"ü' }]) {
        const text = (await exchange(newFixture(), 'x', change)).body
        expect(text).not.toMatch(/[ü<\\]/)
      }
    }
  ),
  row('TOK-120', 'challenges are compared at every character, whatever the answer', () => {
    const reads: Array<number> = []
    const counted = new Proxy(
      {
        length: 43,
        charCodeAt: (index: number) => {
          reads.push(index)
          return 120
        }
      },
      {}
    )
    expect(sameDigest(counted as unknown as string, 'y'.repeat(43))).toBe(false)
    expect(reads).toEqual(Array.from({ length: 43 }, (_, index) => index))
    expect([
      sameDigest('x'.repeat(43), 'x'.repeat(43)),
      sameDigest('x'.repeat(43), 'x'.repeat(42)),
      sameDigest('', 'x')
    ]).toEqual([true, false, false])
  }),
  row(
    'TOK-023',
    "a client's kind does not lengthen its tokens: the confidential one's live as long as the public one's (a " +
      'server may make them longer, and this one does not)',
    async () => {
      const fixture = newFixture()
      const confidential = await tokensOf(fixture, { client_id: 'sym-app' }, {}, { client_id: null }, asConfidential)
      expect([confidential['expires_in'], (await tokensOf(fixture))['expires_in']]).toEqual([3600, 3600])
    }
  )
]
