/**
 * The rules of the architecture, as a function from a source file to the places that break them. See docs/architecture.md.
 */
import * as typescript from 'typescript'

/** The layers, from the ground up. A folder imports only from itself and from folders before it in this list. */
export const floors = ['values', 'scopes', 'messages', 'machines', 'engine', 'adapters', 'cli'] as const

const pureFloors: ReadonlySet<string> = new Set(['values', 'scopes', 'messages', 'machines'])
const outside: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['io-ts', new Set(['messages', 'engine', 'cli'])],
  ['jose', new Set(['adapters'])],
  ['fast-check', new Set(['adapters'])],
  ['node:', new Set(['adapters', 'cli'])]
])
const forbiddenNames: ReadonlySet<string> = new Set([
  'Date',
  'process',
  'Buffer',
  'crypto',
  'fetch',
  'console',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'performance',
  'Promise',
  'URL',
  'URLSearchParams',
  'globalThis'
])
const homelessFolders: ReadonlySet<string> = new Set([
  'utils',
  'util',
  'lib',
  'common',
  'helpers',
  'internal',
  'misc',
  'shared'
])
const lineLimit = 400

/** What is spelled in one place, and used everywhere else. */
const definedOnce: ReadonlyArray<{ readonly home: string; readonly pattern: RegExp; readonly what: string }> = [
  {
    home: 'values/fhir.ts',
    pattern: /\[A-Za-z0-9.-\]\{1,64\}|\[A-Za-z0-9\\-\\?\.\]\{1,64\}|\[A-Z\]\[A-Za-z\]\{/,
    what: 'a FHIR id or the name of a resource type'
  },
  { home: 'values/urls.ts', pattern: /127.*\|.*localhost|localhost.*\|.*127/, what: 'a loopback address' },
  { home: 'values/urls.ts', pattern: /\[A-Za-z\]\[A-Za-z0-9\+/, what: 'the scheme of a URI' },
  { home: 'messages/media-type.ts', pattern: /application\\\/[a-z]/, what: 'a media type' }
]

/** The layer of a file below `src/`, by its path from there; null for the entry points directly in `src/`. */
const floorOf = (path: string): string | null => (path.includes('/') ? path.slice(0, path.indexOf('/')) : null)

const resolved = (from: string, specifier: string): string => {
  const parts = from.split('/').slice(0, -1)
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}

const importComplaint = (path: string, specifier: string, isTypeOnly: boolean): string | null => {
  const floor = floorOf(path)
  if (specifier.startsWith('.')) {
    if (!specifier.endsWith('.js')) return `imports ${specifier} without .js`
    const target = floorOf(resolved(path, specifier))
    if (floor === null) return null
    if (target === null) return `imports ${specifier}, a front door`
    const [mine, theirs] = [floors.indexOf(floor as never), floors.indexOf(target as never)]
    return theirs > mine ? `imports ${specifier} from the floor above (${target})` : null
  }
  if (specifier === 'fp-ts' || (specifier.startsWith('fp-ts/') && !/^fp-ts\/lib\/[A-Za-z]+\.js$/.test(specifier))) {
    return `imports ${specifier}; the only form is fp-ts/lib/X.js`
  }
  if (specifier.startsWith('fp-ts/')) return null
  const known = [...outside].find(
    ([name]) => specifier === name || specifier.startsWith(name.endsWith(':') ? name : `${name}/`)
  )
  if (known === undefined) return `imports ${specifier}, which is no dependency of this project`
  const [name, allowed] = known
  if (name === 'io-ts' && floor === 'engine' && isTypeOnly) return null
  if (name === 'io-ts' && floor === 'engine') return 'imports io-ts itself; the engine may know its types only'
  return floor !== null && allowed.has(floor)
    ? null
    : `imports ${specifier}, which belongs to ${[...allowed].join(', ')}`
}

const isReference = (node: typescript.Identifier): boolean => {
  const { parent } = node
  if (typescript.isPropertyAccessExpression(parent) && parent.name === node) return false
  if (typescript.isPropertyAssignment(parent) && parent.name === node) return false
  if (typescript.isPropertySignature(parent) || typescript.isTypeReferenceNode(parent)) return false
  return !typescript.isQualifiedName(parent)
}

const impurity = (node: typescript.Node): string | null => {
  if (typescript.isThrowStatement(node)) return 'throws'
  if (typescript.isClassLike(node)) return 'has a class'
  if (typescript.isAwaitExpression(node)) return 'awaits'
  if (node.kind === typescript.SyntaxKind.AsyncKeyword) return 'is asynchronous'
  if (typescript.isIdentifier(node) && forbiddenNames.has(node.text) && isReference(node)) return `uses ${node.text}`
  if (typescript.isPropertyAccessExpression(node) && node.getText() === 'Math.random') return 'uses Math.random'
  return null
}

/** Everything that is wrong with a file; `path` is counted from `src/`. */
export const complaintsAbout = (path: string, text: string): ReadonlyArray<string> => {
  const source = typescript.createSourceFile(path, text, typescript.ScriptTarget.ES2022, true)
  const floor = floorOf(path)
  const complaints: Array<string> = []
  const complain = (node: typescript.Node, what: string): void => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart())
    complaints.push(`src/${path}:${String(line + 1)} ${what}; see docs/architecture.md`)
  }
  const visit = (node: typescript.Node): void => {
    if (
      (typescript.isImportDeclaration(node) || typescript.isExportDeclaration(node)) &&
      node.moduleSpecifier !== undefined &&
      typescript.isStringLiteral(node.moduleSpecifier)
    ) {
      const isTypeOnly = typescript.isImportDeclaration(node)
        ? node.importClause?.phaseModifier === typescript.SyntaxKind.TypeKeyword
        : node.isTypeOnly
      const complaint = importComplaint(path, node.moduleSpecifier.text, isTypeOnly)
      if (complaint !== null) complain(node, complaint)
    }
    if (typescript.isCallExpression(node) && node.expression.kind === typescript.SyntaxKind.ImportKeyword) {
      const [specifier] = node.arguments
      const complaint =
        specifier !== undefined && typescript.isStringLiteral(specifier)
          ? importComplaint(path, specifier.text, false)
          : 'imports what cannot be seen'
      if (complaint !== null) complain(node, complaint)
    }
    if (floor !== null && pureFloors.has(floor)) {
      const what = impurity(node)
      if (what !== null) complain(node, `${what} on a pure floor`)
    }
    if (
      typescript.isPropertyAccessExpression(node) &&
      node.getText() === 'JSON.parse' &&
      floor !== 'values' &&
      floor !== 'cli'
    ) {
      complain(node, 'uses JSON.parse, which reads escaped names wrongly on some engines, and not parseJson')
    }
    const written = typescript.isRegularExpressionLiteral(node) || typescript.isStringLiteralLike(node) ? node.text : ''
    for (const { home, pattern, what } of definedOnce) {
      if (path !== home && pattern.test(written)) complain(node, `spells ${what} anew, which stands in src/${home}`)
    }
    if (
      typescript.isBinaryExpression(node) &&
      node.getText().includes("'object' &&") &&
      node.getText().includes('!Array.isArray(') &&
      path !== 'values/object.ts'
    ) {
      complain(node, 'spells a JSON object anew, which stands in src/values/object.ts')
    }
    typescript.forEachChild(node, visit)
  }
  visit(source)
  if (floor === null) {
    for (const statement of source.statements) {
      if (!typescript.isExportDeclaration(statement))
        complain(statement, 'is a front door and does more than re-export')
    }
  } else if (!floors.includes(floor as never))
    complaints.push(`src/${path}: ${floor} is no floor; see docs/architecture.md`)
  const lines = text.split('\n').length
  const isGenerated = /^\/\*\*[^/]*Generated:/.test(text)
  if (lines > lineLimit && !isGenerated)
    complaints.push(`src/${path} has ${String(lines)} lines; see docs/architecture.md`)
  for (const folder of path.split('/').slice(0, -1)) {
    if (homelessFolders.has(folder))
      complaints.push(`src/${path}: a folder named ${folder} has no home; see docs/architecture.md`)
  }
  return complaints
}
