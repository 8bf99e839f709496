/** The attacks on what the gate hands out: links of pages, and the addresses of export jobs and files. */
import { expect } from 'vitest'
import type { BulkServer } from '../../support/fhir/bulk-server.js'
import { bulkServer } from '../../support/fhir/bulk-server.js'
import { factsFor } from '../../support/fhir/behind-gate.js'
import { base, fakeServer } from '../../support/fhir-fixture.js'
import { gateRow, variant } from './gate-rows.js'
import type { AttackRow } from '../row.js'
import type { GateOptions } from '../../../src/engine/resource/gate-context.js'
import { fhirGate } from '../../../src/engine/resource/fhir-gate.js'
import { pageLinksWith } from '../../../src/engine/resource/page-links.js'
import type { AccessFacts } from '../../../src/protocol/access/alternatives.js'
import type { PlainRequest, PlainResponse } from '../../../src/protocol/http/message.js'
import { defaultPolicy } from '../../../src/protocol/policy/policy.js'

const read = 'patient/*.rs'
const anotherUser: Partial<AccessFacts> = { user: { sub: 'other', fhirUser: null, authTime: 0 } }

type Ask = (
  facts: AccessFacts,
  url: string,
  more?: Partial<PlainRequest>,
  options?: Partial<GateOptions>
) => Promise<PlainResponse>

/** Sends requests to a gate before a server. */
const asking =
  (server: GateOptions['server'], aliases: ReadonlyArray<string> = []): Ask =>
  (facts, url, more = {}, options = {}) => {
    const [path = '', query = ''] = url.replace(options.base ?? base, '').split('?')
    return fhirGate(
      { server, policy: defaultPolicy, base, aliases, ...options },
      facts
    )({ method: 'GET', path: path === '' ? '/' : path, query, headers: {}, body: '', ...more })()
  }

/** A world in which patient a's first page was read, and its link. */
const paged = async (options: Partial<GateOptions> = {}) => {
  const fake = fakeServer(undefined, 3)
  const sent: Array<PlainRequest> = []
  const ask = asking({
    answer: (request) => {
      sent.push(request)
      return fake.answer(request)
    }
  })
  const first = await ask(factsFor(read), '/Observation?patient=a', {}, options)
  const link = /"relation":"next","url":"([^"]+)"/.exec(first.body)?.[1] ?? ''
  expect(link).toMatch(/\?_page=/)
  sent.length = 0
  return { ask, link, sent, closed: await ask(factsFor(read), `${base}/?_page=${'A'.repeat(80)}`) }
}

const closedFor = (name: string, facts: AccessFacts) =>
  variant(name, async () => {
    const { ask, closed, link, sent } = await paged()
    expect([closed.status, await ask(facts, link), sent]).toEqual([410, closed, []])
    expect((await ask(factsFor(read), link)).status).toBe(200)
  })

const changesOf = (text: string): ReadonlyArray<string> =>
  Array.from(text, (letter, at) => `${text.slice(0, at)}${letter === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`)

const bulkAddress = 'http://10.0.0.1/r4'
const laboratory = 'system/Observation.rs?category=laboratory'
const service = (scope: string, more: Partial<AccessFacts> = {}): AccessFacts => ({
  ...factsFor(scope),
  clientId: 'service',
  context: {},
  ...more
})

/** A world in which an export is done, the address of its job, and that of a file. */
const exported = async () => {
  const bulk: BulkServer = bulkServer({ address: bulkAddress })
  const ask = asking(bulk.server, [bulkAddress])
  const facts = service(`${laboratory} system/Condition.rs`)
  const started = await ask(facts, '/$export', { headers: { prefer: 'respond-async' } })
  const job = String(started.headers['content-location'])
  await ask(facts, job)
  const file = /"url":"([^"]+)"/.exec((await ask(facts, job)).body)?.[1] ?? ''
  expect([job, file].every((url) => url.startsWith(`${base}/$gate-`))).toBe(true)
  bulk.requests.length = 0
  return { ask, facts, job, file, sent: bulk.requests }
}

const exportClosedFor = (name: string, facts: AccessFacts, status: number) =>
  variant(name, async () => {
    const { ask, facts: own, file, job, sent } = await exported()
    const answers = [await ask(facts, job), await ask(facts, file), await ask(facts, job, { method: 'DELETE' })]
    expect([answers.map((one) => one.status), sent]).toEqual([[status, status, status], []])
    expect((await ask(own, file)).status).toBe(200)
  })

export const linkRows: ReadonlyArray<AttackRow> = [
  gateRow('FHR-54', [
    closedFor('another client', { ...factsFor(read), clientId: 'other' }),
    closedFor('another user', { ...factsFor(read), ...anotherUser }),
    closedFor('another patient', { ...factsFor(read), context: { patient: 'b' } }),
    closedFor('narrower scopes', factsFor('patient/Observation.rs')),
    closedFor('more scopes', factsFor(`${read} patient/*.u`))
  ]),
  gateRow('FHR-55', [
    variant('one character, at any place', async () => {
      const { ask, closed, link, sent } = await paged()
      const at = link.indexOf('=') + 1
      for (const changed of changesOf(link.slice(at)).slice(0, -1))
        expect(await ask(factsFor(read), link.slice(0, at) + changed)).toEqual(closed)
      expect(sent).toEqual([])
    }),
    variant('truncated, extended, and of another form', async () => {
      const { ask, closed, link, sent } = await paged()
      const others = [link.slice(0, -4), link.slice(0, -40), `${link}A`, `${link}AAAA`, `${link}%00`]
      for (const changed of others) expect(await ask(factsFor(read), changed)).toEqual(closed)
      expect(sent).toEqual([])
    }),
    variant('of another base, under the same key', async () => {
      const pageLinks = pageLinksWith('k'.repeat(32))
      const { ask, link, sent } = await paged({ pageLinks })
      const other = 'https://ehr.example/other'
      const moved = await ask(factsFor(read), link.replace(base, other), {}, { pageLinks, base: other })
      expect([moved.status, sent]).toEqual([410, []])
      expect((await ask(factsFor(read), link, {}, { pageLinks })).status).toBe(200)
    }),
    ...['patient=b', '_count=1000', '_include=Observation:performer', '_type=Patient'].map((more) =>
      variant(`with ${more} beside it`, async () => {
        for (const scope of [read, 'system/*.cruds']) {
          const { ask, link, sent } = await paged()
          const answer = await ask(factsFor(scope), `${link}&${more}`)
          expect([answer.status >= 400, answer.body.includes('"entry"'), sent]).toEqual([true, false, []])
        }
      })
    ),
    variant('twice in one query', async () => {
      const { ask, link, sent } = await paged()
      const answer = await ask(factsFor(read), `${link}&_page=${link.slice(link.indexOf('=') + 1)}`)
      expect([answer.status >= 400, sent]).toEqual([true, []])
    }),
    variant('by POST _search, and below a type', async () => {
      const { ask, link, sent } = await paged()
      const body = link.slice(link.indexOf('?') + 1)
      const form = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body }
      for (const [url, more] of [
        ['/_search', form],
        ['/Observation/_search', form],
        [`/Observation?${body}`, {}],
        [`/Patient/a/Observation?${body}`, {}]
      ] as const) {
        const answer = await ask(factsFor(read), url, more)
        expect([url, answer.status >= 400, answer.body.includes('"entry"')]).toEqual([url, true, false])
      }
      expect(sent).toEqual([])
    })
  ]),
  gateRow('FHR-56', [
    exportClosedFor('another client', service(`${laboratory} system/Condition.rs`, { clientId: 'other' }), 404),
    exportClosedFor('another user', service(`${laboratory} system/Condition.rs`, anotherUser), 404),
    exportClosedFor('narrower scopes', service(laboratory), 403),
    variant('one character changed, truncated, extended', async () => {
      const { ask, facts, file, job, sent } = await exported()
      for (const url of [job, file]) {
        const at = url.indexOf('=') + 1
        const others = [...changesOf(url.slice(at)).slice(0, -1), url.slice(at, -4), `${url.slice(at)}AAAA`]
        for (const changed of others) expect((await ask(facts, url.slice(0, at) + changed)).status).toBe(404)
      }
      expect(sent).toEqual([])
    }),
    variant("the job's address as that of a file, and the other way round", async () => {
      const { ask, facts, file, job, sent } = await exported()
      const [asFile, asJob] = [job.replace('$gate-job', '$gate-file'), file.replace('$gate-file', '$gate-job')]
      expect([(await ask(facts, asFile)).status, (await ask(facts, asJob)).status, sent]).toEqual([404, 404, []])
    })
  ])
]

/** Whoever started it goes on. */
export const linkControl = variant('the own pages, job and file are opened', async () => {
  const { ask, link } = await paged()
  expect((await ask(factsFor(read), link)).body).toContain('"entry"')
  const own = await exported()
  expect([(await own.ask(own.facts, own.file)).status, (await own.ask(own.facts, own.job)).status]).toEqual([200, 200])
})
