/** The table of the refusals below the FHIR base, as `docs/fhir-access.md` has it. */
import { accessRefusals } from '../../../src/protocol/access/access-refusals.js'
import type { AccessRefusal } from '../../../src/protocol/access/access-refusals.js'

/** The rows of the table; a rule that clients see as another one says so. */
export const refusalTableLines: ReadonlyArray<string> = [
  '| rule | status | what was found |',
  '|---|---|---|',
  ...Object.entries<AccessRefusal>(accessRefusals).map(([name, { sentence, statuses, shownAs }]) => {
    const shown = shownAs === undefined ? '' : ` Only the audit event has this rule; clients see \`${shownAs}\`.`
    return `| \`${name}\` | ${statuses.join(', ')} | ${sentence}${shown} |`
  })
]
