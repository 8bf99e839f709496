/**
 * Stores with one fault each, the check of the contract that is meant for it, and the other checks that the fault
 * explains.
 */
import type { Fault } from './line-engine.js'

/** A wrong store. */
export interface WrongStore {
  readonly name: string
  readonly fault: Fault
  /** The check that is meant for the fault. */
  readonly meantFor: string
  /** The other checks that fail, each with the reason. */
  readonly others: Readonly<Record<string, string>>
}

const raceCreate = { 'race-create': 'every creation wins', 'race-expired': 'every creation wins' }

/** The wrong stores. */
export const wrongStores: ReadonlyArray<WrongStore> = [
  {
    name: 'reads, checks and writes in separate steps',
    fault: { isTorn: true },
    meantFor: 'race-replace',
    others: {
      'race-create': 'the same, for creations',
      'race-expired': 'the same, over an expired record',
      'race-counter': 'the same: increments are lost'
    }
  },
  {
    name: 'reads the text and the version in separate steps',
    fault: { isReadInSteps: true },
    meantFor: 'race-load',
    others: { 'race-counter': 'increments are lost' }
  },
  {
    name: 'ignores the expected version when a record exists',
    fault: { mayWrite: (found, expected) => (expected === null ? found === null : found !== null) },
    meantFor: 'stale-version',
    others: {
      'unknown-version': 'any version is accepted',
      'version-across-connections': 'the same version wins twice',
      'version-after-expiry': 'the version of an earlier record is accepted',
      'delivered-twice': 'it includes a stale version',
      'race-replace': 'every replacement wins',
      'race-counter': 'increments are lost'
    }
  },
  {
    name: 'creates when a version is expected and there is no record',
    fault: { mayWrite: (found, expected) => found === null || found === expected },
    meantFor: 'version-of-absent',
    others: {
      'expiry-swap': 'an expired record is absent as well'
    }
  },
  {
    name: 'overwrites when no record is expected',
    fault: { mayWrite: (found, expected) => expected === null || found === expected },
    meantFor: 'create-over-existing',
    others: {
      'expiry-early': 'a creation wins over a record that has not expired',
      'delivered-twice': 'it includes a second creation',
      ...raceCreate
    }
  },
  {
    name: 'never expires a record',
    fault: { isPresent: () => true },
    meantFor: 'expiry-load',
    others: {
      'expiry-swap': 'an expired record is present',
      'expiry-replaced': 'a record with a shorter life is present',
      'expiry-numbers': 'a record that expired in the past is present',
      'version-after-expiry': 'a record cannot be created again',
      'race-expired': 'no creation wins'
    }
  },
  {
    name: 'expires a record for load only',
    fault: { isPresentForSwap: () => true },
    meantFor: 'expiry-swap',
    others: {
      'expiry-numbers': 'a record that expired in the past cannot be created again',
      'version-after-expiry': 'the same',
      'race-expired': 'no creation wins'
    }
  },
  {
    name: 'expires a record by the clock of the engine',
    fault: { isPresent: ({ expiresAt }) => Date.now() / 1000 < expiresAt },
    meantFor: 'expiry-early',
    others: {
      'expiry-load': 'a record of the next hundred seconds has expired already',
      'expiry-swap': 'the same',
      'expiry-replaced': 'the same',
      'version-after-expiry': 'the same',
      'race-expired': 'the same'
    }
  },
  {
    name: 'keeps the first time at which a record expires',
    fault: { expiresAt: (expiresAt, earlier) => earlier?.expiresAt ?? expiresAt },
    meantFor: 'expiry-replaced',
    others: {
      'expiry-swap': 'a record that is created over an expired one has expired',
      'version-after-expiry': 'the same',
      'race-expired': 'the same'
    }
  },
  {
    name: 'accepts a time that is no number',
    fault: { acceptsEveryNumber: true },
    meantFor: 'expiry-numbers',
    others: {}
  },
  {
    name: 'has two versions, in turn',
    fault: { version: (_fresh, present) => (present?.version === 'v1' ? 'v2' : 'v1') },
    meantFor: 'version-fresh',
    others: {
      'version-after-expiry': 'the version of an earlier record returns',
      'race-load': 'the same version has several texts'
    }
  },
  {
    name: 'begins to count versions again when a record has expired',
    fault: {
      version: (_fresh, present) => String(present === undefined ? 1 : Number(present.version) + 1)
    },
    meantFor: 'version-after-expiry',
    others: {}
  },
  {
    name: 'loads from a replica that is behind',
    fault: { isStale: true },
    meantFor: 'read-your-writes',
    others: Object.fromEntries(
      [
        ...['version-across-connections', 'race-create', 'race-replace', 'race-expired', 'race-counter'],
        ...['keys', 'texts', 'answers-delayed', 'load-without-answer']
      ].map((id) => [id, 'it loads on another connection than the last writer'])
    )
  },
  {
    name: 'ignores the case of keys',
    fault: { keyOf: (key) => key.toLowerCase() },
    meantFor: 'keys',
    others: {}
  },
  {
    name: 'cuts keys at 255 characters',
    fault: { keyOf: (key) => key.slice(0, 255) },
    meantFor: 'keys',
    others: { unstorable: 'it includes long keys' }
  },
  {
    name: 'normalizes keys',
    fault: { keyOf: (key) => key.normalize('NFC') },
    meantFor: 'keys',
    others: {}
  },
  {
    name: 'cuts texts at 65,535 characters',
    fault: { textOf: (text) => text.slice(0, 65_535) },
    meantFor: 'texts',
    others: {}
  },
  {
    name: 'replaces halves of surrogate pairs in keys',
    fault: { keyOf: (key) => key.toWellFormed() },
    meantFor: 'unstorable',
    others: {}
  },
  {
    name: 'is not idempotent when a command is delivered twice',
    fault: { isForgetful: true },
    meantFor: 'delivered-twice',
    others: {}
  },
  {
    name: 'says won when the connection fails',
    fault: { onFailure: () => 'won' },
    meantFor: 'half-open',
    others: { refused: 'nothing was written either' }
  },
  {
    name: 'says lost when it does not know',
    fault: { onFailure: () => 'lost' },
    meantFor: 'answers-dropped',
    others: {
      'answers-cut': 'its text was written',
      'answers-cut-once': 'its text was written',
      'answers-cut-in-the-middle': 'its text was written',
      'half-open': 'the engine did not answer',
      refused: 'the engine did not answer'
    }
  },
  {
    name: 'says that nothing was applied when it does not know',
    fault: { onFailure: () => 'not applied' },
    meantFor: 'answers-dropped',
    others: {
      'answers-cut': 'its text was written',
      'answers-cut-once': 'its text was written',
      'answers-cut-in-the-middle': 'its text was written'
    }
  },
  {
    name: 'sends a write again with a new version when the connection is lost',
    fault: { isRetrying: true },
    meantFor: 'answers-cut-once',
    others: {}
  },
  {
    name: 'gives null when a load fails',
    fault: { onLoadFailure: () => null },
    meantFor: 'load-without-answer',
    others: {}
  },
  {
    name: 'waits for an answer for ever',
    fault: { isPatient: true },
    meantFor: 'half-open',
    others: {
      'answers-dropped': 'swap does not settle',
      'load-without-answer': 'load does not settle'
    }
  }
]
