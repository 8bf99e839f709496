/** Every rule table of the sources, and the tests that belong to it. */
import { offerRules, settingsRules } from '../../src/engine/server/settings-check.js'
import { transactionRules } from '../../src/engine/resource/transaction.js'
import { interactionRules, searchParameterRules } from '../../src/protocol/access/decision-rules.js'
import { profileRowRules } from '../../src/protocol/access/profiles/profile-check.js'
import { exportRules } from '../../src/protocol/access/operations/export-rules.js'
import {
  operationInputRules,
  operationPermissionRules,
  operationRules
} from '../../src/protocol/access/operations/operation-rules.js'
import { rewrittenSearchRules, rewrittenTypeRules } from '../../src/protocol/access/search/rewrite.js'
import { fhirUrlRules } from '../../src/protocol/app/fhir-url.js'
import { tokenResponseRules } from '../../src/protocol/app/token-response.js'
import { authenticatingClientRules, namedClientRules } from '../../src/protocol/client/authentication-rules.js'
import { accessPolicyRules } from '../../src/protocol/grant/outcome.js'
import { registrationBodyRules, replacementRules } from '../../src/protocol/registration/request.js'
import { backendBudgetRules, backendGrantRules } from '../../src/protocol/scope-policy/backend-scopes.js'
import { declaredParameterRules } from '../../src/protocol/scope-policy/resource-side-check.js'
import { desktopLaunchRules, launchQueryRules } from '../../src/simulator/host/ehr-launch.js'
import { keptIdRules } from '../../src/simulator/launch/kept-id.js'
import { managedAppRules } from '../../src/simulator/launch/managed-app.js'
import { callbackRules } from '../../src/protocol/app/callback.js'
import {
  clientProofRules,
  foundLaunchRules,
  ownLaunchRules,
  redirectParameterRules,
  spentLaunchRules
} from '../../src/protocol/app/callback-rules.js'
import { advertisedRules } from '../../src/protocol/app/readiness/advertised-rules.js'
import { issuerDocumentRules, publishedKeyRules } from '../../src/protocol/app/readiness/identity-rules.js'
import { capabilityStatementRules, crossOriginRules } from '../../src/protocol/app/readiness/page-rules.js'
import { assertionKeyRules, launchParameterRules, launchServerRules } from '../../src/protocol/app/launch-rules.js'
import { issuerMetadataRules, trustedConfigurationRules } from '../../src/protocol/app/trust/server-documents.js'
import { expectedIdTokenRules, idTokenHeadRules, verifiedIdTokenRules } from '../../src/protocol/app/id-token-rules.js'
import {
  pageRules,
  redirectRules,
  scopedRequestRules,
  targetParameterRules
} from '../../src/protocol/authorization/rules.js'
import { claimRules, headerRules } from '../../src/protocol/client/assertion-rules.js'
import { clientJsonRules } from '../../src/protocol/client/client-json.js'
import { credentialRules } from '../../src/protocol/client/credentials.js'
import { keyRules } from '../../src/protocol/jwt/key-rules.js'
import { metadataRules } from '../../src/protocol/client/metadata.js'
import { configurationRules } from '../../src/protocol/discovery/smart-configuration-rules.js'
import {
  codeBindingRules,
  codeCompletenessRules,
  codeOwnershipRules,
  codeRegistrationRules
} from '../../src/protocol/grant/code.js'
import { decisionRules } from '../../src/protocol/grant/conversation.js'
import {
  availableContextRules,
  chosenContextRules,
  consentRules,
  remainingScopeRules,
  signInRules
} from '../../src/protocol/grant/conversation-rules.js'
import {
  narrowedScopeRules,
  refreshRequestScopeRules,
  refreshRules,
  refreshScopeRules
} from '../../src/protocol/grant/refresh.js'
import { conversationRegistrationRules, presentUserRules } from '../../src/protocol/grant/registration-rules.js'
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
import { scopeReadingRules, scopeRules, tokenScopeRules } from '../../src/protocol/scope-policy/scope-rules.js'
import {
  accessTokenRules,
  introspectionCallerRules,
  refreshTokenRules
} from '../../src/protocol/token/introspection.js'
import {
  codeExchangeRules,
  grantTypeParameterRules,
  postedFormRules,
  postRules,
  refreshParameterRules
} from '../../src/protocol/token/request.js'
import { backendRules, grantTypeRules } from '../../src/protocol/token/token-request.js'

/** A rule table: where it stands, the names of its rows, and the tests that notice a dropped row. */
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

const cases = 'unit/protocol/rules/rule-cases.test.ts'
const requestCases = 'unit/protocol/rules/request-rule-cases.test.ts'
const endpointCases = 'unit/protocol/rules/endpoint-rule-cases.test.ts'
const accessCases = 'unit/protocol/rules/access-rule-cases.test.ts'
const partyCases = 'unit/protocol/rules/party-rule-cases.test.ts'
const readinessCases = 'unit/protocol/readiness/rule-cases.test.ts'
const firstRefusals = 'unit/protocol/rules/first-refusals.test.ts'

/** Every rule table. */
export const ruleTables: ReadonlyArray<RuleTable> = [
  ...tablesIn(
    'protocol/authorization/rules.ts',
    [
      requestCases,
      'unit/engine/authorize.test.ts',
      'attacks/authorize/authorize.test.ts',
      'conformance/conformance.test.ts',
      firstRefusals
    ],
    { pageRules, redirectRules, scopedRequestRules }
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
    [requestCases, 'machines/app-launch.test.ts', 'conformance/conformance.test.ts', firstRefusals],
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
  ...tablesIn(
    'protocol/client/metadata.ts',
    [
      cases,
      'unit/engine/registration.test.ts',
      'unit/engine/registration-edges.test.ts',
      'attacks/client/registration.test.ts',
      firstRefusals
    ],
    { metadataRules }
  ),
  ...tablesIn('protocol/jwt/key-rules.ts', ['unit/protocol/jwk.test.ts'], { keyRules }),
  ...tablesIn('protocol/client/client-json.ts', ['unit/protocol/client-json.test.ts'], { clientJsonRules }),
  ...tablesIn(
    'protocol/launch/launch-context-rules.ts',
    [cases, 'unit/protocol/launch-context-rules.test.ts', 'unit/engine/policy.test.ts', firstRefusals],
    { launchContextRules }
  ),
  ...tablesIn('protocol/launch/user-rules.ts', [cases, 'unit/engine/signed-in-user.test.ts'], { userRules }),
  ...tablesIn('protocol/policy/policy-check.ts', [cases, 'unit/engine/policy.test.ts'], { policyRules }),
  ...tablesIn(
    'engine/server/settings-check.ts',
    [
      cases,
      'unit/engine/policy.test.ts',
      'unit/protocol/endpoint-url.test.ts',
      'unit/engine/registration-edges.test.ts',
      'unit/engine/registration.test.ts'
    ],
    { settingsRules, offerRules }
  ),
  ...tablesIn(
    'protocol/discovery/smart-configuration-rules.ts',
    [cases, 'unit/protocol/endpoint-url.test.ts', firstRefusals],
    { configurationRules }
  ),
  ...tablesIn(
    'protocol/grant/code.ts',
    [
      requestCases,
      'unit/engine/token.test.ts',
      'unit/engine/other-server.test.ts',
      'attacks/token/token.test.ts',
      'unit/engine/rights-again.test.ts'
    ],
    { codeOwnershipRules, codeCompletenessRules, codeBindingRules, codeRegistrationRules }
  ),
  ...tablesIn(
    'protocol/grant/conversation.ts',
    [
      requestCases,
      'machines/grant.test.ts',
      'attacks/authorize/consent.test.ts',
      'unit/engine/rights-again.test.ts',
      'unit/engine/authorize.test.ts'
    ],
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
      'attacks/token/token-refresh-token.test.ts',
      'unit/engine/rights-again.test.ts',
      'unit/engine/policy.test.ts'
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
    [requestCases, 'attacks/authorize/launch.test.ts', 'machines/others.test.ts', 'unit/engine/authorize.test.ts'],
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
    [
      requestCases,
      'unit/engine/backend-scopes.test.ts',
      'attacks/token/token.test.ts',
      'unit/engine/assertion.test.ts',
      'unit/engine/rights-again.test.ts'
    ],
    { backendRules, grantTypeRules }
  ),
  ...tablesIn('protocol/authorization/rules.ts', [endpointCases], { targetParameterRules }),
  ...tablesIn('protocol/app/launch-rules.ts', [endpointCases], {
    launchParameterRules,
    assertionKeyRules,
    launchServerRules
  }),
  ...tablesIn('protocol/app/callback-rules.ts', [endpointCases], {
    redirectParameterRules,
    foundLaunchRules,
    ownLaunchRules,
    spentLaunchRules
  }),
  ...tablesIn('protocol/app/trust/server-documents.ts', [endpointCases, 'unit/engine/app-hosts.test.ts'], {
    trustedConfigurationRules,
    issuerMetadataRules
  }),
  ...tablesIn('protocol/client/credentials.ts', [endpointCases], { credentialRules }),
  ...tablesIn('protocol/grant/conversation-rules.ts', [endpointCases], {
    signInRules,
    consentRules,
    availableContextRules,
    remainingScopeRules,
    chosenContextRules
  }),
  ...tablesIn('protocol/grant/refresh.ts', [endpointCases, firstRefusals], {
    refreshRequestScopeRules,
    narrowedScopeRules,
    refreshScopeRules
  }),
  ...tablesIn('protocol/token/introspection.ts', [endpointCases], {
    accessTokenRules,
    refreshTokenRules,
    introspectionCallerRules
  }),
  ...tablesIn('protocol/token/request.ts', [endpointCases], {
    postRules,
    postedFormRules,
    codeExchangeRules,
    refreshParameterRules,
    grantTypeParameterRules
  }),
  ...tablesIn('engine/resource/transaction.ts', [accessCases], { transactionRules }),
  ...tablesIn('protocol/access/decision-rules.ts', [accessCases, firstRefusals], {
    searchParameterRules,
    interactionRules
  }),
  ...tablesIn('protocol/access/profiles/profile-check.ts', [accessCases], { profileRowRules }),
  ...tablesIn('protocol/access/operations/operation-rules.ts', [accessCases, firstRefusals], {
    operationRules,
    operationInputRules,
    operationPermissionRules
  }),
  ...tablesIn('protocol/access/operations/export-rules.ts', [accessCases], { exportRules }),
  ...tablesIn('protocol/access/search/rewrite.ts', [accessCases], { rewrittenSearchRules, rewrittenTypeRules }),
  ...tablesIn('protocol/scope-policy/backend-scopes.ts', [accessCases], { backendBudgetRules, backendGrantRules }),
  ...tablesIn('protocol/scope-policy/resource-side-check.ts', [accessCases], { declaredParameterRules }),
  ...tablesIn('protocol/scope-policy/scope-rules.ts', [accessCases], { tokenScopeRules }),
  ...tablesIn('protocol/grant/outcome.ts', [requestCases], { accessPolicyRules }),
  ...tablesIn('protocol/grant/registration-rules.ts', [requestCases], { presentUserRules }),
  ...tablesIn('protocol/app/callback-rules.ts', [partyCases], { clientProofRules }),
  ...tablesIn('protocol/app/fhir-url.ts', [partyCases], { fhirUrlRules }),
  ...tablesIn('protocol/app/id-token-rules.ts', [partyCases], { expectedIdTokenRules, verifiedIdTokenRules }),
  ...tablesIn('protocol/app/token-response.ts', [partyCases], { tokenResponseRules }),
  ...tablesIn('protocol/client/authentication-rules.ts', [partyCases], { namedClientRules, authenticatingClientRules }),
  ...tablesIn('protocol/registration/request.ts', [partyCases], { registrationBodyRules, replacementRules }),
  ...tablesIn('protocol/app/readiness/advertised-rules.ts', [readinessCases], { advertisedRules }),
  ...tablesIn('protocol/app/readiness/identity-rules.ts', [readinessCases], { issuerDocumentRules, publishedKeyRules }),
  ...tablesIn('protocol/app/readiness/page-rules.ts', [readinessCases], { crossOriginRules, capabilityStatementRules }),
  ...tablesIn('simulator/host/ehr-launch.ts', [partyCases], { launchQueryRules, desktopLaunchRules }),
  ...tablesIn('simulator/launch/managed-app.ts', [partyCases], { managedAppRules }),
  ...tablesIn('simulator/launch/kept-id.ts', [partyCases], { keptIdRules })
]
