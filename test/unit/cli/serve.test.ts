import { describe, expect, it } from 'vitest'
import { accessInWords } from '../../../src/scopes/explain/access.js'
import { answerLine } from '../../../src/cli/scopes/batch.js'
import { scopesCommand } from '../../../src/cli/scopes/command.js'
import { auditLine } from '../../../src/cli/serve.js'

const hostile = [
  'a\nb CodeIssued',
  'a\u001b[2Jb',
  'a\u009b31mb',
  'a\u202eb',
  'a\u2028b',
  'a b',
  'a"b',
  'x'.repeat(5000)
]

const printed = async (...positionals: ReadonlyArray<string>): Promise<string> => {
  const lines: Array<string> = []
  const terminal = {
    stdout: (text: string) => {
      lines.push(text)
    },
    stderr: (text: string) => {
      lines.push(text)
    }
  }
  await scopesCommand(
    { positionals, granted: undefined, requested: undefined, lang: undefined, certificate: false, json: false },
    terminal
  )
  return lines.join('\n')
}

describe('text of another party on the command line', () => {
  it.each(hostile)('is one line of the log: %j', (text) => {
    const line = auditLine({
      at: 0,
      decision: 'Refused',
      clientId: text,
      grantId: text,
      refusal: { _tag: 'ResourceNotServed', resource: text }
    })
    expect(line).toMatch(/^[\x20-\x7e…]{1,3000}$/)
    expect(line.startsWith('1970-01-01T00:00:00.000Z Refused "')).toBe(true)
  })

  it('writes each hidden character as one escape, in the log and in an answer', () => {
    const refusal = { _tag: 'ResourceNotServed', resource: 'a\u202eb\\u' } as const
    const line = auditLine({ at: 0, decision: 'Refused', clientId: 'a', grantId: null, refusal })
    expect(line).toContain(String.raw`(resource "a\u202eb\\u")`)
    const access = {
      level: 'patient',
      type: 'Observation',
      permission: 'r',
      resource: { code: ['a\u202eb', '\\u{61}'] }
    } as const
    expect(accessInWords(access)).toBe(
      String.raw`patient/Observation.r of a resource with code a\u{202e}b and \u{5c}u{61}`
    )
  })

  it('shows no launch setting, which can hold the secret of an app', () => {
    const encoded = btoa('{"app":{"client_id":"a","client_secret":"secret-of-the-app"}}')
    const refusal = { _tag: 'ResourceNotServed', resource: `https://ehr.example/sim%2F${encoded}` } as const
    const line = auditLine({ at: 0, decision: 'Refused', clientId: null, grantId: null, refusal })
    expect(line).toContain('ehr.example')
    expect(line).not.toContain(encoded.slice(10, 30))
  })

  it('leaves ids of plain letters as they are', () => {
    expect(auditLine({ at: 0, decision: 'CodeIssued', clientId: 'my-app', grantId: '0123456789', refusal: null })).toBe(
      '1970-01-01T00:00:00.000Z CodeIssued my-app 01234567...'
    )
  })

  it.each(['%1B%5B2J', '%C2%9B31m', '%0AIt%20cannot%20see', '%E2%80%AE', '%22'])(
    'is nothing that a terminal obeys: the value %s of a scope',
    async (value) => {
      const scope = `patient/Observation.rs?code=${value}`
      expect(await printed('explain', scope)).toMatch(
        /^- Read and search Observation records of the one patient in context, only where code is "[ -!#-~]*"\.(?:\n- It [ -~]*)+$/
      )
      for (const command of ['parse', 'normalize']) expect(await printed(command, scope)).toMatch(/^[\x20-\x7e\n]*$/)
      expect(
        accessInWords({
          level: 'patient',
          type: 'Observation',
          permission: 'r',
          resource: { code: [decodeURIComponent(value)] }
        })
      ).toMatch(/^[\x20-\x7e]*$/)
      expect(answerLine(Buffer.from(JSON.stringify({ op: 'parse', scope })))).toMatch(/^[\x20-\x7e]*$/)
    }
  )
})
