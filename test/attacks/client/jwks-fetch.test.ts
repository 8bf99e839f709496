/**
 * Keys at an address that a client wrote: the catalog's attacks on fetching it, over real sockets where a socket
 * matters.
 */
import { once } from 'node:events'
import type { LookupAddress } from 'node:dns'
import type { RequestListener, Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import * as Either from 'fp-ts/lib/Either.js'
import { afterEach, expect, vi } from 'vitest'
import { refused } from '../../support/client/refused-authentication.js'
import type { Variant } from '../row.js'
import { attackGroup } from '../row.js'
import { ask, assertion, backend, ec, jwkOf, keys, stranger } from '../../support/client/assertions.js'
import type { Fixture } from '../../support/server-fixture.js'
import { clients, newFixture } from '../../support/server-fixture.js'
import type { DocumentFetch, FetchedDocument } from '../../../src/adapters/client-key-cache.js'
import { cachedClientKeys } from '../../../src/adapters/client-key-cache.js'
import { guardedFetch } from '../../../src/adapters/fetch/guarded-fetch.js'
import { memoryClients } from '../../../src/adapters/memory-clients.js'
import type { ClientKeys } from '../../../src/engine/ports.js'
import type { RegisteredClient } from '../../../src/protocol/client/client.js'

const ownWorld = 'each variant has a network of its own'

const from = (clientId: string): { readonly claims: Readonly<Record<string, unknown>> } => ({
  claims: { iss: clientId, sub: clientId }
})

/** A world whose clients keep their keys where this fetch finds them. */
const fetching = (fetchDocument: DocumentFetch, registered: ReadonlyArray<RegisteredClient>): Fixture => {
  const box: { keys?: ClientKeys } = {}
  const fixture = newFixture({
    ports: {
      clients: memoryClients([...clients, ...registered]),
      clientKeys: {
        keysAt: (url, isFresh) => () =>
          box.keys?.keysAt(url, isFresh)() ??
          Promise.resolve(Either.left({ _tag: 'Unavailable' as const, reason: 'no keys' }))
      }
    }
  })
  box.keys = cachedClientKeys(fetchDocument, { now: () => fixture.clock.now }, { defaultTtlSeconds: 60 })
  return fixture
}

const at = (url: string, clientId = 'backend'): RegisteredClient => backend({ _tag: 'AtUrl', url }, clientId)

const reasonOf = (fixture: Fixture): string => {
  const refusal = fixture.audited.at(-1)?.refusal
  return refusal?._tag === 'AssertionKeysUnavailable' ? refusal.reason : ''
}

const servers: Array<Server> = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
  vi.restoreAllMocks()
})

/** A real server on this machine, and the paths of the requests that it received. */
const serve = async (listener: RequestListener): Promise<{ readonly base: string; readonly hits: Array<string> }> => {
  const hits: Array<string> = []
  const server = createServer((request, response) => {
    hits.push(request.url ?? '')
    listener(request, response)
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { base: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, hits }
}

const here = guardedFetch({ allowedNetworks: ['127.0.0.1'] })
const impatient = guardedFetch({ allowedNetworks: ['127.0.0.1'], timeoutMilliseconds: 300 })

/** No connection is even tried, and the answer is that of any failed authentication. */
const noConnection = (name: string, url: string, resolved?: ReadonlyArray<LookupAddress>): Variant => ({
  name,
  run: async () => {
    const connect = vi.spyOn(Socket.prototype, 'connect')
    const fixture = fetching(guardedFetch(resolved === undefined ? {} : { resolve: () => Promise.resolve(resolved) }), [
      at(url)
    ])
    await refused(fixture, () => ask(fixture, assertion()), 'AssertionKeysUnavailable')
    expect(reasonOf(fixture)).toMatch(/is a private address$/)
    expect(connect).not.toHaveBeenCalled()
  }
})

const redirect = (name: string, status: number, location: string): Variant => ({
  name,
  run: async () => {
    const { base, hits } = await serve((_request, response) => {
      response.writeHead(status, { location }).end(JSON.stringify({ keys }))
    })
    const fixture = fetching(here, [at(`${base}/jwks`)])
    await refused(fixture, () => ask(fixture, assertion()), 'AssertionKeysUnavailable')
    expect([reasonOf(fixture), hits]).toEqual([`status ${String(status)}`, ['/jwks']])
  }
})

/** A server that answers for one client as the variant says, and for another client correctly. */
const beside = (name: string, reason: string, answer: RequestListener, fetchBad = here): Variant => ({
  name,
  run: async () => {
    const { base } = await serve((request, response) => {
      if (request.url === '/good') response.writeHead(200).end(JSON.stringify({ keys }))
      else answer(request, response)
    })
    const fixture = fetching(
      (address) => (address.endsWith('/bad') ? fetchBad : here)(address),
      [at(`${base}/bad`), at(`${base}/good`, 'other-backend')]
    )
    const hanging = ask(fixture, assertion())
    expect((await ask(fixture, assertion(from('other-backend')))).status).toBe(200)
    expect((await hanging).status).toBe(401)
    expect(fixture.audited.map(({ clientId, decision }) => [clientId, decision]).toSorted()).toEqual([
      ['backend', 'Refused'],
      ['other-backend', 'TokensIssued']
    ])
    expect(
      fixture.audited
        .map(({ refusal }) => (refusal?._tag === 'AssertionKeysUnavailable' ? refusal.reason : ''))
        .join('')
    ).toBe(reason)
  }
})

const documents = (
  answer: (count: number, url: string) => Partial<FetchedDocument>
): { readonly fetched: Array<string>; readonly fetchDocument: DocumentFetch } => {
  const fetched: Array<string> = []
  return {
    fetched,
    fetchDocument: (url) => {
      fetched.push(url)
      return Promise.resolve({
        status: 200,
        cacheControl: null,
        body: JSON.stringify({ keys }),
        ...answer(fetched.length, url)
      })
    }
  }
}

const url = 'https://app.example/jwks'

/** Keys that are kept for so many seconds and no longer. */
const keptFor = (name: string, cacheControl: string | null, seconds: number): Variant => ({
  name,
  run: async () => {
    const { fetched, fetchDocument } = documents((count) => (count === 1 ? { cacheControl } : { body: '{"keys":[]}' }))
    const fixture = fetching(fetchDocument, [at(url)])
    const use = async (): Promise<number> =>
      (await ask(fixture, assertion({ claims: { exp: fixture.clock.now + 300 } }))).status
    expect(await use()).toBe(200)
    if (seconds > 0) {
      fixture.clock.now += seconds - 1
      expect([await use(), fetched.length]).toEqual([200, 1])
      fixture.clock.now += 1
    }
    expect(await use()).toBe(401)
    expect(fetched.length).toBeGreaterThan(1)
  }
})

/** A document that is no good, and one that is good beside it. */
const hostile = (name: string, body: string, tag: string): Variant => ({
  name,
  run: async () => {
    const { fetchDocument } = documents((_count, address) => (address === url ? { body } : {}))
    const fixture = fetching(fetchDocument, [at(url), at(`${url}/good`, 'other-backend')])
    await refused(fixture, () => ask(fixture, assertion()), tag)
    expect((await ask(fixture, assertion(from('other-backend')))).status).toBe(200)
    expect(Object.keys({})).toEqual([])
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  }
})

const fiftyMebibytes = Buffer.alloc(52428800, ' ')
const bomb = gzipSync(fiftyMebibytes)

const duplicated = jwkOf(stranger.publicKey, 'ec')

attackGroup({
  endpoint: 'jwks_fetch',
  controls: [
    {
      name: 'keys on this machine, where that is allowed',
      run: async () => {
        const { base, hits } = await serve((_request, response) => {
          response.writeHead(200, { 'cache-control': 'max-age=60' }).end(JSON.stringify({ keys }))
        })
        const fixture = fetching(here, [at(`${base}/jwks`)])
        for (const header of [{}, { alg: 'RS384', kid: 'rsa' }, {}])
          expect((await ask(fixture, assertion({ header }))).status).toBe(200)
        expect(hits).toEqual(['/jwks'])
      }
    }
  ],
  rows: [
    {
      id: 'JWK-02',
      once: ownWorld,
      variants: [
        '127.0.0.1',
        '10.0.0.1',
        '10.255.255.255',
        '172.16.0.1',
        '172.31.255.255',
        '192.168.0.1',
        '169.254.169.254',
        '100.64.0.1',
        '100.127.255.255',
        '0.0.0.0',
        '[::1]',
        '[fc00::1]',
        '[fdff::1]',
        '[fe80::1]',
        '[febf::1]',
        '[::ffff:127.0.0.1]',
        '[::ffff:a00:1]',
        '2130706433',
        '0x7f.1',
        '0177.0.0.1',
        '127.1',
        '0',
        '%31%32%37.0.0.1',
        '１２７.0.0.1',
        '127.0.0.1.',
        '[::]',
        '[::127.0.0.1]',
        '[64:ff9b::7f00:1]',
        '[2002:7f00:1::]',
        '[::ffff:0:127.0.0.1]',
        '[ff02::1]',
        '224.0.0.1',
        '255.255.255.255',
        '192.0.0.192',
        '198.18.0.1'
      ].map((host) => noConnection(host, `https://${host}/jwks`))
    },
    {
      id: 'JWK-03',
      once: ownWorld,
      variants: [
        noConnection('an A record', 'https://keys.evil.example/jwks', [{ address: '10.0.0.5', family: 4 }]),
        noConnection('an AAAA record', 'https://keys.evil.example/jwks', [{ address: '::1', family: 6 }]),
        noConnection('the public one first', 'https://keys.evil.example/jwks', [
          { address: '93.184.216.34', family: 4 },
          { address: '10.0.0.5', family: 4 }
        ]),
        noConnection('the private one first', 'https://keys.evil.example/jwks', [
          { address: '::1', family: 6 },
          { address: '93.184.216.34', family: 4 }
        ]),
        noConnection('a zone', 'https://keys.evil.example/jwks', [{ address: 'fe80::1%eth0', family: 6 }]),
        {
          name: 'another address a moment later',
          run: async () => {
            const { base, hits } = await serve((_request, response) => {
              response.writeHead(200).end(JSON.stringify({ keys }))
            })
            const connect = vi.spyOn(Socket.prototype, 'connect')
            let resolved = 0
            const fetchDocument = guardedFetch({
              allowedNetworks: ['127.0.0.1'],
              resolve: () => Promise.resolve([{ address: resolved++ === 0 ? '127.0.0.1' : '10.0.0.5', family: 4 }])
            })
            const fixture = fetching(fetchDocument, [at(`http://localhost:${new URL(base).port}/jwks`)])
            expect((await ask(fixture, assertion())).status).toBe(200)
            expect([resolved, hits, connect.mock.calls.length]).toEqual([1, ['/jwks'], 1])
          }
        }
      ]
    },
    {
      id: 'JWK-05',
      once: ownWorld,
      variants: [301, 302, 303, 307, 308].flatMap((status) => [
        redirect(`${String(status)} to a private address`, status, 'https://10.0.0.5/jwks'),
        redirect(`${String(status)} to http`, status, 'http://app.example/jwks'),
        redirect(`${String(status)} to another host`, status, 'https://evil.example/jwks'),
        redirect(`${String(status)} to itself`, status, '/jwks')
      ])
    },
    {
      id: 'JWK-06',
      once: ownWorld,
      variants: [
        beside(
          'accepts and never answers',
          'no answer in time',
          () => {
            /* nothing */
          },
          impatient
        ),
        beside(
          'a byte now and then',
          'no answer in time',
          (_request, response) => {
            response.writeHead(200)
            const drip = setInterval(() => {
              response.write(' ')
            }, 50)
            response.on('close', () => {
              clearInterval(drip)
            })
          },
          impatient
        )
      ]
    },
    {
      id: 'JWK-07',
      once: ownWorld,
      variants: [
        beside('50 MiB', 'the body is larger than 262144 bytes', (_request, response) => {
          response.writeHead(200, { 'content-length': fiftyMebibytes.length }).end(fiftyMebibytes)
        }),
        beside('endless chunked', 'the body is larger than 262144 bytes', (_request, response) => {
          const chunk = Buffer.alloc(65536, ' ')
          const more = (): void => {
            while (!response.destroyed && response.write(chunk)) {
              /* goes on */
            }
          }
          response.on('drain', more)
          more()
        }),
        beside('gzip bomb', 'no JWK Set', (_request, response) => {
          response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
        })
      ]
    },
    {
      id: 'JWK-08',
      once: ownWorld,
      variants: [
        {
          name: '1,000 assertions with random kids in 10 s',
          run: async () => {
            const { fetched, fetchDocument } = documents(() => ({ cacheControl: 'max-age=3600' }))
            const fixture = fetching(fetchDocument, [at(url)])
            for (let count = 0; count < 1000; count++) {
              fixture.clock.now = 1000 + Math.floor(count / 100)
              expect((await ask(fixture, assertion({ header: { kid: `kid-${String(count)}` } }))).status).toBe(401)
            }
            expect(fetched).toHaveLength(2)
            expect((await ask(fixture, assertion())).status).toBe(200)
          }
        }
      ]
    },
    {
      id: 'JWK-09',
      once: ownWorld,
      variants: [
        {
          name: '100 at a time on a cold cache',
          run: async () => {
            const { fetched, fetchDocument } = documents(() => ({}))
            const fixture = fetching(fetchDocument, [at(url)])
            const answers = await Promise.all(Array.from({ length: 100 }, () => ask(fixture, assertion())))
            expect([answers.filter(({ status }) => status === 200).length, fetched.length]).toEqual([100, 1])
          }
        },
        {
          name: 'a key that was published while its predecessors were under way',
          run: async () => {
            const box: { answer?: () => void } = {}
            const under = new Promise<void>((resolve) => {
              box.answer = resolve
            })
            const { fetched, fetchDocument } = documents((count) =>
              count === 1 ? { body: JSON.stringify({ keys: [duplicated] }) } : {}
            )
            const fixture = fetching(
              async (address) => {
                const document = await fetchDocument(address)
                if (fetched.length === 1) await under
                return document
              },
              [at(url)]
            )
            const answers = Array.from({ length: 10 }, () =>
              ask(fixture, assertion({ header: { alg: 'RS384', kid: 'rsa' } }))
            )
            box.answer?.()
            expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(
              Array.from({ length: 10 }, () => 200)
            )
            expect(fetched).toHaveLength(2)
          }
        }
      ]
    },
    {
      id: 'JWK-10',
      once: ownWorld,
      variants: [
        keptFor('max-age=60', 'max-age=60', 60),
        keptFor('no-store', 'no-store', 0),
        keptFor('max-age=1e12', 'max-age=1e12', 0),
        keptFor('max-age=1000000000000', 'max-age=1000000000000', 3600),
        keptFor('absent', null, 60),
        keptFor('negative', 'max-age=-1', 0),
        keptFor('no-cache', 'no-cache', 0)
      ]
    },
    {
      id: 'JWK-13',
      once: ownWorld,
      variants: [
        hostile('HTML', '<html></html>', 'AssertionKeysUnavailable'),
        hostile('keys not an array', '{"keys":{"0":1,"length":1}}', 'AssertionKeysUnavailable'),
        hostile(
          '10,000 keys',
          JSON.stringify({ keys: Array.from({ length: 10000 }, () => keys[1]) }),
          'AssertionKeysUnavailable'
        ),
        hostile('duplicate kid', JSON.stringify({ keys: [...keys, duplicated] }), 'AssertionKeyAmbiguous'),
        hostile(
          'oct or private keys',
          JSON.stringify({ keys: [{ kty: 'oct', k: 'AAAA', kid: 'ec' }, jwkOf(ec.privateKey, 'ec')] }),
          'AssertionKeyUnknown'
        ),
        hostile(
          '"__proto__"',
          '{"__proto__":{"polluted":1,"keys":[]},"keys":[{"__proto__":{"kid":"ec","kty":"EC","polluted":1}}]}',
          'AssertionKeyUnknown'
        ),
        hostile('deep nesting', `{"keys":${'['.repeat(50000)}${']'.repeat(50000)}}`, 'AssertionKeyUnknown'),
        hostile('null', 'null', 'AssertionKeysUnavailable'),
        hostile('nothing', '', 'AssertionKeysUnavailable')
      ]
    },
    {
      id: 'JWK-15',
      once: ownWorld,
      variants: [
        {
          name: 'host names and ../ in every place of an assertion',
          run: async () => {
            const { fetched, fetchDocument } = documents(() => ({ cacheControl: 'no-store' }))
            const fixture = fetching(fetchDocument, [at(url)])
            for (const text of [
              'evil.example',
              'https://evil.example/jwks',
              '../../evil',
              '//evil.example',
              'x@evil.example',
              '%2e%2e/'
            ]) {
              for (const member of ['kid', 'x5u', 'jwk', 'cty'])
                await ask(fixture, assertion({ header: { [member]: text } }))
              for (const member of ['iss', 'sub', 'aud', 'jti', 'jwks_uri', 'client_id'])
                await ask(fixture, assertion({ claims: { [member]: text } }))
            }
            expect(fetched.length).toBeGreaterThan(30)
            expect(new Set(fetched)).toEqual(new Set([url]))
          }
        }
      ]
    },
    {
      id: 'JWK-16',
      once: ownWorld,
      differs:
        'Copies are kept by the whole URL: clients that registered one URL have one set of keys, and no other ' +
        'client sees it.',
      variants: [
        {
          name: 'two clients on one host, each with its own path',
          run: async () => {
            const { fetchDocument } = documents((_count, address) =>
              address === `${url}/a` ? {} : { body: JSON.stringify({ keys: [duplicated] }) }
            )
            const fixture = fetching(fetchDocument, [at(`${url}/a`), at(`${url}/b`, 'other-backend')])
            expect((await ask(fixture, assertion())).status).toBe(200)
            expect((await ask(fixture, assertion({ ...from('other-backend'), key: stranger.privateKey }))).status).toBe(
              200
            )
            await refused(fixture, () => ask(fixture, assertion(from('other-backend'))), 'AssertionSignatureWrong')
            await refused(
              fixture,
              () => ask(fixture, assertion({ key: stranger.privateKey })),
              'AssertionSignatureWrong'
            )
          }
        },
        {
          name: 'a client that registers another URL',
          run: async () => {
            const { fetchDocument } = documents((_count, address) =>
              address === `${url}/a`
                ? { cacheControl: 'max-age=3600' }
                : { body: JSON.stringify({ keys: [duplicated] }) }
            )
            const register = [at(`${url}/a`)]
            const box = { clients: memoryClients(register) }
            const fixture = fetching(fetchDocument, [])
            const moved = newFixture({
              ports: {
                ...fixture.ports,
                clients: {
                  find: (id) => box.clients.find(id),
                  isRegisteredOrigin: (origin) => box.clients.isRegisteredOrigin(origin)
                }
              }
            })
            expect((await ask(moved, assertion())).status).toBe(200)
            box.clients = memoryClients([at(`${url}/b`)])
            expect((await ask(moved, assertion())).status).toBe(401)
            expect((await ask(moved, assertion({ key: stranger.privateKey }))).status).toBe(200)
          }
        }
      ]
    }
  ]
})
