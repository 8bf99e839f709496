/**
 * What a request costs the server: processor time of a child process that serves. This process sends the requests over
 * keep-alive connections. The opponents take turns, round by round; the ratio of a round is to the first opponent in
 * the same round.
 */
import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Connection } from './connection.js'
import { get, open, post } from './connection.js'
import type { Job } from './job.js'
import { authorization, backendForm, checkAnswer, checkIntrospection, formOf } from './job.js'
import type { Signer } from './assertions.js'
import { signerOf } from './assertions.js'
import type { Question, Saying } from './serve.js'
import type { Measured } from '../harness.js'

/** A row of the report. */
export interface HttpRow {
  readonly title: string
  readonly job: Job
  /** Who is compared with whom: in each list, the first is what the others are compared with. */
  readonly comparisons: ReadonlyArray<ReadonlyArray<string>>
  readonly requestsPerRound: number
  /** The largest permitted ratio. */
  readonly target: number
}

const connectionsPerServer = 8

/** Each connection refreshes so many grants in turn: no grant has a long past, which some stores would pay for. */
const grantsPerConnection = 128

/** Requests that are not counted: so many until the machine code of every opponent is what it will be. */
const warmUpRequests = 6000

interface Contender {
  readonly name: string
  readonly child: ChildProcess
  readonly path: string
  readonly connections: ReadonlyArray<Connection>
  /** The refresh tokens that are good now; connections take turns in the list. */
  readonly tokens: Array<string>
  /** Codes that nobody has used yet. */
  readonly codes: Array<string>
  /** Assertions that nobody has shown yet. */
  readonly assertions: Array<string>
}

const hear = async <Tag extends Saying['_tag']>(
  child: ChildProcess,
  tag: Tag
): Promise<Extract<Saying, { readonly _tag: Tag }>> => {
  const [saying] = (await once(child, 'message')) as [Saying]
  if (saying._tag !== tag) throw new Error(`${saying._tag} instead of ${tag}`)
  return saying as Extract<Saying, { readonly _tag: Tag }>
}

const ask = <Tag extends Saying['_tag']>(child: ChildProcess, question: Question, tag: Tag) => {
  child.send(question)
  return hear(child, tag)
}

const seed = async (child: ChildProcess, count: number): Promise<Array<string>> => [
  ...(await ask(child, { _tag: 'Seed', count }, 'Seeded')).seeds
]

const start = async (name: string, job: Job, codesNeeded: number): Promise<Contender> => {
  const execArgv = ['--import', 'tsx']
  const child = fork(join(import.meta.dirname, 'serve.ts'), [name, JSON.stringify(job)], {
    execArgv,
    env: { ...process.env, NODE_ENV: 'production' }
  })
  const { port, path } = await hear(child, 'Ready')
  const connections = await Promise.all(Array.from({ length: connectionsPerServer }, () => open(port)))
  const tokens =
    job.requested === 'refresh' || job.requested === 'introspection'
      ? await seed(child, connectionsPerServer * grantsPerConnection)
      : []
  const codes = job.requested === 'exchange' ? await seed(child, codesNeeded) : []
  return { name, child, path, connections, tokens, codes, assertions: [] }
}

const stop = ({ child, connections }: Contender): void => {
  for (const connection of connections) connection.close()
  child.disconnect()
}

/** One connection does its share of a round. */
const work = async (contender: Contender, index: number, job: Job, count: number): Promise<void> => {
  const connection = contender.connections[index]
  if (connection === undefined) return
  for (let done = 0; done < count; done++) {
    if (job.requested === 'discovery') {
      await connection.ask(get(contender.path))
      continue
    }
    if (job.requested === 'backend') {
      checkAnswer(job, await connection.ask(post(contender.path, null, backendForm(contender.assertions.pop() ?? ''))))
      continue
    }
    const place = index + connectionsPerServer * (done % grantsPerConnection)
    const token = (job.requested === 'exchange' ? contender.codes.pop() : contender.tokens[place]) ?? ''
    const body = await connection.ask(post(contender.path, authorization, formOf(job, token)))
    if (job.requested === 'introspection') {
      checkIntrospection(job, body)
      continue
    }
    contender.tokens[place] = checkAnswer(job, body).refresh_token ?? ''
  }
}

/**
 * Looks for answers without sleeping until the work is done. Whoever sends to a process that sleeps pays for waking it,
 * and this process falls asleep the sooner, the slower the server is: without it, the slower server pays for its
 * clients' sleep.
 */
const awake = async <Result>(work: Promise<Result>): Promise<Result> => {
  let isDone = false
  const look = (): void => {
    if (!isDone) setImmediate(look)
  }
  look()
  try {
    return await work
  } finally {
    isDone = true
  }
}

/** Microseconds of processor time per request in one round. */
const round = async (contender: Contender, { job, make }: Signer, requestsPerRound: number): Promise<number> => {
  const count = Math.ceil(requestsPerRound / connectionsPerServer)
  contender.assertions.push(...(await make(count * connectionsPerServer)))
  await ask(contender.child, { _tag: 'Begin' }, 'Begun')
  await awake(Promise.all(contender.connections.map((_, index) => work(contender, index, job, count))))
  const { microseconds } = await ask(contender.child, { _tag: 'End' }, 'Ended')
  return microseconds / (count * connectionsPerServer)
}

/** Runs a row: for each comparison and each opponent in it, the cost of a request in each round. */
export const measure = async (row: HttpRow, rounds: number): Promise<ReadonlyArray<ReadonlyArray<Measured>>> => {
  const contenders: Array<Contender> = []
  const warmUpRounds = Math.ceil(warmUpRequests / row.requestsPerRound)
  const codesNeeded = (warmUpRounds + rounds) * (row.requestsPerRound + connectionsPerServer)
  const signer = await signerOf(row.job)
  try {
    for (const name of new Set(row.comparisons.flat())) contenders.push(await start(name, signer.job, codesNeeded))
    const measured = contenders.map(({ name }) => ({ name, times: new Array<number>() }))
    for (let turn = -warmUpRounds; turn < rounds; turn++) {
      for (const [index, contender] of contenders.entries()) {
        const time = await round(contender, signer, row.requestsPerRound)
        if (turn >= 0) measured[index]?.times.push(time)
      }
    }
    return row.comparisons.map((names) => names.flatMap((name) => measured.filter((one) => one.name === name)))
  } finally {
    contenders.forEach(stop)
  }
}
