/** Converts clients of the configuration to registered clients. */
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import type { ClientEntry } from './config.js'
import type { Keys } from '../../engine/ports.js'
import type { RegisteredClient } from '../../protocol/client/client.js'
import { parse } from '../../scopes/parse.js'
import { ownMembers } from '../../values/own.js'

/** Registers a client; only a digest of its secret is stored. */
export const registeredClient = (keys: Keys, entry: ClientEntry): Task.Task<RegisteredClient> => {
  const { client_id, client_secret, metadata, mayIntrospect = false } = ownMembers(entry)
  return pipe(
    Task.sequenceArray(client_secret === undefined ? [] : [keys.digest(client_secret)]),
    Task.map((secretDigests): RegisteredClient => {
      const { keys: source, clientName, scope, ...rest } = metadata
      return {
        ...rest,
        clientId: client_id,
        clientName: clientName === '' ? client_id : clientName,
        scope: parse(scope),
        secretDigests,
        mayIntrospect,
        ...(source === null ? {} : { keys: source })
      }
    })
  )
}
