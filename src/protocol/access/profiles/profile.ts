/**
 * Access profiles: what `patient/` scopes read and search beside the patient compartment of FHIR R4, as data.
 *
 * A profile only opens a type for scopes that name the type (or `*`): `patient/Binary.r`, `patient/Provenance.rs`. It
 * opens reading and searching; writing stays as the patient compartment has it.
 *
 * @module
 */
/** Where a type of documents names a resource, and how such documents are searched. */
export interface NamingDocument {
  /** The type of the documents: `DocumentReference`. */
  readonly type: string
  /** The path of the address in the document, with a dot between members: `content.attachment.url`. */
  readonly path: string
  /** The search parameter for that address; null when FHIR has none, and the documents of the patient are read. */
  readonly parameter: string | null
}

/**
 * How the resources of a type are opened:
 *
 * - `shared`: all resources of the type, because they belong to no patient;
 * - `compartment`: those whose reference under one of these search parameters is to the patient;
 * - `target`: those that refer, in this member, to a resource that the token may read or search. One target in the
 *   patient's own compartment is enough; targets that are shared with all patients count only if all targets may be
 *   read. A target that is itself opened by a reference does not count;
 * - `documents`: those that such a document names, if the token may read or search the document. A resource with a
 *   `securityContext` is not opened in this way.
 */
export type AccessWay =
  | 'shared'
  | { readonly compartment: ReadonlyArray<string> }
  | { readonly target: string }
  | { readonly documents: ReadonlyArray<NamingDocument> }

/** What a profile opens of one type. */
export interface AccessProfileRow {
  readonly type: string
  /** Reading, searching, or both. */
  readonly permissions: ReadonlyArray<'r' | 's'>
  readonly by: AccessWay
  /** Why the type is opened in this way. */
  readonly because: string
  /** Where that is written. */
  readonly source: string
}

/** An access profile: plain data, which a host may write itself. */
export type AccessProfile = ReadonlyArray<AccessProfileRow>
