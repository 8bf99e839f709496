/** A backend service exports in bulk: authorization server, gate and bulk server, all of this project. */
import { describe, expect, it } from 'vitest'
import { bulkServer } from '../../support/fhir/bulk-server.js'
import { answered, exportedLines, exportWorld, manifestAt, startedBy } from '../../support/fhir/export-client.js'
import { hostFhirBase } from '../../support/host-world.js'
import type { PlainRequest } from '../../../src/protocol/http/message.js'

const worldOf = async () => {
  const behind = bulkServer({ address: hostFhirBase })
  const { service } = await exportWorld(async (request: PlainRequest) => {
    const result = await behind.server.answer(request)()
    if (result._tag === 'Left') throw new Error(result.left.reason)
    return result.right
  })
  return { service, requests: behind.requests }
}

describe('a backend service', () => {
  it.each([
    ['$export', {}],
    ['Patient/$export', { method: 'POST', body: '{"resourceType":"Parameters"}' }],
    ['Group/g/$export', {}]
  ])('exports by %s what its scopes permit', async (url, more) => {
    const { service, requests } = await worldOf()
    const scope = 'system/Observation.rs?category=laboratory system/Group.rs system/Condition.rs'
    const narrow = service('export-service', scope)
    const location = await startedBy(narrow, url, more)
    expect((await answered(narrow, location)).status).toBe(202)
    const lines = await exportedLines(narrow, await manifestAt(narrow, location))
    expect(lines.filter((line) => line.includes('Observation')).map((line) => line.includes('laboratory'))).toEqual([
      true,
      true
    ])
    expect(lines.some((line) => line.includes('"Patient"'))).toBe(false)
    expect(requests.every(({ headers }) => headers['authorization'] === undefined)).toBe(true)
    expect((await answered(service('other-service', scope), location)).status).toBe(404)
    expect((await answered(service('export-service', 'system/Condition.rs'), location)).status).toBe(403)
    expect((await answered(narrow, location, { method: 'DELETE' })).status).toBe(202)
    expect((await answered(narrow, location)).status).toBe(404)
  })

  it('is granted a scope that the host declares for an operation', async () => {
    const { service } = await worldOf()
    const submitting = service('export-service', 'system/bulk-submit')
    expect(await submitting.accessToken()).toMatchObject({ ok: true })
    expect((await answered(submitting, '$bulk-submit', { method: 'POST' })).status).toBe(202)
    expect((await answered(submitting, '$export')).status).toBe(403)
    expect((await answered(service('export-service', 'system/*.rs'), '$bulk-submit', { method: 'POST' })).status).toBe(
      403
    )
  })
})
