/**
 * The operations that the gate knows: what each reads and writes, as data with its source.
 *
 * An operation that only shows resources can be filtered: each resource of its response is checked like a search
 * result. An operation that evaluates resources which it does not show (matches, counts, translations) needs
 * permissions without a limit for what it evaluates. An operation that writes needs the permissions to write. Every
 * other operation is denied unless the host maps it.
 *
 * Source: FHIR R4, operations.html, "Operations are subject to the same security constraints and requirements as the
 * RESTful API", and the page of each operation.
 *
 * @module
 */
import type { OperationLevel } from '../fhir-interaction.js'
import type { Permission } from '../../../scopes/scope.js'

/** What an operation reads. A type of null is the type in the URL, `*` is every type. */
export type OperationRead =
  /** The resource in the URL. */
  | { readonly how: 'focus' }
  /** Resources that the response holds: each is checked. */
  | { readonly how: 'shown'; readonly type: string | null; readonly permission: Permission }
  /** Resources that decide about the response and that it does not hold: the permission must have no limit. */
  | { readonly how: 'evaluated'; readonly type: string | null; readonly permission: Permission }
  /** Nothing stored: any permission for the type is enough. */
  | { readonly how: 'named' }

/** What the response of an operation holds. */
export type OperationResponse =
  /** A Bundle, whose resources are checked one by one. */
  | 'resources'
  /** A document Bundle, which is shown whole or not at all. */
  | 'document'
  /** One resource, which is checked. */
  | 'resource'
  /** An OperationOutcome about the input. */
  | 'outcome'
  /** Parameters with values. */
  | 'values'
  /** The address of a job whose files hold the resources. */
  | 'files'

/** One operation. */
export interface StandardOperation {
  /** Without `$`. */
  readonly name: string
  readonly level: OperationLevel
  /** Null for every type, and for the system. */
  readonly type: string | null
  readonly reads: ReadonlyArray<OperationRead>
  /** The permissions to write, without a limit. */
  readonly writes: ReadonlyArray<Permission>
  /** Whether GET is possible: the operation changes nothing, and its parameters fit into a URL. */
  readonly takesGet: boolean
  readonly response: OperationResponse
  /**
   * The parameters that only narrow or present the response; `search` for the search parameters of the type besides
   * them. A token with a limit may use no others.
   */
  readonly parameters: ReadonlyArray<string>
  readonly takesSearch?: boolean
  /**
   * The parameter for which the whole body may be the resource: the only one of them that takes a resource (FHIR R4,
   * operations.html). It is a resource of the type in the URL. Without one, a body is Parameters.
   */
  readonly bodyParameter?: string
  /** Parameters that would make the operation write: they are refused. */
  readonly writingParameters?: ReadonlyArray<string>
  /**
   * Whether the operation covers all patients. A `patient/` scope covers one, so that it permits the operation on that
   * patient only.
   */
  readonly isOfAllPatients?: boolean
  /** Whether resources compete for a place in the response: hidden ones would show by their absence. */
  readonly selects?: boolean
  /** The page of the definition. */
  readonly source: string
}

const focus: OperationRead = { how: 'focus' }
const shown = (type: string | null, permission: Permission): OperationRead => ({ how: 'shown', type, permission })
const evaluated = (...types: ReadonlyArray<string | null>): ReadonlyArray<OperationRead> =>
  types.map((type) => ({ how: 'evaluated', type, permission: 's' }))

const reading = { writes: [], takesGet: true } as const
const r4 = (page: string): string => `https://hl7.org/fhir/R4/${page}`

const onBoth = (
  row: Omit<StandardOperation, 'level' | 'reads'> & { readonly evaluates: ReadonlyArray<string> }
): ReadonlyArray<StandardOperation> => {
  const { evaluates, ...rest } = row
  return [
    { ...rest, level: 'type', reads: evaluated(...evaluates) },
    { ...rest, level: 'instance', reads: [focus, ...evaluated(...evaluates)] }
  ]
}

const period = ['start', 'end', '_since', '_type', '_count']
const coded = ['url', 'code', 'system', 'version', 'display', 'coding', 'codeableConcept', 'date', 'displayLanguage']

const records: ReadonlyArray<StandardOperation> = [
  ...['Patient', 'Encounter', 'Group'].map((type): StandardOperation => ({
    name: 'everything',
    level: 'instance',
    type,
    reads: [focus, shown('*', 's')],
    ...reading,
    response: 'resources',
    parameters: period,
    source: r4(`${type.toLowerCase()}-operation-everything.html`)
  })),
  {
    name: 'everything',
    level: 'type',
    type: 'Patient',
    reads: [shown('*', 's')],
    ...reading,
    response: 'resources',
    parameters: period,
    isOfAllPatients: true,
    source: r4('patient-operation-everything.html')
  },
  {
    name: 'lastn',
    level: 'type',
    type: 'Observation',
    reads: [shown(null, 's')],
    ...reading,
    response: 'resources',
    parameters: ['max', '_count'],
    takesSearch: true,
    selects: true,
    source: r4('observation-operation-lastn.html')
  },
  {
    name: 'docref',
    level: 'type',
    type: 'DocumentReference',
    reads: [shown(null, 's')],
    ...reading,
    response: 'resources',
    parameters: ['patient', 'start', 'end', 'type', 'on-demand', 'profile', '_count'],
    source: 'https://hl7.org/fhir/us/core/OperationDefinition-docref.html'
  },
  {
    name: 'find',
    level: 'type',
    type: 'List',
    reads: [shown(null, 's')],
    ...reading,
    response: 'resource',
    parameters: ['patient', 'name'],
    source: r4('list-operation-find.html')
  },
  {
    name: 'document',
    level: 'instance',
    type: 'Composition',
    reads: [focus, shown('*', 'r')],
    ...reading,
    response: 'document',
    parameters: [],
    writingParameters: ['persist'],
    source: r4('composition-operation-document.html')
  },
  {
    name: 'summary',
    level: 'instance',
    type: 'Patient',
    reads: [focus, shown('*', 's')],
    ...reading,
    response: 'document',
    parameters: ['profile'],
    source: 'https://hl7.org/fhir/uv/ips/OperationDefinition-summary.html'
  },
  {
    name: 'stats',
    level: 'type',
    type: 'Observation',
    reads: evaluated(null),
    ...reading,
    response: 'values',
    parameters: ['subject', 'code', 'system', 'coding', 'duration', 'period', 'statistic', 'include', 'limit'],
    source: r4('observation-operation-stats.html')
  },
  {
    name: 'match',
    level: 'type',
    type: 'Patient',
    reads: evaluated(null),
    writes: [],
    takesGet: false,
    response: 'resources',
    parameters: ['resource', 'onlyCertainMatches', 'count'],
    bodyParameter: 'resource',
    source: r4('patient-operation-match.html')
  },
  {
    name: 'member-match',
    level: 'type',
    type: 'Patient',
    reads: evaluated(null, 'Coverage'),
    writes: [],
    takesGet: false,
    response: 'values',
    parameters: ['MemberPatient', 'CoverageToMatch', 'CoverageToLink', 'Consent'],
    source: 'https://hl7.org/fhir/us/davinci-hrex/OperationDefinition-member-match.html'
  },
  ...(['type', 'instance'] as const).map((level): StandardOperation => ({
    name: 'evaluate-measure',
    level,
    type: 'Measure',
    reads: [...(level === 'instance' ? [focus] : []), ...evaluated('*')],
    ...reading,
    response: 'values',
    parameters: ['periodStart', 'periodEnd', 'measure', 'reportType', 'subject', 'practitioner', 'lastReceivedOn'],
    source: r4('measure-operation-evaluate-measure.html')
  })),
  {
    name: 'care-gaps',
    level: 'type',
    type: 'Measure',
    reads: evaluated('*'),
    ...reading,
    response: 'resources',
    parameters: ['periodStart', 'periodEnd', 'topic', 'subject'],
    source: r4('measure-operation-care-gaps.html')
  }
]

const metadata: ReadonlyArray<StandardOperation> = [
  ...(['type', 'instance'] as const).map((level): StandardOperation => ({
    name: 'validate',
    level,
    type: null,
    reads: level === 'type' ? [{ how: 'named' }] : [focus],
    ...reading,
    response: 'outcome',
    parameters: ['resource', 'mode', 'profile'],
    bodyParameter: 'resource',
    source: r4('resource-operation-validate.html')
  })),
  {
    name: 'meta',
    level: 'instance',
    type: null,
    reads: [focus],
    ...reading,
    response: 'values',
    parameters: [],
    source: r4('resource-operation-meta.html')
  },
  ...(['type', 'system'] as const).map((level): StandardOperation => ({
    name: 'meta',
    level,
    type: null,
    reads: evaluated(level === 'type' ? null : '*'),
    ...reading,
    response: 'values',
    parameters: [],
    source: r4('resource-operation-meta.html')
  })),
  ...['meta-add', 'meta-delete'].map((name): StandardOperation => ({
    name,
    level: 'instance',
    type: null,
    reads: [focus],
    writes: ['u'],
    takesGet: false,
    response: 'values',
    parameters: ['meta'],
    source: r4(`resource-operation-${name}.html`)
  })),
  {
    name: 'versions',
    level: 'system',
    type: null,
    reads: [],
    ...reading,
    response: 'values',
    parameters: [],
    source: r4('capabilitystatement-operation-versions.html')
  }
]

const terminology: ReadonlyArray<StandardOperation> = [
  ...(['type', 'instance'] as const).map((level): StandardOperation => ({
    name: 'expand',
    level,
    type: 'ValueSet',
    reads: [...(level === 'instance' ? [focus] : []), shown(null, 'r')],
    ...reading,
    response: 'resource',
    // The parameter `valueSet` is a definition by the client, which could show codes of any code system.
    parameters: [
      ...['url', 'valueSetVersion', 'filter', 'date', 'offset', 'count', 'includeDesignations', 'designation'],
      ...['includeDefinition', 'activeOnly', 'excludeNested', 'excludeNotForUI', 'excludePostCoordinated'],
      ...['displayLanguage', 'exclude-system', 'system-version', 'check-system-version', 'force-system-version']
    ],
    bodyParameter: 'valueSet',
    source: r4('valueset-operation-expand.html')
  })),
  ...['ValueSet', 'CodeSystem'].flatMap((type) =>
    onBoth({
      name: 'validate-code',
      type,
      evaluates: ['ValueSet', 'CodeSystem'],
      ...reading,
      response: 'values',
      parameters: [...coded, 'context', 'valueSet', 'valueSetVersion', 'codeSystem', 'systemVersion', 'abstract'],
      bodyParameter: type === 'ValueSet' ? 'valueSet' : 'codeSystem',
      source: r4(`${type.toLowerCase()}-operation-validate-code.html`)
    })
  ),
  {
    name: 'lookup',
    level: 'type',
    type: 'CodeSystem',
    reads: evaluated(null),
    ...reading,
    response: 'values',
    parameters: [...coded, 'property'],
    source: r4('codesystem-operation-lookup.html')
  },
  ...onBoth({
    name: 'subsumes',
    type: 'CodeSystem',
    evaluates: ['CodeSystem'],
    ...reading,
    response: 'values',
    parameters: ['codeA', 'codeB', 'system', 'version', 'codingA', 'codingB'],
    source: r4('codesystem-operation-subsumes.html')
  }),
  ...onBoth({
    name: 'translate',
    type: 'ConceptMap',
    evaluates: ['ConceptMap', 'ValueSet', 'CodeSystem'],
    ...reading,
    response: 'values',
    bodyParameter: 'conceptMap',
    parameters: [...coded, 'conceptMap', 'conceptMapVersion', 'source', 'target', 'targetsystem', 'reverse'],
    source: r4('conceptmap-operation-translate.html')
  }),
  {
    name: 'preferred-id',
    level: 'type',
    type: 'NamingSystem',
    reads: evaluated(null),
    ...reading,
    response: 'values',
    parameters: ['id', 'type'],
    source: r4('namingsystem-operation-preferred-id.html')
  }
]

const exports: ReadonlyArray<StandardOperation> = (
  [
    ['system', null, 'export'],
    ['type', 'Patient', 'patient-export'],
    ['instance', 'Group', 'group-export']
  ] as const
).map(([level, type, page]) => ({
  name: 'export',
  level,
  type,
  reads: [...(level === 'instance' ? [focus] : []), shown('*', 's'), shown('*', 'r')],
  ...reading,
  response: 'files',
  parameters: [
    ...['_outputFormat', '_since', '_until', '_type', '_typeFilter', '_elements', 'patient', 'includeAssociatedData'],
    'allowPartialManifests'
  ],
  source: `https://hl7.org/fhir/uv/bulkdata/OperationDefinition-${page}.html`
}))

/** The operations, most used first. */
export const standardOperations: ReadonlyArray<StandardOperation> = [
  ...records,
  ...exports,
  ...metadata,
  ...terminology
]

/** The names of the operations whose input is known: those of the table, and exports. */
export const knownOperations: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'export',
  ...standardOperations.map(({ name }) => name)
])

/** The row of an operation; undefined when there is none. */
export const standardOperation = (operation: {
  readonly level: OperationLevel
  readonly type: string | null
  readonly name: string
}): StandardOperation | undefined =>
  standardOperations.find(
    ({ name, level, type }) =>
      name === operation.name && level === operation.level && (type === null || type === operation.type)
  )
