/**
 * The page of connected apps: the grants of the signed-in user, and the end of one of them.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { connectedAppsContents } from './default-pages.js'
import { returnedQuery } from './host-addresses.js'
import type { HostContext, HostRequest } from './host-context.js'
import { hiddenFieldsOf, refusalPageOf, refusedPage, shownPage } from './host-context.js'
import type { ConnectedApp } from './page-data.js'
import { inParallel } from './in-parallel.js'
import { scopesInWords } from './scope-words.js'
import { signInNeeded } from './sign-in.js'
import type { ListedGrant } from '../protocol/connected-apps/state.js'
import type { Refusal } from '../protocol/errors/refusal.js'
import { readForm, repeated, valueOf } from '../protocol/http/form.js'
import { isForm } from '../protocol/http/media-type.js'
import type { PlainResponse } from '../protocol/http/message.js'
import { seeOther } from '../protocol/http/message.js'
import type { SignedInUser } from '../protocol/launch/launch-context.js'
import { parse } from '../scopes/parse.js'
import { sameDigest } from '../values/secret.js'
import { limits } from '../values/limits/limits.js'
import { ownMember } from '../values/own.js'

/** What a form token of this page covers: the session. The kind `f` is none of a code or a token. */
const coveredBy = (session: string, keyId: string): string => `connected-apps.f.${session}.${keyId}`

const tokenPattern = /^connected-apps\.f\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/

const sessionDigest = <R>({ ports }: HostContext<R>, user: SignedInUser): Promise<string> =>
  ports.keys.digest(JSON.stringify([user.sub, ownMember(user, 'sessionId') ?? null, user.authTime]))()

/** Whether a form comes from a page that was shown to this user in this session. */
const isOfSession = async <R>(
  hostContext: HostContext<R>,
  user: SignedInUser,
  token: string
): Promise<Either.Either<Refusal, boolean>> => {
  const [, session = '', keyId = '', mac = ''] = tokenPattern.exec(token) ?? []
  if (!sameDigest(await sessionDigest(hostContext, user), session)) return Either.right(false)
  const verified = await hostContext.ports.keys.verifyMac(keyId, coveredBy(session, keyId), mac)()
  return Either.isLeft(verified) ? Either.left({ _tag: 'KeysUnavailable' }) : verified
}

/** The grants of a user that are valid now; left when the store is unavailable. */
const validGrants = async <R>(
  { apps, ports }: HostContext<R>,
  user: SignedInUser
): Promise<Either.Either<Refusal, ReadonlyArray<ListedGrant>>> => {
  const found = await apps.of(user.sub)
  if (Either.isLeft(found)) return found
  const now = ports.clock.now()
  const unexpired = found.right.grants.filter(({ until }) => now < until)
  const grants = await inParallel(unexpired, limits.recordReads.default, ({ grantId }) => apps.grant(grantId))
  const valid: Array<ListedGrant> = []
  for (const [place, listed] of unexpired.entries()) {
    const grant = grants[place]
    if (grant === undefined || Either.isLeft(grant)) return grant ?? Either.left({ _tag: 'StoreUnavailable' })
    const isValid =
      grant.right?._tag === 'Active' || (grant.right?._tag === 'CodeIssued' && now < grant.right.codeExpiresAt)
    if (isValid) valid.push(listed)
  }
  return Either.right(valid)
}

/** The names of clients by their ids; the id where the name is not known. */
const clientNames = async <R>(
  { server }: HostContext<R>,
  grants: ReadonlyArray<ListedGrant>
): Promise<ReadonlyMap<string, string>> => {
  const ids = [...new Set(grants.map(({ clientId }) => clientId))]
  const names = await inParallel(ids, limits.recordReads.default, async (clientId) => {
    const found = await server.admin.client(clientId)()
    return Either.isRight(found) && Option.isSome(found.right) ? found.right.value.clientName : clientId
  })
  return new Map(ids.map((id, place) => [id, names[place] ?? id]))
}

const listApps = async <R>(
  hostContext: HostContext<R>,
  { own }: HostRequest<R>,
  user: SignedInUser,
  action: string
): Promise<PlainResponse> => {
  const found = await validGrants(hostContext, user)
  if (Either.isLeft(found)) return refusedPage(hostContext, own, found.left)
  const session = await sessionDigest(hostContext, user)
  const token = await hostContext.ports.keys.mac((keyId) => coveredBy(session, keyId))()
  if (Either.isLeft(token)) return refusedPage(hostContext, own, { _tag: 'KeysUnavailable' })
  const names = await clientNames(hostContext, found.right)
  const { fhirUserImpliesRead } = hostContext.server.policy
  const apps = found.right.map(({ grantId, clientId, scope, since, until }): ConnectedApp => ({
    grantId,
    client: { id: clientId, name: names.get(clientId) ?? clientId },
    scopes: scopesInWords(parse(scope), { fhirUserImpliesRead }),
    since,
    until
  }))
  const hiddenFields = await hiddenFieldsOf(hostContext, own, token.right)
  const ownPage = hostContext.options.pages?.connectedApps
  return shownPage(
    hostContext,
    own,
    { name: 'pages.connectedApps', ownPage, contents: connectedAppsContents },
    { action, hiddenFields, user, apps: apps.toReversed() }
  )
}

/**
 * Ends a grant of a user, and forgets the consents to its app. The grant ends first: if the record cannot be written,
 * the grant stays on the list, and the user can repeat it.
 */
export const revokeListed = async <R>(
  { server, apps }: Pick<HostContext<R>, 'server' | 'apps'>,
  sub: string,
  grantId: string
): Promise<Either.Either<Refusal, null>> => {
  const revoked = await server.admin.revokeGrant(grantId)()
  return Either.isLeft(revoked) ? revoked : apps.change(sub, { _tag: 'GrantRevoked', grantId })
}

const revokeApp = async <R>(
  hostContext: HostContext<R>,
  { own, request }: HostRequest<R>,
  user: SignedInUser,
  address: string
): Promise<PlainResponse> => {
  const refuse = (refusal: Refusal) => refusedPage(hostContext, own, refusal)
  const form = isForm(request) ? readForm(request.body) : Either.left(null)
  if (Either.isLeft(form)) return refuse({ _tag: 'BodyNotForm' })
  const name = repeated(form.right, ['form_token', 'grant'])
  if (name !== null) return refuse({ _tag: 'ParameterRepeated', name })
  const proven = await isOfSession(hostContext, user, valueOf(form.right, 'form_token') ?? '')
  if (Either.isLeft(proven)) return refuse(proven.left)
  if (!proven.right) return refuse({ _tag: 'InteractionOfAnotherBrowser' })
  const grantId = valueOf(form.right, 'grant') ?? ''
  const found = await hostContext.apps.of(user.sub)
  if (Either.isLeft(found)) return refuse(found.left)
  // Only a grant of this user may be ended. One that is not listed any more has ended already.
  const isListed = found.right.grants.some((listed) => listed.grantId === grantId)
  const ended = isListed
    ? await revokeListed(hostContext, user.sub, grantId)
    : ((await hostContext.endElsewhere?.(user, grantId)) ?? Either.right(null))
  return Either.isLeft(ended) ? refusalPageOf(hostContext, own, ended.left) : seeOther(address)
}

/** The page of connected apps, for the signed-in user. */
export const connectedAppsRoute = async <R>(
  hostContext: HostContext<R>,
  request: HostRequest<R>,
  address: string
): Promise<PlainResponse> => {
  const { method, query } = request.request
  if (method !== 'GET' && method !== 'POST')
    return refusedPage(hostContext, request.own, { _tag: 'MethodNotAllowed', allowed: 'GET, POST' })
  if (request.present === null)
    return signInNeeded(hostContext, request, {
      because: 'NoSession',
      client: null,
      cancel: null,
      isReturned: query === returnedQuery,
      returnTo: `${address}?${returnedQuery}`,
      retry: address
    })
  return method === 'GET'
    ? listApps(hostContext, request, request.present, address)
    : revokeApp(hostContext, request, request.present, address)
}
