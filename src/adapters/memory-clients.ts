/**
 * Clients in memory, and ports for hosts that have neither sessions nor key set URLs.
 *
 * @module
 */
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { ClientKeys, Clients, Users } from '../engine/ports.js'
import { portUnavailable } from '../engine/ports.js'
import type { RegisteredClient } from '../protocol/client/client.js'
import { originsOf } from '../protocol/client/cors.js'

/** A client registry that is fixed when the process starts. */
export const memoryClients = (clients: ReadonlyArray<RegisteredClient>): Clients => {
  const byId = new Map(clients.map((client) => [client.clientId, client]))
  const origins = new Set(clients.flatMap(originsOf))
  return {
    find: (clientId) => TaskEither.right(Option.fromNullable(byId.get(clientId))),
    isRegisteredOrigin: (origin) => TaskEither.right(origins.has(origin))
  }
}

/** For a host without sessions: no user is online, so `online_access` has no use (and is not granted by default). */
export const noSessions: Users = { isOnline: () => TaskEither.right(false) }

/** For a host whose clients publish no keys by URL. */
export const noClientKeys: ClientKeys = {
  keysAt: () => TaskEither.left(portUnavailable('no key set URL is fetched here'))
}
