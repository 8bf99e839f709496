/** Tokens by their scopes, and their alternatives. */
import type { AccessFacts, AccessRules, Alternative } from '../../../../src/protocol/access/alternatives.js'
import { alternativesIn } from '../../../../src/protocol/access/alternatives.js'
import type { AccessProfile } from '../../../../src/protocol/access/profiles/profile.js'
import { parse } from '../../../../src/scopes/parse.js'

const alice = { sub: 'alice', fhirUser: null, authTime: 0 }
/** The facts of a token of a user for the patient a. */
export const rightsFacts = (scope: string, more: Partial<AccessFacts> = {}): AccessFacts => ({
  clientId: 'app',
  scopes: parse(scope),
  context: { patient: 'a' },
  user: alice,
  ...more
})
/** The alternatives of a token. */
export const alternativesFor = (scope: string, rules: AccessRules = {}, more: Partial<AccessFacts> = {}) =>
  alternativesIn(rightsFacts(scope, more), rules)
/** The first alternative of a token. */
export const firstAlternative = (
  scope: string,
  rules: AccessRules = {},
  more: Partial<AccessFacts> = {}
): Alternative => {
  const [found] = alternativesFor(scope, rules, more)
  if (found === undefined) throw new Error('no alternative')
  return found
}

const because = { because: 'It is an example.', source: 'This suite.' }
/** A profile that opens a type by references and another by documents. */
export const linkedProfile: AccessProfile = [
  { type: 'Provenance', permissions: ['r', 's'], by: { target: 'target' }, ...because },
  {
    type: 'Binary',
    permissions: ['r'],
    by: { documents: [{ type: 'DocumentReference', path: 'content.attachment.url', parameter: null }] },
    ...because
  }
]
