import { ask, assertion, ec, jwkOf, worldOf } from '../support/client/assertions.js'
import { isOrigin } from '../../src/protocol/client/cors.js'
import { classifyToken } from '../../src/protocol/token/classify-token.js'
import type { ShownLimit } from './shown.js'

const requested = async (text: string): Promise<string> => {
  const { status } = await ask(worldOf(), text)
  return status === 200 ? 'within' : String(status)
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Something that looks like a JWT, of that many characters. */
const tokenOf = (length: number): string => `${part({ typ: 'at+jwt' })}.${part({})}.`.padEnd(length, 'A')

/**
 * An assertion of that many characters: a claim that nobody reads makes it so long, and the base64url of what is left
 * over.
 */
const assertionOf = (length: number): string => {
  for (let padding = 0; padding < length; padding++) {
    const size = Math.floor(((length - 500) * 3) / 4) + padding
    const text = assertion({ claims: { other: 'x'.repeat(size), jti: 'j' } })
    if (text.length >= length)
      return text.length === length ? text : assertion({ claims: { other: 'x'.repeat(size - 1), jti: 'ji' } })
  }
  return ''
}

/** The bounds of client authentication, CORS, and introspected tokens. */
export const clientLimits: ReadonlyArray<ShownLimit> = [
  // Base64url has no text of every length: the nearest on both sides.
  { limit: 'assertionText', sizes: [16380, 16400], run: (size) => requested(assertionOf(size)), peerResponse: '401' },
  {
    limit: 'assertionId',
    run: (size) => requested(assertion({ claims: { jti: 'x'.repeat(size) } })),
    peerResponse: '401'
  },
  {
    limit: 'assertionKeyId',
    peerResponse: '401',
    run: async (size) => {
      const kid = 'k'.repeat(size)
      const { status } = await ask(
        worldOf({}, { _tag: 'Inline', keys: [jwkOf(ec.publicKey, kid)] }),
        assertion({ header: { kid } })
      )
      return status === 200 ? 'within' : String(status)
    }
  },
  {
    limit: 'assertionLifetime',
    run: (size) => requested(assertion({ claims: { exp: 1000 + 60 + size } })),
    peerResponse: '401'
  },
  {
    limit: 'corsOrigin',
    run: (size) => Promise.resolve(isOrigin('https://'.padEnd(size, 'x')) ? 'within' : 'nobody'),
    peerResponse: 'nobody'
  },
  {
    limit: 'presentedToken',
    at: 'recognize',
    peerResponse: 'Unknown',
    run: (size) => {
      const { _tag } = classifyToken(tokenOf(size))
      return Promise.resolve(_tag === 'Unknown' ? _tag : 'within')
    }
  }
]
