/**
 * What a server is called in a store that it may share with others.
 *
 * @module
 */

/** The name of a server in a store: see {@link serverName}. */
export type ServerName = string

/**
 * A server is its issuer before its FHIR base URL, both exactly as they are set: servers that differ in one of them, if
 * only by a slash at its end, are two. Whatever a server keeps (grants, launches, registrations, counts) is under keys
 * that begin with this name, so that of servers that share a store none finds what is another's. Neither address holds
 * a blank.
 */
export const serverName = ({
  issuer,
  fhirBaseUrl
}: {
  readonly issuer: string
  readonly fhirBaseUrl: string
}): ServerName => `${issuer} ${fhirBaseUrl}`
