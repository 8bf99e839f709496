/** The lines of `scopes batch` on the page docs/scopes.md, answered as it says. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { answerLine } from '../../../src/cli/scopes/batch.js'

const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'scopes.md'), 'utf8')
const rows = [...page.matchAll(/^\| `(\{.*\})` \| `(\{.*\})` \|$/gm)].map(
  ([, line = '', answer = '']): [string, string] => [line.replaceAll('\\|', '|'), answer.replaceAll('\\|', '|')]
)

it.each(rows)('%s', (line, answer) => {
  expect(answerLine(Buffer.from(line))).toBe(answer)
})

it('every operation stands there', () => {
  const { error } = JSON.parse(answerLine(Buffer.from('{"op":""}'))) as { readonly error: { readonly message: string } }
  const named = new Set(rows.map(([line]) => (JSON.parse(line) as { readonly op: string }).op))
  expect(error.message).toBe(`op: expected one of ${[...named].join(', ')}`)
})
