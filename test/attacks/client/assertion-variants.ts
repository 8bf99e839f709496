/** Variants of attacks on signed assertions: what is sent, and what must come of it. */
import type * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { expect } from 'vitest'
import { refused } from '../../support/client/refused-authentication.js'
import type { Variant } from '../row.js'
import type { Changes } from '../../support/client/assertions.js'
import {
  ask,
  assertion,
  assertionWorld,
  backend,
  freshId,
  jwkOf,
  keys,
  p256,
  signParts,
  tokenEndpoint
} from '../../support/client/assertions.js'
import type { synchronousKeys } from '../../support/server-fixture.js'
import { requests, counted, url } from '../../support/client/published-keys.js'
import { clients, issuer } from '../../support/server-fixture.js'
import { memoryClients } from '../../../src/adapters/memory-clients.js'

const all = [...keys, jwkOf(p256.publicKey, 'p256')]

export const fixture = assertionWorld({
  ports: {
    clients: memoryClients([
      ...clients,
      backend({ _tag: 'Inline', keys: all }),
      backend(undefined, 'other-backend'),
      backend({ _tag: 'Inline', keys: all.slice(1, 2) }, 'one-key'),
      backend({ _tag: 'AtUrl', url }, 'by-url')
    ]),
    clientKeys: counted
  }
})

export const from = (clientId: string): Readonly<Record<string, unknown>> => ({ iss: clientId, sub: clientId })

/** Refused for this reason, with nothing remembered. */
export const bad = (name: string, changes: Changes, tag: string): Variant => ({
  name,
  run: async (where) => {
    await refused(where, () => ask(where, assertion(changes)), tag)
  }
})

export const good = (name: string, changes: Changes): Variant => ({
  name,
  run: async (where) => {
    expect((await ask(where, assertion(changes))).status).toBe(200)
  }
})

/** A claim as JSON that no printer prints. */
export const badText = (name: string, claims: string, tag: string): Variant => ({
  name,
  run: async (where) => {
    const body = `{"iss":"backend","sub":"backend","aud":"${tokenEndpoint}","jti":"${freshId()}",${claims}}`
    await refused(where, () => ask(where, signParts('{"alg":"ES384","kid":"ec","typ":"JWT"}', body)), tag)
  }
})

export const neverFetched = ({ name, run }: Variant): Variant => ({
  name,
  run: async (where) => {
    requests.length = 0
    await run(where)
    expect(requests).toEqual([])
  }
})

/** The order of the curve P-384. */
const order = BigInt(
  '0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973'
)

/** The same assertion with the other of the two signatures that a curve has for it. */
export const otherSignature = (text: string): string => {
  const [header = '', claims = '', signature = ''] = text.split('.')
  const bytes = Buffer.from(signature, 'base64url')
  const s = (order - BigInt(`0x${bytes.subarray(48).toString('hex')}`)).toString(16).padStart(96, '0')
  return [header, claims, Buffer.concat([bytes.subarray(0, 48), Buffer.from(s, 'hex')]).toString('base64url')].join('.')
}

export const once = (name: string, respell: (text: string) => string, tag: string): Variant => ({
  name,
  run: async (where) => {
    const text = assertion()
    expect((await ask(where, text)).status).toBe(200)
    await refused(where, () => ask(where, respell(text)), tag)
  }
})

export const signedByUs = (name: string, make: () => Promise<string>, tag: string): Variant => ({
  name,
  run: async (where) => {
    const text = await make()
    await refused(where, () => ask(where, text), tag)
  }
})

export const value = async <Value>(task: TaskEither.TaskEither<unknown, Value>): Promise<Value> => {
  const ended = await task()
  if (ended._tag === 'Left') throw new Error('no signature')
  return ended.right
}

export const idToken = { iss: issuer, sub: 'backend', aud: 'backend', exp: 1300, iat: 1000 } as unknown as Parameters<
  typeof synchronousKeys.signIdToken
>[0]
export const accessToken = {
  ...idToken,
  jti: 'x',
  client_id: 'backend',
  scope: 'system/*.rs'
} as unknown as Parameters<typeof synchronousKeys.signAccessToken>[0]
