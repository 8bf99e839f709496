/** The refusals of a launch, of a grant, and of the conversation with the user. See `refusal.ts`. */
import type { RefusalRow, RefusalRows } from './refusal.js'

/** The row of an invalid launch. The response does not contain the reason. */
const launchInvalid = (advice: string): RefusalRow => ({
  error: 'invalid_request',
  status: 400,
  shown: ['redirect'],
  description: 'The launch is not known, over, or not for this app.',
  advice,
  anchor: 'app-launch#step-2-launch-ehr'
})

/** The row of an empty grant. The response does not contain who decided it. */
const nothingGranted = (advice: string): RefusalRow => ({
  error: 'access_denied',
  status: 403,
  shown: ['redirect'],
  description: 'Nothing of what was requested was granted.',
  advice,
  anchor: 'scopes-and-launch-context#scopes-for-requesting-clinical-data'
})

/** The refusals of a launch, of a grant, and of the conversation with the user. */
export const launchRefusals = {
  PatientScopeWithoutContext: {
    error: 'invalid_scope',
    status: 400,
    shown: ['redirect'],
    description: 'Scopes for one patient need launch or launch/patient here.',
    advice: 'The policy patientScopeWithoutContext refuses such requests.',
    anchor: 'scopes-and-launch-context#scopes-for-requesting-context-data'
  },
  LaunchKindNotServed: {
    error: 'invalid_request',
    status: 400,
    shown: ['redirect'],
    description: 'This server does not serve that kind of launch.',
    advice: 'The feature launchKinds of the settings leaves it out.',
    anchor: 'app-launch#step-2-launch-ehr'
  },
  AuthenticationMethodNotServed: {
    error: 'unauthorized_client',
    status: 400,
    shown: ['page', 'redirect'],
    description: 'This server does not serve apps that authenticate as this one does.',
    advice:
      'The client is registered for a method that is not served: it could not redeem a code. See ' +
      'features.authenticationMethods.',
    anchor: 'rfc6749#section-4.1.2.1'
  },
  ClientTypeChanged: {
    error: 'invalid_grant',
    status: 400,
    shown: ['page', 'token'],
    description: 'The registration of the app has changed. Please begin again.',
    advice:
      'The client was public at the authorization request and is confidential now, or the other way round. A code ' +
      'that it had is revoked. A refresh token of a confidential client is good only with its proof.',
    anchor: 'rfc6749#section-2.1'
  },
  GrantTypeNotRegistered: {
    error: 'unauthorized_client',
    status: 400,
    shown: ['redirect', 'token', 'page'],
    description: 'The app is not registered for this grant type.',
    advice: "Add the grant type to the client's registration if it should have it.",
    anchor: 'rfc6749#section-5.2'
  },
  LaunchParameterMissing: {
    error: 'invalid_request',
    status: 400,
    shown: ['redirect'],
    description: 'The scope launch needs the parameter launch.',
    advice: "The app asks for the EHR's context and was not launched by the EHR, or lost the handle.",
    anchor: 'app-launch#step-2-launch-ehr'
  },
  LaunchScopeMissing: {
    error: 'invalid_request',
    status: 400,
    shown: ['redirect'],
    description: 'The parameter launch needs the scope launch.',
    advice: 'The policy launchParamWithoutScope refuses what it could accept.',
    anchor: 'app-launch#step-2-launch-ehr'
  },
  LaunchUnknown: launchInvalid('No such handle: it is invented, mistyped, or expired and forgotten.'),
  LaunchOfAnotherClient: launchInvalid('The handle was made for another client: a mix-up, or a stolen handle.'),
  LaunchForAnotherServer: launchInvalid('The handle was made for another FHIR base URL than aud.'),
  LaunchOfAnotherUser: {
    error: 'access_denied',
    status: 403,
    shown: ['redirect'],
    description: 'The launch was started by another user.',
    advice: "A user follows a launch link of another user's EHR session.",
    anchor: 'app-launch#step-2-launch-ehr'
  },
  LaunchExpired: launchInvalid('The app took longer than launchLifetimeSeconds.'),
  LaunchAlreadyUsed: launchInvalid('A code was issued on this handle before; a new one needs a new launch.'),
  NothingToGrant: {
    error: 'invalid_scope',
    status: 400,
    shown: ['redirect', 'token'],
    description: 'None of the requested scopes can be granted to this app.',
    advice:
      'Compare the requested scopes with those registered for the client. A backend service can get system/ scopes ' +
      'only.',
    anchor: 'scopes-and-launch-context#scopes-for-requesting-clinical-data'
  },
  NothingGranted: nothingGranted('The user unticked everything, or policy and missing context left nothing over.'),
  AccessEndedByPolicy: nothingGranted('The access policy ended this authorization (its answer was endGrant).'),
  UserDenied: {
    error: 'access_denied',
    status: 403,
    shown: ['redirect'],
    description: 'The user did not authorize the app.',
    advice: 'The user denied the request, or allowed nothing of it.',
    anchor: 'app-launch#step-4-authorization-code'
  },
  LoginRequired: {
    error: 'login_required',
    status: 400,
    shown: ['redirect'],
    description: 'The user is not signed in, and the app requested that no page is shown.',
    advice: 'The app sent prompt=none and there was no session.',
    anchor: 'app-launch#step-4-authorization-code'
  },
  InteractionRequired: {
    error: 'interaction_required',
    status: 400,
    shown: ['redirect'],
    description: 'The user would have to choose something, and the app requested that no page is shown.',
    advice: 'The app sent prompt=none and context was missing.',
    anchor: 'app-launch#step-4-authorization-code'
  },
  ConsentRequired: {
    error: 'consent_required',
    status: 400,
    shown: ['redirect'],
    description: 'The user would have to agree, and the app requested that no page is shown.',
    advice: 'The app sent prompt=none and there was no earlier consent that the host accepts.',
    anchor: 'app-launch#step-4-authorization-code'
  },
  InteractionUnknown: {
    error: 'invalid_request',
    status: 400,
    shown: ['page'],
    description: 'This sign-in is not known here, or is over.',
    advice: 'The page is old, or its address was guessed.',
    anchor: 'rfc6749#section-10.12'
  },
  InteractionOfAnotherBrowser: {
    error: 'invalid_request',
    status: 403,
    shown: ['page'],
    description: 'This page was opened in another browser or left open too long.',
    advice:
      'The value that binds the decision to the browser is missing or wrong: request forgery, or cookies are off.',
    anchor: 'rfc6749#section-10.12'
  },
  InteractionOutOfOrder: {
    error: 'invalid_request',
    status: 400,
    shown: ['page'],
    description: 'This step does not come next.',
    advice: 'A form was sent out of its order.',
    anchor: 'rfc6749#section-4.1'
  },
  InteractionOver: {
    error: 'invalid_request',
    status: 400,
    shown: ['page'],
    description: 'The user decided it before, or it was ended.',
    advice: 'The form was sent twice, or after the decision.',
    anchor: 'rfc6749#section-4.1'
  },
  InteractionOfAnotherUser: {
    error: 'access_denied',
    status: 403,
    shown: ['page'],
    description: 'You are not signed in here any more, or another user is. Nothing was given to the app.',
    advice: 'The user who is signed in now is not the one of the conversation: nothing of it was shown or decided.',
    anchor: 'rfc6749#section-4.1'
  },
  InteractionExpired: {
    error: 'invalid_request',
    status: 400,
    shown: ['page'],
    description: 'It took too long. Please start again from the app.',
    advice: 'The user took longer than interactionLifetimeSeconds.',
    anchor: 'rfc6749#section-4.1'
  },
  ContextIncomplete: {
    error: 'invalid_request',
    status: 400,
    shown: ['page'],
    description: 'A patient or an encounter must be chosen.',
    advice: 'The submitted form does not contain the required choice.',
    anchor: 'scopes-and-launch-context#standalone-apps'
  },
  LaunchContextInvalid: {
    error: 'invalid_request',
    status: 400,
    shown: ['page'],
    description: 'The launch context cannot be given to an app.',
    advice: 'The host offers a context that this release of the guide does not allow; the refusal names the member.',
    anchor: 'scopes-and-launch-context#launch-context-arrives-with-your-access_token'
  },
  SignInTooOld: {
    error: 'access_denied',
    status: 403,
    shown: ['page'],
    description: 'Please sign in again.',
    advice: 'The app sent max_age or prompt=login, and the sign-in that the host reported is older.',
    anchor: 'app-launch#step-4-authorization-code'
  },
  SignedInUserInvalid: {
    error: 'access_denied',
    status: 403,
    shown: ['page'],
    description: 'The sign-in cannot be used.',
    advice: 'The host described the user in a form that apps cannot receive. The refusal names the member.',
    anchor: 'scopes-and-launch-context#scopes-for-requesting-identity-data'
  }
} satisfies RefusalRows
