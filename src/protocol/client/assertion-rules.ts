/**
 * The rules of a client assertion, one row each. The header is checked before a key is looked up, the claims after the
 * signature is verified.
 *
 * Source: client-confidential-asymmetric, "Authentication using a JWT" and "Signature Verification"; RFC 7515, section
 * 4; RFC 7523, section 3; RFC 10070 (the audience).
 *
 * @module
 */
import type { Rule } from '../machine/rules.js'
import type { ClientAssertion } from '../jwt/jwt.js'
import type { ClientAuthenticationMethod, RegisteredClient } from './client.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { Refusal } from '../errors/refusal.js'
import { textOf } from '../../values/json.js'
import type { EpochSeconds } from '../../values/time.js'
import { limits } from '../../values/limits/limits.js'
import { ownMember, ownMembers } from '../../values/own.js'

/** The server, as seen by clients that authenticate. */
export interface AuthenticationSettings {
  readonly policy: SmartPolicy
  readonly issuer: string
  readonly tokenEndpoint: string
  /** The endpoint that is called, if it is not the token endpoint: an assertion may name it too. */
  readonly calledEndpoint?: string
  /** When the store was last restored from a backup; absent when it never was. */
  readonly restoredAt?: EpochSeconds
  /** The allowed `alg` values. */
  readonly algorithms: ReadonlyArray<string>
  /** The allowed authentication methods. */
  readonly methods: ReadonlyArray<ClientAuthenticationMethod>
}

/** The facts for the rules. */
export interface AssertionFacts {
  readonly settings: AuthenticationSettings
  readonly assertion: ClientAssertion
  readonly client: RegisteredClient
  readonly now: EpochSeconds
}

type AssertionRule = Rule<AssertionFacts, Refusal>

const typIsRight = ({ settings: { policy }, assertion: { header } }: AssertionFacts): boolean => {
  const { typ } = header
  switch (policy.assertionTyp) {
    case 'strict':
      return typ === 'JWT'
    case 'caseInsensitive':
      return typeof typ === 'string' && typ.toUpperCase() === 'JWT'
    case 'optional':
      return typ === undefined || (typeof typ === 'string' && /^(?:jwt|client-authentication\+jwt)$/i.test(typ))
  }
}

/** `jku` must be absent, or equal the registered URL. A client with keys registered by value has no such URL. */
const jkuIsRight = ({
  assertion: {
    header: { jku }
  },
  client
}: AssertionFacts): boolean => {
  const keys = ownMember(client, 'keys')
  return jku === undefined || (keys?._tag === 'AtUrl' && jku === keys.url)
}

/** The rules that must hold before a key is looked up. */
export const headerRules: ReadonlyArray<AssertionRule> = [
  {
    name: 'algorithm-allowed',
    check: ({ settings, assertion: { header } }) =>
      settings.algorithms.some((alg) => alg === header['alg'])
        ? null
        : {
            _tag: 'AssertionAlgorithmNotAllowed',
            alg: textOf(header['alg']).slice(0, 32)
          }
  },
  { name: 'type-is-jwt', check: (facts) => (typIsRight(facts) ? null : { _tag: 'AssertionTypeHeaderWrong' }) },
  {
    name: 'no-critical-extension',
    check: ({ assertion: { header } }) =>
      header['crit'] === undefined && header['b64'] === undefined ? null : { _tag: 'AssertionExtensionCritical' }
  },
  {
    name: 'key-id-present',
    check: ({ assertion: { header } }) =>
      typeof header['kid'] === 'string' && header['kid'] !== '' && header['kid'].length <= limits.assertionKeyId.default
        ? null
        : { _tag: 'AssertionKeyIdMissing' }
  },
  {
    // Keys in the header itself are never used (RFC 7515, sections 4.1.3, 4.1.5 and 4.1.6).
    name: 'jku-registered',
    check: (facts) => (jkuIsRight(facts) ? null : { _tag: 'AssertionJkuNotRegistered' })
  }
]

const audienceIsRight = ({ settings, assertion: { claims } }: AssertionFacts): boolean => {
  const { policy, issuer, tokenEndpoint, calledEndpoint = tokenEndpoint } = ownMembers(settings)
  const { aud } = claims
  if (policy.assertionAudience === 'rfc10070') return aud === issuer
  const only: unknown = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud
  return (
    only === tokenEndpoint ||
    only === calledEndpoint ||
    (policy.assertionAudience === 'tokenEndpointOrIssuer' && only === issuer)
  )
}

/** A NumericDate (RFC 7519, section 2) in a range that clocks can represent. */
const isDate = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 && value < 2 ** 53

/** An optional time that may be in the future by at most the clock skew. */
const hasBegun = (value: unknown, { now, settings: { policy } }: AssertionFacts): boolean =>
  value === undefined || (isDate(value) && value <= now + policy.assertionClockSkewSeconds)

/** The maximum lifetime of an assertion, in seconds. */
export const maximumAssertionLifetimeSeconds = limits.assertionLifetime.default

/** Whether an assertion was certainly made since the store was restored. */
const wasMadeSince = ({ settings, assertion: { claims } }: AssertionFacts): boolean => {
  const restoredAt = ownMember(settings, 'restoredAt')
  const madeAt = Number(claims['iat'] ?? Number(claims['exp']) - maximumAssertionLifetimeSeconds)
  return restoredAt === undefined || madeAt - settings.policy.assertionClockSkewSeconds >= restoredAt
}

/** The maximum length of `jti`, in characters. */
const idLimit = limits.assertionId.default

/** The rules that must hold after the signature is verified. */
export const claimRules: ReadonlyArray<AssertionRule> = [
  {
    name: 'issuer-and-subject-are-client',
    check: ({ assertion: { claims }, client }) =>
      claims['iss'] === client.clientId && claims['sub'] === client.clientId ? null : { _tag: 'AssertionIssuerWrong' }
  },
  {
    name: 'audience-is-this-server',
    check: (facts) => (audienceIsRight(facts) ? null : { _tag: 'AssertionAudienceWrong' })
  },
  {
    name: 'not-expired',
    check: ({ assertion: { claims }, now, settings: { policy } }) =>
      isDate(claims['exp']) && now < claims['exp'] + policy.assertionClockSkewSeconds
        ? null
        : { _tag: 'AssertionExpired' }
  },
  {
    name: 'lifetime-limited',
    check: ({ assertion: { claims }, now, settings: { policy } }) =>
      Number(claims['exp']) <= now + maximumAssertionLifetimeSeconds + policy.assertionClockSkewSeconds
        ? null
        : { _tag: 'AssertionTooLong' }
  },
  {
    name: 'already-valid',
    check: (facts) =>
      hasBegun(facts.assertion.claims['nbf'], facts) && hasBegun(facts.assertion.claims['iat'], facts)
        ? null
        : { _tag: 'AssertionNotYetValid' }
  },
  {
    // A restored store has forgotten the latest used assertions. The clock of the client may be ahead by the skew.
    name: 'made-since-restoration',
    check: (facts) => (wasMadeSince(facts) ? null : { _tag: 'AssertionFromBeforeRestoration' })
  },
  {
    name: 'id-present',
    check: ({ assertion: { claims } }) =>
      typeof claims['jti'] === 'string' && claims['jti'].length <= idLimit && /^[^\x00-\x1f\x7f]+$/.test(claims['jti'])
        ? null
        : { _tag: 'AssertionIdMissing' }
  }
]
