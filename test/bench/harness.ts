/**
 * Compares opponents in one run: they take turns, round by round, so that whatever slows the machine slows all of them.
 * Medians and ratios are printed, never checked.
 */
import { cpus, totalmem } from 'node:os'

/** Something that does the same job as another. */
export interface Opponent {
  readonly name: string
  /** Does the job once. */
  readonly job: () => Promise<unknown>
  /** Makes ready for so many jobs; this is not counted. */
  readonly prepare?: (jobs: number) => Promise<void>
}

/** A row of the report: the first opponent is what the others are compared with. */
export interface Row {
  readonly title: string
  readonly opponents: ReadonlyArray<Opponent>
  readonly jobsPerRound: number
}

/** What an opponent took in each round: microseconds per job. */
export interface Measured {
  readonly name: string
  readonly times: ReadonlyArray<number>
}

/** What is printed of an opponent: medians over the rounds, and between which ratios they lie. */
export interface Summary {
  readonly name: string
  readonly microseconds: number
  readonly ratio: number
  readonly least: number
  readonly most: number
}

const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((left, right) => left - right)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

const microsecondsPerJob = async ({ job, prepare }: Opponent, jobs: number): Promise<number> => {
  await prepare?.(jobs)
  const start = process.hrtime.bigint()
  for (let done = 0; done < jobs; done++) await job()
  return Number(process.hrtime.bigint() - start) / 1000 / jobs
}

/** Rounds that are not counted. */
export const warmUpRounds = 2

/** Medians and ratios to the first opponent, round by round. */
export const summarize = (measured: ReadonlyArray<Measured>): ReadonlyArray<Summary> =>
  measured.map(({ name, times }) => {
    const ratios = times.map((time, round) => time / (measured[0]?.times[round] ?? time))
    return {
      name,
      microseconds: median(times),
      ratio: median(ratios),
      least: Math.min(...ratios),
      most: Math.max(...ratios)
    }
  })

/**
 * The least time of each opponent, and its ratio to the least of the first: where processes of others disturb the
 * machine, the least is what is disturbed least.
 */
export const summarizeLeast = (measured: ReadonlyArray<Measured>): ReadonlyArray<Summary> =>
  summarize(measured).map((summary, place) => {
    const least = Math.min(...(measured[place]?.times ?? []))
    return { ...summary, microseconds: least, ratio: least / Math.min(...(measured[0]?.times ?? [])) }
  })

/** Processor time of this process: microseconds per job. */
const processorPerJob = async ({ job, prepare }: Opponent, jobs: number): Promise<number> => {
  await prepare?.(jobs)
  const start = process.cpuUsage()
  for (let done = 0; done < jobs; done++) await job()
  const { system, user } = process.cpuUsage(start)
  return (system + user) / jobs
}

/** Prints a row. */
export const printRow = (title: string, summaries: ReadonlyArray<Summary>): void => {
  console.log(`\n${title}`)
  for (const { name, microseconds, ratio, least, most } of summaries) {
    console.log(
      `  ${name.padEnd(48)} ${microseconds.toFixed(1).padStart(9)} us  ratio ${ratio.toFixed(2)}` +
        `  (${least.toFixed(2)} to ${most.toFixed(2)})`
    )
  }
}

/** Runs a row and prints it. */
export const compare = async (row: Row, rounds: number): Promise<void> => {
  printRow(
    `${row.title} (${String(rounds)} rounds of ${String(row.jobsPerRound)})`,
    summarize(await timesOf(row, rounds, microsecondsPerJob))
  )
}

/** Runs a row and prints the least processor time of each opponent. */
export const compareLeast = async (row: Row, rounds: number): Promise<void> => {
  printRow(
    `${row.title}: processor time, the least of ${String(rounds)} rounds of ${String(row.jobsPerRound)}`,
    summarizeLeast(await timesOf(row, rounds, processorPerJob))
  )
}

const timesOf = async (
  { jobsPerRound, opponents }: Row,
  rounds: number,
  measure: typeof microsecondsPerJob
): Promise<ReadonlyArray<Measured>> => {
  const times = opponents.map((): Array<number> => [])
  for (let round = -warmUpRounds; round < rounds; round++) {
    for (const [index, opponent] of opponents.entries()) {
      const time = await measure(opponent, jobsPerRound)
      if (round >= 0) times[index]?.push(time)
    }
  }
  return opponents.map(({ name }, index) => ({ name, times: times[index] ?? [] }))
}

/** The machine's name: absolute times mean nothing without it. */
export const machineName = (): string => {
  const [first] = cpus()
  return (
    `${first?.model ?? 'unknown processor'}, ${String(cpus().length)} cores, ` +
    `${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.versions.node}, ${process.platform} ${process.arch}`
  )
}
