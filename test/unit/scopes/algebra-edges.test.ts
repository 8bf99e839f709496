/** Inputs at the edges of the algebra that no random world reaches by itself. */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { describe, expect, it } from 'vitest'
import { intersect } from '../../../src/scopes/combine.js'
import { compile } from '../../../src/scopes/compile.js'
import { format } from '../../../src/scopes/format.js'
import { normalize } from '../../../src/scopes/normalize.js'
import { parse } from '../../../src/scopes/parse.js'
import type { LevelOrder } from '../../../src/scopes/permits.js'
import { permits } from '../../../src/scopes/permits.js'
import { clauseOf } from '../../../src/scopes/query.js'
import { counterexample, disjoint, equivalent, subsumes } from '../../../src/scopes/subsumes.js'

const covers = (granted: string, requested: string): unknown => subsumes(parse(granted), parse(requested))
const normal = (text: string, levelOrder: LevelOrder = []): unknown => Either.map(format)(normalize(parse(text), { levelOrder }))

describe('whatever a scope can spell is not taken for "whatever"', () => {
  it.each([
    ['patient/Observation.rs?category=%00|a', 'patient/Observation.rs?category=a'],
    ['patient/Observation.rs?category=s|%00', 'patient/Observation.rs?category=s|'],
    ['patient/Patient.rs?name=ab%00', 'patient/Patient.rs?name=ab'],
    ['patient/Observation.rs?subject=%00/1', 'patient/Observation.rs?subject=1'],
    ['patient/Observation.rs?category=%EF%BF%BF|a', 'patient/Observation.rs?category=a']
  ])('%s does not cover %s', (granted, requested) => {
    expect(covers(granted, requested)).toEqual(Either.right(false))
    const found = counterexample(parse(granted), parse(requested))
    const access = Either.isRight(found) ? Option.toNullable(found.right) : null
    expect(access === null ? [] : [permits(parse(requested), access), permits(parse(granted), access)]).toEqual([true, false])
  })

  it('nor are halves of characters that a caller puts into a clause', () => {
    expect(clauseOf('category', null, ['\ud800\ud800|a']).values).toEqual(['\ufffd\ufffd|a'])
  })

  it('and a counterexample uses a word that is not in the scopes, whatever letters they use', () => {
    const everything = encodeURIComponent('fqxzjkvwyubghm0123456789~!*\u2603')
    const granted = parse(`patient/Observation.rs?category=${everything},%E2%98%83fresh|a`)
    const requested = parse('patient/Observation.rs?category=a')
    const found = counterexample(granted, requested)
    const access = Either.isRight(found) ? Option.toNullable(found.right) : null
    expect(access === null ? [] : [permits(requested, access), permits(granted, access)]).toEqual([true, false])
  })
})
