/**
 * Those who talk: the honest server, the app, users with browsers, and an adversary with a server, a client and a
 * browser of its own. Everything is a function call; the adversary sees and sends what the network and its own machines
 * allow.
 */
import { generateKeyPairSync, sign } from 'node:crypto'
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { Fixture } from '../server-fixture.js'
import { fhirBaseUrl, get, issuer, newFixture, redirectUri, sha256, synchronousKeys } from '../server-fixture.js'
import { memoryClients } from '../../../src/adapters/memory-clients.js'
import { memoryStore } from '../../../src/adapters/stores/memory-store.js'
import type { AppPorts } from '../../../src/engine/app/ports.js'
import type { AppSettings } from '../../../src/engine/app/smart-app.js'
import type { SmartApp } from '../../../src/engine/app/context.js'
import { smartApp } from '../../../src/engine/app/smart-app.js'
import type { RegisteredClient } from '../../../src/protocol/client/client.js'
import type { PlainRequest, PlainResponse } from '../../../src/protocol/http/message.js'
import { json } from '../../../src/protocol/http/message.js'
import type { LaunchContext, SignedInUser } from '../../../src/protocol/launch/launch-context.js'
import type { OutgoingRequest } from '../../../src/protocol/http/outgoing-request.js'
import type { SmartPolicy } from '../../../src/protocol/policy/policy.js'
import type { AppAuthentication, TrustedServer } from '../../../src/protocol/app/trusted-server.js'
import { trustList } from '../../../src/protocol/app/trusted-server.js'
import { parse } from '../../../src/scopes/parse.js'
import { originOf, pathOf } from '../../../src/values/urls.js'

export const everyMethod = ['none', 'client_secret_basic', 'private_key_jwt'] as const
export type Method = (typeof everyMethod)[number]

export const appSecret = 'se cret:%+é'
export const evilBase = 'https://evil.example/fhir'
export const evilRedirect = 'https://evil.example/cb'

const appKey = generateKeyPairSync('ec', { namedCurve: 'P-384' })
const appJwk = { ...appKey.publicKey.export({ format: 'jwk' }), kid: 'app-key' }

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const signAssertion = (claims: unknown): string => {
  const text = `${encoded({ alg: 'ES384', kid: 'app-key', typ: 'JWT' })}.${encoded(claims)}`
  return (
    `${text}.` +
    sign('sha384', Buffer.from(text), { key: appKey.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')
  )
}

export const scope = 'launch launch/patient openid fhirUser offline_access patient/*.rs user/*.rs'

const clientOf = (method: Method): RegisteredClient => ({
  clientId: 'the-app',
  clientName: 'The App',
  redirectUris: [redirectUri],
  launchUris: ['https://app.example/launch'],
  scope: parse(scope),
  grantTypes: ['authorization_code', 'refresh_token'],
  tokenEndpointAuthMethod: method,
  secretDigests: method === 'client_secret_basic' ? [sha256(appSecret)] : [],
  applicationType: 'web',
  ...(method === 'private_key_jwt' ? { keys: { _tag: 'Inline' as const, keys: [appJwk] } } : {})
})

const backendClient: RegisteredClient = {
  ...clientOf('private_key_jwt'),
  clientId: 'the-backend',
  redirectUris: [],
  launchUris: [],
  scope: parse('system/*.rs'),
  grantTypes: ['client_credentials']
}

/** The adversary's own client at the honest server. */
const evilClient: RegisteredClient = {
  ...clientOf('none'),
  clientId: 'evil-app',
  redirectUris: [evilRedirect],
  launchUris: []
}

export const authenticationOf = (method: Method): AppAuthentication =>
  method === 'client_secret_basic' ? { method, clientSecret: appSecret } : { method }

/** What was sent, to whom. */
export interface Sent {
  readonly request: OutgoingRequest
  readonly response: PlainResponse | null
}

/** How the parties are set up. */
export interface PartyOptions {
  readonly method?: Method
  readonly policy?: Partial<SmartPolicy>
  readonly settings?: Partial<AppSettings>
  readonly server?: Partial<TrustedServer>
  /** Answers for every address that is not the honest server's. */
  readonly elsewhere?: (request: OutgoingRequest) => PlainResponse | null
  /** Changes what the honest server answers. */
  readonly tamper?: (request: OutgoingRequest, response: PlainResponse) => PlainResponse | null
  readonly build?: typeof smartApp
  readonly ports?: Partial<AppPorts>
  /** The app's redirect URI for the adversary's server, where that is another one. */
  readonly evilRedirectUri?: string
}

/** The honest server and the app, and everything that the app sent. */
export interface Parties {
  readonly fixture: Fixture
  readonly app: SmartApp
  readonly ports: AppPorts
  readonly sent: Array<Sent>
}

export const plainOf = ({ body, headers, method, url }: OutgoingRequest): PlainRequest => ({
  method,
  path: pathOf(url),
  query: url.includes('?') ? url.slice(url.indexOf('?') + 1) : '',
  headers,
  body
})

/** The honest server and its FHIR server, by their addresses. */
const answerOf = async (fixture: Fixture, request: OutgoingRequest): Promise<PlainResponse> => {
  const plain = plainOf(request)
  const answer = fixture.server.endpoints.protocol(plain)
  if (Option.isSome(answer)) return answer.value()
  const facts = await fixture.server.resource.bearer(plain)()
  return Either.isLeft(facts)
    ? json(401, {})
    : json(200, { resourceType: 'Bundle', user: facts.right.user?.sub ?? null })
}

export const newParties = (options: PartyOptions = {}): Parties => {
  const { method = 'none' } = options
  const fixture = newFixture({
    policy: options.policy ?? {},
    ports: { clients: memoryClients([clientOf(method), evilClient, backendClient]) }
  })
  const sent: Array<Sent> = []
  let generated = 0
  const ports: AppPorts = {
    store: memoryStore({ now: () => fixture.clock.now }),
    clock: { now: () => fixture.clock.now },
    random: { token: () => sha256(`app ${String(generated++)}`) },
    keys: {
      digest: synchronousKeys.digest,
      signAssertion: (claims) => TaskEither.right(signAssertion(claims)),
      verifySignature: synchronousKeys.verifyAssertion
    },
    pause: () => () => Promise.resolve(),
    http: (request) => async () => {
      const isHonest = originOf(request.url) === issuer
      const plain = isHonest ? await answerOf(fixture, request) : (options.elsewhere?.(request) ?? null)
      const response =
        isHonest && plain !== null && options.tamper !== undefined ? options.tamper(request, plain) : plain
      sent.push({ request, response })
      return response === null
        ? Either.left({ _tag: 'Unavailable', reason: 'nobody is there' })
        : Either.right(response)
    },
    ...options.ports
  }
  const own: TrustedServer = {
    fhirBaseUrl,
    clientId: 'the-app',
    authentication: [authenticationOf(method)],
    redirectUri,
    ...options.server
  }
  const evil: TrustedServer = { ...own, fhirBaseUrl: evilBase, redirectUri: options.evilRedirectUri ?? redirectUri }
  const app = (options.build ?? smartApp)(
    { trust: trustList([own, evil]), scope: scope.replace('launch ', ''), ...options.settings },
    ports
  )
  if (Either.isLeft(app)) throw new Error(JSON.stringify(app.left))
  return { fixture, app: app.right, ports, sent }
}

export const alice: SignedInUser = { sub: 'alice', fhirUser: 'Practitioner/p1', authTime: 1000 }
export const mallory: SignedInUser = { sub: 'mallory', fhirUser: 'Practitioner/p9', authTime: 1000 }

/** A user goes through the honest server's pages; gives the query of the redirect to the app. */
export const consent = async (
  fixture: Fixture,
  query: string,
  user: SignedInUser = alice,
  context: LaunchContext = { patient: '123' }
): Promise<string> => {
  let conversation = await fixture.server.endpoints.authorize(get('/authorize', query))()
  while (conversation._tag !== 'SendToApp') {
    if (conversation._tag === 'ShowRefusal') throw new Error(conversation.refusal._tag)
    const { interaction, details } = conversation
    conversation = await (
      conversation._tag === 'NeedsUser'
        ? fixture.server.interaction.userSignedIn(interaction, user)
        : conversation._tag === 'NeedsContext'
          ? fixture.server.interaction.contextChosen(interaction, context)
          : fixture.server.interaction.consentGiven(interaction, details.scopes)
    )()
  }
  const location = String(conversation.response.headers['location'])
  return location.slice(location.indexOf('?') + 1)
}

/** The launch that an EHR makes: the query with which it opens the app. */
export const ehrQuery = async (fixture: Fixture, context: LaunchContext = { patient: '123' }): Promise<string> => {
  const handle = await fixture.server.ehr.offerLaunch({ clientId: 'the-app', launchedBy: 'alice', context })()
  if (Either.isLeft(handle)) throw new Error(handle.left._tag)
  return new URLSearchParams({ iss: fhirBaseUrl, launch: handle.right }).toString()
}

/** The good answer, or an error that says what came instead. */
export const good = <A>(answer: Either.Either<unknown, A>): A => {
  if (Either.isLeft(answer)) throw new Error(JSON.stringify(answer.left))
  return answer.right
}

/** Begins a launch; gives its id and the query for the server. */
export const begin = async (
  { app, fixture }: Parties,
  kind: 'ehr' | 'standalone' = 'standalone'
): Promise<{ readonly launchId: string; readonly query: string }> => {
  const begun = good(
    await app.launch(
      kind === 'ehr' ? { _tag: 'EhrLaunch', query: await ehrQuery(fixture) } : { _tag: 'Standalone', iss: fhirBaseUrl }
    )()
  )
  if (begun.redirect._tag !== 'Get') throw new Error('a form')
  return { launchId: begun.launchId, query: begun.redirect.url.slice(begun.redirect.url.indexOf('?') + 1) }
}

/** The whole of an honest launch. */
export const complete = async (parties: Parties, kind: 'ehr' | 'standalone' = 'standalone'): Promise<string> => {
  const { launchId, query } = await begin(parties, kind)
  return good(await parties.app.callback({ launchIds: [launchId], query: await consent(parties.fixture, query) })())
    .sessionId
}

/** Requests of the app to a token endpoint. */
export const tokenRequests = (sent: ReadonlyArray<Sent>): ReadonlyArray<OutgoingRequest> =>
  sent.map(({ request }) => request).filter(({ method }) => method === 'POST')
