/**
 * The limits of the simulator: rows of `limits.ts`.
 *
 * @module
 */
import type { Limit } from './limit.js'
import { scopeNumbers } from './scope-numbers.js'

/** The rows of these limits. */
export const simulatorLimits = {
  shownScope: {
    subject: 'simulator',
    what: 'The exact text of one scope beside its explanation, and an address',
    unit: 'characters',
    default: scopeNumbers.shownScope,
    setting: null,
    beyond: 'its middle is replaced by the number of omitted characters'
  },
  shownDetail: {
    subject: 'simulator',
    what: 'One member of a refusal in the log, and a line of the command line about untrusted text',
    unit: 'characters',
    default: 1000,
    setting: null,
    beyond: 'its middle is replaced by the number of omitted characters'
  },
  simulatorUserName: {
    subject: 'simulator',
    what: 'The name of a user in the configuration',
    unit: 'characters',
    default: 1000,
    setting: null,
    beyond: 'the simulator does not start'
  },
  simulatorSetting: {
    subject: 'simulator',
    what: 'A launch setting in an address',
    unit: 'characters',
    default: 4096,
    setting: null,
    beyond: '400, and the server of the setting does not exist'
  },
  simulatorServers: {
    subject: 'simulator',
    what: 'The servers of launch settings that are kept built',
    unit: 'items',
    default: 64,
    setting: null,
    beyond: 'the one that was idle longest is built again at its next request'
  },
  simulatorLog: {
    subject: 'simulator',
    what: 'The lines of the log on the pages of the simulator',
    unit: 'items',
    default: 1000,
    setting: null,
    beyond: 'the oldest line is forgotten, and its address is 404'
  },
  simulatorLogParameters: {
    subject: 'simulator',
    what: 'The parameters of one request in the log on the pages of the simulator',
    unit: 'items',
    default: 40,
    setting: null,
    beyond: 'the others are not shown, and the line says how many'
  },
  sampleAppPages: {
    subject: 'simulator',
    what: 'The pages of observations that the sample app reads',
    unit: 'items',
    default: 20,
    setting: null,
    beyond: 'the sample app shows what it has, and says that there is more'
  },
  simulatorApps: {
    subject: 'simulator',
    what: 'The apps that were registered on the page of apps, which lists them',
    unit: 'items',
    default: 200,
    setting: null,
    beyond: 'no other one is registered there, and the form says that one must be removed first'
  },
  simulatorKeptId: {
    subject: 'simulator',
    what: 'The client_id that an app keeps when it is registered on the page of apps',
    unit: 'characters',
    default: 255,
    setting: null,
    beyond: 'the form says at the field how long it may be'
  },
  simulatorOpenApps: {
    subject: 'simulator',
    what: 'The apps that registered themselves and that the page of apps lists',
    unit: 'items',
    default: 100,
    setting: null,
    beyond: 'the oldest of them leave the list, and stay registered; the page says how many'
  },
  simulatorRemovedApps: {
    subject: 'simulator',
    what: 'The names of removed apps, of those of the page of apps and of those that registered themselves each',
    unit: 'items',
    default: 200,
    setting: null,
    beyond: 'the oldest names are forgotten, and the pages name those apps by their client_id'
  },
  simulatorPageRegistrations: {
    subject: 'simulator',
    what: 'The apps that are registered on the page of apps within an hour, when others have registered themselves',
    unit: 'items',
    default: 100,
    setting: null,
    beyond: 'the form says that there were too many'
  },
  simulatorUrlApps: {
    subject: 'simulator',
    what: 'The apps without a registration that the page of apps lists',
    unit: 'items',
    default: 20,
    setting: null,
    beyond: 'those that were seen longest ago are not listed'
  },
  simulatorGrants: {
    subject: 'simulator',
    what: 'The open grants that the page of grants lists',
    unit: 'items',
    default: 200,
    setting: null,
    beyond: 'the oldest of them leave the list, and stay valid; the page says how many'
  },
  simulatorEndedGrants: {
    subject: 'simulator',
    what: 'The grants that have ended and that the page of grants lists',
    unit: 'items',
    default: 40,
    setting: null,
    beyond: 'the oldest of them leave the list'
  },
  simulatorWaitingGrants: {
    subject: 'simulator',
    what: 'The requests without the permission of a user that the page of grants lists',
    unit: 'items',
    default: 40,
    setting: null,
    beyond: 'the oldest of them leave the list; no grant does'
  },
  simulatorSessions: {
    subject: 'simulator',
    what: 'The sessions of users',
    unit: 'items',
    default: 10000,
    setting: null,
    beyond: 'the session that was idle longest ends, first of those that began with a launch and without a password'
  },
  simulatorSessionIdle: {
    subject: 'simulator',
    what: 'The idle time of a session',
    unit: 'seconds',
    default: 1800,
    setting: null,
    beyond: 'the user must sign in again, and what `online_access` granted ends'
  },
  simulatorSessionLife: {
    subject: 'simulator',
    what: 'The lifetime of a session after the sign-in',
    unit: 'seconds',
    default: 43200,
    setting: null,
    beyond: 'the user must sign in again, and what `online_access` granted ends'
  },
  simulatorConnections: {
    subject: 'simulator',
    what: 'The connections to the simulator',
    unit: 'items',
    // More than `requestsAtOnce`, so that a request beyond it, and one for the health of the process, gets an answer.
    default: 1500,
    setting: null,
    beyond:
      'the oldest connection that waits for no response is closed; if all wait for one, the new connection is closed'
  },
  simulatorHead: {
    subject: 'simulator',
    what: 'The address and the header fields of a request to the simulator, without what separates them',
    unit: 'bytes',
    // The bound of Node and of many proxies.
    default: 16_384,
    setting: null,
    beyond: '431 with a line of text that names the bound, and the connection is closed'
  },
  simulatorHeadTime: {
    subject: 'simulator',
    what: 'The head of a request to the simulator',
    unit: 'milliseconds',
    default: 10_000,
    setting: null,
    beyond: '408, and the connection is closed'
  },
  simulatorRequestTime: {
    subject: 'simulator',
    what: 'A request to the simulator, with its body',
    unit: 'milliseconds',
    default: 30_000,
    setting: null,
    beyond: '408, and the connection is closed'
  },
  simulatorIdleConnection: {
    subject: 'simulator',
    what: 'The idle time of a connection to the simulator',
    unit: 'milliseconds',
    default: 120_000,
    setting: null,
    beyond: 'the connection is closed'
  }
} as const satisfies Readonly<Record<string, Limit>>
