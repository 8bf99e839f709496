/**
 * An app's launch, from the launch request to the session: the client's half of the protocol.
 *
 * Between `Redirecting` and `FindingLaunch` lies the browser's way to the server and back; what must be remembered
 * meanwhile is written down before the browser goes. Source: app-launch, steps 2 to 5.
 *
 * @module
 */
import {
  onAssertionSigned,
  onKeys,
  onLaunchFound,
  onLaunchNotFound,
  onLaunchSpent,
  onSignatureChecked,
  onTokenResponse
} from './callback.js'
import { onConfiguration, failLaunch, onIssuerMetadata, onIssuerUnavailable, onVerifierDerived } from './discovery.js'
import type { AppLaunchCommand, AppLaunchEvent, AppLaunchSettings, AppLaunchState } from './launch-state.js'
import type { Machine, Transition } from '../machine/machine.js'

export { beginCallback } from './callback.js'
export { beginLaunch } from './discovery.js'

type Silence = Extract<AppLaunchEvent, { readonly _tag: 'ServerUnavailable' }>
type Silent<From> = Transition<AppLaunchState, AppLaunchCommand, From, Silence>

/** Nothing came back. A code is not sent again: the server may have taken it (RFC 6749, section 4.1.2). */
const serverSilent: Silent<unknown> = {
  to: ['Failed'],
  step: (_state, { reason }) => failLaunch({ _tag: 'ServerUnavailable', reason })
}

const storeSilent: Transition<AppLaunchState, AppLaunchCommand, unknown, unknown> = {
  to: ['Failed'],
  step: () => failLaunch({ _tag: 'StoreUnavailable' })
}

const keysSilent: Transition<
  AppLaunchState,
  AppLaunchCommand,
  unknown,
  Extract<AppLaunchEvent, { readonly _tag: 'KeysUnavailable' }>
> = {
  to: ['Failed'],
  step: (_state, { reason }) => failLaunch({ _tag: 'KeysUnavailable', reason })
}

/** The machine of an app's launch. */
export const appLaunchMachine = (
  settings: AppLaunchSettings
): Machine<AppLaunchState, AppLaunchEvent, AppLaunchCommand, 'Redirecting' | 'Ready' | 'Failed'> => ({
  name: 'app-launch',
  initial: ['Discovering', 'FindingLaunch', 'Failed'],
  final: ['Redirecting', 'Ready', 'Failed'],
  table: {
    Discovering: {
      Answered: {
        to: ['DiscoveringIssuer', 'DerivingVerifier', 'Failed'],
        step: (state, { response }) => onConfiguration(state, response)
      },
      ServerUnavailable: serverSilent
    },
    DiscoveringIssuer: {
      Answered: {
        to: ['DerivingVerifier', 'Failed'],
        step: (state, { response }) => onIssuerMetadata(state, response)
      },
      ServerUnavailable: {
        to: ['DerivingVerifier', 'Failed'],
        step: (state, { reason }) => onIssuerUnavailable(state, reason)
      }
    },
    DerivingVerifier: {
      VerifierDerived: {
        to: ['SavingLaunch'],
        step: (state, { codeChallenge, stateDigest }) => onVerifierDerived(settings, state, codeChallenge, stateDigest)
      }
    },
    SavingLaunch: {
      LaunchSaved: {
        to: ['Redirecting'],
        step: (state) => ({ state: { ...state, _tag: 'Redirecting' }, command: null })
      },
      StoreUnavailable: storeSilent
    },
    Redirecting: {},
    FindingLaunch: {
      LaunchFound: { to: ['FindingLaunch', 'SpendingLaunch', 'Failed'], step: onLaunchFound },
      LaunchNotFound: { to: ['FindingLaunch', 'Failed'], step: onLaunchNotFound },
      StoreUnavailable: storeSilent
    },
    SpendingLaunch: {
      LaunchSpent: {
        to: ['SigningAssertion', 'Exchanging', 'Failed'],
        step: (state, event) => onLaunchSpent(settings, state, event)
      },
      LaunchAlreadyUsed: { to: ['Failed'], step: () => failLaunch({ _tag: 'StateUsed' }) },
      StoreUnavailable: storeSilent
    },
    SigningAssertion: {
      AssertionSigned: { to: ['Exchanging'], step: onAssertionSigned },
      KeysUnavailable: keysSilent
    },
    Exchanging: {
      Answered: {
        to: ['FetchingKeys', 'SavingSession', 'Failed'],
        step: (state, { response }) => onTokenResponse(settings, state, response)
      },
      ServerUnavailable: serverSilent
    },
    FetchingKeys: {
      Answered: { to: ['VerifyingIdToken', 'Failed'], step: (state, { response }) => onKeys(state, response) },
      ServerUnavailable: serverSilent
    },
    VerifyingIdToken: {
      SignatureChecked: { to: ['SavingSession', 'Failed'], step: onSignatureChecked },
      KeysUnavailable: keysSilent
    },
    SavingSession: {
      SessionSaved: { to: ['Ready'], step: (state) => ({ state: { ...state, _tag: 'Ready' }, command: null }) },
      StoreUnavailable: storeSilent
    },
    Ready: {},
    Failed: {}
  }
})
