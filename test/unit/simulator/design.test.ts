/** The colors of the simulator's pages: enough contrast in light and dark (WCAG 2.2, 1.4.3 and 1.4.11). */
import { describe, expect, it } from 'vitest'
import { tokens } from '../../../src/simulator/design/tokens.js'

const colorsIn = (text: string): ReadonlyMap<string, string> =>
  new Map([...text.matchAll(/--([a-z-]+): (#[0-9a-f]{6})/g)].map(([, name = '', color = '']) => [name, color] as const))

const [lightText = '', darkText = ''] = tokens.split('@media (prefers-color-scheme: dark)')

/** The relative luminance of a color. */
const luminance = (color: string): number => {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((place) => {
    const part = Number.parseInt(color.slice(place, place + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

const contrast = (one: string, other: string): number => {
  const [dark = 0, bright = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (bright + 0.05) / (dark + 0.05)
}

/** Texts and the surfaces on which they stand. */
const texts: ReadonlyArray<readonly [text: string, surfaces: ReadonlyArray<string>]> = [
  ['ink', ['paper', 'surface', 'sunken', 'accent-wash', 'warn-wash']],
  ['soft', ['paper', 'surface', 'sunken']],
  ['accent', ['paper', 'surface', 'sunken']],
  ['accent-strong', ['accent-wash', 'surface']],
  ['on-accent', ['accent', 'accent-strong']],
  ['warn', ['surface', 'warn-wash']],
  ['bad', ['surface', 'sunken', 'bad-wash']],
  ['good', ['surface', 'good-wash']]
]

describe.each([
  ['light', colorsIn(lightText)],
  ['dark', colorsIn(darkText)]
])('the colors in %s', (_name, colors) => {
  const between = (one: string, other: string): number => contrast(colors.get(one) ?? '', colors.get(other) ?? '')

  it.each(texts.flatMap(([text, surfaces]) => surfaces.map((surface) => [text, surface] as const)))(
    'of the text %s can be read on %s',
    (text, surface) => {
      expect(between(text, surface)).toBeGreaterThanOrEqual(4.5)
    }
  )

  it.each(['paper', 'surface', 'sunken'])('show the focus and the edges of controls on %s', (surface) => {
    expect(between('focus', surface)).toBeGreaterThanOrEqual(3)
    expect(between('edge', surface)).toBeGreaterThanOrEqual(3)
  })
})

it('black on white has the greatest contrast', () => {
  expect(contrast('#000000', '#ffffff')).toBe(21)
})
