/**
 * The manifest of a job that is done: its files, with addresses of the gate.
 *
 * Source: Bulk Data Access 3.0.0, export.html, "Response - Output Manifest".
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type { JobAddress, JobPart } from './job-address.js'
import { encryptedAddress, manifestAddress } from './job-address.js'
import { jobHeadersOf } from './job-responses.js'
import type { GateOptions } from '../gate-context.js'
import { publicAddress } from '../addresses/public-address.js'
import { answeredWithoutManifest, costExceeded, outcome } from '../responses.js'
import type { AccessFacts } from '../../../protocol/access/alternatives.js'
import { json } from '../../../protocol/http/message.js'
import type { PlainResponse } from '../../../protocol/http/message.js'
import { parseJson } from '../../../values/json.js'
import { limits } from '../../../values/limits/limits.js'
import { isObject } from '../../../values/object.js'
import { ownMember } from '../../../values/own.js'
import { normalizedOriginOf } from '../../../values/urls.js'

/** The request for a manifest. */
interface ManifestRequest {
  readonly options: GateOptions
  readonly facts: AccessFacts
  /** Whether the token may export everything. */
  readonly isFree: boolean
}

type Json = Readonly<Record<string, unknown>>

/** The lists of a manifest, and what their addresses lead to. */
const lists: ReadonlyArray<readonly [member: string, part: JobPart]> = [
  ['output', 'output'],
  ['error', 'error'],
  ['deleted', 'deleted'],
  ['link', 'status']
]

/** The members of a list's items that tell nothing about what a file holds besides its type. */
const itemMembers = ['type', 'relation'] as const
/** Further members, for tokens that may export everything: a count would tell what is left out of a file. */
const freeMembers = ['count', 'extension'] as const

/** Whether a member of a manifest is a list of objects, or is missing. */
const isListOrMissing = (value: unknown): boolean =>
  value === undefined || value === null || (Array.isArray(value) && value.every(isObject))

/**
 * Whether a body is a manifest. Anything else, such as an OperationOutcome or the text about a canceled job, must not
 * look like an export without files. `output` is required; a server without files may leave it out.
 */
const isManifest = (body: unknown): body is Json =>
  isObject(body) &&
  lists.every(([member]) => isListOrMissing(ownMember(body, member))) &&
  (Array.isArray(ownMember(body, 'output')) || typeof ownMember(body, 'transactionTime') === 'string')

/** The items of a list. A link with an empty address leads nowhere. */
const itemsIn = (manifest: Json, member: string): ReadonlyArray<Json> => {
  const list = ownMember(manifest, member)
  const items = Array.isArray(list) ? list.filter(isObject) : []
  return member === 'link' ? items.filter(({ url }) => url !== '') : items
}

const kept = (record: Json, names: ReadonlyArray<string>): Json =>
  Object.fromEntries(names.flatMap((name) => (Object.hasOwn(record, name) ? [[name, record[name]]] : [])))

/** An address of a manifest as the client gets it. */
interface GivenAddress {
  readonly url: string
  /** Whether it is one of the gate, and not of a file server. */
  readonly isOfGate: boolean
}

/** An address of a manifest as the client gets it; left with the reason why it cannot. */
const addressOf = async (
  { options, facts, isFree }: ManifestRequest,
  job: JobAddress,
  part: JobPart,
  url: unknown
): Promise<Either.Either<string, GivenAddress>> => {
  if (typeof url !== 'string') return Either.left('a file has no address')
  const address = manifestAddress(options, job, url)
  if (Either.isRight(address))
    return Either.bimap(
      () => 'its addresses cannot be encrypted now',
      (encrypted: string) => ({ url: encrypted, isOfGate: true })
    )(await encryptedAddress(options, facts, { ...job, part, ...address.right }))
  const origins = ownMember(options, 'exportOrigins') ?? []
  return isFree && part !== 'status' && origins.map(normalizedOriginOf).includes(normalizedOriginOf(url))
    ? Either.right({ url, isOfGate: false })
    : address
}

/**
 * Whether the files are read with the token; null where the manifest cannot say it. Files of the gate are. Those of a
 * file server are read as the upstream server says, so that a token is not sent to a place that does not need it.
 */
const requiresToken = (manifest: Json, files: ReadonlyArray<GivenAddress>): boolean | null => {
  if (ownMember(manifest, 'requiresAccessToken') !== false || files.every(({ isOfGate }) => isOfGate)) return true
  return files.some(({ isOfGate }) => isOfGate) ? null : false
}

/** The manifest as the client gets it. Members that the gate does not know are left out. */
export const publicManifest = async (
  request: ManifestRequest,
  job: JobAddress,
  response: PlainResponse
): Promise<PlainResponse> => {
  const read = parseJson(response.body)
  if (Option.isNone(read) || !isManifest(read.value)) return answeredWithoutManifest()
  const manifest = read.value
  const files = lists.reduce((count, [member]) => count + itemsIn(manifest, member).length, 0)
  if (files > limits.fhirExportFiles.default) return costExceeded('answer')
  const changed: Record<string, unknown> = {}
  const given: Array<GivenAddress> = []
  for (const [member, part] of lists) {
    const items: Array<Json> = []
    for (const item of itemsIn(manifest, member)) {
      const url = await addressOf(request, job, part, item['url'])
      if (Either.isLeft(url)) return outcome(502, 'exception', `The files cannot be given: ${url.left}.`)
      const next = ownMember(item, 'continuesInFile')
      const continued = next === undefined ? null : await addressOf(request, job, part, next)
      if (continued !== null && Either.isLeft(continued))
        return outcome(502, 'exception', `The files cannot be given: ${continued.left}.`)
      if (part !== 'status') given.push(url.right, ...(continued === null ? [] : [continued.right]))
      items.push({
        ...kept(item, [...itemMembers, ...(request.isFree ? freeMembers : [])]),
        url: url.right.url,
        ...(continued === null ? {} : { continuesInFile: continued.right.url })
      })
    }
    // Bulk Data requires the list of files, also where the server leaves an empty one out.
    const isGiven = member === 'output' || (member !== 'link' && Object.hasOwn(manifest, member))
    if (items.length > 0 || isGiven) changed[member] = items
  }
  const requiresAccessToken = requiresToken(manifest, given)
  if (requiresAccessToken === null)
    return outcome(502, 'exception', 'The files cannot be given: some need no access token, and some are read here.')
  const { options } = request
  const kickOff = ownMember(manifest, 'request')
  return {
    ...json(
      200,
      {
        ...kept(manifest, ['transactionTime', 'outputOrganizedBy']),
        request: (typeof kickOff === 'string' ? publicAddress(options, kickOff) : null) ?? options.base,
        requiresAccessToken,
        ...changed
      },
      Object.fromEntries(
        Object.entries(jobHeadersOf(options, response)).flatMap(([name, value]) =>
          typeof value === 'string' ? [[name, value]] : []
        )
      )
    )
  }
}
