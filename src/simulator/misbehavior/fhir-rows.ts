/** Misbehaviors of the FHIR server, and of what names its resources. */
import type { ChangeResponse, Misbehavior } from './misbehavior.js'
import { answer, idTokenWith, jsonInPlaceOf, jsonObjectIn, sentElsewhere, withMembers } from './misbehavior.js'
import { isObject } from '../../values/object.js'

const nextElsewhere: ChangeResponse = ({ foreignOrigin }, response) => {
  const link = jsonObjectIn(response)?.['link']
  if (jsonObjectIn(response)?.['resourceType'] !== 'Bundle') return answer(response)
  const others = (Array.isArray(link) ? (link as ReadonlyArray<unknown>) : []).filter(
    (one) => isObject(one) && one['relation'] !== 'next'
  )
  const next = { relation: 'next', url: `${foreignOrigin}/elsewhere/fhir/Observation?page=2` }
  return answer(withMembers(response, { link: [...others, next] }))
}

/** The rows. */
export const fhirRows: ReadonlyArray<Misbehavior> = [
  {
    name: 'fhir-user-foreign',
    does: 'The claim `fhirUser` names a resource of another origin. The id_token has a good signature.',
    expected: 'The app does not send its access token there.',
    outcome: { failure: 'AddressElsewhere' },
    sources: ['scopes-and-launch-context#scopes-for-requesting-identity-data', 'rfc9700#section-4.9'],
    changes: {
      'token-response': idTokenWith((_before, { foreignOrigin }) => ({
        fhirUser: `${foreignOrigin}/elsewhere/fhir/Practitioner/p1`
      }))
    }
  },
  {
    name: 'next-page-foreign',
    does: 'The next link of a search leads to another origin.',
    expected: 'The app does not send its access token there.',
    outcome: { failure: 'AddressElsewhere' },
    sources: ['app-launch#step-6-fhir-api', 'rfc9700#section-4.9', 'FHIR R4, http.html#paging'],
    changes: {
      'fhir-response': nextElsewhere
    }
  },
  {
    name: 'fhir-redirect',
    does: 'The FHIR server redirects a read to another origin (307).',
    expected: 'The app does not send its access token there.',
    outcome: { failure: 'ServerUnavailable' },
    sources: ['rfc9700#section-4.9', 'rfc9110#section-15.4'],
    changes: { 'fhir-response': (facts, response) => sentElsewhere(facts, response, 'fhir/Patient/example-1') }
  },
  {
    name: 'fhir-busy',
    does: 'The FHIR server answers 429 with `Retry-After: 3600`.',
    expected: 'The app says that the server is busy. It does not ask again before the time.',
    outcome: { unharmed: 'busy' },
    sources: ['rfc6585#section-4', 'rfc9110#section-10.2.3'],
    changes: {
      'fhir-response': (_facts, response) =>
        answer(
          jsonInPlaceOf(
            response,
            429,
            { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'throttled' }] },
            { 'retry-after': '3600' }
          )
        )
    }
  }
]
