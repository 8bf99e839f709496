/**
 * Finds the examples of the documentation and turns each into a module that checks itself.
 *
 * In a `ts` fence (or `tsx`, for pages with React), an expression statement whose last line ends in `// => value`, or
 * is followed by a line that is `// => value`, must be deeply equal to that value.
 *
 * An import by a relative path is resolved beside the page or the source file in which the example stands.
 */
import { posix } from 'node:path'
import * as typescript from 'typescript'

/** An example where it stands. */
export interface Fence {
  readonly file: string
  /** The line of its first line of code, counted from 1. */
  readonly line: number
  readonly language: 'ts' | 'tsx'
  /** What stands behind the language on the opening line. */
  readonly note: string
  readonly code: string
}

/** The `ts` fences of a Markdown text or of the doc comments of a source file. */
export const fencesOf = (file: string, text: string): ReadonlyArray<Fence> => {
  const fences: Array<Fence> = []
  const inComments = file.endsWith('.ts')
  let open: {
    readonly line: number
    readonly language: Fence['language']
    readonly note: string
    readonly indent: number
    readonly code: Array<string>
  } | null = null
  text.split('\n').forEach((raw, index) => {
    const line = inComments
      ? raw.replace(/^\s*\* ?/, '')
      : raw.slice(open === null ? 0 : Math.min(open.indent, raw.search(/\S|$/)))
    const start = /^```(tsx?)\b(.*)$/.exec(line.trim())
    if (open === null && start !== null && (!inComments || /^\s*\*/.test(raw))) {
      const language = start[1] === 'tsx' ? 'tsx' : 'ts'
      open = { line: index + 2, language, note: (start[2] ?? '').trim(), indent: line.search(/\S/), code: [] }
    } else if (open !== null && line.trim() === '```') {
      fences.push({ file, line: open.line, language: open.language, note: open.note, code: open.code.join('\n') })
      open = null
    } else if (open !== null) open.code.push(line)
  })
  return fences
}

/** Where the modules that the examples become are written, from the root of the repository. */
export const generatedFolder = 'test/examples/generated'

/** A relative import of an example, as the example's module in {@link generatedFolder} spells it. */
const specifierFrom = (file: string, specifier: string): string =>
  posix.relative(generatedFolder, posix.join(posix.dirname(file.replaceAll('\\', '/')), specifier))

/** The value that the comment at the end of a statement, or below it, names; its lines may go on below, indented. */
const valueAfter = (lines: ReadonlyArray<string>, end: number): string | undefined => {
  const beside = /\/\/ => (.+)$/.exec(lines[end] ?? '')?.[1]
  if (beside !== undefined) return beside
  const first = /^\s*\/\/ => (.+)$/.exec(lines[end + 1] ?? '')?.[1]
  if (first === undefined) return undefined
  const more = lines.slice(end + 2).map((line) => /^\s*\/\/ {2,}(.+)$/.exec(line)?.[1])
  const last = more.indexOf(undefined)
  return [first, ...more.slice(0, last === -1 ? more.length : last)].join(' ')
}

/** The module that an example becomes; one line of it is one line of the example, after a first line. */
export const moduleOf = (fence: Fence): string => {
  const source = typescript.createSourceFile(
    `example.${fence.language}`,
    fence.code,
    typescript.ScriptTarget.ES2022,
    true
  )
  const lines = fence.code.split('\n')
  let code = fence.code
  let checks = 0
  for (const statement of [...source.statements].reverse()) {
    if (typescript.isImportDeclaration(statement) && typescript.isStringLiteral(statement.moduleSpecifier)) {
      const { moduleSpecifier } = statement
      if (!moduleSpecifier.text.startsWith('.')) continue
      const specifier = specifierFrom(fence.file, moduleSpecifier.text)
      code = `${code.slice(0, moduleSpecifier.getStart())}'${specifier}'${code.slice(moduleSpecifier.getEnd())}`
      continue
    }
    const end = source.getLineAndCharacterOfPosition(statement.getEnd()).line
    const value = valueAfter(lines, end)
    if (value === undefined || !typescript.isExpressionStatement(statement)) continue
    checks += 1
    const expression = statement.expression.getText()
    code =
      `${code.slice(0, statement.getStart())}expectExample(${expression}).toEqual(${value})` +
      code.slice(statement.getEnd())
  }
  const unchecked = (fence.code.match(/\/\/ => /g) ?? []).length - checks
  const complaint =
    unchecked === 0
      ? ''
      : `; throw new Error('${String(unchecked)} lines end in // => and are no expression statements')`
  return `import { expect as expectExample } from 'vitest'${complaint}\n${code}\nvoid expectExample\nexport {}\n`
}
