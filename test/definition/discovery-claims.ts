/**
 * What discovery says, and what a server does on request: the same facts from two sides.
 *
 * `claimsOf` reads the three documents as a client would, with the defaults that OpenID Connect Discovery 1.0, section
 * 3, and RFC 8414, section 2, give to members that are left out. `observe` asks the server itself.
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { assertion, keys } from '../support/client/assertions.js'
import { webApp } from '../support/client/registration.js'
import type { Change, Fixture } from '../support/server-fixture.js'
import {
  alice,
  authorizationParameters,
  bodyOf,
  get,
  issuer,
  newFixture,
  post,
  present,
  redirectUri,
  redirected,
  sha256,
  verifier
} from '../support/server-fixture.js'
import { memoryClients } from '../../src/adapters/memory-clients.js'
import type { Conversation } from '../../src/engine/server/interaction/conversation.js'
import type { ServerSettings } from '../../src/engine/server/settings.js'
import type { ClientAuthenticationMethod, RegisteredClient } from '../../src/protocol/client/client.js'
import { clientAuthenticationMethods } from '../../src/protocol/client/client.js'
import type { PlainRequest, PlainResponse } from '../../src/protocol/http/message.js'
import { parse } from '../../src/scopes/parse.js'

type Document = Readonly<Record<string, unknown>>

/** The three documents; null where one is not served. */
export type Documents = Readonly<Record<'smart' | 'oauth' | 'openid', Document | null>>

/** One thing that a document says. */
export interface Claim {
  readonly fact: string
  readonly in: keyof Documents
  readonly said: boolean
  /** Whether saying nothing says that it is not so. */
  readonly isWhole: boolean
}

/** A scope that every launch can be granted, whatever is offered. */
const anyScope = 'https://app.example/scopes/any'
const registered =
  `${anyScope} launch launch/patient launch/encounter openid fhirUser offline_access online_access ` +
  'patient/*.rs user/*.rs system/*.rs patient/*.read user/*.read system/*.read'

const clientOf = (method: ClientAuthenticationMethod): RegisteredClient => ({
  clientId: method,
  clientName: method,
  redirectUris: [redirectUri],
  launchUris: [],
  scope: parse(registered),
  grantTypes: ['authorization_code', 'refresh_token'],
  tokenEndpointAuthMethod: method,
  applicationType: 'web',
  mayIntrospect: true,
  secretDigests: method.startsWith('client_secret') ? [sha256('secret')] : [],
  ...(method === 'private_key_jwt' ? { keys: { _tag: 'Inline', keys } as const } : {})
})

const backend: RegisteredClient = {
  ...clientOf('private_key_jwt'),
  clientId: 'backend',
  redirectUris: [],
  grantTypes: ['client_credentials']
}

/** A server with these settings, and one client of each kind; null where the settings are refused. */
export const worldWith = (settings: Partial<ServerSettings>): Fixture | null =>
  Option.toNullable(
    Option.tryCatch(() =>
      newFixture({
        settings,
        policy: settings.policy ?? {},
        ports: { clients: memoryClients([...clientAuthenticationMethods.map(clientOf), backend]) }
      })
    )
  )

const answerOf = async (fixture: Fixture, request: PlainRequest): Promise<PlainResponse | null> => {
  const answer = fixture.server.endpoints.protocol(request)
  return Option.isNone(answer) ? null : await answer.value()
}

const documentAt = async (fixture: Fixture, path: string): Promise<Document | null> => {
  const answer = await answerOf(fixture, get(path))
  return answer === null ? null : bodyOf(answer)
}

/** The documents as the server publishes them. */
export const documentsOf = async (fixture: Fixture): Promise<Documents> => ({
  smart: await documentAt(fixture, '/fhir/.well-known/smart-configuration'),
  oauth: await documentAt(fixture, '/.well-known/oauth-authorization-server'),
  openid: await documentAt(fixture, '/.well-known/openid-configuration')
})

interface Proof {
  readonly parameters: Change
  readonly headers: Readonly<Record<string, string>>
}

/** How a client proves itself. */
const proofOf = (method: string, clientId: string = method): Proof => {
  switch (method) {
    case 'client_secret_basic':
      return { parameters: {}, headers: { authorization: `Basic ${btoa(`${clientId}:secret`)}` } }
    case 'client_secret_post':
      return { parameters: { client_id: clientId, client_secret: 'secret' }, headers: {} }
    case 'private_key_jwt':
      return {
        parameters: {
          client_assertion: assertion({ claims: { iss: clientId, sub: clientId, aud: issuer } }),
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
        },
        headers: {}
      }
    default:
      return { parameters: { client_id: clientId }, headers: {} }
  }
}

const tokenAt = async (fixture: Fixture, change: Change, { parameters, headers }: Proof): Promise<Document | null> => {
  const answer = await fixture.server.endpoints.token(post('/token', present({ ...change, ...parameters }), headers))()
  return answer.status === 200 ? bodyOf(answer) : null
}

/** Whether the token endpoint takes requests of a grant type, good or bad, from a client that authenticates. */
const takesGrantType = async (fixture: Fixture, grantType: string): Promise<boolean> => {
  const requested = { grant_type: grantType, code: 'x', redirect_uri: redirectUri, code_verifier: verifier }
  for (const method of clientAuthenticationMethods) {
    const { parameters, headers } = proofOf(method)
    const change = { ...requested, refresh_token: 'x', scope: 'system/*.rs', ...parameters }
    const error = bodyOf(await fixture.server.endpoints.token(post('/token', present(change), headers))())['error']
    if (error !== 'unsupported_grant_type' && error !== 'invalid_client') return true
  }
  return false
}

const situation = {
  patient: '123',
  encounter: 'e1',
  need_patient_banner: true,
  smart_style_url: 'https://ehr.example/style.json'
}

type LaunchKind = 'ehr' | 'standalone'
const launchKinds: ReadonlyArray<LaunchKind> = ['ehr', 'standalone']

/** The user goes along with everything, and chooses what can be chosen. */
const goAlong = async (fixture: Fixture, begun: Conversation): Promise<URLSearchParams | null> => {
  let conversation = begun
  for (let steps = 0; steps < 4 && conversation._tag !== 'SendToApp' && conversation._tag !== 'ShowRefusal'; steps++) {
    const { interaction, details } = conversation
    conversation = await (
      conversation._tag === 'NeedsUser'
        ? fixture.server.interaction.userSignedIn(interaction, alice)
        : conversation._tag === 'NeedsContext'
          ? fixture.server.interaction.contextChosen(interaction, situation)
          : fixture.server.interaction.consentGiven(interaction, details.scopes)
    )()
  }
  return redirected(conversation)
}

const requestOf = async (
  fixture: Fixture,
  kind: LaunchKind,
  method: string,
  scope: string,
  change: Change = {}
): Promise<ReadonlyArray<readonly [string, string]>> => {
  const handle = await fixture.server.ehr.offerLaunch({ clientId: method, launchedBy: null, context: situation })()
  const launch = kind === 'ehr' && Either.isRight(handle) ? handle.right : null
  return authorizationParameters({
    client_id: method,
    scope: kind === 'ehr' ? `launch ${scope}` : scope,
    launch,
    ...change
  })
}

const answerToApp = async (
  fixture: Fixture,
  kind: LaunchKind,
  method: string,
  scope: string,
  change: Change = {}
): Promise<URLSearchParams | null> =>
  goAlong(
    fixture,
    await fixture.server.endpoints.authorize(
      post('/authorize', await requestOf(fixture, kind, method, scope, change))
    )()
  )

/** What the token endpoint answers to an app that was launched. */
const launched = async (
  fixture: Fixture,
  kind: LaunchKind,
  method: string,
  scope: string
): Promise<Document | null> => {
  const code = (await answerToApp(fixture, kind, method, scope))?.get('code') ?? null
  return code === null
    ? null
    : tokenAt(
        fixture,
        { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier },
        proofOf(method)
      )
}

const backendToken = (fixture: Fixture, scope: string): Promise<Document | null> =>
  tokenAt(fixture, { grant_type: 'client_credentials', scope }, proofOf('private_key_jwt', 'backend'))

/** Facts by name: whether it is so. */
export type Facts = ReadonlyMap<string, boolean>

/** Asks the server about everything that its documents speak of. */
export const observe = async (fixture: Fixture, scopes: ReadonlyArray<string>): Promise<Facts> => {
  const facts = new Map<string, boolean>()
  const methods: ReadonlyArray<string> = clientAuthenticationMethods
  const firstOf = async (
    kinds: ReadonlyArray<LaunchKind>,
    scope: string,
    does: (answer: Document) => boolean
  ): Promise<boolean> => {
    for (const kind of kinds) {
      for (const method of methods) {
        const answer = await launched(fixture, kind, method, scope)
        if (answer !== null && does(answer)) return true
      }
    }
    return false
  }
  const isGranted =
    (scope: string) =>
    (answer: Document): boolean =>
      String(answer['scope']).split(' ').includes(scope)
  const grantsApps = (scope: string): Promise<boolean> =>
    firstOf(launchKinds, scope === 'fhirUser' ? 'openid fhirUser' : scope, isGranted(scope))
  const grantsBackends = async (scope: string): Promise<boolean> => {
    const answer = await backendToken(fixture, scope)
    return answer !== null && isGranted(scope)(answer)
  }
  const grants = async (scope: string): Promise<boolean> => (await grantsBackends(scope)) || grantsApps(scope)
  const apps = new Map<string, Document>()
  for (const method of methods) {
    for (const kind of launchKinds) {
      const answer = await launched(fixture, kind, method, `${anyScope} offline_access online_access openid`)
      if (answer !== null && apps.get(method)?.['refresh_token'] === undefined) apps.set(method, answer)
    }
  }
  const asBackend = await backendToken(fixture, 'system/*.rs system/*.read')
  for (const method of methods)
    facts.set(`token by ${method}`, apps.has(method) || (method === 'private_key_jwt' && asBackend !== null))
  for (const method of methods) facts.set(`app by ${method}`, apps.has(method))
  facts.set('grant authorization_code', apps.size > 0)
  facts.set('grant client_credentials', asBackend !== null)
  const [method = '', app] = [...apps].find(([, answer]) => answer['refresh_token'] !== undefined) ?? []
  facts.set(
    'grant refresh_token',
    app !== undefined &&
      (await tokenAt(
        fixture,
        { grant_type: 'refresh_token', refresh_token: String(app['refresh_token']) },
        proofOf(method)
      )) !== null
  )
  facts.set('grant implicit', false)
  for (const grantType of ['authorization_code', 'refresh_token', 'client_credentials', 'implicit'])
    facts.set(`taken grant ${grantType}`, await takesGrantType(fixture, grantType))
  for (const kind of launchKinds) facts.set(`launch ${kind}`, await firstOf([kind], anyScope, () => true))

  // The authorization endpoint.
  const [servedMethod = 'none'] = apps.keys()
  const kind: LaunchKind = facts.get('launch standalone') === true ? 'standalone' : 'ehr'
  const toApp = (change: Change): Promise<URLSearchParams | null> =>
    answerToApp(fixture, kind, servedMethod, anyScope, change)
  const plain = await toApp({})
  const isAccepted = async (change: Change): Promise<boolean> => (await toApp(change))?.has('code') ?? false
  facts.set('authorization endpoint', plain?.has('code') ?? false)
  facts.set('iss in answers', plain?.get('iss') === issuer)
  for (const mode of ['query', 'fragment'])
    facts.set(`response mode ${mode}`, await isAccepted({ response_mode: mode }))
  for (const type of ['code', 'token', 'code id_token'])
    facts.set(`response type ${type}`, await isAccepted({ response_type: type }))
  for (const name of ['request', 'request_uri'])
    facts.set(`parameter ${name}`, await isAccepted({ [name]: 'https://app.example/request' }))
  facts.set('parameter claims', false)
  facts.set('challenge S256', await isAccepted({}))
  facts.set('challenge plain', await isAccepted({ code_challenge: verifier, code_challenge_method: 'plain' }))

  // The token endpoint's neighbors.
  const token = String((app ?? [...apps.values()][0] ?? asBackend)?.['access_token'])
  const callers = (): ReadonlyArray<readonly [string, Proof]> => [
    ...methods.filter((one) => one !== 'none').map((one) => [one, proofOf(one)] as const),
    ['Bearer', { parameters: {}, headers: { authorization: `Bearer ${token}` } }]
  ]
  const asks = async (path: string, { parameters, headers }: Proof): Promise<boolean> =>
    (await answerOf(fixture, post(path, present({ token: 'unknown', ...parameters }), headers)))?.status === 200
  for (const [name, proof] of [...callers(), ['none', { parameters: {}, headers: {} }] as const])
    facts.set(`introspection by ${name}`, await asks('/introspect', proof))
  for (const [name, proof] of [...callers(), ['none', proofOf('none')] as const])
    facts.set(`revocation by ${name}`, await asks('/revoke', proof))
  for (const path of ['introspect', 'revoke', 'userinfo', 'register'])
    facts.set(path, (await answerOf(fixture, post(`/${path}`, []))) !== null)
  facts.set('jwks', (await answerOf(fixture, get('/jwks')))?.status === 200)
  const toRegister = {
    ...post('/register', []),
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...webApp, token_endpoint_auth_method: servedMethod })
  }
  facts.set('register', (await answerOf(fixture, toRegister)) !== null)

  // What a launch tells and grants.
  const announces = (kinds: ReadonlyArray<LaunchKind>, scope: string, member: string): Promise<boolean> =>
    firstOf(kinds, scope, (answer) => member in answer)
  facts.set('id_token', await announces(launchKinds, 'openid', 'id_token'))
  facts.set('banner', await announces(launchKinds, `${anyScope} launch/patient`, 'need_patient_banner'))
  facts.set('style', await announces(launchKinds, `${anyScope} launch/patient`, 'smart_style_url'))
  for (const one of launchKinds) {
    for (const type of ['patient', 'encounter'])
      facts.set(`${one} ${type}`, await announces([one], `${anyScope} launch/${type}`, type))
  }
  for (const scope of ['offline_access', 'online_access'])
    facts.set(
      scope,
      await firstOf(
        launchKinds,
        `${anyScope} ${scope}`,
        (answer) => answer['refresh_token'] !== undefined && isGranted(scope)(answer)
      )
    )
  // Levels are for apps; a backend service that the policy lets have them needs context out of band.
  const levels = async (suffix: string): Promise<ReadonlyArray<boolean>> => {
    const [patient, user] = [await grantsApps(`patient/*.${suffix}`), await grantsApps(`user/*.${suffix}`)]
    return [patient, user, patient || user || (await grantsBackends(`system/*.${suffix}`))]
  }
  const [version1, version2] = [await levels('read'), await levels('rs')]
  facts.set('level patient', version1[0] === true || version2[0] === true)
  facts.set('level user', version1[1] === true || version2[1] === true)
  facts.set('version 1', version1[2] === true)
  facts.set('version 2', version2[2] === true)
  for (const scope of scopes)
    facts.set(`scope ${scope}`, scope === 'launch' ? facts.get('launch ehr') === true : await grants(scope))
  return facts
}

/**
 * The capabilities of the guide, and the fact that each stands for. The host's own address stands for
 * `smart-app-state`.
 */
const capabilityFacts: ReadonlyArray<readonly [capability: string, fact: string]> = [
  ['launch-ehr', 'launch ehr'],
  ['launch-standalone', 'launch standalone'],
  ['authorize-post', 'authorization endpoint'],
  ['client-public', 'app by none'],
  ['client-confidential-symmetric', 'app by client_secret_basic'],
  ['client-confidential-asymmetric', 'token by private_key_jwt'],
  ['sso-openid-connect', 'id_token'],
  ['context-banner', 'banner'],
  ['context-style', 'style'],
  ['context-ehr-patient', 'ehr patient'],
  ['context-ehr-encounter', 'ehr encounter'],
  ['context-standalone-patient', 'standalone patient'],
  ['context-standalone-encounter', 'standalone encounter'],
  ['permission-offline', 'offline_access'],
  ['permission-online', 'online_access'],
  ['permission-patient', 'level patient'],
  ['permission-user', 'level user'],
  ['permission-v1', 'version 1'],
  ['permission-v2', 'version 2']
]

const listOf = (document: Document, member: string, missing: ReadonlyArray<string>): ReadonlyArray<string> =>
  (document[member] as ReadonlyArray<string> | undefined) ?? missing

/**
 * What is said of each member of a list; `missing` is what the list means where it is left out, `silent` what it need
 * not name.
 */
const listed = (
  name: keyof Documents,
  document: Document,
  member: string,
  fact: string,
  missing: ReadonlyArray<string>,
  all: ReadonlyArray<string>,
  silent: ReadonlyArray<string> = []
): ReadonlyArray<Claim> => {
  const said = listOf(document, member, missing)
  return [...new Set([...all, ...said])].map((one) => ({
    fact: `${fact} ${one}`,
    in: name,
    said: said.includes(one),
    isWhole: !silent.includes(one)
  }))
}

/** Everything that the documents say. */
export const claimsOf = (documents: Documents): ReadonlyArray<Claim> =>
  (['smart', 'oauth', 'openid'] as const).flatMap((name) => {
    const document = documents[name]
    if (document === null) return []
    const isGuide = name === 'smart'
    const list = (
      member: string,
      fact: string,
      missing: ReadonlyArray<string>,
      all: ReadonlyArray<string>,
      silent: ReadonlyArray<string> = []
    ) => listed(name, document, member, fact, missing, all, silent)
    const one = (fact: string, said: boolean, isWhole = true): Claim => ({ fact, in: name, said, isWhole })
    const hasEndpoint = document['authorization_endpoint'] !== undefined
    // Before 2.2.0 the guide requires the endpoint, and in every release the challenge methods, whatever is served.
    const isServed = hasEndpoint && (!isGuide || listOf(document, 'response_types_supported', []).length > 0)
    const forLaunches = [
      ...list('response_modes_supported', 'response mode', ['query', 'fragment'], []),
      ...list('response_types_supported', 'response type', [], ['code', 'token', 'code id_token']),
      ...list('code_challenge_methods_supported', 'challenge', [], ['S256', 'plain']),
      one('iss in answers', document['authorization_response_iss_parameter_supported'] === true),
      one('parameter request', document['request_parameter_supported'] === true),
      one('parameter request_uri', document['request_uri_parameter_supported'] !== false),
      one('parameter claims', document['claims_parameter_supported'] === true)
    ]
    const methods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt']
    const neighbor = (
      member: string,
      path: string,
      missing: ReadonlyArray<string>,
      all: ReadonlyArray<string>
    ): ReadonlyArray<Claim> => [
      one(path, document[`${member}_endpoint`] !== undefined),
      ...(document[`${member}_endpoint`] === undefined
        ? []
        : list(`${member}_endpoint_auth_methods_supported`, `${member} by`, missing, all))
    ]
    return [
      one('authorization endpoint', isServed),
      ...(isServed ? forLaunches : []),
      ...list(
        'token_endpoint_auth_methods_supported',
        'token by',
        ['client_secret_basic'],
        ['none', ...methods],
        isGuide ? ['none'] : []
      ),
      ...list(
        'grant_types_supported',
        'grant',
        ['authorization_code', 'implicit'],
        ['authorization_code', 'refresh_token', 'client_credentials'],
        isGuide ? ['refresh_token'] : []
      ),
      ...list(
        'grant_types_supported',
        'taken grant',
        ['authorization_code', 'implicit'],
        ['authorization_code', 'refresh_token', 'client_credentials'],
        isGuide ? ['refresh_token'] : []
      ),
      ...neighbor('introspection', 'introspect', [], ['none', 'Bearer', ...methods]),
      ...neighbor('revocation', 'revoke', ['client_secret_basic'], ['none', ...methods]),
      one('register', document['registration_endpoint'] !== undefined),
      ...list('scopes_supported', 'scope', [], []),
      ...(document['jwks_uri'] === undefined ? [] : [one('jwks', true)]),
      ...(isGuide ? [one('id_token', document['issuer'] !== undefined)] : []),
      ...(name === 'openid'
        ? [one('id_token', true), one('userinfo', document['userinfo_endpoint'] !== undefined)]
        : []),
      ...(isGuide
        ? capabilityFacts.map(([capability, fact]) =>
            one(fact, listOf(document, 'capabilities', []).includes(capability))
          )
        : [])
    ]
  })

/** The claims that are not so. */
export const untrue = (claims: ReadonlyArray<Claim>, facts: Facts): ReadonlyArray<string> =>
  claims
    .filter(({ fact, said, isWhole }) => (said || isWhole) && said !== facts.get(fact))
    .map(({ fact, in: document, said }) => `${document}: ${fact} is ${said ? 'said and not so' : 'so and not said'}`)
