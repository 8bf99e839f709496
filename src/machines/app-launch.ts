/**
 * An app's launch, from the launch request to the session: the client's half of the protocol.
 *
 * Between `Redirecting` and `FindingLaunch` lies the browser's way to the server and back; what must be remembered
 * meanwhile is written down before the browser goes. Source: app-launch, steps 2 to 5.
 *
 * @module
 */
import {
  assertionSigned,
  keysCame,
  launchFound,
  launchNotFound,
  launchSpent,
  signatureJudged,
  tokenAnswered
} from './app-callback.js'
import { configurationCame, fail, issuerCame, issuerSilent, verifierDerived } from './app-discovery.js'
import type { AppLaunchCommand, AppLaunchEvent, AppLaunchSettings, AppLaunchState } from './app-launch-events.js'
import type { Machine, Transition } from './kernel.js'

export { beginCallback } from './app-callback.js'
export { beginLaunch } from './app-discovery.js'

type Silence = Extract<AppLaunchEvent, { readonly _tag: 'ServerSilent' }>
type Silent<From> = Transition<AppLaunchState, AppLaunchCommand, From, Silence>

/** Nothing came back. A code is not sent again: the server may have taken it (RFC 6749, section 4.1.2). */
const serverSilent: Silent<unknown> = {
  to: ['Failed'],
  step: (_state, { reason }) => fail({ _tag: 'ServerSilent', reason })
}

const storeSilent: Transition<AppLaunchState, AppLaunchCommand, unknown, unknown> = {
  to: ['Failed'],
  step: () => fail({ _tag: 'StoreSilent' })
}

const keysSilent: Transition<
  AppLaunchState,
  AppLaunchCommand,
  unknown,
  Extract<AppLaunchEvent, { readonly _tag: 'KeysSilent' }>
> = {
  to: ['Failed'],
  step: (_state, { reason }) => fail({ _tag: 'KeysSilent', reason })
}

/** The machine of an app's launch. */
export const appLaunchMachine = (
  settings: AppLaunchSettings
): Machine<AppLaunchState, AppLaunchEvent, AppLaunchCommand> => ({
  name: 'app-launch',
  initial: ['Discovering', 'FindingLaunch', 'Failed'],
  table: {
    Discovering: {
      Answered: {
        to: ['DiscoveringIssuer', 'DerivingVerifier', 'Failed'],
        step: (state, { response }) => configurationCame(state, response)
      },
      ServerSilent: serverSilent
    },
    DiscoveringIssuer: {
      Answered: { to: ['DerivingVerifier', 'Failed'], step: (state, { response }) => issuerCame(state, response) },
      ServerSilent: { to: ['DerivingVerifier', 'Failed'], step: (state, { reason }) => issuerSilent(state, reason) }
    },
    DerivingVerifier: {
      VerifierDerived: {
        to: ['SavingLaunch'],
        step: (state, { codeChallenge, stateDigest }) => verifierDerived(settings, state, codeChallenge, stateDigest)
      }
    },
    SavingLaunch: {
      LaunchSaved: {
        to: ['Redirecting'],
        step: (state) => ({ state: { ...state, _tag: 'Redirecting' }, commands: [] })
      },
      StoreSilent: storeSilent
    },
    Redirecting: {},
    FindingLaunch: {
      LaunchFound: { to: ['FindingLaunch', 'SpendingLaunch', 'Failed'], step: launchFound },
      LaunchNotFound: { to: ['FindingLaunch', 'Failed'], step: launchNotFound },
      StoreSilent: storeSilent
    },
    SpendingLaunch: {
      LaunchSpent: {
        to: ['SigningAssertion', 'Exchanging', 'Failed'],
        step: (state, event) => launchSpent(settings, state, event)
      },
      LaunchSpentBefore: { to: ['Failed'], step: () => fail({ _tag: 'StateUsed' }) },
      StoreSilent: storeSilent
    },
    SigningAssertion: {
      AssertionSigned: { to: ['Exchanging'], step: assertionSigned },
      KeysSilent: keysSilent
    },
    Exchanging: {
      Answered: {
        to: ['FetchingKeys', 'SavingSession', 'Failed'],
        step: (state, { response }) => tokenAnswered(settings, state, response)
      },
      ServerSilent: serverSilent
    },
    FetchingKeys: {
      Answered: { to: ['VerifyingIdToken', 'Failed'], step: (state, { response }) => keysCame(state, response) },
      ServerSilent: serverSilent
    },
    VerifyingIdToken: {
      SignatureJudged: { to: ['SavingSession', 'Failed'], step: signatureJudged },
      KeysSilent: keysSilent
    },
    SavingSession: {
      SessionSaved: { to: ['Ready'], step: (state) => ({ state: { ...state, _tag: 'Ready' }, commands: [] }) },
      StoreSilent: storeSilent
    },
    Ready: {},
    Failed: {}
  }
})
