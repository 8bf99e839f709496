/**
 * What an authorization server is told once, and what its parts share.
 *
 * @module
 */
import type { Ports } from './ports.js'
import type { ServerFacts } from '../messages/smart-configuration.js'
import { endpointsBelow } from '../messages/smart-configuration.js'
import { clientAuthenticationMethods, grantTypes } from '../messages/client.js'
import type { SmartPolicy } from '../messages/policy.js'
import { defaultPolicy } from '../messages/policy.js'

/** The settings of an authorization server. */
export interface ServerSettings {
  /** The issuer; the endpoints stand below it. */
  readonly issuer: string
  /** The FHIR base URL for which tokens are issued. */
  readonly fhirBaseUrl: string
  /** Scopes that discovery shows as examples of what can be asked for. */
  readonly scopesSupported?: ReadonlyArray<string>
  /** The switches that differ from {@link defaultPolicy}. */
  readonly policy?: Partial<SmartPolicy>
}

/** What the parts of the engine work with. */
export interface Workshop {
  readonly facts: ServerFacts
  readonly policy: SmartPolicy
  readonly ports: Ports
}

/** Settings completed by their defaults. */
export const workshopOf = (settings: ServerSettings, ports: Ports): Workshop => {
  const policy = { ...defaultPolicy, ...settings.policy }
  return {
    policy,
    ports,
    facts: {
      ...endpointsBelow(settings.issuer),
      fhirBaseUrl: settings.fhirBaseUrl,
      authenticationMethods: clientAuthenticationMethods,
      grantTypes,
      scopesSupported: settings.scopesSupported ?? [
        'openid', 'fhirUser', 'launch', 'launch/patient', 'launch/encounter', 'offline_access', 'patient/*.rs', 'user/*.rs'
      ],
      policy
    }
  }
}

/** The store's key of a grant. */
export const grantKey = (grantId: string): string => `grant:${grantId}`

/** The store's key of a launch, which holds no usable handle. */
export const launchKey = (handleDigest: string): string => `launch:${handleDigest}`

/** A short random identifier (132 bits) out of a random token of 256 bits. */
export const identifierOf = (token: string): string => token.slice(0, 22)
