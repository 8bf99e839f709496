import * as Either from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { expect } from 'vitest'
import { agree, atConsent, expectCode, expectErrorRedirect } from '../support/server/conversation.js'
import { ambiguousRepetitions, nestedRepetitions } from './repetitions.js'
import type { AttackRow, Variant } from './row.js'
import { attackGroup } from './row.js'
import { leavesStoreAlone } from '../support/server/stored.js'
import type { Fixture, FixtureOptions } from '../support/server-fixture.js'
import { authorize, bodyOf, clients, everything, exchange, newFixture, refresh } from '../support/server-fixture.js'
import { accesses, narrowerThan, scopeSets } from '../../src/testing/arbitraries.js'
import { memoryClients } from '../../src/adapters/memory-clients.js'
import { format } from '../../src/scopes/format.js'
import { parse } from '../../src/scopes/parse.js'
import { permits } from '../../src/scopes/permits.js'
import { normalize } from '../../src/scopes/normalize.js'
import { equivalence, subsumption } from '../../src/scopes/subsumes.js'
import { intersect, union } from '../../src/scopes/set-operations.js'
import type { ScopeSet } from '../../src/scopes/scope.js'

const variant = (name: string, run: (fixture: Fixture) => Promise<void>): Variant => ({ name, run })

/** The apps, registered for other scopes. */
const withScope = (scope: string): NonNullable<FixtureOptions['ports']> => ({
  clients: memoryClients(clients.map((client) => ({ ...client, scope: parse(scope) })))
})

/** The apps may have everything, so that what is missing was dropped as such. */
const wide: FixtureOptions = { ports: withScope(`${everything} patient/*.cruds user/*.cruds`) }

const unknownTypes = ['patient/Foo.rs', 'patient/Observations.rs']

/** The same at a server that declares these types, and that they are a patient's own. */
const serving: FixtureOptions = {
  ...wide,
  settings: {
    features: { resourceSide: { furtherTypes: ['Foo', 'Observations'], sharedTypes: ['Foo', 'Observations'] } }
  }
}

/** What a request for scopes buys: the body of the token response. */
const bought = async (fixture: Fixture, scope: string): Promise<Readonly<Record<string, unknown>>> =>
  bodyOf(await exchange(fixture, expectCode(await agree(fixture, await atConsent(fixture, { scope })))))

const right = <Value>(value: Either.Either<unknown, Value>): Value => {
  if (Either.isRight(value)) return value.right
  throw new Error(JSON.stringify(value.left))
}

/** A scope that is dropped: beside a good one only the good one is granted, and alone there is nothing to grant. */
const dropped = (scope: string): Variant =>
  variant(JSON.stringify(scope), async (fixture) => {
    expect((await bought(fixture, `patient/Condition.rs ${scope} launch/patient`))['scope']).toBe(
      'patient/Condition.rs launch/patient'
    )
    expectErrorRedirect(await leavesStoreAlone(fixture, () => authorize(fixture, { scope })), 'invalid_scope')
  })

/** A text that refuses the whole request. */
const refused = (name: string, scope: string): Variant =>
  variant(name, async (fixture) => {
    expectErrorRedirect(await leavesStoreAlone(fixture, () => authorize(fixture, { scope })), 'invalid_scope')
  })

const granted = (scope: string): Variant =>
  variant(scope, async (fixture) => {
    expect((await bought(fixture, scope))['scope']).toBe(scope)
  })

const row = (
  id: string,
  variants: ReadonlyArray<Variant>,
  more: Pick<AttackRow, 'differs' | 'once'> = {}
): AttackRow => ({ id, variants, fixture: wide, ...more })

const property = (name: string, run: () => void): Variant =>
  variant(name, () => {
    run()
    return Promise.resolve()
  })

const options = { budget: 20_000 }
const contains = (outer: ScopeSet, inner: ScopeSet): boolean =>
  Either.getOrElse(() => false)(subsumption(outer, inner, options))
const runs = { numRuns: 300 }
const algebra = { once: 'the algebra has no world' }

const v1: ReadonlyArray<readonly [string, string]> = [
  ['patient/Observation.read', 'patient/Observation.rs'],
  ['patient/Observation.write', 'patient/Observation.cud'],
  ['patient/Observation.*', 'patient/Observation.cruds'],
  ['patient/*.read', 'patient/*.rs']
]

const rows: ReadonlyArray<AttackRow> = [
  row('SCP-01', [
    granted('launch/patient patient/Observation.rs'),
    granted('user/*.cruds'),
    granted('launch/patient patient/Observation.rs?category=http://x|laboratory'),
    granted('launch/patient patient/Observation.rs?_id=1&category=a'),
    variant('system/Patient.r is well-formed, and nothing for a user to give', async (fixture) => {
      expect(parse('system/Patient.r')[0]?._tag).toBe('ResourceScope')
      expectErrorRedirect(await authorize(fixture, { scope: 'system/Patient.r' }), 'invalid_scope')
    })
  ]),
  row(
    'SCP-02',
    ['.sr', '.rr', '.dc', '.', '.x', '.RS', '', '.rsx'].map((end) => dropped(`patient/Observation${end}`))
  ),
  row(
    'SCP-03',
    v1.map(([one, two]) =>
      variant(`${one} means ${two}`, async (fixture) => {
        expect((await bought(fixture, `launch/patient ${one}`))['scope']).toBe(`launch/patient ${one}`)
        expect(right(equivalence(parse(one), parse(two)))).toBe(true)
      })
    )
  ),
  row(
    'SCP-05',
    ['?', '?category', '?=x', '?category=', '?a=b&&c=d', '?a=b&', '??a=b', '?category=a&'].map((query) =>
      dropped(`patient/Observation.rs${query}`)
    )
  ),
  row(
    'SCP-08',
    ['patient/observation.rs', 'PATIENT/Observation.rs', ...unknownTypes].map(dropped).concat(
      unknownTypes.flatMap((unknown) => [
        variant(`${unknown} where the server serves the type, for an app that may have every type`, async () => {
          expect((await bought(newFixture(serving), `launch/patient ${unknown}`))['scope']).toBe(
            `launch/patient ${unknown}`
          )
          expect(contains(parse(unknown), parse('patient/Observation.r'))).toBe(false)
        }),
        variant(`${unknown} where the server serves the type, for an app that may have some`, async () => {
          const some = newFixture({ ...serving, ports: withScope('launch/patient patient/Observation.rs') })
          expectErrorRedirect(await leavesStoreAlone(some, () => authorize(some, { scope: unknown })), 'invalid_scope')
        })
      ])
    )
  ),
  row(
    'SCP-09',
    [
      'patient/constructor.rs',
      'patient/__proto__.rs',
      'patient/toString.r',
      'patient/Observation.rs?hasOwnProperty',
      '__proto__',
      'constructor'
    ].map(dropped)
  ),
  row(
    'SCP-10',
    (
      [
        ['a quote', '"'],
        ['a backslash', '\\'],
        ['DEL', '\u007f'],
        ['NUL', '\u0000'],
        ['TAB', '\t'],
        ['CR LF', '\r\n'],
        ['é', 'é'],
        ['U+200B', '\u200b']
      ] as const
    )
      .map(([name, letter]) => refused(name, `patient/Condition.rs patient/Obser${letter}vation.rs`))
      .concat(refused('a Cyrillic O', 'patient/Condition.rs patient/\u041ebservation.rs'))
  ),
  row(
    'SCP-11',
    [
      '  patient/Condition.rs launch/patient',
      'patient/Condition.rs launch/patient  ',
      'patient/Condition.rs    launch/patient'
    ].map((scope) =>
      variant(JSON.stringify(scope), async (fixture) => {
        expect((await bought(fixture, scope))['scope']).toBe('patient/Condition.rs launch/patient')
      })
    )
  ),
  row(
    'SCP-12',
    ['\t', '\n', '\u00a0', '\u2003', '\u3000', '\u000b', '\u2028'].map((blank) =>
      refused(JSON.stringify(blank), `patient/Condition.rs${blank}launch/patient`)
    )
  ),
  row('SCP-13', [
    variant('1,000 times', async (fixture) => {
      const body = await bought(fixture, `launch/patient offline_access ${'patient/Condition.rs '.repeat(1000)}`)
      expect(body['scope']).toBe('launch/patient offline_access patient/Condition.rs')
      const again = await refresh(fixture, String(body['refresh_token']), {
        scope: 'patient/Condition.rs '.repeat(1000).trim()
      })
      expect(bodyOf(again)['scope']).toBe('patient/Condition.rs')
    })
  ]),
  row(
    'SCP-17',
    [
      property('no repetition inside a repetition that could read the same text in two ways', () => {
        expect(ambiguousRepetitions()).toEqual([])
        for (const bad of ['/^(a+)+$/', '/(?:x*y?)*z/', '/(a|b+)+/'])
          expect([bad, nestedRepetitions(bad).length]).toEqual([bad, 1])
      })
    ],
    {
      once: 'the source',
      differs: 'the shape of every expression is looked at, where the catalog has the tool recheck'
    }
  ),
  row(
    'SCP-19',
    [
      property('reflexive, transitive, antisymmetric up to normal form; union is the least upper bound', () => {
        fc.assert(
          fc.property(scopeSets(), scopeSets(), scopeSets(), (a, b, c) => {
            expect(contains(a, a)).toBe(true)
            if (contains(a, b) && contains(b, c)) expect(contains(a, c)).toBe(true)
            if (contains(a, b) && contains(b, a)) expect(format(right(normalize(a)))).toBe(format(right(normalize(b))))
            const both = right(union(a, b))
            expect([contains(both, a), contains(both, b)]).toEqual([true, true])
            if (contains(c, a) && contains(c, b)) expect(contains(c, both)).toBe(true)
          }),
          runs
        )
        fc.assert(
          fc.property(
            scopeSets().chain((a) =>
              narrowerThan(a).chain((b) => fc.tuple(fc.constant(a), fc.constant(b), narrowerThan(b)))
            ),
            ([a, b, c]) => {
              expect([contains(a, b), contains(b, c), contains(a, c)]).toEqual([true, true, true])
            }
          ),
          runs
        )
      })
    ],
    algebra
  ),
  row(
    'SCP-20',
    [
      property('what the narrower permits, the wider permits', () => {
        fc.assert(
          fc.property(
            scopeSets().chain((a) => fc.tuple(fc.constant(a), narrowerThan(a))),
            accesses,
            ([outer, inner], access) => {
              expect(contains(outer, inner)).toBe(true)
              if (permits(inner, access)) expect(permits(outer, access)).toBe(true)
            }
          ),
          { numRuns: 1000 }
        )
      })
    ],
    algebra
  ),
  row(
    'SCP-21',
    [
      property('normal forms permit the same; what two have in common is within both', () => {
        fc.assert(
          fc.property(scopeSets(), scopeSets(), accesses, (a, b, access) => {
            expect(permits(right(normalize(a)), access)).toBe(permits(a, access))
            const common = right(intersect(a, b))
            expect([contains(a, common), contains(b, common)]).toEqual([true, true])
            expect(permits(common, access)).toBe(permits(a, access) && permits(b, access))
            expect(format(parse(format(a)))).toBe(format(a))
          }),
          { numRuns: 1000 }
        )
      })
    ],
    algebra
  ),
  row('SCP-23', [
    granted('launch/patient patient/Condition.rs'),
    granted('launch/encounter patient/Condition.rs'),
    ...[
      'launch/Patient',
      'launch/../patient',
      'launch/patient?role=x',
      'launch/',
      'launch/patient/',
      'launch//patient'
    ].map(dropped)
  ]),
  row('SCP-24', [
    variant('fhirUser without openid', async (fixture) => {
      const body = await bought(fixture, 'fhirUser launch/patient patient/Condition.rs')
      expect([body['id_token'], body['scope']]).toEqual([undefined, 'launch/patient patient/Condition.rs'])
    }),
    variant('openid without fhirUser, and both', async (fixture) => {
      const claimsOf = async (scope: string): Promise<object> =>
        JSON.parse(
          Buffer.from(String((await bought(fixture, scope))['id_token']).split('.')[1] ?? '', 'base64url').toString()
        ) as object
      expect(await claimsOf('openid patient/Condition.rs')).not.toHaveProperty('fhirUser')
      expect(await claimsOf('openid fhirUser patient/Condition.rs')).toHaveProperty('fhirUser')
    })
  ]),
  row('SCP-25', [
    variant('offline_access wins, whatever the order', async (fixture) => {
      for (const scope of ['offline_access online_access', 'online_access offline_access']) {
        const body = await bought(fixture, `${scope} patient/Condition.rs`)
        expect([typeof body['refresh_token'], String(body['scope']).includes('online_access')]).toEqual([
          'string',
          false
        ])
      }
    })
  ]),
  row('SCP-27', [
    variant('it is granted as requested, and gives no type that lacks the parameter', async (fixture) => {
      const wildcard = 'patient/*.rs?category=laboratory'
      expect((await bought(fixture, `launch/patient ${wildcard}`))['scope']).toBe(`launch/patient ${wildcard}`)
      expect(contains(parse(wildcard), parse('patient/Observation.rs?category=laboratory'))).toBe(true)
      for (const other of [
        'patient/Observation.rs',
        'patient/Patient.rs',
        'patient/Patient.r',
        'patient/Observation.rs?category=vital-signs'
      ]) {
        expect([other, contains(parse(wildcard), parse(other))]).toEqual([other, false])
      }
    })
  ]),
  row(
    'SCP-28',
    [
      property('a comma means or, a repetition means and', () => {
        const [either, both] = [
          parse('patient/Observation.rs?category=a,b'),
          parse('patient/Observation.rs?category=a&category=b')
        ]
        const [a, b] = [parse('patient/Observation.rs?category=a'), parse('patient/Observation.rs?category=b')]
        expect([
          contains(either, a),
          contains(either, b),
          contains(either, both),
          contains(a, both),
          contains(b, both)
        ]).toEqual([true, true, true, true, true])
        expect([contains(both, a), contains(both, either), contains(a, either)]).toEqual([false, false, false])
        expect(right(equivalence(right(union(a, b)), either))).toBe(true)
        expect(right(equivalence(right(intersect(a, b)), both))).toBe(true)
      })
    ],
    algebra
  )
]

attackGroup({
  endpoint: 'scope',
  rows,
  controls: [
    {
      name: 'a good request is granted as requested',
      run: async (fixture) => {
        expect((await bought(fixture, 'launch/patient patient/*.rs'))['scope']).toBe('launch/patient patient/*.rs')
      }
    }
  ]
})
