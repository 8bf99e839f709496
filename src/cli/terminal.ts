/** The output and the exit code of a command. */

/** The output streams of a command. */
export interface Terminal {
  readonly stdout: (text: string) => void
  readonly stderr: (line: string) => void
}

/** The exit code of a command; null if it keeps running. */
export type ExitCode = 0 | 1 | 2 | null
