/** The one record that `openid fhirUser` opens: the user's own, as far as the host's rule lets the user see it. */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import type { GateOptions } from '../../../../src/engine/resource/gate-context.js'
import { fhirGate } from '../../../../src/engine/resource/fhir-gate.js'
import { decide } from '../../../../src/protocol/access/decision.js'
import { interactionOf } from '../../../../src/protocol/access/read-interaction.js'
import type { PlainRequest, PlainResponse } from '../../../../src/protocol/http/message.js'
import { defaultPolicy } from '../../../../src/protocol/policy/policy.js'
import { parse } from '../../../../src/scopes/parse.js'

const base = 'https://ehr.example/fhir'
const record = { resourceType: 'Practitioner', id: 'p2', name: [{ family: 'Bob' }] }
const factsOf = (scope: string) => ({
  clientId: 'app',
  scopes: parse(scope),
  context: { patient: 'a' },
  user: { sub: 'bob', fhirUser: 'Practitioner/p2', authTime: 0 }
})

const reading = (
  scope: string,
  options: Partial<GateOptions>,
  request: Partial<PlainRequest> = {}
): Promise<PlainResponse> => {
  const server: GateOptions['server'] = {
    answer: ({ path }) =>
      TaskEither.right({
        status: path === '/Practitioner/p2' ? 200 : 404,
        headers: {},
        body: path === '/Practitioner/p2' ? JSON.stringify(record) : ''
      })
  }
  return fhirGate(
    { server, policy: defaultPolicy, base, ...options },
    factsOf(scope)
  )({ method: 'GET', path: '/Practitioner/p2', query: '', headers: {}, body: '', ...request })()
}

const inBatch: Partial<PlainRequest> = {
  method: 'POST',
  path: '/',
  headers: { 'content-type': 'application/fhir+json' },
  body: JSON.stringify({
    resourceType: 'Bundle',
    type: 'batch',
    entry: [{ request: { method: 'GET', url: 'Practitioner/p2' } }]
  })
}

describe('the record of the user', () => {
  it.each(['openid fhirUser', 'openid fhirUser user/*.rs', 'openid fhirUser patient/*.rs'])(
    'is not read where the host says that the user may not: %s',
    async (scope) => {
      const userMay = () => false
      expect((await reading(scope, { userMay })).status).toBe(404)
      expect((await reading(scope, { userMay }, { method: 'HEAD' })).status).toBe(404)
      expect((await reading(scope, { userMay }, inBatch)).body).not.toContain('Bob')
    }
  )

  it('is read where the rule of the host permits it; the rule is called for that record', async () => {
    const requested: Array<unknown> = []
    const userMay: GateOptions['userMay'] = (facts, permission, resource) => {
      requested.push([facts.user?.sub, permission, resource.id])
      return true
    }
    expect(JSON.parse((await reading('openid fhirUser', { userMay })).body)).toEqual(record)
    expect(requested).toEqual([['bob', 'r', 'p2']])
    expect((await reading('openid fhirUser', { userMay }, inBatch)).body).toContain('Bob')
  })

  it('is read where the host has no rule, or its users see everything, and no other record is', async () => {
    expect((await reading('openid fhirUser', {})).status).toBe(200)
    expect((await reading('openid fhirUser', { userMay: () => false, rules: { isUserUnlimited: true } })).status).toBe(
      200
    )
    expect((await reading('openid fhirUser', { userMay: () => true }, { path: '/Practitioner/p3' })).status).toBe(403)
    expect((await reading('openid', { userMay: () => true })).status).toBe(403)
    expect((await reading('system/Practitioner.r openid fhirUser', { userMay: () => false })).status).toBe(200)
    expect((await reading('system/Practitioner.r?_id=p2 openid fhirUser', { userMay: () => false })).status).toBe(200)
  })

  it("is opened by a decision that names the user's limit, for hosts that enforce it themselves", () => {
    const read = interactionOf({ method: 'GET', path: '/Practitioner/p2', query: '', headers: {}, body: '' })
    const decision = decide(defaultPolicy, factsOf('openid fhirUser'), read)
    expect(decision).toMatchObject({
      _tag: 'Filter',
      alternatives: [{ permission: 'r', level: 'user', type: 'Practitioner', isOfUser: true }],
      obligations: [{ phase: 'returned', permission: 'r' }]
    })
    expect(decide(defaultPolicy, factsOf('openid fhirUser'), read, { hasUserRule: false })).toEqual({ _tag: 'Permit' })
    expect(decide({ ...defaultPolicy, fhirUserImpliesRead: false }, factsOf('openid fhirUser'), read)._tag).toBe('Deny')
  })
})
