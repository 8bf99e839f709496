/** A simulator in this process, and a browser with its cookies. */
import { createHash } from 'node:crypto'
import * as Either from 'fp-ts/lib/Either.js'
import { parse as parseHtml } from 'node-html-parser'
import type { RequestHandler } from '../../../src/engine/server/http-handler.js'
import { printForm } from '../../../src/protocol/http/form.js'
import type { PlainRequest, PlainResponse } from '../../../src/protocol/http/message.js'
import { readConfig } from '../../../src/simulator/config/config.js'
import { simulator } from '../../../src/simulator/simulator.js'

/** The public base URL of the simulator. */
export const home = 'http://127.0.0.1:4010'

/** Builds a simulator with the configuration of `npm start`, or another one. */
export const simulatorHere = async (config: unknown = {}): Promise<RequestHandler> => {
  const read = readConfig(JSON.stringify(config), home)
  if (Either.isLeft(read)) throw new Error('no configuration')
  const built = await simulator(read.right)()
  if (Either.isLeft(built)) throw new Error(built.left.reason)
  return built.right.answer
}

/** A request as an adapter makes it. */
export const requestTo = (
  method: string,
  address: string,
  headers: Readonly<Record<string, string>> = {},
  form: ReadonlyArray<readonly [string, string]> | null = null
): PlainRequest => {
  const [path = '', query = ''] = address.replace(home, '').split('?')
  return {
    method,
    path,
    query,
    headers: { ...headers, ...(form === null ? {} : { 'content-type': 'application/x-www-form-urlencoded' }) },
    body: form === null ? '' : printForm(form)
  }
}

/** Where a response redirects to. */
export const locationOf = ({ headers }: PlainResponse): string => String(headers['location'] ?? '')

/** A browser with its cookies. */
export const browserAt = (answer: RequestHandler) => {
  const cookies = new Map<string, { readonly value: string; readonly path: string }>()
  const send = async (
    method: string,
    address: string,
    form: ReadonlyArray<readonly [string, string]> | null = null
  ): Promise<PlainResponse> => {
    const sent = [...cookies].filter(([, { path }]) => address.replace(home, '').startsWith(path))
    const cookie = sent.map(([name, { value }]) => `${name}=${value}`).join('; ')
    const response = await answer(requestTo(method, address, { accept: 'text/html', cookie }, form))()
    for (const header of [response.headers['set-cookie'] ?? []].flat()) {
      const [, name = '', value = '', path = '/'] = /^([^=]*)=([^;]*); Path=([^;]*)/.exec(header) ?? []
      cookies.set(name, { value, path })
    }
    return response
  }
  return {
    get: (address: string) => send('GET', address),
    post: (address: string, form: ReadonlyArray<readonly [string, string]>) => send('POST', address, form),
    cookies
  }
}

/** A browser of {@link browserAt}. */
export type BrowserHere = ReturnType<typeof browserAt>

/** The form of a page that is sent with POST, with its hidden fields. */
export const formOn = ({ body }: PlainResponse) => {
  const form = parseHtml(body)
    .querySelectorAll('main form[method=post]')
    .find((one) => one.closest('.party') === null)
  return {
    action: form?.getAttribute('action') ?? '',
    hidden: (form?.querySelectorAll('input[type=hidden]') ?? []).map(
      (input) => [input.getAttribute('name') ?? '', input.getAttribute('value') ?? ''] as const
    ),
    scopes: (form?.querySelectorAll('input[name=scope][checked]') ?? []).map(
      (input) => ['scope', input.getAttribute('value') ?? ''] as const
    )
  }
}

const verifier = 'v'.repeat(43)

/** The authorization request of the sample app, or of another app with its redirect URI. */
export const authorizationAt = (issuer: string, scope = 'openid user/Patient.rs', clientId = 'sample-app'): string =>
  `${issuer}/authorize?${printForm([
    ['client_id', clientId],
    ['redirect_uri', `${home}/app`],
    ['response_type', 'code'],
    ['scope', scope],
    ['state', 'state-of-the-app'],
    ['aud', `${issuer}/fhir`],
    ['code_challenge', createHash('sha256').update(verifier).digest('base64url')],
    ['code_challenge_method', 'S256']
  ])}`

/** Goes through the conversation as alice: gives consent, and redeems the code. */
export const tokensAt = async (
  answer: RequestHandler,
  issuer: string,
  scope?: string,
  browser: BrowserHere = browserAt(answer),
  clientId = 'sample-app'
): Promise<Readonly<Record<string, string>>> => {
  let page = await browser.get(locationOf(await browser.get(authorizationAt(issuer, scope, clientId))))
  const signIn = formOn(page)
  if (signIn.action.endsWith('/ehr/sign-in')) {
    const user = [
      ['username', 'alice'],
      ['password', 'alice-demo']
    ] as const
    page = await browser.get(locationOf(await browser.post(signIn.action, [...signIn.hidden, ...user])))
  }
  const consent = formOn(page)
  const sent = await browser.post(consent.action, [...consent.hidden, ...consent.scopes, ['decision', 'allow']])
  const code = new URL(locationOf(sent)).searchParams.get('code') ?? ''
  const redeemed = await answer(
    requestTo('POST', `${issuer}/token`, {}, [
      ['grant_type', 'authorization_code'],
      ['client_id', clientId],
      ['code', code],
      ['redirect_uri', `${home}/app`],
      ['code_verifier', verifier]
    ])
  )()
  return { code, ...(JSON.parse(redeemed.body) as Readonly<Record<string, string>>) }
}
