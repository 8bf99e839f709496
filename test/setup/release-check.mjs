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
const sections = readFileSync(join(root, 'docs', 'CHANGELOG.md'), 'utf8')
  .split(/^## /m)
  .slice(1)
  .map((text) => ({ heading: text.split('\n')[0], isEmpty: text.trim().split('\n').length === 1 }))
const git = (/** @type {string[]} */ ...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()

const unreleased = sections.find(({ heading }) => heading === 'Unreleased')
const newest = sections.find(({ heading }) => heading !== 'Unreleased')
const wrong = [
  !/^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/.test(version) && `package.json: ${version} is no version`,
  lockfile.version !== version && 'package-lock.json has another version: run npm install',
  !new RegExp(`^${version.replaceAll('.', '\\.')} - \\d{4}-\\d{2}-\\d{2}$`).test(newest?.heading ?? '') &&
    `docs/CHANGELOG.md: the newest section is not "## ${version} - <date>"`,
  newest?.isEmpty === true && `docs/CHANGELOG.md: the section "## ${newest.heading}" is empty`,
  unreleased?.isEmpty === false && 'docs/CHANGELOG.md: "## Unreleased" has entries that belong to the release',
  typeof (repository?.url ?? repository) !== 'string' &&
    'package.json has no "repository": npm compares it with the provenance',
  !git('tag', '--points-at', 'HEAD').split('\n').includes(`v${version}`) && `the commit has no tag v${version}`,
  git('status', '--porcelain') !== '' && 'the tree is not clean'
].filter((one) => one !== false)

for (const one of wrong) console.error(`Not ready to be released: ${one}.`)
if (wrong.length > 0) process.exitCode = 1
