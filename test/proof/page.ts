/** docs/proof.md: from the statements in the proof files and the recorded results. */
import { notProved, onlyTested, operations, trusted } from './boundaries.js'
import type { Theorem } from './proofs.js'
import { grantTheorems, invariants, randomSteps } from './grant/proof.js'
import { proofFiles, theorems } from './proofs.js'
import type { Results } from './run.js'
import { comparisonsPerFault, grantFigures } from './run.js'
import { note } from '../support/generated-page.js'

const number = (count: number): string => count.toLocaleString('en-US')

/** Breaks a text into lines of at most 118 columns; further lines are indented. */
const wrapped = (text: string, indent: string): ReadonlyArray<string> =>
  text.split(' ').reduce<ReadonlyArray<string>>((lines, word) => {
    const last = lines.at(-1)
    if (last === undefined) return [word]
    return last.length + 1 + word.length > 118
      ? [...lines, `${indent}${word}`]
      : [...lines.slice(0, -1), `${last} ${word}`]
  }, [])

const subjects: Readonly<Record<string, string>> = {
  'Values.v': 'Values',
  'Scopes.v': 'Subsumption',
  'Certificates.v': 'Certificates',
  'Levels.v': 'The order of the levels',
  'Algebra.v': 'Disjoint and intersect',
  'Assemble.v': 'Joining atoms, and the uncovered part',
  'Normalize.v': 'The canonical form, and union',
  'Sets.v': 'Sets with scopes that permit only themselves',
  'Index.v': 'The compiled index',
  'Vocabulary.v': 'Types of search parameters',
  'Text.v': 'The text layer'
}

const theoremLines = (file: string, proved: ReadonlyArray<Theorem>): ReadonlyArray<string> => [
  '',
  `### ${subjects[file] ?? file.replace('.v', '')}`,
  '',
  `File \`test/proof/${file}\`.`,
  ...proved.flatMap(({ name, statement, words }) => [
    '',
    ...wrapped(`**\`${name}\`** ${words}`, ''),
    '',
    '```coq',
    ...wrapped(statement, '  '),
    '```'
  ])
]

const vectorLines = (kinds: Results['vectors']): ReadonlyArray<string> => {
  const sum = (of: (one: Results['vectors'][string]) => number): string =>
    number(Object.values(kinds).reduce((all, one) => all + of(one), 0))
  return [
    '',
    '### The golden vectors',
    '',
    ...wrapped(
      'The extracted procedures answer the cases of [scope-vectors.md](scope-vectors.md) too, and the extracted ' +
        '`check` of `Certificates.v` checks their certificates of a yes; the access of a no must be permitted by the ' +
        `request and not by the grant. Of ${sum(({ cases }) => cases)} cases, ` +
        `${sum(({ answers }) => answers)} answers and ${sum(({ certificates }) => certificates)} certificates agree. ` +
        `The other ${sum(({ notExpressed }) => notExpressed)} cases have the answer \`too_complex\`: the proofs have ` +
        'no limit of complexity. Of a case that only reads scopes, the proofs know whether a scope is a resource ' +
        'scope, and its parts.',
      ''
    ),
    '',
    '| kind | cases | answers | certificates | not expressed |',
    '|---|---|---|---|---|',
    ...Object.entries(kinds).map(
      ([kind, { answers, cases, certificates, notExpressed }]) =>
        `| \`${kind}\` | ${[cases, answers, certificates, notExpressed].map(number).join(' | ')} |`
    )
  ]
}

/** What `npm test` and `npm run proof` find of the grant machine. */
const grantLines = (): ReadonlyArray<string> => {
  const { combinations, faults, rows, steps } = grantFigures()
  return [
    '## The grant machine',
    '',
    'The table of the grant is enumerated over a finite abstraction into a relation, and Coq checks by computation ' +
      'that',
    'invariants of the relation are inductive. A lemma about compare-and-swap on one record carries them to any ' +
      'number of',
    'processes. The files are `GrantMachine.v` and `GrantProcesses.v` in `test/proof/grant`.',
    '',
    '| theorem | file | what it says |',
    '|---|---|---|',
    ...grantTheorems.map(([file, name, sentence]) => `| \`${name}\` | \`${file}.v\` | ${sentence} |`),
    '',
    'A planted fault breaks the check of the relation on which each of the main invariants rests:',
    '',
    '| invariant | theorems | planted fault | check that fails |',
    '|---|---|---|---|',
    ...invariants.map(
      ({ check, fault, sentence, theorems: names }) =>
        `| ${sentence} | ${names.map((name) => `\`${name}\``).join(', ')} | ${fault} | \`${check}\` |`
    ),
    '',
    ...wrapped(
      `The relation has ${number(rows)} rows, from ${number(steps)} steps of the table on ${number(combinations)} ` +
        `combinations of facts. \`test/proof/grant\` makes ${number(randomSteps)} random steps and requires ` +
        'that each of them is in ' +
        'the ' +
        `relation, and that Coq refuses the relation of each of ${number(faults)} tables with a planted fault.`,
      ''
    ),
    ''
  ]
}

/** The page, from the recorded results. */
export const proofPage = ({ comparison, coq, faults, vectors }: Results): string =>
  [
    '# What is proved about scopes',
    '',
    note,
    '',
    ...wrapped(
      `The algebra of scopes is proved in Coq ${coq} without an axiom, and the built package is compared with the ` +
        'procedures that Coq extracts from the proofs. ' +
        '[scopes-for-researchers.md](scopes-for-researchers.md) explains the ideas.',
      ''
    ),
    '',
    '```sh',
    'apt-get install coq ocaml-nox ocaml-findlib',
    'npm run proof                # compiles the proofs, and reproduces every figure of this page',
    'npm run proof -- 5000000     # more comparisons',
    '```',
    '',
    ...wrapped(
      `The files, in order: ${proofFiles.map((file) => `\`${file}\``).join(', ')}. \`Print Assumptions\` says ` +
        `"Closed under the global context" for each of the ${number(theorems.length)} theorems below. The class ` +
        '`World` in `Values.v` holds what a caller chooses: how case and accents are folded, and which level ' +
        'includes ' +
        'which. Every theorem holds for every choice; `asciiWorld` in `Levels.v` is one.',
      ''
    ),
    '',
    '| operation | theorems |',
    '|---|---|',
    ...operations.map(([what, names]) => `| ${what} | ${names.map((name) => `\`${name}\``).join(', ')} |`),
    '',
    '## Theorems',
    ...proofFiles
      .map((file) => [file, theorems.filter((theorem) => theorem.file === file)] as const)
      .filter(([, proved]) => proved.length > 0)
      .flatMap(([file, proved]) => theoremLines(file, proved)),
    '',
    '## What ties the proofs to the code',
    '',
    'Random pairs of scope sets, with escapes, percent-encoding and orders of levels, are answered by the built ' +
      'package',
    'and by the extracted procedures. The extracted program reads queries with the reader that is proved.',
    '',
    `${number(comparison.comparisons)} comparisons in ${number(comparison.cases)} cases:`,
    '',
    '| what is compared | comparisons | different | wrong yes |',
    '|---|---|---|---|',
    ...Object.entries(comparison.functions).map(
      ([name, { different, total, wrongYes }]) =>
        `| ${name} | ${number(total)} | ${number(different)} | ${number(wrongYes)} |`
    ),
    '',
    'Each kind of case is reached:',
    '',
    '| kind | cases |',
    '|---|---|',
    ...Object.entries(comparison.kinds).map(([kind, count]) => `| ${kind} | ${number(count)} |`),
    '',
    `Wrong procedures for \`subsumes\` run in ${number(comparison.opposed)} of the cases. Each is caught:`,
    '',
    '| wrong procedure | wrong yes | wrong no | rate |',
    '|---|---|---|---|',
    ...Object.entries(comparison.opponents).map(
      ([name, { wrongNo, wrongYes }]) =>
        `| ${name} | ${number(wrongYes)} | ${number(wrongNo)} | ` +
        `${((100 * (wrongYes + wrongNo)) / comparison.opposed).toFixed(2)} % |`
    ),
    '',
    'Faults that are planted in a copy of the package are noticed, in about ' +
      `${number(comparisonsPerFault)} comparisons each:`,
    '',
    '| planted fault | answers that differ |',
    '|---|---|',
    ...Object.entries(faults).map(([what, count]) => `| ${what} | ${number(count)} |`),
    ...vectorLines(vectors),
    '',
    ...grantLines(),
    '## What is tested only',
    '',
    '| what | how |',
    '|---|---|',
    ...onlyTested.map(([what, how]) => `| ${what} | ${how} |`),
    '',
    '## What is not proved',
    '',
    '| what | why |',
    '|---|---|',
    ...notProved.map(([what, why]) => `| ${what} | ${why} |`),
    '',
    '## What is trusted',
    '',
    ...trusted.map((what) => `- ${what}`),
    ''
  ].join('\n')
