/**
 * The host's own sign-in page: the way there, and the page that says why a sign-in did not help.
 *
 * @module
 */
import type { HostContext, HostRequest } from './host-context.js'
import { refusalPageOf } from './host-context.js'
import type { AskingClient, PageForm } from './page-data.js'
import { hostPage } from './page-response.js'
import type { SessionUnsuitable } from './session-rules.js'
import type { PlainResponse } from '../protocol/http/message.js'
import { seeOther } from '../protocol/http/message.js'
import type { Refusal } from '../protocol/errors/refusal.js'

/** What is known about a sign-in that is needed. */
export interface SignInNeeded {
  readonly because: SessionUnsuitable
  readonly client: AskingClient | null
  /** The form that ends the request; null if there is none. */
  readonly cancel: PageForm | null
  /** Whether the browser comes from the sign-in page: then it is not sent there again. */
  readonly isReturned: boolean
  readonly returnTo: string
  /** The address at which the user can sign in again; null if there is none. */
  readonly retry: string
}

const explained: Readonly<Record<SessionUnsuitable, { readonly refusal: Refusal; readonly message: string }>> = {
  NoSession: { refusal: { _tag: 'LoginRequired' }, message: 'You are not signed in.' },
  OfAnotherUser: {
    refusal: { _tag: 'LaunchOfAnotherUser' },
    message: 'Another user launched the app. Only that user can continue.'
  },
  TooOld: { refusal: { _tag: 'SignInTooOld' }, message: 'The app requires that you sign in again.' },
  SignInRequested: { refusal: { _tag: 'LoginRequired' }, message: 'The app requires that you sign in.' }
}

/** Sends the browser to the sign-in page, or says why the sign-in did not help. */
export const signInNeeded = async <R>(
  hostContext: HostContext<R>,
  { own }: HostRequest<R>,
  { because, cancel, client, isReturned, returnTo, retry }: SignInNeeded
): Promise<PlainResponse> => {
  if (isReturned) {
    const { refusal, message } = explained[because]
    return refusalPageOf(hostContext, own, refusal, { message, retry })
  }
  const { addresses, options } = hostContext
  const mustSignInAgain = because !== 'NoSession'
  return typeof options.signIn === 'string'
    ? seeOther(addresses.signIn(options.signIn, returnTo, mustSignInAgain))
    : hostPage('signIn', 200, options.signIn({ returnTo, client, mustSignInAgain, cancel }, own))
}
