/**
 * The abstraction of the grant machine: which facts of a state and an event decide about a step, and how each fact is
 * read off concrete values. The names are those of `GrantMachine.v`.
 */
import type { GrantEvent, GrantEventOf } from '../../../src/protocol/grant/events.js'
import type { Active, CodeIssued, Grant } from '../../../src/protocol/grant/state.js'
import type { SmartPolicy } from '../../../src/protocol/policy/policy.js'

/** A state, an event and a policy. */
export interface Situation {
  readonly policy: SmartPolicy
  readonly grant: Grant
  readonly event: GrantEvent
  /** Whether the registration of the client is still that of the request, as the sample was made. */
  readonly isRegistrationKept: boolean
}

/** A question, the facts that can answer it, and the answer in a situation. */
export interface Question {
  readonly facts: ReadonlyArray<string>
  readonly read: (situation: Situation) => string
}

const question = <Fact extends string>(facts: ReadonlyArray<Fact>, read: (situation: Situation) => Fact): Question => ({
  facts,
  read
})

const either = (yes: string, no: string, holds: (situation: Situation) => boolean): Question =>
  question([yes, no], (situation) => (holds(situation) ? yes : no))

// A question is put only where state and event have the members that it compares (see `questionsOf`).
const granted = ({ grant }: Situation) => grant as CodeIssued | Active
const active = ({ grant }: Situation) => grant as Active
const code = ({ event }: Situation) => event as GrantEventOf<'CodePresented'>
const refresh = ({ event }: Situation) => event as GrantEventOf<'RefreshTokenPresented'>
const revocation = ({ event }: Situation) => event as GrantEventOf<'TokenRevocationRequested'>
const decision = ({ event }: Situation) => event as GrantEventOf<'UserSignedIn'>

const clientIdOf = (event: GrantEvent): string | null =>
  event._tag === 'TokenRevocationRequested'
    ? event.clientId
    : event._tag === 'CodePresented' || event._tag === 'RefreshTokenPresented'
      ? event.client.clientId
      : null

const epochsOf = (situation: Situation): readonly [presented: number, current: number] | null => {
  const { token } = revocation(situation)
  return token._tag === 'AccessToken' ? [token.epoch, active(situation).epoch] : null
}

/** The questions, with their names in `GrantMachine.v`. */
export const questions = {
  QSecret: either('SecretRight', 'SecretWrong', (s) => granted(s).codeDigest === code(s).codeDigest),
  QServer: either('ServerOwn', 'ServerOther', (s) => granted(s).audience === code(s).server),
  QClient: either('ClientOwn', 'ClientOther', (s) => s.grant.clientId === clientIdOf(s.event)),
  QVerifier: question(['VerifierRight', 'VerifierWrong', 'VerifierMissing'], (s) => {
    const [challenge, presented] = [granted(s).codeChallenge, code(s).challengeOfVerifier]
    if (challenge !== null && presented === null) return 'VerifierMissing'
    const isUnprotected = challenge === null && presented === null && s.policy.pkce === 'optionalForV1Clients'
    return isUnprotected || (challenge !== null && challenge === presented) ? 'VerifierRight' : 'VerifierWrong'
  }),
  QTarget: either('TargetRight', 'TargetWrong', (s) => {
    const { target } = code(s)
    const withoutSlash = (url: string): string => url.replace(/\/$/, '')
    return (
      target === null ||
      target === granted(s).audience ||
      (s.policy.audMatch === 'trailingSlash' && withoutSlash(target) === withoutSlash(granted(s).audience))
    )
  }),
  QRedirect: either('RedirectRight', 'RedirectWrong', (s) => granted(s).redirectUri === code(s).redirectUri),
  QCodeClock: either('CodeInTime', 'CodeLate', (s) => s.event.now < (s.grant as CodeIssued).codeExpiresAt),
  QRegistration: either('RegistrationKept', 'RegistrationChanged', (s) => s.isRegistrationKept),
  QPermission: question(['PermissionUnknown', 'PermissionGiven', 'PermissionEnded'], (s) => {
    const { permission } = code(s)
    if (permission === null) return s.policy.accessPolicyChecks === 'always' ? 'PermissionUnknown' : 'PermissionGiven'
    return permission._tag === 'Ended' ? 'PermissionEnded' : 'PermissionGiven'
  }),
  QFailedBinding: either('FailedBindingRevokes', 'FailedBindingKeeps', (s) => s.policy.consumeCodeOnFailedBinding),
  QClientType: either(
    'ClientTypeKept',
    'ClientTypeLost',
    (s) => !(granted(s).clientType === 'confidential' && refresh(s).client.tokenEndpointAuthMethod === 'none')
  ),
  QRefresh: question(
    ['RefreshNone', 'RefreshOffline', 'RefreshOnline'],
    (s) => (({ none: 'RefreshNone', offline: 'RefreshOffline', online: 'RefreshOnline' }) as const)[granted(s).refresh]
  ),
  QGrantClock: either('GrantInTime', 'GrantLate', (s) => {
    const { endsAt, rotatedAt } = active(s)
    return s.event.now < endsAt && s.event.now < rotatedAt + s.policy.refreshTokenIdleSeconds
  }),
  QGeneration: question(['GenerationAhead', 'GenerationCurrent', 'GenerationPrevious', 'GenerationOlder'], (s) => {
    const ahead = refresh(s).generation - active(s).generation
    if (ahead > 0) return 'GenerationAhead'
    return ahead === 0 ? 'GenerationCurrent' : ahead === -1 ? 'GenerationPrevious' : 'GenerationOlder'
  }),
  QGrace: either('GraceOpen', 'GraceClosed', (s) => s.event.now < active(s).rotatedAt + s.policy.reuseGraceSeconds),
  QRepeated: either('WasRepeated', 'NotRepeated', (s) => active(s).wasRepeated),
  QSession: question(
    ['SessionUnknown', 'SessionLasts', 'SessionOver'],
    (s) => (({ unknown: 'SessionUnknown', yes: 'SessionLasts', no: 'SessionOver' }) as const)[refresh(s).online]
  ),
  QRotation: either(
    'RotationOn',
    'RotationOff',
    (s) => s.policy.rotateRefreshTokens === 'always' || refresh(s).client.tokenEndpointAuthMethod === 'none'
  ),
  QToken: either('TokenIsRefresh', 'TokenIsAccess', (s) => revocation(s).token._tag === 'RefreshToken'),
  QEpoch: question(['EpochAhead', 'EpochCurrent', 'EpochOlder'], (s) => {
    const [presented, current] = epochsOf(s) ?? [0, 0]
    return presented > current ? 'EpochAhead' : presented === current ? 'EpochCurrent' : 'EpochOlder'
  }),
  QTokenClock: either('TokenInTime', 'TokenLate', (s) => {
    const { token, now } = revocation(s)
    return token._tag === 'RefreshToken' || now < token.expiresAt
  }),
  QAccessRevocation: either(
    'RevocationOfAccess',
    'RevocationOfGrant',
    (s) => s.policy.accessTokenRevocation === 'accessTokens'
  ),
  QBrowser: either(
    'BrowserRight',
    'BrowserWrong',
    (s) => (s.grant as Extract<Grant, { _tag: 'AwaitingUser' }>).browserDigest === decision(s).browserDigest
  ),
  QForm: either('FormRight', 'FormWrong', (s) => decision(s).formToken === decision(s).expectedFormToken),
  QInteractionClock: either(
    'InteractionInTime',
    'InteractionLate',
    (s) => s.event.now < (s.grant as Extract<Grant, { _tag: 'AwaitingUser' }>).interactionEndsAt
  ),
  QUser: either('UserSame', 'UserOther', (s) => decision(s).present?.sub === granted(s).user.sub),
  QSignIn: either('SignInRecent', 'SignInOld', (s) => {
    const { present } = decision(s)
    return present === null || present.authTime >= (s.grant as Extract<Grant, { _tag: 'AwaitingUser' }>).signedInSince
  })
} as const satisfies Readonly<Record<string, Question>>

export type QuestionName = keyof typeof questions

const afterConsent: ReadonlyArray<string> = ['CodeIssued', 'Active']
const conversing: ReadonlyArray<string> = ['AwaitingUser', 'AwaitingContext', 'AwaitingConsent']

/**
 * The questions of a state and an event, in the order of the rules: those whose members both have. Everything else that
 * a step looks at (scopes, contexts) is not a question: the relation then has every outcome that the samples have.
 */
export const questionsOf = (state: Grant['_tag'], event: GrantEvent['_tag']): ReadonlyArray<QuestionName> => {
  const isGranted = afterConsent.includes(state)
  const isConversing = conversing.includes(state)
  const server: ReadonlyArray<QuestionName> = isGranted || isConversing || state === 'Backend' ? ['QServer'] : []
  switch (event) {
    case 'CodePresented':
      if (!isGranted) return [...server, 'QClient', 'QPermission', 'QFailedBinding']
      return [
        'QSecret',
        ...server,
        'QClient',
        'QVerifier',
        'QTarget',
        'QRedirect',
        'QFailedBinding',
        ...(state === 'CodeIssued' ? (['QCodeClock'] as const) : []),
        'QRegistration',
        'QPermission'
      ]
    case 'RefreshTokenPresented':
      if (state !== 'Active') return [...server, 'QClient', 'QPermission', 'QSession', 'QRotation']
      return [
        ...server,
        'QClient',
        'QClientType',
        'QRefresh',
        'QTarget',
        'QGrantClock',
        'QGeneration',
        'QRepeated',
        'QGrace',
        'QSession',
        'QPermission',
        'QRotation'
      ]
    case 'RevocationRequested':
      return []
    case 'TokenRevocationRequested':
      return [
        'QClient',
        ...server,
        'QToken',
        ...(state === 'Active' || state === 'Backend' ? (['QEpoch'] as const) : []),
        'QTokenClock',
        'QAccessRevocation'
      ]
    default:
      if (!isConversing) return server
      return [
        ...server,
        'QBrowser',
        'QForm',
        'QInteractionClock',
        ...(state === 'AwaitingUser' ? [] : (['QUser', 'QSignIn'] as const)),
        'QRegistration'
      ]
  }
}

/** The facts of a situation, in the order of the questions. */
export const factsOf = (situation: Situation): ReadonlyArray<string> =>
  questionsOf(situation.grant._tag, situation.event._tag).map((name) => questions[name].read(situation))
