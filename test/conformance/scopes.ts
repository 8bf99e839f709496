/** The area "scopes": scopes-and-launch-context, "Scopes for requesting clinical data"; RFC 6749, section 3.3. */
import { expect } from 'vitest'
import { interactionRows } from './fhir-access.js'
import { languageRows } from './scopes-language.js'
import type { Area, Shown } from './matrix.js'
import { documentAt, expectRedirects, tokensWith } from '../support/steps.js'
import { outside, row } from './matrix.js'
import { clients, newFixture } from '../support/server-fixture.js'
import { memoryClients } from '../../src/adapters/memory-clients.js'
import { readableParameters } from '../../src/protocol/scope-policy/resource-side-check.js'
import { explain } from '../../src/scopes/explain/explain.js'
import { compareGrant } from '../../src/scopes/compare-grant.js'
import { parse } from '../../src/scopes/parse.js'

const registeredFor = (scope: string) => ({
  ports: { clients: memoryClients(clients.map((client) => ({ ...client, scope: parse(scope) }))) }
})

const serverRows: ReadonlyArray<Shown> = [
  row('SCP-009', 'permission-v1 is announced, and v1 scopes are granted, unless that is switched off', async () => {
    const path = '/fhir/.well-known/smart-configuration'
    expect((await documentAt(newFixture(), path))['capabilities']).toContain('permission-v1')
    const off = { settings: { features: { scopeVersions: ['v2' as const] } } }
    expect((await documentAt(newFixture(off), path))['capabilities']).not.toContain('permission-v1')
    expect((await tokensWith({}, { scope: 'openid patient/*.read' }))['scope']).toBe('openid patient/*.read')
    expect((await tokensWith(off, { scope: 'openid patient/*.read' }))['scope']).toBe('openid')
  }),
  row(
    'SCP-010',
    'a v1 scope that is granted whole comes back in its own spelling; a part of it, which v1 cannot say, in v2',
    async () => {
      for (const scope of ['patient/Observation.read', 'user/*.read'])
        expect((await tokensWith({}, { scope }))['scope']).toBe(scope)
      expect((await tokensWith({}, { scope: 'patient/*.*' }))['scope']).toBe('patient/*.rs')
      expect((await tokensWith({}, { scope: 'patient/*.read' }, { approved: 'patient/*.r' }))['scope']).toBe(
        'patient/*.r'
      )
    }
  ),
  row(
    'SCP-014',
    'a scope with undefined or disordered letters is left out, refuses the request, or is replaced by the ' +
      "server's default, as the policy says",
    async () => {
      for (const wrong of ['patient/Observation.dus', 'patient/Observation.sr', 'patient/Observation.rx']) {
        const scope = `openid ${wrong}`
        expect((await tokensWith({}, { scope }))['scope']).toBe('openid')
        await expectRedirects('invalid_scope', [{ scope }], { malformedScope: 'reject' })
        expect(
          (
            await tokensWith(
              { policy: { malformedScope: 'serverDefault' }, settings: { defaultScope: 'patient/Patient.r' } },
              { scope }
            )
          )['scope']
        ).toBe('openid patient/Patient.r')
      }
    }
  ),
  row(
    'SCP-022',
    'no search parameter is privileged or required: one that only the host knows is granted as requested ' +
      'where the host evaluates it, and means only itself',
    async () => {
      const own = 'patient/Observation.rs?x-own=1'
      const resourceSide = {
        searchParameters: [
          ...readableParameters,
          { resourceType: 'Observation', name: 'x-own', type: 'token' as const }
        ]
      }
      const evaluating = { settings: { features: { resourceSide } } }
      expect((await tokensWith(evaluating, { scope: own }))['scope']).toBe(own)
      expect(
        (await tokensWith({ ...registeredFor(own), ...evaluating }, { scope: 'patient/Observation.rs' }))['scope']
      ).not.toBe('patient/Observation.rs')
    }
  ),
  row(
    'SCP-033 SCP-042',
    "each scope is described in short and in full, in a language of the host's; a wildcard says that it " +
      'includes what is to come',
    () => {
      const explained = explain(parse('patient/*.rs user/Observation.r openid launch/patient offline_access'))
      if (explained._tag === 'Left') throw new Error('too complex')
      expect(explained.right.allows.length).toBe(5)
      for (const { short, long } of explained.right.allows)
        expect(Math.min(short.length, long.length)).toBeGreaterThan(10)
      const [wildcard] = explained.right.allows.filter(({ marks }) => marks.everyType)
      expect([wildcard?.scope.text, wildcard?.long]).toEqual(['patient/*.rs', expect.stringMatching(/future/)])
      expect(explained.right.allows.filter(({ marks }) => marks.everyType).length).toBe(1)
    }
  ),
  row(
    'SCP-034 SCP-105',
    'what is granted may be all, a part, other spellings, or nothing, and never more than was requested',
    async () => {
      expect(
        (await tokensWith({}, { scope: 'patient/*.rs user/*.rs' }, { approved: 'patient/Observation.r' }))['scope']
      ).toBe('patient/Observation.r')
      expect(
        (await tokensWith({}, { scope: 'patient/Observation.rs' }, { approved: 'patient/*.cruds system/*.rs' }))[
          'scope'
        ]
      ).toBe('patient/Observation.rs')
      expect(
        (await tokensWith({ policy: { emptyGrant: 'emptyString' } }, { scope: 'patient/*.rs' }, { approved: '' }))[
          'scope'
        ]
      ).toBe('')
      expect(
        (await tokensWith(registeredFor('patient/Observation.rs'), { scope: 'patient/*.cruds foo' }))['scope']
      ).toBe('patient/Observation.rs')
    }
  ),
  row(
    'SCP-035',
    'what was requested and not granted is found by meaning, and so is what was granted and not requested',
    () => {
      const comparison = compareGrant(
        parse('patient/*.rs openid'),
        parse('patient/*.r patient/Observation.s openid user/Patient.r')
      )
      if (comparison._tag === 'Left') throw new Error('too complex')
      expect([
        comparison.right.verdict,
        comparison.right.missing.map(({ text }) => text),
        comparison.right.excess.map(({ text }) => text)
      ]).toEqual(['different', ['patient/*.s'], ['user/Patient.r']])
      expect(compareGrant(parse('patient/*.read'), parse('patient/*.s patient/*.r'))).toMatchObject({
        _tag: 'Right',
        right: { verdict: 'equal' }
      })
    }
  ),
  row('SCP-038', 'extension scopes can be announced', async () => {
    const fixture = newFixture({ settings: { scopesSupported: ['openid', 'https://ehr.example/scope', '__ward'] } })
    expect((await documentAt(fixture, '/fhir/.well-known/smart-configuration'))['scopes_supported']).toEqual([
      'openid',
      'https://ehr.example/scope',
      '__ward'
    ])
  }),
  row('SCP-039', 'an extension scope is granted to a client that registered it, byte for byte', async () => {
    const scope = 'https://ehr.example/scope?a=%2F __ward openid'
    expect((await tokensWith(registeredFor(scope), { scope }))['scope']).toBe(scope)
    expect((await tokensWith({}, { scope }))['scope']).toBe('openid')
  }),
  row(
    'SCP-103',
    'the response says which scope was issued, always, and so whenever it is another than was requested',
    async () => {
      for (const [scope, granted] of [
        ['openid', 'openid'],
        ['openid foo', 'openid'],
        ['openid patient/*.cruds', 'openid patient/*.rs']
      ] as const) {
        expect((await tokensWith({}, { scope }))['scope']).toBe(granted)
      }
    }
  ),
  row('SCP-104', 'a request without scope fails with invalid_scope', async () => {
    await expectRedirects('invalid_scope', [{ scope: null }, { scope: '' }])
  })
]

const shown = [...languageRows, ...interactionRows, ...serverRows]

export const scopes: Area = {
  area: 'scopes',
  shown,
  outside: [
    outside(
      'SCP-036 SCP-043',
      "the app's author: what to ask for; `normalize` and `compareGrant` show what is superfluous"
    )
  ]
}
