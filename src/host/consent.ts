/**
 * Consent: gives it, lists the grant for its user, remembers it, and uses what is remembered.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type { HostContext } from './host-context.js'
import { recordAuditNow, refusedEntry } from '../engine/server/audit.js'
import type { ConsentDetails, Conversation, Interaction } from '../engine/server/interaction/conversation.js'
import { showRefusal } from '../engine/server/interaction/conversation.js'
import { isRemembered } from '../protocol/connected-apps/remembered-consent.js'
import type { RememberedConsent } from '../protocol/connected-apps/state.js'
import type { Refusal } from '../protocol/errors/refusal.js'
import type { CodeIssued } from '../protocol/grant/state.js'
import type { SignedInUser } from '../protocol/launch/launch-context.js'
import { knownResourceSide } from '../protocol/scope-policy/resource-side-check.js'
import type { ScopeSet } from '../scopes/scope.js'
import { ownMember } from '../values/own.js'

type ConsentServices<R> = Pick<HostContext<R>, 'server' | 'ports' | 'options' | 'apps'>

/** A host that cannot list a grant does not hand out its code: the grant ends, and the user sees a page. */
const notListed = async <R>(
  { server, ports }: ConsentServices<R>,
  grantId: string,
  refusal: Refusal
): Promise<Conversation> => {
  await server.admin.revokeGrant(grantId)()
  return recordAuditNow(ports, refusedEntry(refusal, null, grantId), showRefusal(refusal))
}

const listed = ({ grantId, clientId, scope, user, refresh, endsAt }: CodeIssued, now: number) => ({
  grantId,
  clientId,
  scope,
  since: now,
  until: endsAt,
  isOnline: refresh === 'online',
  sessionId: ownMember(user, 'sessionId') ?? null,
  authTime: user.authTime
})

/**
 * Gives the consent of the user to the engine, and lists the new grant before its code goes out. `isFromUser` means
 * that the user decided on a page: only such a consent is remembered.
 */
export const giveConsent = async <R>(
  services: ConsentServices<R>,
  interaction: Interaction,
  approved: ScopeSet,
  isFromUser: boolean
): Promise<Conversation> => {
  const { server, ports, options, apps } = services
  const { grantId } = interaction
  const now = ports.clock.now()
  const seconds = isFromUser ? (options.rememberConsent?.seconds ?? 0) : 0
  // The record of the grant says whether it was revoked, for as long as its consent is remembered.
  const conversation = await server.interaction.consentGiven(interaction, approved, now + seconds)()
  if (conversation._tag !== 'SendToApp') return conversation
  const found = await apps.grant(grantId)
  if (Either.isLeft(found)) return notListed(services, grantId, found.left)
  const grant = found.right
  if (grant?._tag !== 'CodeIssued') return conversation
  const remembered =
    seconds > 0
      ? {
          clientId: grant.clientId,
          grantId,
          scope: grant.scope,
          patient: ownMember(grant.context, 'patient') ?? null,
          until: now + seconds
        }
      : null
  const changed = await apps.change(grant.user.sub, { _tag: 'ConsentGiven', grant: listed(grant, now), remembered })
  return Either.isLeft(changed) ? notListed(services, grantId, changed.left) : conversation
}

/** The remembered consents of a user for a client; empty if the host remembers none, or if they cannot be read. */
const consentsFor = async <R>(
  { apps, options }: ConsentServices<R>,
  { sub }: SignedInUser,
  clientId: string
): Promise<ReadonlyArray<RememberedConsent>> => {
  if (options.rememberConsent === undefined) return []
  const found = await apps.of(sub)
  return Either.isLeft(found) ? [] : found.right.consents.filter((one) => one.clientId === clientId)
}

/** The patients for whom a consent to a client is remembered, and still valid. */
export const rememberedPatients = async <R>(
  services: ConsentServices<R>,
  user: SignedInUser,
  clientId: string
): Promise<ReadonlyArray<string>> => {
  const now = services.ports.clock.now()
  const consents = await consentsFor(services, user, clientId)
  return consents.flatMap(({ patient, until }) => (patient !== null && now < until ? [patient] : []))
}

/**
 * Whether the grant for which a consent was given was revoked, also if that did not happen on the page of connected
 * apps. The record of the grant is stored as long as the consent, so without it nothing is known, and the answer is
 * yes.
 */
const wasRevoked = async <R>(
  { apps }: ConsentServices<R>,
  { sub }: SignedInUser,
  { grantId }: RememberedConsent
): Promise<boolean> => {
  const found = await apps.grant(grantId)
  if (Either.isLeft(found) || found.right === null) return true
  if (found.right._tag !== 'Revoked') return false
  await apps.change(sub, { _tag: 'GrantRevoked', grantId })
  return true
}

/** Whether a remembered consent answers a request, so that no page is needed. */
export const hasRememberedConsent = async <R>(
  services: ConsentServices<R>,
  { clientId, prompts, scopes, context, redirectUri }: ConsentDetails,
  user: SignedInUser
): Promise<boolean> => {
  const { options, ports, server } = services
  const consents = await consentsFor(services, user, clientId)
  if (consents.length === 0) return false
  const client = await server.admin.client(clientId)()
  if (Either.isLeft(client) || Option.isNone(client.right)) return false
  const { facts, policy } = server
  const registered = client.right.value
  const request = { clientId, prompts, scopes, redirectUri, patient: ownMember(context, 'patient') ?? null }
  const usable = consents.find((remembered) =>
    isRemembered({
      policy,
      side: knownResourceSide(facts.features.resourceSide, facts.fhirBaseUrl),
      now: ports.clock.now(),
      remembered,
      forAnyPatient: options.rememberConsent?.forAnyPatient === true,
      request,
      client: registered
    })
  )
  return usable !== undefined && !(await wasRevoked(services, user, usable))
}
