import * as fc from 'fast-check'
import * as Option from 'fp-ts/lib/Option.js'
import { describe, expect, it } from 'vitest'
import { classifyToken } from '../../../src/protocol/token/classify-token.js'
import {
  coveredAccessToken,
  coveredRefreshToken,
  printCode,
  readAccessToken,
  readCode,
  readRefreshToken
} from '../../../src/protocol/token/opaque-token.js'

const identifier = fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/)
const count = fc.nat({ max: 2 ** 31 })

/** As how many kinds of token a text can be read. */
const kindsOf = (text: string): number =>
  [readAccessToken(text), readRefreshToken(text), readCode(text)].filter(({ _tag }) => _tag === 'Some').length

describe('tokens', () => {
  it('are read as they were printed', () => {
    fc.assert(
      fc.property(
        identifier,
        count,
        count,
        count,
        fc.option(fc.string({ minLength: 1 }), { nil: null }),
        identifier,
        identifier,
        (grantId, epoch, issuedAt, expiresAt, scope, keyId, mac) => {
          const narrowedScope = scope === null ? null : scope.toWellFormed()
          const facts = { grantId, epoch, issuedAt, expiresAt, narrowedScope }
          const covered = coveredAccessToken(facts, 'token-id', keyId)
          expect(readAccessToken(`${covered}.${mac}`)).toEqual(Option.some({ facts, covered, keyId, mac }))
        }
      )
    )
    fc.assert(
      fc.property(identifier, count, identifier, identifier, (grantId, generation, keyId, mac) => {
        const covered = coveredRefreshToken({ grantId, generation }, keyId)
        expect(readRefreshToken(`${covered}.${mac}`)).toEqual(
          Option.some({ facts: { grantId, generation }, covered, keyId, mac })
        )
      })
    )
  })

  it.each(['grant.a.0.1.2..id.key.code', 'grant.r.0.key.code', printCode('grant', 'r'.repeat(43))])(
    'of one kind are not read as another: %s',
    (text) => {
      expect(kindsOf(text)).toBe(1)
    }
  )

  it.each([
    '',
    'grant',
    'grant.r.00.key.code',
    'grant.r.-1.key.code',
    'grant.r.1e3.key.code',
    'grant.r.0.key.code ',
    'grant.r.0.key.code\n',
    'grant.r.0.key.',
    '.r.0.key.code',
    'grant.a.0.1.2.%.key.code',
    'grant.a.0.1.2.YQ==.key.code',
    'gr ant.r.0.key.code',
    `${'g'.repeat(200)}.r.0.key.code`
  ])('are not read from %j', (text) => {
    expect(kindsOf(text)).toBe(0)
  })
})

describe('a JWT whose type is no text', () => {
  const header = (typ: string): string => Buffer.from(`{"alg":"ES384","typ":${typ}}`).toString('base64url')

  it.each(['{"toString":null,"valueOf":null}', `${'['.repeat(5000)}${']'.repeat(5000)}`, '["at+jwt"]'])(
    'is no access token',
    (typ) => {
      expect(classifyToken(`${header(typ)}.e30.AA`)).toMatchObject({ _tag: 'NoToken', kind: 'JWT' })
    }
  )
})
