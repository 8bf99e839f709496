/**
 * A client's registration: made once, read, changed and removed by whoever holds its registration access token.
 *
 * Source: RFC 7592, section 2.
 *
 * @module
 */
import type { Machine, Step } from '../machine/machine.js'
import { stay } from '../machine/machine.js'
import { isForSystems } from '../scope-policy/scope-policy.js'
import type { CheckedMetadata } from '../client/metadata.js'
import type { Refusal } from '../errors/refusal.js'
import type { Registered, Removed, StoredClient } from '../client/stored-client.js'
import { metadataMembers } from '../client/stored-client.js'
import { format } from '../../scopes/format.js'
import { parse } from '../../scopes/parse.js'
import type { Digest } from '../../values/secret.js'
import { sameDigest } from '../../values/secret.js'
import type { EpochSeconds } from '../../values/time.js'
import { hasPassed } from '../../values/time.js'

interface EventContext {
  readonly now: EpochSeconds
  readonly writeId: string
}

/** A request of the client about its own registration. */
interface Managed extends EventContext {
  /** The digest of the token that it presents. */
  readonly managementDigest: Digest
}

/** What can happen to a registration. */
export type RegistrationEvent =
  | (Managed & { readonly _tag: 'RegistrationRead' })
  | (Managed & {
      readonly _tag: 'MetadataReplaced'
      readonly metadata: CheckedMetadata
      /** What may be granted at most. */
      readonly scope: string
      /** The digest of the secret that the client says it has; null when it names none. */
      readonly presentedSecretDigest: Digest | null
      /** The digest of a fresh secret, used where the new method needs one and there is none. */
      readonly secretDigest: Digest
    })
  | (Managed & { readonly _tag: 'RemovalRequested' })
  /** The host changes the secret; the old ones stay good for a while. */
  | (EventContext & { readonly _tag: 'SecretRotated'; readonly secretDigest: Digest; readonly overlapSeconds: number })

/** What must be done about it. */
export type RegistrationCommand =
  | { readonly _tag: 'ShowRegistration'; readonly client: Registered; readonly withSecret: boolean }
  | { readonly _tag: 'ConfirmRemoval'; readonly hasInitialAccessToken: boolean }
  | { readonly _tag: 'Refuse'; readonly refusal: Refusal }

type RegistrationStep = Step<StoredClient, RegistrationCommand>
type On<Tag extends RegistrationEvent['_tag']> = Extract<RegistrationEvent, { readonly _tag: Tag }>

const refuse = (client: StoredClient, refusal: Refusal): RegistrationStep =>
  stay<StoredClient, RegistrationCommand>(client, { _tag: 'Refuse', refusal })

const isOwner = (client: Registered, event: Managed): boolean =>
  sameDigest(client.managementDigest, event.managementDigest)

const strangers: Refusal = { _tag: 'RegistrationTokenDiffers' }

const needsSecret = (method: string): boolean => method.startsWith('client_secret')

const read = (client: Registered, event: On<'RegistrationRead'>): RegistrationStep =>
  isOwner(client, event)
    ? stay<StoredClient, RegistrationCommand>(client, { _tag: 'ShowRegistration', client, withSecret: false })
    : refuse(client, strangers)

const knowsItsSecret = (client: Registered, { presentedSecretDigest, now }: On<'MetadataReplaced'>): boolean =>
  presentedSecretDigest === null ||
  client.secrets.filter(
    ({ digest, until }) => sameDigest(digest, presentedSecretDigest) && (until === null || !hasPassed(until, now))
  ).length > 0

const replaced = (client: Registered, event: On<'MetadataReplaced'>): RegistrationStep => {
  if (!isOwner(client, event)) return refuse(client, strangers)
  if (!knowsItsSecret(client, event)) {
    return refuse(client, {
      _tag: 'ClientMetadataUnacceptable',
      member: 'client_secret',
      expected: 'the secret that this client has, or nothing'
    })
  }
  // What acts without a user takes somebody who vouches, whatever the settings allow by now.
  if (!client.hasInitialAccessToken && event.metadata.grantTypes.includes('client_credentials')) {
    return refuse(client, {
      _tag: 'ClientMetadataUnacceptable',
      member: 'grant_types',
      expected: 'no client_credentials, because nobody has vouched for this client'
    })
  }
  const needs = needsSecret(event.metadata.tokenEndpointAuthMethod)
  // Its own secret is there already when this very step took effect before, unnoticed; it must be shown all the same.
  const withSecret = needs && client.secrets.every(({ digest }) => sameDigest(digest, event.secretDigest))
  const next: Registered = {
    ...client,
    ...metadataMembers(event.metadata),
    writeId: event.writeId,
    scope: client.hasInitialAccessToken
      ? event.scope
      : format(parse(event.scope).filter((scope) => !isForSystems(scope))),
    secrets: withSecret ? [{ digest: event.secretDigest, until: null }] : needs ? client.secrets : []
  }
  return { state: next, command: { _tag: 'ShowRegistration', client: next, withSecret } }
}

const rotated = (
  client: Registered,
  { writeId, now, secretDigest, overlapSeconds }: On<'SecretRotated'>
): RegistrationStep => {
  if (!needsSecret(client.tokenEndpointAuthMethod)) return refuse(client, { _tag: 'ClientHasNoSecret' })
  // In JSON, in which states are stored, a number that is not finite becomes null: for ever.
  if (!Number.isSafeInteger(overlapSeconds) || overlapSeconds < 0)
    return refuse(client, { _tag: 'OverlapUnacceptable' })
  const until = now + overlapSeconds
  const old = client.secrets
    // The same, when this very step took effect before: the new secret is no old one.
    .filter(({ digest }) => !sameDigest(digest, secretDigest))
    .map((secret) => ({ ...secret, until: secret.until === null ? until : Math.min(secret.until, until) }))
    .filter((secret) => !hasPassed(secret.until, now))
  const next: Registered = { ...client, writeId, secrets: [{ digest: secretDigest, until: null }, ...old] }
  return { state: next, command: { _tag: 'ShowRegistration', client: next, withSecret: true } }
}

const removed = (client: Registered, event: On<'RemovalRequested'>): RegistrationStep => {
  if (!isOwner(client, event)) return refuse(client, strangers)
  const gone: Removed = {
    _tag: 'Removed',
    clientId: client.clientId,
    writeId: event.writeId,
    recordExpiresAt: client.recordExpiresAt
  }
  return { state: gone, command: { _tag: 'ConfirmRemoval', hasInitialAccessToken: client.hasInitialAccessToken } }
}

const stranger = (client: StoredClient): RegistrationStep => refuse(client, strangers)

/** The machine of one registration. */
export const clientRegistrationMachine: Machine<StoredClient, RegistrationEvent, RegistrationCommand> = {
  name: 'client-registration',
  initial: ['Registered'],
  table: {
    Registered: {
      RegistrationRead: { to: ['Registered'], step: read },
      MetadataReplaced: { to: ['Registered'], step: replaced },
      SecretRotated: { to: ['Registered'], step: rotated },
      RemovalRequested: { to: ['Registered', 'Removed'], step: removed }
    },
    Removed: {
      RegistrationRead: { to: ['Removed'], step: stranger },
      MetadataReplaced: { to: ['Removed'], step: stranger },
      SecretRotated: { to: ['Removed'], step: stranger },
      RemovalRequested: { to: ['Removed'], step: stranger }
    }
  }
}
