/**
 * Which server an app means: `aud` or `resource`, at the authorization endpoint and at the token endpoint alike.
 *
 * Source: app-launch, "Obtain authorization code" (`aud`); RFC 8707, section 2.
 *
 * @module
 */
import type { SmartPolicy } from '../messages/policy.js'
import { withoutTrailingSlash } from '../values/urls.js'

/** Whether an address names a FHIR server, compared as the policy says. */
export const namesServer = ({ audMatch }: SmartPolicy, address: string, fhirBaseUrl: string): boolean =>
  address === fhirBaseUrl ||
  (audMatch === 'trailingSlash' && withoutTrailingSlash(address) === withoutTrailingSlash(fhirBaseUrl))
