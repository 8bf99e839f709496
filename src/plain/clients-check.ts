/**
 * Checks the registered clients that are given as an array: each wrong member is named, with its client.
 *
 * @module
 */
import { clientAuthenticationMethods, grantTypes } from '../protocol/client/client.js'
import type { SettingsError } from '../protocol/policy/policy-check.js'
import { likeliestName } from '../values/likely-name.js'
import { isObject } from '../values/object.js'
import { hasScheme } from '../values/urls.js'
import { memberOf, valueInWords } from './options-check.js'
import type { PlainClient } from './ports.js'

/** What a member of a client must be, in words and as a check. */
type MemberForm = readonly [expected: string, isRight: (value: unknown) => boolean]

const isText = (value: unknown): boolean => typeof value === 'string'
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText)
const isOneOf =
  (known: ReadonlyArray<unknown>) =>
  (value: unknown): boolean =>
    known.includes(value)
const orNothing = ([expected, isRight]: MemberForm): MemberForm => [
  `${expected}, or nothing`,
  (value) => value === undefined || isRight(value)
]

const texts: MemberForm = ['an array of texts', isTexts]

const addresses: MemberForm = [
  'an array of absolute addresses',
  (value) => isTexts(value) && (value as ReadonlyArray<string>).every(hasScheme)
]
const trueOrFalse: MemberForm = ['true or false', (value) => typeof value === 'boolean']

const memberForms: Readonly<Record<keyof PlainClient, MemberForm>> = {
  clientId: ['a text', isText],
  redirectUris: addresses,
  scope: ['a text of scopes, or parsed scopes', (value) => isText(value) || Array.isArray(value)],
  tokenEndpointAuthMethod: [`one of ${clientAuthenticationMethods.join(', ')}`, isOneOf(clientAuthenticationMethods)],
  clientName: orNothing(['a text', isText]),
  launchUris: orNothing(addresses),
  grantTypes: orNothing([
    `an array of ${grantTypes.join(', ')}`,
    (value) => Array.isArray(value) && value.every(isOneOf(grantTypes))
  ]),
  secretDigests: orNothing(texts),
  keys: orNothing(['an object', isObject]),
  mayIntrospect: orNothing(trueOrFalse),
  isUnvetted: orNothing(trueOrFalse),
  applicationType: orNothing(['web or native', isOneOf(['web', 'native'])])
}

const memberNames = Object.keys(memberForms)

/**
 * A member that is almost the name of one that the client does not have. Other members are the host's own: they are
 * not read.
 */
const mistypedMembers = (client: object, path: string): ReadonlyArray<SettingsError> =>
  Object.entries(client).flatMap(([name, value]) => {
    const likeliest = memberNames.includes(name) || value === undefined ? null : likeliestName(name, memberNames)
    if (likeliest === null || memberOf(client, likeliest) !== undefined) return []
    return [{ path: `${path}.${name}`, expected: `the member \`${likeliest}\``, found: valueInWords(value) }]
  })

const wrongMembers = (client: object, path: string): ReadonlyArray<SettingsError> =>
  Object.entries(memberForms).flatMap(([name, [expected, isRight]]) => {
    const value = memberOf(client, name)
    return isRight(value) ? [] : [{ path: `${path}.${name}`, expected, found: valueInWords(value) }]
  })

/** What is wrong in the clients of an array; nothing if the clients are not an array. */
export const wrongClients = (clients: unknown): ReadonlyArray<SettingsError> =>
  !Array.isArray(clients)
    ? []
    : clients.flatMap((client: unknown, index) => {
        const path = `clients[${String(index)}]`
        if (!isObject(client)) return [{ path, expected: 'a client: an object', found: valueInWords(client) }]
        return [...wrongMembers(client, path), ...mistypedMembers(client, path)]
      })
