import fc from 'fast-check'
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { applyPatch } from '../../../src/protocol/access/json-patch.js'

/** A mutation run plays few of the random patches, once for each mutant. */
const isMutated = process.env['MUTATION_GROUP'] !== undefined

describe('a JSON patch', () => {
  // The examples of RFC 6902, appendix A, by number.
  it.each<readonly [string, unknown, unknown, unknown]>([
    ['A.1', { foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }], { foo: 'bar', baz: 'qux' }],
    ['A.2', { foo: ['bar', 'baz'] }, [{ op: 'add', path: '/foo/1', value: 'qux' }], { foo: ['bar', 'qux', 'baz'] }],
    ['A.3', { baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
    ['A.4', { foo: ['bar', 'qux', 'baz'] }, [{ op: 'remove', path: '/foo/1' }], { foo: ['bar', 'baz'] }],
    ['A.5', { baz: 'qux', foo: 'bar' }, [{ op: 'replace', path: '/baz', value: 'boo' }], { baz: 'boo', foo: 'bar' }],
    [
      'A.6',
      { foo: { bar: 'baz', waldo: 'fred' }, qux: { corge: 'grault' } },
      [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
      { foo: { bar: 'baz' }, qux: { corge: 'grault', thud: 'fred' } }
    ],
    [
      'A.7',
      { foo: ['all', 'grass', 'cows', 'eat'] },
      [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
      { foo: ['all', 'cows', 'eat', 'grass'] }
    ],
    [
      'A.8',
      { baz: 'qux', foo: ['a', 2, 'c'] },
      [
        { op: 'test', path: '/baz', value: 'qux' },
        { op: 'test', path: '/foo/1', value: 2 }
      ],
      { baz: 'qux', foo: ['a', 2, 'c'] }
    ],
    [
      'A.10',
      { foo: 'bar' },
      [{ op: 'add', path: '/child', value: { grandchild: {} } }],
      { foo: 'bar', child: { grandchild: {} } }
    ],
    ['A.11', { foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux', xyz: 123 }], { foo: 'bar', baz: 'qux' }],
    ['A.14', { '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: 10 }], { '/': 9, '~1': 10 }],
    [
      'A.16',
      { foo: ['bar'] },
      [{ op: 'add', path: '/foo/-', value: ['abc', 'def'] }],
      { foo: ['bar', ['abc', 'def']] }
    ],
    ['copy', { a: [1] }, [{ op: 'copy', from: '/a', path: '/b' }], { a: [1], b: [1] }]
  ])('%s applies', (_number, document, patch, expected) => {
    expect(applyPatch(document, patch)).toEqual(Either.right(expected))
  })

  it.each<readonly [string, unknown, unknown, string]>([
    ['A.9', { baz: 'qux' }, [{ op: 'test', path: '/baz', value: 'bar' }], 'test-failed'],
    ['A.12', { foo: 'bar' }, [{ op: 'add', path: '/baz/bat', value: 'qux' }], 'no-such-place'],
    ['A.15', { '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: '10' }], 'test-failed'],
    ['an inherited member', {}, [{ op: 'test', path: '/constructor', value: 1 }], 'no-such-place'],
    ['a move into itself', { a: { b: 1 } }, [{ op: 'move', from: '/a', path: '/a/b' }], 'no-such-place'],
    ['an index with a zero before it', { a: [1, 2] }, [{ op: 'remove', path: '/a/01' }], 'no-such-place'],
    ['an index past the end', { a: [1] }, [{ op: 'add', path: '/a/2', value: 1 }], 'no-such-place'],
    ['a pointer without slash', {}, [{ op: 'add', path: 'a', value: 1 }], 'malformed'],
    ['no value', {}, [{ op: 'add', path: '/a' }], 'malformed'],
    ['an unknown operation', {}, [{ op: 'spam', path: '/a' }], 'malformed'],
    ['no list', {}, {}, 'malformed'],
    [
      'a document that doubles again and again',
      { a: [1, 2] },
      Array.from({ length: 60 }, () => ({ op: 'copy', from: '/a', path: '/a/-' })),
      'too-large'
    ],
    ['a pointer of 1,000 steps', {}, [{ op: 'add', path: '/a'.repeat(1000), value: 1 }], 'malformed']
  ])('%s does not apply', (_number, document, patch, because) => {
    expect(applyPatch(document, patch)).toMatchObject(Either.left({ because }))
  })

  it('changes neither the document nor its own values, and no copy with its original', () => {
    const deepFrozen = (value: unknown): unknown => {
      if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFrozen)
      return value
    }
    const document = deepFrozen({ a: { b: [1, { c: 2 }] } })
    const patch = deepFrozen([
      { op: 'add', path: '/new', value: { d: [] } },
      { op: 'add', path: '/new/d/-', value: 1 },
      { op: 'replace', path: '/a/b/1/c', value: 3 },
      { op: 'copy', from: '/a', path: '/e' },
      { op: 'replace', path: '/a/b/1/c', value: 4 },
      { op: 'copy', from: '', path: '/whole' },
      { op: 'replace', path: '/e/b/0', value: 5 },
      { op: 'add', path: '/whole/new/d/-', value: 6 }
    ])
    const before = JSON.stringify([document, patch])
    expect(applyPatch(document, patch)).toEqual(
      Either.right({
        a: { b: [1, { c: 4 }] },
        new: { d: [1] },
        e: { b: [5, { c: 3 }] },
        whole: { a: { b: [1, { c: 4 }] }, new: { d: [1, 6] }, e: { b: [1, { c: 3 }] } }
      })
    )
    expect(JSON.stringify([document, patch])).toBe(before)
  })

  it('takes a member __proto__ for a member', () => {
    const after = applyPatch(JSON.parse('{"__proto__":{"a":1}}'), [
      { op: 'add', path: '/b', value: 1 },
      { op: 'replace', path: '/__proto__/a', value: 2 }
    ])
    expect(Either.isRight(after) ? JSON.stringify(after.right) : after).toBe('{"__proto__":{"a":2},"b":1}')
  })

  it('comes to the same as when the whole document is copied for each operation', () => {
    const pointer = fc
      .array(fc.constantFrom('a', 'b', '0', '1', '-'), { maxLength: 3 })
      .map((tokens) => tokens.map((token) => `/${token}`).join(''))
    const value = fc.constantFrom<unknown>(1, {}, [], { a: [1] }, [{ b: 1 }])
    const operation = fc.record({
      op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
      path: pointer,
      from: pointer,
      value
    })
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 12 }), (patch) => {
        const document: unknown = { a: { a: [1, { b: 2 }], b: [[1], [2]] }, b: [{ a: 1 }, 2] }
        const oneByOne = patch.reduce<ReturnType<typeof applyPatch>>(
          (before, one) => (Either.isLeft(before) ? before : applyPatch(structuredClone(before.right), [one])),
          Either.right(document)
        )
        const together = applyPatch(document, patch)
        expect(Either.isRight(together) ? JSON.stringify(together.right) : together.left.because).toEqual(
          Either.isRight(oneByOne) ? JSON.stringify(oneByOne.right) : oneByOne.left.because
        )
      }),
      { numRuns: isMutated ? 100 : 3000 }
    )
  })

  it('puts items into long lists and takes them out as an array does', () => {
    const [length, many] = [1200, 300]
    const place = fc.nat({ max: 4 * length })
    const operation = fc.record({
      op: fc.constantFrom(
        'add',
        'add',
        'remove',
        'replace',
        'move',
        'copy',
        'test',
        'within',
        'whole',
        'many',
        'many',
        'fewer'
      ),
      place,
      from: place
    })
    fc.assert(
      fc.property(
        fc.array(operation, { minLength: 1, maxLength: 40 }),
        fc.constantFrom(0, 33, length),
        (steps, first) => {
          const items: Array<unknown> = Array.from({ length: first }, (_, index) => ({ n: index }))
          let copies: Array<unknown> = []
          const document = { list: structuredClone(items) }
          const patch: Array<unknown> = []
          for (const [index, { op, place: wanted, from: source }] of steps.entries()) {
            const [at, from] = [wanted % (items.length + 1), items.length === 0 ? 0 : source % items.length]
            const path = `/list/${String(at)}`
            if (op === 'add' || items.length === 0) {
              patch.push({ op: 'add', path, value: { n: -index } })
              items.splice(at, 0, { n: -index })
            } else if (op === 'many') {
              for (let one = 0; one < many; one++) patch.push({ op: 'add', path, value: { n: one } })
              items.splice(at, 0, ...Array.from({ length: many }, (_, one) => ({ n: many - 1 - one })))
            } else if (op === 'fewer') {
              const fewer = Math.min(many, items.length - from)
              for (let one = 0; one < fewer; one++) patch.push({ op: 'remove', path: `/list/${String(from)}` })
              items.splice(from, fewer)
            } else if (op === 'whole') {
              patch.push(
                { op: 'test', path: '/list', value: structuredClone(items) },
                { op: 'copy', from: '/list', path: '/copy' }
              )
              copies = structuredClone(items)
            } else if (op === 'move') {
              const moved = items.splice(from, 1)
              patch.push({
                op: 'move',
                from: `/list/${String(from)}`,
                path: `/list/${String(at % (items.length + 1))}`
              })
              items.splice(at % (items.length + 1), 0, ...moved)
            } else if (op === 'copy') {
              patch.push({ op: 'copy', from: `/list/${String(from)}`, path })
              items.splice(at, 0, structuredClone(items[from]))
            } else if (op === 'within') {
              patch.push({ op: 'add', path: `/list/${String(from)}/n`, value: index })
              items[from] = { n: index }
            } else {
              patch.push({
                op,
                path: `/list/${String(from)}`,
                value: op === 'test' ? structuredClone(items[from]) : index
              })
              if (op === 'replace') items[from] = { n: index }
              if (op === 'replace') patch.push({ op: 'replace', path: `/list/${String(from)}`, value: { n: index } })
              if (op === 'remove') items.splice(from, 1)
            }
          }
          const before = JSON.stringify(document)
          const after = applyPatch(document, patch, { patchOperations: 100_000, patchCopied: 10_000_000 })
          const wanted = {
            list: items,
            ...(steps.some(({ op }) => op === 'whole') &&
            patch.some((one) => (one as { path: string }).path === '/copy')
              ? { copy: copies }
              : {})
          }
          expect(Either.isRight(after) ? JSON.stringify(after.right) : after.left).toEqual(JSON.stringify(wanted))
          expect(JSON.stringify(document)).toBe(before)
        }
      ),
      { numRuns: isMutated ? 5 : 200 }
    )
  }, 60000)
})
