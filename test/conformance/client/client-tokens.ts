/** The client's requirements about token requests, refreshes and backend services. */
import { expect } from 'vitest'
import type { Shown } from '../matrix.js'
import { answer, backendOf, launchOf, opened } from '../../support/app/client-trace.js'
import { begin, complete, consent, everyMethod, good, newParties, tokenRequests } from '../../support/app/parties.js'
import { tokenRequest } from '../../../src/protocol/app/requests.js'

const isForm = 'application/x-www-form-urlencoded'

export const tokenRows: ReadonlyArray<Shown> = [
  {
    ids: ['TOK-002', 'TOK-003', 'TOK-004', 'TOK-005', 'TOK-006', 'TOK-108'],
    by: 'every kind of client redeems the code it was given by a posted form, with redirect URI and verifier',
    run: async () => {
      for (const method of everyMethod) {
        const { exchange, requests } = await launchOf('standalone', method)
        expect(requests[0]).toMatchObject({ method: 'POST', headers: { 'content-type': isForm } })
        expect(exchange.get('grant_type')).toBe('authorization_code')
        expect(exchange.get('code')).toMatch(/\.c\./)
        expect(exchange.get('redirect_uri')).toBe('https://app.example/cb')
        expect(exchange.get('code_verifier')).not.toBeNull()
      }
    }
  },
  {
    ids: ['TOK-007', 'TOK-008', 'CLA-107', 'CLA-108', 'CLA-111'],
    by: 'a public client names itself in the body, one that authenticates does not',
    run: async () => {
      for (const method of everyMethod) {
        const { exchange, refresh } = await launchOf('standalone', method)
        const expected = method === 'none' ? 'the-app' : null
        expect([exchange.get('client_id'), refresh.get('client_id')]).toEqual([expected, expected])
      }
    }
  },
  {
    ids: ['TOK-101'],
    by: 'a code is sent once, even if no answer came',
    run: async () => {
      const parties = newParties({ tamper: (request, response) => (request.url.endsWith('/token') ? null : response) })
      const { launchId, query } = await begin(parties)
      const back = await consent(parties.fixture, query)
      expect(await parties.app.callback({ launchIds: [launchId], query: back })()).toMatchObject({
        left: { _tag: 'ServerUnavailable' }
      })
      expect(await parties.app.callback({ launchIds: [launchId], query: back })()).toMatchObject({
        left: { _tag: 'StateUsed' }
      })
      expect(tokenRequests(parties.sent)).toHaveLength(1)
    }
  },
  {
    ids: ['TOK-112'],
    by: 'undefined members change nothing',
    run: async () => {
      expect(
        await opened(answer('/token', (body) => ({ ...body, 'https://vendor.example/x': { a: 1 }, unheard: true })))
      ).toMatchObject({
        context: { patient: '123', extensions: { 'https://vendor.example/x': { a: 1 }, unheard: true } }
      })
    }
  },
  {
    ids: ['TOK-118'],
    by: 'a token that is no bearer token is not used; bearer in any case is',
    run: async () => {
      expect(await opened(answer('/token', (body) => ({ ...body, token_type: 'mac' })))).toMatchObject({
        _tag: 'TokenTypeUnknown'
      })
      expect(await opened(answer('/token', (body) => ({ ...body, token_type: 'bEARER' })))).toMatchObject({
        context: { patient: '123' }
      })
    }
  },
  {
    ids: ['TOK-021', 'REF-001', 'REF-002'],
    by: 'expires_in says when a token is exchanged; without a refresh token the session ends with it',
    run: async () => {
      const parties = newParties()
      const sessionId = await complete(parties)
      parties.fixture.clock.now += 3569
      good(await parties.app.accessToken(sessionId)())
      expect(tokenRequests(parties.sent)).toHaveLength(1)
      parties.fixture.clock.now += 1
      good(await parties.app.accessToken(sessionId)())
      expect(tokenRequests(parties.sent)).toHaveLength(2)
      const once = newParties({ settings: { scope: 'launch/patient patient/*.rs' } })
      const short = await complete(once)
      once.fixture.clock.now += 3599
      good(await once.app.accessToken(short)())
      once.fixture.clock.now += 1
      expect(await once.app.accessToken(short)()).toEqual({
        _tag: 'Left',
        left: { _tag: 'SessionLost', error: 'expired' }
      })
    }
  },
  {
    ids: ['REF-005', 'REF-301'],
    by: 'offline_access is requested where the app names it; in 2.2.0 a standalone launch asks for no online_access',
    run: async () => {
      expect((await launchOf()).requested.get('scope')?.split(' ')).toContain('offline_access')
      const scopeOf = async (specVersion: '2.0.0' | '2.2.0', kind: 'ehr' | 'standalone') =>
        new URLSearchParams(
          (await begin(newParties({ settings: { specVersion, scope: 'online_access patient/*.rs' } }), kind)).query
        ).get('scope')
      expect(await scopeOf('2.2.0', 'standalone')).toBe('patient/*.rs')
      expect(await scopeOf('2.2.0', 'ehr')).toBe('launch online_access patient/*.rs')
      expect(await scopeOf('2.0.0', 'standalone')).toBe('online_access patient/*.rs')
    }
  },
  {
    ids: ['REF-010', 'REF-013', 'REF-014', 'REF-015'],
    by:
      'a refresh is a posted form with grant_type=refresh_token and the refresh token that was issued; scope is ' +
      'left out or named',
    run: async () => {
      const { parties, refresh, requests } = await launchOf()
      expect(requests.at(-1)).toMatchObject({ method: 'POST', headers: { 'content-type': isForm } })
      const issued = (
        JSON.parse(
          parties.sent.find(({ request }) => request.body.includes('authorization_code'))?.response?.body ?? ''
        ) as { readonly refresh_token: string }
      ).refresh_token
      expect(Object.fromEntries(refresh)).toEqual({
        grant_type: 'refresh_token',
        refresh_token: issued,
        client_id: 'the-app'
      })
      const narrowed = tokenRequest(
        'https://e.example/token',
        'a',
        { _tag: 'ClientId' },
        { _tag: 'Refresh', refreshToken: 'r', scope: 'patient/Observation.r' }
      )
      expect(new URLSearchParams(narrowed.body).get('scope')).toBe('patient/Observation.r')
    }
  },
  {
    ids: ['REF-012'],
    by: 'a public client refreshes without proof, the others with the proof of the exchange',
    run: async () => {
      const proofs = await Promise.all(
        everyMethod.map(async (method) => {
          const { refresh, requests } = await launchOf('standalone', method)
          return [requests.at(-1)?.headers['authorization']?.slice(0, 6) ?? null, refresh.has('client_assertion')]
        })
      )
      expect(proofs).toEqual([
        [null, false],
        ['Basic ', false],
        [null, true]
      ])
    }
  },
  {
    ids: ['REF-016', 'REF-102'],
    by: 'a scope beyond the grant is refused before anything is sent',
    run: async () => {
      const parties = newParties()
      const sessionId = await complete(parties)
      expect(await parties.app.accessToken(sessionId, { scope: 'patient/*.cruds' })()).toMatchObject({
        left: { _tag: 'ScopeNotGranted' }
      })
      expect(tokenRequests(parties.sent)).toHaveLength(1)
      expect(good(await parties.app.accessToken(sessionId, { scope: 'patient/Observation.rs' })()).scope).toBe(
        'patient/Observation.rs'
      )
    }
  },
  {
    ids: ['REF-024', 'REF-104', 'REF-029'],
    by: 'a new refresh token takes the place of the old one, which is never sent twice, even if many ask at once',
    run: async () => {
      const parties = newParties()
      const sessionId = await complete(parties)
      for (let round = 0; round < 3; round++) {
        parties.fixture.clock.now += 3600
        await Promise.all(Array.from({ length: 5 }, () => parties.app.accessToken(sessionId)()))
      }
      const used = tokenRequests(parties.sent)
        .slice(1)
        .map(({ body }) => new URLSearchParams(body).get('refresh_token'))
      expect([used.length, new Set(used).size]).toEqual([3, 3])
    }
  },
  {
    ids: ['BKS-003', 'BKS-004', 'BKS-101', 'BKS-005', 'BKS-006', 'BKS-007', 'BKS-008', 'BKS-009', 'BKS-011'],
    by:
      'a backend service posts a form with its scope, client_credentials, and a signed assertion; without a ' +
      'scope it asks for nothing',
    run: async () => {
      const { exchange, parties, requests } = await launchOf('backend')
      expect(requests[0]).toMatchObject({ method: 'POST', headers: { 'content-type': isForm } })
      expect(Object.fromEntries(exchange)).toMatchObject({
        grant_type: 'client_credentials',
        scope: 'system/*.rs',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
      })
      expect(exchange.get('client_assertion')?.split('.')).toHaveLength(3)
      expect(await backendOf(parties, '').accessToken()).toMatchObject({ left: { _tag: 'ScopeNotGranted' } })
    }
  },
  {
    ids: ['BKS-201'],
    by: 'a backend service may ask for user/ scopes; whether it gets them is for the server',
    run: async () => {
      const { parties } = await launchOf('backend')
      await backendOf(parties, 'user/Observation.rs').accessToken()
      expect(new URLSearchParams(tokenRequests(parties.sent).at(-1)?.body).get('scope')).toBe('user/Observation.rs')
    }
  },
  {
    ids: ['BKS-202'],
    by: 'a backend service asks for a new token before the old one ends, and never refreshes',
    run: async () => {
      const { requests } = await launchOf('backend')
      expect(requests.map(({ body }) => new URLSearchParams(body).get('grant_type'))).toEqual([
        'client_credentials',
        'client_credentials'
      ])
    }
  }
]
