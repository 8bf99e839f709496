/** `/ehr/log` and `/ehr/grants`: the pages about what was decided and granted, with the revocation of a grant. */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { knownApps } from './apps/known-apps.js'
import { formProof, isProven } from './browser-form.js'
import type { Simulator } from '../context.js'
import { page } from '../design/shell.js'
import { patientsIn } from '../fhir/synthetic-data.js'
import type { GrantView } from '../grants/grant-view.js'
import { grantHandle, grantViews } from '../grants/grant-view.js'
import { endOfGrant, stateWords } from '../grants/grant-words.js'
import { appNameAt } from '../log/app-name.js'
import type { AppsKnown } from '../log/app-name.js'
import { appChoices, grantChoice } from '../log/filter-choices.js'
import type { LogKind } from '../log/decision-words.js'
import { logKinds } from '../log/decision-words.js'
import type { LogLine } from '../log/log-line.js'
import { serverAt } from '../log/line-server.js'
import type { LineFacts, ExplainedLine } from '../log/explained-line.js'
import { clientOfLine, explainLine, grantsKnown } from '../log/explained-line.js'
import { linkOf } from '../launch/launch-link.js'
import { queryOfSetting } from '../launch/setting-query.js'
import { grantPage, grantsPage, noGrantPage } from '../pages/grants.js'
import type { LogFilter } from '../pages/log.js'
import { lineShown, linePage, logPage } from '../pages/log.js'
import { lostLine, noLinePage } from '../pages/lost-line.js'
import { revokeStored } from '../one-server.js'
import type { SharedParts } from '../shared-parts.js'
import type { ListedGrants } from '../store/grant-list.js'
import { systemClock } from '../../adapters/system.js'
import type { RequestHandler } from '../../engine/server/http-handler.js'
import { emptyHtml, html } from '../../host/html.js'
import { drawingOf } from '../../protocol/diagram/diagram.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import { grantMachine } from '../../protocol/grant/grant.js'
import { printForm, readForm, repeated, valueOf } from '../../protocol/http/form.js'
import { isForm } from '../../protocol/http/media-type.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { seeOther } from '../../protocol/http/message.js'
import { limits } from '../../values/limits/limits.js'
import { pathOf } from '../../values/urls.js'

const linesOnPage = 50

const purpose = 'grants'

const grantsOnPage = 40

const liveQuery = 'live=1'

/**
 * The address of a launch with the setting of a line; null for a line without a setting, or of an unknown app. It leads
 * to the form without the secret of an app, because the log needs no sign-in.
 */
const launchAgain = (
  publicBaseUrl: string,
  { clientId, line }: ExplainedLine,
  clients: LineFacts['clients']
): string | null => {
  const { setting } = line.server
  const app = setting?.app?.client_id ?? clientId
  if (setting === null || app === null) return null
  const launchUri = setting.app === undefined ? clients.get(app)?.launchUris[0] : setting.app.launch_uri
  if (launchUri === undefined) return null
  if (setting.app?.client_secret !== undefined) return `${publicBaseUrl}/?${queryOfSetting(setting, 'ehr', app)}`
  return linkOf(publicBaseUrl, setting, { kind: 'ehr', clientId: app, launchUri, isFramed: false }).url
}

const isKind = (kind: string): kind is LogKind => Object.hasOwn(logKinds, kind)

const isWanted =
  ({ app, grant, kind }: LogFilter, all: ReadonlyArray<LogLine>) =>
  (line: LogLine): boolean =>
    (app === '' || clientOfLine(line, all).clientId === app) &&
    (grant === '' || (line.grantId !== null && grantHandle(line.grantId) === grant)) &&
    (!isKind(kind) || line.kind === kind)

/** The pages by path; undefined where there is none. */
export const recordPages = (
  simulator: Simulator,
  shared: SharedParts
): ((path: string) => RequestHandler | undefined) => {
  const { behind, config, homePath, refused, server, sessions, userOf } = simulator
  const { apps, list, log } = shared
  const { publicBaseUrl } = config
  const drawing = drawingOf(grantMachine(server.policy))

  const userName = (sub: string): string => userOf(sub)?.username ?? sub

  const patientName = (id: string): string => patientsIn(behind.resources()).find((one) => one.id === id)?.label ?? id

  const appsKnown = async (): Promise<AppsKnown> => {
    const removed = await apps.removedNames()
    const clients = await clientsKnown()
    return { clients, removed: Either.isRight(removed) ? removed.right : new Map() }
  }

  const clientsKnown = async (): Promise<LineFacts['clients']> =>
    new Map((await knownApps(simulator, { list: apps })).map(({ client }) => [client.clientId, client] as const))

  const viewsOf = (grants: ListedGrants['grants'], known: AppsKnown): ReadonlyArray<GrantView> => {
    const patients = new Map(patientsIn(behind.resources()).map(({ id, label }) => [id, label] as const))
    return grantViews(grants, {
      now: systemClock.now(),
      policy: server.policy,
      appName: (clientId, issuer) => appNameAt(known, clientId, serverAt(config, pathOf(issuer)).server.setting),
      userName,
      patientName: (id) => patients.get(id) ?? id,
      lines: log.lines()
    }).toReversed()
  }

  const views = async (known: AppsKnown): Promise<ReadonlyArray<GrantView>> => viewsOf((await list.all()).grants, known)

  const factsOf = ({ clients, removed }: AppsKnown, grants: ReadonlyArray<GrantView>): LineFacts => ({
    clients,
    removed,
    userName,
    patientName,
    grants: new Map(
      grants.map((view) => {
        const { grant, issuer, patientName: patient, scope, userSub } = view
        return [grant.grantId, { issuer, patientName: patient, scope, userSub, ended: endOfGrant(grant) }] as const
      })
    ),
    lines: log.lines()
  })

  /** Lines as the pages tell them. */
  const explained = (
    lines: ReadonlyArray<LogLine>,
    known: AppsKnown,
    grants: ReadonlyArray<GrantView>
  ): ReadonlyArray<ExplainedLine> => lines.map(explainLine(factsOf(known, grants)))

  const shell = async (
    request: PlainRequest,
    options: Pick<Parameters<typeof page>[0], 'body' | 'current' | 'headers' | 'scripts' | 'status' | 'title'>
  ): Promise<PlainResponse> => {
    const session = await sessions.of(request)()
    if (Either.isLeft(session)) return refused(session.left)
    return page({ homePath, layout: 'desk', signedInAs: session.right?.username ?? null, ...options })
  }

  const showLog = async (request: PlainRequest): Promise<PlainResponse> => {
    const query = readForm(request.query)
    if (Either.isLeft(query)) return refused({ _tag: 'ParametersUnreadable', pair: query.left.pair })
    const value = (name: string): string => valueOf(query.right, name) ?? ''
    const filter = { app: value('app'), grant: value('grant'), kind: value('kind') }
    const all = log.lines()
    const after = all.findIndex(({ id }) => id === value('after'))
    const lostId = query.right.has('after') && after === -1 ? value('after') : null
    const wanted = all.slice(after + 1).filter(isWanted(filter, all))
    const shownLines = wanted.slice(0, linesOnPage)
    const filterQuery = Object.entries(filter).filter(([, text]) => text !== '')
    const last = shownLines.at(-1)
    const isLive = value('live') === '1'
    const known = await appsKnown()
    const facts = factsOf(known, await views(known))
    const isGrant = grantsKnown(facts)
    // The newest grant is the first, with its oldest line, when it began.
    const begun = new Map(
      all.flatMap((line) => (line.grantId !== null && isGrant.has(line.grantId) ? [[line.grantId, line] as const] : []))
    )
    return shell(request, {
      title: 'Log',
      current: 'log',
      headers: isLive ? { refresh: '2' } : {},
      body: html`${lostId === null ? emptyHtml : lostLine(limits.simulatorLog.default, log.isOwn(lostId))}${logPage({
        homePath,
        publicBaseUrl,
        lines: shownLines.map(explainLine(facts)),
        filter,
        apps: appChoices(all, known),
        grants: [...begun].map(([grantId, line]) => grantChoice(line, grantId, facts)),
        isLive,
        query: printForm(filterQuery),
        older:
          last === undefined || shownLines.length === wanted.length
            ? null
            : printForm([...filterQuery, ['after', last.id]])
      })}`
    })
  }

  const showLine = async (request: PlainRequest, id: string): Promise<PlainResponse> => {
    const line = log.lines().find((one) => one.id === id)
    const known = await appsKnown()
    const [shownLine] = line === undefined ? [] : explained([line], known, await views(known))
    if (line === undefined || shownLine === undefined)
      return shell(request, {
        status: 404,
        title: log.isOwn(id) ? 'This line is gone' : 'No line of this process',
        current: 'log',
        body: noLinePage(homePath, limits.simulatorLog.default, log.isOwn(id))
      })
    const ways = {
      homePath,
      address: `${publicBaseUrl}/ehr/log/${id}`,
      launchAgain: launchAgain(publicBaseUrl, shownLine, known.clients)
    }
    return shell(request, {
      title: 'One decision',
      current: 'log',
      scripts: [`${homePath}/ehr/copy.js`],
      body: linePage(ways, shownLine)
    })
  }

  const forms = async (request: PlainRequest) => {
    const { headers, token } = await formProof(purpose, simulator, request)()
    return { headers, forms: { homePath, publicBaseUrl, formToken: token } }
  }

  const showGrants = async (request: PlainRequest): Promise<PlainResponse> => {
    const isLive = request.query === liveQuery
    const { headers, forms: form } = await forms(request)
    const { grants, leftOut } = await list.all()
    const all = viewsOf(grants, await appsKnown())
    const waiting = all.filter(({ grant }) => grant._tag.startsWith('Awaiting'))
    const [open, ended] = [true, false].map((isOpen) =>
      all.filter((view) => !waiting.includes(view) && stateWords[view.grant._tag].isOpen === isOpen)
    )
    const begun = [...(open ?? []), ...(ended ?? [])]
    const [, first = null] = /^after=(.*)$/.exec(request.query) ?? []
    const start = begun.map(({ handle }) => handle).indexOf(first ?? '') + 1
    const shownViews = begun.slice(start, start + grantsOnPage)
    const lines = log.lines()
    const last = start + grantsOnPage < begun.length ? shownViews.at(-1) : undefined
    return shell(request, {
      title: 'Grants',
      current: 'grants',
      headers: isLive ? { ...headers, refresh: '2' } : headers,
      body: grantsPage(form, {
        begun: shownViews,
        start,
        total: begun.length,
        waiting: start === 0 ? waiting : [],
        leftOut,
        isLost: first !== null && start === 0,
        older: last === undefined ? null : last.handle,
        isLive,
        drawing,
        eventsOf: ({ grant }) => lines.filter(({ grantId }) => grantId === grant.grantId)
      })
    })
  }

  const noGrant = (request: PlainRequest): Promise<PlainResponse> =>
    shell(request, { status: 404, title: 'There is no such grant', current: 'grants', body: noGrantPage(homePath) })

  const showGrant = async (request: PlainRequest, handle: string): Promise<PlainResponse> => {
    const known = await appsKnown()
    const all = await views(known)
    const view = all.find((one) => one.handle === handle)
    if (view === undefined) return noGrant(request)
    const { headers, forms: form } = await forms(request)
    const own = log.lines().filter(({ grantId }) => grantId === view.grant.grantId)
    const lines = explained(own.slice(0, linesOnPage), known, all).map(lineShown(homePath))
    const events =
      lines.length === 0
        ? html`<p class="quiet">The log has no line of this grant any more.</p>`
        : html`<ol class="lines">${lines}</ol>`
    const body = grantPage(form, view, drawing, events)
    return shell(request, { title: `Grant ${view.short}`, current: 'grants', headers, body })
  }

  const revoke = async (request: PlainRequest, handle: string): Promise<PlainResponse> => {
    const refuse = (refusal: Refusal): PlainResponse => {
      simulator.record(refusal, null)()
      return refused(refusal)
    }
    const form = isForm(request) ? readForm(request.body) : Either.left(null)
    if (Either.isLeft(form)) return refuse({ _tag: 'BodyNotForm' })
    const name = repeated(form.right, ['form_token'])
    if (name !== null) return refuse({ _tag: 'ParameterRepeated', name })
    if (!(await isProven(purpose, request, form.right)())) return refuse({ _tag: 'InteractionOfAnotherBrowser' })
    const view = (await views(await appsKnown())).find((one) => one.handle === handle)
    if (view === undefined) return noGrant(request)
    const ended = await revokeStored(shared, { ...view, grantId: view.grant.grantId })
    return Option.isSome(ended) ? refused(ended.value) : seeOther(`${homePath}/ehr/grants/${handle}`)
  }

  const by =
    (pages: {
      readonly GET: (request: PlainRequest) => Promise<PlainResponse>
      readonly POST?: (request: PlainRequest) => Promise<PlainResponse>
    }): RequestHandler =>
    (request) =>
    () => {
      if (request.method === 'GET' || request.method === 'HEAD') return pages.GET(request)
      if (request.method === 'POST' && pages.POST !== undefined) return pages.POST(request)
      const allowed = pages.POST === undefined ? 'GET, HEAD' : 'GET, HEAD, POST'
      return Promise.resolve(refused({ _tag: 'MethodNotAllowed', allowed }))
    }

  return (path) => {
    const [, subject = '', name = null] =
      /^\/ehr\/(log|grants)(?:\/([A-Za-z0-9_-]+))?$/.exec(path.slice(homePath.length)) ?? []
    if (subject === 'log') return by({ GET: (request) => (name === null ? showLog(request) : showLine(request, name)) })
    if (subject !== 'grants') return undefined
    return name === null
      ? by({ GET: showGrants })
      : by({ GET: (request) => showGrant(request, name), POST: (request) => revoke(request, name) })
  }
}
