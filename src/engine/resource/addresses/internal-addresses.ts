/**
 * Addresses of internal networks in what the upstream server says about an error: clients must not know them.
 *
 * @module
 */
import type { Addresses } from '../public-urls.js'
import { publicAddress } from '../public-urls.js'
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

/** Replaces the addresses of internal networks in a text, but for those of this server and those in the request. */
export const withoutInternalAddresses = (addresses: Addresses, requestText: string): ((text: string) => string) => {
  const isOurs = (address: string): boolean => publicAddress(addresses, address) !== null
  return (text) =>
    text.replace(/\bhttps?:\/\/([^\s/?#"'<>|,;)\]}]+)[^\s"'<>|,;)\]}]*/gi, (address: string, host: string) =>
      !isInternalHost(host) || isOurs(address) || requestText.includes(address) ? address : '[internal address]'
    )
}

/** An OperationOutcome whose texts name no address of an internal network. */
export const publicOutcome = (addresses: Addresses, outcome: Resource, requestText: string): Resource => {
  const shown = withoutInternalAddresses(addresses, requestText)
  const without = (value: unknown): unknown => {
    if (typeof value === 'string') return shown(value)
    if (Array.isArray(value)) return value.map(without)
    return isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, without(one)]))
      : value
  }
  return { ...outcome, issue: without(outcome['issue']) }
}
