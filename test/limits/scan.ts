/** Finds bounds that are written as numbers in the code instead of in the table of limits. */
import * as typescript from 'typescript'

/** Words that a name of a bound holds. */
const boundWords = /limit|longest|largest|deepest|most(?!ly)|max(?:imum)?(?![a-z])|budget|timeout|capacity/i

/** A number, or a product of numbers: `16 * 2 ** 20`. */
const isNumber = (node: typescript.Node): boolean =>
  typescript.isNumericLiteral(node) ||
  (typescript.isParenthesizedExpression(node) && isNumber(node.expression)) ||
  (typescript.isBinaryExpression(node) && node.operatorToken.kind !== typescript.SyntaxKind.QuestionQuestionToken && isNumber(node.left) && isNumber(node.right))

/** What is bound to a number here: `const stateLimit = 4096`, `{ limit = 8 }`, `options.timeout ?? 5000`. */
const boundNumber = (node: typescript.Node): { readonly name: string; readonly value: typescript.Node } | null => {
  if ((typescript.isVariableDeclaration(node) || typescript.isBindingElement(node) || typescript.isParameter(node)) && node.initializer !== undefined) {
    return { name: node.name.getText(), value: node.initializer }
  }
  if (typescript.isBinaryExpression(node) && node.operatorToken.kind === typescript.SyntaxKind.QuestionQuestionToken) {
    return { name: node.left.getText(), value: node.right }
  }
  return null
}

/** The bounds of a source file that are numbers of its own, as `name = number`. */
export const numbersOutsideTheTable = (path: string, text: string): ReadonlyArray<string> => {
  const source = typescript.createSourceFile(path, text, typescript.ScriptTarget.Latest, true)
  const found: Array<string> = []
  const visit = (node: typescript.Node): void => {
    const bound = boundNumber(node)
    if (bound !== null && boundWords.test(bound.name) && isNumber(bound.value)) found.push(`${bound.name} = ${bound.value.getText()}`)
    typescript.forEachChild(node, visit)
  }
  visit(source)
  return found
}
