/**
 * The rules of the architecture, as functions from source files to the places that break them. See
 * docs/architecture.md.
 */
import * as typescript from 'typescript'

/** One folder of `src/`, with everything below it that is not a folder of this list itself. */
export interface Folder {
  readonly path: string
  readonly subject: string
}

/**
 * The folders of `src/` in the order of their dependencies: a folder imports only from itself and from folders before
 * it in this list.
 */
export const folders: ReadonlyArray<Folder> = [
  { path: 'values/limits', subject: 'every bound, as a row of one table' },
  { path: 'values/fhir-r4', subject: 'tables of FHIR R4: search parameters, compartment, element paths' },
  { path: 'values/fhir-r4b', subject: 'what FHIR R4B has differently from R4' },
  { path: 'values/fhir-r5', subject: 'tables of FHIR R5' },
  { path: 'values/fhir-earlier', subject: 'the types that only FHIR DSTU2 and STU3 have' },
  { path: 'values', subject: 'small shared definitions: time, URLs, secrets, JSON, FHIR ids' },
  { path: 'scopes', subject: 'the scope language and its algebra' },
  { path: 'protocol/machine', subject: 'what a state machine is, and what a rule is' },
  { path: 'protocol/http', subject: 'requests and responses as plain data, forms, media types' },
  { path: 'protocol/errors', subject: 'every refusal, with its row: status, OAuth error, description, source' },
  { path: 'protocol/policy', subject: 'the options where the specification leaves a choice' },
  { path: 'protocol/launch', subject: 'EHR launch and launch context' },
  {
    path: 'protocol/access',
    subject: 'what a token permits at a FHIR server; search/ evaluates and rewrites searches'
  },
  { path: 'protocol/jwt', subject: 'JSON Web Keys, JSON Web Tokens, id_token claims' },
  { path: 'protocol/client', subject: 'registered clients, their metadata and their authentication' },
  { path: 'protocol/discovery', subject: 'the SMART configuration, and the check of other servers' },
  { path: 'protocol/scope-policy', subject: 'which scopes a server grants' },
  { path: 'protocol/grant', subject: 'one authorization: from the request to the end of its last refresh token' },
  { path: 'protocol/connected-apps', subject: "a user's connected apps, and remembered consent" },
  { path: 'protocol/authorization', subject: 'the authorization request' },
  { path: 'protocol/token', subject: 'the token endpoint, access tokens, introspection' },
  { path: 'protocol/registration', subject: 'dynamic client registration' },
  { path: 'protocol/app', subject: 'the app: launch, callback, session, backend service' },
  { path: 'protocol/diagram', subject: 'the machines, drawn' },
  { path: 'engine', subject: 'runs machines against ports; the compare-and-swap loop' },
  { path: 'engine/resource', subject: 'the gate before a FHIR server' },
  { path: 'engine/server', subject: 'the authorization server; registration/ and interaction/ with users' },
  { path: 'engine/app', subject: 'the app' },
  { path: 'adapters', subject: 'Fetch API, Node http, jose, node:crypto, stores/, the browser' },
  { path: 'plain', subject: 'server, gate, app and ports as plain functions and promises' },
  { path: 'host', subject: 'the host: pages of the conversation, connected apps, FHIR behind the gate' },
  { path: 'playground', subject: 'the scope playground: a page that runs the scope language in the browser' },
  { path: 'hosts', subject: 'the host as middleware or plugin: one file for each web framework' },
  { path: 'testing', subject: 'for the tests of users: arbitraries of scopes, and the contract of a store' },
  { path: 'simulator', subject: 'a demo EHR that embeds the toolkit: config/ host/ fhir/ store/' },
  { path: 'cli', subject: 'the command line' }
]

const outside: ReadonlyMap<string, RegExp> = new Map([
  // io-ts is for what the project reads back: stored states, registered metadata, options and configuration files.
  [
    'io-ts',
    new RegExp(
      [
        /^protocol\/.*\/(?:state|policy-option|policy-check|metadata)\.ts$/,
        /^protocol\/.*\/(?:access-token-claims|launch-context|stored-[a-z-]+)\.ts$/,
        /^adapters\/stored-keys\.ts$|^(?:simulator|cli)\//
      ]
        .map(({ source }) => source)
        .join('|')
    )
  ],
  ['jose', /^adapters\//],
  ['fast-check', /^testing\//],
  ['node:', /^(?:adapters|hosts|simulator|cli)\/|^plain\/node|^testing\/store-contract\/fault-proxy\.ts$/]
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
const namelessFolders: ReadonlySet<string> = new Set([
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

/** The widest line, in columns. */
export const widthLimit = 120

/** The most files of one folder. */
export const folderLimit = 22

/** What is spelled in one place, and used everywhere else. */
const definedOnce: ReadonlyArray<{ readonly home: string; readonly pattern: RegExp; readonly what: string }> = [
  {
    home: 'values/fhir.ts',
    // Letters, digits, dots and hyphens alone, in any order and spelling; or the form of a type name.
    pattern:
      /\[(?=[^\]]*[A-Za-z]-[A-Za-z])(?=[^\]]*\.)(?:A-Z|a-z|0-9|\\d|\\?\.|\\?-){5,}\][{+*]|\[A-Z\]\[(?:A-Za-z|a-zA-Z)\][{+*]/,
    what: 'a FHIR id or the name of a resource type'
  },
  { home: 'values/urls.ts', pattern: /127.*\|.*localhost|localhost.*\|.*127/, what: 'a loopback address' },
  { home: 'values/urls.ts', pattern: /\[A-Za-z\]\[A-Za-z0-9\+/, what: 'the scheme of a URI' },
  { home: 'protocol/http/media-type.ts', pattern: /application\\\/[a-z]/, what: 'a media type' }
]

/** What is written in one place, as code. */
const writtenOnce: ReadonlyArray<{
  readonly homes: ReadonlyArray<string>
  readonly pattern: RegExp
  readonly what: string
}> = [
  {
    homes: [
      'adapters/limited-body.ts',
      'adapters/node-http/message-body.ts',
      'adapters/node-http/upstream-exchange.ts',
      'testing/store-contract/fault-proxy.ts'
    ],
    pattern: /\.getReader\(|\.on\('data'/,
    what: 'a reader of bodies'
  },
  {
    homes: ['protocol/http/media-type.ts', 'protocol/http/message.ts'],
    pattern: /'application\/(?:json|fhir\+json|json-patch\+json|x-www-form-urlencoded)\b/,
    what: 'a media type'
  },
  { homes: ['values/urls.ts'], pattern: /\(https:\.\*\):443/, what: 'the normalization of an origin' },
  { homes: ['values/urls.ts'], pattern: /:\\\/\\\/\[\^\/\?#\]/, what: 'the path of a URL' },
  { homes: ['scopes/query.ts'], pattern: /split\(\/\(\?<!|matchAll\(\/,\(\(\?:\[\^\\\\,\]/, what: 'a comma list' },
  { homes: ['values/base64url.ts'], pattern: /\batob\(/, what: 'the decoding of base64' },
  { homes: ['protocol/access/identity.ts'], pattern: /\(\?:\^\|\\\/\)Patient\$/, what: 'the type of a Patient' },
  { homes: ['protocol/jwt/jwk.ts'], pattern: /odulus\w* (?:=|<|>=) 2048/, what: 'the shortest RSA key' },
  {
    homes: ['protocol/access/references-in.ts'],
    pattern: /name [!=]== 'reference' \|\|/,
    what: 'the references in a body'
  },
  { homes: ['protocol/http/form.ts'], pattern: /replaceAll\('\+', ' '\)/, what: 'the decoding of forms' },
  {
    homes: ['engine/ports.ts'],
    pattern: /_tag: 'Unavailable', reason/,
    what: 'the failure of a port'
  }
]

/** The code that is written a second time, with its place in the text; comments are left out. */
const writtenAgain = (path: string, text: string): ReadonlyArray<{ readonly index: number; readonly what: string }> => {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, (comment) => comment.replaceAll(/[^\n]/g, ' '))
  return writtenOnce.flatMap(({ homes, pattern, what }) =>
    homes.includes(path)
      ? []
      : [...code.matchAll(new RegExp(pattern, 'g'))].map(({ index }) => ({
          index,
          what: `defines ${what}, as src/${homes.join(' and src/')} does`
        }))
  )
}

/** Whether a file is of a pure layer: no clock, randomness, exception, class or promise. */
export const isPure = (path: string): boolean => /^(?:values|scopes|protocol)\//.test(path)

/** The folder of a file below `src/`; null for the entry points directly in `src/`. */
export const folderOf = (path: string): string | null => {
  if (!path.includes('/')) return null
  const [longest] = folders
    .filter((one) => path.startsWith(`${one.path}/`))
    .toSorted((one, other) => other.path.length - one.path.length)
  return longest?.path ?? path.slice(0, path.lastIndexOf('/'))
}

const rankOf = (folder: string): number => folders.findIndex(({ path }) => path === folder)

const resolved = (from: string, specifier: string): string => {
  const parts = from.split('/').slice(0, -1)
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}

const importComplaint = (path: string, specifier: string, isTypeOnly: boolean): string | null => {
  const folder = folderOf(path)
  if (specifier.startsWith('.')) {
    if (!specifier.endsWith('.js')) return `imports ${specifier} without .js`
    const target = folderOf(resolved(path, specifier))
    if (folder === null) return null
    if (target === null) return `imports ${specifier}, an entry point`
    return rankOf(target) > rankOf(folder) ? `imports ${specifier} from a folder above (${target})` : null
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
  if (name === 'io-ts' && path.startsWith('engine/')) {
    return isTypeOnly ? null : 'imports io-ts itself; the engine may know its types only'
  }
  return allowed.test(path) ? null : `imports ${specifier}, which this file may not know`
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

/** A test for a JSON object, written out. */
const testsForObject = (node: typescript.Node): boolean =>
  typescript.isBinaryExpression(node) &&
  node.getText().includes("'object' &&") &&
  node.getText().includes('!Array.isArray(')

interface Imported {
  readonly node: typescript.Node
  readonly specifier: string
  readonly isTypeOnly: boolean
}

const importedBy = (node: typescript.Node): Imported | null => {
  if (
    (typescript.isImportDeclaration(node) || typescript.isExportDeclaration(node)) &&
    node.moduleSpecifier !== undefined &&
    typescript.isStringLiteral(node.moduleSpecifier)
  ) {
    const isTypeOnly = typescript.isImportDeclaration(node)
      ? node.importClause?.phaseModifier === typescript.SyntaxKind.TypeKeyword
      : node.isTypeOnly
    return { node, specifier: node.moduleSpecifier.text, isTypeOnly }
  }
  return null
}

/** The files below `src/` that a file imports, types included. */
export const importsOf = (path: string, text: string): ReadonlyArray<string> =>
  typescript
    .createSourceFile(path, text, typescript.ScriptTarget.ES2022, true)
    .statements.flatMap((statement) => {
      const imported = importedBy(statement)
      return imported?.specifier.startsWith('.') === true ? [resolved(path, imported.specifier)] : []
    })
    .map((name) => name.replace(/\.js$/, '.ts'))

/** Everything that is wrong with a file; `path` is counted from `src/`. */
export const complaintsAbout = (path: string, text: string): ReadonlyArray<string> => {
  const source = typescript.createSourceFile(path, text, typescript.ScriptTarget.ES2022, true)
  const folder = folderOf(path)
  const complaints: Array<string> = []
  const complain = (node: typescript.Node, what: string): void => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart())
    complaints.push(`src/${path}:${String(line + 1)} ${what}; see docs/architecture.md`)
  }
  const visit = (node: typescript.Node): void => {
    const imported = importedBy(node)
    if (imported !== null) {
      const complaint = importComplaint(path, imported.specifier, imported.isTypeOnly)
      if (complaint !== null) complain(node, complaint)
    }
    if (typescript.isCallExpression(node) && node.expression.kind === typescript.SyntaxKind.ImportKeyword) {
      const [specifier] = node.arguments
      const complaint =
        specifier !== undefined && typescript.isStringLiteral(specifier)
          ? importComplaint(path, specifier.text, false)
          : 'imports a module that is not named in the source'
      if (complaint !== null) complain(node, complaint)
    }
    if (isPure(path)) {
      const what = impurity(node)
      if (what !== null) complain(node, `${what} in a pure layer`)
    }
    if (
      typescript.isPropertyAccessExpression(node) &&
      node.getText() === 'JSON.parse' &&
      !/^(?:values|cli|simulator)\//.test(path)
    ) {
      complain(node, 'uses JSON.parse, which reads escaped names wrongly on some engines, and not parseJson')
    }
    const isText = typescript.isRegularExpressionLiteral(node) || typescript.isStringLiteralLike(node)
    for (const { home, pattern, what } of definedOnce) {
      if (isText && path !== home && pattern.test(node.text)) complain(node, `defines ${what}, as src/${home} does`)
    }
    if (path !== 'values/object.ts' && testsForObject(node)) {
      complain(node, 'defines a JSON object, as src/values/object.ts does')
    }
    typescript.forEachChild(node, visit)
  }
  visit(source)
  for (const { index, what } of writtenAgain(path, text)) {
    const { line } = source.getLineAndCharacterOfPosition(index)
    complaints.push(`src/${path}:${String(line + 1)} ${what}; see docs/architecture.md`)
  }
  if (folder === null) {
    for (const statement of source.statements) {
      if (!typescript.isExportDeclaration(statement))
        complain(statement, 'is an entry point and does more than re-export')
    }
  } else if (rankOf(folder) === -1) complaints.push(`src/${path}: ${folder} is in no layer; see docs/architecture.md`)
  const isGenerated = /^\/\*\*[^/]*Generated:/.test(text)
  const lines = text.split('\n')
  if (lines.length > lineLimit && !isGenerated) {
    complaints.push(`src/${path} has ${String(lines.length)} lines; see docs/architecture.md`)
  }
  for (const name of path.split('/').slice(0, -1)) {
    if (namelessFolders.has(name)) complaints.push(`src/${path}: a folder named ${name} has no subject`)
  }
  return complaints
}

/** Lines that are wider than the limit. A regular expression that fills a line by itself cannot be broken. */
export const wideLines = (path: string, text: string): ReadonlyArray<string> =>
  text.split('\n').flatMap((line, index) => {
    const isPattern = /^\s*\/(?!\*).*\/[a-z]*,?$/.test(line)
    return line.length > widthLimit && !isPattern
      ? [`${path}:${String(index + 1)} has ${String(line.length)} columns`]
      : []
  })

/** Wide lines of a page, its examples included. Rows of tables and single long words cannot be broken. */
export const wideProse = (path: string, text: string): ReadonlyArray<string> => {
  let inCode = false
  return text.split('\n').flatMap((line, index) => {
    if (/^\s*```/.test(line)) inCode = !inCode
    const cannotBreak = !inCode && (line.startsWith('|') || /^(?:\s*(?:[-*>]|\d+\.))?\s*\S+$/.test(line))
    return line.length > widthLimit && !cannotBreak
      ? [`${path}:${String(index + 1)} has ${String(line.length)} columns`]
      : []
  })
}

/** A source file. */
export interface SourceFile {
  /** Counted from `src/`. */
  readonly path: string
  readonly text: string
}

/** Circles of imports among files, each as the list of its files; empty when there is none. */
export const importCircles = (files: ReadonlyArray<SourceFile>): ReadonlyArray<ReadonlyArray<string>> => {
  const edges = new Map(files.map(({ path, text }) => [path, importsOf(path, text)]))
  const finished = new Set<string>()
  const circles: Array<ReadonlyArray<string>> = []
  const walk = (path: string, trail: ReadonlyArray<string>): void => {
    const begin = trail.indexOf(path)
    if (begin !== -1) circles.push([...trail.slice(begin), path])
    if (begin !== -1 || finished.has(path)) return
    for (const next of edges.get(path) ?? []) walk(next, [...trail, path])
    finished.add(path)
  }
  for (const { path } of files) walk(path, [])
  return circles
}

/** The folders that each folder imports from. */
export const folderEdges = (files: ReadonlyArray<SourceFile>): ReadonlyMap<string, ReadonlyArray<string>> => {
  const edges = new Map<string, Set<string>>(folders.map(({ path }) => [path, new Set()]))
  for (const { path, text } of files) {
    const from = folderOf(path)
    for (const target of importsOf(path, text)) {
      const to = folderOf(target)
      if (from !== null && to !== null && from !== to) edges.get(from)?.add(to)
    }
  }
  return new Map([...edges].map(([from, to]) => [from, [...to].toSorted((one, other) => rankOf(one) - rankOf(other))]))
}

/**
 * Names that two files export, each with a definition of its own. A function of `plain` may have the name of the
 * function whose plain form it is.
 */
export const namesDefinedTwice = (files: ReadonlyArray<SourceFile>): ReadonlyArray<string> => {
  const homes = new Map<string, Set<string>>()
  const declared =
    /^export (?:declare |abstract |async |default )*(?:const|let|var|function\*?|interface|type|enum|class) (\w+)/gm
  const listed = /^export (?:type )?\{([^}]*)\}(?!\s*from)/gm
  for (const { path, text } of files) {
    const names = [
      ...[...text.matchAll(declared)].map(([, name = '']) => name),
      ...[...text.matchAll(listed)].flatMap(([, list = '']) =>
        list.split(',').flatMap((one) => /(\w+)\s*$/.exec(one)?.[1] ?? [])
      )
    ]
    for (const name of names) homes.set(name, (homes.get(name) ?? new Set()).add(path))
  }
  const isRepeated = (paths: ReadonlySet<string>): boolean => {
    const plain = [...paths].filter((path) => path.startsWith('plain/'))
    return plain.length > 1 || paths.size - plain.length > 1
  }
  return [...homes].filter(([, paths]) => isRepeated(paths)).map(([name, paths]) => `${name}: ${[...paths].join(', ')}`)
}

/** Folders of too many files; `paths` are counted from the root. */
export const crowdedFolders = (paths: ReadonlyArray<string>): ReadonlyArray<string> => {
  const counts = new Map<string, number>()
  for (const path of paths) {
    const folder = path.slice(0, path.lastIndexOf('/'))
    counts.set(folder, (counts.get(folder) ?? 0) + 1)
  }
  return [...counts]
    .filter(([, count]) => count > folderLimit)
    .map(([folder, count]) => `${folder}: ${String(count)} files`)
}
