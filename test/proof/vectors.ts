/** Runs the golden vectors through the procedures that Coq extracted: their answers, and their certificates. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const file = join(import.meta.dirname, '..', 'vectors', 'scopes-1.jsonl')

/** A line of the vector file. */
export type Line = Readonly<Record<string, unknown>>

type TypeTable = Readonly<Record<string, Readonly<Record<string, string>>>>

/** The lines of the vector file: the header first. */
export const vectorFile = (): ReadonlyArray<Line> =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)

/** How many cases of a kind were checked. */
export interface CheckedKind {
  readonly cases: number
  /** Cases whose answer the extracted procedures give too. */
  readonly answers: number
  /** Certificates that the extracted checker accepts. */
  readonly certificates: number
  /** Cases without an answer, because of the complexity limit: the proofs have no limit. */
  readonly notExpressed: number
}

/** What a run over the vectors found. */
export interface CheckedVectors {
  readonly kinds: Readonly<Record<string, CheckedKind>>
  /** What the extracted procedures do not confirm. */
  readonly wrong: ReadonlyArray<string>
}

const text = (value: unknown): string => value as string

const orderText = (order: unknown): string =>
  ((order ?? []) as ReadonlyArray<readonly [string, string]>)
    .map(([wider, narrower]) => wider.charAt(0) + narrower.charAt(0))
    .join('')

const bit = (result: unknown): string => (result === true ? '1' : '0')

interface JsonAccess {
  readonly atom?: string
  readonly level: string
  readonly type: string
  readonly permission: string
  readonly resource: Readonly<Record<string, ReadonlyArray<string>>>
}

const accessText = (access: unknown): string => {
  const { atom, level, type, permission, resource } = access as JsonAccess
  return (
    atom ??
    [level, type, permission, ...Object.entries(resource).map(([name, values]) => [name, ...values].join('\x1f'))].join(
      '\x1e'
    )
  )
}

interface ReadScope {
  readonly kind: string
  readonly level: string
  readonly type: string
  readonly permissions: string
  readonly query: ReadonlyArray<{
    readonly name: string
    readonly modifier: string | null
    readonly values: ReadonlyArray<string>
  }>
}

/** What was read from a text, as far as the proofs speak of it: whether it is a resource scope, and its parts. */
const readingText = (scopes: unknown): string =>
  (scopes as ReadonlyArray<ReadScope>)
    .map(({ kind, level, type, permissions, query }) =>
      kind === 'resource'
        ? [
            level,
            type,
            permissions,
            ...query.map(({ name, modifier, values }) =>
              [modifier === null ? name : `${name}:${modifier}`, ...values].join('\x1f')
            )
          ].join('\x1e')
        : 'text'
    )
    .join('\x1d')

const partsOf = (line: Line): ReadonlyArray<string> => {
  const [a, b] = [text(line['granted'] ?? line['a']), text(line['requested'] ?? line['b'])]
  switch (line['op']) {
    case 'parse':
      return [text(line['scope']), readingText(line['scopes'])]
    case 'normalize':
      return [text(line['scope']), text(line['normalized'])]
    case 'permits':
      return [a, accessText(line['access']), bit(line['result'])]
    case 'disjoint':
      return [a, b, bit(line['result']), line['access'] === undefined ? '' : accessText(line['access'])]
    case 'subsumes':
    case 'equivalent':
      return [a, b, bit(line['result'])]
    default:
      return [a, b, text(line['scope'])]
  }
}

interface Entry {
  readonly granted: number
  readonly by?: ReadonlyArray<readonly [number, number]>
}

const certificatesOf = (line: Line): ReadonlyArray<Line> =>
  line['certificate'] === undefined
    ? ((line['certificates'] ?? []) as ReadonlyArray<Line>)
    : [line['certificate'] as Line]

const certificateLine = (id: string, given: Line): string => {
  const evidence =
    given['result'] === true
      ? (given['atoms'] as ReadonlyArray<Entry>).map(({ granted, by }) =>
          by === undefined ? String(granted) : `${String(granted)}:${by.map((pair) => pair.join('-')).join(',')}`
        )
      : [accessText(given['access'])]
  const order = orderText(given['levelOrder'])
  return ['vector', id, given['result'] === true ? 'yes' : 'no', order]
    .concat([text(given['granted']), text(given['requested']), ...evidence])
    .join('\t')
}

/** Every character of the vectors, also those that are percent-encoded. */
const charactersIn = (whole: string): ReadonlyArray<string> => [
  ...new Set(`${whole}${(whole.match(/(?:%[89A-F][0-9A-F])+/gi) ?? []).map(decoded).join('')}`)
]

const decoded = (encoded: string): string => Buffer.from(encoded.replaceAll('%', ''), 'hex').toString('utf8')

const foldLine = (character: string): string => {
  const folded = character.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('\u03c2', '\u03c3')
  return ['fold', ...[character, ...Array.from(folded)].map((one) => String(one.codePointAt(0)))].join('\t')
}

const setup = (header: Line, cases: ReadonlyArray<Line>): ReadonlyArray<string> => {
  const types = header['types'] as TypeTable
  return [
    ...charactersIn(JSON.stringify(cases)).map(foldLine),
    ['known', ...Object.keys(types)].join('\t'),
    ...Object.entries(types).flatMap(([type, row]) =>
      Object.entries(row).map(([name, read]) => ['kind', type, name, read === 'opaque' ? 'other' : read].join('\t'))
    )
  ]
}

/**
 * Runs the vectors.
 *
 * @param program - The path of the extracted program.
 */
export const checkVectors = (
  program: string,
  [header = {}, ...cases]: ReadonlyArray<Line> = vectorFile()
): CheckedVectors => {
  const answered = cases.filter((line) => !('error' in line))
  const answerLines = answered.map((line) =>
    ['vector', text(line['id']), text(line['op']), orderText(line['levelOrder']), ...partsOf(line)].join('\t')
  )
  const certificateLines = answered.flatMap((line) =>
    certificatesOf(line).map((given) => certificateLine(text(line['id']), given))
  )
  const { status, stdout, stderr } = spawnSync(program, {
    input: [...setup(header, cases), ...answerLines, ...certificateLines, ''].join('\n'),
    encoding: 'utf8',
    maxBuffer: 2 ** 28
  })
  if (status !== 0) throw new Error(`The extracted program failed: ${stderr}`)
  const verdicts = stdout.split('\n').flatMap((line) => {
    const [what, id = '', op = '', verdict = ''] = line.split('\t')
    return what === 'vector' ? [{ id, isCertificate: op === 'yes' || op === 'no', op, verdict }] : []
  })
  const right = verdicts.filter(({ verdict }) => verdict === 'right')
  const kindOf = (id: string): string => id.replace(/-\d+$/, '')
  const counted = (kind: string, isCertificate: boolean): number =>
    right.filter((one) => kindOf(one.id) === kind && one.isCertificate === isCertificate).length
  return {
    kinds: Object.fromEntries(
      Object.keys(header['kinds'] as object).map((kind) => {
        const own = cases.filter((line) => line['kind'] === kind)
        return [
          kind,
          {
            cases: own.length,
            answers: counted(kind, false),
            certificates: counted(kind, true),
            notExpressed: own.filter((line) => 'error' in line).length
          }
        ]
      })
    ),
    wrong: [
      ...verdicts.filter(({ verdict }) => verdict !== 'right').map(({ id, op, verdict }) => `${id} ${op}: ${verdict}`),
      ...(verdicts.length === answerLines.length + certificateLines.length ? [] : ['not every case is answered'])
    ]
  }
}

/** A case with a wrong answer, which a run must notice. */
export const withWrongAnswer = (line: Line): Line => {
  if ('result' in line) return { ...line, result: line['result'] !== true }
  if (line['op'] === 'parse') return { ...line, scopes: [...(line['scopes'] as ReadonlyArray<unknown>), { kind: '' }] }
  const member = line['op'] === 'normalize' ? 'normalized' : 'scope'
  return { ...line, [member]: `${text(line[member])} system/Zz.d`.trim() }
}
