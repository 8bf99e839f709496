/**
 * The features of a server. The discovery documents are derived from them, and the engine serves exactly these
 * features.
 *
 * Source: conformance, "Capabilities".
 *
 * @module
 */
import type { ClientAuthenticationMethod, GrantType } from '../client/client.js'
import { clientAuthenticationMethods } from '../client/client.js'
import type { LaunchContext } from '../launch/launch-context.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { ResourceSide } from './resource-side.js'
import { noMembers, ownMembers } from '../../values/own.js'

/** Another FHIR endpoint with the same authorization server, and its capabilities (2.2.0, experimental). */
export interface AssociatedEndpoint {
  readonly url: string
  readonly capabilities: ReadonlyArray<string>
}

/** The URL of a server's User-access Brands, and which of them is its own (2.2.0). */
export interface UserAccessBrands {
  readonly bundle: string
  /** A FHIR Identifier; null is sufficient when the bundle has one brand. */
  readonly identifier: { readonly system?: string; readonly value: string } | null
}

/** The features of a server. Each of them is enforced. */
export interface Features {
  /** The supported kinds of launches. */
  readonly launchKinds: ReadonlyArray<'ehr' | 'standalone'>
  /** The types that a user can choose in a standalone launch, as in `launch/<type>`. */
  readonly contextTypes: ReadonlyArray<string>
  /** Whether `offline_access` can be granted. */
  readonly offlineAccess: boolean
  /**
   * Whether `online_access` can be granted. It requires that the host can tell whether a user is still online (port
   * `users`).
   */
  readonly onlineAccess: boolean
  /** The levels of resource scopes that a user can grant. */
  readonly levels: ReadonlyArray<'patient' | 'user'>
  /** The syntaxes of resource scopes. */
  readonly scopeVersions: ReadonlyArray<'v1' | 'v2'>
  /** Whether apps can identify the user (`openid`, `fhirUser`, id_tokens, userinfo). */
  readonly openid: boolean
  /** The client authentication methods. `client_secret_post` counts only if the policy allows it. */
  readonly authenticationMethods: ReadonlyArray<ClientAuthenticationMethod>
  /** Whether backend services are supported (`client_credentials`). */
  readonly backendServices: boolean
  /** Whether tokens can be introspected (RFC 7662). */
  readonly introspection: boolean
  /** Whether clients may revoke their tokens (RFC 7009). */
  readonly revocation: boolean
  /** Whether the EHR tells apps if they must show the patient's identity (`need_patient_banner`). */
  readonly banner: boolean
  /** Whether the EHR provides style hints (`smart_style_url`). */
  readonly style: boolean
  /** The URL of a page on which users view and change the access of apps; null when there is none. */
  readonly managementEndpoint: string | null
  /**
   * Where apps store their state (from 2.1.0 on): the FHIR base URL if the FHIR server stores it; null if not
   * supported.
   */
  readonly appStateEndpoint: string | null
  /** Endpoints that also accept this server's tokens (2.2.0). */
  readonly associatedEndpoints: ReadonlyArray<AssociatedEndpoint>
  /** The User-access Brands of this server (2.2.0); null when none are published. */
  readonly brands: UserAccessBrands | null
  /** Capabilities not defined by the guide: full URIs (before 2.2.0 also names from other HL7 guides). */
  readonly furtherCapabilities: ReadonlyArray<string>
  /** The features of the resource side. A resource scope that permits nothing there is not granted. */
  readonly resourceSide: ResourceSide
}

/** Everything that the toolkit supports by itself. */
export const defaultFeatures: Features = {
  launchKinds: ['ehr', 'standalone'],
  contextTypes: ['patient', 'encounter'],
  offlineAccess: true,
  onlineAccess: false,
  levels: ['patient', 'user'],
  scopeVersions: ['v1', 'v2'],
  openid: true,
  authenticationMethods: clientAuthenticationMethods,
  backendServices: true,
  introspection: true,
  revocation: true,
  banner: true,
  style: true,
  managementEndpoint: null,
  appStateEndpoint: null,
  associatedEndpoints: [],
  brands: null,
  furtherCapabilities: [],
  resourceSide: noMembers
}

/** What of the policy decides about `online_access`. */
type OnlinePolicy = Pick<SmartPolicy, 'onlineAccessInStandalone'>

/** Whether `online_access` can be granted: in a standalone launch the policy has a say. */
export const grantsOnline = (
  policy: OnlinePolicy,
  { launchKinds, onlineAccess }: Pick<Features, 'launchKinds' | 'onlineAccess'>
): boolean =>
  onlineAccess &&
  (launchKinds.includes('ehr') || (launchKinds.length > 0 && policy.onlineAccessInStandalone === 'allow'))

/**
 * The grant types that can be used, for the token endpoint, registration and discovery. `refresh_token` is one of them
 * only if a refresh scope can be granted.
 */
export const servedGrantTypes = (policy: OnlinePolicy, features: Features): ReadonlyArray<GrantType> => [
  ...(features.launchKinds.length > 0 ? ['authorization_code' as const] : []),
  ...(features.launchKinds.length > 0 && (features.offlineAccess || grantsOnline(policy, features))
    ? ['refresh_token' as const]
    : []),
  ...(servesBackends(features) ? ['client_credentials' as const] : [])
]

/** Backend services use only resource scopes and authenticate with private_key_jwt. */
const servesBackends = ({ authenticationMethods, backendServices, scopeVersions }: Features): boolean =>
  backendServices && scopeVersions.length > 0 && authenticationMethods.includes('private_key_jwt')

/**
 * The features reduced to what is usable: without app launches no user signs in, and the features of users are removed.
 */
export const withoutUsersIfNone = (features: Features): Features =>
  features.launchKinds.length > 0
    ? features
    : {
        ...features,
        contextTypes: [],
        offlineAccess: false,
        onlineAccess: false,
        openid: false,
        banner: false,
        style: false
      }

/** Whether a patient can be in context: from the EHR, or chosen by the user. */
export const hasPatients = ({ contextTypes, launchKinds }: Features): boolean =>
  launchKinds.includes('ehr') || (launchKinds.length > 0 && contextTypes.includes('patient'))

/**
 * Whether apps receive `need_patient_banner`. Context for UI integration comes only with EHR launches (page
 * "conformance").
 */
export const announcesBanner = ({ banner, launchKinds }: Features): boolean => banner && launchKinds.includes('ehr')

/** Whether apps receive the URL of style hints. */
export const announcesStyle = ({ launchKinds, style }: Features): boolean => style && launchKinds.includes('ehr')

/**
 * A context without members that this server does not support.
 *
 * @example
 * ```ts
 * import { announcedContext, defaultFeatures } from './features.js'
 *
 * announcedContext({ ...defaultFeatures, banner: false }, { patient: '1', need_patient_banner: true })
 * // => { patient: '1' }
 * ```
 */
export const announcedContext = (features: Features, context: LaunchContext): LaunchContext => {
  if (announcesBanner(features) && announcesStyle(features)) return context
  const { need_patient_banner: banner, smart_style_url: style, ...others } = ownMembers(context)
  return {
    ...others,
    ...(banner !== undefined && announcesBanner(features) ? { need_patient_banner: banner } : {}),
    ...(style !== undefined && announcesStyle(features) ? { smart_style_url: style } : {})
  }
}

/** Whether a resource scope can be granted at all: for a patient, for a user, or for a backend service. */
export const grantsResources = (features: Features): boolean =>
  servesBackends(features) ||
  (features.launchKinds.length > 0 &&
    (features.levels.includes('user') || (features.levels.includes('patient') && hasPatients(features))))
