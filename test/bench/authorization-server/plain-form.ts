/** The plain form of the token endpoint beside its fp-ts form: what promises at the border cost. */
import { createHash } from 'node:crypto'
import { createMemoryStore } from 'smart-app-launch/adapters/memory'
import { createNodeKeys, nodeRandom } from 'smart-app-launch/adapters/node-crypto'
import type { PlainRequest, PlainResponse, PlainStore } from 'smart-app-launch/server'
import { createAuthorizationServer } from 'smart-app-launch/server'
import type { Job } from './job.js'
import {
  authorization,
  checkAnswer,
  clientId,
  clientSecret,
  fhirBaseUrl,
  formOf,
  issuer,
  patient,
  redirectUri,
  scopeOf,
  user
} from './job.js'
import { askForCode, codeIn, keyMaterial, onNodeCrypto, ours } from './ours.js'
import type { Opponent, Row } from '../harness.js'

const job: Job = { requested: 'refresh', idToken: false, accessToken: 'opaque' }

const headers = { 'content-type': 'application/x-www-form-urlencoded', authorization }

const tokenRequest = (body: string): PlainRequest => ({ method: 'POST', path: '/token', query: '', headers, body })

/** Refreshes again and again, each time with the token of the answer before. */
const refreshing = (
  name: string,
  first: string,
  token: (request: PlainRequest) => Promise<PlainResponse>
): Opponent => {
  let current = first
  return {
    name,
    job: async () => {
      const answer = await token(tokenRequest(formOf(job, current)))
      current = checkAnswer(job, answer.body).refresh_token ?? ''
    }
  }
}

const fpTsForm = async (): Promise<Opponent> => {
  const { server, seed } = await ours(onNodeCrypto)(job)
  const [first = ''] = await seed(1)
  return refreshing('fp-ts form', first, (request) => server.endpoints.token(request)())
}

/** A store as a host writes one: asynchronous functions over a map. */
const hostStore = (): PlainStore => {
  const records = new Map<string, { readonly version: string; readonly text: string }>()
  let writes = 0
  return {
    load: async (key) => Promise.resolve(records.get(key) ?? null),
    swap: async (key, expected, text) => {
      if ((records.get(key)?.version ?? null) !== expected) return Promise.resolve('lost')
      writes += 1
      records.set(key, { version: String(writes), text })
      return Promise.resolve('won')
    }
  }
}

const plainForm = async (name: string, store: PlainStore): Promise<Opponent> => {
  const server = createAuthorizationServer({
    issuer,
    fhirBaseUrl,
    policy: { accessTokenFormat: 'opaque', codeLifetimeSeconds: 600 },
    store,
    clients: [
      {
        clientId,
        redirectUris: [redirectUri],
        scope: scopeOf(job),
        tokenEndpointAuthMethod: 'client_secret_basic',
        secretDigests: [createHash('sha256').update(clientSecret).digest('base64url')]
      }
    ],
    permittedScopes: (_user, _client, requested) => requested,
    keys: await createNodeKeys(await keyMaterial(job)),
    random: nodeRandom.token,
    audit: () => undefined
  })
  const { authorize, token } = server.endpoints
  const query = askForCode(scopeOf(job))
  const begun = await authorize({ method: 'GET', path: '/authorize', query, headers: {}, body: '' })
  if (begun._tag !== 'NeedsUser') throw new Error(begun._tag)
  const interaction = { ...begun.interaction, present: user }
  await server.interaction.userSignedIn(interaction, user)
  await server.interaction.contextChosen(interaction, { patient })
  const code = codeIn(await server.interaction.consentGiven(interaction, scopeOf(job)))
  const answer = await token(tokenRequest(formOf({ ...job, requested: 'exchange' }, code)))
  return refreshing(name, checkAnswer(job, answer.body).refresh_token ?? '', token)
}

/** The row. */
export const plainFormRow = async (): Promise<Row> => ({
  title: 'The token endpoint in two forms: refresh, opaque tokens, client_secret_basic, as a function',
  jobsPerRound: 2000,
  opponents: [
    await fpTsForm(),
    await plainForm('plain form', createMemoryStore()),
    await plainForm("plain form, the host's own store", hostStore())
  ]
})
