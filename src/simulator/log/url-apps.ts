/** The apps that are known by their URLs alone: from launch settings in the addresses of lines and grants. */
import type { LogLine } from './log-line.js'
import { serverAt } from './line-server.js'
import type { Config } from '../config/config.js'
import type { OwnApp } from '../settings/own-app.js'
import { limits } from '../../values/limits/limits.js'
import { pathOf } from '../../values/urls.js'

/** An app of launch settings, with an id. The newest setting that names it says what it is. */
export type UrlApp = OwnApp & { readonly client_id: string }

const hasId = (app: OwnApp | undefined): app is UrlApp => app?.client_id !== undefined

/** The apps of the newest lines and grants, the newest first; `issuers` are those of the grants, the newest first. */
export const urlApps = (
  config: Pick<Config, 'policy' | 'publicBaseUrl'>,
  lines: ReadonlyArray<LogLine>,
  issuers: ReadonlyArray<string>
): ReadonlyArray<UrlApp> => {
  const ofLines = lines.map(({ server }) => server.setting?.app)
  const ofGrants = [...new Set(issuers)].map((issuer) => serverAt(config, pathOf(issuer)).server.setting?.app)
  const found = new Map<string, UrlApp>()
  for (const app of [...ofLines, ...ofGrants].filter(hasId))
    if (!found.has(app.client_id)) found.set(app.client_id, app)
  return [...found.values()].slice(0, limits.simulatorUrlApps.default)
}
