/**
 * The first half of an app's launch: from the launch request to the redirect.
 *
 * No request is sent before `iss` is found among the trusted servers. Documents may only name origins that the list of
 * trusted servers allows. Source: app-launch, steps 2 to 4.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type {
  AppLaunchCommand,
  AppLaunchSettings,
  AppLaunchState,
  LaunchInput,
  FreshLaunchValues,
  LaunchRequest
} from './launch-state.js'
import type { Step } from '../machine/machine.js'
import type { AppFailure } from './failure.js'
import { assertionKeyRules, launchParameterRules, launchServerRules } from './launch-rules.js'
import { redirectTo } from './requests.js'
import { discoveryUrl, openidConfigurationUrl } from '../discovery/endpoint-url.js'
import { readForm, valueOf, withoutQuestionMark } from '../http/form.js'
import type { PlainResponse } from '../http/message.js'
import { getDocument } from '../http/outgoing-request.js'
import { firstRefusal } from '../machine/rules.js'
import type { PendingLaunch, LaunchBinding } from './stored-app.js'
import type { TrustedServer, ValidatedServer } from './trusted-server.js'
import { assertionAudienceOf, chooseAuthentication, readDocument } from './trusted-server.js'
import { tolerancesOf } from './trust/tolerances.js'
import type { DocumentNeeds } from './trust/server-documents.js'
import {
  followsRedirects,
  needsIssuerDocument,
  redirectedRequest,
  validateConfiguration,
  validateIssuerMetadata
} from './trust/server-documents.js'
import { parse } from '../../scopes/parse.js'
import { holdsText } from '../../scopes/scope.js'
import { originOf } from '../../values/urls.js'
import { ownMember } from '../../values/own.js'

/** A step of the launch. */
export type AppLaunchStep = Step<AppLaunchState, AppLaunchCommand>
type In<Tag extends AppLaunchState['_tag']> = Extract<AppLaunchState, { readonly _tag: Tag }>

/** The failure of a launch. */
export const failLaunch = (failure: AppFailure): AppLaunchStep => ({
  state: { _tag: 'Failed', failure },
  command: null
})

interface Launch {
  readonly iss: string
  readonly launch: string | null
}

const readLaunch = (request: LaunchRequest): Either.Either<AppFailure, Launch> => {
  if (request._tag === 'Standalone') return Either.right({ iss: request.iss, launch: null })
  const parameters = readForm(withoutQuestionMark(request.query))
  const failure = firstRefusal(launchParameterRules, { parameters })
  if (failure !== null) return Either.left(failure)
  const value = (name: string): string => (Either.isRight(parameters) ? (valueOf(parameters.right, name) ?? '') : '')
  return Either.right({ iss: value('iss'), launch: value('launch') })
}

/**
 * The scope to request in this kind of launch: `launch` is included exactly in an EHR launch, and scopes that the
 * release reserves for it are omitted otherwise.
 */
const requestedScope = ({ scope, specVersion }: AppLaunchSettings, launch: string | null): string => {
  const tokens = scope.split(' ').filter((one) => one !== '' && one !== 'launch')
  if (launch !== null) return ['launch', ...tokens].join(' ')
  return tokens.filter((one) => one !== 'online_access' || specVersion !== '2.2.0').join(' ')
}

const trustedServerOf = ({ trust }: AppLaunchSettings, { iss }: Launch): Either.Either<AppFailure, TrustedServer> => {
  const failure = firstRefusal(launchServerRules, { iss, trust })
  const server = failure === null ? trust(iss) : null
  return server === null ? Either.left(failure ?? { _tag: 'IssNotTrusted', iss }) : Either.right(server)
}

/** The server and the registration that a launch would use. */
export const serverOfLaunch = (
  settings: AppLaunchSettings,
  request: LaunchRequest
): Either.Either<AppFailure, TrustedServer> => {
  const read = readLaunch(request)
  return Either.isLeft(read) ? read : trustedServerOf(settings, read.right)
}

/** The first step: checks that `iss` is trusted. */
export const beginLaunch = (
  settings: AppLaunchSettings,
  request: LaunchRequest,
  fresh: FreshLaunchValues
): AppLaunchStep => {
  const read = readLaunch(request)
  if (Either.isLeft(read)) return failLaunch(read.left)
  const { iss, launch } = read.right
  const trusted = trustedServerOf(settings, read.right)
  if (Either.isLeft(trusted)) return failLaunch(trusted.left)
  const server = trusted.right
  const beginning = {
    server,
    iss,
    launch,
    scope: requestedScope(settings, launch),
    fresh,
    origin: {
      kind: launch === null ? ('standalone' as const) : ('ehr' as const),
      handle: fresh.handle,
      data: ownMember(request, 'data') ?? null
    }
  }
  return discovering({
    _tag: 'Discovering',
    beginning,
    document: { url: discoveryUrl(server.fhirBaseUrl), redirects: 0 }
  })
}

const discovering = (state: In<'Discovering'> | In<'DiscoveringIssuer'>): AppLaunchStep => ({
  state,
  command: { _tag: 'Send', request: getDocument(state.document.url, followsRedirects(state.beginning.server)) }
})

const asksForIdentity = ({ scope }: LaunchInput): boolean => holdsText(parse(scope), 'openid')

const deriveVerifier = (beginning: LaunchInput, validated: ValidatedServer): AppLaunchStep => {
  const authentication = chooseAuthentication(beginning.server, validated.methods)
  if (Either.isLeft(authentication)) return failLaunch(authentication.left)
  const unfit = firstRefusal(assertionKeyRules, {
    method: authentication.right.method,
    own: beginning.fresh.algorithms,
    offered: validated.signingAlgorithms
  })
  if (unfit !== null) return failLaunch(unfit)
  const { launchId, state } = beginning.fresh
  return {
    state: { _tag: 'DerivingVerifier', beginning, validated, method: authentication.right.method },
    command: { _tag: 'DeriveVerifier', launchId, state }
  }
}

const needsOf = (beginning: LaunchInput): DocumentNeeds => ({
  purpose: 'launch',
  identity: asksForIdentity(beginning)
})

/** The SMART configuration arrived. The issuer's metadata are requested if they are needed. */
export const onConfiguration = (state: In<'Discovering'>, response: PlainResponse): AppLaunchStep => {
  const { beginning } = state
  const redirected = redirectedRequest(beginning.server, state.document, response)
  if (Either.isLeft(redirected)) return failLaunch(redirected.left)
  if (redirected.right !== null) return discovering({ ...state, document: redirected.right })
  const document = readDocument(state.document.url, response)
  if (Either.isLeft(document)) return failLaunch(document.left)
  const validated = validateConfiguration(beginning.server, document.right, needsOf(beginning))
  if (Either.isLeft(validated)) return failLaunch(validated.left)
  const { issuer } = validated.right
  if (issuer === null || !needsIssuerDocument(beginning.server, needsOf(beginning)))
    return deriveVerifier(beginning, validated.right)
  const request = { url: openidConfigurationUrl(issuer), redirects: 0 }
  return discovering({ _tag: 'DiscoveringIssuer', beginning, validated: validated.right, document: request })
}

/** The issuer's metadata arrived. */
export const onIssuerMetadata = (state: In<'DiscoveringIssuer'>, response: PlainResponse): AppLaunchStep => {
  const { beginning, validated } = state
  const redirected = redirectedRequest(beginning.server, state.document, response)
  if (Either.isLeft(redirected)) return failLaunch(redirected.left)
  if (redirected.right !== null) return discovering({ ...state, document: redirected.right })
  const document = readDocument(state.document.url, response)
  if (Either.isLeft(document)) return failLaunch(document.left)
  const known = validateIssuerMetadata(beginning.server, validated, document.right, needsOf(beginning))
  return Either.isLeft(known) ? failLaunch(known.left) : deriveVerifier(beginning, known.right)
}

const pinnedOf = (
  { server, iss }: LaunchInput,
  validated: ValidatedServer,
  method: LaunchBinding['method']
): LaunchBinding => ({
  iss,
  clientId: server.clientId,
  redirectUri: server.redirectUri,
  tokenEndpoint: validated.tokenEndpoint,
  issuer: validated.issuer,
  jwksUri: validated.jwksUri,
  authorizationOrigin: originOf(validated.authorizationEndpoint ?? ''),
  issParameterSupported: validated.issParameterSupported,
  method,
  assertionAudience: assertionAudienceOf(server, validated),
  tolerances: tolerancesOf(server),
  ...(validated.signingAlgorithms === null ? {} : { signingAlgorithms: validated.signingAlgorithms }),
  ...(validated.revocationEndpoint === null ? {} : { revocationEndpoint: validated.revocationEndpoint })
})

/** The verifier is derived: stores the launch, and then redirects the browser. */
export const onVerifierDerived = (
  settings: AppLaunchSettings,
  { beginning, validated, method }: In<'DerivingVerifier'>,
  codeChallenge: string,
  stateDigest: string
): AppLaunchStep => {
  const { fresh, iss, launch, scope, server } = beginning
  const nonce = asksForIdentity(beginning) ? fresh.nonce : null
  const redirect = redirectTo(
    validated.authorizationEndpoint ?? '',
    {
      clientId: server.clientId,
      redirectUri: server.redirectUri,
      scope,
      state: fresh.state,
      audience: ownMember(server, 'audience') ?? iss,
      launch,
      codeChallenge,
      nonce
    },
    validated.acceptsPost,
    settings.longestAddress
  )
  const expiresAt = fresh.now + settings.launchLifetimeSeconds
  const pending: PendingLaunch = {
    _tag: 'Pending',
    writeId: fresh.writeId,
    // The record is kept longer than the launch is valid, so that a late callback gets a specific failure.
    recordExpiresAt: expiresAt + settings.launchLifetimeSeconds,
    binding: pinnedOf(beginning, validated, method),
    stateDigest,
    nonce,
    scope,
    expiresAt,
    launch: beginning.origin
  }
  return {
    state: { _tag: 'SavingLaunch', launchId: fresh.launchId, redirect },
    command: { _tag: 'SaveLaunch', launchId: fresh.launchId, launch: pending }
  }
}
