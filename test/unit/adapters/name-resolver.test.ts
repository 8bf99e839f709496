/** Names become addresses without a thread: over a name server of the test, and from a hosts file. */
import type { Socket } from 'node:dgram'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { guardedFetch } from '../../../src/adapters/fetch/guarded-fetch.js'
import { nameResolver } from '../../../src/adapters/fetch/name-resolver.js'

const [typeA, typeAaaa] = [1, 28]
let server: Socket
let nameServers: ReadonlyArray<string> = []
let folder = ''

/** The name of the first question, and what kind of address it asks for. */
const questionIn = (message: Buffer): { readonly name: string; readonly type: number; readonly end: number } => {
  const labels: Array<string> = []
  let place = 12
  for (let length = message[place] ?? 0; length > 0; length = message[place] ?? 0) {
    labels.push(message.toString('latin1', place + 1, place + 1 + length))
    place += 1 + length
  }
  return { name: labels.join('.'), type: message.readUInt16BE(place + 1), end: place + 5 }
}

const answerTo = (message: Buffer, addresses: ReadonlyArray<Buffer>): Buffer => {
  const { type, end } = questionIn(message)
  const head = Buffer.from(message.subarray(0, 12))
  head.writeUInt16BE(0x8180, 2)
  head.writeUInt16BE(addresses.length, 6)
  head.writeUInt32BE(0, 8)
  const records = addresses.map((address) =>
    Buffer.concat([Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, address.length]), address])
  )
  return Buffer.concat([head, message.subarray(12, end), ...records])
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'names-'))
  server = createSocket('udp4').bind(0, '127.0.0.1')
  await once(server, 'listening')
  nameServers = [`127.0.0.1:${String(server.address().port)}`]
  server.on('message', (message, { port, address }) => {
    const { name, type } = questionIn(message)
    const six = Buffer.from('20010db8000000000000000000000001', 'hex')
    const send = (addresses: ReadonlyArray<Buffer>): void => {
      server.send(answerTo(message, addresses), port, address)
    }
    if (name === 'silent.example') return
    if (name === 'no-six.example' && type === typeAaaa) return
    if (name === 'nobody.example' || (name === 'only-six.example' && type === typeA)) send([])
    else send(type === typeA ? [Buffer.from([93, 184, 216, 34])] : [six])
  })
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

const never = new AbortController().signal
const noHosts = join('there', 'is', 'no', 'such', 'file')
const four = { address: '93.184.216.34', family: 4 }
const six = { address: '2001:db8::1', family: 6 }

describe('a name', () => {
  it.each([
    ['both.example', [four, six]],
    ['only-six.example', [six]],
    ['no-six.example', [four]],
    ['BOTH.example.', [four, six]]
  ])('%s has the addresses that its name server tells', async (name, addresses) => {
    expect(await nameResolver({ hostsFile: noHosts, nameServers })(name, never)).toEqual(addresses)
  })

  it('has none where no name server knows it', async () => {
    await expect(nameResolver({ hostsFile: noHosts, nameServers })('nobody.example', never)).rejects.toThrow(
      'the name has no address'
    )
  })

  it('has the addresses of the hosts file, which is read again when it was changed', async () => {
    const hostsFile = join(folder, 'hosts')
    writeFileSync(
      hostsFile,
      '# a comment\n10.0.0.7\tkeys.example  Keys2.example # both.example\n::1 keys.example\nno.address x.example\n'
    )
    const resolve = nameResolver({ hostsFile, nameServers })
    expect(await resolve('KEYS.example', never)).toEqual([
      { address: '10.0.0.7', family: 4 },
      { address: '::1', family: 6 }
    ])
    expect(await resolve('keys2.example', never)).toEqual([{ address: '10.0.0.7', family: 4 }])
    expect(await resolve('both.example', never)).toEqual([four, six])
    await new Promise((done) => {
      setTimeout(done, 20)
    })
    writeFileSync(hostsFile, '10.0.0.8 keys.example\n')
    expect(await resolve('keys.example', never)).toEqual([{ address: '10.0.0.8', family: 4 }])
  })

  it.each(['localhost', 'app.localhost', 'LOCALHOST.'])('%s is this machine, and no name is resolved', async (name) => {
    const machine = [
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 }
    ]
    expect(await nameResolver({ hostsFile: noHosts, nameServers: ['127.0.0.1:1'] })(name, never)).toEqual(machine)
  })
})

describe('a name server that does not respond', () => {
  const failure = (fetching: Promise<unknown>): Promise<string> =>
    fetching.then(
      () => 'fetched',
      (error: unknown) => (error instanceof Error ? error.message : 'unknown')
    )

  it('is not waited for longer than the whole request', async () => {
    const fetchDocument = guardedFetch({
      resolve: nameResolver({ hostsFile: noHosts, nameServers }),
      timeoutMilliseconds: 200
    })
    expect(await failure(fetchDocument('https://silent.example/jwks'))).toBe('no answer in time')
  })

  it('holds no thread, so that cryptography goes on', async () => {
    const resolve = nameResolver({ hostsFile: noHosts, nameServers })
    const controllers = Array.from({ length: 20 }, () => new AbortController())
    const waiting = controllers.map(({ signal }) => failure(resolve('silent.example', signal)))
    expect(process.getActiveResourcesInfo()).not.toContain('GetAddrInfoReqWrap')
    const begun = performance.now()
    await Promise.all(Array.from({ length: 20 }, () => crypto.subtle.digest('SHA-256', new Uint8Array(32))))
    expect(performance.now() - begun).toBeLessThan(1000)
    for (const controller of controllers) controller.abort(new Error('over'))
    expect(await Promise.all(waiting)).toEqual(
      Array.from({ length: 20 }, () => 'the name has no address, or no name server answers')
    )
  })

  it('is called by the fetch without a thread', async () => {
    const waiting = guardedFetch({ timeoutMilliseconds: 200 })('https://silent.invalid/jwks')
    const held = process.getActiveResourcesInfo()
    await failure(waiting)
    expect(held).not.toContain('GetAddrInfoReqWrap')
  })
})
