/** What a step comes to, in the terms of `GrantMachine.v`. */
import type { GrantCommand, GrantStep, TokensToIssue } from '../../../src/protocol/grant/events.js'
import type { Active, Grant } from '../../../src/protocol/grant/state.js'
import type { Situation } from './facts.js'

/** The outcome of a step: the last members of a row. */
export interface Outcome {
  readonly to: string
  readonly written: boolean
  readonly generation: 'GenerationKept' | 'GenerationFirst' | 'GenerationNext' | 'GenerationStray'
  readonly epoch: 'EpochKept' | 'EpochFirst' | 'EpochBeyondPresented' | 'EpochStray'
  readonly repeated: 'RepeatedKept' | 'RepeatedSet' | 'RepeatedCleared'
  readonly command: string
}

/** The members that never change once a grant has them. */
const lasting = ['grantId', 'clientId', 'audience'] as const
const lastingAfterConsent = ['clientType', 'redirectUri', 'scope', 'codeChallenge', 'codeDigest', 'refresh', 'endsAt']

const sameMembers = (one: object, other: object, names: ReadonlyArray<string>): boolean =>
  names.every(
    (name) =>
      !Object.hasOwn(one, name) ||
      !Object.hasOwn(other, name) ||
      (one as Record<string, unknown>)[name] === (other as Record<string, unknown>)[name]
  )

const hasEpoch = (grant: Grant): grant is Extract<Grant, { readonly epoch: number }> => 'epoch' in grant

const generationChange = (before: Grant, after: Grant): Outcome['generation'] => {
  if (after._tag !== 'Active') return 'GenerationKept'
  if (before._tag !== 'Active') return after.generation === 0 ? 'GenerationFirst' : 'GenerationStray'
  const more = after.generation - before.generation
  return more === 0 ? 'GenerationKept' : more === 1 ? 'GenerationNext' : 'GenerationStray'
}

const epochChange = ({ grant: before, event }: Situation, after: Grant): Outcome['epoch'] => {
  if (!hasEpoch(after)) return 'EpochKept'
  if (!hasEpoch(before)) return after.epoch === 0 ? 'EpochFirst' : 'EpochStray'
  if (after.epoch === before.epoch) return 'EpochKept'
  const presented =
    event._tag === 'TokenRevocationRequested' && event.token._tag === 'AccessToken' ? event.token.epoch : null
  return presented !== null && after.epoch === presented + 1 ? 'EpochBeyondPresented' : 'EpochStray'
}

/** A refresh sets or clears the member. Any other event keeps it. */
const repeatedChange = ({ grant: before, event }: Situation, after: Grant): Outcome['repeated'] => {
  if (after._tag !== 'Active') return 'RepeatedKept'
  const isKept = before._tag === 'Active' && before.wasRepeated === after.wasRepeated
  if (isKept && event._tag !== 'RefreshTokenPresented') return 'RepeatedKept'
  return after.wasRepeated ? 'RepeatedSet' : 'RepeatedCleared'
}

/** Whether tokens are those of the stored state: its grant, its epoch, and its generation or none. */
const areOf = (state: Active, tokens: TokensToIssue): boolean =>
  tokens.grantId === state.grantId &&
  tokens.clientId === state.clientId &&
  tokens.audience === state.audience &&
  tokens.epoch === state.epoch &&
  tokens.writeId === state.writeId &&
  (tokens.generation === null || tokens.generation === state.generation)

const confirmations = {
  grant: 'ConfirmsGrant',
  accessTokens: 'ConfirmsAccessTokens',
  nothing: 'ConfirmsNothing'
} as const

const commandOf = (state: Grant, command: GrantCommand | null): string => {
  switch (command?._tag) {
    case 'RedirectWithCode':
      return 'GivesCode'
    case 'IssueTokens':
      return state._tag === 'Active' && areOf(state, command.tokens)
        ? `(GivesTokens ${String(command.tokens.generation !== null)})`
        : 'GivesStray'
    case 'RedirectWithRefusal':
      return 'RedirectsRefusal'
    case 'AskForContext':
    case 'AskForConsent':
      return 'ShowsPage'
    case 'CheckOnline':
    case 'EvaluatePolicy':
      return 'CallsHost'
    case 'ConfirmRevocation':
      return confirmations[command.ended]
    case 'Refuse':
      return 'Refuses'
    default:
      return 'GivesStray'
  }
}

/** The outcome of a step. A write that loses what the grant stands for, or its author, is stray. */
export const outcomeOf = (situation: Situation, { state, command }: GrantStep): Outcome => {
  const { grant, event } = situation
  const written = state !== grant
  const isSound =
    !written ||
    (state.writeId === event.writeId &&
      sameMembers(grant, state, [
        ...lasting,
        ...(grant._tag in { CodeIssued: 0, Active: 0 } ? lastingAfterConsent : [])
      ]))
  return {
    to: state._tag,
    written,
    generation: written ? generationChange(grant, state) : 'GenerationKept',
    epoch: written ? epochChange(situation, state) : 'EpochKept',
    repeated: written ? repeatedChange(situation, state) : 'RepeatedKept',
    command: isSound ? commandOf(state, command) : 'GivesStray'
  }
}
