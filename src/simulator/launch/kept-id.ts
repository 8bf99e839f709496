/** The id that an app sends already and keeps when it is registered on the page of apps. */
import type { Config } from '../config/config.js'
import { isAppId } from '../settings/own-app.js'
import { isOwnId } from '../../engine/server/registration/stored-clients.js'
import type { Rule } from '../../protocol/machine/rules.js'
import { firstRefusal } from '../../protocol/machine/rules.js'
import { limits } from '../../values/limits/limits.js'
import { quoted } from '../../values/shown-text.js'
import { ownAppValue } from './launch-form.js'
import { ownAppLabels } from './own-app-fields.js'

/** Whether an app may keep an id: ids in the form of those that the registration assigns belong to it. */
export const mayBeKept = (clientId: string): boolean =>
  isAppId(clientId) && clientId.length <= limits.simulatorKeptId.default && !isOwnId(clientId)

/** What is known of the id in the form. */
export interface KeptIdFacts {
  readonly clientId: string
  readonly config: Pick<Config, 'clients' | 'introspectionClients'>
  /** The ids of the apps that are registered. */
  readonly registered: ReadonlyArray<string>
  /** Whether open grants have left the list of grants. They cannot be ended with the app that had the id. */
  readonly hasUnlistedGrants: boolean
}

const has = (clients: ReadonlyArray<{ readonly client_id: string }>, clientId: string): boolean =>
  clients.some(({ client_id }) => client_id === clientId)

const orElse = 'Leave the field empty, so that the server assigns an id, or launch the app by its URLs, with any id.'

const taken = (clientId: string): string =>
  `a registered app has the id ${quoted(clientId)}. Change that app, or remove it first.`

/** The rules of an id that an app keeps. A refusal is a sentence about the field. */
export const keptIdRules: ReadonlyArray<Rule<KeptIdFacts, string>> = [
  {
    name: 'kept-id-form',
    check: ({ clientId }) =>
      clientId === ownAppValue
        ? `on the launch page, ${ownAppValue} stands for an app by its URLs.`
        : isAppId(clientId) && clientId.length <= limits.simulatorKeptId.default
          ? null
          : `expected 1 to ${String(limits.simulatorKeptId.default)} visible ASCII characters without blanks.`
  },
  {
    name: 'kept-id-not-assignable',
    check: ({ clientId }) =>
      isOwnId(clientId)
        ? `expected an id that this server cannot assign to another app: not 22 letters, digits, - and _. ${orElse}`
        : null
  },
  {
    name: 'kept-id-not-configured',
    check: ({ clientId, config: { clients, introspectionClients } }) =>
      has(clients, clientId) || has(introspectionClients, clientId)
        ? `the configuration has a client with the id ${quoted(clientId)}. ${orElse}`
        : null
  },
  {
    name: 'kept-id-not-registered',
    check: ({ clientId, registered }) => (registered.includes(clientId) ? taken(clientId) : null)
  },
  {
    // A grant belongs to an id, so grants of an earlier app with the id must have ended.
    name: 'kept-id-without-grants',
    check: ({ hasUnlistedGrants }) =>
      hasUnlistedGrants
        ? 'this simulator has had more open grants than it lists, so it cannot end all those of an earlier app with ' +
          `the same id. ${orElse}`
        : null
  }
]

/** The complaint about an id that an app keeps, which begins with the label of the field; null for none. */
export const keptIdComplaint = (facts: KeptIdFacts): string | null => {
  const broken = firstRefusal(keptIdRules, facts)
  return broken === null ? null : `${ownAppLabels.clientId}: ${broken}`
}

/** The complaint about an id that another app got at the same time. */
export const takenComplaint = (clientId: string): string => `${ownAppLabels.clientId}: ${taken(clientId)}`
