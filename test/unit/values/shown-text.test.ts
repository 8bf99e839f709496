import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { limits } from '../../../src/values/limits/limits.js'
import { printableJson, quoted, shown, visible } from '../../../src/values/shown-text.js'

/**
 * Every character that is not seen, moves what follows, or changes how it is read; one of each kind, and the first and
 * last of ranges.
 */
const unseen: ReadonlyArray<readonly [kind: string, points: ReadonlyArray<number>]> = [
  ['controls and line ends', [0x00, 0x07, 0x08, 0x09, 0x0a, 0x0d, 0x1b, 0x1f, 0x7f, 0x80, 0x85, 0x9b, 0x9f]],
  ['soft hyphens and joiners', [0xad, 0x34f, 0x200b, 0x200c, 0x200d, 0x2060, 0xfeff]],
  ['direction', [0x61c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069]],
  ['line and paragraph separators', [0x2028, 0x2029]],
  ['spaces', [0xa0, 0x1680, 0x2000, 0x2003, 0x200a, 0x202f, 0x205f, 0x3000]],
  ['variation selectors', [0xfe00, 0xfe0f, 0xe0100, 0xe01ef, 0x180b, 0x180f]],
  ['tags', [0xe0001, 0xe0020, 0xe0041, 0xe007f]],
  ['fillers and blanks', [0x115f, 0x1160, 0x3164, 0xffa0, 0x2800, 0x17b4, 0x1d159, 0xfffc]],
  ['interlinear and musical formats', [0xfff9, 0xfffb, 0x1d173, 0x1d17a, 0x110bd]],
  ['private, unassigned and no characters', [0xe000, 0xf8ff, 0xfffe, 0xffff, 0x10ffff, 0xe0fff, 0x378]],
  ['halves of pairs', [0xd800, 0xdbff, 0xdc00, 0xdfff]]
]

describe('text of another party', () => {
  it.each(unseen)('shows %s', (_kind, points) => {
    for (const point of points) {
      const character = String.fromCodePoint(point)
      const escape = `\\u{${point.toString(16)}}`
      expect(shown(`a${character}b`)).toBe(`a${escape}b`)
      expect(quoted(`a${character}b`)).toBe(`"a${escape}b"`)
      expect(visible(`a ${character}b`)).toBe(`a ${escape}b`)
    }
  })

  it.each([
    'Zoë',
    'Žižek',
    'Nguyễn Văn A',
    'Nguye\u0302\u0303n',
    'محمد',
    'מרים',
    'हिन्दी',
    'ภาษาไทย',
    '山田 太郎',
    'ΣΊΣΥΦΟΣ',
    'Übung (2. Teil) – 50 %',
    "O'Brien",
    'a\\b',
    '…'
  ])('leaves %s as it is', (text) => {
    expect(shown(text)).toBe(text)
    expect(quoted(text)).toBe(`"${text}"`)
    expect(visible(text)).toBe(text)
  })

  it('shows marks that stand on no letter, and too many on one', () => {
    expect(shown('\u0301a')).toBe('\\u{301}a')
    expect(shown('a \u0301')).toBe('a \\u{301}')
    expect(shown('\u202e\u0301')).toBe('\\u{202e}\\u{301}')
    expect(shown(`a${'\u0335'.repeat(5)}b`)).toBe(`a${'\u0335'.repeat(3)}\\u{335}\\u{335}b`)
  })

  it('shows blanks that pages leave out and terminals do not', () => {
    expect(shown(' a  b ')).toBe('\\u{20}a\\u{20} b\\u{20}')
    expect(visible(' a  b ')).toBe(' a  b ')
  })

  it('lets nothing close its quotes', () => {
    for (const mark of ['"', '“', '”', '„', '‟', '«', '»', '″', '〝', '〞', '＂', '「'])
      expect(quoted(`a${mark}b`)).toBe(`"a\\u{${mark.codePointAt(0)?.toString(16) ?? ''}}b"`)
  })

  it('keeps a length, and tells beginning, end and how much is left out', () => {
    expect(shown('x'.repeat(100))).toBe('x'.repeat(100))
    expect(shown('x'.repeat(101))).toBe(`${'x'.repeat(67)}…(1 more characters)…${'x'.repeat(33)}`)
    expect(shown(`begin${'\u202e'.repeat(1_000_000)}end`, 30)).toBe('begin\\u{202e}…(999999 more characters)…end')
    expect(shown('\u202e'.repeat(20), 60)).toBe(
      `${'\\u{202e}'.repeat(5)}…(13 more characters)…${'\\u{202e}'.repeat(2)}`
    )
  })

  it('cannot pass for what is said of it', () => {
    expect(shown('a…(4 more characters)…b')).toBe('a\\u{2026}(4 more characters)…b')
    expect(shown('\\u{202e}')).toBe('\\u{5c}u{202e}')
  })

  const anyText = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('\\', 'u', '{', '}', ' ', '"', '\u202e', '\u0301', 'a', '…', '(') })
  )

  it('is shown differently when it is different, holds nothing hidden, and has a bounded length', () => {
    const long = limits.shownText.default + 40
    fc.assert(
      fc.property(anyText, anyText, (one, other) => {
        if (one !== other) expect(shown(one, 1000)).not.toBe(shown(other, 1000))
        for (const text of [shown(one), quoted(one), visible(one)]) {
          expect(text).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{DI}]|(?! )\p{Zs}/u)
          expect(visible(text)).toBe(text)
        }
        expect(quoted(one).slice(1, -1)).not.toContain('"')
        expect(shown(one.repeat(50)).length).toBeLessThanOrEqual(long)
      })
    )
  })

  it('is the same value as JSON of printable ASCII', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), (value, text) => {
        const printed = printableJson({ value, [text]: text })
        expect(printed).toMatch(/^[\x20-\x7e]*$/)
        expect(JSON.parse(printed)).toEqual(JSON.parse(JSON.stringify({ value, [text]: text })))
      })
    )
    expect(printableJson(undefined)).toBe('null')
  })
})
