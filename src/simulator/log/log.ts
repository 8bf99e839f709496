/**
 * The log: the newest decisions of all servers of a simulator, in memory.
 *
 * A request has a context in which its decisions are recorded, so that requests that are answered at the same time do
 * not mix.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { hiddenFrom } from './cross-origin.js'
import type { LogLine } from './log-line.js'
import type { LineServer } from './line-server.js'
import { serverAt } from './line-server.js'
import { isRefused, lineOf, shownAnswer } from './log-line.js'
import { misbehavedLine } from './misbehaved-line.js'
import { entryResponses, linkedAnswer, linkedEntries, withErrorUri } from './linked-answer.js'
import type { OwnRefusal } from './own-refusal.js'
import { ownLine } from './own-refusal.js'
import { shownRequest, withoutSecrets } from './shown-request.js'
import type { Config } from '../config/config.js'
import type { Misbehaved } from '../misbehavior/misbehaving.js'
import { systemClock } from '../../adapters/system.js'
import type { AuditEvent } from '../../engine/ports.js'
import type { RequestHandler } from '../../engine/server/http-handler.js'
import { isPreflight } from '../../protocol/client/cors.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { headerOf } from '../../protocol/http/message.js'
import { limits } from '../../values/limits/limits.js'
import { ownMember } from '../../values/own.js'
import type { EpochSeconds } from '../../values/time.js'
import { pathOf } from '../../values/urls.js'

/** The log of a simulator. */
export interface DecisionLog {
  /** Records a decision, in the request that is being answered. */
  readonly record: (event: AuditEvent) => void
  /** Records a refusal at an address of the simulator itself, in the same way. */
  readonly refuse: (refusal: OwnRefusal, at: EpochSeconds) => void
  /** A handler whose requests and responses are in the log. */
  readonly watched: (handler: RequestHandler) => RequestHandler
  /** Notes that a misbehavior made the response, and adds the address of the line to an error. */
  readonly misbehaved: (response: PlainResponse, misbehaved: Misbehaved) => PlainResponse
  /** A handler whose errors have the address of their line. */
  readonly linked: (handler: RequestHandler) => RequestHandler
  /** Whether an id has the mark of this log: a line of another process, or of an earlier run, has another mark. */
  readonly isOwn: (id: string) => boolean
  /** The lines that are kept, the newest first. */
  readonly lines: () => ReadonlyArray<LogLine>
}

/** The request that is being answered. */
interface Exchange {
  readonly server: LineServer
  readonly request: LogLine['request']
  readonly hide: (text: string) => string
  /** The ids of its lines, and whether something was refused there. */
  readonly recorded: Array<{ readonly id: string; readonly refused: boolean }>
  response: PlainResponse | null
  misbehaved: Misbehaved | null
}

/** The ids of the lines of one log. */
export interface LineIds {
  /** A new id. */
  readonly next: () => string
  readonly isOwn: (id: string) => boolean
}

const markLength = 4

const idLength = 16

/** Ids that begin with the mark of this log; `token` gives random texts. */
export const lineIds = (token: () => string): LineIds => {
  const mark = token().slice(0, markLength)
  return {
    next: () => `${mark}${token().slice(0, idLength - markLength)}`,
    isOwn: (id) => id.length === idLength && id.startsWith(mark)
  }
}

/** Makes the log. */
export const decisionLog = (config: Config, ids: LineIds): DecisionLog => {
  const { publicBaseUrl } = config
  const exchanges = new AsyncLocalStorage<Exchange>()
  /** The lines by their ids, the oldest first. */
  const kept = new Map<string, LogLine>()

  const exchangeOf = (request: PlainRequest): Exchange => {
    const { server, isFhir } = serverAt(config, request.path)
    const secret = server.setting?.app?.client_secret
    return {
      server,
      ...shownRequest(request, isFhir, secret === undefined ? [] : [secret]),
      recorded: [],
      response: null,
      misbehaved: null
    }
  }

  const keep = (line: LogLine): void => {
    kept.set(line.id, line)
    const [oldest] = kept.keys()
    if (kept.size > limits.simulatorLog.default && oldest !== undefined) kept.delete(oldest)
  }

  type Place = Parameters<typeof lineOf>[1]

  const add = (lineIn: (place: Place, hide: (text: string) => string) => LogLine): void => {
    const exchange = exchanges.getStore()
    const hide = exchange?.hide ?? withoutSecrets([])
    const { server } = exchange ?? serverAt(config, pathOf(publicBaseUrl))
    const line = lineIn({ id: ids.next(), server, request: exchange?.request ?? null }, hide)
    const response = exchange?.response ?? null
    keep(response === null ? line : { ...line, answer: shownAnswer(response, hide) })
    exchange?.recorded.push({ id: line.id, refused: isRefused(line) })
  }

  const finish = (exchange: Exchange, request: PlainRequest, response: PlainResponse): void => {
    exchange.response = response
    const hidden = hiddenFrom(publicBaseUrl, request, response)
    if (hidden !== null && isPreflight(request) && exchange.recorded.length === 0)
      add((place, hide) =>
        ownLine({ rule: 'OriginNotShared', details: [['Origin', hidden]] }, systemClock.now(), place, hide)
      )
    if (exchange.recorded.length === 0) return
    const { hide, recorded } = exchange
    const answer = shownAnswer(response, hide)
    // A refused entry of a batch has an answer of its own.
    const ofEntries =
      recorded.length > 1 && recorded.some(({ refused }) => refused)
        ? (entryResponses(response, recorded.length - 1) ?? []).map((one) => shownAnswer(one, hide))
        : []
    recorded.forEach(({ id }, place) => {
      const line = kept.get(id)
      if (line === undefined) return
      const answered = { ...line, answer: ofEntries[place] ?? answer, hiddenFrom: hidden }
      kept.set(id, exchange.misbehaved === null ? answered : misbehavedLine(answered, exchange.misbehaved))
    })
  }

  const wrapped = (
    handler: RequestHandler,
    wrap: (request: PlainRequest, answer: () => Promise<PlainResponse>) => Promise<PlainResponse>
  ): RequestHandler => {
    const answer: RequestHandler = (request) => () => wrap(request, () => handler(request)())
    const refused = ownMember(handler, 'refused')
    return refused === undefined
      ? answer
      : Object.assign(answer, {
          refused:
            (...args: Parameters<typeof refused>) =>
            () =>
              wrap(args[0], () => refused(...args)())
        })
  }

  return {
    record: (event) => {
      add((place, hide) => lineOf(event, place, hide))
    },
    refuse: (refusal, at) => {
      add((place, hide) => ownLine(refusal, at, place, hide))
    },
    watched: (handler) =>
      wrapped(handler, (request, answer) => {
        const exchange = exchangeOf(request)
        return exchanges.run(exchange, async () => {
          const response = await answer()
          finish(exchange, request, response)
          return response
        })
      }),
    linked: (handler) =>
      wrapped(handler, async (_request, answer) => {
        const response = await answer()
        const recorded = exchanges.getStore()?.recorded ?? []
        const last = recorded.findLast(({ refused }) => refused)
        if (last === undefined) return response
        return response.status < 400 && headerOf(response, 'location') === undefined
          ? linkedEntries(response, recorded, publicBaseUrl)
          : linkedAnswer(response, { publicBaseUrl, homePath: pathOf(publicBaseUrl), id: last.id })
      }),
    misbehaved: (response, misbehaved) => {
      const exchange = exchanges.getStore()
      if (exchange === undefined) return response
      exchange.misbehaved = misbehaved
      const last = exchange.recorded.at(-1)
      return last === undefined
        ? response
        : linkedAnswer(withErrorUri(response), { publicBaseUrl, homePath: pathOf(publicBaseUrl), id: last.id })
    },
    isOwn: ids.isOwn,
    lines: () => [...kept.values()].toReversed()
  }
}
