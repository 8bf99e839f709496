/** The checkers refuse wrong histories that are planted, and accept right ones. */
import { describe, expect, it } from 'vitest'
import type { ClientRequest, StoreAnswer, StoreCall, StoreOperation } from '../support/cluster/history.js'
import { operationsIn } from '../support/cluster/history.js'
import { checkHistory, checkKey } from '../support/cluster/linearizable.js'
import { brokenByRequests } from '../support/cluster/protocol-checks.js'

type Planted = readonly [from: number, until: number | null, call: StoreCall, answer: StoreAnswer | null]

const load: StoreCall = { _tag: 'load' }
const swap = (expected: string | null, text: string, expiresAt = 1000): StoreCall => ({
  _tag: 'swap',
  expected,
  text,
  expiresAt
})
const found = (version: string, text: string): StoreAnswer => ({ _tag: 'found', version, text })
const absent: StoreAnswer = { _tag: 'absent' }
const won: StoreAnswer = { _tag: 'won' }
const lost: StoreAnswer = { _tag: 'lost' }
const failed = (applied: 'no' | 'unknown'): StoreAnswer => ({ _tag: 'failed', applied })

const history = (planted: ReadonlyArray<Planted>): ReadonlyArray<StoreOperation> =>
  planted.map(([from, until, call, answer], place) => ({
    process: String(place),
    key: 'k',
    call,
    invokedAt: from,
    invokedSecond: from,
    completed: until === null || answer === null ? null : { at: until, second: until, answer }
  }))

const verdict = (planted: ReadonlyArray<Planted>): string => checkKey('k', history(planted)).isLinearizable

const created: Planted = [1, 2, swap(null, 'a'), won]
const seen: Planted = [3, 4, load, found('1', 'a')]

describe('STO-17 linearizability', () => {
  it.each<readonly [string, ReadonlyArray<Planted>]>([
    ['one write and its read', [created, seen]],
    ['a lost swap beside the one that won', [created, seen, [5, 8, swap('1', 'b'), won], [6, 7, swap('1', 'c'), lost]]],
    ['a read during a write, before it', [created, seen, [5, 9, swap('1', 'b'), won], [6, 7, load, found('1', 'a')]]],
    ['a read during a write, after it', [created, seen, [5, 9, swap('1', 'b'), won], [6, 7, load, found('2', 'b')]]],
    [
      'an unknown write that took effect',
      [created, seen, [5, 6, swap('1', 'b'), failed('unknown')], [7, 8, load, found('2', 'b')]]
    ],
    [
      'an unknown write that did not',
      [created, seen, [5, 6, swap('1', 'b'), failed('unknown')], [7, 8, load, found('1', 'a')]]
    ],
    [
      'an unknown write that took effect later',
      [
        created,
        seen,
        [5, 6, swap('1', 'b'), failed('unknown')],
        [7, 8, load, found('1', 'a')],
        [9, 10, load, found('2', 'b')]
      ]
    ],
    [
      'a write of a process that was killed',
      [created, seen, [5, null, swap('1', 'b'), null], [7, 8, load, found('2', 'b')]]
    ],
    [
      'a record that expired',
      [
        [1, 2, swap(null, 'a', 5), won],
        [3, 4, load, found('1', 'a')],
        [6, 7, load, absent],
        [8, 9, swap(null, 'b'), won]
      ]
    ]
  ])('accepts %s', (_name, planted) => {
    expect(verdict(planted)).toBe('yes')
  })

  it.each<readonly [string, ReadonlyArray<Planted>]>([
    ['two winners of one version', [created, seen, [5, 8, swap('1', 'b'), won], [6, 7, swap('1', 'c'), won]]],
    [
      'two winners of an empty key',
      [
        [1, 4, swap(null, 'a'), won],
        [2, 3, swap(null, 'b'), won]
      ]
    ],
    [
      'an old read after an acknowledged write',
      [created, seen, [5, 6, swap('1', 'b'), won], [7, 8, load, found('1', 'a')]]
    ],
    ['an acknowledged write that is lost', [created, [3, 4, load, absent]]],
    ['an acknowledged write that is lost and written again', [created, [3, 4, swap(null, 'b'), won]]],
    [
      'a write that comes back',
      [created, seen, [5, 6, swap('1', 'b'), won], [7, 8, load, found('2', 'b')], [9, 10, load, found('1', 'a')]]
    ],
    [
      'an unknown write that takes effect and is undone',
      [
        created,
        seen,
        [5, 6, swap('1', 'b'), failed('unknown')],
        [7, 8, load, found('2', 'b')],
        [9, 10, load, found('1', 'a')]
      ]
    ],
    [
      'a write that was said to have had no effect, and had',
      [created, seen, [5, 6, swap('1', 'b'), failed('no')], [7, 8, load, found('2', 'b')]]
    ],
    ['a swap that lost for no reason', [created, seen, [5, 6, swap('1', 'b'), lost]]],
    [
      'a record that is read after its expiry',
      [
        [1, 2, swap(null, 'a', 5), won],
        [6, 7, load, found('1', 'a')]
      ]
    ],
    [
      'a version that stands for two records',
      [created, seen, [5, 6, swap('1', 'b'), won], [7, 8, load, found('1', 'b')]]
    ]
  ])('refuses %s', (_name, planted) => {
    expect(verdict(planted)).toBe('no')
  })

  it('checks each key by itself, and many operations at once', () => {
    const many = Array.from({ length: 400 }, (_, turn): ReadonlyArray<Planted> => [
      [turn * 4, turn * 4 + 3, swap(turn === 0 ? null : String(turn - 1), `t${String(turn)}`, 1e6), won],
      [turn * 4 + 1, turn * 4 + 5, swap('x', 'never', 1e6), turn % 2 === 0 ? lost : failed('unknown')],
      [turn * 4 + 3.5, turn * 4 + 3.8, load, found(String(turn), `t${String(turn)}`)]
    ]).flat()
    const right = history(many)
    const wrong = history([created, [3, 4, load, absent]]).map((one) => ({ ...one, key: 'other' }))
    const result = checkHistory([...right, ...wrong])
    expect([result.keys, result.faults.map(({ key }) => key)]).toEqual([2, ['other']])
    expect(result.faults[0]?.reason).toMatch(/the load of process 1 that was answered absent/)
  })

  it('reads the file of a process that was killed while it wrote', () => {
    const begun = JSON.stringify({ _tag: 'invoked', number: 1, key: 'k', call: load, at: 1, second: 1 })
    expect(operationsIn('a', `${begun}\n{"_tag":"comp`)).toMatchObject([{ process: 'a', completed: null }])
    expect(() => operationsIn('a', `{"_tag":"completed","number":9}\n`)).toThrow('operation 9 ends')
  })
})

const request = (
  kind: ClientRequest['kind'],
  subject: string,
  at: number,
  outcome: ClientRequest['outcome'],
  status = outcome === 'ok' ? 200 : outcome === 'fail' ? 400 : 0
): ClientRequest => ({ kind, subject, lineage: 'g', process: 'a', invokedAt: at, completedAt: at + 1, outcome, status })

describe('the rules of the protocol', () => {
  it.each<readonly [string, ReadonlyArray<ClientRequest>]>([
    ['a code that is redeemed once', [request('redeem', 'c', 1, 'ok'), request('redeem', 'c', 1, 'fail')]],
    ['an unknown answer, and then a success', [request('redeem', 'c', 1, 'info'), request('redeem', 'c', 3, 'ok')]],
    [
      'a success that began before the revocation ended',
      [request('revoke', 'r', 1, 'ok'), request('introspect', 't', 1.5, 'ok')]
    ],
    ['an inactive token after a revocation', [request('revoke', 'r', 1, 'ok'), request('introspect', 't', 3, 'fail')]]
  ])('accept %s', (_name, requests) => {
    expect(brokenByRequests(requests)).toEqual([])
  })

  it.each<readonly [string, ReadonlyArray<ClientRequest>, RegExp]>([
    ['a code', [request('redeem', 'c', 1, 'ok'), request('redeem', 'c', 1, 'ok')], /redeemed 2 times: redeem c/],
    ['a refresh token', [request('refresh', 'r', 1, 'ok'), request('refresh', 'r', 9, 'ok')], /redeemed 2 times/],
    ['an assertion', [request('assert', 'j', 1, 'ok'), request('assert', 'j', 2, 'ok')], /redeemed 2 times/],
    ['a launch handle', [request('launch', 'l', 1, 'ok'), request('launch', 'l', 2, 'ok')], /redeemed 2 times/],
    ['a token after a revocation', [request('revoke', 'r', 1, 'ok'), request('introspect', 't', 3, 'ok')], /had ended/],
    ['a refresh after a revocation', [request('revoke', 'r', 1, 'ok'), request('refresh', 'r', 3, 'ok')], /had ended/],
    [
      'a token after a replay',
      [request('redeem', 'c', 1, 'ok'), request('redeem', 'c', 2, 'fail'), request('introspect', 't', 4, 'ok')],
      /had ended/
    ],
    [
      'a token after a reuse',
      [request('refresh', 'r', 1, 'ok'), request('refresh', 'r', 2, 'fail'), request('refresh', 's', 4, 'ok')],
      /had ended/
    ],
    [
      'a removed client',
      [request('removeRegistration', 'x', 1, 'ok', 204), request('readRegistration', 'x', 3, 'ok')],
      /removed client/
    ],
    ['an answer of another status', [request('redeem', 'c', 1, 'info', 500)], /answered with 500/]
  ])('refuse %s', (_name, requests, expected) => {
    expect(brokenByRequests(requests).join('\n')).toMatch(expected)
  })
})
