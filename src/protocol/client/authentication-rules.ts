/**
 * The rules of a client that authenticates, one row each. The rules of a client assertion are in `assertion-rules.ts`,
 * those of the form of credentials in `credentials.ts`.
 *
 * Source: client-confidential-symmetric; client-confidential-asymmetric; RFC 6749, section 2.3.
 *
 * @module
 */
import type { Rule } from '../machine/rules.js'
import type { ClientAuthenticationMethod, RegisteredClient } from './client.js'
import type { Credentials } from './credentials.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { Refusal } from '../errors/refusal.js'
import { ownMember } from '../../values/own.js'
import type { Digest } from '../../values/secret.js'
import { sameDigest } from '../../values/secret.js'

interface NamedClient {
  readonly policy: SmartPolicy
  readonly credentials: Credentials
  /** The ids in the credentials; in a Basic header there may be two. */
  readonly ids: ReadonlyArray<string>
  /** The `client_id` in the body beside other credentials. */
  readonly inBody: string | null
  /** The ids that agree with the `client_id` in the body. */
  readonly agreeing: ReadonlyArray<string>
}

/** The rules of the client that a request names. */
export const namedClientRules: ReadonlyArray<Rule<NamedClient, Refusal>> = [
  {
    name: 'secret-in-body-allowed',
    check: ({ policy, credentials }) =>
      credentials._tag === 'SecretInBody' && !policy.allowClientSecretPost ? { _tag: 'SecretInBodyNotAllowed' } : null
  },
  { name: 'id-readable', check: ({ ids }) => (ids.length === 0 ? { _tag: 'CredentialsUnreadable' } : null) },
  {
    name: 'id-named-once',
    check: ({ policy, inBody }) =>
      inBody !== null && policy.confidentialClientIdInBody === 'reject' ? { _tag: 'CredentialsTwice' } : null
  },
  {
    name: 'ids-agree',
    check: ({ credentials, agreeing }) =>
      agreeing.length === 0
        ? { _tag: credentials._tag === 'AssertionCredentials' ? 'AssertionIssuerWrong' : 'CredentialsTwice' }
        : null
  }
]

const methodDiffers = ({ tokenEndpointAuthMethod }: RegisteredClient): Refusal => ({
  _tag: 'AuthenticationMethodDiffers',
  registered: tokenEndpointAuthMethod
})

/** Compares every known digest with every presented one, without stopping at a match. */
const someMatches = (known: ReadonlyArray<Digest>, presented: ReadonlyArray<Digest>): boolean => {
  let matches = 0
  for (const digest of known) for (const other of presented) matches += Number(sameDigest(digest, other))
  return matches > 0
}

interface AuthenticatingClient {
  /** The authentication methods that the server supports. */
  readonly methods: ReadonlyArray<ClientAuthenticationMethod>
  /** Null when there is no such client. */
  readonly client: RegisteredClient | null
  /** The method of the request. */
  readonly method: ClientAuthenticationMethod
  /** The digests of the presented secrets; none for an assertion. */
  readonly digests: ReadonlyArray<Digest>
}

/** The rules of the client that authenticates: it is known, and uses the method that it registered. */
export const authenticatingClientRules: ReadonlyArray<Rule<AuthenticatingClient, Refusal>> = [
  { name: 'client-known', check: ({ client }) => (client === null ? { _tag: 'AuthenticatingClientUnknown' } : null) },
  {
    name: 'method-registered',
    check: ({ client, method, methods }) =>
      client !== null && (client.tokenEndpointAuthMethod !== method || !methods.includes(method))
        ? methodDiffers(client)
        : null
  },
  {
    name: 'keys-registered',
    check: ({ client, method }) =>
      client !== null && method === 'private_key_jwt' && ownMember(client, 'keys') === undefined
        ? methodDiffers(client)
        : null
  },
  {
    name: 'secret-matches',
    check: ({ client, method, digests }) =>
      client === null || method === 'none' || method === 'private_key_jwt' || someMatches(client.secretDigests, digests)
        ? null
        : { _tag: 'ClientSecretDiffers' }
  }
]
