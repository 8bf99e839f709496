/**
 * The failures of an app.
 *
 * @module
 */
/** The reason of a failure. The tag is a sentence. */
export type AppFailure =
  // Launch
  | { readonly _tag: 'LaunchUnreadable' }
  | { readonly _tag: 'LaunchParameterMissing'; readonly name: 'iss' | 'launch' }
  | { readonly _tag: 'LaunchParameterRepeated'; readonly name: string }
  | { readonly _tag: 'IssMalformed' }
  | { readonly _tag: 'IssNotTrusted'; readonly iss: string }
  | { readonly _tag: 'LaunchDataUnusable'; readonly reason: string }
  | { readonly _tag: 'PageElsewhere'; readonly page: string; readonly redirectUri: string }
  | { readonly _tag: 'PageInsecure'; readonly page: string }
  // Discovery
  | { readonly _tag: 'DiscoveryFailed'; readonly url: string; readonly status: number }
  | { readonly _tag: 'DiscoveryRedirected'; readonly url: string; readonly location: string | null }
  | { readonly _tag: 'DocumentUnreadable'; readonly url: string }
  | { readonly _tag: 'IdentityUnavailable'; readonly url: string; readonly reason: string }
  | { readonly _tag: 'EndpointMissing'; readonly member: string }
  | { readonly _tag: 'EndpointInsecure'; readonly member: string; readonly url: string }
  | { readonly _tag: 'EndpointElsewhere'; readonly member: string; readonly url: string }
  | { readonly _tag: 'IssuerDiffers'; readonly expected: string; readonly found: string }
  | { readonly _tag: 'IssuerMissing' }
  | { readonly _tag: 'PkceNotOffered' }
  | { readonly _tag: 'AuthenticationNotOffered'; readonly offered: ReadonlyArray<string> }
  | {
      readonly _tag: 'AlgorithmNotOffered'
      readonly own: ReadonlyArray<string>
      readonly offered: ReadonlyArray<string>
    }
  // Callback
  | { readonly _tag: 'CallbackUnreadable' }
  | { readonly _tag: 'CallbackParameterRepeated'; readonly name: string }
  | { readonly _tag: 'StateMissing' }
  | { readonly _tag: 'StateDiffers' }
  | { readonly _tag: 'StateUsed' }
  | { readonly _tag: 'LaunchTooOld' }
  | { readonly _tag: 'ResponseIssuerMissing' }
  | { readonly _tag: 'ResponseIssuerDiffers'; readonly found: string }
  | { readonly _tag: 'ArrivedElsewhere'; readonly redirectUri: string }
  | { readonly _tag: 'AuthorizationRefused'; readonly error: string; readonly description: string | null }
  | { readonly _tag: 'CodeMissing' }
  // Token endpoint
  | {
      readonly _tag: 'TokenRefused'
      readonly status: number
      readonly error: string | null
      readonly description: string | null
    }
  | { readonly _tag: 'TokenResponseMalformed'; readonly member: string; readonly expected: string }
  | { readonly _tag: 'TokenTypeUnknown'; readonly tokenType: string }
  | { readonly _tag: 'ScopeTooComplex' }
  // id_token
  | { readonly _tag: 'IdTokenMissing' }
  | { readonly _tag: 'IdTokenUnreadable' }
  | { readonly _tag: 'IdTokenWrong'; readonly claim: string; readonly expected: string }
  | { readonly _tag: 'IdTokenKeyUnknown' }
  | { readonly _tag: 'IdTokenSignatureWrong' }
  // Session
  | { readonly _tag: 'SessionUnknown' }
  | { readonly _tag: 'SessionLost'; readonly error: string }
  | { readonly _tag: 'SessionBusy' }
  | { readonly _tag: 'ScopeNotGranted'; readonly scope: string }
  | { readonly _tag: 'NotRefreshable' }
  // FHIR
  | { readonly _tag: 'AddressElsewhere'; readonly url: string }
  | { readonly _tag: 'AddressMalformed'; readonly url: string }
  | { readonly _tag: 'TokenInAddress' }
  // Ports
  | { readonly _tag: 'ServerUnavailable'; readonly reason: string }
  | { readonly _tag: 'ServerBusy'; readonly status: number; readonly retryAfterSeconds: number | null }
  | { readonly _tag: 'StoreUnavailable' }
  | { readonly _tag: 'KeysUnavailable'; readonly reason: string }
  | { readonly _tag: 'HostUnavailable'; readonly reason: string }
  | { readonly _tag: 'UnexpectedEvent'; readonly machine: string; readonly state: string; readonly event: string }

/** The name of a failure. */
export type AppFailureTag = AppFailure['_tag']
