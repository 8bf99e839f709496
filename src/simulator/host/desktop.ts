/** The pages of the EHR desktop, by their paths. */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { ehrLaunch } from './ehr-launch.js'
import { grantSummary } from './grant-summary.js'
import { pageResponse, styleSheet } from './html.js'
import type { GrantSummary } from './pages.js'
import { desktopPage, grantsPage } from './pages.js'
import { sampleApp } from './sample-app.js'
import type { ScopeQuestion } from './scope-playground.js'
import { signOut } from './sign-out.js'
import { hasSampleApp } from '../config/config.js'
import type { Simulator } from '../context.js'
import { encountersIn, patientsIn } from '../fhir/synthetic-data.js'
import type { RequestHandler } from '../../engine/server/http-handler.js'
import { readForm, valueOf } from '../../protocol/http/form.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { refusalJson } from '../../protocol/errors/refusal-table.js'

const onlyGet =
  (page: RequestHandler): RequestHandler =>
  (request) =>
    request.method === 'GET' || request.method === 'HEAD'
      ? page(request)
      : Task.of(refusalJson({ _tag: 'MethodNotAllowed', allowed: 'GET, HEAD' }))

/** The question of a request to the scope playground. */
const questionIn = ({ query }: PlainRequest): ScopeQuestion => {
  const parameters = readForm(query)
  const value = (name: string): string => (Either.isLeft(parameters) ? '' : (valueOf(parameters.right, name) ?? ''))
  return { scope: value('scope'), granted: value('granted') }
}

const shownGrants = 20

/** The pages of the desktop. `newestGrants` gives the stored texts of the newest grants. */
export const desktopPages = (
  simulator: Simulator,
  newestGrants: (count: number) => Promise<ReadonlyArray<string>>
): ReadonlyMap<string, RequestHandler> => {
  const { basePath, behind, config, refused, server, sessions } = simulator
  const grants = async (): Promise<ReadonlyArray<GrantSummary>> =>
    (await newestGrants(shownGrants)).flatMap(grantSummary(server.policy))
  const watched: RequestHandler = () => async () => {
    const page = pageResponse(200, basePath, 'Grants', grantsPage(basePath, await grants()))
    return { ...page, headers: { ...page.headers, refresh: '2' } }
  }
  const desktop: RequestHandler = (request) =>
    pipe(
      TaskEither.Do,
      TaskEither.apS('session', sessions.of(request)),
      TaskEither.apSW('shownGrants', TaskEither.fromTask(grants)),
      TaskEither.match(refused, ({ session, shownGrants: current }) =>
        pageResponse(
          200,
          basePath,
          'EHR desktop',
          desktopPage({
            basePath,
            signedInAs: session?.username ?? null,
            fhirBaseUrl: server.facts.fhirBaseUrl,
            users: config.users,
            patients: patientsIn(behind.resources()),
            encounters: encountersIn(behind.resources()),
            clients: config.clients,
            hasSampleApp: hasSampleApp(config),
            grants: current,
            question: questionIn(request)
          })
        )
      )
    )
  const style: PlainResponse = { status: 200, headers: { 'content-type': 'text/css; charset=utf-8' }, body: styleSheet }
  return new Map<string, RequestHandler>([
    [`${basePath}/`, onlyGet(desktop)],
    [`${basePath}/style.css`, onlyGet(() => Task.of(style))],
    [`${basePath}/ehr/launch`, ehrLaunch(simulator)],
    [`${basePath}/ehr/sign-out`, signOut(simulator)],
    [`${basePath}/ehr/grants`, onlyGet(watched)],
    ...[...sampleApp(config.publicBaseUrl, basePath)].map(
      ([path, page]) => [path, onlyGet(() => Task.fromIO(page))] as const
    )
  ])
}
