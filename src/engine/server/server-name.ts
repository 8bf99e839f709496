/**
 * The name of a server in a store that several servers may share.
 *
 * @module
 */
import type { EpochSeconds } from '../../values/time.js'

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

/**
 * The name under which a server stores what it issues: grants, launches and connected apps. After the store was
 * restored from a backup it contains the time of the restoration, so that no record from before is found. Registrations
 * keep {@link serverName}.
 */
export const issuingName = (
  server: Parameters<typeof serverName>[0] & { readonly restoredAt?: EpochSeconds }
): ServerName =>
  server.restoredAt === undefined ? serverName(server) : `${serverName(server)} ${String(server.restoredAt)}`
