/** The check that `npm publish` runs first, in a small repository. */
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const folders: Array<string> = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

const released = {
  changelog: '# Changelog\n\n## Unreleased\n\n## 1.2.3 - 2026-01-31\n\n- one\n\n## 1.2.2 - 2026-01-01\n\n- zero\n',
  manifest: { version: '1.2.3', repository: { type: 'git', url: 'git+https://git.example/x.git' } } as object,
  lockfile: { version: '1.2.3' },
  tag: 'v1.2.3' as string | null,
  rest: ''
}

/** What the check says of a repository, a line each. */
const complaints = (change: Partial<typeof released>): ReadonlyArray<string> => {
  const { changelog, manifest, lockfile, rest, tag } = { ...released, ...change }
  const folder = mkdtempSync(join(tmpdir(), 'release-'))
  folders.push(folder)
  for (const name of ['docs', 'test/setup']) mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, 'docs/CHANGELOG.md'), changelog)
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lockfile))
  copyFileSync(join(root, 'test/setup/release-check.mjs'), join(folder, 'test/setup/release-check.mjs'))
  const git = (...args: ReadonlyArray<string>) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.example', ...args], { cwd: folder })
  git('init', '-q')
  git('add', '-A')
  git('commit', '-q', '-m', 'release')
  if (tag !== null) git('tag', '-a', tag, '-m', tag)
  if (rest !== '') writeFileSync(join(folder, 'rest'), rest)
  const { status, stderr } = spawnSync(process.execPath, ['test/setup/release-check.mjs'], {
    cwd: folder,
    encoding: 'utf8'
  })
  const lines = stderr.split('\n').filter((line) => line !== '')
  expect(status).toBe(lines.length === 0 ? 0 : 1)
  return lines.map((line) => line.replace('Not ready to be released: ', ''))
}

describe('the check before a release', () => {
  it('finds nothing wrong in a release', () => {
    expect(complaints({})).toEqual([])
  })

  it.each<readonly [string, Partial<typeof released>, RegExp]>([
    ['no tag', { tag: null }, /^the commit has no tag v1\.2\.3\.$/],
    ['the tag of another version', { tag: 'v1.2.2' }, /no tag v1\.2\.3/],
    ['another version in the lock file', { lockfile: { version: '1.2.2' } }, /package-lock\.json/],
    ['no repository', { manifest: { version: '1.2.3' } }, /no "repository"/],
    ['a repository without an address', { manifest: { version: '1.2.3', repository: {} } }, /no "repository"/],
    ['no date', { changelog: released.changelog.replace(' - 2026-01-31', '') }, /newest section is not/],
    ['an empty section', { changelog: released.changelog.replace('- one', '') }, /is empty/],
    [
      'entries that were not released',
      { changelog: released.changelog.replace('## Unreleased\n', '## Unreleased\n\n- new\n') },
      /"## Unreleased" has entries/
    ],
    ['files that are not committed', { rest: 'x' }, /the tree is not clean/]
  ])('names %s', (_what, change, line) => {
    expect(complaints(change)).toEqual([expect.stringMatching(line)])
  })

  it('runs before npm publishes', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      readonly scripts: Readonly<Record<string, string>>
    }
    expect(scripts['prepublishOnly']).toBe('node test/setup/release-check.mjs && .ci/run')
  })
})
