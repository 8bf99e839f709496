/** One engine process for the bench: the token endpoint on the store of its first argument, with keys of a file. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { ClusterKeys } from '../support/cluster/cluster-world.js'
import { clusterClients, clusterSettings } from '../support/cluster/cluster-world.js'
import { openClusterStore } from '../support/cluster/open-store.js'
import type { Fixture } from '../support/server-fixture.js'
import { obtainCode } from '../support/server-fixture.js'
import { memoryStore } from '../../src/adapters/memory.js'
import { memoryClients, noClientKeys } from '../../src/adapters/memory-clients.js'
import { nodeKeys, nodeRandom } from '../../src/adapters/node-crypto.js'
import { nodeHandler } from '../../src/adapters/node.js'
import { systemClock } from '../../src/adapters/system.js'
import { authorizationServer } from '../../src/engine/server/authorization-server.js'
import { json } from '../../src/protocol/http/message.js'

const [, , address = 'memory', keyFile = ''] = process.argv
const clusterKeys = JSON.parse(readFileSync(keyFile, 'utf8')) as ClusterKeys
const keys = await nodeKeys(clusterKeys.server)()
if (Either.isLeft(keys)) throw new Error(keys.left.reason)
const built = authorizationServer(clusterSettings, {
  store: address === 'memory' ? memoryStore(systemClock) : await openClusterStore(address),
  clients: memoryClients(clusterClients(clusterKeys)),
  clientKeys: noClientKeys,
  clock: systemClock,
  random: nodeRandom,
  keys: keys.right,
  accessPolicy: { permittedScopes: (_user, _client, requested) => TaskEither.right(requested) },
  users: { isOnline: () => TaskEither.right(false) },
  audit: { record: () => () => undefined }
})
if (Either.isLeft(built)) throw new Error(JSON.stringify(built.left))
const server = built.right

const handle = nodeHandler((request) => {
  if (request.path === '/test/code') {
    const change = { client_id: 'app', scope: 'offline_access user/*.rs' }
    return async () => json(200, { code: await obtainCode({ server } as Fixture, change) })
  }
  const answer = server.endpoints.protocol(request)
  return Option.isSome(answer) ? answer.value : Task.of(json(404, {}))
})
const http = createServer(handle).listen(0, '127.0.0.1', () => {
  process.send?.((http.address() as AddressInfo).port)
})
// Connections wait longer than Node's default while the other processes have their turn.
http.keepAliveTimeout = 0
process.on('disconnect', () => process.exit())
