/**
 * The keys of the records in the store.
 *
 * @module
 */
import type { ServerName } from './server-name.js'

/** The store's key of a launch, which holds no usable handle. */
export const launchKey = (server: ServerName, handleDigest: string): string => `launch:${server} ${handleDigest}`

/** The store's key of a client that registered itself at a server. */
export const clientKey = (server: ServerName, clientId: string): string => `client:${server} ${clientId}`

/** The store's key of the number of clients that registered at a server in an hour. */
export const registrationsKey = (server: ServerName, hour: number): string => `registrations:${server} ${String(hour)}`

/** The store's key of the number of clients of a server for which nobody has vouched. */
export const registeredKey = (server: ServerName): string => `registered:${server}`

/** The store's key of an origin from which pages of such a client come. */
export const originKey = (server: ServerName, origin: string): string => `origin:${server} ${origin}`

/**
 * The store's key of an assertion that was used; the digest covers the token endpoint of the server that it was used
 * at.
 */
export const assertionKey = (digest: string): string => `jti:${digest}`

/** A registration is kept for ever: until the year 9999, which every store can write down. */
export const forever = 253402300799
