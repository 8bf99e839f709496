/** The settings file of `check --for`: an entry of the trust list, and what else the app gives. */
import * as Either from 'fp-ts/lib/Either.js'
import { readTextFile } from '../text-file.js'
import { unknownOptions, valueInWords, wrongBackendOptions } from '../../plain/options-check.js'
import type { WantedApp } from '../../protocol/app/readiness/observed.js'
import type { AppAuthentication } from '../../protocol/app/trusted-server.js'
import type { SettingsError } from '../../protocol/policy/policy-check.js'
import { asymmetricAlgorithms } from '../../protocol/jwt/jwk.js'
import { malformedScopes } from '../../scopes/explain/malformed.js'
import { parseJson } from '../../values/json.js'
import type { JsonObject } from '../../values/object.js'
import { isObject } from '../../values/object.js'
import { ownData, ownMember } from '../../values/own.js'
import { isAbsoluteHttpUrl, isSecureUrl, originOf } from '../../values/urls.js'

/** The settings of an app; the FHIR base URL may be left to the address that is checked. */
export type AppSettingsFile = Omit<WantedApp, 'fhirBaseUrl'> & { readonly fhirBaseUrl?: string }

interface Member {
  readonly expected: string
  readonly isRight: (value: unknown) => boolean
  readonly isRequired?: boolean
}

const isText = (value: unknown): value is string => typeof value === 'string'
const listOf = (isItem: (value: unknown) => boolean) => (value: unknown) => Array.isArray(value) && value.every(isItem)
const isAlgorithm = (value: unknown): boolean => isText(value) && asymmetricAlgorithms.includes(value)
const isOrigin = (value: unknown): boolean => isText(value) && isSecureUrl(value) && originOf(value) !== ''
const origins: Member = { expected: 'a list of https origins', isRight: listOf(isOrigin) }
const address: Member = { expected: 'an https address', isRight: (value) => isText(value) && isSecureUrl(value) }

const methods = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt']

const isAuthentication = (value: unknown): boolean =>
  isObject(value) &&
  methods.some((method) => method === ownMember(value, 'method')) &&
  Object.entries(value).every(([name, one]) => name === 'method' || (name === 'clientSecret' && isText(one)))

const isScopes = (value: unknown): boolean =>
  isText(value) && value !== '' && malformedScopes(value.split(' ')).length === 0

/** The members of the file. */
const members: Readonly<Record<keyof AppSettingsFile, Member>> = {
  purpose: { expected: '"launch" or "backend"', isRight: (value) => value === 'launch' || value === 'backend' },
  fhirBaseUrl: {
    expected: 'an absolute http or https address',
    isRight: (value) => isText(value) && isAbsoluteHttpUrl(value)
  },
  clientId: {
    expected: 'a text that is not empty',
    isRight: (value) => isText(value) && value !== '',
    isRequired: true
  },
  authentication: {
    expected: `a list of { "method": … } with one of ${methods.join(', ')}, and a "clientSecret" at most beside it`,
    isRight: (value) => Array.isArray(value) && value.length > 0 && value.every(isAuthentication),
    isRequired: true
  },
  redirectUri: { expected: 'the redirect URI of the app', isRight: isText },
  scope: {
    expected: 'well-formed scopes with one blank between them',
    isRight: isScopes,
    isRequired: true
  },
  browser: { expected: 'true if the app runs in a web page', isRight: (value) => typeof value === 'boolean' },
  signingAlgorithms: { expected: 'a list of signature algorithms, such as ["ES384"]', isRight: listOf(isAlgorithm) },
  idTokenAlgorithms: { expected: 'a list of signature algorithms, such as ["RS256"]', isRight: listOf(isAlgorithm) },
  authorizationOrigins: origins,
  identityOrigins: origins,
  issuer: address,
  assertionAudience: {
    expected: '"issuer" or "tokenEndpoint"',
    isRight: (value) => value === 'issuer' || value === 'tokenEndpoint'
  },
  audience: { expected: 'a text', isRight: isText },
  tolerances: { expected: 'an object', isRight: isObject }
}

/** The authentication of a backend service, which has no other. */
const signed: Member = {
  expected: '[{ "method": "private_key_jwt" }] or nothing, because a backend service signs its requests',
  isRight: (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((one) => isAuthentication(one) && isObject(one) && one['method'] === 'private_key_jwt')
}

const isForBackend = (settings: JsonObject): boolean => ownMember(settings, 'purpose') === 'backend'

const membersFor = (settings: JsonObject): Readonly<Record<string, Member>> =>
  isForBackend(settings) ? { ...members, authentication: signed } : members

/** A wrong value in words; no value that could be a secret. */
const found = (path: string, value: unknown): string =>
  path === 'authentication' ? 'another value' : valueInWords(value)

const names = Object.fromEntries(Object.keys(members).map((name) => [name, true as const]))

const wrongMembers = (settings: JsonObject): ReadonlyArray<SettingsError> => [
  ...unknownOptions(settings, names),
  ...Object.entries(membersFor(settings)).flatMap(([path, { expected, isRight, isRequired }]) => {
    const value = ownMember(settings, path)
    return (value === undefined && isRequired !== true) || isRight(value)
      ? []
      : [{ path, expected, found: found(path, value) }]
  }),
  ...wrongBackendOptions({ server: settings, scope: '' })
    .filter(({ path }) => path.startsWith('server.tolerances'))
    .map(({ expected, found: value, path }) => ({
      path: path.slice('server.'.length),
      expected: expected.replace('`server.', '`'),
      found: value
    })),
  ...(!isForBackend(settings) && ownMember(settings, 'redirectUri') === undefined
    ? [{ path: 'redirectUri', expected: 'the redirect URI of the app', found: 'undefined' }]
    : [])
]

/** Reads a settings file; or one line with the place of the first error. */
export const readSettingsFile = (fileName: string): Either.Either<string, AppSettingsFile> => {
  const text = readTextFile(fileName)
  if (Either.isLeft(text)) return text
  const json = parseJson(text.right)
  if (json._tag === 'None') return Either.left(`${fileName}: expected JSON`)
  if (!isObject(json.value)) return Either.left(`${fileName}: expected a JSON object with the settings of the app`)
  const settings = ownData(json.value)
  const [wrong] = wrongMembers(settings)
  if (wrong !== undefined) {
    return Either.left(`${fileName}: ${wrong.path}: expected ${wrong.expected}, found ${wrong.found}`)
  }
  const given = settings as unknown as Partial<AppSettingsFile> & Pick<AppSettingsFile, 'clientId' | 'scope'>
  const authentication = given.authentication ?? [{ method: 'private_key_jwt' as const }]
  return Either.right({
    redirectUri: '',
    purpose: 'launch',
    browser: false,
    signingAlgorithms: null,
    idTokenAlgorithms: ['RS256'],
    ...given,
    authentication: authentication.map((one): AppAuthentication =>
      'clientSecret' in one || !one.method.startsWith('client_secret') ? one : withSecret(one)
    )
  })
}

/** The secret does not matter for the check. */
const withSecret = ({ method }: { readonly method: string }): AppAuthentication =>
  method === 'client_secret_post' ? { method, clientSecret: '' } : { method: 'client_secret_basic', clientSecret: '' }
