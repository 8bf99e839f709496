/** The names of apps on the pages about what they did. */
import type { RegisteredClient } from '../../protocol/client/client.js'
import type { OwnApp } from '../settings/own-app.js'
import type { LaunchSetting } from '../settings/setting.js'

/** What the pages know of apps. */
export interface AppsKnown {
  /** The registered apps by their ids. */
  readonly clients: ReadonlyMap<string, RegisteredClient>
  /** The names of apps that were removed, by their ids. */
  readonly removed: ReadonlyMap<string, string>
}

/** The app of an id that a launch setting contains; undefined if the id is that of another app. */
export const ownAppOf = (setting: LaunchSetting | null, clientId: string | null): OwnApp | undefined =>
  clientId !== null && setting?.app?.client_id === clientId ? setting.app : undefined

/**
 * The name of the app of an id at the server of a launch setting. The app of the setting has its own name there, or
 * none: not that of a registered app, nor of one that was removed, with the same id.
 */
export const appNameAt = ({ clients, removed }: AppsKnown, clientId: string, setting: LaunchSetting | null): string => {
  const own = ownAppOf(setting, clientId)
  return own === undefined
    ? (clients.get(clientId)?.clientName ?? removed.get(clientId) ?? clientId)
    : (own.client_name ?? clientId)
}
