/** The ways on from an error page: what an app sent and what is expected, and where the one or the other is changed. */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type { Simulator } from '../context.js'
import type { LaunchOfGrant } from '../grants/launch-of-grant.js'
import { launchInLog, launchOfGrant } from '../grants/launch-of-grant.js'
import { linkOf } from '../launch/launch-link.js'
import { queryOfSetting } from '../launch/setting-query.js'
import type { Mismatch, WayOn } from '../pages/error.js'
import type { OwnApp } from '../settings/own-app.js'
import type { Ports } from '../../engine/ports.js'
import type { ErrorPage } from '../../host/page-data.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import { refusalRow } from '../../protocol/errors/refusal-table.js'
import type { Parameters } from '../../protocol/http/form.js'
import { readForm, valueOf } from '../../protocol/http/form.js'
import type { PlainRequest } from '../../protocol/http/message.js'
import { hasScheme, loopbackUrl, withParameters } from '../../values/urls.js'

/** The parts of the simulator that know the conversations. */
type ConversationParts = Pick<
  Simulator,
  'basePath' | 'config' | 'homePath' | 'idsWith' | 'lines' | 'refusedHere' | 'server' | 'setting' | 'userNamed'
>

/** The page says the same about an app and about a redirect URI that are not registered. */
const notRegistered: ReadonlyArray<string> = [
  { _tag: 'ClientUnknown', clientId: '' } as const,
  { _tag: 'RedirectUriNotRegistered', redirectUri: '' } as const
].map((refusal: Refusal) => refusalRow(refusal).description)

/** The names of this machine in two URLs that are equal otherwise; null if they are not. */
const otherNameOf = (sent: string, registered: string): Mismatch['names'] => {
  const [one, other] = [loopbackUrl(sent), loopbackUrl(registered)]
  if (one === null || other === null || one.host === other.host) return null
  const rest = (url: string, host: string): string => url.slice(`http://${host}`.length)
  return rest(sent, one.host) === rest(registered, other.host) ? [one.host, other.host] : null
}

const mismatchOf = (name: Mismatch['name'], sent: string | null, expected: ReadonlyArray<string>): Mismatch | null =>
  sent === null
    ? null
    : { name, sent, expected, names: expected.map((one) => otherNameOf(sent, one)).find((one) => one !== null) ?? null }

/** What the app sent in place of what is expected, which of it is wrong, and what else it sent. */
interface Sent extends Required<Pick<WayOn, 'mismatches' | 'reason' | 'sentToo'>> {
  /** Whether an app is registered with the client_id that was sent. */
  readonly isRegistered: boolean
}

/** At a server whose launch link holds an app, every other client_id is wrong, also that of a registered app. */
const sentToOwnApp = (own: OwnApp, clientId: string | null, redirectUri: string | null): Sent => {
  const [isOwn, uris] = [clientId === own.client_id, own.redirect_uris ?? []]
  const isOwnUri = redirectUri !== null && uris.includes(redirectUri)
  return {
    isRegistered: true,
    reason: isOwn
      ? 'The redirect_uri that the app sent is not in this launch link.'
      : 'The client_id that the app sent is not that of this launch link' +
        (isOwnUri ? '.' : ', nor is its redirect_uri in it.'),
    mismatches: [
      isOwn ? null : mismatchOf('client_id', clientId, [own.client_id ?? '']),
      isOwnUri ? null : mismatchOf('redirect_uri', redirectUri, uris)
    ].flatMap((one) => one ?? []),
    sentToo: isOwn ? [['client_id', clientId ?? '']] : isOwnUri ? [['redirect_uri', redirectUri]] : []
  }
}

/** What the app sent, and what is expected of it; null if that is not known. */
const sentIn = async (
  { idsWith, server, setting }: Pick<Simulator, 'idsWith' | 'server' | 'setting'>,
  form: Parameters
): Promise<Sent | null> => {
  const [clientId, redirectUri] = [valueOf(form, 'client_id'), valueOf(form, 'redirect_uri')]
  if (setting.app !== undefined) return sentToOwnApp(setting.app, clientId, redirectUri)
  const found = clientId === null ? Either.right(Option.none) : await server.admin.client(clientId)()
  if (clientId === null || Either.isLeft(found)) return null
  if (Option.isSome(found.right))
    return {
      isRegistered: true,
      reason: 'The redirect_uri that the app sent is not registered for its client_id.',
      mismatches: [mismatchOf('redirect_uri', redirectUri, found.right.value.redirectUris) ?? []].flat(),
      sentToo: [['client_id', clientId]]
    }
  return {
    isRegistered: false,
    reason: 'No app with the client_id that was sent is registered here.',
    // An app that still sends an id of before its registration has the redirect URI of a registered one.
    mismatches: [mismatchOf('client_id', clientId, await idsWith(redirectUri ?? '')) ?? []].flat(),
    sentToo: redirectUri === null ? [] : [['redirect_uri', redirectUri]]
  }
}

/** The app of a launch link with what was sent added or put in its place. */
const appAsSent = (app: OwnApp, { mismatches }: Sent): OwnApp => {
  const sent = (name: Mismatch['name']): string | undefined => mismatches.find((one) => one.name === name)?.sent
  const [clientId, redirectUri] = [sent('client_id'), sent('redirect_uri')]
  return {
    ...app,
    ...(clientId === undefined ? {} : { client_id: clientId }),
    ...(redirectUri === undefined ? {} : { redirect_uris: [...(app.redirect_uris ?? []), redirectUri] })
  }
}

/** The id of the grant in the path of a page of a conversation; null for any other path. */
const grantIdIn = ({ basePath }: Pick<Simulator, 'basePath'>, path: string): string | null => {
  const conversations = `${basePath}/interaction/`
  return path.startsWith(conversations) ? path.slice(conversations.length) : null
}

/**
 * The way on from a page of a conversation that cannot go on in this browser: the app is launched again, as it was
 * before, or from the launch page where it has no launch URL, or is not known any more. Both keep the launch setting.
 */
export const relaunchFrom = async (
  simulator: ConversationParts,
  ports: Pick<Ports, 'store'>,
  path: string
): Promise<WayOn> => {
  const grantId = grantIdIn(simulator, path) ?? ''
  const launch = (await launchOfGrant(simulator, ports, grantId)) ?? launchInLog(simulator, simulator.lines(), grantId)
  return relaunch(simulator, launch)
}

/** The way to another launch like one; null for a launch of which nothing is known. */
const relaunch = async (simulator: ConversationParts, launch: LaunchOfGrant | null): Promise<WayOn> => {
  const { config, homePath, server, setting } = simulator
  const clientId = launch?.clientId ?? setting.app?.client_id ?? null
  const found = clientId === null ? Either.right(Option.none) : await server.admin.client(clientId)()
  if (clientId === null || Either.isLeft(found) || Option.isNone(found.right)) {
    const isPlain = Object.keys(setting).length === 0
    return {
      app: clientId === null ? null : { id: clientId, name: clientId },
      ...(isPlain ? {} : { change: `${homePath}/?${queryOfSetting(setting, launch?.kind ?? 'ehr', '')}` })
    }
  }
  const launchUri = found.right.value.launchUris[0] ?? null
  const app = { id: clientId, name: found.right.value.clientName }
  const kind = launch?.kind ?? (launchUri === null ? 'standalone' : 'ehr')
  const { url } = linkOf(config.publicBaseUrl, setting, { kind, clientId, launchUri, isFramed: false })
  return url === null ? { app, panel: `${homePath}/?${queryOfSetting(setting, kind, clientId)}` } : { app, again: url }
}

/** The ways on from an error page that answers a request. */
export const wayOnFrom = async (
  simulator: ConversationParts,
  ports: Pick<Ports, 'store'>,
  { kind, message, onward, retry }: ErrorPage,
  { path, query }: PlainRequest
): Promise<WayOn> => {
  const { basePath, homePath, setting } = simulator
  const isConversation = kind !== 'failed' && retry === null && grantIdIn(simulator, path) !== null
  if (isConversation) return relaunchFrom(simulator, ports, path)
  const form = readForm(query)
  if (path !== `${basePath}/authorize` || Either.isLeft(form)) return {}
  const sentId = valueOf(form.right, 'client_id')
  if (onward !== null && sentId !== null) {
    const again = await relaunch(simulator, { clientId: sentId, kind: form.right.has('launch') ? 'ehr' : 'standalone' })
    return { ...again, cause: simulator.refusedHere()?.accepted ?? null }
  }
  if (!notRegistered.includes(message)) return {}
  const sent = await sentIn(simulator, form.right)
  if (setting.app !== undefined && sent !== null) {
    const isFromEhr = form.right.has('launch') && setting.app.launch_uri !== undefined
    const formOf = (app: OwnApp): string =>
      `${homePath}/?${queryOfSetting({ ...setting, app }, isFromEhr ? 'ehr' : 'standalone', app.client_id ?? '')}`
    return { ...sent, change: formOf(setting.app), take: formOf(appAsSent(setting.app, sent)) }
  }
  const given = ['client_id', 'redirect_uri'].flatMap((name) => {
    const value = valueOf(form.right, name)
    return value === null ? [] : [[name, value] as const]
  })
  const redirectUri = valueOf(form.right, 'redirect_uri') ?? ''
  const type = hasScheme(redirectUri) && !/^https?:/i.test(redirectUri) ? [['application_type', 'native'] as const] : []
  // A registered app keeps its registration: with another redirect URI, it is launched by its URLs.
  const byUrls = [['kind', 'standalone'] as const, ['app', '*'] as const, ...given, ...type].map(
    ([name, value]) => [name === 'redirect_uri' ? 'redirect_uris' : name, value] as const
  )
  return sent?.isRegistered === true
    ? { ...sent, panel: withParameters(`${homePath}/`, byUrls) }
    : { ...sent, register: withParameters(`${homePath}/ehr/apps/new`, [...given, ...type]) }
}
