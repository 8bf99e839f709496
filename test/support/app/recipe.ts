/** The programs of the pages about apps, with the addresses of a test in place of their own. */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { build } from 'esbuild'
import { fencesOf } from '../fences.js'

const root = join(import.meta.dirname, '..', '..', '..')

const textOf = (page: string): string => readFileSync(join(root, page), 'utf8')

/** Texts of a program, and what stands in their place. */
export type Changes = Readonly<Record<string, string>>

/** The program of a page that has this text in it. Each text that is to change must be there. */
export const programOf = (page: string, having: string, changes: Changes): string => {
  const programs = fencesOf(page, textOf(page)).filter(({ code }) => code.includes(having))
  const [program] = programs
  if (program === undefined || programs.length > 1) throw new Error(`${page} has not one program with ${having}`)
  return Object.entries(changes).reduce((code, [from, to]) => {
    if (!code.includes(from)) throw new Error(`${page}: the program has no ${from}`)
    return code.replaceAll(from, to)
  }, program.code)
}

/** The registration of the app on its page. */
export const registrationOf = (page: string): Readonly<Record<string, unknown>> => {
  const [, json = ''] = /^```json\n([^]*?)^```$/m.exec(textOf(page)) ?? []
  return JSON.parse(json) as Readonly<Record<string, unknown>>
}

/** Bundles a program; it imports the package as it is built. */
export const bundled = async (code: string, platform: 'node' | 'browser'): Promise<string> => {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: root, loader: platform === 'node' ? 'ts' : 'tsx' },
    bundle: true,
    platform,
    format: platform === 'node' ? 'esm' : 'iife',
    jsx: 'automatic',
    // React runs effects twice in its build for development.
    define: { 'process.env.NODE_ENV': '"development"' },
    // Express loads modules of Node by `require`.
    ...(platform === 'node'
      ? {
          define: {},
          banner: { js: "import { createRequire as r } from 'node:module'; const require = r(import.meta.url);" }
        }
      : {}),
    write: false,
    logLevel: 'silent'
  })
  return outputFiles[0]?.text ?? ''
}

/** A program that runs. */
export interface RunningProgram {
  /** What it printed. */
  readonly printed: () => string
  /** Its exit code, when it has ended. */
  readonly ended: Promise<number | null>
  readonly stop: () => Promise<void>
}

/** Runs a file in a folder. */
export const runProgram = (
  file: string,
  folder: string,
  env: Readonly<Record<string, string>> = {}
): RunningProgram => {
  const child: ChildProcess = spawn(process.execPath, [file], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
    })
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      resolve(code)
    })
  })
  return {
    printed: () => printed,
    ended,
    stop: async () => {
      child.kill()
      await ended
    }
  }
}

/** A port on which nothing listens. */
export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => {
        resolve(port)
      })
    })
  })

/** Waits until something answers at an address. */
export const untilUp = async (address: string): Promise<void> => {
  for (let tries = 0; tries < 200; tries++) {
    const isUp = await fetch(address, { redirect: 'manual' }).then(
      () => true,
      () => false
    )
    if (isUp) return
    await new Promise((resolve) => {
      setTimeout(resolve, 50)
    })
  }
  throw new Error(`nothing answers at ${address}`)
}
