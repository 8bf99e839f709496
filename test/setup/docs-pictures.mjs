/** Makes the pictures of the documentation with the browser tests: `npm run docs:pictures`. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')
const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    ...[
      '--config',
      'test/vitest.config.ts',
      'test/browser/sandbox/pages.test.ts',
      '-t',
      'pictures of the documentation'
    ]
  ],
  { cwd: root, env: { ...process.env, DOCS_PICTURES: 'yes' }, stdio: 'inherit' }
)
process.exitCode = status ?? 1
