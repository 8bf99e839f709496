/**
 * A backend service of this project exports in bulk from a server that the project did not write: FHIR Works on AWS,
 * over HTTP, with the authorization server and the gate before it.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { describeEngine } from '../../support/engines/engine.js'
import type { ExportWorld } from '../../support/fhir/export-client.js'
import { answered, exportedLines, exportWorld, manifestAt, startedBy } from '../../support/fhir/export-client.js'
import type { ForeignBulkServer } from '../../support/fhir/foreign-bulk-server.js'
import {
  foreignBulkServerMissing,
  foreignJobLimit,
  startForeignBulkServer
} from '../../support/fhir/foreign-bulk-server.js'
import { hostFhirBase } from '../../support/host-world.js'
import type { PlainBackendService } from '../../../src/plain/app.js'
import type { PlainResponse } from '../../../src/protocol/http/message.js'
import { createFhirGate } from '../../../src/resource.js'

const everything = 'system/*.rs'
const narrow = 'system/Observation.rs?category=laboratory system/Condition.rs'

const outcomeOf = ({ body }: PlainResponse): string =>
  (JSON.parse(body) as { readonly issue: ReadonlyArray<{ readonly diagnostics: string }> }).issue[0]?.diagnostics ?? ''

const idsOf = (lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.map((line) => (JSON.parse(line) as { readonly id: string }).id).toSorted()

const suite = (): void => {
  let foreign: ForeignBulkServer
  let world: ExportWorld

  const finish = (status: 'completed' | 'failed' = 'completed'): void => {
    for (const job of foreign.jobs) if (job.status === 'in-progress') job.status = status
  }
  /** A job that is done, and its address. */
  const finished = async (service: PlainBackendService, url: string): Promise<string> => {
    const location = await startedBy(service, url)
    finish()
    return location
  }

  beforeAll(async () => {
    // The server logs each of its errors.
    vi.spyOn(console, 'error').mockReturnValue()
    foreign = await startForeignBulkServer()
    world = await exportWorld(foreign.base)
  })
  afterEach(() => {
    finish()
    foreign.files.at = 'base'
    foreign.requests.length = 0
    // The token of a client is for the gate alone.
    expect(foreign.credentials).toEqual([])
  })
  afterAll(() => {
    foreign.stop()
    vi.restoreAllMocks()
  })

  it('exports everything that is requested, from kick-off to the last file', async () => {
    const service = world.service('export-service', everything)
    const location = await startedBy(service, '$export?_since=2024-01-01T00:00:00Z&_type=Observation,Patient')
    expect(foreign.jobs.at(-1)).toMatchObject({
      exportType: 'system',
      type: 'Observation,Patient',
      since: '2024-01-01T00:00:00.000Z'
    })
    const waiting = await answered(service, location)
    expect([waiting.status, waiting.headers['x-progress'], waiting.body]).toEqual([202, 'in-progress', ''])
    finish()
    const manifest = await manifestAt(service, location)
    expect(manifest.requiresAccessToken).toBe(true)
    expect(manifest.transactionTime).toBe(foreign.jobs.at(-1)?.transactionTime)
    expect(manifest.request.startsWith(`${hostFhirBase}/$export?`)).toBe(true)
    expect(JSON.stringify(manifest)).not.toContain('127.0.0.1')
    expect(manifest.output.map(({ type }) => type)).toEqual(['Patient', 'Observation'])
    expect(idsOf(await exportedLines(service, manifest))).toEqual(['a', 'b', 'lab-1', 'lab-2', 'vital-1'])
  })

  it.each([
    ['$export', narrow, 'system'],
    ['$export?_type=Observation,Condition', narrow, 'system'],
    ['Group/g/$export', `${narrow} system/Group.r`, 'group'],
    ['Group/g/$export', `${narrow} system/Group.r?_id=g`, 'group']
  ])(
    'exports by %s only what the scopes permit, of a server without _typeFilter: %s',
    async (url, scope, exportType) => {
      const service = world.service('export-service', scope)
      const manifest = await manifestAt(service, await finished(service, url))
      expect(foreign.jobs.at(-1)).toMatchObject({ exportType, type: 'Observation,Condition' })
      expect(idsOf(await exportedLines(service, manifest))).toEqual(['c1', 'lab-1', 'lab-2'])
    }
  )

  it.each([
    ['$export?_type=Observation,Patient', narrow, 403],
    ['$export', 'system/Observation.r', 403],
    ['Group/g/$export', narrow, 403],
    ['Group/h/$export', `${narrow} system/Group.r?_id=g`, 404]
  ])('starts no job by %s with the scopes %s', async (url, scope, status) => {
    const before = foreign.jobs.length
    const response = await answered(world.service('export-service', scope), url)
    expect([response.status, foreign.jobs.length]).toEqual([status, before])
  })

  it('opens a job only for its client, with the scopes that it needed', async () => {
    const service = world.service('export-service', narrow)
    const location = await finished(service, '$export')
    const { output } = await manifestAt(service, location)
    foreign.requests.length = 0
    const others = [
      [world.service('other-service', everything), 404],
      [world.service('export-service', 'system/Condition.rs'), 403]
    ] as const
    for (const [other, status] of others)
      for (const url of [location, ...output.map((file) => file.url)])
        expect([url, (await answered(other, url)).status]).toEqual([url, status])
    for (const [other, status] of others)
      expect((await answered(other, location, { method: 'DELETE' })).status).toBe(status)
    expect(foreign.requests).toEqual([])
  })

  it('opens no job by the address that it has at the server, where all jobs are of the gate', async () => {
    const service = world.service('export-service', everything)
    await startedBy(service, '$export')
    const own = `$export/${foreign.jobs.at(-1)?.id ?? ''}`
    foreign.requests.length = 0
    for (const method of ['GET', 'DELETE'])
      expect([method, (await answered(service, own, { method })).status]).toEqual([method, 404])
    expect((await answered(service, `files/${foreign.jobs.at(-1)?.id ?? ''}/Patient.ndjson`)).status).toBe(404)
    expect([foreign.requests, foreign.jobs.at(-1)?.status]).toEqual([[], 'in-progress'])
  })

  it('cancels a job that runs, and gives the reason why one that is done cannot be canceled', async () => {
    const service = world.service('export-service', narrow)
    const location = await startedBy(service, '$export')
    expect((await answered(service, location, { method: 'DELETE' })).status).toBe(202)
    expect(foreign.jobs.at(-1)?.status).toBe('canceled')
    // The server answers with 200 and a text. That is no manifest, and the client must not take it for an empty one.
    const canceled = await answered(service, location)
    expect([canceled.status, outcomeOf(canceled)]).toEqual([502, expect.stringContaining('no manifest')])
    const done = await finished(service, '$export')
    const refused = await answered(service, done, { method: 'DELETE' })
    expect([refused.status, outcomeOf(refused)]).toEqual([400, expect.stringContaining('already in completed state')])
  })

  it.each([
    ['Patient/$export', 400, 'do not support Patient export'],
    ['$export?_outputFormat=text/csv', 400, 'ndjson'],
    ['$export?_since=yesterday', 400, '_since']
  ])('gives the reason of the server for a refusal of %s', async (url, status, reason) => {
    const response = await answered(world.service('export-service', everything), url)
    expect([response.status, outcomeOf(response)]).toEqual([status, expect.stringContaining(reason)])
  })

  it('has no kick-off by POST, as the server has none', async () => {
    const posted = { method: 'POST', body: '{"resourceType":"Parameters"}' }
    const response = await answered(world.service('export-service', everything), '$export', posted)
    expect([response.status, foreign.requests]).toEqual([404, ['POST /$export']])
  })

  it('says when to try again, and that a job failed or is gone', async () => {
    const service = world.service('export-service', narrow)
    const location = await startedBy(service, '$export')
    for (let started = 1; started < foreignJobLimit; started++) await startedBy(service, '$export')
    const refused = await answered(service, '$export')
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '900'])
    finish('failed')
    const failed = await answered(service, location)
    expect([failed.status, outcomeOf(failed)]).toEqual([500, 'The files could not be written.'])
    foreign.jobs.length = 0
    expect((await answered(service, location)).status).toBe(404)
  })

  describe('whose files lie elsewhere', () => {
    const gated = async (exportOrigins: ReadonlyArray<string>): Promise<ExportWorld> => {
      const gate = createFhirGate({ base: hostFhirBase, server: foreign.base, exportOrigins })
      return exportWorld(foreign.base, async (host, request) => {
        const access = await host.server.resource.bearer(request)
        if (!access.ok) throw new Error('the token is not accepted')
        return gate({ ...request, path: request.path.slice(new URL(hostFhirBase).pathname.length) }, access.value)
      })
    }

    it('gives their addresses as they are, to be fetched without the token, where the host permits it', async () => {
      foreign.files.at = 'elsewhere'
      const { service } = await gated([foreign.fileOrigin])
      const exporting = service('export-service', everything)
      const manifest = await manifestAt(exporting, await finished(exporting, '$export?_type=Observation'))
      const url = manifest.output[0]?.url ?? ''
      expect([url.startsWith(foreign.fileOrigin), manifest.requiresAccessToken]).toEqual([true, false])
      // The client sends its token to no other server, and the file needs none.
      expect(await exporting.fhir({ url })).toMatchObject({ ok: false, failure: { _tag: 'AddressElsewhere' } })
      const file = await fetch(url)
      expect([file.status, (await file.text()).includes('lab-1')]).toEqual([200, true])
    })

    it('gives none that it cannot check, or that the host does not permit', async () => {
      foreign.files.at = 'elsewhere'
      for (const [scope, origins] of [
        [narrow, [foreign.fileOrigin]],
        [everything, []]
      ] as const) {
        const { service } = await gated(origins)
        const exporting = service('export-service', scope)
        const response = await answered(exporting, await finished(exporting, '$export'))
        expect([response.status, response.body.includes(foreign.fileOrigin)]).toEqual([502, false])
        expect(outcomeOf(response)).toContain('not below the FHIR base')
      }
    })
  })
}

describeEngine('an export from FHIR Works on AWS', foreignBulkServerMissing, suite)
