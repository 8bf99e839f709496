/**
 * Random scope sets for the comparison with the extracted procedures: few names and values, so that they meet each
 * other, with every kind of value, escape and spelling among them.
 */

/** A clause before it is printed. The values carry FHIR's escapes and are not percent-encoded. */
export interface PlannedClause {
  readonly name: string
  readonly modifier: string | null
  readonly values: ReadonlyArray<string>
}

/** A resource scope before it is printed, or the text of a scope that permits only itself. */
export interface PlannedScope {
  readonly level: string
  readonly type: string
  readonly suffix: string
  readonly clauses: ReadonlyArray<PlannedClause>
  readonly text: string | null
}

export type Planned = ReadonlyArray<PlannedScope>

/** One comparison: two sets as text, the declared order of levels, and an access. */
export interface Case {
  readonly granted: Planned
  readonly requested: Planned
  readonly grantedText: string
  readonly requestedText: string
  /** Pairs of first letters: `up` says that `user` includes `patient`. */
  readonly order: string
  readonly access: PlannedAccess
}

/** An access, or the use of a scope that permits only itself. */
export type PlannedAccess =
  | {
      readonly level: string
      readonly type: string
      readonly permission: string
      readonly resource: Readonly<Record<string, ReadonlyArray<string>>>
    }
  | { readonly atom: string }

export interface Random {
  readonly below: (bound: number) => number
  readonly chance: (probability: number) => boolean
  readonly pick: <A>(all: ReadonlyArray<A>) => A
}

/** Mulberry32. A linear congruential generator met no hard case. */
export const randomFrom = (seed: number): Random => {
  let state = seed | 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  const below = (bound: number): number => Math.floor(next() * bound)
  return { below, chance: (probability) => next() < probability, pick: (all) => all[below(all.length)]! }
}

/** The search parameters of the comparison with their types: how values are made, and mostly how they are read. */
export const parameterTypes: Readonly<Record<string, string>> = {
  tok: 'token',
  cat: 'token',
  ref: 'reference',
  uri: 'uri',
  str: 'string',
  name: 'string',
  date: 'date',
  mix: 'token',
  only: 'token'
}

/** How parameters are read that `*` and the resource types read differently. */
const readDifferently: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  mix: { A: 'token', B: 'uri' },
  only: { A: 'token', '*': 'token' }
}

/** The resource types that the vocabulary of the comparison has. */
export const knownTypes: ReadonlyArray<string> = ['A', 'B']

/** The type of a parameter for a resource type or `*`. */
export const readAs = (type: string, name: string): string => {
  const own = readDifferently[name]
  return own === undefined ? (parameterTypes[name] ?? 'other') : (own[type] ?? 'other')
}

/** The rows of {@link readAs}, for the extracted program. */
export const typeRows: ReadonlyArray<readonly [type: string, name: string, read: string]> = Object.keys(
  parameterTypes
).flatMap((name) => ['*', 'A', 'B', 'C'].map((type) => [type, name, readAs(type, name)] as const))

const escaped = (text: string): string => text.replace(/[,|$\\]/g, '\\$&')

const systems = ['http://s1', 'http://s2', 's|3', 's,4', 's\\5', '\u00fc']
const codes = ['a', 'b', 'c', 'a,b', 'a|b', 'a$', 'x\\y', '\u00e9', 'A']
const strings = [
  'a',
  'an',
  'An',
  'Ann',
  'ANN',
  'Anna',
  'b',
  '\u00e9',
  '\u00c9',
  'e\u0301a',
  'e',
  '\u03c3',
  '\u03c2',
  'a,b'
]
const references = [
  'Patient/1',
  'Group/1',
  'Patient/2',
  '1',
  '2',
  'http://h/Patient/1',
  'urn:uuid:7',
  'Patient/1/_history/2',
  '/1',
  'i,1'
]
const uris = ['http://u1', 'http://u2', 'u,1', 'http://u?x=1&y=2']
const dates = ['ge2021', 'ge2022', 'lt2020-01']
const modifiers = ['not', 'contains', 'missing', 'not=Equal a']

/** Common values are frequent, so that values of two sets meet. */
const mostly = (random: Random, all: ReadonlyArray<string>, common: number): string =>
  random.chance(0.75) ? random.pick(all.slice(0, common)) : random.pick(all)

const tokenValue = (random: Random): string => {
  const [system, code] = [escaped(mostly(random, systems, 2)), escaped(mostly(random, codes, 3))]
  switch (random.below(8)) {
    case 0:
      return `|${code}`
    case 1:
      return `${system}|`
    case 2:
      return random.chance(0.5) ? '|' : code
    case 3:
    case 4:
      return code
    default:
      return `${system}|${code}`
  }
}

const valueFor = (random: Random, type: string): string => {
  switch (type) {
    case 'token':
      return tokenValue(random)
    case 'reference':
      return escaped(mostly(random, references, 5))
    case 'uri':
      return escaped(mostly(random, uris, 2))
    case 'string':
      return random.chance(0.01) ? '\u0301' : escaped(random.pick(strings))
    default:
      return random.pick(dates)
  }
}

const clauseFor = (random: Random, name: string): PlannedClause => {
  const type = parameterTypes[name] ?? 'other'
  const modifier =
    type === 'string' && random.chance(0.3) ? 'exact' : random.chance(0.04) ? random.pick(modifiers) : null
  return {
    name,
    modifier,
    values: Array.from({ length: random.pick([1, 1, 1, 2, 3]) }, () => valueFor(random, type))
  }
}

const names = Object.keys(parameterTypes)
const letters = ['c', 'r', 'u', 'd', 's']

const suffixFor = (random: Random): string => {
  const chosen = letters.filter(() => random.chance(0.4))
  return chosen.length === 0 ? random.pick(['r', 's']) : chosen.join('')
}

/** A text for every reason for which a scope is malformed. */
const malformedTexts = [
  'openid\u00e9',
  'patient',
  'patient.r',
  'patient/',
  'patient/a.rs',
  'patient/A',
  'patient/A.',
  'patient/A.q',
  'patient/A.sr',
  'patient/A.rr',
  'patient/A.read?tok=a',
  'patient/A.r?',
  'patient/A.r?tok',
  'patient/A.r?tok=',
  'patient/A.r?tok=a,',
  'patient/A.r?tok:=a',
  'patient/A.r?1=a',
  'patient/A.r?tok=a%5C',
  'patient/A.r?tok=%6',
  'patient/A.r?tok=%FF',
  'launch/',
  'launch/Patient'
]
const texts = ['openid', 'launch', 'launch/patient', 'offline_access', '__x', 'patient/A.sr', 'other']

const ofText = (text: string): PlannedScope => ({ level: '', type: '', suffix: '', clauses: [], text })

const scopeFor = (random: Random, focus: ReadonlyArray<string>): PlannedScope => {
  if (random.chance(0.06)) return ofText(random.pick(random.chance(0.5) ? texts : malformedTexts))
  const level = random.pick(['patient', 'patient', 'patient', 'user', 'system'])
  const type = random.pick(['A', 'A', 'A', 'B', '*'])
  if (random.chance(0.06)) return { level, type, suffix: random.pick(['read', 'write', '*']), clauses: [], text: null }
  const clauses = Array.from({ length: random.pick([0, 1, 1, 1, 2, 2, 3]) }, () =>
    clauseFor(random, random.chance(0.85) ? random.pick(focus) : random.pick(names))
  )
  return { level, type, suffix: suffixFor(random), clauses, text: null }
}

const hexOf = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')

/** Percent-encoded where a scope needs it, and at random elsewhere. */
const encoded = (random: Random | null, text: string): string =>
  Array.from(text)
    .map((character) => {
      if (/[^\x21\x23-\x5b\x5d-\x7e]|[%&]/.test(character)) return hexOf(character)
      if (random === null || !random.chance(0.05)) return character
      return random.chance(0.5) ? hexOf(character) : hexOf(character).toLowerCase()
    })
    .join('')

/** The text of a scope. With a source of randomness, the spelling varies. */
export const printed = (random: Random | null, scope: PlannedScope): string => {
  if (scope.text !== null) return scope.text
  const query = scope.clauses.map(({ name, modifier, values }) => {
    const head = modifier === null ? name : `${name}:${modifier}`
    return `${encoded(random, head).replaceAll('=', '%3D')}=${values.map((value) => encoded(random, value)).join(',')}`
  })
  return `${scope.level}/${scope.type}.${scope.suffix}${query.length === 0 ? '' : `?${query.join('&')}`}`
}

const printedSet = (random: Random | null, scopes: Planned): string =>
  scopes.map((scope) => printed(random, scope)).join(' ')

export const plainText = (scopes: Planned): string => printedSet(null, scopes)

const shuffled = <A>(random: Random, all: ReadonlyArray<A>): ReadonlyArray<A> => {
  const left = [...all]
  return all.map(() => left.splice(random.below(left.length), 1)[0]!)
}

const isOpaque = (scopeType: string, { name, modifier }: PlannedClause): boolean =>
  ['date', 'other'].includes(readAs(scopeType, name)) || (modifier !== null && modifier !== 'exact')

const version2 = (suffix: string): string =>
  suffix === 'read' ? 'rs' : suffix === 'write' ? 'cud' : suffix === '*' ? 'cruds' : suffix

/** The same meaning, written differently: other order, permissions and comma lists split. */
const respelled = (random: Random, scopes: Planned): Planned =>
  shuffled(
    random,
    scopes.flatMap((scope): Planned => {
      if (scope.text !== null || random.chance(0.3)) return [scope]
      const split = random.chance(0.5)
        ? Array.from(version2(scope.suffix)).map((suffix) => ({ ...scope, suffix }))
        : [{ ...scope, suffix: version2(scope.suffix) }]
      const [first, ...rest] = scope.clauses
      const pieces =
        first === undefined || isOpaque(scope.type, first) || random.chance(0.3)
          ? split
          : split.flatMap((one) =>
              first.values.map((value) => ({ ...one, clauses: [{ ...first, values: [value] }, ...rest] }))
            )
      return pieces.map((one) => ({ ...one, clauses: shuffled(random, one.clauses) }))
    })
  )

/** A scope of a set, narrowed: a clause added, a permission or a value taken away. */
const narrowed = (random: Random, scope: PlannedScope, focus: ReadonlyArray<string>): PlannedScope => {
  if (scope.text !== null) return scope
  const suffix = random.pick(Array.from(version2(scope.suffix)))
  const clauses = scope.clauses.map((clause) =>
    isOpaque(scope.type, clause) ? clause : { ...clause, values: [random.pick(clause.values)] }
  )
  return {
    ...scope,
    type: scope.type === '*' && random.chance(0.5) ? random.pick(['A', 'A', 'B']) : scope.type,
    suffix,
    clauses: random.chance(0.5) ? clauses : [...clauses, clauseFor(random, random.pick(focus))]
  }
}

const related = (random: Random, name: string, value: string): string => {
  if (parameterTypes[name] === 'reference' && random.chance(0.7))
    return /^[A-Z][a-z]+\/\d$/.test(value) ? value.slice(-1) : /^\d$/.test(value) ? `Patient/${value}` : value
  if (parameterTypes[name] === 'string' && random.chance(0.7))
    return random.chance(0.5) ? value.toUpperCase() : `${value}n`
  if (parameterTypes[name] === 'token' && random.chance(0.5)) return value.replace(/^(?:[^|\\]|\\.)*\|(?=.)/, '')
  return valueFor(random, parameterTypes[name] ?? 'other')
}

const clauseChanged = (random: Random, clause: PlannedClause): PlannedClause => {
  const way = random.below(6)
  if (way === 0 && parameterTypes[clause.name] === 'string')
    return { ...clause, modifier: clause.modifier === 'exact' ? null : 'exact' }
  if (way <= 1)
    return { ...clause, values: [...clause.values, valueFor(random, parameterTypes[clause.name] ?? 'other')] }
  return { ...clause, values: clause.values.map((value) => related(random, clause.name, value)) }
}

/** A scope with one thing changed: near what is granted, and often not covered. */
const mutated = (random: Random, scope: PlannedScope): PlannedScope => {
  if (scope.text !== null) return ofText(random.pick(random.chance(0.5) ? texts : malformedTexts))
  const place = random.below(Math.max(1, scope.clauses.length))
  switch (random.below(scope.clauses.length === 0 ? 3 : 8)) {
    case 0:
      return { ...scope, level: random.pick(['patient', 'user', 'system']) }
    case 1:
      return { ...scope, type: random.pick(['A', 'B', '*']) }
    case 2:
      return { ...scope, suffix: suffixFor(random), clauses: scope.clauses }
    case 3:
      return { ...scope, clauses: scope.clauses.filter((_clause, index) => index !== place) }
    default:
      return {
        ...scope,
        clauses: scope.clauses.map((clause, index) => (index === place ? clauseChanged(random, clause) : clause))
      }
  }
}

/** One scope for each of some values, and a request for all of them. */
const piecewise = (random: Random, focus: ReadonlyArray<string>): readonly [Planned, Planned] => {
  const name = random.pick(names.filter((one) => !['date', 'mix'].includes(one)))
  const scope = { ...scopeFor(random, focus), level: 'patient', type: 'A', suffix: 'rs', text: null }
  const values = Array.from({ length: 2 + random.below(2) }, () => valueFor(random, parameterTypes[name]!))
  const withValues = (some: ReadonlyArray<string>): PlannedScope => ({
    ...scope,
    clauses: [{ name, modifier: null, values: some }, ...scope.clauses.filter((clause) => clause.name !== name)]
  })
  const granted = values.flatMap((value) =>
    random.chance(0.3) ? ['r', 's'].map((suffix) => ({ ...withValues([value]), suffix })) : [withValues([value])]
  )
  return [random.chance(0.15) ? granted.slice(1) : granted, [withValues(values)]]
}

const clauseOf = (name: string, modifier: string | null, ...values: ReadonlyArray<string>): PlannedClause => ({
  name,
  modifier,
  values
})

/** Pairs of queries that differ, and that are one text when values are joined and the separators are not escaped. */
const alike: ReadonlyArray<readonly [ReadonlyArray<PlannedClause>, ReadonlyArray<PlannedClause>]> = [
  [
    [clauseOf('date', null, 'ge2021'), clauseOf('date', null, 'ge2022')],
    [clauseOf('date', null, 'ge2021&date=Equal ge2022')]
  ],
  [
    [clauseOf('cat', null, 'a'), clauseOf('str', 'exact', 'x', 'y')],
    [clauseOf('cat', null, 'b'), clauseOf('str', 'exact', 'x\\,str=Equal y')]
  ],
  [[clauseOf('tok', 'not=Equal a', 'c')], [clauseOf('tok', 'not', 'a=Equal c')]]
]

/** Scopes with queries that are alike, and a request for one of them or for both. */
const confusing = (random: Random): readonly [Planned, Planned] => {
  const suffix = suffixFor(random)
  const both = random.pick(alike).map((clauses) => ({ level: 'patient', type: 'A', suffix, clauses, text: null }))
  const some = random.below(3)
  return [random.chance(0.5) ? both : both.slice(1), shuffled(random, some === 2 ? both : [both[some]!])]
}

const setsFor = (random: Random, focus: ReadonlyArray<string>): readonly [Planned, Planned] => {
  const some = (lengths: ReadonlyArray<number>): Planned =>
    Array.from({ length: random.pick(lengths) }, () => scopeFor(random, focus))
  const way = random.below(10)
  if (way === 0) return random.chance(0.1) ? confusing(random) : piecewise(random, focus)
  const granted = some([0, 1, 2, 3, 3, 4, 5])
  if (granted.length === 0) return [granted, some([1, 2])]
  if (way <= 2) return [granted, respelled(random, granted)]
  if (way <= 4) return [granted, [narrowed(random, random.pick(granted), focus), ...some([0, 0, 1])]]
  if (way <= 7) return [granted, [mutated(random, random.pick(granted)), ...some([0, 0, 1])]]
  return [granted, some([0, 1, 1, 2, 3])]
}

const indexValues: Readonly<Record<string, (random: Random) => string>> = {
  token: (random) => {
    const system = random.chance(0.2) ? '' : mostly(random, systems, 2)
    return `${system.replace(/[|\\]/g, '\\$&')}|${mostly(random, codes, 3).replace(/[|\\]/g, '\\$&')}`
  },
  reference: (random) => random.pick(references.filter((one) => one.includes('/') || one.includes(':'))),
  uri: (random) => random.pick(uris),
  string: (random) => random.pick([...strings, 'Annabel', '\u00c9a', 'zz']),
  date: (random) => random.pick(dates)
}

const accessFor = (random: Random, focus: ReadonlyArray<string>): PlannedAccess => {
  if (random.chance(0.05)) return { atom: random.pick(texts) }
  const type = random.pick(['A', 'A', 'B', 'C'])
  const readOf = (own: string, name: string): string =>
    ['date', 'other'].includes(readAs(own, name)) ? 'date' : readAs(own, name)
  const plainType = knownTypes.includes(type) ? type : '*'
  const valuesFor = (read: string, name: string): ReadonlyArray<string> =>
    Array.from({ length: random.pick([0, 1, 2, 3]) }, () =>
      read === 'date' && name !== 'date' ? valueFor(random, 'token') : indexValues[read]!(random)
    )
  const resource = Object.fromEntries(
    [...focus, random.pick(names)].flatMap((name) => [
      [name, valuesFor(readOf(plainType, name), name)] as const,
      ...['*', type]
        .filter((own) => readOf(own, name) !== readOf(plainType, name))
        .map((own) => [`${own}/${name}`, valuesFor(readOf(own, name), name)] as const)
    ])
  )
  return {
    level: random.pick(['patient', 'patient', 'user', 'system']),
    type,
    permission: random.pick(letters),
    resource
  }
}

const orders = ['', '', '', '', '', 'up', 'upsu', 'puup', 'supu', 'spsu']

export const caseFor = (random: Random): Case => {
  const focus = [random.pick(names), random.pick(names)]
  const [granted, requested] = setsFor(random, focus)
  return {
    granted,
    requested,
    grantedText: printedSet(random, granted),
    requestedText: printedSet(random, requested),
    order: random.pick(orders),
    access: accessFor(random, focus)
  }
}

/** Every character that a string of a comparison may hold. */
export const foldedCharacters = (): ReadonlyArray<string> => [
  ...new Set(
    [...strings, 'Annabel', 'zz', '\u0301', 'fqxzjkvwyubghm0123456789fresh'].flatMap((text) =>
      Array.from(`${text}${text.toUpperCase()}`)
    )
  )
]
