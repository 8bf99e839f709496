/**
 * A whole host in a small world, and browsers that use it over plain requests: cookies with their paths, redirects, and
 * a session of the host's own.
 */
import { parse as parseHtml } from 'node-html-parser'
import { expect } from 'vitest'
import { authorizationParameters, sha256, synchronousKeys, verifier } from './server-fixture.js'
import type { Change } from './server-fixture.js'
import type { MemoryStore } from '../../src/adapters/stores/memory-store.js'
import { memoryStore } from '../../src/adapters/stores/memory-store.js'
import type { AuditEvent } from '../../src/engine/ports.js'
import type { SmartHost, SmartHostOptions } from '../../src/host/smart-host.js'
import { smartHost } from '../../src/host/smart-host.js'
import { plainKeys, plainStore } from '../../src/plain/engine-ports.js'
import type { PlainClient } from '../../src/plain/ports.js'
import { printForm } from '../../src/protocol/http/form.js'
import type { PlainRequest, PlainResponse } from '../../src/protocol/http/message.js'
import type { SignedInUser } from '../../src/protocol/launch/launch-context.js'

export const hostIssuer = 'https://ehr.example/auth'
export const hostFhirBase = 'https://ehr.example/fhir'
const callback = 'https://app.example/cb'

const scope =
  'launch launch/patient launch/encounter openid fhirUser offline_access online_access patient/*.rs user/*.rs'

/** The apps of the world. */
export const hostClients: ReadonlyArray<PlainClient> = [
  {
    clientId: 'pub-app',
    clientName: 'Public App',
    redirectUris: [callback],
    launchUris: ['https://app.example/launch'],
    scope,
    tokenEndpointAuthMethod: 'none'
  },
  {
    clientId: 'native-app',
    clientName: 'Native App',
    redirectUris: ['http://127.0.0.1/cb'],
    scope,
    tokenEndpointAuthMethod: 'none',
    applicationType: 'native'
  },
  {
    clientId: 'evil-app',
    clientName: '<script>alert("1")</script>',
    redirectUris: [callback],
    scope,
    tokenEndpointAuthMethod: 'none'
  }
]

/** What the host's framework knows of a request: the user of its session. */
export interface OwnRequest {
  readonly user: SignedInUser | null
}

/** The world and the handles to move it. */
export interface HostWorld {
  readonly host: SmartHost<OwnRequest>
  readonly clock: { now: number }
  readonly online: { now: boolean }
  readonly memory: MemoryStore
  readonly audited: Array<AuditEvent>
}

/** The patients who are offered. */
export const offered = {
  now: [
    { id: 'ada', name: 'Ada Synthetic', encounters: [{ id: 'e1', name: 'Visit' }] },
    { id: 'bob', name: 'Bob Synthetic' }
  ]
}

/** A new world at second 1000, with the user's options. */
export const newHostWorld = (options: Partial<SmartHostOptions<OwnRequest>> = {}): HostWorld => {
  const clock = { now: 1000 }
  const online = { now: true }
  let generated = 0
  const audited: Array<AuditEvent> = []
  const memory = memoryStore({ now: () => clock.now })
  const host = smartHost<OwnRequest>({
    issuer: hostIssuer,
    fhirBaseUrl: hostFhirBase,
    store: plainStore(memory, {}),
    clients: hostClients,
    permittedScopes: (_user, _client, requested) => requested,
    isOnline: () => online.now,
    clock: () => clock.now,
    random: () => sha256(`random ${String(generated++)}`),
    keys: plainKeys(synchronousKeys),
    audit: (event) => {
      audited.push(event)
    },
    user: ({ user }) => user,
    signIn: '/sign-in',
    patients: () => offered.now,
    ...options,
    features: { onlineAccess: true, ...options.features }
  })
  return { host, clock, online, memory, audited }
}

/** A user of the host whose session began at a second. */
export const userNamed = (sub: string, authTime = 1000): SignedInUser => ({
  sub,
  fhirUser: `Practitioner/${sub}`,
  authTime,
  sessionId: `${sub}-${String(authTime)}`
})

/** A form of a page. */
export interface ShownForm {
  readonly action: string
  readonly fields: ReadonlyArray<readonly [string, string]>
}

/** A browser: sends the cookies that belong to an address, and keeps those that it gets. */
export interface Browser {
  user: SignedInUser | null
  readonly cookies: Map<string, { readonly value: string; readonly path: string; readonly attributes: string }>
  readonly get: (address: string) => Promise<PlainResponse>
  readonly post: (action: string, fields: ReadonlyArray<readonly [string, string]>) => Promise<PlainResponse>
  /** Sends a form, with further fields; a field of the form with the same name is left out. */
  readonly submit: (form: ShownForm, fields: Readonly<Record<string, string>>) => Promise<PlainResponse>
}

const origin = 'https://ehr.example'

/** Where a response redirects to. */
export const locationOf = ({ headers }: PlainResponse): string => {
  const location = headers['location']
  return typeof location === 'string' ? location : ''
}

/** A browser without cookies, whose user is signed in or not. */
export const newBrowser = (
  { host }: { readonly host: SmartHost<OwnRequest> },
  user: SignedInUser | null = null,
  received: (path: string) => string = (path) => path
): Browser => {
  const cookies: Browser['cookies'] = new Map()
  const send = async (method: string, address: string, body: string): Promise<PlainResponse> => {
    const [whole = '', query = ''] = (address.startsWith(origin) ? address.slice(origin.length) : address).split('?')
    const sent = [...cookies].filter(([, { path }]) => whole === path || whole.startsWith(`${path}/`))
    const request: PlainRequest = {
      method,
      path: received(whole),
      query,
      headers: {
        ...(sent.length === 0 ? {} : { cookie: sent.map(([name, { value }]) => `${name}=${value}`).join('; ') }),
        ...(method === 'POST' ? { 'content-type': 'application/x-www-form-urlencoded' } : {})
      },
      body
    }
    expect(host.handles(request.path)).toBe(true)
    const response = await host.answer(request, { user: browser.user })
    for (const cookie of [response.headers['set-cookie'] ?? []].flat()) {
      const [pair = '', ...attributes] = cookie.split('; ')
      const name = pair.slice(0, pair.indexOf('='))
      const path = attributes.find((one) => one.startsWith('Path='))?.slice('Path='.length) ?? '/'
      if (attributes.includes('Max-Age=0')) cookies.delete(name)
      else cookies.set(name, { value: pair.slice(name.length + 1), path, attributes: attributes.join('; ') })
    }
    return response
  }
  const browser: Browser = {
    user,
    cookies,
    get: (address) => send('GET', address, ''),
    post: (action, fields) => send('POST', action, printForm(fields)),
    submit: ({ action, fields }, more) =>
      browser.post(action, [...fields.filter(([name]) => !Object.hasOwn(more, name)), ...Object.entries(more)])
  }
  return browser
}

/** The forms of a page: hidden fields, ticked boxes, and the only radio button or the chosen one. */
export const formsOf = ({ body }: PlainResponse): ReadonlyArray<ShownForm> =>
  parseHtml(body)
    .querySelectorAll('form')
    .map((form) => ({
      action: form.getAttribute('action') ?? '',
      fields: form
        .querySelectorAll('input')
        .filter((input) => input.getAttribute('type') === 'hidden' || input.getAttribute('checked') !== undefined)
        .map((input) => [input.getAttribute('name') ?? '', input.getAttribute('value') ?? ''] as const)
    }))

/** The only form of a page. */
export const formOf = (response: PlainResponse): ShownForm => {
  const [form, ...others] = formsOf(response)
  if (form === undefined || others.length > 0) throw new Error(`one form expected: ${response.body}`)
  return form
}

/** The address of an authorization request. */
export const authorizeAddress = (change: Change = {}): string =>
  `${hostIssuer}/authorize?${printForm(
    authorizationParameters({
      redirect_uri: callback,
      aud: hostFhirBase,
      scope: 'launch/patient patient/*.rs',
      ...change
    })
  )}`

/** Signs the user in at the host's page, and goes back to where it says. */
export const signInAs = async (
  browser: Browser,
  response: PlainResponse,
  user: SignedInUser
): Promise<PlainResponse> => {
  const location = locationOf(response)
  expect(location.startsWith('/sign-in?')).toBe(true)
  browser.user = user
  return browser.get(new URLSearchParams(location.slice('/sign-in?'.length)).get('return_to') ?? '')
}

/** The parameters with which the app is called; empty if the response is no redirect to it. */
export const toApp = (response: PlainResponse): Readonly<Record<string, string>> => {
  const location = locationOf(response)
  return /^(?:https:\/\/app\.example|http:\/\/127\.0\.0\.1)/.test(location)
    ? Object.fromEntries(new URLSearchParams(location.slice(location.indexOf('?') + 1)))
    : {}
}

/** Goes from the authorization request to the page of consent, as a user with a session who chooses a patient. */
export const toConsent = async (browser: Browser, change: Change = {}, patient = 'ada'): Promise<PlainResponse> => {
  const first = await browser.get(authorizeAddress(change))
  const page = await browser.get(locationOf(first))
  if (!page.body.includes('Choose a')) return page
  return browser.get(locationOf(await browser.submit(formOf(page), { patient })))
}

/** The whole way with consent to all scopes, and the code. */
export const launched = async (browser: Browser, change: Change = {}, patient = 'ada'): Promise<string> => {
  const page = await toConsent(browser, change, patient)
  const form = formOf(page)
  const response = await browser.post(form.action, [...form.fields, ['decision', 'allow']])
  return toApp(response)['code'] ?? `no code: ${response.body}`
}

/** Redeems a code. */
export const redeemed = async (
  { host }: HostWorld,
  code: string,
  change: Change = {}
): Promise<Readonly<Record<string, unknown>>> => {
  const fields = { grant_type: 'authorization_code', code, redirect_uri: callback, client_id: 'pub-app', ...change }
  const response = await host.answer(
    {
      method: 'POST',
      path: '/auth/token',
      query: '',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: printForm([...Object.entries(fields), ['code_verifier', verifier]])
    },
    { user: null }
  )
  return JSON.parse(response.body) as Readonly<Record<string, unknown>>
}
