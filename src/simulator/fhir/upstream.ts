/**
 * What stands behind the gate: the simulator's own FHIR server, or a foreign one at another address. Neither knows of
 * scopes.
 */
import * as Option from 'fp-ts/lib/Option.js'
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { View } from './read.js'
import { everyCurrent, recordsOf, versionsOf } from './records.js'
import { operationOutcome } from './responses.js'
import { capabilityStatement, localFhirServer } from './server.js'
import type { FhirResource } from './synthetic-data.js'
import { fhirUpstream } from '../../adapters/fhir-upstream.js'
import { systemClock } from '../../adapters/system.js'
import { publicMetadata, withPublicAddresses } from '../../engine/resource/public-urls.js'
import type { FhirServer, PortError } from '../../engine/ports.js'
import { isResource } from '../../protocol/access/interaction.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import type { ServerFacts } from '../../protocol/discovery/smart-configuration.js'
import { parseJson } from '../../values/json.js'
import { withNumbersAsTexts, withTextsAsNumbers } from '../../values/json-numbers.js'
import { below } from '../../values/urls.js'

/** A FHIR server without authorization of its own. */
export interface FhirBackend {
  /** What a person may choose from: patients and encounters among them. */
  readonly resources: () => ReadonlyArray<FhirResource>
  /**
   * A resource by its local reference, as it is or last was; null where there is none, or where it cannot be looked up.
   */
  readonly find: (reference: string) => FhirResource | null
  /** `/metadata`, which needs no token. */
  readonly metadata: (facts: ServerFacts) => Task.Task<PlainResponse>
  /** Its own addresses, where they are not ours. */
  readonly aliases: ReadonlyArray<string>
  /** The server as it is for somebody who may touch what `mayTouch` says. */
  readonly serverFor: (mayTouch: View['mayTouch']) => FhirServer
}

const instant = (): string => new Date(systemClock.now() * 1000).toISOString()

/** A FHIR server in memory that begins with these resources. */
export const localFhirBackend = (resources: ReadonlyArray<FhirResource>, fhirBaseUrl: string): FhirBackend => {
  const server = localFhirServer(recordsOf(resources, instant()), {
    fhirBaseUrl,
    instant,
    newId: () => globalThis.crypto.randomUUID()
  })
  return {
    resources: () => everyCurrent(server.records()),
    find: (reference) =>
      versionsOf(server.records(), reference).findLast(({ resource }) => resource !== null)?.resource ?? null,
    aliases: [],
    metadata: (facts) => Task.fromIO(() => capabilityStatement(facts, server.records())),
    serverFor: (mayTouch) => ({
      // Others have their turn between two requests of one client.
      answer: (request) => async () => {
        await new Promise((resolve) => {
          setImmediate(resolve)
        })
        const response = server.answer(mayTouch, { ...request, body: withNumbersAsTexts(request.body) })
        return Either.right({ ...response, body: withTextsAsNumbers(response.body) })
      }
    })
  }
}

/** The foreign server under our own base: the addresses that it writes become ours, and ours become its. */
const rebaseUrls = (foreign: string, ours: string) => {
  const ask = fhirUpstream(foreign)
  const [toOurs, toForeign] = [
    { base: ours, aliases: [foreign] },
    { base: foreign, aliases: [ours] }
  ]
  return (request: PlainRequest): TaskEither.TaskEither<PortError, PlainResponse> =>
    pipe(
      ask({
        ...request,
        query: withPublicAddresses(toForeign, request.query),
        body: withPublicAddresses(toForeign, request.body)
      }),
      TaskEither.map((response) => ({
        ...response,
        headers: Object.fromEntries(
          Object.entries(response.headers).map(([name, value]) => [
            name,
            typeof value === 'string' ? withPublicAddresses(toOurs, value) : value
          ])
        ),
        body: withPublicAddresses(toOurs, response.body)
      }))
    )
}

const entriesIn = ({ status, body }: PlainResponse): ReadonlyArray<FhirResource> => {
  if (status !== 200) return []
  const { entry = [] } = Option.toNullable(parseJson(body)) as {
    readonly entry?: ReadonlyArray<{ readonly resource?: unknown }>
  }
  return entry.flatMap(({ resource }) =>
    isResource(resource) && typeof resource.id === 'string' ? [resource as FhirResource] : []
  )
}

/**
 * Whether this is a FHIR server's word: resources, or why there are none. One that wants credentials cannot be used
 * here.
 */
const isFhirAnswer = ({ status, body }: PlainResponse): boolean =>
  status === 200 || (status !== 401 && isResource(Option.toNullable(parseJson(body))))

/** How many patients and encounters of a foreign server are offered for choice. */
const offered = 100

/** A foreign FHIR server, which must answer when the simulator starts: its patients are the ones to choose from. */
export const upstreamFhirBackend = (
  address: string,
  fhirBaseUrl: string
): TaskEither.TaskEither<PortError, FhirBackend> => {
  const answer = rebaseUrls(address, fhirBaseUrl)
  const search = (type: string): TaskEither.TaskEither<PortError, ReadonlyArray<FhirResource>> =>
    pipe(
      answer({
        method: 'GET',
        path: `/${type}`,
        query: `_count=${String(offered)}`,
        headers: { accept: 'application/fhir+json' },
        body: ''
      }),
      TaskEither.filterOrElse(
        (response) => type !== 'Patient' || isFhirAnswer(response),
        ({ status }): PortError => ({
          _tag: 'Unavailable',
          reason: `${below(address, type)} answers with status ${String(status)}`
        })
      ),
      TaskEither.chain((response) =>
        TaskEither.tryCatch(
          () => Promise.resolve(entriesIn(response)),
          (): PortError => ({ _tag: 'Unavailable', reason: `${below(address, type)} does not answer with a Bundle` })
        )
      )
    )
  return pipe(
    TaskEither.sequenceSeqArray([search('Patient'), search('Encounter')]),
    TaskEither.mapLeft(({ reason }): PortError => ({ _tag: 'Unavailable', reason: `fhirUpstream: ${reason}` })),
    TaskEither.map((found): FhirBackend => ({
      resources: () => found.flat(),
      find: () => null,
      aliases: [address],
      metadata: () =>
        pipe(
          answer({
            method: 'GET',
            path: '/metadata',
            query: '',
            headers: { accept: 'application/fhir+json' },
            body: ''
          }),
          TaskEither.map((response) => publicMetadata({ base: fhirBaseUrl, aliases: [address] }, response)),
          TaskEither.getOrElse(() => Task.of(operationOutcome(503, 'transient', 'The FHIR server does not answer.')))
        ),
      serverFor: () => ({ answer })
    }))
  )
}
