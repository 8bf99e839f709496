import { describe, expect, it } from 'vitest'
import { behind } from '../../support/fhir/behind-gate.js'
import type { AccessRules } from '../../../src/protocol/access/alternatives.js'
import { decide } from '../../../src/protocol/access/decision.js'
import { interactionOf } from '../../../src/protocol/access/read-interaction.js'
import { commaList } from '../../../src/scopes/query.js'
import { defaultPolicy } from '../../../src/protocol/policy/policy.js'
import { parse } from '../../../src/scopes/parse.js'

const policyWith = (granularSearchOutside: 'filter' | 'forbid') => ({ ...defaultPolicy, granularSearchOutside })

const decisionOf = (
  switched: 'filter' | 'forbid',
  scope: string,
  query: string,
  method = 'GET',
  path = '/Observation',
  rules: AccessRules = {}
) =>
  decide(
    policyWith(switched),
    { clientId: 'app', scopes: parse(scope), context: { patient: 'a' }, user: null },
    interactionOf({ method, path, query, headers: {}, body: '' }),
    rules
  )

const lab = 'patient/Observation.cruds?category=http://s|lab'

describe('a search for what no granted query covers', () => {
  it.each([
    ['another value', lab, 'category=http://s|vital'],
    ['another value without system', lab, 'category=vital'],
    ['another system', lab, 'category=http://t|lab'],
    ['no system at all', lab, 'category=|lab'],
    ['a granted value and another, both demanded', lab, 'category=lab&category=vital'],
    ['neither of two scopes', `${lab} patient/Observation.s?category=http://s|vital`, 'category=imaging'],
    [
      'one parameter of one scope and the other of another',
      'patient/Observation.s?category=lab&status=final',
      'category=lab&status=preliminary'
    ],
    ['a list with a comma that is data', lab, 'category=http://s|lab%5C,http://s|vital']
  ])('is refused with forbid and filtered without: %s', (_name, scope, query) => {
    const refused = decisionOf('forbid', scope, query)
    expect(refused).toMatchObject({ _tag: 'Deny', reason: 'outside-granted' })
    const [least = '', ...others] = refused._tag === 'Deny' ? refused.missing : []
    expect([others, decisionOf('forbid', `${scope} ${least}`, query)._tag]).toEqual([[], 'Filter'])
    expect(decisionOf('filter', scope, query)._tag).toBe('Filter')
  })

  it.each([
    ['the granted value', lab, 'category=http://s|lab'],
    ['the granted code, whatever its system', lab, 'category=lab'],
    ['one of a list', lab, 'category=http://s|vital,http://s|lab'],
    ['another parameter', lab, 'code=x'],
    ['nothing', lab, ''],
    ['the value of the second scope', `${lab} patient/Observation.s?category=vital`, 'category=http://s|vital'],
    ['a scope without a query besides', `${lab} patient/Observation.s`, 'category=vital'],
    ['a clause that is not compared by meaning', 'patient/Observation.s?code:in=http://s', 'code=x']
  ])('is none, with forbid as without: %s', (_name, scope, query) => {
    for (const switched of ['filter', 'forbid'] as const) expect(decisionOf(switched, scope, query)._tag).toBe('Filter')
  })

  it('misses the scope with the values that were requested, or without a query where they stand in two places', () => {
    expect(decisionOf('forbid', lab, 'category=http://s|vital&code=1')).toMatchObject({
      missing: ['patient/Observation.s?category=http://s|vital']
    })
    expect(decisionOf('forbid', lab, 'category=lab&category=vital')).toMatchObject({
      missing: ['patient/Observation.s']
    })
  })

  it('takes a condition of a write for a search, and a read or a write by id for none', () => {
    expect(decisionOf('forbid', lab, 'category=http://s|vital', 'DELETE')).toMatchObject({ reason: 'outside-granted' })
    expect(decisionOf('forbid', lab, '', 'DELETE', '/Observation/1')._tag).toBe('Filter')
    expect(decisionOf('forbid', lab, '', 'GET', '/Observation/1')._tag).toBe('Filter')
  })

  it('is a 403 through the gate, before the upstream server is queried; with filter it is an empty 200', async () => {
    const [forbidding, filtering] = (['forbid', 'filter'] as const).map((one) =>
      behind({ options: { policy: policyWith(one) } })
    )
    const query = '/Observation?category=http://s|vital'
    const scope = 'patient/Observation.rs?category=http://s|lab'
    expect([(await forbidding?.ask(scope, 'GET', query))?.status, forbidding?.requests]).toEqual([403, []])
    expect(await filtering?.ask(scope, 'GET', query)).toMatchObject({
      status: 200,
      body: expect.stringContaining('"total":0') as string
    })
  })
})

describe("the list of a parameter's values", () => {
  it.each([
    ['a', ['a']],
    ['a,b', ['a', 'b']],
    ['a\\,b', ['a\\,b']],
    ['a\\\\,b', ['a\\\\', 'b']],
    ['', ['']],
    ['a,', ['a', '']],
    [',a', ['', 'a']],
    ['a\\', ['a\\']]
  ])('of %j is %j', (text, values) => {
    expect(commaList(text)).toEqual(values)
  })
})

describe('types that the host shares', () => {
  const rules: AccessRules = { sharedTypes: ['Practitioner', 'Observation'] }
  const requestsTo = (scope: string, method: string, path: string, given: AccessRules = rules) =>
    decisionOf('filter', scope, '', method, path, given)

  it('are read and searched under a patient scope that names them, and never written', () => {
    expect(requestsTo('patient/*.rs', 'GET', '/Practitioner/p1', {})).toMatchObject({
      _tag: 'Deny',
      reason: 'insufficient-scope'
    })
    expect(
      ['/Practitioner/p1', '/Practitioner'].map((path) => requestsTo('patient/Practitioner.rs', 'GET', path)._tag)
    ).toEqual(['Permit', 'Permit'])
    expect(requestsTo('patient/Condition.rs', 'GET', '/Practitioner/p1')._tag).toBe('Deny')
    expect(requestsTo('patient/*.cruds', 'DELETE', '/Practitioner/p1')._tag).toBe('Deny')
  })

  it("never open a type of the compartment: another patient's stays hidden", async () => {
    const gate = behind({ options: { rules } })
    expect((await gate.ask('patient/*.rs', 'GET', '/Observation/o1')).status).toBe(404)
    expect((await gate.ask('patient/*.rs', 'GET', '/Practitioner/p2')).status).toBe(200)
  })

  it('keep the query of the scope', async () => {
    const gate = behind({ options: { rules } })
    const statuses = await Promise.all(
      ['p1', 'p2'].map(
        async (id) => (await gate.ask('patient/Practitioner.r?_id=p1', 'GET', `/Practitioner/${id}`)).status
      )
    )
    expect(statuses).toEqual([200, 404])
  })
})
