/** Finds bounds that are written as numbers in the code instead of in the table of limits. */
import * as typescript from 'typescript'

/** Words that a name of a bound holds. */
const boundWords =
  /[lL]imit|[lL]ongest|[lL]argest|[dD]eepest|[mM]ost(?!ly)|[mM]ax(?:imum)?(?![a-z])|[bB]udget|[tT]imeout|[cC]apacity|LIMIT|MAX/

const { SyntaxKind } = typescript

const comparisons: ReadonlySet<typescript.SyntaxKind> = new Set([
  SyntaxKind.LessThanToken,
  SyntaxKind.LessThanEqualsToken,
  SyntaxKind.GreaterThanToken,
  SyntaxKind.GreaterThanEqualsToken
])

/** A number, or a product of numbers: `16 * 2 ** 20`. */
const isNumber = (node: typescript.Node): boolean =>
  typescript.isNumericLiteral(node) ||
  typescript.isBigIntLiteral(node) ||
  (typescript.isParenthesizedExpression(node) && isNumber(node.expression)) ||
  (typescript.isAsExpression(node) && isNumber(node.expression)) ||
  (typescript.isBinaryExpression(node) &&
    node.operatorToken.kind !== SyntaxKind.QuestionQuestionToken &&
    isNumber(node.left) &&
    isNumber(node.right))

/** Numbers that are compared with to tell none, one and several apart. */
const isSmall = (node: typescript.Node): boolean => /^[012]n?$/.test(node.getText())

interface Bound {
  readonly name: string
  readonly value: typescript.Node
}

/** What a pattern binds to the values beside it: `const [most, least] = [10, 1]`, `const { limit } = { limit: 8 }`. */
const boundInPattern = (name: typescript.Node, value: typescript.Node): ReadonlyArray<Bound> => {
  if (typescript.isIdentifier(name)) return [{ name: name.text, value }]
  if (typescript.isAsExpression(value) || typescript.isParenthesizedExpression(value))
    return boundInPattern(name, value.expression)
  if (typescript.isArrayBindingPattern(name) && typescript.isArrayLiteralExpression(value)) {
    return name.elements.flatMap((element, place) => {
      const held = value.elements[place]
      return held === undefined || typescript.isOmittedExpression(element) ? [] : boundInPattern(element.name, held)
    })
  }
  if (typescript.isObjectBindingPattern(name) && typescript.isObjectLiteralExpression(value)) {
    return name.elements.flatMap((element) => {
      const wanted = (element.propertyName ?? element.name).getText()
      const held = value.properties.find((property) => property.name?.getText() === wanted)
      return held !== undefined && typescript.isPropertyAssignment(held)
        ? boundInPattern(element.name, held.initializer)
        : []
    })
  }
  return []
}

/**
 * What is bound to a value here: `const stateLimit = 4096`, `{ limit = 8 }`, `{ limit: 8 }`, `options.timeout ?? 5000`.
 */
const boundAt = (node: typescript.Node): ReadonlyArray<Bound> => {
  if (
    (typescript.isVariableDeclaration(node) || typescript.isBindingElement(node) || typescript.isParameter(node)) &&
    node.initializer !== undefined
  ) {
    return boundInPattern(node.name, node.initializer)
  }
  if (typescript.isPropertyAssignment(node)) return [{ name: node.name.getText(), value: node.initializer }]
  if (typescript.isBinaryExpression(node) && node.operatorToken.kind === SyntaxKind.QuestionQuestionToken) {
    return [{ name: node.left.getText(), value: node.right }]
  }
  return []
}

/**
 * The bounds of a source file that are numbers of its own, as `name = number`, and its comparisons with numbers, as
 * they are written.
 */
export const numbersOutsideTheTable = (path: string, text: string): ReadonlyArray<string> => {
  const source = typescript.createSourceFile(path, text, typescript.ScriptTarget.Latest, true)
  const found = new Set<string>()
  const numbers = new Set<string>()
  const compared: Array<typescript.BinaryExpression> = []
  const visit = (node: typescript.Node): void => {
    for (const { name, value } of boundAt(node)) {
      if (!isNumber(value)) continue
      if (boundWords.test(name)) found.add(`${name} = ${value.getText()}`)
      if (!isSmall(value)) numbers.add(name)
    }
    if (typescript.isBinaryExpression(node) && comparisons.has(node.operatorToken.kind)) compared.push(node)
    typescript.forEachChild(node, visit)
  }
  visit(source)
  const isOwn = (side: typescript.Node): boolean =>
    isNumber(side) ? !isSmall(side) : typescript.isIdentifier(side) && numbers.has(side.text)
  // Status codes have classes, and no bound.
  const isStatus = (side: typescript.Node): boolean => side.getText().endsWith('status')
  for (const node of compared) {
    if (!isStatus(node.left) && (isOwn(node.left) || isOwn(node.right))) found.add(node.getText())
  }
  return [...found]
}
