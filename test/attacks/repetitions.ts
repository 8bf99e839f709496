/** Regular expressions that could need more than a walk along the text: repetitions inside repetitions. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AST } from '@eslint-community/regexpp'
import { RegExpParser, visitRegExpAST } from '@eslint-community/regexpp'
import * as typescript from 'typescript'

const source = join(import.meta.dirname, '..', '..', 'src')

const literalsIn = (text: string): ReadonlyArray<string> => {
  const found: Array<string> = []
  const visit = (node: typescript.Node): void => {
    if (typescript.isRegularExpressionLiteral(node)) found.push(node.text)
    typescript.forEachChild(node, visit)
  }
  visit(typescript.createSourceFile('x.ts', text, typescript.ScriptTarget.Latest))
  return found
}

const isUnbounded = ({ max }: AST.Quantifier): boolean => max === Infinity

/**
 * Looked at by a person: what ends each inner repetition (a dot, an x) cannot belong to it, so there is one way to read
 * a text.
 */
const unambiguous: ReadonlySet<string> = new Set([
  '/^(?:0x[0-9a-f]+\\.?)+$/i',
  '/^[a-z][a-z0-9+-]*(?:\\.[a-z0-9+-]+)+:\\/[\\x21\\x24-\\x3b\\x3d\\x3f-\\x5b\\x5d\\x5f\\x61-\\x7a\\x7e]*$/'
])

/** The repetitions of an expression that stand inside another one. */
export const nestedRepetitions = (literal: string): ReadonlyArray<string> => {
  const found: Array<string> = []
  let depth = 0
  visitRegExpAST(new RegExpParser().parseLiteral(literal), {
    onQuantifierEnter: (quantifier) => {
      if (isUnbounded(quantifier) && depth > 0) found.push(quantifier.raw)
      if (isUnbounded(quantifier)) depth += 1
    },
    onQuantifierLeave: (quantifier) => {
      if (isUnbounded(quantifier)) depth -= 1
    }
  })
  return found
}

/** Every expression of the source with such a repetition, as `file: expression`. */
export const ambiguousRepetitions = (): ReadonlyArray<string> =>
  readdirSync(source, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) =>
      literalsIn(readFileSync(join(source, name), 'utf8'))
        .filter((literal) => nestedRepetitions(literal).length > 0 && !unambiguous.has(literal))
        .map((literal) => `${name}: ${literal}`)
    )
