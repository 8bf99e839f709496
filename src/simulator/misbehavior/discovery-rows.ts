/** Misbehaviors of the discovery documents, the keys, and the launch from the EHR. */
import type { ChangeResponse, Misbehavior } from './misbehavior.js'
import {
  answer,
  inPlaceOf,
  jsonInPlaceOf,
  jsonObjectIn,
  redirectWith,
  sentElsewhere,
  withMembers
} from './misbehavior.js'
import { limits } from '../../values/limits/limits.js'
import { isObject } from '../../values/object.js'

const members =
  (change: (foreignOrigin: string) => Readonly<Record<string, unknown>>): ChangeResponse =>
  ({ foreignOrigin }, response) =>
    answer(withMembers(response, change(`${foreignOrigin}/elsewhere`)))

const inDocuments = (change: ChangeResponse): Misbehavior['changes'] => ({
  'smart-configuration': change,
  'openid-configuration': change
})

/** Keys that signed nothing: each with another `kid` and another modulus. */
const otherKeys: ChangeResponse = (_facts, response) => {
  const keys = jsonObjectIn(response)?.['keys']
  return answer(
    withMembers(response, {
      keys: (Array.isArray(keys) ? (keys as ReadonlyArray<unknown>) : []).filter(isObject).map((key) => ({
        ...key,
        kid: 'another',
        n: typeof key['n'] === 'string' ? `${key['n'].slice(1)}${key['n'].slice(0, 1)}` : undefined
      }))
    })
  )
}

/** Other keys at first. */
const firstOtherKeys: ChangeResponse = (facts, response, request) => {
  const changed = otherKeys(facts, response, request)
  return changed._tag === 'Answer' ? { _tag: 'FirstOfTwo', changed: changed.response, response } : changed
}

/** The rows. */
export const discoveryRows: ReadonlyArray<Misbehavior> = [
  {
    name: 'launch-iss-foreign',
    does: 'The launch from the EHR names a FHIR server of another origin as `iss`.',
    expected: 'The app launches only with servers that it knows, and sends nothing to another one.',
    outcome: { failure: 'IssNotTrusted' },
    sources: ['app-launch#step-2-launch-ehr', 'rfc9700#section-4.4'],
    changes: {
      'ehr-launch': redirectWith((_location, { foreignOrigin }) => ({
        iss: encodeURIComponent(`${foreignOrigin}/elsewhere/fhir`)
      }))
    }
  },
  {
    name: 'launch-missing',
    does: 'The launch from the EHR has no `launch`.',
    expected: 'The app says that the launch is incomplete. It does not continue without the context of the EHR.',
    outcome: { failure: 'LaunchParameterMissing', detail: 'launch' },
    sources: ['app-launch#step-2-launch-ehr'],
    changes: { 'ehr-launch': redirectWith(() => ({ launch: null })) }
  },
  {
    name: 'discovery-redirect',
    does: 'The SMART configuration redirects to another origin.',
    expected: 'The app does not follow.',
    outcome: { failure: 'DiscoveryRedirected' },
    sources: ['app-launch#step-3-discovery', 'rfc8414#section-6.2'],
    changes: {
      'smart-configuration': (facts, response) => sentElsewhere(facts, response, 'fhir/.well-known/smart-configuration')
    }
  },
  {
    name: 'discovery-malformed',
    does: 'The SMART configuration is JSON that ends in the middle.',
    expected: 'The app says that the document cannot be read, and shows no exception of its parser.',
    outcome: { failure: 'DocumentUnreadable' },
    sources: ['conformance#using-well-known', 'rfc8259#section-2'],
    changes: {
      'smart-configuration': (_facts, response) =>
        answer({ ...response, body: response.body.slice(0, Math.floor(response.body.length / 2)) })
    }
  },
  {
    name: 'discovery-unavailable',
    does: 'The SMART configuration is answered with 503 and `Retry-After`.',
    expected: 'The app says that the server cannot be reached for now. It does not guess endpoints.',
    outcome: { failure: 'DiscoveryFailed', detail: '503' },
    sources: ['rfc9110#section-15.6.4'],
    changes: {
      'smart-configuration': (_facts, response) =>
        answer(jsonInPlaceOf(response, 503, { error: 'temporarily_unavailable' }, { 'retry-after': '30' }))
    }
  },
  {
    name: 'discovery-huge',
    does: 'The SMART configuration is larger than 16 MiB.',
    expected: 'The app stops reading, and its memory does not grow with the answer.',
    outcome: { failure: 'ServerUnavailable' },
    sources: ['rfc9110#section-17.5'],
    changes: {
      'smart-configuration': (_facts, response) =>
        answer(withMembers(response, { padding: ' '.repeat(limits.appAnswer.default) }))
    }
  },
  {
    name: 'discovery-slow',
    does: 'The SMART configuration arrives after half a minute.',
    expected: 'The app gives up after a time of its own, and the user can start again.',
    outcome: { failure: 'ServerUnavailable' },
    sources: ['rfc9112#section-9.5'],
    changes: {
      'smart-configuration': (_facts, response) => ({
        _tag: 'Wait',
        response,
        milliseconds: 2 * limits.appRequestTime.default
      })
    }
  },
  {
    name: 'token-endpoint-foreign',
    does: 'The discovery documents name a token endpoint of another origin.',
    expected: 'The app sends code, verifier and credentials only to origins that it trusts for this server.',
    outcome: { failure: 'EndpointElsewhere', detail: 'token_endpoint' },
    sources: ['rfc9700#section-4.4', 'rfc8414#section-6.2'],
    changes: inDocuments(members((elsewhere) => ({ token_endpoint: `${elsewhere}/token` })))
  },
  {
    name: 'authorization-endpoint-foreign',
    does: 'The discovery documents name an authorization endpoint of another origin.',
    expected: 'The app does not send the user there.',
    outcome: { failure: 'EndpointElsewhere', detail: 'authorization_endpoint' },
    sources: ['rfc9700#section-4.4', 'rfc8414#section-6.2'],
    changes: inDocuments(members((elsewhere) => ({ authorization_endpoint: `${elsewhere}/authorize` })))
  },
  {
    name: 'keys-foreign',
    does: 'The discovery documents name a key set of another origin.',
    expected: 'The app takes keys only from origins that it trusts for the identities of this server.',
    outcome: { failure: 'EndpointElsewhere', detail: 'jwks_uri' },
    sources: ['rfc8414#section-6.2', 'OpenID Connect Core 1.0, section 10.1'],
    changes: inDocuments(members((elsewhere) => ({ jwks_uri: `${elsewhere}/jwks` })))
  },
  {
    name: 'issuer-document-differs',
    does: "The issuer's own document names another issuer.",
    expected: 'The app compares it to the letter with the issuer from whose address the document came, and refuses.',
    outcome: { failure: 'IssuerDiffers' },
    sources: ['rfc8414#section-3.3', 'OpenID Connect Discovery 1.0, section 4.3'],
    changes: { 'openid-configuration': members((elsewhere) => ({ issuer: elsewhere })) }
  },
  {
    name: 'pkce-plain',
    does: 'The SMART configuration offers PKCE with the method `plain` only.',
    expected: 'The app uses S256 or does not launch. It never falls back.',
    outcome: { failure: 'PkceNotOffered' },
    sources: ['app-launch#considerations-for-pkce-support', 'rfc7636#section-7.2'],
    changes: { 'smart-configuration': members(() => ({ code_challenge_methods_supported: ['plain'] })) }
  },
  {
    name: 'keys-missing',
    does: 'The key set has other keys than the one that signed the id_token.',
    expected: 'The app fetches the keys once more, and then refuses the id_token.',
    outcome: { failure: 'IdTokenKeyUnknown' },
    sources: ['OpenID Connect Core 1.0, section 10.1.1'],
    changes: { keys: otherKeys }
  },
  {
    name: 'keys-rotated',
    does: 'The first answer with the key set is old; the second one has the new key.',
    expected: 'The app fetches the keys once more, finds the new key, and accepts the id_token.',
    outcome: { unharmed: 'nothing' },
    sources: ['OpenID Connect Core 1.0, section 10.1.1'],
    changes: { keys: firstOtherKeys }
  },
  {
    name: 'keys-unavailable',
    does: 'The key set is answered with 404.',
    expected: 'The app refuses the id_token, because it cannot verify it.',
    outcome: { failure: 'DiscoveryFailed', detail: '404' },
    sources: ['OpenID Connect Core 1.0, section 3.1.3.7'],
    changes: { keys: (_facts, response) => answer(inPlaceOf(response, 404, { 'content-type': 'text/plain' })) }
  }
]
