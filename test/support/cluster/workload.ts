/**
 * What the clients of a cluster do: one lineage after the other, each raced on both engines in another way. A lineage
 * is a grant, an assertion, a launch handle or a registration.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Recorded, RecordingClients, Reply } from './clients.js'
import { grantOf } from './clients.js'
import type { Cluster, LastingProcess } from './processes.js'

/** What the clients know of a grant at the end. */
export interface GrantFacts {
  readonly lineage: string
  readonly accessTokens: Array<string>
  readonly refreshTokens: Array<string>
  /** Whether every request that could change it was answered. */
  isCertain: boolean
  /** Whether a revocation, a replay or a reuse was answered. */
  isEnded: boolean
}

/** What the clients know of a registration at the end. */
export interface RegistrationFacts {
  readonly registered: Reply
  readonly removed: 'no' | 'yes' | 'unknown'
}

/** What the clients know at the end. */
export interface WorkloadFacts {
  readonly grants: ReadonlyArray<GrantFacts>
  readonly registrations: ReadonlyArray<RegistrationFacts>
  /** What was presented to both engines at once, by kind. */
  readonly races: Readonly<Record<string, number>>
  /** What was redeemed, with the way to present it again. */
  readonly redeemed: ReadonlyArray<(engine: LastingProcess) => Promise<Recorded>>
}

/** How much is done. */
export interface WorkloadOptions {
  /** How many lineages are worked on at the same time. */
  readonly workers: number
  /** The fewest lineages. */
  readonly lineages: number
  /** How long lineages begin at least, in milliseconds. */
  readonly milliseconds: number
  /** The kinds of lineages, in turn. Default: all. */
  readonly kinds?: ReadonlyArray<LineageKind>
}

/** How a lineage is raced. */
export type LineageKind = 'code' | 'chain' | 'refresh' | 'revocation' | 'assertion' | 'launch' | 'registration'

/** Nothing but races; most of them of the cheapest kind. */
export const raceKinds: ReadonlyArray<LineageKind> = [
  'assertion',
  'assertion',
  'assertion',
  'code',
  'assertion',
  'assertion',
  'launch',
  'assertion',
  'assertion',
  'refresh'
]

/** A slow machine gets so much more time for the fewest lineages, in milliseconds. */
const longestDelay = 120_000

export const lineageKinds: ReadonlyArray<LineageKind> = [
  'code',
  'chain',
  'refresh',
  'revocation',
  'assertion',
  'launch',
  'registration'
]

const textOf = ({ body }: Reply, name: string): string | null => {
  const value = body[name]
  return typeof value === 'string' ? value : null
}

/** Asks for something until there is an answer, at one engine after the other. */
const insist = async <Answer>(
  engines: Cluster['engines'],
  ask: (engine: LastingProcess) => Promise<Answer | null>
): Promise<Answer | null> => {
  for (let tried = 0; tried < 40; tried++) {
    const answer = await ask(engines[tried % 2] ?? engines[0])
    if (answer !== null) return answer
    await pause(100)
  }
  return null
}

/** Runs the workload. */
export const runWorkload = async (
  { engines }: Pick<Cluster, 'engines'>,
  clients: RecordingClients,
  { workers, lineages, milliseconds, kinds = lineageKinds }: WorkloadOptions
): Promise<WorkloadFacts> => {
  const grants: Array<GrantFacts> = []
  const registrations: Array<RegistrationFacts> = []
  const redeemed: Array<(engine: LastingProcess) => Promise<Recorded>> = []
  const races: Record<string, number> = {}
  const [first, second] = engines
  const other = (engine: LastingProcess): LastingProcess => (engine === first ? second : first)

  /** Presents something to both engines at once; where none says yes for certain, once more. */
  const race = async (
    name: string,
    present: (engine: LastingProcess) => Promise<Recorded>
  ): Promise<ReadonlyArray<Recorded>> => {
    races[name] = (races[name] ?? 0) + 1
    const answers = await Promise.all([present(first), present(second)])
    if (answers.some(({ outcome }) => outcome === 'ok')) redeemed.push(present)
    return answers.some(({ outcome }) => outcome === 'info') ? [...answers, await present(second)] : answers
  }

  /** What a request that changes a grant says about it. */
  const note = (grant: GrantFacts, recorded: Recorded): void => {
    if (recorded.outcome === 'info') grant.isCertain = false
    if (recorded.outcome !== 'ok') return
    const [access, refresh] = [textOf(recorded, 'access_token'), textOf(recorded, 'refresh_token')]
    if (access !== null) grant.accessTokens.push(access)
    if (refresh !== null) grant.refreshTokens.push(refresh)
  }

  const newGrant = async (): Promise<readonly [GrantFacts, string] | null> => {
    const code = await insist(engines, clients.newCode)
    if (code === null) return null
    const grant: GrantFacts = {
      lineage: grantOf(code),
      accessTokens: [],
      refreshTokens: [],
      isCertain: true,
      isEnded: false
    }
    grants.push(grant)
    return [grant, code]
  }

  /** A grant that was refreshed a few times, each time at the other engine, with its tokens introspected. */
  const chain = async (engine: LastingProcess): Promise<readonly [GrantFacts, string] | null> => {
    const made = await newGrant()
    if (made === null) return null
    const [grant, code] = made
    const present = (at: LastingProcess): Promise<Recorded> => clients.redeem(at, code)
    const answer = await present(engine)
    note(grant, answer)
    if (answer.outcome === 'ok') redeemed.push(present)
    for (let turn = 0; turn < 2 && grant.isCertain; turn++) {
      const token = grant.refreshTokens.at(-1)
      const access = grant.accessTokens.at(-1)
      if (token === undefined || access === undefined) return null
      const at = turn % 2 === 0 ? other(engine) : engine
      await clients.introspect(at, access)
      note(grant, await clients.refresh(at, token))
    }
    const token = grant.refreshTokens.at(-1)
    return token === undefined || !grant.isCertain ? null : [grant, token]
  }

  /** Every token of a grant is introspected at both engines. */
  const introspectAll = async ({ accessTokens, refreshTokens }: GrantFacts): Promise<void> => {
    for (const token of [...accessTokens.slice(-1), ...refreshTokens.slice(-1)]) {
      await clients.introspect(first, token)
      await clients.introspect(second, token)
    }
  }

  const refused = (answers: ReadonlyArray<Recorded>): boolean =>
    answers.some(({ outcome }) => outcome === 'ok') && answers.some(({ outcome }) => outcome === 'fail')

  const lineage: Readonly<Record<LineageKind, (engine: LastingProcess, number: number) => Promise<void>>> = {
    code: async () => {
      const made = await newGrant()
      if (made === null) return
      const [grant, code] = made
      const answers = await race('code', (engine) => clients.redeem(engine, code))
      for (const answer of answers) note(grant, answer)
      grant.isEnded = refused(answers)
      await introspectAll(grant)
    },
    chain: async (engine) => {
      await chain(engine)
    },
    refresh: async (engine) => {
      const made = await chain(engine)
      if (made === null) return
      const [grant, token] = made
      const answers = await race('refresh token', (at) => clients.refresh(at, token))
      for (const answer of answers) note(grant, answer)
      grant.isEnded = refused(answers)
      await introspectAll(grant)
    },
    revocation: async (engine) => {
      const made = await chain(engine)
      if (made === null) return
      const [grant, token] = made
      const [refresh, revocation] = await Promise.all([
        clients.refresh(engine, token),
        clients.revoke(other(engine), token)
      ])
      note(grant, refresh)
      note(grant, revocation)
      // The refresh may have made the revoked token an old one; the revocation ends the grant all the same.
      grant.isEnded = revocation.outcome === 'ok'
      await introspectAll(grant)
    },
    assertion: async () => {
      const assertion = clients.newAssertion()
      await race('assertion', (engine) => clients.assert(engine, assertion))
    },
    launch: async () => {
      const handle = await insist(engines, clients.newLaunch)
      if (handle !== null) await race('launch', (engine) => clients.launch(engine, handle))
    },
    registration: async (engine, number) => {
      const registered = await clients.register(engine, `c${String(number)}`)
      if (registered.outcome !== 'ok') return
      await clients.readRegistration(other(engine), registered)
      if (number % 2 === 0) {
        registrations.push({ registered, removed: 'no' })
        return
      }
      const removal = await clients.removeRegistration(other(engine), registered)
      registrations.push({ registered, removed: removal.outcome === 'ok' ? 'yes' : 'unknown' })
    }
  }

  const until = Date.now() + milliseconds
  const latest = until + longestDelay
  let begun = 0
  const work = async (): Promise<void> => {
    while ((begun < lineages || Date.now() < until) && Date.now() < latest) {
      const number = begun++
      const kind = kinds[number % kinds.length] ?? 'code'
      await lineage[kind](number % 2 === 0 ? first : second, number)
      // A process that was killed needs a moment; without one, a whole workload would meet closed doors.
      if (engines.some((engine) => engine.base() === '')) await pause(20)
    }
  }
  await Promise.all(Array.from({ length: workers }, work))
  return { grants, registrations, races, redeemed }
}
