/**
 * The simulator on a store that outlives it: a restart loses nothing, and two simulators on one store are one server.
 */
import { createHash } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeEngine } from '../support/engines/engine.js'
import type { EtcdMember } from '../support/engines/etcd.js'
import { etcdMissing, startEtcd } from '../support/engines/etcd.js'
import type { PostgresServer } from '../support/engines/postgres.js'
import { missingPostgres, startPostgres } from '../support/engines/postgres.js'
import type { RedisServer } from '../support/engines/redis.js'
import { redisMissing, startRedis } from '../support/engines/redis.js'
import { sqliteClients, temporaryFolder } from '../support/engines/sqlite.js'
import type { End } from '../support/simulator/person.js'
import { TestUser, sentTo } from '../support/simulator/person.js'
import { authorizeUrl, formOf, send } from '../support/simulator/simulated.js'
import type { StartStored } from '../support/simulator/stored-simulators.js'
import { roundRobin, startAt, startOnJson, unusedPort } from '../support/simulator/stored-simulators.js'

const redirectUri = 'http://127.0.0.1:4567/redirect'
const launchUri = 'http://127.0.0.1:4567/launch'
const scope = 'launch/patient openid offline_access patient/*.cruds'
const verifier = 'v'.repeat(43)

const config = {
  registration: 'token',
  clients: [
    {
      client_id: 'sample-app',
      application_type: 'native',
      redirect_uris: [redirectUri],
      launch_uris: [launchUri],
      scope: `launch ${scope} online_access`,
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none'
    }
  ]
}

type Json = Readonly<Record<string, unknown>>

interface Answer {
  readonly status: number
  readonly json: Json
}

const requested = (change: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> => ({
  redirect_uri: redirectUri,
  scope,
  code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  ...change
})

const pageText = (end: End): string => (end._tag === 'Page' ? end.visit.document.text : `sent to ${end.to.href}`)

/** What apps and browsers do at a base URL. */
const at = (base: string) => {
  const asJson = async (path: string, sent?: Parameters<typeof send>[2]): Promise<Answer> => {
    const { status, body } = await send(base, path, sent)
    return { status, json: (body === '' ? {} : JSON.parse(body)) as Json }
  }
  const token = (fields: Readonly<Record<string, string>>): Promise<Answer> =>
    asJson('/token', formOf({ client_id: 'sample-app', ...fields }))
  return {
    asJson,
    exchange: (end: End): Promise<Answer> =>
      token({
        grant_type: 'authorization_code',
        code: sentTo(end).searchParams.get('code') ?? '',
        redirect_uri: redirectUri,
        code_verifier: verifier
      }),
    refresh: (refreshToken: unknown): Promise<Answer> =>
      token({ grant_type: 'refresh_token', refresh_token: String(refreshToken) }),
    /** A request for FHIR data. */
    fhir: (accessToken: unknown, path: string, method = 'GET', resource?: object): Promise<Answer> =>
      asJson(`/fhir/${path}`, {
        method,
        headers: { authorization: `Bearer ${String(accessToken)}`, 'content-type': 'application/fhir+json' },
        ...(resource === undefined ? {} : { body: JSON.stringify(resource) })
      }),
    begin: (person: TestUser, change: Readonly<Record<string, string>> = {}): Promise<End> =>
      person.go(authorizeUrl(base, requested(change))),
    /** The error that an app receives when no page may be shown. */
    silently: async (person: TestUser): Promise<string | null> =>
      sentTo(await person.go(authorizeUrl(base, requested({ scope: 'openid', prompt: 'none' })))).searchParams.get(
        'error'
      ),
    register: (initialAccessToken: string): Promise<Answer> =>
      asJson('/register', {
        method: 'POST',
        headers: { authorization: `Bearer ${initialAccessToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          redirect_uris: [redirectUri],
          application_type: 'native',
          token_endpoint_auth_method: 'none',
          scope: 'launch/patient patient/*.rs'
        })
      })
  }
}

const weight = (id: string, value: string): object => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { text: 'Weight' },
  subject: { reference: 'Patient/example-1' },
  valueQuantity: { value: Number(value), unit: 'kg' }
})

/** The tests of one store. `prepare` makes a new, empty one, and says how simulators are started on it. */
const suite = (prepare: () => Promise<StartStored> | StartStored): void => {
  it('a restart loses nothing', async () => {
    const start = await prepare()
    const port = await unusedPort()
    const before = await start(config, port)
    const here = at(before.base)
    const person = new TestUser(before.base)
    const { json: tokens } = await here.exchange(await person.pursue(await here.begin(person)))
    const online = new TestUser(before.base)
    const end = await online.pursue(await here.begin(online, { scope: 'launch/patient online_access patient/*.rs' }), {
      username: 'bob'
    })
    const { json: onlineTokens } = await here.exchange(end)
    const written = await here.fhir(tokens['access_token'], 'Observation/w1', 'PUT', weight('w1', '70.50'))
    expect(written.status).toBe(201)
    await here.fhir(tokens['access_token'], 'Observation/w1', 'PUT', weight('w1', '71.25'))
    await here.fhir(tokens['access_token'], 'Observation/example-1-observation-1', 'DELETE')
    const history = await here.fhir(tokens['access_token'], 'Observation/w1/_history')
    const rotated = await here.refresh(tokens['refresh_token'])
    const [jwks, patient, grants] = [
      await here.asJson('/jwks'),
      await here.fhir(tokens['access_token'], 'Patient/example-1'),
      pageText(await person.go(`${before.base}/ehr/grants`))
    ]
    // A conversation and a launch that are not finished.
    const waiting = new TestUser(before.base)
    const page = await here.begin(waiting)
    const launched = sentTo(
      await person.go(
        `${before.base}/ehr/launch?client_id=sample-app&launch_uri=${encodeURIComponent(launchUri)}` +
          '&user=alice&patient=example-2'
      )
    )
    const registered = (await here.register(before.initialAccessToken)).json
    await before.stop()

    const after = await start(config, port)
    try {
      expect(await here.asJson('/jwks')).toEqual(jwks)
      expect(after.initialAccessToken).toBe(before.initialAccessToken)
      const { pathname } = new URL(String(registered['registration_client_uri']))
      const management = { headers: { authorization: `Bearer ${String(registered['registration_access_token'])}` } }
      expect((await here.asJson(pathname, management)).json['client_id']).toBe(registered['client_id'])
      const ofRegistered = { client_id: String(registered['client_id']), scope: 'launch/patient patient/*.rs' }
      expect(sentTo(await person.pursue(await here.begin(person, ofRegistered))).searchParams.has('code')).toBe(true)
      expect(pageText(await person.go(`${after.base}/`))).toMatch(/Signed in as\s+alice/)
      expect(await here.silently(person)).toBe('consent_required')
      expect((await here.refresh(rotated.json['refresh_token'])).status).toBe(200)
      expect((await here.refresh(onlineTokens['refresh_token'])).status).toBe(200)
      expect((await here.exchange(end)).json['error']).toBe('invalid_grant')
      expect(await here.fhir(rotated.json['access_token'], 'Patient/example-1')).toEqual(patient)
      expect(await here.fhir(rotated.json['access_token'], 'Observation/w1/_history')).toEqual(history)
      expect((await here.fhir(rotated.json['access_token'], 'Observation/example-1-observation-1')).status).toBe(404)
      const watched = pageText(await person.go(`${after.base}/ehr/grants`))
      const ids = grants.match(/[\w-]{8}\.\.\./g) ?? []
      expect(ids.length).toBeGreaterThanOrEqual(2)
      for (const id of ids) expect(watched).toContain(id)
      expect((await here.exchange(await waiting.pursue(page))).status).toBe(200)
      const ehrLaunch = await here.begin(person, {
        scope: 'launch patient/*.rs',
        launch: launched.searchParams.get('launch') ?? ''
      })
      const { json } = await here.exchange(await person.pursue(ehrLaunch))
      expect([json['patient'], json['scope']]).toEqual(['example-2', 'launch patient/*.rs'])
    } finally {
      await after.stop()
    }
  })

  it('two simulators are one server', async () => {
    const start = await prepare()
    const ports = [await unusedPort(), await unusedPort()]
    const proxy = await roundRobin(ports)
    const all = await Promise.all(ports.map((port) => start({ ...config, publicBaseUrl: proxy.base }, port)))
    try {
      const here = at(proxy.base)
      const each = ports.map((port) => at(`http://127.0.0.1:${String(port)}`))
      const keys = await Promise.all(each.map(({ asJson }) => asJson('/jwks')))
      expect(keys[0]).toEqual(keys[1])

      // Two tabs of one browser, and a second launch in the session of the first.
      const person = new TestUser(proxy.base)
      const [one, other] = [await here.begin(person), await here.begin(person, { state: 'other' })]
      const first = await here.exchange(await person.pursue(one))
      const second = await here.exchange(await person.pursue(other))
      const launched = sentTo(
        await person.go(
          `${proxy.base}/ehr/launch?client_id=sample-app&launch_uri=${encodeURIComponent(launchUri)}&patient=example-1`
        )
      )
      const third = await here.exchange(
        await person.pursue(
          await here.begin(person, {
            scope: 'launch online_access patient/*.rs',
            launch: launched.searchParams.get('launch') ?? ''
          })
        )
      )
      expect([first.status, second.status, third.status, third.json['patient']]).toEqual([200, 200, 200, 'example-1'])

      // What was written at one is there at the other.
      for (let written = 0; written < 6; written++) {
        const id = `w${String(written)}`
        expect((await here.fhir(first.json['access_token'], `Observation/${id}`, 'PUT', weight(id, '70'))).status).toBe(
          201
        )
        for (const direct of each) {
          expect((await direct.fhir(second.json['access_token'], `Observation/${id}`)).status).toBe(200)
        }
      }
      // Ten writers at once, half of them at each.
      const racing = (idOf: (index: number) => string): Promise<ReadonlyArray<number>> =>
        Promise.all(
          Array.from({ length: 10 }, async (_, index) => {
            const [id, direct] = [idOf(index), each[index % 2] ?? here]
            const resource = weight(id, String(index + 1))
            return (await direct.fhir(first.json['access_token'], `Observation/${id}`, 'PUT', resource)).status
          })
        )
      expect(await racing((index) => `other${String(index)}`)).toEqual(Array.from({ length: 10 }, () => 201))
      const statuses = await racing(() => 'raced')
      const won = statuses.filter((status) => status === 200 || status === 201)
      expect(statuses.filter((status) => status !== 412)).toEqual(won)
      expect(won.filter((status) => status === 201)).toEqual([201])
      for (const direct of each) {
        const found = await direct.fhir(second.json['access_token'], 'Observation?_summary=count&patient=example-1')
        expect(found.json['total']).toBe(4 + 6 + 10 + 1)
        const versions = await direct.fhir(second.json['access_token'], 'Observation/raced/_history')
        expect(versions.json['total']).toBe(won.length)
      }

      // A revocation, and a sign-out, at one is seen by the other.
      expect(
        (
          await send(
            proxy.base,
            '/revoke',
            formOf({
              client_id: 'sample-app',
              token: String(first.json['refresh_token'])
            })
          )
        ).status
      ).toBe(200)
      for (const direct of each) {
        expect((await direct.fhir(first.json['access_token'], 'Patient/example-1')).status).toBe(401)
        expect((await direct.refresh(first.json['refresh_token'])).json['error']).toBe('invalid_grant')
        expect((await direct.fhir(second.json['access_token'], 'Patient/example-1')).status).toBe(200)
      }
      expect(await here.silently(person)).toBe('consent_required')
      await person.go(`${proxy.base}/ehr/sign-out`, new URLSearchParams())
      expect([await here.silently(person), await here.silently(person)]).toEqual(['login_required', 'login_required'])
      expect((await here.refresh(third.json['refresh_token'])).json['error']).toBe('invalid_grant')
      const counts = [...proxy.sent.values()]
      expect(Math.abs((counts[0] ?? 0) - (counts[1] ?? 0))).toBeLessThanOrEqual(1)
    } finally {
      await Promise.all(all.map(({ stop }) => stop()))
      await proxy.stop()
    }
  })
}

describe('on a store that is one JSON text', () => {
  suite(() => startOnJson({ text: '{}' }))
})

const sqlite = sqliteClients().find(({ missing }) => missing === null)
const noSqlite = sqlite === undefined ? 'no node:sqlite, and BETTER_SQLITE3 names no better-sqlite3' : null

describeEngine(
  'on SQLite',
  noSqlite,
  () => {
    const { folder, remove } = temporaryFolder()
    afterAll(remove)
    let files = 0
    suite(() => startAt(`sqlite:${join(folder, `${String(files++)}.db`)}`, true))

    it('the file is readable for its owner only', async () => {
      const file = join(folder, 'private.db')
      const running = await startAt(`sqlite:${file}`, true)(config, await unusedPort())
      const modes = readdirSync(folder)
        .filter((name) => name.startsWith('private.db'))
        .map((name) => statSync(join(folder, name)).mode & 0o077)
      await running.stop()
      expect([modes.length > 0, modes.every((mode) => mode === 0)]).toEqual([true, true])
    })
  },
  sqliteClients().some(({ isRequired }) => isRequired)
)

describeEngine('on PostgreSQL', missingPostgres(), () => {
  let server: PostgresServer | null = null
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server?.stop())
  suite(() => startAt(`postgres://postgres@127.0.0.1:${String(server?.port)}/postgres`, false))
})

describeEngine('on Redis', redisMissing, () => {
  let server: RedisServer | null = null
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server?.remove())
  suite(() => startAt(`redis://127.0.0.1:${String(server?.port)}`, false))
})

describeEngine('on etcd', etcdMissing, () => {
  let members: ReadonlyArray<EtcdMember> = []
  beforeAll(async () => {
    members = await startEtcd([await unusedPort(), await unusedPort(), await unusedPort()])
  })
  afterAll(() => Promise.all(members.map(({ remove }) => remove())))
  suite(() => startAt(`etcd://${members.map(({ port }) => `127.0.0.1:${String(port)}`).join(',')}`, true))
})
