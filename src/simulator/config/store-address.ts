/**
 * Where the simulator keeps its data: the member `store` of the configuration, and the flag `--store`.
 *
 * Addresses of databases contain passwords. Nothing here puts a password, or a text that could not be read, into a
 * message.
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { printableJson } from '../../values/shown-text.js'

/** A store in the memory of the process. */
export interface MemoryAddress {
  readonly _tag: 'Memory'
}

/** A file. */
export interface SqliteAddress {
  readonly _tag: 'Sqlite'
  readonly file: string
}

/** The members of an address of a database server. */
interface ServerAddress {
  /** Without user name and password, for messages. */
  readonly shown: string
  /** The passwords in the address, which no message may contain. */
  readonly secrets: ReadonlyArray<string>
  /** The unsafe settings that are accepted, by name. */
  readonly acceptUnsafe: ReadonlyArray<string>
}

/** A server of PostgreSQL or Redis, with the address for its client. */
export interface UrlAddress extends ServerAddress {
  readonly _tag: 'Postgres' | 'Redis'
  readonly url: string
}

/** The members of an etcd cluster. */
export interface EtcdAddress extends ServerAddress {
  readonly _tag: 'Etcd'
  /** `http://host:port`. */
  readonly endpoints: ReadonlyArray<string>
}

/** An address that was read. */
export type StoreAddress = MemoryAddress | SqliteAddress | UrlAddress | EtcdAddress

/** What an address looks like. */
export const storeAddressForm =
  '"memory", "sqlite:file", "postgres://host/database", "redis://host:port" or "etcd://host:port"'

/** The unsafe settings that an address names: `?acceptUnsafe=appendfsync,appendonly`. */
const acceptParameter = 'acceptUnsafe'

const namesIn = (values: ReadonlyArray<string>): ReadonlyArray<string> =>
  values.flatMap((value) => value.split(',')).filter((name) => name !== '')

const decoded = (text: string): string => Option.getOrElse(() => text)(Option.tryCatch(() => decodeURIComponent(text)))

const urlAddress = (_tag: UrlAddress['_tag'], text: string): UrlAddress | null => {
  if (!URL.canParse(text)) return null
  const url = new URL(text)
  if (url.hash !== '' || (url.hostname === '' && _tag === 'Redis')) return null
  const acceptUnsafe = namesIn(url.searchParams.getAll(acceptParameter))
  url.searchParams.delete(acceptParameter)
  const passwords = [url.password, ...url.searchParams.getAll('password')].filter((password) => password !== '')
  return {
    _tag,
    url: url.href,
    shown: `${url.protocol}//${url.host}${url.pathname}`,
    secrets: [...new Set(passwords.flatMap((password) => [password, decoded(password)]))],
    acceptUnsafe
  }
}

const endpointPattern = /^(?:[^\s:/?#@[\]]+|\[[\d:a-f]+\]):\d{1,5}$/i

const etcdAddress = (text: string): EtcdAddress | null => {
  const [places = '', query = '', ...more] = text.slice('etcd://'.length).split('?')
  const members = places.replace(/\/$/, '').split(',')
  const parameters = new URLSearchParams(query)
  const isRight = members.every((one) => endpointPattern.test(one) && URL.canParse(`http://${one}`))
  if (!isRight || more.length > 0 || [...parameters.keys()].some((name) => name !== acceptParameter)) return null
  return {
    _tag: 'Etcd',
    endpoints: members.map((one) => `http://${one}`),
    shown: `etcd://${members.join(',')}`,
    secrets: [],
    acceptUnsafe: namesIn(parameters.getAll(acceptParameter))
  }
}

/** `sqlite:demo.db`, `sqlite:/data/demo.db`, and `sqlite:///data/demo.db`, as other tools write it. */
const sqliteAddress = (text: string): SqliteAddress | null => {
  const file = text.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '')
  // SQLite makes a temporary database of an empty name, one in memory of `:memory:`, and reads `file:` as a URI.
  return file === '' || /^(?:\/\/|:|file:)/i.test(file) || /[\0-\x1f]/.test(file) ? null : { _tag: 'Sqlite', file }
}

/** The address in a text; null if it is none. */
const read = (text: string): StoreAddress | null => {
  if (text === 'memory') return { _tag: 'Memory' }
  switch (/^[a-z]+(?=:)/.exec(text)?.[0]) {
    case 'sqlite':
      return sqliteAddress(text)
    case 'postgres':
    case 'postgresql':
      return text.includes('://') ? urlAddress('Postgres', text) : null
    case 'redis':
    case 'rediss':
      return text.includes('://') ? urlAddress('Redis', text) : null
    case 'etcd':
      return text.startsWith('etcd://') ? etcdAddress(text) : null
    default:
      return null
  }
}

/** What was found, without what could be a password: the scheme and the kind of the value. */
export const shownStore = (value: unknown): string | null => {
  if (typeof value !== 'string') return null
  const [scheme = '', ...rest] = value.split(':')
  if (rest.length > 0) return /^\w{1,40}$/.test(scheme) ? printableJson(`${scheme}:...`) : null
  return /^[\w.-]{1,40}$/.test(value) ? printableJson(value) : null
}

/** An address, or what was found in place of one. */
export const readStoreAddress = (value: unknown): Either.Either<string | null, StoreAddress> => {
  const address = typeof value === 'string' ? read(value) : null
  return address === null ? Either.left(shownStore(value)) : Either.right(address)
}

/** An address for messages: without user name and password. */
export const storeInWords = (address: StoreAddress): string => {
  switch (address._tag) {
    case 'Memory':
      return 'memory'
    case 'Sqlite':
      return `sqlite:${address.file}`
    default:
      return address.shown
  }
}
