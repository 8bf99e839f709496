/**
 * Ports that do what no port may: throw, reject, or answer in another form. No promise of the engine rejects, and
 * nothing is won by it.
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import { assertion, assertionWorld, ask as askWith } from '../../support/client/assertions.js'
import { manage, register, registrationWorld, webApp } from '../../support/client/registration.js'
import type { Fixture, FixtureOptions } from '../../support/server-fixture.js'
import {
  alice,
  authorize,
  bodyOf,
  clients,
  exchange,
  get,
  isAlive,
  newFixture,
  obtainCode,
  post,
  redirected,
  refresh,
  synchronousKeys
} from '../../support/server-fixture.js'
import { memoryClients } from '../../../src/adapters/memory-clients.js'
import type { Conversation } from '../../../src/engine/server/interaction/conversation.js'
import type { GateOptions } from '../../../src/engine/resource/gate-context.js'
import { fhirGate } from '../../../src/engine/resource/fhir-gate.js'
import type { AuditEvent, Ports } from '../../../src/engine/ports.js'
import type { PlainRequest, PlainResponse } from '../../../src/protocol/http/message.js'
import { defaultPolicy } from '../../../src/protocol/policy/policy.js'
import { parse } from '../../../src/scopes/parse.js'

const boom = (): never => {
  throw new Error('boom')
}

/** What a port does instead of answering, given its arguments. */
const faults: Readonly<Record<string, unknown>> = {
  throws: boom,
  'throws when it is run': () => boom,
  rejects: () => () => Promise.reject(new Error('boom')),
  'gives undefined': () => undefined,
  'gives a task of undefined': () => () => Promise.resolve(undefined),
  'gives a Right of undefined': () => TaskEither.right(undefined),
  'gives a Right of another form': () => TaskEither.right({ _tag: 'Some', value: 1 }),
  'gives a Left of nothing': () => TaskEither.left(undefined),
  'is no function': null
}

/** Wraps every function of the ports; `decide` says what stands in for a call, or undefined where it goes on. */
const intercepted = (ports: Ports, decide: (name: string) => unknown): Ports =>
  Object.fromEntries(
    Object.entries(ports).map(([port, members]) => [
      port,
      new Proxy(members as object, {
        get: (target, member) => {
          const real = Reflect.get(target, member) as unknown
          const name = `${port}.${String(member)}`
          if (typeof real !== 'function') return real
          if (name === 'keys.publicKeys') return decide(name) ?? real
          const stands = decide(name)
          return stands === undefined ? (real as (...given: ReadonlyArray<unknown>) => unknown).bind(target) : stands
        }
      })
    ])
  ) as unknown as Ports

/** A world whose ports are called through `decide`. */
const watched = (options: FixtureOptions, decide: (name: string) => unknown): Fixture => {
  const sound = newFixture(options)
  const reported: Array<AuditEvent> = []
  const ports = intercepted(
    {
      ...sound.ports,
      audit: {
        record: (event) => () => {
          reported.push(event)
        }
      }
    },
    decide
  )
  const fixture = newFixture({ ...options, ports })
  return { ...fixture, memory: sound.memory, audited: reported, clock: sound.clock }
}

const protocol = async (
  fixture: Fixture,
  request: Parameters<Fixture['server']['endpoints']['token']>[0]
): Promise<number> => {
  const answer = fixture.server.endpoints.protocol(request)
  return Option.isNone(answer) ? 404 : (await answer.value()).status
}

/** Everything that a server does, one act after the other. Each says how it ended. */
const acts = async (fixture: Fixture): Promise<ReadonlyArray<string>> => {
  const { server } = fixture
  const ended: Array<string> = []
  const tagged = (conversation: Conversation): Conversation => {
    ended.push(conversation._tag === 'ShowRefusal' ? conversation.refusal._tag : conversation._tag)
    return conversation
  }
  const stated = async (status: Promise<number>): Promise<void> => {
    ended.push(String(await status))
  }
  const handle = await server.ehr.offerLaunch({ clientId: 'pub-app', launchedBy: null, context: { patient: '123' } })()
  ended.push(handle._tag)
  const begun = tagged(
    await authorize(fixture, {
      scope: 'launch openid offline_access patient/*.rs',
      launch: Either.isRight(handle) ? handle.right : 'x'
    })
  )
  if ('interaction' in begun) {
    const interaction = { ...begun.interaction, present: alice }
    const requested = tagged(await server.interaction.userSignedIn(interaction, alice)())
    tagged(await server.interaction.resume(interaction)())
    tagged(await server.interaction.contextChosen(interaction, { patient: '123' })())
    tagged(await server.interaction.contextUnavailable(interaction)())
    tagged(await server.interaction.pageNeeded(interaction)())
    const agreed = tagged(
      await server.interaction.consentGiven(interaction, 'details' in requested ? requested.details.scopes : [])()
    )
    tagged(await server.interaction.userDenied(interaction)())
    const bought = await exchange(fixture, redirected(agreed)?.get('code') ?? 'g1.c.x')
    await stated(Promise.resolve(bought.status))
    const access = String(bodyOf(bought)['access_token'])
    const refreshed = await refresh(fixture, String(bodyOf(bought)['refresh_token']))
    await stated(Promise.resolve(refreshed.status))
    ended.push((await server.resource.bearer(get('/fhir/Patient/1', '', { authorization: `Bearer ${access}` }))())._tag)
    await stated(
      protocol(fixture, {
        ...get('/userinfo', '', { authorization: `Bearer ${access}`, origin: 'https://app.example' })
      })
    )
    const asConfidential = { authorization: `Basic ${btoa('sym-app:s3cret:%')}` }
    for (const path of ['/introspect', '/revoke'])
      await stated(protocol(fixture, post(path, [['token', access]], asConfidential)))
    ended.push((await server.admin.revokeGrant(interaction.grantId)())._tag)
  }
  await stated(protocol(fixture, get('/jwks')))
  await stated(
    protocol(fixture, {
      ...get('/token', '', { origin: 'https://app.example', 'access-control-request-method': 'POST' }),
      method: 'OPTIONS'
    })
  )
  const reported = await register(fixture, webApp)
  await stated(Promise.resolve(reported.status))
  const { client_id: clientId, registration_access_token: token } = bodyOf(reported)
  for (const method of ['GET', 'PUT', 'DELETE']) {
    await stated(
      manage(fixture, method, String(clientId), String(token), { ...webApp, client_id: clientId }).then(
        ({ status }) => status
      )
    )
  }
  ended.push(
    (await server.admin.rotateSecret(String(clientId), 0)())._tag,
    (await server.admin.client(String(clientId))())._tag
  )
  return ended
}

const options: FixtureOptions = registrationWorld()

const names = [
  'store.load',
  'store.swap',
  'clients.find',
  'clients.isRegisteredOrigin',
  'clock.now',
  'random.token',
  'keys.digest',
  'keys.seal',
  'keys.fits',
  'keys.signIdToken',
  'keys.publicKeys',
  'accessPolicy.permittedScopes',
  'audit.record'
]

describe.each(Object.entries(faults))('a port that %s', (_what, fault) => {
  it.each(names)('%s, from the beginning: every answer is given', async (name) => {
    const ended = await acts(watched(options, (requestedScope) => (requestedScope === name ? fault : undefined)))
    expect(ended.filter((end) => end === '500' || end === 'UnexpectedEvent' || end === 'StoreUnreadable')).toEqual([])
  })
})

it('at whichever call a port throws, every answer is given', async () => {
  let calls = 0
  const sound = await acts(
    watched(options, () => {
      calls += 1
      return undefined
    })
  )
  expect(sound).toContain('SendToApp')
  expect(calls).toBeGreaterThan(100)
  for (let at = 1; at <= calls; at++) {
    let made = 0
    const ended = await acts(
      watched(options, () => {
        made += 1
        return made === at ? boom : undefined
      })
    )
    expect(ended.filter((end) => end === '500' || end === 'UnexpectedEvent')).toEqual([])
  }
}, 60_000)

it('the other signers are heard too', async () => {
  for (const fault of Object.values(faults)) {
    for (const name of ['keys.verifyAssertion', 'store.swap', 'keys.digest']) {
      const ports = newFixture(assertionWorld()).ports
      const fixture = newFixture({
        ...assertionWorld(),
        ports: intercepted(ports, (requestedScope) => (requestedScope === name ? fault : undefined))
      })
      expect([401, 503]).toContain((await askWith(fixture, assertion())).status)
    }
    for (const name of ['keys.signAccessToken', 'keys.verifyAccessToken']) {
      const policy = { accessTokenFormat: 'jwt' } as const
      const token = String(bodyOf(await exchange(newFixture({ policy }), 'x'))['access_token'])
      const fixture = newFixture({
        policy,
        ports: intercepted(newFixture({ policy }).ports, (requestedScope) =>
          requestedScope === name ? fault : undefined
        )
      })
      expect(['200', '503']).toContain(String((await exchange(fixture, await obtainCode(fixture))).status))
      expect(await isAlive(fixture, token)).toBe(false)
    }
  }
})

describe('a log', () => {
  it.each(Object.entries(faults))('that %s changes no answer', async (_what, fault) => {
    const fixture = newFixture({ ports: { audit: { record: fault } as unknown as Ports['audit'] } })
    expect((await exchange(fixture, await obtainCode(fixture))).status).toBe(200)
  })

  it('that writes later, and then fails, is heard', async () => {
    const validated: Array<unknown> = []
    const listen = (reason: unknown): void => {
      validated.push(reason)
    }
    process.on('unhandledRejection', listen)
    const fixture = newFixture({ ports: { audit: { record: () => () => Promise.reject(new Error('boom')) } } })
    expect((await exchange(fixture, await obtainCode(fixture))).status).toBe(200)
    await new Promise((resolve) => {
      setTimeout(resolve, 20)
    })
    process.off('unhandledRejection', listen)
    expect(validated).toEqual([])
  })

  it('records a decision also if the clock fails', async () => {
    const box = { calls: Infinity }
    const fixture = newFixture({ ports: { clock: { now: () => (box.calls-- > 0 ? 1000 : boom()) } } })
    const code = await obtainCode(fixture)
    box.calls = 1
    expect((await exchange(fixture, code)).status).toBe(200)
    expect(fixture.audited.at(-1)).toMatchObject({ at: 0, decision: 'TokensIssued' })
  })
})

describe('what is no value of a port', () => {
  it.each([NaN, Infinity, '1000', undefined, null, 1000n])('a time of %s lets nothing pass', async (now) => {
    const box = { now: 1000 as unknown }
    const fixture = newFixture({ ports: { clock: { now: () => box.now as number } } })
    const code = await obtainCode(fixture)
    box.now = now
    expect((await exchange(fixture, code)).status).toBe(503)
    expect(fixture.audited.at(-1)?.refusal).toMatchObject({ _tag: 'HostUnavailable' })
    box.now = 1000
    expect((await exchange(fixture, code)).status).toBe(200)
  })

  it.each(['', 'short', undefined, 7, `${'x'.repeat(42)}\n`])('chance of %s makes no secret', async (token) => {
    const fixture = newFixture({ ports: { random: { token: () => token as string } } })
    expect(await authorize(fixture)).toMatchObject({ _tag: 'ShowRefusal', refusal: { _tag: 'HostUnavailable' } })
    expect(fixture.memory.entries()).toEqual([])
  })

  it.each(['', undefined, 7, {}])('a digest of %s opens nothing', async (digest) => {
    const box = { isBroken: false }
    const fixture = newFixture({
      ports: {
        keys: {
          ...synchronousKeys,
          digest: (text) => (box.isBroken ? () => Promise.resolve(digest as string) : synchronousKeys.digest(text))
        }
      }
    })
    const code = await obtainCode(fixture)
    box.isBroken = true
    expect((await exchange(fixture, code)).status).toBe(503)
    box.isBroken = false
    expect((await exchange(fixture, code)).status).toBe(200)
  })

  it.each(['WON', true, undefined, null, 'lost ', {}])(
    'an exchange of %s is not known to have taken place',
    async (answer) => {
      const box = { isBroken: false }
      const fixture = newFixture({
        store: (memory) => ({
          ...memory,
          swap: (...given) => (box.isBroken ? TaskEither.right(answer as 'won') : memory.swap(...given))
        })
      })
      const code = await obtainCode(fixture)
      box.isBroken = true
      expect((await exchange(fixture, code)).status).toBe(503)
      expect((await authorize(fixture))._tag).not.toBe('NeedsUser')
      box.isBroken = false
      expect((await exchange(fixture, code)).status).toBe(200)
    }
  )

  it.each([
    ['a text', 'text'],
    ['a record without a version', Option.some({ text: '{}' })],
    ['a record whose text is none', Option.some({ version: '1', text: {} })],
    ['no option', { version: '1', text: '{}' }],
    ['null', null]
  ])('%s is no record', async (_what, answer) => {
    const box = { isBroken: false }
    const fixture = newFixture({
      store: (memory) => ({
        ...memory,
        load: (key) => (box.isBroken ? TaskEither.right(answer as Option.Option<never>) : memory.load(key))
      })
    })
    const code = await obtainCode(fixture)
    box.isBroken = true
    expect((await exchange(fixture, code)).status).toBe(503)
    box.isBroken = false
    expect((await exchange(fixture, code)).status).toBe(200)
  })
})

describe('a register', () => {
  const giving = (other: string) => {
    const box = { isBroken: false }
    const known = memoryClients([
      ...clients,
      ...clients.slice(0, 1).map((client) => ({ ...client, clientId: 'PUB-APP' }))
    ])
    const fixture = newFixture({
      ports: { clients: { ...known, find: (id) => known.find(box.isBroken ? other : id) } }
    })
    return { fixture, box }
  }

  it('that returns another client than the requested one is unavailable', async () => {
    const { fixture, box } = giving('native-app')
    const code = await obtainCode(fixture)
    const begun = await authorize(fixture, { scope: 'patient/*.rs' })
    if (begun._tag !== 'NeedsUser') throw new Error(begun._tag)
    box.isBroken = true
    expect(await fixture.server.interaction.userSignedIn(begun.interaction, alice)()).toMatchObject({
      refusal: { _tag: 'ClientsUnavailable' }
    })
    expect((await exchange(fixture, code)).status).toBe(503)
    box.isBroken = false
    expect((await exchange(fixture, code)).status).toBe(200)
  })

  it('that gives one of another spelling has found none', async () => {
    const { fixture, box } = giving('PUB-APP')
    const token = String(bodyOf(await exchange(fixture, await obtainCode(fixture)))['access_token'])
    expect(await isAlive(fixture, token)).toBe(true)
    box.isBroken = true
    expect(await isAlive(fixture, token)).toBe(false)
    expect(await authorize(fixture)).toMatchObject({ refusal: { _tag: 'ClientUnknown' } })
  })
})

describe('the gate', () => {
  const own = { resourceType: 'Observation', id: '1', status: 'final', subject: { reference: 'Patient/a' } }
  const said = (status: number, body: unknown): PlainResponse => ({
    status,
    headers: { etag: 'W/"1"' },
    body: JSON.stringify(body)
  })
  const bundle = (type: string, ...entry: ReadonlyArray<unknown>): PlainRequest['body'] =>
    JSON.stringify({ resourceType: 'Bundle', type, entry })
  const requests: Readonly<Record<string, Partial<PlainRequest>>> = {
    'a read': {},
    'a search': { path: '/Observation' },
    'a history': { path: '/Observation/1/_history' },
    'an update': { method: 'PUT', body: JSON.stringify(own) },
    'a creation': { method: 'POST', path: '/Observation', body: JSON.stringify({ ...own, id: undefined }) },
    'a deletion': { method: 'DELETE' },
    'a batch': {
      method: 'POST',
      path: '/',
      body: bundle('batch', { request: { method: 'GET', url: 'Observation/1' } })
    },
    'a transaction': {
      method: 'POST',
      path: '/',
      body: bundle('transaction', { resource: own, request: { method: 'PUT', url: 'Observation/1' } })
    }
  }
  const answerOf = (request: PlainRequest): PlainResponse => {
    if (request.method === 'POST')
      return request.path === '/'
        ? said(200, {
            resourceType: 'Bundle',
            type: 'transaction-response',
            entry: [{ response: { status: '200' }, resource: own }]
          })
        : said(201, own)
    const type = request.path.endsWith('_history') ? 'history' : 'searchset'
    return request.path === '/Observation' || type === 'history'
      ? said(200, { resourceType: 'Bundle', type, entry: [{ resource: own }] })
      : said(200, own)
  }
  const through = (
    options: Partial<GateOptions>,
    request: Partial<PlainRequest>,
    scope = 'user/*.cruds patient/*.cruds'
  ): Promise<PlainResponse> => {
    const server = { answer: (requested: PlainRequest) => TaskEither.right(answerOf(requested)) }
    const headers = { 'content-type': 'application/fhir+json' }
    return fhirGate(
      { server, policy: defaultPolicy, base: 'https://ehr.example/fhir', userMay: () => true, ...options },
      { clientId: 'app', scopes: parse(scope), context: { patient: 'a' }, user: alice }
    )({
      method: 'GET',
      path: '/Observation/1',
      query: '',
      headers,
      body: '',
      ...request
    })()
  }
  const isSilent = ({ status, body }: PlainResponse): boolean => status === 503 || body.includes('"status":"503"')

  describe.each(Object.entries(requests))('%s', (_what, request) => {
    it('goes through while the host answers', async () => {
      expect((await through({}, request)).status).toBeLessThan(300)
    })

    it.each(
      Object.entries({
        ...faults,
        'gives no response': () => TaskEither.right({}),
        'gives a status that is none': () => TaskEither.right({ ...said(200, own), status: '200' }),
        'gives no text': () => TaskEither.right({ ...said(200, own), body: own }),
        'gives no headers': () => TaskEither.right({ status: 200, body: '{}' })
      })
    )('to a server that %s is unavailable', async (_fault, fault) => {
      expect(isSilent(await through({ server: { answer: fault } as unknown as GateOptions['server'] }, request))).toBe(
        true
      )
    })

    it('under a rule that throws is unavailable', async () => {
      expect(isSilent(await through({ userMay: boom }, request))).toBe(true)
    })

    it('with a reader that throws is unavailable', async () => {
      expect(isSilent(await through({ reader: boom }, request))).toBe(true)
      const reader = (() => boom) as unknown as NonNullable<GateOptions['reader']>
      expect(isSilent(await through({ reader }, request, 'user/Observation.cruds?status=final'))).toBe(true)
    })
  })

  it('says that it wrote, where its rule fails afterwards', async () => {
    let requestCount = 0
    const response = await through(
      { userMay: () => (requestCount++ > 0 ? boom() : true) },
      requests['a creation'] ?? {}
    )
    expect([response.status, response.body]).toEqual([201, ''])
  })
})
