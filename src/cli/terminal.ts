/** What a command may do to the world: print, and end. */

/** Where a command prints. */
export interface Terminal {
  readonly stdout: (text: string) => void
  readonly stderr: (line: string) => void
}

/** How a command ended; null when it goes on running. */
export type ExitCode = 0 | 1 | 2 | null
