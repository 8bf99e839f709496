/** Digests of client secrets: SHA-256 for random ones, scrypt for those that a person chose. */
import * as Either from 'fp-ts/lib/Either.js'
import { beforeAll, describe, expect, it } from 'vitest'
import { newFixture, post, redirectUri, clients, synchronousKeys } from '../../support/server-fixture.js'
import { memoryClients } from '../../../src/adapters/memory-clients.js'
import { newClientSecret, scryptVerifier, secretDigest } from '../../../src/adapters/client-secrets.js'
import { isScryptDigest, readScryptDigest } from '../../../src/values/secret.js'

const chosen = 'correct horse battery'
let digest = ''

beforeAll(async () => {
  digest = await secretDigest(chosen, 'chosen')
})

/**
 * The status of a token request with HTTP Basic; 400 for a client that was authenticated, because its code is wrong.
 */
const statusOf = async (
  secret: string,
  secretDigests: ReadonlyArray<string>,
  scryptDigest = scryptVerifier()
): Promise<number> => {
  const [, symmetric] = clients
  if (symmetric === undefined) throw new Error('no client with a secret')
  const { server } = newFixture({
    ports: {
      clients: memoryClients([{ ...symmetric, secretDigests }]),
      keys: { ...synchronousKeys, scryptDigest }
    }
  })
  const credentials = Buffer.from(`${symmetric.clientId}:${secret}`).toString('base64')
  const form = Object.entries({ grant_type: 'authorization_code', code: 'x', redirect_uri: redirectUri })
  return (await server.endpoints.token(post('/token', form, { authorization: `Basic ${credentials}` }))()).status
}

describe('the digest of a client secret', () => {
  it('is SHA-256 for 128 random bits and more, and scrypt for a secret that a person chose', async () => {
    const { secret, digest: random } = await newClientSecret()
    expect(random).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(await secretDigest(secret, 'random')).toBe(random)
    expect(isScryptDigest(digest)).toBe(true)
    expect(readScryptDigest(digest)).toMatchObject({ logCost: 15, blockSize: 8, parallelization: 3 })
    expect(await secretDigest(chosen, 'chosen')).not.toBe(digest)
  })

  it('is refused for a short secret that is called random', async () => {
    await expect(secretDigest(chosen, 'random')).rejects.toThrow(/^secretDigest: a random secret has at least 128 bits/)
  })

  it('authenticates the client that has the secret, and no other', async () => {
    expect(await statusOf(chosen, [digest])).toBe(400)
    expect(await statusOf(`${chosen}x`, [digest])).toBe(401)
    expect(await statusOf('', [digest])).toBe(401)
    expect(await statusOf(digest, [digest])).toBe(401)
  })

  it('authenticates with either of two secrets, of different kinds, during a change of secrets', async () => {
    const { secret, digest: random } = await newClientSecret()
    expect(await statusOf(secret, [digest, random])).toBe(400)
    expect(await statusOf(chosen, [random, digest])).toBe(400)
    expect(await statusOf(`${secret}x`, [digest, random])).toBe(401)
  })

  it.each([
    ['another form', '$scrypt$ln=15$abc'],
    ['too much memory', `$scrypt$ln=24,r=8,p=1$${'A'.repeat(22)}$${'B'.repeat(43)}`],
    ['too much work', `$scrypt$ln=17,r=8,p=9$${'A'.repeat(22)}$${'B'.repeat(43)}`]
  ])('is unavailable when the stored digest has %s', async (_what, stored) => {
    expect(readScryptDigest(stored)).toBeNull()
    expect(await statusOf(chosen, [stored])).toBe(503)
  })

  it('is unavailable when the keys of the host know no scrypt', async () => {
    const { scryptDigest: _none, ...others } = { scryptDigest: undefined, ...synchronousKeys }
    const [, symmetric] = clients
    if (symmetric === undefined) throw new Error('no client with a secret')
    const { server, audited } = newFixture({
      ports: { clients: memoryClients([{ ...symmetric, secretDigests: [digest] }]), keys: others }
    })
    const credentials = Buffer.from(`${symmetric.clientId}:${chosen}`).toString('base64')
    const form = Object.entries({ grant_type: 'authorization_code', code: 'x', redirect_uri: redirectUri })
    const response = await server.endpoints.token(post('/token', form, { authorization: `Basic ${credentials}` }))()
    expect(response.status).toBe(503)
    expect(audited.at(-1)?.refusal?._tag).toBe('KeysUnavailable')
  })

  it('lets a secret that was right before pass while others guess, and bounds the guesses', async () => {
    const verify = scryptVerifier()
    const cheap = await verify(chosen, `$scrypt$ln=11,r=8,p=1$${'A'.repeat(22)}$${'B'.repeat(43)}`)()
    const known = Either.isRight(cheap) ? cheap.right : ''
    expect(await verify(chosen, known)()).toEqual(Either.right(known))
    const guesses = Array.from({ length: 40 }, (_, place) => verify(`guess ${String(place)}`, known)())
    let areOver = false
    const all = Promise.all(guesses).finally(() => {
      areOver = true
    })
    expect(await verify(chosen, known)()).toEqual(Either.right(known))
    expect(areOver).toBe(false)
    const answers = await all
    // One is computed and 16 wait; the others are not computed.
    expect(answers.filter(Either.isLeft)).toHaveLength(23)
    expect(answers.filter((answer) => Either.isRight(answer) && answer.right === known)).toEqual([])
  })
})
