/**
 * What a server offers. Discovery is derived from it, and the engine serves exactly that.
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

/** Another FHIR endpoint with the same authorization, and the capabilities that it has (2.2.0, experimental). */
export interface AssociatedEndpoint {
  readonly url: string
  readonly capabilities: ReadonlyArray<string>
}

/** Where the User-access Brands of a server are published, and which of them is its own (2.2.0). */
export interface UserAccessBrands {
  readonly bundle: string
  /** A FHIR Identifier; null is enough where the bundle has one brand. */
  readonly identifier: { readonly system?: string; readonly value: string } | null
}

/** What a server offers; each field is enforced where it matters. */
export interface Features {
  /** Which launches are served. */
  readonly launchKinds: ReadonlyArray<'ehr' | 'standalone'>
  /** What a user can choose in a standalone launch, in the words of `launch/<type>`. */
  readonly contextTypes: ReadonlyArray<string>
  /** Whether `offline_access` can be granted. */
  readonly offlineAccess: boolean
  /**
   * Whether `online_access` can be granted: whether the host can tell that a user is still online (the port `users`).
   */
  readonly onlineAccess: boolean
  /** The levels of resource scopes that a user can grant. */
  readonly levels: ReadonlyArray<'patient' | 'user'>
  /** The syntaxes of resource scopes. */
  readonly scopeVersions: ReadonlyArray<'v1' | 'v2'>
  /** Whether users are identified to apps (`openid`, `fhirUser`, id_tokens, userinfo). */
  readonly openid: boolean
  /** How clients may authenticate. `client_secret_post` counts only where the policy allows it. */
  readonly authenticationMethods: ReadonlyArray<ClientAuthenticationMethod>
  /** Whether backend services are served (`client_credentials`). */
  readonly backendServices: boolean
  /** Whether callers may ask what stands behind a token (RFC 7662). */
  readonly introspection: boolean
  /** Whether clients may revoke their tokens (RFC 7009). */
  readonly revocation: boolean
  /** Whether the EHR says if an app must show who the patient is (`need_patient_banner`). */
  readonly banner: boolean
  /** Whether the EHR has style hints (`smart_style_url`). */
  readonly style: boolean
  /** Where a user sees and changes what apps may do; null when there is no such page. */
  readonly managementEndpoint: string | null
  /**
   * Where apps keep their state (from 2.1.0 on): the FHIR base URL where the FHIR server keeps it; null for nowhere.
   */
  readonly appStateEndpoint: string | null
  /** Endpoints for which this server's tokens are good too (2.2.0). */
  readonly associatedEndpoints: ReadonlyArray<AssociatedEndpoint>
  /** The brands by which users know this server (2.2.0); null when none are published. */
  readonly brands: UserAccessBrands | null
  /** Capabilities besides those of the guide: full URIs (before 2.2.0 also names that HL7 guides define). */
  readonly furtherCapabilities: ReadonlyArray<string>
  /** What the resource side evaluates: a resource scope by which nothing opens there is not granted. */
  readonly resourceSide: ResourceSide
}

/** Everything that the toolkit serves by itself. */
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
 * The grant types by which somebody gets a token, for the token endpoint, registration and discovery. Without a refresh
 * scope that can be granted nobody refreshes.
 */
export const servedGrantTypes = (policy: OnlinePolicy, features: Features): ReadonlyArray<GrantType> => [
  ...(features.launchKinds.length > 0 ? ['authorization_code' as const] : []),
  ...(features.launchKinds.length > 0 && (features.offlineAccess || grantsOnline(policy, features))
    ? ['refresh_token' as const]
    : []),
  ...(servesBackends(features) ? ['client_credentials' as const] : [])
]

/** Backend services have scopes of resources alone, and prove themselves by private_key_jwt. */
const servesBackends = ({ authenticationMethods, backendServices, scopeVersions }: Features): boolean =>
  backendServices && scopeVersions.length > 0 && authenticationMethods.includes('private_key_jwt')

/**
 * What is left of the features of a server: where no app is launched no user ever signs in, and nobody has what users
 * give.
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

/** Whether a patient can be had: from the EHR, or by the user's choice. */
export const hasPatients = ({ contextTypes, launchKinds }: Features): boolean =>
  launchKinds.includes('ehr') || (launchKinds.length > 0 && contextTypes.includes('patient'))

/**
 * Whether apps are told if they must show who the patient is: context for integration comes with EHR launches alone
 * (page "conformance").
 */
export const tellsBanner = ({ banner, launchKinds }: Features): boolean => banner && launchKinds.includes('ehr')

/** Whether apps are told where style hints are. */
export const tellsStyle = ({ launchKinds, style }: Features): boolean => style && launchKinds.includes('ehr')

/**
 * A context without what this server does not tell.
 *
 * @example
 * ```ts
 * import { messages } from 'smart-app-launch'
 *
 * const { announcedContext, defaultFeatures } = messages.features
 * announcedContext({ ...defaultFeatures, banner: false }, { patient: '1', need_patient_banner: true })
 * // => { patient: '1' }
 * ```
 */
export const announcedContext = (features: Features, context: LaunchContext): LaunchContext => {
  if (tellsBanner(features) && tellsStyle(features)) return context
  const { need_patient_banner: banner, smart_style_url: style, ...others } = ownMembers(context)
  return {
    ...others,
    ...(banner !== undefined && tellsBanner(features) ? { need_patient_banner: banner } : {}),
    ...(style !== undefined && tellsStyle(features) ? { smart_style_url: style } : {})
  }
}

/** Whether anybody could be granted a scope of resources: through a patient, as a user, or as a backend service. */
export const grantsResources = (features: Features): boolean =>
  servesBackends(features) ||
  (features.launchKinds.length > 0 &&
    (features.levels.includes('user') || (features.levels.includes('patient') && hasPatients(features))))
