/** `smart-app-launch serve`: reads the configuration, starts the simulator, and prints its addresses. */
import type { Server } from 'node:http'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import * as Either from 'fp-ts/lib/Either.js'
import { boundedServer } from './connections.js'
import type { ExitCode, Terminal } from './terminal.js'
import { readTextFile } from './text-file.js'
import type { Config } from '../simulator/config/config.js'
import { defaultPublicBaseUrl, hasSampleApp, printConfigError, readConfig } from '../simulator/config/config.js'
import { readStoreAddress, storeAddressForm } from '../simulator/config/store-address.js'
import { openStore } from '../simulator/store/open-store.js'
import type { OpenedStore } from '../simulator/store/opened-store.js'
import { withoutSettings } from '../simulator/log/line-server.js'
import type { OwnRefusal } from '../simulator/log/own-refusal.js'
import { ownRefusals } from '../simulator/log/own-refusal.js'
import type { BuiltSimulator } from '../simulator/simulator.js'
import { simulator } from '../simulator/simulator.js'
import { nodeHandler } from '../adapters/node.js'
import { stopOnSignals } from '../adapters/process/graceful-stop.js'
import { healthListener } from '../adapters/process/health-listener.js'
import { processHealth } from '../adapters/process/health.js'
import { refusedFor } from '../adapters/web.js'
import { systemRandom } from '../adapters/system.js'
import type { RequestHandler } from '../engine/server/http-handler.js'
import type { AuditEvent, Store, TokenOwner } from '../engine/ports.js'
import type { AccessEvent } from '../protocol/access/access-event.js'
import { accessRefusalOf } from '../protocol/access/access-refusals.js'
import type { PlainRequest } from '../protocol/http/message.js'
import type { Refusal } from '../protocol/errors/refusal.js'
import { refusalRow } from '../protocol/errors/refusal-table.js'
import { limits } from '../values/limits/limits.js'
import { printableJson, quoted, shown, visibleWithin } from '../values/shown-text.js'
import type { EpochSeconds } from '../values/time.js'
import { loopbackUrl, pathOf } from '../values/urls.js'

/** The arguments of the command. */
export interface ServeOptions {
  readonly config: string | undefined
  readonly port: string | undefined
  readonly host: string | undefined
  /** The address in links, in place of the member `publicBaseUrl` of the configuration. */
  readonly publicUrl: string | undefined
  /** Where the data are kept, in place of the member `store` of the configuration. */
  readonly store: string | undefined
}

const defaultPort = Number(/:([0-9]+)$/.exec(defaultPublicBaseUrl)?.[1])

/** The default port and host: those of the printed links if these lead to this machine. */
const listenAddressOf = (publicBaseUrl: string): { readonly port: number; readonly host: string } => {
  const own = loopbackUrl(publicBaseUrl)
  if (own === null) return { port: defaultPort, host: '127.0.0.1' }
  return { port: own.port, host: own.host === '[::1]' ? '::1' : '127.0.0.1' }
}

/**
 * The actual address, if the printed links lead elsewhere: a proxy must be there, or the file and `--port` do not
 * match, or other machines can reach the simulator and its links do not say so.
 */
const listeningAddress = (
  publicBaseUrl: string,
  { port, host }: { readonly port: number; readonly host: string }
): ReadonlyArray<string> => {
  const place = listenAddressOf(publicBaseUrl)
  if (loopbackUrl(publicBaseUrl) !== null && !['127.0.0.1', '::1', 'localhost'].includes(host))
    return [
      `  Listening on      ${host} port ${String(port)}, but the addresses above work on this machine only.`,
      '                    --public-url https://NAME gives the address that other machines reach; it must lead here.'
    ]
  return loopbackUrl(publicBaseUrl) !== null && place.port === port && [place.host, 'localhost'].includes(host)
    ? []
    : [`  Listening on      ${host} port ${String(port)}, and the addresses above must lead there`]
}

const fileNameOf = ({ config }: ServeOptions): string => config ?? 'configuration'

/** The configuration, whose default address has the port of `--port`. */
const configFor = (options: ServeOptions, port: number | null): Either.Either<string, Config> => {
  const text = options.config === undefined ? Either.right('{}') : readTextFile(options.config)
  if (Either.isLeft(text)) return text
  const config = readConfig(
    text.right,
    port === null ? defaultPublicBaseUrl : `http://127.0.0.1:${String(port)}`,
    options.publicUrl
  )
  if (Either.isRight(config)) return config
  return Either.left(
    options.publicUrl !== undefined && config.left.path === 'publicBaseUrl'
      ? printConfigError('--public-url', { ...config.left, path: '' })
      : printConfigError(fileNameOf(options), config.left)
  )
}

/** Opens the store of `--store`, or else that of the configuration. */
const storeFor = async (options: ServeOptions, config: Config): Promise<Either.Either<string, OpenedStore>> => {
  const flag = '--store'
  const address = options.store === undefined ? Either.right(config.store) : readStoreAddress(options.store)
  if (Either.isLeft(address)) {
    return Either.left(printConfigError(flag, { path: '', expected: storeAddressForm, found: address.left }))
  }
  const opened = await openStore(address.right)
  if (Either.isRight(opened)) return opened
  return Either.left(
    options.store === undefined
      ? printConfigError(fileNameOf(options), opened.left)
      : printConfigError(flag, { ...opened.left, path: '' })
  )
}

const listen = (server: Server, port: number, host: string): Promise<Either.Either<string, number>> =>
  new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE'
          ? 'is taken by another program; choose another with --port'
          : `cannot be used (${error.code ?? ''})`
      resolve(Either.left(`Port ${String(port)} on ${host} ${why}.`))
    })
    server.listen(port, host, () => {
      resolve(Either.right((server.address() as AddressInfo).port))
    })
  })

/**
 * Gives a server the connections to the other loopback address too, so that a browser that comes by it is led to the
 * right one. The address may be missing on this machine, or taken by another program: then nothing is done.
 */
const listenOnOtherLoopback = (server: Server, port: number, host: string): void => {
  const other = createServer((socket) => {
    if (server.listening) server.emit('connection', socket)
    else socket.destroy()
  })
  other.on('error', () => undefined)
  other.unref()
  other.listen(port, host === '::1' ? '127.0.0.1' : '::1')
  server.on('close', () => {
    other.close()
  })
}

/**
 * A client-chosen id for a log line: quoted unless it consists of plain characters, so that it cannot imitate another
 * part of the line.
 */
const idInLine = (id: string): string => (/^[A-Za-z0-9._~:/-]{1,64}$/.test(id) ? id : quoted(id))

/** The members of a refusal besides its name: `expected "https addresses"`. */
const refusalMembers = ({ _tag, ...facts }: Refusal): string => {
  const members = Object.entries(facts).map(
    ([name, value]) => `${name} ${visibleWithin(printableJson(value), limits.shownDetail.default)}`
  )
  return members.length === 0 ? '' : ` (${members.join(', ')})`
}

/** Whom a token concerns: `by user alice`, `for patient a`. */
const ownerInLine = ({ userSub, patient }: TokenOwner): ReadonlyArray<string> => [
  ...(userSub === null ? [] : [`by user ${idInLine(userSub)}`]),
  ...(patient === null ? [] : [`for patient ${idInLine(patient)}`])
]

/** A FHIR interaction: `403 Read Observation/1 by user alice for patient a: scope-sufficient: The scopes …`. */
const accessInLine = ({ status, interaction, type, id, userSub, patient, rule, scopes }: AccessEvent): string => {
  const place = [...(type === null ? [] : [type]), ...(id === undefined ? [] : [idInLine(id)])].join('/')
  return [
    `${String(status)} ${interaction}${place === '' ? '' : ` ${place}`}`,
    ...ownerInLine({ userSub, patient }),
    ...(rule === null
      ? []
      : [
          `refused by ${rule}: ${accessRefusalOf(rule)?.sentence ?? ''}`,
          `The token has ${visibleWithin(printableJson(scopes.join(' ')), limits.shownDetail.default)}`
        ])
  ].join(' ')
}

/** One log line for a decision of the engine; a refusal with its reason and advice. It contains no secret. */
export const auditLine = ({ at, decision, clientId, grantId, refusal, access, tokenOwner }: AuditEvent): string =>
  withoutSettings(
    [
      new Date(at * 1000).toISOString(),
      decision,
      ...(clientId === null ? [] : [idInLine(clientId)]),
      ...(grantId === null ? [] : [`${idInLine(grantId.slice(0, 8))}...`]),
      ...(access === undefined ? [] : [accessInLine(access)]),
      ...(tokenOwner === undefined ? [] : ownerInLine(tokenOwner)),
      ...(refusal === null ? [] : [`${refusal._tag}: ${refusalRow(refusal).advice}${refusalMembers(refusal)}`])
    ].join(' ')
  )

/** One log line for a refusal at an address of the simulator itself. */
export const ownRefusalLine = ({ broken, clientId, details = [], rule }: OwnRefusal, at: EpochSeconds): string => {
  const { accepted, what } = ownRefusals[rule]
  const said = [broken?.sentence ?? what, broken?.accepted ?? accepted].join(' ')
  const members = details.map(([name, value]) => ` ${name}=${shown(value, limits.shownDetail.default)}`)
  return [
    new Date(at * 1000).toISOString(),
    'Refused',
    ...(clientId === undefined || clientId === null ? [] : [idInLine(clientId)]),
    `${broken?.name ?? rule}: ${visibleWithin(said, limits.shownDetail.default)}${members.join('')}`
  ].join(' ')
}

/** The output line about clients that may introspect every token; no line without such clients. */
const introspecting = ({ clients, introspectionClients }: Config): ReadonlyArray<string> => {
  const ids = [...clients.filter(({ mayIntrospect }) => mayIntrospect), ...introspectionClients].map(
    ({ client_id }) => client_id
  )
  return ids.length === 0 ? [] : [`  May introspect every token  ${ids.map(idInLine).join(', ')}`]
}

/** The output lines about client registration; none if registration is closed. */
const registering = (
  { publicBaseUrl, registration }: Config,
  initialAccessToken: string | null
): ReadonlyArray<string> => {
  if (registration === 'closed') return []
  return [
    `  Registration      ${publicBaseUrl}/register` +
      (initialAccessToken === null ? '' : ` with the initial access token ${initialAccessToken}`)
  ]
}

const welcome = (
  config: Config,
  initialAccessToken: string | null,
  store: string,
  listening: { readonly port: number; readonly host: string }
): string => {
  const { publicBaseUrl, clients, users } = config
  return [
    'SMART App Launch simulator with synthetic data. All persons are fictitious.',
    '',
    `  EHR desktop       ${publicBaseUrl}/`,
    ...(hasSampleApp(config) ? [`  Sample app alone  ${publicBaseUrl}/app/launch?iss=${publicBaseUrl}/fhir`] : []),
    `  FHIR base         ${publicBaseUrl}/fhir`,
    `  Discovery         ${publicBaseUrl}/fhir/.well-known/smart-configuration`,
    `  Health            ${publicBaseUrl}/health/ready`,
    ...registering(config, initialAccessToken),
    ...(store === 'memory' ? [] : [`  Store             ${shown(store)}`]),
    ...listeningAddress(publicBaseUrl, listening),
    '',
    `  Apps   ${clients.map(({ client_id }) => idInLine(client_id)).join(', ')}`,
    '  Users  ' +
      users.map(({ username, password }) => `${idInLine(username)} (password ${idInLine(password)})`).join(', '),
    ...introspecting(config),
    '',
    'Open the EHR desktop, which is the launch page, and press Launch. Stop with Ctrl+C. Decisions of the server are ' +
      'printed below.',
    ''
  ].join('\n')
}

/** A promise with its `resolve` function. */
const deferred = <A>(): { readonly promise: Promise<A>; readonly resolve: (value: A) => void } => {
  let resolve: (value: A) => void = () => undefined
  const promise = new Promise<A>((keep) => {
    resolve = keep
  })
  return { promise, resolve }
}

/** Whether a store answers; rejects if not. */
const answeredBy = async (store: Store): Promise<void> => {
  if (Either.isLeft(await store.load('health')())) throw new Error('the store does not answer')
}

/** Runs until stopped; resolves with an exit code only if it could not start. */
export const serve = async (options: ServeOptions, terminal: Terminal): Promise<ExitCode> => {
  const isNumber = options.port === undefined || (/^[0-9]{1,5}$/.test(options.port) && Number(options.port) < 65536)
  if (!isNumber) {
    terminal.stderr(`--port: expected a whole number from 0 to 65535, found ${printableJson(options.port)}`)
    return 2
  }
  const wanted = options.port === undefined ? null : Number(options.port)
  // Port 0 asks for any free port, which is known only after listening; the file is checked before.
  const first = configFor(options, wanted === 0 ? null : wanted)
  if (Either.isLeft(first)) {
    terminal.stderr(first.left)
    return 2
  }
  const opened = await storeFor(options, first.right)
  if (Either.isLeft(opened)) {
    terminal.stderr(opened.left)
    return 2
  }
  const { store, close, inWords } = opened.right
  const place = listenAddressOf(first.right.publicBaseUrl)
  const host = options.host === undefined || options.host === '' ? place.host : options.host
  // Requests that arrive before the keys are made wait for them.
  const answering = deferred<RequestHandler>()
  const answer = Object.assign((request: PlainRequest) => async () => (await answering.promise)(request)(), {
    refused: (request: PlainRequest, because: Refusal | null) => async () =>
      refusedFor(await answering.promise, request, because)
  })
  const handle = nodeHandler(answer, {
    onDefect: (defect) => {
      terminal.stderr(
        `a defect: ${defect instanceof Error ? shown(defect.message, limits.shownDetail.default) : 'unknown'}`
      )
    }
  })
  const health = processHealth({
    path: `${pathOf(first.right.publicBaseUrl)}/health`,
    checks: {
      simulator: () => answering.promise,
      ...(store === null ? {} : { store: () => answeredBy(store) })
    }
  })
  const server = boundedServer(healthListener(health, handle), (error) => {
    if (server.listening) terminal.stderr(`a connection failed: ${error.message}`)
  })
  let settled: BuiltSimulator['settled'] = () => Promise.resolve()
  stopOnSignals(server, { health }, async (cut) => {
    await settled()
    await close()
    terminal.stdout(cut === 0 ? 'Stopped.' : `Stopped. Requests that were cut off: ${String(cut)}.`)
  })
  const listening = await listen(server, wanted ?? place.port, host)
  if (Either.isLeft(listening)) {
    terminal.stderr(listening.left)
    await close()
    return 1
  }
  if (options.host === undefined || options.host === '') listenOnOtherLoopback(server, listening.right, host)
  const config = wanted === 0 ? configFor(options, listening.right) : first
  const built = Either.isRight(config)
    ? await simulator(config.right, {
        initialAccessToken: systemRandom.token(),
        ...(store === null ? {} : { store }),
        audit: (event) => {
          terminal.stdout(auditLine(event))
        },
        ownRefusal: (refusal, at) => {
          terminal.stdout(ownRefusalLine(refusal, at))
        }
      })()
    : null
  if (Either.isLeft(config) || built === null || Either.isLeft(built)) {
    terminal.stderr(
      built !== null && Either.isLeft(built)
        ? `The simulator cannot start: ${built.left.reason}`
        : 'The simulator cannot start.'
    )
    server.close()
    server.closeAllConnections()
    await close()
    return 1
  }
  settled = built.right.settled
  answering.resolve(built.right.answer)
  terminal.stdout(welcome(config.right, built.right.initialAccessToken, inWords, { port: listening.right, host }))
  return null
}
