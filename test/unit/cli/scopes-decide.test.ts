import { describe, expect, it } from 'vitest'
import { answerLine } from '../../../src/cli/scopes/batch.js'

const ask = (granted: string, request: unknown, context: unknown = { patient: '123' }): unknown =>
  JSON.parse(answerLine(Buffer.from(JSON.stringify({ op: 'decide', granted, context, request }))))

describe('scopes batch, decide', () => {
  it('permits, filters and denies', () => {
    const search = { method: 'GET', url: 'Observation?category=lab', headers: {} }
    expect(ask('system/*.s', search)).toEqual({ decision: 'permit', filters: [] })
    expect(ask('patient/Observation.rs?category=lab', search)).toEqual({
      decision: 'filter',
      filters: [{ permission: 's', level: 'patient', type: 'Observation', patient: '123', query: 'category=lab' }],
      obligations: [{ phase: 'returned', permission: 's' }]
    })
    expect(ask('patient/Observation.r', search)).toEqual({
      decision: 'deny',
      filters: [],
      reason: 'insufficient-scope',
      missing: ['patient/Observation.s']
    })
  })

  it('decides about each entry of a bundle', () => {
    const body = {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [{ request: { method: 'GET', url: 'Patient/1' } }, { request: { method: 'DELETE', url: 'Patient/1' } }]
    }
    expect(ask('system/Patient.r', { method: 'POST', url: '', body })).toMatchObject({
      decision: 'filter',
      entries: [{ decision: 'permit' }, { decision: 'deny' }]
    })
  })

  it.each([
    [null, { patient: '1' }, 'request.method: expected a text'],
    [{ method: 'GET' }, {}, 'request.url: expected a text'],
    [{ method: 'GET', url: '', headers: { a: 1 } }, {}, 'request.headers.a: expected a text'],
    [{ method: 'GET', url: '' }, { patient: 1 }, 'context.patient: expected a text']
  ])('says what is wrong: %j', (request, context, message) => {
    expect(ask('', request, context)).toEqual({ error: { code: 'invalid_member', message } })
  })
})
