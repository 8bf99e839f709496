/**
 * Checks discovery documents of other servers: one finding for each broken rule (see `smart-configuration-rules.ts`).
 *
 * @module
 */
import { allRefusals } from '../machine/rules.js'
import type { CheckSettings, Document, Finding } from './configuration-rule.js'
import { configurationFinding } from './configuration-rule.js'
import { configurationRules } from './smart-configuration-rules.js'
import { ownData } from '../../values/own.js'
import { isObject } from '../../values/object.js'

export type { CheckSettings, Finding, Severity } from './configuration-rule.js'

/**
 * All findings about a document.
 *
 * @example
 * ```ts
 * import { checkSmartConfiguration } from './smart-configuration-check.js'
 *
 * const findings = checkSmartConfiguration(
 *   { token_endpoint: '/token' },
 *   { specVersion: '2.0.0', purpose: 'launch' }
 * )
 * findings
 *   .filter(({ severity }) => severity === 'error')
 *   .map(({ requirement, at }) => `${requirement} ${at}`)
 *   .slice(0, 3) // => ['DIS-045 /authorization_endpoint', 'DIS-058 /capabilities', 'DIS-046 /grant_types_supported']
 * ```
 */
export const checkSmartConfiguration = (document: unknown, settings: CheckSettings): ReadonlyArray<Finding> => {
  if (!isObject(document)) {
    return [
      configurationFinding('document-is-object', {
        requirement: 'DIS-003',
        severity: 'error',
        at: '',
        message: 'the document is no JSON object',
        advice: 'publish a JSON object'
      })
    ]
  }
  const members = ownData<Document>(document)
  return allRefusals(configurationRules, { document: members, settings })
}
