/**
 * The policy options: where the specification allows several readings, a member of {@link SmartPolicy} selects one.
 * Every machine takes the policy as data. `docs/policy.md` is generated from this table.
 *
 * @module
 */
import { ownMember } from '../../values/own.js'
import type { PolicyOption } from './policy-option.js'
import { oneOf, seconds, yesOrNo } from './policy-option.js'

/** All policy options, in the order of the flow. The first of an option's words is its default. */
export const policyOptions = {
  specVersion: oneOf(['2.0.0', '2.1.0', '2.2.0'], 'The supported release of the SMART App Launch guide.', [
    'app-launch#step-1-register'
  ]),

  malformedScope: oneOf(
    ['ignore', 'reject', 'serverDefault'],
    'A malformed scope (`patient/Observation.sr`) is omitted from the grant, refuses the request, or is replaced ' +
      "by the server's default scope.",
    ['scopes-and-launch-context#scopes-for-requesting-clinical-data']
  ),
  unknownScope: oneOf(
    ['ignore', 'reject'],
    'A well-formed scope that is unknown, is not registered for the client, or permits nothing is omitted, or ' +
      'refuses the request.',
    ['rfc6749#section-3.3', 'rfc6749#section-4.1.2.1']
  ),
  emptyGrant: oneOf(
    ['access_denied', 'invalid_scope', 'emptyString'],
    'The response when the user and the host leave nothing of the requested scopes: one of two errors, or a token ' +
      'with an empty scope. If no requested scope could be granted to any user, the error is always ' +
      '`invalid_scope`, unless the value is `emptyString`.',
    ['scopes-and-launch-context#wildcard-scopes', 'rfc6749#section-3.3']
  ),
  wildcardWithQuery: oneOf(
    ['perType', 'reject'],
    'A wildcard with a query (`patient/*.rs?category=x`) applies the query to each type, or refuses the request.',
    ['scopes-and-launch-context#clinical-scope-syntax']
  ),
  mixedScopeVersions: oneOf(
    ['allow', 'normaliseToV2', 'reject'],
    'A request that mixes v1 and v2 scopes is granted in the requested spellings, is granted in v2 only, or is ' +
      'refused.',
    [
      'scopes-and-launch-context#scopes-for-requesting-clinical-data',
      'Microsoft FHIR Server refuses a mix (pull request 5096)',
      'Inferno Reference Server converts to v2 (pull request 163)'
    ]
  ),
  v1WithQuery: oneOf(
    ['malformed', 'asV2'],
    'A v1 scope with a query (`patient/Observation.read?category=x`) is malformed, or is read as the ' +
      'corresponding v2 scope.',
    [
      'scopes-and-launch-context#clinical-scope-syntax',
      'scopes-and-launch-context#finer-grained-resource-constraints-using-search-parameters'
    ]
  ),
  crossContextSubsumption: oneOf(
    ['none', 'userCoversPatient'],
    'Whether `user/` scopes cover `patient/` scopes when scopes are compared. The specification does not order ' +
      'the levels.',
    ['scopes-and-launch-context#user-level-scopes']
  ),

  launchParamWithoutScope: oneOf(['accept', 'reject'], 'The `launch` parameter without the scope `launch`.', [
    'app-launch#step-4-authorization-code',
    'fhirclient omits the scope beside launch/patient'
  ]),
  launchScopeWithoutParam: oneOf(
    ['reject', 'treatAsStandalone'],
    'The scope `launch` without the `launch` parameter.',
    ['scopes-and-launch-context#apps-that-launch-from-the-ehr']
  ),
  launchSingleUse: oneOf(
    ['onCodeIssued', 'onFirstAuthorize', 'never'],
    'When a launch handle becomes invalid: with the code, with the first authorization request, or only by ' +
      'expiry.',
    ['app-launch#step-4-authorization-code']
  ),
  launchLifetimeSeconds: seconds(300, 'Lifetime of an EHR launch handle.', ['app-launch#step-4-authorization-code']),
  patientScopeWithoutContext: oneOf(
    ['infer', 'refuse'],
    'A `patient/` scope without `launch` or `launch/patient` implies a request for a patient, or refuses the ' +
      'request.',
    ['scopes-and-launch-context#apps-that-launch-from-the-ehr', 'scopes-and-launch-context#standalone-apps']
  ),
  noPatientAvailable: oneOf(
    ['dropScopes', 'deny'],
    'If no patient can be selected, `patient/` scopes are omitted from the grant, or the request is denied.',
    ['scopes-and-launch-context#apps-that-launch-from-the-ehr', 'scopes-and-launch-context#standalone-apps']
  ),
  contextOnRefresh: oneOf(['repeat', 'omit'], 'Whether the response to a refresh repeats the launch context.', [
    'app-launch#step-7-refresh'
  ]),

  missingAud: oneOf(
    ['reject', 'defaultIfSingle'],
    'A request without `aud` is refused, or is taken as one for the only FHIR server.',
    ['app-launch#step-4-authorization-code']
  ),
  audMatch: oneOf(
    ['trailingSlash', 'exact'],
    'How `aud` is compared with the FHIR base URL: ignoring one trailing slash, or exactly.',
    ['app-launch#step-4-authorization-code']
  ),
  acceptResource: yesOrNo(false, 'Whether `resource` (RFC 8707) is accepted in place of `aud`.', [
    'app-launch#step-4-authorization-code',
    'rfc8707#section-2'
  ]),
  missingState: oneOf(
    ['reject', 'allowWithPkce', 'allow'],
    'A request without `state` is refused, is accepted if it has a PKCE challenge, which binds the code to the ' +
      "app's session too, or is accepted.",
    ['app-launch#step-4-authorization-code', 'rfc9700#section-4.7.1', 'openid-client sends none with PKCE']
  ),
  pkce: oneOf(
    ['required', 'optionalForV1Clients'],
    'Whether a confidential client that requests only v1 scopes may omit the code challenge.',
    ['app-launch#step-4-authorization-code', 'rfc7636#section-4.3']
  ),
  loopbackPort: oneOf(
    ['anyPort', 'exact'],
    "Whether a native client's registered loopback redirect URI matches on any port (RFC 8252, section 7.3).",
    ['app-launch#step-1-register', 'rfc8252#section-7.3']
  ),
  loopbackLocalhost: yesOrNo(
    false,
    'Whether `localhost` counts as loopback there. The name may resolve to another address.',
    ['rfc8252#section-8.3']
  ),
  issParameter: yesOrNo(true, 'Whether authorization responses contain `iss` (RFC 9207).', ['rfc9207#section-2']),
  accessPolicyChecks: oneOf(
    ['always', 'atSignIn'],
    'When the port `accessPolicy` is called for what a user may give to an app: at sign-in, at consent, at code ' +
      'exchange and at each refresh, or only at sign-in. It is not called for backend services, because they have ' +
      'no user.',
    ['scopes-and-launch-context#smarts-scopes-are-used-to-delegate-access', 'rfc6749#section-6']
  ),
  interactionLifetimeSeconds: seconds(600, 'How long a user may take to sign in, choose and consent.', [
    'rfc6749#section-3.1'
  ]),

  confidentialClientIdInBody: oneOf(
    ['allowIfMatching', 'reject'],
    'A `client_id` in the body of a client that authenticates by another method.',
    ['app-launch#step-5-access-token', 'rfc7521#section-4.2']
  ),
  publicRefreshClientId: oneOf(
    ['required', 'optional'],
    'Whether a public client must send `client_id` when it refreshes, or is identified by its refresh token.',
    ['app-launch#step-7-refresh', 'rfc6749#section-6', 'fhirclient omits it']
  ),
  allowClientSecretPost: yesOrNo(false, 'Whether a client may send its secret in the body.', [
    'conformance#metadata',
    'rfc6749#section-2.3.1'
  ]),
  authenticationErrors: oneOf(
    ['general', 'detailed'],
    'Whether the response to a failed client authentication also says its reason. The reason helps authors of apps, ' +
      'and attackers: it tells which clients there are.',
    ['rfc6749#section-5.2']
  ),
  assertionAudience: oneOf(
    ['tokenEndpointOrIssuer', 'tokenEndpoint', 'rfc10070'],
    'The required audience of a client assertion: the token endpoint or the issuer; the token endpoint, as the ' +
      'guide requires; or only the issuer and as a string, as RFC 10070 requires.',
    ['client-confidential-asymmetric#request', 'rfc7523#section-3', 'rfc10070']
  ),
  assertionTyp: oneOf(
    ['strict', 'caseInsensitive', 'optional'],
    'The header `typ` of a client assertion: `JWT`; `JWT` in any case; or additionally ' +
      '`client-authentication+jwt` or no `typ`.',
    ['client-confidential-asymmetric#request', 'openid-client sends none']
  ),
  assertionClockSkewSeconds: seconds(
    60,
    'The maximum clock difference of clients.',
    ['client-confidential-asymmetric#request', 'rfc7523#section-3'],
    0,
    300
  ),
  assertionFailureStatus: oneOf(['401', '400'], 'The HTTP status of a failed client assertion.', [
    'client-confidential-asymmetric#signature-verification',
    'rfc6749#section-5.2'
  ]),
  jwksDefaultTtlSeconds: seconds(
    60,
    "How long a client's key set is cached when its response does not say.",
    ['client-confidential-asymmetric#signature-verification'],
    0,
    3600
  ),
  basicEncoding: oneOf(
    ['both', 'rfc6749', 'raw'],
    "How a client's id and secret are decoded from HTTP Basic: form-decoded (RFC 6749), without form-decoding, or " +
      'either.',
    [
      'client-confidential-symmetric#authentication-using-a-client_secret',
      'rfc6749#section-2.3.1',
      'Epic reads credentials only without form-encoding'
    ]
  ),
  consumeCodeOnFailedBinding: yesOrNo(
    true,
    'Whether a code becomes invalid when an authenticated client presents it with a wrong redirect_uri or ' +
      'code_verifier.',
    ['rfc6749#section-4.1.2']
  ),
  codeLifetimeSeconds: seconds(
    60,
    'Lifetime of an authorization code.',
    ['app-launch#step-4-authorization-code', 'rfc6749#section-4.1.2'],
    1,
    600
  ),
  accessTokenFormat: oneOf(
    ['opaque', 'jwt'],
    'Access tokens are opaque, or JWTs (RFC 9068) that a resource server can verify without a request to the ' +
      'server.',
    ['rfc9068#section-2']
  ),
  backendTokenLifetimeSeconds: seconds(
    300,
    'Lifetime of an access token of a backend service; at most five minutes are recommended.',
    ['backend-services#issue-access-token'],
    1,
    3600
  ),
  backendNonSystemScopes: oneOf(
    ['reject', 'allow'],
    'Whether a backend service may be granted `user/` and `patient/` scopes, for which it would need context that ' +
      'is not part of the protocol.',
    ['backend-services#scopes']
  ),
  accessTokenLifetimeSeconds: seconds(3600, 'Lifetime of an access token; at most an hour is recommended.', [
    'app-launch#step-5-access-token',
    'rfc6750#section-5.3'
  ]),

  refreshScope: oneOf(
    ['subsetOrEqual', 'properSubset'],
    'Whether a refresh may request exactly the granted scopes, or only fewer.',
    ['app-launch#step-7-refresh', 'Inferno refreshes with the granted scopes']
  ),
  refreshScopeMatch: oneOf(
    ['semantic', 'exactString'],
    'Whether the scope of a refresh request is compared by meaning or by spelling.',
    ['app-launch#step-7-refresh', 'scopes-and-launch-context#scope-equivalence']
  ),
  rotateRefreshTokens: oneOf(
    ['always', 'publicOnly'],
    'Whether confidential clients also get a new refresh token with each refresh.',
    ['app-launch#step-7-refresh', 'rfc9700#section-4.14.2']
  ),
  reuseGraceSeconds: seconds(
    0,
    'For how many seconds a client that lost the response may present its previous refresh token again.',
    ['FAPI 2.0 Security Profile, general requirements for authorization servers'],
    0,
    10
  ),
  bothAccessScopes: oneOf(
    ['offline', 'online', 'reject'],
    'Which of `offline_access` and `online_access` applies when both are requested.',
    ['app-launch#step-7-refresh']
  ),
  onlineAccessInStandalone: oneOf(
    ['allow', 'drop', 'offlineInstead'],
    '`online_access` in a standalone launch. The default is `drop` from 2.2.0 on.',
    ['app-launch#step-7-refresh']
  ),
  refreshTokenLifetimeSeconds: seconds(
    2592000,
    'Lifetime of a refresh token, counted from the authorization, not from the last refresh.',
    ['app-launch#step-7-refresh']
  ),
  refreshTokenIdleSeconds: seconds(2592000, 'How long a refresh token may stay unused.', ['rfc9700#section-4.14.2']),
  idTokenOnRefresh: yesOrNo(false, 'Whether the response to a refresh contains a new id_token.', [
    'OpenID Connect Core 1.0, section 12.2'
  ]),

  introspectionAuth: oneOf(
    ['clientCredentialsOrBearer', 'clientCredentials', 'bearer', 'anonymous'],
    'How a caller of the introspection endpoint authenticates. `anonymous` accepts callers without ' +
      'authentication, which RFC 7662 forbids.',
    ['token-introspection#authorization-to-perform-token-introspection', 'rfc7662#section-2.1']
  ),
  introspectForeignTokens: oneOf(
    ['resourceServersOnly', 'anyAuthorised'],
    'Who may introspect the tokens of other clients: clients registered for it, or every client that may ' +
      'introspect.',
    ['token-introspection#authorization-to-perform-token-introspection', 'rfc7662#section-4']
  ),
  introspectRefreshTokens: yesOrNo(
    false,
    'Whether a client may introspect its own refresh tokens. Those of other clients can never be introspected.',
    ['rfc7662#section-2.1']
  ),
  introspectionIss: oneOf(
    ['withIdToken', 'always'],
    'Whether `iss` and `sub` are returned only if an id_token was issued, or always and as RFC 7662 defines them: ' +
      'the issuer of the token, and the resource owner (for a backend service, the service itself).',
    ['token-introspection#conditional-fields-in-the-introspection-response', 'rfc7662#section-2.2']
  ),
  revokeForeign: oneOf(
    ['error', 'silent200'],
    "A client that asks to revoke another client's token is refused, or gets the response for an unknown token. " +
      'The token stays valid.',
    ['rfc7009#section-2.1', 'rfc7009#section-2.2']
  ),
  accessTokenRevocation: oneOf(
    ['accessTokens', 'wholeGrant'],
    'Whether revoking an access token ends only the access tokens of its grant, or also the refresh token. ' +
      'Revoking a refresh token always ends all of them.',
    ['rfc7009#section-2.1']
  ),

  granularSearchOutside: oneOf(
    ['filter', 'forbid'],
    'A search for values that no granted query covers finds nothing, or is refused.',
    [
      'scopes-and-launch-context#finer-grained-resource-constraints-using-search-parameters',
      'Inferno Reference Server filters (pull request 161)'
    ]
  ),
  fhirUserImpliesRead: yesOrNo(true, 'Whether `openid fhirUser` permits reading that one resource.', [
    'scopes-and-launch-context#quick-start',
    'Inferno reads the resource with the access token'
  ]),
  advertiseRefreshGrant: yesOrNo(
    false,
    'Whether the SMART configuration lists `refresh_token` among the grant types, which the guide does not ' +
      'provide for. The other documents always list it.',
    ['conformance#metadata']
  )
}

/** The values that a policy option can have. */
export type PolicyValue<Option> = Option extends PolicyOption<infer Value> ? Value : never

/** The values of all policy options. */
export type SmartPolicy = { readonly [Name in keyof typeof policyOptions]: PolicyValue<(typeof policyOptions)[Name]> }

/** The defaults: the strictest values that work with conforming clients. */
export const defaultPolicy = Object.fromEntries(
  Object.entries(policyOptions).map(([name, { default: defaultValue }]) => [name, defaultValue])
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
