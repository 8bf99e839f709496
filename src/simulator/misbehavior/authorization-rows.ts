/** Misbehaviors of the authorization endpoint. */
import type { ChangeResponse, Misbehavior } from './misbehavior.js'
import { answer, inPlaceOf, redirectLocation, queryValue, redirectWith, withQuery } from './misbehavior.js'
import { html } from '../../host/html.js'
import { page } from '../design/shell.js'
import { below, pathOf } from '../../values/urls.js'

const redirected = (change: Parameters<typeof redirectWith>[0]): Misbehavior['changes'] => ({
  'authorization-response': redirectWith(change)
})

/** Another value of the same form. */
const otherThan = (value: string | null): string => `${(value ?? '').slice(0, -1)}${value?.endsWith('x') ? 'y' : 'x'}`

const refusedWith = (error: string): Misbehavior['changes'] => redirected(() => ({ code: null, error }))

/** A page with two ways to the app: the answer of the server, and the same answer with another code. */
const answeredTwice: ChangeResponse = ({ honest }, response) => {
  const location = redirectLocation(response)
  if (location === null || queryValue(location, 'code') === null) return answer(response)
  const second = withQuery(location, { code: otherThan(queryValue(location, 'code')) })
  const twoAnswers = page({
    homePath: pathOf(honest.issuer),
    title: 'Two answers',
    layout: 'talk',
    body: html`<p>This record system sends you to the app twice. Follow both links in one browser.</p>
<p><a id="first" href="${location}">The first answer</a></p>
<p><a id="second" href="${second}">The second answer, with another code</a></p>`
  })
  return answer(twoAnswers)
}

/**
 * A page of the record system in place of the authorization: with a client or a redirect URI that it does not accept, a
 * server must not send the user to the app.
 */
const refusedOnPage = (words: string): Misbehavior['changes'] => ({
  'authorization-request': ({ honest }, response) => {
    const shown = page({
      homePath: pathOf(honest.issuer),
      status: 400,
      title: 'This request cannot be answered',
      layout: 'talk',
      body: html`<p>${words}</p>`
    })
    return answer(response.status < 400 ? shown : response)
  }
})

/** The rows. */
export const authorizationRows: ReadonlyArray<Misbehavior> = [
  {
    name: 'state-wrong',
    does: 'The authorization response has another `state` than the request.',
    expected: 'The app refuses the response, and sends no code to the token endpoint.',
    outcome: { failure: 'StateDiffers' },
    sources: ['app-launch#step-4-authorization-code', 'rfc6749#section-10.12'],
    changes: redirected((location) => ({ state: otherThan(queryValue(location, 'state')) }))
  },
  {
    name: 'state-missing',
    does: 'The authorization response has no `state`.',
    expected: 'The app refuses the response, and sends no code to the token endpoint.',
    outcome: { failure: 'StateMissing' },
    sources: ['app-launch#step-4-authorization-code', 'rfc6749#section-10.12'],
    changes: redirected(() => ({ state: null }))
  },
  {
    name: 'iss-wrong',
    does: 'The parameter `iss` of the authorization response names another server.',
    expected: 'The app refuses the response, and sends no code to the token endpoint.',
    outcome: { failure: 'ResponseIssuerDiffers' },
    sources: ['rfc9207#section-2.4', 'rfc9700#section-4.4'],
    changes: redirected((_location, { foreignOrigin }) => ({ iss: encodeURIComponent(foreignOrigin) }))
  },
  {
    name: 'iss-missing',
    does: 'The authorization response has no `iss`, although the server announces it.',
    expected: 'The app refuses the response, and sends no code to the token endpoint.',
    outcome: { failure: 'ResponseIssuerMissing' },
    sources: ['rfc9207#section-2.4'],
    changes: redirected(() => ({ iss: null }))
  },
  {
    name: 'mix-up',
    does: 'The authorization endpoint sends the user on to another, honest server, which answers the app.',
    expected: 'The app sees that another server answers, and does not send its code to the server of the launch.',
    outcome: { failure: 'ResponseIssuerDiffers' },
    sources: ['rfc9700#section-4.4', 'rfc9207#section-1'],
    changes: {
      'authorization-request': ({ honest }, response, { body, method, query }) =>
        answer(
          inPlaceOf(response, 303, {
            location: withQuery(`${below(honest.issuer, 'authorize')}?${method === 'POST' ? body : query}`, {
              aud: encodeURIComponent(honest.fhirBaseUrl),
              launch: null
            })
          })
        )
    }
  },
  {
    name: 'access-denied',
    does: 'The authorization response is the error `access_denied`.',
    expected: 'The app says that access was not given, and offers to start again.',
    outcome: { failure: 'AuthorizationRefused', detail: 'access_denied' },
    sources: ['rfc6749#section-4.1.2.1'],
    changes: refusedWith('access_denied')
  },
  {
    name: 'authorization-unavailable',
    does: 'The authorization response is the error `temporarily_unavailable`.',
    expected: 'The app says that the server is busy, and offers to start again. It does not start again by itself.',
    outcome: { failure: 'AuthorizationRefused', detail: 'temporarily_unavailable' },
    sources: ['rfc6749#section-4.1.2.1'],
    changes: refusedWith('temporarily_unavailable')
  },
  {
    name: 'client-id-refused',
    does: 'The authorization endpoint shows a page that refuses the `client_id`. It does not redirect to the app.',
    expected: 'The app gets no response. It waits for none without an end, and the user can begin another launch.',
    outcome: { unharmed: 'noResponse' },
    sources: ['rfc6749#section-4.1.2.1', 'rfc6749#section-3.1.2.4'],
    changes: refusedOnPage('No app with this client_id is registered here.')
  },
  {
    name: 'redirect-uri-refused',
    does: 'The authorization endpoint shows a page that refuses the `redirect_uri`. It does not redirect to the app.',
    expected: 'The app gets no response. It waits for none without an end, and the user can begin another launch.',
    outcome: { unharmed: 'noResponse' },
    sources: ['rfc6749#section-3.1.2.4', 'rfc6749#section-4.1.2.1'],
    changes: refusedOnPage('This redirect_uri is not registered for the app.')
  },
  {
    name: 'authorization-client-refused',
    does: 'The authorization response is the error `unauthorized_client`.',
    expected: 'The app says that it may not use this server. It does not start again by itself.',
    outcome: { failure: 'AuthorizationRefused', detail: 'unauthorized_client' },
    sources: ['rfc6749#section-4.1.2.1'],
    changes: refusedWith('unauthorized_client')
  },
  {
    name: 'authorization-request-refused',
    does: 'The authorization response is the error `invalid_request`.',
    expected: 'The app says that the launch failed. It does not send the same request again by itself.',
    outcome: { failure: 'AuthorizationRefused', detail: 'invalid_request' },
    sources: ['rfc6749#section-4.1.2.1'],
    changes: refusedWith('invalid_request')
  },
  {
    name: 'authorization-scope-refused',
    does: 'The authorization response is the error `invalid_scope`.',
    expected: 'The app says that the server does not give what it requested. It does not request more by itself.',
    outcome: { failure: 'AuthorizationRefused', detail: 'invalid_scope' },
    sources: ['rfc6749#section-4.1.2.1', 'rfc6749#section-3.3'],
    changes: refusedWith('invalid_scope')
  },
  {
    name: 'error-beside-code',
    does: 'The authorization response has a code and an error.',
    expected: 'The app takes the response as an error, and does not send the code.',
    outcome: { failure: 'AuthorizationRefused', detail: 'server_error' },
    sources: ['rfc6749#section-4.1.2.1'],
    changes: redirected(() => ({ error: 'server_error' }))
  },
  {
    name: 'code-missing',
    does: 'The authorization response has neither a code nor an error.',
    expected: 'The app refuses the response.',
    outcome: { failure: 'CodeMissing' },
    sources: ['rfc6749#section-4.1.2'],
    changes: redirected(() => ({ code: null }))
  },
  {
    name: 'code-repeated',
    does: 'The authorization response has two different codes.',
    expected: 'The app refuses the response: no parameter may occur twice.',
    outcome: { failure: 'CallbackParameterRepeated', detail: 'code' },
    sources: ['rfc6749#section-3.1'],
    changes: redirected((location) => {
      const code = queryValue(location, 'code') ?? ''
      return { code: [code, otherThan(code)] }
    })
  },
  {
    name: 'answered-twice',
    does: 'A page leads to the app twice: with the code, and then with another code and the same `state`.',
    expected: 'The app uses a `state` once: the second answer changes nothing in the session of the first one.',
    outcome: { failure: 'StateUsed' },
    sources: ['rfc6749#section-10.12', 'rfc9700#section-4.5'],
    changes: { 'authorization-response': answeredTwice }
  }
]
