/** The keys of a server as JSON, and their rotation: what was signed before is verified until it has expired. */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { beforeAll, describe, expect, it } from 'vitest'
import { nodeKeys } from '../../../src/adapters/node-crypto.js'
import type { StoredKeys } from '../../../src/adapters/stored-keys.js'
import { defaultKeyRotation, keyMaterialOf, rotateKeys, storedKeysFromJson } from '../../../src/adapters/stored-keys.js'
import type { Keys } from '../../../src/engine/ports.js'

const day = 86_400
const claims = { iss: 'https://ehr.example' } as never

const keysOf = async (stored: StoredKeys): Promise<Keys> => {
  const keys = await nodeKeys(keyMaterialOf(stored))()
  if (Either.isLeft(keys)) throw new Error(keys.left.reason)
  return keys.right
}

const signed = async (stored: StoredKeys): Promise<string> => {
  const token = await (await keysOf(stored)).signAccessToken(claims)()
  if (Either.isLeft(token)) throw new Error(token.left.reason)
  return token.right
}

const isVerified = async (stored: StoredKeys, token: string): Promise<boolean> => {
  const verified = await (await keysOf(stored)).verifyAccessToken(token)()
  return Either.isRight(verified) && Option.isSome(verified.right)
}

let first: StoredKeys

beforeAll(async () => {
  first = await rotateKeys(null, 0, defaultKeyRotation)
})

describe('the keys of a server', () => {
  it('are read from the JSON in which they were written', () => {
    expect(storedKeysFromJson(JSON.parse(JSON.stringify(first)))).toEqual(Either.right(first))
  })

  it.each([
    ['the keys', null],
    ['version', { ...{ version: 2 }, signingKeys: [], accessTokenKeys: [], macKeys: [] }],
    ['macKeys', { version: 1, signingKeys: [], accessTokenKeys: [] }],
    ['macKeys.0.secret', { version: 1, signingKeys: [], accessTokenKeys: [], macKeys: [{ kid: 'a', createdAt: 1 }] }]
  ])('name what is wrong: %s', (path, json) => {
    const read = storedKeysFromJson(json)
    expect(Either.isLeft(read) && read.left.startsWith(`${path}: expected `)).toBe(true)
  })

  it('stay the same while nothing is to be done', async () => {
    expect(await rotateKeys(first, 29 * day, defaultKeyRotation)).toEqual(first)
  })

  it('are announced, sign, stay published, and are forgotten, each in its time', async () => {
    const announced = await rotateKeys(first, 30 * day, defaultKeyRotation)
    const takenOver = await rotateKeys(announced, 30 * day + 3600, defaultKeyRotation)
    const retired = await rotateKeys(takenOver, 31 * day + 3600, defaultKeyRotation)
    const times = ({ signingKeys, accessTokenKeys }: StoredKeys) =>
      [signingKeys, accessTokenKeys].map((keys) => keys.map(({ createdAt }) => createdAt))
    expect(times(announced)).toEqual([
      [0, 30 * day],
      [0, 30 * day]
    ])
    expect(times(takenOver)).toEqual([
      [30 * day, 0],
      [30 * day, 0]
    ])
    expect(times(retired)).toEqual([[30 * day], [30 * day]])

    const [before, after] = [await signed(announced), await signed(takenOver)]
    expect(await isVerified(first, before)).toBe(true)
    // A process that still has the announced keys verifies what the next signer signs.
    expect(await isVerified(announced, after)).toBe(true)
    expect(await isVerified(takenOver, before)).toBe(true)
    expect(await isVerified(retired, before)).toBe(false)
    expect(await isVerified(retired, after)).toBe(true)
  })

  it('verify the MACs of refresh tokens for a year after the key was replaced', async () => {
    const announced = await rotateKeys(first, 90 * day, defaultKeyRotation)
    const later = await rotateKeys(announced, 90 * day + 3600, defaultKeyRotation)
    const made = await (await keysOf(first)).mac((keyId) => `text.${keyId}`)()
    if (Either.isLeft(made)) throw new Error(made.left.reason)
    const dot = made.right.lastIndexOf('.')
    const [kid] = first.macKeys.map((key) => key.kid)
    const verify = async (stored: StoredKeys) =>
      (await keysOf(stored)).verifyMac(kid ?? '', made.right.slice(0, dot), made.right.slice(dot + 1))()
    expect(await verify(later)).toEqual(Either.right(true))
    expect(later.macKeys[0]?.kid).not.toBe(kid)
    // Without a rotation in between no further key is made.
    const { macKeys } = await rotateKeys(
      { ...later, signingKeys: [], accessTokenKeys: [] },
      455 * day + 3600,
      defaultKeyRotation
    )
    expect(macKeys.map((key) => key.kid)).not.toContain(kid)
  })
})
