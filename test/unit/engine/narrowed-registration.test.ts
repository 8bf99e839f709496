/**
 * A client that is registered for less than before: its code buys nothing, and it is refreshed within what it is
 * registered for now.
 */
import { describe, expect, it } from 'vitest'
import { scopeBehind } from '../../support/token-fixture.js'
import { manage, register, registered, registrationWorld, webApp } from '../../support/client/registration.js'
import type { Fixture, FixtureOptions } from '../../support/server-fixture.js'
import { bodyOf, exchange, newFixture, obtainCode, redirectUri, refresh } from '../../support/server-fixture.js'
import type { PlainResponse } from '../../../src/protocol/http/message.js'

const app = {
  ...webApp,
  redirect_uris: [redirectUri],
  scope: 'launch/patient openid fhirUser offline_access patient/*.rs'
}
const granted = 'launch/patient openid fhirUser offline_access patient/Observation.rs patient/Condition.read'

interface Launched {
  readonly fixture: Fixture
  readonly clientId: string
  /** Replaces the registration with this scope. */
  readonly registerFor: (scope: string) => Promise<void>
  readonly refresh: (change?: Readonly<Record<string, string>>) => Promise<PlainResponse>
}

const launched = async (options: FixtureOptions = {}): Promise<Launched> => {
  const fixture = newFixture({
    ...registrationWorld({ scope: 'launch/patient openid fhirUser offline_access patient/*.cruds' }),
    ...options
  })
  const reported = registered(await register(fixture, app))
  const clientId = String(reported['client_id'])
  const tokens = bodyOf(
    await exchange(fixture, await obtainCode(fixture, { client_id: clientId, scope: granted }), { client_id: clientId })
  )
  expect(tokens['scope']).toBe(granted)
  const latest = { token: String(tokens['refresh_token']) }
  return {
    fixture,
    clientId,
    registerFor: async (scope) => {
      const answer = await manage(fixture, 'PUT', clientId, String(reported['registration_access_token']), {
        ...app,
        client_id: clientId,
        scope
      })
      expect([answer.status, bodyOf(answer)['scope']]).toEqual([200, scope])
    },
    refresh: async (change = {}) => {
      const answer = await refresh(fixture, latest.token, { client_id: clientId, ...change })
      if (answer.status === 200) latest.token = String(bodyOf(answer)['refresh_token'])
      return answer
    }
  }
}

const scopeOf = (answer: PlainResponse): unknown =>
  answer.status === 200 ? bodyOf(answer)['scope'] : [answer.status, bodyOf(answer)['error']]

describe('a code', () => {
  /** A code of before, and its exchange after the registration was replaced with this scope. */
  const redeemedFor = async (scope: string, policy: FixtureOptions['policy'] = {}) => {
    const { fixture, registerFor, clientId } = await launched({ policy })
    const code = await obtainCode(fixture, { client_id: clientId, scope: granted })
    await registerFor(scope)
    return {
      fixture,
      registerFor,
      again: () => exchange(fixture, code, { client_id: clientId }),
      answer: await exchange(fixture, code, { client_id: clientId })
    }
  }

  it.each(['launch/patient offline_access patient/*.r', 'launch/patient patient/*.rs', 'patient/Immunization.rs', ''])(
    'whose client is registered for %j now buys nothing, and the grant has ended',
    async (scope) => {
      const { fixture, answer, again, registerFor } = await redeemedFor(scope)
      expect([scopeOf(answer), fixture.audited.at(-1)?.refusal?._tag]).toEqual([
        [400, 'invalid_grant'],
        'CodeScopeNoLongerRegistered'
      ])
      await registerFor(app.scope)
      expect([scopeOf(await again()), fixture.audited.at(-1)?.refusal?._tag]).toEqual([
        [400, 'invalid_grant'],
        'GrantEnded'
      ])
    }
  )

  it('buys all of it where the registration still covers it in other words', async () => {
    const { answer } = await redeemedFor('launch/patient openid fhirUser offline_access patient/*.r patient/*.s')
    expect(scopeOf(answer)).toBe(granted)
  })
})

describe('a refresh', () => {
  it.each([
    ['launch/patient offline_access patient/Observation.rs', 'launch/patient offline_access patient/Observation.rs'],
    ['offline_access patient/*.r', 'offline_access patient/Observation.r patient/Condition.r'],
    ['offline_access patient/Observation.rs?status=final', 'offline_access patient/Observation.rs?status=final'],
    ['offline_access fhirUser patient/*.s', 'offline_access patient/Observation.s patient/Condition.s'],
    [app.scope, granted],
    ['launch/patient openid fhirUser offline_access patient/*.cruds', granted]
  ])('of a client that is registered for %s now: %s', async (scope, expected) => {
    const { fixture, registerFor, refresh: again } = await launched()
    await registerFor(scope)
    const answer = await again()
    expect(scopeOf(answer)).toBe(expected)
    expect(await scopeBehind(fixture, String(bodyOf(answer)['access_token']))).toBe(expected)
  })

  it('may ask for what is left, and for nothing that was taken back', async () => {
    const { fixture, registerFor, refresh: again } = await launched()
    await registerFor('offline_access patient/Observation.rs')
    expect(scopeOf(await again({ scope: 'patient/Observation.r' }))).toBe('patient/Observation.r')
    expect(scopeOf(await again({ scope: 'patient/Condition.read' }))).toEqual([400, 'invalid_scope'])
    expect(fixture.audited.at(-1)?.refusal?._tag).toBe('ScopeBeyondGrant')
  })

  it.each(['launch/patient openid fhirUser patient/*.rs', 'patient/Immunization.rs', ''])(
    'is refused when %j leaves none, and spends nothing: what is registered again is had again',
    async (scope) => {
      const { fixture, registerFor, refresh: again } = await launched()
      await registerFor(scope)
      expect(scopeOf(await again())).toEqual([400, 'invalid_scope'])
      expect(fixture.audited.at(-1)?.refusal?._tag).toBe('ScopeNoLongerRegistered')
      await registerFor(app.scope)
      expect(scopeOf(await again())).toBe(granted)
    }
  )

  it('brings no id_token to a client that is not registered for openid any more', async () => {
    const { registerFor, refresh: again } = await launched({ policy: { idTokenOnRefresh: true } })
    expect(bodyOf(await again())).toHaveProperty('id_token')
    await registerFor('offline_access patient/*.rs')
    expect(bodyOf(await again())).not.toHaveProperty('id_token')
  })
})
