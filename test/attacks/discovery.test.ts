import * as Option from 'fp-ts/lib/Option.js'
import { expect } from 'vitest'
import { answered } from '../support/server/callers.js'
import type { AttackRow, Variant } from './row.js'
import { attackGroup } from './row.js'
import { leavesStoreAlone } from '../support/server/stored.js'
import type { Sent } from '../support/simulator/simulated.js'
import { overHttp, send, simulatorForAll } from '../support/simulator/simulated.js'
import type { Fixture } from '../support/server-fixture.js'
import { bodyOf, fhirBaseUrl, get, issuer } from '../support/server-fixture.js'

const simulator = simulatorForAll()

const variant = (name: string, run: (fixture: Fixture) => Promise<void>): Variant => ({ name, run })

const path = '/fhir/.well-known/smart-configuration'

const documents = [path, '/.well-known/oauth-authorization-server', '/.well-known/openid-configuration', '/jwks']

const at = (where: string, sent?: Sent) => send(simulator().base, where, sent)

/** The texts of a document that are addresses. */
const addressesIn = (value: unknown): ReadonlyArray<string> => {
  if (typeof value === 'string') return /^https?:/.test(value) ? [value] : []
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(addressesIn) : []
}

const expectDocument = (body: Readonly<Record<string, unknown>>): void => {
  expect(body).toMatchObject({
    token_endpoint: expect.any(String) as string,
    code_challenge_methods_supported: ['S256']
  })
  expect(body['grant_types_supported']).toContain('authorization_code')
  expect(body['capabilities']).toContain('launch-standalone')
}

const forgedHosts: ReadonlyArray<Readonly<Record<string, string>>> = [
  { host: 'evil.example' },
  {
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'https',
    'x-forwarded-port': '1',
    'x-forwarded-prefix': '/evil'
  },
  { forwarded: 'host=evil.example;proto=https', 'x-original-url': '/evil', 'x-rewrite-url': '/evil' },
  { 'x-forwarded-proto': 'http', 'x-host': 'evil.example', 'x-forwarded-server': 'evil.example' }
]

const rows: ReadonlyArray<AttackRow> = [
  {
    id: 'DIS-01',
    variants: [
      variant('without Accept', async (fixture) => {
        const response = await leavesStoreAlone(fixture, () => answered(fixture, get(path)))
        expect([response.status, response.headers['content-type']]).toEqual([200, 'application/json'])
        expectDocument(bodyOf(response))
        for (const address of addressesIn(bodyOf(response)))
          expect(address.startsWith(`${issuer}/`) || address === issuer).toBe(true)
      }),
      variant('over HTTP', async () => {
        const response = await at(path)
        expect([response.status, response.headers['content-type']]).toEqual([200, 'application/json'])
        expectDocument(JSON.parse(response.body) as Readonly<Record<string, unknown>>)
      })
    ]
  },
  {
    id: 'DIS-02',
    once: overHttp,
    variants: [
      ...forgedHosts.map((headers) =>
        variant(JSON.stringify(headers), async () => {
          for (const document of documents) {
            const [plain, forged] = [await at(document), await at(document, { headers })]
            expect([forged.status, forged.body]).toEqual([200, plain.body])
            for (const address of addressesIn(JSON.parse(forged.body)))
              expect(address.startsWith(simulator().base)).toBe(true)
          }
        })
      ),
      variant('an absolute request target', async () => {
        const forged = await at(`http://evil.example${path}`)
        expect(forged.status === 404 || forged.body === (await at(path)).body).toBe(true)
        expect(forged.body).not.toContain('"token_endpoint":"http://evil')
      })
    ]
  },
  {
    id: 'DIS-03',
    variants: ['application/fhir+xml', '*/*;q=0', 'text/html', 'application/json;q=0', ''].map((accept) =>
      variant(`Accept: ${accept}`, async (fixture) => {
        expect(await answered(fixture, get(path, '', { accept }))).toEqual(await answered(fixture, get(path)))
        expect(await at(path, { headers: { accept } })).toMatchObject({
          status: 200,
          headers: { 'content-type': 'application/json' }
        })
      })
    )
  },
  {
    id: 'DIS-04',
    variants: ['POST', 'PUT', 'DELETE', 'PATCH', 'get'].map((method) =>
      variant(method, async (fixture) => {
        for (const document of documents) {
          const refused = await leavesStoreAlone(fixture, () => answered(fixture, { ...get(document), method }))
          expect([refused.status, refused.headers['allow'], bodyOf(refused)['error']]).toEqual([
            405,
            'GET, HEAD',
            'invalid_request'
          ])
          if (method !== 'get')
            expect(await at(document, { method })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } })
        }
      })
    )
  },
  {
    id: 'DIS-05',
    variants: [
      '/fhir/.well-known/%2e%2e/%2e%2e/etc/passwd',
      '/fhir/.well-known/../../etc/passwd',
      '/fhir//.well-known/smart-configuration',
      `${path};x=1`,
      '/.well-known/..%2fsmart-configuration',
      `${path}/`,
      `${path}%00`,
      path.toUpperCase(),
      '/fhir/%2ewell-known/smart-configuration',
      '/x/../fhir/.well-known/smart-configuration'
    ].map((trick) =>
      variant(trick, async (fixture) => {
        expect(Option.isNone(fixture.server.endpoints.protocol(get(trick)))).toBe(true)
        const refused = await at(trick)
        // Below the FHIR base an address that is not public asks for a token first, and tells nobody what there is.
        expect([401, 404]).toContain(refused.status)
        expect(refused.body).not.toMatch(/token_endpoint|root:/)
      })
    ),
    differs: '401 below the FHIR base, which does not show which addresses exist without a token'
  },
  {
    id: 'DIS-06',
    variants: [
      ...[
        '/fhir/no-such-tenant/.well-known/smart-configuration',
        '/no-such-tenant/fhir/.well-known/smart-configuration',
        '/fhir2/.well-known/smart-configuration',
        '/.well-known/smart-configuration',
        '/.well-known/oauth-authorization-server/no-such-tenant'
      ].map((unknown) =>
        variant(unknown, async (fixture) => {
          expect(Option.isNone(fixture.server.endpoints.protocol(get(unknown)))).toBe(true)
          expect((await at(unknown)).body).not.toContain('token_endpoint')
          expect([401, 404]).toContain((await at(unknown)).status)
        })
      )
    ],
    differs: '401 below the FHIR base, which does not show which addresses exist without a token'
  },
  {
    id: 'DIS-08',
    variants: ['https://evil.example', 'null', 'https://app.example'].map((origin) =>
      variant(`Origin: ${origin}`, async (fixture) => {
        for (const document of documents) {
          const { status, headers } = await leavesStoreAlone(fixture, () =>
            answered(fixture, get(document, '', { origin }))
          )
          expect([status, headers['access-control-allow-origin'], headers['access-control-allow-credentials']]).toEqual(
            [200, '*', undefined]
          )
          const wire = await at(document, { headers: { origin, cookie: 'ehr_session=x' } })
          expect([
            wire.headers['access-control-allow-origin'],
            wire.headers['access-control-allow-credentials'],
            wire.headers['set-cookie']
          ]).toEqual(['*', undefined, undefined])
        }
      })
    )
  }
]

attackGroup({
  endpoint: 'discovery',
  rows,
  controls: [
    variant('HEAD answers as GET does', async (fixture) => {
      expect((await answered(fixture, { ...get(path), method: 'HEAD' })).status).toBe(200)
      expect(bodyOf(await answered(fixture, get(path)))).toMatchObject({ issuer, token_endpoint: `${issuer}/token` })
      expect(fhirBaseUrl.startsWith(issuer)).toBe(true)
    }),
    variant("a server below a tenant's path answers there, over HTTP the simulator at its own", async () => {
      for (const document of documents) expect((await at(document)).status).toBe(200)
    })
  ]
})
