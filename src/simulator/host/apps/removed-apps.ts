/** What ends with the registration of an app (RFC 7592): its grants, and its place on the list. Its name stays. */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type { Simulator } from '../../context.js'
import { grantIn } from '../../grants/grant-view.js'
import { stateWords } from '../../grants/grant-words.js'
import { ownAppOf } from '../../log/app-name.js'
import { revokeStored } from '../../one-server.js'
import { serverAt } from '../../log/line-server.js'
import type { SharedParts } from '../../shared-parts.js'
import type { RequestHandler } from '../../../engine/server/http-handler.js'
import type { Refusal } from '../../../protocol/errors/refusal.js'
import { pathOf } from '../../../values/urls.js'

/** The name of an app that is registered; its id where it is not, or where the store does not answer. */
export const registeredName = async ({ server }: Pick<Simulator, 'server'>, clientId: string): Promise<string> => {
  const found = await server.admin.client(clientId)()
  return Either.isRight(found) && Option.isSome(found.right) ? found.right.value.clientName : clientId
}

/** Whether the app of an id at the server of an issuer is the one that the launch setting there contains. */
const isOfSetting = ({ config }: Pick<SharedParts, 'config'>, clientId: string, issuer: string): boolean =>
  ownAppOf(serverAt(config, pathOf(issuer)).server.setting, clientId) !== undefined

/**
 * Revokes the open grants of a registered app, except those of an app with the same id that a launch setting contains.
 * Null: it is done.
 */
export const endGrants = async (shared: SharedParts, clientId: string): Promise<Refusal | null> => {
  for (const { issuer, text } of (await shared.list.all()).grants) {
    const grant = grantIn(text)
    if (grant?.clientId !== clientId || !stateWords[grant._tag].isOpen || isOfSetting(shared, clientId, issuer))
      continue
    const userSub = 'user' in grant ? grant.user.sub : null
    const ended = await revokeStored(shared, { grantId: grant.grantId, issuer, userSub })
    if (Option.isSome(ended)) return ended.value
  }
  return null
}

/**
 * Ends the grants of an app whose registration has ended, because its codes and tokens are invalid, and takes it off
 * the list at last, so that what could not be done can be repeated. Null: it is done.
 */
export const endApp = async (
  shared: SharedParts,
  { clientId, name }: { readonly clientId: string; readonly name: string }
): Promise<Refusal | null> => {
  const unended = await endGrants(shared, clientId)
  if (unended !== null) return unended
  const removed = await shared.apps.remove(clientId, name)()
  return Either.isLeft(removed) ? removed.left : null
}

/** Notices apps that end their registration at the registration endpoint of a server. */
export const noticingRemovals = (
  shared: SharedParts,
  { server }: Pick<Simulator, 'server'>,
  handler: RequestHandler
): RequestHandler => {
  const folder = `${pathOf(server.facts.registrationEndpoint)}/`
  return (request) =>
    request.method !== 'DELETE' || !request.path.startsWith(folder)
      ? handler(request)
      : async () => {
          const clientId = request.path.slice(folder.length)
          const name = await registeredName({ server }, clientId)
          const response = await handler(request)()
          // The pages show what has ended; the registration has ended already, whether they can or not.
          if (response.status === 204) await endApp(shared, { clientId, name })
          return response
        }
}
