import tseslint from 'typescript-eslint'

const pureLayers = ['src/values/**/*.ts', 'src/scopes/**/*.ts', 'src/protocol/**/*.ts']

/**
 * The only forms of fp-ts and io-ts imports that plain Node accepts: `fp-ts/lib/X.js`, `io-ts` and `io-ts/lib/X.js`.
 */
const importForms = {
  patterns: [
    { regex: '^fp-ts$', message: "Write import * as X from 'fp-ts/lib/X.js'." },
    { regex: '^fp-ts/(?!lib/[A-Za-z]+\\.js$)', message: "Write import * as X from 'fp-ts/lib/X.js'." },
    { regex: '^io-ts/(?!lib/[A-Za-z]+\\.js$)', message: "Import io-ts itself, or 'io-ts/lib/X.js'." }
  ]
}

export default tseslint.config(
  {
    ignores: [
      'dist/**',
      'docs/api/**',
      'test/examples/generated/**',
      'node_modules/**',
      '**/*.mjs',
      'test/eslint.config.js'
    ]
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: process.cwd() } },
    rules: {
      'no-restricted-imports': ['error', importForms],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/array-type': ['error', { default: 'generic', readonly: 'generic' }]
    }
  },
  {
    files: pureLayers,
    rules: {
      '@typescript-eslint/no-unnecessary-condition': 'error',
      'no-restricted-globals': [
        'error',
        'Date',
        'process',
        'Buffer',
        'crypto',
        'fetch',
        'console',
        'setTimeout',
        'setInterval',
        'setImmediate',
        'queueMicrotask',
        'performance',
        'Promise',
        'URLSearchParams',
        'URL'
      ],
      'no-restricted-properties': ['error', { object: 'Math', property: 'random' }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ThrowStatement', message: 'A pure layer returns its errors.' },
        { selector: 'ClassDeclaration, ClassExpression', message: 'A pure layer has no classes.' },
        { selector: ':function[async=true], AwaitExpression', message: 'A pure layer is synchronous.' }
      ]
    }
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off'
    }
  }
)
