/** A picture as a PNG file with at most 256 colors, which is a third of the size of a screenshot. */
import { crc32, deflateSync } from 'node:zlib'
import type { Page } from 'playwright-core'

const chunk = (type: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

/** The color without its lowest three bits of each part: such colors look the same. */
const coarse = (color: number): number => color & 0xf8f8f8

const distance = (one: number, other: number): number =>
  [16, 8, 0].reduce((sum, shift) => sum + (((one >> shift) & 255) - ((other >> shift) & 255)) ** 2, 0)

/** The most frequent colors, at most 256. */
const paletteOf = (colors: ReadonlyArray<number>): ReadonlyArray<number> => {
  const counts = new Map<number, Map<number, number>>()
  for (const color of colors) {
    const exact = counts.get(coarse(color)) ?? new Map<number, number>()
    counts.set(coarse(color), exact.set(color, (exact.get(color) ?? 0) + 1))
  }
  const total = (exact: ReadonlyMap<number, number>): number => [...exact.values()].reduce((sum, one) => sum + one, 0)
  return [...counts.values()]
    .sort((one, other) => total(other) - total(one))
    .slice(0, 256)
    .map((exact) => [...exact].reduce((most, one) => (one[1] > most[1] ? one : most))[0])
}

/** Encodes a screenshot anew. `page`: any page of a browser, which decodes it. */
export const smallPng = async (page: Page, screenshot: Buffer): Promise<Buffer> => {
  const address = `data:image/png;base64,${screenshot.toString('base64')}`
  const { width, height, base64 } = await page.evaluate<{
    width: number
    height: number
    base64: string
  }>(`(async () => {
    const picture = await createImageBitmap(await (await fetch('${address}')).blob())
    const { width, height } = picture
    const context = new OffscreenCanvas(width, height).getContext('2d')
    context.drawImage(picture, 0, 0)
    const { data } = context.getImageData(0, 0, width, height)
    let text = ''
    for (let start = 0; start < data.length; start += 30000) 
      text += String.fromCharCode(...data.subarray(start, start + 30000))
    return { width, height, base64: btoa(text) }
  })()`)
  const pixels = Buffer.from(base64, 'base64')
  const colors = Array.from({ length: width * height }, (_, index) => pixels.readUInt32BE(index * 4) >>> 8)
  const palette = paletteOf(colors)
  const places = new Map<number, number>()
  const placeOf = (color: number): number => {
    const known = places.get(color)
    if (known !== undefined) return known
    const distances = palette.map((one) => distance(one, color))
    const place = distances.indexOf(Math.min(...distances))
    places.set(color, place)
    return place
  }
  // Each row begins with the number of its filter: none.
  const rows = Buffer.alloc((width + 1) * height)
  colors.forEach((color, index) => {
    rows[Math.floor(index / width) * (width + 1) + 1 + (index % width)] = placeOf(color)
  })
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 3, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flatMap((color) => [color >> 16, (color >> 8) & 255, color & 255]))),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0))
  ])
}
