/** Documents such as vendors publish open a launch with the entry that is found for them. */
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { good } from '../../support/app/parties.js'
import type { VendorDocuments } from '../../support/app/vendor-server.js'
import {
  failureAt,
  failureAtVendor,
  launchAtVendor,
  ordinaryEntry,
  vendorDeviation,
  vendorDocuments,
  vendorEntry
} from '../../support/app/vendor-server.js'
import { failureAdvice } from '../../../src/protocol/app/failure.js'
import { tolerancesFor } from '../../../src/protocol/app/trust/tolerances.js'
import type { TrustEntry } from '../../../src/protocol/app/trust/trust-entry.js'
import { trustEntryFor } from '../../../src/protocol/app/trust/trust-entry.js'
import type { TrustedServer } from '../../../src/protocol/app/trusted-server.js'

/** `redirects` are seen, and not published. */
const wantedOf = (vendor: VendorDocuments) => ({
  ...vendorEntry(vendor),
  ...(vendor.redirects === true ? { tolerances: { discoveryRedirects: true } } : {}),
  purpose: vendor.purpose ?? ('launch' as const),
  identity: vendor.identity !== false
})

const entryOf = (vendor: VendorDocuments): TrustEntry => good(trustEntryFor(vendor, wantedOf(vendor)))

const strictEntry = ({ fhirBaseUrl, authentication, clientId, redirectUri }: TrustedServer): TrustedServer => ({
  fhirBaseUrl,
  authentication,
  clientId,
  redirectUri
})

describe('the documents of vendors', () => {
  it.each(vendorDocuments.map((one) => [one.vendor, one] as const))('%s', async (_vendor, vendor) => {
    const { entry, reasons } = entryOf(vendor)
    expect(reasons.map(({ setting }) => setting).toSorted()).toEqual([...vendor.settings].toSorted())
    expect(await failureAtVendor(entry, vendor)).toBeNull()
    // Without the members that were found there is a failure, and its advice names a member.
    const strict = await failureAtVendor(strictEntry(wantedOf(vendor)), vendor)
    const needsNone = reasons.length === 0 && vendor.known === undefined && vendor.redirects !== true
    expect(strict === null).toBe(needsNone)
    if (strict !== null) expect(failureAdvice(strict)).toMatch(/tolerances|authentication|Origins|issuer/)
  })

  it('are many', () => {
    const opened = vendorDocuments.map((vendor) => trustEntryFor(vendor, wantedOf(vendor))).filter(Either.isRight)
    console.log(`${String(opened.length)} of ${String(vendorDocuments.length)} vendors have an entry`)
    expect(opened).toHaveLength(vendorDocuments.length)
    expect(opened.length).toBeGreaterThan(15)
  })

  it('that name another issuer give an entry with which id_tokens of both issuers are accepted', async () => {
    const canvas = vendorDocuments.find(({ vendor }) => vendor === 'Canvas')
    if (canvas === undefined) throw new Error('no document')
    const { entry } = entryOf(canvas)
    for (const iss of ['https://ehr.example', 'https://ehr.example/auth'])
      expect(await failureAt(entry, { ...vendorDeviation(canvas), claims: { iss } })).toBeNull()
    expect(
      await failureAt(entry, { ...vendorDeviation(canvas), claims: { iss: 'https://evil.example' } })
    ).toMatchObject({
      _tag: 'IdTokenWrong',
      claim: 'iss'
    })
  })
})

describe('an entry', () => {
  it.each([
    ['user information', 'https://ehr.example@evil.example/token', 'EndpointInsecure'],
    ['http', 'http://ehr.example/token', 'EndpointInsecure'],
    ['another scheme', 'javascript:alert(1)', 'EndpointInsecure']
  ])('is not found for a token endpoint with %s', (_what, token_endpoint, tag) => {
    const found = trustEntryFor(
      { smartConfiguration: { token_endpoint, authorization_endpoint: 'https://ehr.example/a' } },
      { ...ordinaryEntry, purpose: 'launch', identity: false }
    )
    expect(found).toMatchObject({ left: { _tag: tag } })
  })

  it('is not found without an issuer, when an identity is wanted', () => {
    const { issuer: _issuer, ...smartConfiguration } = vendorDocuments[0]?.smartConfiguration ?? {}
    const found = trustEntryFor({ smartConfiguration }, { ...ordinaryEntry, purpose: 'launch', identity: true })
    expect(found).toEqual(Either.left({ _tag: 'IssuerMissing' }))
  })

  it('is not found for an app without a way to authenticate', () => {
    const [first] = vendorDocuments
    if (first === undefined) throw new Error('no document')
    const found = trustEntryFor(first, { ...wantedOf(first), authentication: [] })
    expect(found).toMatchObject({ left: { _tag: 'AuthenticationNotOffered' } })
  })

  it('has a reason for each member, with the failure that it prevents', () => {
    for (const vendor of vendorDocuments) {
      for (const { failure, risk, setting } of entryOf(vendor).reasons) {
        expect(risk).toMatch(/\.$/)
        const name = setting.replace('tolerances.', '')
        if (name !== setting) expect(tolerancesFor(failure)).toContain(name)
      }
    }
  })

  it('of a backend service ignores what only launches and identities use', () => {
    const found = trustEntryFor(
      { smartConfiguration: { token_endpoint: 'https://ehr.example/token', issuer: 'https://identity.example' } },
      { ...ordinaryEntry, authentication: [{ method: 'private_key_jwt' }], purpose: 'backend', identity: false }
    )
    expect(good(found).reasons).toEqual([])
  })
})

it('the issuer and its keys may be on origins that receive neither codes nor credentials', async () => {
  const athena = vendorDocuments.find(({ vendor }) => vendor === 'athenahealth')
  if (athena === undefined) throw new Error('no document')
  const { entry } = entryOf(athena)
  const { outcome, sent } = await launchAtVendor(entry, vendorDeviation(athena))
  expect(good(outcome).facts.user).toMatchObject({ sub: 'u1', claims: { name: 'Dr. Jones' } })
  const elsewhere = sent.filter(({ url }) => !url.startsWith('https://ehr.example/'))
  expect(elsewhere.map(({ url }) => url)).toEqual([
    'https://identity.example/oauth2/aus1/.well-known/openid-configuration',
    'https://identity.example/oauth2/aus1/v1/keys'
  ])
  expect(elsewhere.every(({ body, headers }) => body === '' && headers['authorization'] === undefined)).toBe(true)
  for (const member of ['token_endpoint', 'authorization_endpoint']) {
    const smart = { ...athena.smartConfiguration, [member]: 'https://identity.example/oauth2/aus1/v1/x' }
    expect(await failureAt(entry, { ...vendorDeviation(athena), smart })).toMatchObject({
      _tag: 'EndpointElsewhere',
      member
    })
  }
})
