/**
 * Reads a client's credentials at the token, introspection and revocation endpoints.
 *
 * Source: client-confidential-symmetric; client-confidential-asymmetric; RFC 6749, section 2.3.1 (id and secret are
 * form-encoded before HTTP Basic encoding; many clients omit that step, so both readings are returned and the policy
 * decides).
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type { ClientAssertion } from '../jwt/jwt.js'
import { assertionType, readAssertion } from '../jwt/jwt.js'
import type { Rule } from '../machine/rules.js'
import { firstRefusal } from '../machine/rules.js'
import type { Parameters } from '../http/form.js'
import { formDecode, valueOf } from '../http/form.js'
import type { PlainRequest } from '../http/message.js'
import type { Refusal } from '../errors/refusal.js'
import { decodeBase64 } from '../../values/base64url.js'
import { headerOf } from '../http/message.js'

/** An id and a secret in one of the two readings. */
export interface IdAndSecret {
  readonly clientId: string
  readonly secret: string
}

/** An id alone, or an id and a secret. */
export type SecretCredentials =
  | { readonly _tag: 'PublicClient'; readonly clientId: string }
  | { readonly _tag: 'SecretInBody'; readonly clientId: string; readonly secret: string }
  | {
      readonly _tag: 'BasicCredentials'
      /** Form-decoded as RFC 6749 requires; null when that is impossible. */
      readonly decoded: IdAndSecret | null
      /** Without form-decoding. */
      readonly raw: IdAndSecret
      /** The `client_id` in the body, which must agree with the header; null when there is none. */
      readonly bodyClientId: string | null
    }

/** A signed JWT (client assertion). */
export interface AssertionCredentials {
  readonly _tag: 'AssertionCredentials'
  readonly assertion: ClientAssertion
  /** The `client_id` in the body, which must agree with the assertion; null when there is none. */
  readonly bodyClientId: string | null
}

/** The credentials of a request. */
export type Credentials = SecretCredentials | AssertionCredentials

const readBasic = (header: string, bodyClientId: string | null): Either.Either<Refusal, Credentials> => {
  const text = decodeBase64(header.replace(/^basic +/i, ''))
  const colon = Option.isSome(text) ? text.value.indexOf(':') : -1
  if (Option.isNone(text) || colon === -1) return Either.left({ _tag: 'CredentialsUnreadable' })
  const raw = { clientId: text.value.slice(0, colon), secret: text.value.slice(colon + 1) }
  const clientId = formDecode(raw.clientId)
  const secret = formDecode(raw.secret)
  const decoded =
    Either.isRight(clientId) && Either.isRight(secret) ? { clientId: clientId.right, secret: secret.right } : null
  return Either.right({ _tag: 'BasicCredentials', decoded, raw, bodyClientId })
}

const readAssertionCredentials = (body: Parameters, bodyClientId: string | null): Either.Either<Refusal, Credentials> =>
  Either.map((assertion: ClientAssertion): Credentials => ({
    _tag: 'AssertionCredentials',
    assertion,
    bodyClientId
  }))(readAssertion(valueOf(body, 'client_assertion') ?? ''))

interface CredentialFacts {
  /** The header `Authorization`. */
  readonly header: string | undefined
  /** `client_id` in the body. */
  readonly clientId: string | null
  readonly secretInBody: boolean
  readonly assertionInBody: boolean
  /** `client_assertion_type` in the body. */
  readonly assertionKind: string | null
}

/** The rules of the credentials of a request: exactly one authentication method is used. */
export const credentialRules: ReadonlyArray<Rule<CredentialFacts, Refusal>> = [
  {
    name: 'one-method',
    check: ({ header, secretInBody, assertionInBody }) =>
      Number(header !== undefined) + Number(secretInBody) + Number(assertionInBody) > 1
        ? { _tag: 'CredentialsTwice' }
        : null
  },
  {
    name: 'header-is-basic',
    check: ({ header }) => (header === undefined || /^basic /i.test(header) ? null : { _tag: 'CredentialsUnreadable' })
  },
  {
    name: 'assertion-type-known',
    check: ({ assertionInBody, assertionKind }) =>
      assertionInBody && assertionKind !== assertionType ? { _tag: 'AssertionTypeUnknown' } : null
  },
  {
    name: 'client-named',
    check: ({ header, assertionInBody, clientId }) =>
      header === undefined && !assertionInBody && clientId === null ? { _tag: 'CredentialsMissing' } : null
  }
]

/** Reads the credentials of a request; left unless exactly one authentication method is used. */
export const readCredentials = (request: PlainRequest, body: Parameters): Either.Either<Refusal, Credentials> => {
  const header = headerOf(request, 'authorization')
  const clientId = valueOf(body, 'client_id')
  const secretInBody = body.has('client_secret')
  const assertionInBody = body.has('client_assertion') || body.has('client_assertion_type')
  const assertionKind = valueOf(body, 'client_assertion_type')
  const refusal = firstRefusal(credentialRules, { header, clientId, secretInBody, assertionInBody, assertionKind })
  if (refusal !== null) return Either.left(refusal)
  if (header !== undefined) return readBasic(header, clientId)
  if (assertionInBody) return readAssertionCredentials(body, clientId)
  return Either.right(
    secretInBody
      ? { _tag: 'SecretInBody', clientId: clientId ?? '', secret: valueOf(body, 'client_secret') ?? '' }
      : { _tag: 'PublicClient', clientId: clientId ?? '' }
  )
}
