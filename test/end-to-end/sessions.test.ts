/** The simulator's sessions: who is at the page, when a session ends, and what ends with it. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { TestUser } from '../support/simulator/person.js'
import type { End, Visit } from '../support/simulator/person.js'
import { authorizeUrl, formOf, personAt, send, simulatorForAll } from '../support/simulator/simulated.js'

const user = (username: string, more: object = {}) => ({ username, password: `${username}-demo`, ...more })

const simulator = simulatorForAll({
  users: [
    user('alice', { fhirUser: 'Practitioner/p1' }),
    user('bob', { fhirUser: 'Practitioner/p2' }),
    user('pat', { fhirUser: 'Patient/fresh' }),
    user('a'.repeat(300)),
    user('Zo\u00eb')
  ],
  clients: [
    {
      client_id: 'sample-app',
      application_type: 'native',
      redirect_uris: ['http://127.0.0.1:4567/redirect'],
      launch_uris: ['http://127.0.0.1:4567/launch'],
      scope: 'launch launch/patient launch/encounter openid online_access patient/*.rs',
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none'
    }
  ]
})

const verifier = 'v'.repeat(43)
const redirectUri = 'http://127.0.0.1:4567/redirect'

const requested = (change: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> => ({
  redirect_uri: redirectUri,
  code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  ...change
})

const pageOf = (end: End): Visit => {
  if (end._tag === 'Sent') throw new Error(`sent to ${end.to.href}`)
  return end.visit
}

const sentTo = (end: End): URL => {
  if (end._tag === 'Page') throw new Error(end.visit.document.text)
  return end.to
}

const token = async (
  fields: Readonly<Record<string, string>>
): Promise<{ readonly status: number; readonly json: Readonly<Record<string, unknown>> }> => {
  const { status, body } = await send(simulator().base, '/token', formOf({ client_id: 'sample-app', ...fields }))
  return { status, json: JSON.parse(body) as Readonly<Record<string, unknown>> }
}

const exchange = (end: End) =>
  token({
    grant_type: 'authorization_code',
    code: sentTo(end).searchParams.get('code') ?? '',
    redirect_uri: redirectUri,
    code_verifier: verifier
  })

/** A browser in which a user has gone through a whole launch with `online_access`, and the refresh token of it. */
const atWork = async (username: string) => {
  const person = new TestUser(simulator().base)
  const end = await person.pursue(
    await person.go(authorizeUrl(simulator().base, requested({ scope: 'launch/patient online_access patient/*.rs' }))),
    { username }
  )
  return { person, refreshToken: String((await exchange(end)).json['refresh_token']) }
}

const refresh = (refreshToken: string) => token({ grant_type: 'refresh_token', refresh_token: refreshToken })

/** What an app receives if the server may show no page. */
const silently = async (person: TestUser): Promise<string | null> =>
  sentTo(
    await person.go(authorizeUrl(simulator().base, requested({ scope: 'openid', prompt: 'none' })))
  ).searchParams.get('error')

const signOutOn = (visit: Visit) =>
  visit.document
    .querySelectorAll('form')
    .find((form) => form.getAttribute('action')?.endsWith('/ehr/sign-out') === true)

describe('a session of the simulator', () => {
  it(
    'ends with the sign-out, and so does what online_access granted in it; the next one does ' + 'not bring it back',
    async () => {
      const { person, refreshToken } = await atWork('alice')
      const renewed = await refresh(refreshToken)
      expect(renewed.status).toBe(200)
      expect(await silently(person)).toBe('consent_required')
      const page = pageOf(await person.go(`${simulator().base}/ehr/sign-out`))
      const form = signOutOn(page)
      expect([page.document.text.includes('alice'), form === undefined]).toEqual([true, false])
      if (form !== undefined) await person.submit(page, form, [])
      expect([await silently(person), person.cookie('ehr_session')]).toEqual(['login_required', ''])
      expect(pageOf(await person.go(`${simulator().base}/ehr/sign-out`)).document.text).toContain(
        'No user is signed in.'
      )
      await person.pursue(await person.go(authorizeUrl(simulator().base, requested({ prompt: 'login' }))))
      const refused = await refresh(String(renewed.json['refresh_token']))
      expect([refused.status, refused.json['error']]).toEqual([400, 'invalid_grant'])
    }
  )

  it('of another user in the same browser ends it', async () => {
    const { person, refreshToken } = await atWork('alice')
    await person.pursue(await person.go(authorizeUrl(simulator().base, requested({ prompt: 'login' }))), {
      username: 'bob'
    })
    expect((await refresh(refreshToken)).status).toBe(400)
  })

  it('ends when the same user signs in with the password again', async () => {
    const { person, refreshToken } = await atWork('alice')
    await person.pursue(await person.go(authorizeUrl(simulator().base, requested({ prompt: 'login' }))))
    const refused = await refresh(refreshToken)
    expect([refused.status, refused.json['error']]).toEqual([400, 'invalid_grant'])
  })

  it('goes on when the same user starts a launch in it, under another value', async () => {
    const { person, refreshToken } = await atWork('alice')
    const before = person.cookie('ehr_session')
    await person.go(
      `${simulator().base}/ehr/launch?client_id=sample-app&launch_uri=` +
        `${encodeURIComponent('http://127.0.0.1:4567/launch')}&user=alice`
    )
    expect(person.cookie('ehr_session')).not.toBe(before)
    expect((await refresh(refreshToken)).status).toBe(200)
    const old = await send(
      simulator().base,
      authorizeUrl(simulator().base, requested({ scope: 'openid', prompt: 'none' })).slice(simulator().base.length),
      {
        headers: { cookie: `ehr_session=${before}` }
      }
    )
    expect(new URL(String(old.headers.location)).searchParams.get('error')).toBe('login_required')
  })

  it('is enough for another app or another request, until the app asks for a new sign-in', async () => {
    const { person } = await atWork('alice')
    const again = pageOf(await person.go(authorizeUrl(simulator().base, requested())))
    expect(again.document.querySelector('h1')?.text).toBe('Choose a patient')
    expect(again.document.querySelector('main')?.text).toContain('alice')
  })

  it('has to sign in again for max_age=0, once', async () => {
    const { person } = await atWork('alice')
    const end = await person.go(authorizeUrl(simulator().base, requested({ max_age: '0' })))
    expect(pageOf(end).document.querySelector('h1')?.text).toBe('Sign in')
    expect(sentTo(await person.pursue(end)).searchParams.has('code')).toBe(true)
  })
})

describe('another user who has signed in since', () => {
  it.each(['Choose', 'Give access?'] as const)(
    'sees and decides nothing on the page "%s" of the first one',
    async (heading) => {
      const { person, visit, form } = await personAt(simulator().base, heading, 'alice', requested())
      await person.pursue(await person.go(authorizeUrl(simulator().base, requested({ prompt: 'login' }))), {
        username: 'bob'
      })
      const again = pageOf(await person.go(visit.url))
      expect([again.status, /alice|Ada|Synthetic|patient\/\*/.test(again.document.text)]).toEqual([403, false])
      expect(again.document.text).toContain('Nothing was given to the app.')
      for (const decision of ['allow', 'deny']) {
        expect(
          pageOf(
            await person.submit(visit, form, [
              ['patient', 'example-1'],
              ['scope', 'patient/*.rs'],
              ['decision', decision]
            ])
          ).status
        ).toBe(403)
      }
      // The first one signs in again, and the conversation goes on.
      await person.pursue(await person.go(authorizeUrl(simulator().base, requested({ prompt: 'login' }))), {
        username: 'alice'
      })
      expect(sentTo(await person.pursue(await person.go(visit.url))).searchParams.has('code')).toBe(true)
    }
  )
})

it.each([
  ['a'.repeat(300), 'longer than 255 characters'],
  ['Zo\u00eb', 'not of ASCII']
])('a user whose name is %s signs in, and apps receive the digest of the name (%s)', async (username) => {
  const person = new TestUser(simulator().base)
  const end = await person.pursue(
    await person.go(authorizeUrl(simulator().base, requested({ scope: 'launch/patient openid patient/*.rs' }))),
    { username }
  )
  const { status, json } = await exchange(end)
  const claims = JSON.parse(Buffer.from(String(json['id_token']).split('.')[1] ?? '', 'base64url').toString()) as object
  expect([status, claims]).toEqual([
    200,
    expect.objectContaining({ sub: createHash('sha256').update(username).digest('base64url') })
  ])
})

it('a patient who has no encounter can be chosen all the same', async () => {
  const person = new TestUser(simulator().base)
  const end = await person.pursue(
    await person.go(
      authorizeUrl(simulator().base, requested({ scope: 'launch/patient launch/encounter patient/*.rs openid' }))
    ),
    { username: 'pat' }
  )
  const { json } = await exchange(end)
  expect([json['patient'], json['encounter'], json['scope']]).toEqual([
    'fresh',
    undefined,
    'launch/patient patient/*.rs openid'
  ])
})
