/** The grants as the pages show them: names in place of ids, scopes and states in words. */
import { createHash } from 'node:crypto'
import * as Option from 'fp-ts/lib/Option.js'
import type { ScopedGrant } from '../log/app-use.js'
import type { LogLine } from '../log/log-line.js'
import type { StoredGrant } from '../store/grant-list.js'
import type { ScopeInWords } from '../../host/page-data.js'
import { scopesInWords } from '../../host/scope-words.js'
import type { Grant } from '../../protocol/grant/state.js'
import { GrantCodec } from '../../protocol/grant/state.js'
import type { SmartPolicy } from '../../protocol/policy/policy.js'
import { parse } from '../../scopes/parse.js'
import { parseJson } from '../../values/json.js'
import type { EpochSeconds } from '../../values/time.js'

/** What stands for a grant in addresses and filters: a digest, because codes and tokens contain the id itself. */
export const grantHandle = (grantId: string): string =>
  createHash('sha256').update(grantId).digest('base64url').slice(0, 16)

/** The beginning of what stands for a grant in its address, as pages show it. */
export const shortGrant = (grantId: string): string => `${grantHandle(grantId).slice(0, 8)}...`

/** A grant as the pages show it. */
export interface GrantView {
  readonly handle: string
  readonly short: string
  /** The issuer of its server. */
  readonly issuer: string
  readonly grant: Grant
  readonly appName: string
  /** The name of the user, or the subject; null if there is none yet. */
  readonly userName: string | null
  /** The subject of the user; null if there is none yet. */
  readonly userSub: string | null
  readonly patientName: string | null
  readonly scope: string | null
  readonly scopes: ReadonlyArray<ScopeInWords>
  /** Whether a user, or the credentials of a service, gave these scopes. They are only requested before. */
  readonly isPermitted: boolean
  /** When the last access token that was issued ends; null if there is none. */
  readonly accessUntil: number | null
  /** Until when the app may renew its access; null if it may not. */
  readonly renewalUntil: number | null
  readonly lastUsed: number | null
}

/** What the pages know of apps, users and patients, and the log. */
export interface GrantNames {
  readonly now: EpochSeconds
  readonly policy: SmartPolicy
  /** The name of the app of that id at the server of that issuer. */
  readonly appName: (clientId: string, issuer: string) => string
  readonly userName: (sub: string) => string
  readonly patientName: (id: string) => string
  /** The newest first. */
  readonly lines: ReadonlyArray<LogLine>
}

const usesGrant: ReadonlySet<LogLine['decision']> = new Set([
  'TokensIssued',
  'TokenAccepted',
  'AccessPermitted',
  'AccessFiltered',
  'AccessDenied',
  'AccessFailed'
])

/** When an app used a grant last, as far as the log and the grant say. */
export const lastUseOf = (grantId: string, lines: ReadonlyArray<LogLine>, rotatedAt: number | null): number | null => {
  const used = lines.find((line) => line.grantId === grantId && usesGrant.has(line.decision))?.at ?? null
  return used === null || rotatedAt === null ? (used ?? rotatedAt) : Math.max(used, rotatedAt)
}

/** The grant in the text of a record; null if it cannot be read. */
export const grantIn = (text: string): Grant | null =>
  Option.toNullable(Option.fromEither(GrantCodec.decode(Option.toNullable(parseJson(text)))))

type Lifetimes = Pick<SmartPolicy, 'accessTokenLifetimeSeconds' | 'refreshTokenIdleSeconds'>

type Active = Extract<Grant, { readonly _tag: 'Active' }>

/** When the access token that was issued last ends. */
const accessEnd = ({ endsAt, rotatedAt }: Active, { accessTokenLifetimeSeconds }: Lifetimes): EpochSeconds =>
  Math.min(endsAt, rotatedAt + accessTokenLifetimeSeconds)

/** Until when the grant can be renewed; null if it cannot. */
const renewalEnd = ({ endsAt, refresh, rotatedAt }: Active, policy: Lifetimes): EpochSeconds | null =>
  refresh === 'none' ? null : Math.min(endsAt, rotatedAt + policy.refreshTokenIdleSeconds)

/** When a grant ends by itself, from its present state; null for one that has ended. */
const endOf = (grant: Grant, policy: Lifetimes): EpochSeconds | null => {
  switch (grant._tag) {
    case 'AwaitingUser':
    case 'AwaitingContext':
    case 'AwaitingConsent':
      return grant.interactionEndsAt
    case 'CodeIssued':
      return grant.codeExpiresAt
    case 'Active':
      return Math.max(accessEnd(grant, policy), renewalEnd(grant, policy) ?? 0)
    case 'Backend':
      return grant.endsAt
    case 'Denied':
    case 'Revoked':
    case 'Expired':
      return null
  }
}

/**
 * A grant with what the time did to it: a record is not written when the time of a request, a code or the access is
 * over, and the server refuses it from then on.
 */
export const grantAt = (grant: Grant, now: EpochSeconds, policy: Lifetimes): Grant => {
  const end = endOf(grant, policy)
  if (end === null || now < end) return grant
  const { clientId, grantId, recordExpiresAt, writeId } = grant
  return { _tag: 'Expired', clientId, grantId, writeId, recordExpiresAt, at: end }
}

/**
 * The last state of a stored grant that has scopes: a grant that has ended says no more what it could do. The grant
 * itself if no such state is known; null if it cannot be read.
 */
export const lastScopedState = ({ before, text }: StoredGrant): Grant | null => {
  const stored = grantIn(text)
  return stored === null || 'scope' in stored || before === null ? stored : (grantIn(before) ?? stored)
}

/** Whether a state has scopes that were given, not only requested. */
export const hasGivenScopes = (grant: Grant): grant is ScopedGrant =>
  grant._tag === 'CodeIssued' || grant._tag === 'Active' || grant._tag === 'Backend'

/** The stored grants as the pages show them. A record that cannot be read is left out. */
export const grantViews = (records: ReadonlyArray<StoredGrant>, names: GrantNames): ReadonlyArray<GrantView> =>
  records.flatMap((record): ReadonlyArray<GrantView> => {
    const { issuer } = record
    const stored = grantIn(record.text)
    const known = lastScopedState(record)
    if (stored === null || known === null) return []
    const { now, policy } = names
    const grant = grantAt(stored, now, policy)
    const sub = 'user' in known ? known.user.sub : null
    const patient = 'context' in known ? (known.context.patient ?? null) : null
    const scope = 'scope' in known ? known.scope : null
    return [
      {
        handle: grantHandle(grant.grantId),
        short: shortGrant(grant.grantId),
        issuer,
        grant,
        appName: names.appName(grant.clientId, issuer),
        userSub: sub,
        userName: sub === null ? null : names.userName(sub),
        patientName: patient === null ? null : names.patientName(patient),
        scope,
        scopes: scope === null ? [] : scopesInWords(parse(scope), { fhirUserImpliesRead: policy.fhirUserImpliesRead }),
        isPermitted: hasGivenScopes(known),
        accessUntil:
          grant._tag === 'Active' ? accessEnd(grant, policy) : grant._tag === 'Backend' ? grant.endsAt : null,
        renewalUntil:
          grant._tag === 'Active'
            ? renewalEnd(grant, policy)
            : grant._tag === 'CodeIssued' && grant.refresh !== 'none'
              ? grant.endsAt
              : null,
        lastUsed: lastUseOf(grant.grantId, names.lines, stored._tag === 'Active' ? stored.rotatedAt : null)
      }
    ]
  })
