/**
 * Keeps the bytes of a body that a parser reads before the host.
 *
 * @module
 */

/**
 * For the option `verify` of the body parsers of Express: keeps the bytes of the body in `rawBody` of the request, so
 * that the host can use a body that was parsed before.
 *
 * @example
 * ```ts
 * import express from 'express'
 * import { keepRawBody } from 'smart-app-launch/hosts/express'
 *
 * const app = express()
 * app.use(express.urlencoded({ verify: keepRawBody }))
 * ```
 */
export const keepRawBody = (message: object, _target: unknown, bytes: Uint8Array): void => {
  Object.assign(message, { rawBody: bytes })
}
