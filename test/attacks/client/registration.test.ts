/** What strangers may try when they register: RFC 7591, section 5. */
import { expect } from 'vitest'
import type { AttackRow, Variant } from '../row.js'
import { attackGroup } from '../row.js'
import { leavesStoreAlone } from '../../support/server/stored.js'
import { register, registered, registrationWorld, webApp } from '../../support/client/registration.js'
import type { Fixture } from '../../support/server-fixture.js'
import { bodyOf, newFixture } from '../../support/server-fixture.js'
import { parse } from '../../../src/scopes/parse.js'
import { sha256 } from '../../support/server-fixture.js'

const fixture = registrationWorld()

/** Refused with this error, and not one record written. */
const refused = (name: string, metadata: unknown, error: string, status = 400): Variant => ({
  name,
  run: async (here) => {
    const answer = await leavesStoreAlone(here, () => register(here, metadata))
    expect([answer.status, bodyOf(answer)['error']]).toEqual([status, error])
    expect(here.audited.at(-1)?.decision).toBe('Refused')
  }
})

const redirect = (name: string, ...uris: ReadonlyArray<unknown>): Variant =>
  refused(name, { ...webApp, redirect_uris: uris }, 'invalid_redirect_uri')

const rsa = { kty: 'RSA', kid: 'a', n: 'x'.repeat(342), e: 'AQAB' }
const ec = { kty: 'EC', kid: 'b', crv: 'P-384', x: 'x'.repeat(64), y: 'y'.repeat(64) }

const withKeys = (name: string, ...keys: ReadonlyArray<unknown>): Variant =>
  refused(name, { ...webApp, token_endpoint_auth_method: 'private_key_jwt', jwks: { keys } }, 'invalid_client_metadata')

const keysAt = (url: string): Variant =>
  refused(url, { ...webApp, token_endpoint_auth_method: 'private_key_jwt', jwks_uri: url }, 'invalid_client_metadata')

/** The registration is accepted; only members that the server knows are stored and returned. */
const inert = (name: string, body: string): Variant => ({
  name,
  run: async (here) => {
    const reported = registered(await register(here, body))
    const stored = here.memory.entries().find(([key]) => key.startsWith('client:'))?.[1] ?? ''
    expect(stored).not.toMatch(/trusted|skip_consent|tenant|prototype|__proto__|"admin"/)
    expect(reported['client_id']).not.toBe('admin')
    expect(String(reported['scope'])).not.toContain('system/')
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('trusted')
  }
})

const withMember = (member: string): string => `{${member},${JSON.stringify(webApp).slice(1)}`

const ownIds = (name: string, clientId: unknown): Variant => ({
  name,
  run: async (here) => {
    const reported = registered(await register(here, { ...webApp, client_id: clientId }))
    expect(reported['client_id']).toMatch(/^[A-Za-z0-9_-]{22,}$/)
    expect(reported['client_id']).not.toBe(clientId)
  }
})

const statement = (name: string, text: string): Variant =>
  refused(name, { ...webApp, software_statement: text }, 'invalid_software_statement')

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const rows: ReadonlyArray<AttackRow> = [
  {
    id: 'REG-02',
    fixture,
    variants: [
      redirect('javascript:', 'javascript:alert(1)'),
      redirect('data:', 'data:text/html,x'),
      redirect('http', 'http://evil.example/cb'),
      redirect('a wildcard path', 'https://x/*'),
      redirect('a wildcard host', 'https://*.app.example/cb'),
      redirect('a fragment', 'https://app.example/cb#x'),
      redirect('an empty fragment', 'https://app.example/cb#'),
      redirect('userinfo', 'https://user@app.example/cb'),
      redirect('relative', '/cb'),
      redirect('without a scheme', '//app.example/cb'),
      redirect('no address'),
      redirect('a thousand', ...Array.from({ length: 1000 }, (_, index) => `https://app.example/${String(index)}`)),
      redirect('an address of numbers', 'https://192.0.2.1/cb'),
      redirect('version 6', 'https://[2001:db8::1]/cb'),
      redirect('decimal', 'https://3221225985/cb'),
      redirect('hexadecimal', 'https://0xc0000201/cb'),
      redirect('a good one before it', 'https://app.example/cb', 'javascript:alert(1)'),
      redirect('no text', 7),
      redirect('a parameter of the answer', 'https://app.example/cb?code=1&state=2&iss=https://evil.example'),
      redirect('an encoded one', 'https://app.example/cb?a=1&%73tate=x'),
      refused(
        'a launch address with a parameter of a launch',
        { ...webApp, launch_uris: ['https://new.example/launch?launch=x'] },
        'invalid_client_metadata'
      ),
      redirect('loopback of a web app', 'http://127.0.0.1/cb'),
      redirect('a blank', 'https://app.example/c b'),
      redirect('a line end', 'https://app.example/cb\n'),
      redirect('a backslash', 'https://app.example\\@evil.example/cb'),
      redirect('full-width letters', 'https://ａpp.example/cb'),
      refused(
        'a private-use scheme without a dot',
        { ...webApp, application_type: 'native', redirect_uris: ['myapp:/cb'] },
        'invalid_redirect_uri'
      ),
      refused(
        'javascript: of a native app',
        { ...webApp, application_type: 'native', redirect_uris: ['javascript:alert(1)'] },
        'invalid_redirect_uri'
      )
    ]
  },
  {
    id: 'REG-04',
    fixture,
    variants: [
      withKeys('RSA with d', { ...rsa, d: 'x' }),
      withKeys('RSA with its primes, without d', { ...rsa, p: 'x', q: 'x' }),
      withKeys('a secret beside it', { ...ec, k: 'x' }),
      withKeys('EC with d', { ...ec, d: 'x' }),
      withKeys('oct', { kty: 'oct', kid: 'a', k: 'x'.repeat(43) }),
      withKeys('RSA of 1024 bits', { ...rsa, n: 'x'.repeat(171) }),
      withKeys('RSA of 1024 bits behind zeros', { ...rsa, n: 'A'.repeat(171) + 'x'.repeat(171) }),
      withKeys('RSA of 2047 bits', { ...rsa, n: `f${'x'.repeat(341)}` }),
      withKeys('RSA of 2043 bits', { ...rsa, n: `B${'x'.repeat(341)}` }),
      ...['AA', 'AQ', 'AAAB', 'Ag', 'AQAA', ''].map((e) =>
        withKeys(`RSA with the exponent ${e}: anybody can write its signatures, or nobody`, { ...rsa, e })
      ),
      withKeys('EC with a coordinate that is too short', { ...ec, x: 'x'.repeat(63) }),
      withKeys('EC with the coordinates of another curve', { ...ec, x: 'x'.repeat(43), y: 'y'.repeat(43) }),
      withKeys('no kid', { ...rsa, kid: undefined }),
      withKeys('an empty kid', { ...rsa, kid: '' }),
      withKeys('one kid twice', rsa, { ...ec, kid: 'a' }),
      withKeys('x5c alone', { kty: 'RSA', kid: 'a', x5c: ['x'] }),
      withKeys('no key'),
      withKeys('null', null),
      withKeys('a text', 'x')
    ]
  },
  {
    id: 'REG-05',
    fixture,
    variants: [
      'http://keys.example/jwks',
      'https://127.0.0.1/jwks',
      'https://10.0.0.1/jwks',
      'https://169.254.169.254/latest',
      'https://[::1]/jwks',
      'https://[fd00::1]/jwks',
      'https://2130706433/jwks',
      'https://0x7f.1/jwks',
      'file:///etc/passwd',
      'ftp://keys.example/jwks',
      'data:application/json,{}',
      'https://user@keys.example/jwks',
      '/jwks'
    ].map(keysAt)
  },
  {
    id: 'REG-06',
    fixture,
    variants: [
      ...['logo_uri', 'policy_uri', 'tos_uri', 'client_uri'].map((member) =>
        refused(member, { ...webApp, [member]: 'https://169.254.169.254/x' }, 'invalid_client_metadata')
      ),
      {
        name: 'sector_identifier_uri, which nothing here reads',
        run: async (here: Fixture) => {
          expect(
            registered(await register(here, { ...webApp, sector_identifier_uri: 'https://169.254.169.254/x' }))
          ).not.toHaveProperty('sector_identifier_uri')
        }
      },
      statement('software_statement', 'https://169.254.169.254/x')
    ]
  },
  {
    id: 'REG-07',
    fixture,
    variants: [
      inert('__proto__', withMember('"__proto__":{"trusted":true}')),
      inert('constructor', withMember('"constructor":{"prototype":{"trusted":true}}')),
      inert(
        'members that are not for the client to say',
        JSON.stringify({
          ...webApp,
          client_id: 'admin',
          skip_consent: true,
          tenant: 'b',
          scope: 'openid system/*.cruds',
          mayIntrospect: true,
          secretDigests: [sha256('x')]
        })
      )
    ]
  },
  {
    id: 'REG-08',
    fixture,
    differs: 'a body of 10 MiB is refused by the adapters, before the engine (test/unit/adapters)',
    variants: [
      ...['null', '[]', '"x"', '', '{', '7', `${'['.repeat(20_000)}${']'.repeat(20_000)}`].map((body) =>
        refused(JSON.stringify(body.slice(0, 9)), body, 'invalid_client_metadata')
      ),
      refused(
        'deep nesting in a member',
        withMember(`"jwks":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`),
        'invalid_client_metadata'
      ),
      refused(
        'deeper, in a body that is too large',
        withMember(`"jwks":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`),
        'invalid_request',
        413
      ),
      {
        name: 'deep nesting in a key, of which only what is read is kept',
        run: async (here: Fixture) => {
          const nested = JSON.stringify({
            ...webApp,
            token_endpoint_auth_method: 'private_key_jwt',
            jwks: { keys: [{ ...ec, more: '@' }] }
          }).replace('"@"', '['.repeat(20_000) + ']'.repeat(20_000))
          expect(registered(await register(here, nested))['jwks']).toEqual({ keys: [ec] })
        }
      },
      refused(
        'duplicate members',
        withMember('"redirect_uris":["https://evil.example/cb"]'),
        'invalid_client_metadata'
      ),
      refused(
        'duplicate members, one escaped',
        withMember('"redirect_uri\\u0073":["https://evil.example/cb"]'),
        'invalid_client_metadata'
      ),
      {
        name: 'another content type',
        run: async (here: Fixture) => {
          for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'application/jsonp', '']) {
            const answer = await leavesStoreAlone(here, () => register(here, webApp, { 'content-type': type }))
            expect([answer.status, bodyOf(answer)['error']]).toEqual([400, 'invalid_client_metadata'])
          }
        }
      }
    ]
  },
  {
    id: 'REG-09',
    fixture,
    variants: [
      {
        name: 'system/*.cruds',
        run: async (here: Fixture) => {
          expect(registered(await register(here, { ...webApp, scope: 'system/*.cruds' }))['scope']).toBe('')
          expect(
            registered(await register(here, { ...webApp, scope: 'system/*.cruds patient/Observation.rs' }))['scope']
          ).toBe('patient/Observation.rs')
        }
      },
      refused('system:Patient.read', { ...webApp, scope: 'system:Patient.read' }, 'invalid_client_metadata'),
      refused(
        'a backend service, which acts without a user',
        {
          ...webApp,
          redirect_uris: [],
          token_endpoint_auth_method: 'private_key_jwt',
          jwks: { keys: [ec] },
          grant_types: ['client_credentials'],
          scope: 'system/*.rs'
        },
        'invalid_client_metadata'
      )
    ]
  },
  {
    id: 'REG-11',
    fixture,
    variants: [
      statement('alg none', `${part({ alg: 'none' })}.${part({ redirect_uris: ['https://evil.example/cb'] })}.`),
      statement('an untrusted issuer', `${part({ alg: 'RS256' })}.${part({ iss: 'https://evil.example' })}.x`),
      statement('expired', `${part({ alg: 'RS256' })}.${part({ exp: 1 })}.x`),
      statement('values that override', `${part({ alg: 'RS256' })}.${part({ client_name: 'Other' })}.x`),
      statement('empty', '')
    ]
  },
  {
    id: 'REG-13',
    fixture,
    variants: [
      ownIds('a user', 'alice'),
      ownIds('__proto__', '__proto__'),
      ownIds('empty', ''),
      ownIds('a client that is there', 'pub-app'),
      ownIds('its Cyrillic twin', 'рub-app'),
      ownIds('no text', 7)
    ]
  },
  {
    id: 'REG-14',
    fixture: registrationWorld({ limitPerHour: 20 }),
    once: 'how many registered before counts',
    variants: [
      {
        name: 'a thousand registrations',
        run: async (here) => {
          const statuses: Array<number> = []
          for (let count = 0; count < 1000; count++) statuses.push((await register(here, webApp)).status)
          expect([
            statuses.filter((status) => status === 201).length,
            statuses.filter((status) => status === 429).length
          ]).toEqual([20, 980])
          expect(here.memory.entries().filter(([key]) => key.startsWith('client:'))).toHaveLength(20)
          here.clock.now += 3600
          expect((await register(here, webApp)).status).toBe(201)
        }
      }
    ]
  }
]

attackGroup({
  endpoint: 'registration',
  rows,
  controls: [
    {
      name: 'a legitimate app registers',
      run: async () => {
        const here = newFixture(fixture)
        const reported = registered(await register(here, { ...webApp, scope: 'openid patient/*.rs' }))
        expect(parse(String(reported['scope'])).map(({ text }) => text)).toEqual(['openid', 'patient/*.rs'])
      }
    },
    {
      name: 'a native app with a loopback address',
      run: async () => {
        registered(
          await register(newFixture(fixture), {
            ...webApp,
            application_type: 'native',
            redirect_uris: ['http://127.0.0.1/cb', 'org.app.example:/cb']
          })
        )
      }
    },
    {
      name: 'an app with keys',
      run: async () => {
        registered(
          await register(newFixture(fixture), {
            ...webApp,
            token_endpoint_auth_method: 'private_key_jwt',
            jwks: { keys: [rsa, ec] }
          })
        )
      }
    },
    {
      name: 'an app with keys by address',
      run: async () => {
        registered(
          await register(newFixture(fixture), {
            ...webApp,
            token_endpoint_auth_method: 'private_key_jwt',
            jwks_uri: 'https://keys.example/jwks'
          })
        )
      }
    }
  ]
})
