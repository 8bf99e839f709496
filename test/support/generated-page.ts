/** What the tests of generated pages share. */
import { join } from 'node:path'

/** The folder of the pages. */
export const docs = join(import.meta.dirname, '..', '..', 'docs')

/** Stands on every generated page. */
export const note = 'This page is generated: `npm run docs:write` writes it, and a test fails when it is stale.'
