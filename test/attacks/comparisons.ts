/**
 * Where secrets are compared: what is derived from a secret meets another in `sameDigest` and nowhere else, because
 * every other comparison stops at the first letter that differs. A function from a source file to the places that break
 * this.
 */
import * as typescript from 'typescript'

const secretName =
  /(?:digests?|secrets?|password|verifier|form_?token|handle|signature|challenge|challengeOfVerifier)$/i

const comparing: ReadonlySet<typescript.SyntaxKind> = new Set([
  typescript.SyntaxKind.EqualsEqualsEqualsToken,
  typescript.SyntaxKind.ExclamationEqualsEqualsToken,
  typescript.SyntaxKind.EqualsEqualsToken,
  typescript.SyntaxKind.ExclamationEqualsToken,
  typescript.SyntaxKind.LessThanToken,
  typescript.SyntaxKind.GreaterThanToken
])

const searching: ReadonlySet<string> = new Set([
  'includes',
  'indexOf',
  'lastIndexOf',
  'startsWith',
  'endsWith',
  'localeCompare',
  'has'
])

/** The last name of an expression: `grant.codeDigest` is a `codeDigest`. */
const nameOf = (node: typescript.Expression): string => {
  if (typescript.isIdentifier(node)) return node.text
  if (typescript.isPropertyAccessExpression(node)) return node.name.text
  return typescript.isNonNullExpression(node) || typescript.isParenthesizedExpression(node)
    ? nameOf(node.expression)
    : ''
}

const isSecret = (node: typescript.Expression): boolean => secretName.test(nameOf(node))

/** A comparison with what stands in the source tells nobody a secret: whether there is one, whether it is empty. */
const isConstant = (node: typescript.Expression): boolean =>
  typescript.isLiteralExpression(node) ||
  node.kind === typescript.SyntaxKind.NullKeyword ||
  nameOf(node) === 'undefined'

const searched = (node: typescript.CallExpression): boolean =>
  typescript.isPropertyAccessExpression(node.expression) &&
  searching.has(node.expression.name.text) &&
  (node.arguments.some(isSecret) || (isSecret(node.expression.expression) && !node.arguments.every(isConstant)))

/** The comparisons of a file that stop early, as `line: text`. */
export const earlyComparisons = (text: string): ReadonlyArray<string> => {
  const source = typescript.createSourceFile('x.ts', text, typescript.ScriptTarget.Latest)
  const found: Array<string> = []
  const visit = (node: typescript.Node): void => {
    const isCompared =
      typescript.isBinaryExpression(node) &&
      comparing.has(node.operatorToken.kind) &&
      (isSecret(node.left) || isSecret(node.right)) &&
      !isConstant(node.left) &&
      !isConstant(node.right)
    if (isCompared || (typescript.isCallExpression(node) && searched(node))) {
      found.push(
        `${String(source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1)}: ${node.getText(source)}`
      )
    }
    typescript.forEachChild(node, visit)
  }
  visit(source)
  return found
}
