/** Client authentication in tables: the credentials of a request, rules of an assertion, steps of the machine. */
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { AssertionFacts } from '../../../src/protocol/client/assertion-rules.js'
import { claimRules, headerRules } from '../../../src/protocol/client/assertion-rules.js'
import type {
  AuthenticationCommand,
  AuthenticationEvent,
  AuthenticationState
} from '../../../src/protocol/client/authentication-state.js'
import { beginAuthentication, clientAuthenticationMachine } from '../../../src/protocol/client/authentication.js'
import type { RegisteredClient } from '../../../src/protocol/client/client.js'
import type { AssertionCredentials, Credentials } from '../../../src/protocol/client/credentials.js'
import { readCredentials } from '../../../src/protocol/client/credentials.js'
import { carriesLaunch, carriesResponse } from '../../../src/protocol/client/redirect-uri.js'
import type { PlainRequest } from '../../../src/protocol/http/message.js'
import { step } from '../../../src/protocol/machine/machine.js'
import { firstRefusal } from '../../../src/protocol/machine/rules.js'
import type { SmartPolicy } from '../../../src/protocol/policy/policy.js'
import { limits } from '../../../src/values/limits/limits.js'
import { authenticationSettings, client, policy, sha256 } from '../../support/machines/samples.js'

const tokenEndpoint = 'https://ehr.example/token'
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const jwt = ['{"alg":"ES384"}', '{"iss":"app"}', 'signature']
  .map((part) => Buffer.from(part).toString('base64url'))
  .join('.')

describe('the credentials of a request', () => {
  const read = (authorization: string | null, body: Readonly<Record<string, string>>): unknown => {
    const request = {
      method: 'POST',
      url: '/token',
      headers: authorization === null ? {} : { authorization },
      body: ''
    } as unknown as PlainRequest
    const parameters = new Map(Object.entries(body).map(([name, value]) => [name, [value]] as const))
    const reading = readCredentials(request, parameters)
    return Either.isLeft(reading) ? reading.left._tag : reading.right
  }
  const pair = (clientId: string, secret: string) => ({ clientId, secret })
  const basic = (decoded: unknown, raw: object, bodyClientId: string | null = null) => ({
    _tag: 'BasicCredentials',
    decoded,
    raw,
    bodyClientId
  })
  const kind = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
  const assertion = { text: jwt, header: { alg: 'ES384' }, claims: { iss: 'app' } }

  it.each<readonly [string | null, Readonly<Record<string, string>>, unknown]>([
    [null, { client_id: 'app' }, { _tag: 'PublicClient', clientId: 'app' }],
    [null, {}, 'CredentialsMissing'],
    [null, { client_id: 'app', client_secret: 's' }, { _tag: 'SecretInBody', ...pair('app', 's') }],
    [null, { client_id: 'app', client_secret: '' }, { _tag: 'SecretInBody', ...pair('app', '') }],
    [null, { client_secret: 's' }, 'CredentialsMissing'],
    [`Basic ${base64('app:s')}`, {}, basic(pair('app', 's'), pair('app', 's'))],
    [`bAsIc   ${base64('app:s:t')}`, { client_id: 'app' }, basic(pair('app', 's:t'), pair('app', 's:t'), 'app')],
    [`Basic ${base64('a+p:%73')}`, {}, basic(pair('a p', 's'), pair('a+p', '%73'))],
    [`Basic ${base64('a%p:s')}`, {}, basic(null, pair('a%p', 's'))],
    [`Basic ${base64('app:%')}`, {}, basic(null, pair('app', '%'))],
    [`Basic ${base64(':')}`, {}, basic(pair('', ''), pair('', ''))],
    [`Basic ${base64('app')}`, {}, 'CredentialsUnreadable'],
    ['Basic ???', {}, 'CredentialsUnreadable'],
    ['Basic', {}, 'CredentialsUnreadable'],
    [`Bearer ${base64('app:s')}`, {}, 'CredentialsUnreadable'],
    [` Basic ${base64('app:s')}`, {}, 'CredentialsUnreadable'],
    [`Basic ${base64('app:s')}`, { client_secret: 's' }, 'CredentialsTwice'],
    [`Basic ${base64('app:s')}`, { client_assertion: jwt }, 'CredentialsTwice'],
    [null, { client_secret: 's', client_assertion: jwt }, 'CredentialsTwice'],
    [
      null,
      { client_assertion: jwt, client_assertion_type: kind },
      { _tag: 'AssertionCredentials', assertion, bodyClientId: null }
    ],
    [
      null,
      { client_assertion: jwt, client_assertion_type: kind, client_id: 'app' },
      { _tag: 'AssertionCredentials', assertion, bodyClientId: 'app' }
    ],
    [null, { client_assertion: jwt, client_id: 'app' }, 'AssertionTypeUnknown'],
    [null, { client_assertion: jwt, client_assertion_type: `${kind}s` }, 'AssertionTypeUnknown'],
    [null, { client_assertion_type: kind }, 'AssertionUnreadable'],
    [null, { client_assertion: '', client_assertion_type: kind }, 'AssertionUnreadable']
  ])('%j with %j', (header, body, expected) => {
    expect(read(header, body)).toEqual(expected)
  })
})

const claims = { iss: 'app', sub: 'app', aud: tokenEndpoint, exp: 1300, jti: 'j1' }
const header = { alg: 'ES384', typ: 'JWT', kid: 'k1' }
const key = { kty: 'EC', crv: 'P-384', kid: 'k1', x: 'x', y: 'y' }
const basicClient: RegisteredClient = {
  ...client,
  tokenEndpointAuthMethod: 'client_secret_basic',
  secretDigests: [sha256('s')]
}
const inline: RegisteredClient = {
  ...client,
  tokenEndpointAuthMethod: 'private_key_jwt',
  keys: { _tag: 'Inline', keys: [key] }
}
const atUrl: RegisteredClient = { ...inline, keys: { _tag: 'AtUrl', url: 'https://app.example/jwks' } }
const { keys: _keys, ...withoutKeys } = inline

describe('the rules of an assertion', () => {
  interface Change {
    readonly header?: object
    readonly claims?: object
    readonly policy?: Partial<SmartPolicy>
    readonly settings?: object
    readonly client?: RegisteredClient
  }
  const refusalOf = (change: Change): string | null => {
    const facts: AssertionFacts = {
      settings: { ...authenticationSettings, policy: { ...policy, ...change.policy }, ...change.settings },
      assertion: { text: 'h.c.s', header: { ...header, ...change.header }, claims: { ...claims, ...change.claims } },
      client: change.client ?? inline,
      now: 1000
    }
    const refusal = firstRefusal(headerRules, facts) ?? firstRefusal(claimRules, facts)
    return refusal === null ? null : 'alg' in refusal ? `${refusal._tag} ${refusal.alg}` : refusal._tag
  }
  const strict = { assertionTyp: 'strict' } as const
  const anyCase = { assertionTyp: 'caseInsensitive' } as const
  const optional = { assertionTyp: 'optional' } as const
  const only = { assertionAudience: 'tokenEndpoint' } as const
  const either = { assertionAudience: 'tokenEndpointOrIssuer' } as const
  const rfc10070 = { assertionAudience: 'rfc10070' } as const
  const issuer = 'https://ehr.example'
  const called = { settings: { calledEndpoint: 'https://ehr.example/introspect' } }
  const skewed = { assertionClockSkewSeconds: 60 }
  const longest = limits.assertionLifetime.default
  const restored = (at: number): object => ({ restoredAt: at })

  it.each<readonly [Change, string | null]>([
    [{}, null],
    [{ header: { alg: 'RS384' } }, null],
    [{ header: { alg: 'none' } }, 'AssertionAlgorithmNotAllowed none'],
    [{ header: { alg: 'x'.repeat(40) } }, `AssertionAlgorithmNotAllowed ${'x'.repeat(32)}`],
    [{ header: { alg: undefined } }, 'AssertionAlgorithmNotAllowed '],
    [{ policy: strict }, null],
    [{ policy: strict, header: { typ: 'jwt' } }, 'AssertionTypeHeaderWrong'],
    [{ policy: strict, header: { typ: undefined } }, 'AssertionTypeHeaderWrong'],
    [{ policy: anyCase, header: { typ: 'jWt' } }, null],
    [{ policy: anyCase, header: { typ: 'JOSE' } }, 'AssertionTypeHeaderWrong'],
    [{ policy: anyCase, header: { typ: 7 } }, 'AssertionTypeHeaderWrong'],
    [{ policy: anyCase, header: { typ: undefined } }, 'AssertionTypeHeaderWrong'],
    [{ policy: optional, header: { typ: undefined } }, null],
    [{ policy: optional, header: { typ: 'jwt' } }, null],
    [{ policy: optional, header: { typ: 'Client-Authentication+JWT' } }, null],
    [{ policy: optional, header: { typ: 'xjwt' } }, 'AssertionTypeHeaderWrong'],
    [{ policy: optional, header: { typ: 'jwts' } }, 'AssertionTypeHeaderWrong'],
    [{ policy: optional, header: { typ: ['jwt'] } }, 'AssertionTypeHeaderWrong'],
    [{ policy: optional, header: { typ: null } }, 'AssertionTypeHeaderWrong'],
    [{ header: { crit: ['exp'] } }, 'AssertionExtensionCritical'],
    [{ header: { b64: false } }, 'AssertionExtensionCritical'],
    [{ header: { kid: 'k'.repeat(limits.assertionKeyId.default) } }, null],
    [{ header: { kid: 'k'.repeat(limits.assertionKeyId.default + 1) } }, 'AssertionKeyIdMissing'],
    [{ header: { kid: '' } }, 'AssertionKeyIdMissing'],
    [{ header: { kid: 7 } }, 'AssertionKeyIdMissing'],
    [{ header: { kid: ['k1'] } }, 'AssertionKeyIdMissing'],
    [{ header: { jku: 'https://app.example/jwks' }, client: atUrl }, null],
    [{ header: { jku: 'https://evil.example/jwks' }, client: atUrl }, 'AssertionJkuNotRegistered'],
    [{ header: { jku: 'https://app.example/jwks' } }, 'AssertionJkuNotRegistered'],
    [{ header: { jku: 'https://app.example/jwks' }, client: withoutKeys }, 'AssertionJkuNotRegistered'],
    [{ claims: { iss: 'other' } }, 'AssertionIssuerWrong'],
    [{ claims: { sub: 'other' } }, 'AssertionIssuerWrong'],
    [{ claims: { aud: 'https://other.example/token' } }, 'AssertionAudienceWrong'],
    [{ claims: { aud: [tokenEndpoint] } }, null],
    [{ claims: { aud: [] } }, 'AssertionAudienceWrong'],
    [{ claims: { aud: [tokenEndpoint, issuer] } }, 'AssertionAudienceWrong'],
    [{ claims: { aud: { length: 1, 0: tokenEndpoint } } }, 'AssertionAudienceWrong'],
    [{ claims: { aud: undefined } }, 'AssertionAudienceWrong'],
    [{ policy: only, claims: { aud: issuer } }, 'AssertionAudienceWrong'],
    [{ policy: either, claims: { aud: issuer } }, null],
    [{ policy: either }, null],
    [{ policy: rfc10070, claims: { aud: issuer } }, null],
    [{ policy: rfc10070, claims: { aud: [issuer] } }, 'AssertionAudienceWrong'],
    [{ policy: rfc10070 }, 'AssertionAudienceWrong'],
    [{ ...called, claims: { aud: 'https://ehr.example/introspect' } }, null],
    [{ ...called, claims: { aud: tokenEndpoint } }, null],
    [{ claims: { aud: 'https://ehr.example/introspect' } }, 'AssertionAudienceWrong'],
    [{ policy: skewed, claims: { exp: 941 } }, null],
    [{ policy: skewed, claims: { exp: 940 } }, 'AssertionExpired'],
    [{ claims: { exp: undefined } }, 'AssertionExpired'],
    [{ claims: { exp: '1300' } }, 'AssertionExpired'],
    [{ claims: { exp: -1 } }, 'AssertionExpired'],
    [{ claims: { exp: Number.NaN } }, 'AssertionExpired'],
    [{ claims: { exp: Number.POSITIVE_INFINITY } }, 'AssertionExpired'],
    [{ claims: { exp: 2 ** 53 } }, 'AssertionExpired'],
    [{ claims: { exp: 2 ** 53 - 1 } }, 'AssertionTooLong'],
    [{ policy: { assertionClockSkewSeconds: 2000 }, claims: { exp: 0 } }, null],
    [{ policy: { assertionClockSkewSeconds: 2000 }, claims: { exp: -1 } }, 'AssertionExpired'],
    [{ policy: skewed, claims: { exp: 1000 + longest + 60 } }, null],
    [{ policy: skewed, claims: { exp: 1000 + longest + 61 } }, 'AssertionTooLong'],
    [{ policy: skewed, claims: { nbf: 1060 } }, null],
    [{ policy: skewed, claims: { nbf: 1061 } }, 'AssertionNotYetValid'],
    [{ policy: skewed, claims: { iat: 1060 } }, null],
    [{ policy: skewed, claims: { iat: 1061 } }, 'AssertionNotYetValid'],
    [{ claims: { nbf: 'now' } }, 'AssertionNotYetValid'],
    [{ claims: { iat: -1 } }, 'AssertionNotYetValid'],
    [{ policy: skewed, claims: { iat: 960 }, settings: restored(900) }, null],
    [{ policy: skewed, claims: { iat: 959 }, settings: restored(900) }, 'AssertionFromBeforeRestoration'],
    [{ policy: skewed, claims: { exp: 960 + longest }, settings: restored(900) }, null],
    [{ policy: skewed, claims: { exp: 959 + longest }, settings: restored(900) }, 'AssertionFromBeforeRestoration'],
    [{ claims: { jti: 'j'.repeat(limits.assertionId.default) } }, null],
    [{ claims: { jti: 'j'.repeat(limits.assertionId.default + 1) } }, 'AssertionIdMissing'],
    [{ claims: { jti: '' } }, 'AssertionIdMissing'],
    [{ claims: { jti: 7 } }, 'AssertionIdMissing'],
    [{ claims: { jti: ['j1'] } }, 'AssertionIdMissing'],
    [{ claims: { jti: '\u0001j' } }, 'AssertionIdMissing'],
    [{ claims: { jti: 'j\u007f' } }, 'AssertionIdMissing'],
    [{ claims: { jti: 'j\u0080 ' } }, null]
  ])('%j: %s', (change, expected) => {
    expect(refusalOf(change)).toBe(expected)
  })
})

describe('the query of a redirect URI and of a launch URI', () => {
  it.each([
    ['https://app.example/cb', false, false],
    ['https://app.example/cb?tenant=7', false, false],
    ['https://app.example/cb?state=1', true, false],
    ['https://app.example/cb?x&state', true, false],
    ['https://app.example/cb?x=1;code=2', true, false],
    ['https://app.example/cb?%63ode=1', true, false],
    ['https://app.example/cb?+CODE[0]=1', true, false],
    ['https://app.example/cb?code[%0A]=1', true, false],
    ['https://app.example/cb?x[code]=1', false, false],
    ['https://app.example/cb?x=code', false, false],
    ['https://app.example/cb?%zz=1', true, true],
    ['https://app.example/cb?iss=1', true, true],
    ['https://app.example/cb?launch=1', false, true],
    ['https://app.example/cb?a=1=2&launch=1', false, true],
    ['https://app.example/cb?', false, false],
    ['https://app.example/cb#?code=1', true, false],
    ['https://app.example/cb?x=1#&code=1', false, false],
    ['https://app.example/code', false, false]
  ])('%s', (url, response, launch) => {
    expect([carriesResponse(url), carriesLaunch(url)]).toEqual([response, launch])
  })

  it.each(
    (
      'code state iss error error_description error_uri scope session_state access_token refresh_token id_token ' +
      'token_type expires_in response'
    ).split(' ')
  )('has no %s of a response', (name) => {
    expect(carriesResponse(`https://app.example/cb?${name}=x`)).toBe(true)
  })
})

describe('the steps of client authentication', () => {
  type Walked = readonly [state: object, command: object | null]
  const settings = { ...authenticationSettings, policy: { ...policy, allowClientSecretPost: true } }
  const withPolicy = (change: Partial<SmartPolicy>) => ({ ...settings, policy: { ...settings.policy, ...change } })
  const walk =
    (credentials: Credentials, events: ReadonlyArray<AuthenticationEvent>, chosen: typeof settings = settings) =>
    (): Walked => {
      const perform = step(clientAuthenticationMachine(chosen))
      const begun: { readonly state: AuthenticationState; readonly command: AuthenticationCommand | null } =
        beginAuthentication(chosen, credentials, 1000)
      const last = events.reduce((walked, event) => {
        const stepped = perform(walked.state, event)
        if (Either.isLeft(stepped)) throw new Error(JSON.stringify(stepped.left))
        return stepped.right
      }, begun)
      return [last.state, last.command]
    }
  const id = (clientId: string, secret = 's') => ({ clientId, secret })
  const publicCredentials: Credentials = { _tag: 'PublicClient', clientId: 'app' }
  const post: Credentials = { _tag: 'SecretInBody', ...id('app') }
  const basic = (
    decoded: ReturnType<typeof id> | null,
    raw: ReturnType<typeof id>,
    bodyClientId: string | null = null
  ): Credentials => ({ _tag: 'BasicCredentials', decoded, raw, bodyClientId })
  const signed = (
    change: object = {},
    bodyClientId: string | null = null,
    claim: object = {}
  ): AssertionCredentials => ({
    _tag: 'AssertionCredentials',
    assertion: { text: 'h.c.s', header: { ...header, ...change }, claims: { ...claims, ...claim } },
    bodyClientId
  })
  const one = basic(id('app'), id('app'))
  const two = basic(id('a p'), id('a+p', 't'))
  const found = (registered: RegisteredClient): AuthenticationEvent => ({ _tag: 'ClientFound', client: registered })
  const missing: AuthenticationEvent = { _tag: 'ClientNotFound' }
  const digested = (...secrets: ReadonlyArray<string>): AuthenticationEvent => ({
    _tag: 'SecretDigested',
    digests: secrets.map(sha256)
  })
  const verified: AuthenticationEvent = { _tag: 'SignatureVerified', digest: 'd' }
  const refused = (refusal: object, clientId: string | null = null): Walked => [
    { _tag: 'Refused', refusal, clientId },
    null
  ]
  const lookingUp = (
    credentials: Credentials,
    clientId: string,
    others: ReadonlyArray<string> = [],
    already: RegisteredClient | null = null
  ): Walked => [
    { _tag: 'LookingUpClient', credentials, clientId, others, found: already, now: 1000 },
    { _tag: 'FindClient', clientId }
  ]
  const checking = (
    credentials: Credentials,
    registered: RegisteredClient | null,
    secrets: ReadonlyArray<string>,
    scrypt: ReadonlyArray<string> = []
  ): Walked => [
    { _tag: 'CheckingSecret', credentials, client: registered },
    { _tag: 'DigestSecrets', secrets, scrypt }
  ]
  const verifying = (
    { assertion }: AssertionCredentials,
    registered: RegisteredClient | null,
    refusal: object | null,
    chosenKey: object | null
  ): Walked => [
    { _tag: 'VerifyingSignature', assertion, client: registered, refusal, now: 1000 },
    {
      _tag: 'VerifySignature',
      key: chosenKey,
      alg: assertion.header['alg'],
      text: 'h.c.s',
      named: JSON.stringify([tokenEndpoint, 'app', 'j1'])
    }
  ]
  const fetching = ({ assertion }: AssertionCredentials, isFresh: boolean): Walked => [
    { _tag: 'FetchingKeys', assertion, client: atUrl, url: 'https://app.example/jwks', isFresh, now: 1000 },
    { _tag: 'FetchKeys', url: 'https://app.example/jwks', isFresh }
  ]
  const authenticated = (registered: RegisteredClient): Walked => [{ _tag: 'Authenticated', client: registered }, null]
  const postClient: RegisteredClient = { ...basicClient, tokenEndpointAuthMethod: 'client_secret_post' }
  const postServed: typeof settings = { ...settings, methods: ['client_secret_post'] }
  const scrypt = '$scrypt$ln=14,r=8,p=1$salt$hash'
  const scrypted: RegisteredClient = { ...basicClient, secretDigests: [sha256('s'), scrypt] }
  const otherKey = signed({ kid: 'k2' })
  const unknown = { _tag: 'AuthenticatingClientUnknown' }
  const differs = (registered: string): object => ({ _tag: 'AuthenticationMethodDiffers', registered })
  const twice: RegisteredClient = { ...inline, keys: { _tag: 'Inline', keys: [key, key] } }
  const fresh: AuthenticationEvent = { _tag: 'KeysFetched', keys: [key] }

  it.each<readonly [string, () => Walked, Walked]>([
    ['an id alone', walk(publicCredentials, []), lookingUp(publicCredentials, 'app')],
    ['a secret in the body', walk(post, []), lookingUp(post, 'app')],
    [
      'a secret in the body that is not allowed',
      walk(post, [], withPolicy({ allowClientSecretPost: false })),
      refused({ _tag: 'SecretInBodyNotAllowed' })
    ],
    [
      'an id alone where no secret is allowed in the body',
      walk(publicCredentials, [], withPolicy({ allowClientSecretPost: false })),
      lookingUp(publicCredentials, 'app')
    ],
    ['one reading of a header', walk(one, []), lookingUp(one, 'app')],
    ['two readings of a header', walk(two, []), lookingUp(two, 'a p', ['a+p'])],
    ['the first, as in RFC 6749', walk(two, [], withPolicy({ basicEncoding: 'rfc6749' })), lookingUp(two, 'a p')],
    ['the second', walk(two, [], withPolicy({ basicEncoding: 'raw' })), lookingUp(two, 'a+p')],
    [
      'a header that cannot be decoded',
      walk(basic(null, id('a%p')), [], withPolicy({ basicEncoding: 'rfc6749' })),
      refused({ _tag: 'CredentialsUnreadable' })
    ],
    ['its other reading', walk(basic(null, id('a%p')), []), lookingUp(basic(null, id('a%p')), 'a%p')],
    [
      'an id in the body that agrees',
      walk(basic(id('a p'), id('a+p'), 'a+p'), []),
      lookingUp(basic(id('a p'), id('a+p'), 'a+p'), 'a+p')
    ],
    [
      'an id in the body that does not agree',
      walk(basic(id('app'), id('app'), 'other'), []),
      refused({ _tag: 'CredentialsTwice' })
    ],
    [
      'an id in the body that is not allowed',
      walk(basic(id('app'), id('app'), 'app'), [], withPolicy({ confidentialClientIdInBody: 'reject' })),
      refused({ _tag: 'CredentialsTwice' })
    ],
    [
      'no id in the body where none is allowed',
      walk(one, [], withPolicy({ confidentialClientIdInBody: 'reject' })),
      lookingUp(one, 'app')
    ],
    ['an assertion', walk(signed(), []), lookingUp(signed(), 'app')],
    [
      'an assertion without issuer',
      walk(signed({}, null, { iss: 7 }), []),
      lookingUp(signed({}, null, { iss: 7 }), '')
    ],
    ['an assertion of the body', walk(signed({}, 'other'), []), refused({ _tag: 'AssertionIssuerWrong' })],
    [
      'the same id and two secrets',
      walk(basic(id('app'), id('app', 't')), [found(basicClient)]),
      [
        { _tag: 'CheckingSecret', credentials: basic(id('app'), id('app', 't')), client: basicClient },
        { _tag: 'DigestSecrets', secrets: ['s', 't'], scrypt: [] }
      ]
    ],
    [
      'a client of the first reading',
      walk(two, [found({ ...basicClient, clientId: 'a p' })]),
      lookingUp(two, 'a+p', [], { ...basicClient, clientId: 'a p' })
    ],
    [
      'its secret',
      walk(two, [found({ ...basicClient, clientId: 'a p' }), found({ ...basicClient, clientId: 'a+p' })]),
      checking(two, { ...basicClient, clientId: 'a p' }, ['s'])
    ],
    [
      'a client of the second reading',
      walk(two, [missing, found({ ...basicClient, clientId: 'a+p' })]),
      checking(two, { ...basicClient, clientId: 'a+p' }, ['t'])
    ],
    ['no client', walk(two, [missing, missing]), checking(two, null, ['t'])],
    ['a client in another case', walk(one, [found({ ...basicClient, clientId: 'APP' })]), checking(one, null, ['s'])],
    ['a public client', walk(publicCredentials, [found(client)]), checking(publicCredentials, client, [''])],
    ['a client in the body', walk(post, [found(postClient)], postServed), checking(post, postClient, ['s'])],
    ['digests of scrypt', walk(one, [found(scrypted)]), checking(one, scrypted, ['s'], [scrypt])],
    [
      'clients that are unavailable',
      walk(one, [{ _tag: 'ClientsUnavailable' }]),
      refused({ _tag: 'ClientsUnavailable' })
    ],
    ['the right secret', walk(one, [found(basicClient), digested('x', 's')]), authenticated(basicClient)],
    ['a wrong secret', walk(one, [found(basicClient), digested('x')]), refused({ _tag: 'ClientSecretDiffers' }, 'app')],
    ['no secret', walk(one, [found(basicClient), digested()]), refused({ _tag: 'ClientSecretDiffers' }, 'app')],
    ['a secret for nobody', walk(one, [missing, digested('s')]), refused(unknown)],
    ['an id of a public client', walk(publicCredentials, [found(client), digested()]), authenticated(client)],
    [
      'an id of a confidential client',
      walk(publicCredentials, [found(basicClient), digested('s')]),
      refused(differs('client_secret_basic'), 'app')
    ],
    [
      'a secret in the wrong place',
      walk(post, [found(basicClient), digested('s')]),
      refused(differs('client_secret_basic'), 'app')
    ],
    ['a secret of the body', walk(post, [found(postClient), digested('s')], postServed), authenticated(postClient)],
    [
      'a method that is not served',
      walk(one, [found(basicClient), digested('s')], postServed),
      refused(differs('client_secret_basic'), 'app')
    ],
    [
      'no cryptography',
      walk(one, [found(basicClient), { _tag: 'CryptographyUnavailable' }]),
      refused({ _tag: 'KeysUnavailable' }, 'app')
    ],
    ['a key', walk(signed(), [found(inline)]), verifying(signed(), inline, null, key)],
    ['no key', walk(otherKey, [found(inline)]), verifying(otherKey, inline, { _tag: 'AssertionKeyUnknown' }, null)],
    ['two keys', walk(signed(), [found(twice)]), verifying(signed(), twice, { _tag: 'AssertionKeyAmbiguous' }, null)],
    ['an assertion of nobody', walk(signed(), [missing]), verifying(signed(), null, unknown, null)],
    [
      'an assertion for a secret',
      walk(signed(), [found(basicClient)]),
      verifying(signed(), basicClient, differs('client_secret_basic'), null)
    ],
    [
      'an assertion without keys',
      walk(signed(), [found(withoutKeys)]),
      verifying(signed(), withoutKeys, differs('private_key_jwt'), null)
    ],
    [
      'a wrong header',
      walk(signed({ typ: 'x' }), [found(atUrl)]),
      verifying(signed({ typ: 'x' }), atUrl, { _tag: 'AssertionTypeHeaderWrong' }, null)
    ],
    ['keys elsewhere', walk(signed(), [found(atUrl)]), fetching(signed(), false)],
    ['fetched keys', walk(signed(), [found(atUrl), fresh]), verifying(signed(), atUrl, null, key)],
    ['a key that may be new', walk(otherKey, [found(atUrl), fresh]), fetching(otherKey, true)],
    [
      'a key that is not there',
      walk(otherKey, [found(atUrl), fresh, fresh]),
      verifying(otherKey, atUrl, { _tag: 'AssertionKeyUnknown' }, null)
    ],
    [
      'two fetched keys',
      walk(signed(), [found(atUrl), { _tag: 'KeysFetched', keys: [key, key] }]),
      verifying(signed(), atUrl, { _tag: 'AssertionKeyAmbiguous' }, null)
    ],
    [
      'keys that are not fetched',
      walk(signed(), [found(atUrl), { _tag: 'KeysNotFetched', reason: 'down' }]),
      verifying(signed(), atUrl, { _tag: 'AssertionKeysUnavailable', reason: 'down' }, null)
    ],
    [
      'a signature',
      walk(signed({}, null, { exp: 1300.5 }), [found(inline), verified]),
      [
        { _tag: 'RememberingAssertion', client: inline },
        { _tag: 'RememberAssertion', digest: 'd', until: 1301 + 2 * policy.assertionClockSkewSeconds }
      ]
    ],
    ['a signature of nobody', walk(signed(), [missing, verified]), refused(unknown)],
    [
      'a signature without a key',
      walk(otherKey, [found(inline), verified]),
      refused({ _tag: 'AssertionKeyUnknown' }, 'app')
    ],
    [
      'a claim that is wrong',
      walk(signed({}, null, { sub: 'x' }), [found(inline), verified]),
      refused({ _tag: 'AssertionIssuerWrong' }, 'app')
    ],
    [
      'a wrong signature',
      walk(signed(), [found(inline), { _tag: 'SignatureWrong' }]),
      refused({ _tag: 'AssertionSignatureWrong' }, 'app')
    ],
    [
      'a wrong signature without a key',
      walk(otherKey, [found(inline), { _tag: 'SignatureWrong' }]),
      refused({ _tag: 'AssertionKeyUnknown' }, 'app')
    ],
    [
      'a signature without cryptography',
      walk(signed(), [found(inline), { _tag: 'CryptographyUnavailable' }]),
      refused({ _tag: 'KeysUnavailable' }, 'app')
    ],
    [
      'an assertion that is new',
      walk(signed(), [found(inline), verified, { _tag: 'AssertionRemembered' }]),
      authenticated(inline)
    ],
    [
      'an assertion that was used',
      walk(signed(), [found(inline), verified, { _tag: 'AssertionSeenBefore' }]),
      refused({ _tag: 'AssertionReplayed' }, 'app')
    ],
    [
      'a store that is unavailable',
      walk(signed(), [found(inline), verified, { _tag: 'StoreUnavailable' }]),
      refused({ _tag: 'StoreUnavailable' }, 'app')
    ]
  ])('%s', (_name, walked, expected) => {
    expect(walked()).toEqual(expected)
  })

  it('are these', () => {
    const { name, initial, final, table } = clientAuthenticationMachine(settings)
    const arrows = Object.entries(table).flatMap(([state, row]) =>
      Object.entries(row as Readonly<Record<string, { readonly to: ReadonlyArray<string> }>>).map(
        ([event, { to }]) => `${state} < ${event}: ${to.join(', ')}`
      )
    )
    expect({ name, initial, final, arrows }).toEqual({
      name: 'client-authentication',
      initial: ['LookingUpClient', 'Refused'],
      final: ['Authenticated', 'Refused'],
      arrows: [
        'LookingUpClient < ClientFound: LookingUpClient, CheckingSecret, FetchingKeys, VerifyingSignature',
        'LookingUpClient < ClientNotFound: LookingUpClient, CheckingSecret, VerifyingSignature',
        'LookingUpClient < ClientsUnavailable: Refused',
        'CheckingSecret < SecretDigested: Authenticated, Refused',
        'CheckingSecret < CryptographyUnavailable: Refused',
        'FetchingKeys < KeysFetched: FetchingKeys, VerifyingSignature',
        'FetchingKeys < KeysNotFetched: VerifyingSignature',
        'VerifyingSignature < SignatureVerified: RememberingAssertion, Refused',
        'VerifyingSignature < SignatureWrong: Refused',
        'VerifyingSignature < CryptographyUnavailable: Refused',
        'RememberingAssertion < AssertionRemembered: Authenticated',
        'RememberingAssertion < AssertionSeenBefore: Refused',
        'RememberingAssertion < StoreUnavailable: Refused'
      ]
    })
  })
})
