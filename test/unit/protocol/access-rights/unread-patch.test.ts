/** Patches of resources that are not read: what each operation does, and which changes a limit looks at. */
import { describe, expect, it } from 'vitest'
import type { AccessRules } from '../../../../src/protocol/access/alternatives.js'
import { alternativesIn } from '../../../../src/protocol/access/alternatives.js'
import type { Resource } from '../../../../src/protocol/access/fhir-interaction.js'
import { unreadOutcome } from '../../../../src/protocol/access/unread-patch.js'
import { parse } from '../../../../src/scopes/parse.js'

const alternativesFor = (scope: string, rules: AccessRules = {}) =>
  alternativesIn({ clientId: 'app', scopes: parse(scope), context: { patient: 'a' }, user: null }, rules)

const stored: Resource = { resourceType: 'Observation', id: '1', status: 'final', valueString: 'x' }
const limitless = alternativesFor('system/*.u')

const wrong = (operation: number, because = 'malformed') => ({
  _tag: 'Left',
  left: { _tag: 'PatchError', operation, because }
})
const reads = { _tag: 'Left', left: { _tag: 'PatchReads' } }
const outcome = (more: object, less: ReadonlyArray<string> = []) => ({
  _tag: 'Right',
  right: {
    outcome: Object.fromEntries(Object.entries({ ...stored, ...more }).filter(([name]) => !less.includes(name))),
    alone: null
  }
})

describe('a patch of a resource that is not read', () => {
  const final = { op: 'add', path: '/status', value: 'final' }
  const nested = { extension: [{ value: 7 }, null, { valueReference: { reference: '#c' } }] }
  it.each<readonly [string, unknown, object]>([
    ['is no list', { op: 'add' }, wrong(-1)],
    ['is empty', [], outcome({})],
    ['has something else than an operation', [final, 'x'], wrong(1)],
    ['has null in place of an operation', [null], wrong(0)],
    ['has an operation of another name', [{ ...final, op: 'set' }], wrong(0)],
    ['has an operation without a name', [{ path: '/status', value: 'final' }], wrong(0)],
    [
      'has an operation with an inherited name',
      [Object.assign(Object.create(final) as object, { value: 'x' })],
      wrong(0)
    ],
    ['has an operation without a path', [{ op: 'remove' }], wrong(0)],
    ['has an operation with a path of another form', [{ ...final, path: 'status' }], wrong(0)],
    ['adds nothing', [{ op: 'add', path: '/status' }], wrong(0)],
    ['replaces by nothing', [{ op: 'replace', path: '/status' }], wrong(0)],
    ['tests for nothing', [{ op: 'test', path: '/status' }], wrong(0)],
    ['copies from nothing', [{ op: 'copy', path: '/status' }], wrong(0)],
    ['moves from nothing', [{ op: 'move', path: '/status', from: 'x' }], wrong(0)],
    ['tests', [{ ...final, op: 'test' }], reads],
    ['copies', [{ op: 'copy', path: '/status', from: '/valueString' }], reads],
    ['moves', [{ op: 'move', path: '/status', from: '/valueString' }], reads],
    ['replaces the whole', [{ op: 'replace', path: '', value: stored }], reads],
    ['removes an inner value', [{ op: 'remove', path: '/code/text' }], reads],
    ['reads behind a change', [final, { ...final, op: 'test' }], reads],
    ['is malformed behind one that reads', [{ ...final, op: 'test' }, 'x'], reads],
    ['refers to a contained resource', [{ op: 'add', path: '/subject', value: { reference: '#c' } }], reads],
    ['refers to a contained resource inside', [{ op: 'add', path: '/subject', value: nested }], reads],
    [
      'refers to a resource',
      [{ op: 'add', path: '/subject', value: { reference: 'Patient/a#c' } }],
      outcome({ subject: { reference: 'Patient/a#c' } })
    ],
    ['adds a text', [{ op: 'add', path: '/language', value: '#c' }], outcome({ language: '#c' })],
    ['adds null', [{ op: 'add', path: '/language', value: null }], outcome({ language: null })],
    ['replaces a member', [{ op: 'replace', path: '/status', value: 'amended' }], outcome({ status: 'amended' })],
    ['removes a member', [{ op: 'remove', path: '/valueString' }], outcome({}, ['valueString'])],
    ['removes a member with a value', [{ op: 'remove', path: '/valueString', value: 1 }], outcome({}, ['valueString'])],
    ['removes what is not there', [{ op: 'remove', path: '/language' }], outcome({})],
    [
      'changes a member twice',
      [
        { op: 'remove', path: '/status' },
        { ...final, value: 'amended' }
      ],
      outcome({ status: 'amended' })
    ],
    ['adds a member and removes it', [final, { op: 'remove', path: '/status' }], outcome({}, ['status'])]
  ])('%s', (_name, patch, found) => {
    expect(unreadOutcome(stored, patch, limitless)).toEqual(found)
  })

  it('has as many operations as the limit permits', () => {
    const most = { patchOperations: 2, patchCopied: 10 }
    expect(unreadOutcome(stored, [final, final], limitless, most)).toEqual(outcome({}))
    expect(unreadOutcome(stored, [final, final, 'x'], limitless, most)).toEqual(wrong(-1, 'too-large'))
  })

  it('leaves the stored resource as it is', () => {
    unreadOutcome(stored, [{ op: 'remove', path: '/status' }], limitless)
    expect(stored).toHaveProperty('status')
  })
})

describe('a change that a limit looks at', () => {
  const changing = (member: string) => [{ op: 'add', path: `/${member}`, value: 'v' }]
  const unread: AccessRules = { moreCompartment: { Observation: ['x-none'] } }
  it.each<readonly [string, string, string, AccessRules, boolean]>([
    ['system/Observation.u', 'Observation', 'status', {}, false],
    ['system/Observation.u?status=final', 'Observation', 'status', {}, true],
    ['system/Observation.u?status=final', 'Observation', 'code', {}, false],
    ['system/Observation.u?status=final&code=x', 'Observation', 'code', {}, true],
    ['system/Observation.u?status=final system/Observation.u?code=x', 'Observation', 'code', {}, true],
    ['system/Observation.u?status=final system/Observation.u', 'Observation', 'status', {}, true],
    ['system/Observation.r?status=final system/Observation.u', 'Observation', 'status', {}, false],
    ['system/Condition.u?code=x system/Observation.u', 'Observation', 'code', {}, false],
    ['system/Observation.u?x-own=1', 'Observation', 'language', {}, true],
    ['system/Observation.u?x-own=1 system/Observation.u', 'Observation', 'language', {}, true],
    ['system/Observation.u?status=final&x-own=1', 'Observation', 'language', {}, true],
    ['patient/Observation.u', 'Observation', 'subject', {}, true],
    ['patient/Observation.u', 'Observation', 'performer', {}, true],
    ['patient/Observation.u', 'Observation', 'contained', {}, true],
    ['patient/Observation.u', 'Observation', 'code', {}, false],
    ['patient/Observation.u?status=final', 'Observation', 'status', {}, true],
    ['patient/Observation.u?status=final', 'Observation', 'subject', {}, true],
    ['patient/Observation.u?status=final', 'Observation', 'code', {}, false],
    ['patient/Observation.u', 'Observation', 'code', unread, true],
    ['patient/Observation.u?x-own=1', 'Observation', 'code', {}, true],
    ['patient/*.u', 'Patient', 'active', {}, true],
    ['patient/*.u', 'Person', 'active', {}, true],
    ['user/*.u', 'Patient', 'active', {}, false],
    ['system/Appointment.u?actor=Patient/a', 'Appointment', 'participant', {}, true],
    ['system/Appointment.u?actor=Patient/a', 'Appointment', 'actor', {}, false]
  ])('with %s: of %s, %s', (scope, resourceType, member, rules, isLookedAt) => {
    const resource: Resource = { resourceType, id: '1', status: 'final' }
    expect(unreadOutcome(resource, changing(member), alternativesFor(scope, rules))).toEqual({
      _tag: 'Right',
      right: {
        outcome: { ...resource, [member]: 'v' },
        alone: isLookedAt ? { resourceType, id: '1', [member]: 'v' } : null
      }
    })
  })

  it('is checked alone, with all changes, and without an id where there is none', () => {
    const patch = [...changing('code'), ...changing('status'), { op: 'remove', path: '/language' }]
    const alternatives = alternativesFor('system/Observation.u?status=final')
    const found = unreadOutcome({ resourceType: 'Observation' }, patch, alternatives)
    const changed = [
      ['code', 'v'],
      ['resourceType', 'Observation'],
      ['status', 'v']
    ]
    expect(found._tag).toBe('Right')
    if (found._tag === 'Left') return
    expect(Object.entries(found.right.outcome).toSorted()).toEqual(changed)
    expect(Object.entries(found.right.alone ?? {}).toSorted()).toEqual(changed)
  })

  it('is none where nothing changes', () => {
    expect(unreadOutcome(stored, [], alternativesFor('system/Observation.u?x-own=1'))).toMatchObject({
      right: { alone: null }
    })
  })
})
