/** The policy of the simulator. */
import type { SmartPolicy } from '../../protocol/policy/policy.js'

/**
 * The policy options whose default here is what common client libraries need, not the strictest: a sandbox must not be
 * stricter than the servers at which an app will run.
 */
export const simulatorPolicy = {
  missingState: 'allowWithPkce',
  publicRefreshClientId: 'optional',
  allowClientSecretPost: true,
  assertionTyp: 'optional',
  authenticationErrors: 'detailed'
} as const satisfies Partial<SmartPolicy>
