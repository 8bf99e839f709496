/** `/ehr/apps`: registers, changes and removes apps, through the registration of the server. */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as t from 'io-ts'
import type { ListSources } from './listed-apps.js'
import { listedApps } from './listed-apps.js'
import type { Registration } from './registrar.js'
import { jsonIn, memberText } from './registration-answer.js'
import { registeredName } from './removed-apps.js'
import { formProof, isProven } from '../browser-form.js'
import type { Simulator } from '../../context.js'
import { page } from '../../design/shell.js'
import type { AppFields } from '../../launch/app-form.js'
import {
  fieldsOf,
  appFieldsComplaint,
  metadataOf,
  readAppFields,
  refusedFieldComplaint
} from '../../launch/app-form.js'
import { keptIdComplaint, takenComplaint } from '../../launch/kept-id.js'
import { holdsPrivateKey } from '../../launch/keys-field.js'
import type { UnmanagedApp } from '../../launch/managed-app.js'
import { unmanagedApp } from '../../launch/managed-app.js'
import { scopesIn } from '../../launch/scope-field.js'
import { cardPage } from '../../pages/card-page.js'
import { appFormPage, appsPage, registeredPage, unmanagedAppPage } from '../../pages/apps.js'
import { ownRefusals } from '../../log/own-refusal.js'
import type { ListedApp } from '../../store/app-list.js'
import type { Html } from '../../../host/html.js'
import { html } from '../../../host/html.js'
import type { RequestHandler } from '../../../engine/server/http-handler.js'
import type { Parameters } from '../../../protocol/http/form.js'
import { printForm, readForm, valueOf } from '../../../protocol/http/form.js'
import { isForm } from '../../../protocol/http/media-type.js'
import type { PlainRequest, PlainResponse } from '../../../protocol/http/message.js'
import { seeOther } from '../../../protocol/http/message.js'
import type { Refusal } from '../../../protocol/errors/refusal.js'
import { refusalJson } from '../../../protocol/errors/refusal-table.js'
import { parseJson } from '../../../values/json.js'
import { limits } from '../../../values/limits/limits.js'
import type { JsonObject } from '../../../values/object.js'
import { noMembers } from '../../../values/own.js'
import { shown } from '../../../values/shown-text.js'

const purpose = 'apps'

const hiddenToken = (token: string): Html => html`<input type="hidden" name="form_token" value="${token}">`

/** The fields to show again: a private key is not among them. */
const withoutSecretKeys = (fields: AppFields): AppFields =>
  holdsPrivateKey(fields.keys) ? { ...fields, keys: '' } : fields

/** What the pages of apps need beside the server. */
export interface AppSources extends ListSources {
  /** Ends what depends on the registration of an app. Null: it is done. */
  readonly end: (app: { readonly clientId: string; readonly name: string }) => Promise<Refusal | null>
  /** Ends the grants of an earlier app with an id. Null: it is done. */
  readonly endGrants: (clientId: string) => Promise<Refusal | null>
}

/** An app that the page can change and remove. */
interface ManagedApp extends Registration {
  readonly from: ListedApp['from']
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
  const registered = new Set((memberText(answer, 'scope') ?? '').split(' '))
  const leftOut = scopesIn(fields.scope).filter((scope) => !registered.has(scope))
  return { clientId, isChange, leftOut: shown(leftOut.join(' '), 400), secret: memberText(answer, 'client_secret') }
}

/** The handlers of the pages, by path. */
export const appPages = (
  simulator: Simulator,
  sources: AppSources
): ReadonlyArray<readonly [path: string, handler: RequestHandler]> => {
  const { end, endGrants, grants, list } = sources
  const { config, homePath, pageLinks, record, recordOwn, refused, registrar, server } = simulator
  const home = `${homePath}/ehr/apps`
  const desk = { homePath, layout: 'desk', current: 'apps' } as const

  /** The name of the app that a removal leads here with; null for an id that was not removed. */
  const removedIn = async (query: Parameters): Promise<string | null> => {
    const removed = await list.removedNames()
    return Either.isLeft(removed) ? null : (removed.right.get(valueOf(query, 'removed') ?? '') ?? null)
  }

  const showList = async (request: PlainRequest, query: Parameters): Promise<PlainResponse> => {
    const proof = await formProof(purpose, simulator, request)()
    const [apps, unlisted] = [await listedApps(simulator, sources), await list.unlisted()]
    return page({
      ...desk,
      title: 'Apps',
      headers: proof.headers,
      scripts: [`${homePath}/ehr/copy.js`],
      body: appsPage(
        {
          homePath,
          apps,
          removed: await removedIn(query),
          unlisted: Either.isRight(unlisted) ? unlisted.right : 0,
          registration: { mode: config.registration, endpoint: server.facts.registrationEndpoint }
        },
        hiddenToken(proof.token)
      )
    })
  }

  const showForm = async (
    request: PlainRequest,
    fields: AppFields,
    clientId: string | null,
    complaint: string | null = null
  ): Promise<PlainResponse> => {
    const proof = await formProof(purpose, simulator, request)()
    const action = clientId === null ? `${home}/new` : `${home}/change`
    const view = { action, homePath, fields, clientId, complaint }
    return page({
      ...desk,
      status: complaint === null ? 200 : 400,
      hasError: complaint !== null,
      title: clientId === null ? 'Register an app' : 'Change an app',
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
    if (unmanaged !== null) return Either.left(impossible(unmanaged, clientId))
    const { from = 'page', registeredAs, token } = app ?? {}
    return Either.right({
      clientId: clientId ?? '',
      token: token ?? '',
      from,
      ...(registeredAs === undefined ? noMembers : { registeredAs })
    })
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
    return showForm(request, withoutSecretKeys(fields), clientId, complaint)
  }

  const complaintOf = (fields: AppFields, response: PlainResponse): string =>
    refusedFieldComplaint(
      fields,
      memberText(jsonIn(response), 'error_description') ?? 'The app could not be registered.'
    )

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

  /** The id that an app keeps; left with the page that says why it cannot. Null: it gets one that is assigned. */
  const keptIdIn = async (
    request: PlainRequest,
    fields: AppFields
  ): Promise<Either.Either<PlainResponse, string | null>> => {
    const { client_id: clientId } = fields
    if (clientId === '') return Either.right(null)
    const listed = await list.all()
    if (Either.isLeft(listed)) return Either.left(refused(listed.left))
    const registered = listed.right.map((app) => app.clientId)
    const hasUnlistedGrants = (await grants()).leftOut > 0
    const complaint = keptIdComplaint({ clientId, config, registered, hasUnlistedGrants })
    return complaint === null ? Either.right(clientId) : Either.left(await showWrong(request, fields, null, complaint))
  }

  const register = async (request: PlainRequest, form: Parameters): Promise<PlainResponse> => {
    const fields = readAppFields(form)
    const complaint = appFieldsComplaint(fields)
    if (complaint !== null) return showWrong(request, fields, null, complaint)
    const keptId = await keptIdIn(request, fields)
    if (Either.isLeft(keptId)) return keptId.left
    const response = await registrar.register(metadataOf(fields), keptId.right)()
    const answer = jsonIn(response)
    const [assignedId, token] = [memberText(answer, 'client_id'), memberText(answer, 'registration_access_token')]
    if (response.status !== 201 || assignedId === null || token === null)
      return showForm(request, fields, null, complaintOf(fields, response))
    const app: Registration = {
      clientId: keptId.right ?? assignedId,
      token,
      ...(keptId.right === null ? noMembers : { registeredAs: assignedId })
    }
    // A refused form ends nothing; and the app has the id only after the grants of an earlier one with it have ended.
    const unended = keptId.right === null ? null : await endGrants(keptId.right)
    if (unended !== null) {
      await registrar.remove(app)()
      return refused(unended)
    }
    const added = await list.add({ ...app, from: 'page' })()
    if (Either.isLeft(added)) return refused(added.left)
    if (added.right !== 'added') {
      await registrar.remove(app)()
      return showWrong(
        request,
        fields,
        null,
        added.right === 'full'
          ? `${roomComplaint} Remove one of them, then register this one.`
          : takenComplaint(app.clientId)
      )
    }
    return showDone(request, doneWith(app.clientId, false, fields, answer))
  }

  const change = async (request: PlainRequest, form: Parameters): Promise<PlainResponse> => {
    const managed = await managedApp(form)
    if (Either.isLeft(managed)) return managed.left
    const { clientId, from } = managed.right
    const fields = readAppFields(form)
    const complaint = appFieldsComplaint(fields)
    if (complaint !== null) return showWrong(request, fields, clientId, complaint)
    const before = await registrar.read(managed.right)()
    if (before.status !== 200) return unread(before, clientId)
    const response = await registrar.change(managed.right, metadataOf(fields, { from, ...jsonIn(before) }))()
    if (response.status !== 200) return showForm(request, fields, clientId, complaintOf(fields, response))
    return showDone(request, doneWith(clientId, true, fields, jsonIn(response)))
  }

  const remove = async (_request: PlainRequest, form: Parameters): Promise<PlainResponse> => {
    const managed = await managedApp(form)
    if (Either.isLeft(managed)) return managed.left
    const { clientId } = managed.right
    const name = await registeredName(simulator, clientId)
    const response = await registrar.remove(managed.right)()
    if (response.status >= 500) return refused({ _tag: 'StoreUnavailable' })
    const unended = await end({ clientId, name })
    return unended === null ? seeOther(`${home}?${printForm([['removed', clientId]])}`) : refused(unended)
  }

  const showChange = async (request: PlainRequest, query: Parameters): Promise<PlainResponse> => {
    const managed = await managedApp(query)
    if (Either.isLeft(managed)) return managed.left
    const { clientId } = managed.right
    const response = await registrar.read(managed.right)()
    if (response.status === 200) return showForm(request, fieldsOf(jsonIn(response)), clientId)
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
      handler((request, query) => showForm(request, withoutSecretKeys(readAppFields(query)), null), register)
    ],
    [`${home}/change`, handler(showChange, change)],
    [`${home}/done`, handler(showRegistered, null)],
    [`${home}/remove`, handler(null, remove)]
  ]
}
