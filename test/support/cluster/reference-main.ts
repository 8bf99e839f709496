/** The reference store as a process. */
import type { ReferenceForm } from './reference-store.js'
import { serveReferenceStore } from './reference-store.js'

/** The arguments of the reference store, as JSON. */
export interface ReferenceArguments {
  readonly form: ReferenceForm
  readonly port: number
  readonly log: string
}

const { form, port, log } = JSON.parse(process.argv[2] ?? '') as ReferenceArguments
await serveReferenceStore(form, port, log)
process.stdout.write(`listening ${String(port)}\n`)
