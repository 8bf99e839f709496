/**
 * The keys of the records in the store.
 *
 * @module
 */
import type { ServerName } from './server-name.js'

/** The store key of a launch. It contains the digest of the handle, not the handle. */
export const launchKey = (server: ServerName, handleDigest: string): string => `launch:${server} ${handleDigest}`

/** The store key of a client that registered itself at a server. */
export const clientKey = (server: ServerName, clientId: string): string => `client:${server} ${clientId}`

/** The store key of the number of registrations at a server in an hour. */
export const registrationsKey = (server: ServerName, hour: number): string => `registrations:${server} ${String(hour)}`

/** The store key of the number of a server's clients without an initial access token. */
export const registeredKey = (server: ServerName): string => `registered:${server}`

/** The store key of an origin of a self-registered client's pages. */
export const originKey = (server: ServerName, origin: string): string => `origin:${server} ${origin}`

/** The store key of a used assertion. The digest covers the token endpoint at which it was used. */
export const assertionKey = (digest: string): string => `jti:${digest}`

/** The store key of a user's connected apps. It contains the digest of the user's identifier. */
export const connectedAppsKey = (server: ServerName, userDigest: string): string => `apps:${server} ${userDigest}`

/** The expiry of a registration: the year 9999, which every store can represent. */
export const forever = 253402300799
