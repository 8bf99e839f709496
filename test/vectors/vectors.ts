/** Answers the questions of the golden vectors, and prints the file. */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { answerLine } from '../../src/cli/scopes/batch.js'
import type { ScopeCertificate } from '../../src/scopes/certificates/certificate.js'
import { certify } from '../../src/scopes/certificates/certify.js'
import { certificateInWords } from '../../src/scopes/certificates/words.js'
import { accessInWords } from '../../src/scopes/explain/access.js'
import { reasonInWords } from '../../src/scopes/explain/malformed.js'
import { parse } from '../../src/scopes/parse.js'
import type { Access, ScopeOptions } from '../../src/scopes/permits.js'
import { isResourceScope } from '../../src/scopes/scope.js'
import type { MalformedScopeReason } from '../../src/scopes/scope.js'
import { intersect } from '../../src/scopes/set-operations.js'
import { counterexample } from '../../src/scopes/subsumes.js'
import { comparedTypeOf, fhirR4 } from '../../src/scopes/vocabulary.js'
import { shown } from '../../src/values/shown-text.js'
import type { Question } from './cases.js'
import { kinds } from './cases.js'
import type { Line, TypeTable } from './checkers.js'

const text = (value: unknown): string => value as string

/** The questions that certificates of an answer settle: what must cover what. */
export const certified = (line: Line): ReadonlyArray<readonly [granted: string, requested: string]> => {
  const [a, b, scope] = [text(line['a']), text(line['b']), text(line['scope'])]
  switch (line['op']) {
    case 'normalize':
      return [
        [text(line['given'] ?? scope), scope],
        [scope, text(line['given'] ?? scope)]
      ]
    case 'union':
      return [
        [`${a} ${b}`, scope],
        [scope, `${a} ${b}`]
      ]
    case 'intersect':
      return [
        [a, scope],
        [b, scope]
      ]
    case 'uncovered':
      return [
        [`${text(line['granted'])} ${scope}`, text(line['requested'])],
        [text(line['requested']), scope]
      ]
    case 'equivalent':
      return [
        [a, b],
        [b, a]
      ]
    default:
      return []
  }
}

const firstLines = (lines: ReadonlyArray<string>): string =>
  lines.length > 3 ? `${lines.slice(0, 2).join('; ')}; and ${String(lines.length - 2)} more` : lines.join('; ')

const inWords = (certificate: ScopeCertificate): string =>
  certificate.result
    ? certificate.atoms.length === 0
      ? 'Nothing is requested.'
      : `Covered: ${firstLines(certificateInWords(certificate).slice(1))}.`
    : `Not granted: ${accessInWords(certificate.access)}.`

interface ParsedScope {
  readonly kind: string
  readonly text: string
  readonly reason?: MalformedScopeReason
  readonly position?: number
}

const parsedInWords = ({ kind, text: scope, reason, position }: ParsedScope): string =>
  `"${shown(scope)}" is ${kind}` +
  (reason === undefined ? '' : `: at ${String(position)} expected ${reasonInWords[reason]}`)

/** An access that both sets permit; null when it is not found. */
const commonAccess = (a: string, b: string): Access | null => {
  const both = intersect(parse(a), parse(b))
  if (Either.isLeft(both)) return null
  const found = counterexample([], both.right)
  return Either.isRight(found) && Option.isSome(found.right) ? found.right.value : null
}

/** The rest of a line: certificates and the sentence; null where the answer is not certifiable. */
const evidenceFor = (question: Question, answer: Line): Line | null => {
  const options = { levelOrder: question['levelOrder'] ?? [] } as ScopeOptions
  if (answer['error'] !== undefined) {
    const { message } = answer['error'] as { readonly message: string }
    return { why: `No answer: ${message}.` }
  }
  switch (question.op) {
    case 'parse':
      return {
        why: `${firstLines((answer['scopes'] as ReadonlyArray<ParsedScope>).map(parsedInWords)) || 'No scope'}.`
      }
    case 'permits':
      return { why: `The access is ${answer['result'] === true ? '' : 'not '}permitted.` }
    case 'disjoint': {
      if (answer['result'] === true) return { why: 'No access is permitted by both.' }
      const access = commonAccess(text(question['a']), text(question['b']))
      return access === null ? null : { access, why: `Both permit ${accessInWords(access)}.` }
    }
    case 'subsumes': {
      const certificate = certify(parse(text(question['granted'])), parse(text(question['requested'])), options)
      return Either.isLeft(certificate) ? null : { certificate: certificate.right, why: inWords(certificate.right) }
    }
    default: {
      const coverages = certified(
        question.op === 'normalize'
          ? { ...answer, op: 'normalize', given: question['scope'] }
          : { ...question, ...answer }
      )
      const found = coverages.map(([granted, requested]) => certify(parse(granted), parse(requested)))
      const rights = found.flatMap((one) => (Either.isRight(one) ? [one.right] : []))
      if (rights.length < found.length) return null
      const no = rights.find(({ result }) => !result)
      if (question.op === 'equivalent' && no !== undefined)
        return { certificates: [no], why: `Only one of them permits an access. ${inWords(no)}` }
      const shows: Readonly<Record<string, string>> = {
        normalize: 'It covers the given set and is covered by it.',
        union: 'It covers both sets, and both together cover it.',
        intersect: 'Both sets cover it.',
        uncovered: 'Together with it, the grant covers the request, which covers it.',
        equivalent: 'Each covers the other.'
      }
      return { certificates: rights, why: shows[question.op] ?? '' }
    }
  }
}

/** The members of an answer of `scopes batch`; the canonical form is not named as the member of the question. */
const membersOf = (question: Question, answer: Line): Line =>
  question.op === 'normalize' && answer['scope'] !== undefined ? { normalized: answer['scope'] } : answer

const textsOf = (line: Line): ReadonlyArray<string> =>
  ['scope', 'granted', 'requested', 'a', 'b', 'normalized'].flatMap((name) =>
    typeof line[name] === 'string' ? [line[name]] : []
  )

/**
 * The table of the header: for `*` and every type of FHIR R4 that occurs in a scope or an access, every parameter that
 * occurs; for other types the parameters that all resources have.
 */
const typesIn = (lines: ReadonlyArray<Line>): TypeTable => {
  const scopes = lines.flatMap(textsOf).flatMap((one) => parse(one).filter(isResourceScope))
  const accessed = lines.flatMap(({ access }) => text((access as Line | undefined)?.['type'] ?? []))
  const names = [...new Set(scopes.flatMap(({ query }) => query.map(({ name }) => name)))]
  return Object.fromEntries(
    [...new Set(['*', ...scopes.map(({ type }) => type), ...accessed])].map((type) => {
      const isKnown = type === '*' || fhirR4.knows?.(type) === true
      const rows = names.map((name) => [name, comparedTypeOf(fhirR4, type, name)] as const)
      return [type, Object.fromEntries(rows.filter(([, compared]) => isKnown || compared !== 'opaque'))]
    })
  )
}

/** The length up to which a case is small enough to be read by a person. */
const longest = 1700

/** All lines: the header first. */
export const vectorLines = (): ReadonlyArray<Line> => {
  const lines = kinds.flatMap(({ kind, rule, questions }) => {
    const known = new Set<string>()
    const answered = questions.flatMap((question): ReadonlyArray<Line> => {
      const key = JSON.stringify(question)
      if (known.has(key)) return []
      known.add(key)
      const answer = JSON.parse(answerLine(Buffer.from(key))) as Line
      const evidence = evidenceFor(question, answer)
      if (evidence === null) return []
      const { counterexample: _access, ...members } = membersOf(question, answer)
      const { why, ...rest } = evidence
      const line = { kind, ...question, ...members, ...rest, why: `${rule} ${text(why)}` }
      return JSON.stringify(line).length > longest ? [] : [line]
    })
    return answered.map((line, place) => ({ id: `${kind}-${String(place + 1).padStart(3, '0')}`, ...line }))
  })
  const counts = Object.fromEntries(
    kinds.map(({ kind }) => [kind, lines.filter((line) => (line as Line)['kind'] === kind).length])
  )
  const header = {
    format: 'smart-scope-vectors',
    version: 1,
    specification: 'HL7 SMART App Launch 2.0.0 to 2.2.0, scopes-and-launch-context; FHIR R4 (4.0.1), search',
    license: 'Apache-2.0',
    cases: lines.length,
    kinds: counts,
    types: typesIn(lines)
  }
  return [header, ...lines]
}

/** The text of the file. */
export const vectorText = (): string =>
  `${vectorLines()
    .map((line) => JSON.stringify(line))
    .join('\n')}\n`
