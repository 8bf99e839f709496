/**
 * Writes the CommonJS form of every entry point into `dist/commonjs`: a file that requires the ES module, and its
 * declarations, which point to those of the ES module. So `require`, and TypeScript in a `.cts` file, get the same
 * values and types as `import`.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import typescript from 'typescript'

const root = join(import.meta.dirname, '..', '..')
const folder = join(root, 'dist', 'commonjs')
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const entries = Object.values(exports).filter((target) => typeof target === 'object')

const program = typescript.createProgram(
  entries.map((target) => join(root, target.import.types)),
  { module: typescript.ModuleKind.NodeNext, target: typescript.ScriptTarget.ES2022, skipLibCheck: true, types: [] }
)
const checker = program.getTypeChecker()

const isValue = (/** @type {typescript.Symbol} */ symbol) => {
  const target = symbol.flags & typescript.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  const isExportedAsType = (symbol.declarations ?? []).some(
    (declaration) =>
      typescript.isExportSpecifier(declaration) && (declaration.isTypeOnly || declaration.parent.parent.isTypeOnly)
  )
  return !isExportedAsType && (target.flags & typescript.SymbolFlags.Value) !== 0
}

mkdirSync(folder, { recursive: true })
for (const target of entries) {
  const source = program.getSourceFile(join(root, target.import.types))
  const symbol = source === undefined ? undefined : checker.getSymbolAtLocation(source)
  if (symbol === undefined) throw new Error(`${target.import.types} is no module`)
  const module = `./${relative(folder, join(root, target.import.default))}`.replaceAll('\\', '/').replace('./..', '..')
  const mode = `with { 'resolution-mode': 'import' }`
  const names = checker.getExportsOfModule(symbol)
  const types = names.filter((one) => !isValue(one)).map(({ name }) => name)
  const lines = [
    ...(types.length === 0 ? [] : [`export type { ${types.sort().join(', ')} } from '${module}' ${mode}`]),
    ...names
      .filter(isValue)
      .map(({ name }) => name)
      .sort()
      .map(
        (name) =>
          `export declare const ${name}: typeof import('${module}', { ${mode.replace('with ', 'with: ')} }).${name}`
      )
  ]
  writeFileSync(join(root, target.require.types), `${lines.join('\n')}\n`)
  writeFileSync(join(root, target.require.default), `'use strict'\nmodule.exports = require('${module}')\n`)
}
