/**
 * The golden vectors: small questions about scopes, by kind. The texts are chosen here, most of them by hand, the rest
 * by a generator with a seed; the answers come from the package and are checked by others (`vectors.test.ts`).
 */
import { letters, parameters, percentEncoded, randomOf, randomQuestion } from './random.js'

/** A question, in the members of `scopes batch`. */
export type Question = Readonly<Record<string, unknown>> & { readonly op: string }

/** A kind of questions, with the rule that each of them shows. */
export interface Kind {
  readonly kind: string
  /** A sentence that is true of every case of the kind. */
  readonly rule: string
  readonly questions: ReadonlyArray<Question>
}

const subsumes = (granted: string, requested: string): Question => ({ op: 'subsumes', granted, requested })

const pairs = <One>(list: ReadonlyArray<One>): ReadonlyArray<readonly [One, One]> =>
  list.flatMap((one) => list.map((other) => [one, other] as const))

/** Every granted value against every requested one, as one clause of one parameter. */
const valuePairs = (type: string, name: string, values: ReadonlyArray<string>): ReadonlyArray<Question> =>
  pairs(values).map(([wide, narrow]) =>
    subsumes(
      `patient/${type}.r?${name}=${percentEncoded(wide, null)}`,
      `patient/${type}.r?${name}=${percentEncoded(narrow, null)}`
    )
  )

const suffixes = Array.from({ length: 31 }, (_, bits) =>
  letters.filter((_letter, place) => ((bits + 1) & (1 << place)) !== 0).join('')
)

/** A question for each of so many random draws, without repetitions. */
const drawn = (seed: number, count: number, question: (random: ReturnType<typeof randomOf>) => Question) => {
  const random = randomOf(seed)
  const known = new Map<string, Question>()
  while (known.size < count) {
    const one = question(random)
    known.set(JSON.stringify(one), one)
  }
  return [...known.values()]
}

const otherTexts = [
  'openid',
  'fhirUser',
  'profile',
  'email',
  'launch',
  'launch/patient',
  'launch/encounter',
  'launch/questionnaire?role=http://x/role',
  'offline_access',
  'online_access',
  '__vendor',
  'https://x/scope',
  'urn:x:scope',
  'something',
  'Patient/Observation.r'
]

const malformed = [
  'patient/Observation.sr',
  'patient/Observation.rr',
  'patient/Observation.x',
  'patient/Observation.',
  'patient/Observation',
  'patient/Observation?category=a',
  'patient/observation.r',
  'patient/.r',
  'patient/*Observation.r',
  'patient/Observation.Read',
  'patient/Observation.read?category=a',
  'patient/Observation.*?category=a',
  'patient/Observation.r?',
  'patient/Observation.r?category',
  'patient/Observation.r?category=',
  'patient/Observation.r?=a',
  'patient/Observation.r?category=a&',
  'patient/Observation.r?&category=a',
  'patient/Observation.r?category=a,',
  'patient/Observation.r?category=,a',
  'patient/Observation.r?category=a,,b',
  'patient/Observation.r?category=%zz',
  'patient/Observation.r?category=%',
  'patient/Observation.r?category=%FF',
  'patient/Observation.r?category=%ED%A0%80',
  'patient/Observation.r?category=a%5C',
  'patient/Observation.r?category=a%5C%5C%5C',
  'patient/Observation.r?category:=a',
  'patient/Observation.r?1category=a',
  'patient/Observation.r?cat%20egory=a',
  'patient/Observation.r?category="a"',
  'patient/Observation.r?category=a\\',
  'patient/Observation.r?category=\u00e9',
  'patient.Observation.r',
  'patient:Observation.r',
  'user.Observation.r',
  'launch/',
  'launch/Patient',
  'launch/patient?role=',
  'a"b',
  'a\\b',
  'caf\u00e9'
]

const parsed = [
  ...suffixes.map((suffix) => `patient/Observation.${suffix}`),
  ...['patient', 'user', 'system'].flatMap((level) => ['read', 'write', '*'].map((word) => `${level}/*.${word}`)),
  ...otherTexts,
  'patient/Observation.rs?category=a',
  'patient/Observation.rs?category=a,b&code=http://x|c',
  'patient/Observation.rs?category=a%2Cb',
  'patient/Observation.rs?category=a%5C,b',
  'patient/Observation.rs?cate%67ory=a',
  'patient/Observation.rs?code:in=http://x/ValueSet/1',
  'patient/Observation.rs?code%3Ain=http://x/ValueSet/1',
  'patient/Observation.rs?subject.name=a',
  'patient/Observation.rs?_filter=code%20eq%20a',
  'patient/Observation.rs?category=a=b',
  'patient/Observation.rs?category=a+b',
  'patient/Observation.rs?category=a%20b',
  'patient/Observation.rs?category=a%26b',
  'openid fhirUser launch',
  'openid  fhirUser',
  ' openid',
  'openid ',
  ''
]

const tokens = ['a', 'b', 'A', 's|a', 's|b', 't|a', '|a', '|b', 's|', 't|', '|', 'S|a']
const references = [
  ...['1', '2', 'Patient/1', 'Patient/2', 'Group/1', 'http://x/Patient/1', 'https://x/Patient/1', 'http://y/Patient/1'],
  ...['Patient/1/_history/2', 'http://x/Patient/1/_history/2', 'urn:uuid:1', '/1', 'x/Patient/1']
]
const uris = ['http://u', 'http://u/', 'HTTP://u', 'http://u/a', 'http://v', 'urn:oid:1', 'urn:oid:1.2', 'u']
const strings = [
  'a',
  'an',
  'ann',
  'Ann',
  'ANN',
  '\u00c1nn',
  'a\u0301nn',
  'b',
  'ma\u00df',
  'MA\u1e9e',
  'mass',
  '\u03c3\u03c2',
  '\u03a3\u03a3',
  '\u03c3'
]
const types = ['Observation', 'Condition', 'Patient', 'Encounter', 'TypeOfALaterRelease']

const withWildcards: ReadonlyArray<Question> = pairs(['*', ...types]).flatMap(([wide, narrow]) => [
  subsumes(`patient/${wide}.rs`, `patient/${narrow}.r`),
  subsumes(`patient/${wide}.rs?_tag=a`, `patient/${narrow}.rs?_tag=s|a`),
  subsumes(`patient/${wide}.read`, `patient/${narrow}.read`)
])

const levelPairs = pairs(['patient', 'user', 'system'])
const orders = [
  [],
  [['user', 'patient']],
  [['system', 'user']],
  [
    ['system', 'user'],
    ['user', 'patient']
  ],
  [
    ['patient', 'user'],
    ['user', 'patient']
  ]
]

const spelled = (text: string, count: number, seed: number): ReadonlyArray<string> => {
  const random = randomOf(seed)
  const often = { ...random, chance: (probability: number) => random.chance(probability * 5) }
  return Array.from({ length: count }, () => percentEncoded(text, often))
}

const conjunctions = [
  'category=a',
  'code=b',
  'category=a&code=b',
  'code=b&category=a',
  'category=s|a&code=b',
  'category=a&category=b',
  'category=a&code=b&_tag=c',
  'category=a,b&code=b'
]
const disjunctions = ['a', 'b', 'a,b', 'b,a', 'a,b,c', 's|a', 's|a,b', 's|a,s|b', 'a,a', 's|,b', '|a,|b']
const opaques = [
  'date=ge2021',
  'date=ge2022',
  'date=ge2021,ge2022',
  'date=ge2022,ge2021',
  'date=ge2021&date=lt2022',
  'value-quantity=5',
  'value-quantity=5.0',
  'undefined-one=a',
  'undefined-one=s|a',
  'date=ge2021&category=a'
]
const modified = [
  'code:in=http://x/ValueSet/1',
  'code:in=http://x/ValueSet/2',
  'code:not=a',
  'code:not=a,b',
  'code=a',
  'subject.name=a',
  'subject.name=b',
  'subject:Patient=1',
  'subject:Patient.name=a',
  '_has:Provenance:target:agent=1',
  '_filter=a',
  'code:text=a',
  'code:exact=a'
]
const clausePairs = (type: string, clauses: ReadonlyArray<string>): ReadonlyArray<Question> =>
  pairs(clauses).map(([wide, narrow]) => subsumes(`patient/${type}.rs?${wide}`, `patient/${type}.rs?${narrow}`))

/** Types, with clauses on a parameter that the type reads otherwise than `*`, and one that both read alike. */
const readDifferently: ReadonlyArray<readonly [string, ReadonlyArray<string>]> = [
  ['Patient', ['category=a', 'category=x%7C', 'category=x%7Ca', '_tag=a']],
  ['CodeSystem', ['system=a', 'system=a,b', 'system=a%5C,b', '_tag=a']],
  ['OperationDefinition', ['system=a', 'system=x%7Ca', 'system:not=a']],
  ['FutureType', ['category=a', 'category=a&_tag=a', 'date=ge2021']]
]

const escapes = ['a,b', 'a\\,b', 'a', 'a\\\\,b', 'a\\|b', 'a|b', 's\\||a', 's|a\\|b', 'a\\$b', 'a$b', 'a\\xb', 'a\\\\']

const togetherQuestions = drawn(21, 110, (random) => {
  const { below, pick } = random
  const values = ['a', 'b', 'c', 's|d'].slice(0, 2 + below(3))
  const kept = values.filter(() => random.chance(0.85))
  const suffix = pick(['r', 'rs'])
  const granted = kept.map(
    (value) => `patient/${pick(['Observation', '*'])}.${pick([suffix, 'rs', 'r'])}?_tag=${value}`
  )
  return subsumes(granted.join(' ') || 'openid', `patient/Observation.${suffix}?_tag=${values.join(',')}`)
})

const randomSets = (
  seed: number,
  count: number,
  questionOf: (one: string, other: string, random: ReturnType<typeof randomOf>) => Question
) =>
  drawn(seed, count, (random) => {
    const { granted, requested } = randomQuestion(random)
    return questionOf(granted, requested.replaceAll('  ', ' '), random)
  })

/** A set with the same meaning: scopes in the other order, each with one permission. */
const respelled = (scopes: string): string =>
  scopes
    .split(' ')
    .toReversed()
    .flatMap((scope) => {
      const [, head = '', letters = '', query = ''] = /^([a-z]+\/[^.]+\.)([cruds]{2,5})(\?.*)?$/.exec(scope) ?? []
      return letters === '' ? [scope] : Array.from(letters, (letter) => `${head}${letter}${query}`)
    })
    .join(' ')

/** A small set, with simple values, of one or two types. */
const smallSet = (random: ReturnType<typeof randomOf>): string => {
  const { chance, pick } = random
  const scope = (): string => {
    if (chance(0.08)) return pick(['openid', 'launch/patient', 'fhirUser'])
    const clause = (): string =>
      `${pick(['category', 'category', '_tag'])}=${pick(['a', 'a', 'b', 's|a', 'a,b', '|a'])}`
    const clauses = Array.from({ length: pick([0, 1, 1, 1, 2]) }, clause)
    const type = pick(['Observation', 'Observation', '*'])
    const own = type === '*' ? clauses.map((one) => one.replace('category', '_tag')) : clauses
    const query = own.length === 0 ? '' : `?${own.join('&')}`
    return `${pick(['patient', 'patient', 'user'])}/${type}.${pick(['r', 's', 'rs', 'c', 'cruds'])}${query}`
  }
  return Array.from({ length: pick([1, 1, 2, 3]) }, scope).join(' ')
}

const smallSets = (seed: number, count: number, questionOf: (one: string, other: string) => Question) =>
  drawn(seed, count, (random) => questionOf(smallSet(random), smallSet(random)))

const accessOf = (random: ReturnType<typeof randomOf>): unknown => {
  const { chance, pick } = random
  if (chance(0.15)) return { atom: pick(otherTexts) }
  const type = pick(['Observation', 'Patient', 'ValueSet', 'CodeSystem', 'TypeOfALaterRelease'])
  const indexed = (valueType: string): string => {
    if (valueType === 'token') return pick(['http://s1|a', 'http://s2|b', '|a', 'urn:x|A', 'http://s\\|3|a'])
    if (valueType === 'reference') return pick(['Patient/1', 'Group/1', 'http://x/Patient/1', 'urn:uuid:1'])
    if (valueType === 'uri') return pick(['http://u1', 'http://u2', 'urn:oid:1.2'])
    return valueType === 'string'
      ? pick(['Anna', '\u00c1nnchen', 'bob', 'Ann', 'a,b'])
      : pick(['ge2021', 'ge2022', '5'])
  }
  const resource = Object.fromEntries(
    (parameters[type] ?? parameters['*']!)
      .filter(() => chance(0.7))
      .map(([name, valueType]) => [
        (chance(0.15) ? '*/' : '') + (valueType === 'opaque' ? name : name.replace(/:.*/, '')),
        Array.from({ length: pick([1, 1, 2]) }, () => indexed(valueType))
      ])
  )
  return { level: pick(['patient', 'patient', 'user', 'system']), type, permission: pick(letters), resource }
}

const many = (count: number): string => Array.from({ length: count }, (_, place) => `v${String(place)}`).join(',')

/** The kinds, in the order of the file. */
export const kinds: ReadonlyArray<Kind> = [
  {
    kind: 'parsing',
    rule: 'Scopes are separated by one space, and percent-encoding is decoded inside names and values.',
    questions: parsed.map((scope) => ({ op: 'parse', scope }))
  },
  {
    kind: 'malformed',
    rule: 'A malformed scope permits no access to a resource, is never repaired, and does not affect other scopes.',
    questions: malformed.flatMap((scope) => [
      { op: 'parse', scope: `${scope} patient/Patient.r` },
      subsumes(scope, scope),
      subsumes('patient/*.cruds user/*.cruds system/*.cruds', scope),
      subsumes(scope, 'patient/Observation.r')
    ])
  },
  {
    kind: 'version-1',
    rule: '`.read` means `.rs`, `.write` means `.cud` and `.*` means `.cruds`.',
    questions: ['read', 'write', '*'].flatMap((word) => [
      ...suffixes.map((suffix) => subsumes(`patient/Observation.${word}`, `patient/Observation.${suffix}`)),
      ...['r', 's', 'rs', 'cud', 'cruds'].map((suffix): Question => ({
        op: 'equivalent',
        a: `patient/*.${word}`,
        b: `patient/*.${suffix}`
      })),
      subsumes(`patient/Observation.rs`, `patient/Observation.${word}`),
      subsumes(`patient/*.cruds`, `patient/Observation.${word}`)
    ])
  },
  {
    kind: 'permissions',
    rule: 'Each permission is granted by itself: reading does not permit searching, and a wider type does not help.',
    questions: drawn(1, 200, ({ pick }) =>
      subsumes(`patient/Observation.${pick(suffixes)}`, `patient/Observation.${pick(suffixes)}`)
    )
  },
  {
    kind: 'wildcard-types',
    rule: 'A scope for `*` covers the same scope for every resource type, and no scope for one type covers `*`.',
    questions: withWildcards
  },
  {
    kind: 'open-world',
    rule: 'Resource types and values may be added later: a list of names never covers everything.',
    questions: [
      ...types.map((_type, count) =>
        subsumes(
          types
            .slice(0, count + 1)
            .map((type) => `patient/${type}.rs`)
            .join(' '),
          'patient/*.rs'
        )
      ),
      ...types.map((_type, count) =>
        subsumes(
          types
            .slice(0, count + 1)
            .map((type) => `patient/${type}.rs`)
            .join(' '),
          'patient/Observation.r patient/Patient.s'
        )
      ),
      ...[2, 5, 9].flatMap((count) => [
        subsumes(`patient/Observation.r?category=${many(count)}`, 'patient/Observation.r'),
        subsumes(`patient/Observation.r?category=${many(count)}`, 'patient/Observation.r?category=s|'),
        subsumes('patient/Observation.r', `patient/Observation.r?category=${many(count)}`)
      ])
    ]
  },
  {
    kind: 'token',
    rule: 'A token value covers another when each part that it states, system and code, is the same.',
    questions: valuePairs('Observation', 'category', tokens)
  },
  {
    kind: 'reference',
    rule: 'An id covers itself and `Type/id` with that id; every other reference covers itself only.',
    questions: valuePairs('Observation', 'subject', references)
  },
  {
    kind: 'uri',
    rule: 'A uri covers itself only; case and a slash at the end make another one.',
    questions: valuePairs('ValueSet', 'url', uris)
  },
  {
    kind: 'string',
    rule: 'A string covers each string that begins with it, when case and accents are ignored.',
    questions: valuePairs('Patient', 'family', strings)
  },
  {
    kind: 'string-exact',
    rule: '`:exact` covers the same text only; a string without it covers `:exact` texts that begin with it.',
    questions: pairs([
      'name=an',
      'name=Ann',
      'name:exact=an',
      'name:exact=Ann',
      'name:exact=ann',
      'name:exact=%C3%81nn',
      'name:exact=An,Ann',
      'name=a,b'
    ]).map(([wide, narrow]) => subsumes(`patient/Patient.r?${wide}`, `patient/Patient.r?${narrow}`))
  },
  {
    kind: 'several-together',
    rule: 'Several granted scopes may cover together what none of them covers alone.',
    questions: togetherQuestions
  },
  {
    kind: 'conjunction',
    rule: 'All clauses of a query must match, so that more clauses permit less.',
    questions: clausePairs('Observation', conjunctions)
  },
  {
    kind: 'disjunction',
    rule: 'One value of a comma list must match, so that more values permit more.',
    questions: pairs(disjunctions).map(([wide, narrow]) =>
      subsumes(`patient/Observation.rs?code=${wide}`, `patient/Observation.rs?code=${narrow}`)
    )
  },
  {
    kind: 'opaque',
    rule: 'A clause that is not interpreted covers only a clause with the same text.',
    questions: clausePairs('Observation', opaques)
  },
  {
    kind: 'read-differently',
    rule: 'A clause that is interpreted for one of `*` and a type, and not for the other, never covers the other.',
    questions: readDifferently.flatMap(([type, clauses]) =>
      pairs(clauses).flatMap(([wide, narrow]) => [
        subsumes(`patient/*.rs?${wide}`, `patient/${type}.r?${narrow}`),
        subsumes(`patient/${type}.rs?${wide}`, `patient/${type}.r?${narrow}`)
      ])
    )
  },
  {
    kind: 'modifiers',
    rule: 'A clause with a modifier or a chain is not interpreted and covers only itself.',
    questions: clausePairs('Observation', modified)
  },
  {
    kind: 'escapes',
    rule: 'A backslash escapes a comma, a bar, a dollar sign or a backslash: then it is part of the value.',
    questions: [
      ...valuePairs('Observation', 'category', escapes),
      ...valuePairs('Patient', 'family', ['a,b', 'a\\,b', 'a', 'a\\|', 'a|'])
    ]
  },
  {
    kind: 'percent-encoding',
    rule: 'Percent-encoding is decoded before values are compared; a plus sign is no space.',
    questions: [
      ...pairs(spelled('http://s|a', 8, 3)).map(([one, other]) =>
        subsumes(`patient/Observation.r?code=${one}`, `patient/Observation.r?code=${other}`)
      ),
      ...pairs(['a+b', 'a%20b', 'a%2Bb', 'a%2Cb', 'a,b', 'a%26b', '%61,b', 'a%5C%2Cb']).map(([one, other]) =>
        subsumes(`patient/Observation.r?code=${one}`, `patient/Observation.r?code=${other}`)
      ),
      ...pairs(['category', 'c%61tegory', 'category%3Anot', 'category:not']).map(([one, other]) =>
        subsumes(`patient/Observation.r?${one}=a`, `patient/Observation.r?${other}=a`)
      )
    ]
  },
  {
    kind: 'levels',
    rule: 'A level includes another only where the host declares it (`levelOrder`).',
    questions: orders.flatMap((levelOrder) =>
      levelPairs.flatMap(([wide, narrow]) => [
        { ...subsumes(`${wide}/Observation.rs`, `${narrow}/Observation.r`), levelOrder },
        { ...subsumes(`${wide}/*.rs?_tag=a`, `${narrow}/Patient.rs?_tag=s|a`), levelOrder }
      ])
    )
  },
  {
    kind: 'other-scopes',
    rule: 'A scope that is no resource scope permits only itself.',
    questions: [
      ...pairs(otherTexts)
        .filter(([one, other]) => one === other || one < other)
        .map(([one, other]) => subsumes(one, other)),
      ...otherTexts.map((text) => subsumes('patient/*.cruds openid', `${text} patient/Patient.r`))
    ]
  },
  {
    kind: 'mixed',
    rule: 'Every requested scope must be covered.',
    questions: randomSets(31, 500, subsumes)
  },
  {
    kind: 'normalize',
    rule: 'Equivalent sets have the same canonical form.',
    questions: [
      ...smallSets(42, 150, (one, other) => ({ op: 'normalize', scope: `${one} ${other}` })),
      ...randomSets(32, 60, (scope) => ({ op: 'normalize', scope })),
      ...smallSets(42, 60, (one, other) => ({ op: 'normalize', scope: respelled(`${one} ${other}`) })),
      ...randomSets(32, 60, (scope) => ({ op: 'normalize', scope: respelled(scope) }))
    ]
  },
  {
    kind: 'intersect',
    rule: 'The intersection permits what both sets permit.',
    questions: [
      ...smallSets(43, 110, (a, b) => ({ op: 'intersect', a, b })),
      ...randomSets(33, 100, (a, b) => ({ op: 'intersect', a: b, b: a }))
    ]
  },
  {
    kind: 'union',
    rule: 'The union permits what either set permits, in canonical form.',
    questions: smallSets(44, 150, (a, b) => ({ op: 'union', a, b }))
  },
  {
    kind: 'uncovered',
    rule: 'The difference is what would have to be granted in addition.',
    questions: [
      ...smallSets(45, 110, (granted, requested) => ({ op: 'uncovered', granted, requested })),
      ...randomSets(35, 90, (granted, requested) => ({ op: 'uncovered', granted, requested }))
    ]
  },
  {
    kind: 'disjoint',
    rule: 'Two sets are disjoint when they share no level, type and permission; queries do not matter.',
    questions: [
      ...smallSets(46, 80, (a, b) => ({ op: 'disjoint', a, b })),
      ...randomSets(36, 60, (a, b) => ({ op: 'disjoint', a, b }))
    ]
  },
  {
    kind: 'equivalent',
    rule: 'Two sets are equivalent when each covers the other.',
    questions: [
      ...smallSets(47, 80, (a, b) => ({ op: 'equivalent', a, b })),
      ...randomSets(37, 60, (a, b) => ({ op: 'equivalent', a, b })),
      ...randomSets(38, 120, (a) => ({ op: 'equivalent', a, b: a.split(' ').toReversed().join(' ') }))
    ]
  },
  {
    kind: 'permits',
    rule: 'A set permits an access when one of its scopes does.',
    questions: randomSets(39, 250, (granted, _requested, random) => ({
      op: 'permits',
      granted,
      access: accessOf(random)
    }))
  },
  {
    kind: 'too-complex',
    rule: 'Atoms are counted first; above the budget there is no answer.',
    questions: [1, 2, 3, 4, 6].flatMap((values) =>
      [1, 5, 11, 12, 40].flatMap((budget) => {
        const wide = `patient/Observation.rs?category=${many(values)}&code=${many(2)}`
        return [
          { ...subsumes('patient/*.rs', wide), budget },
          { ...subsumes(wide, 'patient/Observation.r?category=v0&code=v1'), budget },
          { op: 'normalize', scope: wide, budget }
        ]
      })
    )
  }
]
