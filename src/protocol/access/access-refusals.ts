/**
 * The rules by which a request is refused below the FHIR base, as clients and the audit log see them.
 *
 * A refusal names its rule in `issue.details`: the name as a code of {@link accessRefusalSystem}, and the sentence as
 * text. The decision names the row of its rule table; the gate adds the rules about stored data, formats
 * and the upstream server. Source: FHIR R4, operationoutcome.html; RFC 6750, section 3.1.
 *
 * @module
 */
import { ownMember } from '../../values/own.js'

/** The code system of the names of the rules. */
export const accessRefusalSystem = 'urn:smart-app-launch:access-rule'

/** One rule by which requests are refused. */
export interface AccessRefusal {
  /** What was found, for the developer of the client. */
  readonly sentence: string
  /** The status codes with which it is refused. */
  readonly statuses: ReadonlyArray<number>
  /** `denied`: the token or the rules of this server do not permit it. `failed`: it could not be carried out. */
  readonly outcome: 'denied' | 'failed'
  /**
   * Whether no scope would permit the request, because this server does not serve such requests: it is refused without
   * a challenge. The last status is that of a request of its own; in a transaction it is 400.
   */
  readonly isUnserved: boolean
  /** The rule that the client sees, where it must not learn the true one. The audit event has the true one. */
  readonly shownAs?: string
}

const denied = (sentence: string, ...statuses: ReadonlyArray<number>): AccessRefusal => ({
  sentence,
  statuses,
  outcome: 'denied',
  isUnserved: false
})
const unserved = (sentence: string, ...statuses: ReadonlyArray<number>): AccessRefusal => ({
  ...denied(sentence, ...statuses),
  isUnserved: true
})
const failed = (sentence: string, ...statuses: ReadonlyArray<number>): AccessRefusal => ({
  sentence,
  statuses,
  outcome: 'failed',
  isUnserved: false
})

/** The rules, in the order in which they are checked. */
export const accessRefusals = {
  'texts-without-null': denied('A text can hold no U+0000 (FHIR R4, string).', 400),
  'answer-format': denied('The only format of responses is JSON.', 406),
  'body-format': denied('The only format of bodies is JSON.', 415),
  'request-readable': denied('The request cannot be read.', 400),
  'types-known': denied('There is no such type of resource.', 400),
  'interaction-known': denied('There is no such interaction here.', 400, 404, 405),
  'resource-type-known': unserved('The FHIR release of this server has no such type of resource.', 400, 404),
  'method-not-overridden': unserved('A header or parameter asks for another method than that of the request.', 400),
  'batch-not-nested': unserved('An entry of a Bundle cannot be a batch, a transaction or an export.', 400),
  'bundle-type-served': unserved('Only Bundles of the types batch and transaction can be posted here.', 400),
  'entry-at-this-server': unserved('An entry of the Bundle is for an address outside this server.', 400),
  'within-limits': denied('The request takes more than one request may.', 403, 413),
  'parameters-evaluated': unserved('The search has a parameter that cannot be evaluated here.', 400),
  'own-compartment': denied('The token is limited to its patient, and the address is another compartment.', 403),
  'acting-type-opened': denied(
    'The server would act by such a resource beyond what its user may do; this server does not open that to ' +
      'apps of users.',
    403
  ),
  'pages-by-links': denied(
    'Where something may be hidden, pages are reached by the links of this server, and not by parameters.',
    403
  ),
  'scope-sufficient': denied('The scopes of the token do not permit the request.', 403),
  'search-within-granted': denied('The search asks for more than the queries of the granted scopes cover.', 403),
  'export-of-many': unserved(
    'Bulk Data exports the system, all patients or a Group. The data of one patient are Patient/[id]/$everything.',
    400,
    404
  ),
  'operation-mapped': unserved('This server opens no such operation.', 400, 404),
  'response-can-be-filtered': denied(
    'The response of the operation cannot be limited to what the token allows, so it needs scopes without a limit.',
    403
  ),
  'operation-input-readable': denied('The input of the operation cannot be read.', 400),
  'operation-by-post': denied('The operation takes no GET.', 400, 405),
  'operation-does-not-write': unserved('A parameter makes the operation write.', 400),
  'operation-parameters-known': denied(
    'With a parameter that is not in the table of operations, the operation needs scopes without a limit.',
    403
  ),
  'operation-types-known': denied('There is no such type of resource.', 400),
  'operation-on-own-patient': denied(
    "The operation reads the data of all patients, or of another than the token's.",
    403
  ),
  'operation-selects-nothing-hidden': denied(
    'The operation selects among resources that the token does not permit, so it needs scopes without a limit.',
    403
  ),
  'export-for-systems': denied('An export is for tokens without a patient and for users without a limit.', 403),
  'export-filters-readable': denied('A filter of the export cannot be read.', 400),
  'export-filters-only-select': unserved('A filter of the export does more than select by values.', 400),
  'export-references-by-id': unserved('The patients of an export are references with an id.', 400),
  'export-files-readable': denied('The files of the export would have a format that cannot be checked here.', 403),
  'export-associated-data-known': denied('The export asks for associated data that cannot be checked here.', 403),
  'no-conditional-write': denied('A transaction can hold no conditional entry here.', 422),
  'no-writing-operation': denied('A transaction can hold no operation here that writes.', 422),
  'urns-distinct': denied('Two entries of the transaction have the same fullUrl.', 400),
  'written-resources-distinct': denied('Two entries of the transaction write the same resource.', 400),
  'page-link-opens': failed('There is no such page for this token, or not any more.', 410),
  'resource-found': failed('There is no such resource.', 404),
  'resource-permitted': { ...denied('The token does not permit the resource.', 404), shownAs: 'resource-found' },
  'resource-within-limits': {
    ...failed('The resource is larger than one that can be checked.', 404),
    shownAs: 'resource-found'
  },
  'compartment-shows-nothing': failed(
    'Nothing is found in the compartment, or this server has no searches in such compartments.',
    404
  ),
  'resource-not-deleted': failed('The resource was deleted.', 410),
  'written-resource-permitted': denied('The token does not permit the resource that would be written.', 403),
  'patch-without-reading': denied('Without reading it, a patch sets or removes whole members of a resource.', 403),
  'patch-format': denied('A patch of this format is not served.', 415),
  'patch-applies': denied('The patch does not apply to the resource.', 400, 413, 422),
  'version-matches': failed('Another version of the resource is stored than the one that the request is for.', 412),
  'version-known': failed('The FHIR server does not say versions.', 412),
  'condition-matches-one': failed('The condition finds more than one resource.', 412),
  'condition-matches-id': failed('The condition finds a resource with another id.', 400),
  'server-accepts': failed(
    'The FHIR server refuses the request.',
    400,
    404,
    405,
    409,
    410,
    412,
    413,
    415,
    422,
    428,
    501
  ),
  'server-patience': failed('The FHIR server asks to try again later.', 429, 503),
  'server-answers': failed('The FHIR server does not answer as it should.', 502, 503),
  'server-credentials': {
    ...failed('The FHIR server refuses the credentials of the gate.', 502),
    shownAs: 'server-answers'
  },
  'host-functions-work': { ...failed('A function of the host failed.', 503), shownAs: 'server-answers' },
  'not-overloaded': failed('Too much is being answered at once.', 503),
  'client-present': failed('The client has left.', 503)
} as const satisfies Readonly<Record<string, AccessRefusal>>

/** The name of a rule by which requests are refused. */
export type AccessRefusalName = keyof typeof accessRefusals

/** The row of a rule; undefined for an unknown name. */
export const accessRefusalOf = (rule: string): AccessRefusal | undefined =>
  ownMember(accessRefusals as Readonly<Record<string, AccessRefusal>>, rule)
