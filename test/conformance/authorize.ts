/** The area "authorize": app-launch, "Obtain authorization code"; RFC 6749, RFC 7636, RFC 8707, RFC 8252, RFC 9207, RFC 9700. */
import { answerRows } from './authorize-answer.js'
import { requestRows } from './authorize-request.js'
import type { Area } from './matrix.js'
import { outside, withTheAppSide } from './steps.js'

const shown = [...requestRows, ...answerRows]

/** What the app does about them is not shown by these rows. */
export const clientSide: ReadonlyArray<string> = [
  'AUT-001', 'AUT-002', 'AUT-003', 'AUT-004', 'AUT-008', 'AUT-009', 'AUT-010', 'AUT-012', 'AUT-013', 'AUT-014', 'AUT-015', 'AUT-016', 'AUT-017', 'AUT-018', 'AUT-020',
  'AUT-021', 'AUT-025', 'AUT-026', 'AUT-029', 'AUT-030', 'AUT-031', 'AUT-037', 'AUT-039', 'AUT-103', 'AUT-104', 'AUT-110', 'AUT-116', 'AUT-117', 'AUT-118', 'AUT-119',
  'AUT-120', 'AUT-125', 'AUT-130', 'AUT-133', 'AUT-134', 'AUT-137'
]

export const authorize: Area = {
  area: 'authorize',
  shown,
  clientSide,
  outside: [
    outside('AUT-027', 'the app\'s author: which data an app needs is not for a library to know; `judgeGrant` and `normalize` show what is superfluous'),
    ...withTheAppSide(shown, clientSide)
  ]
}
