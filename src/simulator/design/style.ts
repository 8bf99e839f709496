/** The style sheet of all pages. */
import { baseStyle } from './base-style.js'
import { launchStyle } from './launch-style.js'
import { pageStyle } from './page-style.js'
import { partStyle } from './part-style.js'
import { recordStyle } from './record-style.js'
import { playgroundStyles } from '../../playground/styles.js'
import { sampleAppStyle } from '../sample-app/style.js'
import { tokens } from './tokens.js'

/** The style sheet, as one text without indentation, and without spaces around braces and semicolons. */
export const styleSheet = [
  tokens,
  baseStyle,
  partStyle,
  pageStyle,
  launchStyle,
  recordStyle,
  playgroundStyles,
  sampleAppStyle
]
  .join('')
  .replaceAll(/\s*\n\s*/g, ' ')
  .replaceAll(/ *([{};]) */g, '$1')
