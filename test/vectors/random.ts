/** A random generator with a seed, and scopes made with it: every kind of value, in many spellings. */

/** Random choices; the same seed gives the same choices on every machine. */
export interface Random {
  readonly below: (count: number) => number
  readonly pick: <One>(list: ReadonlyArray<One>) => One
  readonly chance: (probability: number) => boolean
}

/** The generator mulberry32. */
export const randomOf = (seed: number): Random => {
  let state = seed
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (count: number): number => Math.floor(next() * count)
  return { below, pick: (list) => list[below(list.length)]!, chance: (probability) => next() < probability }
}

/** Some characters percent-encoded: those that a scope cannot hold, and a few others. */
export const percentEncoded = (text: string, random: Random | null): string =>
  Array.from(text)
    .map((character) =>
      /[^!$'-*+\--;?-Z[\]^-z|}~]/.test(character) || random?.chance(0.06) === true
        ? character.charCodeAt(0) < 128
          ? `%${character.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`
          : encodeURIComponent(character)
        : character
    )
    .join('')

/** FHIR's escapes. */
export const escaped = (text: string): string => text.replace(/[,|$\\]/g, '\\$&')

const systems = ['http://s1', 'http://s2', 'urn:oid:1.2.3', 'http://s|3', 'http://s,4']
const codes = ['a', 'b', 'a', 'b', 'A', 'a,b', 'a|b', '$c', 'd\\', '8867-4', '\u00e9']
const texts = [
  'a',
  'an',
  'Ann',
  'ann',
  '\u00c1nn',
  'ANNA',
  'b',
  'ma\u00df',
  '\u03c3\u03c2',
  '\u03a3\u03a3',
  'a,b',
  'x|y'
]
const uris = ['http://u1', 'http://u2', 'http://u1/a', 'urn:oid:1.2', 'http://u,1']
const ids = ['1', '2', 'a-b.c']
const references = [
  ...ids,
  'Patient/1',
  'Patient/2',
  'Group/1',
  'http://x/Patient/1',
  'https://x/Patient/1',
  'Patient/1/_history/2',
  'urn:uuid:1',
  '/1'
]

/** A queried value of a type, with escapes and without percent-encoding. */
export const valueOf = (type: string, random: Random): string => {
  const { pick } = random
  switch (type) {
    case 'token': {
      const [system, code] = [escaped(pick(systems)), escaped(pick(codes))]
      return pick([`${system}|${code}`, code, code, `|${code}`, `${system}|`, '|'])
    }
    case 'reference':
      return escaped(pick(references))
    case 'uri':
      return escaped(pick(uris))
    case 'string':
      return escaped(pick(texts))
    default:
      return pick(['ge2021', 'ge2022', 'lt2023', '5', 'a'])
  }
}

/**
 * Clauses for each resource type: a parameter, with its modifier, and how its values are made. Some are on parameters
 * that the type reads otherwise than `*`: `category`, `name` and `system`.
 */
export const parameters: Readonly<Record<string, ReadonlyArray<readonly [name: string, type: string]>>> = {
  Observation: [
    ['category', 'token'],
    ['category', 'token'],
    ['code', 'token'],
    ['subject', 'reference'],
    ['patient', 'reference'],
    ['value-string', 'string'],
    ['date', 'opaque'],
    ['value-quantity', 'opaque'],
    ['code:in', 'opaque'],
    ['subject.name', 'opaque'],
    ['undefined-one', 'opaque'],
    ['name', 'string'],
    ['_tag', 'token']
  ],
  Patient: [
    ['name', 'string'],
    ['name', 'string'],
    ['name:exact', 'string'],
    ['name:contains', 'string'],
    ['family', 'string'],
    ['gender', 'token'],
    ['general-practitioner', 'reference'],
    ['birthdate', 'opaque'],
    ['category', 'token'],
    ['_source', 'uri']
  ],
  ValueSet: [
    ['url', 'uri'],
    ['url:below', 'opaque'],
    ['title', 'string'],
    ['category', 'token'],
    ['_tag', 'token']
  ],
  CodeSystem: [
    ['system', 'uri'],
    ['system', 'uri'],
    ['category', 'token'],
    ['_tag', 'token']
  ],
  '*': [
    ['category', 'token'],
    ['name', 'string'],
    ['system', 'uri'],
    ['_tag', 'token'],
    ['_security', 'token'],
    ['_source', 'uri'],
    ['_lastUpdated', 'opaque']
  ]
}

/** The order of the permissions in a scope. */
export const letters = ['c', 'r', 'u', 'd', 's']

/** A random resource scope. `focus` makes scopes of one set speak of the same clauses. */
export const randomScope = (random: Random, focus: number): string => {
  const { chance, pick } = random
  const type = pick(['Observation', 'Observation', 'Patient', 'Patient', 'ValueSet', 'CodeSystem', '*', '*'])
  const level = pick(['patient', 'patient', 'patient', 'user', 'system'])
  if (chance(0.08)) return `${level}/${type}.${pick(['read', 'write', '*'])}`
  const chosen = letters.filter(() => chance(0.4))
  const suffix = chosen.length === 0 ? pick(['r', 's', 'rs']) : chosen.join('')
  const own = parameters[type]!
  const clauses = Array.from({ length: pick([0, 0, 1, 1, 1, 2, 2, 3]) }, () => {
    const [name, valueType] = chance(0.75) ? own[focus % own.length]! : pick(own)
    const values = Array.from({ length: pick([1, 1, 1, 2, 3]) }, () => valueOf(valueType, random))
    return `${name}=${values.map((value) => percentEncoded(value, random)).join(pick([',', ',', '%2C']))}`
  })
  return `${level}/${type}.${suffix}${clauses.length === 0 ? '' : `?${clauses.join('&')}`}`
}

/** Scopes of other kinds. */
export const commonScopes: ReadonlyArray<string> = [
  'openid',
  'fhirUser',
  'launch',
  'launch/patient',
  'offline_access',
  '__x',
  'https://x/y',
  'patient/X.sr'
]

/** Rare scopes, and a malformed one for each reason. */
export const rareScopes: ReadonlyArray<string> = [
  'launch/patient?role=friend',
  'profile',
  'other',
  '1:b',
  'patient/Patient.rs?name=%CC%81',
  'patient/Observation.rs?code:exact=a',
  'caf\u00e9',
  'patient.read',
  'patient/.rs',
  'patient/Pat_x.rs',
  'patient/Patient',
  'patient/Patient.',
  'patient/Patient.q',
  'patient/Patient.read?gender=a',
  'patient/Patient.rs?gender',
  'patient/Patient.rs?gender=%6',
  'patient/Patient.rs?gender:=a',
  'patient/Patient.rs?1=a',
  'patient/Patient.rs?gender=a%5C',
  'patient/Patient.rs?gender=',
  'launch/Patient'
]

/** A random set; some of its scopes are among the given ones. */
export const randomSet = (
  random: Random,
  length: number,
  focus: number,
  texts: ReadonlyArray<string> = commonScopes
): ReadonlyArray<string> =>
  Array.from({ length }, () => (random.chance(0.06) ? random.pick(texts) : randomScope(random, focus)))

/** A question that is often answered with yes: the request is partly taken from the grant and narrowed. */
export const randomQuestion = (
  random: Random,
  texts: ReadonlyArray<string> = commonScopes
): { readonly granted: string; readonly requested: string } => {
  const { below, chance, pick } = random
  const focus = below(60)
  const granted = randomSet(random, pick([1, 2, 3, 4, 6]), focus, texts)
  const narrowed = (scope: string): string => {
    if (!/^(?:patient|user|system)\/[*A-Z]\w*\.c?r?u?d?s?(?:\?|$)/.test(scope)) return scope
    const shorter = chance(0.5) ? scope.replace(/\.([cruds]+)/, (_, all: string) => `.${pick(Array.from(all))}`) : scope
    const moved = (): string =>
      chance(0.8)
        ? shorter.replace('/*.', `/${pick(['Observation', 'Patient', 'CodeSystem'])}.`)
        : shorter.replace(/\/[A-Z]\w*\./, '/*.')
    const named = chance(0.3) ? moved() : shorter
    return chance(0.3) ? `${named}${named.includes('?') ? '&' : '?'}_tag=${pick(['a', '%7Ca', 'http://s1|a'])}` : named
  }
  const requested = chance(0.5)
    ? [narrowed(pick(granted)), ...(chance(0.4) ? [narrowed(pick(granted))] : [])]
    : randomSet(random, pick([1, 1, 2]), focus, texts)
  return { granted: granted.join(' '), requested: requested.join(pick([' ', ' ', ' ', '  '])) }
}
