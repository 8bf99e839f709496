/**
 * Requests to the HTTP gateway of etcd 3.4 or later: JSON, with keys and values in base64.
 *
 * @module
 */
import { parseJson } from '../../../values/json.js'
import { ownMember } from '../../../values/own.js'
import * as Option from 'fp-ts/lib/Option.js'
import { reasonOf } from '../../error-message.js'

/** Headers of each request, such as `{ authorization: token }`; a function can renew a token that expires. */
export type EtcdHeaders =
  | Readonly<Record<string, string>>
  | (() => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>)

/** Where etcd listens, and how requests are sent. */
export interface EtcdClient {
  /** The client URLs of the members: `http://127.0.0.1:2379`. They are tried in this order. */
  readonly endpoints: ReadonlyArray<string>
  /** Sends a request. Default: the global function. */
  readonly fetch?: typeof globalThis.fetch
  readonly headers?: EtcdHeaders
}

/** An object of a JSON answer. */
export type JsonObject = Readonly<Record<string, unknown>>

/** What came of a request. */
export type EtcdReply =
  | { readonly _tag: 'Answered'; readonly body: JsonObject }
  /** etcd answered with an error: `code` is a status code of gRPC. */
  | { readonly _tag: 'Refused'; readonly code: number; readonly message: string }
  /** No server was reached. */
  | { readonly _tag: 'Unreached'; readonly reason: string }
  /** The request may have reached a server, and its answer did not come. */
  | { readonly _tag: 'Lost'; readonly reason: string }

/** Sends a request to the first endpoint that is reached. */
export type EtcdPost = (path: string, body: JsonObject, signal: AbortSignal) => Promise<EtcdReply>

const isJsonObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null

/** A member of a JSON object that is an object; an empty one when it is missing. */
export const objectIn = (body: JsonObject, name: string): JsonObject => {
  const value = ownMember(body, name)
  return isJsonObject(value) ? value : {}
}

/** A member of a JSON object that is a list of objects; empty when it is missing. */
export const listIn = (body: JsonObject, name: string): ReadonlyArray<JsonObject> => {
  const value = ownMember(body, name)
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}

/** A member of a JSON object as text: the gateway writes 64-bit numbers as texts; empty when it is missing. */
export const textIn = (body: JsonObject, name: string): string => {
  const value = ownMember(body, name)
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** Whether an error of `fetch` says that no connection was made: nothing was sent. */
const wasRefused = (error: unknown): boolean => {
  const cause = error instanceof Error ? (error.cause as { readonly code?: unknown } | undefined) : undefined
  return cause?.code === 'ECONNREFUSED'
}

const replyFrom = (status: number, text: string): EtcdReply => {
  const parsed = parseJson(text)
  if (Option.isNone(parsed) || !isJsonObject(parsed.value))
    return { _tag: 'Lost', reason: `HTTP status ${status.toString()}` }
  const body = parsed.value
  if (status === 200) return { _tag: 'Answered', body }
  const message = textIn(body, 'message') || textIn(body, 'error')
  return { _tag: 'Refused', code: Number(ownMember(body, 'code') ?? 2), message }
}

/** The headers of the next request. */
const headersOf = async ({ headers = {} }: EtcdClient): Promise<Readonly<Record<string, string>>> =>
  typeof headers === 'function' ? headers() : headers

/** The text at a path of an endpoint; null when there is none. */
export const getFrom = async (
  client: EtcdClient,
  endpoint: string,
  path: string,
  signal: AbortSignal
): Promise<string | null> => {
  const { fetch = globalThis.fetch } = client
  try {
    const headers = await headersOf(client)
    const response = await fetch(endpoint.replace(/\/+$/, '') + path, { headers, redirect: 'error', signal })
    const text = await response.text()
    return response.status === 200 ? text : null
  } catch {
    return null
  }
}

/** Sends a request to one endpoint. */
export const postTo = async (
  client: EtcdClient,
  endpoint: string,
  path: string,
  body: JsonObject,
  signal: AbortSignal
): Promise<EtcdReply> => {
  const { fetch = globalThis.fetch } = client
  try {
    const own = await headersOf(client)
    const response = await fetch(endpoint.replace(/\/+$/, '') + path, {
      method: 'POST',
      headers: { ...own, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal
    })
    return replyFrom(response.status, await response.text())
  } catch (error) {
    return { _tag: wasRefused(error) ? 'Unreached' : 'Lost', reason: reasonOf(error) }
  }
}

/**
 * Sends requests to one endpoint until it fails. The next endpoint gets the same request only when no connection was
 * made; after any other failure it gets the next request.
 */
export const etcdPost = (client: EtcdClient): EtcdPost => {
  const { endpoints } = client
  let first = 0
  return async (path, body, signal) => {
    const begin = first
    for (let tried = 0; ; tried++) {
      const index = (begin + tried) % endpoints.length
      const reply = await postTo(client, endpoints[index] ?? '', path, body, signal)
      const isServing = reply._tag === 'Answered' || (reply._tag === 'Refused' && reply.code !== 14)
      first = isServing ? index : (index + 1) % endpoints.length
      if (reply._tag !== 'Unreached' || tried + 1 >= endpoints.length) return reply
    }
  }
}

/** Whether a reply says that a transaction had no effect. */
export const etcdHadNoEffect = (reply: EtcdReply): boolean => {
  if (reply._tag !== 'Refused') return reply._tag === 'Unreached'
  // A member that finds too little space while it applies a transaction applies it, and then answers this error.
  if (reply.message.includes('database space exceeded')) return false
  // INVALID_ARGUMENT, NOT_FOUND, PERMISSION_DENIED, RESOURCE_EXHAUSTED, UNIMPLEMENTED, UNAUTHENTICATED
  return [3, 5, 7, 8, 12, 16].includes(reply.code)
}

/** Why a reply is no answer, for the log. */
export const etcdReason = (reply: EtcdReply): string => {
  if (reply._tag === 'Answered') return 'etcd gave an answer of another form'
  return reply._tag === 'Refused' ? `etcd answered ${reply.message}` : `the request to etcd failed: ${reply.reason}`
}

const encoder = /* @__PURE__ */ new TextEncoder()
const decoder = /* @__PURE__ */ new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The number of bytes that become characters at once. */
const chunk = 8192

/** Text as base64 of its UTF-8 bytes. */
export const toBase64 = (text: string): string => {
  if (!/[^\0-\x7f]/.test(text)) return btoa(text)
  const bytes = encoder.encode(text)
  const parts: Array<string> = []
  for (let start = 0; start < bytes.length; start += chunk)
    parts.push(String.fromCharCode(...bytes.subarray(start, start + chunk)))
  return btoa(parts.join(''))
}

/** Text from base64 of its UTF-8 bytes; `none` when it is none. */
export const fromBase64 = (base64: string): Option.Option<string> =>
  Option.tryCatch(() => {
    const bytes = atob(base64)
    return /[\x80-\xff]/.test(bytes)
      ? decoder.decode(Uint8Array.from(bytes, (character) => character.charCodeAt(0)))
      : bytes
  })
