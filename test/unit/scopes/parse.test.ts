import * as fc from 'fast-check'
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { format, resourceScope } from '../../../src/scopes/format.js'
import { parse, parseScope, parseStrict } from '../../../src/scopes/parse.js'
import { holdsText, isExperimental, printedHoldsText, withoutRepetitions } from '../../../src/scopes/scope.js'

const shortly = (text: string): string => {
  const scope = parseScope(text)
  switch (scope._tag) {
    case 'ResourceScope':
      return (
        `${scope.level} ${scope.type} ${scope.permissions.join('')} ${scope.syntax} ` +
        scope.query.map(({ name }) => name).join('&')
      ).trim()
    case 'LaunchScope':
      return `launch ${scope.type ?? ''} ${scope.role ?? ''}`.trim()
    case 'MalformedScope':
      return `${scope.reason} at ${String(scope.position)}`
    case 'IdentityScope':
    case 'RefreshScope':
    case 'ExtensionScope':
    case 'UnknownScope':
      return scope._tag
  }
}

describe('a scope is read as', () => {
  it.each([
    ['patient/Observation.rs', 'patient Observation rs v2'],
    ['user/*.cruds', 'user * cruds v2'],
    ['system/Patient.d', 'system Patient d v2'],
    ['patient/Observation.read', 'patient Observation rs v1'],
    ['patient/*.write', 'patient * cud v1'],
    ['patient/*.*', 'patient * cruds v1'],
    ['patient/Observation.rs?category=a|b&code=c', 'patient Observation rs v2 category&code'],
    ['patient/Observation.rs?code:in=http://x/y', 'patient Observation rs v2 code'],
    ['launch', 'launch'],
    ['launch/patient', 'launch patient'],
    ['launch/questionnaire?role=http://x/y', 'launch questionnaire http://x/y'],
    ['openid', 'IdentityScope'],
    ['fhirUser', 'IdentityScope'],
    ['offline_access', 'RefreshScope'],
    ['__vendor', 'ExtensionScope'],
    ['https://example.org/scope', 'ExtensionScope'],
    ['urn:x:y', 'ExtensionScope'],
    ['https://', 'UnknownScope'],
    ['a:///:x', 'UnknownScope'],
    ['1:x', 'UnknownScope'],
    ['foo~', 'UnknownScope'],
    ['patient/Procedures.r', 'patient Procedures r v2'],
    ['patient/Observation!rs', 'TypeMalformed at 8'],
    ['patient/Observation?category=a', 'PermissionsMissing at 19'],
    ['launch/launch/patient', 'LaunchMalformed at 6'],
    ['foo', 'UnknownScope'],
    ['constructor', 'UnknownScope'],
    ['__proto__', 'ExtensionScope'],
    ['patient/Observation.sr', 'PermissionsOutOfOrder at 21'],
    ['patient/Observation.rr', 'PermissionsOutOfOrder at 21'],
    ['patient/Observation.', 'PermissionsMissing at 20'],
    ['patient/Observation', 'PermissionsMissing at 19'],
    ['patient/Observation.constructor', 'PermissionsUnknown at 21'],
    ['patient/Observation.readx', 'PermissionsUnknown at 21'],
    ['patient/observation.rs', 'TypeMalformed at 8'],
    ['patient/.rs', 'TypeMalformed at 8'],
    ['patient/Observation.read?category=a', 'QueryOnVersion1 at 24'],
    ['patient/Observation.rs?', 'QueryMalformed at 23'],
    ['patient/Observation.rs?category', 'QueryMalformed at 23'],
    ['patient/Observation.rs?a=b&c=%2', 'QueryMalformed at 27'],
    ['system:Patient.read', 'LevelWithoutSlash at 6'],
    ['patient.Observation.rs', 'LevelWithoutSlash at 7'],
    ['launch/', 'LaunchMalformed at 6'],
    ['launch/patient?roles=x', 'LaunchMalformed at 6'],
    ['patient/Observation.rs?code=\u00e9', 'CharacterNotAllowed at 28'],
    ['patient/"', 'CharacterNotAllowed at 8'],
    ['\ud800', 'CharacterNotAllowed at 0'],
    ['', 'Empty at 0']
  ])('%j: %s', (text, expected) => {
    expect(shortly(text)).toBe(expected)
  })
})

describe('reading', () => {
  it('gives each scope of a set its own text and its own positions', () => {
    const texts = ['openid', 'patient/Observation.rs?category', 'user/*.r?code=a', 'patient/Patient.r', '']
    const scopes = parse(texts.join(' '))
    expect(scopes.map(({ text }) => text)).toEqual(texts)
    expect(scopes[1]).toMatchObject({ reason: 'QueryMalformed', position: 23 })
    expect(scopes[3]).toMatchObject({ type: 'Patient', query: [] })
  })

  it('gives no scope for no text', () => {
    expect(parse('')).toEqual([])
  })

  it('gives what a scope of the same parts gives', () => {
    const text = 'patient/Observation.rs?category=a&code=b'
    const scope = parseScope(text)
    const { level, type, permissions, query } = scope._tag === 'ResourceScope' ? scope : resourceScope('user', '*', [])
    expect(resourceScope(level, type, permissions, query)).toEqual(scope)
    expect(resourceScope('user', '*', ['c', 'r'])).toEqual(parseScope('user/*.cr'))
  })

  it('loses nothing, whatever the text is', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string()), (text) => {
        expect(format(parse(text))).toBe(text)
      }),
      { numRuns: Number(process.env['SCOPE_RUNS'] ?? 2000) }
    )
  })

  it('is not needed to find a word of a printed set', () => {
    const word = fc.constantFrom('openid', 'fhirUser', 'openi', 'openid2', 'patient/*.rs', 'x')
    fc.assert(
      fc.property(fc.array(word, { maxLength: 5 }), fc.constantFrom('openid', 'fhirUser'), (words, requested) => {
        const printed = words.join(' ')
        expect(printedHoldsText(printed, requested)).toBe(holdsText(parse(printed), requested))
      })
    )
  })

  it('accepts exactly the 31 in-order suffixes', () => {
    const accepted = new Set<string>()
    const letters = ['c', 'r', 'u', 'd', 's']
    const extend = (suffix: string): void => {
      if (parseScope(`patient/Patient.${suffix}`)._tag === 'ResourceScope') accepted.add(suffix)
      if (suffix.length < 6) for (const letter of letters) extend(suffix + letter)
    }
    extend('')
    expect(accepted.size).toBe(31)
  })

  it.each([
    ['openid\tfhirUser', 6],
    ['openid\nfhirUser', 6],
    ['a"b', 1],
    ['a\\b', 1],
    ['caf\u00e9', 3],
    ['a \u00a0', 2]
  ])('strictly refuses %j at %i', (text, position) => {
    expect(parseStrict(text)).toEqual(
      Either.left({
        _tag: 'ScopeParseError',
        position,
        text,
        expected: 'a printable ASCII character other than " and \\ (RFC 6749, section 3.3)'
      })
    )
  })

  it('strictly takes runs of blanks as one', () => {
    const reading = parseStrict('  openid   launch ')
    expect(Either.isRight(reading) ? format(reading.right) : '').toBe('openid launch')
  })
})

describe('a scope', () => {
  it.each([
    ['patient/Observation.rs', []],
    ['patient/Observation.rs?code=a&_tag=b', [false, false]],
    ['patient/Observation.rs?code:in=a', [true]],
    ['patient/Observation.rs?patient.birthdate=1990&code=a', [true, false]],
    ['patient/Observation.rs?_filter=x', [true]],
    ['patient/Observation.rs?_has=x&_has:Group:member:_id=1', [true, true]]
  ])('%s has clauses that SMART calls experimental: %j', (text, expected) => {
    const scope = parseScope(text)
    expect(scope._tag === 'ResourceScope' ? scope.query.map(isExperimental) : []).toEqual(expected)
  })

  it('that is repeated is kept once, at its first place', () => {
    expect(format(withoutRepetitions(parse('openid launch openid  launch  x')))).toBe('openid launch  x')
  })
})
