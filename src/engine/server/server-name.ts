/**
 * The name of a server in a store that several servers may share.
 *
 * @module
 */

/** The name of a server in a store: see {@link serverName}. */
export type ServerName = string

/**
 * The name is the issuer and the FHIR base URL, exactly as they are set; servers that differ in one of them, even only
 * by a trailing slash, have different names. The keys of all records of a server (grants, launches, registrations,
 * counts) begin with its name, so that servers in a shared store do not see each other's records. Neither URL contains
 * a space.
 */
export const serverName = ({
  issuer,
  fhirBaseUrl
}: {
  readonly issuer: string
  readonly fhirBaseUrl: string
}): ServerName => `${issuer} ${fhirBaseUrl}`
