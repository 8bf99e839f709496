/** The edges of JSON Patch: pointers, equality, limits and places. `json-patch.test.ts` has the examples of the RFC. */
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { applyPatch, defaultPatchLimits, pointerTokens } from '../../../../src/protocol/access/json-patch.js'
import { limits } from '../../../../src/values/limits/limits.js'

const add = (path: unknown, value: unknown) => ({ op: 'add', path, value })
const remove = (path: string) => ({ op: 'remove', path })
const replace = (path: string, value: unknown) => ({ op: 'replace', path, value })
const test = (path: string, value: unknown) => ({ op: 'test', path, value })
const move = (from: string, path: string) => ({ op: 'move', from, path })
const copy = (from: string, path: string) => ({ op: 'copy', from, path })

const failed = (because: string, operation = 0) => Either.left({ _tag: 'PatchError', operation, because })
const numbers = (length: number): ReadonlyArray<number> => Array.from({ length }, (_, index) => index)

describe('a pointer', () => {
  it.each<readonly [unknown, ReadonlyArray<string> | null]>([
    ['', []],
    ['/', ['']],
    ['/a', ['a']],
    ['/a/b', ['a', 'b']],
    ['/a~1b/~0', ['a/b', '~']],
    ['/~01/~1~1', ['~1', '//']],
    ['a', null],
    ['a/b', null],
    ['/~2', null],
    ['/a~', null],
    [1, null],
    [undefined, null]
  ])('%j has the tokens %j', (pointer, tokens) => {
    expect(pointerTokens(pointer)).toEqual(tokens)
  })

  it('has a limit of its tokens', () => {
    const most = limits.fhirPatchPointer.default
    expect(pointerTokens('/a'.repeat(most))).toHaveLength(most)
    expect(pointerTokens('/a'.repeat(most + 1))).toBeNull()
  })
})

describe('a test', () => {
  it.each<readonly [unknown, unknown, boolean]>([
    [1, 1, true],
    [1, 2, false],
    [1, '1', false],
    [null, null, true],
    [null, {}, false],
    [{}, null, false],
    [[], {}, false],
    [{}, [], false],
    [[], [], true],
    [[1], [1], true],
    [[1], [1, 2], false],
    [[1, 2], [1], false],
    [[1, 2], [2, 1], false],
    [[1], 1, false],
    [1, [1], false],
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [{ a: 1, b: 2 }, { a: 1 }, false],
    [{ a: 1 }, { b: 1 }, false],
    [{ a: undefined }, { b: undefined }, false],
    [{ a: { b: [1] } }, { a: { b: [1] } }, true],
    [{ a: { b: [1] } }, { a: { b: [2] } }, false],
    [{ a: 1, b: 2 }, { a: 1, b: 3 }, false],
    ['a', ['a'], false],
    [['a'], 'a', false],
    ['a', 'b', false],
    ['\u00001.50', 1.5, true],
    ['\u00001.50', '\u00001.5', true],
    ['\u00001.50', 1, false],
    [true, true, true],
    [true, 1, false]
  ])('of %j with %j: %s', (held, value, isEqual) => {
    expect(applyPatch({ held }, [test('/held', value)])).toEqual(
      isEqual ? Either.right({ held }) : failed('test-failed')
    )
  })

  it('of the whole document, and of a long list that has changed', () => {
    const list = numbers(100)
    expect(applyPatch({ a: 1 }, [test('', { a: 1 })])).toEqual(Either.right({ a: 1 }))
    expect(
      Either.isRight(applyPatch({ list }, [remove('/list/0'), test('/list', list.slice(1)), test('/list/0', 1)]))
    ).toBe(true)
    expect(applyPatch({ list }, [remove('/list/0'), test('/list', list)])).toEqual(failed('test-failed', 1))
  })
})

describe('an operation', () => {
  it.each<readonly [string, unknown, ReadonlyArray<unknown>, unknown]>([
    ['adds the document', { a: 1 }, [add('', [1])], [1]],
    ['replaces the document', { a: 1 }, [replace('', 2)], 2],
    ['removes the document', { a: 1 }, [remove('')], null],
    ['adds a member that is there', { a: 1 }, [add('/a', 2)], { a: 2 }],
    ['adds null', {}, [add('/a', null)], { a: null }],
    ['adds at the begin', [1], [add('/0', 2)], [2, 1]],
    ['adds at the end', [1], [add('/1', 2)], [1, 2]],
    ['adds behind the end', [1], [add('/-', 2)], [1, 2]],
    ['removes the last', [1, 2], [remove('/1')], [1]],
    ['removes the first', [1, 2], [remove('/0')], [2]],
    ['replaces an item', [1, 2], [replace('/1', 3)], [1, 3]],
    ['moves a member', { a: 1 }, [move('/a', '/b')], { b: 1 }],
    ['moves to a place beside it with a like name', { a: 1, ab: {} }, [move('/a', '/ab/c')], { ab: { c: 1 } }],
    ['moves to where it is', { a: 1 }, [move('/a', '/a')], { a: 1 }],
    ['moves to a place beside it', [{ a: 1, b: {} }], [move('/0/a', '/0/b/c')], [{ b: { c: 1 } }]],
    ['moves up', { a: { b: 1 } }, [move('/a/b', '/a')], { a: 1 }],
    ['copies into itself', { a: { b: 1 } }, [copy('/a', '/a/c')], { a: { b: 1, c: { b: 1 } } }],
    ['changes what it has added', {}, [add('/a', {}), add('/a/b', 1), add('/a/c', 2)], { a: { b: 1, c: 2 } }]
  ])('%s', (_title, document, patch, expected) => {
    expect(applyPatch(document, patch)).toEqual(Either.right(expected))
  })

  it.each<readonly [string, unknown, unknown, string]>([
    ['no object', {}, 'x', 'malformed'],
    ['null', {}, null, 'malformed'],
    ['no operation', {}, { path: '/a', value: 1 }, 'malformed'],
    ['no path', {}, { op: 'remove' }, 'malformed'],
    ['a path that is no pointer', {}, add(1, 1), 'malformed'],
    ['a replacement without a value', { a: 1 }, { op: 'replace', path: '/a' }, 'malformed'],
    ['a test without a value', { a: 1 }, { op: 'test', path: '/a' }, 'malformed'],
    ['an inherited value', { a: 1 }, Object.create({ op: 'remove', path: '/a' }) as unknown, 'malformed'],
    ['a move without a source', { a: 1 }, { op: 'move', path: '/b' }, 'malformed'],
    ['a copy without a source', { a: 1 }, { op: 'copy', path: '/b' }, 'malformed'],
    ['a move from nowhere', { a: 1 }, move('/b', '/c'), 'no-such-place'],
    ['a move of an item into itself', [{}, {}], move('/0', '/0/a'), 'no-such-place'],
    ['a copy from nowhere', { a: 1 }, copy('/b', '/c'), 'no-such-place'],
    ['a test of nothing', { a: 1 }, test('/b', 1), 'no-such-place'],
    ['a removal of nothing', { a: 1 }, remove('/b'), 'no-such-place'],
    ['a removal below nothing', { a: 1 }, remove('/b/c'), 'no-such-place'],
    ['a removal below a number', { a: 1 }, remove('/a/c'), 'no-such-place'],
    ['a removal in a number', 1, remove('/c'), 'no-such-place'],
    ['a replacement of nothing', { a: 1 }, replace('/b', 1), 'no-such-place'],
    ['a replacement in a number', 1, replace('/c', 1), 'no-such-place'],
    ['a replacement behind the end', [1], replace('/-', 1), 'no-such-place'],
    ['a replacement past the end', [1], replace('/1', 1), 'no-such-place'],
    ['a removal past the end', [1], remove('/1'), 'no-such-place'],
    ['an addition to a number', 1, add('/c', 1), 'no-such-place'],
    ['an addition below nothing', {}, add('/b/c', 1), 'no-such-place'],
    ['an addition past the end', [1], add('/2', 1), 'no-such-place'],
    ['an addition with a sign', [1], add('/+1', 1), 'no-such-place'],
    ['an addition to a word', [1], add('/1x', 1), 'no-such-place'],
    ['an addition at an empty place', [1], add('/', 1), 'no-such-place'],
    ['a place of many digits', [1], add('/00000000000', 1), 'no-such-place'],
    ['an inherited member', {}, remove('/toString'), 'no-such-place']
  ])('is refused: %s', (_title, document, operation, because) => {
    expect(applyPatch(document, [operation])).toEqual(failed(because))
  })

  it('is the first that fails', () => {
    expect(applyPatch({ a: 1 }, [remove('/a'), remove('/a'), 'x'])).toEqual(failed('no-such-place', 1))
  })
})

describe('a patch', () => {
  it('has a limit of its operations', () => {
    const most = { ...defaultPatchLimits, patchOperations: 2 }
    expect(Either.isRight(applyPatch({}, [add('/a', 1), add('/b', 1)], most))).toBe(true)
    expect(applyPatch({}, [add('/a', 1), add('/b', 1), add('/c', 1)], most)).toEqual(failed('too-large', -1))
    expect(applyPatch({}, { length: 0 })).toEqual(failed('malformed', -1))
  })

  it('has a limit of what it copies, in all', () => {
    const document = { a: { b: 1 } }
    const size = 2
    const within = (patchCopied: number, times: number) =>
      applyPatch(
        document,
        numbers(times).map((index) => copy('/a', `/c${String(index)}`)),
        { ...defaultPatchLimits, patchCopied }
      )
    const least = numbers(40).find((most) => Either.isRight(within(most, 1))) ?? Infinity
    expect(least).toBeGreaterThanOrEqual(size)
    expect(Either.isRight(within(2 * least, 2))).toBe(true)
    expect(within(2 * least - 1, 2)).toEqual(failed('too-large', 1))
  })

  it.each([31, 32, 33, 34, 64])('changes a list of %d items as an array does', (length) => {
    for (const place of [0, 1, length - 2, length - 1]) {
      const list = numbers(length)
      const path = `/list/${String(place)}`
      expect(applyPatch({ list }, [remove(path)])).toEqual(Either.right({ list: list.toSpliced(place, 1) }))
      expect(applyPatch({ list }, [add(path, 'x')])).toEqual(
        Either.right({ list: list.toSpliced(place, 0, 'x' as never) })
      )
      expect(applyPatch({ list }, [add(path, 'x'), replace(path, 'y'), test(path, 'y'), remove(path)])).toEqual(
        Either.right({ list })
      )
      expect(list).toEqual(numbers(length))
    }
    const whole = numbers(length)
    expect(applyPatch({ list: whole }, [add('/list/-', 'x'), remove('/list/0')])).toEqual(
      Either.right({ list: [...whole.slice(1), 'x'] })
    )
  })

  it('gives a copy no part of what is changed later', () => {
    const list = numbers(40).map((n) => ({ n }))
    const result = applyPatch({ list }, [
      add('/list/0', { n: -1 }),
      copy('/list', '/other'),
      replace('/list/0/n', 5),
      remove('/other/1'),
      add('/other/0/m', 1)
    ])
    expect(result).toEqual(
      Either.right({
        list: [{ n: 5 }, ...list],
        other: [{ n: -1, m: 1 }, ...list.slice(1)]
      })
    )
    expect(list).toEqual(numbers(40).map((n) => ({ n })))
  })
})
