/** `/ehr/apps`: registers, changes and removes apps, through the registration of the server. */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as t from 'io-ts'
import { formProof, isProven } from './browser-form.js'
import type { Simulator } from '../context.js'
import { page } from '../design/shell.js'
import type { AppFields } from '../launch/app-form.js'
import { fieldsOf, appFieldsComplaint, metadataOf, readAppFields, refusedFieldComplaint } from '../launch/app-form.js'
import { holdsPrivateKey } from '../launch/keys-field.js'
import type { UnmanagedApp } from '../launch/managed-app.js'
import { unmanagedApp } from '../launch/managed-app.js'
import { cardPage } from '../pages/card-page.js'
import type { AppShown } from '../pages/apps.js'
import { appFormPage, appsPage, registeredPage, unmanagedAppPage } from '../pages/apps.js'
import { grantHandle, hasGivenScopes, lastScopedState } from '../grants/grant-view.js'
import { registeredName } from './removed-apps.js'
import type { ScopedGrant } from '../log/app-use.js'
import { appUseOf } from '../log/app-use.js'
import { urlApps } from '../log/url-apps.js'
import { ownRefusals } from '../log/own-refusal.js'
import type { DecisionLog } from '../log/log.js'
import type { AppList, ListedApp } from '../store/app-list.js'
import type { GrantList, StoredGrant } from '../store/grant-list.js'
import type { Html } from '../../host/html.js'
import { html } from '../../host/html.js'
import type { RequestHandler } from '../../engine/server/http-handler.js'
import type { RegisteredClient } from '../../protocol/client/client.js'
import type { Parameters } from '../../protocol/http/form.js'
import { readForm, valueOf } from '../../protocol/http/form.js'
import { isForm } from '../../protocol/http/media-type.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { seeOther } from '../../protocol/http/message.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import { refusalJson } from '../../protocol/errors/refusal-table.js'
import { parseJson } from '../../values/json.js'
import { limits } from '../../values/limits/limits.js'
import type { JsonObject } from '../../values/object.js'
import { isObject } from '../../values/object.js'
import { shown } from '../../values/shown-text.js'

const purpose = 'apps'

const hiddenToken = (token: string): Html => html`<input type="hidden" name="form_token" value="${token}">`

/** The JSON object of a response; an empty one if it is none. */
const jsonIn = ({ body }: PlainResponse): JsonObject => {
  const json = parseJson(body)
  return Option.isSome(json) && isObject(json.value) ? json.value : {}
}

const textOf = (json: JsonObject, member: string): string | null =>
  typeof json[member] === 'string' ? json[member] : null

/** The fields to show again: a private key is not among them. */
const withoutSecretKeys = (fields: AppFields): AppFields =>
  holdsPrivateKey(fields.keys) ? { ...fields, keys: '' } : fields

const handleOf = (grant: ScopedGrant | undefined): string | null =>
  grant === undefined ? null : grantHandle(grant.grantId)

/** The newest grant of each app that has scopes, also after its end. */
const newestOfEach = (grants: ReadonlyArray<StoredGrant>): ReadonlyMap<string, ScopedGrant> =>
  new Map(
    grants.flatMap((stored) => {
      const grant = lastScopedState(stored)
      return grant !== null && hasGivenScopes(grant) ? [[grant.clientId, grant] as const] : []
    })
  )

/** What the pages of apps need beside the server. */
export interface AppSources {
  readonly list: AppList
  readonly grants: GrantList['all']
  /** Ends what depends on the registration of an app. Null: it is done. */
  readonly end: (app: { readonly clientId: string; readonly name: string }) => Promise<Refusal | null>
  readonly log: Pick<DecisionLog, 'lines'>
}

/** The apps that can be launched: of the configuration, and registered ones. */
export const knownApps = async (
  { config, server }: Simulator,
  { list }: Pick<AppSources, 'list'>
): Promise<
  ReadonlyArray<{
    readonly client: RegisteredClient
    readonly from: AppShown['from']
    /** Whether the page of apps can change and remove it. */
    readonly isManaged: boolean
  }>
> => {
  const listed = await list.all()
  const apps: ReadonlyArray<ListedApp> = Either.isRight(listed) ? listed.right : []
  const sources = [
    ...config.clients.map(({ client_id }) => ({ id: client_id, from: 'configuration' as const, isManaged: false })),
    ...apps.map(({ clientId, from, token }) => ({ id: clientId, from, isManaged: token !== null }))
  ]
  const found = await Promise.all(
    sources.map(async ({ id, ...source }) => {
      const client = await server.admin.client(id)()
      return Either.isRight(client) && Option.isSome(client.right) ? [{ client: client.right.value, ...source }] : []
    })
  )
  return found.flat()
}

/** An app that the page can change and remove, with its registration access token. */
interface ManagedApp extends Pick<ListedApp, 'clientId' | 'from'> {
  readonly token: string
}

const roomComplaint = `The page has ${String(limits.simulatorApps.default)} apps, which is all that it keeps.`

/** What was done with an app of the page. */
const DoneCodec = t.strict({
  clientId: t.string,
  isChange: t.boolean,
  /** The scopes of the form that the registration left out; shortened, because the address holds them. */
  leftOut: t.string,
  secret: t.union([t.string, t.null])
})

type Done = t.TypeOf<typeof DoneCodec>

const doneIn = (text: string): Done | null =>
  Option.toNullable(Option.fromEither(DoneCodec.decode(Option.toNullable(parseJson(text)))))

/** What was done, from the fields of the form and the answer of the registration. */
const doneWith = (clientId: string, isChange: boolean, fields: AppFields, answer: JsonObject): Done => {
  const registered = new Set((textOf(answer, 'scope') ?? '').split(' '))
  const leftOut = fields.scope.split(/\s+/).filter((scope) => scope !== '' && !registered.has(scope))
  return { clientId, isChange, leftOut: shown(leftOut.join(' '), 400), secret: textOf(answer, 'client_secret') }
}

/** The handlers of the pages, by path. */
export const appPages = (
  simulator: Simulator,
  { end, grants, list, log }: AppSources
): ReadonlyArray<readonly [path: string, handler: RequestHandler]> => {
  const { config, homePath, pageLinks, record, recordOwn, refused, registrar, server } = simulator
  const home = `${homePath}/ehr/apps`
  const desk = { homePath, layout: 'desk', current: 'apps' } as const

  const showList = async (request: PlainRequest): Promise<PlainResponse> => {
    const proof = await formProof(purpose, simulator, request)()
    const all = (await grants()).grants
    const newest = newestOfEach(all)
    const lines = log.lines()
    const registered = (await knownApps(simulator, { list })).map(({ client, from, isManaged }) => ({
      id: client.clientId,
      name: client.clientName,
      launchUris: client.launchUris,
      redirectUris: client.redirectUris,
      isNative: client.applicationType === 'native',
      use: appUseOf(client.clientId, newest.get(client.clientId) ?? null, lines),
      grantHandle: handleOf(newest.get(client.clientId)),
      from,
      isManaged
    }))
    const issuers = all.map(({ issuer }) => issuer).toReversed()
    const ids = new Set(registered.map(({ id }) => id))
    const byUrls = urlApps(simulator.config, lines, issuers)
      .filter(({ client_id }) => !ids.has(client_id))
      .map(({ application_type, client_id, client_name, launch_uri, redirect_uris = [] }) => ({
        id: client_id,
        name: client_name ?? client_id,
        launchUris: launch_uri === undefined ? [] : [launch_uri],
        redirectUris: redirect_uris,
        isNative: application_type === 'native',
        use: appUseOf(client_id, newest.get(client_id) ?? null, lines),
        grantHandle: handleOf(newest.get(client_id)),
        from: 'urls' as const,
        isManaged: false
      }))
    const apps = [...registered, ...byUrls]
    const unlisted = await list.unlisted()
    return page({
      ...desk,
      title: 'Apps',
      headers: proof.headers,
      body: appsPage(homePath, hiddenToken(proof.token), apps, Either.isRight(unlisted) ? unlisted.right : 0)
    })
  }

  const showForm = async (
    request: PlainRequest,
    fields: AppFields,
    clientId: string | null,
    { complaint = null, isChange }: { readonly isChange: boolean; readonly complaint?: string | null }
  ): Promise<PlainResponse> => {
    const proof = await formProof(purpose, simulator, request)()
    const view = {
      action: isChange ? `${home}/change` : `${home}/new`,
      homePath,
      fields,
      clientId,
      isChange,
      complaint
    }
    return page({
      ...desk,
      ...(complaint === null ? {} : { status: 400, hasError: true }),
      title: isChange ? 'Change an app' : 'Register an app',
      headers: proof.headers,
      body: appFormPage(view, hiddenToken(proof.token))
    })
  }

  const impossible = ({ accepted, exists, name, sentence }: UnmanagedApp, clientId: string | null): PlainResponse => {
    recordOwn({ rule: 'AppNotManaged', broken: { name, sentence, accepted }, clientId: exists ? clientId : null })()
    const { body, title } = unmanagedAppPage(homePath, { accepted, sentence, isRemoved: name === 'app-not-removed' })
    return cardPage(homePath, exists ? 403 : 404, title, body)
  }

  /** The app of a form; left with the page that says why this page does not manage it. */
  const managedApp = async (form: Parameters): Promise<Either.Either<PlainResponse, ManagedApp>> => {
    const [listed, removed] = [await list.all(), await list.removedNames()]
    if (Either.isLeft(listed)) return Either.left(refused(listed.left))
    if (Either.isLeft(removed)) return Either.left(refused(removed.left))
    const clientId = valueOf(form, 'client_id')
    const app = listed.right.find((one) => one.clientId === clientId) ?? null
    const unmanaged = unmanagedApp({
      clientId,
      isConfigured: config.clients.some(({ client_id }) => client_id === clientId),
      removedName: app === null ? (removed.right.get(clientId ?? '') ?? null) : null,
      listed: app
    })
    return unmanaged === null
      ? Either.right({ clientId: clientId ?? '', token: app?.token ?? '', from: app?.from ?? 'page' })
      : Either.left(impossible(unmanaged, clientId))
  }

  /** The page in place of a registration that cannot be read: the store does not answer, or the app is gone. */
  const unread = ({ status }: PlainResponse, clientId: string): PlainResponse => {
    if (status >= 500) return refused({ _tag: 'StoreUnavailable' })
    const gone = unmanagedApp({ clientId, isConfigured: false, removedName: null, listed: null })
    return gone === null ? seeOther(home) : impossible(gone, clientId)
  }

  /** The form again, with what is wrong with its fields. */
  const showWrong = (
    request: PlainRequest,
    fields: AppFields,
    clientId: string | null,
    complaint: string
  ): Promise<PlainResponse> => {
    const broken = { name: 'app-fields', sentence: complaint, accepted: ownRefusals.AppFieldsWrong.accepted }
    recordOwn({ rule: 'AppFieldsWrong', broken, clientId })()
    return showForm(request, withoutSecretKeys(fields), clientId, { isChange: clientId !== null, complaint })
  }

  const complaintOf = (fields: AppFields, response: PlainResponse): string =>
    refusedFieldComplaint(fields, textOf(jsonIn(response), 'error_description') ?? 'The app could not be registered.')

  /** The page of what was done has an address of its own, so that a browser that loads it again repeats nothing. */
  const showDone = async (request: PlainRequest, done: Done): Promise<PlainResponse> => {
    const { token } = await formProof(purpose, simulator, request)()
    const encrypted = await pageLinks.seal(JSON.stringify(done), token)()
    return Either.isLeft(encrypted)
      ? refused({ _tag: 'HostUnavailable', reason: encrypted.left.reason })
      : seeOther(`${home}/done?of=${encrypted.right}`)
  }

  /** Only the browser that sent the form can open what was done: its secret is the key. */
  const showRegistered = async (request: PlainRequest, query: Parameters): Promise<PlainResponse> => {
    const { token } = await formProof(purpose, simulator, request)()
    const opened = await pageLinks.open(valueOf(query, 'of') ?? '', token)()
    const done = Either.isRight(opened) && Option.isSome(opened.right) ? doneIn(opened.right.value) : null
    if (done === null) return seeOther(home)
    return page({
      ...desk,
      title: done.isChange ? 'The app is changed' : 'The app is registered',
      scripts: [`${homePath}/ehr/copy.js`],
      body: registeredPage(homePath, server.facts.fhirBaseUrl, done)
    })
  }

  const register = async (request: PlainRequest, form: Parameters): Promise<PlainResponse> => {
    const fields = readAppFields(form)
    const complaint = appFieldsComplaint(fields)
    if (complaint !== null) return showWrong(request, fields, null, complaint)
    const response = await registrar.register(metadataOf(fields))()
    const answer = jsonIn(response)
    const [clientId, token] = [textOf(answer, 'client_id'), textOf(answer, 'registration_access_token')]
    if (response.status !== 201 || clientId === null)
      return showForm(request, fields, null, { isChange: false, complaint: complaintOf(fields, response) })
    const added = await list.add({ clientId, token, from: 'page' })()
    if (Either.isLeft(added)) return refused(added.left)
    if (added.right === 'full') {
      await registrar.remove(clientId, token ?? '')()
      return showWrong(request, fields, null, `${roomComplaint} Remove one of them, then register this one.`)
    }
    return showDone(request, doneWith(clientId, false, fields, answer))
  }

  const change = async (request: PlainRequest, form: Parameters): Promise<PlainResponse> => {
    const managed = await managedApp(form)
    if (Either.isLeft(managed)) return managed.left
    const { clientId, from, token } = managed.right
    const fields = readAppFields(form)
    const complaint = appFieldsComplaint(fields)
    if (complaint !== null) return showWrong(request, fields, clientId, complaint)
    const before = await registrar.read(clientId, token)()
    if (before.status !== 200) return unread(before, clientId)
    const response = await registrar.change(clientId, token, metadataOf(fields, { from, ...jsonIn(before) }))()
    if (response.status !== 200)
      return showForm(request, fields, clientId, { isChange: true, complaint: complaintOf(fields, response) })
    return showDone(request, doneWith(clientId, true, fields, jsonIn(response)))
  }

  const remove = async (_request: PlainRequest, form: Parameters): Promise<PlainResponse> => {
    const managed = await managedApp(form)
    if (Either.isLeft(managed)) return managed.left
    const { clientId, token } = managed.right
    const name = await registeredName(simulator, clientId)
    const response = await registrar.remove(clientId, token)()
    if (response.status >= 500) return refused({ _tag: 'StoreUnavailable' })
    const unended = await end({ clientId, name })
    return unended === null ? seeOther(home) : refused(unended)
  }

  const showChange = async (request: PlainRequest, query: Parameters): Promise<PlainResponse> => {
    const managed = await managedApp(query)
    if (Either.isLeft(managed)) return managed.left
    const { clientId, token } = managed.right
    const response = await registrar.read(clientId, token)()
    if (response.status === 200) return showForm(request, fieldsOf(jsonIn(response)), clientId, { isChange: true })
    return unread(response, clientId)
  }

  type Act = (request: PlainRequest, form: Parameters) => Promise<PlainResponse>

  const refuse = (refusal: Refusal): Task.Task<PlainResponse> =>
    pipe(
      Task.fromIO(record(refusal, null)),
      Task.map(() => refused(refusal))
    )

  const posted =
    (act: Act): RequestHandler =>
    (request) => {
      const form = isForm(request) ? readForm(request.body) : Either.left(null)
      if (Either.isLeft(form)) return refuse({ _tag: 'BodyNotForm' })
      return pipe(
        isProven(purpose, request, form.right),
        Task.chain((proven) =>
          proven ? () => act(request, form.right) : refuse({ _tag: 'InteractionOfAnotherBrowser' })
        )
      )
    }

  const handler =
    (show: Act | null, act: Act | null): RequestHandler =>
    (request) => {
      const query = readForm(request.query)
      if (show !== null && (request.method === 'GET' || request.method === 'HEAD'))
        return () => show(request, Either.isRight(query) ? query.right : new Map())
      if (act !== null && request.method === 'POST') return posted(act)(request)
      return Task.of(refusalJson({ _tag: 'MethodNotAllowed', allowed: act === null ? 'GET, HEAD' : 'GET, POST' }))
    }

  return [
    [home, handler(showList, null)],
    [
      `${home}/new`,
      handler(
        (request, query) =>
          showForm(request, withoutSecretKeys(readAppFields(query)), valueOf(query, 'client_id'), { isChange: false }),
        register
      )
    ],
    [`${home}/change`, handler(showChange, change)],
    [`${home}/done`, handler(showRegistered, null)],
    [`${home}/remove`, handler(null, remove)]
  ]
}

/** Notices apps that register themselves at the registration endpoint, for the list. */
export const noticingApps =
  (list: AppList, registrationPath: string, handler: RequestHandler): RequestHandler =>
  (request) =>
    request.path !== registrationPath || request.method !== 'POST'
      ? handler(request)
      : pipe(
          handler(request),
          Task.chain((response) => {
            const answer = response.status === 201 ? jsonIn(response) : {}
            const [clientId, token] = [textOf(answer, 'client_id'), textOf(answer, 'registration_access_token')]
            // The list is for display: a registration does not fail because of it.
            return clientId === null
              ? Task.of(response)
              : pipe(
                  list.add({ clientId, token, from: 'endpoint' }),
                  Task.map(() => response)
                )
          })
        )
