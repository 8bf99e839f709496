/**
 * What is wrong with settings, by name.
 *
 * @module
 */
import { guideCapabilities, introspectionMethods, servedMethods } from '../../protocol/discovery/smart-configuration.js'
import type { Features } from '../../protocol/discovery/features.js'
import { servedGrantTypes } from '../../protocol/discovery/features.js'
import type { SmartPolicy } from '../../protocol/policy/policy.js'
import type { SettingsError } from '../../protocol/policy/policy-check.js'
import { wrongResourceSide } from '../../protocol/scope-policy/resource-side.js'
import { opens } from '../../protocol/scope-policy/opening.js'
import type { ScopeOffer } from '../../protocol/scope-policy/scope-policy.js'
import { isForSystems, isOffered } from '../../protocol/scope-policy/scope-policy.js'
import { asymmetricAlgorithms } from '../../protocol/jwt/jwk.js'
import { isRegistrableSize, registrableScopeSize } from '../../protocol/client/registered-scope.js'
import { parse } from '../../scopes/parse.js'
import { isResourceScope } from '../../scopes/scope.js'
import { limits } from '../../values/limits/limits.js'
import { isAbsoluteUri, isSecureUrl } from '../../values/urls.js'
import { noMembers } from '../../values/own.js'
import type { ServerSettings } from './settings.js'

/** Whether an address can be published: absolute, without query and fragment, and secure but for the machine itself. */
export const isPublishable = (url: string): boolean => isSecureUrl(url) && !url.includes('?')

export const wrongAddresses = (settings: ServerSettings): ReadonlyArray<SettingsError> =>
  (['issuer', 'fhirBaseUrl'] as const).flatMap((name) =>
    isPublishable(settings[name])
      ? []
      : [
          {
            path: name,
            expected: 'an absolute https address without query and fragment; http on a loopback address only',
            found: JSON.stringify(settings[name])
          }
        ]
  )

export const wrongAlgorithms = ({
  assertionAlgorithms = standardAlgorithms
}: ServerSettings): ReadonlyArray<SettingsError> =>
  assertionAlgorithms.every((alg) => asymmetricAlgorithms.includes(alg)) &&
  standardAlgorithms.some((alg) => assertionAlgorithms.includes(alg))
    ? []
    : [
        {
          path: 'assertionAlgorithms',
          expected: `names among ${asymmetricAlgorithms.join(', ')}, RS384 or ES384 being one of them`,
          found: JSON.stringify(assertionAlgorithms)
        }
      ]

export const standardAlgorithms = ['RS384', 'ES384']

/** The features, with what the resource side evaluates. */
export type Offered = Omit<ScopeOffer, 'defaultScope'>

/** Scopes that show what can be asked for: only such as can be granted. */
export const scopesOf = (policy: SmartPolicy, features: Offered): ReadonlyArray<string> => {
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

/** Scopes that a host shows as examples and that nobody could be granted; or no scope at all, which helps nobody. */
export const wrongExamples = (
  scopesSupported: ReadonlyArray<string>,
  policy: SmartPolicy,
  features: Offered
): ReadonlyArray<SettingsError> =>
  (scopesSupported.length === 0 ? [''] : scopesSupported)
    .filter((text) => {
      const [scope, ...others] = parse(text)
      return scope === undefined || others.length > 0 || !isOffered(policy, features, scope)
    })
    .map((text) => ({
      path: 'scopesSupported',
      expected: 'scopes that can be granted with these features, each well-formed and for itself',
      found: JSON.stringify(text)
    }))

/** Features of which nothing is left to serve, or with which no client could authenticate. */
export const servesNobody = (policy: SmartPolicy, features: Features): ReadonlyArray<SettingsError> => [
  ...(servedGrantTypes(policy, features).length > 0
    ? []
    : [
        {
          path: 'features.launchKinds',
          expected:
            'a launch, because without backend services, private_key_jwt and a version of scopes ' +
            'nothing else is served',
          found: '[]'
        }
      ]),
  ...(servedMethods({ features, policy }).length > 0
    ? []
    : [
        {
          path: 'features.authenticationMethods',
          expected: 'a method that is served: client_secret_post is not while policy.allowClientSecretPost is false',
          found: JSON.stringify(features.authenticationMethods)
        }
      ]),
  ...(!features.introspection || introspectionMethods({ features, policy }).length > 0
    ? []
    : [
        {
          path: 'policy.introspectionAuth',
          expected:
            'a word with bearer in it, or features.introspection to be false, because no client can authenticate',
          found: JSON.stringify(policy.introspectionAuth)
        }
      ])
]

/** What takes the place of malformed scopes must be something, and something that a user can grant. */
export const wrongDefaultScope = (
  { defaultScope }: ServerSettings,
  policy: SmartPolicy,
  features: Offered
): ReadonlyArray<SettingsError> => {
  const scopes = parse(defaultScope ?? '')
  const isGrantable =
    scopes.length > 0 && scopes.every((scope) => isOffered(policy, features, scope) && !isForSystems(scope))
  return defaultScope === undefined || isGrantable
    ? []
    : [
        {
          path: 'defaultScope',
          expected: 'well-formed scopes that a user can grant with these features',
          found: JSON.stringify(defaultScope)
        }
      ]
}

/** What clients may register at most is nothing that opens nothing. */
export const closedRegistration = ({ registration }: ServerSettings, { side }: Offered): ReadonlyArray<SettingsError> =>
  parse(registration?.scope ?? '')
    .filter((scope) => isResourceScope(scope) && !opens(side, scope))
    .map(({ text }) => ({
      path: 'registration.scope',
      expected: 'scopes by which something opens at the resource side',
      found: JSON.stringify(text)
    }))

/** Switches that speak of what is not served. */
export const contradictingFeatures = (
  policy: SmartPolicy,
  { offlineAccess, resourceSide, scopeVersions }: Features
): ReadonlyArray<SettingsError> => {
  const [version1, version2] = [scopeVersions.includes('v1'), scopeVersions.includes('v2')]
  const rows = [
    ['mixedScopeVersions', 'normaliseToV2', version2, 'features.scopeVersions has no v2'],
    ['v1WithQuery', 'asV2', version2, 'features.scopeVersions has no v2'],
    ['pkce', 'optionalForV1Clients', version1, 'features.scopeVersions has no v1'],
    ['onlineAccessInStandalone', 'offlineInstead', offlineAccess, 'features.offlineAccess is false']
  ] as const
  const evaluated = resourceSide.searchParameters ?? []
  const unused =
    version2 || evaluated.length === 0
      ? []
      : [
          {
            path: 'features.resourceSide.searchParameters',
            expected: 'none, because features.scopeVersions has no v2',
            found: `${String(evaluated.length)} parameters`
          }
        ]
  return [
    ...unused,
    ...rows
      .filter(([name, word, isServed]) => policy[name] === word && !isServed)
      .map(([name, word, , reason]) => ({
        path: `policy.${name}`,
        expected: `another word, because ${reason}`,
        found: JSON.stringify(word)
      }))
  ]
}

/** A capability that is not the guide's is a full URI; before 2.2.0 guides of HL7 may name theirs simply. */
export const wrongFeatures = ({
  features = noMembers,
  policy = noMembers
}: ServerSettings): ReadonlyArray<SettingsError> => [
  ...wrongResourceSide(features.resourceSide ?? noMembers),
  ...(features.furtherCapabilities ?? [])
    .filter(
      (name) =>
        !isAbsoluteUri(name) &&
        (policy.specVersion === '2.2.0' || !/^[a-z0-9-]+$/.test(name) || guideCapabilities.includes(name))
    )
    .map((name) => ({
      path: 'features.furtherCapabilities',
      expected: 'full URIs; what the guide names follows from the features',
      found: JSON.stringify(name)
    })),
  ...(features.contextTypes ?? [])
    .filter((type) => !/^[a-z][a-z0-9_-]*$/.test(type))
    .map((type) => ({
      path: 'features.contextTypes',
      expected: 'types in lower case, as in launch/patient',
      found: JSON.stringify(type)
    })),
  ...publishedElsewhere(features, policy.specVersion ?? '2.0.0')
    .filter(({ addresses, isKnown }) => !isKnown || !addresses.every(isPublishable))
    .map(({ name, isKnown, since }) => ({
      path: `features.${name}`,
      expected: isKnown ? 'absolute https addresses' : `nothing, because it came with ${since}`,
      found: JSON.stringify(features[name])
    })),
  ...(features.brands?.identifier?.value === ''
    ? [{ path: 'features.brands', expected: 'an identifier with a value', found: '""' }]
    : [])
]

/** Addresses that discovery passes on, and whether the release knows the member at all. */
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

/** An initial access token that must be shown must be known; and self-service is for what a user can give. */
export const wrongRegistration = ({ registration }: ServerSettings): ReadonlyArray<SettingsError> => {
  if (registration === undefined) return []
  const { mode, initialAccessTokenDigests = [], scope = '' } = registration
  const { limitPerHour = limits.registrationsPerHour.standard, limitKept = limits.registrationsKept.standard } =
    registration
  const needed = (mode === 'token') === initialAccessTokenDigests.length > 0
  return [
    ...(needed
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
        ]),
    ...(parse(scope).every((one) => one._tag !== 'MalformedScope' && (mode !== 'open' || !isForSystems(one)))
      ? []
      : [
          {
            path: 'registration.scope',
            expected: 'well-formed scopes, and none of system/ where everybody may register',
            found: JSON.stringify(scope)
          }
        ]),
    ...(isRegistrableSize(parse(scope))
      ? []
      : [{ path: 'registration.scope', expected: registrableScopeSize, found: `${String(scope.length)} characters` }]),
    ...Object.entries({ limitPerHour, limitKept })
      .filter(([, limit]) => !Number.isSafeInteger(limit) || limit < 1)
      .map(([name, limit]) => ({
        path: `registration.${name}`,
        expected: 'a whole number from 1',
        found: String(limit)
      }))
  ]
}
