/** Misbehaviors of the id_token. */
import type { Misbehavior } from './misbehavior.js'
import { answer, idTokenWith, withMembers } from './misbehavior.js'

const signed = (...change: Parameters<typeof idTokenWith>): Misbehavior['changes'] => ({
  'token-response': idTokenWith(...change)
})

/** The claims as they are. */
const unchanged = (): Readonly<Record<string, unknown>> => ({})

/** Seconds by which times are moved: longer than every clock skew that an app accepts. */
const hour = 3600

const numberIn = (value: unknown): number => (typeof value === 'number' ? value : 0)

/** The rows. */
export const identityRows: ReadonlyArray<Misbehavior> = [
  {
    name: 'id-token-missing',
    does: 'The token response has no id_token, although `openid` is granted.',
    expected: 'The app does not sign the user in.',
    outcome: { failure: 'IdTokenMissing' },
    sources: ['OpenID Connect Core 1.0, section 3.1.3.3'],
    changes: { 'token-response': (_facts, response) => answer(withMembers(response, { id_token: undefined })) }
  },
  {
    name: 'id-token-unreadable',
    does: 'The id_token is no JWT.',
    expected: 'The app does not sign the user in.',
    outcome: { failure: 'IdTokenUnreadable' },
    sources: ['OpenID Connect Core 1.0, section 3.1.3.7'],
    changes: { 'token-response': (_facts, response) => answer(withMembers(response, { id_token: 'alice' })) }
  },
  {
    name: 'nonce-wrong',
    does: 'The id_token has another `nonce` than the request, and a good signature.',
    expected: 'The app does not sign the user in: the id_token belongs to another launch.',
    outcome: { failure: 'IdTokenWrong', detail: 'nonce' },
    sources: ['OpenID Connect Core 1.0, section 3.1.3.7, item 11'],
    changes: signed(() => ({ nonce: 'of-another-launch' }))
  },
  {
    name: 'nonce-missing',
    does: 'The id_token has no `nonce`, although the request had one.',
    expected: 'The app does not sign the user in.',
    outcome: { failure: 'IdTokenWrong', detail: 'nonce' },
    sources: ['OpenID Connect Core 1.0, section 3.1.3.7, item 11'],
    changes: signed(() => ({ nonce: undefined }))
  },
  {
    name: 'id-token-issuer',
    does: 'The id_token names another issuer, and has a good signature.',
    expected: 'The app does not sign the user in.',
    outcome: { failure: 'IdTokenWrong', detail: 'iss' },
    sources: ['OpenID Connect Core 1.0, section 3.1.3.7, item 2'],
    changes: signed((_before, { foreignOrigin }) => ({ iss: foreignOrigin }))
  },
  {
    name: 'id-token-audience',
    does: 'The id_token was made for another client, and has a good signature.',
    expected: 'The app does not sign the user in.',
    outcome: { failure: 'IdTokenWrong', detail: 'aud' },
    sources: ['OpenID Connect Core 1.0, section 3.1.3.7, item 3'],
    changes: signed(() => ({ aud: 'another-app' }))
  },
  {
    name: 'id-token-audiences',
    does: 'The id_token was made for the client and for another one that the client does not know.',
    expected: 'The app does not sign the user in, unless it trusts the other audience.',
    outcome: { failure: 'IdTokenWrong', detail: 'aud' },
    sources: ['OpenID Connect Core 1.0, section 3.1.3.7, item 3'],
    changes: signed(({ aud }) => ({ aud: [aud, 'another-app'] }))
  },
  {
    name: 'id-token-expired',
    does: 'The id_token expired an hour ago, and has a good signature.',
    expected: 'The app does not sign the user in.',
    outcome: { failure: 'IdTokenWrong', detail: 'exp' },
    sources: ['OpenID Connect Core 1.0, section 3.1.3.7, item 9'],
    changes: signed(({ iat }) => ({ iat: numberIn(iat) - 2 * hour, exp: numberIn(iat) - hour }))
  },
  {
    name: 'id-token-from-future',
    does: 'The id_token was issued an hour from now, and has a good signature.',
    expected: 'The app does not sign the user in.',
    outcome: { failure: 'IdTokenWrong', detail: 'iat' },
    sources: ['OpenID Connect Core 1.0, section 3.1.3.7, item 10'],
    changes: signed(({ iat }) => ({ iat: numberIn(iat) + hour, exp: numberIn(iat) + 2 * hour }))
  },
  {
    name: 'subject-missing',
    does: 'The id_token has no `sub`.',
    expected: 'The app does not sign the user in.',
    outcome: { failure: 'IdTokenWrong', detail: 'sub' },
    sources: ['OpenID Connect Core 1.0, section 2'],
    changes: signed(() => ({ sub: undefined }))
  },
  {
    name: 'id-token-unsigned',
    does: 'The id_token has the algorithm `none` and no signature.',
    expected: 'The app does not sign the user in.',
    outcome: { failure: 'IdTokenUnreadable' },
    sources: ['OpenID Connect Core 1.0, section 2', 'rfc8725#section-3.1'],
    changes: signed(unchanged, 'none')
  },
  {
    name: 'id-token-wrong-key',
    does: "The id_token is signed with another key, under the id of the server's key.",
    expected: 'The app does not sign the user in.',
    outcome: { failure: 'IdTokenSignatureWrong' },
    sources: ['OpenID Connect Core 1.0, section 3.1.3.7, item 6', 'rfc8725#section-3.3'],
    changes: signed(unchanged, 'otherKey')
  }
]
