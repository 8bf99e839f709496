/** What the rows of attacks and conformance leave over: the switches, and ports that do not answer. */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import {
  answered,
  asBearer,
  asOther,
  asRs,
  backendToken,
  callersWorld,
  inactive,
  introspect,
  obtainTokens,
  revoke
} from '../../support/server/callers.js'
import { bodyOf, redirectUri, refresh, synchronousKeys } from '../../support/server-fixture.js'
import type { SmartPolicy } from '../../../src/protocol/policy/policy.js'
import { checkPolicy } from '../../../src/protocol/policy/policy-check.js'

const unavailable = TaskEither.left({ _tag: 'Unavailable', reason: 'planted' } as const)
const symmetric = { authorization: `Basic ${Buffer.from('sym-app:s3cret%3A%25').toString('base64')}` }

describe('who may introspect', () => {
  it('may be an unauthenticated caller only if two options allow it', async () => {
    const fixture = callersWorld({
      policy: { introspectionAuth: 'anonymous', introspectForeignTokens: 'anyAuthorised' }
    })
    const { access, refresh: token } = await obtainTokens(fixture)
    expect(bodyOf(await introspect(fixture, access, {}))['active']).toBe(true)
    expect(await introspect(fixture, token, {})).toEqual(inactive)
    // Whoever shows something must show the right thing.
    expect((await introspect(fixture, access, {}, { client_id: 'pub-app' })).status).toBe(401)
  })

  it('is no client with credentials where bearer tokens alone are taken, and the challenge says so', async () => {
    const fixture = callersWorld({ policy: { introspectionAuth: 'bearer' } })
    const { access } = await obtainTokens(fixture)
    const refused = await introspect(fixture, access, asRs)
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([401, 'Bearer realm="fhir"'])
    expect(bodyOf(await introspect(fixture, access, asBearer(await backendToken(fixture, 'gateway'))))['active']).toBe(
      true
    )
  })

  it('is every bearer where the policy lets all authorized callers see all', async () => {
    const fixture = callersWorld({ policy: { introspectForeignTokens: 'anyAuthorised' } })
    const { access } = await obtainTokens(fixture)
    expect(bodyOf(await introspect(fixture, await backendToken(fixture), asBearer(access)))).toMatchObject({
      active: true,
      client_id: 'backend'
    })
  })

  it.each([
    { client_secret: 'rs-secret', client_id: 'rs' },
    { client_secret: 'x' },
    { client_assertion: 'x' },
    { client_assertion_type: 'x' }
  ])('is no caller with an access token and credentials in the body: %j', async (inBody) => {
    const fixture = callersWorld()
    const { access } = await obtainTokens(fixture)
    const answer = await introspect(fixture, access, asBearer(await backendToken(fixture, 'gateway')), inBody)
    expect([answer.status, bodyOf(answer)['error'], fixture.audited.at(-1)?.refusal?._tag]).toEqual([
      400,
      'invalid_request',
      'CredentialsTwice'
    ])
  })

  it('is no client that was removed from the register, though its token lives', async () => {
    const fixture = callersWorld()
    const bearer = asBearer(await backendToken(fixture, 'gateway'))
    const removed = callersWorld({
      ports: { ...fixture.ports, clients: { ...fixture.ports.clients, find: () => TaskEither.right(Option.none) } }
    })
    expect((await introspect(removed, 'x', bearer)).status).toBe(401)
  })

  it.each<readonly [Partial<SmartPolicy>, ReadonlyArray<string>]>([
    [{ introspectionAuth: 'clientCredentials' }, []],
    [{ introspectionAuth: 'clientCredentials', specVersion: '2.1.0' }, []],
    [{ introspectionAuth: 'clientCredentials', specVersion: '2.2.0' }, ['policy.introspectionAuth']],
    [{ introspectionAuth: 'bearer', specVersion: '2.2.0' }, []],
    [{ introspectionAuth: 'anonymous' }, ['policy.introspectionAuth']],
    [{ introspectionAuth: 'anonymous', introspectForeignTokens: 'anyAuthorised' }, []]
  ])('%j contradicts itself in %j', (policy, paths) => {
    const checked = checkPolicy(policy)
    expect(Either.isLeft(checked) ? checked.left.map(({ path }) => path) : []).toEqual(paths)
  })
})

describe('a refresh token', () => {
  it(
    'is active for its client while it can be used: not after its use, and not after the session of an ' +
      'online one ended',
    async () => {
      const fixture = callersWorld({ policy: { introspectRefreshTokens: true } })
      const tokens = await obtainTokens(
        fixture,
        { client_id: 'sym-app', scope: 'launch/patient online_access patient/*.rs' },
        symmetric
      )
      const reported = bodyOf(await introspect(fixture, tokens.refresh, symmetric))
      expect([reported['active'], reported['token_type'], reported['patient']]).toEqual([true, undefined, '123'])
      fixture.online.now = false
      expect(await introspect(fixture, tokens.refresh, symmetric)).toEqual(inactive)
      fixture.online.now = true
      const used = await obtainTokens(fixture, { client_id: 'sym-app' }, symmetric)
      const request = { grant_type: 'refresh_token', refresh_token: used.refresh, redirect_uri: redirectUri }
      await fixture.server.endpoints.token({
        method: 'POST',
        path: '/token',
        query: '',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...symmetric },
        body: new URLSearchParams(request).toString()
      })()
      expect(await introspect(fixture, used.refresh, symmetric)).toEqual(inactive)
    }
  )

  it('is active for no caller by default', async () => {
    const fixture = callersWorld()
    const tokens = await obtainTokens(fixture, { client_id: 'sym-app' }, symmetric)
    expect(await introspect(fixture, tokens.refresh, symmetric)).toEqual(inactive)
    expect((await refresh(fixture, 'x')).status).toBe(400)
  })
})

describe('a port that does not answer', () => {
  it.each([
    ['the keys', { keys: { ...synchronousKeys, verifyMac: () => unavailable } }],
    ['the register of clients', { clients: { find: () => unavailable, isRegisteredOrigin: () => unavailable } }]
  ])('%s: 503 with Retry-After, and never "not active"', async (_name, ports) => {
    const fixture = callersWorld()
    const { access } = await obtainTokens(fixture)
    const response = await introspect(callersWorld({ ports: { ...fixture.ports, ...ports } }), access)
    expect([response.status, response.headers['retry-after'], response.body.includes('active":')]).toEqual([
      503,
      '1',
      false
    ])
    expect((await revoke(callersWorld({ ports: { ...fixture.ports, ...ports } }), access)).status).toBe(503)
  })

  it('the sessions, for an online refresh token', async () => {
    const fixture = callersWorld({ policy: { introspectRefreshTokens: true } })
    const tokens = await obtainTokens(
      fixture,
      { client_id: 'sym-app', scope: 'launch/patient online_access patient/*.rs' },
      symmetric
    )
    const silent = callersWorld({
      policy: { introspectRefreshTokens: true },
      ports: { ...fixture.ports, users: { isOnline: () => unavailable } }
    })
    expect((await introspect(silent, tokens.refresh, symmetric)).status).toBe(503)
  })
})

describe('the endpoints beside the token endpoint', () => {
  it.each(['/introspect', '/revoke'])('%s is shared with the pages of registered apps alone', async (path) => {
    const fixture = callersWorld()
    const preflight = (origin: string) =>
      answered(fixture, {
        method: 'OPTIONS',
        path,
        query: '',
        body: '',
        headers: { origin, 'access-control-request-method': 'POST' }
      })
    expect((await preflight('https://app.example')).headers['access-control-allow-origin']).toBe('https://app.example')
    expect((await preflight('https://evil.example')).headers['access-control-allow-origin']).toBeUndefined()
  })

  it('tell the log why, and the caller nothing', async () => {
    const fixture = callersWorld()
    const { access } = await obtainTokens(fixture)
    const validated = async (
      token: string,
      headers = asRs
    ): Promise<readonly [string | undefined, string | undefined]> => {
      await introspect(fixture, token, headers)
      return [fixture.audited.at(-1)?.decision, fixture.audited.at(-1)?.refusal?._tag]
    }
    expect(await validated(access)).toEqual(['TokenIntrospected', undefined])
    expect(await validated(access, asOther)).toEqual(['TokenIntrospected', 'TokenOfAnotherClient'])
    expect(await validated('x')).toEqual(['TokenIntrospected', 'TokenUnknown'])
    await revoke(fixture, access)
    expect(await validated(access)).toEqual(['TokenIntrospected', 'AccessTokenRevoked'])
  })
})
