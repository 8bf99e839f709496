/** Bundles the scripts of pages for browsers: the scope playground and the sample app. */
import { join } from 'node:path'
import { build } from 'esbuild'

const dist = join(import.meta.dirname, '..', '..', 'dist')
const sampleApp = join(dist, 'simulator', 'sample-app')

for (const [entry, outfile] of [
  [join(dist, 'playground', 'page.js'), join(dist, 'playground', 'playground.js')],
  [join(sampleApp, 'launch-script.js'), join(sampleApp, 'browser', 'launch.js')],
  [join(sampleApp, 'app-script.js'), join(sampleApp, 'browser', 'app.js')]
])
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    logLevel: 'error'
  })
