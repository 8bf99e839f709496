/**
 * A bulk data server that this project did not write, on a private port: the routes of FHIR Works on AWS, in the folder
 * that `FOREIGN_BULK_SERVER` names (`.ci/foreign-bulk-server` installs it there). What is here is what its makers leave
 * to their users: where resources, jobs and files are kept.
 *
 * The server reads `_type`, `_since` and `_outputFormat` of a kick-off, exports the system and Groups by GET, has its
 * jobs below `$export`, and reads no `_typeFilter`. A canceled job is answered with 200 and a plain text.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, RequestListener, Server } from 'node:http'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { bulkResources } from './bulk-server.js'

/** A kick-off as the routes give it to the store of jobs. */
interface KickOff {
  readonly requesterUserId: string
  readonly exportType: 'system' | 'group'
  readonly transactionTime: string
  readonly outputFormat?: string
  readonly since?: string
  readonly type?: string
  readonly groupId?: string
}

/** A job. */
export interface ForeignJob extends KickOff {
  readonly id: string
  status: 'in-progress' | 'completed' | 'failed' | 'canceled'
}

/** What is used of the two packages. */
interface Packages {
  readonly generateServerlessRouter: (config: object, types: ReadonlyArray<string>) => RequestListener
  readonly stubs: Readonly<
    Record<'bundle' | 'history' | 'passThroughAuthz' | 'persistence' | 'search', Readonly<Record<string, unknown>>>
  >
  readonly ResourceNotFoundError: new (type: string, id: string) => Error
  readonly TooManyConcurrentExportRequestsError: new () => Error
}

const folder = process.env['FOREIGN_BULK_SERVER']

/** Why the server is missing; null when it is there. */
export const foreignBulkServerMissing: string | null =
  folder === undefined ? 'FOREIGN_BULK_SERVER names no folder with it; .ci/foreign-bulk-server installs one' : null

const packages = (): Packages => {
  const load = createRequire(join(folder ?? '', 'package.json'))
  return { ...(load('fhir-works-on-aws-interface') as Packages), ...(load('fhir-works-on-aws-routing') as Packages) }
}

/** A running server. */
export interface ForeignBulkServer {
  readonly base: string
  /** The origin of the file server; its addresses hold the permission to read, as those of object stores do. */
  readonly fileOrigin: string
  /** The requests that the FHIR server received: method and address below the base. */
  readonly requests: Array<string>
  /** The header fields with credentials that either server received. */
  readonly credentials: Array<string>
  /** The jobs, the newest last. */
  readonly jobs: Array<ForeignJob>
  /** Where the files of jobs lie: below the FHIR base, or at the file server. */
  readonly files: { at: 'base' | 'elsewhere' }
  readonly stop: () => void
}

/** The jobs that may run at once. */
export const foreignJobLimit = 2

const listen = (server: Server): Promise<string> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`)
    })
  })

const exportedTypes = ({ type }: ForeignJob): ReadonlyArray<string> => {
  const wanted = type?.split(',')
  const all = [...new Set(bulkResources.map(({ resourceType }) => resourceType))]
  return wanted === undefined ? all : all.filter((one) => wanted.includes(one))
}

const fileOf = (type: string): string =>
  bulkResources
    .filter(({ resourceType }) => resourceType === type)
    .map((one) => `${JSON.stringify(one)}\n`)
    .join('')

/** Starts the server. */
export const startForeignBulkServer = async (): Promise<ForeignBulkServer> => {
  const { generateServerlessRouter, ResourceNotFoundError, stubs, TooManyConcurrentExportRequestsError } = packages()
  const jobs: Array<ForeignJob> = []
  const requests: Array<string> = []
  const credentials: Array<string> = []
  const files: ForeignBulkServer['files'] = { at: 'base' }

  /** `/id/Type.ndjson` of a job that is done. */
  const sendFile = (path: string, send: (status: number, body: string) => void): void => {
    const [, id, type = ''] = /^\/([^/]+)\/(\w+)\.ndjson$/.exec(path) ?? []
    const job = jobs.find((one) => one.id === id && one.status === 'completed')
    send(job === undefined ? 404 : 200, job === undefined ? '' : fileOf(type))
  }
  const noteCredentials = ({ headers }: IncomingMessage): void => {
    for (const name of ['authorization', 'cookie']) if (headers[name] !== undefined) credentials.push(name)
  }

  // Like an object store it refuses a request that has credentials beside those of the address.
  const fileServer = createServer((message, response) => {
    noteCredentials(message)
    const { pathname, searchParams } = new URL(message.url ?? '/', 'http://127.0.0.1')
    const isSigned = searchParams.get('signature') === 'of-the-server'
    if (message.headers.authorization !== undefined || !isSigned) response.writeHead(400).end()
    else
      sendFile(pathname, (status, body) => {
        response.writeHead(status, { 'content-type': 'application/octet-stream' }).end(body)
      })
  })
  const fileOrigin = await listen(fileServer)

  let answer: RequestListener = () => undefined
  const server = createServer((message, response) => {
    noteCredentials(message)
    const path = (message.url ?? '/').slice('/r4'.length)
    requests.push(`${message.method ?? ''} ${path}`)
    if (path.startsWith('/files/'))
      sendFile(path.slice('/files'.length), (status, body) => {
        response.writeHead(status, { 'content-type': 'application/fhir+ndjson' }).end(body)
      })
    else answer(Object.assign(message, { url: path }), response)
  })
  const base = `${await listen(server)}/r4`

  const jobWith = (id: string): ForeignJob => {
    const found = jobs.find((one) => one.id === id)
    if (found === undefined) throw new ResourceNotFoundError('$export', id)
    return found
  }
  const bulkDataAccess = {
    initiateExport: async (kickOff: KickOff): Promise<string> => {
      if (jobs.filter(({ status }) => status === 'in-progress').length >= foreignJobLimit)
        throw new TooManyConcurrentExportRequestsError()
      const job: ForeignJob = { ...kickOff, id: randomUUID(), status: 'in-progress' }
      jobs.push(job)
      return Promise.resolve(job.id)
    },
    cancelExport: async (id: string): Promise<void> => {
      jobWith(id).status = 'canceled'
      return Promise.resolve()
    },
    getExportStatus: async (id: string): Promise<object> => {
      const { status, requesterUserId, ...kickOff } = jobWith(id)
      const urlOf = (type: string): string =>
        files.at === 'base'
          ? `${base}/files/${id}/${type}.ndjson`
          : `${fileOrigin}/${id}/${type}.ndjson?signature=of-the-server`
      return Promise.resolve({
        ...kickOff,
        jobStatus: status,
        jobOwnerId: requesterUserId,
        requiresAccessToken: files.at === 'base',
        exportedFileUrls: exportedTypes(jobWith(id)).map((type) => ({ type, url: urlOf(type) })),
        errorArray: [],
        errorMessage: 'The files could not be written.'
      })
    }
  }
  const readResource = async ({ resourceType, id }: { resourceType: string; id: string }): Promise<object> => {
    const resource = bulkResources.find((one) => one.resourceType === resourceType && one.id === id)
    if (resource === undefined) throw new ResourceNotFoundError(resourceType, id)
    return Promise.resolve({ message: '', resource })
  }
  const fhirVersion = '4.0.1'
  answer = generateServerlessRouter(
    {
      configVersion: 1,
      productInfo: { orgName: 'test' },
      // The gate is the only client, so that to the server every job is of the same owner.
      auth: {
        strategy: {},
        authorization: { ...stubs.passThroughAuthz, verifyAccessToken: async () => Promise.resolve({ sub: 'gate' }) }
      },
      server: { url: base },
      validators: [],
      profile: {
        fhirVersion,
        systemOperations: [],
        systemSearch: stubs.search,
        systemHistory: stubs.history,
        bundle: stubs.bundle,
        bulkDataAccess,
        genericResource: {
          operations: ['read'],
          fhirVersions: [fhirVersion],
          persistence: { ...stubs.persistence, readResource },
          typeSearch: stubs.search,
          typeHistory: stubs.history
        }
      }
    },
    ['Group', 'Observation', 'Patient']
  )
  return {
    base,
    fileOrigin,
    requests,
    credentials,
    jobs,
    files,
    stop: () => {
      for (const one of [server, fileServer]) {
        one.close()
        one.closeAllConnections()
      }
    }
  }
}
