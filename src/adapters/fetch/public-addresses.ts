/**
 * Which addresses are on the public internet, and which lead to machines that an untrusted party must not reach.
 *
 * Source: RFC 6890 (special-purpose addresses).
 *
 * @module
 */
import type { LookupAddress } from 'node:dns'
import { BlockList, isIP } from 'node:net'

/** A list of addresses (`127.0.0.1`) and networks (`10.1.0.0/16`); throws on an entry that is neither. */
export const networksOf = (networks: ReadonlyArray<string>): BlockList => {
  const list = new BlockList()
  for (const network of networks) {
    const [, address = '', bits] = /^([^/]*)(?:\/([0-9]{1,3}))?$/.exec(network) ?? []
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (isIP(address) === 0 || Number(bits ?? 0) > (family === 'ipv6' ? 128 : 32)) {
      throw new Error(`${JSON.stringify(network)} is no address and no network`)
    }
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return list
}

/** IPv4 addresses that are not on the public internet; the last entry leads a machine in Azure to its own host. */
const special4 = networksOf([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '168.63.129.16/32'
])

/**
 * IPv6 addresses that are not on the public internet: all outside global unicast (2000::/3), which excludes every
 * notation of IPv4 inside IPv6; and the special ranges within it.
 */
const special6 = networksOf([
  '::/3',
  '4000::/2',
  '8000::/1',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '2620:4f:8000::/48',
  '3fff::/20'
])

/** Loopback addresses. */
export const loopback = networksOf(['127.0.0.0/8', '::1/128'])

/**
 * An address in the form in which it is checked: without its zone, with its real family, and with IPv4 inside IPv6 as
 * IPv4.
 */
export const plainAddress = ({ address: written }: LookupAddress): LookupAddress => {
  const [address = ''] = written.split('%')
  const family = isIP(address)
  const [, inside] = /^::ffff:([0-9.]+)$/i.exec(address) ?? []
  if (inside !== undefined) return { address: inside, family: 4 }
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address) ?? []
  if (high === undefined || low === undefined) return { address, family }
  const [first, second] = [parseInt(high, 16), parseInt(low, 16)]
  return { address: [first >> 8, first & 255, second >> 8, second & 255].join('.'), family: 4 }
}

/** Whether a list contains an address. */
export const isIn = (list: BlockList, { address, family }: LookupAddress): boolean =>
  list.check(address, family === 6 ? 'ipv6' : 'ipv4')

/** Whether an address is not on the public internet, or is not an address. */
export const isSpecial = (address: LookupAddress): boolean =>
  address.family === 0 || isIn(address.family === 6 ? special6 : special4, address)
