/**
 * The gate before a FHIR server, as a plain function.
 *
 * @module
 */
import { fhirGate } from '../engine/resource/fhir-gate.js'
import { pageLinksWith } from '../engine/resource/page-links.js'
import type { GateOptions } from '../engine/resource/gate-context.js'
import type { AccessFacts } from '../protocol/access/alternatives.js'
import type { PlainRequest, PlainResponse } from '../protocol/http/message.js'
import { defaultPolicy } from '../protocol/policy/policy.js'
import { configurationError } from './configuration-error.js'
import { engineFhirServer } from './engine-ports.js'
import { wrongGateOptions } from './options-check.js'
import type { PlainFhirServer } from './ports.js'

/** The options of a gate. The policy has a default ({@link defaultPolicy}); give the server's own. */
export type FhirGateOptions = Omit<GateOptions, 'server' | 'policy' | 'pageLinks'> &
  Partial<Pick<GateOptions, 'policy'>> & {
    /** The FHIR server that the gate protects: its base URL, or a function that answers requests below its base. */
    readonly server: PlainFhirServer
    /**
     * A secret of at least 32 characters that seals page links. Several processes before one FHIR server need the same.
     * Default: a key of the process, so that page links do not open in another process or after a restart.
     */
    readonly pageLinkSecret?: string
  }

/** Answers a request with the access of its token. The promise never rejects. */
export type PlainFhirGate = (request: PlainRequest, facts: AccessFacts) => Promise<PlainResponse>

/**
 * A gate: stands in front of a FHIR server and enforces what the token of each request allows. `path` of a request is
 * below the FHIR base. An unavailable FHIR server gives status 503, and so does a function of the host that throws.
 * Throws a `SmartConfigurationError` when options are wrong or missing.
 *
 * @example
 * ```ts
 * import { createFhirGate } from 'smart-app-launch/resource'
 *
 * const gate = createFhirGate({
 *   base: 'https://ehr.example/fhir',
 *   server: () => ({ status: 200, headers: {}, body: '{"resourceType":"Patient","id":"123"}' })
 * })
 * gate.length // => 2
 * ```
 */
export const createFhirGate = (options: FhirGateOptions): PlainFhirGate => {
  const wrong = wrongGateOptions(options)
  if (wrong.length > 0) throw configurationError('createFhirGate', wrong)
  const { pageLinkSecret, ...others } = options
  const gateOptions: GateOptions = {
    policy: defaultPolicy,
    ...others,
    server: engineFhirServer(options.server),
    ...(pageLinkSecret === undefined ? {} : { pageLinks: pageLinksWith(pageLinkSecret) })
  }
  return (request, facts) => fhirGate(gateOptions, facts)(request)()
}
