/**
 * The policy options: where the specification allows several readings, a member of {@link SmartPolicy} selects one.
 * Every machine takes the policy as data. `docs/policy.md` is generated from this table.
 *
 * @module
 */
import * as t from 'io-ts'
import { ownMember } from '../../values/own.js'

/** One policy option: its values, its default, and its meaning. */
export interface PolicyOption<Value> {
  readonly codec: t.Type<Value>
  readonly default: Value
  /** One or two sentences for hosts. */
  readonly description: string
}

const oneOf = <const Values extends readonly [string, ...ReadonlyArray<string>]>(
  values: Values,
  means: string
): PolicyOption<Values[number]> => ({
  codec: t.keyof(Object.fromEntries(values.map((value) => [value, null])) as Record<Values[number], null>),
  default: values[0],
  description: means
})

const yesOrNo = (standard: boolean, means: string): PolicyOption<boolean> => ({
  codec: t.boolean,
  default: standard,
  description: means
})

const wholeSeconds = (least: number, most: number) =>
  new t.Type<number>(
    `a whole number of seconds from ${String(least)} to ${String(most)}`,
    t.number.is,
    (value, context) =>
      typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most
        ? t.success(value)
        : t.failure(value, context),
    t.identity
  )

const longestSeconds = 10 * 365 * 86400

const seconds = (standard: number, means: string, least = 1, most = longestSeconds): PolicyOption<number> => ({
  codec: wholeSeconds(least, most),
  default: standard,
  description: means
})

/** All policy options, in the order of the flow. The first of an option's words is its default. */
export const policyOptions = {
  specVersion: oneOf(['2.0.0', '2.1.0', '2.2.0'], 'The supported release of the SMART App Launch guide.'),

  malformedScope: oneOf(
    ['ignore', 'reject', 'serverDefault'],
    'A malformed scope (`patient/Observation.sr`) is omitted from the grant, refuses the request, or is replaced ' +
      "by the server's default scope."
  ),
  unknownScope: oneOf(
    ['ignore', 'reject'],
    'A well-formed scope that is unknown, is not registered for the client, or permits nothing is omitted, or ' +
      'refuses the request.'
  ),
  emptyGrant: oneOf(
    ['access_denied', 'invalid_scope', 'emptyString'],
    'The response when the user and the host leave nothing of the requested scopes: one of two errors, or a token ' +
      'with an empty scope. If no requested scope could be granted to any user, the error is always ' +
      '`invalid_scope`, unless the value is `emptyString`.'
  ),
  wildcardWithQuery: oneOf(
    ['perType', 'reject'],
    'A wildcard with a query (`patient/*.rs?category=x`) applies the query to each type, or refuses the request.'
  ),
  mixedScopeVersions: oneOf(
    ['allow', 'normaliseToV2', 'reject'],
    'A request that mixes v1 and v2 scopes is granted in the requested spellings, is granted in v2 only, or is ' +
      'refused.'
  ),
  v1WithQuery: oneOf(
    ['malformed', 'asV2'],
    'A v1 scope with a query (`patient/Observation.read?category=x`) is malformed, or is read as the ' +
      'corresponding v2 scope.'
  ),
  crossContextSubsumption: oneOf(
    ['none', 'userCoversPatient'],
    'Whether `user/` scopes cover `patient/` scopes when scopes are compared. The specification does not order ' +
      'the levels.'
  ),

  launchParamWithoutScope: oneOf(['accept', 'reject'], 'The `launch` parameter without the scope `launch`.'),
  launchScopeWithoutParam: oneOf(['reject', 'treatAsStandalone'], 'The scope `launch` without the `launch` parameter.'),
  launchSingleUse: oneOf(
    ['onCodeIssued', 'onFirstAuthorize', 'never'],
    'When a launch handle becomes invalid: with the code, with the first authorization request, or only by ' + 'expiry.'
  ),
  launchLifetimeSeconds: seconds(300, 'Lifetime of an EHR launch handle.'),
  patientScopeWithoutContext: oneOf(
    ['infer', 'refuse'],
    'A `patient/` scope without `launch` or `launch/patient` implies a request for a patient, or refuses the ' +
      'request.'
  ),
  noPatientAvailable: oneOf(
    ['dropScopes', 'deny'],
    'If no patient can be selected, `patient/` scopes are omitted from the grant, or the request is denied.'
  ),
  contextOnRefresh: oneOf(['repeat', 'omit'], 'Whether the response to a refresh repeats the launch context.'),

  missingAud: oneOf(
    ['reject', 'defaultIfSingle'],
    'A request without `aud` is refused, or is taken as one for the only FHIR server.'
  ),
  audMatch: oneOf(
    ['trailingSlash', 'exact'],
    'How `aud` is compared with the FHIR base URL: ignoring one trailing slash, or exactly.'
  ),
  acceptResource: yesOrNo(false, 'Whether `resource` (RFC 8707) is accepted in place of `aud`.'),
  missingState: oneOf(['reject', 'allow'], 'A request without `state`.'),
  pkce: oneOf(
    ['required', 'optionalForV1Clients'],
    'Whether a confidential client that requests only v1 scopes may omit the code challenge.'
  ),
  loopbackPort: oneOf(
    ['anyPort', 'exact'],
    "Whether a native client's registered loopback redirect URI matches on any port (RFC 8252, section 7.3)."
  ),
  loopbackLocalhost: yesOrNo(
    false,
    'Whether `localhost` counts as loopback there. The name may resolve to another address.'
  ),
  issParameter: yesOrNo(true, 'Whether authorization responses contain `iss` (RFC 9207).'),
  accessPolicyAsked: oneOf(
    ['always', 'atSignIn'],
    'When the port `accessPolicy` is asked what a user may give to an app: at sign-in, at consent, at code ' +
      'exchange and at each refresh, or only at sign-in. It is not asked about backend services, because they have ' +
      'no user.'
  ),
  interactionLifetimeSeconds: seconds(600, 'How long a user may take to sign in, choose and consent.'),

  confidentialClientIdInBody: oneOf(
    ['allowIfMatching', 'reject'],
    'A `client_id` in the body of a client that authenticates by another method.'
  ),
  publicRefreshClientId: oneOf(
    ['required', 'optional'],
    'Whether a public client must send `client_id` when it refreshes, or is identified by its refresh token.'
  ),
  allowClientSecretPost: yesOrNo(false, 'Whether a client may send its secret in the body.'),
  assertionAudience: oneOf(
    ['tokenEndpointOrIssuer', 'tokenEndpoint', 'rfc10070'],
    'The required audience of a client assertion: the token endpoint or the issuer; the token endpoint, as the ' +
      'guide requires; or only the issuer and as a string, as RFC 10070 requires.'
  ),
  assertionTyp: oneOf(
    ['strict', 'caseInsensitive', 'optional'],
    'The header `typ` of a client assertion: `JWT`; `JWT` in any case; or additionally ' +
      '`client-authentication+jwt` or no `typ`.'
  ),
  assertionClockSkewSeconds: seconds(60, 'The maximum clock difference of clients.', 0, 300),
  assertionFailureStatus: oneOf(['401', '400'], 'The HTTP status of a failed client assertion.'),
  jwksDefaultTtlSeconds: seconds(60, "How long a client's key set is cached when its response does not say.", 0, 3600),
  basicEncoding: oneOf(
    ['both', 'rfc6749', 'raw'],
    "How a client's id and secret are decoded from HTTP Basic: form-decoded (RFC 6749), without form-decoding, or " +
      'either.'
  ),
  consumeCodeOnFailedBinding: yesOrNo(
    true,
    'Whether a code becomes invalid when an authenticated client presents it with a wrong redirect_uri or ' +
      'code_verifier.'
  ),
  codeLifetimeSeconds: seconds(60, 'Lifetime of an authorization code.', 1, 600),
  accessTokenFormat: oneOf(
    ['opaque', 'jwt'],
    'Access tokens are opaque, or JWTs (RFC 9068) that a resource server can verify without a request to the ' +
      'server.'
  ),
  backendTokenLifetimeSeconds: seconds(
    300,
    'Lifetime of an access token of a backend service; at most five minutes are recommended.',
    1,
    3600
  ),
  backendNonSystemScopes: oneOf(
    ['reject', 'allow'],
    'Whether a backend service may be granted `user/` and `patient/` scopes, for which it would need context that ' +
      'is not part of the protocol.'
  ),
  accessTokenLifetimeSeconds: seconds(3600, 'Lifetime of an access token; at most an hour is recommended.'),

  refreshScope: oneOf(
    ['subsetOrEqual', 'properSubset'],
    'Whether a refresh may request exactly the granted scopes, or only fewer.'
  ),
  refreshScopeMatch: oneOf(
    ['semantic', 'exactString'],
    'Whether the scope of a refresh request is compared by meaning or by spelling.'
  ),
  rotateRefreshTokens: oneOf(
    ['always', 'publicOnly'],
    'Whether confidential clients also get a new refresh token with each refresh.'
  ),
  reuseGraceSeconds: seconds(
    0,
    'For how many seconds a client that lost the response may present its previous refresh token again.',
    0,
    10
  ),
  bothAccessScopes: oneOf(
    ['offline', 'online', 'reject'],
    'Which of `offline_access` and `online_access` applies when both are requested.'
  ),
  onlineAccessInStandalone: oneOf(
    ['allow', 'drop', 'offlineInstead'],
    '`online_access` in a standalone launch. The default is `drop` from 2.2.0 on.'
  ),
  refreshTokenLifetimeSeconds: seconds(
    2592000,
    'Lifetime of a refresh token, counted from the authorization, not from the last refresh.'
  ),
  refreshTokenIdleSeconds: seconds(2592000, 'How long a refresh token may stay unused.'),
  idTokenOnRefresh: yesOrNo(false, 'Whether the response to a refresh contains a new id_token.'),

  introspectionAuth: oneOf(
    ['clientCredentialsOrBearer', 'clientCredentials', 'bearer', 'anonymous'],
    'How a caller of the introspection endpoint authenticates. `anonymous` accepts callers without ' +
      'authentication, which RFC 7662 forbids.'
  ),
  introspectForeignTokens: oneOf(
    ['resourceServersOnly', 'anyAuthorised'],
    'Who may introspect the tokens of other clients: clients registered for it, or every client that may ' +
      'introspect.'
  ),
  introspectRefreshTokens: yesOrNo(
    false,
    'Whether a client may introspect its own refresh tokens. Those of other clients can never be introspected.'
  ),
  introspectionIss: oneOf(
    ['withIdToken', 'always'],
    'Whether `iss` and `sub` are returned only if an id_token was issued, or always and as RFC 7662 defines them: ' +
      'the issuer of the token, and the resource owner (for a backend service, the service itself).'
  ),
  revokeForeign: oneOf(
    ['error', 'silent200'],
    "A client that asks to revoke another client's token is refused, or gets the response for an unknown token. " +
      'The token stays valid.'
  ),
  accessTokenRevocation: oneOf(
    ['accessTokens', 'wholeGrant'],
    'Whether revoking an access token ends only the access tokens of its grant, or also the refresh token. ' +
      'Revoking a refresh token always ends all of them.'
  ),

  granularSearchOutside: oneOf(
    ['filter', 'forbid'],
    'A search for values that no granted query covers finds nothing, or is refused.'
  ),
  fhirUserImpliesRead: yesOrNo(true, 'Whether `openid fhirUser` permits reading that one resource.'),
  advertiseRefreshGrant: yesOrNo(
    false,
    'Whether the SMART configuration lists `refresh_token` among the grant types, which the guide does not ' +
      'provide for. The other documents always list it.'
  )
}

type ValueOf<Of> = Of extends PolicyOption<infer Value> ? Value : never

/** The values of all policy options. */
export type SmartPolicy = { readonly [Name in keyof typeof policyOptions]: ValueOf<(typeof policyOptions)[Name]> }

/** The defaults: the strictest values that work with conforming clients. */
export const defaultPolicy = Object.fromEntries(
  Object.entries(policyOptions).map(([name, { default: standard }]) => [name, standard])
) as unknown as SmartPolicy

/** Defaults that differ in a release of the guide. */
const changedDefaults: Readonly<Record<SmartPolicy['specVersion'], Partial<SmartPolicy>>> = {
  '2.0.0': {},
  '2.1.0': {},
  '2.2.0': { onlineAccessInStandalone: 'drop' }
}

/**
 * The options of a host, completed by the defaults of its release. The idle time of refresh tokens is limited by their
 * lifetime.
 */
export const completePolicy = (chosen: Partial<SmartPolicy> = {}): SmartPolicy => ({
  ...defaultPolicy,
  ...changedDefaults[ownMember(chosen, 'specVersion') ?? defaultPolicy.specVersion],
  refreshTokenIdleSeconds: Math.min(
    defaultPolicy.refreshTokenIdleSeconds,
    ownMember(chosen, 'refreshTokenLifetimeSeconds') ?? defaultPolicy.refreshTokenLifetimeSeconds
  ),
  ...chosen
})
