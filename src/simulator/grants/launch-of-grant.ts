/** The launch that began a grant, for the pages that lead to another launch of its app. */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type { Simulator } from '../context.js'
import type { LaunchKind } from '../launch/launch-form.js'
import type { LogLine } from '../log/log-line.js'
import { loadState } from '../../engine/compare-and-swap.js'
import type { Ports } from '../../engine/ports.js'
import { grantKey } from '../../engine/server/grant-store.js'
import { issuingName } from '../../engine/server/server-name.js'
import { GrantCodec } from '../../protocol/grant/state.js'

/** The app of a grant, and how it was launched. */
export interface LaunchOfGrant {
  readonly clientId: string
  /** Null for a grant that is over: its record does not say it any more. */
  readonly kind: LaunchKind | null
}

type LaunchFacts = Pick<Simulator, 'setting' | 'userNamed'>

/** The kind of a launch from the record system. */
const kindFromEhr = ({ setting, userNamed }: LaunchFacts): LaunchKind => {
  const ownRecord = userNamed(setting.user ?? '')?.fhirUser ?? ''
  return ownRecord === `Patient/${setting.patient ?? ''}` ? 'portal' : 'ehr'
}

/** The launch that the log has of a grant whose record is gone; null for none. The newest line is the first. */
export const launchInLog = (
  simulator: LaunchFacts,
  lines: ReadonlyArray<Pick<LogLine, 'clientId' | 'grantId' | 'request'>>,
  grantId: string
): LaunchOfGrant | null => {
  const first = lines.findLast((line) => line.grantId === grantId && line.clientId !== null)
  if (first?.clientId == null) return null
  const isFromEhr = first.request?.parameters.some(({ name }) => name === 'launch') === true
  return { clientId: first.clientId, kind: isFromEhr ? kindFromEhr(simulator) : 'standalone' }
}

/** The launch of the grant with that id; null if the store has no such grant, or does not answer. */
export const launchOfGrant = async (
  { server, setting, userNamed }: Pick<Simulator, 'server' | 'setting' | 'userNamed'>,
  { store }: Pick<Ports, 'store'>,
  grantId: string
): Promise<LaunchOfGrant | null> => {
  const loaded = await loadState(store, GrantCodec)(grantKey(issuingName(server.facts), grantId))()
  if (Either.isLeft(loaded) || Option.isNone(loaded.right)) return null
  const grant = loaded.right.value.state
  const { clientId } = grant
  if (!('launchKey' in grant)) return { clientId, kind: null }
  if (grant.launchKey === null) return { clientId, kind: 'standalone' }
  return { clientId, kind: kindFromEhr({ setting, userNamed }) }
}
