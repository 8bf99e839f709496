/**
 * The pages of the upstream server that a client was led through, in a size that does not grow: enough to find that
 * their links lead in a circle, because the gate keeps nothing between two requests.
 *
 * Source: R. P. Brent, "An improved Monte Carlo factorization algorithm", BIT 20 (1980), section 2: the position is
 * marked after 1, 2, 4, 8, … steps, and a circle is found when a later step leads to the mark.
 *
 * @module
 */

/** The pages so far. */
export interface PageTrail {
  /** How many links were followed. */
  readonly pages: number
  /** The number of the marked address; -1 before the first. */
  readonly mark: number
  /** Whether the last link leads to the marked address again. */
  readonly isRound: boolean
}

/** The trail of a first page. */
export const newTrail: PageTrail = { pages: 0, mark: -1, isRound: false }

/** Two primes below 2 ** 26, so that every product below is exact. */
const [first, second] = [67108859, 67108837]

/** A number of 52 bits for a text: its value as a polynomial, modulo each prime. It protects nothing. */
const numberOf = (text: string): number => {
  let [one, other] = [1, 1]
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    one = (one * 8191 + code) % first
    other = (other * 4093 + code) % second
  }
  return one * 2 ** 26 + other
}

/**
 * The trail after one more link.
 *
 * @example
 * ```ts
 * import { newTrail, trailAfter } from './page-trail.js'
 *
 * const round = (steps: number) =>
 *   Array.from({ length: steps }, (_, step) => ['/a?', '/b?', '/c?'][step % 3] ?? '').reduce(trailAfter, newTrail)
 * round(3).isRound // => false
 * round(7).isRound // => true
 * ```
 */
export const trailAfter = ({ mark, pages }: PageTrail, next: string): PageTrail => {
  const number = numberOf(next)
  const isMarked = (pages & (pages + 1)) === 0
  return { pages: pages + 1, mark: isMarked ? number : mark, isRound: number === mark }
}
