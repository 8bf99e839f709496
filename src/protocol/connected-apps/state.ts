/**
 * The apps of one user, as they are stored: one record per user, with the grants that the user gave and the consents
 * that are remembered.
 *
 * @module
 */
import * as t from 'io-ts'

const textOrNull = t.union([t.string, t.null])

/** The codec of {@link ListedGrant}. */
const ListedGrantCodec = t.readonly(
  t.strict({
    grantId: t.string,
    clientId: t.string,
    /** The scopes to which the user consented, as text. */
    scope: t.string,
    /** When the user consented: seconds since the epoch. */
    since: t.number,
    /** When the grant ends, regardless of refreshes: seconds since the epoch. */
    until: t.number,
    /** Whether the grant ends with the session in which it began (`online_access`). */
    isOnline: t.boolean,
    /** The session in which the user consented; null when the host sets no session id. */
    sessionId: textOrNull,
    /** When that session began: seconds since the epoch. */
    authTime: t.number
  })
)

/** The codec of {@link RememberedConsent}. */
const RememberedConsentCodec = t.readonly(
  t.strict({
    clientId: t.string,
    /** The grant for which the user consented. */
    grantId: t.string,
    /** The scopes to which the user consented, as text. */
    scope: t.string,
    /** The patient in context; null when there was none. */
    patient: textOrNull,
    /** Until when it may be used: seconds since the epoch. */
    until: t.number
  })
)

const base = {
  /** The id of the last write; see the stored grant. */
  writeId: t.string,
  recordExpiresAt: t.number
}

const Unconnected = t.readonly(t.strict({ _tag: t.literal('Unconnected'), ...base }))
const Connected = t.readonly(
  t.strict({
    _tag: t.literal('Connected'),
    ...base,
    /** From old to new. */
    grants: t.readonlyArray(ListedGrantCodec),
    /** From old to new; at most one for a client and a patient. */
    consents: t.readonlyArray(RememberedConsentCodec)
  })
)

/** The codec of a user's stored record. */
export const ConnectedAppsCodec = t.union([Unconnected, Connected])

/** A grant in the record of its user. */
export type ListedGrant = t.TypeOf<typeof ListedGrantCodec>
/** A consent that is used again without a page. */
export type RememberedConsent = t.TypeOf<typeof RememberedConsentCodec>
/** The record of a user, in one of its states. */
export type ConnectedApps = t.TypeOf<typeof ConnectedAppsCodec>
/** No grant is listed, and no consent is remembered. */
export type Unconnected = t.TypeOf<typeof Unconnected>
/** A grant is listed, or a consent is remembered. */
export type Connected = t.TypeOf<typeof Connected>
