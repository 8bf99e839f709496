/** Why: the cause of a refusal, the values that were sent and accepted, and the scopes that restrict results. */
import { parse as parseHtml } from 'node-html-parser'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RequestHandler } from '../../../../src/engine/server/http-handler.js'
import type { PlainRequest, PlainResponse } from '../../../../src/protocol/http/message.js'
import { causeOf } from '../../../../src/simulator/log/line-cause.js'
import type { LogLine } from '../../../../src/simulator/log/log-line.js'
import { lineOf } from '../../../../src/simulator/log/log-line.js'
import { encodeSetting } from '../../../../src/simulator/settings/setting.js'
import type { BrowserHere } from '../../../support/simulator/in-process.js'
import {
  authorizationAt,
  browserAt,
  formOn,
  home,
  locationOf,
  requestTo,
  simulatorHere,
  tokensAt
} from '../../../support/simulator/in-process.js'

type Tokens = Readonly<Record<string, string>>
type Form = ReadonlyArray<readonly [string, string]>

const world: { answer: RequestHandler; browser: BrowserHere; key: CryptoKey | null } = {
  answer: () => () => Promise.reject(new Error('not built')),
  browser: browserAt(() => () => Promise.reject(new Error('not built'))),
  key: null
}

const scopeOfApp = 'launch launch/patient openid fhirUser offline_access online_access patient/*.cruds user/*.cruds'

const appNamed = (client_id: string) => ({
  client_id,
  client_name: client_id,
  redirect_uris: [`${home}/app`, `${home}/other`],
  scope: scopeOfApp,
  grant_types: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_method: 'none'
})

beforeAll(async () => {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-384' }, true, ['sign', 'verify'])
  const { crv, kty, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey)
  world.key = pair.privateKey
  world.answer = await simulatorHere({
    clients: [
      appNamed('sample-app'),
      appNamed('other-app'),
      {
        client_id: 'service',
        client_name: 'The Service',
        scope: 'system/Patient.rs',
        redirect_uris: [],
        grant_types: ['client_credentials'],
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [{ kty, crv, x, y, kid: 'k1', alg: 'ES384', key_ops: ['verify'] }] }
      }
    ]
  })
  world.browser = browserAt(world.answer)
  await tokensAt(world.answer, home, 'openid', world.browser)
})

const send = (method: string, address: string, more: Partial<PlainRequest> = {}): Promise<PlainResponse> =>
  world.answer({ ...requestTo(method, address), ...more })()

const post = (address: string, form: Form): Promise<PlainResponse> =>
  world.answer(requestTo('POST', address, {}, form))()

const textOf = (body: string): string => (parseHtml(body).querySelector('main')?.text ?? '').replaceAll(/\s+/g, ' ')

const pageAt = async (address: string): Promise<string> =>
  (await send('GET', address, { headers: { accept: 'text/html' } })).body

/** The newest lines of the log as texts, and the pages of them. */
const newest = async (
  query = ''
): Promise<{ readonly line: string; readonly page: string; readonly links: string }> => {
  const found = parseHtml(await pageAt(`/ehr/log${query}`)).querySelector('.line')
  const address = found?.querySelector('.head > a[href^="/ehr/log/"]')?.getAttribute('href') ?? ''
  const links = (found?.querySelectorAll('.advice a') ?? []).map((link) => link.getAttribute('href') ?? '').join(' ')
  return { line: (found?.text ?? '').replaceAll(/\s+/g, ' '), page: textOf(await pageAt(address)), links }
}

/** The code of a launch in which the user gives these scopes: all, or without one, or a part of the first one. */
const codeFor = async (scope: string, without: string | null = null, part: string | null = null): Promise<string> => {
  const { browser } = world
  const begun = await browser.get(`${authorizationAt(home, scope)}&prompt=consent`)
  const consent = formOn(await browser.get(locationOf(begun)))
  const ticked = consent.scopes.filter(([, text]) => text !== without)
  const parts = part === null ? [] : [[consent.scopes[0]?.[0] ?? '', part] as const]
  const sent = await browser.post(consent.action, [...consent.hidden, ...ticked, ...parts, ['decision', 'allow']])
  return new URL(locationOf(sent)).searchParams.get('code') ?? ''
}

const redeem = (code: string, more: Readonly<Record<string, string>> = {}): Promise<PlainResponse> =>
  post(
    `${home}/token`,
    Object.entries({
      grant_type: 'authorization_code',
      client_id: 'sample-app',
      code,
      redirect_uri: `${home}/app`,
      code_verifier: 'v'.repeat(43),
      ...more
    })
  )

const tokensFor = async (...launch: Parameters<typeof codeFor>): Promise<Tokens> =>
  JSON.parse((await redeem(await codeFor(...launch))).body) as Tokens

const refresh = (token = '', clientId = 'sample-app'): Promise<PlainResponse> =>
  post(`${home}/token`, [
    ['grant_type', 'refresh_token'],
    ['client_id', clientId],
    ['refresh_token', token]
  ])

const read = (token = '', address = `${home}/fhir/Patient/example-1`, headers = {}): Promise<PlainResponse> =>
  send('GET', address, { headers: { authorization: `Bearer ${token}`, ...headers } })

const revoke = (token = ''): Promise<PlainResponse> =>
  post(`${home}/revoke`, [
    ['token', token],
    ['client_id', 'sample-app']
  ])

describe('the cause of a refused token', () => {
  const scope = 'openid offline_access user/Patient.rs'
  const ofLine = /^\/ehr\/log\/[\w-]+$/

  const causes: ReadonlyArray<readonly [what: string, end: (tokens: Tokens) => Promise<unknown>, words: string]> = [
    [
      'the revocation by the app',
      ({ refresh_token }) => revoke(refresh_token),
      'The app revoked its token at the revocation endpoint, which ended the grant.'
    ],
    [
      'the revocation of access tokens',
      ({ access_token }) => revoke(access_token),
      'The app revoked the access tokens of the grant.'
    ],
    [
      'the user on the page of connected apps',
      async () => {
        const { browser } = world
        const form = parseHtml((await browser.get(`${home}/apps`)).body)
          .querySelectorAll('form')
          .find((one) => one.getAttribute('action')?.endsWith('/apps'))
        const fields = (form?.querySelectorAll('input[type=hidden], button[name]') ?? []).map(
          (input) => [input.getAttribute('name') ?? '', input.getAttribute('value') ?? ''] as const
        )
        await browser.post(form?.getAttribute('action') ?? '', fields)
      },
      'The user ended the access of the app on the page of connected apps.'
    ],
    [
      'a person on the page of grants',
      async () => {
        const { browser } = world
        const grants = parseHtml((await browser.get('/ehr/grants')).body)
        const address = grants.querySelector('main a[href^="/ehr/grants/"]')?.getAttribute('href') ?? ''
        const form = formOn(await browser.get(address))
        await browser.post(form.action, form.hidden)
      },
      'A person at this simulator revoked the grant on the page of grants.'
    ],
    [
      'the reuse of its code',
      ({ code = '' }) => redeem(code),
      'The code was presented a second time, which ended the grant.'
    ],
    [
      'the reuse of a refresh token',
      async ({ refresh_token }) => {
        for (const _ of [1, 2, 3]) await refresh(refresh_token)
      },
      'A refresh token that had been used before was presented again, which ended the grant.'
    ]
  ]

  it.each(causes)('is %s, with its line', async (_what, end, words) => {
    const code = await codeFor(scope)
    const tokens: Tokens = { code, ...(JSON.parse((await redeem(code)).body) as Tokens) }
    await end(tokens)
    expect((await read(tokens['access_token'])).body).not.toContain(words)
    const { line, links, page } = await newest()
    expect(line).toContain(words)
    expect(page).toContain(words)
    expect(line).not.toContain('or another server')
    expect(links).toMatch(ofLine)
    expect(textOf(await pageAt(links))).not.toContain('AccessTokenRevoked')
  })

  it('is the same for a refresh', async () => {
    const tokens = await tokensFor(scope)
    await revoke(tokens['refresh_token'])
    await refresh(tokens['refresh_token'])
    expect((await newest()).line).toMatch(/The app revoked its token at the .*Rule GrantEnded/)
  })

  it('is another server of the simulator, which is named', async () => {
    const { access_token } = await tokensFor(scope)
    await read(access_token, `${home}/sim/${encodeSetting({ patient: 'example-1' })}/fhir/Patient/example-1`)
    const { line, links } = await newest()
    expect(line).toContain(
      `Another server of this simulator issued it, which is the only one that accepts it: ${home}.`
    )
    expect(textOf(await pageAt(links))).toContain('The app got tokens for its code.')
  })

  it('is the first use of a code or refresh token, with its line', async () => {
    const code = await codeFor(scope)
    await redeem(code)
    await redeem(code)
    const replayed = await newest()
    expect(replayed.line).toContain('The app got tokens for this code before, so the whole grant was revoked.')
    expect(textOf(await pageAt(replayed.links))).toContain('The app got tokens for its code.')
    const { refresh_token } = await tokensFor(scope)
    for (const _ of [1, 2]) await refresh(refresh_token)
    const { line, links } = await newest()
    if (line.includes('RefreshTokenReused')) expect(textOf(await pageAt(links))).toContain('renewed its access')
    else expect(line).toContain('renewed its access')
  })

  it('is the app to which it was issued', async () => {
    await redeem(await codeFor(scope), { client_id: 'other-app' })
    expect((await newest()).line).toMatch(/It was issued to another app: sample-app\..*Rule CodeOfAnotherClient/)
  })

  it('is the verifier with which the code was lost', async () => {
    const code = await codeFor(scope)
    await redeem(code, { code_verifier: 'w'.repeat(43) })
    await redeem(code)
    expect((await newest()).line).toMatch(/The code was presented with another code_verifier, so .*Rule GrantEnded/)
  })

  it('of a page that is loaded again is the consent before, also after a later revocation', async () => {
    const { browser } = world
    const consentPage = locationOf(await browser.get(`${authorizationAt(home, scope)}&prompt=consent`))
    const consent = formOn(await browser.get(consentPage))
    const sent = await browser.post(consent.action, [...consent.hidden, ...consent.scopes, ['decision', 'allow']])
    const code = new URL(locationOf(sent)).searchParams.get('code') ?? ''
    const finished = /This request was finished before, and the app got its code\..*Rule InteractionOver/
    await browser.get(consentPage)
    const { line, links } = await newest()
    expect(line).toMatch(finished)
    expect(textOf(await pageAt(links))).toContain('The user gave consent')
    await redeem(code)
    await browser.get(consentPage)
    for (const _ of [1, 2]) await redeem(code)
    const over = parseHtml(await pageAt('/ehr/log'))
      .querySelectorAll('.line')
      .map(({ text }) => text.replaceAll(/\s+/g, ' '))
      .filter((text) => text.includes('InteractionOver'))
    expect(over).toHaveLength(2)
    for (const text of over) expect(text).toMatch(finished)
  })

  it('is not what a record says that ended after it', () => {
    const refusedAt = (at: number): LogLine =>
      lineOf(
        {
          at,
          decision: 'Refused',
          clientId: null,
          grantId: 'g',
          refusal: { _tag: 'InteractionOver' }
        },
        {
          id: `line-${String(at)}`,
          server: { issuer: home, fhirBaseUrl: '', release: '2.0.0', setting: null },
          request: null
        },
        (text) => text
      )
    const record = { ended: { words: 'It ended.', at: 5 }, issuer: home, isAppRegistered: true }
    const lines = [refusedAt(6), refusedAt(4)]
    expect(lines.map((line) => causeOf(line, lines, record)?.words ?? null)).toEqual(['It ended.', null])
  })

  it('is what was sent in place of it', async () => {
    const tokens = await tokensFor(scope)
    for (const [token, words] of [
      [tokens['refresh_token'], 'By its form it is a refresh token.'],
      [tokens['id_token'], 'By its claims it is an id_token.'],
      [await codeFor(scope), 'By its form it is a code.'],
      ['invented', 'It does not have the form of a code or token of this server.'],
      [`${tokens['access_token'] ?? ''}x`, 'It has the form of an access token, and no key of this server made it.'],
      ['a b', 'The Authorization header is not Bearer and one token.']
    ] as const) {
      await read(token)
      expect((await newest()).line).toMatch(new RegExp(`${words} A FHIR request needs.*Rule AccessTokenUnknown`))
    }
    await refresh(tokens['access_token'])
    expect((await newest()).line).toMatch(/By its form it is an access token\..*Rule RefreshTokenUnknown/)
    await redeem('invented.c.invented-and-long-enough-for-one')
    expect((await newest()).line).toContain('It has the form of a code, and this server has no record of it.')
  })
})

describe('the values of a refusal', () => {
  it('are those of the request, on the page, and those that are accepted', async () => {
    const at = authorizationAt(home)
    await send('GET', at.replace(/scope=[^&]*/, 'scope=pateint%2FObservation.read'))
    const scope = await newest()
    expect(scope.line).toContain(`Did you mean patient/Observation.read?`)
    expect(scope.line).toContain('Registered scope: launch launch/patient')
    expect(scope.page).toContain('Sent scope: pateint/Observation.read.')
    await redeem(await codeFor('openid user/Patient.rs'), { redirect_uri: `${home}/other` })
    const { line, page } = await newest()
    expect(line).toContain(`redirect_uri of the authorization request: ${home}/app.`)
    expect(page).toContain(`Sent redirect_uri: ${home}/other.`)
  })

  const assertion = async (claims: object, header: object = {}): Promise<string> => {
    const now = Math.floor(Date.now() / 1000)
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const standard = {
      iss: 'service',
      sub: 'service',
      aud: `${home}/token`,
      exp: now + 200,
      jti: String(Math.random())
    }
    const text = `${part({ alg: 'ES384', typ: 'JWT', kid: 'k1', ...header })}.${part({ ...standard, ...claims })}`
    if (world.key === null) throw new Error('no key')
    const mac = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-384' }, world.key, Buffer.from(text))
    return `${text}.${Buffer.from(mac).toString('base64url')}`
  }

  it.each([
    [
      { aud: 'https://other.example/token' },
      {},
      'aud: https://other.example/token',
      `Accepted aud of the assertion: ${home}/token`
    ],
    [{ exp: 1000 }, {}, 'exp: 1000 (1970-01-01T00:16:40Z), now:', 'exp is missing, is no number, or is past'],
    [{ exp: undefined }, {}, 'no exp', 'exp is missing, is no number, or is past'],
    [{ sub: 'me' }, {}, 'iss: service, sub: me', 'Accepted iss and sub of the assertion: service'],
    [{ iss: 'https://me.example' }, {}, 'iss: https://me.example', 'https://me.example (the request says so)'],
    [{}, { kid: 'k9' }, 'kid: k9, alg: ES384', 'Registered keys: k1 ES384']
  ])('are the members of an assertion that is refused: %j %j', async (claims, header, sent, accepted) => {
    const text = await assertion(claims, header)
    await post(`${home}/token`, [
      ['grant_type', 'client_credentials'],
      ['scope', 'system/Patient.rs'],
      ['client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'],
      ['client_assertion', text]
    ])
    const { line, page } = await newest()
    expect(line).toContain(`Sent in the assertion: ${sent}`)
    expect(line).toContain(accepted)
    expect(page).toContain('The client assertion, without its signature:')
    expect(page).not.toContain(text.split('.')[2])
  })
})

describe('a request that the FHIR server or the gate does not carry out', () => {
  let token = ''
  beforeEach(async () => {
    token = (await tokensFor('openid user/Patient.cruds user/Observation.rs'))['access_token'] ?? ''
  })

  it.each([
    ['Observation?colour=red', 'The search parameter colour is not supported for Observation.'],
    ['Observation?catgory=x', 'Did you mean category? The CapabilityStatement lists the supported ones.'],
    ['Observation?code:above=x', 'The modifier above of the search parameter code is not supported for Observation.'],
    ['Observation?date=yesterday', 'A value of the search parameter date is malformed.'],
    ['Observation?_filter=x', 'The search parameter _filter cannot be evaluated here.'],
    ['Observation?code=', 'The request cannot be read: in its address, the parameter code has no value.']
  ])('has the cause in its line: %s', async (address, words) => {
    await read(token, `${home}/fhir/${address}`)
    const { line, page } = await newest()
    expect(line).toContain(words)
    expect(page).toContain(words)
  })

  it('has the true rule in its line, where the response hides it', async () => {
    await read(token, `${home}/fhir/Patient/none`)
    expect((await newest()).line).toContain('There is no such resource.')
  })

  it('has the cause and the status of its own, also as an entry of a batch', async () => {
    const entry = ['Patient/example-1', 'Condition?code=x', 'Patient?colour=red'].map((url) => ({
      request: { method: 'GET', url }
    }))
    await send('POST', `${home}/fhir`, {
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
      body: JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry })
    })
    const lines = parseHtml(await pageAt('/ehr/log'))
      .querySelectorAll('.line')
      .slice(0, 4)
    expect(lines.map(({ text }) => text.replaceAll(/\s+/g, ' '))).toEqual([
      expect.stringMatching(/Batch: .* gets 200\./),
      expect.stringMatching(/The search parameter colour is not supported for Patient\..* gets 400 not-supported\./),
      expect.stringMatching(/It would need: user\/Condition\.s.* gets 403 forbidden\./),
      expect.stringMatching(/^ done .*Read of Patient\/example-1: .* gets 200\./)
    ])
  })
})

describe('a search whose results are restricted', () => {
  const part = 'user/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|vital-signs'
  const left = 'Other matches are left out; neither the response nor this log says whether there are any.'

  it('names the scope, to what it restricts, and the consent that narrowed it', async () => {
    const { access_token } = await tokensFor('openid user/Observation.rs', 'user/Observation.rs', part)
    await read(access_token, `${home}/fhir/Observation?patient=example-1`)
    const { line, page } = await newest()
    const query = part.split('?')[1] ?? ''
    for (const text of [line, page]) {
      expect(text).toContain(
        `The scope of the token restricts the results: ${part} to what the user may see ` +
          `and what meets ${query}. ${left}`
      )
      expect(text).toContain(`The app requested more: user/Observation.rs was narrowed at the consent to ${part}.`)
    }
    const consent = parseHtml(await pageAt('/ehr/log'))
      .querySelector('.line')
      ?.querySelectorAll('p a')
      .find((link) => link.text === 'the consent')
    expect(textOf(await pageAt(consent?.getAttribute('href') ?? ''))).toContain('The user gave consent')
  })

  it('names each of several scopes, and the patient', async () => {
    const issuer = `${home}/sim/${encodeSetting({ patient: 'example-1' })}`
    const scopes = ['laboratory', 'vital-signs'].map((category) => `patient/Observation.rs?category=${category}`)
    const { access_token } = await tokensAt(world.answer, issuer, `launch/patient ${scopes.join(' ')}`)
    await read(access_token, `${issuer}/fhir/Observation`)
    const { line } = await newest()
    expect(line).toContain('The results are what one of these scopes of the token covers, each restricted:')
    for (const category of ['laboratory', 'vital-signs'])
      expect(line).toMatch(
        new RegExp(`rs\\?category=${category} to the patient Ada Synthetic and what meets category=${category}`)
      )
    expect(line).not.toContain('The app requested more')
  })

  it('is another line than a read, which shows a resource as a whole', async () => {
    const { access_token } = await tokensFor('openid user/Patient.rs')
    await read(access_token)
    const { line } = await newest()
    expect(line).toContain('Read of Patient/example-1: permitted, because the token covers the resource.')
    expect(line).not.toContain(left)
  })
})

describe('a page of another origin', () => {
  const headers = { origin: 'https://another.example' }

  it('has a line for a request that its browser does not send', async () => {
    await send('OPTIONS', `${home}/token`, { headers: { ...headers, 'access-control-request-method': 'POST' } })
    expect((await newest('?kind=refusals')).line).toMatch(
      /its browser does not send it.* Origin: https:\/\/another\.example\..*Rule OriginNotShared/
    )
  })

  it('does not see a response, and the line says so', async () => {
    const { access_token } = await tokensFor('openid user/Patient.rs')
    const words = 'The browser hides this response from the page of https://another.example'
    await read(access_token, `${home}/fhir/Patient/example-1`, headers)
    const { line, page } = await newest()
    for (const text of [line, page]) expect(text).toContain(words)
    await read(access_token, `${home}/fhir/Patient/example-1`, { origin: home })
    expect((await newest()).line).not.toContain('The browser hides')
  })
})

describe('the filter for grants', () => {
  it('has no grant that an address invented, and its line leads to none', async () => {
    await tokensFor('openid user/Patient.rs')
    await send('GET', `${home}/interaction/invented-address-of-none`, { headers: { accept: 'text/html' } })
    const page = parseHtml(await pageAt('/ehr/log'))
    const grants = page.querySelectorAll('select[name=grant] option').map(({ text }) => text)
    expect(grants.length).toBeGreaterThan(1)
    expect(grants.filter((text) => text.startsWith('invented'))).toEqual([])
    expect(page.querySelector('.line')?.text).toContain('InteractionUnknown')
    expect(page.querySelector('.line')?.innerHTML).not.toContain('href="/ehr/grants/')
  })
})
