/** The scope playground without a browser: questions in addresses, answers, examples, the order, and the HTML. */
import * as fc from 'fast-check'
import { parse as parseHtml } from 'node-html-parser'
import { describe, expect, it } from 'vitest'
import { playgroundAnswer, faultsIn, optionsOf } from '../../../src/playground/answer.js'
import { exampleResource } from '../../../src/playground/example-resource.js'
import { exampleQuestions } from '../../../src/playground/form.js'
import { orderIn } from '../../../src/playground/order.js'
import { drawnOrder } from '../../../src/playground/picture.js'
import type { Question } from '../../../src/playground/question.js'
import { emptyQuestion, fragmentOf, readFragment } from '../../../src/playground/question.js'
import { withRealType } from '../../../src/playground/real-type.js'
import { comparisonOf, doubtList, faultList, markedText, meaningOf } from '../../../src/playground/view.js'
import { indexReader } from '../../../src/protocol/access/search/search-index.js'
import { isAtom, permits } from '../../../src/scopes/permits.js'
import { parse } from '../../../src/scopes/parse.js'
import { format } from '../../../src/scopes/format.js'
import { counterexample, subsumption } from '../../../src/scopes/subsumes.js'
import { resourceTypeNames } from '../../../src/values/fhir-r4/compartment.js'
import * as Either from '../../../src/values/either.js'
import { accesses, scopeSets } from '../../../src/testing.js'

const questionOf = (requested: string, granted: string, userIncludesPatient = false): Question => ({
  requested,
  granted,
  userIncludesPatient
})

const compared = (requested: string, granted: string, userIncludesPatient = false) => {
  const { comparison } = playgroundAnswer(questionOf(requested, granted, userIncludesPatient))
  if (comparison === null || Either.isLeft(comparison)) throw new Error('expected a comparison')
  return comparison.right
}

describe('a question in an address', () => {
  it('is read as it was written, whatever its texts are', () => {
    fc.assert(
      fc.property(
        fc.record({
          requested: fc.string({ unit: 'grapheme' }),
          granted: fc.string({ unit: 'grapheme' }),
          userIncludesPatient: fc.boolean()
        }),
        (question) => {
          expect(readFragment(`#${fragmentOf(question)}`)).toEqual(question)
        }
      ),
      { numRuns: 2000 }
    )
  })
  it.each([
    ['', emptyQuestion],
    ['#', emptyQuestion],
    ['#other=1&requested', emptyQuestion],
    ['#requested=%zz', questionOf('%zz', '')],
    ['#requested=%ff&granted=a=b', questionOf('%ff', 'a=b')],
    ['#granted=a+b', questionOf('', 'a+b')],
    ['#levels=other', emptyQuestion],
    ['#__proto__=x', emptyQuestion]
  ])('%s', (fragment, question) => {
    expect(readFragment(fragment)).toEqual(question)
  })
})

describe('an answer', () => {
  it.each([
    ['patient/*.read', 'patient/*.rs', 'equal'],
    ['patient/Observation.r', 'patient/*.rs', 'within'],
    ['patient/*.rs', 'patient/Observation.r', 'includes'],
    ['patient/Observation.r', 'user/Observation.r', 'disjoint'],
    ['patient/Observation.rs', 'patient/Observation.us', 'overlapping']
  ] as const)('%s and %s: %s', (requested, granted, relation) => {
    expect(compared(requested, granted).relation).toBe(relation)
  })
  it('follows the declared order of the levels', () => {
    expect(compared('patient/Observation.r', 'user/*.rs', true).relation).toBe('within')
  })
  it('names what is in common, missing and too much', () => {
    expect(compared('patient/Observation.rs openid', 'patient/Observation.us')).toMatchObject({
      intersection: 'patient/Observation.s',
      missing: 'openid patient/Observation.r',
      excess: 'patient/Observation.u',
      union: 'openid patient/Observation.rus'
    })
  })
  it('waits for both texts, and says when a question is too complex', () => {
    expect(playgroundAnswer(questionOf('openid', '')).comparison).toBeNull()
    const values = Array.from({ length: 60 }, (_, index) => `v${String(index)}`).join(',')
    const large = `patient/Observation.rs?category=${values}&code=${values}&status=${values}`
    expect(comparisonOf(playgroundAnswer(questionOf(large, 'openid'))).html).toContain('too complex')
  })
  it('agrees with the library', () => {
    let within = 0
    fc.assert(
      fc.property(scopeSets(3), scopeSets(3), fc.boolean(), (one, other, userIncludesPatient) => {
        const question = questionOf(format(one), format(other), userIncludesPatient)
        const { comparison } = playgroundAnswer(question)
        if (comparison === null || Either.isLeft(comparison)) return
        const isWithin = ['equal', 'within'].includes(comparison.right.relation)
        if (isWithin) within += 1
        expect(subsumption(parse(question.granted), parse(question.requested), optionsOf(question))).toEqual(
          Either.right(isWithin)
        )
        expect(comparison.right.missing === '').toBe(isWithin)
        const { because } = comparison.right
        expect(because !== null).toBe(isWithin)
        if (because === null || because.leftOut > 0) return
        expect(because.scopes.map(({ scope }) => scope)).toEqual(parse(question.requested).map(({ text }) => text))
        for (const { granted } of because.scopes.flatMap(({ parts }) => parts))
          expect(parse(question.granted).map(({ text }) => text)).toContain(granted)
      }),
      { numRuns: 1000 }
    )
    expect(within).toBeGreaterThan(0)
  })
})

describe('a scope that is probably misspelled', () => {
  const doubts = (text: string): ReadonlyArray<string> =>
    parseHtml(doubtList(playgroundAnswer(questionOf(text, '')).requested.doubts).html)
      .querySelectorAll('li')
      .map((item) => item.text)
  it('is named, with the scope that it probably means', () => {
    expect(doubts('patient/Observaton.rs patient/Observation.rs lauch vendor-thing fhirUser')).toEqual([
      'patient/Observaton.rs: FHIR R4 has no resource type Observaton. Did you mean patient/Observation.rs?',
      'lauch: SMART App Launch has no such scope. Did you mean launch?',
      'vendor-thing: SMART App Launch has no such scope.'
    ])
  })
  it('is compared as it is written, because a server may know it', () => {
    expect(compared('patient/Observaton.rs', 'patient/*.rs').relation).toBe('within')
  })
  it('is none where the text is right or malformed, and the first ten are named', () => {
    expect(doubts('launch/patient openid patient/*.rs __own https://own.example/x patient/Observation.sr')).toEqual([])
    expect(doubts(Array.from({ length: 40 }, (_, place) => `x${String(place)}`).join(' '))).toHaveLength(10)
  })
})

describe('the reason of a yes', () => {
  const because = (requested: string, granted: string, userIncludesPatient = false): ReadonlyArray<string> =>
    (compared(requested, granted, userIncludesPatient).because?.scopes ?? []).flatMap(({ parts, scope }) =>
      parts.map(
        ({ clauses, granted: wide, permissions, reasons }) =>
          `${scope}: ${[permissions ?? 'itself', ...clauses].join(' ')} by ${wide}, ${reasons
            .map((one) => (one._tag === 'Sentence' ? one.text : `${one.wide} > ${one.narrow}: ${one.why}`))
            .join('; ')}`
      )
    )
  const code = 'http://loinc.org|1234-5'
  it.each<[string, string, ReadonlyArray<string>]>([
    ['openid', 'fhirUser openid', ['openid: itself by openid, the same scope is granted']],
    [
      'patient/Observation.rs',
      'patient/Observation.r patient/*.s',
      [
        'patient/Observation.rs: read by patient/Observation.r, it is for the same type, and has no condition',
        'patient/Observation.rs: search by patient/*.s, * is every type, also Observation'
      ]
    ],
    [
      'patient/Observation.rs',
      'patient/*.read',
      [
        'patient/Observation.rs: read and search by patient/*.read, * is every type, also Observation; ' +
          '.read of version 1 means read and search'
      ]
    ],
    [
      'patient/Observation.s?category=laboratory,vital-signs',
      'patient/Observation.rs?category=laboratory patient/Observation.rs?category=vital-signs',
      ['laboratory', 'vital-signs'].map(
        (one) =>
          `patient/Observation.s?category=laboratory,vital-signs: search category=${one} by ` +
          `patient/Observation.rs?category=${one}, category=${one} > category=${one}: it is the same condition`
      )
    ],
    [
      `patient/Observation.r?code=${code}`,
      'patient/Observation.r?code=1234-5',
      [
        `patient/Observation.r?code=${code}: read code=${code} by patient/Observation.r?code=1234-5, ` +
          `code=1234-5 > code=${code}: a code without a system is that code in every system`
      ]
    ],
    [
      `patient/Observation.r?code=${code}`,
      'patient/Observation.r?code=http://loinc.org|',
      [
        `patient/Observation.r?code=${code}: read code=${code} by patient/Observation.r?code=http://loinc.org|, ` +
          `code=http://loinc.org| > code=${code}: a system without a code is every code of that system`
      ]
    ],
    [
      'patient/Patient.r?name=ann',
      'patient/Patient.r?name=an',
      [
        'patient/Patient.r?name=ann: read name=ann by patient/Patient.r?name=an, name=an > name=ann: ' +
          'every resource that meets the second meets the first'
      ]
    ],
    [
      'patient/Observation.r?category=laboratory&code=x',
      'patient/Observation.r?code=x',
      [
        'patient/Observation.r?category=laboratory&code=x: read category=laboratory code=x by ' +
          'patient/Observation.r?code=x, code=x > code=x: it is the same condition'
      ]
    ],
    [
      'patient/Observation.d?code=x,y',
      'patient/Observation.d',
      ['x', 'y'].map(
        (one) => `patient/Observation.d?code=x,y: delete code=${one} by patient/Observation.d, it has no condition`
      )
    ]
  ])('for %s under %s', (requested, granted, reasons) => {
    expect(because(requested, granted)).toEqual(reasons)
  })
  it('names the declared order of the levels', () => {
    expect(because('patient/Observation.r', 'user/Observation.r', true)).toEqual([
      'patient/Observation.r: read by user/Observation.r, the host declares that user/ includes patient/'
    ])
  })
  it('is missing for a no, and bounded for many parts', () => {
    expect(compared('patient/*.rs', 'patient/Observation.r').because).toBeNull()
    const values = Array.from({ length: 60 }, (_, index) => `v${String(index)}`)
    const granted = values.map((one) => `patient/Observation.r?category=${one}`).join(' ')
    const { because: reason } = compared(`patient/Observation.r?category=${values.join(',')}`, granted)
    expect([reason?.scopes.flatMap(({ parts }) => parts).length, reason?.leftOut]).toEqual([40, 20])
    const question = questionOf(`patient/Observation.r?category=${values.join(',')}`, granted)
    expect(comparisonOf(playgroundAnswer(question)).html).toContain('20 more parts are covered in the same way')
  })
})

describe('malformed scopes', () => {
  it('are marked where they stand', () => {
    const text = 'openid patient/Observation.sr  patient/*.rs'
    const faults = faultsIn(parse(text))
    expect(faults.map(({ start, end }) => text.slice(start, end))).toEqual(['patient/Observation.sr', ' '])
    expect(markedText(text, faults).html).toBe('openid <mark>patient/Observation.sr</mark> <mark> </mark>patient/*.rs')
    expect(faultList(faults).html).toContain('at character 29')
  })
  it('leave every character in its place', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const marked = markedText(text, faultsIn(parse(text))).html
        expect(
          marked
            .replaceAll(/<\/?mark>/g, '')
            .replaceAll('&lt;', '<')
            .replaceAll('&gt;', '>')
            .replaceAll('&amp;', '&')
        ).toBe(text)
      })
    )
  })
})

describe('an example resource', () => {
  it('has the values of its access in the elements that the gate reads', () => {
    const read = indexReader({})
    let values = 0
    fc.assert(
      fc.property(accesses, (access) => {
        const example = exampleResource(access)
        if (isAtom(access)) {
          expect(example).toBeNull()
          return
        }
        expect(example?.resource.resourceType).toBe(access.type)
        for (const [name, indexed] of Object.entries(access.resource)) {
          if (example === null || example.notShown.includes(name)) continue
          for (const value of indexed) {
            values += 1
            // The reader leaves the version of a reference out.
            expect(read(example.resource, name)).toContain(value.replace(/^([A-Z]\w+\/[^/]+)\/_history\/.*$/, '$1'))
          }
        }
      }),
      { numRuns: 2000 }
    )
    expect(values).toBeGreaterThan(100)
  })
  it('is shown for a counterexample', () => {
    const { onlyRequested } = compared(
      'patient/Observation.r?category=laboratory',
      'patient/Observation.r?category=http://example.org|laboratory'
    )
    expect(onlyRequested?.example).toEqual({
      resource: {
        id: 'any',
        resourceType: 'Observation',
        category: [{ coding: [{ system: 'fresh', code: 'laboratory' }] }]
      },
      notShown: []
    })
  })
})

describe('the type of an example', () => {
  const shownFor = (requested: string, granted: string) => {
    const { onlyRequested } = compared(requested, granted)
    return [onlyRequested?.words, onlyRequested?.anyType, onlyRequested?.example?.resource.resourceType]
  }

  it.each([
    ['patient/*.r', 'patient/Observation.r', 'patient/Condition.r', 'Condition'],
    ['patient/*.rs', 'patient/Condition.rs patient/Observation.rs', 'patient/MedicationRequest.r', 'MedicationRequest'],
    [
      'patient/*.r?category=a|b',
      'patient/Condition.r patient/Observation.r',
      'patient/MedicationRequest.r of a resource with category a|b',
      'MedicationRequest'
    ],
    [
      'patient/*.r?gender=female',
      'patient/Condition.r',
      'patient/Patient.r of a resource with gender qfresh|female',
      'Patient'
    ]
  ])('of FHIR stands for those that no scope names: %s', (requested, granted, words, type) => {
    expect(shownFor(requested, granted)).toEqual([words, type, type])
  })

  it('is that of the scope, if the scope names one', () => {
    expect(shownFor('patient/Observation.rs', 'patient/Observation.r')).toEqual([
      'patient/Observation.s',
      null,
      'Observation'
    ])
  })

  it('is invented where the scopes name every type of FHIR', () => {
    const granted = resourceTypeNames.split(' ').map((type) => `patient/${type}.r`)
    expect(shownFor('patient/*.r', granted.join(' '))).toEqual(['patient/Fresh0.r', 'Fresh0', 'Fresh0'])
  })

  it('makes a counterexample as the invented one does, whatever the scopes are', () => {
    let real = 0
    fc.assert(
      fc.property(scopeSets(), scopeSets(), (requested, granted) => {
        const found = counterexample(granted, requested)
        if (Either.isLeft(found) || found.right._tag === 'None') return
        const { access, isAnyType } = withRealType(found.right.value, granted, requested, {})
        if (isAnyType) real += 1
        expect([permits(requested, access), permits(granted, access)]).toEqual([true, false])
      }),
      { numRuns: 1000 }
    )
    expect(real).toBeGreaterThan(50)
  })
})

describe('the order', () => {
  const orderFor = (requested: string, granted: string) => {
    const question = questionOf(requested, granted)
    const order = orderIn(question, playgroundAnswer(question))
    if (order === null) throw new Error('expected an order')
    return order
  }
  it('puts a set below those that include it, and equal sets together', () => {
    const { nodes, lines } = orderFor('patient/Observation.r', 'patient/*.rs')
    expect(nodes).toEqual([
      { names: ['requested', 'in common'], scope: 'patient/Observation.r', layer: 0 },
      { names: ['granted', 'together'], scope: 'patient/*.rs', layer: 1 }
    ])
    expect(lines).toEqual([[0, 1]])
  })
  it('has no line that two others replace', () => {
    fc.assert(
      fc.property(scopeSets(2), scopeSets(2), (one, other) => {
        const question = questionOf(format(one), format(other))
        const order = orderIn(question, playgroundAnswer(question))
        for (const [low, high] of order?.lines ?? []) {
          expect(order?.nodes[low]?.layer).toBeLessThan(order?.nodes[high]?.layer ?? -1)
          expect(
            order?.lines.some(([from, to]) => from === low && order.lines.some(([a, b]) => a === to && b === high))
          ).toBe(false)
        }
      }),
      { numRuns: 300 }
    )
  })
  it('is drawn without a line through a box that it does not end at', () => {
    const numbers = (text = ''): ReadonlyArray<number> => text.split(/[ ,]/).map(Number)
    const crossings = (drawn: string): number => {
      const svg = parseHtml(drawn)
      const boxes = svg
        .querySelectorAll('rect')
        .map((rect) => ['x', 'y', 'width', 'height'].map((name) => Number(rect.getAttribute(name))))
      const steps = Array.from({ length: 99 }, (_, step) => (step + 1) / 100)
      return svg.querySelectorAll('polyline, line').flatMap((line) => {
        const ends = ['x1', 'y1', 'x2', 'y2'].map((name) => line.getAttribute(name)).join(' ')
        const flat = numbers(line.getAttribute('points') ?? ends)
        const points = flat.flatMap((x, place) => (place % 2 === 0 ? [[x, flat[place + 1] ?? 0] as const] : []))
        return points.slice(1).flatMap(([x, y], place) => {
          const [fromX, fromY] = points[place] ?? [x, y]
          const between = steps.map((step) => [fromX + (x - fromX) * step, fromY + (y - fromY) * step] as const)
          return boxes.filter(([left = 0, top = 0, width = 0, height = 0]) =>
            between.some(([px, py]) => px > left + 1 && px < left + width - 1 && py > top + 1 && py < top + height - 1)
          )
        })
      }).length
    }
    const layered = orderFor(
      'patient/Observation.rs?category=laboratory patient/Foo.x',
      'patient/Observation.read patient/observation.rs launch'
    )
    expect(crossings(drawnOrder(layered).html)).toBe(0)
    fc.assert(
      fc.property(scopeSets(3), scopeSets(3), (one, other) => {
        const question = questionOf(format(one), format(other))
        const order = orderIn(question, playgroundAnswer(question))
        expect(order === null ? 0 : crossings(drawnOrder(order).html)).toBe(0)
      }),
      { numRuns: 200 }
    )
  })
  it('is drawn with a description in words', () => {
    const drawn = drawnOrder(orderFor('patient/Observation.r', 'user/*.r')).html
    expect(drawn).toContain('aria-label="requested is within together.')
    expect(drawn).not.toMatch(/style=|NaN|Infinity/)
  })
})

describe('the page', () => {
  it('explains an invented word of an example, and only there', () => {
    const shown = (requested: string, granted: string): string =>
      comparisonOf(playgroundAnswer(questionOf(requested, granted))).html
    const note = /<code>Condition<\/code> stands for any type that no scope here names/
    expect(shown('patient/*.r', 'patient/Observation.r')).toMatch(note)
    const system = 'patient/Observation.r?category=http://a.example|laboratory'
    expect(shown('patient/Observation.r?category=laboratory', system)).toMatch(
      /<code>fresh<\/code> stands for any value/
    )
    expect(shown('patient/Observation.rs', 'patient/Observation.r')).not.toContain('stands for any')
  })
  it('shows no text of a question as HTML', () => {
    const answer = playgroundAnswer(questionOf('<img> "x"', 'patient/Observation.rs?code=<b>'))
    const shown = [
      meaningOf(answer.requested),
      meaningOf(answer.granted),
      comparisonOf(answer),
      faultList(answer.requested.faults),
      markedText('<img> "x"', answer.requested.faults)
    ]
    const yes = comparisonOf(playgroundAnswer(questionOf('a<b> patient/Observation.r?code=<b>', 'a<b> patient/*.r')))
    expect(yes.html).toContain('<h3>Why</h3>')
    for (const { html } of [...shown, yes]) expect(html).not.toMatch(/<(?:img|b)[ >]/)
  })
  it('writes each hidden character as one escape, and shortens what is long', () => {
    const shown = (values: string): string =>
      comparisonOf(playgroundAnswer(questionOf(`patient/Observation.rs?${values}`, 'patient/Observation.rs?code=c')))
        .html
    expect(shown('code=a%E2%80%AEb')).toMatch(/with code (?:fresh\|)?a\\u\{202e\}b<\/bdi><\/code>/)
    expect(shown('code=a%E2%80%AEb')).not.toContain('u{5c}')
    const many = Array.from({ length: 30 }, (_, place) => `code=a${String(place)}%E2%80%AE`).join('&')
    expect(/For example: <code><bdi>(.*?)<\/bdi>/.exec(shown(many))?.[1]?.length).toBeLessThan(400)
  })
  it('begins with examples that have answers', () => {
    for (const { question, title } of exampleQuestions) {
      const { comparison } = playgroundAnswer(question)
      expect(comparison !== null && !Either.isLeft(comparison), title).toBe(true)
      expect(readFragment(fragmentOf(question))).toEqual(question)
    }
  })
})
