/**
 * A server with documents such as vendors publish, as a function port: it answers discovery, keys, token requests and
 * FHIR requests, and deviates as the test says.
 */
import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as Either from 'fp-ts/lib/Either.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { memoryStore } from '../../../src/adapters/stores/memory-store.js'
import { backendService } from '../../../src/engine/app/backend-service.js'
import type { SessionOpened } from '../../../src/engine/app/context.js'
import type { AppPorts } from '../../../src/engine/app/ports.js'
import { smartApp } from '../../../src/engine/app/smart-app.js'
import type { AppFailure } from '../../../src/protocol/app/failure.js'
import type { ServerTolerances } from '../../../src/protocol/app/trust/tolerances.js'
import type { TrustedServer } from '../../../src/protocol/app/trusted-server.js'
import { trustList } from '../../../src/protocol/app/trusted-server.js'
import type { PlainResponse } from '../../../src/protocol/http/message.js'
import { json } from '../../../src/protocol/http/message.js'
import type { OutgoingRequest } from '../../../src/protocol/http/outgoing-request.js'

/** Documents as a vendor publishes them, and how its server deviates. */
export interface VendorDocuments {
  readonly vendor: string
  readonly deviation: string
  readonly fhirBaseUrl: string
  readonly smartConfiguration: Readonly<Record<string, unknown>>
  /** Null when the issuer has no such document. */
  readonly openidConfiguration: Readonly<Record<string, unknown>> | null
  /** The members that the entry of the trust list needs, by the documents. */
  readonly settings: ReadonlyArray<string>
  /** The tolerances that the documents do not show. */
  readonly known?: ServerTolerances
  /** Whether the app can ask for an identity. Default: true. */
  readonly identity?: boolean
  readonly method?: 'client_secret_basic' | 'private_key_jwt'
  readonly tokenMembers?: Readonly<Record<string, unknown>>
  readonly comparesRawSecret?: boolean
  readonly omitsNonce?: boolean
  readonly idTokenIssuer?: string
  readonly idTokenAudience?: ReadonlyArray<string>
  /** Default: `launch`. */
  readonly purpose?: 'backend'
  /** A file of a bulk export that a backend service reads. */
  readonly file?: string
  /** Whether a launch names no patient. */
  readonly omitsPatient?: boolean
  /** Whether the SMART configuration is answered by a redirect. */
  readonly redirects?: boolean
}

/** The documents of all vendors; hosts are replaced. */
export const vendorDocuments = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'data', 'vendor-documents.json'), 'utf8')
) as ReadonlyArray<VendorDocuments>

const text = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const digest = (value: string): string => createHash('sha256').update(value).digest('base64url')

/** A key pair of an issuer. */
export const newIssuerKey = (kid: string) => {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const jwk: Readonly<Record<string, unknown>> = { ...pair.publicKey.export({ format: 'jwk' }), kid, alg: 'RS256' }
  return {
    jwk,
    sign: (claims: object): string => {
      const covered = `${text({ alg: 'RS256', kid, typ: 'JWT' })}.${text(claims)}`
      return `${covered}.${sign('sha256', Buffer.from(covered), pair.privateKey).toString('base64url')}`
    }
  }
}

/** The key of the server's issuer. */
export const issuerKey = newIssuerKey('k1')

const now = 1_000_000

/** The secret of the app; raw and form-encoded spelling differ. */
export const vendorSecret = 'a/b+c='

/** How the server answers otherwise. */
export interface Deviation {
  readonly smart?: Readonly<Record<string, unknown>>
  readonly openid?: Readonly<Record<string, unknown>> | null
  readonly token?: Readonly<Record<string, unknown>>
  readonly claims?: Readonly<Record<string, unknown>>
  /** Whether only the secret without form encoding is right. */
  readonly comparesRawSecret?: boolean
  /** Other responses; null is none at all, and undefined the usual one. */
  readonly respond?: (request: OutgoingRequest) => PlainResponse | null | undefined
  /** What stands in the redirect besides code and state. */
  readonly redirect?: string
}

/** What happened in a launch. */
export interface VendorLaunch {
  readonly outcome: Either.Either<AppFailure, SessionOpened>
  readonly sent: ReadonlyArray<OutgoingRequest>
}

/** The ordinary server. */
export const ordinaryEntry: TrustedServer = {
  fhirBaseUrl: 'https://ehr.example/fhir',
  clientId: 'app',
  authentication: [{ method: 'client_secret_basic', clientSecret: vendorSecret }],
  redirectUri: 'https://app.example/cb'
}

const ordinarySmart = {
  issuer: 'https://ehr.example',
  jwks_uri: 'https://ehr.example/keys',
  authorization_endpoint: 'https://ehr.example/authorize',
  token_endpoint: 'https://ehr.example/token',
  token_endpoint_auth_methods_supported: ['client_secret_basic', 'private_key_jwt'],
  code_challenge_methods_supported: ['S256'],
  capabilities: ['launch-standalone']
}

const withoutUndefined = (members: object): Readonly<Record<string, unknown>> =>
  JSON.parse(JSON.stringify(members)) as Readonly<Record<string, unknown>>

const hasRightSecret = (headers: OutgoingRequest['headers'], isRaw: boolean): boolean => {
  const authorization = headers['authorization']
  const secret = isRaw ? vendorSecret : encodeURIComponent(vendorSecret)
  return authorization === undefined || authorization === `Basic ${btoa(`app:${secret}`)}`
}

/** The ports of an app in front of the server. */
export const vendorPorts = (
  { fhirBaseUrl }: Pick<TrustedServer, 'fhirBaseUrl'>,
  deviation: Deviation,
  launch: { nonce: string | null }
): { readonly ports: AppPorts; readonly sent: Array<OutgoingRequest> } => {
  const smart = withoutUndefined({ ...ordinarySmart, ...deviation.smart })
  const openid =
    deviation.openid === null
      ? null
      : withoutUndefined({
          issuer: smart['issuer'],
          jwks_uri: smart['jwks_uri'],
          token_endpoint: smart['token_endpoint'],
          ...deviation.openid
        })
  const keys = [smart['jwks_uri'], openid?.['jwks_uri']]
  const idToken = (): string =>
    issuerKey.sign(
      withoutUndefined({
        iss: smart['issuer'] ?? openid?.['issuer'],
        aud: 'app',
        sub: 'u1',
        iat: now,
        exp: now + 300,
        nonce: launch.nonce,
        name: 'Dr. Jones',
        ...deviation.claims
      })
    )
  const answer = (request: OutgoingRequest): PlainResponse => {
    const { body, headers, url } = request
    if (url === `${fhirBaseUrl}/.well-known/smart-configuration`) return json(200, smart)
    if (url.endsWith('/.well-known/openid-configuration')) return openid === null ? json(404, {}) : json(200, openid)
    if (keys.includes(url)) return json(200, { keys: [issuerKey.jwk] })
    if (url !== smart['token_endpoint']) return json(200, { resourceType: 'Bundle' })
    if (!hasRightSecret(headers, deviation.comparesRawSecret === true)) return json(401, { error: 'invalid_client' })
    const form = new URLSearchParams(body)
    const scope = form.get('scope') ?? (launch.nonce === null ? 'patient/*.rs' : 'openid patient/*.rs')
    const identity = launch.nonce === null ? {} : { id_token: idToken() }
    return json(
      200,
      withoutUndefined({
        ...{ access_token: 'at', token_type: 'Bearer', expires_in: 3600, scope, patient: 'p1' },
        ...identity,
        ...deviation.token
      })
    )
  }
  const sent: Array<OutgoingRequest> = []
  let generated = 0
  const ports: AppPorts = {
    store: memoryStore({ now: () => now }),
    clock: { now: () => now },
    random: { token: () => digest(`random ${String(generated++)}`) },
    keys: {
      digest: (value) => Task.of(digest(value)),
      signAssertion: (claims) => TaskEither.right(`${text({ alg: 'ES384' })}.${text(claims)}.c2ln`),
      verifySignature: (key, _alg, token) => {
        const [header = '', claims = '', signature = ''] = token.split('.')
        const publicKey = createPublicKey({ key: { ...key }, format: 'jwk' })
        return TaskEither.right(
          verify('sha256', Buffer.from(`${header}.${claims}`), publicKey, Buffer.from(signature, 'base64url'))
        )
      }
    },
    pause: () => () => Promise.resolve(),
    http: (request) => () => {
      sent.push(request)
      const own = deviation.respond?.(request)
      return Promise.resolve(
        own === null
          ? Either.left({ _tag: 'Unavailable' as const, reason: 'Failed to fetch' })
          : Either.right(own ?? answer(request))
      )
    }
  }
  return { ports, sent }
}

/** A launch with an entry of the trust list at the server. */
export const launchAtVendor = async (
  entry: TrustedServer,
  deviation: Deviation = {},
  scope = 'openid fhirUser launch/patient patient/*.rs'
): Promise<VendorLaunch> => {
  const launch: { nonce: string | null } = { nonce: null }
  const { ports, sent } = vendorPorts(entry, deviation, launch)
  const app = smartApp({ trust: trustList([entry]), scope }, ports)
  if (Either.isLeft(app)) throw new Error(JSON.stringify(app.left))
  const begun = await app.right.launch({ _tag: 'Standalone', iss: entry.fhirBaseUrl })()
  if (Either.isLeft(begun)) return { outcome: begun, sent }
  const { launchId, redirect } = begun.right
  const query = new URLSearchParams(redirect._tag === 'Get' ? redirect.url.split('?')[1] : '')
  launch.nonce = query.get('nonce')
  const back = `code=c&state=${query.get('state') ?? ''}${deviation.redirect ?? ''}`
  return { outcome: await app.right.callback({ launchIds: [launchId], query: back })(), sent }
}

/** The failure of a launch; null when it opened a session. */
export const failureAt = async (...launch: Parameters<typeof launchAtVendor>): Promise<AppFailure | null> => {
  const { outcome } = await launchAtVendor(...launch)
  return Either.isLeft(outcome) ? outcome.left : null
}

/** The scopes that an app requests at a vendor's server. */
export const vendorScope = ({ identity = true, purpose }: VendorDocuments): string => {
  if (purpose === 'backend') return 'system/*.rs'
  return identity ? 'openid fhirUser launch/patient patient/*.rs' : 'launch/patient patient/*.rs'
}

/** What an app knows of a vendor's server without its documents. */
export const vendorEntry = ({
  fhirBaseUrl,
  known,
  method = 'client_secret_basic'
}: VendorDocuments): TrustedServer => ({
  ...ordinaryEntry,
  fhirBaseUrl,
  authentication: [method === 'private_key_jwt' ? { method } : { method, clientSecret: vendorSecret }],
  ...(known === undefined ? {} : { tolerances: known })
})

/** How a vendor's server answers. */
export const vendorDeviation = (vendor: VendorDocuments): Deviation => {
  const smart = {
    issuer: undefined,
    jwks_uri: undefined,
    token_endpoint_auth_methods_supported: undefined,
    code_challenge_methods_supported: undefined,
    ...vendor.smartConfiguration
  }
  return {
    smart,
    openid: vendor.openidConfiguration,
    token: { ...vendor.tokenMembers, ...(vendor.omitsPatient === true ? { patient: undefined } : {}) },
    comparesRawSecret: vendor.comparesRawSecret === true,
    claims: {
      ...(vendor.idTokenIssuer === undefined ? {} : { iss: vendor.idTokenIssuer }),
      ...(vendor.idTokenAudience === undefined ? {} : { aud: vendor.idTokenAudience }),
      ...(vendor.omitsNonce === true ? { nonce: undefined } : {})
    },
    respond: ({ url }) => {
      if (vendor.redirects !== true) return undefined
      if (url.endsWith('/smart-configuration')) return json(302, {}, { location: `${url}.json` })
      return url.endsWith('/smart-configuration.json') ? json(200, smart) : undefined
    }
  }
}

/** The failure of a launch at a vendor's server, or of a backend service that reads a file; null when there is none. */
export const failureAtVendor = async (entry: TrustedServer, vendor: VendorDocuments): Promise<AppFailure | null> => {
  if (vendor.purpose !== 'backend') return failureAt(entry, vendorDeviation(vendor), vendorScope(vendor))
  const { ports } = vendorPorts(entry, vendorDeviation(vendor), { nonce: null })
  const service = backendService({ server: entry, scope: vendorScope(vendor) }, ports)
  const read = await service.fhir({ url: vendor.file ?? 'Patient' })()
  return Either.isLeft(read) ? read.left : null
}
