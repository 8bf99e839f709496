/**
 * All failures of an app's launch, session or request, with advice for the app's developer.
 *
 * A failure contains no secret: it may be logged and shown. An app sends no OAuth errors, so a failure has none of its
 * own; an error that the server sent is part of the failure.
 *
 * @module
 */
import type { AppFailure, AppFailureTag } from './failure-type.js'
import type { ToleranceName } from './trust/tolerances.js'
import { toleranceNames, tolerancesFor, toleranceTable } from './trust/tolerances.js'

export type { AppFailure, AppFailureTag } from './failure-type.js'

/** The description of a failure for developers. */
export interface AppFailureRow {
  readonly description: string
  readonly advice: string
  /** The tolerances of a trusted server that prevent the failure, or some of its cases. */
  readonly tolerances: ReadonlyArray<ToleranceName>
  /** The options of the app, and the other members of the trusted server, that decide about the failure. */
  readonly settings: ReadonlyArray<string>
  /** The source of the rule. */
  readonly source: string
}

type OwnRow = Omit<AppFailureRow, 'tolerances'>

const row = (description: string, advice: string, source: string, ...settings: ReadonlyArray<string>): OwnRow => ({
  description,
  advice,
  settings,
  source
})

/** The rows without what the tolerances add. A tag without a row does not compile. */
const ownRows: Readonly<Record<AppFailureTag, OwnRow>> = {
  LaunchUnreadable: row(
    'the query of the launch address cannot be decoded',
    'the EHR must encode it as a form',
    'app-launch, step 2'
  ),
  LaunchParameterMissing: row(
    'an EHR launch has iss and launch',
    'open the launch address from the EHR; for a standalone launch name the server instead',
    'app-launch, step 2'
  ),
  LaunchParameterRepeated: row(
    'a parameter of the launch occurs twice',
    'ask the EHR which one it means',
    'RFC 6749, section 3.1'
  ),
  IssMalformed: row(
    'iss is no absolute http or https address',
    'ask the EHR for its FHIR base URL',
    'app-launch, step 2'
  ),
  IssNotTrusted: row(
    'the app knows no server at this iss',
    'add the server to those that are trusted, after a look at who it is',
    'app-launch, step 2; RFC 9700, section 4.4',
    'trust'
  ),
  LaunchDataUnusable: row(
    'the data that are to travel with the launch are no JSON, or too long',
    'give less: at most 4096 characters of JSON, for example a key under which the app keeps the rest',
    'RFC 6749, section 4.1.1',
    'data'
  ),
  PageElsewhere: row(
    'the page is on another origin than the redirect URI, so it could not finish the launch',
    'open the page at the origin of the redirect URI (localhost and 127.0.0.1 are two origins), or register a ' +
      'redirect URI on the origin of the page',
    'app-launch, app protection; HTML Standard, origin',
    'redirectUri'
  ),
  PageInsecure: row(
    'the page is no secure context, so the browser offers no WebCrypto',
    'serve the page by https, or from localhost',
    'Secure Contexts, section 3'
  ),
  DiscoveryFailed: row('the discovery document was not answered with 2xx', 'open the address', 'app-launch, step 3'),
  DiscoveryRedirected: row(
    'the discovery document was answered by a redirect',
    'ask for the address of the FHIR server or issuer that needs no redirect',
    'conformance, using .well-known'
  ),
  DocumentUnreadable: row('a document is no JSON object', 'open the address', 'conformance, using .well-known'),
  IdentityUnavailable: row(
    "the issuer's document or its keys could not be read",
    'open the address: if it opens, the host sends no CORS header to pages of other origins, which a browser does ' +
      'not tell apart from a network failure; else try again',
    'OpenID Connect Core 1.0, section 3.1.3.7; Fetch, section 3.3'
  ),
  EndpointMissing: row(
    'the document lacks an endpoint',
    'run `smart-app-launch check` on the server',
    'conformance, metadata'
  ),
  EndpointInsecure: row(
    'an endpoint is neither https nor on this machine',
    'the server must serve it by https',
    'app-launch, app protection'
  ),
  EndpointElsewhere: row(
    'an endpoint is on an origin that the server was not trusted with',
    'if it is right, name the origin in identityOrigins for issuer and jwks_uri, and in authorizationOrigins for the ' +
      'endpoints that receive codes and credentials',
    'RFC 9700, section 4.4',
    'identityOrigins',
    'authorizationOrigins'
  ),
  IssuerDiffers: row(
    'the issuer is not the one that was expected',
    'compare the issuer of both documents and of the settings; name the right one as issuer',
    'RFC 8414, section 3.3',
    'issuer'
  ),
  IssuerMissing: row(
    'an issuer is needed, for openid or as the audience of assertions, and no document confirms one',
    'name the issuer in the trusted server, or leave out openid and `assertionAudience`',
    'conformance, metadata',
    'issuer',
    'assertionAudience'
  ),
  PkceNotOffered: row(
    'S256 is not among the code challenge methods',
    'the server must serve and list S256',
    'app-launch, considerations for PKCE support'
  ),
  AuthenticationNotOffered: row(
    'the server serves none of the ways in which the app can authenticate',
    'name another method in authentication, as it is registered: private_key_jwt, client_secret_basic or ' +
      'client_secret_post',
    'RFC 8414, section 2',
    'authentication'
  ),
  AlgorithmNotOffered: row(
    "the server lists no algorithm with which the app's keys can sign",
    'give `signingKey` a list that has a key of a listed algorithm, and register that key',
    'client-confidential-asymmetric, registering a client',
    'signingKey'
  ),
  CallbackUnreadable: row('the query of the redirect cannot be decoded', 'start again', 'RFC 6749, section 4.1.2'),
  CallbackParameterRepeated: row(
    'a parameter of the redirect occurs twice',
    'start again; the address may have been changed',
    'RFC 6749, section 3.1'
  ),
  StateMissing: row(
    'the redirect has no state',
    'start again; if the page was loaded without a redirect, look for the session first (`start` of a web page does)',
    'app-launch, app protection'
  ),
  StateDiffers: row(
    'the state is not that of a launch which this browser began',
    'start again; if it happens each time, the browser kept no cookie or storage of the app: in a frame of another ' +
      'site, cookies need `SameSite=None; Secure; Partitioned`',
    'app-launch, app protection; RFC 6749, section 10.12',
    'isEmbedded'
  ),
  StateUsed: row(
    'a redirect with this state was handled before, and its session is over or was never opened',
    'start again',
    'app-launch, app protection'
  ),
  LaunchTooOld: row(
    'the launch was begun too long ago',
    'start again',
    'RFC 9700, section 4.7',
    'launchLifetimeSeconds'
  ),
  ResponseIssuerMissing: row(
    'the server announces iss in its redirects, and this one has none',
    'start again; the redirect may come from another server',
    'RFC 9207, section 2.4'
  ),
  ResponseIssuerDiffers: row(
    'the redirect comes from another server than the launch went to',
    'start again',
    'RFC 9207, section 2.4'
  ),
  ArrivedElsewhere: row(
    'the redirect arrived at the redirect URI of another server',
    'start again; the redirect may come from another server',
    'RFC 9700, section 4.4.2.2',
    'redirectUri'
  ),
  AuthorizationRefused: row(
    'the server or the user refused the request',
    'see the error',
    'RFC 6749, section 4.1.2.1',
    'scope'
  ),
  CodeMissing: row('the redirect has neither code nor error', 'start again', 'RFC 6749, section 4.1.2'),
  TokenRefused: row(
    'the token endpoint refused the request',
    'see the error; without an error, the response was no OAuth error response',
    'RFC 6749, section 5.2',
    'authentication'
  ),
  TokenResponseMalformed: row(
    'a member of the token response is not what it should be',
    "tell the server's makers",
    'app-launch, step 5'
  ),
  TokenTypeUnknown: row('the token is no bearer token', 'the app cannot use it', 'RFC 6749, section 7.1'),
  ScopeTooComplex: row(
    'the granted scopes cannot be evaluated with the effort that is allowed',
    'ask for fewer queries',
    'RFC 6749, section 5.1',
    'scope'
  ),
  IdTokenMissing: row(
    'openid was granted and no id_token came',
    "tell the server's makers",
    'scopes-and-launch-context, identity data'
  ),
  IdTokenUnreadable: row(
    'the id_token is no signed JWT',
    "tell the server's makers",
    'OpenID Connect Core 1.0, section 3.1.3.7'
  ),
  IdTokenWrong: row(
    'a claim of the id_token is not what it must be',
    'the claim is named; a wrong nonce or aud may be an attack, a wrong exp or iat a wrong clock (clockSkewSeconds)',
    'OpenID Connect Core 1.0, section 3.1.3.7',
    'issuer',
    'clientId',
    'clockSkewSeconds',
    'idTokenAlgorithms'
  ),
  IdTokenKeyUnknown: row(
    'no single key of the issuer fits the id_token',
    'look at kid and alg of the id_token and of the key set',
    'OpenID Connect Core 1.0, section 10.1'
  ),
  IdTokenSignatureWrong: row(
    'the issuer did not sign this id_token',
    'trust nothing of this launch',
    'OpenID Connect Core 1.0, section 3.1.3.7'
  ),
  SessionUnknown: row('there is no such session', 'launch again', 'app-launch, step 5'),
  SessionLost: row(
    'the session is over: the server takes its refresh token no more, or there is none',
    'launch again',
    'app-launch, refresh',
    'sessionLifetimeSeconds'
  ),
  SessionBusy: row(
    'another process is refreshing and did not finish in time',
    'try again',
    'RFC 9700, section 4.14',
    'leaseSeconds'
  ),
  ScopeNotGranted: row(
    'a refresh can ask for no more than was granted',
    'launch again with the wider scope',
    'app-launch, refresh',
    'scope'
  ),
  NotRefreshable: row(
    'the session has no refresh token',
    'request offline_access or online_access',
    'scopes-and-launch-context, requesting a refresh token',
    'scope'
  ),
  AddressElsewhere: row(
    'the address is not below the FHIR base URL for which the token was issued',
    'leave it, or launch there; fetch files that need no token without the app',
    'app-launch, step 6'
  ),
  AddressMalformed: row(
    'the address holds a character that has no place in one',
    'encode what parameters say by encodeURIComponent, and leave fragments out',
    'RFC 3986, section 2'
  ),
  TokenInAddress: row('an access token has no place in an address', 'leave access_token out', 'RFC 6750, section 2.3'),
  ServerUnavailable: row(
    'the server did not answer',
    'try again; a session loses nothing, and a launch whose code was sent must be begun anew',
    'RFC 6749, section 4.1.3',
    'timeoutMilliseconds'
  ),
  ServerBusy: row(
    'the server answers no more requests for now (429 or 503)',
    'try again after retryAfterSeconds, if it says so; a launch whose code was sent must be begun anew',
    'RFC 6585, section 4; RFC 9110, section 10.2.3',
    'longestWaitSeconds'
  ),
  StoreUnavailable: row(
    'the store did not answer',
    'look at the store; in a browser: does it allow sessionStorage, and is there room in it?',
    'docs/architecture.md',
    'store'
  ),
  KeysUnavailable: row(
    'the port for the keys failed',
    'see the reason; private_key_jwt needs a private key that fits its alg',
    'docs/architecture.md',
    'signingKey',
    'keys'
  ),
  HostUnavailable: row(
    'a function of the host threw an error: the clock, random values, a digest, a pause, or the list of trusted ' +
      'servers',
    'see the reason',
    'docs/architecture.md'
  ),
  UnexpectedEvent: row(
    'a state machine received an event that it does not expect in this state',
    'report this as a defect of the toolkit',
    'docs/architecture.md'
  )
}

const namesOf = (names: ReadonlyArray<ToleranceName>): string => names.map((name) => `\`${name}\``).join(' or ')

const withTolerances = (advice: string, names: ReadonlyArray<ToleranceName>): string =>
  names.length === 0
    ? advice
    : `${advice}; if the server's makers confirm the deviation, accept it for this server: ` +
      `\`tolerances\`, ${namesOf(names)}`

const completed = (tag: AppFailureTag): AppFailureRow => {
  const tolerances = toleranceNames.filter((name) => toleranceTable[name].failures.includes(tag))
  return { ...ownRows[tag], advice: withTolerances(ownRows[tag].advice, tolerances), tolerances }
}

/** The rows of all failures. */
export const appFailureTable = Object.fromEntries(
  (Object.keys(ownRows) as ReadonlyArray<AppFailureTag>).map((tag) => [tag, completed(tag)])
) as Readonly<Record<AppFailureTag, AppFailureRow>>

/**
 * What a developer can do about one failure, with the tolerances that prevent exactly this one.
 *
 * @example
 * ```ts
 * import { failureAdvice } from 'smart-app-launch/app'
 *
 * failureAdvice({ _tag: 'PkceNotOffered' })
 * // => "the server must serve and list S256; if the server's makers confirm the deviation, " +
 * //    'accept it for this server: `tolerances`, `pkceNotListed`'
 * ```
 */
export const failureAdvice = (failure: AppFailure): string =>
  withTolerances(ownRows[failure._tag].advice, tolerancesFor(failure))
