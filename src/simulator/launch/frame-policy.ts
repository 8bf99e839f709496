/**
 * Whether a page may be in a frame of another origin, by its header fields.
 *
 * Source: Content Security Policy Level 3, sections 6.4.2 (`frame-ancestors`) and 6.7.2 (sources); RFC 7034.
 */
import { normalizedOriginOf } from '../../values/urls.js'

/** The header fields of a page that decide about frames; null where the page has none. */
export interface FrameFields {
  readonly contentSecurityPolicy: string | null
  readonly xFrameOptions: string | null
}

const hostSource = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(\*|(?:\*\.)?[^/:*]+)(?::(\d+|\*))?(?:\/.*)?$/i

const originParts = /^(https?):\/\/(\[[^\]]*\]|[^:]*)(?::(\d+))?$/

const ordinaryPort = (scheme: string): string => (scheme === 'https' ? '443' : '80')

/** Whether a source of `frame-ancestors` covers an origin. The page itself has the scheme `ownScheme`. */
const covers = (source: string, origin: string, ownScheme: string): boolean => {
  const [, scheme = '', host = '', port = ordinaryPort(scheme)] = originParts.exec(origin) ?? []
  const isOfScheme = (named: string): boolean => named === scheme || (named === 'http' && scheme === 'https')
  if (source === '*') return true
  const [, onlyScheme] = /^([a-z][a-z0-9+.-]*):$/i.exec(source) ?? []
  if (onlyScheme !== undefined) return isOfScheme(onlyScheme.toLowerCase())
  const [, namedScheme = ownScheme, namedHost, namedPort] = hostSource.exec(source) ?? []
  if (namedHost === undefined || !isOfScheme(namedScheme.toLowerCase())) return false
  const isHost =
    namedHost === '*' ||
    (namedHost.startsWith('*.') ? host.endsWith(namedHost.slice(1).toLowerCase()) : host === namedHost.toLowerCase())
  return isHost && (namedPort === '*' || (namedPort ?? ordinaryPort(scheme)) === port)
}

/** The sources of `frame-ancestors` in one policy; null if it has none. The first directive of a name counts. */
const ancestorsIn = (policy: string): ReadonlyArray<string> | null => {
  const directives = policy.split(';').map((directive) => directive.trim().split(/\s+/))
  return directives.find(([name = '']) => name.toLowerCase() === 'frame-ancestors')?.slice(1) ?? null
}

/**
 * Whether the page at a URL may be in a frame of a page of an origin. A policy about frames replaces `X-Frame-Options`.
 *
 * @example
 * ```ts
 * import { mayBeFramed } from './frame-policy.js'
 *
 * const fields = { contentSecurityPolicy: "frame-ancestors 'self' https://ehr.example", xFrameOptions: 'DENY' }
 *
 * mayBeFramed(fields, 'https://app.example/launch', 'https://ehr.example') // => true
 * mayBeFramed(fields, 'https://app.example/launch', 'https://other.example') // => false
 * ```
 */
export const mayBeFramed = (fields: FrameFields, url: string, by: string): boolean => {
  const [own, origin] = [normalizedOriginOf(url), normalizedOriginOf(by)]
  const policies = (fields.contentSecurityPolicy ?? '').split(',').map(ancestorsIn)
  const about = policies.filter((sources) => sources !== null)
  if (about.length > 0)
    return about.every((sources) =>
      sources.some((source) =>
        source.toLowerCase() === "'self'" ? own === origin : covers(source, origin, own.replace(/:.*/, ''))
      )
    )
  const options = (fields.xFrameOptions ?? '').split(',').map((option) => option.trim().toLowerCase())
  return !options.includes('deny') && (own === origin || !options.includes('sameorigin'))
}
