/** What must hold of the requests of clients, over all processes and restarts, whatever failed. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Recorded, RecordingClients } from './clients.js'
import type { ClientRequest, RequestKind } from './history.js'
import type { Cluster } from './processes.js'
import type { WorkloadFacts } from './workload.js'

const redeeming: ReadonlySet<RequestKind> = new Set(['redeem', 'refresh', 'assert', 'launch'])

const grouped = <Item>(
  items: ReadonlyArray<Item>,
  nameOf: (item: Item) => string
): ReadonlyMap<string, Array<Item>> => {
  const groups = new Map<string, Array<Item>>()
  for (const item of items) {
    const name = nameOf(item)
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [item])
    else group.push(item)
  }
  return groups
}

const short = (subject: string): string => `${subject.slice(0, 60)}${subject.length > 60 ? '...' : ''}`

/** Codes, refresh tokens, assertions and launch handles that succeeded more than once. */
const redeemedTwice = (requests: ReadonlyArray<ClientRequest>): ReadonlyArray<string> =>
  [
    ...grouped(
      requests.filter(({ kind }) => redeeming.has(kind)),
      ({ kind, subject }) => `${kind} ${subject}`
    )
  ].flatMap(([name, those]) => {
    const times = those.filter(({ outcome }) => outcome === 'ok').length
    return times > 1 ? [`redeemed ${String(times)} times: ${short(name)}`] : []
  })

/** When a client knew that a grant had ended: a revocation was confirmed, or a replay or reuse was refused. */
const knownEnd = (requests: ReadonlyArray<ClientRequest>): number => {
  const won = new Set(
    requests
      .filter(({ kind, outcome }) => outcome === 'ok' && (kind === 'redeem' || kind === 'refresh'))
      .map(({ kind, subject }) => `${kind} ${subject}`)
  )
  const ends = requests.filter(
    ({ kind, subject, outcome }) =>
      (kind === 'revoke' && outcome === 'ok') ||
      ((kind === 'redeem' || kind === 'refresh') && outcome === 'fail' && won.has(`${kind} ${subject}`))
  )
  return Math.min(Infinity, ...ends.map(({ completedAt }) => completedAt))
}

const tokenUse: ReadonlySet<RequestKind> = new Set(['redeem', 'refresh', 'introspect'])

/** Requests that began after a known end of their grant, and succeeded. */
const activeAfterEnd = (requests: ReadonlyArray<ClientRequest>): ReadonlyArray<string> =>
  [
    ...grouped(
      requests.filter(({ kind }) => tokenUse.has(kind) || kind === 'revoke'),
      ({ lineage }) => lineage
    )
  ].flatMap(([lineage, those]) => {
    const end = knownEnd(those)
    return those
      .filter(({ kind, outcome, invokedAt }) => tokenUse.has(kind) && outcome === 'ok' && invokedAt > end)
      .map(({ kind }) => `${kind} succeeded after the grant ${lineage} had ended`)
  })

/** Removed clients that were found again. */
const removedAndFound = (requests: ReadonlyArray<ClientRequest>): ReadonlyArray<string> =>
  [...grouped(requests, ({ lineage }) => lineage)].flatMap(([lineage, those]) => {
    const removedAt = Math.min(
      Infinity,
      ...those
        .filter(({ kind, outcome }) => kind === 'removeRegistration' && outcome === 'ok')
        .map((one) => one.completedAt)
    )
    return those.some(
      ({ kind, outcome, invokedAt }) => kind === 'readRegistration' && outcome === 'ok' && invokedAt > removedAt
    )
      ? [`the removed client ${lineage} was found`]
      : []
  })

/** Every response must have a status of the protocol; 0 stands for a lost connection. */
const undecidedStatus = (requests: ReadonlyArray<ClientRequest>): ReadonlyArray<string> =>
  requests
    .filter(({ status }) => ![0, 200, 201, 204, 400, 401, 503].includes(status))
    .map(({ kind, status }) => `${kind} was answered with ${String(status)}`)

/** What does not hold of a recorded run. */
export const brokenByRequests = (requests: ReadonlyArray<ClientRequest>): ReadonlyArray<string> => [
  ...redeemedTwice(requests),
  ...activeAfterEnd(requests),
  ...removedAndFound(requests),
  ...undecidedStatus(requests)
]

/** Works through a list, a few at a time. */
const inTurns = async <Item>(items: ReadonlyArray<Item>, work: (item: Item) => Promise<void>): Promise<void> => {
  let next = 0
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      while (next < items.length) {
        const item = items[next++]
        if (item !== undefined) await work(item)
      }
    })
  )
}

/** Reads until there is an answer: an engine may still replace connections that were lost. */
const answered = async (read: () => Promise<Recorded>): Promise<Recorded> => {
  for (let tried = 1; ; tried++) {
    const reply = await read()
    if (reply.outcome !== 'info' || tried === 10) return reply
    await pause(200)
  }
}

/**
 * The audit at the end, when nothing fails any more: what was acknowledged is still true, at most one refresh token of
 * a grant is active, no token is active without a stored grant, and nothing that was redeemed can be redeemed again.
 */
export const audit = async (
  { engines }: Pick<Cluster, 'engines'>,
  clients: RecordingClients,
  { grants, registrations, redeemed }: WorkloadFacts
): Promise<ReadonlyArray<string>> => {
  const [first, second] = engines
  const found: Array<string> = []
  const unanswered = (what: string): void => {
    found.push(`the audit was not answered: ${what}`)
  }
  await inTurns(grants, async ({ lineage, accessTokens, refreshTokens, isCertain, isEnded }) => {
    let active = 0
    for (const token of refreshTokens) {
      const { outcome } = await answered(() => clients.introspect(second, token))
      if (outcome === 'info') unanswered('introspection')
      if (outcome === 'ok') active += 1
      if (outcome === 'fail' && token === refreshTokens.at(-1) && isCertain && !isEnded)
        found.push(`the acknowledged refresh token of ${lineage} is gone`)
    }
    if (active > 1) found.push(`${String(active)} refresh tokens of ${lineage} are active`)
    for (const token of accessTokens) {
      const { outcome } = await answered(() => clients.introspect(first, token))
      if (outcome === 'info') unanswered('introspection')
      if (outcome === 'fail' && isCertain && !isEnded) found.push(`an acknowledged access token of ${lineage} is gone`)
      if (outcome === 'ok') {
        const { body } = await clients.storedGrant(second, lineage)
        if (body['_tag'] !== 'Active' || body['clientId'] !== 'app')
          found.push(`a token of ${lineage} is active without a stored grant`)
      }
      if (outcome === 'ok' && isEnded) found.push(`a token of the ended grant ${lineage} is active`)
    }
  })
  await inTurns(registrations, async ({ registered, removed }) => {
    const { outcome } = await answered(() => clients.readRegistration(first, registered))
    if (outcome === 'info') unanswered('registration')
    if (outcome === 'fail' && removed === 'no') found.push('an acknowledged registration is gone')
    if (outcome === 'ok' && removed === 'yes') found.push('a removed registration is there')
  })
  await inTurns(redeemed, async (present) => {
    const { outcome } = await present(first)
    if (outcome === 'info') unanswered('a second redemption')
  })
  return found
}
