/** The golden vectors: what their generator writes, confirmed by checkers that share no code with the package. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Line, TypeTable } from './checkers.js'
import { checkerFolder, checkers, isPermitted, isProved, typeOfIn } from './checkers.js'
import type { LevelOrder } from '../support/checkers/read.js'
import { kinds } from './cases.js'
import { certifierFaults, checkerFaults } from './faults.js'
import { planted } from '../support/planted-certificates.js'
import { certified, vectorText } from './vectors.js'
import { answerLine } from '../../src/cli/scopes/batch.js'

const root = join(import.meta.dirname, '..', '..')
const file = join(import.meta.dirname, 'scopes-1.jsonl')
const [header = {}, ...cases] = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Line)
const typeOf = typeOfIn(header['types'] as TypeTable)

describe('the golden vectors', () => {
  it('are what their generator writes', { timeout: 240_000 }, async () => {
    await expect(vectorText()).toMatchFileSnapshot(file)
  })

  it('are some thousands, by kind, each once', () => {
    expect(cases.length).toBeGreaterThan(2500)
    expect(header['cases']).toBe(cases.length)
    expect(Object.keys(header['kinds'] as object)).toEqual(kinds.map(({ kind }) => kind))
    for (const [kind, count] of Object.entries(header['kinds'] as Readonly<Record<string, number>>)) {
      expect([kind, cases.filter((one) => one['kind'] === kind).length]).toEqual([kind, count])
      expect(count).toBeGreaterThan(15)
    }
    expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length)
  })

  it('have both answers in every kind that has two', () => {
    const one = new Set(
      kinds.flatMap(({ kind }) => {
        const results = new Set(
          cases.filter((line) => line['kind'] === kind && 'result' in line).map((line) => line['result'])
        )
        return results.size === 1 ? [kind] : []
      })
    )
    expect([...one]).toEqual(['too-complex'])
  })

  it('have a certificate for each question that one can settle, and a sentence each', () => {
    const certifiable = ['subsumes', 'normalize', 'union', 'intersect', 'uncovered', 'equivalent']
    const without = cases.filter(
      (line) =>
        certifiable.includes(line['op'] as string) &&
        !('error' in line || 'certificate' in line || 'certificates' in line)
    )
    expect(without).toEqual([])
    expect(cases.filter(({ why }) => typeof why !== 'string' || !/^.{20,}\.$/s.test(why))).toEqual([])
  })

  it('have certificates of their own questions', () => {
    const foreign = cases.filter((line) => {
      if (!('certificates' in line)) return false
      const own = line['certificates'] as ReadonlyArray<Readonly<Record<string, unknown>>>
      const coverages = certified(
        line['op'] === 'normalize' ? { ...line, given: line['scope'], scope: line['normalized'] } : line
      )
      const isNo = line['op'] === 'equivalent' && line['result'] === false
      const wanted = isNo
        ? coverages.filter(
            ([granted, requested]) => granted === own[0]?.['granted'] && requested === own[0]['requested']
          )
        : coverages
      return (
        wanted.length !== own.length ||
        own.some(
          (one, place) =>
            one['granted'] !== wanted[place]?.[0] || one['requested'] !== wanted[place]?.[1] || one['result'] === isNo
        )
      )
    })
    expect(foreign).toEqual([])
  })

  it('are answered by `scopes batch` with these members', () => {
    const members = ['id', 'op', 'scope', 'granted', 'requested', 'a', 'b', 'access', 'levelOrder', 'budget']
    const different = cases.filter((line) => {
      const question = Object.fromEntries(Object.entries(line).filter(([name]) => members.includes(name)))
      const answer = JSON.parse(answerLine(Buffer.from(JSON.stringify(question)))) as Line
      const found: Line = line['op'] === 'normalize' ? { ...answer, normalized: answer['scope'] } : answer
      const wanted: Readonly<Record<string, ReadonlyArray<string>>> = { normalize: ['normalized'], parse: ['scopes'] }
      return ['error', ...(wanted[String(line['op'])] ?? ['result', 'scope'])].some(
        (name) => JSON.stringify(line[name]) !== JSON.stringify(found[name])
      )
    })
    expect(different).toEqual([])
  })

  it('agree with the checker about every access', () => {
    const order = (line: Line): LevelOrder => (line['levelOrder'] ?? []) as LevelOrder
    const wrong = cases.filter((line) => {
      if (line['op'] === 'permits')
        return isPermitted(line['granted'] as string, line['access'], typeOf, order(line)) !== line['result']
      if (line['op'] !== 'disjoint' || !('access' in line)) return false
      return (
        !isPermitted(line['a'] as string, line['access'], typeOf, []) ||
        !isPermitted(line['b'] as string, line['access'], typeOf, [])
      )
    })
    expect(wrong).toEqual([])
  })

  it.for(checkers())('are certified, as the checker in $language says', { timeout: 240_000 }, (checker, { skip }) => {
    skip(checker.run === null, `${checker.language} is not installed: not checked here`)
    const accepted = checker.run?.([header, ...cases]) ?? new Set()
    const with_ = cases.filter((line) => 'certificate' in line || 'certificates' in line)
    expect(with_.length).toBeGreaterThan(2000)
    expect(with_.filter(({ id }) => !accepted.has(String(id))).slice(0, 3)).toEqual([])
  })
})

describe('smart-app-launch scopes subsumes --certificate', () => {
  const certificateOf = (granted: string, requested: string) => {
    const { status, stdout } = spawnSync(
      process.execPath,
      [
        join(root, 'dist', 'cli', 'main.js'),
        'scopes',
        'subsumes',
        '--granted',
        granted,
        '--requested',
        requested
      ].concat(['--certificate', '--json']),
      { encoding: 'utf8' }
    )
    return { status, ...(JSON.parse(stdout) as { readonly result: boolean; readonly certificate: unknown }) }
  }

  it.each([
    ['patient/*.rs?_tag=a', 'patient/Patient.r?_tag=s|a', true],
    ['patient/*.rs?category=a', 'patient/Patient.r?category=a', false],
    [' openid  patient/*.r', 'patient/Patient.r  ', true],
    ['openid  launch', ' launch  fhirUser', false]
  ])('certifies %s and %s: %s', (granted, requested, result) => {
    const found = certificateOf(granted, requested)
    expect([found.status, found.result]).toEqual([result ? 0 : 1, result])
    expect(isProved(granted, requested, found.certificate, typeOf, [])).toBe(true)
    expect(isProved(requested, granted, found.certificate, typeOf, [])).toBe(false)

    const line = JSON.stringify({ op: 'subsumes', granted, requested, certificate: true })
    const batch = JSON.parse(answerLine(Buffer.from(line))) as { readonly certificate: unknown }
    expect(isProved(granted, requested, batch.certificate, typeOf, [])).toBe(true)
  })
})

describe('docs/scope-vectors.md', () => {
  const page = readFileSync(join(root, 'docs', 'scope-vectors.md'), 'utf8')
  const [, python = ''] = /```python\n(.*?)```/s.exec(page) ?? []

  const runLoop = (...command: ReadonlyArray<string>): { readonly stdout: string; readonly stderr: string } =>
    spawnSync('python3', ['-c', python, file, process.execPath, ...command], { encoding: 'utf8', maxBuffer: 2 ** 26 })
  const answered = cases.filter((line) => !('error' in line))

  it('has a loop in Python that runs every case through the command line', { timeout: 240_000 }, ({ skip }) => {
    skip(spawnSync('python3', ['--version']).status !== 0, 'python3 is not installed: not checked here')
    const { stdout, stderr } = runLoop(join(root, 'dist', 'cli', 'main.js'), 'scopes', 'batch')
    expect(stderr).toBe('')
    expect(stdout).toBe(`${String(answered.length)} cases, 0 different\n`)
  })

  it('has a loop in Python that notices wrong answers of every operation', { timeout: 240_000 }, ({ skip }) => {
    skip(spawnSync('python3', ['--version']).status !== 0, 'python3 is not installed: not checked here')
    // It answers each question with what is never right, and is right about which sets are equivalent.
    const wrong = `
      const lines = require('node:fs').readFileSync(0, 'utf8').trim().split('\\n').map((line) => JSON.parse(line))
      for (const { op, id, a, b } of lines)
        console.log(JSON.stringify(op === 'equivalent' && id === undefined
          ? { result: a === b }
          : { id, result: null, scopes: null, scope: 'wrong' }))`
    const { stdout, stderr } = runLoop('-e', wrong)
    expect(stderr).toBe('')
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(
      `${String(answered.length)} cases, ${String(answered.length)} different`
    )
  })

  it('has checkers that use nothing of the package', () => {
    const used = readdirSync(checkerFolder).flatMap((name) => {
      const text = readFileSync(join(checkerFolder, name), 'utf8')
      const modules = [...text.matchAll(/\bfrom '([^']+)'|\bimport\(|^require(?:_relative)? '([^']+)'/gm)]
      return modules.map(([whole, one, other]) => one ?? other ?? whole)
    })
    expect([...new Set(used)].sort()).toEqual(['./read.js', 'check', 'json', 'read'])
  })

  it('has the lines of each checker, without blank lines and comments', () => {
    const rows = [...page.matchAll(/^\| \w+ \| `(\w+\.\w+)` \| (\d+) \|/gm)].map(([, name = '', lines]) => [
      name,
      Number(lines)
    ])
    const counted = rows.map(([name = '']) => {
      const text = readFileSync(join(checkerFolder, String(name)), 'utf8').replace(/\/\*[^]*?\*\/|"""[^]*?"""/g, '')
      return [name, text.split('\n').filter((line) => !/^\s*(?:$|\/\/|#)/.test(line)).length]
    })
    expect(rows.length).toBe(4)
    expect(counted).toEqual(rows)
  })

  it('says how many kinds of faults are planted', () => {
    expect(page).toContain(`changed in one of ${String(Object.keys(planted).length)} ways`)
    const [inCheckers, inCertifier] = [checkerFaults.length, certifierFaults.length].map(String)
    expect(page).toContain(`${inCheckers!} faults planted in the checkers and ${inCertifier!} in \`certify\``)
    expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain(
      `planted wrong ones of ${String(Object.keys(planted).length)} kinds`
    )
  })

  it('has the kinds with their rules', () => {
    const [, rows = ''] = /^\| kind \|.*?\n(.*?)\n\n/ms.exec(page) ?? []
    expect([...rows.matchAll(/^\| `([a-z0-9-]+)` \| (.*?) \|$/gm)].map(([, kind, rule]) => ({ kind, rule }))).toEqual(
      kinds.map(({ kind, rule }) => ({ kind, rule }))
    )
  })
})
