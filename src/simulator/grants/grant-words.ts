/** The states of a grant in words. */
import type { Tone } from '../design/parts.js'
import type { GrantEnd } from '../log/line-cause.js'
import type { Grant } from '../../protocol/grant/state.js'

/** A state in words. */
interface StateWords {
  readonly label: string
  readonly sentence: string
  readonly tone: Tone
  /** Whether the grant can still be revoked. */
  readonly isOpen: boolean
}

/** The words for each state. */
export const stateWords: Readonly<Record<Grant['_tag'], StateWords>> = {
  AwaitingUser: {
    label: 'waits for the sign-in',
    sentence: 'The app requested access. The user has not signed in yet.',
    tone: 'accent',
    isOpen: true
  },
  AwaitingContext: {
    label: 'waits for a choice',
    sentence: 'The user is known. A patient or an encounter must be chosen.',
    tone: 'accent',
    isOpen: true
  },
  AwaitingConsent: {
    label: 'waits for consent',
    sentence: 'Only the consent of the user is missing.',
    tone: 'accent',
    isOpen: true
  },
  CodeIssued: {
    label: 'code issued',
    sentence: 'The user gave consent. The app has a code and has not exchanged it for tokens yet.',
    tone: 'accent',
    isOpen: true
  },
  Active: { label: 'active', sentence: 'The app has tokens. They are valid.', tone: 'good', isOpen: true },
  Backend: {
    label: 'active service',
    sentence: 'A service without a user has an access token.',
    tone: 'good',
    isOpen: true
  },
  Denied: {
    label: 'denied',
    sentence: 'The user denied the request, or nothing was granted.',
    tone: 'warn',
    isOpen: false
  },
  Revoked: {
    label: 'revoked',
    sentence: 'The grant was revoked. All its codes and tokens are invalid.',
    tone: 'bad',
    isOpen: false
  },
  Expired: {
    label: 'expired',
    sentence: 'The grant ended by time. All its codes and tokens are invalid.',
    tone: 'plain',
    isOpen: false
  }
}

/** Why a grant was revoked. */
export const revocationWords: Readonly<Record<Extract<Grant, { readonly _tag: 'Revoked' }>['why'], string>> = {
  CodeReplayed: 'Its code was used twice, so another party may have it.',
  CodeBindingFailed: 'Its code came with a wrong verifier or address.',
  RefreshTokenReused: 'A refresh token was used twice, so another party may have it.',
  RegistrationChanged: 'The registration of the app no longer covers it.',
  PolicyEnded: 'The access policy of the server ended it.',
  Asked: 'The user or the app ended it, or a person at this simulator did.'
}

/** How a grant ended, in a sentence, and when; null if it has not ended. */
export const endOfGrant = (grant: Grant): GrantEnd | null => {
  switch (grant._tag) {
    case 'Revoked':
      return { words: `The grant was revoked. ${revocationWords[grant.why]}`, at: grant.at }
    case 'Expired':
      return { words: 'The grant has expired.', at: grant.at }
    case 'Denied':
      return { words: stateWords.Denied.sentence, at: grant.at }
    default:
      return null
  }
}
