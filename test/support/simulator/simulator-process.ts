/** The real simulator, as a process of its own on a free port. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'

const main = join(import.meta.dirname, '..', '..', '..', 'dist', 'cli', 'main.js')

/** A running simulator. */
export interface RunningSimulator {
  readonly base: string
  /** Everything that it printed, standard error included. */
  readonly printed: () => string
  readonly stop: () => Promise<void>
}

/** Starts the simulator, with these flags for Node itself, in a folder, and waits until it says where it is. */
export const startSimulator = (
  args: ReadonlyArray<string> = [],
  nodeFlags: ReadonlyArray<string> = [],
  folder?: string
): Promise<RunningSimulator> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...nodeFlags, main, 'serve', '--port', '0', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: folder
    })
    let printed = ''
    const ended = new Promise<void>((done) => {
      child.once('exit', () => {
        done()
      })
    })
    const listen = (chunk: Buffer): void => {
      printed += chunk.toString('utf8')
      const base = /EHR desktop +(http\S+)\//.exec(printed)?.[1]
      if (base !== undefined && printed.includes('Ctrl+C')) {
        resolve({
          base,
          printed: () => printed,
          stop: async () => {
            child.kill('SIGTERM')
            await ended
          }
        })
      }
    }
    child.stdout.on('data', listen)
    child.stderr.on('data', listen)
    child.once('exit', (code) => {
      reject(new Error(`the simulator ended with ${String(code)}: ${printed}`))
    })
  })

/** Runs the command line to its end. */
export const runCommand = (
  args: ReadonlyArray<string>,
  environment: Readonly<Record<string, string>> = {}
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment }
    })
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString('utf8')
    })
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString('utf8')
    })
    child.once('exit', (code) => {
      resolve({ code, out, err })
    })
  })
