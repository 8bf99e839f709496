/** What each decision means, in a sentence, with the part of the specification about it. */
import type { AuditEvent } from '../../engine/ports.js'

/** The groups of decisions by which the log is filtered. */
export const logKinds = {
  refusals: 'Refusals',
  launch: 'Launch and consent',
  tokens: 'Codes and tokens',
  registration: 'Registration',
  fhir: 'FHIR access'
} as const

/** The name of a group of decisions. */
export type LogKind = keyof typeof logKinds

/** A decision in words. */
export interface DecisionWords {
  readonly words: string
  readonly kind: LogKind
  /** The source, as the refusal tables name it. */
  readonly anchor: string
}

const clinicalScopes = 'scopes-and-launch-context#scopes-for-requesting-clinical-data'

/** The words for a permitted interaction with one resource, which is read or written as a whole. */
export const checkedWords = 'permitted, because the token covers the resource'

/** The words for each decision. */
export const decisionWords: Readonly<Record<AuditEvent['decision'], DecisionWords>> = {
  LaunchOffered: {
    words: 'The record system opened the app with a launch.',
    kind: 'launch',
    anchor: 'app-launch#step-2-launch-ehr'
  },
  AuthorizationRequested: {
    words: 'The app requested authorization.',
    kind: 'launch',
    anchor: 'app-launch#step-4-authorization-code'
  },
  UserSignedIn: { words: 'The user of the request is known.', kind: 'launch', anchor: 'rfc6749#section-3.1' },
  ContextChosen: {
    words: 'The user is known, and so is what the app works on.',
    kind: 'launch',
    anchor: 'scopes-and-launch-context#scopes-for-requesting-context-data'
  },
  CodeIssued: {
    words: 'The user gave consent, and the app got a code.',
    kind: 'launch',
    anchor: 'rfc6749#section-4.1.2'
  },
  TokensIssued: { words: 'The app got tokens.', kind: 'tokens', anchor: 'app-launch#step-5-access-token' },
  TokenAccepted: { words: 'An access token was accepted.', kind: 'tokens', anchor: 'rfc6750#section-2.1' },
  GrantRevoked: { words: 'The grant was revoked.', kind: 'tokens', anchor: 'rfc7009#section-2.1' },
  AccessTokensRevoked: {
    words: 'The access tokens of the grant were revoked.',
    kind: 'tokens',
    anchor: 'rfc7009#section-2.1'
  },
  TokenIntrospected: { words: 'A token was introspected.', kind: 'tokens', anchor: 'rfc7662#section-2.1' },
  ClientRegistered: { words: 'An app was registered.', kind: 'registration', anchor: 'rfc7591#section-3.1' },
  RegistrationRead: {
    words: 'The registration of an app was read.',
    kind: 'registration',
    anchor: 'rfc7592#section-2.1'
  },
  RegistrationChanged: {
    words: 'The registration of an app was changed.',
    kind: 'registration',
    anchor: 'rfc7592#section-2.2'
  },
  RegistrationRemoved: {
    words: 'The registration of an app was removed.',
    kind: 'registration',
    anchor: 'rfc7592#section-2.3'
  },
  SecretRotated: { words: 'An app got a new secret.', kind: 'registration', anchor: 'rfc7591#section-3.1' },
  Refused: { words: 'The request was refused.', kind: 'refusals', anchor: 'rfc6749#section-5.2' },
  AccessPermitted: { words: 'permitted', kind: 'fhir', anchor: clinicalScopes },
  AccessFiltered: {
    words: 'permitted, with the results restricted to what the token covers',
    kind: 'fhir',
    anchor: clinicalScopes
  },
  AccessDenied: { words: 'denied', kind: 'refusals', anchor: clinicalScopes },
  AccessFailed: { words: 'not possible', kind: 'refusals', anchor: clinicalScopes }
}
