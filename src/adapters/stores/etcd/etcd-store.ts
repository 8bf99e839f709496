/**
 * A store in etcd: one framed record under each key. A version is the revision of the last change of the key, and the
 * expiry of the record, so that `swap` needs no read.
 *
 * `load` is a linearizable read. `swap` is one transaction; a second one follows when an expired record is replaced.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type { Clock, Store, StoreError, Version } from '../../../engine/ports.js'
import type { EpochSeconds } from '../../../values/time.js'
import { hasPassed } from '../../../values/time.js'
import { freshVersion, storeUnavailable, unstorable, unwritable } from '../durability.js'
import type { FramedRecord } from '../framed-record.js'
import { expiryDigits, frameRecord, unframeRecord } from '../framed-record.js'
import type { EtcdPost, EtcdReply, JsonObject } from './etcd-gateway.js'
import { etcdHadNoEffect, etcdReason, fromBase64, listIn, objectIn, textIn, toBase64 } from './etcd-gateway.js'
import type { EtcdLeases } from './etcd-leases.js'

/** What an etcd store is made from. */
export interface EtcdStoreParts {
  readonly post: EtcdPost
  readonly leases: EtcdLeases
  readonly clock: Clock
  /** What stands before each key. */
  readonly prefix: string
  readonly timeoutMilliseconds: number
}

/** A record as etcd holds it. */
interface Found {
  readonly revision: string
  readonly record: FramedRecord
}

const notOurs = /* @__PURE__ */ storeUnavailable('no', 'the key holds no record of this store')

/** The record in an answer to a range request: null when there is none. */
const foundIn = (range: JsonObject): Either.Either<StoreError, Found | null> => {
  const [pair] = listIn(range, 'kvs')
  if (pair === undefined) return Either.right(null)
  const record = Option.chain(unframeRecord)(fromBase64(textIn(pair, 'value')))
  return Option.isSome(record)
    ? Either.right({ revision: textIn(pair, 'mod_revision'), record: record.value })
    : Either.left(notOurs)
}

const versionOf = ({ revision, record }: Found): Version => `${revision}.${expiryDigits(record.expiresAt)}`

/** The revision and the expiry in a version; null when it is none of this store. */
const readVersion = (version: Version): { readonly revision: string; readonly expiresAt: EpochSeconds } | null => {
  const [, revision = '', expiresAt = ''] = /^([1-9]\d{0,18})\.(\d{16})$/.exec(version) ?? []
  return revision === '' ? null : { revision, expiresAt: Number(expiresAt) }
}

const unavailable = (reply: EtcdReply): StoreError =>
  storeUnavailable(etcdHadNoEffect(reply) ? 'no' : 'unknown', etcdReason(reply))

/** A store over the gateway of etcd. Its settings are not checked: see `openEtcdStore`. */
export const etcdStore = ({ post, leases, clock, prefix, timeoutMilliseconds }: EtcdStoreParts): Store => {
  /** What a transaction did: our record is stored, or another one was found. */
  type Written = Either.Either<StoreError, 'won' | Found | null>

  /** Writes a record if the last change of its key has a revision; with revision 0, if there is none. */
  const write = async (
    key: string,
    revision: string,
    record: FramedRecord,
    signal: AbortSignal,
    isSecond = false
  ): Promise<Written> => {
    const leased = await leases.leaseFor(record.expiresAt)
    if (leased._tag !== 'Leased') return Either.left(storeUnavailable('no', etcdReason(leased)))
    const reply = await post(
      '/v3/kv/txn',
      {
        compare: [{ key, target: 'MOD', result: 'EQUAL', mod_revision: revision }],
        success: [{ request_put: { key, value: toBase64(frameRecord(record)), lease: leased.id ?? '0' } }],
        failure: [{ request_range: { key } }]
      },
      signal
    )
    // etcd refused the whole transaction because the lease was revoked or its end has come: one more, with a new lease.
    if (reply._tag === 'Refused' && reply.code === 5 && leased.id !== null) {
      leases.forget(leased.id)
      return isSecond ? Either.left(unavailable(reply)) : write(key, revision, record, signal, true)
    }
    if (reply._tag !== 'Answered') return Either.left(unavailable(reply))
    if (reply.body['succeeded'] === true) return Either.right('won')
    const [answer] = listIn(reply.body, 'responses')
    if (answer === undefined) return Either.left(unavailable(reply))
    const found = foundIn(objectIn(answer, 'response_range'))
    // The request was delivered a second time.
    return Either.isRight(found) && found.right?.record.version === record.version ? Either.right('won') : found
  }

  return {
    load: (key) => async () => {
      const wrong = unstorable(key)
      if (wrong !== null) return Either.left(wrong)
      const signal = AbortSignal.timeout(timeoutMilliseconds)
      const reply = await post('/v3/kv/range', { key: toBase64(prefix + key) }, signal)
      if (reply._tag !== 'Answered') return Either.left(storeUnavailable('no', etcdReason(reply)))
      const found = foundIn(reply.body)
      if (Either.isLeft(found)) return found
      return found.right === null || hasPassed(found.right.record.expiresAt, clock.now())
        ? Either.right(Option.none)
        : Either.right(Option.some({ version: versionOf(found.right), text: found.right.record.text }))
    },

    swap: (key, expected, text, expiresAt) => async () => {
      const wrong = unwritable(key, text, expiresAt)
      if (wrong !== null) return Either.left(wrong)
      const known = Option.isNone(expected) ? null : readVersion(expected.value)
      // A record that has expired counts as absent, and no record of this store has a version of another form.
      if (Option.isSome(expected) && (known === null || hasPassed(known.expiresAt, clock.now())))
        return Either.right('lost')
      const signal = AbortSignal.timeout(timeoutMilliseconds)
      const record = { version: freshVersion(), expiresAt, text }
      const name = toBase64(prefix + key)
      let written = await write(name, known?.revision ?? '0', record, signal)
      if (
        known === null &&
        Either.isRight(written) &&
        written.right !== 'won' &&
        written.right !== null &&
        hasPassed(written.right.record.expiresAt, clock.now())
      )
        written = await write(name, written.right.revision, record, signal)
      return Either.isLeft(written) ? written : Either.right(written.right === 'won' ? 'won' : 'lost')
    }
  }
}
