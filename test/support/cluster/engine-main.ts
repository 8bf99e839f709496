/**
 * One engine process of a cluster: the authorization server over HTTP on a store that its arguments name. Addresses
 * below `/test/` go through the conversation with the user, make launch handles and read the store.
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { ClusterKeys } from './cluster-world.js'
import { clusterClients, clusterSettings } from './cluster-world.js'
import { openClusterStore } from './open-store.js'
import type { KillPoint } from './recorded-store.js'
import { countingSteps, recordedStore } from './recorded-store.js'
import { alice, authorizationParameters, get, redirected } from '../server-fixture.js'
import { memoryClients, noClientKeys } from '../../../src/adapters/memory-clients.js'
import { joseKeys } from '../../../src/adapters/jose.js'
import { systemClock, systemRandom } from '../../../src/adapters/system.js'
import { authorizationServer } from '../../../src/engine/server/authorization-server.js'
import { grantKey } from '../../../src/engine/server/grant-store.js'
import { serverName } from '../../../src/engine/server/server-name.js'
import { printForm } from '../../../src/protocol/http/form.js'
import type { PlainRequest, PlainResponse } from '../../../src/protocol/http/message.js'

/** The arguments of an engine process, as JSON. */
export interface EngineArguments {
  /** The address of the store: see `openClusterStore`. */
  readonly store: string
  /** The file of the keys. */
  readonly keys: string
  /** The file in which operations are recorded. */
  readonly history: string
}

const { store: address, keys: keyFile, history } = JSON.parse(process.argv[2] ?? '') as EngineArguments
const clusterKeys = JSON.parse(readFileSync(keyFile, 'utf8')) as ClusterKeys
const store = recordedStore(await openClusterStore(address), history)
const keys = await joseKeys(clusterKeys.server)()
if (Either.isLeft(keys)) throw new Error(keys.left.reason)
const built = authorizationServer(clusterSettings, {
  store,
  clients: memoryClients(clusterClients(clusterKeys)),
  clientKeys: noClientKeys,
  clock: systemClock,
  random: systemRandom,
  keys: keys.right,
  accessPolicy: { permittedScopes: (_user, _client, requested) => TaskEither.right(requested) },
  users: { isOnline: () => TaskEither.right(false) },
  audit: { record: () => () => undefined }
})
if (Either.isLeft(built)) throw new Error(JSON.stringify(built.left))
const server = built.right

const json = (status: number, body: unknown): PlainResponse => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body)
})

/** Goes through the conversation: the code, or what came instead. */
const code = async (launch: string | null): Promise<PlainResponse> => {
  const scope = launch === null ? 'openid offline_access user/*.rs' : 'launch openid offline_access user/*.rs'
  const change = { client_id: 'app', scope, ...(launch === null ? {} : { launch }) }
  let conversation = await server.endpoints.authorize(get('/authorize', printForm(authorizationParameters(change))))()
  while (conversation._tag !== 'SendToApp') {
    if (conversation._tag === 'ShowRefusal') return json(conversation.row.status, { error: conversation.refusal._tag })
    const { interaction, details } = conversation
    conversation = await (
      conversation._tag === 'NeedsUser'
        ? server.interaction.userSignedIn(interaction, alice)
        : conversation._tag === 'NeedsContext'
          ? server.interaction.contextChosen(interaction, { patient: '123' })
          : server.interaction.consentGiven(interaction, details.scopes)
    )()
  }
  const parameters = redirected(conversation)
  const error = parameters?.get('error') ?? null
  if (error !== null) return json(error === 'temporarily_unavailable' ? 503 : 400, { error })
  return json(200, { code: parameters?.get('code') })
}

/** Makes a launch handle. */
const launch = async (): Promise<PlainResponse> => {
  const handle = await server.ehr.offerLaunch({ clientId: 'app', launchedBy: null, context: { patient: '123' } })()
  return Either.isLeft(handle) ? json(503, { error: handle.left._tag }) : json(200, { launch: handle.right })
}

/** The stored record of a grant. */
const stored = async (grantId: string): Promise<PlainResponse> => {
  const found = await store.load(grantKey(serverName(clusterSettings), grantId))()
  if (Either.isLeft(found)) return json(503, null)
  return json(200, Option.isSome(found.right) ? JSON.parse(found.right.value.text) : null)
}

const answer = async (request: PlainRequest): Promise<PlainResponse> => {
  const parameters = new URLSearchParams(request.query)
  switch (request.path) {
    case '/test/code':
      return code(parameters.get('launch'))
    case '/test/launch':
      return launch()
    case '/test/stored':
      return stored(parameters.get('grant') ?? '')
    default: {
      const endpoint = server.endpoints.protocol(request)
      return Option.isSome(endpoint) ? endpoint.value() : json(404, null)
    }
  }
}

/** Where the request wants the process to be killed: `before 2`, `after 1`. */
const killPointOf = (header: string | Array<string> | undefined): KillPoint | null => {
  const [, when, operation] = /^(before|after) (\d+)$/.exec(String(header)) ?? []
  return when === undefined ? null : { when: when as KillPoint['when'], operation: Number(operation) }
}

const http = createServer((request, response) => {
  const chunks: Array<Buffer> = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('error', () => undefined)
  request.on('end', () => {
    const [path = '', query = ''] = (request.url ?? '').split('?')
    const headers = Object.fromEntries(
      Object.entries(request.headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []))
    )
    const plain = { method: request.method ?? '', path, query, headers, body: Buffer.concat(chunks).toString() }
    countingSteps(killPointOf(request.headers['x-kill']), () => answer(plain)).then(
      ({ status, headers: sent, body }) => {
        response.writeHead(status, sent as Record<string, string>).end(body)
      },
      (thrown: unknown) => {
        response.writeHead(500).end(String(thrown))
      }
    )
  })
})
http.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listening ${String((http.address() as AddressInfo).port)}\n`)
})
