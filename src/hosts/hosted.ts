/**
 * What all frameworks have in common: a host that is given or made from options, and the notice of a wrong mount path.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { Answerer } from '../adapters/answerer.js'
import { writeToConsole } from '../adapters/answerer.js'
import { authorizationServer } from '../engine/server/authorization-server.js'
import type { HostOptions } from '../host/host-options.js'
import type { HostFunctions } from '../host/smart-host.js'
import { hostOver } from '../host/smart-host.js'
import { configurationError } from '../plain/configuration-error.js'
import { enginePorts } from '../plain/default-ports.js'
import { wrongServerPorts } from '../plain/options-check.js'
import type { AuthorizationServerOptions } from '../plain/ports.js'
import type { SmartServer } from '../plain/server.js'
import { plainServer } from '../plain/server.js'
import { pathOf } from '../values/urls.js'

/** The options of a whole host: those of its server, and its pages. */
export interface SmartHostOptions<R> extends AuthorizationServerOptions, HostOptions<R> {}

/** A whole host. */
export interface SmartHost<R> extends HostFunctions<R> {
  readonly server: SmartServer
}

/** A whole host, made from its options. It throws one `SmartConfigurationError` that names all that is wrong. */
export const smartHost = <R>(options: SmartHostOptions<R>): SmartHost<R> => {
  const wrong = wrongServerPorts(options)
  if (wrong.length > 0) throw configurationError('smartHost', wrong)
  const ports = enginePorts(options)
  const server = authorizationServer(options, ports)
  if (Either.isLeft(server)) throw configurationError('smartHost', server.left)
  return { ...hostOver(server.right, ports, options), server: plainServer(server.right) }
}

/** The options of a host, or a host that was made before. */
export type HostOrOptions<R> = SmartHostOptions<R> | SmartHost<R>

/** Whether a host was made before. */
const isHost = <R>(given: HostOrOptions<R>): given is SmartHost<R> =>
  Object.hasOwn(given, 'handles') && Object.hasOwn(given, 'server')

/** The host that was given, or a new one. */
export const hostFrom = <R>(given: HostOrOptions<R>): SmartHost<R> => (isHost(given) ? given : smartHost(given))

/** The host as what answers one request; `path` is the path as this process received it. */
export const answererFor = <R>(host: SmartHost<R>, path: string, own: R): Answerer => ({
  answer: (request) => host.answer(request, own),
  refused: host.refused,
  bodyLimitBytes: host.bodyLimitBytes(path)
})

/** The path of an address, as this process receives it: a proxy may have removed its first segments. */
const receivedPath = (host: Pick<HostFunctions<never>, 'handles'>, url: string): string | null => {
  const path = pathOf(url)
  for (let begin = 0; begin !== -1; begin = path.indexOf('/', begin + 1)) {
    if (host.handles(path.slice(begin))) return path.slice(begin)
  }
  return null
}

/**
 * The complaint about a mount path below which addresses of the host do not lie: the framework would never give it
 * requests for them. Null if the mount path is right.
 */
export const mountComplaint = <R>(host: SmartHost<R>, mount: string, remedy: string): string | null => {
  if (mount === '' || mount === '/') return null
  const { fhirBaseUrl, issuer, tokenEndpoint } = host.server.facts
  const outside = [
    [`issuer ${issuer}`, tokenEndpoint],
    [`fhirBaseUrl ${fhirBaseUrl}`, `${fhirBaseUrl}/.well-known/smart-configuration`]
  ].flatMap(([what, url = '']) => {
    const path = receivedPath(host, url)
    return path === null || path.startsWith(`${mount}/`) ? [] : [what]
  })
  if (outside.length === 0) return null
  return (
    `it is mounted at ${mount}, and the ${outside.join(' and the ')} ${outside.length === 1 ? 'is' : 'are'} not below ` +
    `that path, so it never receives requests for ${outside.length === 1 ? 'that address' : 'these addresses'}. ${remedy}`
  )
}

/** What is said once, on the console, about a wrong mount path. */
export const mountNotice = <R>(host: SmartHost<R>, name: string, remedy: string): ((mount: string) => void) => {
  const known = new Set<string>()
  return (mount) => {
    if (mount === '' || known.size > 0) return
    known.add(mount)
    const complaint = mountComplaint(host, mount, remedy)
    if (complaint !== null) writeToConsole(`${name}: ${complaint}`)
  }
}

/**
 * The path of a mount: the whole path without the part that the framework left. Empty if nothing is left but a slash:
 * then the middleware may stand at a pattern that takes whole paths.
 */
export const mountOf = (whole: string, rest: string): string =>
  rest !== '/' && whole.endsWith(rest) ? whole.slice(0, whole.length - rest.length) : ''
