/** What an app gets and ends: documents as bytes, busy servers, the time of a session, keys, and signing out. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as Either from 'fp-ts/lib/Either.js'
import { exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backendOf } from '../../support/app/client-trace.js'
import type { Parties, PartyOptions } from '../../support/app/parties.js'
import { begin, complete, consent, good, newParties, tokenRequests } from '../../support/app/parties.js'
import { fhirBaseUrl } from '../../support/server-fixture.js'
import { fetchHttp, fetchStream } from '../../../src/adapters/fetch/fetch-http.js'
import { appKeys } from '../../../src/adapters/jose-app.js'
import type { PlainResponse } from '../../../src/protocol/http/message.js'
import { json } from '../../../src/protocol/http/message.js'
import type { OutgoingRequest } from '../../../src/protocol/http/outgoing-request.js'

const pdf = new Uint8Array([0x25, 0x50, 0x44, 0x46, 0x2d, 0xff, 0xfe, 0x80, 0xc3, 0x28, 0x00, 0x9f])

/** The honest server, where some answers are others. */
const answering = (
  change: (request: OutgoingRequest, response: PlainResponse) => PlainResponse,
  options: PartyOptions = {}
): Parties & { readonly pauses: Array<number> } => {
  const pauses: Array<number> = []
  const pause = (milliseconds: number) => () => {
    pauses.push(milliseconds)
    return Promise.resolve()
  }
  return { ...newParties({ ...options, tamper: change, ports: { pause, ...options.ports } }), pauses }
}

const isFhir = ({ method, url }: OutgoingRequest): boolean =>
  method === 'GET' && url.startsWith(fhirBaseUrl) && !url.includes('.well-known')

const busy = (seconds: string): PlainResponse => json(429, {}, { 'retry-after': seconds })

describe('a document', () => {
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': request.url === '/text' ? 'text/plain' : 'application/pdf' })
    response.write(request.url === '/text' ? 'Grüße' : pdf)
    if (request.url !== '/stuck') response.end()
  })
  let base = ''
  beforeAll(async () => {
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    base = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })
  const at = (path: string): OutgoingRequest => ({ method: 'GET', url: base + path, headers: {}, body: '' })

  it('comes byte for byte, as a whole and as a stream', async () => {
    expect(await fetchHttp()(at('/pdf'))()).toMatchObject({ right: { status: 200, body: '', bytes: pdf } })
    expect(await fetchHttp()(at('/text'))()).toMatchObject({ right: { body: 'Grüße' } })
    const { headers, stream } = good(await fetchStream()(at('/pdf'))())
    expect(new Uint8Array(await new Response(stream).arrayBuffer())).toEqual(pdf)
    expect(headers['content-type']).toBe('application/pdf')
  })

  it('that stops arriving is an error of its stream', async () => {
    const { stream } = good(await fetchStream({ timeoutMilliseconds: 100 })(at('/stuck'))())
    await expect(new Response(stream).arrayBuffer()).rejects.toThrow('no answer in time')
  })

  it('of an app has bytes even if the host sends texts only', async () => {
    const parties = newParties()
    const sessionId = await complete(parties)
    const { body, bytes } = good(await parties.app.fhir(sessionId, { url: 'Patient/123' })())
    expect(new TextDecoder().decode(bytes)).toBe(body)
    const { status, stream } = good(await parties.app.stream(sessionId, { url: 'Patient/123' })())
    expect([status, await new Response(stream).text()]).toEqual([200, body])
    expect(await parties.app.stream(sessionId, { url: 'https://evil.example/fhir/Binary/1' })()).toMatchObject({
      left: { _tag: 'AddressElsewhere' }
    })
  })
})

describe('a busy server', () => {
  it.each([
    ['3', [3000], 200],
    ['11', [], 429],
    ['soon', [], 429],
    ['Thu, 01 Jan 1970 00:16:45 GMT', [5000], 200]
  ])('that says Retry-After: %s', async (seconds, expected, status) => {
    let refusals = 1
    const parties = answering((request, response) => (isFhir(request) && refusals-- > 0 ? busy(seconds) : response))
    const sessionId = await complete(parties)
    parties.fixture.clock.now = 1000
    expect(good(await parties.app.fhir(sessionId, { url: 'Patient/1' })()).status).toBe(status)
    expect(parties.pauses).toEqual(expected)
  })

  it('is not sent endless requests, and gets no write twice', async () => {
    const parties = answering((request, response) =>
      isFhir(request) || request.method === 'PUT' ? busy('1') : response
    )
    const sessionId = await complete(parties)
    expect(good(await parties.app.fhir(sessionId, { url: 'Patient/1' })())).toMatchObject({
      status: 429,
      headers: { 'retry-after': '1' }
    })
    expect(parties.pauses).toEqual([1000, 1000])
    await parties.app.fhir(sessionId, { method: 'PUT', url: 'Patient/1', body: '{}' })()
    expect(parties.pauses).toEqual([1000, 1000])
  })

  it('at the token endpoint: the failure has the time, and the session goes on', async () => {
    let isBusy = false
    const parties = answering(({ url }, response) => (isBusy && url.endsWith('/token') ? busy('37') : response), {
      method: 'client_secret_basic',
      policy: { rotateRefreshTokens: 'publicOnly' }
    })
    const sessionId = await complete(parties)
    isBusy = true
    parties.fixture.clock.now += 4000
    expect(await parties.app.accessToken(sessionId)()).toEqual(
      Either.left({ _tag: 'ServerBusy', status: 429, retryAfterSeconds: 37 })
    )
    isBusy = false
    expect(await parties.app.accessToken(sessionId)()).toMatchObject({ _tag: 'Right' })
  })

  it.each([
    ['37', [37_000], 'Right'],
    ['61', [], 'ServerBusy']
  ])('a backend service waits for %s seconds, or says so', async (seconds, expected, ended) => {
    let refusals = 1
    const parties = answering(({ url }, response) =>
      url.endsWith('/token') && refusals-- > 0 ? busy(seconds) : response
    )
    const token = await backendOf(parties).accessToken()
    expect(Either.isLeft(token) ? token.left._tag : token._tag).toBe(ended)
    expect(parties.pauses).toEqual(expected)
  })
})

describe('an error', () => {
  it.each([
    [200, { error: 'invalid_grant', error_description: 'used before' }, 'invalid_grant', 'used before'],
    [400, { resourceType: 'OperationOutcome', issue: [{ diagnostics: 'no such client' }] }, null, 'no such client'],
    [200, { resourceType: 'OperationOutcome', issue: [{ details: { text: 'down' } }] }, null, 'down']
  ])('with status %s and %j is in the failure', async (status, body, error, description) => {
    const parties = answering(({ url }, response) => (url.endsWith('/token') ? json(status, body) : response))
    const { launchId, query } = await begin(parties)
    expect(
      await parties.app.callback({ launchIds: [launchId], query: await consent(parties.fixture, query) })()
    ).toEqual(Either.left({ _tag: 'TokenRefused', status, error, description }))
  })
})

describe('a session', () => {
  const tokens = (members: (isRefresh: boolean) => object) =>
    answering((request, response) =>
      request.url.endsWith('/token')
        ? {
            ...response,
            body: JSON.stringify({ ...JSON.parse(response.body), ...members(request.body.includes('refresh_token=')) })
          }
        : response
    )

  it('takes a patient that is named first at the refresh, and no other one after it', async () => {
    let patient = 'p1'
    const parties = tokens((isRefresh) => ({ patient: isRefresh ? patient : undefined }))
    const sessionId = await complete(parties)
    expect(good(await parties.app.session(sessionId)()).context.patient).toBe(undefined)
    good(await parties.app.accessToken(sessionId, { isForced: true })())
    expect(good(await parties.app.session(sessionId)()).context.patient).toBe('p1')
    patient = 'p2'
    expect(await parties.app.accessToken(sessionId, { isForced: true })()).toEqual(
      Either.left({ _tag: 'SessionLost', error: 'patient_changed' })
    )
  })

  it('says how long it lasts', async () => {
    const parties = newParties()
    const sessionId = await complete(parties)
    expect(good(await parties.app.accessToken(sessionId)()).expiresAt).toBe(parties.fixture.clock.now + 3600)
    parties.fixture.clock.now += 100
    expect(good(await parties.app.remaining(sessionId)())).toEqual({
      tokenSeconds: 3500,
      isRefreshable: true,
      keptSeconds: 30 * 86400 - 100
    })
    parties.fixture.clock.now += 4000
    expect(good(await parties.app.remaining(sessionId)()).tokenSeconds).toBe(0)
    good(await parties.app.signOut(sessionId)())
    expect(await parties.app.remaining(sessionId)()).toEqual(Either.left({ _tag: 'SessionLost', error: 'signed_out' }))
  })
})

describe('signing out', () => {
  const revocations = (parties: Parties): ReadonlyArray<string> =>
    tokenRequests(parties.sent)
      .filter(({ url }) => url.endsWith('/revoke'))
      .map(({ body }) => new URLSearchParams(body).get('token_type_hint') ?? '')

  it.each(['none', 'client_secret_basic', 'private_key_jwt'] as const)('revokes both tokens: %s', async (method) => {
    const parties = newParties({ method })
    const sessionId = await complete(parties)
    const { accessToken } = good(await parties.app.accessToken(sessionId)())
    expect(good(await parties.app.signOut(sessionId)())).toEqual({
      revocation: [
        { token: 'refresh_token', failure: null },
        { token: 'access_token', failure: null }
      ]
    })
    expect(revocations(parties)).toEqual(['refresh_token', 'access_token'])
    const request = {
      method: 'GET',
      url: `${fhirBaseUrl}/Patient/1`,
      headers: { authorization: `Bearer ${accessToken}` },
      body: ''
    }
    expect(good(await parties.ports.http(request)()).status).toBe(401)
    expect(good(await parties.app.signOut(sessionId)())).toEqual({ revocation: [] })
  })

  it('says what failed, and has deleted the tokens all the same', async () => {
    const parties = answering(({ url }, response) =>
      url.endsWith('/revoke') ? json(503, {}, { 'retry-after': '9' }) : response
    )
    const sessionId = await complete(parties)
    const failure = { _tag: 'ServerBusy', status: 503, retryAfterSeconds: 9 }
    expect(good(await parties.app.signOut(sessionId)())).toEqual({
      revocation: [
        { token: 'refresh_token', failure },
        { token: 'access_token', failure }
      ]
    })
    expect(await parties.app.accessToken(sessionId)()).toEqual(
      Either.left({ _tag: 'SessionLost', error: 'signed_out' })
    )
  })

  it('sends nothing to an endpoint on an origin that is not trusted, or to none', async () => {
    for (const [endpoint, expected] of [
      ['https://evil.example/revoke', ['EndpointElsewhere', 'EndpointElsewhere']],
      [undefined, []]
    ] as const) {
      const parties = answering(({ url }, response) =>
        url.endsWith('smart-configuration')
          ? { ...response, body: JSON.stringify({ ...JSON.parse(response.body), revocation_endpoint: endpoint }) }
          : response
      )
      const sessionId = await complete(parties)
      const sent = parties.sent.length
      const { revocation } = good(await parties.app.signOut(sessionId)())
      expect(revocation.map(({ failure }) => failure?._tag)).toEqual(expected)
      expect(parties.sent).toHaveLength(sent)
    }
  })
})

describe('the key of an assertion', () => {
  it('is the one whose algorithm the server lists', async () => {
    const keys = await Promise.all(
      (['ES384', 'RS384'] as const).map(async (alg) => ({
        kid: alg,
        alg,
        key: await exportJWK((await generateKeyPair(alg, { extractable: true })).privateKey)
      }))
    )
    const claims = { iss: 'a', sub: 'a', aud: 'https://ehr.example/token', exp: 2000, iat: 1000, jti: 'j' }
    const signedWith = async (algorithms: ReadonlyArray<string> | null): Promise<string> => {
      const signed = await appKeys(keys).signAssertion(claims, algorithms)()
      if (Either.isLeft(signed)) return signed.left.reason
      const header = JSON.parse(Buffer.from(signed.right.split('.')[0] ?? '', 'base64url').toString()) as {
        alg: string
      }
      return header.alg
    }
    expect(await signedWith(null)).toBe('ES384')
    expect(await signedWith(['RS384'])).toBe('RS384')
    expect(await signedWith(['PS384'])).toBe('the server lists PS384, and the app has keys for ES384, RS384')
  })

  it('is looked at before the browser leaves, and before a backend service sends an assertion', async () => {
    const { ports } = newParties()
    const keys = { ...ports.keys, algorithms: ['ES384'] }
    const parties = answering(
      ({ url }, response) =>
        url.endsWith('smart-configuration')
          ? {
              ...response,
              body: JSON.stringify({
                ...JSON.parse(response.body),
                token_endpoint_auth_signing_alg_values_supported: ['RS384']
              })
            }
          : response,
      { method: 'private_key_jwt', ports: { keys } }
    )
    const failure = { _tag: 'AlgorithmNotOffered', own: ['ES384'], offered: ['RS384'] }
    expect(await parties.app.launch({ _tag: 'Standalone', iss: fhirBaseUrl })()).toEqual(Either.left(failure))
    expect(await backendOf(parties).accessToken()).toEqual(Either.left(failure))
    expect(tokenRequests(parties.sent)).toEqual([])
  })
})
