/** `npm run proof`: compiles the proofs, and compares the extracted procedures with the built package. */
import { compileProofs, removeFolder, theorems } from './proofs.js'

const compiled = compileProofs()
try {
  console.log(`${String(theorems.length)} theorems, ${String(compiled.closed.length)} without an axiom`)
  for (const fault of compiled.faults) console.log(fault)
  process.exitCode = compiled.faults.length === 0 ? 0 : 1
} finally {
  removeFolder(compiled.folder)
}
