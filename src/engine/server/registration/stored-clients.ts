/**
 * The clients that registered themselves, in addition to those of the host.
 *
 * @module
 */
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { loadState } from '../../compare-and-swap.js'
import type { Clients, PortError, Ports } from '../../ports.js'
import { portUnavailable } from '../../ports.js'
import type { ServerName } from '../server-name.js'
import { clientKey, originKey } from '../store-keys.js'
import { isOrigin } from '../../../protocol/client/cors.js'
import { StoredClientCodec, asRegisteredClient } from '../../../protocol/client/stored-client.js'

/** Whether an id has the form of the ids assigned here; other ids are not looked up. */
export const isOwnId = (clientId: string): boolean => /^[A-Za-z0-9_-]{22}$/.test(clientId)

const unavailable = (): PortError => portUnavailable('the store did not answer')

/**
 * The client registry with self-registered clients of one server in addition to the host's clients, which take
 * precedence.
 */
export const withStoredClients = (
  server: ServerName,
  { clients: known, clock, store }: Pick<Ports, 'clients' | 'clock' | 'store'>
): Clients => ({
  find: (clientId) =>
    pipe(
      known.find(clientId),
      TaskEither.chain((found) =>
        Option.isSome(found) || !isOwnId(clientId)
          ? TaskEither.right(found)
          : pipe(
              loadState(store, StoredClientCodec)(clientKey(server, clientId)),
              TaskEither.bimap(
                unavailable,
                Option.chain(({ state }) =>
                  state._tag === 'Registered' ? Option.some(asRegisteredClient(state, clock.now())) : Option.none
                )
              )
            )
      )
    ),
  isRegisteredOrigin: (origin) =>
    pipe(
      known.isRegisteredOrigin(origin),
      TaskEither.chain((isKnown) =>
        isKnown || !isOrigin(origin)
          ? TaskEither.right(isKnown)
          : pipe(store.load(originKey(server, origin)), TaskEither.bimap(unavailable, Option.isSome))
      )
    )
})
