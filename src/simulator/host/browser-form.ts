/**
 * Forms that are accepted only from the browser that got their page: a cookie holds a secret, and a hidden field its
 * digest, which other sites cannot know. Two tabs that open at once get two cookies, because neither request carries
 * one yet; a form is accepted with each of them.
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

const namePattern = /^ehr_browser_[A-Za-z0-9_-]{8}$/

const secretPattern = /^[A-Za-z0-9_-]{43}$/

/** The secrets that a browser sends. Their number is bounded by the size of the header fields of a request. */
const secretsOf = (request: PlainRequest): ReadonlyArray<string> =>
  [...cookiesOf(request)].flatMap(([name, value]) =>
    namePattern.test(name) && secretPattern.test(value) ? [value] : []
  )

const newCookieName = (): string => `ehr_browser_${nodeRandom.token().slice(0, 8)}`

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
  const [known] = secretsOf(request)
  const secret = known ?? nodeRandom.token()
  return pipe(
    tokenOf(purpose, secret),
    Task.map((token) => ({
      token,
      headers: known === undefined ? { 'set-cookie': setCookie(newCookieName(), secret, basePath, isSecure) } : {}
    }))
  )
}

/** Whether a form comes from a page that this browser got. */
export const isProven = (purpose: string, request: PlainRequest, form: Parameters): Task.Task<boolean> =>
  pipe(
    secretsOf(request),
    Task.traverseArray((secret) => tokenOf(purpose, secret)),
    Task.map((tokens) => tokens.some((token) => sameDigest(token, valueOf(form, 'form_token') ?? '')))
  )
