/** The grants of the server, as the desktop shows them. */
import * as Either from 'fp-ts/lib/Either.js'
import type { GrantSummary } from '../pages/desktop.js'
import { grantMachine } from '../../protocol/grant/grant.js'
import { GrantCodec } from '../../protocol/grant/state.js'
import { stateRow as machineRow } from '../../protocol/machine/machine.js'
import type { SmartPolicy } from '../../protocol/policy/policy.js'

/** A stored grant as the desktop shows it. */
export const grantSummary =
  (policy: SmartPolicy) =>
  (text: string): ReadonlyArray<GrantSummary> => {
    const grant = GrantCodec.decode(JSON.parse(text))
    if (Either.isLeft(grant)) return []
    const { grantId, clientId, _tag } = grant.right
    const ways = [...machineRow(grantMachine(policy), _tag)].flatMap(([event, { to }]) => {
      const others = to.filter((state) => state !== _tag)
      return others.length === 0 ? [] : [`${event}: ${others.join(' or ')}`]
    })
    return [{ grantId: `${grantId.slice(0, 8)}...`, clientId, state: _tag, ways }]
  }
