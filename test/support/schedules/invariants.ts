/**
 * What must hold of a grant whatever happens, as named functions over the facts of its history: who was given which
 * token, what was acknowledged before what, and what the server says of every token ever given.
 */

/** The facts. They grow while a meeting goes on; all of them are plain data, because they are part of its state. */
export interface Facts {
  /** How often each code, consent, assertion or refresh token was answered with what it buys. */
  readonly redeemed: Record<string, number>
  /** How often a refresh token may be: twice, where its successor can be fetched again. */
  readonly refreshes: 1 | 2
  /** Successes of a process none of whose writes had taken effect. */
  readonly unwritten: Array<string>
  /** Successes of a process that repeated its request after an ambiguous answer, where there had been one already. */
  readonly retried: Array<string>
  /** Whether a revocation was confirmed, or a theft detected and recorded in the log. */
  acknowledged: boolean
  /** The processes that began after that. */
  readonly late: Array<string>
  /** Those of them that were given something all the same. */
  readonly lateSuccesses: Array<string>
  /** The tokens that were given out, by the names of their kind and of the process that got them. */
  readonly given: Array<string>
  /** Those that the server calls alive now. */
  alive: ReadonlyArray<string>
  /** Tokens that the server has called invalid at some time. */
  readonly everDead: Array<string>
  /** Those that were alive without a record that names client, user, patient and audience. */
  readonly unrecorded: Array<string>
  /** Those that allowed more than was requested, registered, permitted and approved. */
  readonly beyond: Array<string>
  /** Answers that no case of the protocol has. */
  readonly undecided: Array<string>
  /** Tokens that were alive although the store was silent. */
  readonly openInSilence: Array<string>
  /** Ends of records that were put off. */
  readonly putOff: Array<string>
  /** Whether the log recorded a refusal or a revocation. */
  reported: boolean
  /** Whether time has ended what was given. */
  expired: boolean
  /** Whether everything has come to its end. */
  over: boolean
}

export const noFacts = (refreshes: 1 | 2 = 1): Facts => ({
  redeemed: {},
  refreshes,
  unwritten: [],
  retried: [],
  acknowledged: false,
  late: [],
  lateSuccesses: [],
  given: [],
  alive: [],
  everDead: [],
  unrecorded: [],
  beyond: [],
  undecided: [],
  openInSilence: [],
  putOff: [],
  reported: false,
  expired: false,
  over: false
})

type Invariant = (facts: Facts) => ReadonlyArray<string>

const isRefresh = (token: string): boolean => token.startsWith('refresh ')

/** The invariants, by the names of the plan. */
export const invariants: Readonly<Record<string, Invariant>> = {
  'I1: what can be redeemed once is redeemed at most once': ({ redeemed, refreshes }) =>
    Object.entries(redeemed).flatMap(([name, times]) =>
      times > (isRefresh(name) ? refreshes : 1) ? [`${name}, ${String(times)} times`] : []
    ),
  'I2: an ambiguous answer of the store never becomes a success, and a retry never yields a second one': ({
    unwritten,
    retried
  }) => [...unwritten, ...retried],
  'I3: after an acknowledged revocation or detected theft nothing is active, and nothing is given': ({
    acknowledged,
    alive,
    lateSuccesses
  }) => (acknowledged ? [...alive, ...lateSuccesses] : []),
  'I4: at most one refresh token is alive, and none only if the log says why': ({
    alive,
    given,
    reported,
    expired,
    over
  }) => {
    const living = alive.filter(isRefresh)
    if (living.length > 1) return living
    return over && living.length === 0 && given.some(isRefresh) && !reported && !expired
      ? ['none is, and nobody knows']
      : []
  },
  'I5: no token without a recorded grant, client, user, patient and audience': ({ unrecorded }) => unrecorded,
  'I6: nothing is allowed beyond what was requested, registered, permitted and approved': ({ beyond }) => beyond,
  'I7: failures refuse': ({ undecided, openInSilence }) => [...undecided, ...openInSilence],
  'I8: what has ended never comes back': ({ everDead, alive, putOff }) => [
    ...alive.filter((token) => everDead.includes(token)),
    ...putOff
  ]
}

/** Every invariant that does not hold, and of what. */
export const broken = (facts: Facts): ReadonlyArray<string> =>
  Object.entries(invariants).flatMap(([name, invariant]) => invariant(facts).map((what) => `${name}: ${what}`))
