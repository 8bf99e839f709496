/** The app with a fault in it: its sources are bundled with one place changed. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import type { smartApp } from '../../../src/engine/app/smart-app.js'

const source = join(import.meta.dirname, '..', '..', '..', 'src')

/** A place in a file below `src/`, and what stands there instead. */
export interface Fault {
  readonly file: string
  readonly place: string
  readonly instead: string
}

/** `smartApp` with a fault. Throws when the place is not there, or is there twice. */
export const planted = async (faults: ReadonlyArray<Fault>): Promise<typeof smartApp> => {
  let found = 0
  const { outputFiles } = await build({
    entryPoints: [join(source, 'engine', 'app', 'smart-app.ts')],
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
    logLevel: 'silent',
    plugins: [
      {
        name: 'faults',
        setup: (bundler) => {
          bundler.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
            let contents = await readFile(path, 'utf8')
            for (const { file, place, instead } of faults.filter((one) => path === join(source, one.file))) {
              if (contents.split(place).length !== 2) throw new Error(`${file} does not hold once: ${place}`)
              contents = contents.replace(place, () => instead)
              found += 1
            }
            return { contents, loader: 'ts' }
          })
        }
      }
    ]
  })
  if (found !== faults.length) throw new Error('a fault was not planted')
  const file = join(mkdtempSync(join(tmpdir(), 'planted-')), 'app.mjs')
  writeFileSync(file, outputFiles[0]?.contents ?? '')
  return ((await import(pathToFileURL(file).href)) as { readonly smartApp: typeof smartApp }).smartApp
}
