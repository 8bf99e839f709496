/** Crashes of a process between every two steps: it stops before or after an operation, and another one goes on. */
import * as Either from 'fp-ts/lib/Either.js'
import { expect } from 'vitest'
import type { Variant } from './row.js'
import { answered, revoke } from '../support/server/callers.js'
import { agree, atConsent, waiting } from '../support/server/conversation.js'
import type { Fixture } from '../support/server-fixture.js'
import {
  alice,
  authorize,
  bodyOf,
  exchange,
  issuer,
  isAlive,
  newFixture,
  obtainCode,
  post,
  refresh
} from '../support/server-fixture.js'
import type { Store } from '../../src/engine/ports.js'
import { authorizationServer } from '../../src/engine/server/authorization-server.js'
import type { PlainResponse } from '../../src/protocol/http/message.js'

const registration = { mode: 'open' } as const

/** Another process on the same store, which stops at an operation; `stopped` resolves then. */
const stoppingProcess = (fixture: Fixture, when: 'before' | 'after', operation: number) => {
  let done = 0
  let stop: () => void = () => undefined
  const stopped = new Promise<'stopped'>((resolve) => {
    stop = () => {
      resolve('stopped')
    }
  })
  const never = new Promise<never>(() => undefined)
  const stopping =
    <Answer>(perform: () => Promise<Answer>) =>
    async (): Promise<Answer> => {
      done += 1
      const isLast = done === operation
      if (done > operation || (isLast && when === 'before')) {
        stop()
        return never
      }
      const answer = await perform()
      if (!isLast) return answer
      stop()
      return never
    }
  const store: Store = {
    load: (key) => stopping(fixture.memory.load(key)),
    swap: (...write) => stopping(fixture.memory.swap(...write))
  }
  const built = authorizationServer(
    { issuer, fhirBaseUrl: fixture.server.facts.fhirBaseUrl, registration },
    { ...fixture.ports, store }
  )
  if (Either.isLeft(built)) throw new Error(JSON.stringify(built.left))
  return { process: { ...fixture, server: built.right }, stopped }
}

/** A request that is interrupted, and what must hold of the one that follows at the other process. */
interface Interrupted<Given> {
  readonly prepare: (fixture: Fixture) => Promise<Given>
  readonly send: (process: Fixture, given: Given) => Promise<unknown>
  /** Asserts; `isUntouched` when nothing was done before the crash. */
  readonly follow: (fixture: Fixture, given: Given, isUntouched: boolean) => Promise<void>
}

const newWorld = (): Fixture => newFixture({ settings: { registration } })

const crashesOf = <Given>(name: string, { prepare, send, follow }: Interrupted<Given>): Variant => ({
  name: `${name}, before and after each operation`,
  run: async () => {
    let crashed = 0
    for (let operation = 1; operation < 20; operation++) {
      let isOver = true
      for (const when of ['before', 'after'] as const) {
        const fixture = newWorld()
        const given = await prepare(fixture)
        const { process, stopped } = stoppingProcess(fixture, when, operation)
        if ((await Promise.race([send(process, given), stopped])) !== 'stopped') continue
        isOver = false
        crashed += 1
        await follow(fixture, given, operation === 1 && when === 'before')
      }
      if (isOver) break
    }
    expect(crashed).toBeGreaterThanOrEqual(4)
  }
})

/** At most one success follows, and one for certain when nothing was done before. */
const succeedsOnce = async (send: () => Promise<PlainResponse>, isUntouched: boolean): Promise<void> => {
  const statuses = [(await send()).status, (await send()).status, (await send()).status]
  expect(statuses.slice(1)).toEqual([400, 400])
  expect(isUntouched ? [200] : [200, 400]).toContain(statuses[0])
}

const newTokens = async (fixture: Fixture) => {
  const body = bodyOf(await exchange(fixture, await obtainCode(fixture)))
  return { access: String(body['access_token']), refresh: String(body['refresh_token']) }
}

const registered = (process: Fixture): Promise<PlainResponse> =>
  answered(process, {
    ...post('/register', []),
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ redirect_uris: ['https://new.example/cb'], token_endpoint_auth_method: 'none' })
  })

/** The crashes of every request that writes. */
export const crashes: ReadonlyArray<Variant> = [
  crashesOf('code exchange', {
    prepare: (fixture) => obtainCode(fixture),
    send: exchange,
    follow: (fixture, code, isUntouched) => succeedsOnce(() => exchange(fixture, code), isUntouched)
  }),
  crashesOf('refresh', {
    prepare: newTokens,
    send: (process, { refresh: token }) => refresh(process, token),
    follow: (fixture, { refresh: token }, isUntouched) => succeedsOnce(() => refresh(fixture, token), isUntouched)
  }),
  crashesOf('revocation', {
    prepare: newTokens,
    send: (process, { refresh: token }) => revoke(process, token),
    follow: async (fixture, tokens) => {
      expect((await revoke(fixture, tokens.refresh)).status).toBe(200)
      expect(await isAlive(fixture, tokens.access)).toBe(false)
      expect((await refresh(fixture, tokens.refresh)).status).toBe(400)
    }
  }),
  crashesOf('registration', {
    prepare: () => Promise.resolve(null),
    send: registered,
    follow: async (fixture) => {
      expect((await registered(fixture)).status).toBe(201)
    }
  }),
  crashesOf('the conversation', {
    prepare: () => Promise.resolve(null),
    send: async (process) => {
      await obtainCode(process)
    },
    follow: async (fixture) => {
      await succeedsOnceWith(fixture, await obtainCode(fixture))
    }
  }),
  crashesOf('consent', {
    prepare: (fixture) => atConsent(fixture),
    send: agree,
    follow: async (fixture, waitingFor) => {
      const again = await agree(fixture, waitingFor)
      // The code of the process that stopped is in no hands. The app begins again.
      expect(['SendToApp', 'ShowRefusal']).toContain(again._tag)
      const begun = waiting(await authorize(fixture))
      expect((await fixture.server.interaction.userSignedIn(begun.interaction, alice)())._tag).toBe('NeedsContext')
    }
  })
]

const succeedsOnceWith = (fixture: Fixture, code: string): Promise<void> =>
  succeedsOnce(() => exchange(fixture, code), true)
