/**
 * The EHR's side of a launch: makes the handle that the app presents later.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { refusedEntry, recordAudit } from '../audit.js'
import { openRecord } from '../../compare-and-swap.js'
import type { ServerContext } from '../context.js'
import { launchKey } from '../store-keys.js'
import { identifierOf } from '../context.js'
import type { LaunchContext } from '../../../protocol/launch/launch-context.js'
import { checkContext } from '../../../protocol/launch/launch-context-rules.js'
import type { Refusal } from '../../../protocol/errors/refusal.js'
import { isUserIdentifier } from '../../../protocol/launch/user-rules.js'
import type { Offered } from '../../../protocol/launch/stored-launch.js'
import { withParameters } from '../../../values/urls.js'

/** The launch of an app by the EHR. */
export interface EhrLaunchRequest {
  readonly clientId: string
  /** The signed-in user of the EHR session (`sub`); null allows any user. */
  readonly launchedBy: string | null
  readonly context: LaunchContext
}

/**
 * Stores the context under the digest of a new handle and returns the handle: 256 random bits, valid for
 * `launchLifetimeSeconds` and only for this client.
 */
export const offerLaunch =
  (serverContext: ServerContext) =>
  (offer: EhrLaunchRequest): TaskEither.TaskEither<Refusal, string> => {
    const { ports, policy, facts } = serverContext
    if (offer.launchedBy !== null && !isUserIdentifier(offer.launchedBy)) {
      const refusal: Refusal = {
        _tag: 'SignedInUserInvalid',
        member: 'launchedBy',
        expected: 'the identifier of a user (`sub`)'
      }
      return recordAudit(ports, refusedEntry(refusal, offer.clientId), Either.left(refusal))
    }
    const checked = checkContext(policy.specVersion, offer.context)
    if (Either.isLeft(checked)) return recordAudit(ports, refusedEntry(checked.left, offer.clientId), checked)
    return pipe(
      Task.Do,
      Task.apS('now', Task.fromIO(ports.clock.now)),
      Task.apS('handle', Task.fromIO(ports.random.token)),
      Task.apS('writeId', Task.map(identifierOf)(Task.fromIO(ports.random.token))),
      Task.bind('digest', ({ handle }) => ports.keys.digest(handle)),
      Task.chain(({ now, handle, writeId, digest }) => {
        const offered: Offered = {
          _tag: 'Offered',
          ...offer,
          audience: facts.fhirBaseUrl,
          expiresAt: now + policy.launchLifetimeSeconds,
          writeId,
          // A launch that is presented in its last second must outlive the conversation that follows.
          recordExpiresAt: now + policy.launchLifetimeSeconds + 2 * policy.interactionLifetimeSeconds
        }
        return pipe(
          openRecord(ports.store)(launchKey(serverContext.issuing, digest), offered),
          TaskEither.map(() => handle),
          TaskEither.chainTaskK((made) =>
            recordAudit(
              ports,
              { decision: 'LaunchOffered', clientId: offer.clientId, grantId: null, refusal: null },
              made
            )
          )
        )
      })
    )
  }

/** The URL to which the EHR sends the user's browser: the app's launch URI with `iss` and `launch`. */
export const launchUrl = (launchUri: string, fhirBaseUrl: string, handle: string): string =>
  withParameters(launchUri, [
    ['iss', fhirBaseUrl],
    ['launch', handle]
  ])
