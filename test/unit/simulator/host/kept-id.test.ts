/** An app that keeps the id that it sends when it is registered on the page of apps. */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { parse as parseHtml } from 'node-html-parser'
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../../../src/adapters/stores/memory-store.js'
import { systemClock } from '../../../../src/adapters/system.js'
import type { Store } from '../../../../src/engine/ports.js'
import type { RequestHandler } from '../../../../src/engine/server/http-handler.js'
import { readConfig } from '../../../../src/simulator/config/config.js'
import { encodeSetting } from '../../../../src/simulator/settings/setting.js'
import { simulator } from '../../../../src/simulator/simulator.js'
import { appListIn } from '../../../../src/simulator/store/app-list.js'
import { limits } from '../../../../src/values/limits/limits.js'
import { root, SettingsBrowser } from '../../../support/simulator/settings-browser.js'
import { browserAt, requestTo, tokensAt } from '../../../support/simulator/in-process.js'

const query = (parameters: Readonly<Record<string, string>>): string => new URLSearchParams(parameters).toString()

const answerOn = async (store: Store, config: object = {}): Promise<RequestHandler> => {
  const read = readConfig(JSON.stringify(config))
  if (Either.isLeft(read)) throw new Error('no configuration')
  const built = await simulator(read.right, { store })()
  if (Either.isLeft(built)) throw new Error(built.left.reason)
  return built.right.answer
}

const fields = { client_name: 'Growth', redirect_uris: `${root}/app`, client_id: 'growth-app' }

/** The page of apps in a browser, and its forms. */
const appsOf = (answer: RequestHandler) => {
  const browser = new SettingsBrowser(answer)
  const pageAt = async (address: string) => parseHtml((await browser.request(`${root}${address}`)).response.body)
  return {
    pageAt,
    words: async (address: string) => (await pageAt(address)).text.replaceAll(/\s+/g, ' '),
    send: async (path: string, sent: Readonly<Record<string, string>>) => {
      const form = await pageAt('/ehr/apps/new')
      const form_token = form.querySelector('input[name=form_token]')?.getAttribute('value') ?? ''
      const { response } = await browser.go(`${root}/ehr/apps/${path}`, query({ form_token, ...sent }))
      return { status: response.status, page: parseHtml(response.body), body: response.body }
    }
  }
}

const tokensOf = (answer: RequestHandler, issuer = root, clientId = 'growth-app') =>
  tokensAt(answer, issuer, 'openid user/Patient.rs', browserAt(answer), clientId)

const readAt = async (answer: RequestHandler, issuer: string, tokens: Readonly<Record<string, string>>) => {
  const authorization = `Bearer ${tokens['access_token'] ?? ''}`
  const address = `${issuer.slice(root.length)}/fhir/Patient/example-1`
  return (await answer(requestTo('GET', address, { authorization, accept: 'application/fhir+json' }))()).status
}

describe('an app that is registered with its own id', () => {
  it('keeps it in all processes on one store: authorized, changed and removed by it', async () => {
    const store = memoryStore(systemClock)
    const [one, other] = [await answerOn(store), await answerOn(store)]
    const apps = appsOf(one)
    const done = await apps.send('new', fields)
    expect(done.page.querySelector('#client_id')?.text).toBe('growth-app')
    const tokens = await tokensOf(other)
    expect(await readAt(other, root, tokens)).toBe(200)
    const form = await apps.pageAt('/ehr/apps/change?client_id=growth-app')
    expect(form.querySelector('input[name=client_name]')?.getAttribute('value')).toBe('Growth')
    const changed = await apps.send('change', { ...fields, client_name: 'Growth charts' })
    expect([changed.status, changed.page.querySelector('#client_id')?.text]).toEqual([200, 'growth-app'])
    expect(await appsOf(other).words('/ehr/apps')).toContain('Growth charts')
    await apps.send('remove', { client_id: 'growth-app' })
    expect(await readAt(other, root, tokens)).toBe(401)
    expect((await apps.send('remove', { client_id: 'growth-app' })).body).toContain('is removed already')
  })

  it('has lines in the log under this id alone, and is named by it without a name', async () => {
    const answer = await answerOn(memoryStore(systemClock))
    const apps = appsOf(answer)
    await apps.send('new', { ...fields, client_name: '' })
    await apps.send('change', { ...fields, client_name: '' })
    await apps.send('remove', { client_id: 'growth-app' })
    const lines = await apps.words('/ehr/log?app=growth-app')
    for (const what of ['An app was registered.', 'changed', 'removed']) expect(lines).toContain(what)
    expect(await apps.words('/ehr/log')).not.toMatch(/\b(?=[\w-]*\d)[\w-]{22}\b/)
  })

  it('can be registered again, and no token of before is valid then', async () => {
    const answer = await answerOn(memoryStore(systemClock))
    const apps = appsOf(answer)
    await apps.send('new', fields)
    const before = await tokensOf(answer)
    await apps.send('remove', { client_id: 'growth-app' })
    expect((await apps.send('new', fields)).status).toBe(200)
    expect(await readAt(answer, root, before)).toBe(401)
    expect(await readAt(answer, root, await tokensOf(answer))).toBe(200)
    expect(await apps.words('/ehr/apps')).toContain('Growth')
  })

  it('begins without the grants of an app that the configuration had with the id', async () => {
    const store = memoryStore(systemClock)
    const client = { redirect_uris: [`${root}/app`], scope: 'openid user/*.rs', token_endpoint_auth_method: 'none' }
    const before = await answerOn(store, { clients: [{ client_id: 'growth-app', ...client }] })
    const tokens = await tokensOf(before)
    const after = await answerOn(store)
    // A form that the registration refuses ends nothing.
    expect((await appsOf(after).send('new', { ...fields, redirect_uris: 'ftp://app.example/cb' })).status).toBe(400)
    expect(await readAt(before, root, tokens)).toBe(200)
    expect((await appsOf(after).send('new', fields)).status).toBe(200)
    expect([await readAt(after, root, tokens), await readAt(before, root, tokens)]).toEqual([401, 401])
  })

  it('leaves links that contain an app with this id as they are, and their grants too', async () => {
    const answer = await answerOn(memoryStore(systemClock))
    const app = { client_id: 'growth-app', redirect_uris: [`${root}/app`], client_name: 'Of a link' }
    const server = `${root}/sim/${encodeSetting({ app })}`
    const tokens = await tokensOf(answer, server)
    const apps = appsOf(answer)
    const card = (await apps.pageAt('/ehr/apps')).querySelectorAll('.card').find(({ text }) => /Of a link/.test(text))
    const register = card?.querySelectorAll('a').find(({ text }) => text === 'Register it')
    const form = await apps.pageAt((register?.getAttribute('href') ?? '').replaceAll('&amp;', '&'))
    expect(form.querySelector('input[name=client_id]')?.getAttribute('value')).toBe('growth-app')
    await apps.send('new', fields)
    expect(await readAt(answer, server, tokens)).toBe(200)
    expect(await readAt(answer, server, await tokensOf(answer, server))).toBe(200)
    expect(await apps.words('/ehr/apps')).toMatch(/Growth registered here.*nothing in the log.*Of a link launched/)
    await apps.send('change', { ...fields, redirect_uris: 'https://other.example/cb' })
    expect(await readAt(answer, server, await tokensOf(answer, server))).toBe(200)
    expect(await apps.words('/ehr/apps')).toMatch(/Of a link.*A registered app has this client_id/)
    await apps.send('remove', { client_id: 'growth-app' })
    expect(await readAt(answer, server, tokens)).toBe(200)
  })

  it.each<[string, string, string]>([
    ['with a blank', 'growth app', 'expected 1 to 255 visible ASCII characters without blanks.'],
    ['with another script', 'größe', 'expected 1 to 255 visible ASCII characters without blanks.'],
    ['that stands for an app by its URLs', '*', 'on the launch page, * stands for an app by its URLs.'],
    ['in the form of assigned ids', 'a'.repeat(22), 'expected an id that this server cannot assign to another app'],
    ['of the configuration', 'my-app', 'the configuration has a client with the id "my-app".'],
    ['of a resource server', 'rs', 'the configuration has a client with the id "rs".'],
    ['of a registered app', 'growth-app', 'a registered app has the id "growth-app". Change that app, or remove it']
  ])('is refused at the field for an id %s', async (_name, clientId, sentence) => {
    const config = { introspectionClients: [{ client_id: 'rs', client_secret: 's' }] }
    const apps = appsOf(await answerOn(memoryStore(systemClock), config))
    await apps.send('new', fields)
    const { page, status } = await apps.send('new', { ...fields, client_id: clientId })
    const wrong = page.querySelector('#wrong')
    expect([status, wrong?.querySelector('input')?.getAttribute('value')]).toEqual([400, clientId])
    expect(wrong?.querySelector('.complaint')?.text).toContain(sentence)
  })

  it('is refused where another process gave the id away meanwhile, and its registration ends', async () => {
    const store = memoryStore(systemClock)
    const registrations: Array<string> = []
    const slow: Store = {
      ...store,
      swap: (key, ...written) => {
        if (!key.startsWith('client:')) return store.swap(key, ...written)
        if (registrations.length === 0)
          void appListIn(`${root} ${root}/fhir`, store).add({
            clientId: 'growth-app',
            registeredAs: 'a'.repeat(22),
            token: 'token-of-the-other',
            from: 'page'
          })()
        registrations.push(written[1])
        return store.swap(key, ...written)
      }
    }
    const { page, status } = await appsOf(await answerOn(slow)).send('new', fields)
    expect([status, page.querySelector('#wrong .complaint')?.text]).toEqual([
      400,
      expect.stringContaining('a registered app has the id "growth-app"')
    ])
    expect(registrations.map((text) => (JSON.parse(text) as { readonly _tag: string })._tag)).toEqual([
      'Registered',
      'Removed'
    ])
  })

  it('is refused where open grants have left the list of grants, because they could not be ended', async () => {
    const store = memoryStore(systemClock)
    const answer = await answerOn(store)
    const entries = JSON.stringify({ entries: [], leftOut: 1 })
    await store.swap(`grant-list:${root} ${root}/fhir`, Option.none, entries, Number.MAX_SAFE_INTEGER)()
    const { page, status } = await appsOf(answer).send('new', fields)
    expect([status, page.querySelector('.complaint')?.text]).toEqual([
      400,
      expect.stringContaining('has had more open grants than it lists')
    ])
    expect((await appsOf(answer).send('new', { ...fields, client_id: '' })).status).toBe(200)
  })

  it('is not chosen by an app at the registration endpoint', async () => {
    const answer = await answerOn(memoryStore(systemClock), { registration: 'open' })
    const body = JSON.stringify({ ...fields, redirect_uris: [fields.redirect_uris] })
    const json = { 'content-type': 'application/json' }
    const { body: answered } = await answer({ ...requestTo('POST', '/register', json), body })()
    expect((JSON.parse(answered) as { readonly client_id: string }).client_id).toMatch(/^[\w-]{22}$/)
  })

  it('is not looked up beyond its length', async () => {
    const apps = appsOf(await answerOn(memoryStore(systemClock)))
    const longest = 'x'.repeat(limits.simulatorKeptId.default)
    expect((await apps.send('new', { ...fields, client_id: longest })).status).toBe(200)
    expect((await apps.send('new', { ...fields, client_id: `${longest}x` })).status).toBe(400)
  })
})
