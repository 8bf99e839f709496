/**
 * Writes the records of this release to `test/data/stored-records-version-N.json`: once for each new `recordVersion`,
 * before the first release that writes it. `npx tsx test/setup/record-world.ts 1.0.0`
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { recordVersion } from '../../src/engine/stored-record.js'
import { recordWorld } from '../support/server/recorded-world.js'

const [, , release = 'unreleased'] = process.argv
const file = join(import.meta.dirname, '..', 'data', `stored-records-version-${String(recordVersion)}.json`)
recordWorld(release)
  .then((world) => {
    writeFileSync(file, `${JSON.stringify(world, null, 2)}\n`)
    console.log(file)
  })
  .catch((error: unknown) => {
    console.error(error)
    process.exitCode = 1
  })
