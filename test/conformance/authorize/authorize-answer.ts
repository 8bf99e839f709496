/** Rows of the area "authorize": what comes of an authorization request. */
import fc from 'fast-check'
import { expect } from 'vitest'
import type { Shown } from '../matrix.js'
import { converse, expectRedirects, outcomeOf, protocol, releases, tokensOf, tokensWith } from '../../support/steps.js'
import { row } from '../matrix.js'
import {
  authorize,
  clients,
  exchange,
  get,
  issuer,
  newFixture,
  obtainCode,
  post,
  redirected,
  redirectUri
} from '../../support/server-fixture.js'
import type { Change } from '../../support/server-fixture.js'
import { memoryClients } from '../../../src/adapters/memory-clients.js'
import type { Conversation } from '../../../src/engine/server/interaction/conversation.js'
import { refusalTable } from '../../../src/protocol/errors/refusal-table.js'
import { errorUri } from '../../../src/protocol/errors/refusal.js'
import { checkPolicy } from '../../../src/protocol/policy/policy-check.js'

const locationOf = (conversation: Conversation): string =>
  conversation._tag === 'SendToApp' ? String(conversation.response.headers['location']) : ''

/** One redirect of each kind: with a code, because of the request, because of the user. */
const everyRedirect = async (change: Change = {}): Promise<ReadonlyArray<Conversation>> => {
  const begun = await authorize(newFixture(), change)
  const fixture = newFixture()
  const waiting = await authorize(fixture, change)
  if (begun._tag !== 'NeedsUser' || waiting._tag !== 'NeedsUser') throw new Error(outcomeOf(begun))
  return [
    await converse(newFixture(), change),
    await authorize(newFixture(), { ...change, aud: 'https://evil.example' }),
    await fixture.server.interaction.userDenied(waiting.interaction)()
  ]
}

export const answerRows: ReadonlyArray<Shown> = [
  row(
    'AUT-007 AUT-032 AUT-033',
    "what the user and the host's policy decide comes to one of two redirects: a code, for all or a part of " +
      'what was requested, or access_denied with the state',
    async () => {
      expect(outcomeOf(await converse(newFixture(), {}))).toBe('redirect code')
      expect(await tokensWith({}, {}, { approved: 'launch/patient patient/Observation.r' })).toMatchObject({
        scope: 'launch/patient patient/Observation.r'
      })
      const fixture = newFixture()
      const begun = await authorize(fixture)
      if (begun._tag !== 'NeedsUser') throw new Error(begun._tag)
      const denied = redirected(await fixture.server.interaction.userDenied(begun.interaction)())
      expect([denied?.get('error'), denied?.get('state'), denied?.get('code')]).toEqual([
        'access_denied',
        'state-1',
        null
      ])
      expect(outcomeOf(await converse(newFixture(), {}, { approved: '' }))).toBe('redirect access_denied')
    }
  ),
  row(
    'AUT-019 AUT-036',
    'state comes back as it came, whatever text it is, with a code and with every error',
    async () => {
      for (const state of ['a=b&c#d', 'blank and +', '%2b', 'ü', 'x'.repeat(4096), '"><script>']) {
        for (const conversation of await everyRedirect({ state }))
          expect(redirected(conversation)?.get('state')).toBe(state)
      }
      await fc.assert(
        fc.asyncProperty(
          fc
            .string({ minLength: 1, maxLength: 50, unit: 'grapheme' })
            .filter((text) => !/[\x00-\x1f\x7f-\x9f]/.test(text)),
          async (state) => {
            expect(redirected(await authorize(newFixture(), { state, response_type: 'token' }))?.get('state')).toBe(
              state
            )
          }
        ),
        { numRuns: 50 }
      )
    }
  ),
  row(
    'AUT-034 AUT-109 AUT-201',
    'a code is good for 60 seconds and not for one more, in every release; more than ten minutes cannot be configured',
    async () => {
      for (const specVersion of releases) {
        for (const [seconds, status] of [
          [59, 200],
          [60, 400]
        ] as const) {
          const fixture = newFixture({ policy: { specVersion } })
          const code = await obtainCode(fixture)
          fixture.clock.now += seconds
          const response = await exchange(fixture, code)
          expect([response.status, (JSON.parse(response.body) as { readonly error?: string }).error]).toEqual([
            status,
            status === 200 ? undefined : 'invalid_grant'
          ])
        }
      }
      expect([checkPolicy({ codeLifetimeSeconds: 600 })._tag, checkPolicy({ codeLifetimeSeconds: 601 })._tag]).toEqual([
        'Right',
        'Left'
      ])
    }
  ),
  row('AUT-035', 'the redirect goes to the redirect URI with a code beside the query that it has', async () => {
    const registered = 'https://app.example/cb?tenant=1&x=%2F'
    const fixture = newFixture({
      ports: { clients: memoryClients(clients.map((client) => ({ ...client, redirectUris: [registered] }))) }
    })
    expect(locationOf(await converse(fixture, { redirect_uri: registered }))).toMatch(
      /^https:\/\/app\.example\/cb\?tenant=1&x=%2F&code=[A-Za-z0-9._~-]+&/
    )
  }),
  row('AUT-112', 'once client and redirect URI are proven, every refusal goes there with error and state', async () => {
    for (const change of [
      { response_type: null },
      { scope: null },
      { aud: null },
      { code_challenge: null },
      { launch: 'x', scope: 'launch' },
      { prompt: 'x' },
      { max_age: 'x' }
    ]) {
      const conversation = await authorize(newFixture(), change)
      expect(locationOf(conversation)).toMatch(/^https:\/\/app\.example\/cb\?/)
      expect([redirected(conversation)?.get('error'), redirected(conversation)?.get('state')]).toEqual([
        expect.any(String),
        'state-1'
      ])
    }
  }),
  row(
    'AUT-113',
    'what is said by redirect is one of the errors of RFC 6749, section 4.1.2.1, of RFC 8707 or of OpenID Connect',
    () => {
      const allowed = [
        'invalid_request',
        'unauthorized_client',
        'access_denied',
        'unsupported_response_type',
        'invalid_scope',
        'server_error',
        'temporarily_unavailable',
        'invalid_target',
        'request_not_supported',
        'request_uri_not_supported',
        'registration_not_supported',
        'login_required',
        'interaction_required',
        'consent_required'
      ]
      const said = Object.values(refusalTable)
        .filter(({ shown }) => shown.includes('redirect'))
        .map(({ error }) => error)
      expect(said.length).toBeGreaterThan(20)
      expect(said.filter((error) => !allowed.includes(error))).toEqual([])
    }
  ),
  row(
    'AUT-114 AUT-115',
    'every error_description holds only the characters of RFC 6749, every error_uri is an address without ' +
      'blank, quote and backslash, and hostile input reaches neither',
    async () => {
      const rows = Object.values(refusalTable)
      for (const refused of rows) {
        expect(refused.description).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/)
        expect(errorUri(refused)).toMatch(/^https:\/\/[\x21\x23-\x5b\x5d-\x7e]+$/)
      }
      const hostile = '"\\\r\nü<b>'
      for (const name of [
        'response_type',
        'aud',
        'scope',
        'prompt',
        'max_age',
        'code_challenge_method',
        'response_mode'
      ]) {
        const answer = redirected(await authorize(newFixture(), { [name]: hostile }))
        expect([name, answer?.get('error_description')]).toEqual([
          name,
          expect.stringMatching(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/)
        ])
      }
    }
  ),
  row(
    'AUT-116',
    'codes are visible ASCII; a state with control characters is refused and not sent back; what is accepted ' +
      'is echoed exactly',
    async () => {
      expect(await obtainCode(newFixture())).toMatch(/^[\x21-\x7e]+$/)
      for (const state of ['a\u0000b', 'line\r\nbreak', 'tab\t', '\u007f']) {
        const answer = redirected(await authorize(newFixture(), { state }))
        expect([answer?.get('error'), answer?.get('state')]).toEqual(['invalid_request', null])
      }
    }
  ),
  row(
    'AUT-123',
    'challenge and audience are kept with the code, which is random, stored as a digest, and tells nothing of them',
    async () => {
      const fixture = newFixture()
      const code = await obtainCode(fixture, { code_challenge: 'c'.repeat(43) })
      const stored = fixture.memory.entries().flat().join()
      expect([code.includes('c'.repeat(43)), stored.includes('c'.repeat(43)), stored.includes(code)]).toEqual([
        false,
        true,
        false
      ])
      expect(code.split('.c.')[1]).toMatch(/^[A-Za-z0-9_-]{43}$/)
    }
  ),
  row(
    'AUT-129',
    'iss, the issuer of the metadata, stands on every redirect, unless the policy leaves it out',
    async () => {
      for (const conversation of await everyRedirect())
        expect(redirected(conversation)?.getAll('iss')).toEqual([issuer])
      const silent = newFixture({ policy: { issParameter: false } })
      expect(redirected(await converse(silent, {}))?.get('iss')).toBeNull()
      expect(redirected(await authorize(silent, { aud: null }))?.get('iss')).toBeNull()
    }
  ),
  row(
    'AUT-135',
    'the authorization endpoint shares nothing with web pages: no answer of it has a CORS header, and it ' +
      'answers no preflight',
    async () => {
      const origin = { origin: 'https://app.example', 'access-control-request-method': 'POST' }
      for (const conversation of await everyRedirect()) {
        expect(
          conversation._tag === 'SendToApp' &&
            Object.keys(conversation.response.headers).filter((name) => name.startsWith('access-control'))
        ).toEqual([])
      }
      expect(newFixture().server.endpoints.protocol({ ...get('/authorize', '', origin), method: 'OPTIONS' })._tag).toBe(
        'None'
      )
      const token = await protocol(newFixture(), { ...post('/token', [], origin), method: 'OPTIONS' })
      expect(token.headers['access-control-allow-origin']).toBe('https://app.example')
    }
  ),
  row('AUT-136', 'redirects have the status 303, never 307, whether a code or an error is sent', async () => {
    for (const conversation of await everyRedirect())
      expect(conversation._tag === 'SendToApp' && conversation.response.status).toBe(303)
  }),
  row(
    'AUT-137',
    'a code that was injected into another session is worth nothing: its verifier is another',
    async () => {
      const fixture = newFixture()
      const stolen = await obtainCode(fixture, { code_challenge: 'c'.repeat(43) })
      expect(JSON.parse((await exchange(fixture, stolen)).body)).toMatchObject({ error: 'invalid_grant' })
      expect(claimNonce(await tokensOf(newFixture(), { nonce: 'n-1' }))).toBe('n-1')
      await expectRedirects('invalid_request', [{ redirect_uri: redirectUri, code_challenge: null, nonce: 'n-1' }])
    }
  )
]

const claimNonce = (body: Readonly<Record<string, unknown>>): unknown =>
  (
    JSON.parse(Buffer.from(String(body['id_token']).split('.')[1] ?? '', 'base64url').toString()) as Readonly<
      Record<string, unknown>
    >
  )['nonce']
