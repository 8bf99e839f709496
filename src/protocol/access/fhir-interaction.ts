/**
 * The interactions of a FHIR server, as data (FHIR R4, http.html).
 *
 * @module
 */
import type { OperationInput } from './operations/input.js'
import type { SearchQuery } from './search/query.js'
import type { PlainRequest } from '../http/message.js'
import { releaseR4 } from './release.js'
import { ownMember } from '../../values/own.js'
import { isObject } from '../../values/object.js'

/** A FHIR resource as JSON. */
export interface Resource {
  readonly resourceType: string
  readonly id?: string
  readonly [member: string]: unknown
}

/** The reason why a request is not an interaction on which a decision is possible. */
export type NotSupportedReason =
  | 'unknown-interaction'
  | 'unknown-resource-type'
  | 'method-override'
  | 'nested-batch'
  | 'bundle-type'
  | 'foreign-address'

/** The reason why a body or URL cannot be read (400). */
export type MalformedRequestReason =
  'path-encoding' | 'query' | 'not-json' | 'too-deep' | 'not-a-resource' | 'wrong-type' | 'wrong-id' | 'bundle-entry'

/** One entry of a batch or a transaction. */
export interface BundleEntry {
  readonly fullUrl: string | null
  /** The request of the entry, below the FHIR base. */
  readonly request: PlainRequest
  readonly interaction: FhirInteraction
}

/** The resource of a change: an id, or a search that must find it. */
export type Target =
  { readonly _tag: 'Id'; readonly id: string } | { readonly _tag: 'Condition'; readonly query: SearchQuery }

/** The level of an operation. */
export type OperationLevel = 'system' | 'type' | 'instance'

/** The interaction of a request. */
export type FhirInteraction =
  | { readonly _tag: 'Capabilities' }
  | { readonly _tag: 'Read'; readonly type: string; readonly id: string }
  | { readonly _tag: 'VersionRead'; readonly type: string; readonly id: string; readonly version: string }
  | { readonly _tag: 'History'; readonly type: string | null; readonly id: string | null; readonly query: SearchQuery }
  | {
      readonly _tag: 'Search'
      /** Null for a search over the whole system, or over all types of a compartment. */
      readonly type: string | null
      readonly compartment: { readonly type: string; readonly id: string } | null
      readonly query: SearchQuery
    }
  | {
      readonly _tag: 'Create'
      readonly type: string
      readonly resource: Resource
      readonly condition: SearchQuery | null
    }
  | { readonly _tag: 'Update'; readonly type: string; readonly target: Target; readonly resource: Resource }
  | { readonly _tag: 'Patch'; readonly type: string; readonly target: Target; readonly patch: unknown }
  | { readonly _tag: 'Delete'; readonly type: string; readonly target: Target }
  | { readonly _tag: 'Batch'; readonly isTransaction: boolean; readonly entries: ReadonlyArray<BundleEntry> }
  | {
      readonly _tag: 'Operation'
      readonly level: OperationLevel
      readonly type: string | null
      readonly id: string | null
      readonly name: string
      /** Null when the URL or the body cannot be read. */
      readonly input: OperationInput | null
    }
  | { readonly _tag: 'NotSupported'; readonly reason: NotSupportedReason }
  | { readonly _tag: 'Malformed'; readonly reason: MalformedRequestReason; readonly place: string }

/** All resource types of FHIR R4. */
export const resourceTypes: ReadonlySet<string> = releaseR4.types

/** Whether a value is a resource: an object with a `resourceType`. */
export const isResource = (value: unknown): value is Resource => {
  if (!isObject(value) || typeof ownMember(value, 'resourceType') !== 'string') return false
  const id = ownMember(value, 'id')
  return id === undefined || typeof id === 'string'
}
