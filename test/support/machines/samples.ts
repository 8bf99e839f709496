/** Sample clients, grants and events that the machine tests share. */
import { createHash } from 'node:crypto'
import type { GrantEvent, UserDecision } from '../../../src/protocol/grant/events.js'
import type { RegisteredClient } from '../../../src/protocol/client/client.js'
import type { SignedInUser } from '../../../src/protocol/launch/launch-context.js'
import type { PolicyDecision } from '../../../src/protocol/scope-policy/policy-decision.js'
import type { SmartPolicy } from '../../../src/protocol/policy/policy.js'
import { builtInSide } from '../../../src/protocol/scope-policy/resource-side-check.js'
import type { ScopeOffer } from '../../../src/protocol/scope-policy/scope-policy.js'
import { parsedScope } from '../../../src/protocol/scope-policy/parsed-scope.js'
import { defaultFeatures } from '../../../src/protocol/discovery/features.js'
import { defaultPolicy } from '../../../src/protocol/policy/policy.js'
import type { AwaitingUser } from '../../../src/protocol/grant/state.js'
import { parse } from '../../../src/scopes/parse.js'

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url')

export const scope = 'launch/patient openid fhirUser offline_access patient/*.rs user/Observation.rs'

export const verifier = 'v'.repeat(43)

export const client: RegisteredClient = {
  clientId: 'app',
  clientName: 'App',
  redirectUris: ['https://app.example/cb'],
  launchUris: ['https://app.example/launch'],
  scope: parse(`${scope} launch launch/encounter`),
  grantTypes: ['authorization_code', 'refresh_token'],
  tokenEndpointAuthMethod: 'none',
  secretDigests: [],
  applicationType: 'web'
}

export const policy: SmartPolicy = { ...defaultPolicy, reuseGraceSeconds: 5 }

export const opened: AwaitingUser = {
  _tag: 'AwaitingUser',
  grantId: 'grant-1',
  clientId: 'app',
  writeId: 'opening',
  recordExpiresAt: 2000,
  clientType: 'public',
  redirectUri: 'https://app.example/cb',
  state: 'state-1',
  scope,
  audience: 'https://ehr.example/fhir',
  codeChallenge: sha256(verifier),
  nonce: null,
  prompts: [],
  signedInSince: 0,
  browserDigest: 'browser',
  interactionEndsAt: 1600,
  launchKey: null,
  context: {},
  launchedBy: null
}

export const alice: SignedInUser = { sub: 'alice', fhirUser: 'Practitioner/p1', authTime: 990 }

/** The scope of the samples. */
export const parsed = parsedScope(scope)

/** A decision from the right browser. */
export const decision = (now = 1000, writeId = 'decision'): UserDecision => ({
  now,
  writeId,
  server: 'https://ehr.example/fhir',
  browserDigest: 'browser',
  formToken: 'form',
  expectedFormToken: 'form',
  parsed,
  present: alice,
  client,
  methods: ['none', 'client_secret_basic', 'private_key_jwt']
})

/** What the host's policy permits: everything. */
export const permission: PolicyDecision = { _tag: 'Permitted', scope: parsed }

export const signedIn: GrantEvent = {
  _tag: 'UserSignedIn',
  ...decision(),
  user: alice,
  permission,
  choosable: ['patient', 'encounter']
}

export const chosen: GrantEvent = { _tag: 'ContextChosen', ...decision(), context: { patient: '123' } }

export const consented: GrantEvent = {
  _tag: 'ConsentGiven',
  ...decision(),
  approvedScope: parsed,
  permission,
  codeDigest: sha256('code'),
  launchRefusal: null
}

export const codePresented = (change: Partial<Extract<GrantEvent, { _tag: 'CodePresented' }>> = {}): GrantEvent => ({
  _tag: 'CodePresented',
  now: 1010,
  writeId: 'exchange',
  codeDigest: sha256('code'),
  server: 'https://ehr.example/fhir',
  client,
  redirectUri: 'https://app.example/cb',
  challengeOfVerifier: sha256(verifier),
  target: null,
  permission,
  parsed: null,
  ...change
})

export const refreshPresented = (
  generation: number,
  change: Partial<Extract<GrantEvent, { _tag: 'RefreshTokenPresented' }>> = {}
): GrantEvent => ({
  _tag: 'RefreshTokenPresented',
  now: 1020,
  writeId: 'refresh',
  server: 'https://ehr.example/fhir',
  client,
  generation,
  scope: null,
  target: null,
  online: 'unknown',
  permission,
  parsed: null,
  ...change
})

export const contextUnavailable: GrantEvent = { _tag: 'ContextUnavailable', ...decision(), context: {} }

export const pageNeeded: GrantEvent = { _tag: 'PageNeeded', ...decision() }

/** What the server of the samples offers. */
export const offer: ScopeOffer = { ...defaultFeatures, defaultScope: [], onlineAccess: true, side: builtInSide }

export const authenticationSettings = {
  policy,
  issuer: 'https://ehr.example',
  tokenEndpoint: 'https://ehr.example/token',
  algorithms: ['RS384', 'ES384'],
  methods: defaultFeatures.authenticationMethods
}

export const tokenRevocationRequested = (
  change: Partial<Extract<GrantEvent, { _tag: 'TokenRevocationRequested' }>> = {}
): GrantEvent => ({
  _tag: 'TokenRevocationRequested',
  server: 'https://ehr.example/fhir',
  now: 1030,
  writeId: 'revocation',
  clientId: 'app',
  token: { _tag: 'AccessToken', epoch: 0, expiresAt: 4600 },
  ...change
})

export const revocationRequested: GrantEvent = { _tag: 'RevocationRequested', now: 1030, writeId: 'revocation' }
