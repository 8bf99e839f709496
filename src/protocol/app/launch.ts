/**
 * An app's launch, from the launch request to the session: the client's half of the protocol.
 *
 * Between `Redirecting` and `FindingLaunch` the browser is at the server; everything that is needed afterwards is
 * stored before the redirect. Source: app-launch, steps 2 to 5.
 *
 * @module
 */
import {
  onAssertionSigned,
  onLaunchAlreadyUsed,
  onLaunchFound,
  onLaunchNotFound,
  onLaunchUsed,
  onSessionFound
} from './callback.js'
import { onKeys, onSignatureChecked, onTokenResponse } from './launch-tokens.js'
import { onConfiguration, failLaunch, onIssuerMetadata, onVerifierDerived } from './discovery.js'
import type { AppLaunchCommand, AppLaunchEvent, AppLaunchSettings, AppLaunchState } from './launch-state.js'
import type { Machine, Transition } from '../machine/machine.js'

export { beginCallback } from './callback.js'
export { beginLaunch, serverOfLaunch } from './discovery.js'

type ServerUnavailable = Extract<AppLaunchEvent, { readonly _tag: 'ServerUnavailable' }>
type UnavailableTransition<From> = Transition<AppLaunchState, AppLaunchCommand, From, ServerUnavailable>

/**
 * No response arrived. The code is not sent again, because the server may have accepted it (RFC 6749, section 4.1.2).
 */
const serverUnavailable: UnavailableTransition<unknown> = {
  to: ['Failed'],
  step: (_state, { reason }) => failLaunch({ _tag: 'ServerUnavailable', reason })
}

const storeUnavailable: Transition<AppLaunchState, AppLaunchCommand, unknown, unknown> = {
  to: ['Failed'],
  step: () => failLaunch({ _tag: 'StoreUnavailable' })
}

const keysUnavailable: Transition<
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
        to: ['Discovering', 'DiscoveringIssuer', 'DerivingVerifier', 'Failed'],
        step: (state, { response }) => onConfiguration(state, response)
      },
      ServerUnavailable: serverUnavailable
    },
    DiscoveringIssuer: {
      Answered: {
        to: ['DiscoveringIssuer', 'DerivingVerifier', 'Failed'],
        step: (state, { response }) => onIssuerMetadata(state, response)
      },
      ServerUnavailable: {
        to: ['Failed'],
        step: ({ document: { url } }, { reason }) => failLaunch({ _tag: 'IdentityUnavailable', url, reason })
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
      StoreUnavailable: storeUnavailable
    },
    Redirecting: {},
    FindingLaunch: {
      LaunchFound: {
        to: ['FindingLaunch', 'FindingSession', 'SpendingLaunch', 'Failed'],
        step: (state, event) => onLaunchFound(settings, state, event)
      },
      LaunchNotFound: { to: ['FindingLaunch', 'Failed'], step: onLaunchNotFound },
      StoreUnavailable: storeUnavailable
    },
    FindingSession: {
      SessionFound: { to: ['Ready', 'Failed'], step: (state, event) => onSessionFound(settings, state, event) },
      SessionNotFound: { to: ['Failed'], step: () => failLaunch({ _tag: 'StateUsed' }) },
      StoreUnavailable: storeUnavailable
    },
    SpendingLaunch: {
      LaunchUsed: {
        to: ['SigningAssertion', 'Exchanging', 'Failed'],
        step: (state, event) => onLaunchUsed(settings, state, event)
      },
      LaunchAlreadyUsed: { to: ['FindingLaunch'], step: onLaunchAlreadyUsed },
      StoreUnavailable: storeUnavailable
    },
    SigningAssertion: {
      AssertionSigned: { to: ['Exchanging'], step: onAssertionSigned },
      KeysUnavailable: keysUnavailable
    },
    Exchanging: {
      Answered: {
        to: ['FetchingKeys', 'VerifyingIdToken', 'SavingSession', 'Failed'],
        step: (state, { response }) => onTokenResponse(settings, state, response)
      },
      ServerUnavailable: serverUnavailable
    },
    FetchingKeys: {
      Answered: {
        to: ['FetchingKeys', 'VerifyingIdToken', 'Failed'],
        step: (state, { response }) => onKeys(state, response)
      },
      ServerUnavailable: {
        to: ['Failed'],
        step: ({ returning }, { reason }) =>
          failLaunch({ _tag: 'IdentityUnavailable', url: returning.pending.binding.jwksUri ?? '', reason })
      }
    },
    VerifyingIdToken: {
      SignatureChecked: { to: ['FetchingKeys', 'SavingSession', 'Failed'], step: onSignatureChecked },
      KeysUnavailable: keysUnavailable
    },
    SavingSession: {
      SessionSaved: { to: ['Ready'], step: (state) => ({ state: { ...state, _tag: 'Ready' }, command: null }) },
      StoreUnavailable: storeUnavailable
    },
    Ready: {},
    Failed: {}
  }
})
