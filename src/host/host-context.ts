/**
 * What the parts of a host share, and what belongs to one request.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { ConnectedAppsStore } from './connected-apps-store.js'
import type { HostAddresses } from './host-addresses.js'
import type { HostOptions } from './host-options.js'
import type { Html } from './html.js'
import { html } from './html.js'
import type { AskingClient, ErrorPage, PageOf } from './page-data.js'
import { defaultPage, hostPage } from './page-response.js'
import type { PageContents } from './default-pages.js'
import { errorContents } from './default-pages.js'
import { recordAuditNow, refusedEntry } from '../engine/server/audit.js'
import type { AuthorizationServer } from '../engine/server/authorization-server.js'
import type { ConsentDetails } from '../engine/server/interaction/conversation.js'
import type { Ports } from '../engine/ports.js'
import type { PlainRequest, PlainResponse } from '../protocol/http/message.js'
import type { PresentUser, SignedInUser } from '../protocol/launch/launch-context.js'
import { checkUser } from '../protocol/launch/user-rules.js'
import type { Refusal } from '../protocol/errors/refusal.js'
import { errorUri } from '../protocol/errors/refusal.js'
import { refusalDescription, refusalHeaders, refusalRow } from '../protocol/errors/refusal-table.js'
import { originOf } from '../values/urls.js'

/** The steps for which a host shows no page. */
export interface SkippedSteps {
  /** The user does not choose where there is one choice only. */
  readonly onlyChoice: boolean
  /** All requested scopes are granted, unless the app asks for the page with `prompt=consent`. */
  readonly consent: boolean
}

/**
 * Ends the session of a browser, which has proved that its form is of the conversation, and leads another user on; null
 * if only the user of the conversation may go on, and nothing has changed.
 */
export type SwitchUser<R> = (own: R, grantId: string) => Promise<PlainResponse | null>

/**
 * Ends a grant that another server of the host lists for a user, who has proved that the form is of the page of
 * connected apps. `grant` is what the button of the page sends. A grant that is not this user's stays as it is.
 */
export type EndElsewhere = (user: SignedInUser, grant: string) => Promise<Either.Either<Refusal, unknown>>

/** What the parts of a host share. */
export interface HostContext<R> {
  readonly server: AuthorizationServer
  readonly ports: Ports
  readonly options: HostOptions<R>
  readonly addresses: HostAddresses
  readonly apps: ConnectedAppsStore
  readonly skipped: SkippedSteps
  /** What the decision `switch` of a page does; null if the host has no such decision. */
  readonly switchUser: SwitchUser<R> | null
  /** Ends a grant that this server does not list; null if the host has no other server. */
  readonly endElsewhere: EndElsewhere | null
}

/** One request to a page of the host. */
export interface HostRequest<R> {
  /** The path is the one that the browser sees. */
  readonly request: PlainRequest
  readonly own: R
  readonly present: PresentUser
}

/**
 * The user who is signed in, in the browser that sent the request. A user of the wrong form is a mistake of the host:
 * an exception names the member.
 */
export const presentUserOf = async <R>({ options, ports }: HostContext<R>, own: R): Promise<PresentUser> => {
  const user = (await options.user(own)) ?? null
  if (user === null) return null
  const checked = checkUser(user, ports.clock.now())
  if (Either.isRight(checked)) return checked.right
  const { member, expected } = { member: 'user', expected: 'a user', ...checked.left }
  throw new Error(`the function \`user\` gave a wrong ${member}: expected ${expected}`)
}

/** A page: the host's function draws it, or else the default. */
export const shownPage = async <R, Page>(
  { ports }: HostContext<R>,
  own: R,
  {
    name,
    ownPage,
    contents,
    status = 200
  }: {
    readonly name: string
    readonly ownPage: PageOf<Page, R> | undefined
    readonly contents: (page: Page) => PageContents
    readonly status?: number
  },
  page: Page
): Promise<PlainResponse> => {
  if (ownPage !== undefined) return hostPage(name, status, ownPage(page, own))
  const { title, body } = contents(page)
  return defaultPage(status, title, body, ports.random.token())
}

/** The error page. */
export const errorPage = <R>(hostContext: HostContext<R>, own: R, page: ErrorPage): Promise<PlainResponse> =>
  shownPage(
    hostContext,
    own,
    { name: 'pages.error', ownPage: hostContext.options.pages?.error, contents: errorContents, status: page.status },
    page
  )

/** The refusals of a request that is over: nothing is wrong with it. */
const endings: ReadonlySet<Refusal['_tag']> = new Set(['InteractionOver', 'InteractionExpired', 'InteractionUnknown'])

/** What an error page may offer beside the message. */
export type Offer = Partial<Pick<ErrorPage, 'message' | 'retry' | 'onward'>>

/** The data of the error page of a refusal. */
export const errorData = (refusal: Refusal, { message, retry = null, onward = null }: Offer = {}): ErrorPage => {
  const row = refusalRow(refusal)
  const { status, error } = row
  return {
    kind: status >= 500 ? 'failed' : endings.has(refusal._tag) ? 'ended' : 'refused',
    status,
    message: message ?? refusalDescription(refusal),
    error,
    reference: errorUri(row),
    retry,
    onward
  }
}

/** The error page of a refusal. */
export const refusalPageOf = async <R>(
  hostContext: HostContext<R>,
  own: R,
  refusal: Refusal,
  offer: Offer = {}
): Promise<PlainResponse> => {
  const page = await errorPage(hostContext, own, errorData(refusal, offer))
  return { ...page, headers: { ...page.headers, ...refusalHeaders(refusal) } }
}

/** Refuses for a reason of the host: records it in the audit log like the engine's refusals, and shows it. */
export const refusedPage = <R>(
  hostContext: HostContext<R>,
  own: R,
  refusal: Refusal,
  grantId: string | null = null
): Promise<PlainResponse> =>
  recordAuditNow(hostContext.ports, refusedEntry(refusal, null, grantId), refusalPageOf(hostContext, own, refusal))

/** The hidden fields of a form: those of the host's framework, and our own. */
export const hiddenFieldsOf = async <R>({ options }: HostContext<R>, own: R, formToken: string): Promise<string> => {
  const field: Html = html`<input type="hidden" name="form_token" value="${formToken}">`
  const fields: unknown = options.formFields === undefined ? '' : await options.formFields(own)
  if (typeof fields !== 'string')
    throw new Error(`the function \`formFields\` gave ${typeof fields}: expected HTML text`)
  return `${field.html}${fields}`
}

/** See `redirectOrigin` of {@link AskingClient}. */
const shownTarget = (redirectUri: string): string => {
  const origin = originOf(redirectUri)
  return origin === '' ? redirectUri.slice(0, redirectUri.indexOf(':') + 1) : origin
}

/** The app of a request, for a page. */
export const askingClient = ({ clientId, clientName, redirectUri }: ConsentDetails): AskingClient => ({
  id: clientId,
  name: clientName,
  redirectOrigin: shownTarget(redirectUri)
})
