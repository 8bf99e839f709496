/** Faults that are planted in the transition table: each must fail a check of the relation. */
import type { Machines } from './relation.js'
import { activeGrant } from './situations.js'
import type { GrantCommand, GrantEvent, GrantEventOf, GrantStep } from '../../../src/protocol/grant/events.js'
import { tokensOf } from '../../../src/protocol/grant/events.js'
import { grantMachine } from '../../../src/protocol/grant/grant.js'
import { parsedScope } from '../../../src/protocol/scope-policy/parsed-scope.js'
import type { SmartPolicy } from '../../../src/protocol/policy/policy.js'
import type { Active, CodeIssued, Grant } from '../../../src/protocol/grant/state.js'

/** A wrong step of one entry, made from the right one. */
type WrongStep = (
  right: (grant: Grant, event: GrantEvent) => GrantStep,
  grant: Grant,
  event: GrantEvent,
  policy: SmartPolicy
) => GrantStep

/** A fault: where it is, and the wrong step. */
export interface Fault {
  readonly name: string
  readonly state: Grant['_tag']
  readonly event: GrantEvent['_tag']
  readonly step: WrongStep
}

/** Tokens of a grant for its whole scope. */
const allTokens = (grant: Active, event: GrantEvent): GrantCommand => ({
  _tag: 'IssueTokens',
  tokens: tokensOf(grant, parsedScope(grant.scope), event, 300, false)
})

/** The right step, for an event or a grant that is changed before. */
const withEvent =
  (change: (grant: Grant, event: GrantEvent) => object): WrongStep =>
  (right, grant, event) =>
    right(grant, { ...event, ...change(grant, event) })

const withGrant =
  (change: (grant: Grant, event: GrantEvent) => object): WrongStep =>
  (right, grant, event) => {
    const changed = { ...grant, ...change(grant, event) } as Grant
    const { state, command } = right(changed, event)
    return { state: state === changed ? grant : state, command }
  }

/** A refusal where the right step writes an end. */
const unlessEnded: WrongStep = (right, grant, event) => {
  const { state, command } = right(grant, event)
  return { state: state._tag === 'Revoked' ? grant : state, command }
}

export const faults: ReadonlyArray<Fault> = [
  {
    name: 'a code is accepted twice',
    state: 'Active',
    event: 'CodePresented',
    step: (right, grant, event) => {
      const step = right(grant, event)
      const again = { ...(grant as Active), writeId: event.writeId }
      return step.state._tag === 'Revoked' ? { state: again, command: allTokens(again, event) } : step
    }
  },
  { name: 'a replayed code is refused only', state: 'Active', event: 'CodePresented', step: unlessEnded },
  {
    name: 'a code with a wrong secret is accepted',
    state: 'CodeIssued',
    event: 'CodePresented',
    step: withEvent((grant) => ({ codeDigest: (grant as CodeIssued).codeDigest }))
  },
  {
    name: 'a code with a wrong verifier is accepted',
    state: 'CodeIssued',
    event: 'CodePresented',
    step: withEvent((grant) => ({ challengeOfVerifier: (grant as CodeIssued).codeChallenge }))
  },
  {
    name: 'a code without a verifier is accepted',
    state: 'CodeIssued',
    event: 'CodePresented',
    step: (right, grant, event) => {
      const { challengeOfVerifier } = event as GrantEventOf<'CodePresented'>
      const { codeChallenge } = grant as CodeIssued
      return right(grant, {
        ...event,
        ...(challengeOfVerifier === null ? { challengeOfVerifier: codeChallenge } : {})
      })
    }
  },
  {
    name: 'a code of another client is accepted',
    state: 'CodeIssued',
    event: 'CodePresented',
    step: (right, grant, event) => {
      const { client } = event as GrantEventOf<'CodePresented'>
      return right(grant, { ...event, client: { ...client, clientId: grant.clientId } } as GrantEvent)
    }
  },
  {
    name: 'a code with another redirect URI is accepted',
    state: 'CodeIssued',
    event: 'CodePresented',
    step: withEvent((grant) => ({ redirectUri: (grant as CodeIssued).redirectUri }))
  },
  {
    name: 'a late code is accepted',
    state: 'CodeIssued',
    event: 'CodePresented',
    step: withGrant((_grant, { now }) => ({ codeExpiresAt: now + 1 }))
  },
  {
    name: 'tokens are given out before the grant is written',
    state: 'CodeIssued',
    event: 'CodePresented',
    step: (right, grant, event) => {
      const { state, command } = right(grant, event)
      return { state: command?._tag === 'IssueTokens' ? grant : state, command }
    }
  },
  {
    name: 'the policy is not consulted',
    state: 'CodeIssued',
    event: 'CodePresented',
    step: withEvent((grant) => ({
      permission: { _tag: 'Permitted', scope: parsedScope((grant as CodeIssued).scope) }
    }))
  },
  {
    name: 'a refresh token of an old generation is accepted',
    state: 'Active',
    event: 'RefreshTokenPresented',
    step: (right, grant, event) => {
      const [{ generation }, presented] = [grant as Active, event as GrantEventOf<'RefreshTokenPresented'>]
      return right(grant, { ...presented, generation: Math.max(generation, presented.generation) })
    }
  },
  {
    name: 'a reused refresh token is refused only',
    state: 'Active',
    event: 'RefreshTokenPresented',
    step: unlessEnded
  },
  {
    name: 'a refresh token of another client is accepted',
    state: 'Active',
    event: 'RefreshTokenPresented',
    step: (right, grant, event) => {
      const { client } = event as GrantEventOf<'RefreshTokenPresented'>
      return right(grant, { ...event, client: { ...client, clientId: grant.clientId } } as GrantEvent)
    }
  },
  {
    name: 'the grace period has no end',
    state: 'Active',
    event: 'RefreshTokenPresented',
    step: (right, grant, event, policy) =>
      withGrant((active) => ({
        rotatedAt: policy.reuseGraceSeconds > 0 ? event.now : (active as Active).rotatedAt
      }))(right, grant, event, policy)
  },
  {
    name: 'a response is repeated without end',
    state: 'Active',
    event: 'RefreshTokenPresented',
    step: withGrant(() => ({ wasRepeated: false }))
  },
  {
    name: 'a refresh without rotation opens the grace period again',
    state: 'Active',
    event: 'RefreshTokenPresented',
    step: (right, grant, event) => {
      const { state, command } = right(grant, event)
      const isKept =
        state !== grant &&
        state._tag === 'Active' &&
        (event as GrantEventOf<'RefreshTokenPresented'>).generation === (grant as Active).generation
      return { state: isKept ? { ...state, wasRepeated: false } : state, command }
    }
  },
  {
    name: 'a session that is over is renewed',
    state: 'Active',
    event: 'RefreshTokenPresented',
    step: withEvent(() => ({ online: 'yes' }))
  },
  {
    name: 'a revoked grant answers with tokens',
    state: 'Revoked',
    event: 'RefreshTokenPresented',
    step: (_right, grant, event) => {
      const { grantId, clientId } = grant
      const active = activeGrant({ grantId, clientId, writeId: event.writeId })
      return { state: active, command: allTokens(active, event) }
    }
  },
  {
    name: 'an ended grant is changed',
    state: 'Denied',
    event: 'RevocationRequested',
    step: (_right, grant, event) => ({
      state: { ...grant, _tag: 'Revoked', why: 'Asked', at: event.now, writeId: event.writeId },
      command: { _tag: 'ConfirmRevocation', ended: 'grant' }
    })
  },
  {
    name: 'a revocation is confirmed and not written',
    state: 'Active',
    event: 'RevocationRequested',
    step: (right, grant, event) => ({ ...right(grant, event), state: grant })
  },
  {
    name: 'a revoked access token keeps its epoch',
    state: 'Active',
    event: 'TokenRevocationRequested',
    step: (right, grant, event) => {
      const { state, command } = right(grant, event)
      const isWritten = state !== grant && state._tag === 'Active'
      return { state: isWritten ? { ...state, epoch: (grant as Active).epoch } : state, command }
    }
  },
  {
    name: 'another client revokes',
    state: 'Active',
    event: 'TokenRevocationRequested',
    step: withEvent(({ clientId }) => ({ clientId }))
  },
  {
    name: 'another browser consents',
    state: 'AwaitingConsent',
    event: 'ConsentGiven',
    step: (right, grant, event) => {
      const { browserDigest } = grant as Extract<Grant, { _tag: 'AwaitingConsent' }>
      return right(grant, { ...event, browserDigest } as GrantEvent)
    }
  },
  {
    name: 'a consent gives a code and asks again',
    state: 'AwaitingConsent',
    event: 'ConsentGiven',
    step: (right, grant, event) => {
      const { state, command } = right(grant, event)
      return {
        state: command?._tag === 'RedirectWithCode' ? { ...grant, writeId: event.writeId } : state,
        command
      }
    }
  }
]

/** The grant machine with a fault. */
export const faulty =
  ({ state, event, step }: Fault): Machines =>
  (policy) => {
    const machine = grantMachine(policy)
    const row = machine.table[state] as Readonly<
      Record<
        string,
        { readonly to: ReadonlyArray<Grant['_tag']>; readonly step: (grant: Grant, event: GrantEvent) => GrantStep }
      >
    >
    const entry = row[event]
    if (entry === undefined) return machine
    const wrong = { ...entry, step: (grant: Grant, happened: GrantEvent) => step(entry.step, grant, happened, policy) }
    return {
      ...machine,
      table: { ...machine.table, [state]: { ...row, [event]: wrong } }
    }
  }
