/** Rules whose inputs other rules would refuse too: what the answer says shows which rule refused. */
import { describe, expect, it } from 'vitest'
import { authorize, newFixture } from '../../../support/server-fixture.js'
import { decide } from '../../../../src/protocol/access/decision.js'
import { interactionOf } from '../../../../src/protocol/access/read-interaction.js'
import { idTokenHeadRules } from '../../../../src/protocol/app/id-token-rules.js'
import { metadataRules } from '../../../../src/protocol/client/metadata.js'
import { checkSmartConfiguration } from '../../../../src/protocol/discovery/smart-configuration-check.js'
import { refreshScopeRules } from '../../../../src/protocol/grant/refresh.js'
import { launchContextRules } from '../../../../src/protocol/launch/launch-context-rules.js'
import { firstRefusal } from '../../../../src/protocol/machine/rules.js'
import { defaultPolicy } from '../../../../src/protocol/policy/policy.js'
import { parse } from '../../../../src/scopes/parse.js'
import { limits } from '../../../../src/values/limits/limits.js'

const lists = [
  'scopes_supported',
  'response_types_supported',
  'grant_types_supported',
  'token_endpoint_auth_methods_supported',
  'token_endpoint_auth_signing_alg_values_supported',
  'code_challenge_methods_supported',
  'capabilities'
]

const findingsAt = (member: string, value: unknown): ReadonlyArray<string> =>
  checkSmartConfiguration({ [member]: value }, { specVersion: '2.2.0', purpose: 'launch' })
    .filter(({ at }) => at === `/${member}`)
    .map(({ message }) => message)

describe('the check of a discovery document', () => {
  it.each(lists)('says that %s is no list, and that it is empty', (member) => {
    expect(findingsAt(member, 'text')).toContain(`${member} is no list of texts`)
    expect(findingsAt(member, [])).toContain(`${member} has no members`)
  })
})

describe('the first refusal', () => {
  it('of a scope that permits nothing names the scope, also where it is not registered', async () => {
    const fixture = newFixture({ policy: { unknownScope: 'reject' } })
    await authorize(fixture, { scope: 'patient/Observation.rs?nothing-known=1' })
    expect(fixture.audited.at(-1)?.refusal).toMatchObject({ _tag: 'ScopeOpensNothing' })
  })

  it('of an id_token for another app says that the app is missing, before that another is there', () => {
    const facts = {
      idToken: {
        header: { alg: 'RS256' },
        claims: { iss: 'https://ehr.example', aud: 'other', sub: 'alice', exp: 1200, iat: 1000, nonce: 'nonce' }
      },
      issuer: 'https://ehr.example',
      clientId: 'app',
      nonce: 'nonce',
      tolerances: {},
      now: 1000,
      skewSeconds: 60,
      algorithms: ['RS256']
    } as unknown as Parameters<(typeof idTokenHeadRules)[number]['check']>[0]
    expect(firstRefusal(idTokenHeadRules, facts)).toMatchObject({ claim: 'aud', expected: 'the client_id' })
  })

  it('of a lost refresh scope says whether its registration lost it', () => {
    const lost = (registered: string): unknown =>
      firstRefusal(refreshScopeRules, {
        access: 'offline_access',
        left: parse('patient/*.rs'),
        client: { scope: parse(registered) }
      } as unknown as Parameters<(typeof refreshScopeRules)[number]['check']>[0])
    expect(lost('patient/*.rs')).toMatchObject({ _tag: 'ScopeNoLongerRegistered' })
    expect(lost('offline_access patient/*.rs')).toMatchObject({ _tag: 'ScopeNoLongerPermitted' })
  })

  it('of a key set URL that is too long names the member, for a client that needs one', () => {
    const metadata = {
      redirect_uris: ['https://app.example/callback'],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks_uri: `https://app.example/${'a'.repeat(limits.registeredAddress.default)}`
    }
    const settings = { allowLoopback: false }
    expect(firstRefusal(metadataRules, { settings, metadata })).not.toBeNull()
    expect(
      firstRefusal(metadataRules, { settings, metadata: { ...metadata, jwks_uri: 'https://app.example/k' } })
    ).toBe(null)
  })

  it.each([
    ['foreign-compartment', 'patient/*.rs', 'GET', '/Patient/456/Observation'],
    ['acting-type', 'patient/*.cruds', 'POST', '/Subscription'],
    ['insufficient-scope', 'patient/Observation.rs', 'GET', '/Condition']
  ])('of a FHIR request says %s for %s and %s %s', (reason, scope, method, path) => {
    const facts = { clientId: 'app', scopes: parse(scope), context: { patient: '123' }, user: null }
    const body = method === 'POST' ? '{"resourceType":"Subscription"}' : ''
    const headers = { 'content-type': 'application/fhir+json' }
    expect(decide(defaultPolicy, facts, interactionOf({ method, path, query: '', headers, body }))).toMatchObject({
      _tag: 'Deny',
      reason
    })
  })

  it.each([
    [limits.contextEntries.default, true],
    [limits.contextEntries.default + 1, false]
  ])('of a launch context with %i entries', (count, holds) => {
    const context = { fhirContext: Array.from({ length: count }, () => ({ reference: 'Location/7' })) }
    expect(firstRefusal(launchContextRules, { release: '2.2.0', context }) === null).toBe(holds)
  })
})
