/**
 * An EHR launch: the `launch` handle that the EHR gives the app, and the context that it refers to.
 *
 * The handle is bound to the client, the FHIR server and the EHR's user. It is valid until a code is issued for it,
 * because a user may press "back" before that (the policy may end it earlier, or only by time). The context is fixed
 * when the handle is made. Source: app-launch, "Launch App: EHR Launch".
 *
 * @module
 */
import type { Machine, Step } from '../machine/machine.js'
import type { Rule } from '../machine/rules.js'
import { stay } from '../machine/machine.js'
import { firstRefusal } from '../machine/rules.js'
import type { LaunchContext } from './launch-context.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { Refusal } from '../errors/refusal.js'
import type { Bound, EhrLaunch, ExpiredLaunch, Offered, UsedLaunch } from './stored-launch.js'
import type { EpochSeconds } from '../../values/time.js'

interface EventContext {
  readonly now: EpochSeconds
  readonly writeId: string
  /** The grant for which the handle is presented. */
  readonly grantId: string
}

/** The events of a launch. */
export type EhrLaunchEvent =
  | (EventContext & { readonly _tag: 'LaunchPresented'; readonly clientId: string; readonly audience: string })
  | (EventContext & { readonly _tag: 'ConsentGiven' })

/** The commands of a launch. */
export type EhrLaunchCommand =
  | { readonly _tag: 'UseContext'; readonly context: LaunchContext; readonly launchedBy: string | null }
  | { readonly _tag: 'IssueCode' }
  | { readonly _tag: 'Refuse'; readonly refusal: Refusal }

type LaunchStep = Step<EhrLaunch, EhrLaunchCommand>
type Presented = Extract<EhrLaunchEvent, { readonly _tag: 'LaunchPresented' }>
type Consented = Extract<EhrLaunchEvent, { readonly _tag: 'ConsentGiven' }>

/** The rules of a presented launch handle. */
export const launchPresentationRules: ReadonlyArray<
  Rule<{ readonly launch: EhrLaunch; readonly event: Presented }, Refusal>
> = [
  {
    name: 'client-matches',
    check: ({ launch, event }) => (launch.clientId === event.clientId ? null : { _tag: 'LaunchOfAnotherClient' })
  },
  {
    name: 'audience-matches',
    check: ({ launch, event }) => (launch.audience === event.audience ? null : { _tag: 'LaunchForAnotherServer' })
  },
  {
    name: 'not-expired',
    check: ({ launch, event }) => (event.now < launch.expiresAt ? null : { _tag: 'LaunchExpired' })
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
  const refusal = firstRefusal(launchPresentationRules, { launch, event })
  if (refusal?._tag === 'LaunchExpired') {
    return { state: expired(launch, event), command: { _tag: 'Refuse', refusal } }
  }
  if (refusal !== null) return stay<EhrLaunch, EhrLaunchCommand>(launch, { _tag: 'Refuse', refusal })
  return {
    state: { ...launch, _tag: 'Bound', writeId: event.writeId, grantId: event.grantId },
    command: { _tag: 'UseContext', context: launch.context, launchedBy: launch.launchedBy }
  }
}

/** Only the request that presented the handle last may use it. */
const spend = (launch: Bound, event: Consented): LaunchStep =>
  launch.grantId === event.grantId
    ? { state: { ...launch, _tag: 'Spent', writeId: event.writeId }, command: { _tag: 'IssueCode' } }
    : stay<EhrLaunch, EhrLaunchCommand>(launch, { _tag: 'Refuse', refusal: { _tag: 'LaunchAlreadyUsed' } })

/**
 * The grant that used the handle gets the same result again: the response may have been lost, or a later step may have
 * failed.
 */
const usedAgain = (launch: UsedLaunch, event: Consented): LaunchStep =>
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

/** For a policy under which the first presentation uses the handle. */
const presentedAgain =
  (policy: SmartPolicy) =>
  (launch: Bound, event: Presented): LaunchStep =>
    policy.launchSingleUse === 'onFirstAuthorize'
      ? refuse({ _tag: 'LaunchAlreadyUsed' })(launch)
      : presented(launch, event)

/** For a policy under which a handle is valid until it expires. */
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
  final: ['Spent', 'Expired'],
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
      ConsentGiven: { to: ['Spent'], step: usedAgain }
    },
    Expired: {
      LaunchPresented: { to: ['Expired'], step: refuse({ _tag: 'LaunchExpired' }) },
      ConsentGiven: { to: ['Expired'], step: refuse({ _tag: 'LaunchExpired' }) }
    }
  }
})
