/** The plain form and the fp-ts form give the same answers and record the same decisions, also when a port fails. */
import { describe, expect, it } from 'vitest'
import type { Fault, Form } from './forms.js'
import { fpTsForm, plainForm } from './forms.js'
import {
  alice,
  authorizationParameters,
  get,
  post,
  present,
  redirected,
  redirectUri,
  sha256,
  verifier
} from '../../support/server-fixture.js'
import type { Conversation } from '../../../src/engine/server/interaction/conversation.js'
import { printForm } from '../../../src/protocol/http/form.js'
import type { PlainResponse } from '../../../src/protocol/http/message.js'

const member = (response: PlainResponse, name: string): string => {
  const read = JSON.parse(response.body === '' ? '{}' : response.body) as Readonly<Record<string, unknown>>
  return String(read[name])
}

const basic = { authorization: `Basic ${Buffer.from('sym-app:s3cret%3A%25').toString('base64')}` }

/** A conversation with its user to the end, with every answer on the way. */
const converse = async (form: Form, first: Conversation, consent: 'all' | 'part' | 'none') => {
  const { interaction: steps } = form.server
  const answers: Array<unknown> = [first]
  let conversation = first
  for (let step = 0; step < 5 && 'interaction' in conversation; step += 1) {
    const { interaction } = conversation
    answers.push(await steps.resume({ ...interaction, present: { sub: 'mallory' } as never }))
    answers.push(await steps.resume({ ...interaction, present: conversation._tag === 'NeedsUser' ? null : alice }))
    const now = { ...interaction, present: conversation._tag === 'NeedsUser' ? null : alice }
    conversation =
      conversation._tag === 'NeedsUser'
        ? await steps.userSignedIn(now, alice)
        : conversation._tag === 'NeedsContext'
          ? await steps.contextChosen(now, { patient: '123', encounter: 'e1' })
          : consent === 'none'
            ? await steps.userDenied(now)
            : await steps.consentGiven(
                now,
                consent === 'all' ? conversation.details.scopes : 'launch/patient patient/Observation.r offline_access'
              )
    answers.push(conversation)
  }
  return { answers, code: redirected(conversation)?.get('code') ?? 'none' }
}

/** Launches, tokens, refresh, introspection, revocation, registration, the gate, and refusals: all answers in order. */
const recorded = async (form: Form): Promise<ReadonlyArray<unknown>> => {
  const { endpoints, ehr, resource, admin, interaction } = form.server
  const answers: Array<unknown> = []
  const answer = <Value>(value: Value): Value => {
    answers.push(value)
    return value
  }
  const authorize = async (change: Parameters<typeof authorizationParameters>[0] = {}) =>
    endpoints.authorize(get('/authorize', printForm(authorizationParameters(change))))
  const token = async (parameters: Readonly<Record<string, string>>, headers = {}) =>
    answer(await endpoints.token(post('/token', present(parameters), headers)))
  const protocol = async (path: string, method: 'GET' | 'POST', parameters: Readonly<Record<string, string>> = {}) =>
    answer(await endpoints.protocol(method === 'GET' ? get(path) : post(path, present(parameters), basic)))

  for (const path of ['/fhir/.well-known/smart-configuration', '/jwks', '/elsewhere']) await protocol(path, 'GET')
  const exchanged: Array<PlainResponse> = []
  for (const consent of ['all', 'part', 'none'] as const) {
    const { answers: steps, code } = await converse(form, await authorize(), consent)
    answers.push(...steps)
    const exchange = { grant_type: 'authorization_code', redirect_uri: redirectUri, code, client_id: 'pub-app' }
    // A wrong verifier ends the code.
    if (consent === 'part') await token({ ...exchange, code_verifier: 'wrong'.padEnd(43, 'x') })
    exchanged.push(await token({ ...exchange, code_verifier: verifier }))
  }
  const [whole = exchanged[0] as PlainResponse] = exchanged
  const accessToken = member(whole, 'access_token')
  const bearer = { authorization: `Bearer ${accessToken}` }
  const refreshed = await token({
    grant_type: 'refresh_token',
    refresh_token: member(whole, 'refresh_token'),
    client_id: 'pub-app'
  })
  const access = answer(await resource.bearer(get('/fhir/Patient/123', '', bearer)))
  answer(await resource.bearer(get('/fhir/Patient/123', '', { authorization: 'Bearer wrong' })))
  if (access.ok) {
    for (const path of ['/Patient/123', '/Patient/124', '/Observation', '/metadata'])
      answer(await form.gate(get(path), access.value))
    answer(await form.gate({ ...get('/Patient/123'), method: 'DELETE' }, access.value))
  }
  await protocol('/introspect', 'POST', { token: accessToken })
  await protocol('/introspect', 'POST', { token: member(refreshed, 'access_token') })
  answer(await endpoints.protocol(post('/revoke', present({ token: accessToken, client_id: 'pub-app' }))))
  answer(
    await endpoints.protocol({
      ...post('/register', [], { 'content-type': 'application/json' }),
      body: JSON.stringify({
        client_name: 'New',
        redirect_uris: ['https://new.example/cb'],
        scope: 'patient/*.rs',
        token_endpoint_auth_method: 'client_secret_basic'
      })
    })
  )
  const offered = answer(await ehr.offerLaunch({ clientId: 'pub-app', launchedBy: 'alice', context: { patient: '1' } }))
  if (offered.ok) {
    answers.push(ehr.launchUrl('https://app.example/launch', offered.value))
    const launch = await authorize({ launch: offered.value, scope: 'launch patient/*.rs', state: sha256('s') })
    answers.push(...(await converse(form, launch, 'all')).answers)
  }
  answer(await ehr.offerLaunch({ clientId: 'pub-app', launchedBy: '', context: {} }))
  answer(await authorize({ redirect_uri: 'https://evil.example/cb' }))
  const silent = answer(await authorize({ prompt: 'none' }))
  if ('interaction' in silent) answer(await interaction.pageNeeded(silent.interaction))
  answer(await endpoints.share('registered', 'GET', () => whole)(get('/fhir/a', '', { origin: 'https://app.example' })))
  answer(await admin.client('pub-app'))
  answer(await admin.client('nobody'))
  answer(await admin.rotateSecret('pub-app', 10))
  answer(await admin.revokeGrant('nothing'))
  return [...answers, ...form.audited]
}

const ports = [
  ...['load', 'swap', 'find', 'isRegisteredOrigin', 'permittedScopes', 'isOnline', 'clock', 'random', 'digest', 'mac'],
  ...['verifyMac', 'signIdToken', 'signAccessToken', 'verifyAccessToken', 'publicKeys', 'fhir']
]
const faults: ReadonlyArray<Fault> = ports.flatMap((name) => [1, 3, 10].map((place) => ({ name, place })))

describe('the plain form and the fp-ts form', () => {
  it('give the same answers', async () => {
    const answers = await recorded(plainForm(null))
    expect(answers).toEqual(await recorded(fpTsForm(null)))
    const tags = answers.flatMap((answer) =>
      typeof answer === 'object' && answer !== null && 'decision' in answer ? [answer.decision] : []
    )
    // Every part of the recording happened.
    expect([...new Set(tags)]).toEqual(
      expect.arrayContaining([
        ...[
          'AuthorizationRequested',
          'UserSignedIn',
          'ContextChosen',
          'CodeIssued',
          'TokensIssued',
          'AccessTokensRevoked'
        ],
        ...['TokenIntrospected', 'ClientRegistered', 'LaunchOffered', 'GrantRevoked', 'Refused']
      ])
    )
  })

  it.each(faults.map((fault) => [`${fault.name} fails from call ${String(fault.place)} on`, fault] as const))(
    'give the same answers when %s',
    async (_title, fault) => {
      expect(await recorded(plainForm(fault))).toEqual(await recorded(fpTsForm(fault)))
    }
  )

  it('are seen to differ when the conversion of a port is wrong', async () => {
    const right = await recorded(fpTsForm(null))
    expect(await recorded(plainForm(null, { permittedScopes: () => 'patient/*.r' }))).not.toEqual(right)
    expect(await recorded(plainForm(null, { permittedScopes: () => ({ endGrant: true }) }))).not.toEqual(right)
    expect(await recorded(plainForm(null, { store: { load: () => null, swap: () => 'won' } }))).not.toEqual(right)
  })
})
