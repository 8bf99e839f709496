/**
 * The area "authorize": app-launch, "Obtain authorization code"; RFC 6749, RFC 7636, RFC 8707, RFC 8252, RFC 9207, RFC
 * 9700.
 */
import { answerRows } from './authorize-answer.js'
import { requestRows } from './authorize-request.js'
import type { Area } from '../matrix.js'
import { outside } from '../matrix.js'

const shown = [...requestRows, ...answerRows]

export const authorize: Area = {
  area: 'authorize',
  shown,
  outside: [
    outside(
      'AUT-027',
      "the app's author: which data an app needs is not for a library to know; `compareGrant` and `normalize` " +
        'show what is superfluous'
    )
  ]
}
