/** The attacks on the form of the answers: methods, bodies, headers, redirects; over HTTP where the host makes them. */
import { expect } from 'vitest'
import { variant } from './authorize-parameters.js'
import { agree, atChoice, atConsent, expectPage, sentParameters, waiting } from '../../support/server/conversation.js'
import type { AttackRow } from '../row.js'
import { leavesStoreAlone, storeOf } from '../../support/server/stored.js'
import { authorizeUrl, formOf, overHttp, personAt, send, withoutLogLine } from '../../support/simulator/simulated.js'
import type { Answered, Sent } from '../../support/simulator/simulated.js'
import { TestUser, sentTo } from '../../support/simulator/person.js'
import type { RunningSimulator } from '../../support/simulator/simulator-process.js'
import type { Change, Fixture } from '../../support/server-fixture.js'
import { alice, authorizationParameters, authorize, get, post } from '../../support/server-fixture.js'
import type { Conversation } from '../../../src/engine/server/interaction/conversation.js'
import { printForm } from '../../../src/protocol/http/form.js'

/** Requests that each break another rule after the redirect URI is proven. */
const brokenRequests: ReadonlyArray<Change> = [
  { state: null },
  { response_type: 'token' },
  { response_type: null },
  { response_mode: 'fragment' },
  { scope: null },
  { scope: 'a"b' },
  { aud: null },
  { aud: 'x' },
  { code_challenge: null },
  { code_challenge_method: 'plain' },
  { launch: 'x', scope: 'launch patient/*.rs' },
  { prompt: 'what' },
  { max_age: '-1' },
  { request: 'x' },
  { request_uri: 'x' },
  { registration: 'x' },
  { scope: 'nothing' },
  { scope: 'launch' }
]

const responseOf = (conversation: Conversation) => {
  if (conversation._tag !== 'SendToApp') throw new Error(conversation._tag)
  return conversation.response
}

/** Every way back to the app: the code, the denials, the errors. */
const everyWayBack = async (fixture: Fixture) => {
  const denied = await atConsent(fixture)
  const early = waiting(await authorize(fixture))
  const silent = await atChoice(fixture, { prompt: 'none' })
  return [
    await agree(fixture, await atConsent(fixture)),
    await fixture.server.interaction.userDenied(denied.interaction)(),
    await fixture.server.interaction.userDenied(early.interaction)(),
    await fixture.server.interaction.pageNeeded(silent.interaction)(),
    await fixture.server.interaction.consentGiven((await atConsent(fixture)).interaction, [])(),
    ...(await Promise.all(brokenRequests.map((change) => authorize(fixture, change))))
  ].map(responseOf)
}

const headersOfEveryPage: Readonly<Record<string, RegExp>> = {
  'content-security-policy': /(?:^|; )frame-ancestors 'none'/,
  'x-frame-options': /^DENY$/,
  'referrer-policy': /^no-referrer$/,
  'cache-control': /^no-store$/,
  'x-content-type-options': /^nosniff$/,
  'content-type': /^text\/html; charset=utf-8$/
}

const expectGuarded = (headers: Readonly<Record<string, unknown>>): void => {
  for (const [name, value] of Object.entries(headersOfEveryPage))
    expect([name, String(headers[name])]).toEqual([name, expect.stringMatching(value)])
}

const withoutChanging = ({ status, headers, body }: Answered): unknown => {
  const { date: _date, ...others } = headers
  return { status, headers: others, body: withoutLogLine(body.replace(/value="[A-Za-z0-9_-]{20,}"/g, 'value="..."')) }
}

/** The rows that need no host. */
export const answerRows: ReadonlyArray<AttackRow> = [
  {
    id: 'AUT-90',
    variants: [
      variant('every way back names the issuer, once', async (fixture) => {
        const responses = await everyWayBack(fixture)
        expect(responses.length).toBe(brokenRequests.length + 5)
        for (const response of responses) sentParameters(response)
      })
    ]
  },
  {
    id: 'AUT-91',
    variants: [
      variant('every way back is a 303', async (fixture) => {
        for (const { status, headers } of await everyWayBack(fixture)) {
          expect(status).toBe(303)
          expect(headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
        }
      })
    ]
  },
  {
    id: 'AUT-95',
    variants: [
      variant('by GET and by POST', async (fixture) => {
        const before = storeOf(fixture).length
        const byGet = waiting(await authorize(fixture))
        const byPost = waiting(
          await fixture.server.endpoints.authorize(post('/authorize', authorizationParameters()))()
        )
        expect(storeOf(fixture).length).toBe(before + 2)
        expect(byPost.details).toEqual(byGet.details)
        expect(byPost.interaction.grantId).not.toBe(byGet.interaction.grantId)
      }),
      variant('by POST the query does not count, by GET the body', async (fixture) => {
        const query = printForm(authorizationParameters())
        expectPage(
          await leavesStoreAlone(fixture, fixture.server.endpoints.authorize({ ...post('/authorize', []), query })),
          400,
          'invalid_request'
        )
        expectPage(
          await leavesStoreAlone(fixture, fixture.server.endpoints.authorize({ ...get('/authorize'), body: query })),
          400,
          'invalid_request'
        )
      })
    ]
  },
  {
    id: 'AUT-96',
    variants: [
      'application/json',
      'multipart/form-data; boundary=x',
      'text/plain',
      '',
      'application/x-www-form-urlencoded2',
      'x/x; application/x-www-form-urlencoded'
    ].map((type) =>
      variant(type === '' ? 'no body type' : type, async (fixture) => {
        const request = post('/authorize', authorizationParameters())
        const { 'content-type': _form, ...others } = request.headers
        const headers = type === '' ? others : { ...others, 'content-type': type }
        const bodies = [request.body, JSON.stringify(Object.fromEntries(authorizationParameters())), '']
        for (const body of bodies) {
          expectPage(
            await leavesStoreAlone(fixture, fixture.server.endpoints.authorize({ ...request, headers, body })),
            400,
            'invalid_request',
            'BodyNotForm'
          )
        }
      })
    )
  }
]

/** The rows that the simulator answers. */
export const hostRows = (simulator: () => RunningSimulator): ReadonlyArray<AttackRow> => {
  const at = (path: string, sent?: Sent): Promise<Answered> => send(simulator().base, path, sent)
  const query = (): string => authorizeUrl(simulator().base).slice(simulator().base.length)
  return [
    {
      id: 'AUT-92',
      once: overHttp,
      variants: [
        variant('sign-in, choice and consent', async () => {
          for (const heading of ['Sign in', 'Choose', 'Give access?'] as const) {
            const { visit } = await personAt(simulator().base, heading)
            expectGuarded(Object.fromEntries(visit.headers))
          }
        }),
        variant('pages that refuse, complain, or show what the EHR knows', async () => {
          const paths = [
            '/authorize?client_id=nope',
            '/interaction/x',
            '/ehr/sign-in',
            '/ehr/sign-out',
            '/apps',
            '/ehr/launch',
            '/ehr/launch?client_id=x',
            '/ehr/grants',
            '/'
          ]
          for (const path of paths) expectGuarded((await at(path)).headers)
          // The sample app is no page of the authorization server: the record system of the same origin may frame it.
          const { headers } = await at('/app')
          expect(String(headers['content-security-policy'])).toContain("frame-ancestors 'self'")
          expect(headers['x-frame-options']).toBe('SAMEORIGIN')
          expectGuarded((await at('/interaction/x', formOf({ form_token: 'y', decision: 'allow' }))).headers)
          expectGuarded((await at('/authorize', { method: 'PUT' })).headers)
          const { person, visit, form } = await personAt(simulator().base, 'Sign in')
          const failed = await person.submit(visit, form, [
            ['username', 'alice'],
            ['password', 'wrong']
          ])
          expectGuarded(failed._tag === 'Page' ? Object.fromEntries(failed.visit.headers) : {})
        })
      ]
    },
    {
      id: 'AUT-97',
      once: overHttp,
      variants: ['HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'PROPFIND'].map((method) =>
        variant(method, async () => {
          const printed = (): number => simulator().printed().split('AuthorizationRequested').length
          const before = printed()
          const refused = await at(query(), { method })
          expect([
            refused.status,
            refused.headers['allow'],
            refused.headers['location'],
            refused.headers['set-cookie']
          ]).toEqual([405, 'GET, POST', undefined, undefined])
          expect(printed()).toBe(before)
        })
      )
    },
    {
      id: 'AUT-98',
      once: overHttp,
      variants: ['https://app.example', 'null', 'https://evil.example'].map((origin) =>
        variant(`from ${origin}`, async () => {
          const preflight = {
            method: 'OPTIONS',
            headers: { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' }
          }
          const pairs: ReadonlyArray<readonly [string, Sent]> = [
            [query(), {}],
            ['/authorize?client_id=nope', {}],
            [query(), preflight],
            ['/interaction/x', preflight]
          ]
          for (const [path, sent] of pairs) {
            const [plain, crossing] = [
              await at(path, sent),
              await at(path, { ...sent, headers: { ...sent.headers, origin } })
            ]
            expect(Object.keys(crossing.headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
            if (path !== query() || sent.method === 'OPTIONS')
              expect(withoutChanging(crossing)).toEqual(withoutChanging(plain))
            else
              expect([crossing.status, Object.keys(crossing.headers)]).toEqual([
                plain.status,
                Object.keys(plain.headers)
              ])
          }
        })
      )
    },
    {
      id: 'AUT-100',
      once: overHttp,
      variants: [
        variant('a session that an attacker chose before the sign-in', async () => {
          const fixed = 'fixed-by-the-attacker'
          const { visit, form, person } = await personAt(simulator().base, 'Sign in')
          const hidden = Object.fromEntries(
            form
              .querySelectorAll('input[type=hidden]')
              .map((input) => [input.getAttribute('name') ?? '', input.getAttribute('value') ?? ''])
          )
          const cookie = `ehr_session=${fixed}; ${person.cookiesBelow('ehr_browser_')}`
          const sent = formOf({ ...hidden, username: alice.sub, password: 'alice-demo' })
          const signedIn = await at(new URL(form.getAttribute('action') ?? '', visit.url).pathname, {
            ...sent,
            headers: { ...sent.headers, cookie }
          })
          const sessions = (signedIn.headers['set-cookie'] ?? []).filter((one) => one.startsWith('ehr_session='))
          expect([signedIn.status, sessions.length, sessions[0]?.includes(fixed)]).toEqual([303, 1, false])
          expect(sessions[0]).toMatch(/HttpOnly; SameSite=Lax/)
          // With the value that the attacker knows nobody is signed in: the page asks who it is.
          const later = await at(`${query()}&prompt=none`, { headers: { cookie: `ehr_session=${fixed}` } })
          expect(new URL(String(later.headers['location'])).searchParams.get('error')).toBe('login_required')
        }),
        variant(
          'the cookie of a conversation goes when the conversation is over, so that they do not pile up',
          async () => {
            const [cookie = ''] = (await at(query())).headers['set-cookie'] ?? []
            expect(cookie).toMatch(
              /^smart_([A-Za-z0-9_-]+)=[A-Za-z0-9_-]{43}; Path=\/interaction\/\1; HttpOnly; SameSite=Lax; Max-Age=[0-9]+$/
            )
            expect(Number(/Max-Age=([0-9]+)/.exec(cookie)?.[1])).toBeLessThanOrEqual(600)
          }
        ),
        variant('a second sign-in gives another session', async () => {
          const person = new TestUser(simulator().base)
          const values: Array<string> = []
          for (let time = 0; time < 2; time++) {
            sentTo(await person.pursue(await person.go(authorizeUrl(simulator().base, { prompt: 'login' }))))
            values.push(person.cookie('ehr_session'))
          }
          expect([new Set(values).size, values.every((value) => value.length >= 43)]).toEqual([2, true])
        })
      ]
    }
  ]
}
