/** What OpenID Connect adds to the authorization request, against the real simulator. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decisionForm, TestUser, sentTo } from '../support/simulator/person.js'
import type { RunningSimulator } from '../support/simulator/simulator-process.js'
import { startSimulator } from '../support/simulator/simulator-process.js'

let simulator: RunningSimulator
const users = [
  { username: 'alice', password: 'alice-demo', fhirUser: 'Practitioner/p1' },
  { username: 'newcomer', password: 'newcomer-demo', patients: [] }
]

beforeAll(async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'openid-')), 'config.json')
  writeFileSync(file, JSON.stringify({ users }))
  simulator = await startSimulator(['--config', file])
})
afterAll(() => simulator.stop())

const address = (change: Readonly<Record<string, string>>): string =>
  `${simulator.base}/authorize?${new URLSearchParams({
    client_id: 'sample-app',
    redirect_uri: `${simulator.base}/app`,
    response_type: 'code',
    scope: 'openid fhirUser',
    state: 's',
    aud: `${simulator.base}/fhir`,
    code_challenge: 'c'.repeat(43),
    code_challenge_method: 'S256',
    ...change
  }).toString()}`

describe('prompt=none', () => {
  it('is answered without a page, by what would have been needed', async () => {
    const person = new TestUser(simulator.base)
    expect(sentTo(await person.go(address({ prompt: 'none' }))).searchParams.get('error')).toBe('login_required')
    sentTo(await person.pursue(await person.go(address({}))))
    expect(sentTo(await person.go(address({ prompt: 'none' }))).searchParams.get('error')).toBe('consent_required')
    expect(
      sentTo(await person.go(address({ prompt: 'none', scope: 'launch/patient' }))).searchParams.get('error')
    ).toBe('interaction_required')
    const old = sentTo(await person.go(address({ prompt: 'none', max_age: '0' }))).searchParams
    expect(['login_required', 'consent_required']).toContain(old.get('error'))
    expect([old.get('code'), old.get('state'), old.get('iss')]).toEqual([null, 's', simulator.base])
  })
})

describe('prompt=login and prompt=select_account', () => {
  it.each(['login', 'select_account', 'consent', ''])(
    'right after a launch from the EHR, whose user is signed in: %j',
    async (prompt) => {
      const query = new URLSearchParams({
        client_id: 'sample-app',
        launch_uri: `${simulator.base}/app/launch`,
        user: 'alice',
        patient: 'example-1'
      })
      const launched = await fetch(`${simulator.base}/ehr/launch?${query.toString()}`, { redirect: 'manual' })
      const launch = new URL(launched.headers.get('location') ?? '').searchParams.get('launch') ?? ''
      const cookie = launched.headers
        .getSetCookie()
        .map((one) => one.slice(0, one.indexOf(';')))
        .join('; ')
      const change = { scope: 'launch openid', launch, ...(prompt === '' ? {} : { prompt }) }
      const begun = await fetch(address(change), { redirect: 'manual', headers: { cookie } })
      const own = begun.headers
        .getSetCookie()
        .map((one) => one.slice(0, one.indexOf(';')))
        .join('; ')
      const page = await fetch(new URL(begun.headers.get('location') ?? '', simulator.base), {
        headers: { cookie: `${cookie}; ${own}` }
      })
      const asksForPassword = (await page.text()).includes('type="password"')
      expect([page.status, asksForPassword]).toEqual([200, prompt === 'login' || prompt === 'select_account'])
    }
  )
})

describe('a user who may see no patient', () => {
  it('goes on without a patient where something is left, and is refused where nothing is', async () => {
    const newcomer = { username: 'newcomer' }
    const some = new TestUser(simulator.base)
    const answer = sentTo(
      await some.pursue(await some.go(address({ scope: 'openid launch/patient patient/*.rs' })), newcomer)
    ).searchParams
    expect([answer.get('error'), answer.has('code')]).toEqual([null, true])
    const none = new TestUser(simulator.base)
    const refused = sentTo(
      await none.pursue(await none.go(address({ scope: 'launch/patient patient/*.rs' })), newcomer)
    ).searchParams
    expect([refused.get('error'), refused.has('code')]).toEqual(['access_denied', false])
  })

  it('cannot leave out a choice that there is', async () => {
    const alice = new TestUser(simulator.base)
    const signIn = await alice.go(address({ scope: 'openid launch/patient patient/*.rs' }))
    if (signIn._tag !== 'Page') throw new Error('no page')
    const form = decisionForm(signIn.visit)
    if (form === null) throw new Error('no form')
    const choice = await alice.submit(signIn.visit, form, [
      ['username', 'alice'],
      ['password', 'alice-demo']
    ])
    if (choice._tag !== 'Page') throw new Error('no page')
    const choosing = decisionForm(choice.visit)
    if (choosing === null) throw new Error('no form')
    const answer = await alice.submit(choice.visit, choosing, [])
    expect(answer._tag === 'Page' ? answer.visit.url : '').toMatch(/\?missing=choice$/)
  })
})

describe('the consent page', () => {
  it('says in plain words what is requested, what is not allowed, and where the user will be sent', async () => {
    const person = new TestUser(simulator.base)
    const signIn = await person.go(address({ scope: 'openid user/Observation.rs' }))
    if (signIn._tag !== 'Page') throw new Error('no page')
    const form = decisionForm(signIn.visit)
    if (form === null) throw new Error('no form')
    const consent = await person.submit(signIn.visit, form, [
      ['username', 'alice'],
      ['password', 'alice-demo']
    ])
    const text = consent._tag === 'Page' ? (consent.visit.document.querySelector('main')?.text ?? '') : ''
    expect(text).toContain('Read and search Observation records that you may see')
    expect(text).toContain('It cannot create, change or delete anything.')
    expect(text).toContain(new URL(simulator.base).origin)
    expect(text).toContain('sample-app')
  })
})

describe('CORS', () => {
  const origins = async (path: string, origin: string): Promise<readonly [string | null, string | null]> => {
    const { headers } = await fetch(`${simulator.base}${path}`, { headers: { origin } })
    return [headers.get('access-control-allow-origin'), headers.get('access-control-allow-credentials')]
  }

  it(
    'shares discovery, keys and metadata with anyone, data and tokens with registered apps, and the ' +
      'authorization endpoint with nobody',
    async () => {
      for (const path of [
        '/fhir/.well-known/smart-configuration',
        '/.well-known/openid-configuration',
        '/jwks',
        '/fhir/metadata'
      ]) {
        expect([path, await origins(path, 'https://evil.example')]).toEqual([path, ['*', null]])
        expect([path, await origins(path, 'null')]).toEqual([path, ['*', null]])
      }
      for (const path of ['/fhir/Patient', '/userinfo', '/token']) {
        expect([path, await origins(path, 'https://evil.example')]).toEqual([path, [null, null]])
        expect([path, await origins(path, 'null')]).toEqual([path, [null, null]])
        expect([path, await origins(path, simulator.base)]).toEqual([path, [simulator.base, null]])
      }
      expect(await origins('/authorize', simulator.base)).toEqual([null, null])
    }
  )

  it('answers preflights', async () => {
    const preflight = async (path: string, origin: string) => {
      const { status, headers } = await fetch(`${simulator.base}${path}`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' }
      })
      return [
        status,
        headers.get('access-control-allow-origin'),
        (headers.get('access-control-allow-headers') ?? '').includes('Authorization')
      ]
    }
    expect(await preflight('/fhir/Patient', simulator.base)).toEqual([204, simulator.base, true])
    expect(await preflight('/fhir/Patient', 'https://evil.example')).toEqual([204, null, false])
    expect(await preflight('/fhir/metadata', 'https://evil.example')).toEqual([204, '*', true])
  })
})
