/**
 * The launch context: facts about the user's situation, with the member names of the token response.
 *
 * Internally `fhirContext` has the form of 2.2.0. The rules of a release are checked when a context enters
 * (`launch-context-rules.ts`), and {@link contextMembers} prints the form of each release. Source:
 * scopes-and-launch-context, "Scopes for requesting context data" and "Launch context arrives with your access_token".
 *
 * @module
 */
import * as t from 'io-ts'
import type { SmartPolicy } from '../policy/policy.js'
import { ownMember, ownMembers } from '../../values/own.js'
import { isFhirId } from '../../values/fhir.js'

/** A resource that the user is working on, other than Patient and Encounter. */
export interface FhirContextEntry {
  /** A relative reference: `ImagingStudy/123`. The only member in 2.0.0, and required in 2.1.0. */
  readonly reference?: string
  /** A canonical URL, with or without version (2.2.0). */
  readonly canonical?: string
  /** A FHIR Identifier (2.2.0). */
  readonly identifier?: Readonly<Record<string, unknown>>
  /** The resource type of `canonical` or `identifier` (2.2.0). */
  readonly type?: string
  /** `launch`, or an absolute URI; absent means `launch` (from 2.1.0 on). */
  readonly role?: string
}

/** The codec of {@link FhirContextEntry}. */
const FhirContextEntryCodec: t.Type<FhirContextEntry> = t.readonly(
  t.partial({ reference: t.string, canonical: t.string, identifier: t.UnknownRecord, type: t.string, role: t.string })
)

/** The launch context of an app. */
export interface LaunchContext {
  /** The id of the Patient in context, without `Patient/`. */
  readonly patient?: string
  /** The id of the Encounter in context, without `Encounter/`. */
  readonly encounter?: string
  /** Other resources in context. */
  readonly fhirContext?: ReadonlyArray<FhirContextEntry>
  /** Whether the app must show the patient's identity. */
  readonly need_patient_banner?: boolean
  /** The task of the user, as agreed between EHR and app. */
  readonly intent?: string
  /** The URL of the EHR's style hints. */
  readonly smart_style_url?: string
  /** The organization of a shared EHR that launched the app. */
  readonly tenant?: string
  /** Members that the guide does not define, by name: a full URI, or a name that begins with two underscores. */
  readonly extensions?: Readonly<Record<string, unknown>>
}

/** The codec of {@link LaunchContext}. */
export const LaunchContextCodec: t.Type<LaunchContext> = t.readonly(
  t.exact(
    t.partial({
      patient: t.string,
      encounter: t.string,
      fhirContext: t.readonlyArray(FhirContextEntryCodec),
      need_patient_banner: t.boolean,
      intent: t.string,
      smart_style_url: t.string,
      tenant: t.string,
      extensions: t.readonly(t.record(t.string, t.unknown))
    })
  )
)

/** The resource type of an entry, in lower case as in `launch/<type>`; null when it is not known. */
export const launchTypeOf = (entry: FhirContextEntry): string | null => {
  const { reference, type } = ownMembers(entry)
  return (reference?.slice(0, reference.indexOf('/')) ?? type ?? null)?.toLowerCase() ?? null
}

/**
 * The members of the token response: `fhirContext` is an array of strings in 2.0.0, of objects later; extensions are
 * top-level members under their own names.
 *
 * @example
 * ```ts
 * import { contextMembers } from './launch-context.js'
 *
 * const context = { patient: '123', fhirContext: [{ reference: 'ImagingStudy/9' }] }
 * contextMembers('2.0.0', context) // => { patient: '123', fhirContext: ['ImagingStudy/9'] }
 * contextMembers('2.1.0', context)
 * // => { patient: '123', fhirContext: [{ reference: 'ImagingStudy/9' }] }
 * ```
 */
export const contextMembers = (
  specVersion: SmartPolicy['specVersion'],
  context: LaunchContext
): Readonly<Record<string, unknown>> => {
  const { extensions, fhirContext, ...members } = ownMembers(context)
  return {
    ...extensions,
    ...members,
    ...(fhirContext === undefined
      ? {}
      : {
          fhirContext: specVersion === '2.0.0' ? fhirContext.map((entry) => ownMember(entry, 'reference')) : fhirContext
        })
  }
}

/** A user whom the host has signed in. */
export interface SignedInUser {
  /** The user's identifier at this server: stable, never reassigned, at most 255 characters (`sub` of the id_token). */
  readonly sub: string
  /** The FHIR resource that represents the user, relative to the FHIR base: `Practitioner/123`. */
  readonly fhirUser: string | null
  /** When the user signed in, in whole seconds since the epoch. */
  readonly authTime: number
  /**
   * The id of the user's session. It is not secret and never reused. `online_access` grants end with the session. A
   * host that sets none must compare `authTime` when the engine queries whether the session lasts (port `users`).
   */
  readonly sessionId?: string
}

/** The codec of {@link SignedInUser}. */
export const SignedInUserCodec: t.Type<SignedInUser> = t.readonly(
  t.exact(
    t.intersection([
      t.type({ sub: t.string, fhirUser: t.union([t.string, t.null]), authTime: t.number }),
      t.partial({ sessionId: t.string })
    ])
  )
)

/**
 * The user who is signed in, in the browser and at the time of a decision; null when no user is. Every `Interaction`
 * contains it, because another user may have signed in since the last step of the conversation.
 */
export type PresentUser = SignedInUser | null

/** The resource types that may represent a user (scopes-and-launch-context, "Scopes for requesting identity data"). */
const userTypes = (specVersion: SmartPolicy['specVersion']): ReadonlyArray<string> => [
  'Patient',
  'Practitioner',
  'RelatedPerson',
  'Person',
  ...(specVersion === '2.0.0' ? [] : ['PractitionerRole'])
]

/** Whether a resource represents the user and has a type that the release allows for `fhirUser`. */
export const isRepresented = (specVersion: SmartPolicy['specVersion'], { fhirUser }: SignedInUser): boolean => {
  const [type = '', id = '', ...rest] = fhirUser?.split('/') ?? []
  return rest.length === 0 && userTypes(specVersion).includes(type) && isFhirId(id)
}

/** Whether a patient is the user: one record is the subject of the launch, and represents the user. */
export const isOwnRecord = ({ fhirUser }: Pick<SignedInUser, 'fhirUser'>, patient: string | undefined): boolean =>
  patient !== undefined && fhirUser === `Patient/${patient}`
