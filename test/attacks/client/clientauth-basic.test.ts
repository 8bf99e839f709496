/** A client that proves itself by HTTP Basic: the catalog's attacks on it. */
import { expect } from 'vitest'
import { refused } from '../../support/client/refused-authentication.js'
import type { Variant } from '../row.js'
import { attackGroup } from '../row.js'
import { app } from '../../support/client/assertions.js'
import type { Change, Fixture, FixtureOptions } from '../../support/server-fixture.js'
import { clients, exchange, newFixture, obtainCode, sha256 } from '../../support/server-fixture.js'
import { memoryClients } from '../../../src/adapters/memory-clients.js'
import type { RegisteredClient } from '../../../src/protocol/client/client.js'
import type { PlainResponse } from '../../../src/protocol/http/message.js'

const client = (clientId: string, ...secrets: ReadonlyArray<string>): RegisteredClient => ({
  clientId,
  clientName: clientId,
  redirectUris: ['https://app.example/cb'],
  launchUris: [],
  scope: clients[1]?.scope ?? [],
  grantTypes: ['authorization_code', 'refresh_token'],
  tokenEndpointAuthMethod: 'client_secret_basic',
  secretDigests: secrets.map(sha256),
  applicationType: 'web'
})

const fixture: FixtureOptions = {
  ports: {
    clients: memoryClients([
      ...clients,
      app(),
      client('other-app', 'other'),
      client('a:b%c+d é', 's:%+é'),
      client('two-secrets', 'old', 'new'),
      client('odd', 'a\ufffdb')
    ])
  }
}

const base64 = (text: string | Uint8Array): string => Buffer.from(text).toString('base64')
const basic = (clientId: string, secret: string): string => `Basic ${base64(`${clientId}:${secret}`)}`
const right = encodeURIComponent('s3cret:%')

/** Exchanges a good code of the client under this header. */
const present = async (
  where: Fixture,
  authorization: string,
  clientId = 'sym-app',
  change: Change = {}
): Promise<() => Promise<PlainResponse>> => {
  const code = await obtainCode(where, { client_id: clientId })
  return () => exchange(where, code, { client_id: null, ...change }, { authorization })
}

const bad = (
  name: string,
  authorization: string,
  refusal: string,
  clientId = 'sym-app',
  change: Change = {}
): Variant => ({
  name,
  run: async (where) => {
    const response = await refused(where, await present(where, authorization, clientId, change), refusal)
    // A client that tried HTTP Basic gets a challenge for HTTP Basic (RFC 6749, section 5.2).
    if (response.status === 401) expect(response.headers['www-authenticate']).toBe('Basic realm="token"')
  }
})

const good = (name: string, authorization: string, clientId = 'sym-app', change: Change = {}): Variant => ({
  name,
  run: async (where) => {
    expect((await (await present(where, authorization, clientId, change))()).status).toBe(200)
  }
})

attackGroup({
  endpoint: 'clientauth.basic',
  controls: [
    good('the right secret, form-encoded', basic('sym-app', right)),
    good('the right secret, as it is', basic('sym-app', 's3cret:%')),
    good('the scheme in any case', basic('sym-app', right).replace('Basic', 'bAsIc')),
    good('the same id in the body', basic('sym-app', right), 'sym-app', { client_id: 'sym-app' })
  ],
  rows: [
    {
      id: 'BAS-01',
      fixture,
      variants: [
        good(
          'id and secret with reserved and other letters',
          `Basic ${base64(`${encodeURIComponent('a:b%c+d é')}:${encodeURIComponent('s:%+é')}`)}`,
          'a:b%c+d é'
        )
      ]
    },
    {
      id: 'BAS-02',
      variants: [
        bad('!!!', 'Basic !!!', 'CredentialsUnreadable'),
        bad('YWJj (no colon)', 'Basic YWJj', 'CredentialsUnreadable'),
        bad('empty', 'Basic ', 'CredentialsUnreadable'),
        bad('the scheme alone', 'Basic', 'CredentialsUnreadable'),
        bad('%zz inside', basic('sym-app', '%zz'), 'ClientSecretDiffers'),
        bad('unpadded with spaces', `Basic  ${base64('sym-app:s3cret:%').replace('=', '')} x`, 'CredentialsUnreadable'),
        bad('unpadded', `Basic ${base64('sym-app:s3cret:%').replaceAll('=', '')}`, 'CredentialsUnreadable'),
        bad('stray bits', `Basic ${base64('sym-app:s3cret:%').replace('Q==', 'R==')}`, 'CredentialsUnreadable'),
        bad('another scheme', `Bearer ${base64(`sym-app:${right}`)}`, 'CredentialsUnreadable'),
        bad('two of them', `${basic('sym-app', right)}, ${basic('sym-app', right)}`, 'CredentialsUnreadable')
      ]
    },
    {
      id: 'BAS-03',
      variants: [
        bad('another secret', basic('sym-app', 'wrong'), 'ClientSecretDiffers'),
        bad('the digest itself', basic('sym-app', sha256('s3cret:%')), 'ClientSecretDiffers')
      ]
    },
    {
      id: 'BAS-06',
      fixture,
      variants: [
        bad('Basic sym-app, client_id=other-app', basic('sym-app', right), 'CredentialsTwice', 'sym-app', {
          client_id: 'other-app'
        }),
        bad('Basic sym-app, client_secret in the body', basic('sym-app', right), 'CredentialsTwice', 'sym-app', {
          client_id: 'sym-app',
          client_secret: 's3cret:%'
        }),
        bad('Basic other-app with the secret of sym-app', basic('other-app', right), 'ClientSecretDiffers')
      ]
    },
    {
      id: 'BAS-09',
      variants: [
        bad('one byte', basic('sym-app', 'x'), 'ClientSecretDiffers'),
        bad('64 KiB', basic('sym-app', 'x'.repeat(65536)), 'ClientSecretDiffers'),
        bad('empty', basic('sym-app', ''), 'ClientSecretDiffers')
      ]
    },
    {
      id: 'BAS-10',
      fixture,
      variants: [
        bad('%ff for U+FFFD', basic('odd', 'a%ffb'), 'ClientSecretDiffers'),
        bad('%fe for U+FFFD', basic('odd', 'a%feb'), 'ClientSecretDiffers'),
        bad('the byte 255', `Basic ${base64(Uint8Array.of(...Buffer.from('odd:a'), 255, 98))}`, 'CredentialsUnreadable')
      ]
    },
    {
      id: 'BAS-12',
      fixture,
      variants: [
        bad('a client that signs presents a secret', basic('asym-app', 'x'), 'AuthenticationMethodDiffers'),
        bad('and none', basic('asym-app', ''), 'AuthenticationMethodDiffers')
      ]
    },
    {
      id: 'BAS-14',
      fixture,
      variants: [
        good('the old secret', basic('two-secrets', 'old'), 'two-secrets'),
        good('the new secret', basic('two-secrets', 'new'), 'two-secrets'),
        bad('both at once', basic('two-secrets', 'oldnew'), 'ClientSecretDiffers', 'two-secrets')
      ]
    },
    {
      id: 'BAS-15',
      variants: [bad('pub-app without password', basic('pub-app', ''), 'AuthenticationMethodDiffers', 'pub-app')]
    },
    {
      id: 'BAS-16',
      variants: [
        bad('secret%00', basic('sym-app', `${right}%00`), 'ClientSecretDiffers'),
        bad('id%00x', basic('sym-app%00x', right), 'AuthenticatingClientUnknown'),
        bad('secret followed by newline', basic('sym-app', `${right}\n`), 'ClientSecretDiffers'),
        bad('a NUL itself', basic('sym-app', `${right}\0`), 'ClientSecretDiffers')
      ]
    },
    {
      id: 'BAS-17',
      once: 'a thousand guesses are enough in one world',
      differs:
        "Every guess is recorded in the log with its client, which is the signal; slowing down is the host's, " +
        'before the engine.',
      variants: [
        {
          name: '1,000 wrong secrets, then the right one',
          run: async () => {
            const where = newFixture(fixture)
            const code = await obtainCode(where, { client_id: 'sym-app' })
            const before = where.audited.length
            for (let guess = 0; guess < 1000; guess++) {
              await exchange(
                where,
                code,
                { client_id: null },
                { authorization: basic('sym-app', `guess-${String(guess)}`) }
              )
            }
            const reported = where.audited
              .slice(before)
              .filter(({ clientId, refusal }) => clientId === 'sym-app' && refusal?._tag === 'ClientSecretDiffers')
            expect(reported).toHaveLength(1000)
            expect(
              (await exchange(where, code, { client_id: null }, { authorization: basic('sym-app', right) })).status
            ).toBe(200)
          }
        }
      ]
    }
  ]
})
