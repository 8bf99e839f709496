/**
 * The rules of a redirect before and after its launch is compared, one row each. The rules of the response itself are
 * `callbackRules`.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { AppFailure } from './failure.js'
import type { AppLaunchEvent } from './launch-state.js'
import { tolerancesOf } from './trust/tolerances.js'
import type { Proof } from './requests.js'
import type { LaunchBinding, PendingLaunch } from './stored-app.js'
import type { AppAuthentication, Trust } from './trusted-server.js'
import type { FormReadingError, Parameters } from '../http/form.js'
import { repeated } from '../http/form.js'
import type { Rule } from '../machine/rules.js'

interface FoundLaunch extends Pick<Extract<AppLaunchEvent, { readonly _tag: 'LaunchFound' }>, 'launch'> {
  /** The code of the redirect; null when it has none. */
  readonly code: string | null
}

/** The parameters of a redirect; none of them may be repeated. */
const callbackParameters = ['state', 'code', 'iss', 'error', 'error_description']

interface ReadRedirect {
  readonly parameters: Either.Either<FormReadingError, Parameters>
}

/** The rules of the parameters of a redirect. */
export const redirectParameterRules: ReadonlyArray<Rule<ReadRedirect, AppFailure>> = [
  {
    name: 'query-readable',
    check: ({ parameters }) => (Either.isLeft(parameters) ? { _tag: 'CallbackUnreadable' } : null)
  },
  {
    name: 'no-repeated-parameter',
    check: ({ parameters }: ReadRedirect): AppFailure | null => {
      const name = Either.isRight(parameters) ? repeated(parameters.right, callbackParameters) : null
      return name === null ? null : { _tag: 'CallbackParameterRepeated', name }
    }
  },
  {
    name: 'state-present',
    check: ({ parameters }) =>
      Either.isRight(parameters) && !parameters.right.has('state') ? { _tag: 'StateMissing' } : null
  }
]

/** The rules of the launch to which a redirect belongs. A used launch leads to its session if the code is the same. */
export const foundLaunchRules: ReadonlyArray<Rule<FoundLaunch, AppFailure>> = [
  {
    name: 'used-with-code',
    check: ({ launch, code }) =>
      launch._tag === 'Used' && (launch.codeDigest === undefined || code === null) ? { _tag: 'StateUsed' } : null
  }
]

interface BoundSession {
  readonly binding: Pick<LaunchBinding, 'clientId' | 'iss'>
  readonly trust: Trust
  /** The failure when the launch is that of another app. */
  readonly otherwise: AppFailure
}

/** The rules of a launch or a session that is used: it belongs to this app, at a server that is still trusted. */
export const ownLaunchRules: ReadonlyArray<Rule<BoundSession, AppFailure>> = [
  {
    name: 'server-trusted',
    check: ({ binding: { iss }, trust }) => (trust(iss) === null ? { _tag: 'IssNotTrusted', iss } : null)
  },
  {
    name: 'client-matches',
    check: ({ binding, otherwise, trust }) => (trust(binding.iss)?.clientId === binding.clientId ? null : otherwise)
  }
]

/** The methods that send a secret. */
type SecretMethod = Extract<AppAuthentication, { readonly clientSecret: string }>['method']

const isSecretMethod = (method: AppAuthentication['method']): method is SecretMethod =>
  method === 'client_secret_basic' || method === 'client_secret_post'

/**
 * The app's secret at a server for one method; null when the server is no longer trusted, or the app has no secret
 * there.
 */
export const secretAt = (
  { trust }: { readonly trust: Trust },
  iss: string,
  wanted: AppAuthentication['method']
): string | null => {
  const found = trust(iss)?.authentication.find(({ method }) => method === wanted)
  return found !== undefined && 'clientSecret' in found ? found.clientSecret : null
}

/** How the app authenticates without a signature; null when it must sign an assertion first. */
export const unsignedProof = (settings: { readonly trust: Trust }, binding: LaunchBinding): Proof | null => {
  const { iss, method } = binding
  if (method === 'private_key_jwt') return null
  if (!isSecretMethod(method)) return { _tag: 'ClientId' }
  const clientSecret = secretAt(settings, iss, method) ?? ''
  return method === 'client_secret_post'
    ? { _tag: 'Secret', clientSecret }
    : { _tag: 'Basic', clientSecret, isRaw: tolerancesOf(binding).rawBasicCredentials === true }
}

interface ClientProof {
  readonly iss: string
  readonly method: PendingLaunch['binding']['method']
  readonly trust: Trust
}

/** The rules that must hold before the app authenticates at a token endpoint. */
export const clientProofRules: ReadonlyArray<Rule<ClientProof, AppFailure>> = [
  { name: 'server-trusted', check: ({ iss, trust }) => (trust(iss) === null ? { _tag: 'IssNotTrusted', iss } : null) },
  {
    name: 'secret-known',
    check: ({ method, iss, trust }) =>
      isSecretMethod(method) && secretAt({ trust }, iss, method) === null
        ? { _tag: 'AuthenticationNotOffered', offered: [method] }
        : null
  }
]

interface SpentLaunch extends ClientProof {
  /** The failure of the callback; null when its rules hold. */
  readonly failure: AppFailure | null
}

/** The rules that must hold before the code is sent. */
export const spentLaunchRules: ReadonlyArray<Rule<SpentLaunch, AppFailure>> = [
  { name: 'callback-valid', check: ({ failure }) => failure },
  ...clientProofRules
]
