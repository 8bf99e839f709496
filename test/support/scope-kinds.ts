/**
 * The kinds of scopes and clauses that the reader and the algebra tell apart. A generator that does not make one of
 * them tests nothing of it.
 */
import type { Clause, Scope } from '../../src/scopes/scope.js'
import type { ParameterType, Vocabulary } from '../../src/scopes/vocabulary.js'

const tokenKind = (value: string): string => {
  const bar = value.replace(/\\./g, '__').indexOf('|')
  if (bar === -1) return 'token: a code alone'
  if (bar === 0) return 'token: no system'
  return bar === value.length - 1 ? 'token: a system alone' : 'token: system and code'
}

const referenceKind = (value: string): string => {
  if (/^https?:/.test(value)) return 'reference: absolute'
  if (value.includes(':')) return 'reference: urn'
  const parts = value.split('/').length
  return parts === 1 ? 'reference: an id alone' : parts === 2 ? 'reference: type and id' : 'reference: several parts'
}

const stringKinds = (value: string): ReadonlyArray<string> => [
  ...(/\p{Lu}/u.test(value) ? ['string: upper case'] : []),
  ...(/\p{M}/u.test(value.normalize('NFD')) ? ['string: accents'] : []),
  ...(/^\p{M}+$/u.test(value) ? ['string: accents alone'] : []),
  ...(/[\u03a3\u03c2]/.test(value) ? ['string: sigma'] : []),
  'string: prefix'
]

const byType: Readonly<Partial<Record<ParameterType, (value: string) => ReadonlyArray<string>>>> = {
  token: (value) => [
    tokenKind(value),
    ...(/^(?:[^|\\]|\\[^|])*\\\|.*[^\\]\|/.test(value) ? ['token: a bar in the system'] : []),
    ...(value.includes('\\\\') ? ['token: a backslash'] : [])
  ],
  reference: (value) => [referenceKind(value)],
  string: stringKinds,
  uri: () => ['uri']
}

const clauseKinds = (
  vocabulary: Vocabulary,
  type: string,
  { name, modifier, values, text }: Clause
): ReadonlyArray<string> => {
  const parameter = vocabulary.typeOf(type, name)
  const general = [
    ...(values.length > 1 ? ['several values'] : ['one value']),
    ...(text.includes('%') ? ['percent-encoded'] : ['plain text']),
    ...(values.some((value) => value.includes('\\,')) ? ['an escaped comma'] : [])
  ]
  if (modifier === 'exact' && parameter === 'string') return [...general, 'string: exact']
  const read = byType[parameter]
  if (modifier !== null) return [...general, 'opaque: modifier']
  return read === undefined ? [...general, 'opaque: parameter'] : [...general, ...values.flatMap(read)]
}

/** The kinds of a scope. */
export const kindsOf = (vocabulary: Vocabulary, scope: Scope): ReadonlyArray<string> =>
  scope._tag === 'ResourceScope'
    ? [
        `level ${scope.level}`,
        `syntax ${scope.syntax}`,
        scope.type === '*' ? 'every type' : 'one type',
        `${String(Math.min(2, scope.query.length))} clauses`,
        ...scope.query.flatMap((clause) => clauseKinds(vocabulary, scope.type, clause))
      ]
    : [scope._tag]

/** The kinds of clauses. */
export const kindsOfClauses = [
  'one value',
  'several values',
  'plain text',
  'percent-encoded',
  'an escaped comma',
  'token: a code alone',
  'token: no system',
  'token: a system alone',
  'token: system and code',
  'token: a bar in the system',
  'token: a backslash',
  'reference: an id alone',
  'reference: type and id',
  'reference: several parts',
  'reference: absolute',
  'reference: urn',
  'string: prefix',
  'string: upper case',
  'string: accents',
  'string: accents alone',
  'string: sigma',
  'string: exact',
  'uri',
  'opaque: parameter',
  'opaque: modifier'
] as const

/** How many scopes are of each kind. */
export const countsOf = (vocabulary: Vocabulary, scopes: Iterable<Scope>): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const scope of scopes)
    for (const kind of new Set(kindsOf(vocabulary, scope))) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return counts
}
