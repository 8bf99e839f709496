/** The pages beside the conversations, by their paths. */
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { appPages } from './apps/apps-page.js'
import { knownApps } from './apps/known-apps.js'
import { ehrLaunch } from './ehr-launch.js'
import { framedLaunch } from './frame.js'
import { launchLink, panelFields, panelOf, redirectedComplaint, withoutPrivateKey } from './launch-page.js'
import { sampleApp } from '../sample-app/pages.js'
import { signOut } from './sign-out.js'
import { endApp, endGrants } from './apps/removed-apps.js'
import { hasSampleApp } from '../config/config.js'
import type { Simulator } from '../context.js'
import { favicon } from '../design/icons.js'
import { page } from '../design/shell.js'
import { styleSheet } from '../design/style.js'
import { playgroundForm } from '../../playground/form.js'
import { playgroundScript } from './playground-script.js'
import type { LaunchFields } from '../launch/launch-form.js'
import { copyScript } from '../pages/copy-script.js'
import type { AppChoice } from '../pages/own-app.js'
import { panelScript } from '../pages/panel-script.js'
import type { SharedParts } from '../shared-parts.js'
import { desktopPage } from '../pages/desktop.js'
import type { RequestHandler } from '../../engine/server/http-handler.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { refusalJson } from '../../protocol/errors/refusal-table.js'
import { noMembers } from '../../values/own.js'
import { originOf } from '../../values/urls.js'

const onlyGet =
  (page: RequestHandler): RequestHandler =>
  (request) =>
    request.method === 'GET' || request.method === 'HEAD'
      ? page(request)
      : Task.of(refusalJson({ _tag: 'MethodNotAllowed', allowed: 'GET, HEAD' }))

/** A file of the pages: it changes only with the release, so browsers may keep it for a while. */
const file = (type: string, body: string): RequestHandler =>
  onlyGet(() =>
    Task.of({
      status: 200,
      headers: { 'content-type': type, 'cache-control': 'max-age=300', 'x-content-type-options': 'nosniff' },
      body
    })
  )

/** The pages beside the conversations. */
export const desktopPages = (simulator: Simulator, shared: SharedParts): ReadonlyMap<string, RequestHandler> => {
  const { config, homePath, refused, server, sessions } = simulator
  const { apps: list, list: grants, log } = shared
  /** A page that shows the user of the session. */
  const shownWith =
    (draw: (signedInAs: string | null) => PlainResponse): RequestHandler =>
    (request) =>
      pipe(
        sessions.of(request),
        TaskEither.match(refused, (session) => draw(session?.username ?? null))
      )
  const choices = async (): Promise<ReadonlyArray<AppChoice>> =>
    (await knownApps(simulator, { list })).map(({ client: { clientId, clientName, launchUris, redirectUris } }) => ({
      id: clientId,
      name: clientName,
      isForUsers: redirectUris.length > 0,
      ...(launchUris[0] === undefined ? noMembers : { origin: originOf(launchUris[0]) })
    }))
  const desktop = (request: PlainRequest, fields: LaunchFields, complaint: string | null) =>
    pipe(
      choices,
      Task.chain((apps) =>
        shownWith((signedInAs) => {
          const panel = panelOf(simulator, apps, fields, complaint)
          return page({
            homePath,
            status: panel.complaint === null ? 200 : 400,
            title: 'Launch an app',
            hasError: panel.complaint !== null,
            layout: 'desk',
            current: 'launch',
            signedInAs,
            scripts: [`${homePath}/ehr/copy.js`, `${homePath}/ehr/panel.js`],
            body: desktopPage({
              homePath,
              fhirBaseUrl: server.facts.fhirBaseUrl,
              users: config.users,
              hasSampleApp: hasSampleApp(config),
              panel
            })
          })
        })(request)
      )
    )
  const scopes = shownWith((signedInAs) =>
    page({
      homePath,
      title: 'Scopes',
      layout: 'desk',
      current: 'scopes',
      signedInAs,
      scripts: [`${homePath}/scopes/playground.js`],
      body: playgroundForm
    })
  )
  return new Map<string, RequestHandler>([
    [
      `${homePath}/`,
      onlyGet(
        withoutPrivateKey(simulator, (request) => desktop(request, panelFields(request), redirectedComplaint(request)))
      )
    ],
    ...appPages(simulator, {
      list,
      log,
      grants: grants.all,
      end: (app) => endApp(shared, app),
      endGrants: (clientId) => endGrants(shared, clientId)
    }),
    [`${homePath}/ehr/link`, onlyGet(withoutPrivateKey(simulator, launchLink(simulator, desktop)))],
    [`${homePath}/ehr/copy.js`, file('text/javascript; charset=utf-8', copyScript)],
    [`${homePath}/ehr/panel.js`, file('text/javascript; charset=utf-8', panelScript)],
    [`${homePath}/style.css`, file('text/css; charset=utf-8', styleSheet)],
    [`${homePath}/favicon.svg`, file('image/svg+xml', favicon)],
    [`${homePath}/scopes`, onlyGet(scopes)],
    [`${homePath}/scopes/playground.js`, file('text/javascript; charset=utf-8', playgroundScript())],
    [`${homePath}/ehr/launch`, ehrLaunch(simulator)],
    [`${homePath}/ehr/frame`, framedLaunch(simulator)],
    [`${homePath}/ehr/sign-out`, signOut(simulator)],
    ...[...sampleApp(config.publicBaseUrl, homePath)].map(
      ([path, show]) => [path, onlyGet(() => Task.fromIO(show))] as const
    )
  ])
}
