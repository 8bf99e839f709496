/**
 * The scope language: parsing, printing and comparing scopes by what they permit.
 *
 * @module scopes
 */
export type {
  Clause,
  ExtensionScope,
  IdentityScope,
  LaunchScope,
  Level,
  MalformedScopeReason,
  MalformedScope,
  Permission,
  RefreshScope,
  ResourceScope,
  Scope,
  ScopeSet,
  UnknownScope
} from './scope.js'
export { holdsText, isExperimental, isResourceScope, permissionOrder } from './scope.js'
export { parse, parseScope, parseStrict } from './parse.js'
export type { ScopeParseError } from './parse.js'
export { clauseOf } from './query.js'
export { format, resourceScope } from './format.js'
export { fhirR4, fhirR4With } from './vocabulary.js'
export type { ParameterType, RegisteredParameter, Vocabulary } from './vocabulary.js'
export { defaultComplexityLimit, permits } from './permits.js'
export type { Access, LevelOrder, ScopeOptions, SearchIndex } from './permits.js'
export type { TooComplex } from './atoms.js'
export { compile } from './compile.js'
export type { Compiled } from './compile.js'
export { counterexample, coveredBy, disjoint, equivalence, subsumption } from './subsumes.js'
export { certify } from './certificates/certify.js'
export { certificateInWords } from './certificates/words.js'
export { certificateVersion } from './certificates/certificate.js'
export type {
  CounterexampleCertificate,
  CoverCertificate,
  CoveredAtom,
  CoveredText,
  ScopeCertificate
} from './certificates/certificate.js'
export type { ComparedType } from './vocabulary.js'
export { intersect, uncovered, union } from './set-operations.js'
export { normalize } from './normalize.js'
export { toV1, toV2 } from './version-1.js'
export type { NotExpressibleInV1 } from './version-1.js'
export { fromUri, openidScopePrefix, smartScopePrefix, toUri } from './uri-form.js'
export { readAzureScopes, readVerbScopes, readVersion1WithQuery } from './dialects.js'
export type { DialectReading, Repair } from './dialects.js'
export { compareGrant } from './compare-grant.js'
export type { GrantComparison } from './compare-grant.js'
export { explain, explainEach, explainScope } from './explain/explain.js'
export type { Descriptor, ExplainOptions, Explanation } from './explain/explain.js'
export type { Explained, ExplainedResource, Sentences } from './explain/sentences.js'
export { claims, claimsFor, rightsOf } from './explain/claims.js'
export type { Act, Claim, ClaimName, Rights, RightsOptions } from './explain/claims.js'
export type { ExplainedClause, ExplainedValue } from './explain/clauses.js'
export { english } from './explain/english.js'
