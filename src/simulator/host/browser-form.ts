/**
 * Forms that are accepted only from the browser that got their page: a cookie holds a secret, and a hidden field its
 * digest, which other sites cannot know.
 */
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import type { Simulator } from '../context.js'
import { digest } from '../../adapters/jose.js'
import { nodeRandom } from '../../adapters/node-crypto.js'
import { cookiesOf, setCookie } from '../../host/cookies.js'
import type { Parameters } from '../../protocol/http/form.js'
import { valueOf } from '../../protocol/http/form.js'
import type { PlainRequest } from '../../protocol/http/message.js'
import { sameDigest } from '../../values/secret.js'

/** The name of the cookie. */
export const browserCookie = 'ehr_browser'

const secretPattern = /^[A-Za-z0-9_-]{43}$/

const secretOf = (request: PlainRequest): string | null => {
  const value = cookiesOf(request).get(browserCookie) ?? ''
  return secretPattern.test(value) ? value : null
}

const tokenOf = (purpose: string, secret: string): Task.Task<string> => digest(`${purpose}.${secret}`)

/** The value of the hidden field `form_token`, and the header fields of the page. */
interface FormProof {
  readonly token: string
  readonly headers: Readonly<Record<string, string>>
}

/** The proof for a form on a page that is shown now. */
export const formProof = (
  purpose: string,
  { basePath, isSecure }: Pick<Simulator, 'basePath' | 'isSecure'>,
  request: PlainRequest
): Task.Task<FormProof> => {
  const known = secretOf(request)
  const secret = known ?? nodeRandom.token()
  return pipe(
    tokenOf(purpose, secret),
    Task.map((token) => ({
      token,
      headers: known === null ? { 'set-cookie': setCookie(browserCookie, secret, basePath, isSecure) } : {}
    }))
  )
}

/** Whether a form comes from a page that this browser got. */
export const isProven = (purpose: string, request: PlainRequest, form: Parameters): Task.Task<boolean> => {
  const secret = secretOf(request)
  return secret === null
    ? Task.of(false)
    : Task.map((expected: string) => sameDigest(expected, valueOf(form, 'form_token') ?? ''))(tokenOf(purpose, secret))
}
