/**
 * The 31 rows of the table of interactions: request, interaction, and the scopes that are and are not enough for it.
 */
export interface InteractionRow {
  readonly row: number
  /** Method, and the address below the base. */
  readonly request: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly tag: string
  readonly enough: ReadonlyArray<string>
  readonly notEnough: ReadonlyArray<string>
  /** What `enough` leads to; `Permit` when nothing is said. */
  readonly decision?: string
}

const observation = { resourceType: 'Observation', id: 'x' }
const without = (letters: string): ReadonlyArray<string> =>
  letters.split('').map((letter) => `system/Observation.${'cruds'.replace(letter, '')}`)
const one = (
  row: number,
  request: string,
  tag: string,
  letters: string,
  more: Partial<InteractionRow> = {}
): InteractionRow => ({
  row,
  request,
  tag,
  enough: [`system/Observation.${letters}`],
  notEnough: [...without(letters), 'system/Patient.cruds', ''],
  ...more
})
const entries = (type: string) => ({
  resourceType: 'Bundle',
  type,
  entry: [{ request: { method: 'GET', url: 'Observation/x' } }, { request: { method: 'DELETE', url: 'Observation/x' } }]
})
const form = { 'content-type': 'application/x-www-form-urlencoded' }

export const interactionRows: ReadonlyArray<InteractionRow> = [
  one(1, 'GET /Observation/x', 'Read', 'r'),
  one(1, 'HEAD /Observation/x?_summary=true', 'Read', 'r'),
  one(2, 'GET /Observation/x/_history/1', 'VersionRead', 'r'),
  one(3, 'GET /Observation/x/_history?_count=2', 'History', 'r'),
  one(4, 'GET /Observation/_history', 'History', 's'),
  {
    row: 5,
    request: 'GET /_history',
    tag: 'History',
    enough: ['system/*.s'],
    notEnough: ['system/Observation.s', 'patient/Observation.s', 'system/*.crud']
  },
  {
    row: 5,
    request: 'GET /_history',
    tag: 'History',
    enough: ['patient/*.s', 'system/*.s?status=final'],
    notEnough: ['patient/*.crud'],
    decision: 'Filter'
  },
  one(6, 'POST /Observation', 'Create', 'c', { body: observation }),
  one(7, 'POST /Observation', 'Create', 'cs', { body: observation, headers: { 'if-none-exist': 'code=1' } }),
  one(8, 'PUT /Observation/x', 'Update', 'u', { body: observation }),
  one(9, 'PUT /Observation?code=1', 'Update', 'us', { body: observation }),
  one(10, 'PATCH /Observation/x', 'Patch', 'u', { body: [] }),
  one(11, 'PATCH /Observation?code=1', 'Patch', 'us', { body: [] }),
  one(12, 'DELETE /Observation/x', 'Delete', 'd'),
  one(13, 'DELETE /Observation/?code=1', 'Delete', 'ds'),
  { row: 13, request: 'DELETE /Observation', tag: 'NotSupported', enough: [], notEnough: ['system/*.cruds'] },
  one(14, 'GET /Observation?_id=x', 'Search', 's'),
  one(14, 'HEAD /Observation', 'Search', 's'),
  one(15, 'POST /Observation/_search?code=1', 'Search', 's', { body: 'status=final', headers: form }),
  {
    row: 16,
    request: 'GET /?_type=Observation,Patient',
    tag: 'Search',
    enough: ['system/Observation.s system/Patient.s', 'system/*.s'],
    notEnough: ['system/Observation.s', 'system/Patient.s']
  },
  {
    row: 17,
    request: 'GET /?_lastUpdated=gt2020',
    tag: 'Search',
    enough: ['system/*.s'],
    notEnough: ['system/Observation.s', 'patient/Observation.s']
  },
  {
    row: 18,
    request: 'POST /_search',
    body: '_type=Observation',
    headers: form,
    tag: 'Search',
    enough: ['system/Observation.s'],
    notEnough: ['system/Observation.crud', 'system/Patient.s']
  },
  one(19, 'GET /Patient/a/Observation?code=1', 'Search', 's'),
  {
    row: 19,
    request: 'GET /Patient/a/Observation',
    tag: 'Search',
    enough: ['patient/Observation.s'],
    notEnough: ['patient/Observation.r'],
    decision: 'Filter'
  },
  { row: 19, request: 'GET /Patient/b/Observation', tag: 'Search', enough: [], notEnough: ['patient/Observation.s'] },
  {
    row: 19,
    request: 'GET /Practitioner/a/Observation',
    tag: 'Search',
    enough: ['patient/Observation.s'],
    notEnough: ['patient/Observation.r'],
    decision: 'Filter'
  },
  { row: 20, request: 'GET /Patient/a/*', tag: 'Search', enough: ['system/*.s'], notEnough: ['system/Observation.s'] },
  {
    row: 21,
    request: 'POST /Patient/a/Observation/_search',
    headers: form,
    tag: 'Search',
    enough: ['system/Observation.s'],
    notEnough: ['system/Observation.crud']
  },
  { row: 22, request: 'GET /metadata?mode=full', tag: 'Capabilities', enough: ['', 'openid'], notEnough: [] },
  {
    row: 23,
    request: 'POST /',
    body: entries('batch'),
    tag: 'Batch',
    enough: ['system/Observation.rd', 'system/Observation.r', ''],
    notEnough: [],
    decision: 'Each'
  },
  {
    row: 24,
    request: 'POST /',
    body: entries('transaction'),
    tag: 'Batch',
    enough: ['system/Observation.rd'],
    notEnough: ['system/Observation.r', 'system/Observation.d'],
    decision: 'Each'
  },
  {
    row: 25,
    request: 'POST /',
    body: entries('history'),
    tag: 'NotSupported',
    enough: [],
    notEnough: ['system/*.cruds']
  },
  {
    row: 26,
    request: 'POST /Bundle',
    body: entries('batch'),
    tag: 'Create',
    enough: ['system/Bundle.c'],
    notEnough: ['system/Observation.cruds', 'patient/*.cruds']
  },
  ...['GET /$op', 'POST /Observation/$op', 'GET /Observation/x/$op'].map((request): InteractionRow => ({
    row: 27,
    request,
    tag: 'Operation',
    enough: [],
    notEnough: ['system/*.cruds']
  })),
  {
    row: 27,
    request: 'GET /Observation/x/_history/1/$op',
    tag: 'NotSupported',
    enough: [],
    notEnough: ['system/*.cruds']
  },
  { row: 28, request: 'OPTIONS /Observation', tag: 'NotSupported', enough: [], notEnough: ['system/*.cruds'] },
  {
    row: 29,
    request: 'GET /?_getpages=abc',
    tag: 'Search',
    enough: ['system/*.s'],
    notEnough: ['system/Observation.s']
  },
  one(30, 'GET /Observation', 'Search', 's', { headers: { prefer: 'respond-async' } }),
  ...[
    'DELETE /Observation/x/_history',
    'PUT /Observation',
    'POST /Observation/x',
    'GET /Nothing',
    'GET /Observation/x/y/z',
    'GET /Group/x/Observation',
    'BREW /Observation/x'
  ].map((request): InteractionRow => ({
    row: 31,
    request,
    body: observation,
    tag: 'NotSupported',
    enough: [],
    notEnough: ['system/*.cruds']
  }))
]
