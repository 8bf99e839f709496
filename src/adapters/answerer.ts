/**
 * What answers the requests of a server, and where errors of the host's own code go: to the operator of the server, and
 * not to the peer.
 *
 * @module
 */
import type { Refusal } from '../protocol/errors/refusal.js'
import type { PlainRequest, PlainResponse } from '../protocol/http/message.js'
import { ownMember } from '../values/own.js'

/** What answers the requests. */
export interface Answerer {
  /** The response to a request. */
  readonly answer: (request: PlainRequest) => Promise<PlainResponse>
  /** The response to a request that could not be read, or, if `because` is null, when other code threw. */
  readonly refused: (request: PlainRequest, because: Refusal | null) => Promise<PlainResponse>
  readonly bodyLimitBytes: number
}

/** What happens to errors of the host's own code. */
export interface DefectOptions {
  /**
   * Called with errors thrown by the host's own code; the peer gets a plain 500 without details. Default: they are
   * written to the console.
   */
  readonly onDefect?: (defect: unknown) => void
}

/** Writes a line to the console, with the name of the package in front. */
export const writeToConsole = (...what: ReadonlyArray<unknown>): void => {
  console.error('smart-app-launch:', ...what)
}

/** Reports an error thrown by the host's own code; errors thrown by `onDefect` are ignored. */
export const reportDefect = (options: DefectOptions, defect: unknown): void => {
  try {
    const tell = ownMember(options, 'onDefect') ?? writeToConsole
    tell(defect)
  } catch {
    // The peer gets its response all the same.
  }
}

/** The error when a body was read before the handler, and its bytes were not kept. */
export const readBefore = (howToKeep: string): Error =>
  new Error(`the body of a request was read before this handler, and its bytes were not kept. ${howToKeep}`)
