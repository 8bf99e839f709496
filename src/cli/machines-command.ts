/** `smart-app-launch machines`: draws one state machine or all of them from their tables. */
import type { ExitCode, Terminal } from './terminal.js'
import { drawings } from '../protocol/diagram/machines.js'
import { dot, mermaid } from '../protocol/diagram/diagram.js'

/** The arguments of the command. */
export interface MachinesOptions {
  readonly format: string | undefined
  readonly json: boolean
  readonly name: string | undefined
}

/** Draws the machines. */
export const drawMachines = (options: MachinesOptions, terminal: Terminal): ExitCode => {
  const format = options.json ? 'json' : (options.format ?? 'mermaid')
  const chosen = drawings.filter(({ name }) => options.name === undefined || name === options.name)
  if (chosen.length === 0) {
    terminal.stderr(
      `machines: expected one of ${drawings.map(({ name }) => name).join(', ')}, found ${JSON.stringify(options.name)}`
    )
    return 2
  }
  switch (format) {
    case 'mermaid':
      terminal.stdout(chosen.map((drawing) => `%% ${drawing.name}\n${mermaid(drawing)}`).join('\n\n'))
      return 0
    case 'dot':
      terminal.stdout(chosen.map(dot).join('\n\n'))
      return 0
    case 'json':
      terminal.stdout(JSON.stringify(options.name === undefined ? chosen : chosen[0], null, 2))
      return 0
    default:
      terminal.stderr(`--format: expected mermaid, dot or json, found ${JSON.stringify(format)}`)
      return 2
  }
}
