import type { ShownLimit } from './shown.js'
import { mayUserTouch } from '../../src/simulator/fhir/visible-patients.js'

/** What the simulator looks at to tell whom a user may see. */
export const userLimits: ReadonlyArray<ShownLimit> = [
  {
    limit: 'fhirFollowed',
    run: (size) => {
      const find = () => ({ resourceType: 'Observation', subject: { reference: 'Patient/mine' } })
      const mayTouch = mayUserTouch(
        { references: {}, find },
        { username: 'u', password: 'u', fhirUser: null, patients: ['mine'] }
      )
      const target = Array.from({ length: size }, (_, n) => ({ reference: `Observation/${String(n)}` }))
      return Promise.resolve(mayTouch({ resourceType: 'Provenance', target }) ? 'within' : 'hidden')
    },
    peerResponse: 'hidden'
  }
]
