/** A client that sends its secret in the body, which is off by default: the catalog's attacks on it. */
import { expect } from 'vitest'
import { refused } from '../../support/client/refused-authentication.js'
import { expectErrorRedirect } from '../../support/server/conversation.js'
import { attackGroup } from '../row.js'
import { leavesStoreAlone } from '../../support/server/stored.js'
import type { Change, Fixture, FixtureOptions } from '../../support/server-fixture.js'
import {
  authorize,
  bodyOf,
  clients,
  exchange,
  newFixture,
  obtainCode,
  post,
  redirectUri,
  sha256,
  verifier
} from '../../support/server-fixture.js'
import { memoryClients } from '../../../src/adapters/memory-clients.js'
import type { PlainResponse } from '../../../src/protocol/http/message.js'

const [publicClient] = clients
if (publicClient === undefined) throw new Error('no client')

const allowed: FixtureOptions = {
  policy: { allowClientSecretPost: true },
  ports: {
    clients: memoryClients([
      ...clients,
      {
        ...publicClient,
        clientId: 'post-app',
        tokenEndpointAuthMethod: 'client_secret_post',
        secretDigests: [sha256('s3cret')]
      }
    ])
  }
}

const secret = 's3cret'

const presented = async (fixture: Fixture, clientId: string, change: Change): Promise<() => Promise<PlainResponse>> => {
  const code = await obtainCode(fixture, { client_id: clientId })
  return () => exchange(fixture, code, { client_id: clientId, ...change })
}

/** A body that no printer prints. */
const sent = async (
  fixture: Fixture,
  clientId: string,
  rest: string,
  query = ''
): Promise<() => Promise<PlainResponse>> => {
  const code = await obtainCode(fixture, { client_id: clientId })
  const request = post('/token', [
    ['grant_type', 'authorization_code'],
    ['code', code],
    ['redirect_uri', redirectUri],
    ['code_verifier', verifier],
    ['client_id', clientId]
  ])
  return fixture.server.endpoints.token({ ...request, query, body: `${request.body}${rest}` })
}

attackGroup({
  endpoint: 'clientauth.post',
  controls: [
    {
      name: 'a client that registered it, where it is allowed',
      run: async () => {
        const fixture = newFixture(allowed)
        expect((await (await presented(fixture, 'post-app', { client_secret: secret }))()).status).toBe(200)
      }
    }
  ],
  rows: [
    {
      id: 'PST-02',
      fixture: allowed,
      variants: [
        {
          name: 'registered for Basic',
          run: async (fixture) => {
            await refused(
              fixture,
              await presented(fixture, 'sym-app', { client_secret: 's3cret:%' }),
              'AuthenticationMethodDiffers'
            )
          }
        },
        {
          name: 'registered for nothing',
          run: async (fixture) => {
            await refused(
              fixture,
              await presented(fixture, 'pub-app', { client_secret: 'x' }),
              'AuthenticationMethodDiffers'
            )
          }
        },
        {
          name: 'registered for it, where it is off',
          run: async () => {
            const before = newFixture(allowed)
            const code = await obtainCode(before, { client_id: 'post-app' })
            const fixture: Fixture = {
              ...newFixture({ ...allowed, policy: {}, store: () => before.memory }),
              memory: before.memory
            }
            await refused(
              fixture,
              () => exchange(fixture, code, { client_id: 'post-app', client_secret: secret }),
              'SecretInBodyNotAllowed'
            )
            expectErrorRedirect(
              await leavesStoreAlone(fixture, () => authorize(fixture, { client_id: 'post-app' })),
              'unauthorized_client'
            )
          }
        }
      ]
    },
    {
      id: 'PST-03',
      fixture: allowed,
      variants: [
        ['client_secret=s3cret', 'CredentialsInAddress'],
        ['client%5Fsecret=s3cret', 'CredentialsInAddress'],
        ['x=1&client_secret=s3cret', 'CredentialsInAddress'],
        ['client_secret=s3cret&x=%zz', 'ParametersUnreadable'],
        ['client_secret=s3cret%ff', 'ParametersUnreadable']
      ].map(([query = '', tag = '']) => ({
        name: `POST /token?${query}`,
        run: async (fixture: Fixture) => {
          const response = await refused(
            fixture,
            await sent(fixture, 'post-app', `&client_secret=${secret}`, query),
            tag
          )
          expect(bodyOf(response)['error']).toBe('invalid_request')
          expect(JSON.stringify(fixture.audited)).not.toContain(secret)
        }
      }))
    },
    {
      id: 'PST-04',
      fixture: allowed,
      variants: [
        {
          name: 'client_secret twice, the same',
          run: async (fixture) => {
            await refused(
              fixture,
              await sent(fixture, 'post-app', `&client_secret=${secret}&client_secret=${secret}`),
              'ParameterRepeated'
            )
          }
        },
        {
          name: 'client_secret twice, one wrong',
          run: async (fixture) => {
            await refused(
              fixture,
              await sent(fixture, 'post-app', `&client_secret=x&client_secret=${secret}`),
              'ParameterRepeated'
            )
          }
        },
        {
          name: 'client_secret=',
          run: async (fixture) => {
            await refused(fixture, await sent(fixture, 'post-app', '&client_secret='), 'AuthenticationMethodDiffers')
          }
        }
      ]
    }
  ]
})
