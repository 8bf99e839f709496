/**
 * A client's registration: created once; read, changed and deleted with its registration access token.
 *
 * Source: RFC 7592, section 2.
 *
 * @module
 */
import type { Machine, Step } from '../machine/machine.js'
import { stay } from '../machine/machine.js'
import type { Rule } from '../machine/rules.js'
import { firstRefusal } from '../machine/rules.js'
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
  /** The digest of the presented registration access token. */
  readonly managementDigest: Digest
}

/** The events of a registration. */
export type RegistrationEvent =
  | (Managed & { readonly _tag: 'RegistrationRead' })
  | (Managed & {
      readonly _tag: 'MetadataReplaced'
      readonly metadata: CheckedMetadata
      /** The widest scope that may be granted. */
      readonly scope: string
      /** The digest of the secret in the request; null when it contains none. */
      readonly presentedSecretDigest: Digest | null
      /** The digest of a new secret, used if the new method needs one and there is none. */
      readonly secretDigest: Digest
    })
  | (Managed & { readonly _tag: 'RemovalRequested' })
  /** The host changes the secret; the old ones stay valid for a while. */
  | (EventContext & { readonly _tag: 'SecretRotated'; readonly secretDigest: Digest; readonly overlapSeconds: number })

/** The commands of a registration. */
export type RegistrationCommand =
  | { readonly _tag: 'ShowRegistration'; readonly client: Registered; readonly withSecret: boolean }
  | { readonly _tag: 'ConfirmRemoval'; readonly hasInitialAccessToken: boolean }
  | { readonly _tag: 'Refuse'; readonly refusal: Refusal }

type RegistrationStep = Step<StoredClient, RegistrationCommand>
type On<Tag extends RegistrationEvent['_tag']> = Extract<RegistrationEvent, { readonly _tag: Tag }>
type ManagedEvent = On<'RegistrationRead' | 'MetadataReplaced' | 'RemovalRequested'>

const refuse = (client: StoredClient, refusal: Refusal): RegistrationStep =>
  stay<StoredClient, RegistrationCommand>(client, { _tag: 'Refuse', refusal })

const isOwner = (client: Registered, event: Managed): boolean =>
  sameDigest(client.managementDigest, event.managementDigest)

/** The refusal for a request without a valid registration access token, or for a removed registration. */
const unauthenticated: Refusal = { _tag: 'RegistrationTokenDiffers' }

interface ManagedFacts<Event extends RegistrationEvent> {
  readonly client: Registered
  readonly event: Event
}

/** The rules of all requests of a client about its own registration. */
export const registrationOwnerRules: ReadonlyArray<Rule<ManagedFacts<ManagedEvent>, Refusal>> = [
  { name: 'token-matches', check: ({ client, event }) => (isOwner(client, event) ? null : unauthenticated) }
]

const needsSecret = (method: string): boolean => method.startsWith('client_secret')

const read = (client: Registered, event: On<'RegistrationRead'>): RegistrationStep => {
  const refusal = firstRefusal(registrationOwnerRules, { client, event })
  return refusal === null
    ? stay<StoredClient, RegistrationCommand>(client, { _tag: 'ShowRegistration', client, withSecret: false })
    : refuse(client, refusal)
}

const knowsItsSecret = (client: Registered, { presentedSecretDigest, now }: On<'MetadataReplaced'>): boolean =>
  presentedSecretDigest === null ||
  client.secrets.filter(
    ({ digest, until }) => sameDigest(digest, presentedSecretDigest) && (until === null || !hasPassed(until, now))
  ).length > 0

/** The rules of replacing metadata. */
export const metadataReplacementRules: ReadonlyArray<Rule<ManagedFacts<On<'MetadataReplaced'>>, Refusal>> = [
  ...registrationOwnerRules,
  {
    name: 'secret-matches',
    check: ({ client, event }) =>
      knowsItsSecret(client, event)
        ? null
        : {
            _tag: 'ClientMetadataUnacceptable',
            member: 'client_secret',
            expected: 'the secret that this client has, or nothing'
          }
  },
  {
    // `client_credentials` requires a client registered with an initial access token, whatever the settings allow now.
    name: 'client-credentials-with-initial-token',
    check: ({ client, event }) =>
      client.hasInitialAccessToken || !event.metadata.grantTypes.includes('client_credentials')
        ? null
        : {
            _tag: 'ClientMetadataUnacceptable',
            member: 'grant_types',
            expected: 'no client_credentials, because the client was registered without an initial access token'
          }
  }
]

const replaced = (client: Registered, event: On<'MetadataReplaced'>): RegistrationStep => {
  const refusal = firstRefusal(metadataReplacementRules, { client, event })
  if (refusal !== null) return refuse(client, refusal)
  const needs = needsSecret(event.metadata.tokenEndpointAuthMethod)
  // The secret is stored already if this step took effect before with an unknown result; it must be returned
  // nevertheless.
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

/** The rules of replacing a secret. */
export const secretRotationRules: ReadonlyArray<Rule<ManagedFacts<On<'SecretRotated'>>, Refusal>> = [
  {
    name: 'client-has-secret',
    check: ({ client }) => (needsSecret(client.tokenEndpointAuthMethod) ? null : { _tag: 'ClientHasNoSecret' })
  },
  {
    // A number that is not finite would become null in JSON, which means that the secret never expires.
    name: 'overlap-is-whole-number',
    check: ({ event: { overlapSeconds } }) =>
      Number.isSafeInteger(overlapSeconds) && overlapSeconds >= 0 ? null : { _tag: 'OverlapUnacceptable' }
  }
]

const rotated = (client: Registered, event: On<'SecretRotated'>): RegistrationStep => {
  const refusal = firstRefusal(secretRotationRules, { client, event })
  if (refusal !== null) return refuse(client, refusal)
  const { writeId, now, secretDigest, overlapSeconds } = event
  const until = now + overlapSeconds
  const old = client.secrets
    // If this step took effect before with an unknown result, the new secret is not an old one.
    .filter(({ digest }) => !sameDigest(digest, secretDigest))
    .map((secret) => ({ ...secret, until: secret.until === null ? until : Math.min(secret.until, until) }))
    .filter((secret) => !hasPassed(secret.until, now))
  const next: Registered = { ...client, writeId, secrets: [{ digest: secretDigest, until: null }, ...old] }
  return { state: next, command: { _tag: 'ShowRegistration', client: next, withSecret: true } }
}

const removed = (client: Registered, event: On<'RemovalRequested'>): RegistrationStep => {
  const refusal = firstRefusal(registrationOwnerRules, { client, event })
  if (refusal !== null) return refuse(client, refusal)
  const removed: Removed = {
    _tag: 'Removed',
    clientId: client.clientId,
    writeId: event.writeId,
    recordExpiresAt: client.recordExpiresAt
  }
  return { state: removed, command: { _tag: 'ConfirmRemoval', hasInitialAccessToken: client.hasInitialAccessToken } }
}

const unauthenticatedStep = (client: StoredClient): RegistrationStep => refuse(client, unauthenticated)

/** The machine of one registration. */
export const clientRegistrationMachine: Machine<StoredClient, RegistrationEvent, RegistrationCommand> = {
  name: 'client-registration',
  initial: ['Registered'],
  final: ['Removed'],
  table: {
    Registered: {
      RegistrationRead: { to: ['Registered'], step: read },
      MetadataReplaced: { to: ['Registered'], step: replaced },
      SecretRotated: { to: ['Registered'], step: rotated },
      RemovalRequested: { to: ['Registered', 'Removed'], step: removed }
    },
    Removed: {
      RegistrationRead: { to: ['Removed'], step: unauthenticatedStep },
      MetadataReplaced: { to: ['Removed'], step: unauthenticatedStep },
      SecretRotated: { to: ['Removed'], step: unauthenticatedStep },
      RemovalRequested: { to: ['Removed'], step: unauthenticatedStep }
    }
  }
}
