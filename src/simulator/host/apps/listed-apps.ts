/** The apps of the page `/ehr/apps`: what each is, and what it requested, was granted and used. */
import { knownApps } from './known-apps.js'
import type { Simulator } from '../../context.js'
import { grantHandle, hasGivenScopes, lastScopedState } from '../../grants/grant-view.js'
import { ownAppOf } from '../../log/app-name.js'
import type { ScopedGrant } from '../../log/app-use.js'
import { appUseOf } from '../../log/app-use.js'
import type { DecisionLog } from '../../log/log.js'
import { serverAt } from '../../log/line-server.js'
import type { UrlApp } from '../../log/url-apps.js'
import { urlApps } from '../../log/url-apps.js'
import { ownAppValue } from '../../launch/launch-form.js'
import type { AppShown } from '../../pages/apps.js'
import type { AppList } from '../../store/app-list.js'
import type { GrantList, StoredGrant } from '../../store/grant-list.js'
import type { OwnApp } from '../../settings/own-app.js'
import { metadataOfApp } from '../../settings/own-app.js'
import type { LaunchSetting } from '../../settings/setting.js'
import { printForm } from '../../../protocol/http/form.js'
import { format } from '../../../scopes/format.js'
import { pathOf } from '../../../values/urls.js'

/** What the list is made of, beside the server. */
export interface ListSources {
  readonly list: AppList
  readonly grants: GrantList['all']
  readonly log: Pick<DecisionLog, 'lines'>
}

/** A grant with scopes, also after its end, and whether its app is the one that the launch setting there contains. */
interface AppGrant {
  readonly grant: ScopedGrant
  readonly isOfLink: boolean
}

/** Whether an id at a server is that of the app which its launch setting contains. */
const isOfLink = (setting: LaunchSetting | null, clientId: string | null): boolean =>
  ownAppOf(setting, clientId) !== undefined

const appGrants = (config: Simulator['config'], grants: ReadonlyArray<StoredGrant>): ReadonlyArray<AppGrant> =>
  grants.flatMap((stored) => {
    const grant = lastScopedState(stored)
    if (grant === null || !hasGivenScopes(grant)) return []
    const { setting } = serverAt(config, pathOf(stored.issuer)).server
    return [{ grant, isOfLink: isOfLink(setting, grant.clientId) }]
  })

const keysOf = ({ jwks, jwks_uri = '' }: OwnApp): string => (jwks === undefined ? jwks_uri : JSON.stringify(jwks))

/** The fields of an app of a setting in both forms, without the secret. */
const fieldsOfLink = (app: UrlApp): ReadonlyArray<readonly [name: string, value: string]> => [
  ['client_id', app.client_id],
  ['client_name', app.client_name ?? ''],
  ['redirect_uris', (app.redirect_uris ?? []).join('\n')],
  ['application_type', app.application_type ?? ''],
  ['scope', app.scope ?? ''],
  ['keys', keysOf(app)]
]

const methodOf = ({ client_secret, token_endpoint_auth_method = 'client_secret_basic', ...app }: OwnApp): string =>
  keysOf(app) === '' ? (client_secret === undefined ? '' : token_endpoint_auth_method) : 'private_key_jwt'

const filled = (fields: ReadonlyArray<readonly [name: string, value: string]>): string =>
  printForm(fields.filter(([, value]) => value !== ''))

const ofLink = (app: UrlApp): Omit<AppShown, 'grantHandle' | 'hasIdOfRegistered' | 'use'> => {
  const { application_type, client_id, client_name, launch_uri, redirect_uris = [], scope } = app
  const kind = launch_uri !== undefined ? 'ehr' : redirect_uris.length > 0 ? 'standalone' : 'backend'
  return {
    id: client_id,
    name: client_name ?? client_id,
    launchUris: launch_uri === undefined ? [] : [launch_uri],
    redirectUris: redirect_uris,
    scope: scope ?? (metadataOfApp(app)['scope'] as string),
    isNative: application_type === 'native',
    from: 'urls',
    isManaged: false,
    launchQuery: filled([
      ['kind', kind],
      ['app', ownAppValue],
      ...fieldsOfLink(app),
      ['launch_uri', launch_uri ?? ''],
      ['secret_method', app.token_endpoint_auth_method ?? '']
    ]),
    registerQuery: filled([...fieldsOfLink(app), ['launch_uris', launch_uri ?? ''], ['method', methodOf(app)]])
  }
}

/**
 * The registered apps, and those of launch settings, also with the id of a registered one. Each has its own grants and
 * requests: those at the server of a setting that contains an app with the id belong to that app.
 */
export const listedApps = async (
  simulator: Pick<Simulator, 'config' | 'server'>,
  { grants, list, log }: ListSources
): Promise<ReadonlyArray<AppShown>> => {
  const [stored, lines] = [(await grants()).grants, log.lines()]
  const scoped = appGrants(simulator.config, stored)
  const known = await knownApps(simulator, { list })
  const ids = new Set(known.map(({ client }) => client.clientId))
  const issuers = stored.map(({ issuer }) => issuer).toReversed()
  const links = urlApps(simulator.config, lines, issuers).map(ofLink)
  /** What an app did: the registered one, or the one that links contain, which has the servers of these links. */
  const useOf = (id: string, ofLinks: boolean): Pick<AppShown, 'use' | 'grantHandle'> => {
    const newest = scoped.findLast((one) => one.grant.clientId === id && one.isOfLink === ofLinks)?.grant ?? null
    const own = lines.filter(({ server }) => isOfLink(server.setting, id) === ofLinks)
    return { use: appUseOf(id, newest, own), grantHandle: newest === null ? null : grantHandle(newest.grantId) }
  }
  const registered = known.map(({ client, from, isManaged }) => ({
    id: client.clientId,
    name: client.clientName,
    launchUris: client.launchUris,
    redirectUris: client.redirectUris,
    scope: format(client.scope),
    isNative: client.applicationType === 'native',
    ...useOf(client.clientId, false),
    from,
    isManaged,
    hasIdOfRegistered: false,
    launchQuery: filled([['app', client.clientId]]),
    registerQuery: null
  }))
  const byUrls = links.map((app) => ({ ...app, ...useOf(app.id, true), hasIdOfRegistered: ids.has(app.id) }))
  return [...registered, ...byUrls]
}
