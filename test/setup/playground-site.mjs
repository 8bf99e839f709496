/** Adds the scope playground to the site of the documentation: `node test/setup/playground-site.mjs docs/api`. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const folder = join(resolve(process.argv[2] ?? 'docs/api'), 'playground')
const built = join(import.meta.dirname, '..', '..', 'dist', 'playground')
const { playgroundFiles } = await import(join(built, 'site-page.js'))

mkdirSync(folder, { recursive: true })
for (const [name, text] of Object.entries(playgroundFiles)) writeFileSync(join(folder, name), text)
copyFileSync(join(built, 'playground.js'), join(folder, 'playground.js'))
