/** The same random inputs in every mutation run: a mutant is found by all runs or by none. */
import * as fc from 'fast-check'

fc.configureGlobal({ seed: 20_260, endOnFailure: true, numRuns: 100 })
