/**
 * Checks the form of options before anything is built from them: a missing or mistyped port is named.
 *
 * @module
 */
import type { GateOptions } from '../engine/resource/gate-context.js'
import { wrongAccessProfile } from '../protocol/access/profiles/profile-check.js'
import { readTolerances, toleranceNames, toleranceTable } from '../protocol/app/trust/tolerances.js'
import { defaultFeatures } from '../protocol/discovery/features.js'
import type { SettingsError } from '../protocol/policy/policy-check.js'
import { likeliestName } from '../values/likely-name.js'
import { ownMember } from '../values/own.js'
import type { AuthorizationServerOptions } from './ports.js'

/** A value in the words of a message. */
export const valueInWords = (value: unknown): string => {
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'string') return `the text ${JSON.stringify(value.slice(0, 80))}`
  if (typeof value === 'number' || typeof value === 'boolean') return `the ${typeof value} ${String(value)}`
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** A member of a value that may be anything. */
export const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined

/** Whether a value has the members of a client that have no default. */
export const isPlainClient = (value: unknown): boolean =>
  typeof memberOf(value, 'clientId') === 'string' &&
  Array.isArray(memberOf(value, 'redirectUris')) &&
  typeof memberOf(value, 'tokenEndpointAuthMethod') === 'string' &&
  (typeof memberOf(value, 'scope') === 'string' || Array.isArray(memberOf(value, 'scope')))

/** What must be true of an option, in words. */
interface Expectation {
  readonly path: string
  readonly expected: string
  readonly isRight: (value: unknown) => boolean
}

const isFunction = (value: unknown): boolean => typeof value === 'function'
const isMissingOr = (isRight: (value: unknown) => boolean) => (value: unknown) => value === undefined || isRight(value)

const keyFunctions = [
  'digest',
  'mac',
  'verifyMac',
  'signIdToken',
  'signAccessToken',
  'verifyAccessToken',
  'publicKeys',
  'verifyAssertion'
]

const isKeySource = (value: unknown): boolean =>
  isFunction(value) ||
  (Array.isArray(memberOf(value, 'signingKeys')) && Array.isArray(memberOf(value, 'macKeys'))) ||
  keyFunctions.every((name) => isFunction(memberOf(value, name)))

/** The form of a store. */
const storeForm: Expectation = {
  path: 'store',
  expected: 'an object with the functions load and swap',
  isRight: (value) => isFunction(memberOf(value, 'load')) && isFunction(memberOf(value, 'swap'))
}

const serverForms: ReadonlyArray<Expectation> = [
  { path: 'issuer', expected: 'a text, such as https://ehr.example', isRight: (value) => typeof value === 'string' },
  {
    path: 'fhirBaseUrl',
    expected: 'a text, such as https://ehr.example/fhir',
    isRight: (value) => typeof value === 'string'
  },
  storeForm,
  {
    path: 'clients',
    expected:
      'an array of clients, each with clientId, redirectUris, scope and tokenEndpointAuthMethod, or an object ' +
      'with the function find',
    isRight: (value) => Array.isArray(value) || isFunction(memberOf(value, 'find'))
  },
  { path: 'permittedScopes', expected: 'a function (user, client, requested)', isRight: isFunction },
  { path: 'isOnline', expected: 'a function (user, grantId), or nothing', isRight: isMissingOr(isFunction) },
  { path: 'audit', expected: 'a function (event), or nothing', isRight: isMissingOr(isFunction) },
  { path: 'clock', expected: 'a function that gives seconds, or nothing', isRight: isMissingOr(isFunction) },
  { path: 'random', expected: 'a function that gives a token, or nothing', isRight: isMissingOr(isFunction) },
  {
    path: 'keys',
    expected: 'key material (signingKeys, macKeys), an object with the functions of PlainKeys, or a function',
    isRight: isMissingOr(isKeySource)
  },
  { path: 'clientKeys', expected: 'a function (url, isFresh, signal), or nothing', isRight: isMissingOr(isFunction) }
]

/** The options that do not have their form; `whole` is the complaint when there are no options at all. */
const wrongIn = (forms: ReadonlyArray<Expectation>, options: unknown): ReadonlyArray<SettingsError> => {
  if (typeof options !== 'object' || options === null)
    return [{ path: 'options', expected: 'an object', found: valueInWords(options) }]
  return forms.flatMap(({ path, expected, isRight }) => {
    const value = ownMember(options as Record<string, unknown>, path)
    return isRight(value) ? [] : [{ path, expected, found: valueInWords(value) }]
  })
}

/** The ports and required settings of a server that do not have their form. */
export const wrongServerPorts = (options: unknown): ReadonlyArray<SettingsError> => wrongIn(serverForms, options)

const isAddressOrFunction = (value: unknown): boolean => typeof value === 'string' || isFunction(value)

const gateForms: ReadonlyArray<Expectation> = [
  { path: 'server', expected: 'the base URL of a FHIR server, or a function (request)', isRight: isAddressOrFunction },
  { path: 'base', expected: 'the FHIR base URL that clients see', isRight: (value) => typeof value === 'string' },
  {
    path: 'policy',
    expected: 'the policy of the server, or nothing',
    isRight: isMissingOr((value) => typeof memberOf(value, 'specVersion') === 'string')
  },
  {
    path: 'userMay',
    expected: 'a function (facts, permission, resource), or nothing',
    isRight: isMissingOr(isFunction)
  },
  { path: 'onAccess', expected: 'a function (event), or nothing', isRight: isMissingOr(isFunction) },
  {
    path: 'pageLinkSecret',
    expected: 'a text of at least 32 characters, or nothing',
    isRight: isMissingOr((value) => typeof value === 'string' && value.length >= 32)
  }
]

const wrongProfileOf = (options: unknown): ReadonlyArray<SettingsError> => {
  const given = memberOf(memberOf(options, 'rules'), 'accessProfile')
  const expected = wrongAccessProfile(given)
  return expected === null ? [] : [{ path: 'rules.accessProfile', expected, found: valueInWords(given) }]
}

const isRelease = (value: unknown): boolean =>
  memberOf(value, 'types') instanceof Set && isFunction(memberOf(value, 'vocabularyWith'))

const wrongReleaseOf = (options: unknown): ReadonlyArray<SettingsError> => {
  const given = memberOf(memberOf(options, 'rules'), 'release')
  const expected = 'a release of smart-app-launch/releases, such as releaseR5, or nothing'
  return given === undefined || isRelease(given)
    ? []
    : [{ path: 'rules.release', expected, found: valueInWords(given) }]
}

/** The options of a gate that do not have their form. */
export const wrongGateOptions = (options: unknown): ReadonlyArray<SettingsError> => [
  ...wrongIn(gateForms, options),
  ...wrongProfileOf(options),
  ...wrongReleaseOf(options),
  ...unknownOptions(options, gateOptionNames)
]

const isSigningKey = (value: unknown): boolean =>
  typeof memberOf(value, 'kid') === 'string' && memberOf(value, 'key') !== undefined

const appPortForms: ReadonlyArray<Expectation> = [
  { ...storeForm, expected: `${storeForm.expected}, or nothing`, isRight: isMissingOr(storeForm.isRight) },
  { path: 'http', expected: 'a function (request), or nothing', isRight: isMissingOr(isFunction) },
  { path: 'sendStream', expected: 'a function (request), or nothing', isRight: isMissingOr(isFunction) },
  { path: 'clock', expected: 'a function that gives seconds, or nothing', isRight: isMissingOr(isFunction) },
  { path: 'random', expected: 'a function that gives a token, or nothing', isRight: isMissingOr(isFunction) },
  { path: 'pause', expected: 'a function (milliseconds), or nothing', isRight: isMissingOr(isFunction) },
  {
    path: 'signingKey',
    expected: 'an object with kid, alg and key, a list of such objects, or nothing',
    isRight: isMissingOr((value) =>
      Array.isArray(value) ? value.length > 0 && value.every(isSigningKey) : isSigningKey(value)
    )
  },
  {
    path: 'keys',
    expected: 'an object with the functions digest, signAssertion and verifySignature, or nothing',
    isRight: isMissingOr((value) =>
      ['digest', 'signAssertion', 'verifySignature'].every((name) => isFunction(memberOf(value, name)))
    )
  }
]

const appForms: ReadonlyArray<Expectation> = [
  {
    path: 'trust',
    expected: 'an array of trusted servers, or a function (iss)',
    isRight: (value) => isFunction(value) || Array.isArray(value)
  },
  { path: 'scope', expected: 'a text of scopes', isRight: (value) => typeof value === 'string' },
  ...appPortForms
]

/** Tolerances that do not exist or do not have their form: they would have no effect. */
const wrongTolerances = (server: unknown, path: string): ReadonlyArray<SettingsError> => {
  const given = memberOf(server, 'tolerances')
  const read = readTolerances(given)
  return [
    ...unknownMembers(given, toleranceNames, `${path}.tolerances.`),
    ...toleranceNames.flatMap((name) => {
      const value = memberOf(given, name)
      const { example } = toleranceTable[name]
      return value === undefined || value === false || ownMember(read, name) !== undefined
        ? []
        : [{ path: `${path}.tolerances.${name}`, expected: `such as ${example}`, found: valueInWords(value) }]
    })
  ]
}

const wrongServers = (options: unknown): ReadonlyArray<SettingsError> => {
  const trust = memberOf(options, 'trust')
  const servers: ReadonlyArray<unknown> = Array.isArray(trust) ? trust : []
  return servers.flatMap((server, index) => wrongTolerances(server, `trust[${String(index)}]`))
}

/** The options of an app that do not have their form. */
export const wrongAppOptions = (options: unknown): ReadonlyArray<SettingsError> => [
  ...wrongIn(appForms, options),
  ...wrongServers(options)
]

const backendForms: ReadonlyArray<Expectation> = [
  {
    path: 'server',
    expected: 'a trusted server: an object with fhirBaseUrl and clientId',
    isRight: (value) =>
      typeof memberOf(value, 'fhirBaseUrl') === 'string' && typeof memberOf(value, 'clientId') === 'string'
  },
  { path: 'scope', expected: 'a text of scopes', isRight: (value) => typeof value === 'string' },
  ...appPortForms
]

/** The options of a backend service that do not have their form. */
export const wrongBackendOptions = (options: unknown): ReadonlyArray<SettingsError> => [
  ...wrongIn(backendForms, options),
  ...wrongTolerances(memberOf(options, 'server'), 'server')
]

/** The names of options: each is known, or, with a list, its members are. */
export type OptionNames = Readonly<Record<string, true | ReadonlyArray<string>>>

/** The name of every option of a type, so that a new option cannot be forgotten. */
type EveryName<Options> = Readonly<Record<keyof Options, true | ReadonlyArray<string>>>

/** The names of the options of a server. Policy options are checked with their values. */
export const serverOptionNames: OptionNames = {
  issuer: true,
  fhirBaseUrl: true,
  scopesSupported: true,
  defaultScope: true,
  features: Object.keys(defaultFeatures),
  assertionAlgorithms: true,
  restoredAt: true,
  registration: ['mode', 'initialAccessTokenDigests', 'scope', 'allowLoopback', 'limitPerHour', 'limitKept'],
  policy: true,
  store: true,
  clients: true,
  permittedScopes: true,
  isOnline: true,
  audit: true,
  clock: true,
  random: true,
  keys: true,
  clientKeys: true
} satisfies EveryName<AuthorizationServerOptions>

const gateOptionNames: OptionNames = {
  server: true,
  policy: true,
  base: true,
  aliases: true,
  rules: true,
  userMay: true,
  reader: true,
  limits: true,
  onAccess: true,
  pageLinkSecret: true,
  exportOrigins: true
} satisfies EveryName<Omit<GateOptions, 'pageLinks'> & { readonly pageLinkSecret?: string }>

const unknownMembers = (given: unknown, known: ReadonlyArray<string>, before: string): ReadonlyArray<SettingsError> => {
  if (typeof given !== 'object' || given === null) return []
  const unknown = Object.entries(given).filter(([name, value]) => value !== undefined && !known.includes(name))
  // An object with many unknown members is something else than options, such as a request.
  if (unknown.slice(8).length > 0) {
    const first = unknown.slice(0, 3).map(([name]) => name.slice(0, 40))
    const found = `an object with ${first.join(', ')} and ${String(unknown.length - first.length)} other members`
    return [{ path: before === '' ? 'options' : before.slice(0, -1), expected: `one of ${known.join(', ')}`, found }]
  }
  return unknown.map(([name, value]) => {
    const likeliest = likeliestName(name, known)
    const expected =
      likeliest === null ? `one of ${known.join(', ')}` : `a known option, probably \`${before}${likeliest}\``
    return { path: `${before}${name}`, expected, found: valueInWords(value) }
  })
}

/** Options that do not exist, with the option that is probably meant: a mistyped one would have no effect. */
export const unknownOptions = (options: unknown, names: OptionNames): ReadonlyArray<SettingsError> => [
  ...unknownMembers(options, Object.keys(names), ''),
  ...Object.entries(names).flatMap(([name, members]) =>
    members === true ? [] : unknownMembers(memberOf(options, name), members, `${name}.`)
  )
]

const isBytes = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0
const bytesForm = (path: string): Expectation => ({
  path,
  expected: 'a number of bytes, or nothing',
  isRight: isMissingOr(isBytes)
})

const memoryForms: ReadonlyArray<Expectation> = [
  { path: 'clock', expected: 'a function that gives seconds, or nothing', isRight: isMissingOr(isFunction) },
  ...['smallPendingBytes', 'largePendingBytes', 'backendBytes', 'launchBytes'].map(bytesForm)
]

/** The options of a memory store that do not have their form, or do not exist. */
export const wrongMemoryOptions = (options: unknown): ReadonlyArray<SettingsError> => [
  ...wrongIn(memoryForms, options),
  ...unknownOptions(options, Object.fromEntries(memoryForms.map(({ path }) => [path, true as const])))
]
