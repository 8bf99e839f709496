import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { Invariant, Trace } from './explorer.js'
import { complaintsAbout, explore, exploreTraces } from './explorer.js'
import {
  alice,
  chosen,
  client,
  codePresented,
  consented,
  contextUnavailable,
  decision,
  opened,
  pageNeeded,
  policy,
  refreshPresented,
  revocationRequested,
  scope,
  signedIn,
  tokenRevocationRequested
} from '../support/machines/samples.js'
import { onCodePresented as codePresentedTo } from '../../src/protocol/grant/code.js'
import { grantMachine } from '../../src/protocol/grant/grant.js'
import type { GrantCommand, GrantEvent } from '../../src/protocol/grant/events.js'
import type { Machine } from '../../src/protocol/machine/machine.js'
import { step } from '../../src/protocol/machine/machine.js'
import { parsedScope } from '../../src/protocol/scope-policy/parsed-scope.js'
import { builtInSide } from '../../src/protocol/scope-policy/resource-side-check.js'
import type { Grant } from '../../src/protocol/grant/state.js'
import type { PolicyDecision } from '../../src/protocol/scope-policy/policy-decision.js'
import { parse } from '../../src/scopes/parse.js'
import { subsumption } from '../../src/scopes/subsumes.js'

const machine = grantMachine(policy)

const late = { now: 9_000_000 }

/** The owner revokes an access token that is alive. */
const owned = tokenRevocationRequested()

const mallory = { ...alice, sub: 'mallory' }

/** Another client; and the one whose redirect URI was taken away. */
const another = { ...client, clientId: 'another' }
const elsewhere = { ...client, redirectUris: ['https://app.example/moved'] }

/**
 * The same event where the client is gone, or has lost its redirect URI, its grant types or its scopes, or some of
 * them.
 */
const registeredNoMore = (event: GrantEvent): ReadonlyArray<GrantEvent> =>
  [
    null,
    elsewhere,
    { ...client, grantTypes: [] },
    { ...client, scope: parse('fhirUser') },
    { ...client, scope: parse('launch/patient patient/Observation.rs') }
  ].map((registered) => ({ ...event, client: registered }) as GrantEvent)

const ended: PolicyDecision = { _tag: 'Ended' }
const little: PolicyDecision = { _tag: 'Permitted', scope: parsedScope('offline_access user/Observation.r') }

const samples: ReadonlyArray<GrantEvent> = [
  signedIn,
  { ...signedIn, now: 1700 },
  { ...signedIn, browserDigest: 'another' } as GrantEvent,
  { ...signedIn, formToken: 'another' } as GrantEvent,
  { ...signedIn, permission: { _tag: 'Permitted', scope: parsedScope('') } } as GrantEvent,
  { ...signedIn, permission: { _tag: 'Permitted', scope: parsedScope('user/Observation.rs') } } as GrantEvent,
  ...registeredNoMore(signedIn),
  { ...signedIn, permission: ended } as GrantEvent,
  { ...signedIn, user: { ...alice, sub: 'mallory' } } as GrantEvent,
  chosen,
  { ...chosen, context: {} } as GrantEvent,
  { ...chosen, now: 1700 },
  { ...chosen, present: mallory } as GrantEvent,
  ...registeredNoMore(chosen),
  consented,
  { ...consented, approvedScope: parsedScope('') } as GrantEvent,
  { ...consented, approvedScope: parsedScope('system/*.cruds patient/Observation.rs') } as GrantEvent,
  { ...consented, launchRefusal: { _tag: 'LaunchAlreadyUsed' } } as GrantEvent,
  { ...consented, now: 1700 },
  { ...consented, present: mallory } as GrantEvent,
  { ...consented, present: null } as GrantEvent,
  { ...consented, permission: ended } as GrantEvent,
  { ...consented, permission: little } as GrantEvent,
  ...registeredNoMore(consented),
  { ...consented, browserDigest: 'another' } as GrantEvent,
  contextUnavailable,
  { ...contextUnavailable, now: 1700 },
  { ...contextUnavailable, present: mallory } as GrantEvent,
  ...registeredNoMore(contextUnavailable),
  { ...contextUnavailable, formToken: 'another' } as GrantEvent,
  pageNeeded,
  { ...pageNeeded, now: 1700 },
  { ...pageNeeded, present: mallory } as GrantEvent,
  ...registeredNoMore(pageNeeded),
  { ...pageNeeded, formToken: 'another' } as GrantEvent,
  { _tag: 'UserDenied', ...decision() },
  { _tag: 'UserDenied', ...decision(1700) },
  { _tag: 'UserDenied', ...decision(), present: mallory },
  ...registeredNoMore({ _tag: 'UserDenied', ...decision() }),
  { _tag: 'UserDenied', ...decision(), formToken: 'another' },
  codePresented(),
  codePresented({ codeDigest: 'another' }),
  codePresented({ client: another }),
  codePresented({ client: elsewhere }),
  codePresented({ client: { ...client, scope: parse('fhirUser') } }),
  codePresented({ permission: null }),
  codePresented({ permission: ended }),
  codePresented({ permission: little }),
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
  refreshPresented(0, { client: another }),
  refreshPresented(0, { permission: null }),
  refreshPresented(0, { permission: ended }),
  refreshPresented(0, { permission: little }),
  refreshPresented(0, { permission: { _tag: 'Permitted', scope: parsedScope(`${scope} user/*.cruds`) } }),
  refreshPresented(0, { online: 'yes' }),
  refreshPresented(0, { online: 'no' }),
  refreshPresented(0, { target: 'https://other.example/fhir' }),
  refreshPresented(1, late),
  revocationRequested,
  owned,
  tokenRevocationRequested({ token: { _tag: 'AccessToken', epoch: 1, expiresAt: 4600 } }),
  tokenRevocationRequested({ token: { _tag: 'AccessToken', epoch: 0, expiresAt: 1030 } }),
  tokenRevocationRequested({ token: { _tag: 'RefreshToken' } }),
  tokenRevocationRequested({ clientId: 'another' }),
  tokenRevocationRequested({ clientId: 'another', token: { _tag: 'RefreshToken' } })
]

const starts: ReadonlyArray<Grant> = [
  {
    _tag: 'Backend',
    grantId: 'grant-2',
    clientId: 'app',
    writeId: 'a',
    recordExpiresAt: 2000,
    scope: 'system/*.rs',
    audience: opened.audience,
    epoch: 0,
    endsAt: 1300
  },
  { ...opened, scope: 'launch/patient' },
  { ...opened, scope: 'openid online_access patient/Observation.rs' },
  opened,
  { ...opened, launchedBy: 'alice', context: { patient: '123' } }
]

const issues = (command: GrantCommand | null): boolean => command?._tag === 'IssueTokens'

const over: ReadonlyArray<string> = ['Denied', 'Revoked', 'Expired']

const traceInvariants: Record<string, (trace: Trace<Grant, GrantEvent, GrantCommand>) => string | null> = {
  'a code is redeemed at most once': (trace) => {
    const redeemed = trace.filter(({ event, step }) => event._tag === 'CodePresented' && issues(step.command)).length
    return redeemed > 1 ? `redeemed ${String(redeemed)} times` : null
  },
  'nothing is issued after the end': (trace) => {
    const end = trace.findIndex(({ step }) => over.includes(step.state._tag))
    return end !== -1 && trace.slice(end).some(({ step }) => issues(step.command)) ? 'issued' : null
  },
  'generations never go back': (trace) => {
    const generations = trace.flatMap(({ step }) => (step.state._tag === 'Active' ? [step.state.generation] : []))
    return generations.some((generation, index) => generation < (generations[index - 1] ?? 0)) ? 'went back' : null
  },
  'a generation is left at most once, but inside the grace period': (trace) => {
    const rotations = trace.filter(
      ({ from, step }) =>
        from._tag === 'Active' && step.state._tag === 'Active' && step.state.generation > from.generation
    )
    const left = rotations.map(({ from }) => (from._tag === 'Active' ? from.generation : -1))
    return new Set(left).size < left.length ? 'left twice' : null
  },
  'epochs never go back': (trace) => {
    const epochs = trace.flatMap(({ step: { state } }) => (state._tag === 'Active' ? [state.epoch] : []))
    return epochs.some((epoch, index) => epoch < (epochs[index - 1] ?? 0)) ? 'went back' : null
  },
  'consent comes before any code': (trace) => {
    const consent = trace.findIndex(({ step }) => step.state._tag === 'CodeIssued')
    const redemption = trace.findIndex(({ step }) => issues(step.command))
    return redemption !== -1 && (consent === -1 || redemption < consent) ? 'redeemed without consent' : null
  },
  'what a grant stands for never changes': (trace) => {
    const facts = trace.flatMap(({ step: { state } }) =>
      state._tag === 'CodeIssued' || state._tag === 'Active'
        ? [JSON.stringify([state.clientId, state.user, state.context, state.scope, state.audience, state.redirectUri])]
        : []
    )
    return new Set(facts).size > 1 ? 'changed' : null
  }
}

/** What these invariants look at in a step; null when it gives out nothing and leaves the grant as it was. */
const shapeOfStep = ({
  from,
  event,
  step: { state, command }
}: Trace<Grant, GrantEvent, GrantCommand>[number]): unknown =>
  from === state && !issues(command) ? null : [event._tag, { ...state, writeId: '' }, issues(command)]

const isWithin = (wide: string, narrow: string): boolean => {
  const answer = subsumption(parse(wide), parse(narrow))
  return Either.isRight(answer) && answer.right
}

const grantInvariants: Readonly<Record<string, Invariant<Grant, GrantEvent, GrantCommand>>> = {
  'what was granted is within what was offered and approved': ({ from, event, step: { state } }) => {
    if (from._tag !== 'AwaitingConsent' || event._tag !== 'ConsentGiven' || state._tag !== 'CodeIssued') return null
    return isWithin(from.scope, state.scope) && isWithin(event.approvedScope.text, state.scope) ? null : state.scope
  },
  'a token is never wider than its grant': ({ step: { state, command } }) => {
    if (command?._tag !== 'IssueTokens' || state._tag !== 'Active') return null
    return isWithin(state.scope, command.tokens.scope) ? null : command.tokens.scope
  },
  'a granted patient/ scope has a patient in context': ({ step: { state } }) =>
    state._tag === 'CodeIssued' && /(?:^| )patient\//.test(state.scope) && state.context.patient === undefined
      ? state.scope
      : null,
  'online access lasts as long as the session': ({ from, event, step: { command } }) =>
    from._tag === 'Active' &&
    from.refresh === 'online' &&
    event._tag === 'RefreshTokenPresented' &&
    event.online !== 'yes' &&
    issues(command)
      ? event.online
      : null,
  'a revoked access token is invalid, or was before': ({ from, event, step: { state, command } }) =>
    event._tag === 'TokenRevocationRequested' &&
    event.token._tag === 'AccessToken' &&
    event.token.expiresAt > event.now &&
    command?._tag === 'ConfirmRevocation' &&
    'epoch' in state &&
    state.epoch <= event.token.epoch
      ? from._tag
      : null,
  'a revoked refresh token takes the grant along': ({ event, step: { state, command } }) =>
    event._tag === 'TokenRevocationRequested' &&
    event.token._tag === 'RefreshToken' &&
    command?._tag === 'ConfirmRevocation' &&
    !over.includes(state._tag)
      ? state._tag
      : null,
  'what is confirmed as ended has changed, and nothing else has': ({ from, step: { state, command } }) =>
    command?._tag === 'ConfirmRevocation' && (command.ended === 'nothing') !== (from === state) ? command.ended : null,
  'the revocation of an access token leaves code and refresh token alone': ({ from, event, step: { state } }) =>
    from._tag === 'Active' &&
    state._tag === 'Active' &&
    event._tag === 'TokenRevocationRequested' &&
    from.generation !== state.generation
      ? 'changed'
      : null,
  'an unauthorized party changes nothing': ({ from, event, step: { state } }) =>
    (event._tag === 'CodePresented' ||
      event._tag === 'RefreshTokenPresented' ||
      event._tag === 'TokenRevocationRequested') &&
    ('client' in event ? event.client.clientId : event.clientId) !== 'app' &&
    from !== state
      ? state._tag
      : null,
  'where the registration is gone nothing is sent to the app, and nothing bought': ({
    from,
    event,
    step: { command }
  }) =>
    'client' in event &&
    (event.client === null || event.client === elsewhere) &&
    from._tag !== 'Active' &&
    command?._tag !== 'Refuse'
      ? (command?._tag ?? '')
      : null,
  'another user decides nothing': ({ from, event, step: { state, command } }) =>
    'present' in event &&
    'user' in from &&
    event.present?.sub !== from.user.sub &&
    ((from !== state && !('interactionEndsAt' in from && event.now >= from.interactionEndsAt)) ||
      command?._tag !== 'Refuse')
      ? state._tag
      : null,
  'no token before the policy was called, and none after it ended the grant': ({ event, step: { state, command } }) =>
    (event._tag === 'CodePresented' || event._tag === 'RefreshTokenPresented') &&
    event.permission?._tag !== 'Permitted' &&
    (issues(command) || (event.permission === null && over.includes(state._tag) && command?._tag === 'EvaluatePolicy'))
      ? event._tag
      : null,
  'asking the policy changes nothing': ({ from, step: { state, command } }) =>
    command?._tag === 'EvaluatePolicy' && from !== state ? state._tag : null,
  'a token, and a code, is within what the policy permits then': ({ from, event, step: { state, command } }) => {
    if (!('permission' in event) || event.permission?._tag !== 'Permitted') return null
    const isBought = from._tag === 'AwaitingConsent' && state._tag === 'CodeIssued'
    const given = command?._tag === 'IssueTokens' ? command.tokens.scope : isBought ? state.scope : ''
    return isWithin(event.permission.scope.text, given) ? null : given
  },
  'an ended grant stays ended': ({ from, step: { state } }) =>
    over.includes(from._tag) && from !== state ? state._tag : null,
  'every event is answered by exactly one command': ({ step: { command } }) => (command === null ? 'no command' : null)
}

const explored = explore<Grant, GrantEvent, GrantCommand>({
  machine,
  starts,
  samples: () => samples,
  depth: 12,
  shape: ({ writeId: _attempt, ...rest }) => rest,
  invariants: grantInvariants
})

describe('the grant machine', () => {
  it('reaches every state, walks every declared arrow and no other, and breaks no invariant', () => {
    console.log(
      `grant: ${String(explored.distinctStates)} distinct states, ${String(explored.steps.length)} steps walked`
    )
    expect(complaintsAbout(machine, explored)).toEqual([])
  })

  it('breaks no invariant in any trace', { timeout: 60_000 }, () => {
    const few = samples.filter(
      (event) =>
        !('browserDigest' in event && event.browserDigest === 'another') &&
        !('now' in event && event.now > 1030) &&
        (event._tag !== 'TokenRevocationRequested' || event === owned) &&
        !('present' in event && (event.present !== alice || event.client !== client)) &&
        !('permission' in event && event.permission?._tag === 'Ended')
    )
    const { traces, broken } = exploreTraces(
      { machine, starts: [opened], samples: () => few, shape: shapeOfStep, depth: 5 },
      traceInvariants
    )
    const active: Extract<Grant, { _tag: 'AwaitingConsent' }> = {
      ...opened,
      _tag: 'AwaitingConsent',
      scope,
      context: { patient: '123' },
      user: alice
    }
    const later = exploreTraces(
      { machine, starts: [active], samples: () => few, shape: shapeOfStep, depth: 5 },
      traceInvariants
    )
    console.log(`grant: ${String(traces + later.traces)} traces`)
    expect([...broken, ...later.broken]).toEqual([])
  })
})

describe('a refresh token that is not rotated', () => {
  const confidential = { ...client, tokenEndpointAuthMethod: 'client_secret_basic' } as const
  const perform = step(grantMachine({ ...policy, rotateRefreshTokens: 'publicOnly' }))
  /** The grant of a public client that has refreshed once. */
  const refreshed = [signedIn, chosen, consented, codePresented(), refreshPresented(0)].reduce<Grant>(
    (grant, event) => {
      const stepped = perform(grant, event)
      return Either.isRight(stepped) ? stepped.right.state : grant
    },
    opened
  )
  const after = (...presented: ReadonlyArray<GrantEvent>): Grant =>
    presented.reduce<Grant>((grant, event) => {
      const stepped = perform(grant, event)
      return Either.isRight(stepped) ? stepped.right.state : grant
    }, refreshed)

  it('makes the one before it invalid, also within the grace period', () => {
    const current = refreshPresented(1, { client: confidential, now: 1021 })
    const previous = refreshPresented(0, { client: confidential, now: 1022 })
    expect(after(previous)).toMatchObject({ _tag: 'Active', generation: 1, wasRepeated: true })
    expect(after(current)).toMatchObject({ _tag: 'Active', generation: 1, rotatedAt: 1021 })
    expect(after(current, previous)).toMatchObject({ _tag: 'Revoked', why: 'RefreshTokenReused' })
    expect(after(current, { ...current, now: 1023 })).toMatchObject({ _tag: 'Active', generation: 1 })
  })
})

/** Deliberately wrong machines: each must be noticed by the exploration. */
const planted: Readonly<Record<string, Partial<{ [From in Grant['_tag']]: object }>>> = {
  'a replay does not revoke': {
    Active: {
      CodePresented: {
        to: ['Active', 'Revoked'],
        step: (grant: Grant) => ({ state: grant, command: { _tag: 'Refuse' } })
      }
    }
  },
  'a code is never consumed': {
    CodeIssued: {
      CodePresented: {
        to: ['CodeIssued'],
        step: (grant: Grant) => ({ state: grant, command: { _tag: 'IssueTokens', tokens: { scope: '' } } })
      }
    }
  },
  'a revoked grant comes back': {
    Revoked: {
      RevocationRequested: {
        to: ['Denied'],
        step: (grant: Grant) => ({ state: { ...grant, _tag: 'Denied' }, command: { _tag: 'ConfirmRevocation' } })
      }
    }
  },
  'an epoch that is not counted up': {
    Active: {
      TokenRevocationRequested: {
        to: ['Active', 'Revoked'],
        step: (grant: Grant) => ({
          state: { ...grant, writeId: 'x' },
          command: { _tag: 'ConfirmRevocation', ended: 'accessTokens' }
        })
      }
    }
  },
  'an undeclared arrow': {
    Denied: {
      RevocationRequested: {
        to: ['Denied'],
        step: (grant: Grant) => ({ state: { ...grant, _tag: 'Revoked' }, command: { _tag: 'ConfirmRevocation' } })
      }
    }
  },
  'a decision that any party may take': {
    AwaitingConsent: {
      UserDenied: {
        to: ['Denied'],
        step: (grant: Grant) => ({ state: { ...grant, _tag: 'Denied', at: 0 }, command: { _tag: 'Refuse' } })
      }
    }
  },
  'a redirect to an address that is not registered any more': {
    AwaitingConsent: {
      PageNeeded: {
        to: ['Denied'],
        step: (grant: Grant) => ({
          state: { ...grant, _tag: 'Denied', at: 0 },
          command: { _tag: 'RedirectWithRefusal' }
        })
      }
    }
  },
  'a code that is bought without asking the policy': {
    CodeIssued: {
      CodePresented: {
        to: ['Active', 'CodeIssued', 'Revoked', 'Expired'],
        step: (
          grant: Extract<Grant, { readonly _tag: 'CodeIssued' }>,
          event: Extract<GrantEvent, { readonly _tag: 'CodePresented' }>
        ) =>
          codePresentedTo(
            policy,
            grant,
            { ...event, permission: { _tag: 'Permitted', scope: parsedScope(grant.scope) } },
            builtInSide
          )
      }
    }
  },
  'a step that changes its argument': {
    Expired: {
      RevocationRequested: {
        to: ['Expired'],
        step: (grant: Grant & { at: number }) => {
          ;(grant as { at: number }).at = 0
          return { state: grant, command: { _tag: 'ConfirmRevocation' } }
        }
      }
    }
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
      untilBroken: true,
      shape: ({ writeId: _attempt, ...rest }) => rest,
      invariants: grantInvariants
    })
    const { broken } = exploreTraces(
      {
        machine: wrong,
        starts: [{ ...opened, _tag: 'AwaitingConsent', scope, context: { patient: '123' }, user: alice }],
        samples: () => [consented, codePresented()],
        depth: 3
      },
      traceInvariants
    )
    expect([...complaintsAbout(wrong, found), ...broken]).not.toEqual([])
  })
})
