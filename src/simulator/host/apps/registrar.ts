/** Registers apps for the pages: by the registration endpoint itself, with a token that only this process has. */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type * as Task from 'fp-ts/lib/Task.js'
import { authorizationServer } from '../../../engine/server/authorization-server.js'
import type { Ports } from '../../../engine/ports.js'
import type { ServerSettings } from '../../../engine/server/settings.js'
import { widestAppScope } from '../../launch/scope-field.js'
import { jsonType } from '../../../protocol/http/media-type.js'
import type { PlainResponse } from '../../../protocol/http/message.js'
import { plainRefusal } from '../../../protocol/errors/refusal-table.js'
import { limits } from '../../../values/limits/limits.js'
import { below, pathOf } from '../../../values/urls.js'

/**
 * How many apps the page may register within an hour. Those that register themselves are counted too, so the page has a
 * number beyond theirs.
 */
const limitPerHour = limits.registrationsPerHour.default + limits.simulatorPageRegistrations.default

/** A registration: the id of its app, the one that the registration assigned, and the registration access token. */
export interface Registration {
  readonly clientId: string
  /** Left out where the app has the assigned id. */
  readonly registeredAs?: string
  readonly token: string
}

/**
 * Registers, changes and removes apps. The answers are those of RFC 7591 and RFC 7592, and have the id that the
 * registration assigned. The log has the id of the app.
 */
export interface Registrar {
  /** `keptId` is the id that the app keeps; null if it gets the assigned one. */
  readonly register: (metadata: object, keptId: string | null) => Task.Task<PlainResponse>
  /** Replaces the registration. */
  readonly change: (app: Registration, metadata: object) => Task.Task<PlainResponse>
  readonly read: (app: Registration) => Task.Task<PlainResponse>
  readonly remove: (app: Registration) => Task.Task<PlainResponse>
}

/** The ports, whose audit names the app by the id that it keeps. */
const underId = (ports: Ports, clientId: string | null): Ports =>
  clientId === null
    ? ports
    : {
        ...ports,
        audit: { record: (event) => ports.audit.record(event.clientId === null ? event : { ...event, clientId }) }
      }

/** The registrar of the server with these settings and ports. */
export const registrarOf = (settings: ServerSettings, ports: Ports): Registrar => {
  const initialToken = ports.random.token()
  const server = async (keptId: string | null) =>
    authorizationServer(
      {
        ...settings,
        registration: {
          mode: 'token',
          initialAccessTokenDigests: [await ports.keys.digest(initialToken)()],
          scope: widestAppScope,
          allowLoopback: true,
          limitPerHour
        }
      },
      underId(ports, keptId)
    )
  let built: ReturnType<typeof server> | null = null
  const send =
    (
      method: string,
      { keptId, place }: { readonly keptId: string | null; readonly place: string | null },
      token: string,
      body: object | null
    ): Task.Task<PlainResponse> =>
    async () => {
      const made = await (keptId === null ? (built ??= server(null)) : server(keptId))
      if (Either.isLeft(made)) return plainRefusal(null)
      const endpoint = below(settings.issuer, 'register')
      const answered = made.right.endpoints.protocol({
        method,
        path: pathOf(place === null ? endpoint : below(endpoint, place)),
        query: '',
        headers: { authorization: `Bearer ${token}`, 'content-type': jsonType },
        body: body === null ? '' : JSON.stringify(body)
      })
      return Option.isSome(answered) ? answered.value() : plainRefusal(null)
    }
  const placeOf = ({ clientId, registeredAs }: Registration) => ({
    keptId: registeredAs === undefined ? null : clientId,
    place: registeredAs ?? clientId
  })
  return {
    register: (metadata, keptId) => send('POST', { keptId, place: null }, initialToken, metadata),
    change: (app, metadata) =>
      send('PUT', placeOf(app), app.token, { ...metadata, client_id: app.registeredAs ?? app.clientId }),
    read: (app) => send('GET', placeOf(app), app.token, null),
    remove: (app) => send('DELETE', placeOf(app), app.token, null)
  }
}
