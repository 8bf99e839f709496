/**
 * The rules of settings, one row each: for the host's own settings, and for the features that result. All broken rules
 * are reported.
 *
 * @module
 */
import type { Features } from '../../protocol/discovery/features.js'
import { servedGrantTypes } from '../../protocol/discovery/features.js'
import { guideCapabilities, introspectionMethods, servedMethods } from '../../protocol/discovery/smart-configuration.js'
import { asymmetricAlgorithms } from '../../protocol/jwt/jwk.js'
import type { Rule } from '../../protocol/machine/rules.js'
import { isRegistrableSize, registrableScopeSize } from '../../protocol/client/registered-scope.js'
import type { SmartPolicy } from '../../protocol/policy/policy.js'
import type { SettingsError } from '../../protocol/policy/policy-check.js'
import { wrongResourceSide } from '../../protocol/scope-policy/resource-side-check.js'
import { opens } from '../../protocol/scope-policy/usable-scopes.js'
import type { ScopeOffer } from '../../protocol/scope-policy/scope-policy.js'
import { isForSystems, isOffered } from '../../protocol/scope-policy/scope-policy.js'
import { parse } from '../../scopes/parse.js'
import { isResourceScope } from '../../scopes/scope.js'
import { limits } from '../../values/limits/limits.js'
import { isAbsoluteUri, isSecureUrl } from '../../values/urls.js'
import { noMembers } from '../../values/own.js'
import type { RegistrationSettings, ServerSettings } from './settings.js'
import { forever } from './store-keys.js'

/** Whether a URL can be published: absolute, without query and fragment, and https unless it is a loopback URL. */
export const isPublishable = (url: string): boolean => isSecureUrl(url) && !url.includes('?')

export const standardAlgorithms = ['RS384', 'ES384']

/** The features with the resource side. */
export type OfferedFeatures = Omit<ScopeOffer, 'defaultScope'>

/** Example scopes for discovery: only scopes that can be granted. */
export const scopesOf = (policy: SmartPolicy, features: OfferedFeatures): ReadonlyArray<string> => {
  const suffix = features.scopeVersions.includes('v2') ? 'rs' : 'read'
  return [
    'openid',
    'fhirUser',
    'launch',
    ...features.contextTypes.map((type) => `launch/${type}`),
    'offline_access',
    'online_access',
    ...features.levels.map((level) => `${level}/*.${suffix}`),
    `system/*.${suffix}`
  ].filter((scope) => parse(scope).every((one) => isOffered(policy, features, one)))
}

/** A rule of settings: `check` returns all its errors, or null. */
type SettingsRule<Facts> = Rule<Facts, ReadonlyArray<SettingsError>>

/** A rule that may find several errors. */
const noneOf = <Facts>(name: string, wrong: (facts: Facts) => ReadonlyArray<SettingsError>): SettingsRule<Facts> => ({
  name,
  check: (facts) => {
    const found = wrong(facts)
    return found.length === 0 ? null : found
  }
})

/** URLs that discovery publishes, and whether the release has the member at all. */
const publishedElsewhere = (
  { appStateEndpoint = null, associatedEndpoints = [], brands = null, managementEndpoint = null }: Partial<Features>,
  release: SmartPolicy['specVersion']
) =>
  [
    {
      name: 'managementEndpoint',
      addresses: managementEndpoint === null ? [] : [managementEndpoint],
      isKnown: true,
      since: '2.0.0'
    },
    {
      name: 'appStateEndpoint',
      addresses: appStateEndpoint === null ? [] : [appStateEndpoint],
      isKnown: appStateEndpoint === null || release !== '2.0.0',
      since: '2.1.0'
    },
    {
      name: 'associatedEndpoints',
      addresses: associatedEndpoints.map(({ url }) => url),
      isKnown: associatedEndpoints.length === 0 || release === '2.2.0',
      since: '2.2.0'
    },
    {
      name: 'brands',
      addresses: brands === null ? [] : [brands.bundle],
      isKnown: brands === null || release === '2.2.0',
      since: '2.2.0'
    }
  ] as const

const registrationRule = (
  name: string,
  wrong: (registration: RegistrationSettings) => ReadonlyArray<SettingsError>
): SettingsRule<ServerSettings> =>
  noneOf(name, ({ registration }) => (registration === undefined ? [] : wrong(registration)))

/** The rules for each setting by itself. */
export const settingsRules: ReadonlyArray<SettingsRule<ServerSettings>> = [
  noneOf('addresses-publishable', (settings) =>
    (['issuer', 'fhirBaseUrl'] as const)
      .filter((name) => !isPublishable(settings[name]))
      .map((name) => ({
        path: name,
        expected: 'an absolute https address without query and fragment; http on a loopback address only',
        found: JSON.stringify(settings[name])
      }))
  ),
  {
    name: 'assertion-algorithms-known',
    check: ({ assertionAlgorithms = standardAlgorithms }) =>
      assertionAlgorithms.every((alg) => asymmetricAlgorithms.includes(alg)) &&
      standardAlgorithms.some((alg) => assertionAlgorithms.includes(alg))
        ? null
        : [
            {
              path: 'assertionAlgorithms',
              expected: `names among ${asymmetricAlgorithms.join(', ')}, RS384 or ES384 being one of them`,
              found: JSON.stringify(assertionAlgorithms)
            }
          ]
  },
  {
    name: 'restoration-is-time',
    check: ({ restoredAt = 0 }) =>
      Number.isSafeInteger(restoredAt) && restoredAt >= 0 && restoredAt <= forever
        ? null
        : [
            {
              path: 'restoredAt',
              expected: 'whole seconds since the epoch (not milliseconds)',
              found: JSON.stringify(restoredAt)
            }
          ]
  },
  noneOf('resource-side', ({ features = noMembers }) => wrongResourceSide(features.resourceSide ?? noMembers)),
  // A capability that the guide does not define is a full URI; before 2.2.0 other HL7 guides may define short names.
  noneOf('capabilities-are-uris', ({ features = noMembers, policy = noMembers }) =>
    (features.furtherCapabilities ?? [])
      .filter(
        (name) =>
          !isAbsoluteUri(name) &&
          (policy.specVersion === '2.2.0' || !/^[a-z0-9-]+$/.test(name) || guideCapabilities.includes(name))
      )
      .map((name) => ({
        path: 'features.furtherCapabilities',
        expected: 'full URIs; what the guide names follows from the features',
        found: JSON.stringify(name)
      }))
  ),
  noneOf('context-types-lower-case', ({ features = noMembers }) =>
    (features.contextTypes ?? [])
      .filter((type) => !/^[a-z][a-z0-9_-]*$/.test(type))
      .map((type) => ({
        path: 'features.contextTypes',
        expected: 'types in lower case, as in launch/patient',
        found: JSON.stringify(type)
      }))
  ),
  noneOf('published-addresses', ({ features = noMembers, policy = noMembers }) =>
    publishedElsewhere(features, policy.specVersion ?? '2.0.0')
      .filter(({ addresses, isKnown }) => !isKnown || !addresses.every(isPublishable))
      .map(({ name, isKnown, since }) => ({
        path: `features.${name}`,
        expected: isKnown ? 'absolute https addresses' : `nothing, because it came with ${since}`,
        found: JSON.stringify(features[name])
      }))
  ),
  {
    name: 'brand-identifier-has-value',
    check: ({ features = noMembers }) =>
      features.brands?.identifier?.value === ''
        ? [{ path: 'features.brands', expected: 'an identifier with a value', found: '""' }]
        : null
  },
  // If an initial access token is required, its digests must be set.
  registrationRule('initial-access-tokens-fit-mode', ({ mode, initialAccessTokenDigests = [] }) =>
    (mode === 'token') === initialAccessTokenDigests.length > 0
      ? []
      : [
          {
            path: 'registration.initialAccessTokenDigests',
            expected:
              mode === 'token'
                ? 'at least one digest, because the mode is token'
                : `nothing, because the mode is ${mode}`,
            found: `${String(initialAccessTokenDigests.length)} digests`
          }
        ]
  ),
  // A client that registers itself may only have scopes that a user can grant.
  registrationRule('registration-scope', ({ mode, scope = '' }) =>
    parse(scope).every((one) => one._tag !== 'MalformedScope' && (mode !== 'open' || !isForSystems(one)))
      ? []
      : [
          {
            path: 'registration.scope',
            expected: 'well-formed scopes, and none of system/ if registration is open',
            found: JSON.stringify(scope)
          }
        ]
  ),
  registrationRule('registration-scope-size', ({ scope = '' }) =>
    isRegistrableSize(parse(scope))
      ? []
      : [{ path: 'registration.scope', expected: registrableScopeSize, found: `${String(scope.length)} characters` }]
  ),
  registrationRule(
    'registration-limits',
    ({ limitPerHour = limits.registrationsPerHour.default, limitKept = limits.registrationsKept.default }) =>
      Object.entries({ limitPerHour, limitKept })
        .filter(([, limit]) => !Number.isSafeInteger(limit) || limit < 1)
        .map(([name, limit]) => ({
          path: `registration.${name}`,
          expected: 'a whole number from 1',
          found: String(limit)
        }))
  )
]

/** The features that result from valid settings. */
export interface OfferFacts {
  readonly settings: ServerSettings
  readonly policy: SmartPolicy
  readonly offered: OfferedFeatures
  readonly scopesSupported: ReadonlyArray<string>
}

/** A rule that a policy option requires a feature. */
const wordServed = (
  name: string,
  option: keyof SmartPolicy,
  word: string,
  reason: string,
  isServed: (features: Features) => boolean
): SettingsRule<OfferFacts> => ({
  name,
  check: ({ policy, offered }) =>
    policy[option] !== word || isServed(offered)
      ? null
      : [{ path: `policy.${option}`, expected: `another word, because ${reason}`, found: JSON.stringify(word) }]
})

const servesVersion1 = ({ scopeVersions }: Features): boolean => scopeVersions.includes('v1')
const servesVersion2 = ({ scopeVersions }: Features): boolean => scopeVersions.includes('v2')

/** The rules for the resulting features, checked after each setting is valid by itself. */
export const offerRules: ReadonlyArray<SettingsRule<OfferFacts>> = [
  // Examples that cannot be granted, or an empty list, are errors.
  noneOf('examples-can-be-granted', ({ scopesSupported, policy, offered }) =>
    (scopesSupported.length === 0 ? [''] : scopesSupported)
      .filter((text) => {
        const [scope, ...others] = parse(text)
        return scope === undefined || others.length > 0 || !isOffered(policy, offered, scope)
      })
      .map((text) => ({
        path: 'scopesSupported',
        expected: 'scopes that can be granted with these features, each well-formed and for itself',
        found: JSON.stringify(text)
      }))
  ),
  {
    name: 'some-grant-type-served',
    check: ({ policy, offered }) =>
      servedGrantTypes(policy, offered).length > 0
        ? null
        : [
            {
              path: 'features.launchKinds',
              expected:
                'a launch, because without backend services, private_key_jwt and a version of scopes ' +
                'nothing else is served',
              found: '[]'
            }
          ]
  },
  {
    name: 'some-authentication-method-served',
    check: ({ policy, offered }) =>
      servedMethods({ features: offered, policy }).length > 0
        ? null
        : [
            {
              path: 'features.authenticationMethods',
              expected:
                'a method that is served: client_secret_post is not while policy.allowClientSecretPost is false',
              found: JSON.stringify(offered.authenticationMethods)
            }
          ]
  },
  {
    name: 'introspection-can-be-used',
    check: ({ policy, offered }) =>
      !offered.introspection || introspectionMethods({ features: offered, policy }).length > 0
        ? null
        : [
            {
              path: 'policy.introspectionAuth',
              expected:
                'a word with bearer in it, or features.introspection to be false, because no client can authenticate',
              found: JSON.stringify(policy.introspectionAuth)
            }
          ]
  },
  // The default scope that replaces malformed scopes must not be empty, and a user must be able to grant it.
  noneOf('default-scope-can-be-granted', ({ settings: { defaultScope }, policy, offered }) => {
    const scopes = parse(defaultScope ?? '')
    const isGrantable =
      scopes.length > 0 && scopes.every((scope) => isOffered(policy, offered, scope) && !isForSystems(scope))
    return defaultScope === undefined || isGrantable
      ? []
      : [
          {
            path: 'defaultScope',
            expected: 'well-formed scopes that a user can grant with these features',
            found: JSON.stringify(defaultScope)
          }
        ]
  }),
  noneOf('search-parameters-need-version-2', ({ offered }) => {
    const evaluated = offered.resourceSide.searchParameters ?? []
    return servesVersion2(offered) || evaluated.length === 0
      ? []
      : [
          {
            path: 'features.resourceSide.searchParameters',
            expected: 'none, because features.scopeVersions has no v2',
            found: `${String(evaluated.length)} parameters`
          }
        ]
  }),
  wordServed(
    'version-2-for-mixed-versions',
    'mixedScopeVersions',
    'normaliseToV2',
    'features.scopeVersions has no v2',
    servesVersion2
  ),
  wordServed('version-2-for-queries', 'v1WithQuery', 'asV2', 'features.scopeVersions has no v2', servesVersion2),
  wordServed(
    'version-1-for-optional-pkce',
    'pkce',
    'optionalForV1Clients',
    'features.scopeVersions has no v1',
    servesVersion1
  ),
  wordServed(
    'offline-access-instead-of-online',
    'onlineAccessInStandalone',
    'offlineInstead',
    'features.offlineAccess is false',
    ({ offlineAccess }) => offlineAccess
  ),
  // The widest registrable scope must not contain scopes that permit nothing.
  noneOf('registration-scope-opens-something', ({ settings: { registration }, offered: { side } }) =>
    parse(registration?.scope ?? '')
      .filter((scope) => isResourceScope(scope) && !opens(side, scope))
      .map(({ text }) => ({
        path: 'registration.scope',
        expected: 'scopes by which something opens at the resource side',
        found: JSON.stringify(text)
      }))
  )
]
