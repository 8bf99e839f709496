/**
 * What an authorization server is told once, and what its parts share.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { Grants } from './grant-store.js'
import { grantsIn } from './grant-store.js'
import type { ServerName } from './server-name.js'
import { serverName } from './server-name.js'
import { validatedClients, validatedPorts } from '../validated-ports.js'
import type { Ports } from '../ports.js'
import { withStoredClients } from './registration/register.js'
import type { ClientAuthenticationMethod, GrantType } from '../../protocol/client/client.js'
import type { ServerFacts } from '../../protocol/discovery/smart-configuration.js'
import {
  endpointsBelow,
  guideCapabilities,
  introspectionMethods,
  servedMethods
} from '../../protocol/discovery/smart-configuration.js'
import type { Features } from '../../protocol/discovery/features.js'
import { defaultFeatures, servedGrantTypes, withoutUsersIfNone } from '../../protocol/discovery/features.js'
import type { SmartPolicy } from '../../protocol/policy/policy.js'
import type { SettingsError } from '../../protocol/policy/policy-check.js'
import { checkPolicy } from '../../protocol/policy/policy-check.js'
import { knownResourceSide, wrongResourceSide } from '../../protocol/scope-policy/resource-side.js'
import { opens } from '../../protocol/scope-policy/opening.js'
import type { ScopeOffer } from '../../protocol/scope-policy/scope-policy.js'
import { isForSystems, isOffered } from '../../protocol/scope-policy/scope-policy.js'
import { asymmetricAlgorithms } from '../../protocol/jwt/jwk.js'
import { isRegistrableSize, registrableScopeSize } from '../../protocol/client/registered-scope.js'
import { parse } from '../../scopes/parse.js'
import { format } from '../../scopes/format.js'
import type { ScopeSet } from '../../scopes/scope.js'
import { isResourceScope } from '../../scopes/scope.js'
import type { Digest } from '../../values/secret.js'
import { limits } from '../../values/limits/limits.js'
import { isAbsoluteUri, isSecureUrl } from '../../values/urls.js'
import { noMembers, ownData } from '../../values/own.js'

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
  /** What the server offers where it differs from {@link defaultFeatures}. */
  readonly features?: Partial<Features>
  /** The signature algorithms of client assertions. Default: RS384 and ES384, of which at least one must be there. */
  readonly assertionAlgorithms?: ReadonlyArray<string>
  /** Whether clients may register themselves. Default: closed. */
  readonly registration?: RegistrationSettings
  /** The switches that differ from {@link defaultPolicy}. */
  readonly policy?: Partial<SmartPolicy>
}

/** Whether and how clients may register themselves. */
export interface RegistrationSettings {
  /**
   * No new ones (those that registered before stay and may manage their registrations); with an initial access token;
   * or everybody.
   */
  readonly mode: 'closed' | 'token' | 'open'
  /** SHA-256 of each initial access token, as base64url. */
  readonly initialAccessTokenDigests?: ReadonlyArray<Digest>
  /**
   * The widest that such a client may ever be granted. Default: `scopesSupported` without `system/` scopes. In the mode
   * `open` there can be none, and no backend services either: they act without a user, and nobody has vouched for them.
   */
  readonly scope?: string
  /** Whether any client may stand on a loopback address: for demonstrations and tests. */
  readonly allowLoopback?: boolean
  /** How many clients may register within an hour. Default: 100. */
  readonly limitPerHour?: number
  /** How many clients for which nobody has vouched (mode `open`) there may be at any time. Default: 10000. */
  readonly limitKept?: number
}

/** What the parts of the engine work with. */
export interface ServerContext {
  readonly facts: ServerFacts
  /** What the server is called in the store: see {@link serverName}. */
  readonly server: ServerName
  readonly policy: SmartPolicy
  readonly offer: ScopeOffer
  readonly registration: {
    readonly mode: 'closed' | 'token' | 'open'
    readonly initialAccessTokenDigests: ReadonlyArray<Digest>
    readonly scope: ScopeSet
    readonly allowLoopback: boolean
    readonly methods: ReadonlyArray<ClientAuthenticationMethod>
    readonly servedGrantTypes: ReadonlyArray<GrantType>
    /** The scope of a client that names none: all that such clients may have. */
    readonly defaultScope: string
    readonly limitPerHour: number
    readonly limitKept: number
    /** Whether there may be clients that registered themselves. */
    readonly isKept: boolean
  }
  readonly ports: Ports
  readonly grants: Grants
}

/** Whether an address can be published: absolute, without query and fragment, and secure but for the machine itself. */
export const isPublishable = (url: string): boolean => isSecureUrl(url) && !url.includes('?')

const wrongAddresses = (settings: ServerSettings): ReadonlyArray<SettingsError> =>
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

const wrongAlgorithms = ({ assertionAlgorithms = standardAlgorithms }: ServerSettings): ReadonlyArray<SettingsError> =>
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

const standardAlgorithms = ['RS384', 'ES384']

/** The features, with what the resource side evaluates. */
type Offered = Omit<ScopeOffer, 'defaultScope'>

/** Scopes that show what can be asked for: only such as can be granted. */
const scopesOf = (policy: SmartPolicy, features: Offered): ReadonlyArray<string> => {
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
const wrongExamples = (
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
const servesNobody = (policy: SmartPolicy, features: Features): ReadonlyArray<SettingsError> => [
  ...(servedGrantTypes(features).length > 0
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
const wrongDefaultScope = (
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
const closedRegistration = ({ registration }: ServerSettings, { side }: Offered): ReadonlyArray<SettingsError> =>
  parse(registration?.scope ?? '')
    .filter((scope) => isResourceScope(scope) && !opens(side, scope))
    .map(({ text }) => ({
      path: 'registration.scope',
      expected: 'scopes by which something opens at the resource side',
      found: JSON.stringify(text)
    }))

/** Switches that speak of what is not served. */
const contradictingFeatures = (
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
const wrongFeatures = ({ features = noMembers, policy = noMembers }: ServerSettings): ReadonlyArray<SettingsError> => [
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
const wrongRegistration = ({ registration }: ServerSettings): ReadonlyArray<SettingsError> => {
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

/** Settings completed by their defaults; or everything that is wrong with them. */
export const serverContextOf = (
  given: ServerSettings,
  ports: Ports
): Either.Either<ReadonlyArray<SettingsError>, ServerContext> => {
  const settings = ownData(given)
  const wrong = [
    ...wrongAddresses(settings),
    ...wrongAlgorithms(settings),
    ...wrongFeatures(settings),
    ...wrongRegistration(settings)
  ]
  const checked = checkPolicy(settings.policy ?? noMembers, settings.defaultScope !== undefined)
  if (wrong.length > 0 || Either.isLeft(checked)) {
    return Either.left([...wrong, ...(Either.isLeft(checked) ? checked.left : [])])
  }
  const policy = checked.right
  const features = withoutUsersIfNone({ ...defaultFeatures, ...settings.features })
  const side = knownResourceSide(features.resourceSide, settings.fhirBaseUrl)
  const offered: Offered = { ...features, side }
  const scopesSupported = settings.scopesSupported ?? scopesOf(policy, offered)
  const contradicting = [
    ...wrongExamples(scopesSupported, policy, offered),
    ...servesNobody(policy, features),
    ...wrongDefaultScope(settings, policy, offered),
    ...contradictingFeatures(policy, features),
    ...closedRegistration(settings, offered)
  ]
  if (contradicting.length > 0) return Either.left(contradicting)
  const {
    mode = 'closed',
    initialAccessTokenDigests = [],
    scope,
    allowLoopback = false,
    limitPerHour = limits.registrationsPerHour.standard,
    limitKept = limits.registrationsKept.standard
  } = settings.registration ?? (noMembers as Partial<RegistrationSettings>)
  const registrable = parse(scope ?? scopesSupported.join(' ')).filter(
    (one) => scope !== undefined || !isForSystems(one)
  )
  const server = serverName(settings)
  const validated = validatedPorts(ports)
  return Either.right({
    server,
    policy,
    grants: grantsIn(server, validated.store, policy, side),
    ports: {
      ...validated,
      clients:
        settings.registration === undefined ? validated.clients : validatedClients(withStoredClients(server, validated))
    },
    offer: { ...offered, defaultScope: parse(settings.defaultScope ?? '') },
    registration: {
      mode,
      initialAccessTokenDigests,
      scope: registrable,
      defaultScope: format(registrable),
      allowLoopback,
      methods: servedMethods({ features, policy }),
      servedGrantTypes: servedGrantTypes(features).filter(
        (grantType) => mode !== 'open' || grantType !== 'client_credentials'
      ),
      limitPerHour,
      limitKept,
      isKept: settings.registration !== undefined
    },
    facts: {
      ...endpointsBelow(settings.issuer),
      fhirBaseUrl: settings.fhirBaseUrl,
      scopesSupported,
      isRegistrationOpen: mode !== 'closed',
      assertionAlgorithms: settings.assertionAlgorithms ?? standardAlgorithms,
      features,
      policy
    }
  })
}

/** The issuer as answers to the app name it; null when the policy leaves it out. */
export const namedIssuer = ({ facts, policy }: ServerContext): string | null =>
  policy.issParameter ? facts.issuer : null

/** The store's key of a launch, which holds no usable handle. */
export const launchKey = (server: ServerName, handleDigest: string): string => `launch:${server} ${handleDigest}`

/** The store's key of a client that registered itself at a server. */
export const clientKey = (server: ServerName, clientId: string): string => `client:${server} ${clientId}`

/** The store's key of the number of clients that registered at a server in an hour. */
export const registrationsKey = (server: ServerName, hour: number): string => `registrations:${server} ${String(hour)}`

/** The store's key of the number of clients of a server for which nobody has vouched. */
export const registeredKey = (server: ServerName): string => `registered:${server}`

/** The store's key of an origin from which pages of such a client come. */
export const originKey = (server: ServerName, origin: string): string => `origin:${server} ${origin}`

/**
 * The store's key of an assertion that was used; the digest covers the token endpoint of the server that it was used
 * at.
 */
export const assertionKey = (digest: string): string => `jti:${digest}`

/** A short random identifier (132 bits) out of a random token of 256 bits. */
export const identifierOf = (token: string): string => token.slice(0, 22)
