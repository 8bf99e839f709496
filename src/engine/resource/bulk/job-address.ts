/**
 * The addresses of a job: those of the upstream server travel encrypted inside addresses of the gate, for the client
 * and the user who started the job.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type { GateOptions } from '../gate-context.js'
import { linksOf } from '../page-links.js'
import type { PortError } from '../../ports.js'
import type { AccessFacts } from '../../../protocol/access/alternatives.js'
import { addressBelow } from '../../../protocol/access/read-interaction.js'
import type { PlainRequest } from '../../../protocol/http/message.js'
import { parseJson } from '../../../values/json.js'
import { isObject } from '../../../values/object.js'
import { below, hasScheme, leadsOut, originOf } from '../../../values/urls.js'

/** What an address of a job leads to. */
export type JobPart = 'status' | 'output' | 'error' | 'deleted'

/** What is encrypted in an address of a job. */
export interface JobAddress {
  readonly part: JobPart
  /** Path and query at the upstream server, below its base. */
  readonly path: string
  readonly query: string
  /** The scopes that the job needs. */
  readonly needs: string
  /** The scope of the host by which the job was started; null for an export by resource scopes. */
  readonly opened: string | null
}

/** The operations of the gate's own addresses. */
const names: Readonly<Record<'status' | 'file', string>> = {
  status: '$gate-job',
  file: '$gate-file'
}

/** The parameter with the encrypted address. */
const parameter = 'encrypted'

/** Only the client and the user who started a job can open its addresses. */
const contextOf = ({ clientId, user }: AccessFacts, name: string): string =>
  JSON.stringify(['job', name, clientId, user?.sub ?? null])

/** The public address of a part of a job. */
export const encryptedAddress = async (
  options: GateOptions,
  facts: AccessFacts,
  address: JobAddress
): Promise<Either.Either<PortError, string>> => {
  const name = names[address.part === 'status' ? 'status' : 'file']
  const encrypted = await linksOf(options).seal(JSON.stringify(address), contextOf(facts, name))()
  return Either.map((text: string) => `${below(options.base, name)}?${parameter}=${text}`)(encrypted)
}

/** A request for a part of a job. */
export interface JobRequest {
  readonly name: string
  readonly encrypted: string
}

/** The encrypted text in a request for a part of a job; null for any other request. */
export const jobRequestOf = ({ path, query }: PlainRequest): JobRequest | null => {
  const name = path.replace(/^\//, '')
  const [, encrypted] = /^encrypted=([A-Za-z0-9_-]+)$/.exec(query) ?? []
  return encrypted !== undefined && Object.values(names).includes(name) ? { name, encrypted } : null
}

const isText = (value: unknown): value is string => typeof value === 'string'

const parts: ReadonlySet<string> = new Set<JobPart>(['status', 'output', 'error', 'deleted'])

/** The address in a request; null for one that was not encrypted for this client and user. */
export const openedAddress = async (
  options: GateOptions,
  facts: AccessFacts,
  { name, encrypted }: JobRequest
): Promise<Either.Either<PortError, JobAddress | null>> => {
  const text = await linksOf(options).open(encrypted, contextOf(facts, name))()
  if (Either.isLeft(text)) return text
  const json = Option.chain(parseJson)(text.right)
  if (Option.isNone(json) || !isObject(json.value)) return Either.right(null)
  const { part, path, query, needs, opened } = json.value
  return Either.right(
    isText(part) && parts.has(part) && isText(path) && isText(query) && isText(needs)
      ? { part: part as JobPart, path, query, needs, opened: isText(opened) ? opened : null }
      : null
  )
}

type Address = Pick<JobAddress, 'path' | 'query'>

const outside = (): Either.Either<string, never> => Either.left('an address of the job is not below the FHIR base')

const isRelative = (url: string): boolean => !hasScheme(url) && !url.startsWith('/')

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1)

/** A relative address, resolved at a path (RFC 3986, section 5.2); left for one with a segment of dots. */
const resolved = (url: string, path: string): Either.Either<string, Address> => {
  const [written = ''] = url.split('#')
  if (written === '') return Either.left('an address of the job is empty')
  const found = written.startsWith('?') ? `${path}${written}` : `${folderOf(path)}${written.replace(/^\.\//, '')}`
  const address = addressBelow('', found)
  return address === null || leadsOut(address.path) ? outside() : Either.right(address)
}

/** An absolute address, or one of the same host, below the base of the upstream server or one of the aliases. */
const absoluteAddress = ({ base, aliases = [] }: GateOptions, url: string): Either.Either<string, Address> => {
  const roots = [base, ...aliases].toSorted((one, other) => other.length - one.length)
  const absolute = url.startsWith('/') && !url.startsWith('//') ? roots.map((root) => `${originOf(root)}${url}`) : [url]
  const found = roots.flatMap((root) =>
    absolute.flatMap((one) => (/^https?:/i.test(one) ? (addressBelow(root, one) ?? []) : []))
  )[0]
  return found === undefined || leadsOut(found.path) ? outside() : Either.right(found)
}

/**
 * The address in the `Content-Location` of a kick-off, which is relative to the address of the kick-off (RFC 9110,
 * section 8.7); left with the reason why the gate cannot ask it.
 */
export const startedAddress = (options: GateOptions, kickOff: string, url: string): Either.Either<string, Address> =>
  isRelative(url) ? resolved(url, kickOff) : absoluteAddress(options, url)

/**
 * An address in a manifest; left with the reason why the gate cannot ask it. Of relative ones, which stand at the path
 * of the job, these are taken: `?query` and `./rest`, and any other where the job is directly below the base. Elsewhere
 * RFC 3986 reads it relative to the manifest and servers mean it relative to the base, so that it is not certain.
 */
export const manifestAddress = (
  options: GateOptions,
  { path }: Pick<JobAddress, 'path'>,
  url: string
): Either.Either<string, Address> => {
  if (!isRelative(url)) return absoluteAddress(options, url)
  return /^(?:$|[?#]|\.\/)/.test(url) || folderOf(path) === '/'
    ? resolved(url, path)
    : Either.left('an address of the job is relative, and it is not certain to what')
}
