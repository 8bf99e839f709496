/** Scopes in other forms: as URIs, in the other version's syntax, in the spellings of vendors. */
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { readAzureScopes, readVerbScopes, readVersion1WithQuery } from '../../../src/scopes/dialects.js'
import { format } from '../../../src/scopes/format.js'
import { parse, parseScope } from '../../../src/scopes/parse.js'
import { isResourceScope } from '../../../src/scopes/scope.js'
import { fromUri, openidScopePrefix, smartScopePrefix, toUri } from '../../../src/scopes/uri-form.js'
import { toV1, toV2 } from '../../../src/scopes/version-1.js'

describe('the URI of', () => {
  it.each([
    ['patient/*.rs', `${smartScopePrefix}patient/*.rs`],
    ['user/Observation.rs?category=a|b', `${smartScopePrefix}user/Observation.rs?category=a|b`],
    ['launch', `${smartScopePrefix}launch`],
    ['launch/patient', `${smartScopePrefix}launch/patient`],
    ['fhirUser', `${smartScopePrefix}fhirUser`],
    ['online_access', `${smartScopePrefix}online_access`],
    ['other', `${smartScopePrefix}other`],
    ['__vendor', `${smartScopePrefix}__vendor`],
    ['openid', `${openidScopePrefix}openid`],
    ['offline_access', `${openidScopePrefix}offline_access`],
    ['https://example.org/x', 'https://example.org/x'],
    ['https://example.org/__', 'https://example.org/__']
  ])('%s is %s, and stands for it', (text, uri) => {
    expect(toUri(parseScope(text))).toBe(uri)
    expect(fromUri(uri)).toEqual(parseScope(text))
  })

  it.each([
    [`${smartScopePrefix}offline_access`, 'offline_access'],
    [`${smartScopePrefix}openid`, `${smartScopePrefix}openid`],
    [`${openidScopePrefix}fhirUser`, `${openidScopePrefix}fhirUser`],
    [`${'x'.repeat(openidScopePrefix.length)}openid`, `${'x'.repeat(openidScopePrefix.length)}openid`],
    ['patient/*.rs', 'patient/*.rs']
  ])('%s stands for %s', (uri, text) => {
    expect(fromUri(uri)).toEqual(parseScope(text))
  })
})

describe('versions', () => {
  const resourceScopeOf = (text: string) => {
    const scope = parseScope(text)
    if (!isResourceScope(scope)) throw new Error(scope._tag)
    return scope
  }

  it.each([
    ['patient/Observation.rs', 'patient/Observation.read'],
    ['user/*.cud', 'user/*.write'],
    ['system/Patient.cruds', 'system/Patient.*']
  ])('%s is %s', (second, first) => {
    const [inVersion1, inVersion2] = [resourceScopeOf(first), resourceScopeOf(second)]
    expect([toV1(inVersion2), toV1(inVersion1)]).toEqual([Either.right(inVersion1), Either.right(inVersion1)])
    expect([toV2(inVersion1), toV2(inVersion2)]).toEqual([inVersion2, inVersion2])
  })

  it.each([
    ['patient/*.r', 'permissions'],
    ['patient/*.crud', 'permissions'],
    ['patient/*.c?a=b', 'permissions'],
    ['patient/*.rs?a=b', 'query']
  ])('%s is not rounded to version 1, because of its %s', (scope, because) => {
    expect(toV1(resourceScopeOf(scope))).toEqual(Either.left({ _tag: 'NotExpressibleInV1', scope, because }))
  })

  it('of a scope that has both a query and the syntax of version 2 keep the query', () => {
    const scope = resourceScopeOf('patient/*.rs?a=b')
    expect(toV2(scope)).toEqual(scope)
  })
})

describe('dialects', () => {
  const readers = { Azure: readAzureScopes, verbs: readVerbScopes, queries: readVersion1WithQuery }

  it.each([
    ['Azure', 'patient.all.read', 'patient/*.read'],
    ['Azure', 'patient/all.read', 'patient/*.read'],
    ['Azure', 'system.*.read', 'system/*.read'],
    ['Azure', 'user.Observation.rs?category=a', 'user/Observation.rs?category=a'],
    ['Azure', 'launch%2Fpatient', 'launch/patient'],
    ['Azure', 'launch.patient', 'launch/patient'],
    ['Azure', 'patient%2fObservation.rs', 'patient/Observation.rs'],
    ['Azure', 'https://x.example/launch%2Fpatient', null],
    ['Azure', 'https://x.example/user.all.read', null],
    ['Azure', 'https://x.example/launch.patient', null],
    ['Azure', 'launch.Patient', null],
    ['Azure', 'openid', null],
    ['verbs', 'patient/Observation.create', 'patient/Observation.c'],
    ['verbs', 'user/Observation.update?a=b', 'user/Observation.u?a=b'],
    ['verbs', 'system/Observation.delete', 'system/Observation.d'],
    ['verbs', 'patient/*.search', 'patient/*.s'],
    ['verbs', 'patient/Observation.searches', null],
    ['verbs', 'patient/Observation.read', null],
    ['verbs', 'https://x.example/patient/Observation.search', null],
    ['queries', 'patient/Observation.read?category=a', 'patient/Observation.rs?category=a'],
    ['queries', 'user/*.write?category=a', 'user/*.cud?category=a'],
    ['queries', 'system/*.*?category=a', 'system/*.cruds?category=a'],
    ['queries', 'system/*.*', null],
    ['queries', 'https://x.example/patient/Observation.read?category=a', null]
  ] as const)('%s: %s is read as %s', (dialect, from, to) => {
    expect(readers[dialect](from)).toEqual({
      scopes: [parseScope(to ?? from)],
      repairs: to === null ? [] : [{ from, to }]
    })
  })

  it('are read scope by scope, and each repair is listed', () => {
    const { scopes, repairs } = readVerbScopes('patient/Observation.search patient/*.create openid')
    expect(scopes).toEqual(parse('patient/Observation.s patient/*.c openid'))
    expect(repairs.map(({ from, to }) => `${from} -> ${to}`)).toEqual([
      'patient/Observation.search -> patient/Observation.s',
      'patient/*.create -> patient/*.c'
    ])
    expect(format(readAzureScopes('patient.all.rs launch%2fpatient openid').scopes)).toBe(
      'patient/*.rs launch/patient openid'
    )
  })
})
