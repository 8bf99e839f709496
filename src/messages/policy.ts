/**
 * The switches: where the specification allows several readings, a field of {@link SmartPolicy} names the choice.
 * Every machine takes the policy as data.
 *
 * @module
 */
import * as t from 'io-ts'

/** The codec of each switch of {@link SmartPolicy}. */
export const policySwitches = {
  /** Which release of the guide the server speaks. */
  specVersion: t.keyof({ '2.0.0': null, '2.1.0': null, '2.2.0': null }),
  /** A malformed scope (`patient/Observation.sr`) is left out of the grant, or refuses the request. */
  malformedScope: t.keyof({ ignore: null, reject: null }),
  /** A well-formed scope that is not registered for the client or not known is left out, or refuses the request. */
  unknownScope: t.keyof({ ignore: null, reject: null }),
  /** Which error says that nothing that was requested can be granted. */
  emptyGrant: t.keyof({ access_denied: null, invalid_scope: null }),
  /** The `launch` parameter without the `launch` scope. */
  launchParamWithoutScope: t.keyof({ accept: null, reject: null }),
  /** The `launch` scope without the `launch` parameter. */
  launchScopeWithoutParam: t.keyof({ reject: null, treatAsStandalone: null }),
  /** How `aud` is compared with the FHIR base URL: as it is, or also with one slash more or less at its end. */
  audMatch: t.keyof({ trailingSlash: null, exact: null }),
  /** Whether a native client's registered loopback redirect URI matches on any port (RFC 8252, section 7.3). */
  loopbackPort: t.keyof({ anyPort: null, exact: null }),
  /** How a client's id and secret are decoded from HTTP Basic: form-decoded (RFC 6749), as they are, or either. */
  basicEncoding: t.keyof({ both: null, rfc6749: null, raw: null }),
  /** Whether an authenticated client that presents a code with a wrong redirect_uri or code_verifier loses the code. */
  consumeCodeOnFailedBinding: t.boolean,
  /** For how many seconds (0 to 10) a client that lost the answer may present its last refresh token again. */
  reuseGraceSeconds: t.number,
  /** Whether `openid fhirUser` allows to read that one resource. */
  fhirUserImpliesRead: t.boolean,
  /** Whether a refresh answers with a new id_token. */
  idTokenOnRefresh: t.boolean,
  /** Life of an authorization code; at most 600. */
  codeLifetimeSeconds: t.number,
  /** Life of an access token; at most 3600 is recommended. */
  accessTokenLifetimeSeconds: t.number,
  /** Life of a refresh token, counted from the authorization and not from the last refresh. */
  refreshTokenLifetimeSeconds: t.number,
  /** Life of an EHR launch handle. */
  launchLifetimeSeconds: t.number,
  /** How long a user may take to sign in, choose and consent. */
  interactionLifetimeSeconds: t.number
}

/** Every choice that the toolkit leaves to its host. */
export type SmartPolicy = { readonly [Name in keyof typeof policySwitches]: t.TypeOf<(typeof policySwitches)[Name]> }

/** The strict reading that still works with honest clients. */
export const defaultPolicy: SmartPolicy = {
  specVersion: '2.0.0',
  malformedScope: 'ignore',
  unknownScope: 'ignore',
  emptyGrant: 'access_denied',
  launchParamWithoutScope: 'accept',
  launchScopeWithoutParam: 'reject',
  audMatch: 'trailingSlash',
  loopbackPort: 'anyPort',
  basicEncoding: 'both',
  consumeCodeOnFailedBinding: true,
  reuseGraceSeconds: 0,
  fhirUserImpliesRead: true,
  idTokenOnRefresh: false,
  codeLifetimeSeconds: 60,
  accessTokenLifetimeSeconds: 3600,
  refreshTokenLifetimeSeconds: 2592000,
  launchLifetimeSeconds: 300,
  interactionLifetimeSeconds: 600
}
