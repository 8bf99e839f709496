/** `smart-app-launch scopes …`: the scope algebra on the command line. */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { answerLine, linesOf } from './batch.js'
import { scopeJson } from './json.js'
import { firstMalformed, withCaret, reasonInWords } from '../../scopes/explain/malformed.js'
import { accessInWords } from '../../scopes/explain/access.js'
import type { ExitCode, Terminal } from '../terminal.js'
import type { TooComplex } from '../../scopes/atoms.js'
import { certify } from '../../scopes/certificates/certify.js'
import { certificateInWords } from '../../scopes/certificates/words.js'
import { intersect } from '../../scopes/set-operations.js'
import { explain } from '../../scopes/explain/explain.js'
import { format } from '../../scopes/format.js'
import { normalize } from '../../scopes/normalize.js'
import { parse } from '../../scopes/parse.js'
import type { Scope, ScopeSet } from '../../scopes/scope.js'
import { counterexample } from '../../scopes/subsumes.js'
import { limits } from '../../values/limits/limits.js'
import { printableJson, shown } from '../../values/shown-text.js'

/** The arguments of the command. */
export interface ScopesOptions {
  readonly positionals: ReadonlyArray<string>
  readonly granted: string | undefined
  readonly requested: string | undefined
  readonly lang: string | undefined
  readonly certificate: boolean
  readonly json: boolean
}

const usages: Readonly<Record<string, string>> = {
  parse: 'scopes parse "<scope string>"',
  normalize: 'scopes normalize "<scope string>"',
  subsumes: 'scopes subsumes --granted "<…>" --requested "<…>" [--certificate]',
  intersect: 'scopes intersect "<…>" "<…>"',
  explain: 'scopes explain "<scope string>" [--lang en]',
  batch: 'scopes batch'
}

/** Parses a scope text; an error shows a caret under the position. */
const read = (text: string, terminal: Terminal): ScopeSet | null => {
  const scopes = parse(text).filter((scope) => scope.text !== '')
  const malformed = firstMalformed(parse(text))
  if (malformed === null) return scopes
  terminal.stderr(withCaret(text, malformed.position, reasonInWords[malformed.scope.reason]).join('\n'))
  return null
}

const tooComplex = (terminal: Terminal, { count, limit }: TooComplex): ExitCode => {
  terminal.stderr(`too complex: ${String(count)} combinations of values, and the limit is ${String(limit)}`)
  return 2
}

const scopeInWords = (scope: Scope): string => {
  const { kind, text, ...facts } = scopeJson(scope)
  const words = Object.entries(facts).map(
    ([name, value]) => `${name} ${typeof value === 'string' ? shown(value) : printableJson(value)}`
  )
  return `${shown(String(text), limits.shownDetail.default)}\n  ${[String(kind), ...words].join(', ')}`
}

const printScope = (result: Either.Either<TooComplex, ScopeSet>, json: boolean, terminal: Terminal): ExitCode => {
  if (Either.isLeft(result)) return tooComplex(terminal, result.left)
  const scope = format(result.right)
  terminal.stdout(json ? printableJson({ scope }) : scope)
  return 0
}

const printSubsumption = (granted: ScopeSet, requested: ScopeSet, json: boolean, terminal: Terminal): ExitCode => {
  const found = counterexample(granted, requested)
  if (Either.isLeft(found)) return tooComplex(terminal, found.left)
  if (Option.isNone(found.right)) {
    terminal.stdout(json ? '{"result":true}' : 'yes')
    return 0
  }
  const access = found.right.value
  terminal.stdout(json ? printableJson({ result: false, counterexample: access }) : `no: not ${accessInWords(access)}`)
  return 1
}

/** A certificate is about the texts as they are, with each blank. */
const printCertificate = (granted: string, requested: string, json: boolean, terminal: Terminal): ExitCode => {
  const certified = certify(parse(granted), parse(requested))
  if (Either.isLeft(certified)) return tooComplex(terminal, certified.left)
  const certificate = certified.right
  terminal.stdout(
    json ? printableJson({ result: certificate.result, certificate }) : certificateInWords(certificate).join('\n')
  )
  return certificate.result ? 0 : 1
}

const printExplanation = (scopes: ScopeSet, json: boolean, terminal: Terminal): ExitCode => {
  const explained = explain(scopes)
  if (Either.isLeft(explained)) return tooComplex(terminal, explained.left)
  const { allows, doesNotAllow } = explained.right
  terminal.stdout(
    json
      ? printableJson({ allows: allows.map(({ scope, ...rest }) => ({ scope: scope.text, ...rest })), doesNotAllow })
      : [...allows.map(({ long }) => `- ${long}`), ...doesNotAllow.map((sentence) => `- ${sentence}`)].join('\n')
  )
  return 0
}

const batch = async (terminal: Terminal): Promise<ExitCode> => {
  for await (const line of linesOf(process.stdin)) {
    if (line.toString('latin1').trim() !== '') terminal.stdout(answerLine(line))
  }
  return 0
}

/** Runs the command. */
export const scopesCommand = (options: ScopesOptions, terminal: Terminal): Promise<ExitCode> | ExitCode => {
  const [command, ...texts] = options.positionals
  const misused = (): ExitCode => {
    const usage =
      command === undefined || !Object.hasOwn(usages, command)
        ? `scopes ${Object.keys(usages).join('|')}`
        : (usages[command] ?? '')
    terminal.stderr(`scopes: expected ${usage}`)
    return 2
  }
  const { json, granted, requested } = options
  const readAll = (expected: ReadonlyArray<string | undefined>): ReadonlyArray<ScopeSet> | ExitCode => {
    if (expected.some((text) => text === undefined)) return misused()
    const sets: Array<ScopeSet> = []
    for (const text of expected) {
      const scopes = read(text ?? '', terminal)
      if (scopes === null) return 2
      sets.push(scopes)
    }
    return sets
  }
  const withSets = (
    expected: ReadonlyArray<string | undefined>,
    then: (first: ScopeSet, second: ScopeSet) => ExitCode
  ): ExitCode => {
    const sets = readAll(expected)
    return typeof sets === 'number' || sets === null ? sets : then(sets[0] ?? [], sets[1] ?? [])
  }
  const takes = command === 'intersect' ? 2 : command === 'subsumes' || command === 'batch' ? 0 : 1
  const takesFlags = command === 'subsumes'
  if (texts.length !== takes || (!takesFlags && ((granted ?? requested) !== undefined || options.certificate)))
    return misused()
  if (options.lang !== undefined && options.lang !== 'en') {
    terminal.stderr(`--lang: expected en, found ${printableJson(options.lang)}`)
    return 2
  }
  switch (command) {
    case 'parse': {
      const scopes = parse(texts[0] ?? '').filter((scope) => scope.text !== '')
      terminal.stdout(json ? printableJson({ scopes: scopes.map(scopeJson) }) : scopes.map(scopeInWords).join('\n'))
      return 0
    }
    case 'normalize':
      return withSets(texts, (scopes) => printScope(normalize(scopes), json, terminal))
    case 'subsumes':
      return withSets([granted, requested], (one, other) =>
        options.certificate
          ? printCertificate(granted ?? '', requested ?? '', json, terminal)
          : printSubsumption(one, other, json, terminal)
      )
    case 'intersect':
      return withSets(texts, (one, other) => printScope(intersect(one, other), json, terminal))
    case 'explain':
      return withSets(texts, (scopes) => printExplanation(scopes, json, terminal))
    case 'batch':
      return batch(terminal)
    default:
      return misused()
  }
}
