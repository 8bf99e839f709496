/** Servers as child processes on private loopback ports, with data in temporary folders. */
import { spawn, spawnSync } from 'node:child_process'
import { connect } from 'node:net'

/** Why a program is missing; null when it is there. */
export const missingProgram = (program: string): string | null =>
  spawnSync(program, ['--version']).status === 0 ? null : `${program} is not installed`

/** Waits for so many milliseconds. */
export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })

/** Waits until a condition holds, for at most so many milliseconds. */
export const until = async (what: string, holds: () => Promise<boolean>, milliseconds = 20_000): Promise<void> => {
  const deadline = Date.now() + milliseconds
  while (!(await holds().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`not within ${String(milliseconds)} ms: ${what}`)
    await pause(20)
  }
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => {
      resolve(false)
    })
  })

/** A server that can be killed and started again. */
export interface ServerProcess {
  /** Starts the program, and waits until it listens. */
  readonly start: () => Promise<void>
  /** Sends SIGKILL, and waits until the process has ended. */
  readonly kill: () => Promise<void>
}

/** A server program with its arguments, and the port on which it listens. */
export const serverProcess = (program: string, args: ReadonlyArray<string>, port: number): ServerProcess => {
  let end: (() => Promise<void>) | null = null
  return {
    start: async () => {
      const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
      let errors = ''
      child.stderr.on('data', (data: Buffer) => {
        errors = (errors + data.toString()).slice(-2000)
      })
      const ended = new Promise<void>((resolve) => {
        child.on('exit', () => {
          resolve()
        })
      })
      const kill = (): void => {
        child.kill('SIGKILL')
      }
      process.once('exit', kill)
      end = async () => {
        kill()
        await ended
        process.removeListener('exit', kill)
      }
      await until(`${program} listens on ${String(port)}`, () => {
        if (child.exitCode !== null) throw new Error(`${program} ended: ${errors}`)
        return listens(port)
      })
    },
    kill: async () => {
      await end?.()
      end = null
    }
  }
}
