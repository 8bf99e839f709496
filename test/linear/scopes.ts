import {
  certificateInWords,
  certify,
  compile,
  counterexample,
  disjoint,
  equivalence,
  explain,
  format,
  fromUri,
  intersect,
  isResourceScope,
  compareGrant,
  normalize,
  parse,
  parseStrict,
  permits,
  readAzureScopes,
  readVerbScopes,
  readVersion1WithQuery,
  subsumption,
  toUri,
  toV1,
  toV2,
  uncovered,
  union
} from '../../src/scopes/index.js'
import { list, word } from './inputs.js'
import type { LinearRow } from './row.js'
import { comparedTypeOf, fhirR4 } from '../../src/scopes/vocabulary.js'
import { check } from '../support/checkers/check.js'
import { readQuestion } from '../support/checkers/read.js'

/** The shapes of scope sets. */
const shapes: Readonly<Record<string, (size: number) => string>> = {
  'scopes of types': (size) => list(size, (place) => `patient/T${word(place)}.rs`),
  'unknown scopes': (size) => list(size, (place) => `scope-${word(place)}`),
  'scopes with a code': (size) => list(size, (place) => `patient/Observation.rs?code=${word(place)}`),
  'scopes with a system and a code': (size) =>
    list(size, (place) => `patient/Observation.rs?code=http://example.org|${word(place)}`),
  'scopes with a reference': (size) => list(size, (place) => `patient/Observation.rs?subject=Patient/${word(place)}`),
  'scopes with a name': (size) => list(size, (place) => `patient/Patient.rs?name=${word(place)}`),
  'scopes with names that begin alike': (size) =>
    list(size, (place) => `patient/Patient.rs?name=aaaaaaaaaaaaaaaa${word(place)}`),
  'scopes with two names': (size) =>
    list(size, (place) => `patient/Patient.rs?name=${word(place)}&family=${word(place)}`),
  'scopes with an opaque clause': (size) => list(size, (place) => `patient/Observation.rs?date=ge${word(place)}`),
  'one scope with many codes': (size) => `patient/Observation.rs?code=${list(size, word, ',')}`,
  'one scope with many names': (size) => `patient/Patient.rs?name=${list(size, word, ',')}`,
  'one scope with a long name': (size) => `patient/Patient.rs?name=${'a'.repeat(size)}`,
  'the same scope again and again': (size) => list(size, () => 'patient/Patient.rs?name=a'),
  'malformed scopes': (size) => list(size, (place) => `patient/${word(place)}`),
  'one scope with many clauses': (size) =>
    `patient/Observation.r?${list(Math.ceil(size / 4), (place) => `code=${word(place)}`, '&')}`,
  'names each of which begins with the one before': (size) =>
    list(Math.ceil(Math.sqrt(8 * size)), (place) => `patient/Patient.rs?name=${'a'.repeat(place + 1)}`),
  blanks: (size) => ' '.repeat(size)
}

const rowsOf = (
  name: string,
  work: (set: ReturnType<typeof parse>, other: ReturnType<typeof parse>) => unknown
): ReadonlyArray<LinearRow> =>
  Object.entries(shapes).map(([shape, textOf]) => ({
    name: `${name}: ${shape}`,
    of: (size) => {
      const [set, other] = [parse(textOf(size)), parse(textOf(size))]
      return () => work(set, other)
    }
  }))

const readers: ReadonlyArray<LinearRow> = Object.entries({
  parse,
  parseStrict,
  readAzureScopes,
  readVerbScopes,
  readVersion1WithQuery
}).flatMap(([name, read]) =>
  Object.entries(shapes).map(([shape, textOf]) => ({
    name: `${name}: ${shape}`,
    of: (size: number) => {
      const text = textOf(size)
      return () => read(text)
    }
  }))
)

/** The checker of certificates, with the certificate of a yes: of a set that requests what it grants. */
const checkerRows: ReadonlyArray<LinearRow> = Object.entries(shapes).map(([shape, textOf]) => ({
  name: `check a certificate: ${shape}`,
  of: (size) => {
    const text = textOf(size)
    const certified = certify(parse(text), parse(text))
    const certificate: unknown = certified._tag === 'Right' ? JSON.parse(JSON.stringify(certified.right)) : null
    const typeOf = (type: string, name: string): string => comparedTypeOf(fhirR4, type, name)
    return () => check(readQuestion(text, text, typeOf, []), certificate)
  }
}))

/** What is done with scope sets. */
export const scopeRows: ReadonlyArray<LinearRow> = [
  ...readers,
  ...rowsOf('format', (set) => format(set)),
  ...rowsOf('to URIs and back', (set) => set.map(toUri).map(fromUri)),
  ...rowsOf('to version 1 and version 2', (set) =>
    set.filter(isResourceScope).map((scope) => [toV1(scope), toV2(scope)])
  ),
  ...rowsOf('normalize', (set) => normalize(set)),
  ...rowsOf('subsumes', (set, other) => subsumption(set, other)),
  ...rowsOf('certify', (set, other) => certify(set, other)),
  ...rowsOf('certify a no', (set, other) => certify(set.slice(1), other)),
  ...rowsOf('certificateInWords', (set, other) => {
    const certified = certify(set, other)
    return certified._tag === 'Right' ? certificateInWords(certified.right) : null
  }),
  ...checkerRows,
  ...rowsOf('equivalent', (set, other) => equivalence(set, other)),
  ...rowsOf('counterexample', (set, other) => counterexample(set.slice(1), other)),
  ...rowsOf('disjoint', (set, other) => disjoint(set, other)),
  ...rowsOf('intersect', (set, other) => intersect(set, other)),
  ...rowsOf('intersect with half', (set, other) =>
    intersect(
      set,
      other.filter((_scope, place) => place % 2 === 0)
    )
  ),
  ...rowsOf('intersect with everything', (set) => intersect(set, parse('patient/*.cruds'))),
  ...rowsOf('what everything has in common', (set) => intersect(parse('patient/*.cruds'), set)),
  ...rowsOf('union', (set, other) => union(set, other)),
  ...rowsOf('uncovered', (set, other) => uncovered(set.slice(1), other)),
  ...rowsOf('judgeGrant', (set, other) => compareGrant(set, other.slice(1))),
  ...rowsOf('compile', (set) => compile(set)),
  ...rowsOf('permits', (set) =>
    permits(set, { level: 'patient', type: 'Group', permission: 'r', resource: { name: ['b'], code: ['|b'] } })
  ),
  ...rowsOf('explain', (set) => explain(set))
]
