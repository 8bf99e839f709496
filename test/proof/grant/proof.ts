/** The proof of the grant machine: writes the relation, has Coq check it, and returns what it found. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Fault } from './faults.js'
import { faults, faulty } from './faults.js'
import type { Relation } from './relation.js'
import { coqRelation, relationOf } from './relation.js'

/** The theorems about the grant, with the files in which they are. */
export const grantTheorems = [
  ['GrantProcesses', 'compare_and_swap_preserves', 'An invariant of single steps is one of any number of processes.'],
  ['GrantProcesses', 'lineage_is_inductive', 'The invariant of a grant and all that was given for it is inductive.'],
  ['GrantProcesses', 'a_code_buys_once', 'Tokens are given for a code at most once.'],
  ['GrantProcesses', 'a_consent_gives_one_code', 'At most one code is given.'],
  [
    'GrantProcesses',
    'a_refresh_token_has_one_successor',
    'A refresh token gets one successor; the same successor is given again at most once.'
  ],
  ['GrantProcesses', 'no_tokens_without_stored_state', 'Tokens are given only for a state that was stored.'],
  [
    'GrantProcesses',
    'given_generations_are_not_ahead',
    'A refresh token that was exchanged is older than that of the stored state.'
  ],
  [
    'GrantProcesses',
    'the_end_is_final_for_all_processes',
    'After Denied, Revoked or Expired no process gives anything, and the record stays.'
  ],
  [
    'GrantProcesses',
    'without_comparison_a_code_buys_twice',
    'With a store that does not compare versions a code buys twice.'
  ],
  ['GrantMachine', 'revoked_is_final', 'Revoked is final.'],
  ['GrantMachine', 'one_live_lineage', 'At most one refresh lineage is alive.'],
  ['GrantMachine', 'refresh_is_bound', 'A refresh token is answered only to its client, in time, with permission.'],
  ['GrantMachine', 'reuse_revokes', 'A reused refresh token revokes the grant.'],
  [
    'GrantMachine',
    'code_is_bound',
    'A code is answered only with its secret, client, redirect URI and verifier, in time.'
  ],
  ['GrantMachine', 'wrong_binding_gives_nothing', 'A code with a wrong verifier or redirect URI gives nothing.'],
  ['GrantMachine', 'replay_revokes', 'A code that is presented again revokes the grant.'],
  ['GrantMachine', 'others_change_nothing', 'Another client, another server and a wrong secret change nothing.'],
  ['GrantMachine', 'wrong_browser_changes_nothing', 'Another browser and another user decide nothing.'],
  ['GrantMachine', 'online_needs_session', 'Online access ends with the session.'],
  ['GrantMachine', 'revocation_ends', 'A revocation ends the grant.'],
  ['GrantMachine', 'revoked_token_is_invalid', 'A revoked token is invalid.'],
  ['GrantMachine', 'epochs_grow', 'Epochs never go back: an invalid access token stays invalid.']
] as const satisfies ReadonlyArray<readonly [file: string, name: string, sentence: string]>

/** An invariant of the grant: its theorems, and a planted fault that fails the check on which it rests. */
export interface Invariant {
  readonly sentence: string
  readonly theorems: ReadonlyArray<(typeof grantTheorems)[number][1]>
  readonly fault: string
  /** The check of `GrantMachine.v` that the fault fails. */
  readonly check: string
}

/** The invariants that a table must keep. */
export const invariants: ReadonlyArray<Invariant> = [
  {
    sentence: 'At most one refresh lineage is alive.',
    theorems: ['one_live_lineage', 'a_refresh_token_has_one_successor', 'given_generations_are_not_ahead'],
    fault: 'a refresh token of an old generation is accepted',
    check: 'RefreshMovesOn'
  },
  {
    sentence: 'A code buys once.',
    theorems: ['a_code_buys_once', 'without_comparison_a_code_buys_twice'],
    fault: 'a code is accepted twice',
    check: 'CodeBuysOnce'
  },
  {
    sentence: 'Revoked is final: no tokens after it.',
    theorems: ['revoked_is_final', 'the_end_is_final_for_all_processes'],
    fault: 'a revoked grant answers with tokens',
    check: 'EndedAnswersNothing'
  },
  {
    sentence: 'Revoked is final: no other state after it.',
    theorems: ['revoked_is_final', 'the_end_is_final_for_all_processes'],
    fault: 'an ended grant is changed',
    check: 'EndedIsFinal'
  },
  {
    sentence: 'No tokens without a stored state.',
    theorems: ['no_tokens_without_stored_state', 'compare_and_swap_preserves'],
    fault: 'tokens are given out before the grant is written',
    check: 'GivenIsWritten'
  }
]

/** The invariants whose planted fault does not fail their check. */
export const unbroken = (found: GrantProof['faults']): ReadonlyArray<string> =>
  invariants
    .filter(({ check, fault }) => found.find(({ name }) => name === fault)?.fails.includes(check) !== true)
    .map(({ check, fault }) => `the planted fault "${fault}" does not fail the check ${check}`)

/** The random steps that must be in the relation. */
export const randomSteps = 20_000

/** The files of the proof, in the order in which they are compiled. */
const library = ['GrantMachine', 'GrantProcesses'] as const

/** Whether Coq is here. */
export const hasCoq = (): boolean => spawnSync('coqc', ['--version']).status === 0

const preamble = `Require Import List.
Import ListNotations.
From SmartAppLaunch.Grant Require Import GrantMachine GrantProcesses.
`

/** The file that the theorems of a relation are in. */
const checkedFile = (): string =>
  `${preamble}From SmartAppLaunch.Grant Require Import GrantRelation.

(** The whole of the checks is computed here. *)
Theorem relation_is_checked : failing relation = [].
Proof. vm_compute. reflexivity. Qed.
${grantTheorems
  .map(
    ([, name]) =>
      `Definition grant_${name} := ${usesRelation(name) ? `${name} relation relation_is_checked` : name}.\n` +
      `Print Assumptions grant_${name}.`
  )
  .join('\n')}
`

/** The theorems that hold of every relation, or every record. */
const general: ReadonlyArray<string> = ['compare_and_swap_preserves', 'without_comparison_a_code_buys_twice']

const usesRelation = (name: string): boolean => !general.includes(name)

/** A relation and the checks that it fails. */
const failingFile = (relations: ReadonlyArray<Relation>): string =>
  preamble +
  relations
    .map((relation, place) => {
      const name = `relation_${String(place)}`
      return `${coqRelation(name, relation)}Eval vm_compute in (failing ${name}).\n`
    })
    .join('')

/** What Coq prints for `Eval vm_compute in (failing ...)`: the names of the checks of each relation. */
const printedChecks = (output: string): ReadonlyArray<ReadonlyArray<string>> =>
  output
    .split(/^\s*= /m)
    .slice(1)
    .map((text) => text.slice(0, text.indexOf(': list check')).match(/[A-Z][A-Za-z]+/g) ?? [])

/** What the proof found. */
export interface GrantProof {
  readonly rows: number
  readonly combinations: number
  readonly steps: number
  /** Whether the relation passes all checks and all theorems hold of it. */
  readonly isProved: boolean
  /** The theorems without axioms. */
  readonly closed: number
  /** The axioms and errors that Coq names; empty when there are none. */
  readonly complaints: string
  /** The checks that each planted fault fails. */
  readonly faults: ReadonlyArray<{ readonly name: string; readonly fails: ReadonlyArray<string> }>
  /** The time of Coq for everything, and that for the relations of the planted faults alone. */
  readonly seconds: number
  readonly faultSeconds: number
}

const relationOfFault = (known: Relation, fault: Fault): Relation =>
  relationOf(faulty(fault), known, [`${fault.state} ${fault.event}`])

/** Runs the proof. */
export const proveGrant = (relation: Relation = relationOf(), planted: ReadonlyArray<Fault> = faults): GrantProof => {
  const folder = mkdtempSync(join(tmpdir(), 'grant-proof-'))
  const started = performance.now()
  const compile = (name: string, text: string | null): { readonly isDone: boolean; readonly output: string } => {
    if (text !== null) writeFileSync(join(folder, `${name}.v`), text)
    const { status, stdout, stderr } = spawnSync('coqc', ['-R', '.', 'SmartAppLaunch.Grant', `${name}.v`], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 2 ** 26
    })
    return { isDone: status === 0, output: `${stdout}${stderr}` }
  }
  try {
    for (const name of library) cpSync(join(import.meta.dirname, `${name}.v`), join(folder, `${name}.v`))
    const compiled = [
      ...library.map((name) => compile(name, null)),
      compile('GrantRelation', `${preamble}${coqRelation('relation', relation)}`),
      compile('GrantChecked', checkedFile())
    ]
    const output = compiled.at(-1)?.output ?? ''
    const proved = performance.now()
    const found =
      planted.length === 0
        ? []
        : printedChecks(
            compile('GrantFaults', failingFile(planted.map((fault) => relationOfFault(relation, fault)))).output
          )
    const ended = performance.now()
    return {
      seconds: (ended - started) / 1000,
      faultSeconds: (ended - proved) / 1000,
      rows: relation.rows.length,
      combinations: relation.combinations,
      steps: relation.steps,
      isProved: compiled.every(({ isDone }) => isDone),
      closed: output.match(/Closed under the global context/g)?.length ?? 0,
      complaints: compiled
        .map((one) => one.output.replaceAll('Closed under the global context', '').trim())
        .filter((text) => text !== '')
        .join('\n'),
      faults: planted.map(({ name }, place) => ({ name, fails: found[place] ?? [] }))
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The sentences of the Coq files that nothing proves: axioms, admitted proofs. None is allowed. */
export const unprovedSentences = (): ReadonlyArray<string> =>
  library.flatMap((name) =>
    (
      readFileSync(join(import.meta.dirname, `${name}.v`), 'utf8').match(
        /\b(?:Axiom|Admitted|admit|Parameter|Conjecture|native_compute|FunctionalExtensionality)\b/g
      ) ?? []
    ).map((word) => `${name}.v: ${word}`)
  )
