/**
 * How names become addresses without a thread: the machine's own hosts file, then its name servers, asked directly.
 *
 * The system's resolver (`dns.lookup`) holds one of the few threads of the process for as long as a name server is
 * silent, and cryptography needs the same threads. Strangers choose the names and run the name servers. Source: RFC
 * 6761, section 6.3 (localhost); RFC 8305, section 3 (the other family is not waited for long).
 *
 * @module
 */
import type { LookupAddress } from 'node:dns'
import { Resolver } from 'node:dns/promises'
import { readFileSync, statSync } from 'node:fs'
import { isIP } from 'node:net'
import { limits } from '../../values/limits/limits.js'
import { ownMembers } from '../../values/own.js'

/** What may be different; a test has a name server of its own. */
export interface NameResolverOptions {
  /** Default: that of the system. */
  readonly hostsFile?: string
  /** Default: those of the system. */
  readonly nameServers?: ReadonlyArray<string>
}

/** A name as addresses. Rejects where it has none, and soon after the signal was aborted. */
export type NameResolver = (name: string, signal: AbortSignal) => Promise<ReadonlyArray<LookupAddress>>

const systemHostsFile =
  process.platform === 'win32'
    ? `${process.env['SystemRoot'] ?? 'C:\\Windows'}\\System32\\drivers\\etc\\hosts`
    : '/etc/hosts'

const withoutDot = (name: string): string => name.toLowerCase().replace(/\.$/, '')

const readHosts = (text: string): ReadonlyMap<string, ReadonlyArray<LookupAddress>> => {
  const hosts = new Map<string, Array<LookupAddress>>()
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    const family = isIP(address)
    if (family === 0) continue
    for (const name of names) {
      const known = hosts.get(withoutDot(name))
      if (known === undefined) hosts.set(withoutDot(name), [{ address, family }])
      else known.push({ address, family })
    }
  }
  return hosts
}

/** The addresses that a hosts file gives a name; the file is read again when it was changed. */
const hostsIn = (file: string): ((name: string) => ReadonlyArray<LookupAddress>) => {
  let read = { changed: -1, hosts: readHosts('') }
  return (name) => {
    try {
      const changed = statSync(file).mtimeMs
      if (changed !== read.changed) read = { changed, hosts: readHosts(readFileSync(file, 'utf8')) }
      return read.hosts.get(name) ?? []
    } catch {
      return []
    }
  }
}

const addressesOf = (family: 4 | 6, addresses: ReadonlyArray<string>): ReadonlyArray<LookupAddress> =>
  addresses.map((address) => ({ address, family }))

/** How long addresses of version 6 are waited for when there are others, in milliseconds. */
const resolutionDelay = 200

const afterDelay = (): Promise<ReadonlyArray<LookupAddress>> =>
  new Promise((resolve) => {
    setTimeout(() => {
      resolve([])
    }, resolutionDelay)
  })

/**
 * A resolver that takes no thread. It knows neither search domains nor other sources of names; a host with those gives
 * its own.
 */
export const nameResolver = (options: NameResolverOptions = {}): NameResolver => {
  const { hostsFile = systemHostsFile, nameServers } = ownMembers(options)
  const listed = hostsIn(hostsFile)
  return async (name, signal) => {
    const bare = withoutDot(name)
    const local = listed(bare)
    if (local.length > 0) return local
    if (bare === 'localhost' || bare.endsWith('.localhost'))
      return [
        { address: '127.0.0.1', family: 4 },
        { address: '::1', family: 6 }
      ]
    const resolver = new Resolver(
      ownMembers({ timeout: limits.nameServerTime.standard, tries: limits.nameServerTries.standard })
    )
    if (nameServers !== undefined) resolver.setServers(nameServers)
    const cancel = (): void => {
      resolver.cancel()
    }
    signal.addEventListener('abort', cancel, { once: true })
    try {
      const found6 = resolver.resolve6(bare).then(
        (addresses) => addressesOf(6, addresses),
        () => []
      )
      const found4 = await resolver.resolve4(bare).then(
        (addresses) => addressesOf(4, addresses),
        () => []
      )
      const found = [...found4, ...(await (found4.length === 0 ? found6 : Promise.race([found6, afterDelay()])))]
      if (found.length === 0) throw new Error('the name has no address, or no name server answers')
      return found
    } finally {
      signal.removeEventListener('abort', cancel)
      resolver.cancel()
    }
  }
}
