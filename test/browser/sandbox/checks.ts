/** What holds of every page: no fault on the console, nothing blocked, no overflow, little weight, accessible. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Collects what a page reports on its console, its uncaught errors, and the requests that did not succeed. */
export const faultsOf = (page: Page): Array<string> => {
  const faults: Array<string> = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text())
  })
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('requestfailed', (request) => {
    // A navigation that a later one replaces is aborted, and nothing is wrong with it.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') faults.push(`failed: ${request.url()}`)
  })
  return faults
}

/** The faults that a page with this status has. The browser reports a status from 400 as an error of its own. */
export const faultsBeyond = (faults: ReadonlyArray<string>, status = 200): ReadonlyArray<string> =>
  faults.filter(
    (fault) => !(status >= 400 && fault.includes(`the server responded with a status of ${String(status)}`))
  )

interface AxeViolation {
  readonly id: string
  readonly nodes: ReadonlyArray<{ readonly target: ReadonlyArray<string>; readonly failureSummary: string }>
}

/** The violations that axe finds, each with its place. */
export const axeViolations = async (page: Page): Promise<ReadonlyArray<string>> => {
  // `evaluate` does not pass the Content-Security-Policy of the page, which forbids scripts from elsewhere.
  await page.evaluate(axeSource)
  const { violations } = await page.evaluate<{ readonly violations: ReadonlyArray<AxeViolation> }>('axe.run()')
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary}`)
  )
}

/** How many pixels wider than its window a page is. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')

/** The bytes of a page and its files, without the client library of the sample app and without FHIR data. */
export const weight = (page: Page): Promise<number> =>
  page.evaluate<number>(`[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .filter(({ name, initiatorType }) => initiatorType !== 'fetch' && !name.endsWith('/fhir-client.js'))
    .reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0)`)
