/** The values that a refusal is about: those that were sent, and those that this server would have accepted. */
import type { LogLine } from './log-line.js'
import type { RegisteredClient } from '../../protocol/client/client.js'
import { format } from '../../scopes/format.js'
import { ownMember } from '../../values/own.js'
import { below } from '../../values/urls.js'

/** Values, with what they are. */
export interface NamedValues {
  readonly what: string
  readonly values: ReadonlyArray<string>
}

/** What is known of a refused request besides its line. */
export interface ExpectedFacts {
  readonly clientId: string | null
  readonly client: RegisteredClient | undefined
  /** The scope of the grant; null for none. */
  readonly grantedScope: string | null
  /** The first line of the grant that the log has; null for none. */
  readonly begun: LogLine | null
}

/** The registered keys of a client, by their ids or their URL. */
const keysOf = (client: RegisteredClient | undefined): NamedValues | null => {
  const source = client?.keys
  if (source === undefined) return null
  return source._tag === 'Inline'
    ? {
        what: 'Registered keys',
        values: source.keys.map(({ alg, kid }) => [kid, alg].filter((text) => typeof text === 'string').join(' '))
      }
    : { what: 'Registered jwks_uri', values: [source.url] }
}

const one = (what: string, value: string | null | undefined): NamedValues | null =>
  value === null || value === undefined ? null : { what, values: [value] }

const parameterOf = (line: LogLine | null, name: string): string | null =>
  line?.request?.parameters.find((parameter) => parameter.name === name)?.value ?? null

const ofLink = (clientId: string | undefined): NamedValues | null => one('The app of this launch setting', clientId)

/**
 * Whether a redirect URI was refused because the app sent the client_id of another registered app: that of the launch
 * setting is the one that is wrong.
 */
export const isForAnotherApp = (line: LogLine): boolean => {
  const own = line.server.setting?.app?.client_id
  const isOfRedirect = line.rule === 'RedirectUriNotRegistered' || line.rule === 'RedirectUriMissing'
  return isOfRedirect && own !== undefined && parameterOf(line, 'client_id') !== own
}

/** The values that this server accepts in place of the refused ones; null if the refusal is about none. */
export const expectedAt = (
  line: LogLine,
  { begun, client, clientId, grantedScope }: ExpectedFacts
): NamedValues | null => {
  const { rule, server } = line
  const app = server.setting?.app
  const own = app?.client_id === clientId ? app : undefined
  if (isForAnotherApp(line)) return ofLink(app?.client_id)
  switch (rule) {
    case 'RedirectUriMissing':
    case 'RedirectUriNotRegistered': {
      const values = own?.redirect_uris ?? client?.redirectUris
      return values === undefined ? null : { what: 'Registered redirect URIs', values }
    }
    case 'RedirectUriDiffers':
    case 'RedirectUriNotRepeated':
      return one('redirect_uri of the authorization request', parameterOf(begun, 'redirect_uri'))
    case 'launch-uri-registered': {
      const values = own === undefined ? client?.launchUris : [own.launch_uri ?? []].flat()
      return values === undefined ? null : { what: 'Registered launch URIs', values }
    }
    case 'client-known':
    case 'ClientUnknown':
    case 'AuthenticatingClientUnknown':
      return ofLink(app?.client_id)
    case 'AudienceMissing':
    case 'AudienceNotServed':
      return { what: 'Accepted aud', values: [server.fhirBaseUrl] }
    case 'NoSuchAddress':
      return { what: 'FHIR base URL', values: [server.fhirBaseUrl] }
    case 'NothingToGrant':
    case 'ScopeNotRegistered':
      return one('Registered scope', own?.scope ?? (client === undefined ? null : format(client.scope)))
    case 'ScopeBeyondGrant':
      return one('Granted scope', grantedScope)
    case 'AuthenticationMethodDiffers':
      return one('Registered method', client?.tokenEndpointAuthMethod)
    case 'AssertionAudienceWrong':
      return { what: 'Accepted aud of the assertion', values: [below(server.issuer, 'token')] }
    case 'AssertionIssuerWrong':
      return one('Accepted iss and sub of the assertion', clientId)
    case 'AssertionKeyUnknown':
    case 'AssertionKeyAmbiguous':
    case 'AssertionSignatureWrong':
    case 'AssertionKeysUnavailable':
    case 'AssertionJkuNotRegistered':
      return keysOf(client)
    default:
      return null
  }
}

/** The parameter that a refusal is about. */
const parameterOfRule: Readonly<Record<string, string>> = {
  RedirectUriNotRegistered: 'redirect_uri',
  RedirectUriDiffers: 'redirect_uri',
  ClientUnknown: 'client_id',
  AudienceNotServed: 'aud',
  ResourceNotServed: 'resource',
  NothingToGrant: 'scope',
  ScopeMalformed: 'scope',
  ScopeNotRegistered: 'scope',
  ScopeBeyondGrant: 'scope',
  ResponseTypeNotCode: 'response_type',
  ResponseModeNotQuery: 'response_mode',
  CodeChallengeMethodNotS256: 'code_challenge_method',
  PromptMalformed: 'prompt',
  MaxAgeMalformed: 'max_age',
  GrantTypeNotSupported: 'grant_type',
  AssertionTypeUnknown: 'client_assertion_type'
}

/** The members of the assertion that a refusal is about. */
const membersOfRule: Readonly<Record<string, ReadonlyArray<string>>> = {
  AuthenticatingClientUnknown: ['iss'],
  AssertionAlgorithmNotAllowed: ['alg'],
  AssertionTypeHeaderWrong: ['typ'],
  AssertionKeyIdMissing: ['kid'],
  AssertionExtensionCritical: ['crit'],
  AssertionJkuNotRegistered: ['jku'],
  AssertionKeyUnknown: ['kid', 'alg'],
  AssertionKeyAmbiguous: ['kid', 'alg'],
  AssertionSignatureWrong: ['kid', 'alg'],
  AssertionIssuerWrong: ['iss', 'sub'],
  AssertionAudienceWrong: ['aud'],
  AssertionExpired: ['exp'],
  AssertionTooLong: ['exp'],
  AssertionNotYetValid: ['nbf', 'iat'],
  AssertionIdMissing: ['jti'],
  AssertionReplayed: ['jti']
}

const times: ReadonlySet<string> = new Set(['exp', 'nbf', 'iat'])

/** A value of an assertion, with its time in words where it is one. */
export const assertionValue = (name: string, value: string): string => {
  const isTime = times.has(name) && /^[0-9]{1,11}$/.test(value)
  return isTime ? `${value} (${new Date(Number(value) * 1000).toISOString().slice(0, 19)}Z)` : value
}

/** The values that a refused request sent in place of accepted ones; null if the refusal is about none. */
export const sentAt = (line: LogLine): NamedValues | null => {
  const rule = line.rule ?? ''
  if (isForAnotherApp(line)) return one('Sent client_id', parameterOf(line, 'client_id'))
  const members = ownMember(membersOfRule, rule)
  if (members !== undefined) {
    const sent = line.request?.assertion ?? []
    if (sent.length === 0) return one('Sent client_id', parameterOf(line, 'client_id'))
    const values = members.map((name) => {
      const [, value] = sent.find(([known]) => known === name) ?? []
      return value === undefined ? `no ${name}` : `${name}: ${assertionValue(name, value)}`
    })
    const now = members.some((name) => times.has(name)) ? [`now: ${assertionValue('iat', String(line.at))}`] : []
    return { what: 'Sent in the assertion', values: [...values, ...now] }
  }
  if (rule === 'OriginNotShared') return one('Origin', line.details.find(([known]) => known === 'Origin')?.[1])
  const name = ownMember(parameterOfRule, rule)
  return name === undefined ? null : one(`Sent ${name}`, parameterOf(line, name))
}
