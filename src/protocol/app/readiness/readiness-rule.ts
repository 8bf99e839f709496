/**
 * The shape of a rule about a server's readiness for an app: a finding, and what in the answers makes it.
 *
 * @module
 */
import type { ObservedServer, WantedApp } from './observed.js'
import { documentOf } from './observed.js'
import type { CheckedPart, CheckSettings, Document, Finding, Severity } from '../../discovery/configuration-rule.js'
import type { Rule } from '../../machine/rules.js'
import { parse } from '../../../scopes/parse.js'
import type { ScopeSet } from '../../../scopes/scope.js'
import { ownData, ownMember } from '../../../values/own.js'

/** What the rules look at. */
export interface ReadinessFacts {
  readonly observed: ObservedServer
  readonly wanted: WantedApp
  readonly settings: CheckSettings
  /** The SMART configuration. */
  readonly smart: Document
  /** The issuer's document; null when it was not read. */
  readonly openid: Document | null
  /** The document with the keys; null when it was not read. */
  readonly keySet: Document | null
  /** The CapabilityStatement; null when it was not read. */
  readonly statement: Document | null
  /** The scopes that the app requests. */
  readonly scopes: ScopeSet
}

const ownDocument = (document: Document | null): Document | null => (document === null ? null : ownData(document))

/** The facts of the answers at a server. */
export const readinessFacts = (
  observed: ObservedServer,
  wanted: WantedApp,
  settings: CheckSettings
): ReadinessFacts => ({
  observed,
  wanted,
  settings,
  smart: ownDocument(documentOf(observed.smartConfiguration)) ?? {},
  openid: ownDocument(documentOf(ownMember(observed, 'openidConfiguration'))),
  keySet: ownDocument(documentOf(ownMember(observed, 'keys'))),
  statement: ownDocument(documentOf(ownMember(observed, 'metadata'))),
  scopes: parse(wanted.scope)
})

/** A rule with its finding, for tables and the generated page. */
export interface ReadinessRule extends Rule<ReadinessFacts, Finding> {
  readonly finding: Finding
}

/** The most details of one finding that are listed. */
const listed = 5

const detailed = (message: string, details: ReadonlyArray<string>): string => {
  if (details.length === 0) return message
  const others = details.slice(listed)
  const more = others.length === 0 ? '' : ` and ${String(others.length)} more`
  return `${message}: ${details.slice(0, listed).join(', ')}${more}`
}

/** What is found: null when the rule holds, otherwise the details, of which there may be none. */
export type Found = ReadonlyArray<string> | null

/** A broken rule without details. */
const broken: Found = []

/** The details of a finding: none is no finding. */
export const listing = (details: ReadonlyArray<string>): Found => (details.length === 0 ? null : details)

/** A broken rule, if the condition is met. */
export const when = (condition: boolean): Found => (condition ? broken : null)

interface Described {
  readonly severity: Severity
  readonly document: CheckedPart
  readonly at?: string
  readonly message: string
  readonly advice: string
  readonly source: string
  readonly requirement?: string
}

/** A rule about the answers of a server. */
export const readinessRule = (
  name: string,
  { at = '', requirement, ...described }: Described,
  find: (facts: ReadinessFacts) => Found
): ReadinessRule => {
  const finding: Finding = { rule: name, requirement: requirement ?? null, at, ...described }
  return {
    name,
    finding,
    check: (facts) => {
      const found = find(facts)
      return found === null ? null : { ...finding, message: detailed(finding.message, found) }
    }
  }
}

/** A member that is a text; null when it is absent or of another type. */
export const textMember = (document: Document | null, member: string): string | null => {
  const value = document === null || !Object.hasOwn(document, member) ? undefined : document[member]
  return typeof value === 'string' ? value : null
}

/** Whether the app requests an identity. */
export const wantsIdentity = ({ scopes }: Pick<ReadinessFacts, 'scopes'>): boolean =>
  scopes.some(({ text }) => text === 'openid')
