/** Revocation (RFC 7009): what shows that it is met. */
import { expect } from 'vitest'
import type { Area } from '../matrix.js'
import {
  answered,
  asOther,
  callersWorld,
  inactive,
  introspect,
  obtainTokens,
  revoke
} from '../../support/server/callers.js'
import { bodyOf, exchange, get, isAlive, refresh } from '../../support/server-fixture.js'

export const revocationArea: Area = {
  area: 'revocation',
  shown: [
    {
      ids: ['REV-101'],
      by: 'a second exchange of a code kills what the first one bought',
      run: async () => {
        const fixture = callersWorld()
        const { access, code, refresh: token } = await obtainTokens(fixture)
        expect((await exchange(fixture, code)).status).toBe(400)
        expect([await isAlive(fixture, access), (await refresh(fixture, token)).status]).toEqual([false, 400])
      }
    },
    {
      ids: ['REV-102'],
      by: "a form by POST with a token and the client's usual authentication, client_id for a public one",
      run: async () => {
        const fixture = callersWorld()
        const { access } = await obtainTokens(fixture)
        expect((await answered(fixture, get('/revoke', `token=${access}`))).status).toBe(405)
        expect(bodyOf(await revoke(fixture, null))).toMatchObject({ error: 'invalid_request' })
        expect(bodyOf(await revoke(fixture, access, { client_id: null }))).toMatchObject({ error: 'invalid_client' })
        expect((await revoke(fixture, access)).status).toBe(200)
      }
    },
    {
      ids: ['REV-103'],
      by: 'hints change nothing',
      run: async () => {
        for (const hint of ['access_token', 'refresh_token', 'anything']) {
          const fixture = callersWorld()
          const { refresh: token } = await obtainTokens(fixture)
          expect((await revoke(fixture, token, { token_type_hint: hint })).status).toBe(200)
          expect((await refresh(fixture, token)).status).toBe(400)
        }
      }
    },
    {
      ids: ['REV-104'],
      by:
        'the token of another client is refused and lives on; by policy the answer is 200, and it lives on all ' +
        'the same',
      run: async () => {
        for (const [revokeForeign, status] of [
          ['error', 400],
          ['silent200', 200]
        ] as const) {
          const fixture = callersWorld({ policy: { revokeForeign } })
          const { access } = await obtainTokens(fixture)
          expect((await revoke(fixture, access, {}, asOther)).status).toBe(status)
          expect(await isAlive(fixture, access)).toBe(true)
        }
      }
    },
    {
      ids: ['REV-105', 'REV-107', 'REV-108'],
      by: 'an access token is invalid at once and alone, with the refresh token where the policy says so',
      run: async () => {
        const fixture = callersWorld()
        const tokens = await obtainTokens(fixture)
        await revoke(fixture, tokens.access)
        expect(await introspect(fixture, tokens.access)).toEqual(inactive)
        expect((await refresh(fixture, tokens.refresh)).status).toBe(200)
        const whole = callersWorld({ policy: { accessTokenRevocation: 'wholeGrant' } })
        const others = await obtainTokens(whole)
        await revoke(whole, others.access)
        expect(bodyOf(await refresh(whole, others.refresh))).toMatchObject({ error: 'invalid_grant' })
      }
    },
    {
      ids: ['REV-106'],
      by: 'a refresh token takes every access token of the grant along',
      run: async () => {
        const fixture = callersWorld()
        const tokens = await obtainTokens(fixture)
        const next = bodyOf(await refresh(fixture, tokens.refresh))
        await revoke(fixture, String(next['refresh_token']))
        expect(
          await Promise.all([tokens.access, String(next['access_token'])].map((token) => isAlive(fixture, token)))
        ).toEqual([false, false])
      }
    },
    {
      ids: ['REV-109'],
      by: 'a living token, the same again, an expired and an unknown one: the same answer',
      run: async () => {
        const fixture = callersWorld()
        const tokens = await obtainTokens(fixture)
        const first = await revoke(fixture, tokens.access)
        expect(first.status).toBe(200)
        expect(await revoke(fixture, tokens.access)).toEqual(first)
        expect(await revoke(fixture, 'unknown')).toEqual(first)
        fixture.clock.now += 3600
        expect(await revoke(fixture, tokens.access)).toEqual(first)
      }
    },
    {
      ids: ['REV-110'],
      by: 'unsupported_token_type for an id_token and a code; 503 with Retry-After when the keys do not answer',
      run: async () => {
        const fixture = callersWorld()
        const { id, code, access } = await obtainTokens(fixture)
        for (const text of [id, code])
          expect(bodyOf(await revoke(fixture, text))).toMatchObject({ error: 'unsupported_token_type' })
        const { keys } = fixture.ports
        const silent = callersWorld({
          ports: {
            keys: {
              ...keys,
              verifyMac: () => () => Promise.resolve({ _tag: 'Left', left: { _tag: 'Unavailable', reason: 'x' } })
            }
          }
        })
        const response = await revoke(silent, access)
        expect([response.status, response.headers['retry-after']]).toEqual([503, '1'])
      }
    }
  ],
  outside: []
}
