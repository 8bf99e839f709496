/** Apps that registered themselves, on the page of apps: changed and removed there, and none is lost silently. */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { parse as parseHtml } from 'node-html-parser'
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../../../src/adapters/stores/memory-store.js'
import { systemClock } from '../../../../src/adapters/system.js'
import type { Store } from '../../../../src/engine/ports.js'
import type { RequestHandler } from '../../../../src/engine/server/http-handler.js'
import { readConfig } from '../../../../src/simulator/config/config.js'
import { simulator } from '../../../../src/simulator/simulator.js'
import { appListIn } from '../../../../src/simulator/store/app-list.js'
import { limits } from '../../../../src/values/limits/limits.js'
import { handlerOf, root, SettingsBrowser } from '../../../support/simulator/settings-browser.js'
import { browserAt, requestTo, tokensAt } from '../../../support/simulator/in-process.js'

const query = (parameters: Readonly<Record<string, string>>): string => new URLSearchParams(parameters).toString()

interface Registered {
  readonly client_id: string
  readonly registration_access_token: string
  readonly [member: string]: unknown
}

const json = { 'content-type': 'application/json' }

/** A simulator with open registration on a store. */
const answerOn = async (store: Store): Promise<RequestHandler> => {
  const config = readConfig(JSON.stringify({ registration: 'open' }))
  if (Either.isLeft(config)) throw new Error('no configuration')
  const built = await simulator(config.right, { store })()
  if (Either.isLeft(built)) throw new Error(built.left.reason)
  return built.right.answer
}

/** An app that registers itself. */
const register = async (answer: RequestHandler, metadata: object): Promise<Registered> => {
  const body = JSON.stringify({
    redirect_uris: [`${root}/app`],
    token_endpoint_auth_method: 'none',
    ...metadata
  })
  const { body: answered } = await answer({ ...requestTo('POST', '/register', json), body })()
  return JSON.parse(answered) as Registered
}

/** What the app itself reads at its configuration endpoint (RFC 7592). */
const readItself = async (answer: RequestHandler, { client_id, registration_access_token }: Registered) => {
  const headers = { authorization: `Bearer ${registration_access_token}` }
  const { body, status } = await answer(requestTo('GET', `/register/${client_id}`, headers))()
  return { status, metadata: JSON.parse(body) as Readonly<Record<string, unknown>> }
}

/** The page of apps in a browser, and its forms. */
const appsOf = (answer: RequestHandler) => {
  const browser = new SettingsBrowser(answer)
  return {
    list: async () => parseHtml((await browser.request(`${root}/ehr/apps`)).response.body),
    form: async (clientId: string) =>
      parseHtml((await browser.request(`${root}/ehr/apps/change?client_id=${clientId}`)).response.body),
    send: async (path: string, fields: Readonly<Record<string, string>>) => {
      const page = await browser.request(`${root}/ehr/apps/new`)
      const form_token = /name="form_token" value="([^"]*)"/.exec(page.response.body)?.[1] ?? ''
      return (await browser.go(`${root}/ehr/apps/${path}`, query({ form_token, ...fields }))).response
    }
  }
}

/** The fields that a form has at first. */
const fieldsOf = (page: ReturnType<typeof parseHtml>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    page
      .querySelectorAll('form.card input, form.card select, form.card textarea')
      .map((control) => [
        control.getAttribute('name') ?? '',
        control.tagName === 'SELECT'
          ? (control.querySelector('[selected]')?.getAttribute('value') ?? '')
          : control.tagName === 'TEXTAREA'
            ? control.text
            : (control.getAttribute('value') ?? '')
      ])
  )

describe('an app that registered itself', () => {
  it('is changed on the page, and stays what the form does not say', async () => {
    const answer = await handlerOf({ registration: 'open' })
    const app = await register(answer, {
      client_name: 'Itself',
      application_type: 'native',
      redirect_uris: ['com.example.itself:/back'],
      grant_types: ['authorization_code'],
      scope: 'openid patient/Patient.r'
    })
    const apps = appsOf(answer)
    const fields = fieldsOf(await apps.form(app.client_id))
    expect(fields).toMatchObject({
      client_name: 'Itself',
      application_type: 'native',
      scope: 'openid patient/Patient.r'
    })
    const { form_token: _other, ...kept } = fields
    const changed = await apps.send('change', { ...kept, client_name: 'Renamed' })
    expect([changed.status, changed.body.includes('The app is changed')]).toEqual([200, true])
    expect(await readItself(answer, app)).toMatchObject({
      status: 200,
      metadata: {
        client_name: 'Renamed',
        application_type: 'native',
        grant_types: ['authorization_code'],
        redirect_uris: ['com.example.itself:/back'],
        scope: 'openid patient/Patient.r'
      }
    })
  })

  it('keeps its keys without becoming a backend service, and no scope does not become every scope', async () => {
    const answer = await handlerOf({ registration: 'open' })
    const app = await register(answer, {
      token_endpoint_auth_method: 'private_key_jwt',
      jwks_uri: 'https://app.example/jwks.json',
      scope: ''
    })
    const apps = appsOf(answer)
    const { form_token: _other, ...kept } = fieldsOf(await apps.form(app.client_id))
    expect((await apps.send('change', { ...kept, client_name: 'Keyed' })).status).toBe(200)
    const { metadata } = await readItself(answer, app)
    expect(metadata).toMatchObject({ client_name: 'Keyed', scope: '', grant_types: ['authorization_code'] })
  })

  it('is removed on the page with its grants, and its token is refused then', async () => {
    const answer = await handlerOf({ registration: 'open' })
    const app = await register(answer, { client_name: 'Itself' })
    const tokens = await tokensAt(answer, root, 'openid user/Patient.rs', browserAt(answer), app.client_id)
    const read = () =>
      answer(
        requestTo('GET', '/fhir/Patient/example-1', {
          authorization: `Bearer ${tokens['access_token'] ?? ''}`,
          accept: 'application/fhir+json'
        })
      )()
    expect((await read()).status).toBe(200)
    const apps = appsOf(answer)
    const card = (await apps.list()).querySelectorAll('.card').find(({ text }) => text.includes(app.client_id))
    expect(card?.querySelector('form[action$="/ehr/apps/remove"]')?.text).toContain('may register itself anew')
    expect((await apps.send('remove', { client_id: app.client_id })).status).toBe(200)
    expect((await apps.list()).text).not.toContain(`change?client_id=${app.client_id}`)
    expect([(await read()).status, (await readItself(answer, app)).status]).toEqual([401, 401])
    const again = await apps.send('remove', { client_id: app.client_id })
    expect(again.body).toContain('is removed already')
  })

  it('of a list of an earlier release, which kept no token of it, is neither changed nor removed', async () => {
    const store = memoryStore(systemClock)
    const answer = await answerOn(store)
    const app = await register(answer, { client_name: 'Earlier' })
    const key = `app-list:${root} ${root}/fhir`
    const found = await store.load(key)()
    if (Either.isLeft(found) || Option.isNone(found.right)) throw new Error('no list')
    const earlier = JSON.stringify({ apps: [{ clientId: app.client_id, token: null }] })
    await store.swap(key, Option.some(found.right.value.version), earlier, Number.MAX_SAFE_INTEGER)()
    const apps = appsOf(answer)
    const list = await apps.list()
    expect([list.text.includes('Earlier'), list.toString().includes('/ehr/apps/remove')]).toEqual([true, false])
    const { body, status } = await apps.send('remove', { client_id: app.client_id })
    expect([status, body.replaceAll(/\s+/g, ' ')]).toEqual([
      403,
      expect.stringContaining('which kept no token for it.')
    ])
  })
})

describe('the page of apps at its bounds', () => {
  const filled = async (from: 'page' | 'endpoint', count: number) => {
    const store = memoryStore(systemClock)
    const list = appListIn(`${root} ${root}/fhir`, store)
    for (let app = 0; app < count; app++) await list.add({ clientId: `gone-${String(app)}`, token: 'x', from })()
    return answerOn(store)
  }

  it('registers no app for which it has no room, and says so', async () => {
    const answer = await filled('page', limits.simulatorApps.default)
    const apps = appsOf(answer)
    const { body, status } = await apps.send('new', { client_name: 'One more', redirect_uris: 'https://app.example/' })
    expect([status, parseHtml(body).querySelector('[role=alert]')?.text.replaceAll(/\s+/g, ' ')]).toEqual([
      400,
      expect.stringContaining('The page has 200 apps, which is all that it keeps. Remove one of them')
    ])
    expect(parseHtml(body).querySelector('input[name=client_name]')?.getAttribute('value')).toBe('One more')
    expect((await apps.list()).text).not.toContain('One more')
  })

  it('says how many apps that registered themselves left the list', async () => {
    const words = async (count: number): Promise<string> =>
      (await appsOf(await filled('endpoint', count)).list()).text.replaceAll(/\s+/g, ' ')
    const most = limits.simulatorOpenApps.default
    expect(await words(most)).not.toContain('left this list')
    expect(await words(most + 1)).toContain('1 older app that registered itself left this list')
    expect(await words(most + 2)).toContain('2 older apps that registered themselves left this list')
  })
})
