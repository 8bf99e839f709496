/**
 * Discovery claims what is so: for random settings, each claim of each document is compared with what the server does.
 */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Documents, Facts } from './discovery-claims.js'
import { claimsOf, documentsOf, observe, untrue, worldWith } from './discovery-claims.js'
import type { ServerSettings } from '../../src/engine/server/settings.js'
import { clientAuthenticationMethods } from '../../src/protocol/client/client.js'

const someOf = <Value>(...all: ReadonlyArray<Value>): fc.Arbitrary<ReadonlyArray<Value>> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(all) }, { weight: 2, arbitrary: fc.subarray([...all]) })

const settings: fc.Arbitrary<Partial<ServerSettings>> = fc.record({
  features: fc.record({
    launchKinds: someOf<'ehr' | 'standalone'>('ehr', 'standalone'),
    contextTypes: someOf('patient', 'encounter'),
    offlineAccess: fc.boolean(),
    onlineAccess: fc.boolean(),
    levels: someOf<'patient' | 'user'>('patient', 'user'),
    scopeVersions: someOf<'v1' | 'v2'>('v1', 'v2'),
    openid: fc.boolean(),
    authenticationMethods: someOf(...clientAuthenticationMethods),
    backendServices: fc.boolean(),
    introspection: fc.boolean(),
    revocation: fc.boolean(),
    banner: fc.boolean(),
    style: fc.boolean()
  }),
  policy: fc.record({
    specVersion: fc.constantFrom('2.0.0', '2.1.0', '2.2.0'),
    allowClientSecretPost: fc.boolean(),
    issParameter: fc.boolean(),
    advertiseRefreshGrant: fc.boolean(),
    introspectionAuth: fc.constantFrom('clientCredentialsOrBearer', 'clientCredentials', 'bearer', 'anonymous'),
    introspectForeignTokens: fc.constantFrom('resourceServersOnly', 'anyAuthorised'),
    accessTokenFormat: fc.constantFrom('opaque', 'jwt'),
    onlineAccessInStandalone: fc.constantFrom('allow', 'drop'),
    bothAccessScopes: fc.constantFrom('offline', 'online'),
    backendNonSystemScopes: fc.constantFrom('reject', 'allow'),
    emptyGrant: fc.constantFrom('access_denied', 'emptyString'),
    noPatientAvailable: fc.constantFrom('dropScopes', 'deny'),
    pkce: fc.constantFrom('required', 'optionalForV1Clients')
  }),
  registration: fc.constantFrom({ mode: 'open' } as const, { mode: 'closed' } as const)
})

/** Settings that a sample rarely has, each with what decides about refresh tokens. */
const rare: ReadonlyArray<Partial<ServerSettings>> = (['standalone', 'ehr'] as const).flatMap((kind) =>
  (['allow', 'drop', 'offlineInstead'] as const).flatMap((onlineAccessInStandalone) =>
    [true, false].map((offlineAccess) => ({
      features: { launchKinds: [kind], onlineAccess: true, offlineAccess },
      policy: { onlineAccessInStandalone }
    }))
  )
)

interface Looked {
  readonly settings: Partial<ServerSettings>
  readonly documents: Documents
  readonly facts: Facts
}

/** What a server says and does; null where its settings are refused. */
const look = async (chosen: Partial<ServerSettings>): Promise<Looked | null> => {
  const fixture = worldWith(chosen)
  if (fixture === null) return null
  const documents = await documentsOf(fixture)
  const scopes = (documents.oauth?.['scopes_supported'] ?? []) as ReadonlyArray<string>
  return { settings: chosen, documents, facts: await observe(fixture, scopes) }
}

/** Wrong documents: each changes what a server published into something that is not so somewhere. */
const without =
  (...members: ReadonlyArray<string>) =>
  (document: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(Object.entries(document).filter(([name]) => !members.includes(name)))

const among = (member: string, value: string) => (document: Readonly<Record<string, unknown>>) => ({
  ...document,
  [member]: [...new Set([...((document[member] as ReadonlyArray<string> | undefined) ?? []), value])]
})

const lacking = (member: string, value: string) => (document: Readonly<Record<string, unknown>>) => ({
  ...document,
  [member]: ((document[member] as ReadonlyArray<string> | undefined) ?? []).filter((one) => one !== value)
})

const lies: Readonly<
  Record<string, (document: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>>
> = {
  'request_uri_parameter_supported is left out': without('request_uri_parameter_supported'),
  'response_modes_supported is left out': without('response_modes_supported'),
  'grant_types_supported is left out': without('grant_types_supported'),
  'the ways to authenticate are left out': without('token_endpoint_auth_methods_supported'),
  'the ways to authenticate for revocation are left out': without('revocation_endpoint_auth_methods_supported'),
  'the introspection endpoint is left out': without('introspection_endpoint'),
  'iss is announced': (document) => ({ ...document, authorization_response_iss_parameter_supported: true }),
  'iss is not announced': without('authorization_response_iss_parameter_supported'),
  'plain challenges are announced': among('code_challenge_methods_supported', 'plain'),
  'a token as response is announced': among('response_types_supported', 'token'),
  'secrets in the body are announced': among('token_endpoint_auth_methods_supported', 'client_secret_post'),
  'backend services are announced': among('grant_types_supported', 'client_credentials'),
  'anonymous introspection is announced': among('introspection_endpoint_auth_methods_supported', 'none'),
  'bearer tokens for introspection are not announced': lacking(
    'introspection_endpoint_auth_methods_supported',
    'Bearer'
  ),
  'the registration endpoint is announced': (document) => ({
    ...document,
    registration_endpoint: 'https://ehr.example/register'
  }),
  'a scope that no client is granted is announced': among('scopes_supported', 'user/*.read'),
  'context-banner is announced': among('capabilities', 'context-banner'),
  'context-style is announced': among('capabilities', 'context-style'),
  'context-style is not announced': lacking('capabilities', 'context-style'),
  'client-public is announced': among('capabilities', 'client-public'),
  'permission-v1 is announced': among('capabilities', 'permission-v1'),
  'permission-online is announced': among('capabilities', 'permission-online'),
  'permission-user is not announced': lacking('capabilities', 'permission-user')
}

describe('discovery', { timeout: 240_000 }, () => {
  const looked = Promise.all([...rare, ...fc.sample(settings, { numRuns: 40, seed: 20 })].map(look)).then((all) =>
    all.flatMap((one) => one ?? [])
  )

  it('says what is so, and leaves out nothing whose default is not so, in every document', async () => {
    const all = await looked
    expect(all.length).toBeGreaterThan(15)
    for (const one of all)
      expect([one.settings, untrue(claimsOf(one.documents), one.facts)]).toEqual([one.settings, []])
  })

  it.each(Object.entries(lies))('a document is caught in which %s', async (_name, lie) => {
    const all = await looked
    const reported = all.flatMap(({ documents: { smart, oauth, openid }, facts }) =>
      untrue(claimsOf({ smart: smart && lie(smart), oauth: oauth && lie(oauth), openid: openid && lie(openid) }), facts)
    )
    expect(reported).not.toEqual([])
  })
})
