/**
 * An EHR launch as it is stored, under the digest of its handle.
 *
 * Source: app-launch, "Launch App: EHR Launch" (the `launch` parameter is an opaque handle of the EHR's context).
 *
 * @module
 */
import * as t from 'io-ts'
import { LaunchContextCodec } from './launch-context.js'

const base = {
  clientId: t.string,
  /** The FHIR base URL that the app was launched with (`iss`). */
  audience: t.string,
  /** The user of the EHR session; null when the EHR did not name one. */
  launchedBy: t.union([t.string, t.null]),
  context: LaunchContextCodec,
  expiresAt: t.number,
  /** The id of the last write; see the stored grant. */
  writeId: t.string,
  recordExpiresAt: t.number
}

const Offered = t.readonly(t.strict({ _tag: t.literal('Offered'), ...base }))
const Bound = t.readonly(t.strict({ _tag: t.literal('Bound'), ...base, grantId: t.string }))
const UsedLaunch = t.readonly(t.strict({ _tag: t.literal('Spent'), ...base, grantId: t.string }))
const Expired = t.readonly(t.strict({ _tag: t.literal('Expired'), ...base }))

/** The codec of a stored launch. */
export const EhrLaunchCodec = t.union([Offered, Bound, UsedLaunch, Expired])

/** An EHR launch, in one of its states. */
export type EhrLaunch = t.TypeOf<typeof EhrLaunchCodec>
/** The EHR gave the handle to the app. */
export type Offered = t.TypeOf<typeof Offered>
/** An authorization request presented the handle. */
export type Bound = t.TypeOf<typeof Bound>
/** A code was issued for it. The handle is no longer valid. */
export type UsedLaunch = t.TypeOf<typeof UsedLaunch>
/** It was presented after its expiry. */
export type ExpiredLaunch = t.TypeOf<typeof Expired>
