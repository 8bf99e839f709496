/** Revokes a grant of any server of a simulator, as that server does. */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type { GrantView } from './grant-view.js'
import { oneServer } from '../one-server.js'
import type { SharedParts } from '../shared-parts.js'
import { rootAddresses } from '../shared-parts.js'
import type { Refusal } from '../../protocol/errors/refusal.js'

/** What is known of a grant that is revoked. */
export type RevocableGrant = Pick<GrantView, 'grant' | 'issuer' | 'userSub'>

/** Revokes a grant, and forgets the consents to its app. `none`: it is revoked. */
export const revokeStored = async (
  shared: SharedParts,
  { grant: { grantId }, issuer, userSub }: RevocableGrant
): Promise<Option.Option<Refusal>> => {
  const { policy } = shared.config
  const built = oneServer(shared, { ...rootAddresses({ publicBaseUrl: issuer }), policy })
  if (Either.isLeft(built)) return Option.some({ _tag: 'HostUnavailable', reason: built.left.reason })
  const { revoke } = built.right
  const ended = await revoke(grantId, userSub)
  return Either.isLeft(ended) ? Option.some(ended.left) : Option.none
}
