/** Which apps the page of apps changes and removes: those that were registered, on it or by themselves. */
import type { BrokenRule } from '../log/own-refusal.js'
import { firstBroken } from '../log/own-refusal.js'
import type { ListedApp } from '../store/app-list.js'
import type { Rule } from '../../protocol/machine/rules.js'
import { quoted } from '../../values/shown-text.js'

/** What is known of the app of a form. */
export interface ManagedAppFacts {
  /** The id in the form or the address; null for none. */
  readonly clientId: string | null
  /** Whether the configuration has it. */
  readonly isConfigured: boolean
  /** Its name, if it was removed; null if it was not. */
  readonly removedName: string | null
  /** Its entry on the list of registered apps; null for none. */
  readonly listed: ListedApp | null
}

const id = ({ clientId }: ManagedAppFacts): string => quoted(clientId ?? '')

/** The rules of an app that is changed or removed on the page. A refusal is a sentence for the page. */
export const managedAppRules: ReadonlyArray<Rule<ManagedAppFacts, string>> = [
  { name: 'app-named', check: ({ clientId }) => (clientId === null ? 'No app is named: client_id is missing.' : null) },
  {
    name: 'app-not-of-configuration',
    check: (facts) =>
      facts.isConfigured ? `The app ${id(facts)} comes from the configuration of this simulator, and is fixed.` : null
  },
  {
    name: 'app-not-removed',
    check: (facts: ManagedAppFacts): string | null =>
      facts.removedName === null
        ? null
        : `The app ${quoted(facts.removedName)} with the client_id ${id(facts)} is removed already.`
  },
  {
    name: 'app-registered',
    check: (facts) => (facts.listed === null ? `There is no app with the client_id ${id(facts)}.` : null)
  },
  {
    name: 'app-token-kept',
    check: (facts) =>
      facts.listed?.token === null
        ? `The app ${id(facts)} registered itself at an earlier release of this simulator, which kept no token for it.`
        : null
  }
]

/** What each rule accepts. */
export const managedAppAdvice: Readonly<Record<string, string>> = {
  'app-named': 'The page of apps has a form for each app that it can change.',
  'app-not-of-configuration': 'It is changed in the file of --config, and this simulator is started again.',
  'app-not-removed': 'Nothing is left to do. An app that is registered anew keeps its client_id, if the form has it.',
  'app-registered': 'The page of apps lists the apps that are registered.',
  'app-token-kept': 'It has its own registration access token (RFC 7592). Revoke its grants to end its access.'
}

/** Why the page does not change or remove an app: the broken rule, and whether the app exists. */
export interface UnmanagedApp extends BrokenRule {
  readonly exists: boolean
}

/** The first broken rule; null if the page manages the app. */
export const unmanagedApp = (facts: ManagedAppFacts): UnmanagedApp | null => {
  const broken = firstBroken(managedAppRules, facts, managedAppAdvice)
  return broken === null ? null : { ...broken, exists: facts.isConfigured || facts.listed !== null }
}
