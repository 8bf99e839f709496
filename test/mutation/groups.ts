/**
 * What a mutation run mutates, group by group, and the suites that it plays: fast ones, from the sources, without a
 * build.
 */
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface Group {
  readonly name: string
  readonly mutate: ReadonlyArray<string>
  readonly suites: ReadonlyArray<string>
}

export const groups: ReadonlyArray<Group> = [
  {
    name: 'values',
    mutate: ['src/scopes/clause.ts', 'src/scopes/query.ts'],
    suites: ['test/unit/scopes/values.test.ts']
  },
  {
    name: 'reader',
    mutate: ['src/scopes/parse.ts', 'src/scopes/format.ts'],
    suites: ['test/unit/scopes/parse.test.ts', 'test/unit/scopes/values.test.ts']
  },
  {
    name: 'words',
    mutate: [
      'src/scopes/compare-grant.ts',
      'src/scopes/dialects.ts',
      'src/scopes/index.ts',
      'src/scopes/levels.ts',
      'src/scopes/scope.ts',
      'src/scopes/selectivity.ts',
      'src/scopes/uri-form.ts',
      'src/scopes/version-1.ts',
      'src/scopes/vocabulary.ts'
    ],
    suites: [
      'test/unit/scopes/forms.test.ts',
      'test/unit/scopes/levels.test.ts',
      'test/unit/scopes/vocabulary.test.ts',
      'test/unit/scopes/atoms.test.ts',
      'test/unit/scopes/parse.test.ts',
      'test/unit/scopes/peers.test.ts'
    ]
  },
  {
    name: 'explain',
    mutate: ['src/scopes/explain/*.ts'],
    suites: [
      'test/unit/scopes/explain.test.ts',
      'test/unit/scopes/explain-truth.test.ts',
      'test/unit/scopes/messages.test.ts'
    ]
  },
  {
    name: 'certificates',
    mutate: ['src/scopes/certificates/*.ts'],
    suites: ['test/vectors/certificate-examples.test.ts', 'test/unit/scopes/messages.test.ts']
  },
  {
    name: 'subsumption',
    mutate: ['src/scopes/subsumes.ts'],
    suites: ['test/unit/scopes/subsumes.test.ts']
  },
  {
    name: 'algebra',
    mutate: ['src/scopes/atoms.ts', 'src/scopes/index-names.ts', 'src/scopes/permits.ts', 'src/scopes/value-index.ts'],
    suites: [
      'test/unit/scopes/atoms.test.ts',
      'test/unit/scopes/permits.test.ts',
      'test/unit/scopes/subsumes.test.ts',
      'test/unit/scopes/algebra-edges.test.ts',
      'test/definition/algebra.test.ts'
    ]
  },
  {
    name: 'normal-form',
    mutate: ['src/scopes/normalize.ts', 'src/scopes/set-operations.ts', 'src/scopes/compile.ts'],
    suites: [
      'test/unit/scopes/normalize.test.ts',
      'test/unit/scopes/set-operations.test.ts',
      'test/unit/scopes/permits.test.ts',
      'test/unit/scopes/subsumes.test.ts',
      'test/unit/scopes/peers.test.ts',
      'test/unit/scopes/algebra-edges.test.ts',
      'test/unit/scopes/too-complex.test.ts',
      'test/definition/algebra.test.ts'
    ]
  },
  {
    name: 'grant',
    mutate: ['src/protocol/grant/*.ts'],
    suites: [
      'test/machines/grant-steps.test.ts',
      'test/unit/protocol/rules/request-rule-cases.test.ts',
      'test/unit/protocol/rules/endpoint-rule-cases.test.ts',
      'test/unit/protocol/granted-context.test.ts'
    ]
  },
  {
    name: 'client-authentication',
    mutate: [
      'src/protocol/client/authentication.ts',
      'src/protocol/client/authentication-rules.ts',
      'src/protocol/client/assertion-rules.ts',
      'src/protocol/client/credentials.ts',
      'src/protocol/client/redirect-uri.ts'
    ],
    suites: ['test/unit/protocol/client-authentication.test.ts', 'test/unit/protocol/rules/party-rule-cases.test.ts']
  },
  {
    name: 'client-registration',
    mutate: [
      'src/protocol/client/authentication-state.ts',
      'src/protocol/client/client-json.ts',
      'src/protocol/client/client.ts',
      'src/protocol/client/cors.ts',
      'src/protocol/client/metadata.ts',
      'src/protocol/client/registered-scope.ts',
      'src/protocol/client/stored-client.ts'
    ],
    suites: [
      'test/unit/protocol/rules/rule-cases.test.ts',
      'test/unit/protocol/rules/first-refusals.test.ts',
      'test/unit/protocol/client-json.test.ts',
      'test/unit/protocol/client/client-metadata.test.ts',
      'test/unit/protocol/client/cors.test.ts',
      'test/unit/engine/registration.test.ts',
      'test/unit/engine/registration-edges.test.ts'
    ]
  },
  {
    name: 'token',
    mutate: ['src/protocol/token/*.ts'],
    suites: [
      'test/unit/protocol/token/*.test.ts',
      'test/machines/others.test.ts',
      'test/unit/protocol/opaque-token.test.ts',
      'test/unit/protocol/token-response.test.ts',
      'test/unit/protocol/rules/*.test.ts'
    ]
  },
  {
    name: 'access',
    mutate: [
      'src/protocol/access/acting-types.ts',
      'src/protocol/access/alternatives.ts',
      'src/protocol/access/identity.ts',
      'src/protocol/access/missing-for-resource.ts',
      'src/protocol/access/patient-alone.ts',
      'src/protocol/access/permitted.ts',
      'src/protocol/access/release.ts',
      'src/protocol/access/releases.ts',
      'src/protocol/access/unread-patch.ts'
    ],
    suites: ['test/unit/protocol/access-rights/*.test.ts', 'test/unit/protocol/fhir-releases.test.ts']
  },
  {
    name: 'access-decisions',
    mutate: [
      'src/protocol/access/access-event.ts',
      'src/protocol/access/access-refusals.ts',
      'src/protocol/access/conditional-references.ts',
      'src/protocol/access/decision-rules.ts',
      'src/protocol/access/decision-types.ts',
      'src/protocol/access/decision.ts',
      'src/protocol/access/fhir-interaction.ts',
      'src/protocol/access/missing-scopes.ts',
      'src/protocol/access/read-interaction.ts',
      'src/protocol/access/references-in.ts'
    ],
    suites: [
      'test/unit/protocol/access/decisions.test.ts',
      'test/unit/protocol/access/data-decisions.test.ts',
      'test/unit/protocol/access/read-interaction.test.ts',
      'test/unit/protocol/rules/access-rule-cases.test.ts',
      'test/unit/protocol/rules/first-refusals.test.ts',
      'test/unit/protocol/fhir-interactions.test.ts',
      'test/unit/engine/resource/fhir-refusals.test.ts'
    ]
  },
  {
    name: 'access-json-patches',
    mutate: [
      'src/protocol/access/json-patch.ts',
      'src/protocol/access/patch-draft.ts',
      'src/protocol/access/patch-list.ts'
    ],
    suites: [
      'test/unit/protocol/access/json-patch-rows.test.ts',
      'test/unit/protocol/access/patch-list.test.ts',
      'test/unit/protocol/json-patch.test.ts'
    ]
  },
  {
    name: 'access-patches',
    mutate: ['src/protocol/access/fhirpath/*.ts'],
    suites: ['test/unit/protocol/fhirpath/*.test.ts']
  },
  {
    name: 'access-operations',
    mutate: ['src/protocol/access/operations/*.ts'],
    suites: [
      'test/unit/protocol/access/decisions.test.ts',
      'test/unit/protocol/access/export-plans.test.ts',
      'test/unit/protocol/access/operation-decisions.test.ts',
      'test/unit/protocol/access/operation-input.test.ts',
      'test/unit/protocol/access/operation-references.test.ts',
      'test/unit/protocol/rules/*.test.ts',
      'test/unit/engine/resource/fhir-gate-operations.test.ts',
      'test/unit/engine/resource/fhir-gate-beside-resources.test.ts',
      'test/unit/engine/resource/fhir-gate-bulk.test.ts'
    ]
  },
  {
    name: 'access-profiles',
    mutate: ['src/protocol/access/profiles/*.ts'],
    suites: ['test/unit/protocol/access/profiles.test.ts', 'test/unit/engine/resource/fhir-gate-profiles.test.ts']
  },
  {
    name: 'access-search',
    mutate: ['src/protocol/access/search/*.ts'],
    suites: [
      'test/unit/protocol/search/*.test.ts',
      'test/unit/protocol/search-overlap.test.ts',
      'test/unit/protocol/search-rewrite.test.ts',
      'test/unit/protocol/search-sources.test.ts'
    ]
  }
]

const isIn = (path: string, pattern: string): boolean => {
  const [before = '', after] = pattern.split('*.')
  if (after === undefined) return path === pattern
  const folder = before.replace(/\*\*\/$/, '')
  const isDeep = folder !== before
  return path.startsWith(folder) && path.endsWith(`.${after}`) && (isDeep || !path.slice(folder.length).includes('/'))
}

/** The files of a folder and its subfolders, from the root. */
export const filesUnder = (root: string, folder: string): ReadonlyArray<string> =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .toSorted()

/** The files that patterns name: a file, the files of a folder, or those of its subfolders too. */
export const filesOf = (root: string, patterns: ReadonlyArray<string>): ReadonlyArray<string> =>
  patterns.flatMap((pattern) =>
    pattern.includes('*')
      ? filesUnder(root, dirname(pattern.replace('**/', ''))).filter((path) => isIn(path, pattern))
      : [pattern]
  )
