/** A scope is granted only if something opens by it: what the authorization policy grants, against the gate. */
import * as fc from 'fast-check'
import * as Either from 'fp-ts/lib/Either.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import { requestedScope, opensInWorld } from './granted-scopes.js'
import { client as app, offer } from '../support/machines/samples.js'
import { fhirGate } from '../../src/engine/resource/fhir-gate.js'
import { actingTypes } from '../../src/protocol/access/acting-types.js'
import { releaseR4 } from '../../src/protocol/access/release.js'
import { backendScopes } from '../../src/protocol/scope-policy/backend-scopes.js'
import { firstRefusal } from '../../src/protocol/machine/rules.js'
import type { KnownResourceSide } from '../../src/protocol/scope-policy/resource-side-check.js'
import {
  accessRulesOf,
  knownResourceSide,
  wrongResourceSide
} from '../../src/protocol/scope-policy/resource-side-check.js'
import { openingOnly } from '../../src/protocol/scope-policy/usable-scopes.js'
import { withinContext, grantableScopes, isOffered } from '../../src/protocol/scope-policy/scope-policy.js'
import { scopeRules } from '../../src/protocol/scope-policy/scope-rules.js'
import type { PlainRequest } from '../../src/protocol/http/message.js'
import { idTokenClaims } from '../../src/protocol/jwt/id-token-claims.js'
import { defaultPolicy } from '../../src/protocol/policy/policy.js'
import { parse, parseScope } from '../../src/scopes/parse.js'
import type { ResourceScope, ScopeSet } from '../../src/scopes/scope.js'
import { isResourceScope } from '../../src/scopes/scope.js'

type Granting = (text: string) => ReadonlyArray<ResourceScope>

const wide = parse('patient/*.cruds user/*.cruds system/*.cruds')

/** What the policy grants: to a user's app in the context of the patient a, or to a backend service. */
const granted: Granting = (text) => {
  const client = { ...app, scope: [...wide, ...parse(text)] }
  const scopes = text.startsWith('system/')
    ? backendScopes({ policy: defaultPolicy, scopeVersions: offer.scopeVersions, side: offer.side, client }, text)
    : Either.map((found: ReturnType<typeof parse>) => withinContext(offer.side, found, { patient: 'a' }))(
        grantableScopes(defaultPolicy, offer, client, false, parse(text))
      )
  return Either.isRight(scopes) ? scopes.right.filter(isResourceScope) : []
}

const requests = fc.sample(requestedScope, { numRuns: 700, seed: 4 })

/** The scopes that are granted though nothing opens by them, and those that are not though something does. */
const wrongOnes = async (
  granting: Granting
): Promise<{
  readonly closed: ReadonlyArray<string>
  readonly missed: ReadonlyArray<string>
  readonly count: number
}> => {
  const [closed, missed]: [Array<string>, Array<string>] = [[], []]
  let count = 0
  for (const text of new Set(requests)) {
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

const whenRequested =
  (isGranted: (scope: ResourceScope) => boolean): Granting =>
  (text) =>
    parse(text)
      .filter(isResourceScope)
      .filter((scope) => isGranted(scope) || granted(text).length > 0)

const faults: ReadonlyArray<readonly [string, Granting]> = [
  ['everything well-formed is granted', whenRequested(() => true)],
  [
    'parameters of the answer are granted',
    whenRequested(({ query }) => query.some(({ name }) => name.startsWith('_')))
  ],
  ['any modifier is granted', whenRequested(({ query }) => query.some(({ modifier }) => modifier !== null))],
  [
    'values are not looked at',
    whenRequested(
      ({ query }) =>
        query.length > 0 &&
        query.every(
          ({ name, modifier }) => modifier === null && ['date', 'status', 'subject', 'value-quantity'].includes(name)
        )
    )
  ],
  ['types are not looked at', whenRequested(({ query }) => query.length === 0)]
]

/** Types by which the server acts, with the letters that are closed unless the host opens the type. */
const acting = Object.entries(actingTypes).filter(
  ([type, { closed }]) => closed.length > 0 && releaseR4.types.has(type)
)

describe('a scope for a type by which the server acts', () => {
  const given = {
    policy: defaultPolicy,
    server: {
      answer: (request: PlainRequest) =>
        TaskEither.right({ status: request.method === 'POST' ? 201 : 404, headers: {}, body: request.body })
    }
  }
  const isGranted = (side: KnownResourceSide, text: string): boolean => {
    const found = grantableScopes(
      defaultPolicy,
      { ...offer, side },
      { ...app, scope: [...wide, ...parse(text)] },
      false,
      parse(text)
    )
    return Either.isRight(found) && found.right.some(isResourceScope)
  }

  it.each(acting)('%s is granted where the gate of the same declaration lets it through', async (type, { closed }) => {
    for (const declared of [{}, { actingTypes: ['Observation'] }, { actingTypes: [type] }]) {
      const side = knownResourceSide(declared)
      const facts = {
        clientId: 'app',
        scopes: parse(`user/${type}.c`),
        context: {},
        user: { sub: 'u', fhirUser: null, authTime: 0 }
      }
      const gate = fhirGate(
        { ...given, base: 'https://ehr.example/fhir', userMay: () => true, rules: accessRulesOf(declared) },
        facts
      )
      const { status } = await gate({
        method: 'POST',
        path: `/${type}`,
        query: '',
        headers: {},
        body: JSON.stringify({ resourceType: type })
      })()
      const isDeclared = declared.actingTypes?.includes(type) === true
      for (const letter of closed)
        expect([letter, isGranted(side, `user/${type}.${letter}`)]).toEqual([letter, isDeclared])
      expect([status === 201, isGranted(side, `user/${type}.rs`)]).toEqual([isDeclared, true])
    }
  })

  it("is opened for its patients' apps as well, and not by the host's own reader alone", () => {
    const own = { moreCompartment: { Subscription: ['x-patient'] } }
    expect(
      [own, { ...own, actingTypes: ['Subscription'] }].map((side) =>
        isGranted(knownResourceSide(side), 'patient/Subscription.c')
      )
    ).toEqual([false, true])
  })

  it('is named in the settings by the name of a type', () => {
    expect(wrongResourceSide({ actingTypes: ['Subscription', 'subscription'] })).toEqual([
      { path: 'features.resourceSide.actingTypes', expected: 'names of resource types', found: '"subscription"' }
    ])
  })
})

describe('a granted resource scope', () => {
  it('lets some resource through the gate; and one that lets any through is granted', async () => {
    const { closed, missed, count } = await wrongOnes(granted)
    expect({ closed, missed }).toEqual({ closed: [], missed: [] })
    expect(count).toBeGreaterThan(100)
  }, 120_000)

  it.each(faults)(
    'would not when %s',
    async (_name, granting) => {
      expect((await wrongOnes(granting)).closed.length).toBeGreaterThan(0)
    },
    120_000
  )
})

describe('an identity scope', () => {
  const claimsOf = (scope: string): ReadonlyArray<string> =>
    Object.keys(
      idTokenClaims({
        issuer: 'https://ehr.example',
        clientId: 'app',
        fhirBaseUrl: 'https://ehr.example/fhir',
        user: { sub: 'u', fhirUser: 'Practitioner/p1', authTime: 0 },
        nonce: null,
        accessTokenDigest: 'A'.repeat(43),
        scope,
        now: 0,
        expiresAt: 300
      })
    )
  const alone = claimsOf('openid')
  const all = 'openid fhirUser profile email phone address'

  it.each(all.split(' '))('%s is granted where something is issued for it, and not where nothing is', (text) => {
    const client = { ...app, scope: parse(all) }
    const granted = grantableScopes(defaultPolicy, offer, client, false, parse(`openid ${text}`))
    const isIncluded = text === 'openid' || claimsOf(`openid ${text}`).length > alone.length
    expect(Either.isRight(granted) && granted.right.some((scope) => scope.text === text)).toBe(isIncluded)
    expect(isOffered(defaultPolicy, offer, parseScope(text))).toBe(isIncluded)
    const strict = {
      policy: { ...defaultPolicy, unknownScope: 'reject' as const },
      scopes: parse(text),
      effectiveOf: (scopes: ScopeSet) => scopes,
      openingOf: (scopes: ScopeSet) => openingOnly(offer.side, scopes)
    }
    expect(firstRefusal(scopeRules, strict)).toEqual(isIncluded ? null : { _tag: 'ScopeOpensNothing', scope: text })
  })
})
