/** The outer form of a Bundle, read without parsing it: never more than JSON.parse accepts, and never another form. */
import { describe, expect, it } from 'vitest'
import { scanBundle } from '../../../src/values/json-bundle-scan.js'
import { isNestedWithin } from '../../../src/values/json.js'
import { drawFrom } from '../../../src/simulator/data/random.js'

const scan = (text: string) =>
  scanBundle(
    text,
    20,
    (url, place) => url.startsWith('http://here/') || (place === 'request.url' && !url.includes(':'))
  )

const entry = {
  fullUrl: 'http://here/Patient/1',
  resource: { resourceType: 'Patient', id: '1', name: [{ text: 'é"\\n' }] }
}
const bundle = {
  resourceType: 'Bundle',
  type: 'searchset',
  total: 2,
  link: [{ relation: 'self', url: 'http://here/Patient' }],
  entry: [
    entry,
    { resource: { resourceType: 'Observation', valueQuantity: { value: -1.5e-7 } }, search: { mode: 'match' } },
    {
      request: { method: 'DELETE', url: 'Patient/1', extension: [{ url: 'http://there' }] },
      response: { status: '204', etag: 'W/"2"', location: 'http://here/Patient/1', extension: { location: 1 } }
    }
  ]
}

describe('the outer form of a Bundle', () => {
  it.each([
    ['compact', JSON.stringify(bundle)],
    ['with white space', JSON.stringify(bundle, null, '\t').replaceAll('": ', '" :\r\n')]
  ])('has its members and the types of its resources: %s', (_, text) => {
    const found = scan(text)
    expect(found?.members.map(({ name }) => name)).toEqual(Object.keys(bundle))
    expect(JSON.parse(`{${found?.members.map(({ start, end }) => text.slice(start, end)).join(',') ?? ''}}`)).toEqual(
      bundle
    )
    expect([...(found?.types ?? [])]).toEqual(['Patient', 'Observation'])
  })

  it.each([
    ['no object', '[]'],
    ['a foreign fullUrl', '{"entry":[{"fullUrl":"http://there/Patient/1"}]}'],
    ['an escaped fullUrl', '{"entry":[{"fullUrl":"http:\\/\\/here/Patient/1"}]}'],
    ['a repeated member of the Bundle', '{"type":"a","type":"b"}'],
    ['a repeated member of an entry', '{"entry":[{"resource":{"resourceType":"A"},"resource":{"resourceType":"B"}}]}'],
    ['a repeated type', '{"entry":[{"resource":{"resourceType":"A","resourceType":"B"}}]}'],
    ['no type', '{"entry":[{"resource":{}}]}'],
    ['a type that is no text', '{"entry":[{"resource":{"resourceType":1}}]}'],
    ['a type that is an object', '{"entry":[{"resource":{"resourceType":{"a":1}}}]}'],
    ['a resource that is a list', '{"entry":[{"resource":[{"resourceType":"A"}]}]}'],
    ['entries that are no list', '{"entry":{"resource":{"resourceType":"A"}}}'],
    ['entries that are a number', '{"entry":1}'],
    ['an entry that is a list', '{"entry":[[{"resource":{"resourceType":"A"}}]]}'],
    ['an entry that is a text', '{"entry":["a"]}'],
    ['another member of an entry', '{"entry":[{"link":[]}]}'],
    ['a foreign address of a request', '{"entry":[{"request":{"url":"http://there"}}]}'],
    ['a foreign address in a response', '{"entry":[{"response":{"location":"http://there"}}]}'],
    ['a relative address in a response', '{"entry":[{"response":{"location":"Patient/1"}}]}'],
    ['a repeated address', '{"entry":[{"request":{"url":"Patient/1","url":"Patient/1"}}]}'],
    ['an escaped address', '{"entry":[{"request":{"url":"Patient\\/1"}}]}'],
    ['an address that is a number', '{"entry":[{"request":{"url":1}}]}'],
    ['an address that is an object', '{"entry":[{"response":{"location":{}}}]}'],
    ['a request that is a list', '{"entry":[{"request":[{"url":"Patient/1"}]}]}'],
    ['a response that is a text', '{"entry":[{"response":"http://here/"}]}'],
    ['an outcome in a response', '{"entry":[{"response":{"status":"200","outcome":null}}]}'],
    ['an escaped name', '{"\\u00e4":1}'],
    ['an escape in a type', '{"entry":[{"resource":{"resourceType":"\\u00e4"}}]}'],
    ['an escaped character of ASCII', '{"a":"\\u0041"}'],
    ['deep nesting', `{"a":${'['.repeat(20)}${']'.repeat(20)}}`]
  ])('is left to be parsed: %s', (_, text) => {
    expect(() => JSON.parse(text) as unknown).not.toThrow()
    expect(scan(text)).toBeNull()
  })

  it('is never read from a text that is no JSON, or otherwise than JSON.parse reads it', () => {
    const { between } = drawFrom(17)
    const signs = [
      '"',
      '\\',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      ' ',
      '\n',
      '\u0001',
      '0',
      '1',
      '-',
      '.',
      'e',
      'u',
      'n',
      't',
      'é',
      'x'
    ]
    const texts = [
      JSON.stringify(bundle),
      JSON.stringify(bundle, null, 1),
      '{"a":[1,-0.5e+3,true,false,null,"\\"\\\\",{}]}'
    ]
    const counted = { read: 0, refused: 0 }
    const pick = (below: number): number => between(0, below - 1)
    for (let round = 0; round < 40_000; round += 1) {
      let text = texts[round % texts.length] ?? ''
      for (let changes = pick(3); changes >= 0; changes -= 1) {
        const at = pick(text.length)
        const sign = signs[pick(signs.length)] ?? ''
        text = text.slice(0, at) + (pick(2) === 0 ? sign : '') + text.slice(at + (pick(2) === 0 ? 1 : 0))
      }
      const found = scan(text)
      if (found === null) {
        counted.refused += 1
        continue
      }
      counted.read += 1
      const parsed = JSON.parse(text) as { entry?: ReadonlyArray<{ resource?: { resourceType: string } }> }
      expect(isNestedWithin(20, parsed)).toBe(true)
      expect(found.members.map(({ name }) => name).toSorted()).toEqual(Object.keys(parsed).toSorted())
      const types = (parsed.entry ?? []).flatMap(({ resource }) => resource?.resourceType ?? [])
      expect([...found.types].toSorted()).toEqual([...new Set(types)].toSorted())
    }
    expect(counted.read).toBeGreaterThan(4000)
    expect(counted.refused).toBeGreaterThan(4000)
  })
})
