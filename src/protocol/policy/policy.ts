/**
 * The switches: where the specification allows several readings, a field of {@link SmartPolicy} names the choice.
 * Every machine takes the policy as data; `docs/policy.md` is made from this table.
 *
 * @module
 */
import * as t from 'io-ts'
import { ownMember } from '../../values/own.js'

/** One switch: what it may be, what it is when nobody says, and what it means. */
export interface PolicyOption<Value> {
  readonly codec: t.Type<Value>
  readonly default: Value
  /** One or two sentences for whoever sets it. */
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

/** Every switch, in the order in which the flow meets it. Of the words of a switch the first is its default. */
export const policyOptions = {
  specVersion: oneOf(['2.0.0', '2.1.0', '2.2.0'], 'The release of the guide that the server speaks.'),

  malformedScope: oneOf(
    ['ignore', 'reject', 'serverDefault'],
    'A malformed scope (`patient/Observation.sr`) is left out of the grant, refuses the request, or is ' +
      "replaced by the server's default scope."
  ),
  unknownScope: oneOf(
    ['ignore', 'reject'],
    'A well-formed scope that is not known, is not registered for the client, or opens nothing is left out, or ' +
      'refuses the request.'
  ),
  emptyGrant: oneOf(
    ['access_denied', 'invalid_scope', 'emptyString'],
    'What is said when the user and the host leave nothing of what was requested: one of two errors, or a ' +
      'token with an empty scope. A request of which nothing could be granted to anybody is `invalid_scope` with ' +
      'either error.'
  ),
  wildcardWithQuery: oneOf(
    ['perType', 'reject'],
    'A wildcard with a query (`patient/*.rs?category=x`) means the query for each type, or refuses the request.'
  ),
  mixedScopeVersions: oneOf(
    ['allow', 'normaliseToV2', 'reject'],
    'A request that mixes v1 and v2 scopes is granted in the spellings that were asked, is granted in v2 only, ' +
      'or is refused.'
  ),
  v1WithQuery: oneOf(
    ['malformed', 'asV2'],
    'A v1 scope with a query (`patient/Observation.read?category=x`) is malformed, or is read as the v2 scope ' +
      'that it seems to mean.'
  ),
  crossContextSubsumption: oneOf(
    ['none', 'userCoversPatient'],
    'Whether `user/` scopes cover `patient/` scopes where scopes are compared. The specification orders the ' +
      'levels nowhere.'
  ),

  launchParamWithoutScope: oneOf(['accept', 'reject'], 'The `launch` parameter without the scope `launch`.'),
  launchScopeWithoutParam: oneOf(['reject', 'treatAsStandalone'], 'The scope `launch` without the `launch` parameter.'),
  launchSingleUse: oneOf(
    ['onCodeIssued', 'onFirstAuthorize', 'never'],
    'When a launch handle is spent: with the code, with the first authorization request, or only by time.'
  ),
  launchLifetimeSeconds: seconds(300, 'Life of an EHR launch handle.'),
  patientScopeWithoutContext: oneOf(
    ['infer', 'refuse'],
    'A `patient/` scope without `launch` or `launch/patient` asks for a patient all the same, or refuses the request.'
  ),
  noPatientAvailable: oneOf(
    ['dropScopes', 'deny'],
    'Where no patient can be had, `patient/` scopes are left out of the grant, or nothing is granted.'
  ),
  contextOnRefresh: oneOf(['repeat', 'omit'], 'Whether the answer to a refresh repeats the launch context.'),

  missingAud: oneOf(
    ['reject', 'defaultIfSingle'],
    'A request without `aud` is refused, or means the one FHIR server that there is.'
  ),
  audMatch: oneOf(
    ['trailingSlash', 'exact'],
    'How `aud` is compared with the FHIR base URL: with or without one slash at its end, or as it is.'
  ),
  acceptResource: yesOrNo(false, 'Whether `resource` (RFC 8707) is taken for `aud`.'),
  missingState: oneOf(['reject', 'allow'], 'A request without `state`.'),
  pkce: oneOf(
    ['required', 'optionalForV1Clients'],
    'Whether a confidential client that asks for v1 scopes alone may do without a code challenge.'
  ),
  loopbackPort: oneOf(
    ['anyPort', 'exact'],
    "Whether a native client's registered loopback redirect URI matches on any port (RFC 8252, section 7.3)."
  ),
  loopbackLocalhost: yesOrNo(
    false,
    'Whether `localhost` counts as loopback there. It is a name that can be pointed elsewhere.'
  ),
  issParameter: yesOrNo(true, 'Whether answers to the app carry `iss` (RFC 9207).'),
  accessPolicyAsked: oneOf(
    ['always', 'atSignIn'],
    'When the port `accessPolicy` is asked what a user may give to an app: at sign-in, at consent, at code ' +
      'exchange and at each refresh, or at sign-in alone. Backend services have no user, and it is not asked ' +
      'about them.'
  ),
  interactionLifetimeSeconds: seconds(600, 'How long a user may take to sign in, choose and consent.'),

  confidentialClientIdInBody: oneOf(
    ['allowIfMatching', 'reject'],
    'A `client_id` in the body of a client that authenticates otherwise.'
  ),
  publicRefreshClientId: oneOf(
    ['required', 'optional'],
    'Whether a public client names itself by `client_id` when it refreshes, or is known by its refresh token.'
  ),
  allowClientSecretPost: yesOrNo(false, 'Whether a client may send its secret in the body.'),
  assertionAudience: oneOf(
    ['tokenEndpointOrIssuer', 'tokenEndpoint', 'rfc10070'],
    'The one audience of a client assertion: the token endpoint or the issuer, the token endpoint as the guide ' +
      'says, or the issuer alone and as a text, as RFC 10070 says.'
  ),
  assertionTyp: oneOf(
    ['strict', 'caseInsensitive', 'optional'],
    'The header `typ` of a client assertion: `JWT`, the same in any case, or also `client-authentication+jwt` or none.'
  ),
  assertionClockSkewSeconds: seconds(60, 'How far the clocks of clients may be off.', 0, 300),
  assertionFailureStatus: oneOf(['401', '400'], 'The HTTP status of a failed client assertion.'),
  jwksDefaultTtlSeconds: seconds(60, "How long a client's key set is kept when its answer does not say.", 0, 3600),
  basicEncoding: oneOf(
    ['both', 'rfc6749', 'raw'],
    "How a client's id and secret are decoded from HTTP Basic: form-decoded (RFC 6749), as they are, or either."
  ),
  consumeCodeOnFailedBinding: yesOrNo(
    true,
    'Whether an authenticated client that presents a code with a wrong redirect_uri or code_verifier loses the code.'
  ),
  codeLifetimeSeconds: seconds(60, 'Life of an authorization code.', 1, 600),
  accessTokenFormat: oneOf(
    ['opaque', 'jwt'],
    'Access tokens are opaque, or JWTs (RFC 9068) that a resource server can verify by itself.'
  ),
  backendTokenLifetimeSeconds: seconds(
    300,
    'Life of an access token of a backend service; at most five minutes are recommended.',
    1,
    3600
  ),
  backendNonSystemScopes: oneOf(
    ['reject', 'allow'],
    'Whether a backend service may be granted `user/` and `patient/` scopes, for which it would need context ' +
      'out of band.'
  ),
  accessTokenLifetimeSeconds: seconds(3600, 'Life of an access token; more than an hour is not recommended.'),

  refreshScope: oneOf(['subsetOrEqual', 'properSubset'], 'Whether a refresh may ask for exactly what was granted.'),
  refreshScopeMatch: oneOf(
    ['semantic', 'exactString'],
    'Whether what a refresh asks for is compared by meaning or by spelling.'
  ),
  rotateRefreshTokens: oneOf(
    ['always', 'publicOnly'],
    'Whether confidential clients get a new refresh token with each refresh too.'
  ),
  reuseGraceSeconds: seconds(
    0,
    'For how many seconds a client that lost the answer may present its last refresh token again.',
    0,
    10
  ),
  bothAccessScopes: oneOf(
    ['offline', 'online', 'reject'],
    'Which of `offline_access` and `online_access` holds when both are asked for.'
  ),
  onlineAccessInStandalone: oneOf(
    ['allow', 'drop', 'offlineInstead'],
    '`online_access` in a standalone launch. Where nothing is said it is dropped from 2.2.0 on.'
  ),
  refreshTokenLifetimeSeconds: seconds(
    2592000,
    'Life of a refresh token, counted from the authorization and not from the last refresh.'
  ),
  refreshTokenIdleSeconds: seconds(2592000, 'How long a refresh token may stay unused.'),
  idTokenOnRefresh: yesOrNo(false, 'Whether a refresh answers with a new id_token.'),

  introspectionAuth: oneOf(
    ['clientCredentialsOrBearer', 'clientCredentials', 'bearer', 'anonymous'],
    'How a caller of the introspection endpoint shows who it is. `anonymous` lets in whoever shows nothing, ' +
      'which RFC 7662 forbids.'
  ),
  introspectForeignTokens: oneOf(
    ['resourceServersOnly', 'anyAuthorised'],
    'Who may introspect the tokens of other clients: those that were registered for it, or whoever may ' +
      'introspect at all.'
  ),
  introspectRefreshTokens: yesOrNo(
    false,
    'Whether a client may introspect its own refresh tokens. Nobody else ever may.'
  ),
  introspectionIss: oneOf(
    ['withIdToken', 'always'],
    'Whether `iss` and `sub` are told exactly when an id_token was issued, or always and as RFC 7662 means ' +
      'them: who issued the token, and who gave the access (a backend service gives it to itself).'
  ),
  revokeForeign: oneOf(
    ['error', 'silent200'],
    'A client that asks to revoke the token of another is refused, or is answered as if the token did not ' +
      'exist. The token stays alive.'
  ),
  accessTokenRevocation: oneOf(
    ['accessTokens', 'wholeGrant'],
    'Whether the revocation of an access token ends all access tokens of its grant, or also the refresh token. ' +
      'That of a refresh token always ends all.'
  ),

  granularSearchOutside: oneOf(
    ['filter', 'forbid'],
    'A search for values that no granted query covers finds nothing, or is refused.'
  ),
  fhirUserImpliesRead: yesOrNo(true, 'Whether `openid fhirUser` allows to read that one resource.'),
  advertiseRefreshGrant: yesOrNo(
    false,
    'Whether the SMART configuration lists `refresh_token` among the grant types, which the guide does not ' +
      'foresee. The other documents always do.'
  )
}

type ValueOf<Of> = Of extends PolicyOption<infer Value> ? Value : never

/** Every choice that the toolkit leaves to its host. */
export type SmartPolicy = { readonly [Name in keyof typeof policyOptions]: ValueOf<(typeof policyOptions)[Name]> }

/** The strict reading that still works with honest clients. */
export const defaultPolicy = Object.fromEntries(
  Object.entries(policyOptions).map(([name, { default: standard }]) => [name, standard])
) as unknown as SmartPolicy

/** Defaults that another release of the guide changes. */
const changedDefaults: Readonly<Record<SmartPolicy['specVersion'], Partial<SmartPolicy>>> = {
  '2.0.0': {},
  '2.1.0': {},
  '2.2.0': { onlineAccessInStandalone: 'drop' }
}

/**
 * The choices of a host, completed by the defaults of the release that it speaks. No refresh token may idle longer than
 * it lives.
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
