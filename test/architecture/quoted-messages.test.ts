/** Every message that docs/troubleshooting.md quotes is in the sources. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as typescript from 'typescript'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')

/** What stands for a part that differs. */
const open = '…'

/** The text of a literal, a template or a sum of them; a part that is computed is `…`. */
const textOf = (node: typescript.Expression): string => {
  if (typescript.isStringLiteralLike(node)) return node.text
  if (typescript.isTemplateExpression(node))
    return node.head.text + node.templateSpans.map(({ literal }) => open + literal.text).join('')
  if (typescript.isBinaryExpression(node) && node.operatorToken.kind === typescript.SyntaxKind.PlusToken)
    return textOf(node.left) + textOf(node.right)
  return typescript.isParenthesizedExpression(node) ? textOf(node.expression) : open
}

const textsIn = (code: string): ReadonlyArray<string> => {
  const texts: Array<string> = []
  const visit = (node: typescript.Node): void => {
    if (
      typescript.isStringLiteralLike(node) ||
      typescript.isTemplateExpression(node) ||
      typescript.isBinaryExpression(node)
    )
      texts.push(textOf(node))
    typescript.forEachChild(node, visit)
  }
  visit(typescript.createSourceFile('source.ts', code, typescript.ScriptTarget.ES2022, true))
  return texts.filter((text) => /[a-z]/i.test(text))
}

/** The lines of `text` fences, and the code in the column of messages of tables. */
const messagesIn = (page: string): ReadonlyArray<string> => [
  ...[...page.matchAll(/^```text\n([^]*?)^```$/gm)].flatMap(([, block = '']) =>
    block.split('\n').filter((line) => line !== '')
  ),
  ...[...page.matchAll(/^\|(?: `\w+` \|)? `([^`]* [^`]*)` \|/gm)].map(([, message = '']) => message)
]

/** Whether a text contains the fixed parts of a message, in their order. */
const contains = (text: string, message: string): boolean => {
  let at = 0
  return message
    .split(open)
    .map((part) => part.trim())
    .every((part) => {
      const found = text.indexOf(part, at)
      at = found + part.length
      return found !== -1
    })
}

const unknownIn = (page: string, texts: ReadonlyArray<string>): ReadonlyArray<string> =>
  messagesIn(page).filter((message) => !texts.some((text) => contains(text, message)))

describe('the messages of docs/troubleshooting.md', () => {
  const page = readFileSync(join(root, 'docs', 'troubleshooting.md'), 'utf8')
  const texts = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => textsIn(readFileSync(join(root, 'src', file), 'utf8')))

  it('are in the sources', () => {
    expect(messagesIn(page).length).toBeGreaterThan(40)
    expect(unknownIn(page, texts)).toEqual([])
  })

  it('name refusals and failures that exist', () => {
    const names = [...page.matchAll(/^\| `([A-Z]\w+)` \|/gm)].map(([, name = '']) => name)
    expect(names.length).toBeGreaterThan(15)
    expect(names.filter((name) => !texts.includes(name))).toEqual([])
  })

  it.each([
    ['```text\nno such message\n```', ['no such message']],
    ['| `no such message` | do this |', ['no such message']],
    ['| `StateUsed` | `no such message` | do this |', ['no such message']],
    ['```text\nthe host failed at …\n```', []],
    // The parts are of different messages, or in another order.
    ['```text\nthe host failed at … must be …\n```', ['the host failed at … must be …']],
    [
      '```text\nThe code is not valid. … The code is not valid.\n```',
      ['The code is not valid. … The code is not valid.']
    ]
  ])('that the sources do not contain are noticed: %j', (planted, expected) => {
    expect(unknownIn(planted, texts)).toEqual(expected)
  })
})
