/**
 * The clients of databases: packages that the user installs, because this package depends on none of them. They are
 * loaded when a configuration needs them.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { ownMember } from '../../values/own.js'

/** Imports a package by its name; rejects if it is not installed. */
export type ImportPackage = (name: string) => Promise<unknown>

const isMissing = (error: unknown): boolean =>
  error instanceof Error && /^(?:ERR_)?MODULE_NOT_FOUND$/.test((error as NodeJS.ErrnoException).code ?? '')

/** A package beside this one, or below the folder in which the user started the command. */
const requirePackage = (name: string): unknown => {
  // `require` also loads ES modules on all supported releases of Node.
  try {
    return createRequire(import.meta.url)(name) as unknown
  } catch (error) {
    if (!isMissing(error)) throw error
    return createRequire(join(process.cwd(), 'package.json'))(name) as unknown
  }
}

const installedPackage: ImportPackage = (name) => Promise.resolve().then(() => requirePackage(name))

/** The exports of a package; null if it is not installed. */
export const packageNamed = async (
  name: string,
  importPackage: ImportPackage = installedPackage
): Promise<Readonly<Record<string, unknown>> | null> => {
  try {
    const loaded = await importPackage(name)
    // `require` gives what a CommonJS package exports, which `import` gives as the default export.
    const found = typeof loaded === 'function' ? { default: loaded } : (loaded as Readonly<Record<string, unknown>>)
    const inner: unknown = ownMember(found, 'default')
    return typeof inner === 'object' && inner !== null ? { ...inner, ...found } : found
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}
