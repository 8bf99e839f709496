/**
 * The rules of the issuer's own document, and of the keys that sign id_tokens.
 *
 * Source: OpenID Connect Discovery 1.0, section 4; RFC 8414, section 3.3; RFC 7517; scopes-and-launch-context, steps
 * for using an id_token.
 *
 * @module
 */
import { documentOf, isSuccess, locationOf, typeOf } from './observed.js'
import type { Look } from './observed.js'
import type { Found, ReadinessFacts, ReadinessRule } from './readiness-rule.js'
import { listing, readinessRule, textMember, when } from './readiness-rule.js'
import { has, listOf } from '../../discovery/configuration-rule.js'
import { jsonType } from '../../http/media-type.js'
import type { Jwk } from '../../jwt/jwk.js'
import { isPrivate, readJwks, verifiesSome } from '../../jwt/jwk.js'
import { ownMember } from '../../../values/own.js'

const discovery = 'OpenID Connect Discovery 1.0'

const openidLook = ({ observed }: ReadinessFacts): Look | undefined => ownMember(observed, 'openidConfiguration')

const keyLook = ({ observed }: ReadinessFacts): Look | undefined => ownMember(observed, 'keys')

/** The status of an answer that is no success, and where it leads. */
const failedStatus = (look: Look | undefined): Found => {
  const response = look?.response ?? null
  if (response === null || isSuccess(response)) return null
  const location = locationOf(look)
  return [`status ${String(response.status)}${location === '' ? '' : ` to ${location}`}`]
}

const silence = (look: Look | undefined): Found => (look === undefined || look.response !== null ? null : [look.reason])

/** Whether a successful answer has another media type than those. */
const hasOtherType = (look: Look | undefined, types: ReadonlyArray<string>): Found => {
  const response = look?.response ?? null
  return response === null || !isSuccess(response) || types.includes(typeOf(look)) ? null : listing([typeOf(look)])
}

/** Both documents have a member, and differ in it. */
const differs = ({ smart, openid }: ReadinessFacts, member: string): Found => {
  const [published, own] = [textMember(smart, member), textMember(openid, member)]
  return published === null || own === null || published === own ? null : [own]
}

/** The rules of the issuer's own document. */
export const issuerDocumentRules: ReadonlyArray<ReadinessRule> = [
  readinessRule(
    'issuer-document-reachable',
    {
      severity: 'warning',
      document: 'openid-configuration',
      message: 'the document could not be read',
      advice: 'try again; an app cannot verify id_tokens without it',
      source: `${discovery}, section 4`
    },
    (facts) => silence(openidLook(facts))
  ),
  readinessRule(
    'issuer-document-present',
    {
      severity: 'error',
      document: 'openid-configuration',
      message: 'the issuer does not serve its document',
      advice: 'serve {issuer}/.well-known/openid-configuration',
      source: `${discovery}, section 4`,
      requirement: 'IDN-117'
    },
    (facts) => failedStatus(openidLook(facts))
  ),
  readinessRule(
    'issuer-document-readable',
    {
      severity: 'error',
      document: 'openid-configuration',
      message: 'the answer is no JSON object',
      advice: 'serve the document, and not a page',
      source: `${discovery}, section 4.2`,
      requirement: 'IDN-117'
    },
    (facts) => {
      const response = openidLook(facts)?.response ?? null
      return when(response !== null && isSuccess(response) && facts.openid === null)
    }
  ),
  readinessRule(
    'issuer-document-not-redirected',
    {
      severity: 'warning',
      document: 'openid-configuration',
      message: 'the document is answered by a redirect',
      advice: 'serve it at its address; apps follow no redirect of it by default',
      source: `${discovery}, section 4.2`
    },
    (facts) => when((openidLook(facts)?.redirects ?? 0) > 0)
  ),
  readinessRule(
    'issuer-document-is-json',
    {
      severity: 'warning',
      document: 'openid-configuration',
      message: 'the answer is not of the type application/json',
      advice: 'answer with Content-Type: application/json',
      source: `${discovery}, section 4.2`
    },
    (facts) => hasOtherType(openidLook(facts), [jsonType])
  ),
  readinessRule(
    'issuer-names-itself',
    {
      severity: 'error',
      document: 'openid-configuration',
      at: '/issuer',
      message: 'the document names another issuer than the SMART configuration',
      advice: 'publish one issuer in both documents, the one in id_tokens',
      source: `${discovery}, section 4.3; RFC 8414, section 3.3`
    },
    (facts) =>
      facts.openid === null || textMember(facts.smart, 'issuer') === null
        ? null
        : textMember(facts.openid, 'issuer') === null
          ? ['none']
          : differs(facts, 'issuer')
  ),
  readinessRule(
    'issuer-document-at-its-place',
    {
      severity: 'info',
      document: 'openid-configuration',
      message: 'there is a document at another place',
      advice: 'serve it below the issuer',
      source: `${discovery}, section 4`
    },
    ({ observed }) => {
      const other = ownMember(observed, 'otherConfiguration')
      const document = documentOf(other)
      return other === undefined || document === null
        ? null
        : [`${other.url} with the issuer ${textMember(document, 'issuer') ?? '(none)'}`]
    }
  ),
  readinessRule(
    'issuer-names-keys',
    {
      severity: 'error',
      document: 'openid-configuration',
      at: '/jwks_uri',
      message: 'jwks_uri is missing',
      advice: 'publish jwks_uri',
      source: `${discovery}, section 3`,
      requirement: 'IDN-117'
    },
    ({ openid }) => when(openid !== null && textMember(openid, 'jwks_uri') === null)
  ),
  readinessRule(
    'issuer-names-the-same-keys',
    {
      severity: 'warning',
      document: 'openid-configuration',
      at: '/jwks_uri',
      message: 'jwks_uri is another one than in the SMART configuration',
      advice: 'publish one address in both documents; apps use the one of the issuer',
      source: 'conformance, metadata'
    },
    (facts) => differs(facts, 'jwks_uri')
  ),
  readinessRule(
    'issuer-names-the-same-token-endpoint',
    {
      severity: 'warning',
      document: 'openid-configuration',
      at: '/token_endpoint',
      message: 'token_endpoint is another one than in the SMART configuration',
      advice: 'publish one address in both documents; apps use the one of the SMART configuration',
      source: 'conformance, metadata'
    },
    (facts) => differs(facts, 'token_endpoint')
  ),
  readinessRule(
    'issuer-signs-as-the-app-expects',
    {
      severity: 'warning',
      document: 'openid-configuration',
      at: '/id_token_signing_alg_values_supported',
      message: 'no listed algorithm is one that the app accepts',
      advice: 'serve and list RS256',
      source: `${discovery}, section 3`,
      requirement: 'IDN-117'
    },
    ({ openid, wanted }) =>
      when(
        openid !== null &&
          has(openid, 'id_token_signing_alg_values_supported') &&
          !listOf(openid, 'id_token_signing_alg_values_supported').some((alg) =>
            wanted.idTokenAlgorithms.some((one) => one === alg)
          )
      )
  )
]

/** The keys of the set; empty when it is none. */
const keysOf = ({ keySet }: ReadinessFacts): ReadonlyArray<Jwk> => readJwks(keySet) ?? []

/** The usable keys of the set. */
const usable = (facts: ReadinessFacts): ReadonlyArray<Jwk> =>
  keysOf(facts).filter((key) => verifiesSome(key, facts.wanted.idTokenAlgorithms))

/** A key in the words of a finding: its id, or its place. */
const keyName = (key: Jwk, place: number): string => textMember(key, 'kid') ?? `number ${String(place + 1)}`

/** Whether the published keys verify id_tokens for the app. */
export const hasUsableKeys = (facts: ReadinessFacts): boolean => usable(facts).length > 0

/** The rules of the keys that sign id_tokens. */
export const publishedKeyRules: ReadonlyArray<ReadinessRule> = [
  readinessRule(
    'keys-reachable',
    {
      severity: 'warning',
      document: 'key set',
      message: 'the keys could not be read',
      advice: 'try again; an app cannot verify id_tokens without them',
      source: 'RFC 7517, section 5'
    },
    (facts) => silence(keyLook(facts))
  ),
  readinessRule(
    'keys-present',
    {
      severity: 'error',
      document: 'key set',
      message: 'jwks_uri does not answer with the keys',
      advice: 'serve the keys at jwks_uri, without a redirect',
      source: 'conformance, metadata',
      requirement: 'DIS-043'
    },
    (facts) => failedStatus(keyLook(facts))
  ),
  readinessRule(
    'keys-are-a-set',
    {
      severity: 'error',
      document: 'key set',
      at: '/keys',
      message: 'the answer is no JWK Set, or one with too many keys',
      advice: 'serve a JSON object with the array keys',
      source: 'RFC 7517, section 5',
      requirement: 'DIS-043'
    },
    (facts) => {
      const response = keyLook(facts)?.response ?? null
      return when(response !== null && isSuccess(response) && readJwks(facts.keySet) === null)
    }
  ),
  readinessRule(
    'keys-are-usable',
    {
      severity: 'error',
      document: 'key set',
      at: '/keys',
      message: 'no key verifies signatures of the algorithms that the app accepts',
      advice: 'publish the public key with which id_tokens are signed',
      source: 'RFC 7517, section 4',
      requirement: 'DIS-043'
    },
    (facts) => when(readJwks(facts.keySet) !== null && usable(facts).length === 0)
  ),
  readinessRule(
    'keys-are-public',
    {
      severity: 'error',
      document: 'key set',
      at: '/keys',
      message: 'a key has members of a private or symmetric key',
      advice: 'replace the key at once: anyone can sign with it',
      source: 'RFC 7518, section 6'
    },
    (facts) => listing(keysOf(facts).flatMap((key, place) => (isPrivate(key) ? [keyName(key, place)] : [])))
  ),
  readinessRule(
    'keys-have-ids',
    {
      severity: 'warning',
      document: 'key set',
      at: '/keys',
      message: 'there are several keys, and some have no kid',
      advice: 'give each key its kid',
      source: 'OpenID Connect Core 1.0, section 10.1'
    },
    (facts) => {
      const keys = usable(facts)
      return when(keys.length > 1 && keys.some((key) => textMember(key, 'kid') === null))
    }
  ),
  readinessRule(
    'keys-are-json',
    {
      severity: 'warning',
      document: 'key set',
      message: 'the answer is neither of the type application/jwk-set+json nor application/json',
      advice: 'answer with one of these types',
      source: 'RFC 7517, section 8.5'
    },
    (facts) => hasOtherType(keyLook(facts), [jsonType, 'application/jwk-set+json'])
  )
]
