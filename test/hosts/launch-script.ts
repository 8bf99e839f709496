/** Launches, step by step, as a browser and an app go through them; every response is written down. */
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { parse } from 'node-html-parser'
import type { Served } from './frameworks.js'
import type { Came, Sent } from './transport.js'
import { sendTo } from './transport.js'
import type { Place } from './world.js'
import { origin } from './world.js'
import { redirectUri } from '../support/server-fixture.js'
import type { SmartHost } from '../../src/host/smart-host.js'

const verifier = 'v'.repeat(43)
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const basic = { ...form, authorization: `Basic ${Buffer.from('sym-app:s3cret%3A%25').toString('base64')}` }

/** A response with the name of the step to which it belongs. */
export type Step = readonly [name: string, came: Came]

/** What the user does on the pages. */
interface User {
  /** Which scopes are ticked; null denies the request. */
  readonly ticks: ((scope: string) => boolean) | null
}

const allows: User = { ticks: () => true }

/** One browser and the apps, at one process. */
export interface Walk {
  readonly served: Served
  readonly place: Place
  readonly host: SmartHost<never>
  /** Whether the framework has body parsers of its own, which refuse some bodies themselves. */
  readonly hasParsers: boolean
  /** Whether addresses outside the path of the host reach it. */
  readonly isAtRoot: boolean
}

/** Goes through all launches and gives every response. */
export const walkThrough = async ({
  served,
  place,
  host,
  hasParsers,
  isAtRoot
}: Walk): Promise<ReadonlyArray<Step>> => {
  const steps: Array<Step> = []
  const cookies = new Map<string, string>()
  const { path, removes = '' } = place
  const go = async (name: string, one: Sent): Promise<Came> => {
    const cookie = [...cookies].map((pair) => pair.join('=')).join('; ')
    const came = await sendTo(served, {
      ...one,
      target: one.target.slice(one.target.startsWith(`${removes}/`) ? removes.length : 0),
      headers: { ...one.headers, ...(cookie === '' ? {} : { cookie }) }
    })
    for (const set of came.headers['set-cookie'] ?? []) {
      const [, key = '', value = ''] = /^([^=]*)=([^;]*)/.exec(set) ?? []
      if (set.includes('Max-Age=0')) cookies.delete(key)
      else cookies.set(key, value)
    }
    steps.push([name, came])
    return came
  }

  /** From a response to the app: signs in, chooses, consents. */
  const through = async (name: string, first: Came, { ticks }: User): Promise<URLSearchParams> => {
    let came = first
    for (let pages = 0; pages < 12; pages++) {
      const location = came.headers['location']?.[0]?.replace(origin, '')
      if (location?.startsWith(redirectUri) === true) return new URL(location).searchParams
      if (location?.startsWith('/sign-in?') === true) {
        cookies.set('session', 'alice')
        const returnTo = new URLSearchParams(location.slice('/sign-in?'.length)).get('return_to') ?? ''
        came = await go(`${name}: back from the sign-in`, { target: returnTo.replace(origin, '') })
      } else if (location !== undefined) came = await go(`${name}: page`, { target: location })
      else {
        const page = parse(came.body)
        const valueOf = (field: string): string =>
          page.querySelector(`input[name=${field}]`)?.getAttribute('value') ?? ''
        const scopes = page.querySelectorAll('input[name=scope]').map((box) => box.getAttribute('value') ?? '')
        const body = new URLSearchParams({ form_token: valueOf('form_token') })
        if (ticks === null) body.set('decision', 'deny')
        else if (valueOf('patient') !== '') body.set('patient', valueOf('patient'))
        else {
          body.set('decision', 'allow')
          for (const scope of scopes.filter(ticks)) body.append('scope', scope)
        }
        const action = page.querySelector('form')?.getAttribute('action')
        if (action === undefined) throw new Error(`${name}: ${String(came.status)} ${came.body}`)
        came = await go(`${name}: decision`, { method: 'POST', target: action, headers: form, body: body.toString() })
      }
    }
    throw new Error(`${name} does not end`)
  }

  const authorize = (more: Readonly<Record<string, string>> = {}): string =>
    `${path}/authorize?${new URLSearchParams({
      client_id: 'pub-app',
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'launch/patient openid fhirUser offline_access patient/*.rs',
      state: 'some state',
      aud: `${origin}${path}/fhir`,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...more
    }).toString()}`

  const post = (
    name: string,
    target: string,
    fields: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = form
  ): Promise<Came> =>
    go(name, { method: 'POST', target: `${path}${target}`, headers, body: new URLSearchParams(fields).toString() })

  const exchange = (name: string, code: string | null, change: Readonly<Record<string, string>> = {}, headers = form) =>
    post(
      `${name}: token`,
      '/token',
      {
        grant_type: 'authorization_code',
        code: code ?? '',
        redirect_uri: redirectUri,
        code_verifier: verifier,
        ...(headers === form ? { client_id: 'pub-app' } : {}),
        ...change
      },
      headers
    )

  const bodyOf = (came: Came): Readonly<Record<string, string>> =>
    JSON.parse(came.body) as Readonly<Record<string, string>>

  const launch = async (name: string, more: Readonly<Record<string, string>>, user: User): Promise<URLSearchParams> =>
    through(name, await go(`${name}: request`, { target: authorize(more) }), user)

  const refresh = (name: string, token: string) =>
    post(name, '/token', { grant_type: 'refresh_token', refresh_token: token, client_id: 'pub-app' })

  const read = (name: string, token: string) =>
    go(name, {
      target: `${path}/fhir/Patient/a?_elements=id`,
      headers: { authorization: `Bearer ${token}`, origin: 'https://app.example' }
    })

  for (const [name, target] of [
    ['SMART configuration', `${path}/fhir/.well-known/smart-configuration`],
    ['OpenID configuration', `${path}/.well-known/openid-configuration`],
    ['metadata', `${path}/fhir/metadata`],
    ...(isAtRoot ? [['RFC 8414', `/.well-known/oauth-authorization-server${path}`] as const] : [])
  ] as const) {
    // The path of RFC 8414 lies outside of what a proxy forwards.
    if (removes === '' || name !== 'RFC 8414') await go(name, { target })
  }

  // A standalone launch, a narrowed consent, refresh, revocation.
  const standalone = await launch('standalone', {}, allows)
  const first = bodyOf(await exchange('standalone', standalone.get('code')))
  await read('read', first['access_token'] ?? '')
  const second = bodyOf(await refresh('refresh', first['refresh_token'] ?? ''))
  await go('connected apps', { target: `${path}/apps` })
  await post('revocation', '/revoke', { token: second['refresh_token'] ?? '', client_id: 'pub-app' })
  await refresh('refresh after revocation', second['refresh_token'] ?? '')
  await read('read after revocation', second['access_token'] ?? '')

  const narrowed = await launch('narrowed', { state: 'n' }, { ticks: (scope) => !scope.startsWith('patient/') })
  await exchange('narrowed', narrowed.get('code'))
  await launch('denied', { state: 'd' }, { ticks: null })

  const sent = new URL(await host.launchUrl({ clientId: 'sym-app', context: { patient: 'b' }, launchedBy: 'alice' }))
  const ehr = await launch(
    'EHR launch',
    { client_id: 'sym-app', scope: 'launch patient/*.rs', launch: sent.searchParams.get('launch') ?? '' },
    allows
  )
  await exchange('EHR launch', ehr.get('code'), {}, basic)

  // Everything wrong.
  const wrong = await launch('wrong verifier', { state: 'w' }, allows)
  await exchange('wrong verifier', wrong.get('code'), { code_verifier: 'w'.repeat(43) })
  await exchange('code used twice', standalone.get('code'))
  await exchange('wrong secret', 'x', {}, { ...form, authorization: 'Basic eDp5' } as never)
  await go('unknown client', { target: authorize({ client_id: 'nobody' }) })
  await go('foreign redirect', { target: authorize({ redirect_uri: 'https://evil.example/' }) })
  await go('wrong aud', { target: authorize({ aud: 'https://evil.example/fhir' }) })
  await go('no scope', { target: authorize({ scope: 'patient/*.q' }) })
  await go('another browser', { target: `${path}/interaction/${'g'.repeat(43)}` })
  await post('forged form', `/interaction/${'g'.repeat(43)}`, { form_token: 'x', decision: 'allow' })
  await post('forged revocation', '/apps', { form_token: 'x', grant: 'y' })
  await go('wrong method', { target: `${path}/token` })
  await go('preflight', {
    method: 'OPTIONS',
    target: `${path}/token`,
    headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' }
  })
  await go('no access token', { target: `${path}/fhir/Patient/a` })
  await go('unknown below FHIR', { target: `${path}/fhir/.well-known/nothing` })
  const json = { 'content-type': 'application/json' }
  await go('JSON at the token endpoint', { method: 'POST', target: `${path}/token`, headers: json, body: '{"a":1}' })
  const raw = (body: string | Buffer, headers = {}): Sent => ({
    method: 'POST',
    target: `${path}/token`,
    headers: { ...form, ...headers },
    body
  })
  await go('broken percent', raw('grant_type=%zz'))
  await go('no UTF-8', raw(Buffer.from([0x61, 0x3d, 0xff])))
  await go('compressed', raw(gzipSync('a=b'), { 'content-encoding': 'gzip' }))
  if (!hasParsers) await go('too large', raw('a'.repeat(70_000)))
  return steps
}
