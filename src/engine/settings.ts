/**
 * What an authorization server is told once, and what its parts share.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { Ports } from './ports.js'
import type { ServerFacts } from '../messages/smart-configuration.js'
import { endpointsBelow } from '../messages/smart-configuration.js'
import { clientAuthenticationMethods, grantTypes } from '../messages/client.js'
import type { SmartPolicy } from '../messages/policy.js'
import type { SettingsError } from '../messages/policy-check.js'
import { checkPolicy } from '../messages/policy-check.js'
import type { ScopeOffer } from '../machines/scope-policy.js'
import { asymmetricAlgorithms } from '../messages/jwk.js'
import { parse } from '../scopes/parse.js'
import { isAbsoluteHttpUrl } from '../values/urls.js'

/** The settings of an authorization server. */
export interface ServerSettings {
  /** The issuer; the endpoints stand below it. An https address without query; http on a loopback address only. */
  readonly issuer: string
  /** The FHIR base URL for which tokens are issued. */
  readonly fhirBaseUrl: string
  /** Scopes that discovery shows as examples of what can be asked for. */
  readonly scopesSupported?: ReadonlyArray<string>
  /** What takes the place of malformed scopes when the policy says so (`malformedScope: 'serverDefault'`). */
  readonly defaultScope?: string
  /** What a user can choose in a standalone launch, in the words of `launch/<type>`. Default: patient and encounter. */
  readonly contextTypes?: ReadonlyArray<string>
  /** Whether the host can tell that a user is still online (the port `users`); without it `online_access` is not granted. */
  readonly onlineAccess?: boolean
  /** The signature algorithms of client assertions. Default: RS384 and ES384, of which at least one must be there. */
  readonly assertionAlgorithms?: ReadonlyArray<string>
  /** The switches that differ from {@link defaultPolicy}. */
  readonly policy?: Partial<SmartPolicy>
}

/** What the parts of the engine work with. */
export interface Workshop {
  readonly facts: ServerFacts
  readonly policy: SmartPolicy
  readonly offer: ScopeOffer
  /** The signature algorithms of client assertions. */
  readonly algorithms: ReadonlyArray<string>
  readonly ports: Ports
}

const isLoopback = (url: string): boolean => /^http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost)(?::[0-9]+)?(?:\/|$)/.test(url)

/** Whether an address can be published: absolute, without query and fragment, and secure but for the machine itself. */
const isPublishable = (url: string): boolean =>
  isAbsoluteHttpUrl(url) && !url.includes('?') && (url.startsWith('https://') || isLoopback(url))

const wrongAddresses = (settings: ServerSettings): ReadonlyArray<SettingsError> =>
  (['issuer', 'fhirBaseUrl'] as const).flatMap((name) =>
    isPublishable(settings[name])
      ? []
      : [{
          path: name,
          expected: 'an absolute https address without query and fragment; http on a loopback address only',
          found: JSON.stringify(settings[name])
        }])

const wrongScopes = ({ defaultScope }: ServerSettings): ReadonlyArray<SettingsError> =>
  parse(defaultScope ?? '').some((scope) => scope._tag === 'MalformedScope')
    ? [{ path: 'defaultScope', expected: 'well-formed scopes', found: JSON.stringify(defaultScope) }]
    : []

const wrongAlgorithms = ({ assertionAlgorithms = standardAlgorithms }: ServerSettings): ReadonlyArray<SettingsError> =>
  assertionAlgorithms.every((alg) => asymmetricAlgorithms.includes(alg)) && standardAlgorithms.some((alg) => assertionAlgorithms.includes(alg))
    ? []
    : [{
        path: 'assertionAlgorithms',
        expected: `names among ${asymmetricAlgorithms.join(', ')}, RS384 or ES384 being one of them`,
        found: JSON.stringify(assertionAlgorithms)
      }]

const standardAlgorithms = ['RS384', 'ES384']

const standardScopes = [
  'openid', 'fhirUser', 'launch', 'launch/patient', 'launch/encounter', 'offline_access', 'patient/*.rs', 'user/*.rs'
]

/** Settings completed by their defaults; or everything that is wrong with them. */
export const workshopOf = (
  settings: ServerSettings,
  ports: Ports
): Either.Either<ReadonlyArray<SettingsError>, Workshop> => {
  const wrong = [...wrongAddresses(settings), ...wrongScopes(settings), ...wrongAlgorithms(settings)]
  const checked = checkPolicy(settings.policy ?? {}, settings.defaultScope !== undefined)
  if (wrong.length > 0 || Either.isLeft(checked)) {
    return Either.left([...wrong, ...(Either.isLeft(checked) ? checked.left : [])])
  }
  const policy = checked.right
  const onlineAccess = settings.onlineAccess ?? false
  return Either.right({
    policy,
    ports,
    algorithms: settings.assertionAlgorithms ?? standardAlgorithms,
    offer: {
      defaultScope: parse(settings.defaultScope ?? ''),
      contextTypes: settings.contextTypes ?? ['patient', 'encounter'],
      onlineAccess
    },
    facts: {
      ...endpointsBelow(settings.issuer),
      fhirBaseUrl: settings.fhirBaseUrl,
      authenticationMethods: clientAuthenticationMethods.filter(
        (method) => method !== 'client_secret_post' || policy.allowClientSecretPost
      ),
      grantTypes,
      scopesSupported: settings.scopesSupported ?? standardScopes,
      policy
    }
  })
}

/** The issuer as answers to the app name it; null when the policy leaves it out. */
export const namedIssuer = ({ facts, policy }: Workshop): string | null => (policy.issParameter ? facts.issuer : null)

/** The store's key of a grant. */
export const grantKey = (grantId: string): string => `grant:${grantId}`

/** The store's key of a launch, which holds no usable handle. */
export const launchKey = (handleDigest: string): string => `launch:${handleDigest}`

/** The store's key of an assertion that was used. */
export const assertionKey = (digest: string): string => `jti:${digest}`

/** A short random identifier (132 bits) out of a random token of 256 bits. */
export const identifierOf = (token: string): string => token.slice(0, 22)
