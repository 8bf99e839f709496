/** Attacks on the words of the policy that accept what common clients send: each opens what it names and no more. */
import { describe, expect, it } from 'vitest'
import { refused } from '../../support/client/refused-authentication.js'
import { leavesStoreAlone } from '../../support/server/stored.js'
import type { Change, Fixture, FixtureOptions } from '../../support/server-fixture.js'
import {
  authorize,
  bodyOf,
  clients,
  exchange,
  isAlive,
  newFixture,
  obtainCode,
  redirected,
  refresh
} from '../../support/server-fixture.js'
import { memoryClients } from '../../../src/adapters/memory-clients.js'
import type { PlainResponse } from '../../../src/protocol/http/message.js'
import { refusalTable } from '../../../src/protocol/errors/refusal-table.js'

const other = clients.slice(0, 1).map((client) => ({ ...client, clientId: 'other-app' }))

const unnamed: FixtureOptions = {
  policy: { publicRefreshClientId: 'optional' },
  ports: { clients: memoryClients([...clients, ...other]) }
}

const basic = (id: string, secret: string): Readonly<Record<string, string>> => ({
  authorization: `Basic ${btoa(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`)}`
})

const asConfidential = basic('sym-app', 's3cret:%')

interface Begun {
  readonly fixture: Fixture
  readonly accessToken: string
  readonly refreshToken: string
}

/** A grant of a public client, or of the confidential one, where `client_id` may be left out at a refresh. */
const begun = async (clientId: string, options: FixtureOptions = unnamed): Promise<Begun> => {
  const fixture = newFixture(options)
  const isConfidential = clientId === 'sym-app'
  const code = await obtainCode(fixture, { client_id: clientId })
  const response = await exchange(
    fixture,
    code,
    { client_id: isConfidential ? null : clientId },
    isConfidential ? asConfidential : {}
  )
  const { access_token, refresh_token } = bodyOf(response)
  return { fixture, accessToken: String(access_token), refreshToken: String(refresh_token) }
}

/** The token is still valid for its client: no one can end another's session. */
const isStillValid = async ({ fixture, accessToken, refreshToken }: Begun, clientId: string): Promise<void> => {
  expect(await isAlive(fixture, accessToken)).toBe(true)
  const again = await refresh(
    fixture,
    refreshToken,
    { client_id: clientId === 'sym-app' ? null : clientId },
    clientId === 'sym-app' ? asConfidential : {}
  )
  expect(again.status).toBe(200)
}

describe('publicRefreshClientId: optional', () => {
  it('a public client is known by its token', async () => {
    const one = await begun('pub-app')
    expect((await refresh(one.fixture, one.refreshToken, { client_id: null })).status).toBe(200)
  })

  it.each<[string, Change, Readonly<Record<string, string>>, string]>([
    ['without anything', { client_id: null }, {}, 'AuthenticationMethodDiffers'],
    ['with its id alone', { client_id: 'sym-app' }, {}, 'AuthenticationMethodDiffers'],
    ['with a wrong secret', { client_id: null }, basic('sym-app', 'guess'), 'ClientSecretDiffers'],
    ['with a header that cannot be read', { client_id: null }, { authorization: 'Basic ?' }, 'CredentialsUnreadable'],
    ['with an empty secret in the body', { client_id: null, client_secret: '' }, {}, 'CredentialsUnreadable']
  ])("the token of a confidential client's grant is refused %s", async (_name, change, headers, tag) => {
    const one = await begun('sym-app')
    const response = await leavesStoreAlone(one.fixture, () => refresh(one.fixture, one.refreshToken, change, headers))
    expect([response.status, bodyOf(response)['access_token']]).toEqual([401, undefined])
    expect(['AuthenticationMethodDiffers', tag]).toContain(one.fixture.audited.at(-1)?.refusal?._tag)
    await isStillValid(one, 'sym-app')
  })

  it.each<[string, Change, Readonly<Record<string, string>>]>([
    ['another public client', { client_id: 'other-app' }, {}],
    ['a client that authenticates', { client_id: null }, asConfidential],
    ['nobody that is known', { client_id: 'nobody' }, {}],
    ['an empty client_id', { client_id: '' }, basic('other-app', '')]
  ])('a public token is refused beside %s', async (_name, change, headers) => {
    const one = await begun('pub-app')
    const response = await leavesStoreAlone(one.fixture, () => refresh(one.fixture, one.refreshToken, change, headers))
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(bodyOf(response)['access_token']).toBeUndefined()
    await isStillValid(one, 'pub-app')
  })

  it('a forged token names no client', async () => {
    const one = await begun('pub-app')
    const forged = `${one.refreshToken.slice(0, -4)}${one.refreshToken.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`
    const response = await leavesStoreAlone(one.fixture, () => refresh(one.fixture, forged, { client_id: null }))
    expect([response.status, bodyOf(response)['error']]).toEqual([400, 'invalid_grant'])
    await isStillValid(one, 'pub-app')
  })

  it('a token that was used is a theft also without client_id', async () => {
    const one = await begun('pub-app')
    expect((await refresh(one.fixture, one.refreshToken, { client_id: null })).status).toBe(200)
    expect((await refresh(one.fixture, one.refreshToken, { client_id: null })).status).toBe(400)
    expect(await isAlive(one.fixture, one.accessToken)).toBe(false)
  })

  it('a code still needs client_id', async () => {
    const fixture = newFixture(unnamed)
    const code = await obtainCode(fixture)
    await refused(fixture, () => exchange(fixture, code, { client_id: null }), 'CredentialsMissing')
    expect((await exchange(fixture, code)).status).toBe(200)
  })
})

describe('missingState: allowWithPkce', () => {
  const withWord = (pkce: 'required' | 'optionalForV1Clients') =>
    newFixture({ policy: { missingState: 'allowWithPkce', pkce } })

  it('a request with a challenge of S256 needs no state, and its response has none', async () => {
    const fixture = withWord('required')
    expect((await authorize(fixture, { state: null }))._tag).toBe('NeedsUser')
    expect(await obtainCode(fixture, { state: null })).not.toBe('')
    expect(redirected(await authorize(fixture, { state: null, response_type: 'token' }))?.get('state')).toBeNull()
  })

  it.each<[string, Change]>([
    ['without a challenge', { code_challenge: null, code_challenge_method: null }],
    ['with an empty one', { code_challenge: '' }],
    ['of the method plain', { code_challenge_method: 'plain' }],
    ['without a method', { code_challenge_method: null }]
  ])('a request without state is refused %s', async (_name, change) => {
    const bare = { ...change, state: null, client_id: 'sym-app', scope: 'launch/patient patient/*.read' }
    for (const pkce of ['required', 'optionalForV1Clients'] as const) {
      const conversation = await authorize(withWord(pkce), bare)
      expect(redirected(conversation)?.get('error')).toBe('invalid_request')
    }
  })
})

describe('authenticationErrors: detailed', () => {
  const answered = async (policy: FixtureOptions['policy'], change: Change): Promise<PlainResponse> => {
    const fixture = newFixture(policy === undefined ? {} : { policy })
    return exchange(fixture, await obtainCode(fixture, { client_id: 'sym-app' }), change)
  }
  const posting = { client_id: 'sym-app', client_secret: 's3cret:%' }

  it('says which method was registered, or that the server accepts none in the body', async () => {
    const detailed = { authenticationErrors: 'detailed' } as const
    expect(bodyOf(await answered({ ...detailed, allowClientSecretPost: true }, posting))['error_description']).toBe(
      'Client authentication failed. The client uses another method than the one that it registered: ' +
        'client_secret_basic.'
    )
    expect(bodyOf(await answered(detailed, posting))['error_description']).toContain('allowClientSecretPost')
  })

  it('says nothing by default, repeats no secret, and fits error_description (RFC 6749, section 5.2)', async () => {
    expect(bodyOf(await answered({ allowClientSecretPost: true }, posting))['error_description']).toBe(
      'Client authentication failed.'
    )
    const detailed = await answered({ authenticationErrors: 'detailed' }, posting)
    expect(detailed.body).not.toContain('s3cret')
    for (const { advice, description, error } of Object.values(refusalTable)) {
      if (error === 'invalid_client') expect(`${description} ${advice}`).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/)
    }
  })
})
