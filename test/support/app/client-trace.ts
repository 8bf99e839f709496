/** A launch of an app against the real engine, and everything that it sent. */
import type { Method, Parties, PartyOptions, Sent } from './parties.js'
import { begin, consent, good, newParties, tokenRequests } from './parties.js'
import { fhirBaseUrl } from '../server-fixture.js'
import { backendService } from '../../../src/engine/app/backend-service.js'
import type { AppFailure } from '../../../src/protocol/app/failure.js'
import type { OutgoingRequest } from '../../../src/protocol/http/outgoing-request.js'
import type { SessionFacts } from '../../../src/protocol/app/stored-app.js'

/** What a launch sent and brought. */
export interface Trace {
  readonly parties: Parties
  readonly sent: ReadonlyArray<Sent>
  /** The parameters of the authorization request; none for a backend service. */
  readonly requested: URLSearchParams
  /** The token requests: the first, and the last. */
  readonly requests: ReadonlyArray<OutgoingRequest>
  readonly exchange: URLSearchParams
  readonly refresh: URLSearchParams
  readonly facts: SessionFacts | null
}

/** The backend service of the parties. */
export const backendOf = ({ ports }: Parties, scope = 'system/*.rs') =>
  backendService(
    {
      server: {
        fhirBaseUrl,
        clientId: 'the-backend',
        authentication: [{ method: 'private_key_jwt' }],
        redirectUri: ''
      },
      scope
    },
    ports
  )

const traceOf = (parties: Parties, requested: URLSearchParams, facts: SessionFacts | null): Trace => {
  const requests = tokenRequests(parties.sent)
  return {
    parties,
    sent: parties.sent,
    requested,
    requests,
    facts,
    exchange: new URLSearchParams(requests[0]?.body),
    refresh: new URLSearchParams(requests.at(-1)?.body)
  }
}

/** A launch, a request to the FHIR server, and a refresh; or a backend service's two tokens. */
export const launchOf = async (
  kind: 'ehr' | 'standalone' | 'backend' = 'standalone',
  method: Method = 'none',
  options: PartyOptions = {}
): Promise<Trace> => {
  const parties = newParties({ ...options, method })
  if (kind === 'backend') {
    const backend = backendOf(parties)
    good(await backend.fhir({ url: 'Patient' })())
    parties.fixture.clock.now += 290
    good(await backend.accessToken())
    return traceOf(parties, new URLSearchParams(), null)
  }
  const { launchId, query } = await begin(parties, kind)
  const { facts, sessionId } = good(
    await parties.app.callback({ launchIds: [launchId], query: await consent(parties.fixture, query) })()
  )
  good(await parties.app.fhir(sessionId, { url: 'Patient/123' })())
  parties.fixture.clock.now += 3600
  good(await parties.app.accessToken(sessionId)())
  return traceOf(parties, new URLSearchParams(query), facts)
}

/** A server whose answers at addresses that end in this are changed. */
export const answer = (
  address: string,
  change: (body: Readonly<Record<string, unknown>>) => object
): { readonly tamper: NonNullable<PartyOptions['tamper']> } => ({
  tamper: ({ url }, response) =>
    url.endsWith(address)
      ? { ...response, body: JSON.stringify(change(JSON.parse(response.body) as Readonly<Record<string, unknown>>)) }
      : response
})

/** Why a launch does not begin. */
export const refusedLaunch = async (options: PartyOptions): Promise<AppFailure | null> => {
  const begun = await newParties(options).app.launch({ _tag: 'Standalone', iss: fhirBaseUrl })()
  return begun._tag === 'Left' ? begun.left : null
}

/** Why a session is not opened, or the session's facts. */
export const opened = async (options: PartyOptions): Promise<AppFailure | SessionFacts> => {
  const parties = newParties(options)
  const { launchId, query } = await begin(parties)
  const back = await parties.app.callback({ launchIds: [launchId], query: await consent(parties.fixture, query) })()
  return back._tag === 'Left' ? back.left : back.right.facts
}

/** Addresses that are not on the FHIR server. */
export const elsewhere: ReadonlyArray<string> = [
  'https://evil.example/fhir/Patient/1',
  'https://ehr.example/fhirish/Patient/1',
  'https://ehr.example/fhir/../x',
  '//evil.example',
  '/x'
]
