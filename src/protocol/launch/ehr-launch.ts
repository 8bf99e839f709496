/**
 * An EHR launch: the handle that the EHR gives the app, and the context behind it.
 *
 * The handle is bound to the client, the FHIR server and the EHR's user, and good until a code is issued on it: a user
 * may press "back" before that (the policy may spend it sooner, or only by time). The context is frozen when the handle
 * is made. Source: app-launch, "Launch App: EHR Launch".
 *
 * @module
 */
import type { Machine, Rule, Step } from '../machine/machine.js'
import { firstBroken, stay } from '../machine/machine.js'
import type { LaunchContext } from './launch-context.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { Refusal } from '../errors/refusal.js'
import type { Bound, EhrLaunch, ExpiredLaunch, Offered, Spent } from './stored-launch.js'
import type { EpochSeconds } from '../../values/time.js'

interface EventContext {
  readonly now: EpochSeconds
  readonly writeId: string
  /** The grant on whose behalf the handle is presented. */
  readonly grantId: string
}

/** What can happen to a launch. */
export type EhrLaunchEvent =
  | (EventContext & { readonly _tag: 'LaunchPresented'; readonly clientId: string; readonly audience: string })
  | (EventContext & { readonly _tag: 'ConsentGiven' })

/** What must be done about it. */
export type EhrLaunchCommand =
  | { readonly _tag: 'UseContext'; readonly context: LaunchContext; readonly launchedBy: string | null }
  | { readonly _tag: 'IssueCode' }
  | { readonly _tag: 'Refuse'; readonly refusal: Refusal }

type LaunchStep = Step<EhrLaunch, EhrLaunchCommand>
type Presented = Extract<EhrLaunchEvent, { readonly _tag: 'LaunchPresented' }>
type Consented = Extract<EhrLaunchEvent, { readonly _tag: 'ConsentGiven' }>

const presentationRules: ReadonlyArray<Rule<{ readonly launch: EhrLaunch; readonly event: Presented }, Refusal>> = [
  {
    holds: ({ launch, event }) => launch.clientId === event.clientId,
    otherwise: () => ({ _tag: 'LaunchOfAnotherClient' })
  },
  {
    holds: ({ launch, event }) => launch.audience === event.audience,
    otherwise: () => ({ _tag: 'LaunchForAnotherServer' })
  },
  {
    holds: ({ launch, event }) => event.now < launch.expiresAt,
    otherwise: () => ({ _tag: 'LaunchExpired' })
  }
]

const expired = (launch: Offered | Bound, event: Presented): ExpiredLaunch => ({
  _tag: 'Expired',
  clientId: launch.clientId,
  audience: launch.audience,
  launchedBy: launch.launchedBy,
  context: launch.context,
  expiresAt: launch.expiresAt,
  recordExpiresAt: launch.recordExpiresAt,
  writeId: event.writeId
})

const presented = (launch: Offered | Bound, event: Presented): LaunchStep => {
  const refusal = firstBroken(presentationRules, { launch, event })
  if (refusal?._tag === 'LaunchExpired') {
    return { state: expired(launch, event), command: { _tag: 'Refuse', refusal } }
  }
  if (refusal !== null) return stay<EhrLaunch, EhrLaunchCommand>(launch, { _tag: 'Refuse', refusal })
  return {
    state: { ...launch, _tag: 'Bound', writeId: event.writeId, grantId: event.grantId },
    command: { _tag: 'UseContext', context: launch.context, launchedBy: launch.launchedBy }
  }
}

/** Only the request that presented the handle last may spend it. */
const spend = (launch: Bound, event: Consented): LaunchStep =>
  launch.grantId === event.grantId
    ? { state: { ...launch, _tag: 'Spent', writeId: event.writeId }, command: { _tag: 'IssueCode' } }
    : stay<EhrLaunch, EhrLaunchCommand>(launch, { _tag: 'Refuse', refusal: { _tag: 'LaunchAlreadyUsed' } })

/** Whoever spent it may hear so again: the answer was lost, or a later step failed. */
const spentAgain = (launch: Spent, event: Consented): LaunchStep =>
  stay<EhrLaunch, EhrLaunchCommand>(
    launch,
    launch.grantId === event.grantId
      ? { _tag: 'IssueCode' }
      : { _tag: 'Refuse', refusal: { _tag: 'LaunchAlreadyUsed' } }
  )

const refuse =
  (refusal: Refusal) =>
  (launch: EhrLaunch): LaunchStep =>
    stay<EhrLaunch, EhrLaunchCommand>(launch, { _tag: 'Refuse', refusal })

/** Under a policy that spends a handle with its first presentation. */
const presentedAgain =
  (policy: SmartPolicy) =>
  (launch: Bound, event: Presented): LaunchStep =>
    policy.launchSingleUse === 'onFirstAuthorize'
      ? refuse({ _tag: 'LaunchAlreadyUsed' })(launch)
      : presented(launch, event)

/** Under a policy that lets a handle live until its time is over. */
const consented =
  (policy: SmartPolicy) =>
  (launch: Bound, event: Consented): LaunchStep =>
    policy.launchSingleUse === 'never'
      ? stay<EhrLaunch, EhrLaunchCommand>(launch, { _tag: 'IssueCode' })
      : spend(launch, event)

/** The launch machine under a policy. */
export const ehrLaunchMachine = (policy: SmartPolicy): Machine<EhrLaunch, EhrLaunchEvent, EhrLaunchCommand> => ({
  name: 'ehr-launch',
  initial: ['Offered'],
  table: {
    Offered: {
      LaunchPresented: { to: ['Offered', 'Bound', 'Expired'], step: presented }
    },
    Bound: {
      LaunchPresented: { to: ['Bound', 'Expired'], step: presentedAgain(policy) },
      ConsentGiven: { to: ['Bound', 'Spent'], step: consented(policy) }
    },
    Spent: {
      LaunchPresented: { to: ['Spent'], step: refuse({ _tag: 'LaunchAlreadyUsed' }) },
      ConsentGiven: { to: ['Spent'], step: spentAgain }
    },
    Expired: {
      LaunchPresented: { to: ['Expired'], step: refuse({ _tag: 'LaunchExpired' }) },
      ConsentGiven: { to: ['Expired'], step: refuse({ _tag: 'LaunchExpired' }) }
    }
  }
})
