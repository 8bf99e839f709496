/** Misuse of the plain form: one clear message with the name of what is wrong, and no TypeError from inside. */
import { describe, expect, it } from 'vitest'
import { createBackendService, createSmartApp } from '../../../src/plain/app.js'
import { isConfigurationError } from '../../../src/plain/configuration-error.js'
import * as scopes from '../../../src/plain/scopes.js'
import { intersect, normalize } from '../../../src/plain/scopes/sets.js'

/** The options that a configuration error names. */
const namedBy = (make: () => unknown): ReadonlyArray<string> => {
  try {
    make()
    return []
  } catch (thrown) {
    if (!isConfigurationError(thrown)) throw thrown
    return thrown.errors.map(({ path, expected }) => `${path}: ${expected}`)
  }
}

const trust = [{ fhirBaseUrl: 'https://ehr.example/fhir', clientId: 'app', redirectUri: 'https://app.example/cb' }]

describe('the options of an app', () => {
  it('are named when they are missing', () => {
    expect(namedBy(() => createSmartApp({} as never))).toEqual([
      'trust: an array of trusted servers, or a function (iss)',
      'scope: a text of scopes'
    ])
    expect(namedBy(() => createBackendService({} as never))).toHaveLength(2)
  })

  it('are named when they do not exist, with the likeliest', () => {
    expect(namedBy(() => createSmartApp({ trust, scope: 'openid', stor: {} } as never))).toEqual([
      'stor: a known option, probably `store`'
    ])
    const server = { fhirBaseUrl: 'https://ehr.example/fhir', clientId: 'service' }
    expect(namedBy(() => createBackendService({ server, scope: 'system/*.rs', signinKey: {} } as never))).toEqual([
      'signinKey: a known option, probably `signingKey`'
    ])
  })
})

describe('a function about scopes', () => {
  it.each<readonly [string, () => unknown, string]>([
    ['subsumes', () => scopes.subsumes(7 as never, 'openid'), 'subsumes: the argument `granted` must be scopes'],
    [
      'subsumes',
      () => scopes.subsumes('openid', undefined as never),
      'subsumes: the argument `requested` must be scopes'
    ],
    [
      'subsumes',
      () => scopes.subsumes(['openid'] as never, 'openid'),
      'subsumes: the argument `granted` must be scopes'
    ],
    ['equivalent', () => scopes.equivalent('openid', null as never), 'equivalent: '],
    ['disjoint', () => scopes.disjoint({} as never, 'openid'), 'disjoint: '],
    ['intersect', () => intersect('openid', 1 as never), 'intersect: '],
    ['normalize', () => normalize(undefined as never), 'normalize: ']
  ])('%s names itself and the argument', (_name, call, message) => {
    expect(call).toThrow(TypeError)
    expect(call).toThrow(message)
  })

  it('takes text and parsed sets, and answers a question with true or false', () => {
    const granted = scopes.parse('patient/*.rs')
    expect(scopes.subsumes(granted, 'patient/Observation.r')).toBe(true)
    expect(scopes.subsumes('patient/Observation.r', granted)).toBe(false)
    expect(scopes.equivalent('patient/Observation.read', 'patient/Observation.rs')).toBe(true)
    expect(scopes.disjoint('patient/Observation.r', 'patient/Condition.r')).toBe(true)
  })
})
