/**
 * What a scope cannot give: what its user may not do, what the server would do by itself, who somebody is, and values
 * without `r`.
 */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import type { GateOptions } from '../../../../src/engine/resource/gate-context.js'
import { fhirGate } from '../../../../src/engine/resource/fhir-gate.js'
import { isOfPatientAlone } from '../../../../src/protocol/access/patient-alone.js'
import { actingTypes } from '../../../../src/protocol/access/acting-types.js'
import type { FhirRelease } from '../../../../src/protocol/access/release.js'
import { releaseR4 } from '../../../../src/protocol/access/release.js'
import { releaseR4B, releaseR5 } from '../../../../src/protocol/access/releases.js'
import { earlierTypeNames } from '../../../../src/values/fhir-earlier/types.js'
import type { Resource } from '../../../../src/protocol/access/fhir-interaction.js'
import { resourceTypes } from '../../../../src/protocol/access/fhir-interaction.js'
import { indexReader } from '../../../../src/protocol/access/search/search-index.js'
import type { PlainRequest, PlainResponse } from '../../../../src/protocol/http/message.js'
import { defaultPolicy } from '../../../../src/protocol/policy/policy.js'
import { parse } from '../../../../src/scopes/parse.js'

const base = 'https://ehr.example/fhir'
const alias = 'http://10.0.0.1:8080/r4'
const user = { sub: 'bob', fhirUser: 'Practitioner/p2', authTime: 0 }
const said = (status: number, body: unknown): PlainResponse => ({
  status,
  headers: { etag: 'W/"1"' },
  body: body === null ? '' : JSON.stringify(body)
})
const bundle = (resources: ReadonlyArray<unknown>, type = 'searchset') => ({
  resourceType: 'Bundle',
  type,
  entry: resources.map((resource) => ({ resource }))
})
const json = (body: unknown, contentType = 'application/fhir+json'): Partial<PlainRequest> => ({
  body: JSON.stringify(body),
  headers: { 'content-type': contentType }
})
const jsonPatch = (body: unknown) => json(body, 'application/json-patch+json')

/** A server that answers by method and path, and takes every write. */
const scripted = (script: Readonly<Record<string, unknown>>) => {
  const requests: Array<PlainRequest> = []
  const answer = (request: PlainRequest): PlainResponse => {
    const found = script[`${request.method} ${request.path}`]
    if (found !== undefined) return said(200, found)
    if (request.method === 'GET') return said(404, null)
    if (request.method === 'POST' && request.path === '/') return said(200, bundle([], 'transaction-response'))
    return said(
      request.method === 'POST' ? 201 : 200,
      request.body === '' ? null : { id: 'new', ...(JSON.parse(request.body) as object) }
    )
  }
  return {
    requests,
    server: {
      answer: (request: PlainRequest) => {
        requests.push(request)
        return TaskEither.right(answer(request))
      }
    }
  }
}

interface Given extends Partial<Omit<GateOptions, 'server'>> {
  readonly scope: string
  readonly who?: typeof user | null
}

const ask = async (
  { scope, who = user, ...options }: Given,
  script: Readonly<Record<string, unknown>>,
  method: string,
  path: string,
  more: Partial<PlainRequest> = {}
) => {
  const { server, requests } = scripted(script)
  const [address = '', query = ''] = path.split('?')
  const gate = fhirGate(
    { server, policy: defaultPolicy, base, aliases: [alias], ...options },
    { clientId: 'app', scopes: parse(scope), context: { patient: 'a' }, user: who }
  )
  const response = await gate({ method, path: address, query, headers: {}, body: '', ...more })()
  return {
    ...response,
    requests,
    wrote: requests.some((one) => one.method !== 'GET'),
    json: (response.body === '' ? null : JSON.parse(response.body)) as {
      entry?: ReadonlyArray<{ resource?: Resource; response?: { status: string } }>
    } | null
  }
}

const own = (id: string, more: object = {}) => ({
  resourceType: 'Observation',
  id,
  subject: { reference: 'Patient/a' },
  ...more
})
/** What the host's rule hides: whatever is marked. */
const hidden = { meta: { security: [{ code: 'PSY' }] } }
const isShown: GateOptions['userMay'] = (_facts, _permission, { meta }) =>
  JSON.stringify(meta ?? null) !== JSON.stringify(hidden.meta)
const transaction = (...entry: ReadonlyArray<unknown>) => json({ resourceType: 'Bundle', type: 'transaction', entry })
const batch = (...entry: ReadonlyArray<unknown>) => json({ resourceType: 'Bundle', type: 'batch', entry })

describe('what the user may not do', () => {
  const script = {
    'GET /Observation/1': own('1'),
    'GET /Observation/2': own('2', hidden),
    'GET /Observation/2/_history/1': own('2', hidden),
    'GET /Observation': bundle([own('1'), own('2', hidden)]),
    'GET /Observation/2/_history': bundle([own('2', hidden)], 'history'),
    'GET /Condition': bundle([{ resourceType: 'Condition', id: 'c', subject: { reference: 'Patient/a' } }]),
    'GET /Practitioner/p': { resourceType: 'Practitioner', id: 'p', ...hidden },
    'GET /Observation/2/$meta': own('2', hidden),
    'GET /Observation/1/$around': bundle([own('1'), own('2', hidden)])
  }
  const rules = {
    sharedTypes: ['Practitioner'],
    operations: ['meta', 'around'].map((name) => ({
      level: 'instance' as const,
      type: 'Observation',
      name,
      needs: [{ type: null, permission: 'r' as const }]
    }))
  }
  const as = (scope: string, who: typeof user | null = user): Given => ({ scope, who, userMay: isShown, rules })
  const shownIds = ({ json: body }: Awaited<ReturnType<typeof ask>>) =>
    (body?.entry ?? []).map(({ resource }) => resource?.id)

  it.each<readonly [string, string, Partial<PlainRequest>, number]>([
    ['GET', '/Observation/2', {}, 404],
    ['HEAD', '/Observation/2', {}, 404],
    ['GET', '/Observation/2/_history/1', {}, 404],
    ['GET', '/Observation/2/_history', {}, 404],
    ['GET', '/Practitioner/p', {}, 404],
    ['GET', '/Observation/2/$meta', {}, 404],
    ['DELETE', '/Observation/2', {}, 404],
    ['PATCH', '/Observation/2', jsonPatch([]), 404],
    ['PATCH', '/Observation/1', jsonPatch([{ op: 'add', path: '/meta', value: hidden.meta }]), 403],
    ['PUT', '/Observation/2', json(own('2')), 403],
    ['PUT', '/Observation/1', json(own('1', hidden)), 403],
    ['PUT', '/Observation/fresh', json(own('fresh', hidden)), 403],
    ['POST', '/Observation', json({ ...own('x', hidden), id: undefined }), 403],
    ['POST', '/', transaction({ request: { method: 'POST', url: 'Observation' }, resource: own('x', hidden) }), 403],
    ['POST', '/', transaction({ request: { method: 'DELETE', url: 'Observation/2' } }), 404]
  ])("a patient's scope does not do either: %s %s %j", async (method, path, more, status) => {
    const refused = await ask(as('patient/*.cruds'), script, method, path, more)
    expect([refused.status, refused.wrote]).toEqual([status, false])
    // Where there is no user, there is nobody to ask about: the patient alone limits the token.
    expect((await ask(as('patient/*.cruds', null), script, method, path, more)).status).toBeLessThan(300)
    expect(
      (await ask({ ...as('patient/*.cruds'), rules: { ...rules, isUserUnlimited: true } }, script, method, path, more))
        .status
    ).toBeLessThan(300)
    expect((await ask({ scope: 'patient/*.cruds', rules }, script, method, path, more)).status).toBeLessThan(300)
  })

  it.each([
    ['/Observation', ['1']],
    ['/Observation?_count=0', []],
    ['/Observation/1/$around', ['1']]
  ])("a patient's scope does not find either: %s", async (path, ids) => {
    const found = await ask(as('patient/*.rs'), script, 'GET', path)
    expect([found.status, shownIds(found), JSON.stringify(found.json).includes('"2"')]).toEqual([200, ids, false])
  })

  it.each(['_include=Observation:performer', '_revinclude=Observation:subject'])(
    "a patient's scope does not find along %s",
    async (include) => {
      const along = { ...bundle([{ resourceType: 'Condition', id: 'c', subject: { reference: 'Patient/a' } }]) }
      const included = [
        {
          resource: own('2', {
            ...hidden,
            subject: { reference: 'Condition/c' },
            performer: [{ reference: 'Patient/a' }]
          }),
          search: { mode: 'include' }
        }
      ]
      const found = await ask(
        as('patient/*.rs'),
        { 'GET /Condition': { ...along, entry: [...along.entry, ...included] } },
        'GET',
        `/Condition?${include}`
      )
      expect([found.status, shownIds(found)]).toEqual([200, ['c']])
    }
  )

  it('a batch does not show either', async () => {
    const answered = await ask(
      as('patient/*.rs'),
      script,
      'POST',
      '/',
      batch(...['1', '2'].map((id) => ({ request: { method: 'GET', url: `Observation/${id}` } })))
    )
    expect(answered.json?.entry?.map(({ response }) => response?.status)).toEqual(['200', '404'])
  })

  it('is checked for the user who is the patient too', async () => {
    const who = { ...user, fhirUser: 'Patient/a' }
    expect((await ask({ ...as('patient/*.rs'), who }, script, 'GET', '/Observation/2')).status).toBe(404)
  })

  it('a chain over a shared type does not ask about either', async () => {
    const chain = '/Observation?performer:Practitioner.name=x'
    expect((await ask(as('patient/*.rs'), script, 'GET', chain)).status).toBe(403)
    expect((await ask(as('patient/*.rs', null), script, 'GET', chain)).status).toBe(200)
  })
})

describe('types by which the server acts', () => {
  const closedTypes = Object.entries(actingTypes)
    .filter(([, { closed }]) => closed.length > 0)
    .map(([type]) => type)
  const everybody: Given = { scope: '', userMay: () => true }
  const writes = (type: string): ReadonlyArray<readonly [string, string, Partial<PlainRequest>]> => [
    ['POST', `/${type}`, json({ resourceType: type })],
    [
      'POST',
      `/${type}`,
      {
        ...json({ resourceType: type }),
        headers: { 'content-type': 'application/fhir+json', 'if-none-exist': '_id=x' }
      }
    ],
    ['PUT', `/${type}/s`, json({ resourceType: type, id: 's', status: 'active' })],
    ['PUT', `/${type}/fresh`, json({ resourceType: type, id: 'fresh' })],
    ['PUT', `/${type}?_id=x`, json({ resourceType: type })],
    ['PATCH', `/${type}/s`, jsonPatch([{ op: 'add', path: '/status', value: 'active' }])],
    ['PATCH', `/${type}?_id=s`, jsonPatch([{ op: 'add', path: '/status', value: 'active' }])],
    ['POST', '/', transaction({ request: { method: 'POST', url: type }, resource: { resourceType: type } })],
    [
      'POST',
      '/',
      transaction({ request: { method: 'PUT', url: `${base}/${type}/s` }, resource: { resourceType: type, id: 's' } })
    ]
  ]

  /** A release that has a type: those of R5 and STU3 too. */
  const releaseWith = (type: string): FhirRelease => ({ ...releaseR4, types: new Set([...releaseR4.types, type]) })

  it('are types of a release', () => {
    const known = new Set([...resourceTypes, ...releaseR4B.types, ...releaseR5.types, ...earlierTypeNames.split(' ')])
    expect(Object.keys(actingTypes).filter((type) => !known.has(type))).toEqual([])
    expect(closedTypes).toContain('Subscription')
  })

  it.each(closedTypes)(
    '%s is not written by a wildcard, nor by name, nor by a user who sees everything',
    async (type) => {
      const script = {
        [`GET /${type}/s`]: { resourceType: type, id: 's' },
        [`GET /${type}`]: bundle([{ resourceType: type, id: 's' }])
      }
      const release = releaseWith(type)
      for (const [method, path, more] of writes(type)) {
        for (const scope of ['user/*.cruds', `user/${type}.cruds`, 'patient/*.cruds user/*.cruds']) {
          for (const rules of [{}, { isUserUnlimited: true }, { actingTypes: ['Observation'] }]) {
            const refused = await ask({ ...everybody, scope, rules: { ...rules, release } }, script, method, path, more)
            expect([method, path, refused.status, refused.wrote]).toEqual([method, path, 403, false])
          }
        }
        // A match of `If-None-Exist` creates nothing.
        const isDone = (response: Awaited<ReturnType<typeof ask>>) =>
          response.status < 300 && (response.wrote || more.headers?.['if-none-exist'] !== undefined)
        expect([
          method,
          path,
          isDone(
            await ask(
              { ...everybody, scope: 'user/*.cruds', rules: { actingTypes: [type], release } },
              script,
              method,
              path,
              more
            )
          )
        ]).toEqual([method, path, true])
        expect([
          method,
          path,
          isDone(
            await ask(
              { ...everybody, scope: 'system/*.cruds', who: null, rules: { release } },
              script,
              method,
              path,
              more
            )
          )
        ]).toEqual([method, path, true])
      }
      const rules = { release }
      expect((await ask({ ...everybody, scope: 'user/*.rs', rules }, script, 'GET', `/${type}/s`)).status).toBe(200)
    }
  )

  it('say why they are closed, and which scope of a service would open them', async () => {
    const refused = await ask(
      { ...everybody, scope: 'user/*.c' },
      {},
      'POST',
      '/Subscription',
      json({ resourceType: 'Subscription' })
    )
    expect(refused.body).toContain('The server would act by such a resource')
    const service = await ask(
      { ...everybody, scope: 'system/*.r', who: null },
      {},
      'POST',
      '/Subscription',
      json({ resourceType: 'Subscription' })
    )
    expect(service.headers['www-authenticate']).toContain('scope="system/Subscription.c"')
  })

  it('are refused in their place in a batch, and let be deleted where that ends the acting', async () => {
    const entries = ['Subscription', 'Observation'].map((type) => ({
      request: { method: 'POST', url: type },
      resource: { resourceType: type }
    }))
    const answered = await ask({ ...everybody, scope: 'user/*.c' }, {}, 'POST', '/', batch(...entries))
    expect(answered.json?.entry?.map(({ response }) => response?.status)).toEqual(['403', '201'])
    const stored = (type: string) => ({ [`GET /${type}/s`]: { resourceType: type, id: 's' } })
    expect(
      (await ask({ ...everybody, scope: 'user/*.d' }, stored('Subscription'), 'DELETE', '/Subscription/s')).wrote
    ).toBe(true)
    expect(
      (await ask({ ...everybody, scope: 'user/*.d' }, stored('SearchParameter'), 'DELETE', '/SearchParameter/s')).status
    ).toBe(403)
  })

  it.each(Object.keys(actingTypes).filter((type) => !closedTypes.includes(type)))(
    '%s is written as its scope says',
    async (type) => {
      const given = { ...everybody, scope: `user/${type}.c`, rules: { release: releaseWith(type) } }
      expect((await ask(given, {}, 'POST', `/${type}`, json({ resourceType: type }))).status).toBe(201)
    }
  )
})

describe('resources that identify a person', () => {
  const patient = (link?: unknown, more: object = {}) => ({
    resourceType: 'Patient',
    id: 'a',
    ...(link === undefined ? {} : { link }),
    ...more
  })
  const linked = (other: unknown, type = 'seealso') => [{ other, type }]
  const others: ReadonlyArray<{ readonly by: string; readonly other: object; readonly more?: object }> = (
    [
      ['a reference', { reference: 'Patient/b' }],
      ['an address', { reference: `${base}/Patient/b` }],
      ['another address of the server', { reference: `${alias}/Patient/b` }],
      ['a version', { reference: 'Patient/b/_history/1' }],
      ["another server's address", { reference: 'https://other.example/fhir/Patient/a' }],
      ['a urn', { reference: 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0' }],
      ['a search', { reference: 'Patient?identifier=1' }],
      ['an identifier', { identifier: { value: '1' } }],
      ['an identifier of a type', { type: 'Patient', identifier: { value: '1' } }],
      ['a contained patient', { reference: '#p' }, { contained: [{ resourceType: 'Patient', id: 'p' }] }],
      ['a relative', { reference: 'RelatedPerson/r' }],
      ['nothing but a name', { display: 'Ada' }]
    ] as ReadonlyArray<readonly [string, object, object?]>
  ).map(([by, other, more]) => ({ by, other, ...(more === undefined ? {} : { more }) }))

  it.each(others)('is not said anew by $by', async ({ other, more = {} }) => {
    for (const type of ['replaced-by', 'replaces', 'refer', 'seealso']) {
      const after = patient(linked(other, type), more)
      const patch = Object.entries(after)
        .filter(([name]) => name === 'link' || name === 'contained')
        .map(([name, value]) => ({ op: 'add', path: `/${name}`, value }))
      for (const [method, path, sent] of [
        ['PUT', '/Patient/a', json(after)],
        ['PATCH', '/Patient/a', jsonPatch(patch)],
        ['POST', '/', transaction({ request: { method: 'PUT', url: 'Patient/a' }, resource: after })],
        [
          'POST',
          '/',
          transaction({
            request: { method: 'PATCH', url: 'Patient/a' },
            resource: {
              resourceType: 'Binary',
              contentType: 'application/json-patch+json',
              data: btoa(JSON.stringify(patch))
            }
          })
        ]
      ] as const) {
        for (const script of [
          { 'GET /Patient/a': patient() },
          { 'GET /Patient/a': patient(linked({ reference: 'Patient/c' }, type)) }
        ]) {
          const refused = await ask({ scope: 'patient/*.cruds' }, script, method, path, sent)
          expect([method, type, refused.status, refused.wrote]).toEqual([method, type, 403, false])
        }
      }
    }
    const fresh = await ask({ scope: 'patient/*.cruds' }, {}, 'PUT', '/Patient/a', json(patient(linked(other), more)))
    expect([fresh.status, fresh.wrote]).toEqual([403, false])
  })

  it.each(others)('may stay as it was, and may go: $by', async ({ other, more = {} }) => {
    const before = patient([...linked(other), ...linked({ reference: 'Patient/c' })], more)
    for (const link of [
      before.link,
      linked(other),
      linked({ reference: 'Patient/c' }),
      undefined,
      linked({ reference: 'Patient/a' })
    ]) {
      const kept = await ask(
        { scope: 'patient/*.cruds' },
        { 'GET /Patient/a': before },
        'PUT',
        '/Patient/a',
        json(patient(link, { ...more, active: true }))
      )
      expect(kept.wrote).toBe(!JSON.stringify(link ?? '').includes('Patient?'))
    }
    expect(
      (
        await ask(
          { scope: 'patient/*.cruds' },
          { 'GET /Patient/a': before },
          'PUT',
          '/Patient/a',
          json(patient(linked(other, 'replaced-by'), more))
        )
      ).status
    ).toBe(403)
  })

  it('may stay in another spelling of the same address', async () => {
    const script = { 'GET /Patient/a': patient(linked({ reference: `${alias}/Patient/b` })) }
    expect(
      (
        await ask(
          { scope: 'patient/*.cruds' },
          script,
          'PUT',
          '/Patient/a',
          json(patient(linked({ reference: `${base}/Patient/b` })))
        )
      ).wrote
    ).toBe(true)
  })

  it('is not said by what a kept link contains', async () => {
    const before = patient(linked({ reference: '#p' }), {
      contained: [{ resourceType: 'Patient', id: 'p', name: [{ text: 'one' }] }]
    })
    const after = { ...before, contained: [{ resourceType: 'Patient', id: 'p', name: [{ text: 'another' }] }] }
    expect(
      (await ask({ scope: 'patient/*.cruds' }, { 'GET /Patient/a': before }, 'PUT', '/Patient/a', json(after))).status
    ).toBe(403)
  })

  it("is said by others than the patient's apps", async () => {
    for (const scope of ['user/Patient.u', 'system/Patient.u']) {
      expect(
        (
          await ask(
            { scope, userMay: () => true },
            { 'GET /Patient/a': patient() },
            'PUT',
            '/Patient/a',
            json(patient(linked({ reference: 'Patient/b' })))
          )
        ).wrote
      ).toBe(true)
    }
  })

  const victim = { reference: 'Patient/b' }
  const extension = [{ url: 'https://ehr.example/x', valueReference: victim }]
  const self = { reference: 'Patient/a' }
  const inContained = (record: object, more: object = { resourceType: 'Patient', id: 'a' }) => ({
    ...more,
    contained: [{ id: 'c', ...record }]
  })
  const sayings: ReadonlyArray<readonly [string, object]> = [
    ['a link to oneself with an identifier', patient(linked({ ...self, identifier: { value: '1' } }))],
    ['a link to oneself of another type', patient(linked({ ...self, type: 'RelatedPerson' }))],
    ['an extension of the target', patient(linked({ ...self, extension }))],
    ['an extension of the reference', patient(linked({ ...self, _reference: { extension } }))],
    ['an extension of the type', patient(linked({ ...self, _type: { extension } }))],
    ['an extension of the link', patient([{ other: self, type: 'seealso', extension }])],
    ['a modifier of the link', patient([{ other: self, type: 'seealso', modifierExtension: extension }])],
    ['a target of another name', patient([{ other: self, target: victim, type: 'seealso' }])],
    ['a link in a list', patient([linked(self)])],
    ['what stands beside the links', patient(linked(self), { _link: [{ other: victim }] })],
    ['what stands beside no links', patient(undefined, { _link: [{ extension }] })],
    ['a link of a contained Patient', inContained({ resourceType: 'Patient', link: linked(victim) })],
    ['a link of a contained Patient to the patient', inContained({ resourceType: 'Patient', link: linked(self) })],
    ['a link of a contained Person', inContained({ resourceType: 'Person', link: [{ target: victim }] })],
    [
      'a link in what a contained resource contains',
      inContained(inContained({ resourceType: 'Patient', link: linked(victim) }, { resourceType: 'Organization' }))
    ],
    [
      'a link of a Patient that an observation contains',
      inContained({ resourceType: 'Patient', link: linked(victim) }, own('1'))
    ],
    [
      'a link of a Person that an observation contains',
      inContained({ resourceType: 'Person', link: [{ target: { identifier: { value: '1' } } }] }, own('1'))
    ],
    ['an extension of the record', patient(undefined, { extension })],
    ['an extension in an extension', patient(undefined, { extension: [{ url: 'x', extension }] })],
    ['a modifier of the record', patient(undefined, { modifierExtension: extension })],
    ['an extension of a value', patient(undefined, { birthDate: '1970-01-01', _birthDate: { extension } })],
    ['an extension of a contact', patient(undefined, { contact: [{ name: { family: 'x', extension } }] })],
    ['an address in an extension', patient(undefined, { extension: [{ url: 'x', valueUri: `${base}/Patient/b` }] })],
    [
      'an identifier in an extension',
      patient(undefined, { extension: [{ url: 'x', valueReference: { identifier: { value: '1' } } }] })
    ],
    [
      'a contained patient in an extension',
      inContained(
        { resourceType: 'Patient' },
        patient(undefined, { extension: [{ url: 'x', valueReference: { reference: '#c' } }] })
      )
    ],
    ['an extension of the subject', own('1', { subject: { ...self, extension } })]
  ]

  it.each(sayings)('is not said anew by %s, and stays where it is stored', async (_name, after) => {
    const { resourceType, id } = after as { resourceType: string; id: string }
    const path = `/${resourceType}/${id}`
    const plain =
      resourceType === 'Patient' ? patient(linked(self), { contact: [{ name: { family: 'x' } }] }) : own('1')
    for (const script of [
      {},
      { [`GET ${path}`]: plain },
      {
        [`GET ${path}`]: {
          ...plain,
          contained: [
            { resourceType: 'Patient', id: 'c' },
            { resourceType: 'Person', id: 'c' }
          ]
        }
      }
    ]) {
      const refused = await ask({ scope: 'patient/*.cruds' }, script, 'PUT', path, json(after))
      expect([refused.status, refused.wrote]).toEqual([403, false])
    }
    if (resourceType !== 'Patient')
      expect((await ask({ scope: 'patient/*.cruds' }, {}, 'POST', '/Observation', json(after))).status).toBe(403)
    const changed = await ask(
      { scope: 'patient/*.cruds' },
      { [`GET ${path}`]: after },
      'PUT',
      path,
      json({ ...after, language: 'en' })
    )
    // What no server should have stored, and a Person who is another patient, are not written again.
    expect(changed.wrote).toBe(!Object.hasOwn(after, '_link') && !JSON.stringify(after).includes('"Person"'))
  })

  it.each<readonly [string, object, boolean]>([
    ['an identifier', { other: { ...victim, identifier: { value: '1' } }, type: 'seealso' }, false],
    ['an extension', { other: victim, type: 'seealso', extension }, false],
    ['a modifier', { other: victim, type: 'seealso', modifierExtension: extension }, false],
    ['an extension of the target', { other: { ...victim, extension }, type: 'seealso' }, false],
    ['a reference that is not there', { other: { display: 'b' }, type: 'seealso' }, false],
    ['nothing', { other: { reference: `${alias}/Patient/b/_history/2` }, type: 'seealso' }, true]
  ])('is not said by a stored link that comes to hold %s', async (_name, link, isWritten) => {
    const written = await ask(
      { scope: 'patient/*.cruds' },
      { 'GET /Patient/a': patient(linked(victim)) },
      'PUT',
      '/Patient/a',
      json(patient([link]))
    )
    expect(written.wrote).toBe(isWritten)
  })

  it.each<readonly [string, object]>([
    ['a link to oneself', patient([{ id: 'l', other: { ...self, type: 'Patient', display: 'me' }, type: 'seealso' }])],
    [
      'another reference',
      patient(undefined, {
        generalPractitioner: [{ reference: 'Practitioner/p' }, { identifier: { value: '1' } }],
        extension: [{ url: 'x', valueReference: { reference: 'Organization/o' } }]
      })
    ],
    [
      'a reference to oneself',
      patient(undefined, { extension: [{ url: 'x', valueReference: { reference: `${alias}/Patient/a` } }] })
    ],
    [
      'a contained organization',
      inContained(
        { resourceType: 'Organization', name: 'o' },
        patient(undefined, { managingOrganization: { reference: '#c' } })
      )
    ],
    ['an identifier beside the subject', own('1', { subject: { ...self, identifier: { value: '1' } } })],
    [
      'a subject with a type and a name',
      own('1', {
        subject: { ...self, type: 'Patient', display: 'me' },
        performer: [{ reference: 'Practitioner/p', identifier: { value: '1' } }]
      })
    ]
  ])('is not said by %s', async (_name, after) => {
    const { resourceType, id } = after as { resourceType: string; id: string }
    expect((await ask({ scope: 'patient/*.cruds' }, {}, 'PUT', `/${resourceType}/${id}`, json(after))).wrote).toBe(true)
  })

  const read = indexReader({ base, aliases: [alias] })
  it.each<readonly [string, object, boolean]>([
    [
      'a performer by identifier of the type Patient',
      own('1', { performer: [{ type: 'Patient', identifier: { value: '1' } }] }),
      false
    ],
    [
      "a performer by an identifier that may be anybody's",
      own('1', { performer: [{ identifier: { value: '1' } }] }),
      true
    ],
    [
      'a contained patient as performer',
      own('1', { contained: [{ resourceType: 'Patient', id: 'p' }], performer: [{ reference: '#p' }] }),
      false
    ],
    [
      'a contained practitioner as performer',
      own('1', { contained: [{ resourceType: 'Practitioner', id: 'p' }], performer: [{ reference: '#p' }] }),
      true
    ],
    [
      'a contained resource about another patient',
      own('1', { contained: [own('c', { subject: { reference: 'Patient/b' } })] }),
      false
    ],
    ['a contained resource about the patient', own('1', { contained: [own('c')] }), true],
    [
      'a subject by identifier, and the patient as asserter',
      { resourceType: 'Condition', subject: { identifier: { value: '1' } }, asserter: { reference: 'Patient/a' } },
      false
    ],
    [
      'a Person who is a relative too',
      {
        resourceType: 'Person',
        link: [{ target: { reference: 'Patient/a' } }, { target: { reference: 'RelatedPerson/r' } }]
      },
      false
    ],
    [
      'a Person who is another Person too',
      { resourceType: 'Person', link: [{ target: { reference: 'Patient/a' } }, { target: { reference: 'Person/p' } }] },
      false
    ],
    [
      'a Person who is the patient',
      { resourceType: 'Person', link: [{ target: { reference: 'Patient/a' }, assurance: 'level4' }] },
      true
    ]
  ])('and whom a resource concerns: %s', (_name, resource, isAlone) => {
    expect(isOfPatientAlone(read, resource as Resource, 'a')).toBe(isAlone)
  })
})

describe('values that may be changed and not read', () => {
  const script = { 'GET /Observation/1': own('1', { valueString: 'secret', note: [{ text: 'Patient/a' }] }) }
  const operations: ReadonlyArray<readonly [string, ReadonlyArray<unknown>]> = [
    ['a test that holds', [{ op: 'test', path: '/valueString', value: 'secret' }]],
    ['a test that does not', [{ op: 'test', path: '/valueString', value: 'guess' }]],
    [
      'a test behind a change',
      [
        { op: 'add', path: '/status', value: 'final' },
        { op: 'test', path: '/none', value: 1 }
      ]
    ],
    ['a copy', [{ op: 'copy', from: '/valueString', path: '/status' }]],
    ['a copy of nothing', [{ op: 'copy', from: '/none', path: '/status' }]],
    ['a move into what is checked', [{ op: 'move', from: '/note/0/text', path: '/subject/reference' }]]
  ]

  it.each(operations)('are not disclosed by %s', async (_name, patch) => {
    const entry = {
      request: { method: 'PATCH', url: 'Observation/1' },
      resource: {
        resourceType: 'Binary',
        contentType: 'application/json-patch+json',
        data: btoa(JSON.stringify(patch))
      }
    }
    for (const scope of [
      'patient/*.cuds',
      'patient/*.u patient/Observation.r?status=amended',
      'user/*.u',
      'system/*.u'
    ]) {
      for (const [method, path, more] of [
        ['PATCH', '/Observation/1', jsonPatch(patch)],
        ['POST', '/', transaction(entry)]
      ] as const) {
        const refused = await ask({ scope, userMay: () => true }, script, method, path, more)
        expect([scope, refused.status, refused.wrote, refused.body.includes('sets or removes whole members')]).toEqual([
          scope,
          403,
          false,
          true
        ])
      }
    }
    expect((await ask({ scope: 'patient/*.ru' }, script, 'PATCH', '/Observation/1', jsonPatch(patch))).status).not.toBe(
      403
    )
  })

  it('are not disclosed by the answer of a write', async () => {
    for (const [method, path, more] of [
      ['PATCH', '/Observation/1', jsonPatch([{ op: 'add', path: '/status', value: 'final' }])],
      ['PUT', '/Observation/1', json(own('1'))],
      ['POST', '/Observation', json(own('1'))]
    ] as const) {
      const written = await ask({ scope: 'patient/*.cu' }, script, method, path, more)
      expect([written.wrote, written.body]).toEqual([true, ''])
    }
  })

  it('stay hidden where the resource is: no patch tells that it is there', async () => {
    const other = { 'GET /Observation/1': own('1', { subject: { reference: 'Patient/b' } }) }
    for (const [, patch] of operations) {
      const [there, absent] = [
        await ask({ scope: 'patient/*.u' }, other, 'PATCH', '/Observation/1', jsonPatch(patch)),
        await ask({ scope: 'patient/*.u' }, {}, 'PATCH', '/Observation/1', jsonPatch(patch))
      ]
      expect([there.status, there.body]).toEqual([404, absent.body])
    }
  })
})
