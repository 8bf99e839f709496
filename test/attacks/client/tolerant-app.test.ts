/** An app that tolerates everything at a server: hostile documents and responses are refused as ever. */
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { everyTolerance } from '../../support/app/tolerance-cases.js'
import type { Deviation } from '../../support/app/vendor-server.js'
import { launchAtVendor, newIssuerKey, ordinaryEntry, vendorSecret } from '../../support/app/vendor-server.js'
import { trustEntryFor } from '../../../src/protocol/app/trust/trust-entry.js'
import { trustedOriginsOf } from '../../../src/protocol/app/trusted-server.js'
import { json } from '../../../src/protocol/http/message.js'
import { originOf } from '../../../src/values/urls.js'

const { tlsInsteadOfSignature: _tls, ...withSignature } = everyTolerance
const { keysOfSmartConfiguration: _keys, ...withBothDocuments } = withSignature

const tolerantEntries = [
  ['every tolerance', everyTolerance],
  ['every tolerance with signatures', withSignature],
  ['every tolerance with signatures and both documents', withBothDocuments]
] as const

const hostileUrls = [
  'https://evil.example/x',
  'http://ehr.example/x',
  'https://ehr.example@evil.example/x',
  'https://ehr.example:443@evil.example/x',
  'https://user:password@ehr.example/x',
  'https://ehr.example.evil.example/x',
  'https://identity.example.evil.example/x',
  '//evil.example/x',
  'javascript:alert(1)',
  'file:///etc/passwd',
  'data:application/json,{}',
  'https://ehr.example\\@evil.example/x',
  'https://ehr.example/\n/x',
  'https://ehr.example#@evil.example/x'
]

const text = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const claims = { iss: 'https://ehr.example', aud: 'app', sub: 'admin', iat: 1_000_000, exp: 1_000_300 }
const stranger = newIssuerKey('k1')

/** Attacks, with the failures that may end them: whichever of the documents is read first. */
const attacks: ReadonlyArray<readonly [string, Deviation]> = [
  ...hostileUrls.flatMap((url) => [
    [`a token endpoint at ${JSON.stringify(url)}`, { smart: { token_endpoint: url } }] as const,
    [`an authorization endpoint at ${JSON.stringify(url)}`, { smart: { authorization_endpoint: url } }] as const
  ]),
  ['a token endpoint at an identity origin', { smart: { token_endpoint: 'https://identity.example/token' } }],
  [
    'an authorization endpoint at an identity origin',
    { smart: { authorization_endpoint: 'https://identity.example/authorize' } }
  ],
  ['an issuer of another server', { smart: { issuer: 'https://evil.example' } }],
  ['an id_token of another issuer', { claims: { iss: 'https://evil.example' } }],
  ['an id_token for another client', { claims: { aud: 'other-app' } }],
  ['an id_token for the trusted audience alone', { claims: { aud: ['https://audience.example'] } }],
  ['an id_token with an audience that was not named', { claims: { aud: ['app', 'https://evil.example'] } }],
  ['an id_token of another authorized party', { claims: { azp: 'other-app' } }],
  ['an id_token with another nonce', { claims: { nonce: 'replayed' } }],
  ['an id_token with an empty nonce', { claims: { nonce: '' } }],
  ['an expired id_token', { claims: { exp: 1000 } }],
  ['an id_token that expired as a text', { claims: { exp: '1000' } }],
  ['an id_token without a signature', { token: { id_token: `${text({ alg: 'none' })}.${text(claims)}.` } }],
  ['an id_token with alg none', { token: { id_token: `${text({ alg: 'none' })}.${text(claims)}.c2ln` } }],
  ['an id_token signed with a secret', { token: { id_token: `${text({ alg: 'HS256' })}.${text(claims)}.c2ln` } }],
  ['no id_token', { token: { id_token: undefined } }],
  ['a redirect with the issuer of another server', { redirect: '&iss=https://evil.example' }],
  ['a redirect with two codes', { redirect: '&code=other' }],
  ['a token of another type', { token: { token_type: 'mac' } }],
  ['a patient with a path', { token: { patient: '../Practitioner/1' } }],
  ['a patient that is a fraction', { token: { patient: 1.5 } }],
  ['a patient that JSON cannot hold', { token: { patient: 2 ** 60 } }]
]

const keyAttacks: ReadonlyArray<readonly [string, Deviation]> = [
  ['an id_token of another key', { token: { id_token: stranger.sign({ ...claims, nonce: undefined }) } }],
  ...hostileUrls.map(
    (url) => [`keys at ${JSON.stringify(url)}`, { smart: { jwks_uri: url }, openid: { jwks_uri: url } }] as const
  )
]

const secrets = [vendorSecret, encodeURIComponent(vendorSecret), btoa(`app:${vendorSecret}`)]

const attacked = async (tolerances: object, deviation: Deviation) => {
  const entry = { ...ordinaryEntry, identityOrigins: ['https://identity.example'], tolerances }
  const { outcome, sent } = await launchAtVendor(entry, { comparesRawSecret: true, ...deviation })
  expect(outcome._tag).toBe('Left')
  for (const { body, headers, method, url } of sent) {
    expect(trustedOriginsOf(entry, method === 'POST' ? 'credentials' : 'identity')).toContain(originOf(url))
    const holdsSecret = secrets.some((secret) => `${body} ${JSON.stringify(headers)} ${url}`.includes(secret))
    expect(holdsSecret && originOf(url) !== 'https://ehr.example').toBe(false)
  }
}

describe.each(tolerantEntries)('with %s, an app refuses', (_name, tolerances) => {
  it.each(attacks)('%s', async (_what, deviation) => {
    await attacked(tolerances, deviation)
  })
})

describe.each(tolerantEntries.slice(1))('with %s, an app refuses', (_name, tolerances) => {
  it.each(keyAttacks)('%s', async (_what, deviation) => {
    await attacked(tolerances, deviation)
  })
})

it.each(tolerantEntries)('with %s, an honest launch opens a session', async (_name, tolerances) => {
  expect((await launchAtVendor({ ...ordinaryEntry, tolerances }, { comparesRawSecret: true })).outcome._tag).toBe(
    'Right'
  )
})

it('a token response by redirect is none, and the code is not sent again', async () => {
  const respond: Deviation['respond'] = ({ method }) =>
    method === 'POST' ? json(307, {}, { location: 'https://evil.example/token' }) : undefined
  const { outcome, sent } = await launchAtVendor({ ...ordinaryEntry, tolerances: everyTolerance }, { respond })
  expect(outcome).toMatchObject({ left: { _tag: 'TokenRefused', status: 307 } })
  expect(sent.filter(({ method }) => method === 'POST')).toHaveLength(1)
})

describe('an entry from hostile documents', () => {
  it.each(hostileUrls)('sends nothing to %j unless a developer names its origin', (token_endpoint) => {
    const smartConfiguration = { token_endpoint, authorization_endpoint: token_endpoint }
    const found = trustEntryFor(
      { smartConfiguration },
      { ...ordinaryEntry, tolerances: everyTolerance, purpose: 'launch', identity: false }
    )
    if (Either.isLeft(found)) return
    const named = found.right.reasons.filter(({ setting }) => setting === 'authorizationOrigins')
    expect(named).toHaveLength(1)
    expect(named[0]?.risk).toContain(
      originOf(token_endpoint.startsWith('//') ? `https:${token_endpoint}` : token_endpoint)
    )
  })
})
