/** The attacks on PKCE and on `aud`: what would let a stolen code or a token be used by or at somebody else. */
import { expect } from 'vitest'
import { asBearer } from '../../support/server/callers.js'
import { byRedirect, variant } from './authorize-parameters.js'
import { agree, atConsent, expectCode } from '../../support/server/conversation.js'
import type { AttackRow } from '../row.js'
import { leavesStoreAlone, storeOf } from '../../support/server/stored.js'
import {
  authorize,
  bodyOf,
  exchange,
  fhirBaseUrl,
  get,
  newFixture,
  redirected,
  sha256,
  verifier
} from '../../support/server-fixture.js'

const challenge = { code_challenge: null, code_challenge_method: null }

const audience = (name: string, aud: string) => byRedirect(name, { aud }, 'invalid_request')

export const pkceRows: ReadonlyArray<AttackRow> = [
  {
    id: 'AUT-60',
    variants: [
      byRedirect('a public client', challenge, 'invalid_request'),
      byRedirect('a confidential client', { ...challenge, client_id: 'sym-app' }, 'invalid_request'),
      byRedirect(
        'a confidential client, with scopes of version 1',
        { ...challenge, client_id: 'sym-app', scope: 'launch/patient patient/*.read' },
        'invalid_request'
      ),
      byRedirect(
        'a native client',
        { ...challenge, client_id: 'native-app', redirect_uri: 'http://127.0.0.1/cb' },
        'invalid_request'
      ),
      byRedirect('a method without a challenge', { code_challenge: null }, 'invalid_request')
    ]
  },
  {
    id: 'AUT-61',
    variants: [
      byRedirect(
        'the verifier as its own challenge',
        { code_challenge: verifier, code_challenge_method: 'plain' },
        'invalid_request'
      ),
      byRedirect('a digest as a plain challenge', { code_challenge_method: 'plain' }, 'invalid_request')
    ]
  },
  {
    id: 'AUT-62',
    variants: [byRedirect('a challenge without its method', { code_challenge_method: null }, 'invalid_request')]
  },
  {
    id: 'AUT-63',
    variants: [
      ...['s256', 'S256 ', ' S256', 'S512', 'SHA256', 'S256,plain'].map((method) =>
        byRedirect(JSON.stringify(method), { code_challenge_method: method }, 'invalid_request')
      ),
      byRedirect('S256, and then plain', {}, 'invalid_request', 'state-1', 'code_challenge_method=plain'),
      byRedirect('two challenges', {}, 'invalid_request', 'state-1', `code_challenge=${sha256('another')}`),
      ...['x', 'x'.repeat(42), 'x'.repeat(44), `${'x'.repeat(42)}=`, `${'x'.repeat(42)}+`].map((text) =>
        byRedirect(`the challenge ${text}`, { code_challenge: text }, 'invalid_request')
      )
    ]
  }
]

export const audienceRows: ReadonlyArray<AttackRow> = [
  {
    id: 'AUT-70',
    variants: [
      byRedirect('neither aud nor resource', { aud: null }, 'invalid_request'),
      byRedirect(
        'resource alone, which this server does not read',
        { aud: null, resource: fhirBaseUrl },
        'invalid_request'
      )
    ]
  },
  {
    id: 'AUT-71',
    variants: [
      audience('another server', 'https://evil.example/fhir'),
      audience('a path below', `${fhirBaseUrl}/Patient`),
      audience('two slashes', `${fhirBaseUrl}//`),
      audience('another case', fhirBaseUrl.toUpperCase()),
      audience('the default port', 'https://ehr.example:443/fhir'),
      audience('a way around', 'https://ehr.example/x/../fhir'),
      audience('a query', `${fhirBaseUrl}?`),
      audience('a fragment', `${fhirBaseUrl}#`),
      audience('a blank', `${fhirBaseUrl} `),
      audience('two in one', `${fhirBaseUrl} https://evil.example/fhir`),
      byRedirect('two of them', {}, 'invalid_request', 'state-1', 'aud=https%3A%2F%2Fevil.example%2Ffhir')
    ]
  },
  {
    id: 'AUT-73',
    fixture: { policy: { accessTokenFormat: 'jwt' } },
    variants: [
      variant('the token is for the base without the slash', async (fixture) => {
        const code = expectCode(await agree(fixture, await atConsent(fixture, { aud: `${fhirBaseUrl}/` })))
        expect(storeOf(fixture).filter(([, text]) => text.includes(`"audience":"${fhirBaseUrl}/"`))).toEqual([])
        const token = String(bodyOf(await exchange(fixture, code))['access_token'])
        const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Readonly<
          Record<string, unknown>
        >
        expect(claims['aud']).toBe(fhirBaseUrl)
        expect((await fixture.server.resource.bearer(get('/fhir/Patient/123', '', asBearer(token)))())._tag).toBe(
          'Right'
        )
      })
    ]
  },
  {
    id: 'AUT-75',
    variants: [
      audience('the other tenant', 'https://ehr.example/tenant-b/fhir'),
      audience('its neighbor by prefix', 'https://ehr.example/fhir2'),
      variant("at a server that stands below a tenant's path", async () => {
        const tenant = newFixture({
          settings: { issuer: 'https://ehr.example/tenant-a', fhirBaseUrl: 'https://ehr.example/tenant-a/fhir' }
        })
        for (const aud of ['https://ehr.example/tenant-b/fhir', fhirBaseUrl]) {
          expect(redirected(await leavesStoreAlone(tenant, () => authorize(tenant, { aud })))?.get('error')).toBe(
            'invalid_request'
          )
        }
        expect((await authorize(tenant, { aud: 'https://ehr.example/tenant-a/fhir' }))._tag).toBe('NeedsUser')
      })
    ]
  }
]
