/**
 * What all frameworks have in common: a host that is given or made from options, and the notice of a wrong mount path.
 *
 * @module
 */
import type { Answerer } from '../adapters/answerer.js'
import { writeToConsole } from '../adapters/answerer.js'
import type { HostFunctions, SmartHost, SmartHostOptions } from '../host/smart-host.js'
import { smartHost } from '../host/smart-host.js'
import { isObject } from '../values/object.js'
import { pathOf, withoutTrailingSlash } from '../values/urls.js'

/** The options of a host, or a host that was made before. */
export type HostOrOptions<R> = SmartHostOptions<R> | SmartHost<R>

/** Whether a host was made before. */
const isHost = <R>(given: HostOrOptions<R>): given is SmartHost<R> =>
  isObject(given) && Object.hasOwn(given, 'handles') && Object.hasOwn(given, 'server')

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
export const mountComplaint = <R>(host: SmartHost<R>, given: string, remedy: string): string | null => {
  const mount = withoutTrailingSlash(given)
  if (mount === '') return null
  const { fhirBaseUrl, issuer, tokenEndpoint } = host.server.facts
  const outside = [
    [`issuer ${issuer}`, tokenEndpoint],
    [`fhirBaseUrl ${fhirBaseUrl}`, `${fhirBaseUrl}/.well-known/smart-configuration`]
  ].flatMap(([what, url = '']) => {
    const path = receivedPath(host, url)
    return path === null || path.startsWith(`${mount}/`) ? [] : [what]
  })
  if (outside.length === 0) return null
  const [are, them] = outside.length === 1 ? ['is', 'that address'] : ['are', 'these addresses']
  return (
    `it is mounted at ${mount}, and the ${outside.join(' and the ')} ${are} not below that path, ` +
    `so it never receives requests for ${them}. ${remedy}`
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
