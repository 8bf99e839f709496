/**
 * Client authentication: a client uses exactly the method that it registered, and a request uses exactly one method.
 *
 * An unknown client, a wrong secret and an invalid assertion get the same response, and the same commands are run for
 * them: a secret is digested and a signature is verified even if the authentication is going to fail anyway. Source:
 * client-confidential-symmetric; client-confidential-asymmetric; RFC 6749, section 2.3; RFC 7523, section 3.
 *
 * @module
 */
import type { AuthenticationSettings } from './assertion-rules.js'
import { claimRules, headerRules } from './assertion-rules.js'
import { authenticatingClientRules, namedClientRules } from './authentication-rules.js'
import type { Machine, Step } from '../machine/machine.js'
import { firstRefusal } from '../machine/rules.js'
import type { ClientAssertion } from '../jwt/jwt.js'
import { issuerOf } from '../jwt/jwt.js'
import type { ClientAuthenticationMethod, RegisteredClient } from './client.js'
import type { AssertionCredentials, Credentials, IdAndSecret, SecretCredentials } from './credentials.js'
import type { Jwk } from '../jwt/jwk.js'
import { chooseKey } from '../jwt/jwk.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { Refusal } from '../errors/refusal.js'
import { textOf } from '../../values/json.js'
import type { Digest } from '../../values/secret.js'
import { isScryptDigest } from '../../values/secret.js'
import type { EpochSeconds } from '../../values/time.js'
import { ownMember } from '../../values/own.js'
import type { AuthenticationState, AuthenticationEvent, AuthenticationCommand } from './authentication-state.js'

type AuthenticationStep = Step<AuthenticationState, AuthenticationCommand>
type In<Tag extends AuthenticationState['_tag']> = Extract<AuthenticationState, { readonly _tag: Tag }>

const rejected = (refusal: Refusal, client: RegisteredClient | null): AuthenticationStep => ({
  state: { _tag: 'Refused', refusal, clientId: client?.clientId ?? null },
  command: null
})

const authenticated = (client: RegisteredClient): AuthenticationStep => ({
  state: { _tag: 'Authenticated', client },
  command: null
})

const sameReading = (decoded: IdAndSecret | null, raw: IdAndSecret): boolean =>
  decoded?.clientId === raw.clientId && decoded.secret === raw.secret

/** The possible ids and secrets in the credentials, the most likely first: a Basic header can be read in two ways. */
const readingsOf = (policy: SmartPolicy, credentials: SecretCredentials): ReadonlyArray<IdAndSecret> => {
  switch (credentials._tag) {
    case 'PublicClient':
      return [{ clientId: credentials.clientId, secret: '' }]
    case 'SecretInBody':
      return [credentials]
    case 'BasicCredentials': {
      const decoded = credentials.decoded === null ? [] : [credentials.decoded]
      switch (policy.basicEncoding) {
        case 'rfc6749':
          return decoded
        case 'raw':
          return [credentials.raw]
        case 'both':
          return sameReading(credentials.decoded, credentials.raw) ? decoded : [...decoded, credentials.raw]
      }
    }
  }
}

const idsOf = (policy: SmartPolicy, credentials: Credentials): ReadonlyArray<string> => {
  if (credentials._tag === 'AssertionCredentials') return [issuerOf(credentials.assertion) ?? '']
  const ids = readingsOf(policy, credentials).map(({ clientId }) => clientId)
  return ids.filter((id, place) => ids.indexOf(id) === place)
}

/** The `client_id` in the body beside other credentials. */
const idInBody = (credentials: Credentials): string | null =>
  credentials._tag === 'BasicCredentials' || credentials._tag === 'AssertionCredentials'
    ? credentials.bodyClientId
    : null

const lookUp = ({
  credentials,
  clientId,
  others,
  found,
  now
}: Omit<In<'LookingUpClient'>, '_tag'>): AuthenticationStep => ({
  state: { _tag: 'LookingUpClient', credentials, clientId, others, found, now },
  command: { _tag: 'FindClient', clientId }
})

/** The first step: determines the client that the request names. */
export const beginAuthentication = (
  { policy }: AuthenticationSettings,
  credentials: Credentials,
  now: EpochSeconds
): AuthenticationStep => {
  const ids = idsOf(policy, credentials)
  const inBody = idInBody(credentials)
  // If the body has a `client_id`, only the reading of the header that agrees with it counts.
  const agreeing = inBody === null ? ids : ids.filter((id) => id === inBody)
  const refusal = firstRefusal(namedClientRules, { policy, credentials, ids, inBody, agreeing })
  const [clientId = '', ...others] = agreeing
  return refusal === null ? lookUp({ credentials, clientId, others, found: null, now }) : rejected(refusal, null)
}

const checkSecret = (
  policy: SmartPolicy,
  credentials: SecretCredentials,
  clientId: string,
  client: RegisteredClient | null
): AuthenticationStep => {
  // A secret counts only in the reading in which the id named the client.
  const readings = readingsOf(policy, credentials).filter((reading) => reading.clientId === clientId)
  return {
    state: { _tag: 'CheckingSecret', credentials, client },
    command: {
      _tag: 'DigestSecrets',
      secrets: readings.map(({ secret }) => secret),
      scrypt: client?.secretDigests.filter(isScryptDigest) ?? []
    }
  }
}

const verify = (
  { tokenEndpoint }: AuthenticationSettings,
  { assertion, client, refusal, now }: Omit<In<'VerifyingSignature'>, '_tag'>,
  key: Jwk | null
): AuthenticationStep => ({
  state: { _tag: 'VerifyingSignature', assertion, client, refusal, now },
  command: {
    _tag: 'VerifySignature',
    key,
    alg: textOf(assertion.header['alg']),
    text: assertion.text,
    named: JSON.stringify([tokenEndpoint, issuerOf(assertion), textOf(assertion.claims['jti'])])
  }
})

/** Chooses the key: exactly one must fit. */
const withKeys = (
  settings: AuthenticationSettings,
  assertion: ClientAssertion,
  client: RegisteredClient,
  keys: ReadonlyArray<Jwk>,
  now: EpochSeconds
): AuthenticationStep => {
  const choice = chooseKey(keys, textOf(assertion.header['kid']), textOf(assertion.header['alg']))
  switch (choice._tag) {
    case 'Chosen':
      return verify(settings, { assertion, client, refusal: null, now }, choice.key)
    case 'NoKey':
      return verify(settings, { assertion, client, refusal: { _tag: 'AssertionKeyUnknown' }, now }, null)
    case 'SeveralKeys':
      return verify(settings, { assertion, client, refusal: { _tag: 'AssertionKeyAmbiguous' }, now }, null)
  }
}

const fetchKeys = (state: Omit<In<'FetchingKeys'>, '_tag'>): AuthenticationStep => ({
  state: { _tag: 'FetchingKeys', ...state },
  command: { _tag: 'FetchKeys', url: state.url, isFresh: state.isFresh }
})

/**
 * Checks the client and the header of an assertion first. If one of them is invalid, no key is looked up, and the
 * signature is verified with a dummy key.
 */
const checkAssertion = (
  settings: AuthenticationSettings,
  { assertion }: AssertionCredentials,
  client: RegisteredClient | null,
  now: EpochSeconds
): AuthenticationStep => {
  const { methods } = settings
  const keys = client === null ? undefined : ownMember(client, 'keys')
  const refusal =
    firstRefusal(authenticatingClientRules, { methods, client, method: 'private_key_jwt', digests: [] }) ??
    (client === null ? null : firstRefusal(headerRules, { settings, assertion, client, now }))
  if (refusal !== null || client === null || keys === undefined)
    return verify(
      settings,
      { assertion, client, refusal: refusal ?? { _tag: 'AuthenticatingClientUnknown' }, now },
      null
    )
  return keys._tag === 'Inline'
    ? withKeys(settings, assertion, client, keys.keys, now)
    : fetchKeys({ assertion, client, url: keys.url, isFresh: false, now })
}

const clientKnown = (
  settings: AuthenticationSettings,
  { credentials, clientId, now }: In<'LookingUpClient'>,
  client: RegisteredClient | null
): AuthenticationStep =>
  credentials._tag === 'AssertionCredentials'
    ? checkAssertion(settings, credentials, client, now)
    : checkSecret(settings.policy, credentials, client?.clientId ?? clientId, client)

/**
 * Handles the lookup of one client id. The next reading is looked up whether or not this one named a client, so that
 * the work does not depend on it. Compare `client_id` exactly: a case-insensitive database may return another client.
 */
const lookedUp = (
  settings: AuthenticationSettings,
  state: In<'LookingUpClient'>,
  answer: RegisteredClient | null
): AuthenticationStep => {
  const found = state.found ?? (answer?.clientId === state.clientId ? answer : null)
  const [next, ...others] = state.others
  return next === undefined ? clientKnown(settings, state, found) : lookUp({ ...state, clientId: next, others, found })
}

const methodOf = (credentials: SecretCredentials): ClientAuthenticationMethod => {
  switch (credentials._tag) {
    case 'PublicClient':
      return 'none'
    case 'BasicCredentials':
      return 'client_secret_basic'
    case 'SecretInBody':
      return 'client_secret_post'
  }
}

const secretDigested = (
  { methods }: AuthenticationSettings,
  { client, credentials }: In<'CheckingSecret'>,
  digests: ReadonlyArray<Digest>
): AuthenticationStep => {
  const refusal = firstRefusal(authenticatingClientRules, {
    methods,
    client,
    method: methodOf(credentials),
    digests
  })
  return refusal !== null || client === null
    ? rejected(refusal ?? { _tag: 'AuthenticatingClientUnknown' }, client)
    : authenticated(client)
}

/** A `kid` that is not among the cached keys may be new: the keys are fetched once more. */
const keysFetched = (
  settings: AuthenticationSettings,
  state: In<'FetchingKeys'>,
  keys: ReadonlyArray<Jwk>
): AuthenticationStep => {
  const { assertion, client, now } = state
  const choice = chooseKey(keys, textOf(assertion.header['kid']), textOf(assertion.header['alg']))
  return choice._tag === 'NoKey' && !state.isFresh
    ? fetchKeys({ assertion, client, url: state.url, isFresh: true, now })
    : withKeys(settings, assertion, client, keys, now)
}

const signatureVerified = (
  settings: AuthenticationSettings,
  state: In<'VerifyingSignature'>,
  digest: Digest
): AuthenticationStep => {
  const { assertion, client, now } = state
  if (state.refusal !== null || client === null)
    return rejected(state.refusal ?? { _tag: 'AuthenticatingClientUnknown' }, client)
  const refusal = firstRefusal(claimRules, { settings, assertion, client, now })
  if (refusal !== null) return rejected(refusal, client)
  return {
    state: { _tag: 'RememberingAssertion', client },
    command: {
      _tag: 'RememberAssertion',
      digest,
      // Twice the skew: an assertion must not become valid again when a clock is set back.
      until: Math.ceil(Number(assertion.claims['exp'])) + 2 * settings.policy.assertionClockSkewSeconds
    }
  }
}

/** The machine of one client authentication. */
export const clientAuthenticationMachine = (
  settings: AuthenticationSettings
): Machine<AuthenticationState, AuthenticationEvent, AuthenticationCommand, 'Authenticated' | 'Refused'> => ({
  name: 'client-authentication',
  initial: ['LookingUpClient', 'Refused'],
  final: ['Authenticated', 'Refused'],
  table: {
    LookingUpClient: {
      ClientFound: {
        to: ['LookingUpClient', 'CheckingSecret', 'FetchingKeys', 'VerifyingSignature'],
        step: (state, event) => lookedUp(settings, state, event.client)
      },
      ClientNotFound: {
        to: ['LookingUpClient', 'CheckingSecret', 'VerifyingSignature'],
        step: (state) => lookedUp(settings, state, null)
      },
      ClientsUnavailable: { to: ['Refused'], step: () => rejected({ _tag: 'ClientsUnavailable' }, null) }
    },
    CheckingSecret: {
      SecretDigested: {
        to: ['Authenticated', 'Refused'],
        step: (state, event) => secretDigested(settings, state, event.digests)
      },
      CryptographyUnavailable: { to: ['Refused'], step: ({ client }) => rejected({ _tag: 'KeysUnavailable' }, client) }
    },
    FetchingKeys: {
      KeysFetched: {
        to: ['FetchingKeys', 'VerifyingSignature'],
        step: (state, event) => keysFetched(settings, state, event.keys)
      },
      KeysNotFetched: {
        to: ['VerifyingSignature'],
        step: ({ assertion, client, now }, { reason }) =>
          verify(settings, { assertion, client, refusal: { _tag: 'AssertionKeysUnavailable', reason }, now }, null)
      }
    },
    VerifyingSignature: {
      SignatureVerified: {
        to: ['RememberingAssertion', 'Refused'],
        step: (state, { digest }) => signatureVerified(settings, state, digest)
      },
      SignatureWrong: {
        to: ['Refused'],
        step: ({ refusal, client }) => rejected(refusal ?? { _tag: 'AssertionSignatureWrong' }, client)
      },
      CryptographyUnavailable: { to: ['Refused'], step: ({ client }) => rejected({ _tag: 'KeysUnavailable' }, client) }
    },
    RememberingAssertion: {
      AssertionRemembered: { to: ['Authenticated'], step: ({ client }) => authenticated(client) },
      AssertionSeenBefore: { to: ['Refused'], step: ({ client }) => rejected({ _tag: 'AssertionReplayed' }, client) },
      StoreUnavailable: { to: ['Refused'], step: ({ client }) => rejected({ _tag: 'StoreUnavailable' }, client) }
    },
    Authenticated: {},
    Refused: {}
  }
})
