/** Misbehaviors of the FHIR server, and of what names its resources. */
import type { ChangeResponse, Misbehavior } from './misbehavior.js'
import {
  accessTokenWith,
  answer,
  idTokenWith,
  jsonInPlaceOf,
  jsonObjectIn,
  sentElsewhere,
  withMembers
} from './misbehavior.js'
import { fhirJsonType } from '../../protocol/http/media-type.js'
import { headerOf } from '../../protocol/http/message.js'
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

/**
 * Begins the first access token of a launch at a server where it expires early. The server does not know that token;
 * the rest of it is the token that the server issued.
 */
const expiredMark = 'expired-'

const expiredBehind: NonNullable<Misbehavior['tokenBehind']> = (request) =>
  /^Bearer expired-(.*)$/.exec([headerOf(request, 'authorization') ?? ''].flat().join())?.[1] ?? null

/** The refusal of an access token: RFC 6750, section 3. */
const tokenRefused =
  (code: 'expired' | 'login', description: string): ChangeResponse =>
  (_facts, response) =>
    answer(
      jsonInPlaceOf(
        response,
        401,
        { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code, diagnostics: description }] },
        {
          'content-type': fhirJsonType,
          'www-authenticate': `Bearer error="invalid_token", error_description="${description}"`
        }
      )
    )

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
    name: 'access-token-expired',
    does:
      'The FHIR server refuses the first access token of a launch as expired, long before `expires_in` is over: 401 ' +
      '`invalid_token`. It accepts the token of a refresh.',
    expected: 'The app refreshes once and sends the request again. Without a refresh token the session is over.',
    outcome: { unharmed: 'nothing' },
    sources: ['rfc6750#section-3.1', 'app-launch#step-7-refresh'],
    changes: {
      'token-response': accessTokenWith((before) => `${expiredMark}${before}`),
      'fhir-response': (facts, response, request) =>
        expiredBehind(request) === null
          ? answer(response)
          : tokenRefused('expired', 'The access token expired')(facts, response, request)
    },
    tokenBehind: expiredBehind
  },
  {
    name: 'access-token-refused',
    does: 'The FHIR server refuses every access token, also that of a refresh: 401 `invalid_token`.',
    expected: 'The app shows no data, and says that its access has ended. It does not refresh without an end.',
    outcome: { unharmed: 'tokenRefused' },
    sources: ['rfc6750#section-3.1'],
    changes: { 'fhir-response': tokenRefused('login', 'The access token is not valid') }
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
