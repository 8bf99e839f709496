/**
 * What a mutation run mutates, group by group, and the suites that it plays: fast ones, from the sources, without a
 * build.
 */
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
    suites: [
      'test/unit/scopes/parse.test.ts',
      'test/unit/scopes/values.test.ts',
      'test/unit/scopes/algebra-edges.test.ts'
    ]
  },
  {
    name: 'subsumption',
    mutate: ['src/scopes/subsumes.ts'],
    suites: ['test/unit/scopes/subsumes.test.ts']
  },
  {
    name: 'algebra',
    mutate: ['src/scopes/atoms.ts', 'src/scopes/permits.ts', 'src/scopes/value-index.ts'],
    suites: [
      'test/unit/scopes/algebra-edges.test.ts',
      'test/unit/scopes/too-complex.test.ts',
      'test/unit/scopes/values.test.ts',
      'test/definition/algebra.test.ts'
    ]
  },
  {
    name: 'normal-form',
    mutate: ['src/scopes/normalize.ts', 'src/scopes/set-operations.ts', 'src/scopes/compile.ts'],
    suites: [
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
    name: 'token',
    mutate: ['src/protocol/token/*.ts'],
    suites: [
      'test/machines/others.test.ts',
      'test/unit/protocol/opaque-token.test.ts',
      'test/unit/protocol/token-response.test.ts',
      'test/unit/protocol/rules/*.test.ts',
      'test/unit/engine/introspection.test.ts',
      'test/unit/engine/token.test.ts'
    ]
  },
  {
    name: 'access',
    mutate: ['src/protocol/access/*.ts'],
    suites: [
      'test/unit/protocol/*.test.ts',
      'test/unit/protocol/rules/*.test.ts',
      'test/definition/fhir-access.test.ts'
    ]
  }
]
