/**
 * The limits of the gate and of the simulator's FHIR server: rows of the table in `limits.ts`.
 *
 * @module
 */
import type { Limit } from './limit.js'

/** The rows. */
export const fhirLimits = {
  fhirBundleEntries: {
    subject: 'fhir',
    what: 'The entries of one batch or transaction',
    unit: 'items',
    default: 500,
    setting: '`limits.bundleEntries` of `fhirGate`',
    beyond: '413 `too-costly`; no entry is carried out'
  },
  fhirUpstreamRequests: {
    subject: 'fhir',
    what: 'The upstream requests for one client request, with all entries of a batch',
    unit: 'requests',
    default: 1000,
    setting: '`limits.upstreamRequests` of `fhirGate`',
    beyond: '413 `too-costly`; in a batch for each entry that was not handled; a transaction writes nothing'
  },
  fhirUpstreamAnswer: {
    subject: 'fhir',
    what: 'One upstream response',
    unit: 'characters',
    default: 16_777_216,
    setting: '`limits.upstreamAnswer` of `fhirGate`',
    beyond:
      '413 `too-costly`; 403 `too-costly` for a search of several resources; 404, or no match, for one resource that ' +
      'must be checked; ' +
      'what it would have opened stays hidden, and a page of several says so'
  },
  fhirHeld: {
    subject: 'fhir',
    what:
      'The memory of one client request: pages of a search, responses of a batch, writes of a transaction; and, ' +
      'counted by itself, what is looked up to open resources',
    unit: 'characters',
    default: 16_777_216,
    setting: '`limits.held` of `fhirGate`',
    beyond:
      '403 `too-costly` for a search, whose further pages begin the next page; 413 `too-costly` for the entries of a ' +
      'batch; a transaction writes nothing; what the lookup would have opened stays hidden, and a page of several ' +
      'says so'
  },
  fhirHeldInAll: {
    subject: 'fhir',
    what:
      'The same memory for all requests of the process, with all gates together, and the incomplete responses of ' +
      '`fhirUpstream`',
    unit: 'characters',
    default: 33_554_432,
    setting: '`limits.heldInAll` of `fhirGate`',
    beyond: '503 `transient` with `Retry-After`; in a batch for the entries; a transaction writes nothing'
  },
  fhirForwardedIssues: {
    subject: 'fhir',
    what: 'The issues of an OperationOutcome of the upstream server that are forwarded, and its warnings in a search',
    unit: 'items',
    default: 50,
    setting: null,
    beyond: 'the others are left out'
  },
  fhirForwardedText: {
    subject: 'fhir',
    what: 'A text of a forwarded issue',
    unit: 'characters',
    default: 2000,
    setting: null,
    beyond: 'the text is left out'
  },
  fhirPageRequests: {
    subject: 'fhir',
    what: 'The upstream requests for one page of a search, a history or an operation, and for what opens its resources',
    unit: 'requests',
    default: 3,
    setting: '`limits.pageRequests` of `fhirGate`',
    beyond:
      'The page ends, with a link to the next one; resources whose access depends on more stay hidden; ' +
      '403 `too-costly` for a condition of a write'
  },
  fhirPageEntries: {
    subject: 'fhir',
    what: 'The matches of one page of a search or a history, also if the client asks for more (`_count`)',
    unit: 'items',
    default: 1000,
    setting: '`limits.pageEntries` of `fhirGate`',
    beyond: 'The other matches are on the next page'
  },
  fhirUnnarrowedEntries: {
    subject: 'fhir',
    what: 'The matches of one page that are requested at least where a search cannot be narrowed to what is permitted',
    unit: 'items',
    default: 50,
    setting: null,
    beyond: 'The other matches are on the next page'
  },
  fhirPageLink: {
    subject: 'fhir',
    what: "What a page link seals: the client's request and the address of the upstream server's page",
    unit: 'characters',
    default: 8192,
    setting: null,
    beyond: '413 `too-costly`'
  },
  fhirNarrowedRequests: {
    subject: 'fhir',
    what: 'The requests into which one search is narrowed',
    unit: 'requests',
    default: 50,
    setting: '`limits.narrowedRequests` of `fhirGate`',
    beyond: 'The search is sent unchanged, and its results are checked'
  },
  fhirIncludes: {
    subject: 'fhir',
    what: 'The different `_include` and `_revinclude` of one search',
    unit: 'items',
    default: 50,
    setting: '`limits.includes` of `fhirGate`',
    beyond: '403 `too-costly`'
  },
  fhirEvidenceRequests: {
    subject: 'fhir',
    what:
      'The upstream requests of one client request, or of one entry of a batch, for what opens resources: targets of ' +
      'Provenance, documents of Binary. A page has those that `fhirPageRequests` leaves',
    unit: 'requests',
    default: 8,
    setting: null,
    beyond: 'Resources whose access depends on more stay hidden'
  },
  fhirEvidenceSearches: {
    subject: 'fhir',
    what: 'The reads and searches in one batch for what opens resources',
    unit: 'items',
    default: 50,
    setting: null,
    beyond: 'A further request asks for the rest'
  },
  fhirEvidenceItems: {
    subject: 'fhir',
    what:
      'The ids, documents or addresses that one of these requests asks for; a tenth of it for the first documents of ' +
      'a patient, where others may follow',
    unit: 'items',
    default: 100,
    setting: null,
    beyond: 'A further request asks for the rest'
  },
  fhirEvidenceTargets: {
    subject: 'fhir',
    what: 'The targets of one Provenance that may open it',
    unit: 'items',
    default: 50,
    setting: null,
    beyond: 'Further targets do not open it'
  },
  fhirExportFiles: {
    subject: 'fhir',
    what: 'The files and links of one manifest of a bulk export; a file is one upstream response',
    unit: 'items',
    default: 2000,
    setting: null,
    beyond: '413 `too-costly`'
  },
  fhirSearchParameters: {
    subject: 'fhir',
    what: 'The parameters of one search string',
    unit: 'items',
    default: 200,
    setting: null,
    beyond: '400 `invalid`'
  },
  fhirSearchValues: {
    subject: 'fhir',
    what: 'The values of one search string, with each item of a comma list',
    unit: 'items',
    default: 1000,
    setting: null,
    beyond: '400 `invalid`'
  },
  fhirSearchChain: {
    subject: 'fhir',
    what: 'The names and types of one chain of a search parameter',
    unit: 'items',
    default: 50,
    setting: null,
    beyond: '400 `not-supported`'
  },
  fhirGrantedComparisons: {
    subject: 'fhir',
    what: 'The comparisons of searched values with granted ones, made to refuse a search before it is sent',
    unit: 'comparisons',
    default: 20_000,
    setting: null,
    beyond: 'The search is sent, and its results are checked'
  },
  fhirDepth: {
    subject: 'fhir',
    what: 'The levels of arrays and objects in a body, a response or a patched resource',
    unit: 'levels',
    default: 200,
    setting: null,
    beyond: '400 `invalid`; 422 `too-long` for a patched resource; 502 `exception` for a response'
  },
  fhirPatchOperations: {
    subject: 'fhir',
    what: 'The operations of one patch',
    unit: 'operations',
    default: 5000,
    setting: '`limits.patchOperations` of `fhirGate`',
    beyond: '413 `too-costly`'
  },
  fhirPatchPointer: {
    subject: 'fhir',
    what: 'The steps of a pointer of a JSON Patch, or of a path of a FHIRPath Patch',
    unit: 'items',
    default: 499,
    setting: null,
    beyond: '400 `processing`; 415 for a FHIRPath Patch'
  },
  fhirPatchLooked: {
    subject: 'fhir',
    what: 'The elements that the paths of one FHIRPath Patch look at',
    unit: 'items',
    default: 1_000_000,
    setting: null,
    beyond: '413 `too-costly`'
  },
  fhirPatchCopied: {
    subject: 'fhir',
    what: 'The values and characters that all `copy` operations of one JSON Patch copy',
    unit: 'items',
    default: 1_000_000,
    setting: '`limits.patchCopied` of `fhirGate`',
    beyond: '413 `too-costly`'
  },
  simulatorResources: {
    subject: 'simulator',
    what: "The resources of the simulator's FHIR server, with deleted ones",
    unit: 'items',
    default: 5000,
    setting: null,
    beyond: '413 `too-costly`; nothing is stored'
  },
  simulatorVersions: {
    subject: 'simulator',
    what: "The versions of one resource at the simulator's FHIR server",
    unit: 'items',
    default: 20,
    setting: null,
    beyond: 'The oldest version is removed: 404'
  },
  simulatorResource: {
    subject: 'simulator',
    what: "One resource at the simulator's FHIR server: characters of its texts and names, and 32 for each value",
    unit: 'bytes',
    default: 4_194_304,
    setting: null,
    beyond: '413 `too-costly`; nothing is stored'
  },
  simulatorStored: {
    subject: 'simulator',
    what: "All versions of all resources at the simulator's FHIR server, counted in the same way",
    unit: 'bytes',
    default: 50_331_648,
    setting: null,
    beyond: '413 `too-costly`; nothing is stored'
  },
  simulatorPage: {
    subject: 'simulator',
    what: "The matches on one page of a search, a history or `$everything` at the simulator's FHIR server",
    unit: 'items',
    default: 200,
    setting: null,
    beyond: 'The others are on the next pages'
  },
  simulatorSortKeys: {
    subject: 'simulator',
    what: "The keys of one `_sort` at the simulator's FHIR server",
    unit: 'items',
    default: 10,
    setting: null,
    beyond: '400 `not-supported`'
  },
  fhirFollowed: {
    subject: 'simulator',
    what: 'The resources that are read to find the patients whom one Binary, Provenance, AuditEvent or link concerns',
    unit: 'items',
    default: 100,
    setting: null,
    beyond: 'The resource is hidden from users who may not see all patients'
  }
} as const satisfies Readonly<Record<string, Limit>>
