/**
 * The ports that a host need not give.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { cachedClientKeys } from '../adapters/client-key-cache.js'
import type { KeyMaterial } from '../adapters/jose.js'
import { generateKeyMaterial } from '../adapters/jose.js'
import { noSessions } from '../adapters/memory-clients.js'
import { systemClock, systemRandom } from '../adapters/system.js'
import type { Audit, AuditEvent, ClientKeys, Clock, Keys, Ports } from '../engine/ports.js'
import {
  answerOf,
  engineAccessPolicy,
  engineClientKeys,
  engineClients,
  engineKeys,
  engineStore,
  engineUsers
} from './engine-ports.js'
import { importedKeys, keysWhenNeeded } from './keys/loaded-keys.js'
import type { KeySource, PlainKeys, ServerPorts } from './ports.js'
import { ownMembers } from '../values/own.js'

/** One line for each decision. It contains no secrets: see {@link AuditEvent}. */
const auditLine = ({ at, decision, clientId, grantId, refusal, ...rare }: AuditEvent): string => {
  const { access, tokenOwner } = ownMembers(rare)
  const more = {
    ...(refusal === null ? {} : { refusal }),
    ...(tokenOwner === undefined ? {} : { tokenOwner }),
    ...(access === undefined ? {} : { access })
  }
  return `smart-app-launch: ${JSON.stringify({ at, decision, clientId, grantId, ...more })}`
}

/** FHIR requests that were carried out have no line: there are many of them. A host's own `audit` gets them. */
const isPrinted = ({ decision }: AuditEvent): boolean => decision !== 'AccessPermitted' && decision !== 'AccessFiltered'

const consoleAudit: Audit = {
  record: (event) => () => {
    if (isPrinted(event)) console.info(auditLine(event))
  }
}

const isMaterial = (keys: KeyMaterial | PlainKeys): keys is KeyMaterial => 'signingKeys' in keys

const generatedMaterial = async (): Promise<KeyMaterial> => {
  const material = await generateKeyMaterial()
  if (Either.isLeft(material)) throw new Error(material.left.reason)
  console.warn(
    'smart-app-launch: no `keys` were given, so this process generated some. They are temporary: when it ends, all ' +
      'tokens and codes become invalid, and no other process accepts them. See the option `keys`.'
  )
  return material.right
}

const keysFrom = async (keys: KeyMaterial | PlainKeys): Promise<Keys> =>
  isMaterial(keys) ? importedKeys(keys) : engineKeys(keys)

const engineKeySource = (source: KeySource | undefined): Keys => {
  if (source === undefined) return keysWhenNeeded(async () => importedKeys(await generatedMaterial()))
  if (typeof source === 'function') return keysWhenNeeded(async () => keysFrom(await answerOf('keys', source)))
  return isMaterial(source) ? keysWhenNeeded(() => importedKeys(source)) : engineKeys(source)
}

/** Client keys by URL, fetched safely. The module for it is loaded when a first key is fetched: it needs Node's DNS. */
const safelyFetchedKeys = (clock: Clock): ClientKeys =>
  cachedClientKeys(
    async (url, signal) => {
      const { guardedFetch } = await import('../adapters/fetch/guarded-fetch.js')
      return guardedFetch({})(url, signal)
    },
    clock,
    { defaultTtlSeconds: 300 }
  )

/** The ports of a host; one that is undefined counts as not given. */
type GivenPorts = { readonly [Name in keyof ServerPorts]: ServerPorts[Name] | undefined } & Pick<
  ServerPorts,
  'store' | 'clients' | 'permittedScopes'
>

/** The engine's ports for the plain ports of a host. */
export const enginePorts = (given: GivenPorts): Ports => {
  const { audit, clientKeys, clock: time, isOnline, keys, permittedScopes, random: token } = given
  const clock = time === undefined ? systemClock : { now: time }
  return {
    store: engineStore(given.store),
    clients: engineClients(given.clients),
    clientKeys: clientKeys === undefined ? safelyFetchedKeys(clock) : engineClientKeys(clientKeys),
    clock,
    random: token === undefined ? systemRandom : { token },
    keys: engineKeySource(keys),
    accessPolicy: engineAccessPolicy(permittedScopes),
    users: isOnline === undefined ? noSessions : engineUsers(isOnline),
    audit:
      audit === undefined
        ? consoleAudit
        : {
            record: (event) => () => {
              // Its promise is handled by the engine, which waits for none.
              return audit(event)
            }
          }
  }
}
