/**
 * Compares opponents in one process and one run: they take turns, round by round, so that whatever slows the machine slows all
 * of them. Medians and ratios are printed, never judged.
 */
import { cpus, totalmem } from 'node:os'

/** Something that does the same job as another. */
export interface Opponent {
  readonly name: string
  /** Does the job once. */
  readonly job: () => Promise<unknown>
}

/** A row of the report: the first opponent is what the others are compared with. */
export interface Row {
  readonly title: string
  readonly opponents: ReadonlyArray<Opponent>
  readonly jobsPerRound: number
}

const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((left, right) => left - right)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle] ?? 0 : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

const microsecondsPerJob = async ({ job }: Opponent, jobs: number): Promise<number> => {
  const start = process.hrtime.bigint()
  for (let done = 0; done < jobs; done++) await job()
  return Number(process.hrtime.bigint() - start) / 1000 / jobs
}

const warmUpRounds = 2

/** Runs a row and prints it. */
export const compare = async (row: Row, rounds: number): Promise<void> => {
  const times = row.opponents.map((): Array<number> => [])
  for (let round = -warmUpRounds; round < rounds; round++) {
    for (const [index, opponent] of row.opponents.entries()) {
      const time = await microsecondsPerJob(opponent, row.jobsPerRound)
      if (round >= 0) times[index]?.push(time)
    }
  }
  const reference = times[0] ?? []
  console.log(`\n${row.title} (${String(rounds)} rounds of ${String(row.jobsPerRound)})`)
  for (const [index, { name }] of row.opponents.entries()) {
    const mine = times[index] ?? []
    const ratios = mine.map((time, round) => time / (reference[round] ?? time))
    console.log(`  ${name.padEnd(48)} ${median(mine).toFixed(1).padStart(9)} us  ratio ${median(ratios).toFixed(2)}` +
      `  (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`)
  }
}

/** Names the machine: absolute times mean nothing without it. */
export const nameTheMachine = (): void => {
  const [first] = cpus()
  console.log(`${first?.model ?? 'unknown processor'}, ${String(cpus().length)} cores, ` +
    `${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.versions.node}, ${process.platform} ${process.arch}`)
}
