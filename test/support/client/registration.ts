/** Registering clients in the small world. */
import type { Fixture, FixtureOptions } from '../server-fixture.js'
import { bodyOf } from '../server-fixture.js'
import type { RegistrationSettings } from '../../../src/engine/server/settings.js'
import type { PlainRequest, PlainResponse } from '../../../src/protocol/http/message.js'

/** An honest public web app. */
export const webApp = {
  client_name: 'New App',
  redirect_uris: ['https://new.example/cb'],
  launch_uris: ['https://new.example/launch'],
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code', 'refresh_token'],
  scope: 'launch/patient openid offline_access patient/*.rs'
}

/** A world in which everybody may register, unless it is said otherwise. */
export const registrationWorld = (registration: Partial<RegistrationSettings> = {}): FixtureOptions => ({
  settings: { registration: { mode: 'open', ...registration } }
})

const send = (fixture: Fixture, request: PlainRequest): Promise<PlainResponse> => {
  const answer = fixture.server.endpoints.protocol(request)
  if (answer._tag === 'None') return Promise.resolve({ status: 404, headers: {}, body: '{}' })
  return answer.value()
}

const requestOf = (
  method: string,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>>
): PlainRequest => ({
  method,
  path,
  query: '',
  headers: { 'content-type': 'application/json', ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body)
})

/** Sends metadata to the registration endpoint: as JSON, or as the text that is given. */
export const register = (
  fixture: Fixture,
  metadata: unknown,
  headers: Readonly<Record<string, string>> = {}
): Promise<PlainResponse> => send(fixture, requestOf('POST', '/register', metadata, headers))

/** What was registered; throws when nothing was. */
export const registered = (response: PlainResponse): Readonly<Record<string, unknown>> => {
  if (response.status !== 201) throw new Error(response.body)
  return bodyOf(response)
}

/** Manages a registration by its registration access token. */
export const manage = (
  fixture: Fixture,
  method: string,
  clientId: string,
  token: string,
  body: unknown = ''
): Promise<PlainResponse> =>
  send(fixture, requestOf(method, `/register/${clientId}`, body, { authorization: `Bearer ${token}` }))
