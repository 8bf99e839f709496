import { join } from 'node:path'
import ts from 'typescript'
import type { Plugin } from 'vitest/config'

/** A row of a rule table of the sources: `file#table/row`. */
const placeOf = (dropped: string): { readonly file: string; readonly table: string; readonly row: string } => {
  const [, file, table, row] = /^(.+)#(.+)\/(.+)$/.exec(dropped) ?? []
  if (file === undefined || table === undefined || row === undefined) throw new Error(`no row of a table: ${dropped}`)
  return { file, table, row }
}

/** The end of the list that a table is. */
const endOfTable = (file: string, text: string, table: string): number => {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest)
  const declared = source.statements
    .filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => [...declarationList.declarations])
    .find(({ name }) => ts.isIdentifier(name) && name.text === table)
  if (declared?.initializer === undefined || !ts.isArrayLiteralExpression(declared.initializer)) {
    throw new Error(`${file} has no table ${table}`)
  }
  return declared.initializer.end
}

/** Takes one row out of a rule table of the sources, so that the tests show whether one of them notices. */
export const droppedRule = (root: string, dropped: string): Plugin => {
  const { file, table, row } = placeOf(dropped)
  return {
    name: 'dropped-rule',
    enforce: 'pre',
    transform: (text, id) => {
      if (id !== join(root, file)) return null
      const end = endOfTable(file, text, table)
      const code = `${text.slice(0, end)}.filter(({ name }) => name !== ${JSON.stringify(row)})${text.slice(end)}`
      return { code, map: null }
    }
  }
}
