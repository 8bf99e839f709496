import * as Option from 'fp-ts/lib/Option.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import * as fc from 'fast-check'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import type { Answering } from '../support/fhir/fhir-differential.js'
import {
  casesFrom,
  decisionOf,
  differencesIn,
  factsOf,
  firstDifference,
  optionsFor,
  requestOf,
  right
} from '../support/fhir/fhir-differential.js'
import { base, fakeServer, fixture, profileFixture } from '../support/fhir-fixture.js'
import type { FhirServer, PageLinks } from '../../src/engine/ports.js'
import { fhirGate } from '../../src/engine/resource/fhir-gate.js'
import type { AccessFacts, AccessRules } from '../../src/protocol/access/alternatives.js'
import { decide } from '../../src/protocol/access/decision.js'
import type { AccessProfile } from '../../src/protocol/access/profiles/profile.js'
import { accessProfiles } from '../../src/protocol/access/profiles/named-profiles.js'
import { interactionOf } from '../../src/protocol/access/read-interaction.js'
import { indexReader } from '../../src/protocol/access/search/search-index.js'
import type { PlainRequest, PlainResponse } from '../../src/protocol/http/message.js'
import { defaultPolicy } from '../../src/protocol/policy/policy.js'
import { resourceScope } from '../../src/scopes/format.js'
import { parse } from '../../src/scopes/parse.js'
import type { Permission, ResourceScope, ScopeSet } from '../../src/scopes/scope.js'
import { isResourceScope, permissionOrder } from '../../src/scopes/scope.js'

const withScopes =
  (change: (scopes: ReadonlyArray<ResourceScope>, method: string) => ScopeSet): Answering =>
  (server, facts, request) =>
    right(server, { ...facts, scopes: change(facts.scopes.filter(isResourceScope), request.method) }, request)

/** The gate with other rules. */
const withRules = (
  server: FhirServer,
  facts: AccessFacts,
  request: PlainRequest,
  rules: AccessRules
): Task.Task<PlainResponse> => {
  const options = optionsFor(server, facts)
  return fhirGate({ ...options, rules: { ...options.rules, ...rules } }, facts)(request)
}

/** The gate with other rows in the profile `us-core`. */
const withProfile =
  (change: (rows: AccessProfile) => AccessProfile): Answering =>
  (server, facts, request) =>
    facts.clientId === 'us-core'
      ? withRules(server, facts, request, { accessProfile: change(accessProfiles['us-core']) })
      : right(server, facts, request)

const sharing =
  (named: string) =>
  (rows: AccessProfile): AccessProfile => [
    ...rows.filter(({ type }) => type !== named),
    { type: named, permissions: ['r', 's'], by: 'shared', because: 'A mistake.', source: 'none' }
  ]

/** The gate before a server whose responses are changed. */
const beforeChanged =
  (change: (response: PlainResponse, request: PlainRequest) => PlainResponse): Answering =>
  (server, facts, request) =>
    right(
      {
        answer: (requested) =>
          pipe(
            server.answer(requested),
            TaskEither.map((response) => change(response, requested))
          )
      },
      facts,
      request
    )

const hasCondition = ({ headers, method, path, query }: PlainRequest): boolean =>
  headers['if-none-exist'] !== undefined || (method !== 'GET' && query !== '' && path.split('/').length === 2)

interface Page {
  readonly entry: ReadonlyArray<{ readonly resource: { readonly id: string } }>
  readonly link?: ReadonlyArray<{ readonly relation: string; readonly url: string }>
}

/** The entries of the pages after one, as the server has them. */
const restOf = async (server: FhirServer, first: Page): Promise<Page['entry']> => {
  const found: Array<Page['entry'][number]> = []
  for (let next = first.link?.[0]?.url; next !== undefined;) {
    const [path = '', query = ''] = next.slice(base.length).split('?')
    const answered = await server.answer({ method: 'GET', path, query, headers: {}, body: '' })()
    if (answered._tag === 'Left') return found
    const page = JSON.parse(answered.right.body) as Page
    found.push(...page.entry)
    next = page.link?.[0]?.url
  }
  return found
}

/** Page links that open for everybody. */
const openLinks: PageLinks = {
  seal: (text) => TaskEither.right(Buffer.from(text).toString('base64url')),
  open: (encrypted) => TaskEither.right(Option.some(Buffer.from(encrypted, 'base64url').toString()))
}

/** Wrong gates; each is a mistake that somebody made. */
const faults: ReadonlyArray<readonly [string, Answering]> = [
  [
    'the query of one scope with the letters of another',
    withScopes((scopes) => {
      const all = new Set<Permission>(scopes.flatMap(({ permissions }) => permissions))
      return scopes.map(({ level, type, query }) =>
        resourceScope(
          level,
          type,
          permissionOrder.filter((one) => all.has(one)),
          query
        )
      )
    })
  ],
  [
    'granular scopes ignored on writes',
    withScopes((scopes, method) =>
      scopes.map((scope) => (method === 'GET' ? scope : resourceScope(scope.level, scope.type, scope.permissions)))
    )
  ],
  [
    'the first scope that matches the type',
    withScopes((scopes) =>
      scopes.filter((scope, index) => scopes.findIndex(({ type }) => type === scope.type) === index)
    )
  ],
  [
    '_include without a filter',
    (server, facts, request) => async () => {
      const evaluated = await right(server, facts, request)()
      if (request.method !== 'GET' || !/_(?:rev)?include/.test(request.query) || evaluated.status !== 200)
        return evaluated
      const raw = await server.answer(request)()
      if (raw._tag === 'Left') return evaluated
      const body = JSON.parse(evaluated.body) as { entry: ReadonlyArray<{ search?: { mode: string } }> }
      const all = JSON.parse(raw.right.body) as typeof body
      return {
        ...evaluated,
        body: JSON.stringify({
          ...body,
          entry: [
            ...body.entry.filter(({ search }) => search?.mode !== 'include'),
            ...all.entry.filter(({ search }) => search?.mode === 'include')
          ]
        })
      }
    }
  ],
  [
    'a patch whose outcome is not checked',
    (server, facts, request) =>
      request.method === 'PATCH'
        ? async () => {
            const asUpdate = await server.answer({ ...request, method: 'GET', body: '', headers: {} })()
            if (asUpdate._tag === 'Left' || asUpdate.right.status !== 200) return right(server, facts, request)()
            const isMine = await right(fakeServer(profileFixture), facts, { ...request, body: '[]' })()
            return isMine.status === 200
              ? pipe(
                  server.answer(request),
                  Task.map((one) => (one._tag === 'Right' ? one.right : isMine))
                )()
              : isMine
          }
        : right(server, facts, request)
  ],
  [
    'the user checked at the level `user` only',
    (server, facts, request) => right(server, { ...facts, user: null }, request)
  ],
  [
    'types by which the server acts',
    (server, facts, request) => withRules(server, facts, request, { actingTypes: ['Subscription'] })
  ],
  [
    'dates that are not looked at',
    withScopes((scopes) =>
      scopes.map(({ level, permissions, query, type }) =>
        resourceScope(
          level,
          type,
          permissions,
          query.filter(({ name }) => name !== 'date')
        )
      )
    )
  ],
  [
    'links of identity to others',
    (server, facts, request) =>
      fhirGate(
        {
          ...optionsFor(server, facts),
          reader: (references) => (resource, name) =>
            name === 'link' ? [`Patient/${facts.context.patient ?? ''}`] : indexReader(references)(resource, name)
        },
        facts
      )(request)
  ],
  [
    'a patch that reads what may not be read',
    (server, facts, request) =>
      request.method !== 'PATCH'
        ? right(server, facts, request)
        : pipe(
            right(server, { ...facts, scopes: [...facts.scopes, resourceScope('user', '*', ['r'])] }, request),
            Task.map((answer) =>
              facts.scopes.some((one) => isResourceScope(one) && one.permissions.includes('r'))
                ? answer
                : { ...answer, body: '' }
            )
          )
  ],
  ['a device of every patient', withProfile(sharing('Device'))],
  ['every Binary without a securityContext', withProfile(sharing('Binary'))],
  [
    'a document instead of the securityContext',
    beforeChanged((response, { path }) =>
      path.startsWith('/Binary')
        ? { ...response, body: response.body.replace(/,"securityContext":\{[^}]*\}/g, '') }
        : response
    )
  ],
  [
    'a Provenance whose targets need no scope',
    (server, facts, request) =>
      right(
        server,
        request.path.startsWith('/Provenance')
          ? { ...facts, scopes: [...facts.scopes, ...parse('patient/Observation.r patient/Encounter.r')] }
          : facts,
        request
      )
  ],
  [
    'a Provenance that is opened by a shared target beside others',
    beforeChanged((response) => ({
      ...response,
      body: response.body.replace(/(\{"reference":"Practitioner[^}]*\}),\{"reference":"Observation[^}]*\}/g, '$1')
    }))
  ],
  ['a Provenance that is never opened', withProfile((rows) => rows.filter(({ type }) => type !== 'Provenance'))],
  [
    'the first page alone',
    (server, facts, request) =>
      pipe(
        right(server, facts, request),
        Task.map((response) => ({ ...response, body: response.body.replaceAll('"relation":"next"', '"relation":"x"') }))
      )
  ],
  [
    'pages of the upstream server that are not read',
    beforeChanged((response) => ({
      ...response,
      body: response.body.replaceAll('"relation":"next"', '"relation":"x"')
    }))
  ],
  [
    'a condition that finds what is hidden',
    (server, facts, request) =>
      right(
        server,
        hasCondition(request) ? { ...facts, scopes: [...facts.scopes, ...parse('system/*.s')] } : facts,
        request
      )
  ],
  [
    'a history that is not filtered',
    (server, facts, request) => async () => {
      const evaluated = await right(server, facts, request)()
      if (!request.path.endsWith('/_history') || evaluated.status !== 200) return evaluated
      const raw = await server.answer(request)()
      return raw._tag === 'Right' ? raw.right : evaluated
    }
  ],
  [
    '$everything that is not filtered',
    (server, facts, request) => async () => {
      const evaluated = await right(server, facts, request)()
      if (!request.path.endsWith('/$everything') || evaluated.status !== 200) return evaluated
      const raw = await server.answer(request)()
      return raw._tag === 'Right' ? raw.right : evaluated
    }
  ],
  [
    'a second page that is checked by no scope',
    (server, facts, request) =>
      fhirGate(
        { ...optionsFor(server, facts), pageLinks: openLinks },
        request.query.startsWith('_page=') ? { ...facts, scopes: parse('system/*.rs') } : facts
      )(request)
  ],
  [
    'a history of one page',
    beforeChanged((response, { path }) =>
      path.endsWith('/_history')
        ? { ...response, body: response.body.replaceAll('"relation":"next"', '"relation":"x"') }
        : response
    )
  ],
  [
    '$everything by the permission to read',
    (server, facts, request) =>
      withRules(server, facts, request, {
        operations: [
          { level: 'instance', type: 'Patient', name: 'everything', needs: [{ type: '*', permission: 'r' }] }
        ]
      })
  ],
  [
    '$everything of which the first page alone is filtered',
    (server, facts, request) => async () => {
      const evaluated = await right(server, facts, request)()
      if (!request.path.endsWith('/$everything') || evaluated.status !== 200) return evaluated
      const raw = await server.answer(request)()
      if (raw._tag === 'Left') return evaluated
      const [seen, all] = [JSON.parse(evaluated.body) as Page, JSON.parse(raw.right.body) as Page]
      const rest = await restOf(server, all)
      return { ...evaluated, body: JSON.stringify({ ...seen, link: [], entry: [...seen.entry, ...rest] }) }
    }
  ],
  [
    '$lastn whose places hidden Observations take',
    (server, facts, request) => async () => {
      const evaluated = await right(server, facts, request)()
      if (!request.path.endsWith('/$lastn') || evaluated.status !== 403) return evaluated
      const raw = await server.answer(request)()
      if (raw._tag === 'Left') return evaluated
      const body = JSON.parse(raw.right.body) as Page
      const entry: Array<Page['entry'][number]> = []
      for (const one of body.entry) {
        const read = { ...request, path: '/Observation', query: `_id=${one.resource.id}` }
        const found = await right(server, facts, read)()
        if (found.body.includes(`"id":"${one.resource.id}"`)) entry.push(one)
      }
      return { ...raw.right, body: JSON.stringify({ ...body, entry }) }
    }
  ],
  [
    "the server's own total",
    (server, facts, request) => async () => {
      const evaluated = await right(server, facts, request)()
      if (request.method !== 'GET' || evaluated.status !== 200) return evaluated
      const raw = await server.answer(request)()
      if (raw._tag === 'Left') return evaluated
      const { total } = JSON.parse(raw.right.body) as { total?: number }
      return {
        ...evaluated,
        body: JSON.stringify({ ...(JSON.parse(evaluated.body) as object), ...(total === undefined ? {} : { total }) })
      }
    }
  ]
]

/** `GATE_CASES=20000` makes the long run. */
const count = Number(process.env['GATE_CASES'] ?? 1500)

/** The requests about which each wrong gate is requested. */
const planted = Math.max(150, count / 20)

/** What the requests hold that can show a fault, by the words of its name; any request for all others. */
const telling: ReadonlyArray<readonly [RegExp, RegExp]> = [
  [/server acts/, /Subscription/],
  [/identity/, /"link"|"\/link"/],
  [/may not be read/, /^\{"kind":"patch".*(?:"test"|"copy"|category\/0|subject\/reference)/],
  [/patch/, /"kind":"patch/],
  [/\$lastn/, /"lastn"/],
  [/\$everything/, /"everything"/],
  [/history/, /"history"/],
  [/_include/, /_(?:rev)?include/],
  [/page/, /"(?:search|history|everything|compartment)"/],
  [/condition/, /-if"/],
  [/Binary|document|Provenance|device/, /Binary|Provenance|Device|DocumentReference/]
]

describe('the gate and the slow evaluator', () => {
  it(`agree about ${String(count)} requests`, async () => {
    expect(fixture).toHaveLength(50)
    expect(await firstDifference(right, 1, count)).toBeNull()
  }, 900000)

  it('cover enough of each decision', () => {
    const next = casesFrom(1)
    const requestCount = 2000
    const shares = new Map<string, number>()
    for (let index = 0; index < requestCount; index++) {
      const decision = decisionOf(next())
      shares.set(decision, (shares.get(decision) ?? 0) + 1)
    }
    process.stdout.write(
      `${[...shares].map(([tag, share]) => `${tag} ${String(share)}`).join(', ')} of ${String(requestCount)}\n`
    )
    for (const tag of ['Permit', 'Filter', 'Deny', 'Each'])
      expect(shares.get(tag) ?? 0).toBeGreaterThan(requestCount / 30)
  })

  it.each(faults)(
    'differ when the gate has a fault: %s',
    async (name, answering) => {
      const isAsked = telling.find(([words]) => words.test(name))?.[1] ?? /./
      const found = await differencesIn(answering, 2, planted, ({ requested }) =>
        isAsked.test(JSON.stringify(requested))
      )
      process.stdout.write(`${name}: caught in ${String(found)} of ${String(planted)} requests\n`)
      expect(found).toBeGreaterThan(0)
    },
    240000
  )
})

/** The gate of a host whose users may do everything: which scopes are named does not depend on its rule about users. */
const ofFreeUsers: Answering = (server, facts, request) =>
  fhirGate({ ...optionsFor(server, facts), userMay: () => true }, facts)(request)

/** The rule that a refusal names. */
const ruleOf = ({ body }: PlainResponse): string => {
  const { issue } = JSON.parse(body) as {
    readonly issue: ReadonlyArray<{ readonly details?: { readonly coding: ReadonlyArray<{ readonly code: string }> } }>
  }
  return issue.at(-1)?.details?.coding[0]?.code ?? ''
}

describe('a decision', () => {
  it('is made about any request, and twice the same', () => {
    const part = fc.constantFrom(
      'Patient',
      'a',
      '_history',
      '_search',
      '$op',
      '*',
      'metadata',
      '..',
      '%',
      '%2f',
      '',
      'Observation',
      '\ud800',
      '__proto__'
    )
    const body = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .json()
        .map(
          (json) =>
            `{"resourceType":"Bundle","type":"batch","entry":[{"request":${json}` +
            `},{"request":{"method":"PUT","url":"Patient/a"},"resource":${json}}]}`
        )
    )
    const query = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('_has:a:b:c=d', '_has:=x', 'a.b.c=d', '_type=,', '_include=', '=', 'a:b:c=1', '_sort=-a.b')
    )
    fc.assert(
      fc.property(
        fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', ''),
        fc.array(part, { maxLength: 5 }),
        query,
        body,
        fc.string(),
        (method, path, requestedScope, text, condition) => {
          const request = {
            method,
            path: `/${path.join('/')}`,
            query: requestedScope,
            headers: { 'if-none-exist': condition },
            body: text
          }
          const made = () =>
            decide(
              defaultPolicy,
              factsOf({ scope: 'patient/*.cruds user/Patient.r', patient: 'a', profile: 'compartment' }),
              interactionOf(request, base)
            )
          expect(made()).toEqual(made())
        }
      ),
      { numRuns: 3000 }
    )
  }, 60000)

  it('that denies names the least scopes that would have permitted, and none exactly when none would', () => {
    const next = casesFrom(5)
    let named = 0
    let hopeless = 0
    for (let index = 0; index < 5000; index++) {
      const { token, requested } = next()
      // What these operations need depends on whose patient they name, which no list of scopes can say.
      if (requested.kind === 'lastn' || requested.kind === 'everything') continue
      for (const user of [factsOf(token).user, null]) {
        const facts = { ...factsOf(token), user }
        const withMore = (more: string) =>
          decide(
            defaultPolicy,
            { ...facts, scopes: [...facts.scopes, ...parse(more)] },
            interactionOf(requestOf(requested), base)
          )
        const decision = withMore('')
        if (decision._tag !== 'Deny') continue
        if (decision.missing.length === 0) {
          hopeless++
          expect(withMore(`patient/*.cruds ${user === null ? 'system' : 'user'}/*.cruds`)._tag).toBe('Deny')
          continue
        }
        named++
        expect([token, requested, withMore(decision.missing.join(' '))._tag]).not.toEqual([token, requested, 'Deny'])
        for (const one of decision.missing)
          expect(withMore(decision.missing.filter((other) => other !== one).join(' '))._tag).toBe('Deny')
      }
    }
    expect([named > 1000, hopeless > 20]).toEqual([true, true])
  }, 60000)

  it('is not refused by the same rule when the token has the scopes that the refusal names, too', async () => {
    const next = casesFrom(7)
    const named = new Map<string, number>()
    for (let index = 0; index < 3000; index++) {
      const { token, requested } = next()
      const answered = (more: string) =>
        ofFreeUsers(
          fakeServer(profileFixture),
          { ...factsOf(token), scopes: [...factsOf(token).scopes, ...parse(more)] },
          requestOf(requested)
        )()
      const refused = await answered('')
      const [, missing] = /scope="([^"]*)"/.exec(String(refused.headers['www-authenticate'] ?? '')) ?? []
      if (missing === undefined) continue
      const rule = ruleOf(refused)
      named.set(rule, (named.get(rule) ?? 0) + 1)
      const again = await answered(missing)
      expect([token, requested, missing, again.status === 403 && ruleOf(again) === rule]).toEqual([
        token,
        requested,
        missing,
        false
      ])
    }
    process.stdout.write(`scopes named: ${[...named].map(([rule, found]) => `${rule} ${String(found)}`).join(', ')}\n`)
    for (const rule of ['scope-sufficient', 'written-resource-permitted'])
      expect([rule, (named.get(rule) ?? 0) > 10]).toEqual([rule, true])
  }, 120000)

  it('about documents and exports is not refused by the same rule with the scopes that the refusal names', async () => {
    const [letters, levels] = [fc.subarray([...permissionOrder], { minLength: 1 }), fc.constantFrom('patient', 'user')]
    const types = fc.constantFrom('DocumentReference', 'DiagnosticReport', 'Binary', '*')
    const scopesOf = (level: fc.Arbitrary<string>, type: fc.Arbitrary<string>): fc.Arbitrary<string> =>
      fc
        .array(
          fc.tuple(level, type, letters).map(([at, of, chosen]) => `${at}/${of}.${chosen.join('')}`),
          { minLength: 1, maxLength: 4 }
        )
        .map((all) => all.join(' '))
    const document = fc.constantFrom(
      { resourceType: 'DocumentReference', content: [{ attachment: { url: 'Binary/of-another' } }] },
      { resourceType: 'DiagnosticReport', presentedForm: [{ url: 'Binary/of-another' }] },
      { resourceType: 'DocumentReference', content: [] }
    )
    const documents = fc.record({
      scope: scopesOf(levels, types),
      isOfUser: fc.constant(true),
      request: fc.tuple(document, fc.constantFrom('a', 'b')).map(([one, patient]) => ({
        method: 'POST',
        path: `/${one.resourceType}`,
        query: '',
        body: JSON.stringify({ ...one, subject: { reference: `Patient/${patient}` } })
      }))
    })
    const exports = fc.record({
      scope: scopesOf(
        fc.constantFrom('system', 'system', 'patient'),
        fc.constantFrom('Observation', 'Condition', 'Group', 'Provenance', '*')
      ),
      isOfUser: fc.constant(false),
      request: fc.record({
        method: fc.constant('GET'),
        path: fc.constantFrom('/$export', '/Patient/$export', '/Group/g/$export'),
        query: fc.constantFrom(
          '',
          '_type=Observation',
          '_type=Observation,Condition',
          '_typeFilter=Observation%3Fcode%3Da',
          '_typeFilter=Observation%3Fsubject:Patient.name%3Da',
          'includeAssociatedData=LatestProvenanceResources'
        ),
        body: fc.constant('')
      })
    })
    const named = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(fc.oneof(documents, exports), async ({ isOfUser, request, scope }) => {
        const facts = { ...factsOf({ scope, patient: 'a', profile: 'us-core' }), ...(isOfUser ? {} : { user: null }) }
        const answered = (more: string) =>
          ofFreeUsers(
            fakeServer(profileFixture),
            { ...facts, scopes: parse(`${scope} ${more}`) },
            { ...request, headers: { 'content-type': 'application/fhir+json' } }
          )()
        const refused = await answered('')
        const [, missing] = /scope="([^"]*)"/.exec(String(refused.headers['www-authenticate'] ?? '')) ?? []
        if (missing === undefined) return
        const rule = ruleOf(refused)
        named.set(rule, (named.get(rule) ?? 0) + 1)
        const again = await answered(missing)
        expect([missing, again.status === 403 && ruleOf(again) === rule]).toEqual([missing, false])
        for (const one of missing.split(' ')) {
          const fewer = await answered(
            missing
              .split(' ')
              .filter((other) => other !== one)
              .join(' ')
          )
          expect([missing, one, fewer.status]).toEqual([missing, one, 403])
        }
      }),
      { numRuns: 1500, seed: 11 }
    )
    process.stdout.write(`scopes named: ${[...named].map(([rule, found]) => `${rule} ${String(found)}`).join(', ')}\n`)
    for (const rule of ['scope-sufficient', 'export-for-systems', 'written-resource-permitted'])
      expect([rule, (named.get(rule) ?? 0) > 20]).toEqual([rule, true])
  }, 120000)

  it('never becomes narrower by one scope more', () => {
    const next = casesFrom(3)
    const rank = { Deny: 0, Each: 1, Filter: 1, Permit: 2 }
    for (let index = 0; index < 5000; index++) {
      const [{ token, requested }, more] = [next(), next().token]
      const interaction = interactionOf(requestOf(requested), base)
      const facts = factsOf(token)
      const [one, two] = [
        decide(defaultPolicy, facts, interaction),
        decide(defaultPolicy, { ...facts, scopes: [...facts.scopes, ...parse(more.scope)] }, interaction)
      ]
      expect(rank[two._tag]).toBeGreaterThanOrEqual(rank[one._tag])
      if (one._tag === 'Filter' && two._tag === 'Filter')
        expect(two.alternatives).toEqual(expect.arrayContaining([...one.alternatives]))
    }
  })
})
