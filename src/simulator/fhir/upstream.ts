/**
 * The FHIR server that the gate protects: the simulator's own, or another one at a given address. Neither enforces
 * scopes.
 */
import * as Option from 'fp-ts/lib/Option.js'
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { View } from './read.js'
import { everyCurrent, lastResource, recordsOf } from './records.js'
import { operationOutcome } from './responses.js'
import type { LocalFhirSettings } from './server.js'
import { capabilityStatement } from './capabilities.js'
import { localFhirServer } from './server.js'
import type { FhirResource } from './synthetic-data.js'
import { fhirUpstream } from '../../adapters/fhir-upstream.js'
import { systemClock } from '../../adapters/system.js'
import { publicMetadata } from '../../engine/resource/addresses/metadata.js'
import { withPublicAddresses } from '../../engine/resource/addresses/public-address.js'
import type { FhirServer, PortError } from '../../engine/ports.js'
import { portUnavailable } from '../../engine/ports.js'
import { isResource } from '../../protocol/access/fhir-interaction.js'
import type { FhirRelease } from '../../protocol/access/release.js'
import { releaseIn } from '../../protocol/access/release.js'
import { fhirJsonType } from '../../protocol/http/media-type.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import type { ServerFacts } from '../../protocol/discovery/smart-configuration.js'
import { parseJson } from '../../values/json.js'
import { withNumbersAsTexts, withTextsAsNumbers } from '../../values/json-numbers.js'
import { below } from '../../values/urls.js'

/** A FHIR server without authorization of its own. */
export interface FhirBackend {
  /** Reads what other processes wrote since the last time; done before each page and each FHIR request. */
  readonly refresh: TaskEither.TaskEither<PortError, unknown>
  /** The resources among which the user chooses patients and encounters. */
  readonly resources: () => ReadonlyArray<FhirResource>
  /**
   * The current or last version of a resource, by its local reference; null if there is none, or if it cannot be looked
   * up.
   */
  readonly find: (reference: string) => FhirResource | null
  /** `/metadata`, which needs no token. */
  readonly metadata: (facts: ServerFacts) => Task.Task<PlainResponse>
  /** Its own base URLs, if they differ from the public one. */
  readonly aliases: ReadonlyArray<string>
  /** The server for a user with the access rule `mayTouch`. */
  readonly serverFor: (mayTouch: View['mayTouch']) => FhirServer
}

/** The settings of the simulator's own FHIR server. */
export const ownFhirSettings = (fhirBaseUrl: string, release: FhirRelease): LocalFhirSettings => ({
  fhirBaseUrl,
  release,
  instant: () => new Date(systemClock.now() * 1000).toISOString(),
  newId: () => globalThis.crypto.randomUUID()
})

/** A FHIR server in memory with these initial resources. */
export const localFhirBackend = (resources: ReadonlyArray<FhirResource>, settings: LocalFhirSettings): FhirBackend => {
  const server = localFhirServer(recordsOf(resources, settings.instant()), settings)
  return {
    refresh: TaskEither.right(null),
    resources: () => everyCurrent(server.records()),
    find: (reference) => lastResource(server.records(), reference),
    aliases: [],
    metadata: (facts) => Task.fromIO(() => capabilityStatement(releaseIn(settings), facts, server.records())),
    serverFor: (mayTouch) => ({
      // Lets other requests run between two requests of one client.
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

/** Replaces the base URL of the FHIR server by the public one in responses, and the reverse in requests. */
const rebaseUrls = (foreign: string, ours: string, ask: FhirServer['answer'] = fhirUpstream(foreign)) => {
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
 * Whether this is a FHIR server's response: resources, or an OperationOutcome. A server that needs credentials is not
 * supported.
 */
const isFhirAnswer = ({ status, body }: PlainResponse): boolean =>
  status === 200 || (status !== 401 && isResource(Option.toNullable(parseJson(body))))

/** The maximum number of patients and encounters of an upstream server that are offered for choice. */
const offered = 100

/** An upstream FHIR server, which must respond when the simulator starts: its patients are offered for choice. */
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
        headers: { accept: fhirJsonType },
        body: ''
      }),
      TaskEither.filterOrElse(
        (response) => type !== 'Patient' || isFhirAnswer(response),
        ({ status }) => portUnavailable(`${below(address, type)} answers with status ${String(status)}`)
      ),
      TaskEither.chain((response) =>
        TaskEither.tryCatch(
          () => Promise.resolve(entriesIn(response)),
          () => portUnavailable(`${below(address, type)} does not answer with a Bundle`)
        )
      )
    )
  return pipe(
    TaskEither.sequenceSeqArray([search('Patient'), search('Encounter')]),
    TaskEither.mapLeft(({ reason }) => portUnavailable(`fhirUpstream: ${reason}`)),
    TaskEither.map((found): FhirBackend => ({
      refresh: TaskEither.right(null),
      resources: () => found.flat(),
      find: () => null,
      aliases: [address],
      metadata: () =>
        pipe(
          answer({
            method: 'GET',
            path: '/metadata',
            query: '',
            headers: { accept: fhirJsonType },
            body: ''
          }),
          TaskEither.map((response) => publicMetadata({ base: fhirBaseUrl, aliases: [address] }, response)),
          TaskEither.getOrElse(() => Task.of(operationOutcome(503, 'transient', 'The FHIR server does not answer.')))
        ),
      serverFor: () => ({ answer })
    }))
  )
}

/** The same data at another base URL: for servers that share them. */
export const backendAt = (behind: FhirBackend, own: string, shown: string): FhirBackend => ({
  ...behind,
  aliases: [...behind.aliases, own],
  metadata: (facts) =>
    Task.map((response: PlainResponse) => publicMetadata({ base: shown, aliases: [own] }, response))(
      behind.metadata(facts)
    ),
  serverFor: (mayTouch) => ({ answer: rebaseUrls(own, shown, behind.serverFor(mayTouch).answer) })
})
