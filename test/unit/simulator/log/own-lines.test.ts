/** The lines of the log about what the engine does not decide: sign-ins, launches, launch settings, registration. */
import { parse as parseHtml } from 'node-html-parser'
import { beforeAll, describe, expect, it } from 'vitest'
import { ownRefusalLine } from '../../../../src/cli/serve.js'
import type { RequestHandler } from '../../../../src/engine/server/http-handler.js'
import { desktopLaunchRules, launchAdvice, launchQueryRules } from '../../../../src/simulator/host/ehr-launch.js'
import type { OwnRefusal } from '../../../../src/simulator/log/own-refusal.js'
import { ownRefusals } from '../../../../src/simulator/log/own-refusal.js'
import { encodeSetting } from '../../../../src/simulator/settings/setting.js'
import { encode } from '../../../../src/values/base64url.js'
import { browserAt, formOn, home, requestTo, simulatorHere, tokensAt } from '../../../support/simulator/in-process.js'

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
      'The launch panel lists the patients whom the user may see.'
    ],
    [`client_id=sample-app&launch_uri=${ownLaunch}&user=nobody`, 'user-known', 'The launch panel lists the users.'],
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
