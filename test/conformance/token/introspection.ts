/** Introspection (SMART "token-introspection", RFC 7662): what shows that it is met. */
import { expect } from 'vitest'
import type { Area } from '../matrix.js'
import {
  asBearer,
  asNobody,
  asOther,
  asRs,
  answered,
  asserted,
  backendToken,
  callersWorld,
  inactive,
  introspect,
  obtainTokens,
  revoke
} from '../../support/server/callers.js'
import type { Fixture } from '../../support/server-fixture.js'
import { bodyOf, fhirBaseUrl, get, issuer, refresh } from '../../support/server-fixture.js'
import type { SmartPolicy } from '../../../src/protocol/policy/policy.js'

const releases = ['2.0.0', '2.1.0', '2.2.0'] as const

const speaking = (specVersion: SmartPolicy['specVersion'], policy: Partial<SmartPolicy> = {}): Fixture =>
  callersWorld({ policy: { specVersion, ...policy } })

const eachRelease = (run: (fixture: Fixture) => Promise<void>) => async (): Promise<void> => {
  for (const release of releases) await run(speaking(release))
}

const reported = async (fixture: Fixture, token: string): Promise<Readonly<Record<string, unknown>>> =>
  bodyOf(await introspect(fixture, token))

const documents = [
  '/fhir/.well-known/smart-configuration',
  '/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration'
]

/** An EHR launch with every member that a launch can bring. */
const launched = async (fixture: Fixture): Promise<Readonly<Record<string, unknown>>> => {
  const context = {
    patient: '123',
    encounter: 'e1',
    fhirContext: [{ reference: 'ImagingStudy/9' }],
    need_patient_banner: false,
    intent: 'reconcile',
    smart_style_url: 'https://ehr.example/style.json',
    tenant: 't1',
    extensions: { __shift: 'night' }
  }
  const launch = await fixture.server.ehr.offerLaunch({ clientId: 'pub-app', launchedBy: 'alice', context })()
  return (
    await obtainTokens(fixture, {
      scope: 'launch openid fhirUser patient/*.rs',
      launch: launch._tag === 'Right' ? launch.right : launch.left._tag
    })
  ).body
}

export const introspectionArea: Area = {
  area: 'introspection',
  shown: [
    {
      ids: ['INT-001', 'INT-002', 'INT-003'],
      by:
        'the endpoint answers, and all discovery documents name it with its methods; a server that does not ' +
        'offer it names and serves none',
      run: eachRelease(async (fixture) => {
        for (const path of documents) {
          expect(bodyOf(await answered(fixture, get(path)))).toMatchObject({
            introspection_endpoint: `${issuer}/introspect`,
            introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'private_key_jwt', 'Bearer'],
            introspection_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384']
          })
        }
        const without = callersWorld({ settings: { features: { introspection: false } } })
        for (const path of documents)
          expect(Object.keys(bodyOf(await answered(without, get(path)))).join()).not.toContain('introspection')
        expect(() => introspect(without, 'x')).toThrow('nobody answers')
      })
    },
    {
      ids: ['INT-004', 'INT-005', 'INT-006', 'INT-007', 'INT-303'],
      by: 'active, scope, client_id and exp of a token; those of a narrowed one are its own',
      run: eachRelease(async (fixture) => {
        const tokens = await obtainTokens(fixture)
        const { scope, expires_in: life } = tokens.body
        expect(await reported(fixture, tokens.access)).toMatchObject({
          active: true,
          scope,
          client_id: 'pub-app',
          exp: fixture.clock.now + Number(life)
        })
        fixture.clock.now += 7
        const narrowed = bodyOf(await refresh(fixture, tokens.refresh, { scope: 'patient/Observation.r' }))
        expect(await reported(fixture, String(narrowed['access_token']))).toMatchObject({
          scope: 'patient/Observation.r',
          exp: fixture.clock.now + 3600
        })
      })
    },
    {
      ids: ['INT-008', 'INT-014', 'INT-201'],
      by: 'every member of launch context as the token response of the release has it; ids are bare',
      run: eachRelease(async (fixture) => {
        const { access_token: access, id_token: _id, expires_in: _life, ...context } = await launched(fixture)
        expect(Object.keys(context)).toContain('fhirContext')
        expect(await reported(fixture, String(access))).toMatchObject({ ...context, patient: '123', iss: issuer })
      })
    },
    {
      ids: ['INT-009', 'INT-010', 'INT-011'],
      by: 'iss, sub and fhirUser exactly where an id_token was issued; iss and sub always, where the policy says so',
      run: async () => {
        const fixture = callersWorld()
        const { access, body } = await obtainTokens(fixture)
        const named = { iss: issuer, sub: 'alice', fhirUser: `${fhirBaseUrl}/Practitioner/p1` }
        expect(typeof body['id_token']).toBe('string')
        expect(await reported(fixture, access)).toMatchObject(named)
        for (const token of [
          (await obtainTokens(fixture, { scope: 'launch/patient patient/*.rs' })).access,
          await backendToken(fixture)
        ]) {
          expect(Object.keys(await reported(fixture, token)).filter((name) => name in named)).toEqual([])
        }
        const always = callersWorld({ policy: { introspectionIss: 'always' } })
        expect(await reported(always, await backendToken(always))).toMatchObject({ iss: issuer, sub: 'backend' })
        const { fhirUser, sub } = await reported(
          always,
          (await obtainTokens(always, { scope: 'launch/patient patient/*.rs' })).access
        )
        expect([fhirUser, sub]).toEqual([undefined, 'alice'])
      }
    },
    {
      ids: ['INT-012', 'INT-013', 'INT-103', 'INT-109'],
      by:
        'a caller without credentials, or with wrong ones, is refused as the RFCs say; client credentials of each ' +
        'method are good',
      run: eachRelease(async (fixture) => {
        const own = await backendToken(fixture)
        const { access } = await obtainTokens(fixture)
        const answers = [
          await introspect(fixture, access, {}),
          await introspect(fixture, access, asNobody),
          await introspect(fixture, access, asBearer('unknown')),
          await introspect(fixture, access, asBearer(access))
        ]
        expect(answers.map((answer) => [answer.status, bodyOf(answer)['error']])).toEqual([
          [401, 'invalid_client'],
          [401, 'invalid_client'],
          [401, 'invalid_token'],
          [403, 'insufficient_scope']
        ])
        expect(answers.slice(1).map(({ headers }) => String(headers['www-authenticate']).split(' ')[0])).toEqual([
          'Basic',
          'Bearer',
          'Bearer'
        ])
        expect((await reported(fixture, access))['active']).toBe(true)
        expect(
          bodyOf(await introspect(fixture, own, {}, asserted(fixture, 'backend', `${issuer}/introspect`)))['active']
        ).toBe(true)
      })
    },
    {
      ids: ['INT-101', 'INT-113'],
      by: 'a form by POST with a token; anything else is refused, and a token in an address is not read',
      run: async () => {
        const fixture = callersWorld()
        const { access } = await obtainTokens(fixture)
        expect(bodyOf(await introspect(fixture, null))).toMatchObject({ error: 'invalid_request' })
        expect((await answered(fixture, get('/introspect', `token=${access}`, asRs))).status).toBe(405)
      }
    },
    {
      ids: ['INT-102'],
      by: 'hints change nothing',
      run: async () => {
        const fixture = callersWorld()
        const { access } = await obtainTokens(fixture)
        for (const hint of ['access_token', 'refresh_token', 'anything']) {
          expect(await introspect(fixture, access, asRs, { token_type_hint: hint })).toEqual(
            await introspect(fixture, access)
          )
        }
      }
    },
    {
      ids: ['INT-104', 'INT-105', 'INT-106', 'INT-110', 'INT-111'],
      by:
        'unknown, expired, revoked, foreign and refresh tokens: the same 200 with {"active":false}, checked anew ' +
        'each time',
      run: eachRelease(async (fixture) => {
        const dead = await obtainTokens(fixture)
        const [living, own, ofOther] = [
          await obtainTokens(fixture),
          await obtainTokens(fixture),
          await backendToken(fixture)
        ]
        await revoke(fixture, dead.access)
        expect((await reported(fixture, living.access))['active']).toBe(true)
        expect(await introspect(fixture, 'unknown')).toEqual(inactive)
        expect(await introspect(fixture, dead.access)).toEqual(inactive)
        expect(await introspect(fixture, ofOther, asOther)).toEqual(inactive)
        expect(await introspect(fixture, own.refresh)).toEqual(inactive)
        await fixture.server.admin.revokeGrant(living.code.split('.')[0] ?? '')()
        expect(await introspect(fixture, living.access)).toEqual(inactive)
        fixture.clock.now += 3600
        expect(await introspect(fixture, own.access)).toEqual(inactive)
      })
    },
    {
      ids: ['INT-107'],
      by:
        'of the optional members token_type alone is added; a token for another server is not active, so its ' +
        'audience may be left out',
      run: async () => {
        const fixture = callersWorld()
        const { access } = await obtainTokens(fixture, { scope: 'user/*.rs' })
        expect(Object.keys(await reported(fixture, access)).toSorted()).toEqual([
          'active',
          'client_id',
          'exp',
          'scope',
          'token_type'
        ])
      }
    },
    {
      ids: ['INT-108'],
      by:
        'what a caller receives depends on who it is: its own tokens, those of all, or by policy those of all for ' +
        'every caller',
      run: async () => {
        const fixture = callersWorld()
        const { access } = await obtainTokens(fixture)
        expect([
          (await introspect(fixture, access, asOther)).body,
          (await reported(fixture, access))['active']
        ]).toEqual([inactive.body, true])
        const open = callersWorld({ policy: { introspectForeignTokens: 'anyAuthorised' } })
        expect(bodyOf(await introspect(open, (await obtainTokens(open)).access, asOther))['active']).toBe(true)
      }
    },
    {
      ids: ['INT-301', 'INT-302'],
      by: 'a bearer whose client may introspect sees the tokens of any client; 2.2.0 cannot be configured without',
      run: eachRelease(async (fixture) => {
        const { access } = await obtainTokens(fixture)
        const bearer = asBearer(await backendToken(fixture, 'gateway'))
        expect(bodyOf(await introspect(fixture, access, bearer))).toMatchObject({ active: true, client_id: 'pub-app' })
        expect(bodyOf(await introspect(fixture, await backendToken(fixture), bearer))).toMatchObject({
          active: true,
          client_id: 'backend'
        })
        expect(() => speaking('2.2.0', { introspectionAuth: 'clientCredentials' })).toThrow('policy.introspectionAuth')
        const only = speaking('2.0.0', { introspectionAuth: 'clientCredentials' })
        expect((await introspect(only, 'x', bearer)).status).toBe(401)
      })
    }
  ],
  outside: [
    {
      ids: ['INT-112'],
      why: 'for the caching resource server: the toolkit keeps no verdict, and asks the store every time'
    }
  ]
}
