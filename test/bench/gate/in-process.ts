/** The gate as a function, over reading and printing the same page. */
import { base, factsOf, page, search, serverOf, tokens } from './pages.js'
import { compare, compareLeast } from '../harness.js'
import { fhirGate } from '../../../src/engine/resource/fhir-gate.js'
import { decide } from '../../../src/protocol/access/decision.js'
import { interactionOf } from '../../../src/protocol/access/read-interaction.js'
import { defaultPolicy } from '../../../src/protocol/policy/policy.js'

const targets: ReadonlyArray<number> = [1.3, 1.8, 2.2]

/** Judging a page, and what it costs in upstream requests for few and for many matches. */
export const measureInProcess = async (rounds: number): Promise<void> => {
  const text = page(50, 1000)
  const opponents = tokens.map(([name, scope]) => {
    const { server } = serverOf(text)
    const facts = factsOf(scope)
    const gate = fhirGate({ server, policy: defaultPolicy, base }, facts)
    return { name, job: () => gate(search)() }
  })
  const floor = {
    name: 'JSON.parse and JSON.stringify',
    job: async () => Promise.resolve(JSON.stringify(JSON.parse(text)))
  }
  await compareLeast(
    {
      title: `A page of 50 Observations through the gate as a function (${String(text.length)} characters)`,
      opponents: [floor, ...opponents],
      jobsPerRound: 60
    },
    rounds
  )
  console.log(`  targets of this project: ratios ${targets.map((one) => one.toFixed(1)).join(', ')} at most`)
  console.log('\nUpstream requests for one page (target of this project: 1, 1 and 2 at most)')
  for (const [name, scope] of tokens) {
    const needed: Array<number> = []
    for (const matches of [100, 100_000]) {
      const { counted, server } = serverOf(page(50, matches))
      await fhirGate({ server, policy: defaultPolicy, base }, factsOf(scope))(search)()
      needed.push(counted.requests)
    }
    console.log(`  ${name.padEnd(48)} ${String(needed[0])} of 100 matches, ${String(needed[1])} of 100,000`)
  }
}

/** Deciding alone, over reading the same request as JSON. */
export const measureDecisions = async (rounds: number): Promise<void> => {
  const texts = tokens.map(([, scope]) => ({ facts: factsOf(scope), text: JSON.stringify(search) }))
  const each = 1000
  const repeat = (job: (facts: ReturnType<typeof factsOf>, text: string) => unknown) => async () => {
    for (let count = 0; count < each; count += 1) {
      const { facts, text } = texts[count % texts.length] ?? { facts: factsOf(''), text: '{}' }
      job(facts, text)
    }
    return Promise.resolve()
  }
  const decided = repeat((facts) => decide(defaultPolicy, facts, interactionOf(search, base), {}))
  await compare(
    {
      title: `decide, ${String(each)} triples of scopes, context and request`,
      opponents: [
        { name: 'JSON.parse of the request', job: repeat((_facts, text) => JSON.parse(text)) },
        { name: 'interactionOf and decide', job: decided }
      ],
      jobsPerRound: 10
    },
    rounds
  )
  const start = process.hrtime.bigint()
  for (let count = 0; count < 20; count += 1) await decided()
  const seconds = Number(process.hrtime.bigint() - start) / 1e9
  console.log(`  ${((20 * each) / seconds).toFixed(0)} triples a second (floor of this project: 10,000)`)
}

/** The heap that requests hold while they wait for their page link, in pages. */
export const measureHeld = async (): Promise<void> => {
  const collect = (globalThis as { readonly gc?: () => void }).gc
  if (collect === undefined) {
    console.log('\nHeap per request in flight: left out (needs node --expose-gc)')
    return
  }
  const flying = 200
  console.log(`\nHeap per request in flight (${String(flying)} requests; target of this project: 3 pages at most)`)
  for (const [name, scope] of tokens) {
    const ends: Array<() => void> = []
    const pageLinks = {
      seal: () => async () =>
        new Promise<never>((_, reject) => {
          ends.push(() => {
            reject(new Error('over'))
          })
        }),
      open: () => async () => Promise.reject(new Error('over'))
    }
    const text = page(50, 1000)
    const copies = (): string => Buffer.from(text).toString()
    const server = {
      answer: () => async () =>
        Promise.resolve({ _tag: 'Right' as const, right: { status: 200, headers: {}, body: copies() } })
    }
    const gate = fhirGate(
      { server, policy: defaultPolicy, base, pageLinks, limits: { heldInAll: 1e9 } },
      factsOf(scope)
    )
    collect()
    const before = process.memoryUsage().heapUsed
    const answers = Array.from({ length: flying }, () => gate(search)())
    while (ends.length < flying)
      await new Promise((resolve) => {
        setImmediate(resolve)
      })
    collect()
    const held = (process.memoryUsage().heapUsed - before) / flying / text.length
    for (const end of ends) end()
    await Promise.all(answers)
    console.log(`  ${name.padEnd(48)} ${held.toFixed(2)} pages`)
  }
}
