/** `npm run sandbox-check`: the processor time of the first page in Chromium; fails from 200 milliseconds. */
import { chromiumPath, startChromium } from '../chromium.js'
import { startSimulator } from '../../support/simulator/simulator-process.js'

const rounds = 9
const limit = 200

const measured = async (): Promise<ReadonlyArray<number>> => {
  const simulator = await startSimulator()
  const browser = await startChromium()
  const times: Array<number> = []
  for (let round = 0; round < rounds; round++) {
    const context = await browser.newContext()
    const page = await context.newPage()
    const session = await context.newCDPSession(page)
    await session.send('Performance.enable')
    const time = async (): Promise<number> => {
      const { metrics } = await session.send('Performance.getMetrics')
      return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1000
    }
    const before = await time()
    await page.goto(`${simulator.base}/`, { waitUntil: 'networkidle' })
    times.push((await time()) - before)
    await context.close()
  }
  await browser.close()
  await simulator.stop()
  return times.sort((one, other) => one - other)
}

if (chromiumPath === null) console.log('There is no Chromium on this machine: nothing is measured.')
else {
  const times = await measured()
  const median = times[Math.floor(times.length / 2)] ?? Number.NaN
  const [least, most] = [times[0] ?? 0, times.at(-1) ?? 0].map((time) => time.toFixed(0))
  console.log(
    `The first page takes ${median.toFixed(0)} ms of processor time (median of ${String(rounds)}, ` +
      `${String(least)} to ${String(most)}; the limit is ${String(limit)} ms).`
  )
  if (!(median < limit)) process.exitCode = 1
}
