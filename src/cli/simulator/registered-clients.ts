/** Clients of the configuration as registered clients. */
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import type { ClientEntry } from './config.js'
import type { Keys } from '../../engine/ports.js'
import type { GrantType, RegisteredClient } from '../../messages/client.js'
import { grantTypes } from '../../messages/client.js'
import { parse } from '../../scopes/parse.js'

const isGrantType = (name: string): name is GrantType => grantTypes.some((grantType) => grantType === name)

/** Registers a client; its secret is kept as a digest only. */
export const registeredClient = (keys: Keys, entry: ClientEntry): Task.Task<RegisteredClient> =>
  pipe(
    Task.sequenceArray(entry.client_secret === undefined ? [] : [keys.digest(entry.client_secret)]),
    Task.map((secretDigests): RegisteredClient => ({
      clientId: entry.client_id,
      clientName: entry.client_name ?? entry.client_id,
      redirectUris: entry.redirect_uris ?? [],
      launchUris: entry.launch_uris ?? [],
      scope: parse(entry.scope ?? ''),
      grantTypes: (entry.grant_types ?? ['authorization_code']).filter(isGrantType),
      tokenEndpointAuthMethod: entry.token_endpoint_auth_method === 'none' ? 'none' : 'client_secret_basic',
      secretDigests,
      applicationType: entry.application_type ?? 'web'
    }))
  )
