/** Concrete situations: one or more for each combination of facts, and random ones that look at no facts. */
import { questions, questionsOf } from './facts.js'
import type { QuestionName, Situation } from './facts.js'
import {
  alice,
  chosen,
  client as sampleClient,
  codePresented,
  consented,
  contextUnavailable,
  decision,
  opened,
  pageNeeded,
  parsed,
  permission,
  policy as samplePolicy,
  refreshPresented,
  revocationRequested,
  scope,
  signedIn,
  tokenRevocationRequested
} from '../../support/machines/samples.js'
import type { RegisteredClient } from '../../../src/protocol/client/client.js'
import type { GrantEvent } from '../../../src/protocol/grant/events.js'
import type { Active, Grant } from '../../../src/protocol/grant/state.js'
import type { SmartPolicy } from '../../../src/protocol/policy/policy.js'
import { parsedScope } from '../../../src/protocol/scope-policy/parsed-scope.js'
import { parse } from '../../../src/scopes/parse.js'

export const states = [
  'AwaitingUser',
  'AwaitingContext',
  'AwaitingConsent',
  'CodeIssued',
  'Active',
  'Backend',
  'Denied',
  'Revoked',
  'Expired'
] as const satisfies ReadonlyArray<Grant['_tag']>

export const events = [
  'UserSignedIn',
  'ContextChosen',
  'ContextUnavailable',
  'PageNeeded',
  'ConsentGiven',
  'UserDenied',
  'CodePresented',
  'RefreshTokenPresented',
  'RevocationRequested',
  'TokenRevocationRequested'
] as const satisfies ReadonlyArray<GrantEvent['_tag']>

/** A client that is registered for both kinds of refresh tokens. */
const client: RegisteredClient = { ...sampleClient, scope: parse(`${scope} online_access launch launch/encounter`) }

/** Anything of a situation that a fact or a random choice may change. */
interface Parts {
  readonly policy: SmartPolicy
  readonly grant: Readonly<Record<string, unknown>>
  readonly event: Readonly<Record<string, unknown>>
  readonly client: RegisteredClient
  readonly isRegistrationKept: boolean
}

const policy: SmartPolicy = { ...samplePolicy, emptyGrant: 'access_denied', reuseGraceSeconds: 5 }

const conversation = { ...opened, scope, context: {}, user: alice }

const afterConsent = {
  grantId: opened.grantId,
  clientId: opened.clientId,
  writeId: 'consent',
  recordExpiresAt: 200_000,
  clientType: 'public',
  redirectUri: opened.redirectUri,
  scope,
  audience: opened.audience,
  codeChallenge: opened.codeChallenge,
  codeDigest: (consented as Extract<GrantEvent, { _tag: 'ConsentGiven' }>).codeDigest,
  nonce: null,
  user: alice,
  context: { patient: '123' },
  refresh: 'offline',
  endsAt: 100_000
} as const

const over = { grantId: opened.grantId, clientId: opened.clientId, writeId: 'end', recordExpiresAt: 200_000, at: 1000 }

const { launchedBy: _launchedBy, ...conversing } = conversation

const grants: Readonly<Record<Grant['_tag'], Readonly<Record<string, unknown>>>> = {
  AwaitingUser: opened,
  AwaitingContext: { ...conversing, _tag: 'AwaitingContext', needs: ['patient'] },
  AwaitingConsent: { ...conversing, _tag: 'AwaitingConsent', context: { patient: '123' } },
  CodeIssued: { ...afterConsent, _tag: 'CodeIssued', codeExpiresAt: 2000 },
  Active: { ...afterConsent, _tag: 'Active', generation: 5, rotatedAt: 3000, wasRepeated: false, epoch: 5 },
  Backend: {
    _tag: 'Backend',
    grantId: opened.grantId,
    clientId: opened.clientId,
    writeId: 'opening',
    recordExpiresAt: 200_000,
    scope: 'system/*.rs',
    audience: opened.audience,
    epoch: 5,
    endsAt: 100_000
  },
  Denied: { ...over, _tag: 'Denied' },
  Revoked: { ...over, _tag: 'Revoked', why: 'Asked' },
  Expired: { ...over, _tag: 'Expired' }
}

const samples: Readonly<Record<GrantEvent['_tag'], GrantEvent>> = {
  UserSignedIn: signedIn,
  ContextChosen: chosen,
  ContextUnavailable: contextUnavailable,
  PageNeeded: pageNeeded,
  ConsentGiven: consented,
  UserDenied: { _tag: 'UserDenied', ...decision() },
  CodePresented: codePresented({ now: 1999 }),
  RefreshTokenPresented: refreshPresented(5, { now: 3003 }),
  RevocationRequested: revocationRequested,
  TokenRevocationRequested: tokenRevocationRequested({ token: { _tag: 'AccessToken', epoch: 5, expiresAt: 4600 } })
}

type Change = (parts: Parts) => Partial<Parts>

const inGrant =
  (change: object): Change =>
  ({ grant }) => ({ grant: { ...grant, ...change } })
const inEvent =
  (change: object): Change =>
  ({ event }) => ({ event: { ...event, ...change } })
/** One policy object for one change of another, so that one machine serves all situations with it. */
const inPolicy = (change: Partial<SmartPolicy>): Change => {
  const made = new WeakMap<SmartPolicy, SmartPolicy>()
  return (parts) => {
    const known = made.get(parts.policy) ?? { ...parts.policy, ...change }
    made.set(parts.policy, known)
    return { policy: known }
  }
}
const inClient =
  (change: Partial<RegisteredClient>): Change =>
  (parts) => ({ client: { ...parts.client, ...change } })
const both =
  (...changes: ReadonlyArray<Change>): Change =>
  (parts) =>
    changes.reduce<Parts>((all, change) => ({ ...all, ...change(all) }), parts)

const nothing: Change = () => ({})
const inToken =
  (change: object): Change =>
  (parts) => ({
    event: { ...parts.event, token: { ...(parts.event['token'] as object), ...change } }
  })

/** How a fact is brought about: one or more ways, which the variants of a combination take in turn. */
const ways: Readonly<Record<string, ReadonlyArray<Change>>> = {
  SecretWrong: [inEvent({ codeDigest: 'another' })],
  ServerOther: [inEvent({ server: 'https://other.example/fhir' })],
  ClientOther: [both(inClient({ clientId: 'another' }), inEvent({ clientId: 'another' }))],
  VerifierWrong: [
    inEvent({ challengeOfVerifier: 'another' }),
    inGrant({ codeChallenge: null }),
    both(inGrant({ codeChallenge: null }), inEvent({ challengeOfVerifier: null }))
  ],
  VerifierMissing: [inEvent({ challengeOfVerifier: null })],
  TargetWrong: [inEvent({ target: 'https://other.example/fhir' })],
  TargetRight: [nothing, inEvent({ target: opened.audience })],
  RedirectWrong: [inEvent({ redirectUri: 'https://app.example/other' })],
  CodeLate: [inEvent({ now: 2000 }), inEvent({ now: 2500 })],
  RegistrationChanged: [
    both(inClient({ redirectUris: ['https://app.example/moved'] }), () => ({ isRegistrationKept: false })),
    both(inClient({ scope: parse('fhirUser') }), () => ({ isRegistrationKept: false })),
    both(inClient({ tokenEndpointAuthMethod: 'client_secret_basic' }), () => ({ isRegistrationKept: false }))
  ],
  PermissionUnknown: [inEvent({ permission: null })],
  PermissionGiven: [
    inEvent({ permission }),
    both(inEvent({ permission: null }), inPolicy({ accessPolicyChecks: 'atSignIn' })),
    inEvent({ permission: { _tag: 'Permitted', scope: parsedScope('user/Condition.r') } })
  ],
  PermissionEnded: [inEvent({ permission: { _tag: 'Ended' } })],
  FailedBindingKeeps: [inPolicy({ consumeCodeOnFailedBinding: false })],
  ClientTypeLost: [inGrant({ clientType: 'confidential' })],
  RefreshNone: [inGrant({ refresh: 'none' })],
  RefreshOnline: [inGrant({ refresh: 'online', scope: scope.replace('offline', 'online') })],
  GrantLate: [inGrant({ endsAt: 3003 }), inGrant({ endsAt: 3001 })],
  GenerationAhead: [inEvent({ generation: 6 }), inEvent({ generation: 9 })],
  GenerationPrevious: [inEvent({ generation: 4 })],
  GenerationOlder: [inEvent({ generation: 3 }), inEvent({ generation: 0 })],
  WasRepeated: [inGrant({ wasRepeated: true })],
  GraceClosed: [inPolicy({ reuseGraceSeconds: 0 }), inPolicy({ reuseGraceSeconds: 3 })],
  SessionLasts: [inEvent({ online: 'yes' })],
  SessionOver: [inEvent({ online: 'no' })],
  RotationOff: [
    both(inPolicy({ rotateRefreshTokens: 'publicOnly' }), inClient({ tokenEndpointAuthMethod: 'client_secret_basic' }))
  ],
  TokenIsRefresh: [inEvent({ token: { _tag: 'RefreshToken' } })],
  EpochAhead: [inToken({ epoch: 6 }), inToken({ epoch: 9 })],
  EpochOlder: [inToken({ epoch: 4 }), inToken({ epoch: 0 })],
  TokenLate: [inToken({ expiresAt: 1030 }), inToken({ expiresAt: 1000 })],
  RevocationOfGrant: [inPolicy({ accessTokenRevocation: 'wholeGrant' })],
  BrowserWrong: [inEvent({ browserDigest: 'another' })],
  FormWrong: [inEvent({ formToken: 'another' })],
  InteractionLate: [inEvent({ now: 1600 }), inEvent({ now: 1700 })],
  UserOther: [inEvent({ present: { ...alice, sub: 'mallory' } }), inEvent({ present: null })],
  SignInOld: [inGrant({ signedInSince: 991 })]
}

/** What is no question: scopes, contexts and the host's decisions. */
const details: Readonly<Partial<Record<GrantEvent['_tag'], ReadonlyArray<Change>>>> = {
  UserSignedIn: [
    inEvent({ choosable: [] }),
    inGrant({ context: { patient: '123' } }),
    inGrant({ launchedBy: 'bob' }),
    inGrant({ scope: 'openid online_access user/Observation.rs' }),
    inEvent({ permission: { _tag: 'Ended' } }),
    inEvent({ permission: { _tag: 'Permitted', scope: parsedScope('') } }),
    both(inEvent({ choosable: [] }), inPolicy({ noPatientAvailable: 'deny' })),
    both(
      inEvent({ permission: { _tag: 'Permitted', scope: parsedScope('') } }),
      inPolicy({ emptyGrant: 'emptyString' })
    ),
    inGrant({ signedInSince: 991 })
  ],
  ContextChosen: [inEvent({ context: {} }), inEvent({ context: { patient: '1', encounter: '2' } })],
  ContextUnavailable: [inPolicy({ noPatientAvailable: 'deny' }), inEvent({ context: { patient: '1' } })],
  ConsentGiven: [
    inEvent({ approvedScope: parsedScope('') }),
    inEvent({ approvedScope: parsedScope('openid user/Observation.r') }),
    inEvent({ permission: { _tag: 'Ended' } }),
    inEvent({ permission: { _tag: 'Permitted', scope: parsedScope('user/Observation.r') } }),
    inEvent({ launchRefusal: { _tag: 'LaunchAlreadyUsed' } }),
    both(inEvent({ approvedScope: parsedScope('') }), inPolicy({ emptyGrant: 'emptyString' }))
  ],
  CodePresented: [inClient({ grantTypes: ['authorization_code'] })],
  RefreshTokenPresented: [
    inEvent({ scope: 'patient/Observation.r' }),
    inEvent({ scope: 'patient/Observation.c' }),
    inClient({ scope: parse('fhirUser') })
  ]
}

const situationOf = ({
  policy: chosenPolicy,
  grant,
  event,
  client: registered,
  isRegistrationKept
}: Parts): Situation => ({
  policy: chosenPolicy,
  grant: grant as unknown as Grant,
  event: ('client' in event ? { ...event, client: registered } : event) as unknown as GrantEvent,
  isRegistrationKept
})

const apply = (parts: Parts, changes: ReadonlyArray<Change>): Parts =>
  changes.reduce<Parts>((all, change) => (change === nothing ? all : { ...all, ...change(all) }), parts)

const start = (state: Grant['_tag'], event: GrantEvent['_tag']): Parts => ({
  policy,
  grant: grants[state],
  event: { ...samples[event] },
  client,
  isRegistrationKept: true
})

/**
 * The situations of a combination of facts: each of the ways to bring about its facts, with each of the details. A
 * combination that no situation has (a client without a secret whose tokens are not rotated) has none.
 */
export const situationsOf = (
  state: Grant['_tag'],
  event: GrantEvent['_tag'],
  facts: ReadonlyArray<string>
): ReadonlyArray<Situation> => {
  const names = questionsOf(state, event)
  const chosenWays = facts.map((fact) => ways[fact] ?? [nothing])
  const variants = Math.max(1, ...chosenWays.map((all) => all.length))
  const inWay = (variant: number, detail: Change): Situation =>
    situationOf(apply(start(state, event), [...chosenWays.map((all) => all[variant % all.length] ?? nothing), detail]))
  return [
    ...Array.from({ length: variants }, (_, variant) => inWay(variant, nothing)),
    ...(details[event] ?? []).map((detail, place) => inWay(place % variants, detail))
  ].filter((situation) => names.every((name, place) => questions[name].read(situation) === facts[place]))
}

/** Every combination of facts of a state and an event. */
export const combinations = (names: ReadonlyArray<QuestionName>): ReadonlyArray<ReadonlyArray<string>> =>
  names.reduce<ReadonlyArray<ReadonlyArray<string>>>(
    (all, name) => all.flatMap((facts) => questions[name].facts.map((fact) => [...facts, fact])),
    [[]]
  )

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export const randomNumbers = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}

/**
 * A random situation: numbers of any size, texts of any content, and policies, that are drawn without a look at the
 * facts. Members are often left as in the samples, so that every row is reached.
 */
export const anySituation = (
  random: () => number,
  only: { readonly state: Grant['_tag']; readonly event: GrantEvent['_tag'] } | null = null
): Situation => {
  const upTo = (most: number): number => Math.floor(random() * (most + 1))
  const one = <Thing>(of: ReadonlyArray<Thing>): Thing => of[upTo(of.length - 1)] as Thing
  const often = <Thing>(usual: Thing, rare: () => Thing): Thing => (random() < 0.85 ? usual : rare())
  const text = (): string => upTo(2 ** 30).toString(36)
  const state = only?.state ?? one(states)
  const event = only?.event ?? one(events)
  const base = start(state, event)
  const rotatedAt = upTo(1_000_000)
  const generation = upTo(1000)
  const epoch = upTo(1000)
  const codeExpiresAt = upTo(1_000_000)
  const signedInSince = often(0, () => upTo(2000))
  const grantId = text()
  const clientId = text()
  const codeDigest = text()
  const codeChallenge = often<string | null>(text(), () => null)
  const audience = `https://${text()}.example/fhir`
  const changedNow = (now: number): number => Math.max(0, now)
  const member = (name: string, value: unknown): Readonly<Record<string, unknown>> =>
    Object.hasOwn(base.grant, name) ? { [name]: value } : {}
  const grant: Readonly<Record<string, unknown>> = {
    ...base.grant,
    grantId,
    clientId,
    writeId: text(),
    ...member('audience', audience),
    ...member('codeDigest', codeDigest),
    ...member('codeChallenge', codeChallenge),
    ...member('codeExpiresAt', codeExpiresAt),
    ...member('rotatedAt', rotatedAt),
    ...member(
      'endsAt',
      often(rotatedAt + 2_000_000, () => rotatedAt + upTo(100))
    ),
    ...member('generation', generation),
    ...member('epoch', epoch),
    ...member('wasRepeated', random() < 0.4),
    ...member('signedInSince', signedInSince),
    ...member(
      'refresh',
      often('offline', () => one(['none', 'online']))
    )
  }
  if (grant['refresh'] === 'online') Object.assign(grant, { scope: scope.replace('offline', 'online') })
  const chosenPolicy: SmartPolicy = {
    ...policy,
    reuseGraceSeconds: one([0, 5, 60]),
    refreshTokenIdleSeconds: one([100, 100_000]),
    rotateRefreshTokens: one(['always', 'publicOnly']),
    consumeCodeOnFailedBinding: random() < 0.5,
    accessTokenRevocation: one(['accessTokens', 'wholeGrant']),
    accessPolicyChecks: often('always', () => 'atSignIn'),
    pkce: one(['required', 'optionalForV1Clients']),
    audMatch: one(['exact', 'trailingSlash']),
    emptyGrant: one(['access_denied', 'invalid_scope', 'emptyString'])
  }
  const isConfidential = random() < 0.5
  const wasConfidential = often(isConfidential, () => !isConfidential)
  if (Object.hasOwn(base.grant, 'clientType'))
    Object.assign(grant, { clientType: wasConfidential ? 'confidential' : 'public' })
  const isNarrowed = random() < 0.1
  const registered: RegisteredClient = {
    ...client,
    clientId: often(clientId, text),
    tokenEndpointAuthMethod: isConfidential ? 'client_secret_basic' : 'none',
    ...(isNarrowed ? { redirectUris: [`https://${text()}.example/cb`] } : {})
  }
  const isUnprotected = codeChallenge === null && !isConfidential
  const now = Object.hasOwn(base.grant, 'rotatedAt')
    ? often(rotatedAt + upTo(8), () => rotatedAt + upTo(300_000))
    : Object.hasOwn(base.grant, 'codeExpiresAt')
      ? often(codeExpiresAt - 1 - upTo(300), () => codeExpiresAt + upTo(300))
      : often(1000 + upTo(500), () => 1500 + upTo(300))
  const shared = {
    now: changedNow(now),
    writeId: text(),
    server: often(audience, () => `https://${text()}.example/fhir`)
  }
  const chosenPermission = often<unknown>(permission, () => one([null, { _tag: 'Ended' }]))
  const perEvent: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    CodePresented: {
      codeDigest: often(codeDigest, text),
      redirectUri: often(opened.redirectUri, () => `https://${text()}.example/cb`),
      challengeOfVerifier: often(codeChallenge, () => one([null, text()])),
      target: often(null, () => one([audience, `${audience}/`, text()])),
      permission: chosenPermission,
      client: registered
    },
    RefreshTokenPresented: {
      generation: one([generation, generation, generation - 1, generation - 1, upTo(1000), generation + 1]),
      target: often(null, () => one([audience, `${audience}/`, text()])),
      online: one(['unknown', 'yes', 'no']),
      permission: chosenPermission,
      scope: often(null, () => one(['patient/Observation.r', 'patient/Observation.c', 'patient/*.rs', 'system/*.r'])),
      client: registered
    },
    TokenRevocationRequested: {
      clientId: often(clientId, text),
      token: one<unknown>([
        { _tag: 'RefreshToken' },
        {
          _tag: 'AccessToken',
          epoch: one([epoch, upTo(1000), epoch + 1]),
          expiresAt: often(now + upTo(500) + 1, () => now)
        }
      ])
    },
    RevocationRequested: {}
  }
  const decided = {
    browserDigest: often('browser', text),
    formToken: often('form', text),
    present: often<unknown>({ ...alice, authTime: upTo(2000) }, () => one([null, { ...alice, sub: text() }])),
    client: registered,
    ...('permission' in base.event ? { permission: often<unknown>(permission, () => ({ _tag: 'Ended' })) } : {}),
    ...('approvedScope' in base.event
      ? {
          approvedScope: often(parsed, () =>
            parsedScope(one(['', 'user/Observation.r', 'patient/*.rs launch/patient']))
          )
        }
      : {})
  }
  const isTypeKept = !Object.hasOwn(base.grant, 'clientType') || wasConfidential === isConfidential
  return {
    policy: chosenPolicy,
    grant: grant as unknown as Grant,
    event: { ...base.event, ...shared, ...(perEvent[event] ?? decided) } as unknown as GrantEvent,
    isRegistrationKept: !isNarrowed && isTypeKept && !isUnprotected
  }
}

/** The grant of a situation that is active. */
export const activeGrant = (change: Partial<Active> = {}): Active => ({
  ...(grants.Active as unknown as Active),
  ...change
})
