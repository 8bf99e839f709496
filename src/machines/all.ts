/**
 * The machines of the toolkit, by name, as pictures can be drawn of them.
 *
 * @module
 */
import { authorizationRequestMachine } from './authorization-request.js'
import { clientAuthenticationMachine } from './client-authentication.js'
import { clientRegistrationMachine } from './client-registration.js'
import type { Drawing } from './draw.js'
import { drawingOf } from './draw.js'
import { ehrLaunchMachine } from './ehr-launch.js'
import { grantMachine } from './grant.js'
import { tokenRequestMachine } from './token-request.js'
import { defaultFeatures } from '../messages/features.js'
import { defaultPolicy } from '../messages/policy.js'

/** Every machine, drawn. The policy changes what a machine decides, never its states and events. */
export const drawings: ReadonlyArray<Drawing> = [
  drawingOf(grantMachine(defaultPolicy)),
  drawingOf(ehrLaunchMachine(defaultPolicy)),
  drawingOf(authorizationRequestMachine({
    policy: defaultPolicy,
    offer: { ...defaultFeatures, defaultScope: [] },
    fhirBaseUrl: ''
  })),
  drawingOf(clientAuthenticationMachine({ policy: defaultPolicy, issuer: '', tokenEndpoint: '', algorithms: [], methods: [] })),
  drawingOf(clientRegistrationMachine),
  drawingOf(tokenRequestMachine({ policy: defaultPolicy, fhirBaseUrl: '', grantTypes: [] }))
]
