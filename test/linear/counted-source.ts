import ts from 'typescript'

/**
 * A source file with its work counted: a step for each call of a function and each turn of a loop, and the size of what
 * the language itself copies (spread, rest, `new Map(…)`, templates, texts that are added). The rest is counted by
 * `native-work.ts`.
 *
 * The text is changed in place, without a new line: positions in messages stay those of the source.
 */
interface Insertion {
  readonly at: number
  readonly text: string
  /** Among insertions at one place, the outermost opens first and closes last. */
  readonly depth: number
  readonly closes: boolean
}

const copies: ReadonlySet<string> = new Set(['Map', 'Set', 'WeakMap', 'WeakSet', 'Uint8Array'])

const isLoop = (node: ts.Node): node is ts.IterationStatement =>
  ts.isForStatement(node) ||
  ts.isForOfStatement(node) ||
  ts.isForInStatement(node) ||
  ts.isWhileStatement(node) ||
  ts.isDoStatement(node)

const isSum = (node: ts.Node): node is ts.BinaryExpression =>
  ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken

/** What a pattern gathers in its rest: `{ a, ...rest }` copies as an object, `[a, ...rest]` as a list. */
const restOf = (name: ts.BindingName): { readonly counted: string; readonly rest: string } | null => {
  if (ts.isIdentifier(name)) return null
  const last = name.elements.at(-1)
  if (last === undefined || !ts.isBindingElement(last) || last.dotDotDotToken === undefined) return null
  return { counted: ts.isObjectBindingPattern(name) ? 'ofObject' : 'ofItems', rest: last.name.getText() }
}

const restsOfParameters = ({ parameters }: ts.SignatureDeclaration): string =>
  parameters
    .flatMap(({ name }) => restOf(name) ?? [])
    .map(({ counted, rest }) => `__work.${counted}(${rest})`)
    .join(',')

const insertionsIn = (source: ts.SourceFile): ReadonlyArray<Insertion> => {
  const insertions: Array<Insertion> = []
  const around = (node: ts.Node, depth: number, open: string, close: string): void => {
    insertions.push(
      { at: node.getStart(source), text: open, depth, closes: false },
      { at: node.getEnd(), text: close, depth, closes: true }
    )
  }
  const count = (node: ts.Node, depth: number, counted: string): void => {
    around(node, depth, `__work.${counted}(`, ')')
  }
  const intoBlock = (block: ts.Block, depth: number, text: string): void => {
    insertions.push({ at: block.getStart(source) + 1, text, depth, closes: false })
  }
  const visit = (node: ts.Node, depth: number): void => {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      const { body } = node
      const rests = restsOfParameters(node)
      if (ts.isBlock(body)) intoBlock(body, depth, `__work.step();${rests === '' ? '' : `${rests};`}`)
      else around(body, depth, `(__work.step(),${rests === '' ? '' : `${rests},`}`, ')')
    } else if (isLoop(node)) {
      if (ts.isBlock(node.statement)) intoBlock(node.statement, depth, '__work.step();')
      else around(node.statement, depth, '{__work.step();', '}')
    } else if (ts.isSpreadElement(node)) count(node.expression, depth, 'ofItems')
    else if (ts.isSpreadAssignment(node)) count(node.expression, depth, 'ofObject')
    else if (ts.isTemplateExpression(node) && !ts.isTaggedTemplateExpression(node.parent)) count(node, depth, 'ofText')
    else if (isSum(node) && !(isSum(node.parent) && node.parent.left === node)) count(node, depth, 'ofText')
    else if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusEqualsToken)
      count(node.right, depth, 'ofText')
    else if (ts.isNewExpression(node) && ts.isIdentifier(node.expression)) {
      const [first] = node.arguments ?? []
      if (first !== undefined && copies.has(node.expression.text)) count(first, depth, 'ofItems')
      if (first !== undefined && ['URL', 'RegExp'].includes(node.expression.text)) count(first, depth, 'ofText')
    } else if (ts.isVariableDeclaration(node) && node.initializer !== undefined) {
      const rest = restOf(node.name)
      if (rest !== null) count(node.initializer, depth, rest.counted)
    }
    ts.forEachChild(node, (child) => {
      visit(child, depth + 1)
    })
  }
  visit(source, 0)
  return insertions
}

/** A source that counts. `work` is the address of the module that counts (`work.ts`). */
export const countedSource = (path: string, text: string, work: string): string => {
  const insertions = [...insertionsIn(ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true))]
  insertions.sort(
    (one, other) =>
      one.at - other.at ||
      Number(other.closes) - Number(one.closes) ||
      (one.closes ? other.depth - one.depth : one.depth - other.depth)
  )
  const parts: Array<string> = [`import { work as __work } from ${JSON.stringify(work)};`]
  let done = 0
  for (const { at, text: inserted } of insertions) {
    parts.push(text.slice(done, at), inserted)
    done = at
  }
  parts.push(text.slice(done))
  return parts.join('')
}
