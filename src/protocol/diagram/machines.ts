/**
 * The machines of the toolkit, by name, for diagrams.
 *
 * @module
 */
import { appLaunchMachine } from '../app/launch.js'
import { appSessionMachine } from '../app/session.js'
import { authorizationRequestMachine } from '../authorization/authorization-request.js'
import { backendServiceMachine } from '../app/backend-service.js'
import { clientAuthenticationMachine } from '../client/authentication.js'
import { clientRegistrationMachine } from '../registration/registration.js'
import { connectedAppsMachine } from '../connected-apps/connected-apps.js'
import type { Drawing } from './diagram.js'
import { drawingOf } from './diagram.js'
import { ehrLaunchMachine } from '../launch/ehr-launch.js'
import { grantMachine } from '../grant/grant.js'
import { builtInSide } from '../scope-policy/resource-side-check.js'
import { pendingLaunchMachine } from '../app/pending-launch.js'
import { tokenRequestMachine } from '../token/token-request.js'
import { defaultFeatures } from '../discovery/features.js'
import { defaultPolicy } from '../policy/policy.js'
import { limits } from '../../values/limits/limits.js'

/** The diagrams of all machines. The policy changes the decisions of a machine, never its states and events. */
export const drawings: ReadonlyArray<Drawing> = [
  drawingOf(grantMachine(defaultPolicy)),
  drawingOf(ehrLaunchMachine(defaultPolicy)),
  drawingOf(
    authorizationRequestMachine({
      policy: defaultPolicy,
      offer: { ...defaultFeatures, defaultScope: [], side: builtInSide },
      fhirBaseUrl: ''
    })
  ),
  drawingOf(
    clientAuthenticationMachine({ policy: defaultPolicy, issuer: '', tokenEndpoint: '', algorithms: [], methods: [] })
  ),
  drawingOf(clientRegistrationMachine),
  drawingOf(connectedAppsMachine),
  drawingOf(
    tokenRequestMachine({
      policy: defaultPolicy,
      fhirBaseUrl: '',
      grantTypes: [],
      scopeVersions: [],
      side: builtInSide
    })
  ),
  drawingOf(
    appLaunchMachine({
      trust: () => null,
      scope: '',
      specVersion: defaultPolicy.specVersion,
      launchLifetimeSeconds: 0,
      sessionLifetimeSeconds: 0,
      clockSkewSeconds: 0,
      idTokenAlgorithms: [],
      longestAddress: 0,
      acceptTextBooleans: false
    })
  ),
  drawingOf(pendingLaunchMachine),
  drawingOf(
    appSessionMachine({
      refreshAheadSeconds: 0,
      longestWaitSeconds: limits.appWait.default,
      leaseSeconds: 0,
      sessionLifetimeSeconds: 0
    })
  ),
  drawingOf(
    backendServiceMachine({
      server: { fhirBaseUrl: '', clientId: '', authentication: [], redirectUri: '' },
      scope: '',
      refreshAheadSeconds: 0,
      retries: 0,
      longestWaitSeconds: limits.retryAfter.default,
      defaultLifetimeSeconds: 0
    })
  )
]
