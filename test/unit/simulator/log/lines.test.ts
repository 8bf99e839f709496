/** What the log says of a line beside the decision: its app, its launch setting, what is registered, the consent. */
import { parse as parseHtml } from 'node-html-parser'
import { beforeAll, describe, expect, it } from 'vitest'
import type { RequestHandler } from '../../../../src/engine/server/http-handler.js'
import { printForm } from '../../../../src/protocol/http/form.js'
import { lineOf } from '../../../../src/simulator/log/log-line.js'
import { encodeSetting } from '../../../../src/simulator/settings/setting.js'
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

const world: { answer: RequestHandler } = { answer: () => () => Promise.reject(new Error('not built')) }

beforeAll(async () => {
  world.answer = await simulatorHere()
})

const app = {
  client_id: 'vitals-buddy',
  client_name: 'Vitals Buddy',
  client_secret: 'the-secret-of-the-app',
  launch_uri: 'http://127.0.0.1:4741/launch',
  redirect_uris: ['http://127.0.0.1:4741/callback']
}

const issuerOf = (setting: Parameters<typeof encodeSetting>[0]): string => `${home}/sim/${encodeSetting(setting)}`

const bodyOf = async (address: string): Promise<string> =>
  (await world.answer(requestTo('GET', address, { accept: 'text/html' }))()).body

const textOf = (body: string): string => (parseHtml(body).querySelector('main')?.text ?? '').replaceAll(/\s+/g, ' ')

const linesOn = (body: string): ReadonlyArray<string> =>
  parseHtml(body)
    .querySelectorAll('.line')
    .map(({ text }) => text.replaceAll(/\s+/g, ' ').trim())

const newestLine = async (query = ''): Promise<string> => {
  const line = parseHtml(await bodyOf(`/ehr/log${query}`)).querySelector('.line .head > a[href^="/ehr/log/"]')
  return bodyOf(line?.getAttribute('href') ?? '')
}

const authorize = (issuer: string, redirectUri: string, clientId = app.client_id) =>
  world.answer(
    requestTo(
      'GET',
      `${issuer}/authorize?${printForm([
        ['client_id', clientId],
        ['redirect_uri', redirectUri],
        ['response_type', 'code']
      ])}`
    )
  )()

describe('a refusal before the app is known', () => {
  it('names the app that the request claims, so that the filter finds it, and the registered addresses', async () => {
    await authorize(issuerOf({ app }), 'http://localhost:4741/callback')
    const [listed = ''] = linesOn(await bodyOf('/ehr/log?app=vitals-buddy&kind=refusals'))
    expect(listed).toContain('Vitals Buddy (the request says so)')
    for (const text of [listed, textOf(await newestLine('?app=vitals-buddy&kind=refusals'))])
      expect(text).toContain('Registered redirect URIs: http://127.0.0.1:4741/callback.')
    expect(listed).not.toContain('http://localhost:4741/callback')
    expect(textOf(await newestLine())).toContain('redirectUrihttp://localhost:4741/callback')
  })

  it('names the addresses of a client of the configuration', async () => {
    await authorize(home, `${home}/another`, 'sample-app')
    expect(textOf(await newestLine())).toContain(`Registered redirect URIs: ${home}/app.`)
  })

  it('names the app of the launch setting for another id', async () => {
    await authorize(issuerOf({ app }), app.redirect_uris[0] ?? '', 'my-own-app')
    expect(textOf(await newestLine())).toContain('The app of this launch setting: vitals-buddy.')
  })

  it('names the app of the launch setting for the id of another registered app, and the id that was sent', async () => {
    await authorize(issuerOf({ app }), app.redirect_uris[0] ?? '', 'sample-app')
    const text = textOf(await newestLine())
    for (const words of [
      'The app of this launch setting: vitals-buddy.',
      'Sent client_id: sample-app.',
      'of another app'
    ])
      expect(text).toContain(words)
    expect(text).not.toContain('Registered redirect URIs')
    expect(text).not.toContain('compared as exact strings')
  })

  it('names the aud that is accepted', async () => {
    const address = authorizationAt(home).replace(/aud=[^&]*/, 'aud=http%3A%2F%2Flocalhost%3A4010%2Ffhir')
    await world.answer(requestTo('GET', address))()
    expect(textOf(await newestLine())).toContain(`Accepted aud: ${home}/fhir.`)
  })
})

describe('the launch setting of a line', () => {
  it('is explained in words on the page of the line, without its secret, with the launch', async () => {
    await authorize(issuerOf({ app, user: 'alice', patient: 'example-1' }), 'http://localhost:4741/callback')
    const list = await bodyOf('/ehr/log')
    const chip = parseHtml(list).querySelector('.line a.badge')
    expect(chip?.text).toBe('launch setting')
    expect(linesOn(list)[0]).toContain('GET /sim/.../authorize')
    const [address = '', fragment] = (chip?.getAttribute('href') ?? '').split('#')
    const page = await bodyOf(address)
    const shown = parseHtml(page).querySelector(`[id=${fragment ?? ''}]`)
    const text = (shown?.text ?? '').replaceAll(/\s+/g, ' ')
    for (const words of ['alice', 'example-1', 'vitals-buddy', 'client_secrethidden']) expect(text).toContain(words)
    // Neither the secret nor an address that holds it: the log needs no sign-in.
    const held = [...page.matchAll(/\/sim\/([\w-]+)/g)].map(([, one = '']) => Buffer.from(one, 'base64url').toString())
    expect([page, ...held].filter((one) => one.includes(app.client_secret))).toEqual([])
    const again = shown?.querySelector('a.button')?.getAttribute('href') ?? ''
    expect(again).toContain(`${home}/?kind=ehr&app=*&launch_uri=`)
    expect((await world.answer(requestTo('GET', again))()).status).toBe(200)
  })

  it('leads to the same launch, if it holds no secret', async () => {
    const { client_secret: _secret, ...open } = app
    await authorize(issuerOf({ app: open, patient: 'example-1' }), 'http://localhost:4741/callback')
    const page = parseHtml(await newestLine())
    // Nor is any other address of it cut off.
    expect(page.querySelector('#setting #iss')?.text).toBe(`${issuerOf({ app: open, patient: 'example-1' })}/fhir`)
    expect(page.querySelector('#setting a.button')?.getAttribute('href')).toBe(
      `${issuerOf({ app: open, patient: 'example-1' })}/ehr/launch?${printForm([
        ['client_id', open.client_id],
        ['launch_uri', open.launch_uri]
      ])}`
    )
  })

  it('says that a misbehavior acts', async () => {
    await authorize(issuerOf({ misbehavior: 'scopes-narrowed' }), `${home}/app`)
    expect(linesOn(await bodyOf('/ehr/log'))[0]).toContain('misbehavior scopes-narrowed')
    expect(textOf(await newestLine())).toMatch(/The misbehavior scopes-narrowed acts here, after the decision: \S+/)
    const { status } = await tokensAt(world.answer, issuerOf({ misbehavior: 'token-unavailable' })).then(
      () => ({ status: 'redeemed' }),
      () => ({ status: 'no JSON' })
    )
    expect(status).toMatch(/redeemed|no JSON/)
    expect(linesOn(await bodyOf('/ehr/log'))[0]).toMatch(
      /^spoiled by the misbehavior .*made this response on purpose: .* A correct app: .*The app got tokens for its code\./
    )
  })

  it('says that a token was refused on purpose, with its app, user and grant, and so does the error', async () => {
    const issuer = issuerOf({ misbehavior: 'access-token-expired' })
    const { access_token = '' } = await tokensAt(world.answer, issuer, 'openid user/Patient.rs')
    const refused = await world.answer(
      requestTo('GET', `${issuer}/fhir/Patient/example-1`, { authorization: `Bearer ${access_token}` })
    )()
    expect(refused.status).toBe(401)
    const address = /"valueUrl":"([^"]+)"/.exec(refused.body)?.[1] ?? ''
    const page = await bodyOf(address)
    const link = parseHtml(page).querySelector('main a[href="/misbehaviors#access-token-expired"]')
    expect(link?.text).toBe('access-token-expired')
    const text = textOf(page)
    expect(text).toMatch(
      /made this response on purpose: The FHIR server refuses .* A correct app: The app refreshes once/
    )
    expect(text).toMatch(/App ?Sample App.*User ?alice.*Grant/)
    expect(text).not.toMatch(/AccessTokenUnknown|does not have the form|does not know the token/)
  })

  it('says that an error in a redirect was made on purpose, and the error leads to the line', async () => {
    const issuer = issuerOf({ misbehavior: 'access-denied', skip: ['consent'] })
    const browser = browserAt(world.answer)
    await tokensAt(world.answer, home, 'openid', browser)
    const begun = locationOf(await browser.get(authorizationAt(issuer)))
    const sent = begun.startsWith(`${home}/app`) ? begun : locationOf(await browser.get(begun))
    const { searchParams } = new URL(sent)
    expect(searchParams.get('error')).toBe('access_denied')
    const page = textOf(await bodyOf(searchParams.get('error_uri') ?? ''))
    expect(page).toMatch(/The misbehavior access-denied made this response on purpose/)
  })
})

describe('scopes that were not granted', () => {
  const scope = 'openid user/Patient.rs user/Observation.rs'

  /** The token of a launch in which `user/Observation.rs` was not ticked. */
  /** The access token after a consent without the Observations, or with a part of them. */
  const narrowedToken = async (part: string | null = null): Promise<string> => {
    const browser = browserAt(world.answer)
    await tokensAt(world.answer, home, 'openid', browser)
    const consent = formOn(await browser.get(locationOf(await browser.get(authorizationAt(home, scope)))))
    const ticked = consent.scopes.filter(([, text]) => text !== 'user/Observation.rs')
    const name = ticked[0]?.[0] ?? ''
    const parts = part === null ? [] : [[name, part] as const]
    const sent = await browser.post(consent.action, [...consent.hidden, ...ticked, ...parts, ['decision', 'allow']])
    const code = new URL(locationOf(sent)).searchParams.get('code') ?? ''
    const redeemed = await world.answer(
      requestTo('POST', `${home}/token`, {}, [
        ['grant_type', 'authorization_code'],
        ['client_id', 'sample-app'],
        ['code', code],
        ['redirect_uri', `${home}/app`],
        ['code_verifier', 'v'.repeat(43)]
      ])
    )()
    return (JSON.parse(redeemed.body) as Readonly<Record<string, string>>)['access_token'] ?? ''
  }

  it('are named at the consent and the tokens, and are the reason of the refusal', async () => {
    const authorization = `Bearer ${await narrowedToken()}`
    const [tokens, consent] = linesOn(await bodyOf('/ehr/log?app=sample-app'))
    for (const line of [tokens, consent])
      expect(line).toContain('Requested and not granted: user/Observation.rs was withheld at the consent.')
    await world.answer(requestTo('GET', `${home}/fhir/Observation?patient=example-1`, { authorization }))()
    const refusal = await newestLine()
    expect(textOf(refusal)).toMatch(/did not get it: user\/Observation\.rs was withheld at the consent\./)
    const links = parseHtml(refusal)
      .querySelectorAll('main a')
      .map((link) => link.getAttribute('href') ?? '')
    expect(links).toContain(
      `/scopes#requested=${encodeURIComponent(scope)}&granted=${encodeURIComponent('openid user/Patient.rs')}`
    )
    const consentLine = links.find((href) => /^\/ehr\/log\/[\w-]+$/.test(href)) ?? ''
    expect(textOf(await bodyOf(consentLine))).toContain('The user gave consent')
  })

  it('say what was given, where it is a part', async () => {
    const part = 'user/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|vital-signs'
    await narrowedToken(part)
    const [tokens, consent] = linesOn(await bodyOf('/ehr/log?app=sample-app'))
    for (const line of [tokens, consent])
      expect(line).toContain(`Requested and not granted: user/Observation.rs was narrowed at the consent to ${part}.`)
  })

  it('are not the reason of a refusal of what was never requested', async () => {
    const authorization = `Bearer ${await narrowedToken()}`
    await world.answer(requestTo('GET', `${home}/fhir/Condition?patient=example-1`, { authorization }))()
    expect(textOf(await newestLine())).not.toContain('was withheld')
  })
})

describe('scopes that no consent could give', () => {
  it('are those of no registration, and texts that are no scopes', async () => {
    const scope = 'openid user/Patient.rs user/Observation.rs'
    const registered = { ...app, scope: 'openid user/Patient.rs' }
    const issuer = issuerOf({ app: registered, user: 'alice', skip: ['sign-in', 'consent'] })
    const address = authorizationAt(issuer, `${scope} user/Observation.sr`)
      .replace('sample-app', app.client_id)
      .replace(/redirect_uri=[^&]*/, `redirect_uri=${encodeURIComponent(app.redirect_uris[0] ?? '')}`)
    await browserAt(world.answer).get(address)
    const line = textOf(await newestLine('?app=vitals-buddy'))
    expect(line).toContain('No page was shown: consent is left out here, or it was given before.')
    expect(line).toContain('user/Observation.rs is not in the scope that is registered for the app.')
    expect(line).toContain('user/Observation.sr is no scope that this server knows. Did you mean user/Observation.rs?')
    expect(line).not.toContain('was withheld')
  })

  it('are the reason of a refusal, if they are misspelled and what they mean would have been enough', async () => {
    const browser = browserAt(world.answer)
    const { access_token = '' } = await tokensAt(
      world.answer,
      home,
      'openid user/Patient.rs user/Observaton.rs user/Observation.sr lauch',
      browser
    )
    const authorization = `Bearer ${access_token}`
    await world.answer(requestTo('GET', `${home}/fhir/Observation?patient=example-1`, { authorization }))()
    const page = textOf(await newestLine())
    expect(page).toContain('user/Observaton.rs, user/Observation.sr, lauch are no scopes that this server knows.')
    expect(page).toContain('Did you mean user/Observation.rs in place of user/Observaton.rs?')
    expect(page).toContain('did not get it')
    await world.answer(requestTo('GET', `${home}/fhir/Condition?patient=example-1`, { authorization }))()
    expect(textOf(await newestLine())).not.toContain('Did you mean')
  })

  it('are named with what was probably meant, also if the resource type alone is wrong', async () => {
    const browser = browserAt(world.answer)
    await tokensAt(world.answer, home, 'openid', browser)
    const misspelled = 'user/Observaton.rs lauch/patient'
    const consent = formOn(
      await browser.get(locationOf(await browser.get(authorizationAt(home, `openid user/Patient.rs ${misspelled}`))))
    )
    await browser.post(consent.action, [...consent.hidden, ...consent.scopes, ['decision', 'allow']])
    const line = textOf(await newestLine())
    expect(line).toContain(`${misspelled.replace(' ', ', ')} are no scopes that this server knows.`)
    expect(line).toContain('Did you mean user/Observation.rs in place of user/Observaton.rs?')
    expect(line).toContain('Did you mean launch/patient in place of lauch/patient?')
  })
})

describe('Allow with nothing ticked', () => {
  it('is a denial, and the line says so', async () => {
    const browser = browserAt(world.answer)
    await tokensAt(world.answer, home, 'openid', browser)
    const address = authorizationAt(home, 'openid user/Condition.rs')
    const consent = formOn(await browser.get(locationOf(await browser.get(address))))
    await browser.post(consent.action, [...consent.hidden, ['decision', 'allow']])
    expect(textOf(await newestLine())).toContain(
      'The user pressed Allow with nothing ticked, which denies the request.'
    )
  })
})

describe('a refused access token', () => {
  const read = (authorization: string | null, issuer = home) =>
    world.answer(
      requestTo('GET', `${issuer}/fhir/Patient/example-1`, authorization === null ? {} : { authorization })
    )()

  const post = (address: string, form: ReadonlyArray<readonly [string, string]>) =>
    world.answer(requestTo('POST', address, {}, [...form, ['client_id', 'sample-app']]))()

  it('is a line with its app, user, patient and grant, also after the grant has ended', async () => {
    const issuer = issuerOf({ patient: 'example-1' })
    const scope = 'launch/patient offline_access patient/Patient.rs'
    const { access_token: access = '', refresh_token: token = '' } = await tokensAt(world.answer, issuer, scope)
    await post(`${issuer}/revoke`, [['token', token]])
    const { body, status } = await read(`Bearer ${access}`, issuer)
    expect(status).toBe(401)
    const line = textOf(await bodyOf(/"(http[^"]*\/ehr\/log\/[^"]*)"/.exec(body)?.[1] ?? ''))
    expect(line).toMatch(/AppSample App.*Useralice.*PatientAda .*Grant[\w-]{8}\.\.\..*RuleAccessTokenRevoked/)
    const ofApp = linesOn(await bodyOf('/ehr/log?app=sample-app&kind=refusals'))[0]
    expect(ofApp).toMatch(/Sample App for alice with the patient Ada .*Rule AccessTokenRevoked/)
    const grant = /\/ehr\/grants\/([\w-]+)/.exec(await newestLine('?kind=refusals'))?.[1] ?? ''
    expect(linesOn(await bodyOf(`/ehr/log?grant=${grant}`))[0]).toContain('AccessTokenRevoked')
  })

  it.each([
    [null, 'AccessTokenMissing', 'no app: the request has no access token'],
    ['Bearer invented', 'AccessTokenUnknown', 'no app: this server does not know the token']
  ])('of which nothing is known says so: %s', async (authorization, rule, sentence) => {
    await read(authorization)
    expect(linesOn(await bodyOf('/ehr/log'))[0]).toMatch(new RegExp(`${sentence}.*${rule}`))
    expect(textOf(await newestLine())).toContain(sentence)
  })

  it('that has expired names whom it concerned, as the event does', () => {
    const line = lineOf(
      {
        at: 0,
        decision: 'Refused',
        clientId: 'app',
        grantId: 'grant',
        refusal: { _tag: 'AccessTokenExpired' },
        tokenOwner: { userSub: 'alice', patient: 'a' }
      },
      { id: 'line', server: { issuer: home, fhirBaseUrl: home, release: '2.0.0', setting: null }, request: null },
      (text) => text
    )
    expect(line).toMatchObject({ clientId: 'app', grantId: 'grant', userSub: 'alice', patient: 'a' })
  })

  it('is another line than that of a renewal, which is none of a code', async () => {
    const { refresh_token: token = '' } = await tokensAt(world.answer, home, 'openid offline_access user/Patient.rs')
    const form = [['grant_type', 'refresh_token'] as const, ['refresh_token', token] as const]
    expect((await post(`${home}/token`, form)).status).toBe(200)
    const line = textOf(await newestLine())
    expect(line).toContain('The app renewed its access: it got new tokens for its refresh token.')
    expect(line).toContain('app-launch#step-7-refresh')
    expect(line).not.toMatch(/\bcode\b/)
  })
})

describe('the page of a line', () => {
  it('that another process wrote says so, and a page that begins after it', async () => {
    const other = await simulatorHere()
    const refused = await other(requestTo('GET', `${home}/fhir/Patient/1`))()
    const address = /"(http[^"]*\/ehr\/log\/[^"]*)"/.exec(refused.body)?.[1] ?? ''
    const here = await world.answer(requestTo('GET', address))()
    expect([here.status, textOf(here.body)]).toEqual([
      404,
      expect.stringMatching(/The log of this process has no such line\. .* written by another process/)
    ])
    const after = textOf(await bodyOf(`/ehr/log?after=${address.split('/').at(-1) ?? ''}`))
    expect(after).toContain(
      'is not in the log of this process. Each process that serves one store has a log of its own'
    )
  })

  it('has its address to copy, and says how long it is kept', async () => {
    await authorize(home, `${home}/another`, 'sample-app')
    const page = await newestLine()
    expect(parseHtml(page).querySelector('#line')?.text).toMatch(/^http:\/\/127\.0\.0\.1:4010\/ehr\/log\/[\w-]+$/)
    expect(textOf(page)).toContain('The log keeps the newest 1000 lines until the simulator stops.')
  })
})
