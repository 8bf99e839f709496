/**
 * Checks the options of a host before anything is built from them.
 *
 * @module
 */
import type { HostOptions } from './host-options.js'
import type { OptionNames } from '../plain/options-check.js'
import { serverOptionNames, unknownOptions, valueInWords } from '../plain/options-check.js'
import type { SettingsError } from '../protocol/policy/policy-check.js'
import { isAbsoluteHttpUrl } from '../values/urls.js'
import { isObject } from '../values/object.js'
import { ownMember } from '../values/own.js'

/** What must be true of an option, in words. */
interface Expectation {
  readonly path: string
  readonly expected: string
  readonly isRight: (value: unknown) => boolean
}

const isFunction = (value: unknown): boolean => typeof value === 'function'
const orNothing = (isRight: (value: unknown) => boolean) => (value: unknown) => value === undefined || isRight(value)
const isBoolean = (value: unknown): boolean => typeof value === 'boolean'

const isPositive = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) > 0

/** Milliseconds that a timer can wait. */
const isDelay = (value: unknown): boolean => isPositive(value) && Number(value) < 2 ** 31

/** A prefix of a path, without dots that could lead elsewhere. */
const isPrefix = (value: unknown): boolean =>
  typeof value === 'string' &&
  value.startsWith('/') &&
  value
    .slice(1)
    .split('/')
    .every((segment) => /^[A-Za-z0-9_~-][A-Za-z0-9._~-]*$/.test(segment))

const isSignInAddress = (value: unknown): boolean =>
  typeof value === 'string' &&
  (/^\/(?![/\\])[\x21-\x7e]*$/.test(value) || isAbsoluteHttpUrl(value)) &&
  !value.includes('#')

const pageFunction = (name: string): Expectation => ({
  path: `pages.${name}`,
  expected: 'a function (page, request), or nothing',
  isRight: orNothing(isFunction)
})

const hostForms: ReadonlyArray<Expectation> = [
  { path: 'user', expected: 'a function (request) that gives the signed-in user or null', isRight: isFunction },
  {
    path: 'signIn',
    expected: 'the address of the sign-in page (/sign-in), or a function (page, request)',
    isRight: (value) => isFunction(value) || isSignInAddress(value)
  },
  { path: 'patients', expected: 'a function (user, request), or nothing', isRight: orNothing(isFunction) },
  { path: 'pages', expected: 'an object with page functions, or nothing', isRight: orNothing(isObject) },
  ...['choosePatient', 'consent', 'connectedApps', 'error'].map(pageFunction),
  { path: 'formFields', expected: 'a function (request) that gives HTML, or nothing', isRight: orNothing(isFunction) },
  { path: 'connectedApps', expected: 'true or false, or nothing', isRight: orNothing(isBoolean) },
  {
    path: 'rememberConsent',
    expected: 'an object such as { seconds: 86400 }, or nothing',
    isRight: orNothing(isObject)
  },
  {
    path: 'rememberConsent.seconds',
    expected: 'whole seconds, at least 1',
    isRight: isPositive
  },
  { path: 'rememberConsent.forAnyPatient', expected: 'true or false, or nothing', isRight: orNothing(isBoolean) },
  {
    path: 'fhir',
    expected: 'the URL of a FHIR server, or a function (request), or nothing',
    isRight: orNothing((value) => isFunction(value) || (typeof value === 'string' && isAbsoluteHttpUrl(value)))
  },
  {
    path: 'userMay',
    expected: 'a function (access, permission, resource), or nothing',
    isRight: orNothing(isFunction)
  },
  { path: 'fhirBodyLimitBytes', expected: 'a number of bytes, or nothing', isRight: orNothing(isPositive) },
  { path: 'timeoutMilliseconds', expected: 'a number of milliseconds, or nothing', isRight: orNothing(isDelay) },
  { path: 'proxy', expected: "an object such as { removes: '/auth' }, or nothing", isRight: orNothing(isObject) },
  {
    path: 'proxy.removes',
    expected: 'a path such as /auth, without a slash at the end, or nothing',
    isRight: orNothing(isPrefix)
  },
  {
    path: 'proxy.adds',
    expected: 'a path such as /internal, without a slash at the end, or nothing',
    isRight: orNothing(isPrefix)
  }
]

const hostOptionNames: OptionNames = {
  ...serverOptionNames,
  ...({
    user: true,
    signIn: true,
    patients: true,
    pages: ['choosePatient', 'consent', 'connectedApps', 'error'],
    formFields: true,
    connectedApps: true,
    rememberConsent: ['seconds', 'forAnyPatient'],
    fhir: true,
    userMay: true,
    fhirBodyLimitBytes: true,
    timeoutMilliseconds: true,
    proxy: ['removes', 'adds']
  } satisfies Readonly<Record<keyof HostOptions<never>, true | ReadonlyArray<string>>>)
}

/**
 * The options of a host that do not have their form, or do not exist. A member of an option that is not given is not
 * checked.
 */
export const wrongHostOptions = (options: unknown): ReadonlyArray<SettingsError> => [
  ...hostForms.flatMap(({ path, expected, isRight }) => {
    const [name = '', member] = path.split('.')
    const whole = isObject(options) ? ownMember(options, name) : undefined
    if (member !== undefined && !isObject(whole)) return []
    const value = member === undefined ? whole : ownMember(whole as Record<string, unknown>, member)
    return isRight(value) ? [] : [{ path, expected, found: valueInWords(value) }]
  }),
  ...unknownOptions(options, hostOptionNames)
]
