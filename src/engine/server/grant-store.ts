/**
 * The grants in the store. Each is a stored machine.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { Change, VersionedState } from '../compare-and-swap.js'
import { changeRecord, loadState, openRecord } from '../compare-and-swap.js'
import type { Store } from '../ports.js'
import type { ServerName } from './server-name.js'
import { grantMachine } from '../../protocol/grant/grant.js'
import type { GrantCommand, GrantEvent } from '../../protocol/grant/events.js'
import type { Step, UnexpectedEvent } from '../../protocol/machine/machine.js'
import { step } from '../../protocol/machine/machine.js'
import type { KnownResourceSide } from '../../protocol/scope-policy/resource-side-check.js'
import type { SmartPolicy } from '../../protocol/policy/policy.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import type { Grant } from '../../protocol/grant/state.js'
import { GrantCodec } from '../../protocol/grant/state.js'

/** The operations on the grants of a server. */
export interface Grants {
  /** Stores a new grant under its id. */
  readonly open: (grant: Grant) => TaskEither.TaskEither<Refusal, 'opened'>
  readonly load: (grantId: string) => TaskEither.TaskEither<Refusal, Option.Option<Grant>>
  /** Changes a grant by an event. `known` is what an earlier change in the same request found and did not write. */
  readonly change: (
    grantId: string,
    event: GrantEvent,
    known?: VersionedState<Grant> | null
  ) => TaskEither.TaskEither<Refusal, Change<Grant, GrantCommand>>
  /** The step that an event would cause; nothing is stored. */
  readonly dryRun: (grant: Grant, event: GrantEvent) => Either.Either<UnexpectedEvent, Step<Grant, GrantCommand>>
}

/** The store key of a grant. */
export const grantKey = (server: ServerName, grantId: string): string => `grant:${server} ${grantId}`

/** The grants of a server in a store, under a policy and for a resource side. */
export const grantsIn = (server: ServerName, store: Store, policy: SmartPolicy, side: KnownResourceSide): Grants => {
  const machine = grantMachine(policy, side)
  const keyOf = (grantId: string): string => grantKey(server, grantId)
  const open = openRecord(store)
  const load = loadState(store, GrantCodec)
  const change = changeRecord(store, GrantCodec, machine)
  return {
    open: (grant) => open(keyOf(grant.grantId), grant),
    load: (grantId) => async () => {
      const found = await load(keyOf(grantId))()
      return Either.isLeft(found)
        ? found
        : Either.right(Option.map(({ state }: { readonly state: Grant }) => state)(found.right))
    },
    change: (grantId, event, known) => change(keyOf(grantId), event, known),
    dryRun: step(machine)
  }
}
