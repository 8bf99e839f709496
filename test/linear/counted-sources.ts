import { join } from 'node:path'
import type { Plugin } from 'vitest/config'
import { countedSource } from './counted-source.js'

/**
 * Lets the sources of the project, the checker of certificates, and the opponents of `test/linear` count their work
 * while they are tested.
 */
export const countedSources = (root: string): Plugin => {
  const counted = [join(root, 'src/'), join(root, 'test/linear/planted'), join(root, 'test/support/checkers/')]
  return {
    name: 'counted-sources',
    enforce: 'pre',
    transform: (text, id) =>
      id.endsWith('.ts') && counted.some((place) => id.startsWith(place))
        ? { code: countedSource(id, text, join(root, 'test/linear/work.ts')), map: null }
        : null
  }
}
