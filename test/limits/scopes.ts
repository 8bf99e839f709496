import type { ShownLimit } from './shown.js'
import { explainScope } from '../../src/scopes/explain/explain.js'
import { parseScope } from '../../src/scopes/parse.js'
import { shown } from '../../src/values/shown-text.js'

/** The bounds on what a sentence of `explain` says in an app's words. */
export const explanationLimits: ReadonlyArray<ShownLimit> = [
  {
    limit: 'shownText',
    at: 'explain',
    run: (size) =>
      Promise.resolve(
        explainScope(parseScope('x'.repeat(size))).short.includes('more characters') ? 'shortened' : 'within'
      ),
    peerResponse: 'shortened'
  },
  {
    limit: 'shownMarks',
    run: (size) => Promise.resolve(shown(`a${'\u0335'.repeat(size)}`).endsWith('\\u{335}') ? 'escaped' : 'within'),
    peerResponse: 'escaped'
  },
  {
    limit: 'shownValues',
    at: 'explain',
    run: (size) => {
      const values = Array.from({ length: size }, (_, place) => `a${String(place)}`).join(',')
      return Promise.resolve(
        explainScope(parseScope(`patient/Observation.rs?status=${values}`)).short.endsWith('or one of 1 more values')
          ? 'counted'
          : 'within'
      )
    },
    peerResponse: 'counted'
  }
]
