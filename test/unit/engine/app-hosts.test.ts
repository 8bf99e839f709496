/**
 * What hosts of apps write and servers answer a little otherwise than it is meant: taken where it is clear, else named.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as Either from 'fp-ts/lib/Either.js'
import { exportJWK, generateKeyPair } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { begin, complete, consent, ehrQuery, good, newParties, tokenRequests } from '../../support/app/parties.js'
import { fhirBaseUrl } from '../../support/server-fixture.js'
import { fetchHttp } from '../../../src/adapters/fetch/fetch-http.js'
import { appKeys } from '../../../src/adapters/jose-app.js'
import type { AppPorts } from '../../../src/engine/app/ports.js'
import { backendService } from '../../../src/engine/app/backend-service.js'
import type { PlainResponse } from '../../../src/protocol/http/message.js'
import type { OutgoingRequest } from '../../../src/protocol/http/outgoing-request.js'

/** The discovery document with other members. */
const announcing =
  (members: Readonly<Record<string, unknown>>) =>
  (request: OutgoingRequest, response: PlainResponse): PlainResponse =>
    request.url.endsWith('smart-configuration')
      ? { ...response, body: JSON.stringify({ ...(JSON.parse(response.body) as object), ...members }) }
      : response

describe('a query', () => {
  it('may come with its question mark, as `location.search` has it', async () => {
    const parties = newParties()
    const begun = good(await parties.app.launch({ _tag: 'EhrLaunch', query: `?${await ehrQuery(parties.fixture)}` })())
    const query = begun.redirect._tag === 'Get' ? begun.redirect.url.replace(/^[^?]*\?/, '') : ''
    // Whichever parameter stands first.
    const back = (await consent(parties.fixture, query)).split('&').sort().reverse().join('&')
    expect(
      good(await parties.app.callback({ launchIds: [begun.launchId], query: `?${back}` })()).facts.context.patient
    ).toBe('123')
  })
})

describe('a discovery document', () => {
  it.each(['https://login.example', 'https://login.example/', 'https://login.example/oauth2'])(
    'may name what is on the origin of %s, where that is trusted',
    async (origin) => {
      const tamper = announcing({ token_endpoint: 'https://login.example/token' })
      expect(
        (
          await newParties({ server: { authorizationOrigins: [origin] }, tamper }).app.launch({
            _tag: 'Standalone',
            iss: fhirBaseUrl
          })()
        )._tag
      ).toBe('Right')
      expect(
        await newParties({
          server: { authorizationOrigins: ['https://login.example.evil.example/'] },
          tamper
        }).app.launch({ _tag: 'Standalone', iss: fhirBaseUrl })()
      ).toMatchObject({ left: { _tag: 'EndpointElsewhere' } })
    }
  )

  it.each(['token_endpoint', 'authorization_endpoint'])(
    'may not name a %s on an origin without trust',
    async (member) => {
      const { app } = newParties({ tamper: announcing({ [member]: 'https://other.example/endpoint' }) })
      expect(await app.launch({ _tag: 'Standalone', iss: fhirBaseUrl })()).toMatchObject({
        left: { _tag: 'EndpointElsewhere', member }
      })
    }
  )

  it.each(['/auth', 'auth', '//ehr.example/auth'])('names no issuer by %s, and nothing is fetched', async (issuer) => {
    const { app, sent } = newParties({ tamper: announcing({ issuer }) })
    expect(await app.launch({ _tag: 'Standalone', iss: fhirBaseUrl })()).toEqual(
      Either.left({ _tag: 'EndpointInsecure', member: 'issuer', url: issuer })
    )
    expect(sent).toHaveLength(1)
  })
})

describe('a FHIR request', () => {
  it.each(['Patient?name=Müller', 'Patient?name=Jo Doe', 'Patient?code=a#b'])(
    'for %s says that the address must be encoded',
    async (url) => {
      const parties = newParties()
      expect(await parties.app.fhir(await complete(parties), { url })()).toEqual(
        Either.left({ _tag: 'AddressMalformed', url })
      )
    }
  )

  it('says that its body is FHIR, and carries one token however a header is spelled', async () => {
    const parties = newParties()
    const sessionId = await complete(parties)
    const { accessToken } = good(await parties.app.accessToken(sessionId)())
    await parties.app.fhir(sessionId, {
      method: 'POST',
      url: 'Observation',
      headers: { Authorization: 'Basic x', Accept: 'application/json' },
      body: '{}'
    })()
    await parties.app.fhir(sessionId, {
      method: 'PATCH',
      url: 'Observation/1',
      headers: { 'Content-Type': 'application/json-patch+json' },
      body: '[]'
    })()
    await parties.app.fhir(sessionId, { url: 'Observation' })()
    expect(parties.sent.slice(-3).map(({ request }) => request.headers)).toEqual([
      { accept: 'application/json', 'content-type': 'application/fhir+json', authorization: `Bearer ${accessToken}` },
      {
        accept: 'application/fhir+json',
        'content-type': 'application/json-patch+json',
        authorization: `Bearer ${accessToken}`
      },
      { accept: 'application/fhir+json', authorization: `Bearer ${accessToken}` }
    ])
  })
})

describe('the silence of keys', () => {
  it('says why, and nothing of the key', async () => {
    const { ports } = newParties()
    const { privateKey } = await generateKeyPair('ES256', { extractable: true })
    const key = await exportJWK(privateKey)
    const server = {
      fhirBaseUrl,
      clientId: 'the-backend',
      authentication: [{ method: 'private_key_jwt' as const }],
      redirectUri: ''
    }
    const silenceWith = async (keys: AppPorts['keys']) => {
      const answer = await backendService({ server, scope: 'system/*.rs' }, { ...ports, keys }).accessToken()
      return Either.isLeft(answer) && answer.left._tag === 'KeysUnavailable' ? answer.left.reason : ''
    }
    expect(await silenceWith(appKeys())).toBe('the app has no signing key')
    const mismatch = await silenceWith(appKeys({ kid: 'k', alg: 'ES384', key }))
    expect(mismatch).not.toBe('')
    expect(mismatch).not.toContain(key.d ?? '')
  })
})

describe('the silence of a server', () => {
  const server = createServer((_request, response) => {
    response.writeHead(302, { location: '/elsewhere' }).end()
  })
  let base = ''
  beforeAll(async () => {
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    base = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`
  })

  it('says what happened', async () => {
    const ask = (url: string) => fetchHttp()({ method: 'GET', url, headers: {}, body: '' })()
    expect(await ask(base)).toMatchObject({ left: { reason: expect.stringMatching(/redirect/) as string } })
    await new Promise((resolve) => {
      server.closeAllConnections()
      server.close(resolve)
    })
    expect(await ask(base)).toMatchObject({ left: { reason: expect.stringMatching(/ECONNREFUSED/) as string } })
  })
})

describe('a launch', () => {
  it('that is taken back twice at once, as by a page that runs its effects twice, opens one session', async () => {
    const parties = newParties()
    const { launchId, query } = await begin(parties)
    const back = { launchIds: [launchId], query: await consent(parties.fixture, query) }
    const both = await Promise.all([parties.app.callback(back)(), parties.app.callback(back)()])
    const [first, second] = both.map(good)
    expect(first).toEqual(second)
    expect(tokenRequests(parties.sent)).toHaveLength(1)
  })
})
