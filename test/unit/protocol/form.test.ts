import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { readForm, repeated } from '../../../src/protocol/http/form.js'

const read = (text: string): unknown => {
  const reading = readForm(text)
  return Either.isRight(reading)
    ? Object.fromEntries([...reading.right].map(([name, values]) => [name, [...values]]))
    : reading.left
}

describe('form encoding', () => {
  it.each<readonly [string, unknown]>([
    ['', {}],
    ['a=1&b=2', { a: ['1'], b: ['2'] }],
    ['a=1&a=2', { a: ['1', '2'] }],
    ['a=1&%61=2', { a: ['1', '2'] }],
    ['a=&b', {}],
    ['a=x+y%2Bz', { a: ['x y+z'] }],
    ['a=1;b=2', { a: ['1;b=2'] }],
    ['a=b=c', { a: ['b=c'] }],
    ['&&a=1&', { a: ['1'] }],
    ['a[]=1', { 'a[]': ['1'] }],
    ['x=1&a=%', { _tag: 'FormReadingError', pair: 1 }],
    ['a=%zz', { _tag: 'FormReadingError', pair: 0 }],
    ['a=%c0%af', { _tag: 'FormReadingError', pair: 0 }],
    ['a=%ed%a0%80', { _tag: 'FormReadingError', pair: 0 }]
  ])('%j', (text, expected) => {
    expect(read(text)).toEqual(expected)
  })

  it('keeps names of prototypes as names', () => {
    const reading = readForm('__proto__=x&constructor=y')
    expect(Either.isRight(reading) ? [...reading.right.keys()] : []).toEqual(['__proto__', 'constructor'])
    expect(({} as { x?: string }).x).toBeUndefined()
  })

  it('finds a repetition', () => {
    const reading = readForm('a=1&b=1&b=1')
    expect(Either.isRight(reading) ? repeated(reading.right, ['a', 'b']) : null).toBe('b')
  })
})
