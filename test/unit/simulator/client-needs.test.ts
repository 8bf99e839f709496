/** What common client libraries need of the simulator without a setting, and what its documents announce. */
import * as Either from 'fp-ts/lib/Either.js'
import { beforeAll, describe, expect, it } from 'vitest'
import type { RequestHandler } from '../../../src/engine/server/http-handler.js'
import type { PlainRequest, PlainResponse } from '../../../src/protocol/http/message.js'
import { defaultPolicy } from '../../../src/protocol/policy/policy.js'
import { readConfig } from '../../../src/simulator/config/config.js'
import { simulatorPolicy } from '../../../src/simulator/config/simulator-policy.js'
import { simulator } from '../../../src/simulator/simulator.js'

const root = 'http://127.0.0.1:4010'

const clients = ['client_secret_post', 'client_secret_basic'].map((method) => ({
  client_id: method,
  redirect_uris: ['https://app.example/cb'],
  scope: 'launch/patient patient/*.rs',
  token_endpoint_auth_method: method,
  client_secret: 'secret'
}))

const handlerOf = async (config: object): Promise<RequestHandler> => {
  const read = readConfig(JSON.stringify(config))
  if (Either.isLeft(read)) throw new Error(JSON.stringify(read.left))
  const built = await simulator(read.right)()
  if (Either.isLeft(built)) throw new Error(built.left.reason)
  return built.right.answer
}

const request = (path: string, change: Partial<PlainRequest> = {}): PlainRequest => ({
  method: 'GET',
  path,
  query: '',
  headers: {},
  body: '',
  ...change
})

const tokenRequest = (parameters: Readonly<Record<string, string>>): PlainRequest =>
  request('/token', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(parameters).toString()
  })

const bodyOf = ({ body }: PlainResponse): Record<string, unknown> => JSON.parse(body) as Record<string, unknown>

let handler: RequestHandler
beforeAll(async () => {
  handler = await handlerOf({ clients })
})

describe('the defaults of the simulator', () => {
  it('differ from those of the engine, and a configuration has the last word', () => {
    for (const [name, value] of Object.entries(simulatorPolicy))
      expect(defaultPolicy[name as keyof typeof defaultPolicy]).not.toBe(value)
    const strict = readConfig('{"policy":{"missingState":"reject","allowClientSecretPost":false}}')
    expect(Either.isRight(strict) ? strict.right.policy : strict.left).toMatchObject({
      missingState: 'reject',
      allowClientSecretPost: false,
      publicRefreshClientId: 'optional'
    })
  })

  it('client_secret_post is one setting, and a client that uses another method learns why it fails', async () => {
    const posted = (client_id: string, client_secret: string) =>
      handler(tokenRequest({ grant_type: 'authorization_code', code: 'c', client_id, client_secret }))()
    // The client is authenticated: only the code is wrong.
    expect(bodyOf(await posted('client_secret_post', 'secret'))['error']).not.toBe('invalid_client')
    expect(bodyOf(await posted('client_secret_post', 'guess'))['error_description']).toContain('The secret is wrong')
    expect(bodyOf(await posted('client_secret_basic', 'secret'))['error_description']).toBe(
      'Client authentication failed. The client uses another method than the one that it registered: ' +
        'client_secret_basic.'
    )
  })

  it.each([
    ['with a challenge', { code_challenge: 'c'.repeat(43), code_challenge_method: 'S256' }, /\/interaction\//],
    ['without one', {}, /error=invalid_request/]
  ])('a request without state %s', async (_name, pkce, location) => {
    const query = new URLSearchParams({
      client_id: 'client_secret_post',
      redirect_uri: 'https://app.example/cb',
      response_type: 'code',
      scope: 'launch/patient patient/*.rs',
      aud: `${root}/fhir`,
      ...pkce
    }).toString()
    const response = await handler(request('/authorize', { query }))()
    expect(String(response.headers['location'])).toMatch(location)
    expect(String(response.headers['location'])).not.toContain('state=')
  })
})

describe('the discovery documents', () => {
  const documentAt = async (path: string): Promise<Record<string, unknown>> => bodyOf(await handler(request(path))())

  it.each(['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'])(
    '%s lists refresh_token and none, which its registries have',
    async (path) => {
      const document = await documentAt(path)
      expect(document['grant_types_supported']).toEqual(['authorization_code', 'refresh_token', 'client_credentials'])
      expect(document['token_endpoint_auth_methods_supported']).toContain('none')
      expect(document['token_endpoint_auth_methods_supported']).toContain('client_secret_post')
    }
  )

  it('the SMART configuration has only what its page defines', async () => {
    const document = await documentAt('/fhir/.well-known/smart-configuration')
    expect(document['grant_types_supported']).toEqual(['authorization_code', 'client_credentials'])
    expect(document['token_endpoint_auth_methods_supported']).toContain('client_secret_post')
    expect(document['token_endpoint_auth_methods_supported']).not.toContain('none')
    expect('userinfo_endpoint' in document).toBe(false)
  })
})
