/** The machine beside a slow reading of the specification, over assertions that are changed in every field. */
import * as fc from 'fast-check'
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { Reader, Verdict } from './assertion-reading.js'
import { readSlowly } from './assertion-reading.js'
import type { Answers } from '../support/client/authentication-driver.js'
import { drive } from '../support/client/authentication-driver.js'
import { backend } from '../support/client/assertions.js'
import { sha256 } from '../support/server-fixture.js'
import type { ClientAssertion } from '../../src/protocol/jwt/jwt.js'
import { readAssertion } from '../../src/protocol/jwt/jwt.js'
import type { RegisteredClient } from '../../src/protocol/client/client.js'
import { clientAuthenticationMethods } from '../../src/protocol/client/client.js'
import type { Jwk } from '../../src/protocol/jwt/jwk.js'
import type { SmartPolicy } from '../../src/protocol/policy/policy.js'
import { completePolicy } from '../../src/protocol/policy/policy.js'
import type { RefusalTag } from '../../src/protocol/errors/refusal.js'

const tokenUrl = 'https://ehr.example/token'
const issuer = 'https://ehr.example'
const now = 1000

const profiles = { smart: 'tokenEndpointOrIssuer', guide: 'tokenEndpoint', rfc10070: 'rfc10070' } as const
type Profile = keyof typeof profiles

// ---- keys and clients

const n = 'n'.repeat(342)
const keys: ReadonlyArray<Jwk> = [
  { kty: 'EC', crv: 'P-384', kid: 'ec', x: 'x1', y: 'y1' },
  { kty: 'RSA', kid: 'rsa', n, e: 'AQAB', use: 'sig', alg: 'RS384', key_ops: ['verify'] },
  { kty: 'EC', crv: 'P-384', kid: 'both', x: 'x2', y: 'y2' },
  { kty: 'RSA', kid: 'both', n: n.replace('n', 'm'), e: 'AQAB' },
  { kty: 'EC', crv: 'P-384', kid: 'twice', x: 'x3', y: 'y3' },
  { kty: 'EC', crv: 'P-384', kid: 'twice', x: 'x4', y: 'y4' },
  { kty: 'EC', crv: 'P-384', kid: 'private copy', x: 'x5', y: 'y5' },
  { kty: 'EC', crv: 'P-384', kid: 'private copy', x: 'x5', y: 'y5', d: 'd', key_ops: ['sign'] },
  { kty: 'EC', crv: 'P-384', kid: 'for encryption', x: 'x6', y: 'y6', use: 'enc' },
  { kty: 'EC', crv: 'P-384', kid: 'for signing', x: 'x7', y: 'y7', key_ops: ['sign'] },
  { kty: 'EC', crv: 'P-384', kid: 'for ES256', x: 'x8', y: 'y8', alg: 'ES256' },
  { kty: 'EC', crv: 'P-256', kid: 'P-256', x: 'x9', y: 'y9' },
  { kty: 'oct', kid: 'secret', k: 'AAAA' }
]
const url = 'https://app.example/jwks'
const clients: ReadonlyArray<RegisteredClient> = [
  backend({ _tag: 'Inline', keys }, 'inline'),
  backend({ _tag: 'AtUrl', url }, 'by-url'),
  backend({ _tag: 'Inline', keys: keys.slice(0, 1) }, 'other')
]

/** What stands in for a signature: nothing here depends on cryptography. */
const mark = (key: Jwk | undefined, signed: string): string => sha256(`${String(key?.['x'] ?? key?.['n'])} ${signed}`)

const fits = (key: unknown, _alg: string, text: string): boolean =>
  mark(key as Jwk, text.slice(0, text.lastIndexOf('.'))) === text.slice(text.lastIndexOf('.') + 1)

/** What was used before: at this token endpoint, and at another one that shares its store. */
const usedIds = [
  [tokenUrl, 'inline', 'used'],
  [tokenUrl, 'other', 'used elsewhere'],
  ['https://other.example/token', 'inline', 'used there']
].map((names) => JSON.stringify(names))

// ---- assertions, good ones and changed ones

/** Members by name, as JSON text, so that anything can be written down. */
type Members = ReadonlyArray<readonly [string, string]>

interface Draft {
  readonly header: Members
  readonly claims: Members
  /** The key that signs; by default the one that the header names. */
  readonly signer: number
  readonly respell: (text: string) => string
}

const draft: Draft = {
  header: [
    ['alg', '"ES384"'],
    ['typ', '"JWT"'],
    ['kid', '"ec"']
  ],
  claims: [
    ['iss', '"inline"'],
    ['sub', '"inline"'],
    ['aud', JSON.stringify(tokenUrl)],
    ['exp', '1200'],
    ['jti', '"fresh"']
  ],
  signer: 0,
  respell: (text) => text
}

type Mutation = readonly [name: string, change: (draft: Draft) => Draft]
type Place = 'header' | 'claims'

const without = (members: Members, name: string): Members => members.filter(([one]) => one !== name)

const setting = (place: Place, name: string, value: string): Mutation => [
  `${place}.${name}=${value}`,
  (one) => ({ ...one, [place]: [...without(one[place], name), [name, value]] })
]

const removing = (place: Place, name: string): Mutation => [
  `${place} without ${name}`,
  (one) => ({ ...one, [place]: without(one[place], name) })
]

const doubling = (place: Place, name: string, value: string, escaped = name): Mutation => [
  `${place}.${name} again=${value}`,
  (one) => ({ ...one, [place]: [...one[place], [escaped, value]] })
]

const wrongTypes = ['null', 'true', '0', '1', '""', '"x"', '[]', '{}', '["x"]', '{"0":"x"}', '1e400', '[[]]']

const values: Readonly<Record<Place, Readonly<Record<string, ReadonlyArray<string>>>>> = {
  header: {
    alg: ['"ES384"', '"RS384"', '"none"', '"HS384"', '"ES256"', '"es384"', '["ES384"]'],
    typ: ['"JWT"', '"jwt"', '"at+jwt"', '"client-authentication+jwt"'],
    kid: [...new Set(keys.map(({ kid }) => JSON.stringify(kid)))].concat(
      '"EC"',
      '"__proto__"',
      `"${'k'.repeat(1024)}"`,
      `"${'k'.repeat(1025)}"`
    ),
    jku: [`"${url}"`, `"${url}/"`, '"https://evil.example/"', `["${url}"]`],
    crit: ['["exp"]', '[]'],
    b64: ['false', 'true'],
    jwk: ['{"kty":"EC"}'],
    x5u: ['"https://evil.example"'],
    cty: ['"JWT"']
  },
  claims: {
    iss: ['"inline"', '"by-url"', '"other"', '"Inline"', '"nobody"', '["inline"]', '"__proto__"'],
    sub: ['"inline"', '"by-url"', '"other"', '"Inline"', '["inline"]'],
    aud: [
      `"${tokenUrl}"`,
      `"${issuer}"`,
      `["${tokenUrl}"]`,
      `["${issuer}"]`,
      `["${tokenUrl}","${issuer}"]`,
      `["${tokenUrl}","${tokenUrl}"]`,
      `"${tokenUrl}/"`,
      `[["${tokenUrl}"]]`,
      '"https://evil.example"'
    ],
    exp: [
      '939',
      '940',
      '940.5',
      '941',
      '1000',
      '1300',
      '1359',
      '1360',
      '1360.5',
      '1361',
      '"1200"',
      '-1',
      '9007199254740991',
      '9007199254740992',
      '1199.5'
    ],
    nbf: ['0', '999', '1059', '1060', '1060.5', '1061', '"1"', '-1', '9007199254740992'],
    iat: ['0', '999', '1059', '1060', '1060.5', '1061', '"1"', '-1', '9007199254740992'],
    jti: [
      '"fresh"',
      '"used"',
      '"used elsewhere"',
      '"used there"',
      '"Used"',
      `"${'j'.repeat(255)}"`,
      `"${'j'.repeat(256)}"`,
      '"a\\u0000b"',
      '"a\\u007f"',
      '"\\ud800"',
      '"é"',
      '" "'
    ],
    other: ['{"a":1,"b":[{"a":2}]}', '{"a":1,"a":2}', '{"a":{"b":1,"\\u0062":2}}']
  }
}

const whole = (name: string, clientId: string, sub = clientId): Mutation => [
  name,
  (one) => ({
    ...one,
    claims: [['iss', `"${clientId}"`], ['sub', `"${sub}"`], ...without(without(one.claims, 'iss'), 'sub')]
  })
]

const named = (kid: string, alg: 'ES384' | 'RS384', signer: number): Mutation => [
  `signed by ${kid} with ${alg}`,
  (one) => ({
    ...one,
    signer,
    header: [...without(without(one.header, 'kid'), 'alg'), ['alg', `"${alg}"`], ['kid', `"${kid}"`]]
  })
]

const respelling = (name: string, respell: (text: string) => string): Mutation => [name, (one) => ({ ...one, respell })]

/** Changes that leave an assertion good, as far as they go. */
const harmless: ReadonlyArray<Mutation> = [
  whole('of a client with a URL', 'by-url'),
  whole('of another client', 'other'),
  named('rsa', 'RS384', 1),
  named('both', 'ES384', 2),
  named('both', 'RS384', 3),
  named('private copy', 'ES384', 6),
  setting('header', 'cty', '"JWT"'),
  setting('header', 'x5u', '"https://evil.example"'),
  setting('claims', 'aud', `["${tokenUrl}"]`),
  setting('claims', 'aud', `"${issuer}"`),
  ...['941', '1000', '1300', '1359', '1360', '1199.5'].map((exp) => setting('claims', 'exp', exp)),
  ...['0', '1059', '1060'].flatMap((time) => [setting('claims', 'nbf', time), setting('claims', 'iat', time)]),
  ...['"used elsewhere"', '"used there"', '"Used"', `"${'j'.repeat(255)}"`, '"é"'].map((jti) =>
    setting('claims', 'jti', jti)
  ),
  setting('claims', 'other', '{"a":1,"b":[{"a":2}]}')
]

const fieldMutations: ReadonlyArray<Mutation> = (['header', 'claims'] as const).flatMap((place) =>
  Object.entries(values[place]).flatMap(([name, pool]) => [
    removing(place, name),
    ...[...pool, ...wrongTypes].map((value) => setting(place, name, value)),
    ...pool.slice(0, 2).map((value) => doubling(place, name, value)),
    doubling(place, name, pool[0] ?? '1', `\\u00${(name.codePointAt(0) ?? 0).toString(16)}${name.slice(1)}`)
  ])
)

const otherMutations: ReadonlyArray<Mutation> = [
  ['signed by a stranger', (one) => ({ ...one, signer: -1 })],
  ...['rsa', 'twice', 'P-256', 'for encryption', 'for signing', 'for ES256', 'secret'].map((kid) =>
    named(kid, 'ES384', 4)
  ),
  respelling('padding', (text) => `${text}==`),
  respelling('a newline', (text) => `${text}\n`),
  respelling('a fourth part', (text) => `${text}.`),
  respelling('no signature', (text) => text.replace(/[^.]*$/, '')),
  respelling('stray bits', (text) =>
    text.replace(/.$/, (last) => (last === 'A' ? 'B' : String.fromCharCode(last.charCodeAt(0) ^ 1)))
  ),
  respelling('white space', (text) => text.replace('.', ' .')),
  respelling('plain base64', (text) => text.replaceAll('-', '+').replaceAll('_', '/')),
  respelling('two parts', (text) => text.split('.').slice(0, 2).join('.')),
  respelling('nothing', () => '')
]

const printed = (members: Members): string =>
  Buffer.from(`{${members.map(([name, value]) => `"${name}":${value}`).join(',')}}`).toString('base64url')

interface Changed {
  readonly text: string
  readonly names: ReadonlyArray<string>
}

const changed = (profile: Profile, mutations: ReadonlyArray<Mutation>): Changed => {
  const start =
    profile === 'rfc10070'
      ? {
          ...draft,
          claims: draft.claims.map(([name, value]) => [name, name === 'aud' ? `"${issuer}"` : value] as const)
        }
      : draft
  const { header, claims, signer, respell } = mutations.reduce((one, [, change]) => change(one), start)
  const signed = `${printed(header)}.${printed(claims)}`
  return { text: respell(`${signed}.${mark(keys[signer], signed)}`), names: mutations.map(([name]) => name) }
}

/** Every change alone. */
const singly = (profile: Profile): Array<[Changed]> =>
  [...harmless, ...fieldMutations, ...otherMutations].map((mutation) => [changed(profile, [mutation])])

const texts = (profile: Profile): fc.Arbitrary<Changed> =>
  fc
    .tuple(
      fc.array(fc.constantFrom(...harmless), { maxLength: 3 }),
      fc.oneof(
        { weight: 3, arbitrary: fc.constant([]) },
        {
          weight: 5,
          arbitrary: fc.array(fc.oneof(fc.constantFrom(...fieldMutations), fc.constantFrom(...otherMutations)), {
            minLength: 1,
            maxLength: 2
          })
        }
      )
    )
    .map(([good, bad]) => changed(profile, [...good, ...bad]))

// ---- the two readings

const slow = (profile: Profile, text: string): Verdict => {
  const reader: Reader = {
    tokenUrl,
    issuer,
    profile,
    algorithms: ['RS384', 'ES384'],
    skew: 60,
    now,
    fits,
    clients: { inline: { url: null, keys }, 'by-url': { url, keys }, other: { url: null, keys: keys.slice(0, 1) } },
    used: (client, id) => usedIds.includes(JSON.stringify([tokenUrl, client, id]))
  }
  return readSlowly(reader, text)
}

const verdicts: Readonly<Partial<Record<RefusalTag, Verdict>>> = {
  AssertionUnreadable: 'form',
  AuthenticatingClientUnknown: 'client',
  AssertionAlgorithmNotAllowed: 'alg',
  AssertionTypeHeaderWrong: 'typ',
  AssertionExtensionCritical: 'crit',
  AssertionKeyIdMissing: 'kid',
  AssertionJkuNotRegistered: 'jku',
  AssertionKeyUnknown: 'no key',
  AssertionKeyAmbiguous: 'several keys',
  AssertionSignatureWrong: 'signature',
  AssertionIssuerWrong: 'iss and sub',
  AssertionAudienceWrong: 'aud',
  AssertionExpired: 'exp',
  AssertionTooLong: 'too far ahead',
  AssertionNotYetValid: 'nbf or iat',
  AssertionIdMissing: 'jti',
  AssertionReplayed: 'replay'
}

/** What a fault may change in the machine: its events and its outcomes. */
interface Spoiling {
  readonly policy?: Partial<SmartPolicy>
  readonly algorithms?: ReadonlyArray<string>
  readonly read?: (text: string) => ClientAssertion | null
  readonly assertion?: (one: ClientAssertion) => ClientAssertion
  readonly answers?: Partial<Answers>
}

const read = (text: string): ClientAssertion | null => {
  const reading = readAssertion(text)
  return Either.isRight(reading) ? reading.right : null
}

const machine = (profile: Profile, text: string, corruption: Spoiling = {}): string => {
  const reading = (corruption.read ?? read)(text)
  if (reading === null) return 'form'
  const settings = {
    policy: completePolicy({ assertionAudience: profiles[profile], ...corruption.policy }),
    issuer,
    tokenEndpoint: tokenUrl,
    algorithms: corruption.algorithms ?? ['RS384', 'ES384'],
    methods: clientAuthenticationMethods
  }
  const assertion = corruption.assertion?.(reading) ?? reading
  const { ended } = drive(settings, { _tag: 'AssertionCredentials', assertion, bodyClientId: null }, now, {
    clients,
    keysAt: () => keys,
    verify: (key, alg, signed) => key !== null && fits(key, alg, signed),
    seen: new Set(usedIds.map(sha256)),
    ...corruption.answers
  })
  if (ended._tag === 'Authenticated') return 'good'
  return ended._tag === 'Refused' ? (verdicts[ended.refusal._tag] ?? ended.refusal._tag) : ended._tag
}

const runs = 6000

describe('a client assertion', () => {
  it.each(Object.keys(profiles) as ReadonlyArray<Profile>)(
    'is checked by the machine as by a slow reading of the specification: profile %s',
    (profile) => {
      const counts = new Map<string, number>()
      fc.assert(
        fc.property(texts(profile), ({ text }) => {
          const verdict = slow(profile, text)
          counts.set(verdict, (counts.get(verdict) ?? 0) + 1)
          expect(machine(profile, text)).toBe(verdict)
        }),
        { numRuns: runs, examples: singly(profile) }
      )
      console.log(
        `assertions, profile ${profile}: ${[...counts]
          .sort(([, one], [, other]) => other - one)
          .map(([verdict, count]) => `${verdict} ${String(count)}`)
          .join(', ')}`
      )
      // Neither nearly all good nor nearly all refused, and every reason is met.
      expect(counts.get('good') ?? 0).toBeGreaterThan(runs / 10)
      expect(counts.get('good') ?? 0).toBeLessThan(runs / 2)
      expect([...new Set(Object.values(verdicts))].filter((verdict) => !counts.has(verdict))).toEqual([])
    }
  )

  const claims = (change: (claims: Readonly<Record<string, unknown>>) => object): Spoiling => ({
    assertion: (one) => ({ ...one, claims: { ...one.claims, ...change(one.claims) } })
  })
  const header = (change: (header: Jwk) => object): Spoiling => ({
    assertion: (one) => ({ ...one, header: { ...one.header, ...change(one.header) } })
  })
  const json = (part: string | undefined): Jwk | null => {
    try {
      return JSON.parse(Buffer.from(part ?? '', 'base64url').toString()) as Jwk
    } catch {
      return null
    }
  }
  const carelessly = (text: string): ClientAssertion | null => {
    const [first, second] = text.split('.').map(json)
    return first === null ||
      second === null ||
      first === undefined ||
      second === undefined ||
      typeof first !== 'object' ||
      typeof second !== 'object'
      ? null
      : { text: text.trim().replace(/=+$/, ''), header: first, claims: second }
  }

  it.each<readonly [string, Spoiling]>([
    ['clocks never differ', { policy: { assertionClockSkewSeconds: 0 } }],
    ['clocks differ by a second more', { policy: { assertionClockSkewSeconds: 61 } }],
    ['any profile is the one of RFC 10070', { policy: { assertionAudience: 'rfc10070' } }],
    ['the issuer is no audience', { policy: { assertionAudience: 'tokenEndpoint' } }],
    ['typ in any case', { policy: { assertionTyp: 'caseInsensitive' } }],
    ['another algorithm', { algorithms: ['RS384', 'ES384', 'ES256'] }],
    ['one algorithm less', { algorithms: ['ES384'] }],
    ['a lenient reading, the last of two members', { read: carelessly }],
    [
      'one of several audiences is enough',
      claims(({ aud }) =>
        Array.isArray(aud) ? { aud: (aud as ReadonlyArray<unknown>).find((one) => one === tokenUrl) ?? aud } : {}
      )
    ],
    [
      'an audience with a slash',
      claims(({ aud }) => ({ aud: typeof aud === 'string' ? aud.replace(/\/$/, '') : aud }))
    ],
    ['sub is not looked at', claims(({ iss }) => ({ sub: iss }))],
    [
      'ids in any case',
      { assertion: (one) => ({ ...one, claims: { ...one.claims, sub: String(one.claims['sub']).toLowerCase() } }) }
    ],
    [
      'an id out of a list',
      claims(({ iss }) => ({ iss: Array.isArray(iss) ? (iss as ReadonlyArray<unknown>)[0] : iss }))
    ],
    ['exp as text', claims(({ exp }) => ({ exp: typeof exp === 'string' ? Number(exp) : exp }))],
    [
      'no longest life',
      claims(({ exp }) => ({ exp: typeof exp === 'number' && exp > 1360 && Number.isFinite(exp) ? 1360 : exp }))
    ],
    ['exp is not needed', claims(({ exp }) => ({ exp: exp ?? 1300 }))],
    ['whole seconds alone', claims(({ exp }) => ({ exp: typeof exp === 'number' ? Math.floor(exp) : exp }))],
    ['nbf is not looked at', claims(() => ({ nbf: undefined }))],
    ['iat is not looked at', claims(() => ({ iat: undefined }))],
    [
      'a jti of any type',
      claims(({ jti }) => ({ jti: jti === undefined || typeof jti === 'string' ? jti : JSON.stringify(jti) }))
    ],
    ['a jti of any length', claims(({ jti }) => ({ jti: typeof jti === 'string' ? jti.slice(0, 255) : jti }))],
    ['a jti is not needed', claims(({ jti }) => ({ jti: jti ?? 'x' }))],
    ['a jti is forgotten', { answers: { seen: new Set() } }],
    [
      'a jti is of all clients',
      { answers: { seen: new Set([...usedIds, JSON.stringify(['inline', 'used elsewhere'])].map(sha256)) } }
    ],
    ['typ is not looked at', header(() => ({ typ: 'JWT' }))],
    ['crit is not looked at', header(() => ({ crit: undefined, b64: undefined }))],
    ['jku is not looked at', header(() => ({ jku: undefined }))],
    ['kid is not needed', header(({ kid }) => ({ kid: kid ?? 'ec' }))],
    ['kid in any case', header(({ kid }) => ({ kid: typeof kid === 'string' ? kid.toLowerCase() : kid }))],
    ['the signature is not looked at', { answers: { verify: (key) => key !== null } }],
    [
      'the first of several keys',
      {
        answers: {
          clients: clients.map((one) =>
            one.clientId === 'inline'
              ? { ...one, keys: { _tag: 'Inline' as const, keys: keys.filter(({ x }) => x !== 'x4') } }
              : one
          )
        }
      }
    ],
    [
      'what a key is for is not looked at',
      {
        answers: {
          clients: clients.map((one) =>
            one.clientId === 'inline'
              ? {
                  ...one,
                  keys: {
                    _tag: 'Inline' as const,
                    keys: keys.map((key) => ({ ...key, use: undefined, key_ops: undefined }))
                  }
                }
              : one
          )
        }
      }
    ]
  ])('a wrong reading is noticed: %s', (_name, corruption) => {
    const found = fc.check(
      fc.property(texts('smart'), ({ text }) => machine('smart', text, corruption) === slow('smart', text)),
      {
        numRuns: singly('smart').length,
        examples: singly('smart'),
        endOnFailure: true
      }
    )
    expect(found.failed).toBe(true)
  })
})
