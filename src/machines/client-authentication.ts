/**
 * Client authentication at the token endpoint: exactly the method that the client registered.
 *
 * From outside an unknown client, a wrong secret and a wrong method look alike, and the same commands are run for them.
 * Source: client-confidential-symmetric; RFC 6749, section 2.3; RFC 7591, section 2 (token_endpoint_auth_method).
 *
 * @module
 */
import type { Machine, Step } from './kernel.js'
import type { RegisteredClient } from '../messages/client.js'
import type { Credentials, IdAndSecret } from '../messages/credentials.js'
import type { SmartPolicy } from '../messages/policy.js'
import type { Refusal } from '../messages/refusal.js'
import type { Digest } from '../values/secret.js'
import { sameDigest } from '../values/secret.js'

/** The conditions of one authentication. */
export type AuthenticationState =
  | {
      readonly _tag: 'LookingUpClient'
      readonly credentials: Credentials
      readonly clientId: string
      /** What else the request may mean. */
      readonly others: ReadonlyArray<string>
    }
  | {
      readonly _tag: 'CheckingSecret'
      readonly credentials: Credentials
      /** Null when there is no such client; the check is made all the same. */
      readonly client: RegisteredClient | null
    }
  | { readonly _tag: 'Authenticated'; readonly client: RegisteredClient }
  | { readonly _tag: 'Rejected'; readonly refusal: Refusal }

/** What can happen meanwhile. */
export type AuthenticationEvent =
  | { readonly _tag: 'ClientFound'; readonly client: RegisteredClient }
  | { readonly _tag: 'ClientNotFound' }
  | { readonly _tag: 'ClientsSilent' }
  | {
      readonly _tag: 'SecretDigested'
      /** Digests of the secrets that {@link AuthenticationCommand} asked for, in the same order. */
      readonly digests: ReadonlyArray<Digest>
    }

/** What must be done meanwhile. */
export type AuthenticationCommand =
  | { readonly _tag: 'FindClient'; readonly clientId: string }
  | { readonly _tag: 'DigestSecrets'; readonly secrets: ReadonlyArray<string> }

type AuthenticationStep = Step<AuthenticationState, AuthenticationCommand>
type LookingUpClient = Extract<AuthenticationState, { readonly _tag: 'LookingUpClient' }>
type CheckingSecret = Extract<AuthenticationState, { readonly _tag: 'CheckingSecret' }>

const rejected = (refusal: Refusal): AuthenticationStep => ({ state: { _tag: 'Rejected', refusal }, commands: [] })

/** The readings of a Basic header that the policy allows. */
const readingsOf = (policy: SmartPolicy, credentials: Credentials): ReadonlyArray<IdAndSecret> => {
  if (credentials._tag !== 'BasicCredentials') return []
  const decoded = credentials.decoded === null ? [] : [credentials.decoded]
  switch (policy.basicEncoding) {
    case 'rfc6749':
      return decoded
    case 'raw':
      return [credentials.raw]
    case 'both':
      return [...decoded, credentials.raw]
  }
}

/** The ids that a request may mean, the likeliest first: a Basic header can be read in two ways. */
const idsOf = (policy: SmartPolicy, credentials: Credentials): ReadonlyArray<string> =>
  credentials._tag === 'BasicCredentials'
    ? [...new Set(readingsOf(policy, credentials).map(({ clientId }) => clientId))]
    : [credentials.clientId]

const lookUp = (credentials: Credentials, clientId: string, others: ReadonlyArray<string>): AuthenticationStep => ({
  state: { _tag: 'LookingUpClient', credentials, clientId, others },
  commands: [{ _tag: 'FindClient', clientId }]
})

/** The first step: whom does the request claim to come from? */
export const beginAuthentication = (policy: SmartPolicy, credentials: Credentials): AuthenticationStep => {
  const [clientId, ...others] = idsOf(policy, credentials)
  if (clientId === undefined) return rejected({ _tag: 'CredentialsUnreadable' })
  const inBody = credentials._tag === 'BasicCredentials' ? credentials.bodyClientId : null
  const isAllowed = policy.confidentialClientIdInBody === 'allowIfMatching' && [clientId, ...others].some((id) => id === inBody)
  return inBody !== null && !isAllowed ? rejected({ _tag: 'CredentialsTwice' }) : lookUp(credentials, clientId, others)
}

/** There is no client of that id: the next reading of the header, or nobody. The secret is checked all the same. */
const notFound = (policy: SmartPolicy, state: LookingUpClient): AuthenticationStep => {
  const [next, ...rest] = state.others
  return next === undefined ? checkSecret(policy, state, null) : lookUp(state.credentials, next, rest)
}

const checkSecret = (policy: SmartPolicy, state: LookingUpClient, client: RegisteredClient | null): AuthenticationStep => {
  // A secret counts only in the reading in which the id named the client.
  const readings = readingsOf(policy, state.credentials).filter(({ clientId }) => clientId === state.clientId)
  const secrets = readings.length === 0 ? [''] : readings.map((reading) => reading.secret)
  return {
    state: { _tag: 'CheckingSecret', credentials: state.credentials, client },
    commands: [{ _tag: 'DigestSecrets', secrets }]
  }
}

/** Every known digest is compared with every presented one, whatever the answer. */
const someMatches = (known: ReadonlyArray<Digest>, presented: ReadonlyArray<Digest>): boolean =>
  known.flatMap((digest) => presented.map((other) => sameDigest(digest, other))).some((matches) => matches)

const methodOf = (credentials: Credentials): string => {
  switch (credentials._tag) {
    case 'PublicClient':
      return 'none'
    case 'BasicCredentials':
      return 'client_secret_basic'
    case 'OtherCredentials':
      return credentials.method
  }
}

const judge = (state: CheckingSecret, digests: ReadonlyArray<Digest>): AuthenticationStep => {
  const { client, credentials } = state
  if (client === null) return rejected({ _tag: 'AuthenticatingClientUnknown' })
  if (client.tokenEndpointAuthMethod !== methodOf(credentials)) {
    return rejected({ _tag: 'AuthenticationMethodDiffers', registered: client.tokenEndpointAuthMethod })
  }
  if (client.tokenEndpointAuthMethod !== 'none' && !someMatches(client.secretDigests, digests)) {
    return rejected({ _tag: 'ClientSecretDiffers' })
  }
  return { state: { _tag: 'Authenticated', client }, commands: [] }
}

/** The machine of one client authentication. */
export const clientAuthenticationMachine = (
  policy: SmartPolicy
): Machine<AuthenticationState, AuthenticationEvent, AuthenticationCommand> => ({
  name: 'client-authentication',
  initial: ['LookingUpClient', 'Rejected'],
  table: {
    LookingUpClient: {
      ClientFound: { to: ['CheckingSecret'], step: (state, event) => checkSecret(policy, state, event.client) },
      ClientNotFound: { to: ['LookingUpClient', 'CheckingSecret'], step: (state) => notFound(policy, state) },
      ClientsSilent: { to: ['Rejected'], step: () => rejected({ _tag: 'ClientsUnavailable' }) }
    },
    CheckingSecret: {
      SecretDigested: { to: ['Authenticated', 'Rejected'], step: (state, event) => judge(state, event.digests) }
    },
    Authenticated: {},
    Rejected: {}
  }
})
