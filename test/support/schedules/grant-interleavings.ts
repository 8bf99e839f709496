/**
 * Meetings around one grant: an app, the user's browser, a thief and the host act on it at the same time, on two
 * servers that share a store, and a watcher writes down the facts.
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { Actors, Observation, Scenario, Corruption, GrantStage } from './grant-actors.js'
import {
  approved,
  begin,
  codeIn,
  newScenario,
  recordFacts,
  observation,
  redeem,
  renew,
  revoke,
  take
} from './grant-actors.js'
import type { Facts } from './invariants.js'
import { broken, noFacts } from './invariants.js'
import type { Written } from './schedules.js'
import type { KnownInterleaving } from './states.js'
import type { Fixture } from '../server-fixture.js'
import type { Conversation } from '../../../src/engine/server/interaction/conversation.js'
import type { PlainResponse } from '../../../src/protocol/http/message.js'

/**
 * What can go on: `replay` presents a code once more, `reuse` an old refresh token, `expiry` is an hour that passes.
 */
export type Action = 'exchange' | 'replay' | 'refresh' | 'reuse' | 'revoke' | 'consent' | 'expiry'

const acts: ReadonlyArray<Action> = ['exchange', 'replay', 'refresh', 'reuse', 'revoke', 'consent', 'expiry']

/**
 * As far as the grant must have come for these acts, and no farther: what one of them brings about is not there before.
 */
const stageOf = (together: ReadonlyArray<Action>): GrantStage => {
  const has = (...some: ReadonlyArray<Action>): boolean => some.some((act) => together.includes(act))
  if (has('exchange')) return has('consent') ? 'AwaitingConsent' : 'CodeIssued'
  if (has('reuse')) return 'Refreshed'
  return has('consent') && !has('replay', 'refresh') ? 'AwaitingConsent' : 'Active'
}

/** What the acts come to: where the code is still to be redeemed, a replay is an exchange and a reuse is a refresh. */
const meaningOf = (together: ReadonlyArray<Action>): string =>
  [
    stageOf(together),
    ...together
      .map((act) =>
        together.includes('exchange') ? act.replace('replay', 'exchange').replace('reuse', 'refresh') : act
      )
      .toSorted()
  ].join(' ')

/** All so many acts that can go on together, each meaning once. Time passes once at most. */
export const interleavingsOf = (count: number): ReadonlyArray<ReadonlyArray<Action>> => {
  const choose = (left: number, from: number): ReadonlyArray<ReadonlyArray<Action>> =>
    left === 0
      ? [[]]
      : acts.slice(from).flatMap((act, index) => choose(left - 1, from + index).map((rest) => [act, ...rest]))
  const meanings = new Map(
    choose(count, 0)
      .filter((together) => together.filter((act) => act === 'expiry').length <= 1)
      .map((together) => [meaningOf(together), together])
  )
  return [...meanings.values()]
}

const hour = 3600

/** What somebody presented, and what it was answered with. */
interface Try {
  readonly who: string
  readonly process: number
  /** What can be redeemed once: a code, a consent, a refresh token. */
  readonly what: string
  /** Whether it was answered with what it buys. */
  isGood: boolean
  /** Whether the answer was that nobody knows. */
  isOpen: boolean
}

interface Scene extends Scenario {
  readonly cast: Actors
  readonly facts: Facts
  readonly tries: Array<Try>
  /** What each process presents, and when it began: it goes on with these, whatever comes later. */
  readonly begun: Map<number, string>
  /** How many writes of each process took effect. */
  readonly writes: Map<number, number>
  /** Asks about every token and writes the answers down. */
  readonly observe: () => Promise<void>
}

const thefts: ReadonlyArray<string> = ['CodeReplayed', 'RefreshTokenReused']

/** What the log recorded since it was looked at last. */
const hearLog = ({ fixtures: [fixture], facts }: Scene): void => {
  for (const { decision, refusal } of fixture.audited.splice(0)) {
    if (refusal !== null || /Revoked$/.test(decision)) facts.reported = true
    if (refusal !== null && thefts.includes(refusal._tag)) facts.acknowledged = true
  }
}

/** What the answer to a try means for the facts. */
const answered = (scene: Scene, one: Try): void => {
  const { facts } = scene
  scene.tries.push(one)
  if (!one.isGood) return
  facts.redeemed[one.what] = (facts.redeemed[one.what] ?? 0) + 1
  if ((scene.writes.get(one.process) ?? 0) === 0) facts.unwritten.push(one.who)
  if (facts.late.includes(one.who)) facts.lateSuccesses.push(one.who)
}

const tokensAnswered = (scene: Scene, who: string, process: number, what: string, response: PlainResponse): void => {
  const { status } = response
  if (status === 200) take(scene.cast, who, response)
  if (![200, 400, 503].includes(status)) scene.facts.undecided.push(`${who}: ${String(status)}`)
  answered(scene, { who, process, what, isGood: status === 200, isOpen: status === 503 })
}

const consentAnswered = (scene: Scene, who: string, process: number, conversation: Conversation): void => {
  const code = codeIn(conversation)
  const isOpen = conversation._tag === 'ShowRefusal' && conversation.row.status === 503
  if (code !== null) scene.cast.code = code
  else if (conversation._tag !== 'ShowRefusal') scene.facts.undecided.push(`${who}: ${conversation._tag}`)
  answered(scene, { who, process, what: 'the consent', isGood: code !== null, isOpen })
}

/** When an act can begin, what it presents then, and what it does with that. */
interface Part {
  readonly isReady: () => boolean
  readonly presents: () => string | null
  readonly go: (fixture: Fixture, process: number, who: string, presented: string | null) => Promise<void>
}

const nothing = (): null => null

const presentCode = (scene: Scene): Part => ({
  isReady: () => scene.cast.code !== null,
  presents: () => scene.cast.code,
  go: async (fixture, process, who, code) => {
    tokensAnswered(scene, who, process, `code ${code ?? ''}`, await redeem(fixture, code ?? ''))
  }
})

/** Presents the refresh token that is the first or the last of those which were given out. */
const presentRefreshToken = (scene: Scene, at: 0 | -1): Part => ({
  isReady: () => scene.cast.refreshTokens.size > 0,
  presents: () => [...scene.cast.refreshTokens.values()].at(at) ?? null,
  go: async (fixture, process, who, token) => {
    tokensAnswered(scene, who, process, `refresh token ${token ?? ''}`, await renew(fixture, token ?? ''))
  }
})

/** The app revokes its refresh token; as long as it has none, the host ends the grant. */
const endGrant = (scene: Scene): Part => ({
  isReady: () => true,
  presents: () => [...scene.cast.refreshTokens.values()].at(-1) ?? null,
  go: async (fixture, _process, who, token) => {
    const status =
      token === null
        ? Either.isRight(await fixture.server.admin.revokeGrant(scene.cast.interaction.grantId)())
          ? 200
          : 503
        : (await revoke(fixture, token)).status
    if (status === 200) scene.facts.acknowledged = true
    else if (status !== 503) scene.facts.undecided.push(`${who}: ${String(status)}`)
  }
})

const partOf = (scene: Scene, act: Action): Part => {
  switch (act) {
    case 'exchange':
    case 'replay':
      return presentCode(scene)
    case 'refresh':
      return presentRefreshToken(scene, -1)
    case 'reuse':
      return presentRefreshToken(scene, 0)
    case 'revoke':
      return endGrant(scene)
    case 'consent':
      return {
        isReady: () => true,
        presents: nothing,
        go: async (fixture, process, who) => {
          consentAnswered(
            scene,
            who,
            process,
            await fixture.server.interaction.consentGiven(scene.cast.interaction, approved)()
          )
        }
      }
    case 'expiry':
      return {
        isReady: () => true,
        presents: nothing,
        go: (fixture) => {
          fixture.clock.now += hour
          scene.facts.expired = true
          return Promise.resolve()
        }
      }
  }
}

/**
 * A process begins when the scheduler says so, and by then it is known whether the grant's end was acknowledged
 * already.
 */
const processOf = (scene: Scene, act: Action, process: number) => async (): Promise<void> => {
  const who = `${act} ${String(process)}`
  const { isReady, presents, go } = partOf(scene, act)
  await scene.store().pause(isReady)
  if (scene.facts.acknowledged) scene.facts.late.push(who)
  const fixture = scene.fixtures[process % 2 === 0 ? 0 : 1]
  const presented = presents()
  scene.begun.set(process, `${String(fixture.clock.now)} ${presented ?? 'nothing'}`)
  await go(fixture, process, who, presented)
}

/** An end of a record that is put off. */
const hearWrite =
  ({ facts, writes }: Scene) =>
  ({ process, before, after }: Written): void => {
    writes.set(process, (writes.get(process) ?? 0) + 1)
    const endOf = (text: string | null): unknown =>
      text === null ? undefined : (JSON.parse(text) as { readonly endsAt?: unknown }).endsAt
    const [old, next] = [endOf(before), endOf(after)]
    if (typeof old === 'number' && typeof next === 'number' && next > old)
      facts.putOff.push(`process ${String(process)}`)
  }

const hasSucceeded = ({ facts }: Scene, { what }: Try): boolean => (facts.redeemed[what] ?? 0) > 0

/**
 * A party that received an ambiguous answer repeats its request once. Then every code and the first refresh token are
 * presented once more.
 */
const askAgain = async (scene: Scene): Promise<void> => {
  const {
    fixtures: [fixture],
    cast,
    facts
  } = scene
  for (const one of scene.tries.filter(({ isOpen }) => isOpen)) {
    const had = hasSucceeded(scene, one)
    const isGood =
      one.what === 'the consent'
        ? codeIn(await fixture.server.interaction.consentGiven(cast.interaction, approved)()) !== null
        : one.what.startsWith('code ')
          ? (await redeem(fixture, one.what.slice('code '.length))).status === 200
          : (await renew(fixture, one.what.slice('refresh token '.length))).status === 200
    if (isGood) facts.redeemed[one.what] = (facts.redeemed[one.what] ?? 0) + 1
    if (isGood && had && !(one.what.startsWith('refresh ') && facts.refreshes > 1)) facts.retried.push(one.who)
    hearLog(scene)
    await scene.observe()
  }
  const [first] = cast.refreshTokens.values()
  const codes = scene.tries
    .filter(({ what, isGood }) => isGood && what.startsWith('code '))
    .map(({ what }) => what.slice('code '.length))
  for (const response of [
    ...(await Promise.all(codes.map((code) => redeem(fixture, code)))),
    ...(first !== undefined && facts.redeemed[`refresh token ${first}`] !== undefined
      ? [await renew(fixture, first)]
      : [])
  ]) {
    if (response.status === 200 && facts.refreshes === 1) facts.retried.push('once more at the end')
  }
  hearLog(scene)
  await scene.observe()
}

/** While the store is silent, no token is good. */
const silenceStore = async (scene: Scene): Promise<void> => {
  const { cast, facts, unavailable } = scene
  unavailable.isSilent = true
  facts.openInSilence.push(...(await observation(scene, { ...cast, refreshTokens: new Map() })).alive)
  unavailable.isSilent = false
}

const ordered = (facts: Facts): unknown =>
  Object.entries(facts).map(([, value]: readonly [string, unknown]) =>
    Array.isArray(value)
      ? value.toSorted()
      : typeof value === 'object' && value !== null
        ? Object.entries(value).toSorted()
        : value
  )

/** A meeting of these acts, again and again from the same beginning. */
export const grantInterleaving = (
  together: ReadonlyArray<Action>,
  corruption: Corruption = {}
): (() => Promise<KnownInterleaving>) => {
  const setting = newScenario(corruption)
  const {
    fixtures: [fixture],
    entries,
    restart
  } = setting
  const known = new Map<string, Observation>()
  let start: { readonly cast: Actors; readonly records: ReturnType<Scenario['entries']> } | null = null
  return async () => {
    if (start === null) {
      const begun = await begin(fixture, stageOf(together))
      start = { cast: begun, records: entries() }
    }
    restart(start.records)
    const cast: Actors = {
      ...start.cast,
      refreshTokens: new Map(start.cast.refreshTokens),
      accessTokens: new Map(start.cast.accessTokens)
    }
    const facts = noFacts((corruption.policy?.reuseGraceSeconds ?? 0) > 0 ? 2 : 1)
    const stateNow = (): string =>
      JSON.stringify([fixture.clock.now, entries().toSorted(), [...cast.refreshTokens], [...cast.accessTokens.keys()]])
    const observe = async (): Promise<void> => {
      // The server is a function of the request, of the records and of the clock: the same
      // state gives the same answers.
      const now = stateNow()
      const seen = known.get(now) ?? (await observation(setting, cast))
      if (corruption.above === undefined) known.set(now, seen)
      recordFacts(cast, seen, facts)
    }
    const scene: Scene = { ...setting, cast, facts, tries: [], begun: new Map(), writes: new Map(), observe }
    setting.store().onWrite = hearWrite(scene)
    const complaints = new Set<string>()
    let stamp = ''
    const watch = async (): Promise<void> => {
      hearLog(scene)
      const now = [fixture.clock.now, cast.accessTokens.size, cast.refreshTokens.size, ...scene.writes.values()].join(
        ' '
      )
      if (now !== stamp) await observe()
      stamp = now
      for (const complaint of broken(facts)) complaints.add(complaint)
    }
    return {
      store: setting.store(),
      watch,
      processes: together.map((act, process) => processOf(scene, act, process)),
      state: () => [
        stateNow(),
        cast.code,
        [...scene.begun].toSorted(([a], [b]) => a - b),
        ordered(facts),
        [...complaints].toSorted()
      ],
      judge: async () => {
        facts.over = true
        await watch()
        await silenceStore(scene)
        await askAgain(scene)
        for (const complaint of broken(facts)) complaints.add(complaint)
        return [...complaints]
      }
    }
  }
}
