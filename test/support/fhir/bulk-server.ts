/**
 * A small bulk data server of this project: kick-off with 202 and Content-Location, a job that is in progress once, a
 * manifest, a file for each type, and cancellation. `foreign-bulk-server.ts` is one that others wrote.
 */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { FhirServer } from '../../../src/engine/ports.js'
import type { PlainRequest, PlainResponse } from '../../../src/protocol/http/message.js'
import { readOperationInput, listedValues } from '../../../src/protocol/access/operations/input.js'

/** A resource of the server. */
export interface BulkResource {
  readonly resourceType: string
  readonly id: string
  readonly [member: string]: unknown
}

const observation = (id: string, patient: string, category: string): BulkResource => ({
  resourceType: 'Observation',
  id,
  subject: { reference: `Patient/${patient}` },
  category: [{ coding: [{ code: category }] }]
})

export const bulkResources: ReadonlyArray<BulkResource> = [
  { resourceType: 'Patient', id: 'a' },
  { resourceType: 'Patient', id: 'b' },
  observation('lab-1', 'a', 'laboratory'),
  observation('lab-2', 'b', 'laboratory'),
  observation('vital-1', 'a', 'vital-signs'),
  { resourceType: 'Condition', id: 'c1', subject: { reference: 'Patient/a' } },
  { resourceType: 'Provenance', id: 'p1', target: [{ reference: 'Observation/lab-1' }] },
  { resourceType: 'Group', id: 'g', member: [{ entity: { reference: 'Patient/a' } }] }
]

interface Job {
  readonly types: ReadonlyArray<string>
  readonly filters: ReadonlyArray<string>
  polls: number
}

/** How the server differs from a usual one. */
export interface BulkServerOptions {
  /** The address that the server believes to be its own. */
  readonly address: string
  /** Whether `_type` and `_typeFilter` are obeyed; both are optional for servers. */
  readonly obeys?: boolean
  /** Changes a response before it is sent. */
  readonly change?: (request: PlainRequest, response: PlainResponse) => PlainResponse
}

/** The server, and the requests that it got. */
export interface BulkServer {
  readonly server: FhirServer
  readonly requests: Array<PlainRequest>
}

const json = (status: number, body: unknown, headers: PlainResponse['headers'] = {}): PlainResponse => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body)
})

const trouble = (status: number, text: string): PlainResponse =>
  json(status, {
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'error', code: 'processing', diagnostics: text }]
  })

const isExport = (path: string): boolean => /^\/(?:Patient\/|Group\/[^/]+\/)?\$export$/.test(path)

const meets = (resource: BulkResource, { filters }: Job): boolean => {
  const own = filters.filter((one) => one.startsWith(`${resource.resourceType}?`))
  const category = JSON.stringify(resource['category'] ?? '')
  return (
    own.length === 0 ||
    own.some((one) =>
      [...new URLSearchParams(one.slice(one.indexOf('?') + 1))].every(
        ([name, value]) => name !== 'category' || value.split(',').some((code) => category.includes(`"${code}"`))
      )
    )
  )
}

/** A new server without jobs. */
export const bulkServer = ({ address, obeys = true, change }: BulkServerOptions): BulkServer => {
  const requests: Array<PlainRequest> = []
  const jobs = new Map<string, Job>()
  const exported = (job: Job): ReadonlyArray<BulkResource> =>
    bulkResources.filter(
      (one) => !obeys || ((job.types.length === 0 || job.types.includes(one.resourceType)) && meets(one, job))
    )
  const kickOff = (request: PlainRequest): PlainResponse => {
    if (request.headers['prefer']?.includes('respond-async') !== true) return trouble(400, 'Prefer is missing')
    const input = readOperationInput(request, request.method, 20)
    if (input === null) return trouble(400, 'the input cannot be read')
    const id = String(jobs.size + 1)
    jobs.set(id, {
      types: listedValues(input.parameters, '_type'),
      filters: input.parameters.flatMap(({ name, value }) => (name === '_typeFilter' && value !== null ? [value] : [])),
      polls: 0
    })
    return { status: 202, headers: { 'content-location': `${address}/bulkstatus/${id}` }, body: '' }
  }
  const status = (method: string, id: string): PlainResponse => {
    const job = jobs.get(id)
    if (job === undefined) return trouble(404, 'the export was not found')
    if (method === 'DELETE') {
      jobs.delete(id)
      return { status: 202, headers: {}, body: '' }
    }
    job.polls += 1
    if (job.polls === 1) return { status: 202, headers: { 'x-progress': '50%', 'retry-after': '1' }, body: '' }
    const types = [...new Set(exported(job).map(({ resourceType }) => resourceType))]
    return json(200, {
      transactionTime: '2026-01-01T00:00:00Z',
      request: `${address}/$export`,
      requiresAccessToken: true,
      output: types.map((type) => ({ type, count: 2, url: `${address}/bulkfiles/${id}.${type}.ndjson` })),
      error: [{ type: 'OperationOutcome', url: `${address}/bulkfiles/${id}.errors.ndjson` }],
      deleted: [{ type: 'Bundle', url: `${address}/bulkfiles/${id}.deleted.ndjson` }]
    })
  }
  const lines = (resources: ReadonlyArray<unknown>): PlainResponse => ({
    status: 200,
    headers: { 'content-type': 'application/fhir+ndjson' },
    body: resources.map((one) => `${JSON.stringify(one)}\n`).join('')
  })
  const file = (id: string, name: string): PlainResponse => {
    const job = jobs.get(id)
    if (job === undefined) return trouble(404, 'no such file')
    if (name === 'errors') return lines([{ resourceType: 'OperationOutcome', issue: [] }])
    if (name === 'deleted')
      return lines(
        ['Patient/x', 'Observation/x'].map((url) => ({
          resourceType: 'Bundle',
          type: 'transaction',
          entry: [{ request: { method: 'DELETE', url } }]
        }))
      )
    return lines(exported(job).filter(({ resourceType }) => resourceType === name))
  }
  const answerTo = (request: PlainRequest): PlainResponse => {
    const { method, path } = request
    if (isExport(path)) return kickOff(request)
    if (path === '/$bulk-submit')
      return { status: 202, headers: { 'content-location': `${address}/bulkstatus/1` }, body: '' }
    const [, job] = /^\/bulkstatus\/(\d+)$/.exec(path) ?? []
    if (job !== undefined) return status(method, job)
    const [, id, name] = /^\/bulkfiles\/(\d+)\.(\w+)\.ndjson$/.exec(path) ?? []
    if (id !== undefined && name !== undefined) return file(id, name)
    const found = bulkResources.find((one) => `/${one.resourceType}/${one.id}` === path)
    return found === undefined ? trouble(404, 'no such resource') : json(200, found)
  }
  return {
    requests,
    server: {
      answer: (request) => {
        requests.push(request)
        const response = answerTo(request)
        return TaskEither.right(change === undefined ? response : change(request, response))
      }
    }
  }
}
