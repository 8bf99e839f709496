/**
 * The servers of launch settings, below `/sim/<setting>`: built when they are needed, and kept as long as they are
 * among the latest ones. Their data are in the store, so that a server that is built again continues.
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Task from 'fp-ts/lib/Task.js'
import type { LaunchSetting, SettingError } from './setting.js'
import { decodeSetting, encodeSetting } from './setting.js'
import { printConfigError } from '../config/config.js'
import { notice } from '../design/parts.js'
import { page } from '../design/shell.js'
import { logLink } from '../log/linked-answer.js'
import { html } from '../../host/html.js'
import type { RequestHandler } from '../../engine/server/http-handler.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import { plainRefusal } from '../../protocol/errors/refusal-table.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { headerOf, json } from '../../protocol/http/message.js'
import type { SmartPolicy } from '../../protocol/policy/policy.js'
import { limits } from '../../values/limits/limits.js'
import { ownMember } from '../../values/own.js'
import { below } from '../../values/urls.js'

const folder = 'sim'

/** The public base URL of the server with a setting. The empty setting is the simulator itself. */
export const baseUrlWith = (publicBaseUrl: string, setting: LaunchSetting): string => {
  const text = encodeSetting(setting)
  return text === encodeSetting({}) ? publicBaseUrl : below(publicBaseUrl, `${folder}/${text}`)
}

/** Keeps what was made for the latest keys. Nothing is kept of what could not be made. */
export const keptLatest = <Wrong, Made>(
  size: number,
  make: (key: string) => Either.Either<Wrong, Made>
): ((key: string) => Either.Either<Wrong, Made>) => {
  const kept = new Map<string, Made>()
  return (key) => {
    const found = kept.get(key)
    if (found !== undefined) {
      // The last one in a Map is the latest.
      kept.delete(key)
      kept.set(key, found)
      return Either.right(found)
    }
    const made = make(key)
    if (Either.isLeft(made)) return made
    kept.set(key, made.right)
    const [oldest] = kept.keys()
    if (kept.size > size && oldest !== undefined) kept.delete(oldest)
    return made
  }
}

/** Whether the text of a setting cannot be read at all, as when a link was cut off. */
const isUnreadable = ({ expected, path }: SettingError): boolean => path === '' && /^(?:JSON|base64url)/.test(expected)

/** An error in a setting: a page for browsers, else JSON that pages of every origin can read. */
const refusedSetting = (basePath: string, error: SettingError, request: PlainRequest): PlainResponse => {
  const isIncomplete = isUnreadable(error)
  const reason = printConfigError('setting', error)
  const sentence = isIncomplete
    ? `This link is incomplete, or was changed on its way. Ask for it again, and copy it as a whole (${reason}).`
    : reason
  if (headerOf(request, 'accept')?.includes('text/html') !== true)
    return json(400, { error: 'invalid_request', error_description: sentence }, { 'access-control-allow-origin': '*' })
  return page({
    status: 400,
    homePath: basePath,
    title: isIncomplete ? 'This link is incomplete' : 'There is no such launch setting',
    layout: 'desk',
    body: html`${notice('bad', html`<p>${sentence}</p>`)}
<p>A setting is the part of the address after <code>/${folder}/</code>. The <a href="${basePath}/">launch page</a>
makes links with settings, and <a ${{ html: logLink(basePath) }}>the log</a> says more.</p>`
  })
}

/** What the servers of settings need. */
export interface SettingServers {
  /** The path of the public base URL. */
  readonly basePath: string
  /** The release of the simulator itself. */
  readonly release: SmartPolicy['specVersion']
  /** The handler of the simulator itself. */
  readonly root: RequestHandler
  /** Builds the server of a setting whose text is `encoded`; left when this simulator cannot have one. */
  readonly build: (setting: LaunchSetting, encoded: string) => Either.Either<SettingError, RequestHandler>
  /** Writes to the log what is wrong with a setting, and adds the address of that line to the answer. */
  readonly logged: (error: SettingError, answer: RequestHandler) => RequestHandler
}

/** The handler of the simulator with all servers of settings below it. */
export const withSettingServers = ({ basePath, release, root, build, logged }: SettingServers): RequestHandler => {
  const prefix = `${basePath}/${folder}/`
  const serverOf = keptLatest(limits.simulatorServers.default, (encoded) => {
    const setting = decodeSetting(encoded, release)
    return Either.isLeft(setting) ? setting : build(setting.right, encoded)
  })
  /** The server of a request; null for the simulator itself. */
  const serverFor = ({ path }: PlainRequest): Either.Either<SettingError, RequestHandler> | null =>
    path.startsWith(prefix) ? serverOf(path.slice(prefix.length).split('/')[0] ?? '') : null
  const refuse = (error: SettingError, request: PlainRequest): Task.Task<PlainResponse> =>
    logged(error, () => Task.of(refusedSetting(basePath, error, request)))(request)
  const refusedBy = (handler: RequestHandler, request: PlainRequest, because: Refusal | null) =>
    (ownMember(handler, 'refused') ?? (() => Task.of(plainRefusal(because))))(request, because)
  const answer: RequestHandler = (request) => {
    const server = serverFor(request)
    if (server === null) return root(request)
    return Either.isLeft(server) ? refuse(server.left, request) : server.right(request)
  }
  return Object.assign(answer, {
    refused: (request: PlainRequest, because: Refusal | null) => {
      const server = serverFor(request)
      if (server === null) return refusedBy(root, request, because)
      return Either.isLeft(server) ? refuse(server.left, request) : refusedBy(server.right, request, because)
    }
  })
}
