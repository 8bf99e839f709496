/**
 * An adversary between app and server, and every trace of its moves up to a length.
 *
 * It has a server of its own that the app trusts as a server (a hospital gone bad), a client of its own at the honest
 * server, and a browser in which it is the user Mallory. It sees the redirects of launches at the honest server,
 * repeats, reorders, and swaps values between its own session and the honest user's. What it learns is what reaches its
 * server, what the honest server answers it, and what its own sessions hold. One thing it cannot read: the redirect of
 * a launch that it sent on from its own server to the honest one. Whoever has that code, and is the server to which the
 * app shows the verifier, has everything; no app can help it.
 */
import { generateKeyPairSync, sign } from 'node:crypto'
import * as Either from 'fp-ts/lib/Either.js'
import type { Method, Parties, PartyOptions, Sent } from '../../support/app/parties.js'
import {
  alice,
  begin,
  consent,
  evilBase,
  evilRedirect,
  good,
  mallory,
  newParties,
  tokenRequests
} from '../../support/app/parties.js'
import { fhirBaseUrl, get, issuer, post, redirectUri, sha256 } from '../../support/server-fixture.js'
import type { smartApp } from '../../../src/engine/app/smart-app.js'
import type { PlainResponse } from '../../../src/protocol/http/message.js'
import { json } from '../../../src/protocol/http/message.js'
import type { OutgoingRequest } from '../../../src/protocol/http/outgoing-request.js'

const evilKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
const evilIssuer = 'https://evil.example'
/** The app has a redirect URI of its own for the adversary's server. */
const evilArrival = 'https://app.example/cb/evil'
const ownVerifier = 'm'.repeat(43)

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** An id_token that the adversary's server signs: that Alice is there, as the honest issuer would say. */
const forgedIdToken = (nonce: string): string => {
  const claims = {
    iss: issuer,
    sub: 'alice',
    aud: 'the-app',
    exp: 9999,
    iat: 1000,
    nonce,
    fhirUser: `${fhirBaseUrl}/Practitioner/p1`
  }
  const text = `${encoded({ alg: 'RS256', kid: 'evil', typ: 'JWT' })}.${encoded(claims)}`
  return `${text}.${sign('sha256', Buffer.from(text), evilKey.privateKey).toString('base64url')}`
}

/** What the adversary's documents say; each a forgery that was seen in the wild. */
const documents = {
  plain: {},
  /** Audience injection: assertions for me are good at the honest server. */
  foreignTokenEndpoint: { token_endpoint: `${issuer}/token` },
  /** Mix-up by metadata: the user signs in at the honest server, the code comes to me. */
  foreignAuthorization: { authorization_endpoint: `${issuer}/authorize` },
  /** I am the honest issuer. */
  foreignIssuer: { issuer }
} as const

/** Which document the adversary's server shows. */
export type Forgery = keyof typeof documents
export const forgeries = Object.keys(documents) as ReadonlyArray<Forgery>

/** The adversary's server: documents, and a token endpoint that takes what it gets. */
const evilServer =
  (forgery: Forgery, nonceOf: () => string) =>
  ({ url }: OutgoingRequest): PlainResponse | null => {
    if (url === `${evilBase}/.well-known/smart-configuration`) {
      return json(200, {
        issuer: evilIssuer,
        authorization_endpoint: `${evilIssuer}/authorize`,
        token_endpoint: `${evilIssuer}/token`,
        code_challenge_methods_supported: ['S256'],
        capabilities: [],
        ...documents[forgery]
      })
    }
    if (url === `${evilIssuer}/.well-known/openid-configuration`) {
      return json(200, { issuer: evilIssuer, token_endpoint: `${evilIssuer}/token`, jwks_uri: `${evilIssuer}/jwks` })
    }
    if (url === `${evilIssuer}/jwks`)
      return json(200, { keys: [{ ...evilKey.publicKey.export({ format: 'jwk' }), kid: 'evil' }] })
    if (url === `${evilIssuer}/token`) {
      return json(200, {
        access_token: 'from-evil',
        token_type: 'Bearer',
        expires_in: 60,
        scope: 'openid patient/*.rs',
        id_token: forgedIdToken(nonceOf())
      })
    }
    return null
  }

/** What all moves of one trace know. */
interface Stage {
  readonly parties: Parties
  /** Launches of each browser, oldest first. */
  readonly browsers: { readonly alice: Array<string>; readonly mallory: Array<string> }
  /** Redirects to the app that were seen. */
  readonly redirects: { alice: string; mallory: string; mixedUp: string; atEvil: string }
  readonly codes: Set<string>
  /** Those of them that the adversary saw. */
  readonly seenCodes: Set<string>
  /** The states that each browser was sent away with, and the server that each was for. */
  readonly states: { readonly alice: Map<string, string>; readonly mallory: Map<string, string> }
  readonly sessions: Array<{ readonly owner: 'alice' | 'mallory'; readonly sessionId: string }>
  /** Tokens in the adversary's hands. */
  readonly stolen: Set<string>
  readonly broken: Set<string>
}

const parameters = (query: string): URLSearchParams => new URLSearchParams(query)

const noted = ({ codes, seenCodes }: Stage, query: string, isSeen: boolean): string => {
  const code = parameters(query).get('code') ?? ''
  codes.add(code)
  if (isSeen) seenCodes.add(code)
  return query
}

/**
 * Alice's launch and Mallory's at the honest server, and Alice's at the adversary's, which sends her on to the honest
 * one.
 */
const prepare = async (options: PartyOptions, forgery: Forgery): Promise<Stage> => {
  let nonce = ''
  const parties = newParties({ evilRedirectUri: evilArrival, ...options, elsewhere: evilServer(forgery, () => nonce) })
  const stage: Stage = {
    parties,
    browsers: { alice: [], mallory: [] },
    redirects: { alice: '', mallory: '', mixedUp: '', atEvil: '' },
    codes: new Set(),
    seenCodes: new Set(),
    states: { alice: new Map(), mallory: new Map() },
    sessions: [],
    stolen: new Set(),
    broken: new Set()
  }
  const [hers, his] = [await begin(parties), await begin(parties)]
  stage.browsers.alice.push(hers.launchId)
  stage.browsers.mallory.push(his.launchId)
  stage.states.alice.set(parameters(hers.query).get('state') ?? '', issuer)
  stage.states.mallory.set(parameters(his.query).get('state') ?? '', issuer)
  stage.redirects.alice = noted(stage, await consent(parties.fixture, hers.query, alice), true)
  stage.redirects.mallory = noted(stage, await consent(parties.fixture, his.query, mallory, { patient: '666' }), true)
  const atEvil = await parties.app.launch({ _tag: 'Standalone', iss: evilBase })()
  if (Either.isRight(atEvil) && atEvil.right.redirect._tag === 'Get') {
    stage.browsers.alice.push(atEvil.right.launchId)
    const requested = parameters(atEvil.right.redirect.url.slice(atEvil.right.redirect.url.indexOf('?') + 1))
    nonce = requested.get('nonce') ?? ''
    stage.redirects.atEvil = `code=evil-code&state=${requested.get('state') ?? ''}`
    stage.states.alice.set(requested.get('state') ?? '', evilIssuer)
    requested.set('aud', fhirBaseUrl)
    requested.set('redirect_uri', redirectUri)
    stage.redirects.mixedUp = noted(stage, await consent(parties.fixture, requested.toString(), alice), false)
  }
  return stage
}

/** One query with the values of another. */
const swapped = (query: string, other: string, ...names: ReadonlyArray<string>): string => {
  const mixed = parameters(query)
  for (const name of names) {
    const value = parameters(other).get(name)
    if (value === null) mixed.delete(name)
    else mixed.set(name, value)
  }
  return mixed.toString()
}

/**
 * Hands a redirect to a browser. What the app may do with it follows from what truly happened, not from what the app
 * says.
 */
const deliver =
  (owner: 'alice' | 'mallory', queryOf: (stage: Stage) => string, requestContext = redirectUri) =>
  async (stage: Stage): Promise<void> => {
    const { browsers, parties, sessions, states } = stage
    const before = tokenRequests(parties.sent).length
    const query = queryOf(stage)
    const answer = await parties.app.callback({ launchIds: browsers[owner], query, redirectUri: requestContext })()
    const server = states[owner].get(parameters(query).get('state') ?? '')
    const iss = parameters(query).get('iss')
    if (tokenRequests(parties.sent).length !== before) {
      if (server === undefined) stage.broken.add("a code was exchanged for a state that is not this browser's")
      if (iss !== null && iss !== server) stage.broken.add('a code was exchanged for a redirect of another server')
    }
    if (Either.isRight(answer)) sessions.push({ owner, sessionId: answer.right.sessionId })
    const { _tag: why } = Either.isLeft(answer) ? answer.left : { _tag: 'Ready' }
    const isForbidden = [
      'StateMissing',
      'StateDiffers',
      'StateUsed',
      'ResponseIssuerMissing',
      'ResponseIssuerDiffers',
      'CallbackParameterRepeated'
    ].includes(why)
    if (isForbidden && tokenRequests(parties.sent).length !== before)
      stage.broken.add(`a code was exchanged although ${why}`)
  }

/** The adversary presents every code that it has to the honest server, with every verifier that it has. */
const redeem = async ({ parties, seenCodes, stolen }: Stage): Promise<void> => {
  const learned = parties.sent
    .filter(({ request }) => request.url.startsWith(evilIssuer))
    .map(({ request }) => parameters(request.body))
  const verifiers = [...learned.flatMap((one) => one.get('code_verifier') ?? []), sha256('code_verifier'), ownVerifier]
  for (const code of [...seenCodes, ...learned.flatMap((one) => one.get('code') ?? [])]) {
    for (const code_verifier of verifiers) {
      for (const client_id of ['the-app', 'evil-app']) {
        const redirect_uri = client_id === 'the-app' ? 'https://app.example/cb' : evilRedirect
        const answer = await parties.fixture.server.endpoints.token(
          post('/token', [
            ['grant_type', 'authorization_code'],
            ['code', code],
            ['redirect_uri', redirect_uri],
            ['code_verifier', code_verifier],
            ['client_id', client_id]
          ])
        )()
        const token = (JSON.parse(answer.body) as { readonly access_token?: string }).access_token
        if (token !== undefined) stolen.add(token)
      }
    }
  }
}

type Move = (stage: Stage) => Promise<void>

const moves: Readonly<Record<string, Move>> = {
  'alice comes back': deliver('alice', ({ redirects }) => redirects.alice),
  'mallory comes back': deliver('mallory', ({ redirects }) => redirects.mallory),
  'alice comes back from the mix-up': deliver('alice', ({ redirects }) => redirects.mixedUp),
  'alice comes back from the mix-up without iss': deliver('alice', ({ redirects }) =>
    swapped(redirects.mixedUp, '', 'iss')
  ),
  'alice comes back from the adversary': deliver('alice', ({ redirects }) => redirects.atEvil, evilArrival),
  "alice is given mallory's redirect": deliver('alice', ({ redirects }) => redirects.mallory),
  "alice is given mallory's code with her own state": deliver('alice', ({ redirects }) =>
    swapped(redirects.alice, redirects.mallory, 'code')
  ),
  "alice is given mallory's code with the adversary's state": deliver('alice', ({ redirects }) =>
    swapped(redirects.mixedUp, redirects.mallory, 'code')
  ),
  "mallory is given alice's redirect": deliver('mallory', ({ redirects }) => redirects.alice),
  "mallory is given alice's code with his own state": deliver('mallory', ({ redirects }) =>
    swapped(redirects.mallory, redirects.alice, 'code')
  ),
  'mallory is given the mixed-up code with his own state': deliver('mallory', ({ redirects }) =>
    swapped(redirects.mallory, redirects.mixedUp, 'code')
  ),
  'alice comes back without state': deliver('alice', ({ redirects }) => swapped(redirects.alice, '', 'state')),
  'alice comes back without iss': deliver('alice', ({ redirects }) => swapped(redirects.alice, '', 'iss')),
  'the adversary redeems what it saw': redeem
}

/** The patient whose data a token gives access to; null when the token is invalid. */
const ownerOf = async ({ fixture }: Parties, token: string): Promise<string | null> => {
  const facts = await fixture.server.resource.bearer(
    get('/fhir/Patient/123', '', { authorization: `Bearer ${token}` })
  )()
  return Either.isRight(facts) ? (facts.right.user?.sub ?? null) : null
}

const audiencesTo = (sent: ReadonlyArray<Sent>): ReadonlyArray<readonly [url: string, audience: string]> =>
  tokenRequests(sent).flatMap(({ body, url }) => {
    const claims = parameters(body).get('client_assertion')?.split('.')[1]
    return claims === undefined
      ? []
      : [[url, (JSON.parse(Buffer.from(claims, 'base64url').toString()) as { readonly aud: string }).aud] as const]
  })

/** Everything that must hold when a trace is over; what was broken, in words. */
const judge = async (stage: Stage): Promise<ReadonlyArray<string>> => {
  const { broken, codes, parties, sessions, stolen } = stage
  await redeem(stage)
  for (const token of stolen) {
    if ((await ownerOf(parties, token)) === 'alice') broken.add('a token of the honest user is at the adversary')
  }
  for (const { owner, sessionId } of sessions) {
    const facts = good(await parties.app.session(sessionId)())
    const token = good(await parties.app.accessToken(sessionId)()).accessToken
    const isHonestServer = facts.binding.iss === fhirBaseUrl
    const user = await ownerOf(parties, token)
    if (user !== null && user !== owner) broken.add(`a session of ${owner} holds a token of ${user}`)
    if (isHonestServer && facts.user !== null && facts.user.sub !== owner)
      broken.add(`a session of ${owner} says that the user is ${facts.user.sub}`)
    if (facts.user !== null && facts.user.iss !== (isHonestServer ? issuer : evilIssuer))
      broken.add('a session names a user of another issuer')
  }
  const toEvil = parties.sent.filter(({ request }) => request.url.startsWith(evilIssuer)).map(({ request }) => request)
  if (toEvil.some(({ body }) => [...codes].some((code) => body.includes(code))))
    broken.add('a code of the honest server was sent to the adversary')
  const toHonest = tokenRequests(parties.sent).filter(({ url }) => url.startsWith(issuer))
  const presented = toHonest.map(
    ({ body }) => `${parameters(body).get('code') ?? ''} ${parameters(body).get('code_verifier') ?? ''}`
  )
  if (new Set(presented).size !== presented.length) broken.add('a launch presented its code twice')
  for (const [url, audience] of audiencesTo(parties.sent)) {
    if (!url.startsWith(audience)) broken.add('an assertion for one server was sent to another')
  }
  return [...broken]
}

/** What an exploration found. */
export interface Explored {
  readonly traces: number
  /** Each broken invariant, with the shortest trace that breaks it. */
  readonly broken: ReadonlyMap<string, string>
  /** How many launches reached a session, so that nobody takes a wall for a door. */
  readonly sessions: number
}

/** Walks every sequence of moves up to a length, each from a fresh start. */
export const exploreAdversary = async (
  method: Method,
  forgery: Forgery,
  length: number,
  build?: typeof smartApp
): Promise<Explored> => {
  const names = Object.keys(moves)
  let traces: ReadonlyArray<ReadonlyArray<string>> = [[]]
  const broken = new Map<string, string>()
  let [walked, sessions] = [0, 0]
  for (let depth = 0; depth < length; depth++) {
    traces = traces.flatMap((trace) => names.map((name) => [...trace, name]))
    for (const trace of traces) {
      const stage = await prepare({ method, ...(build === undefined ? {} : { build }) }, forgery)
      for (const name of trace) await moves[name]?.(stage)
      for (const complaint of await judge(stage))
        if (!broken.has(complaint)) broken.set(complaint, trace.join(', then '))
      walked += 1
      sessions += stage.sessions.length
    }
  }
  return { traces: walked, broken, sessions }
}
