/**
 * What the exploration says of wrong final states, and what the interpreter does with a machine that stops elsewhere.
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Task from 'fp-ts/lib/Task.js'
import { describe, expect, it } from 'vitest'
import { complaintsAbout, explore } from './explorer.js'
import { run } from '../../src/engine/run.js'
import type { Machine } from '../../src/protocol/machine/machine.js'
import { stay } from '../../src/protocol/machine/machine.js'

type Door = { readonly _tag: 'Shut' } | { readonly _tag: 'Opening' } | { readonly _tag: 'Open' }
interface Pushed {
  readonly _tag: 'Pushed'
}
interface Push {
  readonly _tag: 'Push'
}
type DoorMachine = Machine<Door, Pushed, Push>

const push: Push = { _tag: 'Push' }

/** A machine that is run: two pushes open the door. */
const door: Machine<Door, Pushed, Push, 'Open'> = {
  name: 'door',
  initial: ['Shut'],
  final: ['Open'],
  table: {
    Shut: { Pushed: { to: ['Opening'], step: () => ({ state: { _tag: 'Opening' }, command: push }) } },
    Opening: { Pushed: { to: ['Open'], step: () => ({ state: { _tag: 'Open' }, command: null }) } },
    Open: {}
  }
}

/** An endpoint that still receives requests: a stored machine. */
const kept: DoorMachine = {
  ...door,
  table: { ...door.table, Open: { Pushed: { to: ['Open'], step: (state) => stay<Door, Push>(state, push) } } }
}

const stuck: Machine<Door, Pushed, Push, 'Open'> = {
  ...door,
  table: {
    ...door.table,
    Shut: { Pushed: { to: ['Opening'], step: () => ({ state: { _tag: 'Opening' }, command: null }) } }
  }
}

const complaints = (machine: DoorMachine): ReadonlyArray<string> =>
  complaintsAbout(
    machine,
    explore<Door, Pushed, Push>({
      machine,
      starts: [{ _tag: 'Shut' }],
      samples: () => [{ _tag: 'Pushed' }],
      depth: 4
    })
  )

describe('the exploration of final states', () => {
  it.each<readonly [string, DoorMachine]>([
    ['a machine that is run', door],
    ['a stored machine', kept]
  ])('has nothing to say of %s that is right', (_name, machine) => {
    expect(complaints(machine)).toEqual([])
  })

  it.each<readonly [string, DoorMachine, string]>([
    ['a final state that is not declared', { ...door, final: [] }, 'final: Open'],
    ['a final state that is left', { ...door, final: ['Opening', 'Open'] }, 'final, but left: Opening'],
    ['a machine that stops before its end', stuck, 'no command before the end: Shut --Pushed--> Opening'],
    [
      'a command after the end',
      {
        ...door,
        table: {
          ...door.table,
          Opening: { Pushed: { to: ['Open'], step: () => ({ state: { _tag: 'Open' }, command: push }) } }
        }
      },
      'a command after the end: Opening --Pushed--> Open'
    ],
    [
      'a stored machine that changes after its end',
      {
        ...kept,
        table: {
          ...kept.table,
          Open: { Pushed: { to: ['Open'], step: () => ({ state: { _tag: 'Open' }, command: push }) } }
        }
      },
      'changed after its end: Open --Pushed--> Open'
    ]
  ])('notices %s', (_name, machine, complaint) => {
    expect(complaints(machine)).toContain(complaint)
  })
})

describe('a run', () => {
  const begin = { state: { _tag: 'Shut' }, command: push } as const
  const handlers = { Push: () => Task.of<Pushed>({ _tag: 'Pushed' }) }

  it('ends in a final state, and the compiler knows in which', async () => {
    const ended = await run(door, handlers)(begin)()
    const tag: 'Open' | null = Either.isRight(ended) ? ended.right._tag : null
    expect(tag).toBe('Open')
  })

  it('that stops in another state is a mistake of the toolkit', async () => {
    expect(await run(stuck, handlers)(begin)()).toEqual(
      Either.left({ _tag: 'UnexpectedEvent', machine: 'door', state: 'Opening', event: 'no command' })
    )
  })
})
