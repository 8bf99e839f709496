/**
 * Every kind of step of the grant, as it is: `grant-steps.txt` holds what a step changes in the grant and which command
 * it gives. The invariants of `grant.test.ts` say what must never happen; this file says what does happen. A deliberate
 * change is reviewed as a difference of the file: `npx vitest run --config test/vitest.config.ts
 * test/machines/grant-steps.test.ts --update`.
 */
import * as Either from 'fp-ts/lib/Either.js'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { grantMachine } from '../../src/protocol/grant/grant.js'
import type { GrantCommand, GrantEvent } from '../../src/protocol/grant/events.js'
import { backendTokensOf } from '../../src/protocol/grant/events.js'
import { narrowedScopeRules, refreshRequestScopeRules } from '../../src/protocol/grant/refresh.js'
import { presentUserRules } from '../../src/protocol/grant/registration-rules.js'
import { step } from '../../src/protocol/machine/machine.js'
import { firstRefusal } from '../../src/protocol/machine/rules.js'
import { builtInSide } from '../../src/protocol/scope-policy/resource-side-check.js'
import { scopeOptions } from '../../src/protocol/scope-policy/scope-policy.js'
import type { SmartPolicy } from '../../src/protocol/policy/policy.js'
import { parsedScope } from '../../src/protocol/scope-policy/parsed-scope.js'
import type { RegisteredClient } from '../../src/protocol/client/client.js'
import type { PolicyDecision } from '../../src/protocol/scope-policy/policy-decision.js'
import type { Backend, Grant } from '../../src/protocol/grant/state.js'
import { defaultComplexityLimit } from '../../src/scopes/permits.js'
import { parse } from '../../src/scopes/parse.js'
import {
  alice,
  chosen,
  client,
  codePresented,
  consented,
  contextUnavailable,
  opened,
  pageNeeded,
  policy,
  refreshPresented,
  revocationRequested,
  scope,
  sha256,
  signedIn,
  tokenRevocationRequested
} from '../support/machines/samples.js'

const denied = { ...pageNeeded, _tag: 'UserDenied' } as GrantEvent
const ended: PolicyDecision = { _tag: 'Ended' }
const permits = (text: string): PolicyDecision => ({ _tag: 'Permitted', scope: parsedScope(text) })

/** What differs from the usual event; of the client, only the members that differ. */
type Changes = Readonly<Record<string, object>>

/** What the usual client has registered, and the policy and the user permit. */
const roles = 'launch/patient?role=https://roles.example/twin launch/encounter?role=https://roles.example/last'
const wide = `${scope} ${roles} launch launch/encounter launch/imagingstudy online_access user/Observation.read`
const wideClient = { ...client, scope: parse(wide) }

const confidential = { tokenEndpointAuthMethod: 'client_secret_basic' } as const
const onAnotherPort = { applicationType: 'native', redirectUris: ['http://127.0.0.1:1/cb'] } as const

/** What can differ in a decision of the user. */
const decisions: Changes = {
  '': {},
  'at another server': { server: 'https://other.example/fhir' },
  'from another browser': { browserDigest: 'another' },
  'with another form token': { formToken: 'another' },
  'a second before the end': { now: 1599 },
  'too late': { now: 1600 },
  'of another user': { present: { ...alice, sub: 'mallory' } },
  'of nobody': { present: null },
  'in an old session': { present: { ...alice, authTime: 899 } },
  'in a session just new enough': { present: { ...alice, authTime: 900 } },
  'of a removed client': { client: null },
  'of a client that has moved': { client: { redirectUris: ['https://app.example/moved'] } },
  'of a client with one more redirect URI': {
    client: { redirectUris: ['https://app.example/moved', ...client.redirectUris] }
  },
  'of a client on another port': {
    client: onAnotherPort
  },
  'of a client on another port that is no native one': {
    client: { applicationType: 'web', redirectUris: ['http://127.0.0.1:1/cb'] }
  },
  'of a client without the code': { client: { grantTypes: ['refresh_token'] } },
  'of a client without refreshes': { client: { grantTypes: ['authorization_code'] } },
  'of a confidential client': { client: confidential },
  'of a public client': { client: { tokenEndpointAuthMethod: 'none' } },
  'with a method that is not served': { methods: ['private_key_jwt'] },
  'of a client with few scopes': { client: { scope: parse('launch/patient fhirUser') } },
  'of a client with fewer types': {
    client: { scope: parse('launch/patient openid fhirUser offline_access patient/*.rs') }
  },
  'with nothing parsed': { parsed: null }
}

const user = (change: object): object => ({ user: { ...alice, ...change } })

/** What is tried of it where the user decides nothing. */
const few: Changes = Object.fromEntries(
  ['', 'too late', 'of another user', 'of a removed client'].map((name) => [name, decisions[name] ?? {}])
)

/** What can differ in each event, beside the above. */
const signIns: Changes = {
  'where the policy ends the access': { permission: ended },
  'where the policy permits nothing': { permission: permits('') },
  'where the policy permits one type': { permission: permits('user/Observation.r launch/patient patient/Patient.rs') },
  'where the policy permits no openid': { permission: permits('fhirUser offline_access user/*.rs') },
  'where nothing can be chosen': { choosable: [] },
  'where encounters can be chosen': { choosable: ['encounter'] },
  'of another user than the launching one': user({ sub: 'mallory' }),
  'that is old': user({ authTime: 899 }),
  'that is just new enough': user({ authTime: 900 }),
  'of a user without a resource': user({ fhirUser: null }),
  'of a user that is a group': user({ fhirUser: 'PractitionerRole/r1' })
}
const choices: Changes = {
  'of nothing': { context: {} },
  'of another patient, an encounter and an entry': {
    context: { patient: '456', encounter: 'e', fhirContext: [{ reference: 'ImagingStudy/1' }] }
  },
  'of an entry in another role': {
    context: { fhirContext: [{ reference: 'Patient/1', role: 'https://roles.example/twin' }] }
  },
  'of an encounter as an entry': {
    context: { patient: '1', fhirContext: [{ reference: 'Encounter/1', role: 'https://roles.example/last' }] }
  }
}
const consents: Changes = {
  'in the same session': { present: { ...alice, authTime: 995, sessionId: 'old' } },
  'to nothing': { approvedScope: parsedScope('') },
  'to one scope': { approvedScope: parsedScope('patient/Observation.r') },
  'to online access': { approvedScope: parsedScope('online_access user/Observation.rs') },
  'without openid': { approvedScope: parsedScope('fhirUser offline_access user/Observation.rs') },
  'to more than was requested': { approvedScope: parsedScope(`${scope} system/*.cruds`) },
  'to a launch that is over': { launchRefusal: { _tag: 'LaunchAlreadyUsed' } },
  'where the policy ends the access': { permission: ended },
  'where the policy permits less': { permission: permits('offline_access user/Observation.r') },
  'in a new session': { present: { ...alice, authTime: 995, sessionId: 'new' } },
  'of a record that is kept for long': { storedUntil: 99_999_999 },
  'of a record that is kept for a short time': { storedUntil: 1 }
}
/** What can differ at the token endpoint. */
const presented: Changes = {
  '': {},
  'at another server': { server: 'https://other.example/fhir' },
  'by another client': { client: { clientId: 'another' } },
  'by a confidential client': { client: confidential },
  'by a public client': { client: { tokenEndpointAuthMethod: 'none' } },
  'by a client that has moved': { client: { redirectUris: [] } },
  'by a client without refreshes': { client: { grantTypes: ['authorization_code'] } },
  'by a client with few scopes': { client: { scope: parse('fhirUser') } },
  'by a client without offline access': {
    client: { scope: parse('launch/patient openid fhirUser patient/*.rs user/Observation.rs') }
  },
  'for the audience': { target: 'https://ehr.example/fhir' },
  'for the audience with a slash': { target: 'https://ehr.example/fhir/' },
  'for another audience': { target: 'https://other.example/fhir' },
  'before the policy was called': { permission: null },
  'where the policy ends the access': { permission: ended },
  'where the policy permits less': { permission: permits('offline_access user/Observation.r') },
  'where the policy permits no refresh': { permission: permits('openid fhirUser patient/*.rs') },
  'where the policy permits nothing': { permission: permits('') },
  'where the policy permits more': { permission: permits(`${scope} user/*.cruds`) }
}
const codes: Changes = {
  'that is unknown': { codeDigest: 'another' },
  'with another redirect URI': { redirectUri: 'https://app.example/other' },
  'with another verifier': { challengeOfVerifier: 'another' },
  'without a verifier': { challengeOfVerifier: null },
  'without a verifier, by a public client': { challengeOfVerifier: null, client: { tokenEndpointAuthMethod: 'none' } },
  'a second before the end': { now: 1059 },
  'too late': { now: 1060 }
}
const refreshes: Changes = {
  'of the one before': { generation: 0 },
  'of the one before, at the end of the grace period': { generation: 0, now: 1024 },
  'of the one before, after the grace period': { generation: 0, now: 1025 },
  'of the one before, by a clock that was set back': { generation: 0, now: 1019 },
  'of one long ago': { generation: -1 },
  'of one to come': { generation: 2 },
  'a second before it is idle for too long': { now: 1020 + policy.refreshTokenIdleSeconds - 1 },
  'idle for too long': { now: 1020 + policy.refreshTokenIdleSeconds },
  'a second before the end': { now: 1099 },
  'at the end': { now: 1100 },
  'before the session is known': { online: 'unknown' },
  'while the user is not online': { online: 'no' },
  'for one scope': { scope: 'patient/Observation.r' },
  'for the same scope': { scope },
  'for the same scope in another order': { scope: scope.split(' ').toReversed().join(' ') },
  'for a scope twice': { scope: 'patient/Patient.r patient/Patient.r' },
  'for the spelling of the grant': { scope: 'user/Observation.rs openid' },
  'for a word of the grant and another': { scope: 'openid user/Observation.r' },
  'for the own patient': { scope: 'patient/Observation.rs?patient=Patient/123' },
  'for another patient': { scope: 'patient/Observation.rs?patient=Patient/456' },
  'for another patient by id': { scope: 'patient/Patient.rs?_id=456' },
  'for more than the grant': { scope: 'patient/Observation.c' },
  'for nothing': { scope: '' },
  'for what is malformed': { scope: 'patient/Observation.xyz' },
  'for what is malformed and what is not': { scope: 'patient/Observation.xyz user/Observation.r' },
  'for text that is no scope': { scope: 'patient/"*.rs' },
  'for both versions': { scope: 'patient/Patient.read user/Observation.r' },
  'for what opens nothing': { scope: 'patient/Observation.rs?nothing-known=1' },
  'for a wildcard with a query': { scope: 'patient/*.rs?_tag=x' }
}
const revocations: Changes = {
  '': {},
  'at another server': { server: 'https://other.example/fhir' },
  'by another client': { clientId: 'another' },
  'of a refresh token': { token: { _tag: 'RefreshToken' } },
  'of an older epoch': { token: { _tag: 'AccessToken', epoch: -1, expiresAt: 4600 } },
  'of a newer epoch': { token: { _tag: 'AccessToken', epoch: 3, expiresAt: 4600 } },
  'of an expired token': { token: { _tag: 'AccessToken', epoch: 0, expiresAt: 1030 } },
  'of a token a second before its end': { token: { _tag: 'AccessToken', epoch: 0, expiresAt: 1031 } }
}

const kinds: ReadonlyArray<readonly [GrantEvent, Changes]> = [
  [signedIn, { ...decisions, ...signIns }],
  [chosen, { ...decisions, ...choices }],
  [contextUnavailable, { ...few, ...choices }],
  [pageNeeded, few],
  [consented, { ...decisions, ...consents }],
  [denied, few],
  [codePresented(), { ...presented, ...codes }],
  [refreshPresented(1), { ...presented, ...refreshes }],
  [tokenRevocationRequested(), revocations],
  [revocationRequested, { '': {} }]
]

/** The states in which an event is more than refused by the table: there, all that can differ is tried. */
const expected: Partial<Record<GrantEvent['_tag'], ReadonlyArray<Grant['_tag']>>> = {
  UserSignedIn: ['AwaitingUser'],
  ContextChosen: ['AwaitingContext'],
  ContextUnavailable: ['AwaitingContext'],
  PageNeeded: ['AwaitingUser', 'AwaitingContext', 'AwaitingConsent'],
  ConsentGiven: ['AwaitingConsent'],
  UserDenied: ['AwaitingUser', 'AwaitingContext', 'AwaitingConsent'],
  CodePresented: ['CodeIssued', 'Active'],
  RefreshTokenPresented: ['Active'],
  TokenRevocationRequested: ['Active', 'Backend', 'CodeIssued', 'Denied']
}

/** The client of a grant, as it was at the request. */
const usualClientOf = (grant: Grant): RegisteredClient => ({
  ...wideClient,
  ...('clientType' in grant && grant.clientType === 'confidential' ? confidential : {}),
  ...('redirectUri' in grant && grant.redirectUri !== opened.redirectUri ? onAnotherPort : {})
})

const usualFactsOf = (event: GrantEvent): object => ({
  ...event,
  ...('online' in event ? { online: 'yes' } : {}),
  ...('permission' in event ? { permission: permits(wide) } : {}),
  ...('approvedScope' in event ? { approvedScope: parsedScope(wide) } : {}),
  ...('choosable' in event ? { choosable: ['patient', 'encounter', 'imagingstudy'] } : {})
})

const clientOf = (grant: Grant, change: object): RegisteredClient | null =>
  'client' in change && change.client === null
    ? null
    : { ...usualClientOf(grant), ...('client' in change ? (change.client as Partial<RegisteredClient>) : {}) }

const eventsAt = (grant: Grant): ReadonlyArray<readonly [string, GrantEvent]> =>
  kinds.flatMap(([event, changes]) =>
    Object.entries(changes)
      .filter(([name]) => name === '' || expected[event._tag]?.includes(grant._tag) === true)
      .map(([name, change]) => {
        const client = 'client' in event ? { client: clientOf(grant, change) } : {}
        return [`${event._tag} ${name}`.trim(), { ...usualFactsOf(event), ...change, ...client } as GrantEvent] as const
      })
  )

const known = {
  ...opened,
  user: alice,
  prompts: ['login'],
  nonce: 'nonce',
  signedInSince: 900,
  launchKey: 'key'
} as const
const { launchedBy: _launchedBy, ...conversation } = known
const base = { grantId: 'grant-1', clientId: 'app', writeId: 'before', recordExpiresAt: 2000 }
const granted = {
  ...base,
  clientType: 'public',
  redirectUri: 'https://app.example/cb',
  scope,
  audience: 'https://ehr.example/fhir',
  codeChallenge: opened.codeChallenge,
  codeDigest: sha256('code'),
  nonce: 'nonce',
  user: alice,
  context: { patient: '123', need_patient_banner: true, intent: 'review' },
  refresh: 'offline',
  endsAt: 5_000_000
} as const
const codeIssued: Grant = { ...granted, _tag: 'CodeIssued', codeExpiresAt: 1060 }
const active: Grant = {
  ...granted,
  _tag: 'Active',
  generation: 1,
  rotatedAt: 1020,
  wasRepeated: false,
  epoch: 0
}

const conversations: Readonly<Record<string, Grant>> = {
  'a new grant': { ...opened, signedInSince: 900 },
  'a new grant of a launch': {
    ...opened,
    scope: 'launch launch/encounter openid online_access patient/*.rs',
    context: { patient: '123', tenant: 't', fhirContext: [{ reference: 'ImagingStudy/1' }] },
    launchedBy: 'alice'
  },
  'a new grant of a launch with entries': {
    ...opened,
    scope: 'launch/patient launch/encounter launch/imagingstudy user/Observation.rs',
    context: { fhirContext: [{ reference: 'Patient/1', role: 'https://roles.example/twin' }, { type: 'Encounter' }] }
  },
  'a new grant of a study': {
    ...opened,
    scope: 'launch/imagingstudy launch/encounter',
    context: { encounter: 'e', fhirContext: [{ reference: 'Location/1' }] }
  },
  'a new grant of roles': {
    ...opened,
    scope: roles,
    context: {
      fhirContext: [
        { reference: 'Patient/1', role: 'https://roles.example/twin' },
        { reference: 'Encounter/1', role: 'https://roles.example/last' }
      ]
    }
  },
  'a new grant of three types': { ...opened, scope: 'launch/imagingstudy launch/encounter launch/patient' },
  'a new grant of a refresh alone': { ...opened, scope: 'offline_access' },
  'a new grant of nothing': { ...opened, scope: '' },
  'a new grant on another port': { ...opened, redirectUri: 'http://127.0.0.1:2/cb' },
  'a new grant without a challenge': { ...opened, codeChallenge: null, clientType: 'confidential' },
  'an open choice': { ...conversation, _tag: 'AwaitingContext', needs: ['patient'] },
  'an open choice of an encounter beside a patient': {
    ...conversation,
    _tag: 'AwaitingContext',
    scope: 'launch/patient launch/encounter launch/imagingstudy',
    context: { patient: '123', fhirContext: [{ reference: 'Location/1' }] },
    needs: ['encounter', 'imagingstudy']
  },
  'an open consent': { ...conversation, _tag: 'AwaitingConsent', context: { patient: '123', intent: 'review' } },
  'an open consent of a session': {
    ...conversation,
    _tag: 'AwaitingConsent',
    scope: 'online_access user/Observation.rs patient/Patient.rs',
    user: { ...alice, sessionId: 'old' },
    context: { patient: '123' }
  },
  'an open consent of a launch': {
    ...conversation,
    _tag: 'AwaitingConsent',
    scope: 'launch patient/Patient.rs',
    context: { patient: '123', intent: 'review', need_patient_banner: false }
  },
  'an open consent without a patient': {
    ...conversation,
    _tag: 'AwaitingConsent',
    scope: 'online_access user/Observation.rs',
    context: {}
  }
}

const redeemable: Readonly<Record<string, Grant>> = {
  'a code': codeIssued,
  'a code without a challenge': { ...codeIssued, codeChallenge: null, clientType: 'confidential' },
  'a code for nothing to refresh': { ...codeIssued, scope: 'user/Observation.rs', refresh: 'none', endsAt: 1060 }
}

const refreshable: Readonly<Record<string, Grant>> = {
  'an active grant': active,
  'an active grant whose token was repeated': { ...active, wasRepeated: true },
  'an active grant of a confidential client': { ...active, clientType: 'confidential' },
  'an active grant of a session': { ...active, scope: 'online_access user/*.rs', refresh: 'online' },
  'an active grant that is not refreshed': { ...active, scope: 'user/Observation.rs', refresh: 'none' },
  'an active grant that ends soon': { ...active, endsAt: 1100 },
  'an active grant of both versions': { ...active, scope: 'offline_access user/Observation.read patient/Patient.rs' }
}

const others: Readonly<Record<string, Grant>> = {
  'a backend service': {
    ...base,
    _tag: 'Backend',
    scope: 'system/*.rs',
    audience: 'https://ehr.example/fhir',
    epoch: 0,
    endsAt: 1300
  },
  'a denied grant': { ...base, _tag: 'Denied', at: 1000 },
  'a revoked grant': { ...base, _tag: 'Revoked', at: 1000, why: 'CodeReplayed' },
  'an expired grant': { ...base, _tag: 'Expired', at: 1000 }
}

/** Another policy, and the grants for which it matters. Only the steps that differ are in the file. */
const policies: ReadonlyArray<readonly [Partial<SmartPolicy>, ReadonlyArray<string>]> = [
  [{ noPatientAvailable: 'deny' }, ['a new grant', 'an open choice']],
  [{ emptyGrant: 'invalid_scope' }, ['a new grant', 'an open consent']],
  [{ emptyGrant: 'emptyString' }, ['a new grant', 'an open consent']],
  [{ specVersion: '2.2.0' }, ['a new grant']],
  [{ loopbackPort: 'exact' }, ['a new grant on another port']],
  [
    { crossContextSubsumption: 'userCoversPatient' },
    ['an open consent of a session', 'an open consent without a patient']
  ],
  [{ pkce: 'optionalForV1Clients' }, ['a code', 'a code without a challenge']],
  [{ consumeCodeOnFailedBinding: false }, ['a code']],
  [{ audMatch: 'exact' }, ['a code', 'an active grant']],
  [{ accessPolicyChecks: 'atSignIn' }, ['a code', 'an active grant']],
  [{ refreshScope: 'properSubset' }, ['an active grant']],
  [{ refreshScopeMatch: 'exactString' }, ['an active grant']],
  [{ rotateRefreshTokens: 'publicOnly' }, ['an active grant', 'an active grant of a confidential client']],
  [{ contextOnRefresh: 'omit' }, ['an active grant']],
  [{ idTokenOnRefresh: true }, ['an active grant', 'an active grant of a session']],
  [{ reuseGraceSeconds: 0 }, ['an active grant']],
  [{ malformedScope: 'reject' }, ['an active grant']],
  [{ unknownScope: 'reject' }, ['an active grant']],
  [{ mixedScopeVersions: 'reject' }, ['an active grant of both versions']],
  [{ mixedScopeVersions: 'normaliseToV2' }, ['an active grant of both versions']],
  [{ wildcardWithQuery: 'reject' }, ['an active grant']],
  [{ accessTokenRevocation: 'wholeGrant' }, ['an active grant', 'a backend service']]
]

/** A value as text; parsed scopes as their text. */
const textOf = (value: unknown): string =>
  JSON.stringify(value, (key, member: unknown) =>
    key === 'scopes' ? (member as ReadonlyArray<{ readonly text: string }>).map(({ text }) => text).join(' ') : member
  )

/** The members that differ, and the number of all members. */
const differenceOf = (from: Grant, state: Grant): string => {
  const old = new Map<string, unknown>(Object.entries(from))
  const members = Object.entries(state)
  const differing = members.filter(([name, value]) => textOf(old.get(name)) !== textOf(value))
  return `${textOf(Object.fromEntries(differing))}, ${String(members.length)} members`
}

/** Long texts that are the same in many lines. */
const shortened: ReadonlyArray<readonly [string, string]> = [
  [scope, '<scope>'],
  [String(opened.codeChallenge), '<challenge>'],
  [sha256('code'), '<digest>'],
  [textOf(alice), '<alice>'],
  ['https://ehr.example/fhir', '<server>'],
  ['https://app.example/cb', '<redirect>']
]

const performing = (chosenPolicy: SmartPolicy) => step(grantMachine(chosenPolicy))

const stepText = (perform: ReturnType<typeof performing>, grant: Grant, event: GrantEvent): string => {
  const stepped = perform(grant, event)
  if (Either.isLeft(stepped)) return textOf(stepped.left)
  const { state, command } = stepped.right
  const { _tag: kind, ...rest } = command as GrantCommand
  const said = textOf(rest)
  return `${state === grant ? 'unchanged' : differenceOf(grant, state)}; ${kind}${said === '{}' ? '' : ` ${said}`}`
}

const all: Readonly<Record<string, Grant>> = { ...conversations, ...redeemable, ...refreshable, ...others }

const linesOf = (chosenPolicy: SmartPolicy, names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const perform = performing(chosenPolicy)
  return names.flatMap((name) => {
    const grant = all[name]
    if (grant === undefined) throw new Error(`no such grant: ${name}`)
    return eventsAt(grant).map(([event, value]) => `${name} < ${event}: ${stepText(perform, grant, value)}`)
  })
}

it('the steps of the grant are those of grant-steps.txt', { timeout: 60_000 }, async () => {
  const usual = linesOf(policy, Object.keys(all))
  const same = new Set(usual)
  const changed = policies.flatMap(([change, names]) => [
    '',
    `# ${textOf(change)}`,
    ...linesOf({ ...policy, ...change }, names).filter((line) => !same.has(line))
  ])
  const { name, initial, final, table } = grantMachine(policy)
  const arrows = Object.entries(table).flatMap(([state, row]) =>
    Object.entries(row as Readonly<Record<string, { readonly to: ReadonlyArray<string> }>>).map(
      ([event, { to }]) => `${state} < ${event}: ${to.join(', ')}`
    )
  )
  const head = [`# ${name}: from ${initial.join(', ')} to ${final.join(', ')}`, ...arrows, '', '# the default policy']
  const backend = all['a backend service'] as Backend
  const tokens = `a backend service: ${textOf(backendTokensOf(backend, 1000))}`
  const full = [...head, tokens, ...usual, ...changed, ''].join('\n')
  const text = shortened.reduce((shorter, [long, short]) => shorter.replaceAll(long, short), full)
  await expect(text).toMatchFileSnapshot(join(import.meta.dirname, 'grant-steps.txt'))
})

/** The facts of a refresh whose scopes are in the words of the grant. */
const narrowedFacts = {
  policy: { ...policy, refreshScopeMatch: 'exactString' },
  side: builtInSide,
  context: {},
  granted: parse('patient/*.rs openid'),
  scopes: parse('patient/*.rs'),
  covered: Either.right(true),
  covers: Either.right(false)
} as const
const tooComplex = Either.left({ _tag: 'TooComplex' } as never)

it.each([
  ['in the words of the grant', {}, null],
  ['in the words of the grant, though it is not covered', { covered: Either.right(false) }, null],
  ['without the patient', { policy }, 'ScopeBeyondGrant'],
  ['not covered', { policy, context: { patient: '1' }, covered: Either.right(false) }, 'ScopeBeyondGrant'],
  ['too complex to be covered', { covered: tooComplex }, 'ScopeTooComplex'],
  ['too complex to cover', { covers: tooComplex }, 'ScopeTooComplex'],
  ['not there', { scopes: [] }, 'ScopeBeyondGrant']
])('the scope of a refresh that is %s', (_name, change, expected) => {
  expect(firstRefusal(narrowedScopeRules, { ...narrowedFacts, ...change })?._tag ?? null).toBe(expected)
})

it('the scope of a refresh is limited', () => {
  const list = (name: string): string => `${name}=${Array.from({ length: 300 }, (_, index) => String(index)).join(',')}`
  const lists = `patient/Observation.rs?${['code', 'category', 'status', '_id', 'date'].map(list).join('&')}`
  const options = scopeOptions(policy, builtInSide)
  const refusalOf = (text: string) =>
    firstRefusal(refreshRequestScopeRules, {
      policy,
      scopes: parse(text),
      effectiveOf: (scopes) => scopes,
      openingOf: (scopes) => scopes,
      options
    })
  const malformed = Array.from({ length: defaultComplexityLimit + 1 }, (_, index) => `patient/Type${String(index)}.x`)
  expect([refusalOf('patient/*.rs'), refusalOf(lists), refusalOf(malformed.join(' '))]).toEqual([
    null,
    { _tag: 'ScopeTooComplex' },
    null
  ])
})

it('without a session nothing is too old: another rule refuses it', () => {
  const old = presentUserRules.find(({ name }) => name === 'signed-in-recently')
  const grant = all['an open choice'] as Extract<Grant, { _tag: 'AwaitingContext' }>
  expect(old?.check({ grant, present: null })).toBeNull()
})
