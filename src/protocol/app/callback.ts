/**
 * The second half of an app's launch: from the redirect to the request for tokens.
 *
 * The parameters of the redirect are compared with the stored launch and decide nothing else. The launch is marked as
 * used before the code is sent, whatever the result is, so that no code is used twice. The same redirect in the same
 * browser (loaded again, or gone back to) leads to the session that it opened, if that is not over.
 * Source: app-launch, steps 4 and 5; RFC 9207, section 2.4; OpenID Connect Core 1.0, section 3.1.3.7.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import {
  foundLaunchRules,
  ownLaunchRules,
  redirectParameterRules,
  spentLaunchRules,
  unsignedProof
} from './callback-rules.js'
import type { AppLaunchStep } from './discovery.js'
import { failLaunch } from './discovery.js'
import type {
  AppLaunchEvent,
  AppLaunchSettings,
  AppLaunchState,
  Callback,
  FreshCallbackValues,
  CallbackRequest,
  CallbackInput
} from './launch-state.js'
import type { Rule } from '../machine/rules.js'
import { firstRefusal } from '../machine/rules.js'
import type { AppFailure } from './failure.js'
import type { Proof } from './requests.js'
import { tokenRequest } from './requests.js'
import type { Parameters } from '../http/form.js'
import { readForm, valueOf, withoutQuestionMark } from '../http/form.js'
import type { PendingLaunch } from './stored-app.js'
import { tolerancesOf } from './trust/tolerances.js'
import { limits } from '../../values/limits/limits.js'
import { sameDigest } from '../../values/secret.js'
import type { EpochSeconds } from '../../values/time.js'
import { hasPassed } from '../../values/time.js'
import { normalizedOriginOf, originOf, pathOf } from '../../values/urls.js'
import { ownMembers } from '../../values/own.js'

type In<Tag extends AppLaunchState['_tag']> = Extract<AppLaunchState, { readonly _tag: Tag }>
type On<Tag extends AppLaunchEvent['_tag']> = Extract<AppLaunchEvent, { readonly _tag: Tag }>

const readCallback = (request: CallbackRequest): Either.Either<AppFailure, Callback> => {
  const { arrivedAt, query, redirectUri } = ownMembers(request)
  const parameters = readForm(withoutQuestionMark(query))
  const failure = firstRefusal(redirectParameterRules, { parameters })
  if (failure !== null) return Either.left(failure)
  const value = (name: string): string | null => (Either.isRight(parameters) ? valueOf(parameters.right, name) : null)
  return Either.right({
    state: value('state') ?? '',
    code: value('code'),
    iss: value('iss'),
    error: value('error'),
    description: value('error_description'),
    redirectUri: redirectUri ?? null,
    arrivedAt: arrivedAt ?? null
  })
}

const findLaunch = (
  callback: Callback,
  launchIds: ReadonlyArray<string>,
  fresh: FreshCallbackValues
): AppLaunchStep => {
  const [launchId, ...others] = launchIds
  return launchId === undefined
    ? failLaunch({ _tag: 'StateDiffers' })
    : {
        state: { _tag: 'FindingLaunch', callback, launchId, others, fresh },
        command: { _tag: 'FindLaunch', launchId, state: callback.state }
      }
}

/** The first step: finds the launch of this browser to which the redirect belongs. */
export const beginCallback = (request: CallbackRequest, fresh: FreshCallbackValues): AppLaunchStep => {
  const callback = readCallback(request)
  return Either.isLeft(callback)
    ? failLaunch(callback.left)
    : findLaunch(callback.right, request.launchIds.slice(0, limits.callbackLaunches.default), fresh)
}

/** Tries the next launch of the browser, if there is one. */
export const onLaunchNotFound = ({ callback, others, fresh }: In<'FindingLaunch'>): AppLaunchStep =>
  findLaunch(callback, others, fresh)

interface CallbackFacts {
  readonly callback: Callback
  readonly pending: Pick<PendingLaunch, 'binding' | 'expiresAt'>
  readonly now: EpochSeconds
}

/**
 * Whether the redirect comes from the authorization server of the launch. If the issuer is not known, the origin of the
 * authorization endpoint is compared.
 */
const isExpectedIssuer = (iss: string, binding: PendingLaunch['binding']): boolean =>
  tolerancesOf(binding).issuerAliases?.includes(iss) === true ||
  (binding.issuer === null ? originOf(iss) === binding.authorizationOrigin : iss === binding.issuer)

/** A URL without its query, normalized as by a browser: lower case before the path, no default port, a path. */
const originAndPath = (url: string): string => `${normalizedOriginOf(url)}${pathOf(url) === '' ? '/' : pathOf(url)}`

const parametersOf = (url: string): Parameters => {
  const query = readForm(/^[^?#]*\?([^#]*)/.exec(url)?.[1] ?? '')
  return Either.isRight(query) ? query.right : new Map()
}

/** Whether a URL is a redirect URI with the parameters of a response added to its own. */
export const isResponseAt = (redirectUri: string, arrivedAt: string): boolean => {
  if (originAndPath(redirectUri) !== originAndPath(arrivedAt)) return false
  const arrived = parametersOf(arrivedAt)
  return [...parametersOf(redirectUri)].every(([name, values]) => {
    const there = new Set(arrived.get(name))
    return values.every((value) => there.has(value))
  })
}

/** The rules of an authorization response. */
export const callbackRules: ReadonlyArray<Rule<CallbackFacts, AppFailure>> = [
  {
    name: 'launch-in-time',
    check: ({ pending, now }) => (hasPassed(pending.expiresAt, now) ? { _tag: 'LaunchTooOld' } : null)
  },
  {
    name: 'redirect-uri-matches',
    check: ({ callback, pending }) =>
      callback.redirectUri === null || callback.redirectUri === pending.binding.redirectUri
        ? null
        : { _tag: 'ArrivedElsewhere', redirectUri: callback.redirectUri }
  },
  {
    name: 'address-matches',
    check: ({ callback, pending }) =>
      callback.arrivedAt === null || isResponseAt(pending.binding.redirectUri, callback.arrivedAt)
        ? null
        : { _tag: 'ArrivedElsewhere', redirectUri: originAndPath(callback.arrivedAt) }
  },
  {
    name: 'issuer-present',
    check: ({ callback, pending }) =>
      callback.iss !== null || !pending.binding.issParameterSupported ? null : { _tag: 'ResponseIssuerMissing' }
  },
  {
    name: 'issuer-matches',
    check: ({ callback, pending }) =>
      callback.iss === null || isExpectedIssuer(callback.iss, pending.binding)
        ? null
        : { _tag: 'ResponseIssuerDiffers', found: callback.iss }
  },
  {
    name: 'no-error',
    check: ({ callback }) =>
      callback.error === null
        ? null
        : {
            _tag: 'AuthorizationRefused',
            error: callback.error,
            description: callback.description
          }
  },
  { name: 'code-present', check: ({ callback }) => (callback.code !== null ? null : { _tag: 'CodeMissing' }) }
]

/**
 * A launch of this browser was found. If its `state` matches and it belongs to this app, it is marked as used first,
 * and then the response is checked. If it was used before with the same code, its session is looked for.
 */
export const onLaunchFound = (
  { trust }: AppLaunchSettings,
  state: In<'FindingLaunch'>,
  { launch, stateDigest }: On<'LaunchFound'>
): AppLaunchStep => {
  if (!sameDigest(launch.stateDigest, stateDigest)) return onLaunchNotFound(state)
  const { callback, fresh, launchId } = state
  const used = firstRefusal(foundLaunchRules, { launch, code: callback.code })
  if (used !== null) return failLaunch(used)
  if (launch._tag === 'Used')
    return {
      state: { _tag: 'FindingSession', callback, launchId, fresh },
      command: { _tag: 'FindSession', launchId, code: callback.code ?? '', used: launch }
    }
  const foreign = firstRefusal(ownLaunchRules, { binding: launch.binding, trust, otherwise: { _tag: 'StateDiffers' } })
  if (foreign !== null) return failLaunch(foreign)
  const failure = firstRefusal(callbackRules, { callback, pending: launch, now: fresh.now })
  return {
    state: {
      _tag: 'SpendingLaunch',
      returning: { fresh, launchId, pending: launch },
      callback,
      code: callback.code ?? '',
      failure
    },
    // Without a code, the record says that no session will be opened.
    command: { _tag: 'SpendLaunch', launchId, writeId: fresh.writeId, code: failure === null ? callback.code : null }
  }
}

/** Another request was faster: the launch is looked at again, and its session is looked for. */
export const onLaunchAlreadyUsed = ({ callback, returning }: In<'SpendingLaunch'>): AppLaunchStep =>
  findLaunch(callback, [returning.launchId], returning.fresh)

/** The session that the same redirect opened. The redirect is checked like the first time. */
export const onSessionFound = (
  { trust }: AppLaunchSettings,
  { callback, fresh, launchId }: In<'FindingSession'>,
  { facts, sessionId }: On<'SessionFound'>
): AppLaunchStep => {
  const { binding } = facts
  const failure =
    firstRefusal(ownLaunchRules, { binding, trust, otherwise: { _tag: 'StateDiffers' } }) ??
    firstRefusal(callbackRules, { callback, pending: { binding, expiresAt: fresh.now + 1 }, now: fresh.now })
  return failure === null
    ? { state: { _tag: 'Ready', launchId, sessionId, facts }, command: null }
    : failLaunch(failure)
}

const exchange = (returning: CallbackInput, code: string, codeVerifier: string, proof: Proof): AppLaunchStep => {
  const { clientId, redirectUri, tokenEndpoint } = returning.pending.binding
  return {
    state: { _tag: 'Exchanging', returning },
    command: {
      _tag: 'Send',
      request: tokenRequest(tokenEndpoint, clientId, proof, { _tag: 'Code', code, redirectUri, codeVerifier })
    }
  }
}

/** The launch is marked as used: exchanges the code, unless a check failed. */
export const onLaunchUsed = (
  settings: AppLaunchSettings,
  { returning: found, code, failure }: In<'SpendingLaunch'>,
  { codeVerifier, sessionId }: On<'LaunchUsed'>
): AppLaunchStep => {
  const returning = { ...found, sessionId }
  const { binding } = returning.pending
  const { assertionAudience, clientId, iss, method, signingAlgorithms } = binding
  const broken = firstRefusal(spentLaunchRules, { failure, iss, method, trust: settings.trust })
  if (broken !== null) return failLaunch(broken)
  const proof = unsignedProof(settings, binding)
  return proof === null
    ? {
        state: { _tag: 'SigningAssertion', returning, code, codeVerifier },
        command: {
          _tag: 'SignAssertion',
          clientId,
          audience: assertionAudience,
          algorithms: signingAlgorithms ?? null
        }
      }
    : exchange(returning, code, codeVerifier, proof)
}

/** The assertion is made. */
export const onAssertionSigned = (
  { returning, code, codeVerifier }: In<'SigningAssertion'>,
  { assertion }: On<'AssertionSigned'>
): AppLaunchStep => exchange(returning, code, codeVerifier, { _tag: 'Assertion', assertion })
