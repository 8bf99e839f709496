/**
 * Fails when the clone is not ready to be released: `npm publish` runs it first. A release has a tag `v<version>` on
 * the current commit, a section in `docs/CHANGELOG.md`, and the address of its repository, which provenance is compared
 * with.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')
const { repository, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const lockfile = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
const headings = [...readFileSync(join(root, 'docs', 'CHANGELOG.md'), 'utf8').matchAll(/^## (.+)$/gm)].map(
  ([, heading = '']) => heading
)
const git = (/** @type {string[]} */ ...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()

const newest = headings.find((heading) => heading !== 'Unreleased')
const wrong = [
  !/^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/.test(version) && `package.json: ${version} is no version`,
  lockfile.version !== version && 'package-lock.json has another version: run npm install',
  !new RegExp(`^${version.replaceAll('.', '\\.')} - \\d{4}-\\d{2}-\\d{2}$`).test(newest ?? '') &&
    `docs/CHANGELOG.md: the newest section is not "## ${version} - <date>"`,
  repository === undefined && 'package.json has no "repository": npm compares it with the provenance',
  !git('tag', '--points-at', 'HEAD').split('\n').includes(`v${version}`) && `the commit has no tag v${version}`,
  git('status', '--porcelain') !== '' && 'the tree is not clean'
].filter((one) => one !== false)

for (const one of wrong) console.error(`Not ready to be released: ${one}.`)
if (wrong.length > 0) process.exitCode = 1
