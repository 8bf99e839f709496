/** A scope is granted only if something opens by it: what the authorization policy grants, against the gate. */
import * as fc from 'fast-check'
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { askedScope, opensInWorld } from './granted-scopes.js'
import { client as app, offer } from '../machines/samples.js'
import { backendScopes } from '../../src/machines/backend-scopes.js'
import { aboutSomebody, grantableScopes } from '../../src/machines/scope-policy.js'
import { defaultPolicy } from '../../src/messages/policy.js'
import { parse } from '../../src/scopes/parse.js'
import type { ResourceScope } from '../../src/scopes/scope.js'
import { isResourceScope } from '../../src/scopes/scope.js'

type Granting = (text: string) => ReadonlyArray<ResourceScope>

const wide = parse('patient/*.cruds user/*.cruds system/*.cruds')

/** What the policy grants: to a user's app in the context of the patient a, or to a backend service. */
const granted: Granting = (text) => {
  const client = { ...app, scope: [...wide, ...parse(text)] }
  const scopes = text.startsWith('system/')
    ? backendScopes({ policy: defaultPolicy, scopeVersions: offer.scopeVersions, side: offer.side, client }, text)
    : Either.map((found: ReturnType<typeof parse>) => aboutSomebody(offer.side, found, { patient: 'a' }))(grantableScopes(defaultPolicy, offer, client, false, parse(text)))
  return Either.isRight(scopes) ? scopes.right.filter(isResourceScope) : []
}

const asked = fc.sample(askedScope, { numRuns: 700, seed: 4 })

/** The scopes that are granted though nothing opens by them, and those that are not though something does. */
const wrongOnes = async (granting: Granting): Promise<{ readonly closed: ReadonlyArray<string>; readonly missed: ReadonlyArray<string>; readonly count: number }> => {
  const [closed, missed]: [Array<string>, Array<string>] = [[], []]
  let count = 0
  for (const text of new Set(asked)) {
    const [mine, all] = [granting(text), parse(text).filter(isResourceScope)]
    count += mine.length
    for (const scope of all) {
      const isOpen = await opensInWorld(scope)
      const isGranted = mine.some((one) => one.text === scope.text)
      // Of a wildcard with several clauses another type than those of the small world may open something.
      if (isGranted && !isOpen && !(scope.type === '*' && scope.query.length !== 1)) closed.push(text)
      if (!isGranted && isOpen) missed.push(text)
    }
  }
  return { closed, missed, count }
}

const whenAsked = (isGranted: (scope: ResourceScope) => boolean): Granting => (text) => parse(text).filter(isResourceScope).filter((scope) => isGranted(scope) || granted(text).length > 0)

const faults: ReadonlyArray<readonly [string, Granting]> = [
  ['everything well-formed is granted', whenAsked(() => true)],
  ['parameters of the answer are granted', whenAsked(({ query }) => query.some(({ name }) => name.startsWith('_')))],
  ['any modifier is granted', whenAsked(({ query }) => query.some(({ modifier }) => modifier !== null))],
  ['values are not looked at', whenAsked(({ query }) => query.length > 0 && query.every(({ name, modifier }) => modifier === null && ['date', 'status', 'subject', 'value-quantity'].includes(name)))],
  ['types are not looked at', whenAsked(({ query }) => query.length === 0)]
]

describe('a granted resource scope', () => {
  it('lets some resource through the gate; and one that lets any through is granted', async () => {
    const { closed, missed, count } = await wrongOnes(granted)
    expect({ closed, missed }).toEqual({ closed: [], missed: [] })
    expect(count).toBeGreaterThan(100)
  }, 120_000)

  it.each(faults)('would not when %s', async (_name, granting) => { expect((await wrongOnes(granting)).closed.length).toBeGreaterThan(0) }, 120_000)
})
