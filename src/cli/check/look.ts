/** Looks at the addresses of a server, as an app and a browser would: with limits, without credentials. */
import * as Either from 'fp-ts/lib/Either.js'
import { withDeadline } from '../../adapters/fetch/deadline.js'
import { readLimited, responseText } from '../../adapters/limited-body.js'
import type { Look, ObservedServer, WantedApp } from '../../protocol/app/readiness/observed.js'
import { documentOf } from '../../protocol/app/readiness/observed.js'
import { endpointUrl, issuerDocumentUrls, keySetUrl } from '../../protocol/app/readiness/readiness-report.js'
import { redirectedRequest } from '../../protocol/app/trust/server-documents.js'
import type { TrustedServer } from '../../protocol/app/trusted-server.js'
import { discoveryHeaders, openidConfigurationUrl } from '../../protocol/discovery/endpoint-url.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import { fhirJsonType } from '../../protocol/http/media-type.js'
import { limits } from '../../values/limits/limits.js'
import { below, isSecureUrl, loopbackUrl, normalizedOriginOf } from '../../values/urls.js'
import type { JsonObject } from '../../values/object.js'
import { ownMember } from '../../values/own.js'

interface LookRequest {
  readonly method: 'GET' | 'OPTIONS'
  readonly headers: Readonly<Record<string, string>>
  /** Whether redirects within the origin are followed, as apps can do for discovery documents. */
  readonly followsRedirects: boolean
}

/** A server whose discovery may be redirected. */
const redirectable: TrustedServer = {
  fhirBaseUrl: '',
  clientId: '',
  authentication: [],
  redirectUri: '',
  tolerances: { discoveryRedirects: true }
}

const send = async (url: string, { method, headers }: LookRequest, signal: AbortSignal): Promise<PlainResponse> => {
  const response = await fetch(url, { method, headers, redirect: 'manual', credentials: 'omit', signal })
  const fields = Object.fromEntries(response.headers)
  if (method === 'OPTIONS' || response.status !== 200) {
    // An unread body could keep the process running.
    response.body?.cancel().catch(() => undefined)
    return { status: response.status, headers: fields, body: '' }
  }
  const bytes = await readLimited(response, limits.checkedDocument.default)
  if (bytes === null) throw new Error(`more than ${String(limits.checkedDocument.default)} bytes`)
  return { status: response.status, headers: fields, body: responseText(bytes) }
}

const follow = async (url: string, request: LookRequest, signal: AbortSignal): Promise<Look> => {
  for (let current = { url, redirects: 0 }; ;) {
    const response = await send(current.url, request, signal)
    const next = request.followsRedirects ? redirectedRequest(redirectable, current, response) : Either.right(null)
    if (Either.isLeft(next) || next.right === null) return { url, response, reason: '', redirects: current.redirects }
    current = next.right
  }
}

const reasonOf = (error: unknown): string => {
  const { cause, message } = error as Error & { readonly cause?: { readonly code?: string; readonly message?: string } }
  return cause?.code ?? cause?.message ?? message
}

const lookAt = (url: string, request: LookRequest): Promise<Look> =>
  withDeadline(limits.checkTime.default, undefined, (signal) => follow(url, request, signal)).catch(
    (error: unknown): Look => ({ url, response: null, reason: reasonOf(error), redirects: 0 })
  )

/** The origin that requests name: that of the app's page, or of a made-up one. */
export const originFor = ({ redirectUri }: Pick<WantedApp, 'redirectUri'>): string => {
  const origin = normalizedOriginOf(redirectUri)
  return /^https?:\/\//.test(origin) ? origin : 'https://app.example'
}

const discovery = (origin: string): LookRequest => ({
  method: 'GET',
  headers: { ...discoveryHeaders, origin },
  followsRedirects: true
})

const preflight = (origin: string, method: string): LookRequest => ({
  method: 'OPTIONS',
  headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': 'authorization' },
  followsRedirects: false
})

/** Looks at the SMART configuration. */
export const lookAtConfiguration = (url: string, origin: string): Promise<Look> => lookAt(url, discovery(origin))

/**
 * Whether an address that a document names may be requested: over TLS, or on this machine if the server is there too. A
 * document of another machine cannot make this one request itself.
 */
export const mayLook = (url: string, fhirBaseUrl: string): boolean =>
  isSecureUrl(url) && (loopbackUrl(url) === null || loopbackUrl(fhirBaseUrl) !== null)

type LookIf = (url: string | null, request: LookRequest) => Promise<Look | undefined>

const lookIfAllowed =
  (fhirBaseUrl: string): LookIf =>
  async (url, request) =>
    url !== null && mayLook(url, fhirBaseUrl) ? lookAt(url, request) : undefined

const defined = (name: keyof ObservedServer, look: Look | undefined): Partial<ObservedServer> =>
  look === undefined ? {} : { [name]: look }

const lookAtIssuer = async (
  smart: JsonObject,
  wanted: WantedApp,
  request: LookRequest,
  look: LookIf
): Promise<Partial<ObservedServer>> => {
  const { own, other } = issuerDocumentUrls(smart, wanted)
  const first = await look(own, request)
  if (documentOf(first) !== null) return defined('openidConfiguration', first)
  const second = other === own ? undefined : await look(other, request)
  if (own !== null) return { ...defined('openidConfiguration', first), ...defined('otherConfiguration', second) }
  // Only a document below the FHIR base URL names the issuer: its own document counts.
  const issuer = ownMember(documentOf(second) ?? {}, 'issuer')
  const issuerUrl = typeof issuer === 'string' ? openidConfigurationUrl(issuer) : other
  return issuerUrl === other
    ? defined('openidConfiguration', second)
    : { ...defined('openidConfiguration', await look(issuerUrl, request)), ...defined('otherConfiguration', second) }
}

/** Looks at everything else that the SMART configuration of a server names. */
export const lookAtServer = async (
  smartConfiguration: Look,
  smart: JsonObject,
  wanted: WantedApp
): Promise<ObservedServer> => {
  const origin = originFor(wanted)
  const { fhirBaseUrl } = wanted
  const look = lookIfAllowed(fhirBaseUrl)
  const request = discovery(origin)
  const resource = { ...request, headers: { accept: fhirJsonType, origin }, followsRedirects: false }
  const identity = async (): Promise<ObservedServer> => {
    const issuer = wanted.purpose === 'launch' ? await lookAtIssuer(smart, wanted, request, look) : {}
    const seen = { smartConfiguration, origin, ...issuer }
    const keys =
      wanted.purpose === 'launch'
        ? await look(keySetUrl(smart, seen, wanted), { ...request, followsRedirects: false })
        : undefined
    return { ...seen, ...defined('keys', keys) }
  }
  const isInPage = wanted.purpose === 'launch'
  const [seen, metadata, tokenPreflight, fhirPreflight] = await Promise.all([
    identity(),
    lookAt(below(fhirBaseUrl, 'metadata'), resource),
    isInPage ? look(endpointUrl(smart, wanted, 'token_endpoint'), preflight(origin, 'POST')) : undefined,
    isInPage ? lookAt(below(fhirBaseUrl, 'Patient'), preflight(origin, 'GET')) : undefined
  ])
  return {
    ...seen,
    metadata,
    ...defined('tokenPreflight', tokenPreflight),
    ...defined('fhirPreflight', fhirPreflight)
  }
}
