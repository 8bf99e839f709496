/** What is compared over HTTP. */
import type { HttpRow } from './over-http.js'

const onWebCrypto = ['bare, jose and WebCrypto', 'smart-app-launch, jose and WebCrypto', 'oidc-provider']
const onNodeCrypto = ['bare, jose and node:crypto', 'smart-app-launch, jose and node:crypto', 'oidc-provider']

export const httpRows: ReadonlyArray<HttpRow> = [
  {
    title: 'Discovery document',
    job: { requested: 'discovery', idToken: false, accessToken: 'opaque' },
    comparisons: [onWebCrypto],
    requestsPerRound: 2400,
    target: 1.3
  },
  {
    title: 'Code exchange, client_secret_basic, RS256 id_token',
    job: { requested: 'exchange', idToken: true, accessToken: 'opaque' },
    comparisons: [onWebCrypto, onNodeCrypto],
    requestsPerRound: 480,
    target: 1.15
  },
  {
    title: 'Refresh, client_secret_basic, RS256 id_token',
    job: { requested: 'refresh', idToken: true, accessToken: 'opaque' },
    comparisons: [onWebCrypto, onNodeCrypto],
    requestsPerRound: 480,
    target: 1.15
  },
  {
    title: 'Refresh, client_secret_basic, opaque tokens only',
    job: { requested: 'refresh', idToken: false, accessToken: 'opaque' },
    comparisons: [onWebCrypto, onNodeCrypto],
    requestsPerRound: 1600,
    target: 2
  },
  {
    title: 'Refresh, client_secret_basic, access token as a JWT signed with ES256',
    job: { requested: 'refresh', idToken: false, accessToken: 'ES256' },
    comparisons: [onWebCrypto, onNodeCrypto],
    requestsPerRound: 1200,
    target: 1.5
  },
  {
    title: 'Backend service, private_key_jwt with RS384, access token as a JWT signed with RS256',
    job: { requested: 'backend', idToken: false, accessToken: 'RS256', assertion: { alg: 'RS384' } },
    comparisons: [onWebCrypto, onNodeCrypto],
    requestsPerRound: 480,
    target: 1.25
  },
  {
    title: 'Backend service, private_key_jwt with ES384, access token as a JWT signed with ES384',
    job: { requested: 'backend', idToken: false, accessToken: 'ES384', assertion: { alg: 'ES384' } },
    comparisons: [onWebCrypto, onNodeCrypto],
    requestsPerRound: 480,
    target: 1.15
  },
  {
    title: 'Introspection, client_secret_basic, opaque access token',
    job: { requested: 'introspection', idToken: false, accessToken: 'opaque' },
    comparisons: [onWebCrypto, onNodeCrypto],
    requestsPerRound: 2000,
    target: 2
  }
]
