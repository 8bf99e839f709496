/** The log on the pages of the simulator: what it says, what it hides, and where errors point to it. */
import * as fc from 'fast-check'
import { parse as parseHtml } from 'node-html-parser'
import { beforeAll, describe, expect, it } from 'vitest'
import type { RequestHandler } from '../../../../src/engine/server/http-handler.js'
import { printForm } from '../../../../src/protocol/http/form.js'
import type { PlainRequest } from '../../../../src/protocol/http/message.js'
import { decisionWords } from '../../../../src/simulator/log/decision-words.js'
import { logLineExtension } from '../../../../src/simulator/log/linked-answer.js'
import { sourceIn } from '../../../../src/simulator/log/log-line.js'
import { shownRequest } from '../../../../src/simulator/log/shown-request.js'
import { encodeSetting } from '../../../../src/simulator/settings/setting.js'
import { limits } from '../../../../src/values/limits/limits.js'
import {
  authorizationAt,
  browserAt,
  home,
  locationOf,
  requestTo,
  simulatorHere,
  tokensAt
} from '../../../support/simulator/in-process.js'

const release21 = `${home}/sim/${encodeSetting({ spec: '2.1.0' })}`

const world: { answer: RequestHandler } = { answer: () => () => Promise.reject(new Error('not built')) }

beforeAll(async () => {
  world.answer = await simulatorHere()
})

const bodyOf = async (address: string): Promise<string> =>
  (await world.answer(requestTo('GET', address, { accept: 'text/html' }))()).body

const linesOn = (body: string): ReadonlyArray<string> =>
  parseHtml(body)
    .querySelectorAll('.line')
    .map(({ text }) => text.replaceAll(/\s+/g, ' ').trim())

const linksOn = (body: string): ReadonlyArray<string> =>
  parseHtml(body)
    .querySelectorAll('.line .head > a')
    .map((link) => link.getAttribute('href') ?? '')
    .filter((href) => href.startsWith('/ehr/log/'))

const refusedToken = async (issuer: string, code: string) => {
  const response = await world.answer(
    requestTo('POST', `${issuer}/token`, {}, [
      ['grant_type', 'authorization_code'],
      ['client_id', 'sample-app'],
      ['code', code],
      ['redirect_uri', `${home}/app`],
      ['code_verifier', 'w'.repeat(43)]
    ])
  )()
  return JSON.parse(response.body) as Readonly<Record<string, string>>
}

describe('the log', () => {
  it('has a line for each step of a launch, the newest first, and for each FHIR request', async () => {
    const { access_token: token = '' } = await tokensAt(world.answer, home)
    const authorization = `Bearer ${token}`
    await world.answer(requestTo('GET', `${home}/fhir/Patient/example-1`, { authorization }))()
    const lines = linesOn(await bodyOf('/ehr/log'))
    expect(lines[0]).toMatch(
      /^done .* Sample App for alice .*Read of Patient\/example-1: permitted, because the token covers/
    )
    expect(lines[0]).toContain('GET /fhir/Patient/example-1 gets 200')
    const steps = lines.flatMap(
      (line) => /The app got tokens|gave consent|user is known|app requested/.exec(line) ?? []
    )
    expect(steps.slice(0, 4)).toEqual(['The app got tokens', 'gave consent', 'user is known', 'app requested'])
  })

  it('says of a refusal by the gate which least scopes would have been accepted', async () => {
    const { access_token: token = '' } = await tokensAt(world.answer, home)
    const refused = await world.answer(
      requestTo('GET', `${home}/fhir/Observation?patient=example-1`, { authorization: `Bearer ${token}` })
    )()
    const issues = (JSON.parse(refused.body) as { issue: ReadonlyArray<Record<string, unknown>> }).issue
    const [extension] = issues.at(-1)?.['extension'] as ReadonlyArray<Readonly<Record<string, string>>>
    expect(extension?.['url']).toBe(logLineExtension)
    const page = await bodyOf(extension?.['valueUrl'] ?? '')
    expect(page).toMatch(/A token with at least <code><bdi>\S+Observation\.s<\/bdi><\/code> would have been accepted/)
    expect(page).toContain('scope-sufficient')
    expect(page).toContain('patient (query)')
  })

  it('is where the errors of the token endpoint and of redirects point', async () => {
    const error = await refusedToken(home, 'no-such-code')
    const line = await bodyOf(error['error_uri'] ?? '')
    expect(line).toContain('CodeUnknown')
    expect(line).toContain('It does not have the form of a code or token of this server.')
    const redirected = await world.answer(requestTo('GET', authorizationAt(home, '')))()
    const address = new URL(locationOf(redirected)).searchParams.get('error_uri') ?? ''
    expect(address.startsWith(`${home}/ehr/log/`)).toBe(true)
    expect(await bodyOf(address)).toContain('ScopeMissing')
  })

  it('is where the error page of a person points', async () => {
    const page = await browserAt(world.answer).get(`${home}/authorize?client_id=nobody`)
    const link = parseHtml(page.body).querySelector('main a[href^="/ehr/log/"]')?.getAttribute('href') ?? ''
    expect(await bodyOf(link)).toContain('ClientUnknown')
  })

  it('has the lines of servers of launch settings, with the specification of their release', async () => {
    const error = await refusedToken(release21, 'no-such-code')
    const line = await bodyOf(error['error_uri'] ?? '')
    expect(line).toContain(release21)
    expect(line).toContain('release 2.1.0')
    expect(sourceIn('2.1.0', 'app-launch#step-7-refresh')).toBe(
      'https://hl7.org/fhir/smart-app-launch/STU2.1/app-launch.html#step-7-refresh'
    )
  })

  it('filters by app, grant and kind, with a link to each line', async () => {
    await tokensAt(world.answer, home)
    await world.answer(requestTo('GET', `${home}/authorize?client_id=filtered-app`))()
    const ofNone = await bodyOf('/ehr/log?app=nobody-else')
    expect(linesOn(ofNone)).toEqual([])
    // The log has lines: it must not say that nothing happened yet.
    expect(ofNone).toContain('no line for this filter')
    expect(ofNone).not.toContain('Nothing yet')
    const refusals = linesOn(await bodyOf('/ehr/log?kind=refusals'))
    expect(refusals.length).toBeGreaterThan(0)
    expect(refusals.every((line) => /^(?:refused|not possible) /.test(line))).toBe(true)
    const grant = /\/ehr\/grants\/([\w-]+)/.exec(await bodyOf('/ehr/log?kind=tokens'))?.[1] ?? ''
    const ofGrant = await bodyOf(`/ehr/log?grant=${grant}`)
    expect(linesOn(ofGrant)).toHaveLength(4)
    for (const link of linksOn(ofGrant)) expect((await world.answer(requestTo('GET', link))()).status).toBe(200)
    expect((await world.answer(requestTo('GET', '/ehr/log/no-such-line'))()).status).toBe(404)
  })

  it('has no line for an icon that a browser looks for, nor for a page that a person mistyped', async () => {
    const before = (await bodyOf('/ehr/log')).length
    for (const path of ['/favicon.ico', '/fhir/favicon.ico', `/sim/${encodeSetting({ intent: 'x' })}/favicon.ico`]) {
      const { headers } = await world.answer(requestTo('GET', path, { accept: 'image/png,*/*' }))()
      expect(headers['location']).toBe('/favicon.svg')
    }
    const mistyped = await world.answer(requestTo('GET', '/nowhere', { accept: 'text/html' }))()
    expect([mistyped.status, mistyped.body.includes('developer')]).toEqual([404, false])
    expect((await bodyOf('/ehr/log')).length).toBe(before)
  })

  it('renews itself only if the address says so', async () => {
    expect((await world.answer(requestTo('GET', '/ehr/log?live=1'))()).headers['refresh']).toBe('2')
    expect((await world.answer(requestTo('GET', '/ehr/log'))()).headers['refresh']).toBeUndefined()
  })

  it('does not mix requests that are answered at the same time', async () => {
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, place) => {
        const address = place % 2 === 0 ? `${home}/fhir/Patient/p-${String(place)}` : `${home}/token?n=${String(place)}`
        const authorization = `Bearer bad-token-${String(place)}`
        const request = requestTo(place % 2 === 0 ? 'GET' : 'POST', address, { authorization }, place % 2 ? [] : null)
        return Promise.resolve(world.answer(request)()).then(({ body, status }) => ({ body, status, place, address }))
      })
    )
    for (const { address, body, place, status } of answers) {
      const link = /"(http[^"]*\/ehr\/log\/[^"]*)"/.exec(body)?.[1] ?? ''
      const line = parseHtml(await bodyOf(link)).text
      expect(line).toContain(`${place % 2 === 0 ? 'GET' : 'POST'} ${address.replace(home, '').split('?')[0] ?? ''}`)
      expect(line.replaceAll(/\s+/g, ' ')).toContain(`Status ${String(status)}`.replace(' ', ''))
    }
  })

  it('keeps the newest lines only, and shows them in pages', async () => {
    const answer = await simulatorHere()
    const refused = requestTo('GET', `${home}/fhir/Patient/1`)
    const first = /"(http[^"]*\/ehr\/log\/[^"]*)"/.exec((await answer(refused)()).body)?.[1] ?? ''
    const statusOf = async (address: string) => (await answer(requestTo('GET', address))()).status
    for (let count = 1; count < limits.simulatorLog.default; count++) await answer(refused)()
    expect(await statusOf(first)).toBe(200)
    await answer(refused)()
    expect(await statusOf(first)).toBe(404)
    const page = await answer(requestTo('GET', '/ehr/log'))()
    expect(page.body.length).toBeLessThan(150_000)
    const older = /href="([^"]*after=[^"]*)"/.exec(page.body)?.[1] ?? ''
    const next = await answer(requestTo('GET', older))()
    expect(linksOn(next.body)).toHaveLength(50)
    expect(linksOn(next.body).some((link) => linksOn(page.body).includes(link))).toBe(false)
    expect(next.body).not.toContain('no longer kept')
    const lost = await answer(requestTo('GET', `/ehr/log?after=${first.split('/').at(-1) ?? ''}`))()
    expect(lost.body).toContain('The line after which this page begins is no longer kept')
    expect(linksOn(lost.body)).toEqual(linksOn(page.body))
    expect(page.body).not.toContain('no longer kept')
  })

  it('goes on after a line that the filter leaves out', async () => {
    const answer = await simulatorHere()
    for (const path of ['fhir/Patient/1', 'fhir/Patient/2', 'register'])
      await answer(requestTo('GET', `${home}/${path}`))()
    const [newest = '', ...others] = linksOn((await answer(requestTo('GET', '/ehr/log'))()).body)
    await answer(requestTo('GET', `${home}/authorize?client_id=nobody`))()
    const after = `/ehr/log?app=nobody&after=${newest.split('/').at(-1) ?? ''}`
    expect(linksOn((await answer(requestTo('GET', after))()).body)).toEqual([])
    const older = `/ehr/log?kind=refusals&after=${newest.split('/').at(-1) ?? ''}`
    expect(linksOn((await answer(requestTo('GET', older))()).body)).toEqual(others)
  })

  it('shows texts of apps as texts', async () => {
    const hostile = '"><script>alert(1)</script>'
    await world.answer(
      requestTo(
        'GET',
        `${home}/authorize?${printForm([
          ['client_id', hostile],
          ['scope', hostile]
        ])}`
      )
    )()
    const page = await bodyOf('/ehr/log')
    expect(page).not.toContain('<script')
    const line = await bodyOf(linksOn(page)[0] ?? '')
    expect(line).not.toContain('<script>')
    expect(line).toContain('&lt;script&gt;')
  })

  it('says something about every decision', () => {
    for (const { anchor, words } of Object.values(decisionWords)) {
      expect(words).not.toBe('')
      expect(sourceIn('2.2.0', anchor)).toMatch(
        /^https:\/\/(?:hl7\.org\/fhir\/smart-app-launch\/STU2\.2|www\.rfc-editor\.org)\//
      )
    }
  })
})

const secretNames = [
  'code',
  'code_verifier',
  'client_secret',
  'client_assertion',
  'refresh_token',
  'access_token',
  'token',
  'password',
  'state',
  'nonce',
  'launch',
  'login_hint',
  'id_token_hint',
  'subject_token',
  'anything_else'
] as const

const paths = [
  '/token',
  '/authorize',
  '/revoke',
  '/introspect',
  '/register',
  '/fhir/Patient',
  '/ehr/sign-in',
  '/userinfo'
]

const secret = fc.stringMatching(/^[A-Za-z0-9_.~ +/=&%-]{12,60}$/)

/** A random request with secrets in its parameters, its header fields and its cookies. */
const requestWithSecrets = fc.record({
  path: fc.constantFrom(...paths),
  method: fc.constantFrom('GET', 'POST'),
  isForm: fc.boolean(),
  values: fc.dictionary(fc.constantFrom(...secretNames), secret, { minKeys: 1 }),
  bearer: fc.stringMatching(/^[A-Za-z0-9_.-]{16,60}$/),
  basic: fc.boolean(),
  cookie: fc.stringMatching(/^[A-Za-z0-9_-]{16,43}$/),
  /** Whether a secret is also where none belongs. */
  repeated: fc.constantFrom('no', 'scope', 'client_id', 'redirect_uri', 'path')
})

type Sample = typeof requestWithSecrets extends fc.Arbitrary<infer Value> ? Value : never

const sampleRequest = ({ basic, bearer, cookie, isForm, method, path, repeated, values }: Sample) => {
  const [first = ''] = Object.values(values)
  const isFhir = path.startsWith('/fhir')
  const secretsInQuery = Object.entries(values).filter(
    ([name]) => !isFhir || /token|secret|assertion|verifier|password/.test(name)
  )
  const pairs: Array<readonly [string, string]> = [
    ...(isForm ? Object.entries(values) : secretsInQuery),
    ['client_id', repeated === 'client_id' ? first : 'app'],
    ['scope', repeated === 'scope' ? `openid ${first}` : 'openid'],
    [
      'redirect_uri',
      repeated === 'redirect_uri' ? `https://app.example/?code=${encodeURIComponent(first)}` : 'https://app.example/'
    ]
  ]
  const request: PlainRequest = {
    method: isForm ? 'POST' : method,
    path: repeated === 'path' ? `${path}/${encodeURIComponent(first)}` : path,
    query: isForm ? '' : printForm(pairs),
    headers: {
      authorization: `${basic ? 'Basic' : 'Bearer'} ${bearer}`,
      cookie: `ehr_browser_12345678=${cookie}`,
      ...(isForm ? { 'content-type': 'application/x-www-form-urlencoded' } : {})
    },
    body: isForm ? printForm(pairs) : ''
  }
  const secrets = [...pairs.filter(([name]) => Object.hasOwn(values, name)).map(([, value]) => value), bearer, cookie]
  return { request, secrets }
}

describe('no secret of a request is in the log', () => {
  it('whatever the request is', async () => {
    await fc.assert(
      fc.asyncProperty(requestWithSecrets, async (sample) => {
        const { request, secrets } = sampleRequest(sample)
        await world.answer(request)()
        const page = await bodyOf('/ehr/log')
        const [link = ''] = linksOn(page)
        // Lines of earlier requests may show as open what is a secret here.
        const newest = parseHtml(page).querySelector('.line')?.text ?? ''
        const shownText = `${newest},${parseHtml(await bodyOf(link)).querySelector('main')?.text ?? ''}`
        for (const one of secrets.filter((text) => text.trim().length >= 12)) expect(shownText).not.toContain(one)
      }),
      { numRuns: 60 }
    )
  })

  it('and the property fails if parameters are shown that it does not know, or if repetitions stay', () => {
    const request = requestTo('POST', `${home}/token`, {}, [
      ['unknown', 'a-secret-of-the-app'],
      ['scope', 'a-secret-of-the-app']
    ])
    const { parameters } = shownRequest(request, false).request
    expect(parameters.map(({ name, value }) => [name, value])).toEqual([
      ['unknown', null],
      ['scope', 'hidden']
    ])
  })

  it('and a request with more secrets than the log shows parameters shows no text, so that the work is bounded', () => {
    const shownWith = (secrets: number) =>
      shownRequest(
        requestTo('POST', `${home}/token`, {}, [
          ['scope', 'openid'],
          ...Array.from({ length: secrets }, (_, place) => ['unknown', `secret-${String(place)}`] as const)
        ]),
        false
      )
    const { default: most } = limits.simulatorLogParameters
    for (const [secrets, scope] of [
      [most, 'openid'],
      [most + 1, 'hidden']
    ] as const) {
      const { hide, request } = shownWith(secrets)
      expect(request.parameters[0]?.value).toBe(scope)
      expect(hide('a text without a secret')).toBe(scope === 'hidden' ? 'hidden' : 'a text without a secret')
      expect([request.parameters.length, request.leftOut]).toEqual([most, secrets + 1 - most])
    }
  })

  const appSecret = 'secret-of-the-app-in-the-link'
  const encoded = encodeSetting({
    app: { client_id: 'linked-app', client_secret: appSecret, redirect_uris: ['https://app.example/cb'] }
  })

  it.each([
    ['encoded once more', `http%3A%2F%2F127.0.0.1%3A4010%2Fsim%2F${encoded}%2Ffhir`],
    ['after a slash too many', `${home}/sim//${encoded}/fhir`],
    ['after another spelling', `${home}/SIM/${encoded}/fhir`],
    ['alone', encoded]
  ])('not even that of a link, where its setting is sent as an aud: %s', async (_name, aud) => {
    const query = new URLSearchParams({ response_type: 'code', client_id: 'sample-app', aud, scope: 'openid' })
    query.set('redirect_uri', `${home}/app`)
    await world.answer(requestTo('GET', `${home}/authorize?${query.toString()}`))()
    const page = await bodyOf('/ehr/log')
    const shownText = `${page}${await bodyOf(linksOn(page)[0] ?? '')}`
    expect(shownText).not.toContain(encoded.slice(20, 60))
  })

  it.each([
    ['the link', {}],
    ['Basic authentication', { authorization: `Basic ${btoa(`linked-app:another-secret-of-it`)}` }]
  ])('not even one that is repeated in another parameter, if it is in %s', (_name, headers) => {
    const secret = 'authorization' in headers ? 'another-secret-of-it' : appSecret
    const request = requestTo('POST', `${home}/sim/${encoded}/token`, headers, [['grant_type', secret]])
    expect(shownRequest(request, false, [appSecret]).request.parameters.at(-1)?.value).toBe('hidden')
  })

  it('not even one of a link whose app sends it as its client_id', async () => {
    await world.answer(requestTo('GET', `${home}/sim/${encoded}/authorize?client_id=${appSecret}`))()
    expect(await bodyOf('/ehr/log')).not.toContain(appSecret)
  })

  it('not even one that the server issued', async () => {
    const browser = browserAt(world.answer)
    const issued = await tokensAt(world.answer, home, 'openid offline_access user/Patient.rs', browser)
    await world.answer(requestTo('GET', `${home}/fhir/Patient/${issued['access_token'] ?? ''}`))()
    const page = await bodyOf('/ehr/log')
    const all = [page, ...(await Promise.all(linksOn(page).map(bodyOf)))].join('')
    for (const name of ['code', 'access_token', 'refresh_token', 'id_token']) {
      expect(issued[name]?.length).toBeGreaterThan(20)
      // Nor its beginning, which is the id of the grant.
      expect(all).not.toContain(issued[name]?.slice(0, 20))
    }
    for (const { value } of browser.cookies.values()) expect(value !== '' && all.includes(value)).toBe(false)
  })
})
