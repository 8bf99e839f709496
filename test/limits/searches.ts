import type { ShownLimit } from './shown.js'
import { builtInSide } from '../../src/protocol/scope-policy/resource-side-check.js'
import { opens } from '../../src/protocol/scope-policy/usable-scopes.js'
import { parse } from '../../src/scopes/parse.js'
import { isResourceScope } from '../../src/scopes/scope.js'

/** The bounds of numbers in scopes. */
export const searchLimits: ReadonlyArray<ShownLimit> = [
  {
    limit: 'scopeSystems',
    run: (size) => {
      const systems = Array.from({ length: size }, (_, place) => `s${String(place)}|x`)
      const [scope] = parse(`patient/AuditEvent.rs?type=${systems.join(',')}&type=${systems.at(-1) ?? ''}`).filter(
        isResourceScope
      )
      return Promise.resolve(scope !== undefined && opens(builtInSide, scope) ? 'within' : 'not granted')
    },
    peerResponse: 'not granted'
  },
  {
    limit: 'searchNumber',
    run: (size) => {
      const [scope] = parse(`patient/RiskAssessment.rs?probability=ge${'1'.repeat(size)}`).filter(isResourceScope)
      return Promise.resolve(scope !== undefined && opens(builtInSide, scope) ? 'within' : 'not granted')
    },
    peerResponse: 'not granted'
  }
]
