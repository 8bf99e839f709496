/**
 * Which server an app addresses: `aud` or `resource`, at the authorization endpoint and the token endpoint; and whether
 * a grant belongs to another server that shares the store.
 *
 * Source: app-launch, "Obtain authorization code" (`aud`); RFC 8707, section 2.
 *
 * @module
 */
import type { SmartPolicy } from '../policy/policy.js'
import type { Grant } from './state.js'
import { withoutTrailingSlash } from '../../values/urls.js'

/** Whether a URL is that of a FHIR server, compared as the policy says. */
export const matchesAudience = ({ audMatch }: SmartPolicy, address: string, fhirBaseUrl: string): boolean =>
  address === fhirBaseUrl ||
  (audMatch === 'trailingSlash' && withoutTrailingSlash(address) === withoutTrailingSlash(fhirBaseUrl))

/**
 * Whether a grant belongs to another server that shares the store. A grant that has ended does not contain its server,
 * and need not.
 */
export const isOfAnotherServer = (grant: Grant, fhirBaseUrl: string): boolean =>
  Object.hasOwn(grant, 'audience') && (grant as Extract<Grant, { readonly audience: string }>).audience !== fhirBaseUrl
