/**
 * Each misbehavior of the simulator's EHR against the app of this package, over real HTTP: the app ends as the table
 * says, sends nothing to another origin, and shows no other patient.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clients, clientSecret, launchAt, launchUri, serviceAt } from './launch.js'
import type { Listening, Recorded } from '../../support/simulator/listening-simulator.js'
import { foreignOrigin, listeningSimulator } from '../../support/simulator/listening-simulator.js'
import { sentTo, TestUser } from '../../support/simulator/person.js'
import { misbehaviors } from '../../../src/simulator/misbehavior/table.js'
import { baseUrlWith } from '../../../src/simulator/settings/setting-servers.js'

let simulator: Listening
let foreign: Listening & { readonly requests: Array<Recorded> }
const ran = new Set<string>()

beforeAll(async () => {
  foreign = await foreignOrigin()
  simulator = await listeningSimulator({ clients: await clients(), foreignOrigin: foreign.base })
})
afterAll(() => {
  simulator.stop()
  foreign.stop()
  console.log(`${String(ran.size)} misbehaviors were tried against the app`)
})

describe('an app at an honest server', () => {
  it.each(['standalone', 'ehr'] as const)('is launched, reads and refreshes: %s', async (kind) => {
    for (const setting of [{}, { spec: '2.0.0' as const }, { spec: '2.2.0' as const }]) {
      for (const isAsserting of [false, true]) {
        const { outcome, shown } = await launchAt(simulator.base, setting, kind, { isAsserting })
        expect(outcome).toEqual({ unharmed: 'nothing' })
        expect(new Set(shown)).toEqual(new Set(['example-1']))
      }
      expect(await serviceAt(simulator.base, setting)).toEqual({ unharmed: 'nothing' })
    }
  })
})

describe.each(misbehaviors)('$name', ({ name, outcome, changes }) => {
  const kinds = changes['ehr-launch'] === undefined ? (['standalone', 'ehr'] as const) : (['ehr'] as const)

  it.each(kinds)('%s', async (kind) => {
    const before = foreign.requests.length
    const {
      outcome: found,
      sent,
      shown
    } = await launchAt(simulator.base, { misbehavior: name }, kind, {
      isAsserting: name.startsWith('assertion-'),
      timeoutMilliseconds: name.endsWith('-slow') ? 500 : 15_000
    })
    expect(found).toEqual(outcome)
    expect(foreign.requests.slice(before)).toEqual([])
    expect(sent.filter((url) => !url.startsWith(`${simulator.base}/`))).toEqual([])
    expect(shown.filter((patient) => patient !== 'example-1')).toEqual([])
    ran.add(name)
  })
})

const ofServices = misbehaviors.filter(({ changes }) => changes['service-response'] !== undefined)

describe('a backend service', () => {
  it.each(ofServices)('ends as the table says: $name', async ({ name, outcome }) => {
    expect(await serviceAt(simulator.base, { misbehavior: name })).toEqual(outcome)
  })
})

describe('a misbehavior about assertions', () => {
  it.each(['assertion-expired', 'assertion-jti-used'])('does nothing to an app with a secret: %s', async (name) => {
    expect((await launchAt(simulator.base, { misbehavior: name }, 'standalone')).outcome).toEqual({
      unharmed: 'nothing'
    })
  })
})

describe('the table', () => {
  it('has a row for every name, and each row has run', () => {
    expect([...ran].toSorted()).toEqual(misbehaviors.map(({ name }) => name).toSorted())
    expect(new Set(misbehaviors.map(({ name }) => name)).size).toBe(misbehaviors.length)
  })

  it('has another result than an honest server, except in the three rows that the next test shows', () => {
    const same = misbehaviors.filter(({ outcome }) => 'unharmed' in outcome && outcome.unharmed === 'nothing')
    expect(same.map(({ name }) => name)).toEqual(['keys-rotated', 'expires-in-text', 'access-token-expired'])
  })

  it('acts also where the app is not disturbed', async () => {
    const of = (name?: string) =>
      launchAt(simulator.base, name === undefined ? {} : { misbehavior: name }, 'standalone')
    const keysIn = ({ sent }: { readonly sent: ReadonlyArray<string> }) => sent.filter((url) => url.endsWith('/jwks'))
    expect(keysIn(await of('keys-rotated'))).toHaveLength(2)
    expect(keysIn(await of())).toHaveLength(1)
    expect((await of('expires-in-text')).tokenResponses[0]).toMatch(/"expires_in":"[0-9]+"/)
    expect((await of()).tokenResponses[0]).toMatch(/"expires_in":[0-9]+/)
    // The code, the refresh instead of the refused token, and the forced refresh at the end of each launch.
    expect((await of('access-token-expired')).tokenResponses).toHaveLength(3)
    expect((await of()).tokenResponses).toHaveLength(2)
  })
})

describe('a careless app', () => {
  it('is seen at the other origin, so that the record above is not blind', async () => {
    const base = baseUrlWith(simulator.base, { misbehavior: 'token-redirect' })
    const before = foreign.requests.length
    await fetch(`${base}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `grant_type=authorization_code&code=c&client_secret=${encodeURIComponent(clientSecret)}`
    })
    expect(foreign.requests.slice(before)).toMatchObject([
      { line: 'POST /elsewhere/token', body: expect.stringContaining('client_secret=') as string }
    ])
  })

  it('that follows the launch of another server is seen, too', async () => {
    const base = baseUrlWith(simulator.base, { misbehavior: 'launch-iss-foreign' })
    const query = new URLSearchParams({ client_id: 'tried-app', launch_uri: launchUri, user: 'alice' }).toString()
    const launched = sentTo(await new TestUser(simulator.base).go(`${base}/ehr/launch?${query}`))
    expect(launched.searchParams.get('iss')).toBe(`${foreign.base}/elsewhere/fhir`)
  })
})

describe('the lists for app authors', () => {
  it('are a page and JSON with a link for each row', async () => {
    const response = await fetch(`${simulator.base}/misbehaviors.json`)
    const list = (await response.json()) as { readonly misbehaviors: ReadonlyArray<Record<string, string | undefined>> }
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(list.misbehaviors.map(({ name }) => name)).toEqual(misbehaviors.map(({ name }) => name))
    const page = await (await fetch(`${simulator.base}/misbehaviors`)).text()
    expect(page).not.toContain('`')
    for (const { name, iss, ehrLaunch } of list.misbehaviors) {
      expect(ehrLaunch).toMatch(/^http.*\/sim\/[\w-]+\/ehr\/launch\{\?client_id,/)
      if (iss !== undefined) expect(page).toContain(iss)
      expect(page).toContain(`id="${name ?? ''}"`)
      expect(page).toMatch(new RegExp(`href="/\\?(?:kind=ehr&amp;)?misbehavior=${name ?? ''}"`))
    }
  })

  it('the place for another origin says what it is', async () => {
    expect((await fetch(`${simulator.base}/elsewhere/token`, { method: 'POST' })).status).toBe(403)
    expect((await fetch(`${simulator.base}/misbehaviors`, { method: 'POST' })).status).toBe(405)
  })
})
