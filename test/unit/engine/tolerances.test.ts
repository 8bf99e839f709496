/** Each tolerance is named by the failure that it prevents, prevents it, and widens nothing else. */
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { good } from '../../support/app/parties.js'
import { everyTolerance, toleranceCases } from '../../support/app/tolerance-cases.js'
import { failureAt, launchAtVendor, newIssuerKey, ordinaryEntry, vendorPorts } from '../../support/app/vendor-server.js'
import { issuerKey } from '../../support/app/vendor-server.js'
import { backendService } from '../../../src/engine/app/backend-service.js'
import { appFailureTable, failureAdvice } from '../../../src/protocol/app/failure.js'
import type { AppFailure } from '../../../src/protocol/app/failure.js'
import type { ServerTolerances, ToleranceName } from '../../../src/protocol/app/trust/tolerances.js'
import {
  readTolerances,
  toleranceNames,
  tolerancesFor,
  toleranceTable
} from '../../../src/protocol/app/trust/tolerances.js'
import type { TrustedServer } from '../../../src/protocol/app/trusted-server.js'
import { trustList } from '../../../src/protocol/app/trusted-server.js'
import { smartApp } from '../../../src/engine/app/smart-app.js'
import { json } from '../../../src/protocol/http/message.js'

const with_ = (entry: Partial<TrustedServer> | undefined, tolerances: ServerTolerances): TrustedServer => ({
  ...ordinaryEntry,
  ...entry,
  tolerances: { ...entry?.tolerances, ...tolerances }
})

const cases = Object.entries(toleranceCases).flatMap(([name, ones]) =>
  ones.map((one, index) => [`${name} ${String(index + 1)}`, name as ToleranceName, one] as const)
)

describe('a tolerance', () => {
  it.each(cases)('%s is named by the failure, and prevents it', async (_title, name, { deviation, entry, value }) => {
    const strict = await failureAt(with_(entry, {}), deviation)
    if (strict === null) throw new Error('no failure')
    expect(tolerancesFor(strict)).toContain(name)
    expect(appFailureTable[strict._tag].tolerances).toContain(name)
    expect(failureAdvice(strict)).toContain(`\`${name}\``)
    expect(await failureAt(with_(entry, { [name]: value }), deviation)).toBeNull()
  })

  it.each(cases)('%s is not replaced by others that the failure does not name', async (_title, name, one) => {
    const strict = await failureAt(with_(one.entry, {}), one.deviation)
    if (strict === null) throw new Error('no failure')
    const { [name]: _own, ...others } = everyTolerance
    const unnamed = Object.fromEntries(
      Object.entries(others).filter(([other]) => !tolerancesFor(strict).some((named) => named === other))
    )
    // The name of an alias or an audience that the author did not give does not help either.
    expect(
      await failureAt(with_({ ...one.entry }, { ...unnamed, ...one.entry?.tolerances }), one.deviation)
    ).not.toBeNull()
  })

  it.each(cases)('%s of one server does not hold at another', async (_title, name, { deviation, entry, value }) => {
    const launch = { nonce: null }
    const strict = with_(entry, {})
    const { ports } = vendorPorts(strict, deviation, launch)
    const tolerant = { ...with_(entry, { [name]: value }), fhirBaseUrl: 'https://ehr.example/tolerant' }
    const app = good(smartApp({ trust: trustList([tolerant, strict]), scope: 'openid patient/*.rs' }, ports))
    const begun = await app.launch({ _tag: 'Standalone', iss: strict.fhirBaseUrl })()
    const alone = await launchAtVendor(strict, deviation, 'openid patient/*.rs')
    if (Either.isLeft(begun)) expect(begun).toEqual(alone.outcome)
    else expect(Either.isLeft(alone.outcome) && alone.sent.length > 1).toBe(true)
  })

  it('has a case, a risk in one sentence, and failures that exist', () => {
    expect([...Object.keys(toleranceCases), 'filesElsewhere'].toSorted()).toEqual([...toleranceNames].toSorted())
    for (const row of Object.values(toleranceTable)) {
      expect(row.risk).toMatch(/^[A-Z][^.]*\.$/)
      expect(row.failures.length).toBeGreaterThan(0)
      for (const tag of row.failures) expect(Object.keys(appFailureTable)).toContain(tag)
    }
  })

  it('is off by default, except for text booleans', async () => {
    for (const [, name, { deviation, entry }] of cases) {
      const failure = await failureAt({ ...ordinaryEntry, ...entry }, deviation)
      expect(failure, name).not.toBeNull()
    }
    expect(await failureAt(ordinaryEntry, { token: { need_patient_banner: 'false' } })).toBeNull()
  })

  it.each([
    ['a text for a list', { issuerAliases: 'https://ehr.example/alias', trustedAudiences: 'app' }],
    ['a text for a flag', { nonceNotEchoed: 'true', tlsInsteadOfSignature: 1 }],
    ['an inherited flag', Object.create({ nonceNotEchoed: true }) as object],
    ['no object', 'nonceNotEchoed']
  ])('with %s has no effect', (_what, tolerances) => {
    expect({ ...readTolerances(tolerances) }).toEqual({})
  })
})

describe('files outside the base', () => {
  const file = 'https://files.example/export/1.ndjson'
  const service = (tolerances: ServerTolerances) => {
    const server = {
      ...ordinaryEntry,
      authentication: [{ method: 'private_key_jwt' as const }],
      tolerances
    }
    const { ports, sent } = vendorPorts(server, {}, { nonce: null })
    return { service: backendService({ server, scope: 'system/*.rs' }, ports), sent }
  }

  it('are read with the token where the trusted server names the place', async () => {
    const { service: tolerant, sent } = service({ filesElsewhere: ['https://files.example/export'] })
    expect(good(await tolerant.fhir({ url: file })()).status).toBe(200)
    expect(sent.at(-1)).toMatchObject({ url: file, headers: { authorization: 'Bearer at' } })
  })

  it.each([
    ['elsewhere, when no place is named', {}, file],
    ['at another host', everyTolerance, 'https://evil.example/export/1.ndjson'],
    ['beside the place', everyTolerance, 'https://files.example/exports/1.ndjson'],
    ['above the place', everyTolerance, 'https://files.example/export/../secret'],
    ['with user information', everyTolerance, 'https://files.example@evil.example/export/1'],
    ['by http', { filesElsewhere: ['http://files.example/export'] }, 'http://files.example/export/1.ndjson']
  ])('are refused %s', async (_what, tolerances, url) => {
    const { service: strict, sent } = service(tolerances)
    const failure = await strict.fhir({ url })()
    expect(failure).toMatchObject({ left: { _tag: 'AddressElsewhere' } })
    if (Either.isLeft(failure)) expect(failureAdvice(failure.left)).toContain('filesElsewhere')
    expect(sent.some((request) => request.url === url)).toBe(false)
  })

  it('are not written', async () => {
    const { service: strict } = service({ filesElsewhere: ['https://files.example/export'] })
    expect(await strict.fhir({ url: file, method: 'POST', body: '{}' })()).toMatchObject({
      left: { _tag: 'AddressElsewhere' }
    })
  })
})

describe('keys that rotate', () => {
  const other = newIssuerKey('k2')
  const sameId = newIssuerKey('k1')
  const answering = (sets: ReadonlyArray<ReadonlyArray<unknown>>) => {
    let fetches = 0
    return ({ url }: { readonly url: string }) =>
      url.endsWith('/keys') ? json(200, { keys: sets[Math.min(fetches++, sets.length - 1)] }) : undefined
  }
  const keyFetches = (sent: ReadonlyArray<{ readonly url: string }>): number =>
    sent.filter(({ url }) => url.endsWith('/keys')).length

  it.each([
    ['an unknown kid', [[other.jwk], [issuerKey.jwk]]],
    ['a bad signature', [[sameId.jwk], [issuerKey.jwk]]]
  ])('are fetched once more after %s', async (_what, sets) => {
    const { outcome, sent } = await launchAtVendor(ordinaryEntry, { respond: answering(sets) })
    expect(Either.isRight(outcome)).toBe(true)
    expect(keyFetches(sent)).toBe(2)
  })

  it.each<readonly [string, ReadonlyArray<ReadonlyArray<unknown>>, AppFailure['_tag']]>([
    ['unknown', [[other.jwk]], 'IdTokenKeyUnknown'],
    ['wrong', [[sameId.jwk]], 'IdTokenSignatureWrong'],
    ['unknown, then wrong', [[other.jwk], [sameId.jwk], [issuerKey.jwk]], 'IdTokenSignatureWrong']
  ])('that stay %s are fetched twice, and no more', async (_what, sets, tag) => {
    const { outcome, sent } = await launchAtVendor(ordinaryEntry, { respond: answering(sets) })
    expect(outcome).toMatchObject({ left: { _tag: tag } })
    expect(keyFetches(sent)).toBe(2)
  })

  it('are fetched once when the first answer is right', async () => {
    expect(keyFetches((await launchAtVendor(ordinaryEntry)).sent)).toBe(1)
  })
})

describe('an identity host that cannot be read', () => {
  it.each([
    ['document', 'openid-configuration', 'keysOfSmartConfiguration'],
    ['keys', '/keys', 'tlsInsteadOfSignature']
  ])('is a failure that says so for the %s, and names the way out', async (_what, end, way) => {
    const failure = await failureAt(ordinaryEntry, { respond: ({ url }) => (url.endsWith(end) ? null : undefined) })
    expect(failure).toMatchObject({ _tag: 'IdentityUnavailable', reason: 'Failed to fetch' })
    if (failure !== null) expect(failureAdvice(failure)).toMatch(new RegExp(`CORS.*\`${way}\``))
  })

  it('receives no request when TLS stands in for the signature, and all other rules hold', async () => {
    const entry = with_({}, { tlsInsteadOfSignature: true })
    const { outcome, sent } = await launchAtVendor(entry)
    expect(good(outcome).facts.user?.sub).toBe('u1')
    expect(sent.map(({ url }) => url)).toEqual([
      'https://ehr.example/fhir/.well-known/smart-configuration',
      'https://ehr.example/token'
    ])
    const wrong: ReadonlyArray<object> = [
      { iss: 'https://evil.example' },
      { aud: 'other' },
      { nonce: 'other' },
      { exp: 1 },
      { sub: '' },
      { at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }
    ]
    for (const claims of wrong)
      expect(await failureAt(entry, { claims: { ...claims } })).toMatchObject({ _tag: 'IdTokenWrong' })
  })
})

describe('redirects of discovery', () => {
  const to = (location: string | null) => ({
    respond: ({ url }: { readonly url: string }) =>
      url.endsWith('smart-configuration') ? json(302, {}, location === null ? {} : { location }) : undefined
  })

  it.each([
    ['another host', 'https://evil.example/x'],
    ['http', 'http://ehr.example/x'],
    ['another port', 'https://ehr.example:8443/x'],
    ['a host by two slashes', '//evil.example/x'],
    ['user information', 'https://ehr.example@evil.example/x'],
    ['nowhere', null],
    ['itself, again and again', '/fhir/.well-known/smart-configuration']
  ])('to %s are refused', async (_what, location) => {
    const { outcome, sent } = await launchAtVendor(with_({}, everyTolerance), to(location))
    expect(outcome).toMatchObject({ left: { _tag: 'DiscoveryRedirected', location } })
    expect(sent.every(({ url }) => url.startsWith('https://ehr.example/'))).toBe(true)
    expect(sent.length).toBeLessThan(5)
  })
})

describe('the audience of assertions', () => {
  const audienceWith = async (server: Partial<TrustedServer>, openid: object | null = {}) => {
    const entry = { ...ordinaryEntry, authentication: [{ method: 'private_key_jwt' as const }], ...server }
    const { ports, sent } = vendorPorts(entry, { openid: openid === null ? null : { ...openid } }, { nonce: null })
    const token = await backendService({ server: entry, scope: 'system/*.rs' }, ports).accessToken()
    if (Either.isLeft(token)) return token.left._tag
    const assertion = new URLSearchParams(sent.at(-1)?.body).get('client_assertion') ?? ''
    return (JSON.parse(atob(assertion.split('.')[1] ?? '')) as { readonly aud: unknown }).aud
  }

  it.each<readonly [string, Partial<TrustedServer>, object | null, string]>([
    ['the token endpoint by default', {}, {}, 'https://ehr.example/token'],
    [
      'the token endpoint, though the issuer is named',
      { issuer: 'https://ehr.example' },
      {},
      'https://ehr.example/token'
    ],
    ['the issuer by setting', { assertionAudience: 'issuer' }, {}, 'https://ehr.example'],
    ['the named issuer', { assertionAudience: 'issuer', issuer: 'https://ehr.example' }, null, 'https://ehr.example'],
    [
      'none, if the issuer does not confirm the endpoint',
      { assertionAudience: 'issuer' },
      { token_endpoint: 'https://ehr.example/other' },
      'IssuerMissing'
    ],
    ['none, if the issuer has no document', { assertionAudience: 'issuer' }, null, 'DiscoveryFailed']
  ])('is %s', async (_what, server, openid, expected) => {
    expect(await audienceWith(server, openid)).toBe(expected)
  })
})
