import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { drawings } from '../../src/machines/all.js'
import { mermaid } from '../../src/machines/draw.js'
import { policySwitches } from '../../src/messages/policy.js'
import { errorUri } from '../../src/messages/refusal.js'
import { refusalTable } from '../../src/messages/refusal-table.js'

const docs = join(import.meta.dirname, '..', '..', 'docs')

const note = 'This page is generated: `npm run docs:write` writes it, and a test fails when it is stale.'

const machinesPage = (): string => [
  '# The machines',
  '',
  note,
  'Arrows that change nothing are left out here; `smart-app-launch machines --format dot` draws them too.',
  ...drawings.flatMap((drawing) => [
    '',
    `## ${drawing.name}`,
    '',
    `${String(drawing.states.length)} states, ${String(drawing.edges.length)} arrows in the table.`,
    '',
    '```mermaid',
    mermaid(drawing),
    '```'
  ]),
  ''
].join('\n')

const errorsPage = (): string => [
  '# Every refusal',
  '',
  note,
  'The peer sees error, description and source; the log sees the name and the advice.',
  '',
  '| refusal | OAuth error | status | shown to | description | advice for the log | source |',
  '|---|---|---|---|---|---|---|',
  ...Object.entries(refusalTable).map(([tag, row]) =>
    `| \`${tag}\` | \`${row.error}\` | ${String(row.status)} | ${row.shown.join(', ')} | ${row.description} | ${row.advice} | [${row.anchor}](${errorUri(row)}) |`),
  ''
].join('\n')

/** The words of a switch, its default first; or what its codec is called. */
const choicesOf = (codec: { readonly name: string }): string =>
  codec.name.replaceAll('"', '`').replaceAll(' | ', ', ')

const policyPage = (): string => [
  '# The switches and their defaults',
  '',
  note,
  'Settings that contradict each other are refused by name when the server is built.',
  '',
  '| switch | may be | default | meaning |',
  '|---|---|---|---|',
  ...Object.entries(policySwitches).map(([name, { codec, standard, means }]) =>
    `| \`${name}\` | ${choicesOf(codec)} | \`${String(standard)}\` | ${means} |`),
  ''
].join('\n')

describe('generated pages', () => {
  it('src/values/fhir-r4-parameters.ts is what its script writes', async () => {
    const { text } = await import('../setup/generate-vocabulary.mjs')
    expect(readFileSync(join(docs, '..', 'src', 'values', 'fhir-r4-parameters.ts'), 'utf8')).toBe(text)
  })

  it.each([
    ['machines.md', machinesPage],
    ['errors.md', errorsPage],
    ['policy.md', policyPage]
  ])('docs/%s is up to date', async (name, page) => {
    await expect(page()).toMatchFileSnapshot(join(docs, name))
  })
})
