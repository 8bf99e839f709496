/** Registers apps for the pages: by the registration endpoint itself, with a token that only this process has. */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type * as Task from 'fp-ts/lib/Task.js'
import { authorizationServer } from '../../engine/server/authorization-server.js'
import type { Ports } from '../../engine/ports.js'
import type { ServerSettings } from '../../engine/server/settings.js'
import { jsonType } from '../../protocol/http/media-type.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import { plainRefusal } from '../../protocol/errors/refusal-table.js'
import { limits } from '../../values/limits/limits.js'
import { below, pathOf } from '../../values/urls.js'

/** The widest scope of an app that is registered on a page. */
const widestScope =
  'launch launch/patient launch/encounter openid fhirUser profile offline_access online_access patient/*.cruds ' +
  'user/*.cruds system/*.cruds'

/**
 * How many apps the page may register within an hour. Those that register themselves are counted too, so the page has a
 * number beyond theirs.
 */
const limitPerHour = limits.registrationsPerHour.default + limits.simulatorPageRegistrations.default

/** Registers, changes and removes apps. The answers are those of RFC 7591 and RFC 7592. */
export interface Registrar {
  readonly register: (metadata: object) => Task.Task<PlainResponse>
  /** Replaces the registration; `token` is the registration access token of the app. */
  readonly change: (clientId: string, token: string, metadata: object) => Task.Task<PlainResponse>
  readonly read: (clientId: string, token: string) => Task.Task<PlainResponse>
  readonly remove: (clientId: string, token: string) => Task.Task<PlainResponse>
}

/** The registrar of the server with these settings and ports. */
export const registrarOf = (settings: ServerSettings, ports: Ports): Registrar => {
  const initialToken = ports.random.token()
  const server = async () =>
    authorizationServer(
      {
        ...settings,
        registration: {
          mode: 'token',
          initialAccessTokenDigests: [await ports.keys.digest(initialToken)()],
          scope: widestScope,
          allowLoopback: true,
          limitPerHour
        }
      },
      ports
    )
  let built: ReturnType<typeof server> | null = null
  const send =
    (method: string, clientId: string | null, token: string, body: object | null): Task.Task<PlainResponse> =>
    async () => {
      const made = await (built ??= server())
      if (Either.isLeft(made)) return plainRefusal(null)
      const endpoint = below(settings.issuer, 'register')
      const answered = made.right.endpoints.protocol({
        method,
        path: pathOf(clientId === null ? endpoint : below(endpoint, clientId)),
        query: '',
        headers: { authorization: `Bearer ${token}`, 'content-type': jsonType },
        body: body === null ? '' : JSON.stringify(body)
      })
      return Option.isSome(answered) ? answered.value() : plainRefusal(null)
    }
  return {
    register: (metadata) => send('POST', null, initialToken, metadata),
    change: (clientId, token, metadata) => send('PUT', clientId, token, { ...metadata, client_id: clientId }),
    read: (clientId, token) => send('GET', clientId, token, null),
    remove: (clientId, token) => send('DELETE', clientId, token, null)
  }
}
