/** What is mutated, and with which suites: fast ones only, from the sources, without a build. */
export const groups = [
  {
    name: 'scopes',
    mutate: ['src/scopes/*.ts'],
    suites: ['test/unit/scopes/*.test.ts', 'test/definition/algebra.test.ts', 'test/definition/ordered.test.ts']
  }
]
