/** Several servers of one simulator: each has its own addresses, and they share users, sessions and records. */
import * as Either from 'fp-ts/lib/Either.js'
import { parse as parseHtml } from 'node-html-parser'
import { beforeAll, describe, expect, it } from 'vitest'
import type { RequestHandler } from '../../../src/engine/server/http-handler.js'
import { printForm } from '../../../src/protocol/http/form.js'
import type { PlainResponse } from '../../../src/protocol/http/message.js'
import { readConfig } from '../../../src/simulator/config/config.js'
import { noSuchAddress, oneServer } from '../../../src/simulator/one-server.js'
import { rootAddresses, sharedParts } from '../../../src/simulator/shared-parts.js'

const home = 'http://127.0.0.1:4010'
const other = `${home}/sim/x`

const servers: { root?: RequestHandler; other?: RequestHandler } = {}

beforeAll(async () => {
  const config = readConfig('{}', home)
  if (Either.isLeft(config)) throw new Error('no configuration')
  const shared = await sharedParts(config.right, {})()
  if (Either.isLeft(shared)) throw new Error(shared.left.reason)
  const build = (at: Parameters<typeof oneServer>[1]): RequestHandler => {
    const built = oneServer(shared.right, at)
    if (Either.isLeft(built)) throw new Error(built.left.reason)
    return built.right.answer(noSuchAddress(built.right.simulator))
  }
  servers.root = build({ ...rootAddresses(config.right), policy: {} })
  servers.other = build({ issuer: other, fhirBaseUrl: `${other}/fhir`, policy: { specVersion: '2.2.0' } })
})

/** A browser with its cookies. */
const newBrowser = () => {
  const cookies = new Map<string, { readonly value: string; readonly path: string }>()
  const send = async (method: string, address: string, form: ReadonlyArray<readonly [string, string]> = []) => {
    const [path = '', query = ''] = address.replace(home, '').split('?')
    const sent = [...cookies].filter(([, cookie]) => path.startsWith(cookie.path))
    const server = path.startsWith('/sim/x') ? servers.other : servers.root
    if (server === undefined) throw new Error('no server')
    const response = await server({
      method,
      path,
      query,
      headers: {
        accept: 'text/html',
        cookie: sent.map(([name, { value }]) => `${name}=${value}`).join('; '),
        ...(method === 'POST' ? { 'content-type': 'application/x-www-form-urlencoded' } : {})
      },
      body: printForm(form)
    })()
    for (const header of [response.headers['set-cookie'] ?? []].flat()) {
      const [, name = '', value = '', cookiePath = '/'] = /^([^=]*)=([^;]*); Path=([^;]*)/.exec(header) ?? []
      cookies.set(name, { value, path: cookiePath })
    }
    return response
  }
  return { get: (address: string) => send('GET', address), post: send.bind(null, 'POST') }
}

const locationOf = ({ headers }: PlainResponse): string => String(headers['location'] ?? '')

const authorization = (issuer: string): string =>
  `${issuer}/authorize?${printForm([
    ['client_id', 'sample-app'],
    ['redirect_uri', `${home}/app`],
    ['response_type', 'code'],
    ['scope', 'openid user/*.rs'],
    ['state', 's'],
    ['aud', `${issuer}/fhir`],
    ['code_challenge', 'c'.repeat(43)],
    ['code_challenge_method', 'S256']
  ])}`

/** The hidden fields and the address of the first form of a page. */
const formIn = ({ body }: PlainResponse) => {
  const form = parseHtml(body).querySelector('main form')
  return {
    action: form?.getAttribute('action') ?? '',
    hidden: (form?.querySelectorAll('input[type=hidden]') ?? []).map(
      (input) => [input.getAttribute('name') ?? '', input.getAttribute('value') ?? ''] as const
    )
  }
}

describe('two servers over the same parts', () => {
  it('each announce their own addresses and release', async () => {
    const { get } = newBrowser()
    const [first, second] = [
      await get('/fhir/.well-known/smart-configuration'),
      await get('/sim/x/fhir/.well-known/smart-configuration')
    ].map(({ body }) => JSON.parse(body) as Readonly<Record<string, string>>)
    expect([first?.['issuer'], first?.['management_endpoint']]).toEqual([home, `${home}/apps`])
    expect([second?.['issuer'], second?.['management_endpoint']]).toEqual([other, `${other}/apps`])
    expect(second?.['authorization_endpoint']).toBe(`${other}/authorize`)
  })

  it('share the session of a user, and not the conversation', async () => {
    const { get, post } = newBrowser()
    const page = await get(locationOf(await get(authorization(other))))
    expect(page.body).toContain('href="/style.css"')
    const { action, hidden } = formIn(page)
    expect(action).toBe('/sim/x/ehr/sign-in')
    const signedIn = await post(action, [...hidden, ['username', 'alice'], ['password', 'alice-demo']])
    const consent = locationOf(signedIn)
    expect(consent).toMatch(/^\/sim\/x\/interaction\//)
    expect((await get(consent)).body).toContain('Give access?')
    expect((await get(consent.replace('/sim/x', ''))).body).toContain('This request has ended')
    const atRoot = await get(locationOf(await get(authorization(home))))
    expect(atRoot.body).toContain('Give access?')
  })

  it('redirect to no foreign address after a sign-in', async () => {
    for (const target of ['https://evil.example/', '//evil.example', '/elsewhere', `${home}/interaction/x?a=b`]) {
      const { get, post } = newBrowser()
      const { action, hidden } = formIn(await get(locationOf(await get(authorization(other)))))
      const kept = hidden.filter(([name]) => name !== 'return_to')
      const user = [...kept, ['return_to', target], ['username', 'alice']] as const
      expect(locationOf(await post(action, [...user, ['password', 'wrong']]))).toBe(
        '/sim/x/ehr/sign-in?complaint=sign-in&user=alice'
      )
      expect(locationOf(await post(action, [...user, ['password', 'alice-demo']]))).toBe('/')
    }
  })

  it('keep the user name after a wrong password, if it is that of a user, and go to the password', async () => {
    const { get, post } = newBrowser()
    const attempt = async (name: string) => {
      const { action, hidden } = formIn(await get(locationOf(await get(authorization(other)))))
      const body = parseHtml(
        (await get(locationOf(await post(action, [...hidden, ['username', name], ['password', 'wrong']])))).body
      )
      const field = (input: string) => body.querySelector(`input[name=${input}]`)
      return [
        body.querySelector('[role=alert]')?.text.trim(),
        field('username')?.getAttribute('value'),
        field('password')?.hasAttribute('autofocus')
      ]
    }
    expect(await attempt('alice')).toEqual(['User name or password is wrong.', 'alice', true])
    expect(await attempt('nobody-known')).toEqual(['User name or password is wrong.', '', false])
  })

  it('answer with a page where there is none, in a browser', async () => {
    const { get } = newBrowser()
    const missing = await get('/sim/x/nothing')
    expect([missing.status, parseHtml(missing.body).querySelector('h1')?.text]).toEqual([404, 'There is no page here'])
    expect((await get('/sim/x/fhir/Patient/example-1')).status).toBe(401)
  })
})
