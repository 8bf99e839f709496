/** The lines of the log about what the engine does not decide: sign-ins, launches, launch settings, registration. */
import { parse as parseHtml } from 'node-html-parser'
import { beforeAll, describe, expect, it } from 'vitest'
import { ownRefusalLine } from '../../../../src/cli/serve.js'
import type { RequestHandler } from '../../../../src/engine/server/http-handler.js'
import { desktopLaunchRules, launchAdvice, launchQueryRules } from '../../../../src/simulator/host/ehr-launch.js'
import { managedAppAdvice, managedAppRules } from '../../../../src/simulator/launch/managed-app.js'
import type { OwnRefusal } from '../../../../src/simulator/log/own-refusal.js'
import { ownRefusals } from '../../../../src/simulator/log/own-refusal.js'
import { encodeSetting } from '../../../../src/simulator/settings/setting.js'
import { encode } from '../../../../src/values/base64url.js'
import {
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

const get = (address: string, headers: Readonly<Record<string, string>> = {}) =>
  world.answer(requestTo('GET', address, headers))()

const textOf = (body: string): string => (parseHtml(body).querySelector('main')?.text ?? '').replaceAll(/\s+/g, ' ')

/** The page of the newest line. */
const newestLine = async (): Promise<string> => {
  const { body } = await get('/ehr/log')
  const link = parseHtml(body).querySelector('.line .head > a[href^="/ehr/log/"]')?.getAttribute('href') ?? ''
  return (await get(link)).body
}

const asBrowser = { accept: 'text/html' }

/** The line to which an error page or an OAuth error points. */
const lineOf = async (body: string): Promise<string> => {
  const address = /"((?:http:[^"]*)?\/ehr\/log\/[\w-]+)"/.exec(body)?.[1] ?? ''
  return textOf((await get(address)).body)
}

describe('a request for who the user is', () => {
  const userinfo = (token: string) => get('/userinfo', { authorization: `Bearer ${token}` })

  it('is a line with the app, the user and the grant', async () => {
    const { access_token: token = '' } = await tokensAt(world.answer, home)
    expect((await userinfo(token)).status).toBe(200)
    const line = textOf(await newestLine())
    expect(line).toMatch(/The app read who the user is\. .*AppSample App sample-app ?Useralice ?Grant.*GET \/userinfo/)
    expect(line.includes(token.slice(0, 20))).toBe(false)
  })

  it('without the scope openid is refused, and the error points to the line that says so', async () => {
    const { access_token: token = '' } = await tokensAt(world.answer, home, 'user/Patient.rs')
    const { body, status } = await userinfo(token)
    expect(status).toBe(403)
    expect(await lineOf(body)).toMatch(
      /AppSample App.*RuleAccessNotGranted.*A token with at least openid would have been accepted/
    )
  })

  it.each([
    ['without a token', {}, 'AccessTokenMissing'],
    ['with an unknown token', { authorization: 'Bearer invented-token-of-nobody' }, 'AccessTokenUnknown']
  ])('%s is refused, and the error points to the line', async (_name, headers, rule) => {
    const { body } = await get('/userinfo', headers)
    const line = await lineOf(body)
    expect(line).toContain(`Rule${rule}`)
    expect(line).not.toContain('invented-token-of-nobody')
  })
})

describe('a wrong launch setting', () => {
  const setting = (json: object): string => `${home}/sim/${encode(JSON.stringify(json))}`
  const secret = 'the-secret-of-the-app'
  const app = { client_id: 'own-app', client_secret: secret, redirect_uris: [`${home}/app`] }

  it.each([
    ['a member', setting({ user: 'nobody' }), 'Memberuser Expectedone of the users of this simulator: alice'],
    ['the whole', `${home}/sim/e30`, 'Memberthe whole setting'],
    [
      'a member of the app',
      setting({ app: { ...app, token_endpoint_auth_method: 'x' } }),
      'app.token_endpoint_auth_me'
    ],
    ['the order', setting({ user: 'alice', app }), 'Expectedthe canonical form (RFC 8785: sorted names, no spaces)']
  ])('in %s is a line, to which the error points', async (_name, base, expected) => {
    for (const headers of [asBrowser, {}]) {
      const { body, status } = await get(`${base}/fhir/metadata`, headers)
      expect(status).toBe(400)
      const line = await lineOf(body)
      expect(line).toMatch(/RuleLaunchSettingWrong.*Sourcedocs\/simulator\.md#launch-settings/)
      expect(line.replaceAll(/(?<=\w)(?=Expected)/g, ' ')).toContain(expected)
    }
  })

  it('is a line without the secrets of the link', async () => {
    const base = setting({ user: 'alice', app })
    await get(`${base}/fhir/metadata`)
    const pages = (await newestLine()) + (await get('/ehr/log')).body
    const canonical = encodeSetting({ user: 'alice', app }).slice(-40)
    for (const text of [secret, base.slice(-40), canonical]) expect(pages).not.toContain(text)
  })
})

describe('a launch that is not possible', () => {
  const ownLaunch = encodeURIComponent(`${home}/app/launch`)

  it.each([
    ['client_id=nobody', 'client-known', 'The page of apps lists the apps.'],
    ['client_id=sample-app', 'launch-uri-registered', 'The address has no launch_uri.'],
    [
      'client_id=sample-app&launch_uri=https://evil.example/',
      'launch-uri-registered',
      `Registered launch URIs: ${home}/app/launch.`
    ],
    [
      `client_id=sample-app&launch_uri=${ownLaunch}&patient=none`,
      'patient-visible',
      'The launch page lists the patients whom the user may see.'
    ],
    [`client_id=sample-app&launch_uri=${ownLaunch}&user=nobody`, 'user-known', 'The launch page lists the users.'],
    ['client_id=sample-app&client_id=sample-app', 'no-repeated-parameter', 'Each parameter is given once.']
  ])('is a line with its rule and what it accepts: %s', async (query, rule, accepted) => {
    const { body, status } = await get(`/ehr/launch?${query}`)
    expect(status).toBe(400)
    const line = await lineOf(body)
    expect(line).toContain(`Rule${rule}`)
    expect(line).toContain(accepted)
    expect(line).toContain('Sourceapp-launch#step-2-launch-ehr')
  })

  it('is a line for another method, and in a frame', async () => {
    const posted = await world.answer(requestTo('POST', '/ehr/launch', {}, []))()
    expect(await lineOf(posted.body)).toContain('RuleLaunchMethodWrong')
    const framed = await get(`/ehr/frame?client_id=sample-app&launch_uri=${ownLaunch}`)
    expect(await lineOf(framed.body)).toMatch(/RuleFrameImpossible.*leaves out the sign-in and the consent/)
  })

  it('has an advice for each rule', () => {
    const names = [...launchQueryRules, ...desktopLaunchRules].map(({ name }) => name)
    expect(Object.keys(launchAdvice).toSorted()).toEqual(names.toSorted())
  })
})

describe('a sign-in that fails', () => {
  const signIn = async (username: string, password: string, base = '') => {
    const browser = browserAt(world.answer)
    const { action, hidden } = formOn(await browser.get(`${base}/ehr/sign-in`))
    await browser.post(action, [...hidden, ['username', username], ['password', password]])
    return newestLine()
  }

  it.each([
    ['a wrong password', 'alice', 'guessed-password', 'PasswordWrong'],
    ['the name of no user', 'my-password-by-mistake', 'guessed-password', 'UserUnknown']
  ])('by %s is a line, without what was typed', async (_name, username, password, rule) => {
    const page = await signIn(username, password)
    expect(textOf(page)).toContain(`Rule${rule}`)
    expect(textOf(page)).toContain('The sign-in page lists the users with their passwords.')
    expect(textOf(page).includes('Useralice')).toBe(username === 'alice')
    for (const text of [password, 'my-password-by-mistake']) expect(page).not.toContain(text)
  })

  it('because the launch setting names another user is a line', async () => {
    const page = await signIn('bob', 'bob-demo', `/sim/${encodeSetting({ user: 'alice' })}`)
    expect(textOf(page)).toContain('RuleUserNotOfSetting')
  })
})

describe('a form of the page of apps that is refused', () => {
  const metadata = [
    ['client_name', 'Paper'],
    ['redirect_uris', `${home}/cb`],
    ['launch_uris', `${home}/launch`]
  ] as const
  const privateKey = JSON.stringify({ keys: [{ kty: 'EC', crv: 'P-384', x: 'x', y: 'y', d: 'the-private-part' }] })
  const newPage = async () => {
    const browser = browserAt(world.answer)
    return { browser, ...formOn(await browser.get('/ehr/apps/new')) }
  }
  type Fields = ReadonlyArray<readonly [string, string]>

  it.each<[string, Fields, string]>([
    ['without addresses', [['client_name', 'Paper']], 'Redirect URLs: enter at least one address'],
    [
      'with a private key',
      [...metadata, ['method', 'private_key_jwt'], ['keys', privateKey]],
      'Keys: this is a private key, so it was removed.'
    ],
    [
      'with keys and another method',
      [...metadata, ['method', 'none'], ['keys', 'https://app.example/jwks']],
      'Keys: they are for the authentication private_key_jwt.'
    ]
  ])('%s is a line that says what is wrong, without the keys', async (_name, fields, sentence) => {
    const { action, browser, hidden } = await newPage()
    const { body, status } = await browser.post(action, [...hidden, ...fields])
    const line = await lineOf(body)
    expect([status, line]).toEqual([400, expect.stringContaining(sentence)])
    expect(line).toMatch(/Ruleapp-fields.*The form says beside each field what it takes.*POST \/ehr\/apps\/new/)
    for (const secret of ['the-private-part', ...hidden.map(([, value]) => value)])
      expect(await newestLine()).not.toContain(secret)
  })

  it('by the registration is a line with its rule', async () => {
    const { action, browser, hidden } = await newPage()
    const { body, status } = await browser.post(action, [...hidden, ['redirect_uris', 'javascript:alert(1)']])
    expect([status, await lineOf(body)]).toEqual([400, expect.stringContaining('RuleRedirectUriUnacceptable')])
  })

  it('because it comes from another browser is a line', async () => {
    const { action, hidden } = await newPage()
    const { body, status } = await browserAt(world.answer).post(action, [...hidden, ...metadata])
    expect([status, await lineOf(body)]).toEqual([403, expect.stringContaining('RuleInteractionOfAnotherBrowser')])
  })

  it('because the page manages no such app says what is the case, with a way on, and is a line', async () => {
    const { action, browser, hidden } = await newPage()
    const done = await browser.get(locationOf(await browser.post(action, [...hidden, ...metadata])))
    const removable = /<pre class="copyable"[^>]* id="client_id">([^<]*)</.exec(done.body)?.[1] ?? ''
    const removing = [...hidden, ['client_id', removable]] as const
    expect((await browser.post('/ehr/apps/remove', removing)).status).toBe(303)
    const answers = [
      [await browser.post('/ehr/apps/remove', removing), 404, 'app-not-removed', 'Paper" with the client_id'],
      [await browser.get(`/ehr/apps/change?client_id=${removable}`), 404, 'app-not-removed', 'is removed already.'],
      [
        await browser.get('/ehr/apps/change?client_id=sample-app'),
        403,
        'app-not-of-configuration',
        'comes from the configuration of this simulator'
      ],
      [await browser.get('/ehr/apps/change?client_id=nobody'), 404, 'app-registered', 'There is no app with'],
      [await browser.get('/ehr/apps/change'), 404, 'app-named', 'No app is named']
    ] as const
    for (const [{ body, status }, expected, rule, sentence] of answers) {
      expect([status, textOf(body)]).toEqual([expected, expect.stringContaining(sentence)])
      expect(body).toContain('href="/ehr/apps"')
      expect(await lineOf(body)).toMatch(new RegExp(`Rule${rule}.*Sourcedocs/simulator\\.md#apps`))
    }
  })

  it('has an advice for each rule', () => {
    expect(Object.keys(managedAppAdvice)).toEqual(managedAppRules.map(({ name }) => name))
  })
})

describe('a registration where it is closed', () => {
  it('is a line that says how to register, as the error does', async () => {
    const metadata = { ...requestTo('POST', '/register'), body: JSON.stringify({ client_secret: 'a-secret-of-it' }) }
    const { body, status } = await world.answer(metadata)()
    expect(status).toBe(404)
    expect(body).toContain('Apps are registered on the page of apps')
    expect(await lineOf(body)).toMatch(/RuleRegistrationClosed.*The configuration opens it.*POST \/register/)
    expect(await newestLine()).not.toContain('a-secret-of-it')
    expect(await lineOf((await get('/register', asBrowser)).body)).toContain('RuleRegistrationClosed')
  })
})

it.each(Object.keys(ownRefusals) as ReadonlyArray<OwnRefusal['rule']>)('%s is a line on standard output', (rule) => {
  const line = ownRefusalLine({ rule, clientId: 'app', details: [['Member', 'a\nb']] }, 0)
  expect(line).toMatch(new RegExp(`^1970-01-01T00:00:00\\.000Z Refused "?app"? ${rule}: [^\\n]+ Member=[^\\n]+$`))
})
