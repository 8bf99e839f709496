/** A copy of the built scopes with a planted fault. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** One replacement in a file of `dist/scopes`. */
export interface Fault {
  readonly what: string
  readonly file: string
  readonly from: string
  readonly to: string
}

/** A copy of the package's scopes with one fault. Throws when the text of the fault is not in the file. */
export const withFault = (dist: string, { file, from, to }: Fault): string => {
  const folder = mkdtempSync(join(tmpdir(), 'planted-'))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  for (const part of ['scopes', 'values']) cpSync(join(dist, part), join(folder, part), { recursive: true })
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((one) => one.endsWith('.js'))) {
    const code = readFileSync(join(folder, name), 'utf8')
    writeFileSync(join(folder, name), code.replace(/^\/\/# sourceMappingURL=.*/m, ''))
  }
  const path = join(folder, 'scopes', file)
  const text = readFileSync(path, 'utf8')
  if (!text.includes(from)) throw new Error(`${file} does not contain ${from}`)
  writeFileSync(path, text.replace(from, to))
  return folder
}
