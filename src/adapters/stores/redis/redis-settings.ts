/**
 * The settings of Redis and Valkey that decide whether an acknowledged write can be lost or forgotten.
 *
 * @module
 */
import type { SettingText, UnsafeSetting } from '../durability.js'
import { wrongSetting } from '../durability.js'
import { ownMember } from '../../../values/own.js'
import type { RedisConnection, SendToServer } from './redis-client.js'
import { redisMessage } from './redis-client.js'

/** The settings by which an unsafe server is refused, and which `acceptUnsafe` can name. */
export const redisSettingNames = [
  'appendfsync',
  'appendonly',
  'config-unreadable',
  'maxmemory-policy',
  'no-appendfsync-on-rewrite',
  'redis_version',
  'replica-read-only',
  'replicas',
  'role'
] as const

/** What one server says about itself. */
export interface RedisFacts {
  /** The lines of INFO, by name. */
  readonly info: ReadonlyMap<string, string>
  /** The values of CONFIG GET, by name; the reason when the server does not give them. */
  readonly config: ReadonlyMap<string, string> | string
}

/** The settings that only CONFIG GET shows. */
const configured = ['appendfsync', 'no-appendfsync-on-rewrite', 'replica-read-only']

const decoder = /* @__PURE__ */ new TextDecoder()

/** A text in an answer, which some clients give as bytes. */
export const redisText = (reply: unknown): string =>
  reply instanceof Uint8Array ? decoder.decode(reply) : typeof reply === 'string' ? reply : String(reply)

const infoFrom = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split('\r\n').flatMap((line): ReadonlyArray<readonly [string, string]> => {
      const colon = line.indexOf(':')
      return colon < 1 || line.startsWith('#') ? [] : [[line.slice(0, colon), line.slice(colon + 1)]]
    })
  )

/** The value in an answer to CONFIG GET: a list of names and values, a map, or an object. */
const configValue = (name: string, reply: unknown): string => {
  if (Array.isArray(reply)) return redisText(reply[1] ?? '')
  if (reply instanceof Map) return redisText([...reply.values()][0] ?? '')
  const value = typeof reply === 'object' && reply !== null ? ownMember(reply as Record<string, unknown>, name) : ''
  return redisText(value ?? '')
}

/** Asks one server for its settings. */
export const readRedisFacts = async (send: SendToServer): Promise<RedisFacts> => {
  const info = infoFrom(redisText(await send(['INFO'])))
  try {
    const values = await Promise.all(
      configured.map(async (name) => [name, configValue(name, await send(['CONFIG', 'GET', name]))] as const)
    )
    return { info, config: new Map(values) }
  } catch (error) {
    // A lost connection says nothing about a setting.
    if (!/^(?:ERR|NOPERM)\b/.test(redisMessage(error))) throw error
    return { info, config: redisMessage(error) }
  }
}

/** A setting, and its check. */
interface Row {
  readonly setting: (typeof redisSettingNames)[number]
  readonly required: string
  readonly risk: string
  /** The unsafe value; null when the value is safe. */
  readonly unsafe: (facts: RedisFacts, acknowledgements: number) => string | null
}

const infoIs = (name: string, safe: (value: string) => boolean) =>
  (({ info }) => {
    const value = info.get(name) ?? 'not given'
    return safe(value) ? null : value
  }) satisfies Row['unsafe']

const configIs = (name: string, safe: string, isAsked: (facts: RedisFacts) => boolean = () => true) =>
  ((facts) => {
    if (typeof facts.config === 'string' || !isAsked(facts)) return null
    const value = facts.config.get(name) ?? ''
    return value === safe ? null : value
  }) satisfies Row['unsafe']

const hasAppendOnlyFile = ({ info }: RedisFacts): boolean => info.get('aof_enabled') === '1'

const rows: ReadonlyArray<Row> = [
  {
    setting: 'redis_version',
    required: '6.2 or later, or Valkey',
    risk: 'GETEX, with which records are read on the primary only, is unknown to this server',
    unsafe: infoIs('redis_version', (value) => {
      const [major = 0, minor = 0] = value.split('.').map(Number)
      return major > 6 || (major === 6 && minor >= 2)
    })
  },
  {
    setting: 'role',
    required: 'master',
    risk: 'a replica shows codes and tokens that were already used or revoked on the primary',
    unsafe: infoIs('role', (value) => value === 'master')
  },
  {
    setting: 'appendonly',
    required: 'yes',
    risk: 'a restart forgets every write since the last snapshot: used codes can be used again',
    unsafe: (facts) => (hasAppendOnlyFile(facts) ? null : 'no')
  },
  {
    setting: 'appendfsync',
    required: 'always',
    risk: 'a power cut loses acknowledged writes (everysec: of about two seconds): used codes can be used again',
    unsafe: configIs('appendfsync', 'always', hasAppendOnlyFile)
  },
  {
    setting: 'no-appendfsync-on-rewrite',
    required: 'no',
    risk: 'a power cut while the append-only file is rewritten loses acknowledged writes',
    unsafe: configIs('no-appendfsync-on-rewrite', 'no', hasAppendOnlyFile)
  },
  {
    setting: 'maxmemory-policy',
    required: 'noeviction, or no maxmemory',
    risk: 'records are removed when the memory is full: grants, revocations and used codes are forgotten',
    unsafe: ({ info }) => {
      const policy = info.get('maxmemory_policy') ?? 'not given'
      return info.get('maxmemory') === '0' || policy === 'noeviction' ? null : policy
    }
  },
  {
    setting: 'replicas',
    required: 'the option `replicas` with the number of acknowledgements',
    risk: 'replication is asynchronous: a failover loses acknowledged writes, and used codes can be used again',
    unsafe: ({ info }, acknowledgements) => {
      const replicas = info.get('connected_slaves') ?? '0'
      return replicas === '0' || acknowledgements > 0 ? null : `${replicas} connected, no acknowledgement required`
    }
  },
  {
    setting: 'replica-read-only',
    required: 'yes',
    risk: 'a primary that becomes a replica goes on answering reads and writes',
    unsafe: configIs('replica-read-only', 'yes')
  },
  {
    setting: 'config-unreadable',
    required: 'permission for CONFIG GET',
    risk: `${configured.join(', ')} cannot be checked`,
    unsafe: ({ config }) => (typeof config === 'string' ? config : null)
  }
]

/** The settings that are checked. */
export const redisSettingTexts: ReadonlyArray<SettingText> = rows.map((row) => ({ ...row, isAcceptable: true }))

/** The unsafe settings of one server. */
export const unsafeRedisFacts = (facts: RedisFacts, acknowledgements: number): ReadonlyArray<UnsafeSetting> =>
  rows.flatMap(({ setting, required, risk, unsafe }) => {
    const found = unsafe(facts, acknowledgements)
    return found === null ? [] : [{ setting, found, required, risk, isAcceptable: true }]
  })

/** The unsafe settings of all primaries; each setting once. Rejects when a server does not answer. */
export const unsafeRedisSettings = async (
  connection: RedisConnection,
  acknowledgements: number
): Promise<ReadonlyArray<UnsafeSetting>> => {
  const primaries = await connection.primaries()
  if (primaries.length === 0) {
    return [wrongSetting('primaries', 'none', 'a connected client', 'no server can be checked')]
  }
  const facts = await Promise.all(primaries.map(readRedisFacts))
  const found = facts.flatMap((one) => unsafeRedisFacts(one, acknowledgements))
  return found.filter(({ setting }, index) => found.findIndex((other) => other.setting === setting) === index)
}
