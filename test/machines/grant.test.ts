import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { Invariant, Trace } from './explorer.js'
import { complaintsAbout, explore, exploreTraces } from './explorer.js'
import {
  alice, chosen, codePresented, consented, contextUnavailable, decision, opened, pageNeeded, policy, refreshPresented, revocationAsked, scope, signedIn, tokenRevocationAsked
} from './samples.js'
import { grantMachine } from '../../src/machines/grant.js'
import type { GrantCommand, GrantEvent } from '../../src/machines/grant-events.js'
import type { Machine } from '../../src/machines/kernel.js'
import type { Grant } from '../../src/messages/stored-grant.js'
import { parse } from '../../src/scopes/parse.js'
import { subsumes } from '../../src/scopes/subsumes.js'

const machine = grantMachine(policy)

const late = { now: 9_000_000 }

/** The owner revokes an access token that is alive. */
const owned = tokenRevocationAsked()

const samples: ReadonlyArray<GrantEvent> = [
  signedIn,
  { ...signedIn, now: 1700 },
  { ...signedIn, browserDigest: 'another' } as GrantEvent,
  { ...signedIn, formToken: 'another' } as GrantEvent,
  { ...signedIn, permittedScope: '' } as GrantEvent,
  { ...signedIn, permittedScope: 'user/Observation.rs' } as GrantEvent,
  { ...signedIn, user: { ...alice, sub: 'mallory' } } as GrantEvent,
  chosen,
  { ...chosen, context: {} } as GrantEvent,
  { ...chosen, now: 1700 },
  consented,
  { ...consented, approvedScope: '' } as GrantEvent,
  { ...consented, approvedScope: 'system/*.cruds patient/Observation.rs' } as GrantEvent,
  { ...consented, launchRefusal: { _tag: 'LaunchAlreadyUsed' } } as GrantEvent,
  { ...consented, now: 1700 },
  { ...consented, browserDigest: 'another' } as GrantEvent,
  contextUnavailable,
  { ...contextUnavailable, now: 1700 },
  { ...contextUnavailable, formToken: 'another' } as GrantEvent,
  pageNeeded,
  { ...pageNeeded, now: 1700 },
  { ...pageNeeded, formToken: 'another' } as GrantEvent,
  { _tag: 'UserDenied', ...decision() },
  { _tag: 'UserDenied', ...decision(1700) },
  { _tag: 'UserDenied', ...decision(), formToken: 'another' },
  codePresented(),
  codePresented({ codeDigest: 'another' }),
  codePresented({ clientId: 'another' }),
  codePresented({ redirectUri: 'https://app.example/other' }),
  codePresented({ challengeOfVerifier: 'another' }),
  codePresented({ challengeOfVerifier: null }),
  codePresented({ target: 'https://other.example/fhir' }),
  codePresented({ now: 1061 }),
  refreshPresented(0),
  refreshPresented(0, { now: 1024 }),
  refreshPresented(0, { now: 1026 }),
  refreshPresented(1, { now: 1030 }),
  refreshPresented(1, { scope: 'patient/Observation.r' }),
  refreshPresented(1, { scope: 'patient/Observation.c' }),
  refreshPresented(7),
  refreshPresented(0, { clientId: 'another' }),
  refreshPresented(0, { online: 'yes' }),
  refreshPresented(0, { online: 'no' }),
  refreshPresented(0, { target: 'https://other.example/fhir' }),
  refreshPresented(1, late),
  revocationAsked,
  owned,
  tokenRevocationAsked({ token: { _tag: 'AccessToken', epoch: 1, expiresAt: 4600 } }),
  tokenRevocationAsked({ token: { _tag: 'AccessToken', epoch: 0, expiresAt: 1030 } }),
  tokenRevocationAsked({ token: { _tag: 'RefreshToken' } }),
  tokenRevocationAsked({ clientId: 'another' }),
  tokenRevocationAsked({ clientId: 'another', token: { _tag: 'RefreshToken' } })
]

const starts: ReadonlyArray<Grant> = [
  { _tag: 'Backend', grantId: 'grant-2', clientId: 'app', attempt: 'a', keepUntil: 2000, scope: 'system/*.rs', audience: opened.audience, epoch: 0, endsAt: 1300 },
  { ...opened, scope: 'launch/patient' },
  { ...opened, scope: 'openid online_access patient/Observation.rs' },
  opened, { ...opened, launchedBy: 'alice', context: { patient: '123' } }]

const issues = (commands: ReadonlyArray<GrantCommand>): boolean =>
  commands.some((command) => command._tag === 'IssueTokens')

const over: ReadonlyArray<string> = ['Denied', 'Revoked', 'Expired']

const traceInvariants: Record<string, (trace: Trace<Grant, GrantEvent, GrantCommand>) => string | null> = {
  'a code is redeemed at most once': (trace) => {
    const redeemed = trace.filter(({ event, step }) => event._tag === 'CodePresented' && issues(step.commands)).length
    return redeemed > 1 ? `redeemed ${String(redeemed)} times` : null
  },
  'nothing is issued after the end': (trace) => {
    const end = trace.findIndex(({ step }) => over.includes(step.state._tag))
    return end !== -1 && trace.slice(end).some(({ step }) => issues(step.commands)) ? 'issued' : null
  },
  'generations never go back': (trace) => {
    const generations = trace.flatMap(({ step }) => (step.state._tag === 'Active' ? [step.state.generation] : []))
    return generations.some((generation, index) => generation < (generations[index - 1] ?? 0)) ? 'went back' : null
  },
  'a generation is left at most once, but inside the grace period': (trace) => {
    const rotations = trace.filter(({ from, step }) =>
      from._tag === 'Active' && step.state._tag === 'Active' && step.state.generation > from.generation)
    const left = rotations.map(({ from }) => (from._tag === 'Active' ? from.generation : -1))
    return new Set(left).size < left.length ? 'left twice' : null
  },
  'epochs never go back': (trace) => {
    const epochs = trace.flatMap(({ step: { state } }) => (state._tag === 'Active' ? [state.epoch] : []))
    return epochs.some((epoch, index) => epoch < (epochs[index - 1] ?? 0)) ? 'went back' : null
  },
  'consent comes before any code': (trace) => {
    const consent = trace.findIndex(({ step }) => step.state._tag === 'CodeIssued')
    const redemption = trace.findIndex(({ step }) => issues(step.commands))
    return redemption !== -1 && (consent === -1 || redemption < consent) ? 'redeemed without consent' : null
  },
  'what a grant stands for never changes': (trace) => {
    const facts = trace.flatMap(({ step: { state } }) =>
      state._tag === 'CodeIssued' || state._tag === 'Active'
        ? [JSON.stringify([state.clientId, state.user, state.context, state.scope, state.audience, state.redirectUri])]
        : [])
    return new Set(facts).size > 1 ? 'changed' : null
  }
}

const isWithin = (wide: string, narrow: string): boolean => {
  const answer = subsumes(parse(wide), parse(narrow))
  return Either.isRight(answer) && answer.right
}

const grantInvariants: Readonly<Record<string, Invariant<Grant, GrantEvent, GrantCommand>>> = {
  'what was granted is within what was offered and approved': ({ from, event, step: { state } }) => {
    if (from._tag !== 'AwaitingConsent' || event._tag !== 'ConsentGiven' || state._tag !== 'CodeIssued') return null
    return isWithin(from.scope, state.scope) && isWithin(event.approvedScope, state.scope)
      ? null
      : state.scope
  },
  'a token is never wider than its grant': ({ step: { state, commands } }) => {
    const [command] = commands
    if (command?._tag !== 'IssueTokens' || state._tag !== 'Active') return null
    return isWithin(state.scope, command.tokens.scope) ? null : command.tokens.scope
  },
  'a granted patient/ scope has a patient in context': ({ step: { state } }) =>
    state._tag === 'CodeIssued' && /(?:^| )patient\//.test(state.scope) && state.context.patient === undefined
      ? state.scope
      : null,
  'online access lasts as long as the session': ({ from, event, step: { commands } }) =>
    from._tag === 'Active' && from.refresh === 'online' && event._tag === 'RefreshTokenPresented' && event.online !== 'yes' && issues(commands)
      ? event.online
      : null,
  'a revoked access token is dead, or was': ({ from, event, step: { state, commands } }) =>
    event._tag === 'TokenRevocationAsked' && event.token._tag === 'AccessToken' && event.token.expiresAt > event.now &&
    commands[0]?._tag === 'ConfirmRevocation' && 'epoch' in state && state.epoch <= event.token.epoch
      ? from._tag
      : null,
  'a revoked refresh token takes the grant along': ({ event, step: { state, commands } }) =>
    event._tag === 'TokenRevocationAsked' && event.token._tag === 'RefreshToken' && commands[0]?._tag === 'ConfirmRevocation' &&
    !over.includes(state._tag)
      ? state._tag
      : null,
  'what is confirmed as ended has changed, and nothing else has': ({ from, step: { state, commands: [command] } }) =>
    command?._tag === 'ConfirmRevocation' && (command.ended === 'nothing') !== (from === state) ? command.ended : null,
  'the revocation of an access token leaves code and refresh token alone': ({ from, event, step: { state } }) =>
    from._tag === 'Active' && state._tag === 'Active' && event._tag === 'TokenRevocationAsked' && from.generation !== state.generation
      ? 'changed'
      : null,
  'a stranger changes nothing': ({ from, event, step: { state } }) =>
    (event._tag === 'CodePresented' || event._tag === 'RefreshTokenPresented' || event._tag === 'TokenRevocationAsked') &&
    event.clientId !== 'app' &&
    from !== state
      ? state._tag
      : null,
  'an ended grant stays ended': ({ from, step: { state } }) => (over.includes(from._tag) && from !== state ? state._tag : null),
  'every event is answered by exactly one command': ({ step: { commands } }) =>
    commands.length === 1 ? null : String(commands.length)
}

const explored = explore<Grant, GrantEvent, GrantCommand>({
  machine,
  starts,
  samples: () => samples,
  depth: 12,
  shape: ({ attempt: _attempt, ...rest }) => rest,
  invariants: grantInvariants
})

describe('the grant machine', () => {
  it('reaches every state, walks every declared arrow and no other, and breaks no invariant', () => {
    console.log(`grant: ${String(explored.distinctStates)} distinct states, ${String(explored.steps.length)} steps walked`)
    expect(complaintsAbout(machine, explored)).toEqual([])
  })

  it('breaks no invariant in any trace', { timeout: 120_000 }, () => {
    const few = samples.filter((event) =>
      !('browserDigest' in event && event.browserDigest === 'another') && !('now' in event && event.now > 1030) &&
      (event._tag !== 'TokenRevocationAsked' || event === owned))
    const { traces, broken } = exploreTraces({ machine, starts: [opened], samples: () => few, depth: 4 }, traceInvariants)
    const active: Extract<Grant, { _tag: 'AwaitingConsent' }> = {
      ...opened, _tag: 'AwaitingConsent', scope, context: { patient: '123' }, user: alice
    }
    const later = exploreTraces({ machine, starts: [active], samples: () => few, depth: 4 }, traceInvariants)
    console.log(`grant: ${String(traces + later.traces)} traces`)
    expect([...broken, ...later.broken]).toEqual([])
  })
})

/** Deliberately wrong machines: each must be noticed by the exploration. */
const planted: Readonly<Record<string, Partial<{ [From in Grant['_tag']]: object }>>> = {
  'a replay does not revoke': {
    Active: { CodePresented: { to: ['Active', 'Revoked'], step: (grant: Grant) => ({ state: grant, commands: [{ _tag: 'Refuse' }] }) } }
  },
  'a code is never consumed': {
    CodeIssued: {
      CodePresented: {
        to: ['CodeIssued'],
        step: (grant: Grant) => ({ state: grant, commands: [{ _tag: 'IssueTokens', tokens: { scope: '' } }] })
      }
    }
  },
  'a revoked grant comes back': {
    Revoked: { RevocationAsked: { to: ['Denied'], step: (grant: Grant) => ({ state: { ...grant, _tag: 'Denied' }, commands: [{ _tag: 'ConfirmRevocation' }] }) } }
  },
  'an epoch that is not counted up': {
    Active: {
      TokenRevocationAsked: {
        to: ['Active', 'Revoked'],
        step: (grant: Grant) => ({ state: { ...grant, attempt: 'x' }, commands: [{ _tag: 'ConfirmRevocation', ended: 'accessTokens' }] })
      }
    }
  },
  'an undeclared arrow': {
    Denied: { RevocationAsked: { to: ['Denied'], step: (grant: Grant) => ({ state: { ...grant, _tag: 'Revoked' }, commands: [{ _tag: 'ConfirmRevocation' }] }) } }
  },
  'a step that changes its argument': {
    Expired: { RevocationAsked: { to: ['Expired'], step: (grant: Grant & { at: number }) => { (grant as { at: number }).at = 0; return { state: grant, commands: [{ _tag: 'ConfirmRevocation' }] } } } }
  }
}

describe('planted faults in the grant machine', () => {
  it.each(Object.entries(planted))('%s: is noticed', (_name, change) => {
    const wrong = {
      ...machine,
      table: Object.fromEntries(
        Object.entries(machine.table).map(([state, row]) => [state, { ...row, ...change[state as Grant['_tag']] }])
      )
    } as unknown as Machine<Grant, GrantEvent, GrantCommand>
    const found = explore<Grant, GrantEvent, GrantCommand>({
      machine: wrong,
      starts,
      samples: () => samples,
      depth: 8,
      shape: ({ attempt: _attempt, ...rest }) => rest,
      invariants: grantInvariants
    })
    const { broken } = exploreTraces(
      { machine: wrong, starts: [{ ...opened, _tag: 'AwaitingConsent', scope, context: { patient: '123' }, user: alice }], samples: () => [consented, codePresented()], depth: 3 },
      traceInvariants
    )
    expect([...complaintsAbout(wrong, found), ...broken]).not.toEqual([])
  })
})
