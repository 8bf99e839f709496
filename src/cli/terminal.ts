/** What a command may do to the world: print, and end. */

/** Where a command prints. */
export interface Terminal {
  readonly say: (text: string) => void
  readonly complain: (line: string) => void
}

/** How a command ended; null when it goes on running. */
export type Exit = 0 | 1 | 2 | null
