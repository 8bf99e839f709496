/** Kills an engine before and after each operation of each kind of request, and presents the same to the other. */
import type { Recorded, RecordingClients, Reply } from './clients.js'
import { grantOf } from './clients.js'
import type { Cluster, LastingProcess } from './processes.js'
import type { GrantFacts, WorkloadFacts } from './workload.js'

/** One request that is killed at each of its steps. */
interface KilledRequest {
  readonly name: string
  /** Makes what the request presents. */
  readonly prepare: (engine: LastingProcess) => Promise<string | null>
  readonly send: (engine: LastingProcess, subject: string, killAt?: string) => Promise<Recorded>
  /** Whether what it presents is used up by success. */
  readonly redeems: boolean
}

/** What was done and found. */
export interface KillSteps {
  /** How often an engine was killed, by kind of request. */
  readonly kills: Readonly<Record<string, number>>
  readonly broken: ReadonlyArray<string>
  readonly facts: WorkloadFacts
}

/** No request has more operations. */
const mostOperations = 20

const member = (name: string, reply: Reply): string | null => {
  const value = reply.body[name]
  return typeof value === 'string' ? value : null
}

/** Which requests are killed: those of the token endpoint and its neighbors, or all of them. */
export type KilledKinds = 'token endpoint' | 'all'

/** The number of the requests around the token endpoint; they come first. */
const atTokenEndpoint = 4

/** Kills engines at every step of the requests. */
export const killAtEachStep = async (
  { engines }: Pick<Cluster, 'engines'>,
  clients: RecordingClients,
  kinds: KilledKinds
): Promise<KillSteps> => {
  const grants = new Map<string, GrantFacts>()
  const registered = new Map<string, Recorded>()
  const broken: Array<string> = []
  const kills: Record<string, number> = {}
  const redeemed: Array<(engine: LastingProcess) => Promise<Recorded>> = []

  const factsOf = (lineage: string): GrantFacts => {
    const known = grants.get(lineage)
    if (known !== undefined) return known
    const facts: GrantFacts = { lineage, accessTokens: [], refreshTokens: [], isCertain: false, isEnded: false }
    grants.set(lineage, facts)
    return facts
  }
  const keepTokens = (lineage: string, reply: Reply): void => {
    const [access, refresh] = [member('access_token', reply), member('refresh_token', reply)]
    if (access !== null) factsOf(lineage).accessTokens.push(access)
    if (refresh !== null) factsOf(lineage).refreshTokens.push(refresh)
  }
  const newRefreshToken = async (engine: LastingProcess): Promise<string | null> => {
    const code = await clients.newCode(engine)
    if (code === null) return null
    const answer = await clients.redeem(engine, code)
    keepTokens(grantOf(code), answer)
    return member('refresh_token', answer)
  }
  let names = 0
  const requests: ReadonlyArray<KilledRequest> = [
    { name: 'code exchange', prepare: clients.newCode, send: clients.redeem, redeems: true },
    { name: 'refresh', prepare: newRefreshToken, send: clients.refresh, redeems: true },
    { name: 'revocation', prepare: newRefreshToken, send: clients.revoke, redeems: false },
    {
      name: 'assertion',
      prepare: () => Promise.resolve(clients.newAssertion()),
      send: clients.assert,
      redeems: true
    },
    { name: 'launch and consent', prepare: clients.newLaunch, send: clients.launch, redeems: true },
    {
      name: 'registration',
      prepare: () => Promise.resolve(`killed${String((names += 1))}`),
      send: clients.register,
      redeems: false
    },
    {
      name: 'removal of a registration',
      prepare: async (engine) => {
        const answer = await clients.register(engine, `removed${String((names += 1))}`)
        const clientId = member('client_id', answer)
        if (clientId !== null) registered.set(clientId, answer)
        return clientId
      },
      send: (engine, clientId, killAt) => {
        const answer = registered.get(clientId)
        if (answer === undefined) throw new Error(`${clientId} was not registered`)
        return clients.removeRegistration(engine, answer, killAt)
      },
      redeems: false
    }
  ]

  let turn = 0
  /** Whether the request has a step of that number. */
  const killAt = async ({ name, prepare, send, redeems }: KilledRequest, point: string): Promise<boolean> => {
    turn += 1
    const [first, second] = engines
    const [victim, witness] = turn % 2 === 0 ? [first, second] : [second, first]
    await Promise.all([victim.ready(), witness.ready()])
    const restarts = victim.restarts()
    const subject = await prepare(witness)
    if (subject === null) throw new Error(`${name}: nothing to present`)
    const answer = await send(victim, subject, point)
    keepTokens(grantOf(subject), answer)
    if (redeems && answer.outcome === 'ok') redeemed.push((engine) => send(engine, subject))
    if (answer.status !== 0) return false
    kills[name] = (kills[name] ?? 0) + 1
    const again = await send(witness, subject)
    keepTokens(grantOf(subject), again)
    if (redeems && again.outcome === 'ok') redeemed.push((engine) => send(engine, subject))
    if (point === 'before 1' && again.outcome !== 'ok')
      broken.push(`${name}: killed before its first operation, it did not succeed at the other engine`)
    if (again.outcome === 'info') broken.push(`${name}: killed ${point}, the other engine did not answer`)
    await victim.ready(restarts + 1)
    return true
  }
  for (const request of requests.slice(0, kinds === 'all' ? requests.length : atTokenEndpoint)) {
    for (let operation = 1; operation <= mostOperations; operation++) {
      const hasStep = await killAt(request, `before ${String(operation)}`)
      if (!hasStep) break
      await killAt(request, `after ${String(operation)}`)
    }
  }
  return {
    kills,
    broken,
    facts: { grants: [...grants.values()], registrations: [], races: {}, redeemed }
  }
}
