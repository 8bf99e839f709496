/**
 * The kinds of scopes and clauses that the reader and the algebra tell apart. A generator that does not make one of
 * them tests nothing of it.
 */
import type { Clause, MalformedScope, ResourceScope, Scope } from '../../src/scopes/scope.js'
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
  if (modifier !== null)
    return [
      ...general,
      modifier === 'exact' ? 'opaque: exact of no string' : 'opaque: modifier',
      ...(values.length > 1 ? ['opaque: several values'] : [])
    ]
  return read === undefined ? [...general, 'opaque: parameter'] : [...general, ...values.flatMap(read)]
}

/** What the reader of a clause finds wrong with it: the first of these that holds. */
const clauseFaults: ReadonlyArray<readonly [kind: string, pattern: RegExp]> = [
  ['no name and value', /^[^=]*$/],
  ['percent-encoding', /%(?![0-9A-F]{2})|%FF/],
  ['an empty modifier', /^[^=]*:=/],
  ['the name', /^(?![A-Za-z_])/],
  ['a backslash at the end', /%5C$/],
  ['an empty value', /(?:^|[=,])(?:,|$)/]
]

const faultKinds = ({ reason, position, text }: MalformedScope): ReadonlyArray<string> => {
  const rest = text.slice(position)
  const [, suffix] = /^[a-z]+\/\w+\.([a-z]*)$/.exec(text) ?? []
  if (reason === 'QueryMalformed')
    return [`query: ${clauseFaults.find(([, pattern]) => pattern.test(rest))?.[0] ?? 'other'}`]
  if (reason === 'TypeMalformed') return [/^[A-Z]/.test(rest) ? 'type: no dot behind it' : 'type: none']
  if (reason === 'PermissionsMissing') return [suffix === '' ? 'permissions: none' : 'permissions: no dot']
  return []
}

const otherKinds = (scope: Exclude<Scope, ResourceScope>): ReadonlyArray<string> => {
  switch (scope._tag) {
    case 'MalformedScope':
      return [`malformed: ${scope.reason}`, ...faultKinds(scope)]
    case 'LaunchScope':
      return [scope.type === null ? 'launch' : scope.role === null ? 'launch: a type' : 'launch: a role']
    case 'ExtensionScope':
      return [scope.text.startsWith('__') ? 'extension: underscores' : 'extension: a URI']
    case 'UnknownScope':
      return [scope.text.includes(':') ? 'unknown: a colon' : 'unknown']
    case 'IdentityScope':
    case 'RefreshScope':
      return [scope._tag]
  }
}

/** The kinds of a scope. */
export const kindsOf = (vocabulary: Vocabulary, scope: Scope): ReadonlyArray<string> =>
  scope._tag === 'ResourceScope'
    ? [
        `level ${scope.level}`,
        scope.syntax === 'v1' ? `version 1: ${scope.permissions.join('')}` : 'version 2',
        scope.type === '*' ? 'every type' : 'one type',
        `${String(Math.min(2, scope.query.length))} clauses`,
        ...scope.query.flatMap((clause) => clauseKinds(vocabulary, scope.type, clause))
      ]
    : otherKinds(scope)

/** The kinds of well-formed scopes. */
export const kindsOfScopes = [
  'level patient',
  'level user',
  'level system',
  'version 1: rs',
  'version 1: cud',
  'version 1: cruds',
  'version 2',
  'every type',
  'one type',
  '0 clauses',
  '1 clauses',
  '2 clauses',
  'IdentityScope',
  'RefreshScope',
  'launch',
  'launch: a type',
  'launch: a role',
  'extension: underscores',
  'extension: a URI',
  'unknown',
  'unknown: a colon'
] as const

/** The kinds of malformed scopes. */
export const kindsOfFaults = [
  'malformed: Empty',
  'malformed: CharacterNotAllowed',
  'malformed: LevelWithoutSlash',
  'malformed: TypeMalformed',
  'malformed: PermissionsMissing',
  'malformed: PermissionsUnknown',
  'malformed: PermissionsOutOfOrder',
  'malformed: QueryOnVersion1',
  'malformed: QueryMalformed',
  'malformed: LaunchMalformed',
  'type: none',
  'type: no dot behind it',
  'permissions: none',
  'permissions: no dot',
  ...clauseFaults.map(([kind]) => `query: ${kind}`)
] as const

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
  'opaque: modifier',
  'opaque: exact of no string',
  'opaque: several values'
] as const

/** How many scopes are of each kind. */
export const countsOf = (vocabulary: Vocabulary, scopes: Iterable<Scope>): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const scope of scopes)
    for (const kind of new Set(kindsOf(vocabulary, scope))) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return counts
}

/** A line with the count of each kind, and the kinds that occur less than ten times. */
export const shownCounts = (
  counts: ReadonlyMap<string, number>,
  kinds: ReadonlyArray<string>
): { readonly line: string; readonly rare: ReadonlyArray<string> } => ({
  line: kinds.map((kind) => `${kind} ${String(counts.get(kind) ?? 0)}`).join(', '),
  rare: kinds.filter((kind) => (counts.get(kind) ?? 0) < 10)
})
