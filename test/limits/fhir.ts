import { newTrail, trailAfter } from '../../src/engine/resource/addresses/page-trail.js'
import * as Either from 'fp-ts/lib/Either.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { ShownLimit } from './shown.js'
import type { GateOptions } from '../../src/engine/resource/gate-context.js'
import { fhirGate } from '../../src/engine/resource/fhir-gate.js'
import type { PlainRequest, PlainResponse } from '../../src/protocol/http/message.js'
import { defaultPolicy } from '../../src/protocol/policy/policy.js'
import { parse } from '../../src/scopes/parse.js'
import { applyFhirPathPatch } from '../../src/protocol/access/fhirpath/fhirpath-patch.js'
import { limits } from '../../src/values/limits/limits.js'

const base = 'https://ehr.example/fhir'

type Answer = (request: PlainRequest) => unknown

const said = (status: number, body: unknown): PlainResponse => ({
  status,
  headers: {},
  body: typeof body === 'string' ? body : JSON.stringify(body)
})

/** Asks the gate before a server that answers so; what is undefined is not there. */
const through = async (
  scope: string,
  answer: Answer,
  request: Partial<PlainRequest>,
  options: Partial<GateOptions> = {}
): Promise<{ readonly response: PlainResponse; readonly requests: ReadonlyArray<PlainRequest> }> => {
  const requests: Array<PlainRequest> = []
  const server: GateOptions['server'] = {
    answer: (one) => {
      requests.push(one)
      const body = answer(one)
      return TaskEither.right(body === undefined ? said(404, '') : said(200, body))
    }
  }
  const facts = { clientId: 'app', scopes: parse(scope), context: { patient: 'a' }, user: null }
  const response = await fhirGate(
    { server, policy: defaultPolicy, base, ...options },
    facts
  )({ method: 'GET', path: '/', query: '', headers: {}, body: '', ...request })()
  return { response, requests }
}

const statusOf = ({ response: { status } }: { readonly response: PlainResponse }): string =>
  status < 400 ? 'within' : String(status)

const all = 'system/*.cruds'
const empty = { resourceType: 'Bundle', type: 'searchset', entry: [] }
const list = <A>(size: number, one: (place: number) => A): ReadonlyArray<A> =>
  Array.from({ length: size }, (_, place) => one(place))

const batchOf = (size: number): Partial<PlainRequest> => ({
  method: 'POST',
  body: JSON.stringify({
    resourceType: 'Bundle',
    type: 'batch',
    entry: list(size, () => ({ request: { method: 'GET', url: 'Observation/1' } }))
  })
})

const evidenceTypes = 'Observation Condition Encounter Procedure Immunization Goal CarePlan CareTeam Coverage'.split(
  ' '
)

/** Searches for Provenances with these targets, under a profile by which their targets open them. */
const evidenceFor = (
  targets: ReadonlyArray<ReadonlyArray<string>>,
  batched: ((body: string) => ReadonlyArray<unknown>) | null = null,
  bounds: NonNullable<GateOptions['limits']> = {}
) =>
  through(
    'patient/*.rs',
    ({ body, method, path }) =>
      method === 'POST'
        ? batched === null
          ? undefined
          : { resourceType: 'Bundle', type: 'batch-response', entry: batched(body) }
        : path === '/Provenance'
          ? {
              ...empty,
              entry: targets.map((references, id) => ({
                resource: {
                  resourceType: 'Provenance',
                  id: String(id),
                  target: references.map((reference) => ({ reference }))
                }
              }))
            }
          : {
              ...empty,
              entry: [{ resource: { resourceType: 'Observation', id: 'own', subject: { reference: 'Patient/a' } } }]
            },
    { path: '/Provenance' },
    { rules: { accessProfile: 'us-core' }, limits: bounds }
  )
/** The texts of the server's issues that come through when it refuses a new resource with these. */
const issuesShown = async (texts: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  const issue = texts.map((diagnostics) => ({ severity: 'error', code: 'invalid', diagnostics }))
  const server = { answer: () => TaskEither.right(said(422, { resourceType: 'OperationOutcome', issue })) }
  const facts = { clientId: 'app', scopes: parse(all), context: {}, user: null }
  const { body } = await fhirGate(
    { server, policy: defaultPolicy, base },
    facts
  )({ method: 'POST', path: '/Basic', query: '', headers: {}, body: '{"resourceType":"Basic"}' })()
  const shown = JSON.parse(body) as { readonly issue: ReadonlyArray<{ readonly diagnostics?: string }> }
  return shown.issue.slice(0, -1).flatMap(({ diagnostics }) => diagnostics ?? [])
}

/** The last entry that a batch was answered with. */
const lastStatus = ({ response }: { readonly response: PlainResponse }): string => {
  const { entry } = JSON.parse(response.body) as {
    readonly entry: ReadonlyArray<{ readonly response: { readonly status: string } }>
  }
  const status = entry.at(-1)?.response.status ?? ''
  return status === '413' ? status : 'within'
}

/** An Observation whose text has so many characters. */
const observation = (characters: number): string => {
  const bare = '{"resourceType":"Observation","id":"1","x":""}'
  return `${bare.slice(0, -2)}${'x'.repeat(characters - bare.length)}"}`
}

/** A batch that holds one answer and waits for another, and a request that is answered meanwhile. */
const twoAtOnce = async (held: string, answer: string, request: Partial<PlainRequest> = batchOf(1)) => {
  let waiting = 0
  let release = (): void => undefined
  const freed = new Promise<void>((resolve) => {
    release = resolve
  })
  const slow: GateOptions['server'] = {
    answer: () => async () => {
      waiting += 1
      if (waiting === 2) await freed
      return Either.right(said(200, waiting === 1 ? held : observation(100)))
    }
  }
  const quick: GateOptions['server'] = { answer: () => TaskEither.right(said(200, answer)) }
  const facts = { clientId: 'app', scopes: parse(all), context: { patient: 'a' }, user: null }
  const limits = { held: 100_000_000, upstreamAnswer: 100_000_000 }
  const through = (server: GateOptions['server'], one: Partial<PlainRequest>) =>
    fhirGate(
      { server, policy: defaultPolicy, base, limits },
      facts
    )({ method: 'GET', path: '/', query: '', headers: {}, body: '', ...one })()
  const first = through(slow, batchOf(2))
  while (waiting < 2)
    await new Promise((resolve) => {
      setTimeout(resolve, 1)
    })
  const second = await through(quick, request)
  release()
  return { first: await first, second }
}

const entryOf = ({ body }: PlainResponse): { readonly status: string } =>
  (JSON.parse(body) as { readonly entry: readonly [{ readonly response: { readonly status: string } }] }).entry[0]
    .response

const stored =
  (more: object): Answer =>
  ({ method }) => ({ resourceType: 'Observation', id: '1', meta: { versionId: method === 'PUT' ? '2' : '1' }, ...more })

const patching = (operations: ReadonlyArray<unknown>, more: object = {}) =>
  through(all, stored(more), {
    method: 'PATCH',
    path: '/Observation/1',
    headers: { 'content-type': 'application/json-patch+json' },
    body: JSON.stringify(operations)
  })

const searching = async (query: string, scope = all, answer: Answer = () => empty): Promise<string> =>
  statusOf(await through(scope, answer, { path: '/Observation', query }))

/** Two factors of a number, neither of them large. */
const factors = (product: number): readonly [number, number] => {
  const one = list(200, (place) => place + 20).find((factor) => product % factor === 0) ?? 1
  return [one, product / one]
}

/** The bounds of the gate. */
export const fhirShown: ReadonlyArray<ShownLimit> = [
  {
    limit: 'fhirBundleEntries',
    at: 'batch',
    run: async (size) => statusOf(await through(all, () => undefined, batchOf(size))),
    peerResponse: '413'
  },
  {
    limit: 'fhirBundleEntries',
    at: 'transaction',
    run: async (size) => {
      const entry = list(size, (place) => ({ request: { method: 'DELETE', url: `Observation/${String(place)}` } }))
      const body = JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry })
      const { response, requests } = await through(all, () => undefined, { method: 'POST', body })
      return response.status === 413 && requests.length === 0 ? '413' : 'within'
    },
    peerResponse: '413'
  },
  {
    limit: 'fhirUpstreamRequests',
    at: 'batch',
    run: async (size) =>
      lastStatus(await through(all, () => undefined, batchOf(size), { limits: { bundleEntries: 2000 } })),
    peerResponse: '413'
  },
  {
    limit: 'fhirUpstreamAnswer',
    run: async (size) => statusOf(await through(all, () => observation(size), { path: '/Observation/1' })),
    peerResponse: '413'
  },
  {
    limit: 'fhirHeld',
    at: 'batch',
    run: async (size) => {
      const around = '{"response":{"status":"200"},"resource":}'.length
      let isFirst = true
      const half: Answer = () => {
        const text = observation((isFirst ? Math.floor(size / 2) : Math.ceil(size / 2)) - around)
        isFirst = false
        return text
      }
      return lastStatus(await through(all, half, batchOf(2)))
    },
    peerResponse: '413'
  },
  {
    limit: 'fhirHeld',
    at: 'search',
    run: async (size) => {
      const page = (characters: number, link: string): string => {
        const bare = `{"resourceType":"Bundle","type":"searchset","x":"","link":[${link}]}`
        return bare.replace('""', `"${'x'.repeat(characters - bare.length)}"`)
      }
      const answer: Answer = ({ query }) =>
        query === ''
          ? page(Math.floor(size / 2), `{"relation":"next","url":"${base}/Observation?_cursor=2"}`)
          : page(Math.ceil(size / 2), '')
      const filled = await through(
        'patient/*.s',
        ({ query, ...rest }) => answer({ ...rest, query: query.includes('_cursor') ? query : '' }),
        { path: '/Observation', query: 'patient=a' }
      )
      return filled.response.body.includes('"next"') ? 'begins the next page' : statusOf(filled)
    },
    peerResponse: 'begins the next page'
  },
  {
    limit: 'fhirHeldInAll',
    at: 'a batch beside another one',
    run: async (size) => {
      const around = '{"response":{"status":"200"},"resource":}'.length
      const { first, second } = await twoAtOnce(
        observation(Math.floor(size / 2) - around),
        observation(Math.ceil(size / 2) - around)
      )
      const { status } = entryOf(second)
      // The other one is not disturbed, and what was held is free again.
      const { second: afterwards } = await twoAtOnce(observation(100), observation(100))
      return entryOf(first).status === '200' && entryOf(afterwards).status === '200'
        ? status === '200'
          ? 'within'
          : status
        : 'disturbed'
    },
    peerResponse: '503'
  },
  {
    limit: 'fhirHeldInAll',
    at: 'a search beside a batch',
    run: async (size) => {
      const around = '{"response":{"status":"200"},"resource":}'.length
      const { second } = await twoAtOnce(observation(size - 100 - around), JSON.stringify(empty).padEnd(100), {
        path: '/Observation'
      })
      return second.status === 503 && second.headers['retry-after'] !== undefined ? '503' : 'within'
    },
    peerResponse: '503'
  },
  {
    limit: 'fhirHeldInAll',
    at: 'answers that are being read',
    run: async (size) => {
      const holds: Array<PlainRequest['hold']> = []
      const ends: Array<() => void> = []
      const server: GateOptions['server'] = {
        answer:
          ({ hold }) =>
          () =>
            new Promise((resolve) => {
              holds.push(hold)
              ends.push(() => {
                resolve(Either.right(said(200, observation(100))))
              })
            })
      }
      const facts = { clientId: 'app', scopes: parse(all), context: { patient: 'a' }, user: null }
      const read = () =>
        fhirGate(
          { server, policy: defaultPolicy, base },
          facts
        )({ method: 'GET', path: '/Observation/1', query: '', headers: {}, body: '' })()
      const answers = [read(), read()]
      while (holds.length < 2)
        await new Promise((resolve) => {
          setTimeout(resolve, 1)
        })
      holds[0]?.(Math.floor(size / 2))
      holds[1]?.(Math.ceil(size / 2))
      for (const end of ends) end()
      const [first, second] = await Promise.all(answers)
      return first?.status !== 200 ? 'disturbed' : second?.status === 200 ? 'within' : String(second?.status)
    },
    peerResponse: '503'
  },
  {
    limit: 'fhirPageRequests',
    at: 'a page with nothing to show',
    run: async (size) => {
      const hidden = { entry: [{ resource: { resourceType: 'Observation', id: '1' } }] }
      let count = 0
      const pages: Answer = () => ({
        ...empty,
        ...hidden,
        link: (count += 1) < size ? [{ relation: 'next', url: `${base}/Observation?_cursor=${String(count)}` }] : []
      })
      const { response } = await through('patient/*.s', pages, { path: '/Observation', query: 'patient=a' })
      return response.body.includes('"next"') ? 'ends with a link' : 'within'
    },
    peerResponse: 'ends with a link'
  },
  {
    limit: 'fhirPageRequests',
    at: 'a page with nothing to show, with what opens its resources',
    run: async (size) => {
      let count = 0
      const ofOther = { resourceType: 'Provenance', id: '1', target: [{ reference: 'Observation/none' }] }
      const pages: Answer = ({ path }) => {
        if (path !== '/Provenance') return empty
        count += 1
        const link = count < size - 1 ? [{ relation: 'next', url: `${base}/Provenance?_cursor=${String(count)}` }] : []
        return { ...empty, entry: [{ resource: ofOther }], link }
      }
      const { response } = await through(
        'patient/*.s',
        pages,
        { path: '/Provenance' },
        { rules: { accessProfile: 'us-core' } }
      )
      return response.body.includes('"next"') ? 'ends with a link' : 'within'
    },
    peerResponse: 'ends with a link'
  },
  {
    limit: 'fhirPageRequests',
    at: 'the condition of a write',
    run: async (size) => {
      let count = 0
      const pages: Answer = ({ method }) =>
        method === 'POST'
          ? { resourceType: 'Observation', id: '1' }
          : {
              ...empty,
              link:
                (count += 1) < size ? [{ relation: 'next', url: `${base}/Observation?_cursor=${String(count)}` }] : []
            }
      const body = '{"resourceType":"Observation"}'
      const headers = { 'if-none-exist': 'code=1' }
      return statusOf(await through(all, pages, { method: 'POST', path: '/Observation', headers, body }))
    },
    peerResponse: '403'
  },
  {
    limit: 'fhirPageEntries',
    run: async (size) => {
      const { requests } = await through(all, () => empty, { path: '/Observation', query: `_count=${String(size)}` })
      return requests[0]?.query === `_count=${String(size)}` ? 'within' : 'fewer'
    },
    peerResponse: 'fewer'
  },
  {
    limit: 'fhirUnnarrowedEntries',
    run: async (size) => {
      const { requests } = await through('patient/Observation.rs?category=lab', () => empty, {
        path: '/Observation',
        query: '_sort=date&_count=1'
      })
      return requests[0]?.query === `_sort=date&_count=${String(size)}` ? 'within' : 'fewer'
    },
    peerResponse: 'fewer'
  },
  {
    limit: 'fhirPageLink',
    run: async (size) => {
      const nextOf = (length: number, letter: string): string => `/Observation?${letter.repeat(length)}`
      const textOf = (next: string): string => {
        const { pages, mark } = trailAfter(newTrail, next)
        return JSON.stringify(['GET', '/Observation', '', '', '', 0, next, 0, [], pages, mark])
      }
      // The number of an address has not always as many digits.
      const next = list(80, (shorter) => ['x', 'y', 'z', 'a'].map((letter) => nextOf(size - 40 - shorter, letter)))
        .flat()
        .find((one) => textOf(one).length === size)
      const url = `${base}${next ?? ''}`
      const pages: Answer = () => ({ ...empty, link: [{ relation: 'next', url }] })
      return statusOf(await through(all, pages, { path: '/Observation' }))
    },
    peerResponse: '413'
  },
  {
    limit: 'fhirNarrowedRequests',
    run: async (size) => {
      const scope = list(size, (place) => `patient/Patient.s?identifier=${String(place)}`).join(' ')
      const { requests } = await through(scope, () => empty, { path: '/Patient' })
      return requests.some(({ query }) => query.includes('identifier='))
        ? 'within'
        : `${String(requests.length)} request`
    },
    peerResponse: '1 request'
  },
  {
    limit: 'fhirIncludes',
    run: (size) => searching(list(size, (place) => `_include=Observation:p${String(place)}`).join('&')),
    peerResponse: '403'
  },
  {
    limit: 'fhirEvidenceRequests',
    run: async (size) => {
      // A server without batches, and one target of a type of its own in each Provenance.
      const targets = list(size - 1, (place) => [`${evidenceTypes[place] ?? ''}/1`])
      const { requests } = await evidenceFor(targets, null, { pageRequests: 100 })
      const reads = requests.filter(({ method, path }) => method === 'GET' && path !== '/Provenance')
      return reads.length === size - 1 ? 'within' : `${String(reads.length)} request`
    },
    peerResponse: '7 request'
  },
  {
    limit: 'fhirEvidenceItems',
    run: async (size) => {
      const { requests } = await evidenceFor(list(size, (place) => [`Observation/${String(place)}`]))
      // Beyond, a batch is refused, and one search is left for the page.
      return requests.length === 2 ? 'within' : `${String(requests.length)} request`
    },
    peerResponse: '3 request'
  },
  {
    limit: 'fhirEvidenceSearches',
    run: async (size) => {
      const ids = limits.fhirEvidenceItems.default * (size - 1) + 1
      const targets = limits.fhirEvidenceTargets.default
      const { requests } = await evidenceFor(
        list(Math.ceil(ids / targets), (place) =>
          list(Math.min(targets, ids - place * targets), (other) => `Observation/${String(place * targets + other)}`)
        ),
        (body) =>
          (JSON.parse(body) as { readonly entry: ReadonlyArray<unknown> }).entry.map(() => ({ resource: empty }))
      )
      return requests.length === 2 ? 'within' : `${String(requests.length)} request`
    },
    peerResponse: '3 request'
  },
  {
    limit: 'fhirEvidenceTargets',
    run: async (size) => {
      const { response } = await evidenceFor([[...list(size - 1, () => 'Observation/none'), 'Observation/own']])
      return response.body.includes('"Provenance"') ? 'within' : 'hidden'
    },
    peerResponse: 'hidden'
  },
  {
    limit: 'fhirForwardedIssues',
    run: async (size) => ((await issuesShown(list(size, () => 'x'))).length === size ? 'within' : 'fewer'),
    peerResponse: 'fewer'
  },
  {
    limit: 'fhirForwardedText',
    run: async (size) => ((await issuesShown(['x'.repeat(size)])).join('').length === size ? 'within' : 'no text'),
    peerResponse: 'no text'
  },
  {
    limit: 'fhirExportFiles',
    run: async (size) => {
      const file = (place: number) => ({ type: 'Patient', url: `${base}/files/${String(place)}.ndjson` })
      const answer = ({ path }: PlainRequest): PlainResponse =>
        path === '/$export'
          ? { status: 202, headers: { 'content-location': `${base}/status/1` }, body: '' }
          : said(200, { output: list(size, file) })
      const server: GateOptions['server'] = { answer: (request) => TaskEither.right(answer(request)) }
      const facts = { clientId: 'app', scopes: parse(all), context: {}, user: null }
      const ask = (path: string, query: string) =>
        fhirGate(
          { server, policy: defaultPolicy, base },
          facts
        )({ method: 'GET', path, query, headers: {}, body: '' })()
      const { headers } = await ask('/$export', '')
      const [path = '', query = ''] = String(headers['content-location']).slice(base.length).split('?')
      return statusOf({ response: await ask(path, query) })
    },
    peerResponse: '413'
  },
  {
    limit: 'fhirSearchParameters',
    run: (size) => searching(list(size, () => '_tag=1').join('&')),
    peerResponse: '400'
  },
  {
    limit: 'fhirSearchValues',
    run: (size) => searching(`_id=${list(size - 1, String).join(',')}&_tag=1`),
    peerResponse: '400'
  },
  { limit: 'fhirSearchChain', run: (size) => searching(`subject${'.x'.repeat(size - 1)}=1`), peerResponse: '400' },
  {
    limit: 'fhirGrantedComparisons',
    run: async (size) => {
      const [granted, searched] = factors(size)
      const scope = `patient/Observation.s?code=${list(granted, (place) => `a${String(place)}`).join(',')}`
      const query = `code=${list(searched, (place) => `b${String(place)}`).join(',')}`
      const policy = { ...defaultPolicy, granularSearchOutside: 'forbid' } as const
      const { response } = await through(scope, () => empty, { path: '/Observation', query }, { policy })
      return response.status === 403 ? 'within' : 'searched and checked'
    },
    peerResponse: 'searched and checked'
  },
  {
    limit: 'fhirDepth',
    at: 'body',
    run: async (size) => {
      const body = `{"resourceType":"Observation","x":${'['.repeat(size - 1)}${']'.repeat(size - 1)}}`
      return statusOf(await through(all, ({ body: sent }) => sent, { method: 'POST', path: '/Observation', body }))
    },
    peerResponse: '400'
  },
  {
    limit: 'fhirPatchOperations',
    run: async (size) => statusOf(await patching(list(size, () => ({ op: 'test', path: '/id', value: '1' })))),
    peerResponse: '413'
  },
  {
    limit: 'fhirPatchPointer',
    run: async (size) =>
      (await patching([{ op: 'add', path: '/a'.repeat(size), value: 1 }])).response.status === 400 ? '400' : 'within',
    peerResponse: '400'
  },
  {
    limit: 'fhirPatchLooked',
    run: (size) => {
      // One path that looks at all items of a list, and at nothing else.
      const patient = { resourceType: 'Patient', telecom: list(size - 1, () => 0) }
      const part = [
        { name: 'type', valueCode: 'delete' },
        { name: 'path', valueString: 'Patient.telecom' }
      ]
      const patched = applyFhirPathPatch(patient, {
        resourceType: 'Parameters',
        parameter: [{ name: 'operation', part }]
      })
      // Several elements are selected, so that within the limit the operation does not apply.
      const because = 'left' in patched && patched.left._tag === 'PatchError' ? patched.left.because : ''
      return Promise.resolve(because === 'no-such-place' ? 'within' : because)
    },
    peerResponse: 'too-large'
  },
  {
    limit: 'fhirPatchCopied',
    run: async (size) =>
      statusOf(await patching([{ op: 'copy', from: '/x', path: '/y' }], { x: 'x'.repeat(size - 1) })),
    peerResponse: '413'
  }
]
