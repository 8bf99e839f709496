/** Every rule table of the sources, and the tests that belong to it. */
import { offerRules, settingsRules } from '../../src/engine/server/settings-check.js'
import { callbackRules } from '../../src/protocol/app/callback.js'
import { idTokenHeadRules } from '../../src/protocol/app/id-token-rules.js'
import { pageRules, redirectRules } from '../../src/protocol/authorization/rules.js'
import { claimRules, headerRules } from '../../src/protocol/client/assertion-rules.js'
import { metadataRules } from '../../src/protocol/client/metadata.js'
import { configurationRules } from '../../src/protocol/discovery/smart-configuration-rules.js'
import {
  codeBindingRules,
  codeCompletenessRules,
  codeOwnershipRules,
  codeRegistrationRules
} from '../../src/protocol/grant/code.js'
import { decisionRules } from '../../src/protocol/grant/conversation.js'
import { refreshRules } from '../../src/protocol/grant/refresh.js'
import { conversationRegistrationRules } from '../../src/protocol/grant/registration-rules.js'
import { revocationRules } from '../../src/protocol/grant/revocation.js'
import { rememberedConsentRules } from '../../src/protocol/connected-apps/remembered-consent.js'
import { sessionRules } from '../../src/host/session-rules.js'
import { launchPresentationRules } from '../../src/protocol/launch/ehr-launch.js'
import { launchContextRules } from '../../src/protocol/launch/launch-context-rules.js'
import { userRules } from '../../src/protocol/launch/user-rules.js'
import { policyRules } from '../../src/protocol/policy/policy-check.js'
import {
  metadataReplacementRules,
  registrationOwnerRules,
  secretRotationRules
} from '../../src/protocol/registration/registration.js'
import { scopeReadingRules, scopeRules } from '../../src/protocol/scope-policy/scope-rules.js'
import { backendRules, grantTypeRules } from '../../src/protocol/token/token-request.js'

/** A rule table: where it stands, the names of its rows, and its tests: first those of its rows one by one. */
export interface RuleTable {
  readonly file: string
  readonly table: string
  readonly rows: ReadonlyArray<string>
  readonly suites: ReadonlyArray<string>
}

const rowsOf = (rules: ReadonlyArray<{ readonly name: string }>): ReadonlyArray<string> => rules.map(({ name }) => name)

const tablesIn = (
  file: string,
  suites: ReadonlyArray<string>,
  tables: Readonly<Record<string, ReadonlyArray<{ readonly name: string }>>>
): ReadonlyArray<RuleTable> =>
  Object.entries(tables).map(([table, rules]) => ({
    file: `src/${file}`,
    table,
    rows: rowsOf(rules),
    suites: suites.map((suite) => `test/${suite}`)
  }))

const cases = 'unit/protocol/rule-cases.test.ts'
const requestCases = 'unit/protocol/request-rule-cases.test.ts'

/** Every rule table. */
export const ruleTables: ReadonlyArray<RuleTable> = [
  ...tablesIn(
    'protocol/authorization/rules.ts',
    [
      requestCases,
      'unit/engine/authorize.test.ts',
      'attacks/authorize/authorize.test.ts',
      'conformance/conformance.test.ts'
    ],
    { pageRules, redirectRules }
  ),
  ...tablesIn(
    'protocol/scope-policy/scope-rules.ts',
    [
      requestCases,
      'unit/engine/authorize.test.ts',
      'unit/engine/backend-scopes.test.ts',
      'definition/granted-scopes.test.ts',
      'attacks/authorize/authorize.test.ts'
    ],
    { scopeReadingRules, scopeRules }
  ),
  ...tablesIn(
    'protocol/client/assertion-rules.ts',
    [requestCases, 'unit/engine/assertion.test.ts', 'attacks/client/client.test.ts', 'definition/assertions.test.ts'],
    { headerRules, claimRules }
  ),
  ...tablesIn(
    'protocol/app/id-token-rules.ts',
    [requestCases, 'machines/app-launch.test.ts', 'end-to-end/openid.test.ts', 'conformance/conformance.test.ts'],
    { idTokenHeadRules }
  ),
  ...tablesIn(
    'protocol/app/callback.ts',
    [
      requestCases,
      'machines/app-launch.test.ts',
      'unit/protocol/app-arrival.test.ts',
      'conformance/conformance.test.ts'
    ],
    { callbackRules }
  ),
  ...tablesIn('protocol/client/metadata.ts', [cases], { metadataRules }),
  ...tablesIn('protocol/launch/launch-context-rules.ts', [cases], { launchContextRules }),
  ...tablesIn('protocol/launch/user-rules.ts', [cases], { userRules }),
  ...tablesIn('protocol/policy/policy-check.ts', [cases], { policyRules }),
  ...tablesIn('engine/server/settings-check.ts', [cases], { settingsRules, offerRules }),
  ...tablesIn('protocol/discovery/smart-configuration-rules.ts', [cases], { configurationRules }),
  ...tablesIn(
    'protocol/grant/code.ts',
    [requestCases, 'unit/engine/token.test.ts', 'unit/engine/other-server.test.ts', 'attacks/token/token.test.ts'],
    { codeOwnershipRules, codeCompletenessRules, codeBindingRules, codeRegistrationRules }
  ),
  ...tablesIn(
    'protocol/grant/conversation.ts',
    [requestCases, 'machines/grant.test.ts', 'attacks/authorize/consent.test.ts'],
    {
      decisionRules
    }
  ),
  ...tablesIn(
    'protocol/grant/registration-rules.ts',
    [
      requestCases,
      'unit/engine/narrowed-registration.test.ts',
      'unit/engine/rights-again.test.ts',
      'machines/grant.test.ts'
    ],
    { conversationRegistrationRules }
  ),
  ...tablesIn(
    'protocol/grant/refresh.ts',
    [
      requestCases,
      'unit/engine/token.test.ts',
      'unit/engine/other-server.test.ts',
      'attacks/token/token-refresh-token.test.ts'
    ],
    { refreshRules }
  ),
  ...tablesIn(
    'protocol/grant/revocation.ts',
    [requestCases, 'unit/engine/other-server.test.ts', 'attacks/token/revocation.test.ts'],
    { revocationRules }
  ),
  ...tablesIn(
    'protocol/launch/ehr-launch.ts',
    [requestCases, 'attacks/authorize/launch.test.ts', 'machines/others.test.ts'],
    {
      launchPresentationRules
    }
  ),
  ...tablesIn('protocol/connected-apps/remembered-consent.ts', [requestCases, 'unit/host/connected-apps.test.ts'], {
    rememberedConsentRules
  }),
  ...tablesIn('host/session-rules.ts', [requestCases, 'unit/host/conversation.test.ts'], { sessionRules }),
  ...tablesIn(
    'protocol/registration/registration.ts',
    [
      requestCases,
      'machines/client-registration.test.ts',
      'unit/engine/registration.test.ts',
      'unit/engine/registration-edges.test.ts'
    ],
    { registrationOwnerRules, metadataReplacementRules, secretRotationRules }
  ),
  ...tablesIn(
    'protocol/token/token-request.ts',
    [requestCases, 'unit/engine/backend-scopes.test.ts', 'attacks/token/token.test.ts'],
    { backendRules, grantTypeRules }
  )
]
