/**
 * Which server an app means: `aud` or `resource`, at the authorization endpoint and at the token endpoint alike; and
 * whose a grant is where servers share a store.
 *
 * Source: app-launch, "Obtain authorization code" (`aud`); RFC 8707, section 2.
 *
 * @module
 */
import type { SmartPolicy } from '../policy/policy.js'
import type { Grant } from './state.js'
import { withoutTrailingSlash } from '../../values/urls.js'

/** Whether an address names a FHIR server, compared as the policy says. */
export const matchesAudience = ({ audMatch }: SmartPolicy, address: string, fhirBaseUrl: string): boolean =>
  address === fhirBaseUrl ||
  (audMatch === 'trailingSlash' && withoutTrailingSlash(address) === withoutTrailingSlash(fhirBaseUrl))

/** Whether a grant was given by another server that shares the store. One that has ended does not say, and need not. */
export const isOfAnotherServer = (grant: Grant, fhirBaseUrl: string): boolean =>
  Object.hasOwn(grant, 'audience') && (grant as Extract<Grant, { readonly audience: string }>).audience !== fhirBaseUrl
