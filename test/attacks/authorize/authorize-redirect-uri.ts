/** The attacks on the redirect URI: whatever is not the registered string, byte for byte, ends on a page. */
import { expect } from 'vitest'
import { onPage, variant } from './authorize-parameters.js'
import { agree, atConsent, authorizeWith, expectPage } from '../../support/server/conversation.js'
import type { AttackRow, Variant } from '../row.js'
import { leavesStoreAlone } from '../../support/server/stored.js'
import type { FixtureOptions } from '../../support/server-fixture.js'
import { authorizationParameters, clients, exchange, redirectUri, redirected } from '../../support/server-fixture.js'
import { memoryClients } from '../../../src/adapters/memory-clients.js'
import type { RegisteredClient } from '../../../src/protocol/client/client.js'

const [app, , native] = clients

const also = (
  base: RegisteredClient | undefined,
  clientId: string,
  redirectUris: ReadonlyArray<string>
): ReadonlyArray<RegisteredClient> => (base === undefined ? [] : [{ ...base, clientId, redirectUris }])

/**
 * Besides the plain clients: one with a query in its address, a native one with a scheme of its own, one of somebody
 * else.
 */
const moreClients: FixtureOptions = {
  ports: {
    clients: memoryClients([
      ...clients,
      ...also(app, 'query-app', ['https://app.example/cb?a=1']),
      ...also(native, 'scheme-app', ['com.example.app:/cb']),
      ...also(app, 'other-app', ['https://other.example/cb']),
      ...also(app, 'loopback-web', ['http://127.0.0.1/cb']),
      ...also(native, 'localhost-app', ['http://localhost/cb'])
    ])
  }
}

/** These addresses are not the one that is registered. */
const notTheOne = (addresses: ReadonlyArray<string>, client = 'pub-app'): ReadonlyArray<Variant> =>
  addresses.map((address) => onPage(JSON.stringify(address).slice(0, 80), { client_id: client, redirect_uri: address }))

const row = (id: string, addresses: ReadonlyArray<string>, client = 'pub-app'): AttackRow => ({
  id,
  variants: notTheOne(addresses, client),
  fixture: moreClients
})

/** A native client's code goes to the port that it requested, and to nowhere else. */
const toPort = (port: string): Variant =>
  variant(`port ${port}`, async (fixture) => {
    const address = `http://127.0.0.1:${port}/cb`
    const sent = await agree(fixture, await atConsent(fixture, { client_id: 'native-app', redirect_uri: address }))
    const location = sent._tag === 'SendToApp' ? String(sent.response.headers['location']) : ''
    expect(location.startsWith(`${address}?code=`)).toBe(true)
    const code = redirected(sent)?.get('code') ?? ''
    expect((await exchange(fixture, code, { client_id: 'native-app', redirect_uri: address })).status).toBe(200)
  })

export const redirectUriRows: ReadonlyArray<AttackRow> = [
  {
    id: 'AUT-30',
    variants: [
      onPage('an unknown client', { client_id: 'nope', redirect_uri: 'https://evil.example/' }, '', 'invalid_request'),
      onPage(
        'an unknown client, with an address that another registered',
        { client_id: 'nope' },
        '',
        'invalid_request'
      ),
      onPage('a client_id in another case', { client_id: 'PUB-APP' }, '', 'invalid_request'),
      onPage('a name of every object', { client_id: '__proto__' }, '', 'invalid_request')
    ]
  },
  row('AUT-32', [
    'https://app.example/cb/evil',
    'https://app.example/cb/../evil',
    'https://app.example/evil/../cb',
    'https://app.example/cb/%2e%2e/evil',
    'https://app.example/./cb',
    'https://app.example//cb',
    'https://app.example/%63b',
    'https://app.example\\cb'
  ]),
  row('AUT-33', [
    'https://app.example/cb/',
    'https://app.example/cb?',
    'https://app.example/cb#',
    'https://app.example/cb#x',
    'https://app.example/cb?#'
  ]),
  row('AUT-34', ['HTTPS://app.example/cb', 'https://APP.example/cb', 'https://app.example/CB']),
  row('AUT-35', [
    'https://app.example:443/cb',
    'https://app.example:8443/cb',
    'https://app.example:/cb',
    'https://user@app.example/cb',
    'https://app.example@evil.example/cb'
  ]),
  {
    id: 'AUT-38',
    fixture: moreClients,
    variants: [
      ...notTheOne(['https://app.example/cb?x=1']),
      ...notTheOne(
        [
          'https://app.example/cb?a=2',
          'https://app.example/cb?a=1&b=2',
          'https://app.example/cb',
          'https://app.example/cb?b=2&a=1',
          'https://app.example/cb?%61=1'
        ],
        'query-app'
      )
    ]
  },
  row('AUT-40', [
    'https://\uff41pp.example/cb',
    'https://app.example\u3002/cb',
    'https://\u0430pp.example/cb',
    'https://app\u00ad.example/cb',
    'https://app.example./cb',
    'https://xn--pp-6kc.example/cb'
  ]),
  row('AUT-41', [
    ' https://app.example/cb',
    'https://app.example/cb\t',
    'https://app.exam\nple/cb',
    'https://app.example/cb\u0000',
    'https://app.example/cb ',
    '\ufeffhttps://app.example/cb',
    'https://app.example/cb\r\n'
  ]),
  row('AUT-42', [
    'http://app.example/cb',
    'https:/app.example/cb',
    'https:app.example/cb',
    'https:///app.example/cb',
    '//app.example/cb',
    'https:\\\\app.example\\cb',
    'javascript:alert(1)',
    'data:text/html,x',
    '/cb',
    'cb'
  ]),
  row('AUT-45', ['https://app.example/*', 'https://*.example/cb', '*', 'https://app.example/.*']),
  {
    id: 'AUT-46',
    fixture: moreClients,
    variants: [
      toPort('53124'),
      toPort('1'),
      toPort('65535'),
      onPage('another path', { client_id: 'native-app', redirect_uri: 'http://127.0.0.1:53124/cb/evil' }),
      onPage('another loopback address', { client_id: 'native-app', redirect_uri: 'http://127.0.0.2:53124/cb' }),
      onPage('a port that is none', { client_id: 'native-app', redirect_uri: 'http://127.0.0.1:65536/cb' }),
      onPage('a port and a user name', {
        client_id: 'native-app',
        redirect_uri: 'http://127.0.0.1:53124@evil.example/cb'
      }),
      onPage('localhost is a name, not an address', {
        client_id: 'localhost-app',
        redirect_uri: 'http://localhost:53124/cb'
      }),
      onPage('a web client has no free port', { client_id: 'loopback-web', redirect_uri: 'http://127.0.0.1:53124/cb' })
    ]
  },
  row(
    'AUT-49',
    [
      'com.example.app://cb',
      'COM.example.app:/cb',
      'com.example.app:/cb/../x',
      'com.example.app:cb',
      'com.example.app:///cb',
      'com.example.app2:/cb'
    ],
    'scheme-app'
  ),
  {
    id: 'AUT-50',
    fixture: moreClients,
    variants: [
      ...notTheOne([
        'https://other.example/cb',
        'http://127.0.0.1/cb',
        'com.example.app:/cb',
        'https://app.example/cb?a=1'
      ]),
      ...notTheOne([redirectUri], 'other-app')
    ]
  },
  {
    id: 'AUT-51',
    variants: [
      ...notTheOne([`https://app.example/cb?${'x'.repeat(65_536 - 27)}`, `https://${'a'.repeat(65_520)}.example/cb`]),
      variant('1,000 addresses in one', async (fixture) => {
        const address = Array.from({ length: 1000 }, () => redirectUri).join(' ')
        expectPage(
          await leavesStoreAlone(fixture, () =>
            authorizeWith(fixture, authorizationParameters({ redirect_uri: address }), '')
          ),
          400,
          'invalid_request'
        )
      })
    ]
  }
]

/** The exact strings are accepted, or the refusals mean nothing. */
export const redirectUriControls: ReadonlyArray<
  FixtureOptions & { readonly name: string; readonly client: string; readonly address: string }
> = [
  ['pub-app', redirectUri],
  ['query-app', 'https://app.example/cb?a=1'],
  ['scheme-app', 'com.example.app:/cb'],
  ['other-app', 'https://other.example/cb'],
  ['localhost-app', 'http://localhost/cb'],
  ['loopback-web', 'http://127.0.0.1/cb']
].map(([client = '', address = '']) => ({ ...moreClients, name: `${client} at ${address}`, client, address }))
