import type { LookupAddress } from 'node:dns'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import tls from 'node:tls'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { guardedFetch } from '../../../src/adapters/fetch/guarded-fetch.js'

const requests: Array<string> = []
let server: Server
let base = ''

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(
      `${request.method ?? ''} ${request.url ?? ''} ${request.headers.accept ?? ''} ${request.headers.cookie ?? '-'}`
    )
    switch (request.url ?? '') {
      case '/good':
        response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'max-age=5' }).end('{"keys":[]}')
        return
      case '/aged':
        response.writeHead(200, { 'cache-control': 'max-age=60', age: '50' }).end('{"keys":[]}')
        return
      case '/redirect':
        response.writeHead(302, { location: '/good' }).end()
        return
      case '/endless': {
        const chunk = Buffer.alloc(65536, 'x')
        const more = (): void => {
          while (!response.destroyed && response.write(chunk)) {
            /* goes on */
          }
        }
        response.on('drain', more)
        more()
        return
      }
      case '/slow':
        response.writeHead(200).write('{')
    }
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  base = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const here = guardedFetch({ allowedNetworks: ['127.0.0.1'], timeoutMilliseconds: 300 })

const failure = (fetching: Promise<unknown>): Promise<string> =>
  fetching.then(
    () => 'fetched',
    (error: unknown) => (error instanceof Error ? error.message : 'unknown')
  )

describe('a guarded fetch', () => {
  it('gets a document from an allowed address, with nothing that identifies the caller', async () => {
    expect(await here(`${base}/good`)).toEqual({ status: 200, cacheControl: 'max-age=5', body: '{"keys":[]}' })
    expect(requests).toEqual(['GET /good application/json -'])
  })

  it('follows no redirect', async () => {
    expect((await here(`${base}/redirect`)).status).toBe(302)
    expect(requests.filter((line) => line.includes('/good'))).toHaveLength(1)
  })

  it('stops reading what is too large', async () => {
    expect(await failure(here(`${base}/endless`))).toBe('the body is larger than 262144 bytes')
  })

  it.each(['/slow', '/silent'])('gives up on %s', async (path) => {
    expect(await failure(here(`${base}${path}`))).toBe('no answer in time')
  })

  it('ends with its connection when no client waits, and is not begun for one that has left', async () => {
    const closed: Array<string> = []
    const ask = (request: { readonly socket: { on: (name: 'close', hear: () => void) => unknown } }): void => {
      request.socket.on('close', () => {
        closed.push('closed')
      })
    }
    server.once('request', ask)
    const client = new AbortController()
    const fetching = failure(guardedFetch({ allowedNetworks: ['127.0.0.1'] })(`${base}/slow`, client.signal))
    await vi.waitFor(() => {
      expect(requests.at(-1)).toContain('/slow')
    })
    const before = requests.length
    client.abort()
    expect(await fetching).toBe('the client has left')
    await vi.waitFor(() => {
      expect(closed).toEqual(['closed'])
    })
    expect(await failure(here(`${base}/good`, client.signal))).toBe('the client has left')
    expect(requests).toHaveLength(before)
  })

  it.each([
    '127.0.0.1',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '[::1]',
    '[fc00::1]',
    '[fd12::1]',
    '[fe80::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '127.1',
    '[::]',
    '224.0.0.1',
    '255.255.255.255',
    '168.63.129.16',
    '[::ffff:168.63.129.16]'
  ])('makes no connection to %s', async (host) => {
    expect(await failure(guardedFetch({})(`https://${host}/jwks`))).toMatch(/is a private address$/)
  })

  it.each([
    ['one private address', [{ address: '10.0.0.5', family: 4 }]],
    ['a private one of version 6', [{ address: '::1', family: 6 }]],
    [
      'a public and a private one',
      [
        { address: '93.184.216.34', family: 4 },
        { address: '10.0.0.5', family: 4 }
      ]
    ],
    ['an address of this link, with its zone', [{ address: 'fe80::1%eth0', family: 6 }]],
    ['an address of version 4 that is called one of version 6', [{ address: '10.0.0.5', family: 6 }]],
    ['a mapped address, written out', [{ address: '0:0:0:0:0:ffff:7f00:1', family: 6 }]],
    ['an address of version 4 in a compatible one', [{ address: '::127.0.0.1', family: 6 }]],
    ['an address of version 4 in a translated one', [{ address: '::ffff:0:127.0.0.1', family: 6 }]],
    ['an address of nobody', [{ address: '4000::1', family: 6 }]],
    ['no address but a text', [{ address: 'here', family: 4 }]]
  ])('makes no connection to a name with %s', async (_name, addresses) => {
    const fetchDocument = guardedFetch({ resolve: () => Promise.resolve(addresses) })
    expect(await failure(fetchDocument('https://keys.evil.example/jwks'))).toMatch(/is a private address$/)
  })

  it('makes no connection to a name without address', async () => {
    expect(await failure(guardedFetch({ resolve: () => Promise.resolve([]) })('https://keys.example/'))).toBe(
      'the name has no address'
    )
  })

  it.each([
    ['http://93.184.216.34/jwks', 'only https is fetched'],
    ['http://localhost/jwks', 'only https is fetched'],
    ['file:///etc/passwd', 'only https is fetched'],
    ['https://93.184.216.34:8443/jwks', 'only port 443 is fetched from'],
    ['https://user@93.184.216.34/jwks', 'an address with credentials is not fetched']
  ])('does not fetch %s', async (address, reason) => {
    expect(await failure(guardedFetch({})(address))).toBe(reason)
  })

  it.each(['localhost', '10.0.0.0/', '10.0.0.0/x', '10.0.0.0/33', '10.0.0.0/8/8', '::/129', ''])(
    'takes the network %j for a mistake',
    (network) => {
      expect(() => guardedFetch({ allowedNetworks: [network] })).toThrow(
        `${JSON.stringify(network)} is no address and no network`
      )
    }
  )

  it('connects to the address that was checked, even if the name has another address a moment later', async () => {
    const answers = ['127.0.0.1', '10.0.0.5', '169.254.169.254']
    const resolved: Array<string> = []
    const fetchDocument = guardedFetch({
      allowedNetworks: ['127.0.0.1'],
      resolve: (name) => {
        resolved.push(name)
        return Promise.resolve([{ address: answers[resolved.length - 1] ?? '', family: 4 }])
      }
    })
    const port = new URL(base).port
    expect((await fetchDocument(`http://localhost:${port}/good`)).status).toBe(200)
    expect(resolved).toEqual(['localhost'])
    expect(await failure(fetchDocument(`http://localhost:${port}/good`))).toBe('only https is fetched')
  })

  it('connects to the address that was checked and looks the name up no second time', async () => {
    const connected: Array<string> = []
    const listener = createTcpServer((socket) => {
      connected.push(socket.remoteAddress ?? '')
      socket.destroy()
    })
    await new Promise<void>((resolve) => {
      listener.listen(0, '127.0.0.1', resolve)
    })
    const { port } = listener.address() as AddressInfo
    const resolve = (): Promise<Array<LookupAddress>> => Promise.resolve([{ address: '127.0.0.1', family: 4 }])
    // No resolver knows this name (RFC 6761, section 6.4).
    await failure(
      guardedFetch({ allowedNetworks: ['127.0.0.1'], resolve })(`https://keys.invalid:${String(port)}/jwks`)
    )
    listener.close()
    expect(connected).toHaveLength(1)
  })

  it('trusts the usual certificates besides those that it is given', async () => {
    const context = vi.spyOn(tls, 'createSecureContext')
    const [usual = '', ...others] = tls.rootCertificates
    const fetchDocument = guardedFetch({ allowedNetworks: ['127.0.0.1'], certificateAuthorities: [usual] })
    expect(await failure(fetchDocument(base.replace('http:', 'https:')))).not.toBe('fetched')
    expect(context.mock.calls.flatMap(([options]) => options?.ca)).toEqual(expect.arrayContaining([...others]))
    context.mockRestore()
  })

  it('says how long a cache on the way has kept the document', async () => {
    expect((await here(`${base}/aged`)).ageSeconds).toBe(50)
  })
})
