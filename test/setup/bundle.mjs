/** Bundles the script of the scope playground for browsers: `dist/playground/playground.js`. */
import { join } from 'node:path'
import { build } from 'esbuild'

const dist = join(import.meta.dirname, '..', '..', 'dist')

await build({
  entryPoints: [join(dist, 'playground', 'page.js')],
  outfile: join(dist, 'playground', 'playground.js'),
  bundle: true,
  format: 'iife',
  platform: 'browser',
  target: 'es2022',
  minify: true,
  legalComments: 'none',
  logLevel: 'error'
})
