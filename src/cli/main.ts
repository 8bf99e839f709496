#!/usr/bin/env node
/** The command line. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import * as Either from 'fp-ts/lib/Either.js'
import { checkCommand } from './check/command.js'
import { drawMachines } from './machines-command.js'
import { scopesCommand } from './scopes/command.js'
import { serve } from './serve.js'
import { likelyOption, serveOptions, serveUsage, takenByNpm } from './serve-usage.js'
import type { ExitCode, Terminal } from './terminal.js'
import { printableJson, visible } from '../values/shown-text.js'

const usage = `smart-app-launch scopes parse|normalize|explain "<scope string>" [--json] [--lang en]
smart-app-launch scopes subsumes --granted "<…>" --requested "<…>" [--json] [--certificate]
                                                                              exit 0 yes, 1 no
smart-app-launch scopes intersect "<…>" "<…>" [--json]
smart-app-launch scopes batch                                                 JSON Lines in, JSON Lines out
smart-app-launch check <FHIR base URL | file> [--for launch|backend|<settings file>] [--spec-version 2.0.0] [--json]
smart-app-launch serve [--port N] [--host ADDRESS] [--public-url URL] [--config file.json] [--store ADDRESS]
                                                                              serve --help explains the options
smart-app-launch machines [--format mermaid|dot|json] [--json] [name]
smart-app-launch --help | --version`

/** Escapes the control characters in the output of a command, except line feeds, so that a terminal obeys none. */
const printable = (text: string): string => text.split('\n').map(visible).join('\n')

const terminal: Terminal = {
  stdout: (text) => {
    process.stdout.write(`${printable(text)}\n`)
  },
  stderr: (line) => {
    process.stderr.write(`${printable(line)}\n`)
  }
}

const version = (): string => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return manifest.version
}

/** Parses flags; the error message is reduced to one line. */
const readArguments = <Options extends NonNullable<Parameters<typeof parseArgs>[0]>>(
  options: Options
): Either.Either<string, ReturnType<typeof parseArgs<Options>>> =>
  Either.tryCatch(
    () => parseArgs(options),
    (error) => (error as Error).message.split('\n')[0]?.replace(/\.$|\. To specify.*$/, '') ?? ''
  )

/** Whether `npm start` runs the command: then the command itself is not on the PATH. */
const isNpmStart = process.env['npm_lifecycle_event'] === 'start'

const helpCommand = isNpmStart ? 'npm start -- --help' : 'smart-app-launch --help'

const badUsage = (command: string, message: string): ExitCode => {
  terminal.stderr(`${command}: ${message}; see ${helpCommand}`)
  return 2
}

const runServe = (args: Array<string>): Promise<ExitCode> | ExitCode => {
  const taken = isNpmStart ? takenByNpm(process.env) : null
  if (taken !== null) return badUsage('serve', `npm kept --${taken} for itself: write npm start -- --${taken} ...`)
  const read = readArguments({ args, options: serveOptions })
  if (Either.isLeft(read)) return badUsage('serve', `${read.left}${likelyOption(read.left)}`)
  const { config, host, port, 'public-url': publicUrl, store } = read.right.values
  return serve({ config, host, port, publicUrl, store }, terminal)
}

const runMachines = (args: Array<string>): ExitCode => {
  const read = readArguments({
    args,
    allowPositionals: true,
    options: { format: { type: 'string' }, json: { type: 'boolean', default: false } }
  })
  if (Either.isLeft(read)) return badUsage('machines', read.left)
  const { positionals, values } = read.right
  if (positionals.length > 1) return badUsage('machines', 'expected at most one name')
  return drawMachines({ format: values.format, json: values.json, name: positionals[0] }, terminal)
}

const runScopes = (args: Array<string>): Promise<ExitCode> | ExitCode => {
  const read = readArguments({
    args,
    allowPositionals: true,
    options: {
      granted: { type: 'string' },
      requested: { type: 'string' },
      lang: { type: 'string' },
      certificate: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false }
    }
  })
  if (Either.isLeft(read)) return badUsage('scopes', read.left)
  const { positionals, values } = read.right
  const { granted, requested, lang, certificate, json } = values
  return scopesCommand({ positionals, granted, requested, lang, certificate, json }, terminal)
}

const runCheck = (args: Array<string>): Promise<ExitCode> | ExitCode => {
  const read = readArguments({
    args,
    allowPositionals: true,
    options: {
      'spec-version': { type: 'string' },
      for: { type: 'string' },
      json: { type: 'boolean', default: false }
    }
  })
  if (Either.isLeft(read)) return badUsage('check', read.left)
  const { positionals, values } = read.right
  const [target] = positionals
  if (target === undefined || positionals.length > 1) return badUsage('check', 'expected one FHIR base URL or file')
  return checkCommand({ target, specVersion: values['spec-version'], for: values.for, json: values.json }, terminal)
}

const main = (args: ReadonlyArray<string>): Promise<ExitCode> | ExitCode => {
  const [command, ...rest] = args
  if (rest.includes('--help') || rest.includes('-h')) {
    terminal.stdout(command === 'serve' ? serveUsage : usage)
    return 0
  }
  switch (command) {
    case 'scopes':
      return runScopes(rest)
    case 'serve':
      return runServe(rest)
    case 'check':
      return runCheck(rest)
    case 'machines':
      return runMachines(rest)
    case '--help':
    case '-h':
      terminal.stdout(usage)
      return 0
    case '--version':
      terminal.stdout(version())
      return 0
    default:
      terminal.stderr(
        'expected a command (scopes, check, serve, machines), found ' +
          `${command === undefined ? 'nothing' : printableJson(command)}; see smart-app-launch --help`
      )
      return 2
  }
}

// The reader may close the pipe (`| head`): then no output is possible.
process.stdout.on('error', () => {
  process.exit(1)
})

const exit = await main(process.argv.slice(2))
if (exit !== null) process.exitCode = exit
