/** The pages about misbehaviors of the simulator's EHR, and about its policy. */
import { note } from '../generated-page.js'
import { sourceUrl } from '../../../src/protocol/errors/refusal.js'
import { policyOptions } from '../../../src/protocol/policy/policy.js'
import { simulatorPolicy } from '../../../src/simulator/config/simulator-policy.js'
import { outcomeInWords } from '../../../src/simulator/misbehavior/list.js'
import { misbehaviors } from '../../../src/simulator/misbehavior/table.js'

/** A source as a link; texts that are no address of the guide or of an RFC stay as they are. */
const linked = (source: string): string =>
  /^[a-z0-9-]+#\S+$/.test(source) ? `[${source}](${sourceUrl(source)})` : source

/** `docs/misbehaviors.md`. */
export const misbehaviorsPage = (): string =>
  [
    '# Misbehaviors of the simulator',
    '',
    note,
    'The simulator can be a record system that does one thing wrong; how an app is launched there is in',
    '[simulator.md](simulator.md#a-hostile-record-system). The column "this package" is how an app ends that uses this',
    'package; other apps may name it differently, but must do no less.',
    '',
    '| name | what the record system does | what a correct app does | where | this package | source |',
    '|---|---|---|---|---|---|',
    ...misbehaviors.map(
      (row) =>
        `| \`${row.name}\` | ${row.does} | ${row.expected} | ${Object.keys(row.changes).join(', ')} | ` +
        `${outcomeInWords(row.outcome)} | ${row.sources.map(linked).join('; ')} |`
    ),
    ''
  ].join('\n')

/** The policy options whose default in the simulator is another one. */
export const simulatorPolicyLines: ReadonlyArray<string> = [
  '| option | default here | default of the engine |',
  '|---|---|---|',
  ...Object.entries(simulatorPolicy).map(
    ([name, value]) =>
      `| \`${name}\` | \`${String(value)}\` | ` +
      `\`${String(policyOptions[name as keyof typeof policyOptions].default)}\` |`
  )
]
