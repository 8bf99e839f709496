/** Launches the app of this package at a server of the simulator, and says in one value how it ended. */
import { vi } from 'vitest'
import { sentTo, TestUser } from '../../support/simulator/person.js'
import type { AppFailure, PlainSmartApp, Result } from '../../../src/app.js'
import { createBackendService, createSmartApp } from '../../../src/app.js'
import type { OwnOutcome, Unharmed } from '../../../src/simulator/misbehavior/misbehavior.js'
import { baseUrlWith } from '../../../src/simulator/settings/setting-servers.js'
import type { LaunchSetting } from '../../../src/simulator/settings/setting.js'

export const redirectUri = 'http://127.0.0.1:4567/redirect'
export const launchUri = 'http://127.0.0.1:4567/launch'
export const clientSecret = 'p:ss %word+'

const clientId = 'tried-app'
const patient = 'example-1'
const scope = 'launch/patient openid fhirUser offline_access patient/*.rs user/Practitioner.rs'

/** The parameters of a launch from the EHR. */
const ehrLaunch = (client: string): string =>
  new URLSearchParams({ client_id: client, launch_uri: launchUri, user: 'alice', patient }).toString()

const algorithm = { name: 'ECDSA', namedCurve: 'P-384' } as const
const pair = crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])

const asserting = 'asserting-app'
const service = 'tried-service'
const serviceScope = 'system/Patient.rs'

/** The clients of the simulator: an app with a secret, an app that signs assertions, a backend service. */
export const clients = async (): Promise<ReadonlyArray<object>> => {
  const { crv, kty, x, y } = await crypto.subtle.exportKey('jwk', (await pair).publicKey)
  const signing = {
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [{ kty, crv, x, y, kid: '1', alg: 'ES384', key_ops: ['verify'] }] }
  }
  const app = {
    redirect_uris: [redirectUri],
    launch_uris: [launchUri],
    scope: `launch ${scope}`,
    grant_types: ['authorization_code', 'refresh_token']
  }
  return [
    {
      ...app,
      client_id: clientId,
      client_name: 'Tried App',
      token_endpoint_auth_method: 'client_secret_basic',
      client_secret: clientSecret
    },
    { ...app, ...signing, client_id: asserting, client_name: 'Asserting App' },
    {
      ...signing,
      client_id: service,
      client_name: 'Tried Service',
      scope: serviceScope,
      redirect_uris: [],
      grant_types: ['client_credentials']
    }
  ]
}

/** What happened in a launch. */
export interface Launched {
  readonly outcome: OwnOutcome
  /** Every address to which the app itself sent a request. */
  readonly sent: ReadonlyArray<string>
  /** The bodies of the token responses. */
  readonly tokenResponses: ReadonlyArray<string>
  /** Every patient whose data the app received. */
  readonly shown: ReadonlyArray<string>
}

/** Ends a launch at its first failure. */
class Ended extends Error {
  readonly outcome: OwnOutcome

  constructor(outcome: OwnOutcome) {
    super('the launch ended')
    this.outcome = outcome
  }
}

/** What a failure names besides its tag. */
const detailOf = (failure: AppFailure): string | null => {
  switch (failure._tag) {
    case 'LaunchParameterMissing':
    case 'CallbackParameterRepeated':
      return failure.name
    case 'DiscoveryFailed':
    case 'ServerBusy':
      return String(failure.status)
    case 'EndpointElsewhere':
      return failure.member
    case 'TokenResponseMalformed':
      return failure.member === '' ? null : failure.member
    case 'AuthorizationRefused':
    case 'TokenRefused':
    case 'SessionLost':
      return failure.error
    case 'TokenTypeUnknown':
      return failure.tokenType
    case 'IdTokenWrong':
      return failure.claim
    default:
      return null
  }
}

const good = <Value>(result: Result<Value, AppFailure>): Value => {
  if (result.ok) return result.value
  const detail = detailOf(result.failure)
  throw new Ended({ failure: result.failure._tag, ...(detail === null ? {} : { detail }) })
}

const must = (isGood: boolean, unharmed: Unharmed): void => {
  if (!isGood) throw new Ended({ unharmed })
}

/** A FHIR response; ends the launch where it has no data. */
const dataOf = (response: { readonly status: number; readonly body: string }): string => {
  must(response.status !== 401, 'tokenRefused')
  must(response.status !== 429, 'busy')
  if (response.status !== 200) throw new Error(`${String(response.status)} ${response.body}`)
  return response.body
}

const patientsIn = (body: string): ReadonlyArray<string> => [
  ...new Set(
    [...body.matchAll(/Patient\/(example-[0-9]+)|"Patient","id":"(example-[0-9]+)"/g)].map(
      (found) => found[1] ?? found[2] ?? ''
    )
  )
]

const nextIn = (body: string): string | undefined =>
  (
    JSON.parse(body) as { readonly link?: ReadonlyArray<{ readonly relation: string; readonly url: string }> }
  ).link?.find(({ relation }) => relation === 'next')?.url

type Kind = 'standalone' | 'ehr'

const runLaunch = async (
  app: PlainSmartApp,
  client: string,
  base: string,
  simulator: string,
  kind: Kind,
  acting: <Value>(work: () => Promise<Value>) => Promise<Value>,
  shown: Array<string>
): Promise<void> => {
  const person = new TestUser(simulator)
  const query =
    kind === 'standalone' ? null : sentTo(await person.go(`${base}/ehr/launch?${ehrLaunch(client)}`)).search.slice(1)
  const begun = good(
    await acting(() =>
      app.launch(query === null ? { _tag: 'Standalone', iss: `${base}/fhir` } : { _tag: 'EhrLaunch', query })
    )
  )
  if (begun.redirect._tag !== 'Get') throw new Error('a form')
  const end = await person.pursue(await person.go(begun.redirect.url), { choose: patient })
  const links = end._tag === 'Page' ? end.visit.document.querySelectorAll('#first, #second') : []
  must(end._tag === 'Sent' || links.length > 0, 'noResponse')
  const answers =
    links.length > 0
      ? links.map((link) => new URL(link.getAttribute('href')?.replaceAll('&amp;', '&') ?? '').search.slice(1))
      : [sentTo(end).search.slice(1)]
  const sessions: Array<string> = []
  for (const answer of answers) {
    const opened = good(await acting(() => app.callback({ launchIds: [begun.launchId], query: answer, redirectUri })))
    sessions.push(opened.sessionId)
  }
  const sessionId = sessions[0] ?? ''
  const facts = good(await app.session(sessionId))
  must(facts.comparison.excess === '', 'moreScopes')
  must(facts.comparison.missing === '', 'fewerScopes')
  must(facts.context.patient !== undefined, 'noPatient')
  const read = async (url: string): Promise<string> => {
    const body = dataOf(good(await acting(() => app.fhir(sessionId, { url }))))
    shown.push(...patientsIn(body))
    return body
  }
  await read(`Patient/${facts.context.patient ?? ''}`)
  await read(facts.user?.fhirUser ?? '')
  const next = nextIn(await read(`Observation?patient=${facts.context.patient ?? ''}&_count=1`))
  if (next !== undefined) await read(next)
  const { accessToken } = good(await app.accessToken(sessionId))
  const refreshed = good(await acting(() => app.accessToken(sessionId, { isForced: true })))
  must(refreshed.accessToken !== accessToken, 'tokenKept')
  await read(`Patient/${facts.context.patient ?? ''}`)
}

/** How a backend service of this package ends at the server of a setting: by its failure, or with its token. */
export const serviceAt = async (simulator: string, setting: LaunchSetting): Promise<OwnOutcome> => {
  const result = await createBackendService({
    server: {
      fhirBaseUrl: `${baseUrlWith(simulator, setting)}/fhir`,
      clientId: service,
      authentication: [{ method: 'private_key_jwt' }],
      redirectUri: ''
    },
    scope: serviceScope,
    signingKey: { kid: '1', alg: 'ES384', key: (await pair).privateKey }
  }).accessToken()
  if (result.ok) return { unharmed: 'nothing' }
  const detail = detailOf(result.failure)
  return { failure: result.failure._tag, ...(detail === null ? {} : { detail }) }
}

/** Launches the app at the server of a setting. */
export const launchAt = async (
  simulator: string,
  setting: LaunchSetting,
  kind: Kind,
  { isAsserting = false, timeoutMilliseconds = 15_000 } = {}
): Promise<Launched> => {
  const base = baseUrlWith(simulator, setting)
  const client = isAsserting ? asserting : clientId
  const app = createSmartApp({
    trust: [
      {
        fhirBaseUrl: `${base}/fhir`,
        clientId: client,
        authentication: [isAsserting ? { method: 'private_key_jwt' } : { method: 'client_secret_basic', clientSecret }],
        redirectUri
      }
    ],
    scope,
    timeoutMilliseconds,
    ...(isAsserting ? { signingKey: { kid: '1', alg: 'ES384' as const, key: (await pair).privateKey } } : {})
  })
  const sent: Array<string> = []
  const shown: Array<string> = []
  const tokenResponses: Array<string> = []
  const original = globalThis.fetch
  /** Runs what the app does, and notes where it sends requests. */
  const acting = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    const spy = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      const url = typeof input === 'string' ? input : input instanceof URL ? input.href : input.url
      sent.push(url)
      const response = await original(input, init)
      if (url.endsWith('/token') && init?.redirect === 'error') tokenResponses.push(await response.clone().text())
      return response
    })
    try {
      return await work()
    } finally {
      spy.mockRestore()
    }
  }
  try {
    await runLaunch(app, client, base, simulator, kind, acting, shown)
    return { outcome: { unharmed: 'nothing' }, sent, shown, tokenResponses }
  } catch (error) {
    if (error instanceof Ended) return { outcome: error.outcome, sent, shown, tokenResponses }
    throw error
  }
}
