/**
 * The clients under the ids that their apps sent already. The registration assigns every id, so the list of the page of
 * apps says which registration an app with such an id has.
 */
import * as Option from 'fp-ts/lib/Option.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { AppList } from './app-list.js'
import { mayBeKept } from '../launch/kept-id.js'
import type { Clients } from '../../engine/ports.js'
import { portUnavailable } from '../../engine/ports.js'
import type { RegisteredClient } from '../../protocol/client/client.js'

/** A registered client under the id that its app keeps. */
export const underKeptId = (client: RegisteredClient, clientId: string): RegisteredClient => ({
  ...client,
  clientId,
  clientName: client.clientName === client.clientId ? clientId : client.clientName
})

/** The clients, and those that keep an id. Every client that has the id itself takes precedence. */
export const withKeptIds = (list: Pick<AppList, 'all'>, known: Clients): Clients => ({
  ...known,
  find: (clientId) =>
    pipe(
      known.find(clientId),
      TaskEither.chain((found) =>
        Option.isSome(found) || !mayBeKept(clientId)
          ? TaskEither.right(found)
          : pipe(
              list.all,
              TaskEither.mapLeft(() => portUnavailable('the store did not answer')),
              TaskEither.chain((apps) => {
                const { registeredAs } = apps.find((app) => app.clientId === clientId) ?? {}
                return registeredAs === undefined ? TaskEither.right(Option.none) : known.find(registeredAs)
              }),
              TaskEither.map(Option.map((client) => underKeptId(client, clientId)))
            )
      )
    )
})
