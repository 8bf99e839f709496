/** What an import costs in a browser: bundled, minified, gzipped. */
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const imports: ReadonlyArray<readonly [name: string, code: string]> = [
  ['one function', "import { subsumes } from 'smart-app-launch/scopes'; console.log(subsumes('', ''))"],
  ['everything', "export * from 'smart-app-launch/scopes'"],
  ['everything of /sets too', "export * from 'smart-app-launch/scopes'; export * from 'smart-app-launch/scopes/sets'"],
  ['everything about scopes', "export * from 'smart-app-launch'"],
  ['parse alone', "import { parseScope } from 'smart-app-launch/scopes'; console.log(parseScope('openid'))"],
  [
    'parse and the algebra',
    "import { parse, subsumes } from 'smart-app-launch/scopes'; " +
      "import { intersect, normalize } from 'smart-app-launch/scopes/sets'; " +
      'console.log(parse, subsumes, intersect, normalize)'
  ]
]

/** Prints the sizes. */
export const printSizes = async (): Promise<void> => {
  console.log('\nSizes, bundled, minified and gzipped')
  for (const [name, contents] of imports) {
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: process.cwd() },
      bundle: true,
      minify: true,
      format: 'esm',
      write: false
    })
    const [file] = outputFiles
    if (file !== undefined)
      console.log(`  ${name.padEnd(48)} ${(gzipSync(file.contents).length / 1000).toFixed(1).padStart(9)} kB`)
  }
}
