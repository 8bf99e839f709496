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
import type { ParsedScope } from '../../../protocol/scope-policy/parsed-scope.js'
import { parsedScope } from '../../../protocol/scope-policy/parsed-scope.js'
import type { PolicyDecision } from '../../../protocol/scope-policy/policy-decision.js'
import { format } from '../../../scopes/format.js'

/**
 * The host policy's result for a scope, as the machines take it. The text of a scope that the host returns decides, and
 * not its other members.
 */
export const evaluatePolicy = (
  accessPolicy: AccessPolicy,
  user: SignedInUser,
  client: RegisteredClient,
  scope: ParsedScope
): TaskEither.TaskEither<PortError, PolicyDecision> =>
  pipe(
    accessPolicy.permittedScopes(user, client, scope.scopes),
    TaskEither.map((permitted): PolicyDecision =>
      permitted === 'endGrant' ? { _tag: 'Ended' } : { _tag: 'Permitted', scope: parsedScope(format(permitted), scope) }
    )
  )
