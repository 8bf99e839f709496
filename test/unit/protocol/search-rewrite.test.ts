import * as Either from 'fp-ts/lib/Either.js'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { base, matchesParameter, fixture } from '../../support/fhir-fixture.js'
import { alternativesIn } from '../../../src/protocol/access/alternatives.js'
import { isPermitted } from '../../../src/protocol/access/permitted.js'
import type { AccessRules } from '../../../src/protocol/access/alternatives.js'
import { interactionOf } from '../../../src/protocol/access/read-interaction.js'
import { printSearchQuery, readSearchQuery } from '../../../src/protocol/access/search/query.js'
import { indexReader } from '../../../src/protocol/access/search/search-index.js'
import { rewriteSearch } from '../../../src/protocol/access/search/rewrite.js'
import { parse } from '../../../src/scopes/parse.js'

const alternativesOf = (scope: string, rules: AccessRules = {}) =>
  alternativesIn({ clientId: 'app', scopes: parse(scope), context: { patient: 'a' }, user: null }, rules)

const rewritten = (scope: string, path: string, query = '', rules: AccessRules = {}) => {
  const search = interactionOf({ method: 'GET', path, query, headers: {}, body: '' })
  if (search._tag !== 'Search') throw new Error(search._tag)
  return rewriteSearch(search, alternativesOf(scope, rules))
}

const requestsOf = (...given: Parameters<typeof rewritten>): ReadonlyArray<string> => {
  const found = rewritten(...given)
  if (Either.isLeft(found)) throw new Error(found.left.because)
  return found.right.map(({ type, query }) => `${type}?${printSearchQuery(query)}`)
}

describe('a search that is rewritten', () => {
  it.each([
    ['all-types', 'patient/*.s', '/', '_lastUpdated=gt2020'],
    ['includes', 'patient/*.s', '/Observation', '_include=Observation:performer'],
    ['includes', 'system/*.s', '/Patient', '_revinclude=Observation:subject'],
    ['any-type', 'system/*.s', '/Observation', '_contained=true'],
    ['any-type', 'system/Observation.s', '/Observation', '_cursor=abc'],
    ['nothing-granted', 'patient/Condition.s', '/Observation', ''],
    ['nothing-granted', 'patient/*.s', '/Practitioner', ''],
    ['nothing-granted', 'patient/Observation.r', '/Observation', ''],
    ['nothing-granted', 'patient/*.s?clinical-status=active', '/Observation', ''],
    ['user-level', 'user/Observation.s patient/Observation.s', '/Observation', ''],
    ['clause', 'patient/Observation.s?code:in=http://s', '/Observation', ''],
    ['clause', 'patient/Observation.s?subject.name=x', '/Observation', '']
  ] as const)('says %s for %s at %s?%s', (because, scope, path, query) => {
    expect(rewritten(scope, path, query)).toEqual(Either.left({ _tag: 'NotExpressible', because }))
  })

  it('does not say which Binary is shared', () => {
    const rules: AccessRules = { sharedTypes: ['Binary'] }
    expect(rewritten('patient/*.s', '/Binary', '', rules)).toEqual(
      Either.left({ _tag: 'NotExpressible', because: 'security-context' })
    )
    expect(requestsOf('system/*.s', '/Binary', '', rules)).toEqual(['Binary?'])
  })

  it('adds to the search of the client, and removes nothing from it', () => {
    expect(
      requestsOf('patient/Observation.s?category=http://s|lab', '/Observation', 'patient=Patient/b&category=vital')
    ).toEqual(
      ['subject', 'performer'].map(
        (way) => `Observation?patient=Patient%2Fb&category=vital&category=http%3A%2F%2Fs%7Clab&${way}=Patient%2Fa`
      )
    )
    expect(requestsOf('patient/Patient.s', '/Patient', '_id=b')).toEqual(['Patient?_id=b&_id=a'])
    expect(requestsOf('patient/*.s', '/Practitioner', 'name=x', { sharedTypes: ['Practitioner'] })).toEqual([
      'Practitioner?name=x'
    ])
  })

  it('keeps the clauses of one scope together, and those of two apart', () => {
    const requests = requestsOf(
      'system/Observation.s?category=lab&status=final system/Observation.s?category=vital',
      '/Observation'
    )
    expect(requests).toEqual(['Observation?category=lab&status=final', 'Observation?category=vital'])
    expect(requestsOf('system/Observation.s?category=lab system/Observation.s', '/Observation', 'code=1')).toEqual([
      'Observation?code=1'
    ])
  })

  it.each([
    ['a comma that is data', 'a%5C,b', ['a\\,b']],
    ['a comma that is data, percent-encoded', 'a%5C%2Cb', ['a\\,b']],
    ['a comma between values', 'a,b', ['a,b']],
    ['a bar that is data', 'http://s%7Ca%5C%7Cb', ['http://s|a\\|b']],
    ['an ampersand', 'a%26patient=b', ['a&patient=b']],
    ['a plus', 'a+b', ['a+b']],
    ['a percent sign', 'a%2525', ['a%25']],
    ['letters of another script', '%C3%A9%E2%9C%93', ['é✓']]
  ])('says the value of a scope to the server as it was meant: %s', (_name, text, values) => {
    const [request = ''] = requestsOf(`system/Observation.s?code=${text}`, '/Observation')
    expect(readSearchQuery(request.slice(request.indexOf('?') + 1))).toEqual(
      Either.right(values.map((value) => ({ name: 'code', value })))
    )
  })

  it('finds exactly what the client requested and a scope lets through: for a server without any authorization', () => {
    const clauses = fc.constantFrom(
      '',
      '?category=http://s|lab',
      '?category=vital',
      '?category=lab,vital',
      '?status=final',
      '?category=lab&status=preliminary'
    )
    const scope = fc
      .tuple(fc.constantFrom('patient', 'system'), clauses)
      .map(([level, query]) => `${level}/Observation.s${query}`)
    const requested = fc.constantFrom(
      '',
      'patient=Patient/b',
      'category=vital',
      'status=final&category=lab',
      'performer=Patient/a',
      'category=lab&category=vital'
    )
    const evaluation = { read: indexReader({ base }), userMay: () => false }
    const matches =
      (query: string) =>
      (resource: (typeof fixture)[number]): boolean => {
        const read = readSearchQuery(query)
        return (
          Either.isRight(read) &&
          read.right.every(({ name, value }) => matchesParameter(fixture, resource, name, value))
        )
      }
    const observations = fixture.filter(({ resourceType }) => resourceType === 'Observation')
    fc.assert(
      fc.property(fc.array(scope, { minLength: 1, maxLength: 3 }), requested, (scopes, query) => {
        const requests = requestsOf(scopes.join(' '), '/Observation', query).map((one) =>
          one.slice(one.indexOf('?') + 1)
        )
        const found = observations.filter((resource) => requests.some((one) => matches(one)(resource)))
        const wanted = observations.filter(
          (resource) =>
            matches(query)(resource) && isPermitted(alternativesOf(scopes.join(' ')), 's', resource, evaluation)
        )
        expect(found.map(({ id }) => id)).toEqual(wanted.map(({ id }) => id))
      })
    )
  })
})
