/** The load-step-swap loop: what it does when it loses, and when the store does not say what it did. */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import { client, codePresented, opened, policy } from '../../../support/machines/samples.js'
import { memoryStore } from '../../../../src/adapters/stores/memory-store.js'
import { changeRecord, openRecord } from '../../../../src/engine/compare-and-swap.js'
import type { Store, StoreError } from '../../../../src/engine/ports.js'
import { grantMachine } from '../../../../src/protocol/grant/grant.js'
import { limits } from '../../../../src/values/limits/limits.js'
import type { CodeIssued, Grant } from '../../../../src/protocol/grant/state.js'
import { GrantCodec } from '../../../../src/protocol/grant/state.js'
import { sha256 } from '../../../support/machines/samples.js'

const issued: CodeIssued = {
  _tag: 'CodeIssued',
  grantId: 'grant-1',
  clientId: 'app',
  clientType: opened.clientType,
  writeId: 'before',
  recordExpiresAt: 9000,
  redirectUri: opened.redirectUri,
  scope: 'openid',
  audience: opened.audience,
  codeChallenge: opened.codeChallenge,
  codeDigest: sha256('code'),
  nonce: null,
  user: { sub: 'alice', fhirUser: null, authTime: 0 },
  context: {},
  refresh: 'none',
  endsAt: 9000,
  codeExpiresAt: 1060
}

type Answer = 'done' | 'refused' | 'unknownApplied' | 'unknownNotApplied' | 'lost'

/** A store that answers its first swaps as the test says, and the others correctly. */
const storeThat = async (
  ...answers: ReadonlyArray<Answer>
): Promise<{ readonly store: Store; readonly now: () => Promise<Grant>; readonly swaps: () => number }> => {
  const memory = memoryStore({ now: () => 1000 })
  await memory.swap('grant', Option.none, JSON.stringify(issued), 9000)()
  const left = [...answers]
  let swaps = 0
  const unavailable = (applied: StoreError['applied']) => Either.left({ _tag: 'Unavailable', applied } as const)
  return {
    swaps: () => swaps,
    now: async () => {
      const loaded = await memory.load('grant')()
      if (Either.isLeft(loaded) || Option.isNone(loaded.right)) throw new Error('gone')
      return JSON.parse(loaded.right.value.text) as Grant
    },
    store: {
      load: memory.load,
      swap: (key, expected, text, expiresAt) => async () => {
        swaps += 1
        const answer = left.shift() ?? 'done'
        const apply = memory.swap(key, expected, text, expiresAt)
        switch (answer) {
          case 'done':
            return apply()
          case 'lost':
            return Either.right('lost')
          case 'refused':
            return unavailable('no')
          case 'unknownApplied':
            await apply()
            return unavailable('unknown')
          case 'unknownNotApplied':
            return unavailable('unknown')
        }
      }
    }
  }
}

const redeem = (store: Store) => changeRecord(store, GrantCodec, grantMachine(policy))('grant', codePresented())()

const outcome = (result: Awaited<ReturnType<typeof redeem>>): string => {
  if (Either.isLeft(result)) return result.left._tag
  return result.right._tag === 'NotFound' ? 'NotFound' : (result.right.command?._tag ?? '')
}

describe('a change', () => {
  it.each<readonly [string, ReadonlyArray<Answer>, string, string]>([
    ['is made at once', ['done'], 'IssueTokens', 'Active'],
    ['is made after it lost twice', ['lost', 'lost'], 'IssueTokens', 'Active'],
    ['is not made when the store refuses', ['refused'], 'StoreUnavailable', 'CodeIssued'],
    ['is recognized as its own when the store did not say so', ['unknownApplied'], 'IssueTokens', 'Active'],
    ['is tried again when it was not applied', ['unknownNotApplied'], 'IssueTokens', 'Active'],
    [
      'is recognized after a loss and two unknowns',
      ['lost', 'unknownNotApplied', 'unknownApplied'],
      'IssueTokens',
      'Active'
    ],
    [
      'never becomes a success when nothing is ever known',
      Array.from({ length: 20 }, () => 'unknownNotApplied' as const),
      'StoreUnavailable',
      'CodeIssued'
    ],
    ['gives up when it always loses', Array.from({ length: 20 }, () => 'lost' as const), 'StoreContended', 'CodeIssued']
  ])('%s', async (_name, answers, expected, state) => {
    const { store, now, swaps } = await storeThat(...answers)
    expect(outcome(await redeem(store))).toBe(expected)
    expect((await now())._tag).toBe(state)
    expect(swaps()).toBeLessThanOrEqual(limits.recordChanges.default + 1)
  })

  it.each<readonly [string, Answer, string, string]>([
    ['is made at once', 'done', 'IssueTokens', 'Active'],
    ['loses once and for all', 'lost', 'StoreContended', 'CodeIssued'],
    ['is not vouched for when the store did not say that it was made', 'unknownApplied', 'StoreUnavailable', 'Active'],
    ['is not made when the store refuses', 'refused', 'StoreUnavailable', 'CodeIssued']
  ])('that is tried once, and not recognized, %s', async (_name, answer, expected, state) => {
    const { store, now, swaps } = await storeThat(answer)
    const change = changeRecord(store, GrantCodec, grantMachine(policy), { tries: 1, recognizesOwn: false })
    expect(outcome(await change('grant', codePresented())())).toBe(expected)
    expect([(await now())._tag, swaps()]).toEqual([state, 1])
  })

  it('that is only a refusal writes nothing', async () => {
    const { store, swaps } = await storeThat()
    const change = await changeRecord(
      store,
      GrantCodec,
      grantMachine(policy)
    )('grant', codePresented({ client: { ...client, clientId: 'other' } }))()
    expect([outcome(change), swaps()]).toEqual(['Refuse', 0])
  })

  it('of nothing is not found', async () => {
    expect(outcome(await redeem(memoryStore({ now: () => 0 })))).toBe('NotFound')
  })

  it('is not disturbed by a member that a newer version wrote', async () => {
    const memory = memoryStore({ now: () => 0 })
    await memory.swap('grant', Option.none, JSON.stringify({ ...issued, since: 'a newer version' }), 10_000)()
    expect(outcome(await redeem(memory))).toBe('IssueTokens')
    expect(memory.entries().map(([, text]): unknown => JSON.parse(text))).toMatchObject([{ _tag: 'Active' }])
  })

  it('of a record that is no grant is refused', async () => {
    const memory = memoryStore({ now: () => 0 })
    for (const text of ['{', '{"_tag":"Active"}', 'null', JSON.stringify({ ...issued, endsAt: 'never' })]) {
      const store: Store = { ...memory, load: () => TaskEither.right(Option.some({ version: '1', text })) }
      expect(outcome(await redeem(store))).toBe('StoreUnreadable')
    }
  })
})

describe('opening a record', () => {
  it.each<readonly [string, ReadonlyArray<Answer>, string]>([
    ['succeeds', ['done'], 'opened'],
    ['succeeds when the store applied it without saying so', ['unknownApplied'], 'opened'],
    ['fails when it did not', ['unknownNotApplied'], 'StoreUnavailable'],
    ['fails when the store refuses', ['refused'], 'StoreUnavailable']
  ])('%s', async (_name, answers, expected) => {
    const { store } = await storeThat(...answers)
    const result = await openRecord(store)('another', opened)()
    expect(Either.isRight(result) ? result.right : result.left._tag).toBe(expected)
  })

  it('never replaces another', async () => {
    const { store } = await storeThat()
    const result = await openRecord(store)('grant', opened)()
    expect(Either.isLeft(result) ? result.left._tag : '').toBe('StoreContended')
  })
})
