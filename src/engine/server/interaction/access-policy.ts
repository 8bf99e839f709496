/**
 * Asks the host's access policy what a user may give to a client.
 *
 * @module
 */
import { pipe } from 'fp-ts/lib/function.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { AccessPolicy, PortError } from '../../ports.js'
import type { RegisteredClient } from '../../../protocol/client/client.js'
import type { SignedInUser } from '../../../protocol/launch/launch-context.js'
import type { PolicyDecision } from '../../../protocol/scope-policy/policy-decision.js'
import { format } from '../../../scopes/format.js'
import { parse } from '../../../scopes/parse.js'

/** The host policy's result for scopes in text form, as the machines take it. */
export const askPolicy = (
  accessPolicy: AccessPolicy,
  user: SignedInUser,
  client: RegisteredClient,
  scope: string
): TaskEither.TaskEither<PortError, PolicyDecision> =>
  pipe(
    accessPolicy.permittedScopes(user, client, parse(scope)),
    TaskEither.map((permitted): PolicyDecision =>
      permitted === 'endGrant' ? { _tag: 'Ended' } : { _tag: 'Permitted', scope: format(permitted) }
    )
  )
