/**
 * The end of an app's launch: from the token response to the session.
 *
 * The id_token is verified with the issuer's keys, which are fetched once more if none fits. Source: app-launch, steps
 * 5 and 6; OpenID Connect Core 1.0, section 3.1.3.7.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { AppLaunchStep } from './discovery.js'
import { failLaunch } from './discovery.js'
import type { AppLaunchEvent, AppLaunchSettings, AppLaunchState, CallbackInput } from './launch-state.js'
import {
  expectedIdTokenRules,
  idTokenHeadRules,
  keyOf,
  readIdToken,
  userOf,
  verifiedIdTokenRules
} from './id-token-rules.js'
import { firstRefusal } from '../machine/rules.js'
import type { AppFailure } from './failure.js'
import type { ReceivedTokens } from './token-response.js'
import { readingOptionsOf, readTokenResponse } from './token-response.js'
import type { PlainResponse } from '../http/message.js'
import type { Jwk } from '../jwt/jwk.js'
import { readJwks } from '../jwt/jwk.js'
import { getJson } from '../http/outgoing-request.js'
import type { SessionGrantComparison, LaunchedUser, PendingLaunch } from './stored-app.js'
import { tolerancesOf } from './trust/tolerances.js'
import { readDocument } from './trusted-server.js'
import { format } from '../../scopes/format.js'
import { compareGrant } from '../../scopes/compare-grant.js'
import { parse } from '../../scopes/parse.js'
import { holdsText } from '../../scopes/scope.js'
import { limits } from '../../values/limits/limits.js'

type In<Tag extends AppLaunchState['_tag']> = Extract<AppLaunchState, { readonly _tag: Tag }>
type On<Tag extends AppLaunchEvent['_tag']> = Extract<AppLaunchEvent, { readonly _tag: Tag }>

/** The granted scope: the server's value, or the requested scope if the server omits it. */
const grantedOf = ({ scope }: ReceivedTokens, pending: PendingLaunch): string => scope ?? pending.scope

/** The comparison of the granted with the requested scope, by meaning. */
export const grantComparisonOf = (
  requested: string,
  granted: string
): Either.Either<AppFailure, SessionGrantComparison> => {
  const comparison = compareGrant(parse(requested), parse(granted))
  return Either.isLeft(comparison)
    ? Either.left({ _tag: 'ScopeTooComplex' })
    : Either.right({
        verdict: comparison.right.verdict,
        missing: format(comparison.right.missing),
        excess: format(comparison.right.excess)
      })
}

const openSession = (
  { fresh, launchId, pending, sessionId }: CallbackInput,
  tokens: ReceivedTokens,
  user: LaunchedUser | null
): AppLaunchStep => {
  const granted = grantedOf(tokens, pending)
  const comparison = grantComparisonOf(pending.scope, granted)
  if (Either.isLeft(comparison)) return failLaunch(comparison.left)
  const facts = {
    binding: pending.binding,
    requestedScope: pending.scope,
    grantedScope: granted,
    comparison: comparison.right,
    context: tokens.context,
    user,
    ...(pending.launch === undefined ? {} : { launch: pending.launch })
  }
  const { accessToken, expiresIn, refreshToken } = tokens
  return {
    state: { _tag: 'SavingSession', launchId, sessionId, facts },
    command: {
      _tag: 'OpenSession',
      sessionId,
      facts,
      tokens: {
        accessToken,
        refreshToken,
        expiresAt: expiresIn === null ? null : fresh.now + expiresIn,
        scope: granted,
        asked: null,
        generation: 0
      },
      fresh
    }
  }
}

/** The token endpoint responded. Without an id_token the session is complete, unless an id_token was requested. */
export const onTokenResponse = (
  settings: AppLaunchSettings,
  { returning }: In<'Exchanging'>,
  response: PlainResponse
): AppLaunchStep => {
  const { nonce, binding } = returning.pending
  const tolerances = tolerancesOf(binding)
  const read = readTokenResponse(response, readingOptionsOf(settings, tolerances), returning.fresh.now)
  if (Either.isLeft(read)) return failLaunch(read.left)
  const tokens = read.right
  const isExpected = nonce !== null && holdsText(parse(grantedOf(tokens, returning.pending)), 'openid')
  const missing = firstRefusal(expectedIdTokenRules, { isExpected, idToken: tokens.idToken })
  if (missing !== null) return failLaunch(missing)
  // An app that did not request an identity ignores the id_token.
  if (nonce === null || tokens.idToken === null) return openSession(returning, tokens, null)
  const idToken = readIdToken(tokens.idToken)
  if (Either.isLeft(idToken)) return failLaunch(idToken.left)
  const failure = firstRefusal(idTokenHeadRules, {
    idToken: idToken.right,
    issuer: binding.issuer ?? '',
    clientId: binding.clientId,
    nonce,
    jwksUri: binding.jwksUri,
    tolerances,
    now: returning.fresh.now,
    skewSeconds: settings.clockSkewSeconds,
    algorithms: settings.idTokenAlgorithms
  })
  if (failure !== null) return failLaunch(failure)
  return tolerances.tlsInsteadOfSignature === true
    ? verifying({ returning, tokens, idToken: idToken.right, fetches: null }, null)
    : fetchingKeys({ returning, tokens, idToken: idToken.right, fetches: 1 })
}

type ReceivedIdToken = Omit<In<'VerifyingIdToken'>, '_tag'>

const verifying = (received: ReceivedIdToken, key: Jwk | null): AppLaunchStep => ({
  state: { ...received, _tag: 'VerifyingIdToken' },
  command: { _tag: 'VerifyIdToken', key, idToken: received.idToken, accessToken: received.tokens.accessToken }
})

const fetchingKeys = (received: Omit<In<'FetchingKeys'>, '_tag'>): AppLaunchStep => ({
  state: { ...received, _tag: 'FetchingKeys' },
  command: { _tag: 'Send', request: getJson(received.returning.pending.binding.jwksUri ?? '') }
})

/** The keys may have changed since they were fetched: they are fetched once more before the launch fails. */
const fetchingKeysAgain = ({ returning, tokens, idToken, fetches }: ReceivedIdToken, failure: AppFailure) =>
  fetches === null || fetches >= limits.keyFetches.default
    ? failLaunch(failure)
    : fetchingKeys({ returning, tokens, idToken, fetches: fetches + 1 })

/** The issuer's keys arrived: exactly one must fit. */
export const onKeys = (state: In<'FetchingKeys'>, response: PlainResponse): AppLaunchStep => {
  const document = readDocument(state.returning.pending.binding.jwksUri ?? '', response)
  if (Either.isLeft(document)) return failLaunch(document.left)
  const key = keyOf(state.idToken, readJwks(document.right) ?? [])
  return key === null ? fetchingKeysAgain(state, { _tag: 'IdTokenKeyUnknown' }) : verifying(state, key)
}

/** The issuer's signature was verified. */
export const onSignatureChecked = (
  state: In<'VerifyingIdToken'>,
  { fits, accessTokenDigest }: On<'SignatureChecked'>
): AppLaunchStep => {
  const { returning, tokens, idToken, fetches } = state
  const isFromTokenEndpoint = fetches === null
  const failure = firstRefusal(verifiedIdTokenRules, {
    idToken,
    isSigned: fits,
    isFromTokenEndpoint,
    accessTokenDigest
  })
  if (failure === null) return openSession(returning, tokens, userOf(returning.pending.binding.iss, idToken))
  return failure._tag === 'IdTokenSignatureWrong' ? fetchingKeysAgain(state, failure) : failLaunch(failure)
}
