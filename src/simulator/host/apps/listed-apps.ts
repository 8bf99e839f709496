/** The apps of the page `/ehr/apps`: what each is, and what it requested, was granted and used. */
import { knownApps } from './known-apps.js'
import type { Simulator } from '../../context.js'
import { grantHandle, hasGivenScopes, lastScopedState } from '../../grants/grant-view.js'
import type { ScopedGrant } from '../../log/app-use.js'
import { appUseOf } from '../../log/app-use.js'
import type { DecisionLog } from '../../log/log.js'
import { urlApps } from '../../log/url-apps.js'
import type { AppShown } from '../../pages/apps.js'
import type { AppList } from '../../store/app-list.js'
import type { GrantList, StoredGrant } from '../../store/grant-list.js'

/** What the list is made of, beside the server. */
export interface ListSources {
  readonly list: AppList
  readonly grants: GrantList['all']
  readonly log: Pick<DecisionLog, 'lines'>
}

/** The newest grant of each app that has scopes, also after its end. */
const newestOfEach = (grants: ReadonlyArray<StoredGrant>): ReadonlyMap<string, ScopedGrant> =>
  new Map(
    grants.flatMap((stored) => {
      const grant = lastScopedState(stored)
      return grant !== null && hasGivenScopes(grant) ? [[grant.clientId, grant] as const] : []
    })
  )

/** Whether a registered app has all addresses of an app of a setting. */
const covers = (registered: AppShown | undefined, { launchUris, redirectUris }: AppShown): boolean =>
  registered !== undefined &&
  launchUris.every((uri) => registered.launchUris.includes(uri)) &&
  redirectUris.every((uri) => registered.redirectUris.includes(uri))

/**
 * The registered apps, and those that are known by launch settings alone. An app of a setting is left out if a
 * registered one has its id and its addresses.
 */
export const listedApps = async (
  simulator: Pick<Simulator, 'config' | 'server'>,
  { grants, list, log }: ListSources
): Promise<ReadonlyArray<AppShown>> => {
  const all = (await grants()).grants
  const newest = newestOfEach(all)
  const lines = log.lines()
  const useOf = (id: string): Pick<AppShown, 'use' | 'grantHandle'> => {
    const grant = newest.get(id) ?? null
    return { use: appUseOf(id, grant, lines), grantHandle: grant === null ? null : grantHandle(grant.grantId) }
  }
  const registered = (await knownApps(simulator, { list })).map(({ client, from, isManaged }) => ({
    id: client.clientId,
    name: client.clientName,
    launchUris: client.launchUris,
    redirectUris: client.redirectUris,
    isNative: client.applicationType === 'native',
    ...useOf(client.clientId),
    from,
    isManaged,
    hasIdOfRegistered: false
  }))
  const byId = new Map(registered.map((app) => [app.id, app] as const))
  const issuers = all.map(({ issuer }) => issuer).toReversed()
  const byUrls = urlApps(simulator.config, lines, issuers).map(
    ({ application_type, client_id, client_name, launch_uri, redirect_uris = [] }) => ({
      id: client_id,
      name: client_name ?? client_id,
      launchUris: launch_uri === undefined ? [] : [launch_uri],
      redirectUris: redirect_uris,
      isNative: application_type === 'native',
      ...useOf(client_id),
      from: 'urls' as const,
      isManaged: false,
      hasIdOfRegistered: byId.has(client_id)
    })
  )
  return [...registered, ...byUrls.filter((app) => !covers(byId.get(app.id), app))]
}
