/** docs/proof.md: from the statements in the proof files and the recorded results. */
import { boundaries, notProved, onlyTested, trusted } from './boundaries.js'
import type { Theorem } from './proofs.js'
import { proofFiles, theorems } from './proofs.js'
import type { Results } from './run.js'
import { note } from '../support/generated-page.js'

const number = (count: number): string => count.toLocaleString('en-US')

const cell = (text: string): string => text.replaceAll('|', '\\|')

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

/** The page, from the recorded results. */
export const proofPage = ({ comparison, faults }: Results): string =>
  [
    '# What is proved about scopes',
    '',
    note,
    '',
    'The algebra of scopes is proved in Coq 8.16 without an axiom, and the built package is compared with the procedures',
    'that Coq extracts from the proofs. [scopes-for-researchers.md](scopes-for-researchers.md) explains the ideas.',
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
        '`World` in `Values.v` holds what a caller chooses: how case and accents are folded, and which level includes ' +
        'which. Every theorem holds for every choice; `asciiWorld` in `Levels.v` is one.',
      ''
    ),
    '',
    '## Theorems',
    ...proofFiles
      .map((file) => [file, theorems.filter((theorem) => theorem.file === file)] as const)
      .filter(([, proved]) => proved.length > 0)
      .flatMap(([file, proved]) => theoremLines(file, proved)),
    '',
    '## What ties the proofs to the code',
    '',
    'Random pairs of scope sets, with escapes, percent-encoding and orders of levels, are answered by the built package',
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
    'Faults that are planted in a copy of the package are noticed, in about 20,000 comparisons each:',
    '',
    '| planted fault | answers that differ |',
    '|---|---|',
    ...Object.entries(faults).map(([what, count]) => `| ${what} | ${number(count)} |`),
    '',
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
    'Answers of the package that differ from the model, because a name is opaque in one scope and interpreted in the',
    'other:',
    '',
    '| granted | requested | the package says | reason |',
    '|---|---|---|---|',
    ...boundaries.map(
      ({ covered, granted, requested, why }) =>
        `| \`${granted}\` | \`${requested}\` | ${covered ? 'covered' : 'not covered'} | ${cell(why)} |`
    ),
    '',
    '## What is trusted',
    '',
    ...trusted.map((what) => `- ${what}`),
    ''
  ].join('\n')
