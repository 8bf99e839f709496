/**
 * The text of a stored record: the JSON of a state, with the version of its form.
 *
 * A release reads the records of all earlier releases. A record of a later release is left alone: while the processes
 * of a server are upgraded, another process answers.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type { Type } from 'io-ts'
import type { Tagged } from '../protocol/machine/machine.js'
import type { Refusal } from '../protocol/errors/refusal.js'
import { parseJson } from '../values/json.js'
import type { JsonObject } from '../values/object.js'
import { isObject } from '../values/object.js'
import { ownMember } from '../values/own.js'
import type { EpochSeconds } from '../values/time.js'

/** The members of every stored state. */
export interface StoredState extends Tagged {
  readonly writeId: string
  readonly recordExpiresAt: EpochSeconds
}

/** The version that this release writes, as the member `recordVersion`. A record without it has version 0. */
export const recordVersion = 1

/** The stored text of a state. */
export const recordText = (state: object): string => JSON.stringify({ ...state, recordVersion })

/** The names of members in version 0, and in version 1. */
const renamed: ReadonlyArray<readonly [before: string, now: string]> = [
  ['attempt', 'writeId'],
  ['keepUntil', 'recordExpiresAt'],
  ['isVouched', 'hasInitialAccessToken'],
  ['pinned', 'binding'],
  ['announcesIss', 'issParameterSupported'],
  ['judgement', 'comparison']
]

/** The members whose own members were renamed too. */
const nested = ['facts', 'binding']

const withNewNames = (record: JsonObject): JsonObject =>
  renamed.reduce((state, [before, now]) => {
    if (!Object.hasOwn(state, before)) return state
    const { [before]: value, ...others } = state
    return { [now]: value, ...others }
  }, record)

/** A record of version 0 in the form of version 1. */
const fromVersion0 = (record: JsonObject): JsonObject =>
  nested.reduce((state, name) => {
    const inner = ownMember(state, name)
    return isObject(inner) ? { ...state, [name]: fromVersion0(inner) } : state
  }, withNewNames(record))

/** A record in the form of this release; a refusal if it has the form of a later one. */
const upgraded = (json: unknown): Either.Either<Refusal, unknown> => {
  if (!isObject(json)) return Either.right(json)
  const version = ownMember(json, 'recordVersion') ?? 0
  if (typeof version === 'number' && version > recordVersion) return Either.left({ _tag: 'StoredByLaterRelease' })
  return Either.right(version === 0 ? fromVersion0(json) : json)
}

/** The state in a stored text, written by this release or an earlier one. */
export const readRecord = <State>(codec: Type<State, unknown>, text: string): Either.Either<Refusal, State> => {
  const json = parseJson(text)
  if (Option.isNone(json)) return Either.left({ _tag: 'StoreUnreadable' })
  const record = upgraded(json.value)
  if (Either.isLeft(record)) return record
  return codec.is(record.right) ? Either.right(record.right) : Either.left({ _tag: 'StoreUnreadable' })
}
