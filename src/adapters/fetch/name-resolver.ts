/**
 * Resolves names without a thread: from the machine's own hosts file, then by queries to its name servers.
 *
 * The system's resolver (`dns.lookup`) blocks one of the few threads of the process until the name server answers, and
 * cryptography needs the same threads. Untrusted parties choose the names and run name servers. Source: RFC 6761,
 * section 6.3 (localhost); RFC 8305, section 3 (short wait for the other address family).
 *
 * @module
 */
import type { LookupAddress } from 'node:dns'
import { Resolver } from 'node:dns/promises'
import { readFileSync, statSync } from 'node:fs'
import { isIP } from 'node:net'
import { limits } from '../../values/limits/limits.js'
import { ownMembers } from '../../values/own.js'

/** The options of {@link nameResolver}; tests use a name server of their own. */
export interface NameResolverOptions {
  /** Default: the system's hosts file. */
  readonly hostsFile?: string
  /** Default: the system's name servers. */
  readonly nameServers?: ReadonlyArray<string>
}

/** Resolves a name to addresses. Rejects if it has none, and soon after the signal is aborted. */
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

/** The addresses of a name in a hosts file; the file is read again after it changes. */
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

/** How long the resolver waits for IPv6 addresses when it has IPv4 addresses, in milliseconds. */
const resolutionDelay = 200

const afterDelay = (): Promise<ReadonlyArray<LookupAddress>> =>
  new Promise((resolve) => {
    setTimeout(() => {
      resolve([])
    }, resolutionDelay)
  })

/**
 * A resolver that blocks no thread. It supports neither search domains nor other sources of names; a host that needs
 * those supplies its own resolver.
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
      ownMembers({ timeout: limits.nameServerTime.default, tries: limits.nameServerTries.default })
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
