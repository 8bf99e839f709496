/**
 * Being a good process: metrics, health, and stopping without losing a request.
 *
 * @module adapters/process
 */
import type { Metrics } from '../adapters/process/metrics.js'
import { meteredStore } from '../adapters/process/metrics.js'
import { engineStore, plainStore } from './engine-ports.js'
import type { PlainStore } from './ports.js'

export type { Meter, MetricAttributes, Metrics } from '../adapters/process/metrics.js'
export { countDecision, metricNames, openTelemetryMetrics } from '../adapters/process/metrics.js'
export type { HealthOptions, ProcessHealth } from '../adapters/process/health.js'
export { processHealth } from '../adapters/process/health.js'
export type { NodeListener } from '../adapters/process/health-listener.js'
export { healthListener } from '../adapters/process/health-listener.js'
export type { StopOptions, StoppableServer } from '../adapters/process/graceful-stop.js'
export { gracefulStop, stopOnSignals } from '../adapters/process/graceful-stop.js'
export type { LoadOptions } from '../adapters/process/load.js'

/**
 * A store whose operations are measured: `db.operation.name` is `load` or `swap`, `outcome` is `found`, `absent`,
 * `won`, `lost`, `unavailable` (certainly not applied) or `unknown`.
 *
 * @example
 * ```ts
 * import { createMemoryStore } from 'smart-app-launch/adapters/memory'
 * import { createMeteredStore } from 'smart-app-launch/adapters/process'
 *
 * const outcomes: Array<unknown> = []
 * const store = createMeteredStore(createMemoryStore(), {
 *   duration: (_name, _seconds, { outcome }) => outcomes.push(outcome),
 *   count: () => undefined
 * })
 * await store.load('a') // => null
 * outcomes // => ['absent']
 * ```
 */
export const createMeteredStore = (store: PlainStore, metrics: Metrics): PlainStore =>
  plainStore(meteredStore(engineStore(store), metrics), {})
