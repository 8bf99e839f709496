/** The suites are the folders of `test/`. A suite imports only its own folder, `test/support` and `src`. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix, relative, sep } from 'node:path'
import * as typescript from 'typescript'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')

/** Scripts and plugins of the runs. They are not a suite. */
const shared = new Set(['support', 'setup'])

/** The relative imports of a test file, static and dynamic; `path` and the answers are counted from the root. */
const importedBy = (path: string, text: string): ReadonlyArray<string> => {
  const found: Array<string> = []
  const visit = (node: typescript.Node): void => {
    const specifier =
      typescript.isImportDeclaration(node) || typescript.isExportDeclaration(node)
        ? node.moduleSpecifier
        : typescript.isCallExpression(node) && node.expression.kind === typescript.SyntaxKind.ImportKeyword
          ? node.arguments[0]
          : undefined
    if (specifier !== undefined && typescript.isStringLiteral(specifier) && specifier.text.startsWith('.')) {
      found.push(posix.join(posix.dirname(path), specifier.text))
    }
    typescript.forEachChild(node, visit)
  }
  visit(typescript.createSourceFile(path, text, typescript.ScriptTarget.ES2022, true))
  return found
}

/** The imports of a test file that lead into another suite. */
const foreignImports = (path: string, text: string): ReadonlyArray<string> => {
  const [, suite = ''] = path.split('/')
  return importedBy(path, text)
    .filter((target) => {
      const [top, folder = ''] = target.split('/')
      const isOwn = folder === suite || shared.has(folder)
      return !(top === 'src' || (top === 'test' && isOwn))
    })
    .map((target) => `${path} imports ${target}`)
}

const testFiles = readdirSync(join(root, 'test'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.(?:ts|mjs)$/.test(entry.name))
  .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
  // What belongs to a folder. `test/examples/generated` holds the examples of the documentation.
  .filter((path) => path.split('/').length > 2 && !path.startsWith('test/examples/generated/'))

describe('the suites', () => {
  it('import only their own folder, test/support and src', () => {
    expect(testFiles.length).toBeGreaterThan(100)
    expect(testFiles.flatMap((path) => foreignImports(path, readFileSync(join(root, path), 'utf8')))).toEqual([])
  })

  it.each([
    ['test/unit/a/b.test.ts', "import { a } from '../../attacks/row.js'", ['test/attacks/row.js']],
    ['test/unit/a/b.test.ts', "import type { A } from '../../attacks/row.js'", ['test/attacks/row.js']],
    ['test/unit/a/b.test.ts', "const a = await import('../../attacks/row.js')", ['test/attacks/row.js']],
    ['test/support/a.ts', "export * from '../attacks/row.js'", ['test/attacks/row.js']],
    ['test/unit/a/b.test.ts', "import { a } from '../../../dist/server.js'", ['dist/server.js']],
    ['test/unit/a/b.test.ts', "import { a } from '../../support/a/b.js'", []],
    ['test/unit/a/b.test.ts', "import { a } from '../c/d.js'", []],
    ['test/unit/a/b.test.ts', "import { a } from '../../../src/server.js'", []]
  ])('%s with %s', (path, text, targets) => {
    expect(foreignImports(path, text)).toEqual(targets.map((target) => `${path} imports ${target}`))
  })
})
