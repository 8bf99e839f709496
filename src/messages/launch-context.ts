/**
 * Launch context: what an app is told about the user's situation, under the names of the token response.
 *
 * Source: scopes-and-launch-context, "Scopes for requesting context data" and "Launch context arrives with your access_token".
 *
 * @module
 */
import * as t from 'io-ts'

/** The codec of {@link LaunchContext}. */
export const LaunchContextCodec = t.readonly(
  t.exact(
    t.partial({
      /** The id of the Patient in context, without `Patient/`. */
      patient: t.string,
      /** The id of the Encounter in context, without `Encounter/`. */
      encounter: t.string,
      /** Whether the app must show who the patient is. */
      need_patient_banner: t.boolean,
      /** What the user wants to do, as agreed between EHR and app. */
      intent: t.string,
      /** Where the EHR's style hints are found. */
      smart_style_url: t.string,
      /** Which organization of a shared EHR launched the app. */
      tenant: t.string
    })
  )
)

/** What is known about the user's situation. */
export type LaunchContext = t.TypeOf<typeof LaunchContextCodec>

/** The codec of {@link SignedInUser}. */
export const SignedInUserCodec = t.readonly(
  t.strict({
    /** The user's identifier at this server: stable, never reassigned (`sub` of the id_token). */
    sub: t.string,
    /** The FHIR resource that represents the user, relative to the FHIR base: `Practitioner/123`. */
    fhirUser: t.union([t.string, t.null]),
    /** When the user signed in, in seconds since the epoch. */
    authTime: t.number
  })
)

/** A user whom the host has signed in. */
export type SignedInUser = t.TypeOf<typeof SignedInUserCodec>
