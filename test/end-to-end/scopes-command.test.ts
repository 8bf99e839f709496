/** `smart-app-launch scopes`, as a program in another language would call it. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCommand } from '../support/simulator/simulator-process.js'

const main = join(import.meta.dirname, '..', '..', 'dist', 'cli', 'main.js')

const batch = (lines: ReadonlyArray<unknown>): Promise<ReadonlyArray<unknown>> =>
  batchOf(Buffer.from(lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')))

const batchOf = (input: Buffer): Promise<ReadonlyArray<unknown>> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [main, 'scopes', 'batch'])
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString('utf8')
    })
    child.once('close', () => {
      resolve(
        out
          .trimEnd()
          .split('\n')
          .map((line): unknown => JSON.parse(line))
      )
    })
    child.stdin.end(input)
  })

describe('scopes batch', () => {
  it('answers each line in its order', async () => {
    expect(
      await batch([
        {
          id: 1,
          op: 'parse',
          scope:
            'patient/Observation.rs?category=a%7Cb,c launch/patient openid offline_access __x foo patient/X.sr launch'
        },
        { op: 'normalize', scope: 'patient/Observation.s patient/Observation.r' },
        { id: 'a', op: 'subsumes', granted: 'patient/*.rs', requested: 'patient/Observation.r' },
        { op: 'subsumes', granted: 'patient/Observation.rs?category=a', requested: 'patient/Observation.r' },
        { op: 'subsumes', granted: 'openid', requested: 'openid foo' },
        { op: 'subsumes', granted: '', requested: 'patient/Observation.r?date=ge2020' },
        { op: 'equivalent', a: 'patient/*.read', b: 'patient/*.rs' },
        { op: 'disjoint', a: 'patient/*.r', b: 'patient/*.s' },
        { op: 'intersect', a: 'patient/*.read', b: 'patient/Observation.rs' },
        { op: 'union', a: 'patient/Observation.r', b: 'patient/Observation.s' },
        { op: 'uncovered', granted: 'patient/Observation.r', requested: 'patient/Observation.rs' },
        {
          op: 'permits',
          granted: 'patient/Observation.rs?category=a',
          access: { level: 'patient', type: 'Observation', permission: 'r', resource: { category: ['|a'] } }
        },
        { op: 'permits', granted: 'openid', access: { atom: 'openid' } },
        { op: 'permits', granted: 'patient/X.sr', access: { atom: 'patient/X.sr' } },
        { op: 'normalize', scope: 'patient/X.sr', strict: true },
        'nonsense',
        '[]',
        { op: 'constructor' },
        { op: 'normalize' },
        { op: 'permits', granted: '', access: 5 },
        { op: 'normalize', scope: `patient/X.r?a=${'v,'.repeat(200)}v&b=${'v,'.repeat(200)}v` }
      ])
    ).toEqual(
      [
        {
          id: 1,
          scopes: [
            {
              kind: 'resource',
              level: 'patient',
              type: 'Observation',
              permissions: 'rs',
              query: [{ name: 'category', modifier: null, values: ['a|b', 'c'] }],
              syntax: 'v2',
              text: 'patient/Observation.rs?category=a%7Cb,c'
            },
            { kind: 'launch', type: 'patient', role: null, text: 'launch/patient' },
            { kind: 'identity', text: 'openid' },
            { kind: 'refresh', text: 'offline_access' },
            { kind: 'extension', text: '__x' },
            { kind: 'unknown', text: 'foo' },
            { kind: 'malformed', text: 'patient/X.sr', reason: 'PermissionsOutOfOrder', position: 11 },
            { kind: 'launch', type: null, role: null, text: 'launch' }
          ]
        },
        { scope: 'patient/Observation.rs' },
        { id: 'a', result: true },
        { result: false, counterexample: { level: 'patient', type: 'Observation', permission: 'r', resource: {} } },
        { result: false, counterexample: { atom: 'foo' } },
        {
          result: false,
          counterexample: { level: 'patient', type: 'Observation', permission: 'r', resource: { date: ['ge2020'] } }
        },
        { result: true },
        { result: true },
        { scope: 'patient/Observation.rs' },
        { scope: 'patient/Observation.rs' },
        { scope: 'patient/Observation.s' },
        { result: true },
        { result: true },
        { result: true },
        {
          error: { code: 'malformed_scope', message: 'scope: at 11 expected permissions in the order cruds, each once' }
        },
        { error: { code: 'invalid_json', message: 'expected one JSON object in UTF-8' } },
        { error: { code: 'invalid_json', message: 'expected one JSON object in UTF-8' } },
        { error: { code: 'unknown_op', message: expect.stringContaining('expected one of parse') as string } },
        { error: { code: 'invalid_member', message: 'scope: expected a text' } },
        { error: { code: 'invalid_member', message: expect.stringContaining('access: expected') as string } },
        { scope: 'patient/X.r?a=v&b=v' }
      ].map((line, index) =>
        index === 20 ? { error: { code: 'too_complex', message: '40401 atoms, and the limit is 20000' } } : line
      )
    )
  })
})

describe('scopes batch, given what is not meant for it,', () => {
  it('answers each line, guesses at none, and goes on', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const lines = [
      '{"op":"parse","scope":"\u00ff"}',
      `{"id":${deep},"op":"parse","scope":""}`,
      '{"op":"parse",\r"scope":"","strict":"true"}',
      '',
      '{"op":"parse",\r"scope":""}'
    ]
    expect(await batchOf(Buffer.from(lines.join('\n'), 'latin1'))).toEqual([
      { error: { code: 'invalid_json', message: 'expected one JSON object in UTF-8' } },
      { error: { code: 'invalid_member', message: 'id: expected a value that is not nested so deeply' } },
      { error: { code: 'invalid_member', message: 'strict: expected true or false' } },
      { scopes: [] }
    ])
  })

  it('ends without an error when its output is closed', async () => {
    const child = spawn(process.execPath, [main, 'scopes', 'batch'])
    let err = ''
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString('utf8')
    })
    child.stdin.on('error', () => undefined)
    child.stdout.once('data', () => {
      child.stdout.destroy()
    })
    const closed = new Promise<number | null>((resolve) => {
      child.once('close', resolve)
    })
    child.stdin.end('{"op":"parse","scope":"patient/*.rs"}\n'.repeat(20_000))
    expect([await closed, err]).toEqual([1, ''])
  })
})

describe('scopes', () => {
  it.each<readonly [ReadonlyArray<string>, number, RegExp]>([
    [['normalize', 'patient/Observation.s patient/Observation.r'], 0, /^patient\/Observation\.rs\n$/],
    [['normalize', 'openid', '--json'], 0, /^\{"scope":"openid"\}\n$/],
    [['subsumes', '--granted', 'patient/*.rs', '--requested', 'patient/Observation.r'], 0, /^yes\n$/],
    [
      ['subsumes', '--granted', 'patient/Observation.r', '--requested', 'patient/*.r', '--json'],
      1,
      /^\{"result":false,"counterexample":\{"level":"patient","type":"Fresh0","permission":"r","resource":\{\}\}\}\n$/
    ],
    [['intersect', 'patient/*.read', 'patient/Observation.cruds'], 0, /^patient\/Observation\.rs\n$/],
    [['explain', 'patient/*.rs offline_access'], 0, /now and in the future\./],
    [['parse', 'launch foo', '--json'], 0, /"kind":"unknown"/]
  ])('%j: exit %i', async (args, code, out) => {
    const ended = await runCommand(['scopes', ...args])
    expect([ended.code, ended.err]).toEqual([code, ''])
    expect(ended.out).toMatch(out)
  })

  it('shows nothing that a terminal would obey', async () => {
    expect((await runCommand(['scopes', 'parse', 'a\u001b[31m'])).out).toBe(
      'a\\u{1b}[31m\n  malformed, reason CharacterNotAllowed, position 1\n'
    )
  })

  it.each<readonly [ReadonlyArray<string>, RegExp]>([
    [
      ['normalize', 'openid patient/Observation.sr'],
      /^openid patient\/Observation\.sr\n {28}\^ expected permissions in the order cruds, each once\n$/
    ],
    [['normalize', 'patient/Obs\nerv\u001b[31m.rs'], /^patient\/Obs\?erv\?\[31m\.rs\n {11}\^ expected a printable/],
    [['parse', 'openid', '--granted', 'x'], /^scopes: expected scopes parse/],
    [['normalize'], /^scopes: expected scopes normalize "<scope string>"\n$/],
    [['subsumes', '--granted', 'x'], /^scopes: expected scopes subsumes --granted/],
    [['canonical', 'x'], /^scopes: expected scopes parse\|normalize\|/],
    [['explain', 'openid', '--lang', 'xx'], /^--lang: expected en, found "xx"\n$/],
    [['parse', 'x', '--jsn'], /^scopes: Unknown option '--jsn'/]
  ])('%j: exit 2', async (args, err) => {
    const ended = await runCommand(['scopes', ...args])
    expect([ended.code, ended.out]).toEqual([2, ''])
    expect(ended.err).toMatch(err)
  })
})

describe('every command', () => {
  it.each(['scopes', 'check', 'machines', 'scopes parse'])('says how it is used: %s --help', async (command) => {
    const [said, all] = await Promise.all([runCommand([...command.split(' '), '--help']), runCommand(['--help'])])
    expect(said).toEqual(all)
    expect(said).toMatchObject({ code: 0, err: '' })
    expect(said.out).toContain(`smart-app-launch ${command}`)
  })

  it('explains each option: serve --help', async () => {
    const [said, all] = await Promise.all([runCommand(['serve', '--help']), runCommand(['--help'])])
    expect(said).toMatchObject({ code: 0, err: '' })
    const options = /smart-app-launch serve ([^]*?)\n\s/.exec(all.out)?.[1]?.match(/--[a-z-]+/g) ?? []
    expect(options.length).toBeGreaterThan(4)
    for (const option of options) expect(said.out).toMatch(new RegExp(`^${option} `, 'm'))
  })
})
