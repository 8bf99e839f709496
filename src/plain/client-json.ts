/**
 * Registered clients as JSON, for the host's database and configuration.
 *
 * @module
 */
import type { RegisteredClient } from '../protocol/client/client.js'
import type { ClientJsonError } from '../protocol/client/client-json.js'
import { clientFromJson } from '../protocol/client/client-json.js'
import type { Result } from './result.js'
import { resultOf } from './result.js'

export { clientToJson as writeClient } from '../protocol/client/client-json.js'
export type { ClientJson, ClientJsonError } from '../protocol/client/client-json.js'

/**
 * Reads a client from its JSON form, which has the names of RFC 7591; a failure names the first member that is wrong
 * and what it must be. The host reviewed its clients, so loopback addresses are allowed.
 *
 * @example
 * ```ts
 * import { readClient } from 'smart-app-launch/server'
 *
 * const json = {
 *   client_id: 'growth-chart',
 *   redirect_uris: ['https://app.example/callback'],
 *   scope: 'launch/patient patient/Observation.rs',
 *   token_endpoint_auth_method: 'none'
 * }
 * readClient(json).ok // => true
 * readClient({ ...json, redirect_uris: 'https://app.example/callback' })
 * // => { ok: false, failure: { member: 'redirect_uris', expected: 'a list of texts' } }
 * ```
 */
export const readClient = (json: unknown): Result<RegisteredClient, ClientJsonError> => resultOf(clientFromJson(json))
