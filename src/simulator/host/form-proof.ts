/**
 * The proof that a form comes from a page of this server: a cookie holds a secret, and a hidden field its digest, which
 * other sites cannot know.
 */
import * as Task from 'fp-ts/lib/Task.js'
import type { Simulator } from '../context.js'
import { digest } from '../../adapters/jose.js'
import { nodeRandom } from '../../adapters/node-crypto.js'
import { cookiesOf, setCookie } from '../../host/cookies.js'
import type { Html } from '../../host/html.js'
import { html } from '../../host/html.js'
import type { Parameters } from '../../protocol/http/form.js'
import { valueOf } from '../../protocol/http/form.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { sameDigest } from '../../values/secret.js'

/** The name of the cookie that proves that a form comes from a page of this server. */
export const browserCookie = 'ehr_browser'

const secretPattern = /^[A-Za-z0-9_-]{43}$/

const secretOf = (request: PlainRequest): string | null => {
  const value = cookiesOf(request).get(browserCookie) ?? ''
  return secretPattern.test(value) ? value : null
}

const tokenOf = (secret: string): Task.Task<string> => digest(`sign-in.${secret}`)

/** The hidden field of a form, and the header fields of its page. */
export interface FormProof {
  readonly field: Html
  readonly headers: PlainResponse['headers']
}

/** The proof for a form on the page that answers a request. */
export const formProof = async (
  { basePath, isSecure }: Pick<Simulator, 'basePath' | 'isSecure'>,
  request: PlainRequest
): Promise<FormProof> => {
  const known = secretOf(request)
  const secret = known ?? nodeRandom.token()
  return {
    field: html`<input type="hidden" name="form_token" value="${await tokenOf(secret)()}">`,
    headers: known === null ? { 'set-cookie': setCookie(browserCookie, secret, basePath, isSecure) } : {}
  }
}

/** Whether a form comes from a page of this server, in the same browser. */
export const isProven = (request: PlainRequest, form: Parameters): Task.Task<boolean> => {
  const secret = secretOf(request)
  return secret === null
    ? Task.of(false)
    : Task.map((expected: string) => sameDigest(expected, valueOf(form, 'form_token') ?? ''))(tokenOf(secret))
}
