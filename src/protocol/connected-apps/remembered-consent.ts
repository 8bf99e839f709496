/**
 * Whether a remembered consent answers a request: one rule per row.
 *
 * Source: OpenID Connect Core 1.0, section 3.1.2.1 (`prompt`); RFC 8252, section 8.6, and RFC 9700, section 4.11: no
 * code without the user for a client whose identity nothing proves.
 *
 * @module
 */
import type { RememberedConsent } from './state.js'
import type { RegisteredClient } from '../client/client.js'
import type { Prompt } from '../grant/state.js'
import type { Rule } from '../machine/rules.js'
import { firstRefusal } from '../machine/rules.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { KnownResourceSide } from '../scope-policy/resource-side-check.js'
import { isWithin } from '../scope-policy/scope-policy.js'
import { parse } from '../../scopes/parse.js'
import type { ScopeSet } from '../../scopes/scope.js'
import type { EpochSeconds } from '../../values/time.js'

/** The facts about a request and a consent that is remembered for the same user. */
export interface RememberedConsentFacts {
  readonly policy: SmartPolicy
  readonly side: KnownResourceSide
  readonly now: EpochSeconds
  readonly remembered: RememberedConsent
  /** Whether the consent may be used for another patient. */
  readonly forAnyPatient: boolean
  /** The request, with the context that was chosen for it. */
  readonly request: {
    readonly clientId: string
    readonly prompts: ReadonlyArray<Prompt>
    readonly scopes: ScopeSet
    readonly patient: string | null
    readonly redirectUri: string
  }
  readonly client: Pick<RegisteredClient, 'tokenEndpointAuthMethod'>
}

/** Why a remembered consent does not answer a request. */
export type ConsentNotUsable =
  'PageRequested' | 'OfAnotherClient' | 'Expired' | 'ForAnotherPatient' | 'ClientNotProven' | 'Narrower'

/** The rules for the use of a remembered consent. */
export const rememberedConsentRules: ReadonlyArray<Rule<RememberedConsentFacts, ConsentNotUsable>> = [
  {
    name: 'page-not-requested',
    check: ({ request }) => (request.prompts.includes('consent') ? 'PageRequested' : null)
  },
  {
    name: 'same-client',
    check: ({ remembered, request }) => (remembered.clientId === request.clientId ? null : 'OfAnotherClient')
  },
  { name: 'not-expired', check: ({ now, remembered }) => (now < remembered.until ? null : 'Expired') },
  {
    name: 'same-patient',
    check: ({ forAnyPatient, remembered, request }) =>
      forAnyPatient || remembered.patient === request.patient ? null : 'ForAnotherPatient'
  },
  {
    // Any program of the device can receive the code of a loopback address or of a private scheme.
    name: 'client-proven',
    check: ({ client, request }) =>
      client.tokenEndpointAuthMethod !== 'none' || request.redirectUri.startsWith('https://') ? null : 'ClientNotProven'
  },
  {
    name: 'not-wider',
    check: ({ policy, side, remembered, request }) =>
      isWithin(policy, side, request.scopes, parse(remembered.scope)) ? null : 'Narrower'
  }
]

/** Whether a remembered consent answers a request. */
export const isRemembered = (facts: RememberedConsentFacts): boolean =>
  firstRefusal(rememberedConsentRules, facts) === null
