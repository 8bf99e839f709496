import { join } from 'node:path'
import ts from 'typescript'
import type { Plugin } from 'vitest/config'

/** The ends of the lists that the named tables of a source file are. */
const endsOfTables = (file: string, text: string, tables: ReadonlyArray<string>): ReadonlyMap<string, number> =>
  new Map(
    ts
      .createSourceFile(file, text, ts.ScriptTarget.Latest)
      .statements.filter(ts.isVariableStatement)
      .flatMap(({ declarationList }) => [...declarationList.declarations])
      .flatMap(({ name, initializer }): ReadonlyArray<readonly [string, number]> => {
        if (!ts.isIdentifier(name) || !tables.includes(name.text)) return []
        if (initializer === undefined || !ts.isArrayLiteralExpression(initializer)) {
          throw new Error(`${file}: the table ${name.text} is not a list`)
        }
        return [[name.text, initializer.end]]
      })
  )

/**
 * Lets `dropped-rules-runner.ts` drop rows of the tables (`file#table`) while the tests run: each row of them goes
 * through a function that the runner puts in the global scope.
 */
export const droppedRules = (root: string, tables: ReadonlyArray<string>): Plugin => ({
  name: 'dropped-rules',
  enforce: 'pre',
  transform: (text, id) => {
    const file = id.startsWith(join(root, 'src')) ? id.slice(root.length + 1).replaceAll('\\', '/') : ''
    const names = tables.flatMap((table) => (table.startsWith(`${file}#`) ? [table.slice(file.length + 1)] : []))
    if (names.length === 0) return null
    const ends = endsOfTables(file, text, names)
    if (ends.size !== names.length) throw new Error(`${file} has not all of the tables ${names.join(', ')}`)
    const code = [...ends]
      .toSorted(([, one], [, other]) => other - one)
      .reduce(
        (all, [table, end]) =>
          `${all.slice(0, end)}.map(globalThis.droppableRow(${JSON.stringify(`${file}#${table}`)}))${all.slice(end)}`,
        text
      )
    return { code, map: null }
  }
})
