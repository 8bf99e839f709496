/** One set of launches through every framework: the answers are those of the Node host, byte by byte. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { Embedding, MakeHost } from './frameworks.js'
import { frameworks } from './frameworks.js'
import type { Step } from './launch-script.js'
import { walkThrough } from './launch-script.js'
import type { Place } from './world.js'
import { worldHost } from './world.js'
import type { SmartHost } from '../../src/host/smart-host.js'

interface Situation extends Embedding {
  readonly situation: string
  readonly place: Place
}

const situations: ReadonlyArray<Situation> = [
  { situation: 'at the root', place: { path: '' }, mount: '', parsers: false },
  { situation: 'below a path', place: { path: '/a/b' }, mount: '', parsers: false },
  { situation: 'mounted at a path', place: { path: '/a/b' }, mount: '/a/b', parsers: false },
  { situation: 'behind a proxy', place: { path: '/ehr', removes: '/ehr' }, mount: '', parsers: false },
  { situation: 'behind body parsers', place: { path: '' }, mount: '', parsers: true }
]

const walk = async (name: string, { place, mount, parsers }: Situation): Promise<ReadonlyArray<Step>> => {
  const hosts: Array<SmartHost<never>> = []
  const make: MakeHost = (cookieOf) => {
    const host = worldHost(cookieOf, place)
    hosts.push(host)
    return host
  }
  const served = await frameworks[name]?.(make, { mount, parsers })
  const [host] = hosts
  if (served === undefined || host === undefined) throw new Error(name)
  try {
    return await walkThrough({ served, place, host, hasParsers: parsers, isAtRoot: mount === '' })
  } finally {
    await served.close()
  }
}

describe.each(situations)('a host $situation', (situation) => {
  let expected: ReadonlyArray<Step> = []
  beforeAll(async () => {
    expected = await walk('node', situation)
  })

  it('launches apps, and refuses what is wrong', () => {
    const statuses = new Map(expected.map(([name, { status }]) => [name, status]))
    expect(Object.fromEntries(statuses)).toMatchObject({
      'SMART configuration': 200,
      metadata: 200,
      ...(situation.mount === '' && situation.place.removes === undefined ? { 'RFC 8414': 200 } : {}),
      'standalone: token': 200,
      read: 200,
      refresh: 200,
      'connected apps': 200,
      revocation: 200,
      'refresh after revocation': 400,
      'read after revocation': 401,
      'narrowed: token': 200,
      'EHR launch: token': 200,
      'wrong verifier: token': 400,
      'unknown client': 400,
      'no access token': 401,
      'broken percent': 400,
      'no UTF-8': 400,
      compressed: 415
    })
  })

  it.each(Object.keys(frameworks).filter((name) => name !== 'node'))('answers the same in %s', async (name) => {
    expect(await walk(name, situation)).toEqual(expected)
  })
})
