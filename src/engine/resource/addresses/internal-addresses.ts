/**
 * Addresses of internal networks in what the upstream server says about a request: clients must not know them.
 *
 * @module
 */
import type { Addresses } from './public-address.js'
import { publicAddress } from './public-address.js'
import type { Resource } from '../../../protocol/access/fhir-interaction.js'
import { isObject } from '../../../values/object.js'

/**
 * Whether a host is only of an internal network: an address of IP, a name without a domain, a name in a domain of
 * internal networks, or one with a port.
 */
const isInternalHost = (host: string): boolean =>
  !host.includes('.') ||
  !host.split('.').every((label) => /^[a-z0-9-]+$/i.test(label)) ||
  !/\.[a-z]{2,}$/i.test(host) ||
  /\.(?:local|localdomain|internal|intranet|lan|home|corp|svc)$/i.test(host)

/** An address in a text, with its host: of HTTP, of a database, or of another protocol. */
const addresses = /\b[a-z][a-z0-9+.-]{0,19}:\/\/([^\s/?#"'<>|,;)\]}]+)[^\s"'<>|,;)\]}]*/gi

/** Replaces the addresses of internal networks in a text, but for those of this server and those in the request. */
export const withoutInternalAddresses = (server: Addresses, requestText: string): ((text: string) => string) => {
  // The request may be long, and the answer may name many addresses: the request is searched once.
  let sent: ReadonlySet<string> | null = null
  const isSent = (address: string): boolean => (sent ??= new Set(requestText.match(addresses))).has(address)
  return (text) =>
    text.replace(addresses, (address: string, host: string) =>
      !isInternalHost(host) || publicAddress(server, address) !== null || isSent(address)
        ? address
        : '[internal address]'
    )
}

/**
 * An OperationOutcome whose texts name no address of an internal network, its narrative among them; the same object if
 * it names none.
 */
export const publicOutcome = (server: Addresses, outcome: Resource, requestText: string): Resource => {
  const shown = withoutInternalAddresses(server, requestText)
  const without = (value: unknown): unknown => {
    if (typeof value === 'string') return shown(value)
    if (Array.isArray(value)) return value.map(without)
    return isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, without(one)]))
      : value
  }
  const changed = without(outcome) as Resource
  return JSON.stringify(changed) === JSON.stringify(outcome) ? outcome : changed
}
