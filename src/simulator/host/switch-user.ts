/**
 * "Not you?" on the pages of a conversation: the session ends, and the same authorization request begins again with the
 * sign-in page.
 *
 * A conversation belongs to the user who began it, so the request begins a new one. It is kept for as long as the
 * conversation can last. It is not kept if only one user may go on: the one whom the EHR or the launch setting names.
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type { Session } from './sessions.js'
import { sessionCookie } from './sessions.js'
import { withCookie } from './setting-acts.js'
import type { Simulator } from '../context.js'
import { launchOfGrant } from '../grants/launch-of-grant.js'
import { queryOfSetting } from '../launch/setting-query.js'
import { systemClock } from '../../adapters/system.js'
import type { Ports } from '../../engine/ports.js'
import { serverName } from '../../engine/server/server-name.js'
import { setCookie } from '../../host/cookies.js'
import type { SwitchUser } from '../../host/host-context.js'
import { readForm } from '../../protocol/http/form.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { headerOf, seeOther } from '../../protocol/http/message.js'
import { pathOf } from '../../values/urls.js'

/** The users of a server by turns. */
export interface UserSwitch {
  /** Keeps the authorization request that a response answers with the page of a conversation. */
  readonly notice: (request: PlainRequest, response: PlainResponse) => Promise<void>
  /**
   * The address of the launch page with the launch of the conversation at a path, where another user is chosen; null if
   * the request is kept, so that another user can go on with it.
   */
  readonly relaunchAt: (path: string, clientId: string) => Promise<string | null>
  readonly switchUser: SwitchUser<{ readonly request: PlainRequest; readonly session: Session | null }>
}

/** Whether the setting, or the request of a launch from the EHR, leaves only one user who may go on. */
const isForOneUser = ({ setting }: Pick<Simulator, 'setting'>, query: string): boolean => {
  if (setting.user !== undefined || setting.skip?.includes('sign-in') === true) return true
  const form = readForm(query)
  return Either.isLeft(form) || form.right.has('launch')
}

/** The switch of users at one server. */
export const userSwitch = (simulator: Simulator, { store }: Pick<Ports, 'store'>): UserSwitch => {
  const { basePath, homePath, isSecure, record, refused, server, sessions, setting } = simulator
  const authorizePath = pathOf(server.facts.authorizationEndpoint)
  const conversations = `${basePath}/interaction/`
  const keyOf = (grantId: string): string => `user-request:${serverName(server.facts)} ${grantId}`

  const idIn = (path: string): string | null =>
    path.startsWith(conversations) ? path.slice(conversations.length) : null

  /** The query of the request; null if none is kept, or the store does not answer. */
  const kept = async (grantId: string): Promise<string | null> => {
    const loaded = await store.load(keyOf(grantId))()
    return Either.isRight(loaded) && Option.isSome(loaded.right) ? loaded.right.value.text : null
  }

  return {
    notice: async (request, response) => {
      // The form of a request with POST may be longer than an address.
      if (request.path !== authorizePath || request.method !== 'GET' || isForOneUser(simulator, request.query)) return
      const grantId = idIn([headerOf(response, 'location') ?? ''].flat()[0] ?? '')
      if (grantId === null) return
      const until = systemClock.now() + server.policy.interactionLifetimeSeconds
      // Without it the page leads to the launch page, so a store that does not answer does no harm.
      await store.swap(keyOf(grantId), Option.none, request.query, until)()
    },
    relaunchAt: async (path, clientId) => {
      const grantId = idIn(path)
      if (grantId !== null && (await kept(grantId)) !== null) return null
      const launch = await launchOfGrant(simulator, { store }, grantId ?? '')
      return `${homePath}/?${queryOfSetting(setting, launch?.kind ?? 'standalone', clientId)}`
    },
    switchUser: async ({ request }, grantId) => {
      const query = await kept(grantId)
      if (query === null) return null
      const ended = await sessions.end(request)()
      if (Either.isLeft(ended)) {
        record(ended.left, grantId)()
        return refused(ended.left)
      }
      const signedOut = setCookie(sessionCookie, '', homePath, isSecure, 0)
      const revoked = await server.admin.revokeGrant(grantId)()
      const next = Either.isLeft(revoked) ? refused(revoked.left) : seeOther(`${authorizePath}?${query}`)
      return withCookie(next, signedOut)
    }
  }
}
