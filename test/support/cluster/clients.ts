/** The clients of a cluster: every request is recorded with its outcome. */
import { createPrivateKey, randomUUID, sign } from 'node:crypto'
import { appSecret, clusterSettings } from './cluster-world.js'
import type { ClientRequest, Outcome, RequestKind } from './history.js'
import { monotonic } from './history.js'
import type { Cluster, LastingProcess } from './processes.js'
import { redirectUri, verifier } from '../server-fixture.js'
import { assertionType } from '../../../src/protocol/jwt/jwt.js'

/** A response; the status is 0 when the connection was lost. */
export interface Reply {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

/** A recorded response. */
export interface Recorded extends Reply {
  readonly outcome: Outcome
}

const basic = { authorization: `Basic ${Buffer.from(`app:${appSecret}`).toString('base64')}` }
const lost: Reply = { status: 0, body: {} }

/** How long a client waits for a response, in milliseconds. */
const patience = 10_000

/** Sends a request to an engine. */
export const send = async (
  engine: LastingProcess,
  path: string,
  init: RequestInit = {},
  headers: Readonly<Record<string, string>> = {}
): Promise<Reply> => {
  try {
    const response = await fetch(`${engine.base()}${path}`, {
      ...init,
      headers,
      signal: AbortSignal.timeout(patience)
    })
    const text = await response.text()
    let body: unknown = null
    try {
      body = text === '' ? {} : JSON.parse(text)
    } catch {
      body = { text }
    }
    return { status: response.status, body: (body ?? {}) as Reply['body'] }
  } catch {
    return lost
  }
}

const form = (parameters: Readonly<Record<string, string>>): RequestInit => ({
  method: 'POST',
  body: new URLSearchParams(parameters)
})

const formHeaders = { 'content-type': 'application/x-www-form-urlencoded' }

/** Refusals of the protocol, and the others: 503 and lost connections say nothing. */
const outcomeOf = (kind: RequestKind, { status, body }: Reply): Outcome => {
  if (status >= 200 && status < 300) return kind === 'introspect' && body['active'] !== true ? 'fail' : 'ok'
  return status >= 400 && status < 500 ? 'fail' : 'info'
}

/** The recording clients. */
export interface RecordingClients {
  readonly requests: ReadonlyArray<ClientRequest>
  readonly newCode: (engine: LastingProcess) => Promise<string | null>
  readonly newLaunch: (engine: LastingProcess) => Promise<string | null>
  readonly newAssertion: () => string
  readonly redeem: (engine: LastingProcess, code: string, killAt?: string) => Promise<Recorded>
  readonly refresh: (engine: LastingProcess, token: string, killAt?: string) => Promise<Recorded>
  readonly revoke: (engine: LastingProcess, token: string, killAt?: string) => Promise<Recorded>
  readonly introspect: (engine: LastingProcess, token: string) => Promise<Recorded>
  readonly assert: (engine: LastingProcess, assertion: string, killAt?: string) => Promise<Recorded>
  /** Presents a launch handle at the authorization endpoint and consents: `ok` when a code came of it. */
  readonly launch: (engine: LastingProcess, handle: string, killAt?: string) => Promise<Recorded>
  readonly register: (engine: LastingProcess, name: string, killAt?: string) => Promise<Recorded>
  readonly readRegistration: (engine: LastingProcess, registered: Reply) => Promise<Recorded>
  readonly removeRegistration: (engine: LastingProcess, registered: Reply, killAt?: string) => Promise<Recorded>
  readonly storedGrant: (engine: LastingProcess, grantId: string) => Promise<Reply>
}

/** The grant that a code or an opaque token names. */
export const grantOf = (text: string): string => text.split('.')[0] ?? ''

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const killing = (killAt: string | undefined): Readonly<Record<string, string>> =>
  killAt === undefined ? {} : { 'x-kill': killAt }

/** The clients of a cluster. */
export const recordingClients = ({ keys }: Cluster): RecordingClients => {
  const requests: Array<ClientRequest> = []
  const privateKey = createPrivateKey({ key: keys.backend, format: 'jwk' })
  const recorded = async (
    kind: RequestKind,
    subject: string,
    lineage: string,
    engine: LastingProcess,
    perform: () => Promise<Reply>
  ): Promise<Recorded> => {
    const invokedAt = monotonic()
    const reply = await perform()
    const outcome = outcomeOf(kind, reply)
    requests.push({
      kind,
      subject,
      lineage,
      process: engine.name,
      invokedAt,
      completedAt: monotonic(),
      outcome,
      status: reply.status
    })
    return { ...reply, outcome }
  }
  const ofGrant =
    (kind: RequestKind, path: string, parameters: (text: string) => Readonly<Record<string, string>>) =>
    (engine: LastingProcess, text: string, killAt?: string): Promise<Recorded> =>
      recorded(kind, text, grantOf(text), engine, () =>
        send(engine, path, form(parameters(text)), { ...formHeaders, ...basic, ...killing(killAt) })
      )
  const managed = (
    kind: RequestKind,
    engine: LastingProcess,
    { body }: Reply,
    init: RequestInit,
    killAt?: string
  ): Promise<Recorded> => {
    const clientId = String(body['client_id'])
    const headers = { authorization: `Bearer ${String(body['registration_access_token'])}`, ...killing(killAt) }
    return recorded(kind, clientId, clientId, engine, () => send(engine, `/register/${clientId}`, init, headers))
  }
  const textIn = (reply: Reply, name: string): string | null => {
    const value = reply.body[name]
    return reply.status === 200 && typeof value === 'string' ? value : null
  }
  return {
    requests,
    newCode: async (engine) => textIn(await send(engine, '/test/code'), 'code'),
    newLaunch: async (engine) => textIn(await send(engine, '/test/launch'), 'launch'),
    newAssertion: () => {
      const claims = {
        iss: 'backend',
        sub: 'backend',
        aud: `${clusterSettings.issuer}/token`,
        exp: Math.floor(Date.now() / 1000) + 300,
        jti: randomUUID()
      }
      const text = `${part({ alg: 'ES384', kid: 'backend', typ: 'JWT' })}.${part(claims)}`
      const signature = sign('sha384', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' })
      return `${text}.${signature.toString('base64url')}`
    },
    redeem: ofGrant('redeem', '/token', (code) => ({
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier
    })),
    refresh: ofGrant('refresh', '/token', (token) => ({ grant_type: 'refresh_token', refresh_token: token })),
    revoke: ofGrant('revoke', '/revoke', (token) => ({ token })),
    introspect: ofGrant('introspect', '/introspect', (token) => ({ token })),
    assert: (engine, assertion, killAt) =>
      recorded('assert', assertion, assertion, engine, () =>
        send(
          engine,
          '/token',
          form({
            grant_type: 'client_credentials',
            scope: 'system/Observation.rs',
            client_assertion: assertion,
            client_assertion_type: assertionType
          }),
          { ...formHeaders, ...killing(killAt) }
        )
      ),
    launch: (engine, handle, killAt) =>
      recorded('launch', handle, handle, engine, () =>
        send(engine, `/test/code?launch=${encodeURIComponent(handle)}`, {}, killing(killAt))
      ),
    register: (engine, name, killAt) =>
      recorded('register', name, name, engine, () =>
        send(
          engine,
          '/register',
          {
            method: 'POST',
            body: JSON.stringify({
              client_name: name,
              redirect_uris: [`https://${name}.example/cb`],
              token_endpoint_auth_method: 'none'
            })
          },
          { 'content-type': 'application/json', ...killing(killAt) }
        )
      ),
    readRegistration: (engine, registered) => managed('readRegistration', engine, registered, {}),
    removeRegistration: (engine, registered, killAt) =>
      managed('removeRegistration', engine, registered, { method: 'DELETE' }, killAt),
    storedGrant: (engine, grantId) => send(engine, `/test/stored?grant=${encodeURIComponent(grantId)}`)
  }
}
